/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The generic netlink family "n_at": what it is asked, and by whom.
 */
#ifndef AT_NETLINK_H
#define AT_NETLINK_H

#include <net/genetlink.h>

#include "port.h"

enum at_nl_group {
	AT_NL_GROUP_PORTS,
};

extern struct genl_family at_nl_family;

/* The family and the notifier of sockets that close; 0 or a negative errno. */
int at_nl_register(void);
void at_nl_unregister(void);

/**
 * at_nl_add - make a port known
 * @port: port; netlink may use it, and its tty, from within this
 *
 * Return: 0 or a negative errno.
 */
int at_nl_add(struct at_port *port);

/**
 * at_nl_remove - from here on nobody finds the port
 * @port: port that was added
 */
void at_nl_remove(struct at_port *port);

#endif /* AT_NETLINK_H */
