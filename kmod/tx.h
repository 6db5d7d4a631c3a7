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
/**
 * at_tx_room - how many bytes at_tx_put() may be given
 * @port: port
 */
u32 at_tx_room(const struct at_port *port);

/**
 * at_tx_drain - give the driver what waits, and uncork it
 * @port: port
 */
void at_tx_drain(struct at_port *port);
/**
 * at_tx_waits - whether the driver had no room for all, and is to tell of some
 * @port: port
 */
bool at_tx_waits(const struct at_port *port);
/**
 * at_tx_may_collect - whether more is to come while the next line executes
 * @port: port
 */
bool at_tx_may_collect(const struct at_port *port);
/**
 * at_tx_is_low - whether what was refused would fit now
 * @port: port
 */
bool at_tx_is_low(const struct at_port *port);

/**
 * at_tx_stop - the host has said XOFF
 * @port: port
 */
void at_tx_stop(struct at_port *port);
/**
 * at_tx_start - it has said XON, or may have said no XOFF
 * @port: port
 */
void at_tx_start(struct at_port *port);

#endif /* AT_TX_H */
