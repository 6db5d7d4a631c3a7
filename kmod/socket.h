/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A netlink socket that is held.  A message is put into the socket itself, not
 * sent to its netlink port id: that is anybody's as soon as the socket is closed,
 * and messages have passwords in them.
 */
#ifndef AT_SOCKET_H
#define AT_SOCKET_H

#include <linux/skbuff.h>
#include <net/sock.h>

/**
 * at_socket_is_closed - whether the last file of a socket is gone
 * @sk: socket that the caller holds
 *
 * True also in netlink's notifier of its release, and from then on.
 */
static inline bool at_socket_is_closed(const struct sock *sk)
{
	/* set without a lock, once; who is early finds out by the notifier */
	return data_race(sock_flag(sk, SOCK_DEAD));
}

/**
 * at_socket_put - put a message into a socket's queue
 * @sk: socket that the caller holds
 * @skb: message; the socket's if this succeeds, the caller's if not
 *
 * Context: Any in which netlink may be used; does not sleep.
 * Return: 0; -EAGAIN if the queue is full; -ECONNREFUSED if it is closed.
 */
static inline int at_socket_put(struct sock *sk, struct sk_buff *skb)
{
	int err;

	if (at_socket_is_closed(sk))
		return -ECONNREFUSED;
	err = sock_queue_rcv_skb(sk, skb);
	if (err != -EPERM)
		return err ? -EAGAIN : 0;
	kfree_skb(skb); /* by a filter of its own */
	return 0;
}

#endif /* AT_SOCKET_H */
