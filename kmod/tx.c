// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Output of a port: what the driver does not take at once waits in tx.
 */
#include "tx.h"

/* Refused output is asked for again below this. */
#define TX_LOW (AT_TX_FIFO / 4)
/* Answers that collect for one write. */
#define CORK_MAX 2048

static_assert(TX_LOW + N_AT_OUT_MAX + AT_TX_RESERVE <= AT_TX_FIFO);
static_assert(!(AT_TX_FIFO & (AT_TX_FIFO - 1)));

/* A driver may take less than asked for, nothing, or fail; all are "later". */
static u32 at_tx_write(struct at_port *port, const u8 *buf, u32 n)
{
	struct tty_struct *tty = at_port_driver(port);
	ssize_t k = tty ? tty->ops->write(tty, buf, n) : 0;

	if (k <= 0)
		return 0;
	k = min_t(ssize_t, k, n);
	port->count[N_AT_C_TX_BYTES] += k;
	return k;
}

/* A driver is being changed, or the host has said XOFF: not all heed that. */
static bool at_tx_is_held(const struct at_port *port)
{
	return port->change.making || port->stopped;
}

bool at_tx_waits(const struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	return at_ring_used(&port->tx) && !at_tx_is_held(port);
}

/* TTY_DO_WRITE_WAKEUP is up before each write, or a wakeup could be missed. */
void at_tx_drain(struct at_port *port)
{
	struct tty_struct *tty = port->tty;
	u8 *p;
	u32 n, k;

	lockdep_assert_held(&port->lock);
	port->corked = false;
	if (at_tx_is_held(port))
		return;
	while ((n = at_ring_span(&port->tx, &p))) {
		set_bit(TTY_DO_WRITE_WAKEUP, &tty->flags);
		k = at_tx_write(port, p, n);
		at_ring_drop(&port->tx, k);
		if (k < n)
			return;
	}
	clear_bit(TTY_DO_WRITE_WAKEUP, &tty->flags);
}

u32 at_tx_room(const struct at_port *port)
{
	u32 room = at_ring_free(&port->tx);

	lockdep_assert_held(&port->lock);
	return room > AT_TX_RESERVE ? room - AT_TX_RESERVE : 0;
}

void at_tx_put(struct at_port *port, enum n_at_kind kind, const u8 *buf, u32 n)
{
	u32 k = 0;

	lockdep_assert_held(&port->lock);
	if (!n)
		return;
	at_port_copy(port, kind, 0, buf, n);
	if (!at_ring_used(&port->tx) && !port->corked && !at_tx_is_held(port)) {
		set_bit(TTY_DO_WRITE_WAKEUP, &port->tty->flags);
		k = at_tx_write(port, buf, n);
	}
	if (k == n)
		clear_bit(TTY_DO_WRITE_WAKEUP, &port->tty->flags);
	else
		at_ring_put(&port->tx, buf + k, n - k);
}

/*
 * A host that pipelines gets the answers to several lines in one write: each
 * write costs the reader of a pty a wake-up.
 */
bool at_tx_may_collect(const struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	return port->mode == N_AT_MODE_EXECUTING &&
	       at_ring_used(&port->tx) < CORK_MAX;
}

bool at_tx_is_low(const struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	return at_ring_used(&port->tx) <= TX_LOW;
}

void at_tx_stop(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (port->stopped || !at_port_driver(port))
		return;
	port->stopped = true;
	stop_tty(port->tty);
}

void at_tx_start(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (!port->stopped || !at_port_driver(port))
		return;
	port->stopped = false;
	start_tty(port->tty);
	at_tx_drain(port);
}
