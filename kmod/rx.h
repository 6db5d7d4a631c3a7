/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Input of a port.  All with port->lock held and the tty there.
 */
#ifndef AT_RX_H
#define AT_RX_H

#include "port.h"

/**
 * at_rx_begin - offer bytes that the driver delivers
 * @port: port
 * @buf: bytes, in the flip buffer
 * @flags: TTY_* for each, or NULL: all are TTY_NORMAL
 * @n: how many, more than 0
 *
 * Obeys an XON or XOFF.  What can be framed where it is stays there, until
 * at_rx_end(), the rest is taken into rx.
 *
 * Return: how many of them were offered; 0: there is no room.
 */
size_t at_rx_begin(struct at_port *port, const u8 *buf, const char *flags,
		   size_t n);
/**
 * at_rx_end - take into rx what was not framed
 * @port: port
 *
 * Return: how many of those that at_rx_begin() offered did not fit.
 */
size_t at_rx_end(struct at_port *port);

/**
 * at_rx_waiting - how many bytes wait to be framed
 * @port: port
 */
size_t at_rx_waiting(const struct at_port *port);

/**
 * at_rx_line_step - frame some of it, up to an event
 * @port: port in COMMAND
 * @max: no more than so many bytes
 *
 * Return: whether there may be more to do.
 */
bool at_rx_line_step(struct at_port *port, size_t max);
/**
 * at_rx_data_step - the same for one in DATA
 * @port: port
 *
 * Return: whether there may be more to do.
 */
bool at_rx_data_step(struct at_port *port);
/**
 * at_rx_made - a line or data are whole: port->pending and the framer tell
 * @port: port
 */
void at_rx_made(struct at_port *port);

/**
 * at_rx_look - obey XON and XOFF in bytes that at_rx_begin() will be given later
 * @port: port
 * @buf: bytes
 * @flags: TTY_* for each, or NULL: all are TTY_NORMAL
 * @n: how many
 */
void at_rx_look(struct at_port *port, const u8 *buf, const u8 *flags, size_t n);
/**
 * at_rx_clear - drop what waits to be framed
 * @port: port
 */
void at_rx_clear(struct at_port *port);

/**
 * at_rx_throttle - bytes were refused: stop the driver when they are many
 * @port: port
 */
void at_rx_throttle(struct at_port *port);
/**
 * at_rx_unthrottle - let the driver go on when there is room
 * @port: port
 */
void at_rx_unthrottle(struct at_port *port);
/**
 * at_rx_release - let it go on in any case
 * @port: port
 */
void at_rx_release(struct at_port *port);
/**
 * at_rx_count_lost - bring N_AT_C_LOST up to date
 * @port: port, whose tty may be gone
 */
void at_rx_count_lost(struct at_port *port);
/**
 * at_rx_restart - have what was refused again, if there is room
 * @port: port
 */
void at_rx_restart(struct at_port *port);

#endif /* AT_RX_H */
