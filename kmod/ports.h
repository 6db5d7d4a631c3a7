/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The ports of each network namespace, by id.
 */
#ifndef AT_PORTS_H
#define AT_PORTS_H

#include "port.h"

int at_ports_register(void);
void at_ports_unregister(void);

/**
 * at_ports_add - give a port its id, by which it is found from then on
 * @port: port whose namespace is alive
 *
 * Context: May sleep; not with the lock of a port held.
 * Return: 0 or a negative errno.
 */
int at_ports_add(struct at_port *port);

/**
 * at_ports_remove - from here on nobody finds the port
 * @port: port that was added
 * @tell: is called if the namespace is still there, which it is meanwhile
 *
 * Context: May sleep; not with the lock of a port held.
 */
void at_ports_remove(struct at_port *port, void (*tell)(struct at_port *port));

/**
 * at_ports_get - find a port
 * @net: namespace, which is alive
 * @id: of the port
 *
 * Return: a reference, for at_port_put(), or NULL.
 */
struct at_port *at_ports_get(struct net *net, u32 id);

/**
 * at_ports_next - walk through the ports of a namespace
 * @net: namespace, which is alive
 * @id: the lowest to be found; then that of the port which was
 *
 * Return: a reference, for at_port_put(), or NULL: there are no more.
 */
struct at_port *at_ports_next(struct net *net, unsigned long *id);

/**
 * at_ports_seq - changes with the set of ports, for a dump
 * @net: namespace, which is alive
 */
unsigned int at_ports_seq(struct net *net);

#endif /* AT_PORTS_H */
