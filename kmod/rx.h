/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Input of a port.  All with port->lock held and the tty there.
 */
#ifndef AT_RX_H
#define AT_RX_H

#include "port.h"

/* Takes what fits of what the driver delivers; returns how much. */
size_t at_rx_put(struct at_port *port, const u8 *buf, const char *flags,
		 size_t n);
/* Frames some of it, up to an event; true: there may be more to do. */
bool at_rx_line_step(struct at_port *port);
bool at_rx_data_step(struct at_port *port);
/* Bytes that at_rx_put() will be given later: obeys XON and XOFF in them. */
void at_rx_look(struct at_port *port, const u8 *buf, const u8 *flags, size_t n);
/* The host may no longer hold our output. */
void at_rx_start(struct at_port *port);
/* Drops what waits to be framed. */
void at_rx_clear(struct at_port *port);

/* Bytes were refused: stops the driver when there are many. */
void at_rx_throttle(struct at_port *port);
void at_rx_unthrottle(struct at_port *port);
/* Ends throttling in any case. */
void at_rx_release(struct at_port *port);
/* Brings N_AT_C_LOST up to date; also when the tty is gone. */
void at_rx_count_lost(struct at_port *port);
/* There is room again for what was refused. */
void at_rx_restart(struct at_port *port);

#endif /* AT_RX_H */
