// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Input of a port: flip buffer -> rx -> framer.  While rx is empty the flip
 * buffer is framed where it is, and what is left of it goes into rx.  What does
 * not fit there is not taken, so it stays in the flip buffer; when that grows
 * long the driver is throttled.
 */
#include <linux/jiffies.h>
#include <linux/serial.h>
#include <linux/string.h>

#include "compat.h"
#include "rx.h"
#include "trace.h"
#include "tx.h"

/* The flip buffer is asked for more when so much of rx is free. */
#define RX_ROOM (AT_RX_FIFO / 2)
/* Of the flip buffer, in its own units, which hold one or two bytes. */
#define THROTTLE_ABOVE 8192
#define THROTTLE_BELOW 2048
#define ECHO_CHUNK 256

static_assert(!(AT_RX_FIFO & (AT_RX_FIFO - 1)));

static const struct {
	u8 rx;
	u8 counter;
} rx_codes[] = {
	[TTY_NORMAL] = { AT_RX_CLEAN, 0 },
	[TTY_BREAK] = { AT_RX_BREAK, N_AT_C_BREAK },
	[TTY_FRAME] = { AT_RX_FRAME, N_AT_C_FRAME },
	[TTY_PARITY] = { AT_RX_PARITY, N_AT_C_PARITY },
	[TTY_OVERRUN] = { AT_RX_OVERRUN, N_AT_C_OVERRUN },
};

static void at_rx_mark(struct at_port *port, u32 at, u8 code)
{
	if (code == TTY_NORMAL || code >= ARRAY_SIZE(rx_codes))
		return;
	port->rx_flags[at & (port->rx.size - 1)] = rx_codes[code].rx;
	port->rx_marked++;
	port->count[rx_codes[code].counter]++;
	at_modem_damaged(port);
}

/* -- what comes in ------------------------------------------------------- */

/*
 * V.250 6.2.12: with software flow control XON and XOFF belong to the line, in
 * counted data too.  N_TTY does the same for its lines; the core does nothing.
 */
static bool at_rx_is_flow(u32 flow, u8 c, u8 flag)
{
	return flag == TTY_NORMAL &&
	       (c == at_flow_start(flow) || c == at_flow_stop(flow));
}

/* How many bytes come before one that is flow control. */
static size_t at_rx_plain(u32 flow, const u8 *buf, const u8 *flags, size_t n)
{
	size_t i;

	if (flow == AT_FLOW_NONE)
		return n;
	for (i = 0; i < n; i++)
		if (at_rx_is_flow(flow, buf[i], flags ? flags[i] : TTY_NORMAL))
			break;
	return i;
}

static void at_rx_obey(struct at_port *port, u32 flow, u8 c)
{
	if (c == at_flow_stop(flow))
		at_tx_stop(port);
	else
		at_tx_start(port);
}

void at_rx_look(struct at_port *port, const u8 *buf, const u8 *flags, size_t n)
{
	u32 flow = at_line_flow(port);
	size_t i;

	lockdep_assert_held(&port->lock);
	for (i = at_rx_plain(flow, buf, flags, n); i < n; i++)
		if (at_rx_is_flow(flow, buf[i], flags ? flags[i] : TTY_NORMAL))
			at_rx_obey(port, flow, buf[i]);
	port->ahead += n;
}

/* Bytes that have been taken leave those that were looked at ahead. */
static void at_rx_took(struct at_port *port, size_t n)
{
	port->count[N_AT_C_RX_BYTES] += n;
	port->ahead -= min(port->ahead, n);
}

static size_t at_rx_queue(struct at_port *port, const u8 *buf,
			  const char *flags, size_t n)
{
	size_t i;

	n = min_t(size_t, n, at_ring_free(&port->rx));
	for (i = 0; flags && i < n; i++)
		at_rx_mark(port, port->rx.head + i, flags[i]);
	at_ring_put(&port->rx, buf, n);
	at_rx_took(port, n);
	return n;
}

