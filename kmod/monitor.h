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

/*
 * The number of @sk, which must be alive, or -EBUSY.  With @all it is to hear
 * the ports that come later, too.
 */
int at_monitor_add(struct sock *sk, bool all);
/* The bits of those that hear each port of @net; asked when one has come. */
unsigned long at_monitor_all(const struct net *net);
/*
 * The bits of those of @net that are closed.  They are the caller's: to be taken
 * from all ports, and then to be given to at_monitor_free().
 */
unsigned long at_monitor_closed(const struct net *net);
void at_monitor_free(unsigned long bits);
/* Frees them all; there are no ports any more. */
void at_monitor_exit(void);

/*
 * With the lock of a port held that has the bit of number @i.  What was not sent
 * is missing, and the socket is told so.
 */
bool at_monitor_is_full(unsigned int i);
/* Takes @skb, which may be NULL for want of memory; whether it was sent. */
bool at_monitor_send(unsigned int i, struct sk_buff *skb);

#endif /* AT_MONITOR_H */
