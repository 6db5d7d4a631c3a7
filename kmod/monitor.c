// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The sockets that have asked for copies of what passes.
 *
 * Copies have passwords in them, and a multicast group can be joined by anybody
 * before it is there.  So they are put into the very socket that asked.  It is
 * held until no port has its bit; who holds the lock of a port that has it may
 * use the socket without any other lock.
 *
 * monitors_lock is taken inside a port's, and by whatever generic netlink socket
 * closes: nothing is waited for under it.
 */
#include <linux/bitops.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <linux/n_at.h>

#include "monitor.h"
#include "socket.h"

static struct at_monitor {
	struct sock *sk; /* NULL: the number is free */
	bool all;
	bool closed; /* somebody has it from at_monitor_closed() */
	bool full; /* under no lock: ports may tell of it at the same time */
} monitors[N_AT_MONITORS_MAX];

static DEFINE_SPINLOCK(monitors_lock);

static_assert(N_AT_MONITORS_MAX <= BITS_PER_LONG);

static int at_monitor_find(const struct sock *sk)
{
	int i;

	for (i = 0; i < N_AT_MONITORS_MAX; i++)
		if (monitors[i].sk == sk)
			return i;
	return -EBUSY;
}

int at_monitor_add(struct sock *sk, bool all)
{
	int i;

	spin_lock(&monitors_lock);
	i = at_monitor_find(sk);
	if (i < 0) {
		i = at_monitor_find(NULL);
		if (i >= 0) {
			sock_hold(sk);
			monitors[i].sk = sk;
		}
	}
	if (i >= 0)
		monitors[i].all |= all;
	spin_unlock(&monitors_lock);
	return i;
}

unsigned long at_monitor_all(const struct net *net)
{
	unsigned long bits = 0;
	int i;

	spin_lock(&monitors_lock);
	for (i = 0; i < N_AT_MONITORS_MAX; i++)
		if (monitors[i].all && net_eq(sock_net(monitors[i].sk), net))
			bits |= BIT(i);
	spin_unlock(&monitors_lock);
	return bits;
}

static bool at_monitor_is_closed(const struct at_monitor *m,
				 const struct net *net)
{
	return m->sk && !m->closed && net_eq(sock_net(m->sk), net) &&
	       at_socket_is_closed(m->sk);
}

unsigned long at_monitor_closed(const struct net *net)
{
	unsigned long bits = 0;
	int i;

	spin_lock(&monitors_lock);
	for (i = 0; i < N_AT_MONITORS_MAX; i++) {
		if (!at_monitor_is_closed(&monitors[i], net))
			continue;
		monitors[i].closed = true;
		monitors[i].all = false;
		bits |= BIT(i);
	}
	spin_unlock(&monitors_lock);
	return bits;
}

void at_monitor_free(unsigned long bits)
{
	struct sock *sk;
	unsigned int i;

	for_each_set_bit(i, &bits, N_AT_MONITORS_MAX) {
		spin_lock(&monitors_lock);
		sk = monitors[i].sk;
		memset(&monitors[i], 0, sizeof(monitors[i]));
		spin_unlock(&monitors_lock);
		sock_put(sk);
	}
}

void at_monitor_exit(void)
{
	unsigned long bits = 0;
	int i;

	for (i = 0; i < N_AT_MONITORS_MAX; i++)
		if (monitors[i].sk)
			bits |= BIT(i);
	at_monitor_free(bits);
}

/* As in netlink itself: what was full gets nothing until it was emptied. */
bool at_monitor_is_full(unsigned int i)
{
	struct at_monitor *m = &monitors[i];

	if (READ_ONCE(m->full) &&
	    skb_queue_empty_lockless(&m->sk->sk_receive_queue))
		WRITE_ONCE(m->full, false);
	return READ_ONCE(m->full);
}

/* As by netlink itself: its next recv() fails. */
static void at_monitor_overrun(struct at_monitor *m)
{
	WRITE_ONCE(m->full, true);
	WRITE_ONCE(m->sk->sk_err, ENOBUFS);
	m->sk->sk_error_report(m->sk);
}

bool at_monitor_send(unsigned int i, struct sk_buff *skb)
{
	struct at_monitor *m = &monitors[i];

	if (skb && !at_socket_put(m->sk, skb))
		return true;
	kfree_skb(skb);
	at_monitor_overrun(m);
	return false;
}