/* Who monitors hears bytes as they come, before all that comes of them. */
static bool at_rx_is_direct(const struct at_port *port, const char *flags,
			    size_t n)
{
	return !at_ring_used(&port->rx) && !port->monitors &&
	       (!flags || !memchr_inv(flags, TTY_NORMAL, n));
}

size_t at_rx_begin(struct at_port *port, const u8 *buf, const char *flags,
		   size_t n)
{
	u32 flow = at_line_flow(port);
	size_t run = at_rx_plain(flow, buf, (const u8 *)flags, n);

	lockdep_assert_held(&port->lock);
	if (!run) {
		if (!port->ahead)
			at_rx_obey(port, flow, *buf);
		at_rx_took(port, 1);
		return 1;
	}
	if (at_rx_is_direct(port, flags, run)) {
		port->in = buf;
		port->in_len = run;
	} else {
		run = at_rx_queue(port, buf, flags, run);
	}
	if (run) {
		port->last_rx = get_jiffies_64();
		at_port_copy(port, N_AT_KIND_RAW, 0, buf, run);
	}
	return run;
}

size_t at_rx_end(struct at_port *port)
{
	size_t left = port->in_len;

	lockdep_assert_held(&port->lock);
	if (left)
		left -= at_rx_queue(port, port->in, NULL, left);
	port->in = NULL;
	port->in_len = 0;
	return left;
}

size_t at_rx_waiting(const struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	return at_ring_used(&port->rx) + port->in_len;
}

/* -- framing ------------------------------------------------------------- */

static u8 *at_rx_flags(const struct at_port *port)
{
	return port->rx_flags + (port->rx.tail & (port->rx.size - 1));
}

/* The next bytes that lie side by side. */
static size_t at_rx_span(struct at_port *port, const u8 **buf, const u8 **flags)
{
	u8 *p;
	u32 n = at_ring_span(&port->rx, &p);

	*flags = n && port->rx_marked ? at_rx_flags(port) : NULL;
	*buf = n ? p : port->in;
	return n ?: port->in_len;
}

static void at_rx_drop_queued(struct at_port *port, size_t n)
{
	u8 *flags = at_rx_flags(port);
	size_t i;

	for (i = 0; port->rx_marked && i < n; i++) {
		port->rx_marked -= flags[i] != AT_RX_CLEAN;
		flags[i] = AT_RX_CLEAN;
	}
	at_ring_drop(&port->rx, n);
}

static void at_rx_drop(struct at_port *port, size_t n)
{
	if (at_ring_used(&port->rx)) {
		at_rx_drop_queued(port, n);
		return;
	}
	port->in += n;
	port->in_len -= n;
	at_rx_took(port, n);
}

void at_rx_made(struct at_port *port)
{
	const struct at_framer *f = &port->framer;

	lockdep_assert_held(&port->lock);
	port->count[N_AT_C_OVERLONG] += !!(f->flags & AT_FRAMER_OVERLONG);
	port->count[N_AT_C_DAMAGED] += !!(f->flags & AT_FRAMER_DAMAGED);
	if (port->pending == AT_EV_DATA)
		at_port_copy(port, N_AT_KIND_DATA, f->flags, f->data,
			     f->data_len);
	else
		at_port_copy(port, N_AT_KIND_LINE, f->flags, f->line, f->len);
}

bool at_rx_line_step(struct at_port *port, size_t max)
{
	const u8 *buf, *flags;
	u8 echo[ECHO_CHUNK];
	size_t echoed, took;
	size_t n = min(at_rx_span(port, &buf, &flags), max);

	lockdep_assert_held(&port->lock);
	if (!n)
		return false;
	took = at_framer_line(&port->framer, buf, flags, n, echo,
			      min_t(u32, sizeof(echo), at_tx_room(port)),
			      &echoed, &port->pending);
	at_rx_drop(port, took);
	at_tx_put(port, N_AT_KIND_ECHO, echo, echoed);
	memzero_explicit(echo, echoed);
	if (port->pending)
		at_rx_made(port);
	return took > 0;
}

