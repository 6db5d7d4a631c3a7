/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Output of a port.  All with port->lock held and the tty there.
 */
#ifndef AT_TX_H
#define AT_TX_H

#include "port.h"

/* Of tx, kept free for the one orphan reply that must not fail. */
#define AT_TX_RESERVE N_AT_ORPHAN_MAX

/* Gives the driver what waits, and uncorks it. */
void at_tx_drain(struct at_port *port);
/* The driver had no room for all, and is to tell when it has. */
bool at_tx_waits(const struct at_port *port);
/* While the next line is executing already, more is to come. */
bool at_tx_may_collect(const struct at_port *port);
/* How much at_tx_put() may be given, but for an orphan reply. */
u32 at_tx_room(const struct at_port *port);
/* @kind is for who monitors. */
void at_tx_put(struct at_port *port, enum n_at_kind kind, const u8 *buf, u32 n);
/* Output was refused, and there is room now. */
bool at_tx_space_is_due(const struct at_port *port);

/* jiffies for which a half-typed line holds unsolicited results back. */
unsigned long at_urc_hold(const struct at_port *port);
/* A result that came at @since, in jiffies, may go out. */
bool at_urc_due(const struct at_port *port, unsigned long since);
/* The first one has waited as long as a half-typed line may hold it. */
bool at_urc_is_overdue(struct at_port *port);
/* Queues one; 0, -EAGAIN, -ENOMEM. */
int at_urc_add(struct at_port *port, const u8 *buf, u32 n);
/* Sends the first one if it may go out; true: it did. */
bool at_urc_step(struct at_port *port);
/* Only the half-typed line holds the first one back. */
bool at_urc_waits_for_time(struct at_port *port);
void at_urc_clear(struct at_port *port);

#endif /* AT_TX_H */
