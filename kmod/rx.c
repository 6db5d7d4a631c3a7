// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Input of a port: flip buffer -> rx -> framer.  What does not fit into rx is
 * not taken, so it stays in the flip buffer; when that grows long the driver is
 * throttled.
 */
#include <linux/jiffies.h>
#include <linux/serial.h>

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

/*
 * V.250 6.2.12: with software flow control XON and XOFF belong to the line, in
 * counted data too.  N_TTY does the same for its lines; the core does nothing.
 */
struct flow {
	bool on;
	u8 start;
	u8 stop;
};

static struct flow at_rx_flow(struct tty_struct *tty)
{
	struct flow flow;

	down_read(&tty->termios_rwsem);
	flow.on = I_IXON(tty);
	flow.start = START_CHAR(tty);
	flow.stop = STOP_CHAR(tty);
	up_read(&tty->termios_rwsem);
	return flow;
}

static bool at_rx_is_flow(const struct flow *flow, u8 c, u8 flag)
{
	return flag == TTY_NORMAL && (c == flow->start || c == flow->stop);
}

/* How many bytes come before one that is flow control. */
static size_t at_rx_plain(const struct flow *flow, const u8 *buf,
			  const u8 *flags, size_t n)
{
	size_t i;

	if (!flow->on)
		return n;
	for (i = 0; i < n; i++)
		if (at_rx_is_flow(flow, buf[i], flags ? flags[i] : TTY_NORMAL))
			break;
	return i;
}

static void at_rx_obey(struct at_port *port, const struct flow *flow, u8 c)
{
	if (c != flow->stop) {
		at_rx_start(port);
	} else if (!port->stopped) {
		port->stopped = true;
		stop_tty(port->tty);
	}
}

void at_rx_start(struct at_port *port)
{
	if (!port->stopped)
		return;
	port->stopped = false;
	start_tty(port->tty);
	at_tx_drain(port);
}

void at_rx_look(struct at_port *port, const u8 *buf, const u8 *flags, size_t n)
{
	struct flow flow = at_rx_flow(port->tty);
	size_t i;

	for (i = at_rx_plain(&flow, buf, flags, n); i < n; i++)
		if (at_rx_is_flow(&flow, buf[i], flags ? flags[i] : TTY_NORMAL))
			at_rx_obey(port, &flow, buf[i]);
	port->ahead += n;
}

static size_t at_rx_put_plain(struct at_port *port, const u8 *buf,
			      const char *flags, size_t n)
{
	size_t i;

	n = min_t(size_t, n, at_ring_free(&port->rx));
	for (i = 0; flags && i < n; i++)
		at_rx_mark(port, port->rx.head + i, flags[i]);
	at_ring_put(&port->rx, buf, n);
	port->count[N_AT_C_RX_BYTES] += n;
	if (n) {
		port->last_rx = get_jiffies_64();
		port->link->monitor(port, N_AT_KIND_RAW, 0, buf, n);
	}
	return n;
}

size_t at_rx_put(struct at_port *port, const u8 *buf, const char *flags,
		 size_t n)
{
	struct flow flow = at_rx_flow(port->tty);
	size_t took = at_rx_plain(&flow, buf, (const u8 *)flags, n);

	if (n && !took) {
		if (!port->ahead)
			at_rx_obey(port, &flow, *buf);
		port->count[N_AT_C_RX_BYTES]++;
		took = 1;
	} else {
		took = at_rx_put_plain(port, buf, flags, took);
	}
	port->ahead -= min(port->ahead, took);
	return took;
}

static const u8 *at_rx_flags(const struct at_port *port)
{
	if (!port->rx_marked)
		return NULL;
	return port->rx_flags + (port->rx.tail & (port->rx.size - 1));
}

