/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef AT_NETLINK_H
#define AT_NETLINK_H

#include "port.h"

/* The family and the notifier of dying owners; 0 or a negative errno. */
int at_netlink_register(void);
void at_netlink_unregister(void);

extern const struct at_port_link_ops at_netlink_link;

/* Gives the port its id, and makes it known; 0 or -errno. */
int at_netlink_add(struct at_port *port);
/* From here on nobody finds the port. */
void at_netlink_remove(struct at_port *port);

#endif /* AT_NETLINK_H */
