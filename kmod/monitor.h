/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The sockets that have asked for copies of what passes.  Each has a number,
 * below N_AT_MONITORS_MAX, and that bit is set in at_port.monitors of the ports
 * that it hears.
 */
#ifndef AT_MONITOR_H
#define AT_MONITOR_H

#include <linux/skbuff.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/**
 * at_monitor_add - let a socket have copies
 * @sk: socket, which is open
 * @all: it is to hear the ports that come later, too
 *
 * Return: its number, the one it has if it has one, or -EBUSY.
 */
int at_monitor_add(struct sock *sk, bool all);
/**
 * at_monitor_all - who is to hear a port that has come
 * @net: its network namespace
 *
 * Return: their bits.
 */
unsigned long at_monitor_all(const struct net *net);
/**
 * at_monitor_closed - whose sockets have been closed
 * @net: their network namespace
 *
 * Return: their bits.  They are the caller's: to be taken from all ports, and
 * then to be given to at_monitor_free().
 */
unsigned long at_monitor_closed(const struct net *net);
/**
 * at_monitor_free - let go of sockets
 * @bits: those that no port has any more
 */
void at_monitor_free(unsigned long bits);
/* Frees them all; there are no ports any more. */
void at_monitor_exit(void);

/**
 * at_monitor_is_full - whether a copy need not be made
 * @i: number of a socket
 *
 * Context: With the lock of a port held that has the socket's bit.
 * Return: whether its queue was full, and has not been emptied since.
 */
bool at_monitor_is_full(unsigned int i);
/**
 * at_monitor_send - a copy for a socket
 * @i: number of the socket
 * @skb: message, or NULL for want of memory; gone in any case
 *
 * What is not sent is missing, and the socket is told so.
 *
 * Context: With the lock of a port held that has the socket's bit.
 * Return: whether it was sent.
 */
bool at_monitor_send(unsigned int i, struct sk_buff *skb);

#endif /* AT_MONITOR_H */