static void at_rx_drop(struct at_port *port, u32 n)
{
	u8 *flags = port->rx_flags + (port->rx.tail & (port->rx.size - 1));
	u32 i;

	for (i = 0; port->rx_marked && i < n; i++) {
		port->rx_marked -= flags[i] != AT_RX_CLEAN;
		flags[i] = AT_RX_CLEAN;
	}
	at_ring_drop(&port->rx, n);
}

static void at_rx_count_event(struct at_port *port)
{
	unsigned int flags = port->framer.flags;

	if (!port->pending)
		return;
	port->count[N_AT_C_OVERLONG] += !!(flags & AT_FRAMER_OVERLONG);
	port->count[N_AT_C_DAMAGED] += !!(flags & AT_FRAMER_DAMAGED);
}

bool at_rx_line_step(struct at_port *port)
{
	u8 *p, echo[ECHO_CHUNK];
	size_t echoed, took;
	u32 n = at_ring_span(&port->rx, &p);

	if (!n)
		return false;
	/* its time may come between any two bytes of noise */
	if (at_urc_is_overdue(port))
		n = 1;
	took = at_framer_line(&port->framer, p, at_rx_flags(port), n, echo,
			      min_t(u32, sizeof(echo), at_tx_room(port)),
			      &echoed, &port->pending);
	at_rx_drop(port, took);
	at_tx_put(port, N_AT_KIND_ECHO, echo, echoed);
	memzero_explicit(echo, echoed);
	at_rx_count_event(port);
	return took > 0;
}

bool at_rx_data_step(struct at_port *port)
{
	u8 *p;
	u32 n = at_ring_span(&port->rx, &p);
	size_t took;

	took = at_framer_data(&port->framer, p, at_rx_flags(port), n,
			      &port->pending);
	at_rx_drop(port, took);
	at_rx_count_event(port);
	return took || port->pending;
}

void at_rx_clear(struct at_port *port)
{
	u8 *p;
	u32 n;

	while ((n = at_ring_span(&port->rx, &p)))
		at_rx_drop(port, n);
}

/* tty_throttle() is not exported; this is what it does. */
void at_rx_throttle(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	if (test_bit(TTY_THROTTLED, &tty->flags) || at_line_changing(port) ||
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

static void at_rx_let_go(struct at_port *port)
{
	if (port->throttled)
		trace_n_at_unthrottle(port);
	port->throttled = false;
	tty_unthrottle(port->tty);
}

/*
 * While bytes were refused the flip buffer comes again, and this with it.
 * mem_used never falls to 0, since the flip buffer keeps its last part: empty
 * queues release the driver whatever it says.  On a pty TTY_THROTTLED is always
 * up, and tty_unthrottle() is what wakes the writer: once for what was taken of
 * the flip buffer, not for each answer.
 */
void at_rx_unthrottle(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	if (port->rx_refused || !test_bit(TTY_THROTTLED, &tty->flags))
		return;
	if (port->throttled && at_ring_used(&port->rx) &&
	    atomic_read(&tty->port->buf.mem_used) >= THROTTLE_BELOW)
		return;
	at_rx_let_go(port);
}

void at_rx_release(struct at_port *port)
{
	if (port->throttled)
		at_rx_let_go(port);
}

/*
 * A host that is not throttled, for want of flow control, can fill the tty's
 * buffer.  The driver drops what comes then, counts it, and marks nothing.
 */
void at_rx_count_lost(struct at_port *port)
{
	struct serial_icounter_struct icount = {};
	struct tty_struct *tty = port->tty;

	if (!tty || !tty->ops->get_icount || tty->ops->get_icount(tty, &icount))
		return;
	port->count[N_AT_C_LOST] += (u32)icount.buf_overrun - port->dropped;
	port->dropped = icount.buf_overrun;
}

void at_rx_restart(struct at_port *port)
{
	if (!port->rx_refused || at_ring_free(&port->rx) < RX_ROOM)
		return;
	port->rx_refused = false;
	at_restart_rx(port->tty->port);
}