bool at_rx_data_step(struct at_port *port)
{
	const u8 *buf, *flags;
	size_t n = at_rx_span(port, &buf, &flags);
	size_t took;

	lockdep_assert_held(&port->lock);
	took = at_framer_data(&port->framer, buf, flags, n, &port->pending);
	at_rx_drop(port, took);
	if (port->pending)
		at_rx_made(port);
	return took || port->pending;
}

void at_rx_clear(struct at_port *port)
{
	u8 *p;
	u32 n;

	lockdep_assert_held(&port->lock);
	while ((n = at_ring_span(&port->rx, &p)))
		at_rx_drop_queued(port, n);
}

/* -- throttling ---------------------------------------------------------- */

/* tty_throttle() is not exported; this is what it does. */
void at_rx_throttle(struct at_port *port)
{
	struct tty_struct *tty = at_port_driver(port);

	if (!tty || test_bit(TTY_THROTTLED, &tty->flags) ||
	    at_line_changing(port) ||
	    atomic_read(&tty->port->buf.mem_used) < THROTTLE_ABOVE)
		return;
	down_read(&tty->termios_rwsem);
	mutex_lock(&tty->throttle_mutex);
	if (!test_and_set_bit(TTY_THROTTLED, &tty->flags)) {
		if (tty->ops->throttle)
			tty->ops->throttle(tty);
		port->throttled = true;
		port->count[N_AT_C_THROTTLED]++;
		trace_n_at_throttle(port);
	}
	mutex_unlock(&tty->throttle_mutex);
	up_read(&tty->termios_rwsem);
}

/*
 * Of a pty unthrottle is that its writer is woken, and TTY_THROTTLED stays up.
 * This is so for each line, and the owner has been woken for it just now: waits
 * for termios_rwsem would let it run into the port's lock.  N_TTY has the same.
 */
static void at_rx_let_go(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	if (port->throttled)
		trace_n_at_unthrottle(port);
	port->throttled = false;
	if (tty->driver->type == TTY_DRIVER_TYPE_PTY)
		tty_wakeup(tty->link);
	else
		tty_unthrottle(tty);
}

/*
 * While bytes were refused the flip buffer comes again, and this with it.
 * mem_used never falls to 0, since the flip buffer keeps its last part: empty
 * queues release the driver whatever it says.  On a pty the writer is woken once
 * for what was taken of the flip buffer, not for each answer.
 */
void at_rx_unthrottle(struct at_port *port)
{
	struct tty_struct *tty = at_port_driver(port);

	if (!tty || port->rx_refused || !test_bit(TTY_THROTTLED, &tty->flags))
		return;
	if (port->throttled && at_ring_used(&port->rx) &&
	    atomic_read(&tty->port->buf.mem_used) >= THROTTLE_BELOW)
		return;
	at_rx_let_go(port);
}

void at_rx_release(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (port->throttled && at_port_driver(port))
		at_rx_let_go(port);
}

/*
 * A host that is not throttled, for want of flow control, can fill the tty's
 * buffer.  The driver drops what comes then, counts it, and marks nothing.
 */
void at_rx_count_lost(struct at_port *port)
{
	struct serial_icounter_struct icount = {};
	struct tty_struct *tty = at_port_driver(port);

	if (!tty || !tty->ops->get_icount || tty->ops->get_icount(tty, &icount))
		return;
	port->count[N_AT_C_LOST] += (u32)icount.buf_overrun - port->dropped;
	port->dropped = icount.buf_overrun;
}

void at_rx_restart(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (!port->rx_refused || at_ring_free(&port->rx) < RX_ROOM)
		return;
	port->rx_refused = false;
	at_restart_rx(port->tty->port);
}
