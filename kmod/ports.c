// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The ports of each network namespace, by id.  A port does not keep its
 * namespace: when that ends nobody finds the port any more, which still answers
 * its host that nobody owns it.
 *
 * Ports are looked up under RCU; at_ports_remove() ends new look-ups, the
 * reference count the old ones.
 */
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ports.h"

struct at_ports {
	struct xarray by_id;
	u32 last_id;
	unsigned int seq;
};

static unsigned int at_ports_net_id __read_mostly;

/* The end of a namespace against that of a port: guards at_port.net. */
static DEFINE_MUTEX(at_ports_lock);

static struct at_ports *at_ports_of(struct net *net)
{
	return net_generic(net, at_ports_net_id);
}

int at_ports_add(struct at_port *port)
{
	struct at_ports *ports = at_ports_of(port->net);
	int err;

	mutex_lock(&at_ports_lock);
	/* half of what there is, so that a walk over all ids ends */
	err = xa_alloc_cyclic(&ports->by_id, &port->id, port, xa_limit_31b,
			      &ports->last_id, GFP_KERNEL);
	WRITE_ONCE(ports->seq, ports->seq + 1);
	mutex_unlock(&at_ports_lock);
	return min(err, 0);
}

void at_ports_remove(struct at_port *port, void (*tell)(struct at_port *port))
{
	struct at_ports *ports;

	mutex_lock(&at_ports_lock);
	if (port->net) {
		ports = at_ports_of(port->net);
		xa_erase(&ports->by_id, port->id);
		WRITE_ONCE(ports->seq, ports->seq + 1);
		tell(port);
	}
	mutex_unlock(&at_ports_lock);
}

static struct at_port *at_ports_ref(struct at_port *port)
{
	return port && kref_get_unless_zero(&port->ref) ? port : NULL;
}

struct at_port *at_ports_get(struct net *net, u32 id)
{
	struct at_port *port;

	rcu_read_lock();
	port = at_ports_ref(xa_load(&at_ports_of(net)->by_id, id));
	rcu_read_unlock();
	return port;
}

struct at_port *at_ports_next(struct net *net, unsigned long *id)
{
	struct xarray *by_id = &at_ports_of(net)->by_id;
	struct at_port *port, *found = NULL;

	rcu_read_lock();
	port = xa_find(by_id, id, ULONG_MAX, XA_PRESENT);
	while (port) {
		found = at_ports_ref(port);
		if (found)
			break;
		port = xa_find_after(by_id, id, ULONG_MAX, XA_PRESENT);
	}
	rcu_read_unlock();
	return found;
}

unsigned int at_ports_seq(struct net *net)
{
	return READ_ONCE(at_ports_of(net)->seq);
}

static int __net_init at_ports_net_init(struct net *net)
{
	struct at_ports *ports = at_ports_of(net);

	xa_init_flags(&ports->by_id, XA_FLAGS_ALLOC1);
	return 0;
}

/* No socket is left in it, so neither is an owner nor a monitor. */
static void __net_exit at_ports_net_exit(struct net *net)
{
	struct at_ports *ports = at_ports_of(net);
	struct at_port *port;
	unsigned long id;

	mutex_lock(&at_ports_lock);
	xa_for_each(&ports->by_id, id, port)
		port->net = NULL;
	xa_destroy(&ports->by_id);
	mutex_unlock(&at_ports_lock);
}

static struct pernet_operations at_ports_net_ops = {
	.init = at_ports_net_init,
	.exit = at_ports_net_exit,
	.id = &at_ports_net_id,
	.size = sizeof(struct at_ports),
};

int at_ports_register(void)
{
	return register_pernet_subsys(&at_ports_net_ops);
}

void at_ports_unregister(void)
{
	unregister_pernet_subsys(&at_ports_net_ops);
}
