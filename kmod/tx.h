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

/**
 * at_tx_put - write to the host, or queue what the driver does not take
 * @port: port
 * @kind: what it is, for who monitors
 * @buf: output
 * @n: its length, no more than at_tx_room(); with AT_TX_RESERVE for the orphan
 *     reply
 */
void at_tx_put(struct at_port *port, enum n_at_kind kind, const u8 *buf, u32 n);
/* How many bytes at_tx_put() may be given. */
u32 at_tx_room(const struct at_port *port);

/* Gives the driver what waits, and uncorks it. */
void at_tx_drain(struct at_port *port);
/* The driver had no room for all, and is to tell when it has. */
bool at_tx_waits(const struct at_port *port);
/* While the next line is executing already, more is to come. */
bool at_tx_may_collect(const struct at_port *port);
/* What was refused would fit now. */
bool at_tx_is_low(const struct at_port *port);

/* The host has said XOFF; XON, or that it may no longer have said XOFF. */
void at_tx_stop(struct at_port *port);
void at_tx_start(struct at_port *port);

#endif /* AT_TX_H */
