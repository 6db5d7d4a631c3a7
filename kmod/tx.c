// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Output of a port: what the driver does not take at once waits in tx, what may
 * not go out yet in the list of unsolicited results.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "tx.h"

#define URC_COUNT_MAX 64
#define URC_BYTES_MAX (64 * 1024)
/* Refused output is asked for again below these. */
#define URC_COUNT_LOW (URC_COUNT_MAX / 4)
#define URC_BYTES_LOW (URC_BYTES_MAX / 4)
#define TX_LOW (AT_TX_FIFO / 4)
/* Answers that collect for one write. */
#define CORK_MAX 2048

static_assert(TX_LOW + N_AT_OUT_MAX + AT_TX_RESERVE <= AT_TX_FIFO);
static_assert(URC_BYTES_LOW + N_AT_OUT_MAX <= URC_BYTES_MAX);
static_assert(!(AT_TX_FIFO & (AT_TX_FIFO - 1)));

/* An unsolicited result that waits. */
struct at_urc {
	struct list_head node;
	unsigned long since; /* jiffies */
	u32 len;
	u8 buf[];
};

/*
 * A driver may take less than asked for, nothing, or fail; all are "later".  One
 * that has been closed, as it is before the discipline, is not asked.
 */
static u32 at_tx_write(struct at_port *port, const u8 *buf, u32 n)
{
	ssize_t k = 0;

	if (!tty_io_error(port->tty))
		k = port->tty->ops->write(port->tty, buf, n);
	if (k <= 0)
		return 0;
	k = min_t(ssize_t, k, n);
	port->count[N_AT_C_TX_BYTES] += k;
	return k;
}

/* A driver is being changed, or the host has said XOFF: not all heed that. */
static bool at_tx_is_held(const struct at_port *port)
{
	return port->tx_held || port->stopped;
}

bool at_tx_waits(const struct at_port *port)
{
	return at_ring_used(&port->tx) && !at_tx_is_held(port);
}

/* TTY_DO_WRITE_WAKEUP is up before each write, or a wakeup could be missed. */
void at_tx_drain(struct at_port *port)
{
	struct tty_struct *tty = port->tty;
	u8 *p;
	u32 n, k;

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

	return room > AT_TX_RESERVE ? room - AT_TX_RESERVE : 0;
}

/* The caller has made sure that tx can hold all of it. */
void at_tx_put(struct at_port *port, enum n_at_kind kind, const u8 *buf, u32 n)
{
	u32 k = 0;

	if (!n)
		return;
	port->link->monitor(port, kind, 0, buf, n);
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
	return port->mode == N_AT_MODE_EXECUTING &&
	       at_ring_used(&port->tx) < CORK_MAX;
}

unsigned long at_urc_hold(const struct at_port *port)
{
	return msecs_to_jiffies(port->set.urc_hold_ms);
}

/*
 * L13: not within a line nor within its execution; a half-typed line counts for
 * a while only, and so does a host that never pauses between lines.  Noise,
 * which a host may leave behind or send for ever, is no line.
 */
bool at_urc_due(const struct at_port *port, unsigned long since)
{
	if (port->mode != N_AT_MODE_COMMAND || port->pending ||
	    at_line_changing(port))
		return false;
	if (at_framer_half_typed(&port->framer))
		return time_after_eq64(get_jiffies_64(),
				       port->last_rx + at_urc_hold(port));
	return !at_ring_used(&port->rx) ||
	       time_after_eq(jiffies, since + at_urc_hold(port));
}

static struct at_urc *at_urc_first(struct at_port *port)
{
	return list_first_entry_or_null(&port->urcs, struct at_urc, node);
}

bool at_urc_is_overdue(struct at_port *port)
{
	struct at_urc *urc = at_urc_first(port);

	return urc && time_after_eq(jiffies, urc->since + at_urc_hold(port));
}

static void at_urc_free(struct at_port *port, struct at_urc *urc)
{
	list_del(&urc->node);
	port->urc_count--;
	port->urc_bytes -= urc->len;
	kvfree_sensitive(urc, struct_size(urc, buf, urc->len));
}

/* True: one went out. */
bool at_urc_step(struct at_port *port)
{
	struct at_urc *urc = at_urc_first(port);

	if (!urc || !at_urc_due(port, urc->since) || urc->len > at_tx_room(port))
		return false;
	at_tx_put(port, N_AT_KIND_URC, urc->buf, urc->len);
	at_urc_free(port, urc);
	return true;
}

int at_urc_add(struct at_port *port, const u8 *buf, u32 n)
{
	struct at_urc *urc;

	if (port->urc_count == URC_COUNT_MAX ||
	    port->urc_bytes + n > URC_BYTES_MAX)
		return -EAGAIN;
	urc = kvmalloc(struct_size(urc, buf, n), GFP_KERNEL);
	if (!urc)
		return -ENOMEM;
	urc->since = jiffies;
	urc->len = n;
	memcpy(urc->buf, buf, n);
	list_add_tail(&urc->node, &port->urcs);
	port->urc_count++;
	port->urc_bytes += n;
	return 0;
}

void at_urc_clear(struct at_port *port)
{
	while (!list_empty(&port->urcs))
		at_urc_free(port,
			    list_first_entry(&port->urcs, struct at_urc, node));
}

bool at_urc_waits_for_time(struct at_port *port)
{
	struct at_urc *urc = at_urc_first(port);

	return urc && urc->len <= at_tx_room(port) && !port->pending &&
	       port->mode == N_AT_MODE_COMMAND &&
	       at_framer_half_typed(&port->framer);
}

/* Each for itself: a reply must not wait for results that wait for it. */
bool at_tx_space_is_due(const struct at_port *port)
{
	if (port->reply_refused && at_ring_used(&port->tx) <= TX_LOW)
		return true;
	return port->urc_refused && port->urc_count <= URC_COUNT_LOW &&
	       port->urc_bytes <= URC_BYTES_LOW;
}
