// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A port: modes, queues and time of one tty that has the discipline.
 *
 *   COMMAND    bytes are framed; a whole line goes to the owner -> EXECUTING.
 *              Without an owner it waits rebind_ms, then gets the orphan reply.
 *   EXECUTING  input is not looked at.  A final REPLY -> COMMAND; one that asks
 *              for data -> DATA; death of the owner: orphan reply -> COMMAND.
 *   DATA       counted raw bytes; all there, a break or idle time: to the owner
 *              -> EXECUTING.  If the owner that asked for them is gone they are
 *              taken all the same, so that none is executed, and get the
 *              orphan reply -> COMMAND.
 *
 * at_port_run() does what can be done and arms one timer for the rest; whoever
 * changes something calls it.  Nothing is lost on the way in: bytes that do not
 * fit are not taken.  Locks: the flip buffer's -> port->lock -> termios_rwsem
 * -> throttle_mutex -> the driver's.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "port.h"

/* Of tx, kept free for the one orphan reply that must not fail. */
#define TX_RESERVE N_AT_ORPHAN_MAX
/* Refused output is asked for again below this. */
#define TX_LOW (AT_TX_FIFO / 4)
#define URC_COUNT_MAX 64
#define URC_BYTES_MAX (64 * 1024)
#define URC_COUNT_LOW (URC_COUNT_MAX / 4)
#define URC_BYTES_LOW (URC_BYTES_MAX / 4)
/* The flip buffer is asked for more when so much of rx is free. */
#define RX_ROOM (AT_RX_FIFO / 2)
/* Of the flip buffer, in its own units, which hold one or two bytes. */
#define THROTTLE_ABOVE 8192
#define THROTTLE_BELOW 2048
#define RETRY_MS 10
#define ECHO_CHUNK 256

static_assert(TX_LOW + N_AT_OUT_MAX + TX_RESERVE <= AT_TX_FIFO);
static_assert(URC_BYTES_LOW + N_AT_OUT_MAX <= URC_BYTES_MAX);
static_assert(AT_FRAMER_OVERLONG == N_AT_F_OVERLONG);
static_assert(AT_FRAMER_DAMAGED == N_AT_F_DAMAGED);
static_assert(AT_FRAMER_BREAK == N_AT_F_BREAK);
static_assert(!(AT_RX_FIFO & (AT_RX_FIFO - 1)));
static_assert(!(AT_TX_FIFO & (AT_TX_FIFO - 1)));

/* An unsolicited result that waits. */
struct at_urc {
	struct list_head node;
	unsigned long since; /* jiffies */
	u32 len;
	u8 buf[];
};

static const struct at_settings default_settings = {
	.echo = 1,
	.echo_cr = 1,
	.repeat = 1,
	.s3 = '\r',
	.s4 = '\n',
	.s5 = '\b',
	.line_max = 4096,
	.urc_hold_ms = 1000,
	.data_timeout_ms = 20000,
	.rebind_ms = 5000,
	.orphan = "\r\nERROR\r\n",
	.orphan_len = sizeof("\r\nERROR\r\n") - 1,
};

/* -- ring ---------------------------------------------------------------- */

static u32 ring_used(const struct at_ring *r)
{
	return r->head - r->tail;
}

static u32 ring_free(const struct at_ring *r)
{
	return r->size - ring_used(r);
}

/* The bytes at the tail that lie side by side. */
static u32 ring_span(const struct at_ring *r, u8 **p)
{
	u32 at = r->tail & (r->size - 1);

	*p = r->buf + at;
	return min(ring_used(r), r->size - at);
}

static void ring_put(struct at_ring *r, const u8 *buf, u32 n)
{
	u32 at = r->head & (r->size - 1);
	u32 first = min(n, r->size - at);

	memcpy(r->buf + at, buf, first);
	memcpy(r->buf, buf + first, n - first);
	r->head += n;
}

/* No more than ring_span().  What leaves may have been a password. */
static void ring_drop(struct at_ring *r, u32 n)
{
	memzero_explicit(r->buf + (r->tail & (r->size - 1)), n);
	r->tail += n;
}

static void ring_clear(struct at_ring *r)
{
	u8 *p;
	u32 n;

	while ((n = ring_span(r, &p)))
		ring_drop(r, n);
}

/* -- output -------------------------------------------------------------- */

/* A driver may take less than asked for, nothing, or fail; all are "later". */
static u32 driver_write(struct at_port *port, const u8 *buf, u32 n)
{
	ssize_t k = port->tty->ops->write(port->tty, buf, n);

	if (k <= 0)
		return 0;
	k = min_t(ssize_t, k, n);
	port->count[N_AT_C_TX_BYTES] += k;
	return k;
}

/* TTY_DO_WRITE_WAKEUP is up before each write, or a wakeup could be missed. */
static void drain(struct at_port *port)
{
	struct tty_struct *tty = port->tty;
	u8 *p;
	u32 n, k;

	while ((n = ring_span(&port->tx, &p))) {
		set_bit(TTY_DO_WRITE_WAKEUP, &tty->flags);
		k = driver_write(port, p, n);
		ring_drop(&port->tx, k);
		if (k < n)
			return;
	}
	clear_bit(TTY_DO_WRITE_WAKEUP, &tty->flags);
}

static u32 tx_room(const struct at_port *port)
{
	u32 room = ring_free(&port->tx);

	return room > TX_RESERVE ? room - TX_RESERVE : 0;
}

/* The caller has made sure that tx can hold all of it. */
static void output(struct at_port *port, const u8 *buf, u32 n)
{
	u32 k = 0;

	if (!n)
		return;
	port->link->monitor(port, N_AT_DIR_TX, buf, n);
	if (!ring_used(&port->tx)) {
		set_bit(TTY_DO_WRITE_WAKEUP, &port->tty->flags);
		k = driver_write(port, buf, n);
	}
	if (k == n)
		clear_bit(TTY_DO_WRITE_WAKEUP, &port->tty->flags);
	else
		ring_put(&port->tx, buf + k, n - k);
}

static unsigned long hold_time(const struct at_port *port)
{
	return msecs_to_jiffies(port->set.urc_hold_ms);
}

/*
 * L13: not within a line nor within its execution; a half-typed line counts for
 * a while only, and so does a host that never pauses between lines.
 */
static bool urc_due(const struct at_port *port, unsigned long since)
{
	if (port->mode != N_AT_MODE_COMMAND || port->pending)
		return false;
	if (!at_framer_idle(&port->framer))
		return time_after_eq(jiffies, port->last_rx + hold_time(port));
	return !ring_used(&port->rx) ||
	       time_after_eq(jiffies, since + hold_time(port));
}

static void urc_free(struct at_port *port, struct at_urc *urc)
{
	list_del(&urc->node);
	port->urc_count--;
	port->urc_bytes -= urc->len;
	kvfree_sensitive(urc, struct_size(urc, buf, urc->len));
}

/* True: one went out. */
static bool urc_step(struct at_port *port)
{
	struct at_urc *urc;

	urc = list_first_entry_or_null(&port->urcs, struct at_urc, node);
	if (!urc || !urc_due(port, urc->since) || urc->len > tx_room(port))
		return false;
	output(port, urc->buf, urc->len);
	urc_free(port, urc);
	return true;
}

static int urc_queue(struct at_port *port, const u8 *buf, u32 n)
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

/* -- lines and data ------------------------------------------------------ */

static void retry_later(struct at_port *port)
{
	port->retry = true;
	port->retry_at = jiffies + msecs_to_jiffies(RETRY_MS);
}

/* The owner's socket was full a moment ago. */
static bool must_wait(struct at_port *port)
{
	if (port->retry && !time_before(jiffies, port->retry_at))
		port->retry = false;
	return port->retry;
}

/* The line or data is delivered or given up. */
static void forget(struct at_port *port)
{
	if (port->data)
		kvfree_sensitive(port->data, port->framer.data_want);
	port->data = NULL;
	port->data_orphaned = false;
	port->pending = AT_EV_NONE;
	at_framer_next(&port->framer);
}

static void orphan_reply(struct at_port *port)
{
	output(port, port->set.orphan, port->set.orphan_len);
	port->count[N_AT_C_ORPHANED]++;
	forget(port);
	port->mode = N_AT_MODE_COMMAND;
}

/* A line that was given to the owner is never given to another. */
static void lose_owner(struct at_port *port)
{
	port->owner = 0;
	port->ownerless_since = jiffies;
	port->retry = false;
	port->reply_refused = false;
	port->urc_refused = false;
	if (port->mode == N_AT_MODE_EXECUTING)
		orphan_reply(port); /* from TX_RESERVE if need be */
	else if (port->mode == N_AT_MODE_DATA)
		port->data_orphaned = true;
}

static int send_pending(struct at_port *port)
{
	struct at_framer *f = &port->framer;

	if (port->pending == AT_EV_DATA)
		return port->link->data(port, port->seq + 1, f->data,
					f->data_len, f->flags);
	return port->link->line(port, port->seq + 1, f->line, f->len, f->flags);
}

static void count_delivered(struct at_port *port)
{
	struct at_framer *f = &port->framer;

	if (port->pending == AT_EV_DATA)
		port->count[N_AT_C_DATA_BYTES] += f->data_len;
	else
		port->count[N_AT_C_LINES]++;
}

static bool is_transient(int err)
{
	return err == -EAGAIN || err == -ENOMEM || err == -ENOBUFS;
}

/* Under the lock until mode says so: the answer cannot come before. */
static bool give_to_owner(struct at_port *port)
{
	int err;

	if (must_wait(port) || ring_free(&port->tx) < TX_RESERVE)
		return false;
	err = send_pending(port);
	if (is_transient(err)) {
		retry_later(port);
		return false;
	}
	if (err) {
		lose_owner(port);
		return true;
	}
	count_delivered(port);
	port->seq++;
	forget(port);
	port->mode = N_AT_MODE_EXECUTING;
	return true;
}

static unsigned long rebind_time(const struct at_port *port)
{
	return port->ownerless_since + msecs_to_jiffies(port->set.rebind_ms);
}

static bool deliver(struct at_port *port)
{
	if (port->owner && !port->data_orphaned)
		return give_to_owner(port);
	if (!port->data_orphaned && time_before(jiffies, rebind_time(port)))
		return false;
	if (port->set.orphan_len > tx_room(port))
		return false;
	orphan_reply(port);
	return true;
}

static const u8 *rx_flags(const struct at_port *port)
{
	if (!port->rx_marked)
		return NULL;
	return port->rx_flags + (port->rx.tail & (port->rx.size - 1));
}

static void rx_drop(struct at_port *port, u32 n)
{
	u8 *flags = port->rx_flags + (port->rx.tail & (port->rx.size - 1));
	u32 i;

	for (i = 0; port->rx_marked && i < n; i++) {
		port->rx_marked -= flags[i] != AT_RX_CLEAN;
		flags[i] = AT_RX_CLEAN;
	}
	ring_drop(&port->rx, n);
}

static void count_event(struct at_port *port)
{
	unsigned int flags = port->framer.flags;

	if (!port->pending)
		return;
	port->count[N_AT_C_OVERLONG] += !!(flags & AT_FRAMER_OVERLONG);
	port->count[N_AT_C_DAMAGED] += !!(flags & AT_FRAMER_DAMAGED);
}

static bool line_step(struct at_port *port)
{
	u8 *p, echo[ECHO_CHUNK];
	size_t echoed, took;
	u32 n = ring_span(&port->rx, &p);

	if (!n)
		return false;
	took = at_framer_line(&port->framer, p, rx_flags(port), n, echo,
			      min_t(u32, sizeof(echo), tx_room(port)), &echoed,
			      &port->pending);
	rx_drop(port, took);
	output(port, echo, echoed);
	memzero_explicit(echo, echoed);
	count_event(port);
	return took > 0;
}

static unsigned long data_deadline(const struct at_port *port)
{
	return port->last_rx + msecs_to_jiffies(port->set.data_timeout_ms);
}

static bool data_step(struct at_port *port)
{
	u8 *p;
	u32 n = ring_span(&port->rx, &p);
	size_t took;

	took = at_framer_data(&port->framer, p, rx_flags(port), n,
			      &port->pending);
	rx_drop(port, took);
	count_event(port);
	if (took || port->pending)
		return true;
	if (time_before(jiffies, data_deadline(port)))
		return false;
	port->framer.flags |= N_AT_F_TIMEOUT;
	port->pending = AT_EV_DATA;
	port->count[N_AT_C_DATA_TIMEOUTS]++;
	return true;
}

/* True: something was done, and there may be more. */
static bool step(struct at_port *port)
{
	if (port->mode == N_AT_MODE_EXECUTING)
		return false;
	if (port->pending)
		return deliver(port);
	if (port->mode == N_AT_MODE_DATA)
		return data_step(port);
	return urc_step(port) || line_step(port);
}

/* -- flow control -------------------------------------------------------- */

/* tty_throttle() is not exported; this is what it does. */
static void throttle(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	if (test_bit(TTY_THROTTLED, &tty->flags) ||
	    atomic_read(&tty->port->buf.mem_used) < THROTTLE_ABOVE)
		return;
	down_read(&tty->termios_rwsem);
	mutex_lock(&tty->throttle_mutex);
	if (!test_and_set_bit(TTY_THROTTLED, &tty->flags)) {
		if (tty->ops->throttle)
			tty->ops->throttle(tty);
		port->throttled = true;
		port->count[N_AT_C_THROTTLED]++;
	}
	mutex_unlock(&tty->throttle_mutex);
	up_read(&tty->termios_rwsem);
}

/*
 * While bytes were refused the flip buffer comes again, and this with it.
 * mem_used never falls to 0, since the flip buffer keeps its last part: empty
 * queues release the driver whatever it says.  On a pty TTY_THROTTLED is always
 * up, and tty_unthrottle() is what wakes the writer.
 */
static void unthrottle(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	if (port->rx_refused || !test_bit(TTY_THROTTLED, &tty->flags))
		return;
	if (port->throttled && ring_used(&port->rx) &&
	    atomic_read(&tty->port->buf.mem_used) >= THROTTLE_BELOW)
		return;
	port->throttled = false;
	tty_unthrottle(tty);
}

static void ask_for_more(struct at_port *port)
{
	if (!port->rx_refused || ring_free(&port->rx) < RX_ROOM)
		return;
	port->rx_refused = false;
	at_restart_rx(port->tty->port);
}

/* -- time ---------------------------------------------------------------- */

static bool urc_waits_for_time(struct at_port *port)
{
	struct at_urc *urc;

	urc = list_first_entry_or_null(&port->urcs, struct at_urc, node);
	return urc && urc->len <= tx_room(port) && !port->pending &&
	       port->mode == N_AT_MODE_COMMAND &&
	       !at_framer_idle(&port->framer);
}

static bool line_waits_for_owner(const struct at_port *port)
{
	return port->pending && !port->owner && !port->data_orphaned &&
	       port->set.orphan_len <= tx_room(port);
}

/*
 * False: there is no time to wait for.  A deadline that has passed, because of
 * a tick just now, is one too; but what waits for room in tx has none, or its
 * timer would fire without end.
 */
static bool next_deadline(struct at_port *port, unsigned long *at)
{
	if (port->retry)
		*at = port->retry_at;
	else if (port->mode == N_AT_MODE_DATA && !port->pending)
		*at = data_deadline(port);
	else if (line_waits_for_owner(port))
		*at = rebind_time(port);
	else if (urc_waits_for_time(port))
		*at = port->last_rx + hold_time(port);
	else
		return false;
	return true;
}

/*
 * A timer that fires early is armed again by its own work, so a deadline that
 * moves on with each byte costs nothing.  Dead ports arm nothing.
 */
static void arm(struct at_port *port)
{
	unsigned long at, now = jiffies;

	if (!next_deadline(port, &at))
		return;
	if (port->timer_on && !time_before(at, port->timer_at))
		return;
	port->timer_on = true;
	port->timer_at = at;
	mod_delayed_work(at_system_wq, &port->timer,
			 time_after(at, now) ? at - now : 0);
}

static bool space_is_due(const struct at_port *port)
{
	if (port->reply_refused && ring_used(&port->tx) <= TX_LOW)
		return true;
	return port->urc_refused && port->urc_count <= URC_COUNT_LOW &&
	       port->urc_bytes <= URC_BYTES_LOW;
}

static void tell_space(struct at_port *port)
{
	int err;

	if (must_wait(port) || !port->owner || !space_is_due(port))
		return;
	err = port->link->tx_space(port);
	if (is_transient(err)) {
		retry_later(port);
		return;
	}
	port->reply_refused = false;
	port->urc_refused = false;
}

static void settle(struct at_port *port)
{
	tell_space(port);
	unthrottle(port);
	ask_for_more(port);
	arm(port);
}

void at_port_run(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return;
	drain(port);
	while (step(port))
		;
	settle(port);
}

static void timer_work(struct work_struct *work)
{
	struct at_port *port =
		container_of(work, struct at_port, timer.work);

	mutex_lock(&port->lock);
	port->timer_on = false;
	at_port_run(port);
	mutex_unlock(&port->lock);
}

/* -- from the driver ----------------------------------------------------- */

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

static void rx_mark(struct at_port *port, u32 at, u8 code)
{
	if (code == TTY_NORMAL || code >= ARRAY_SIZE(rx_codes))
		return;
	port->rx_flags[at & (port->rx.size - 1)] = rx_codes[code].rx;
	port->rx_marked++;
	port->count[rx_codes[code].counter]++;
	if (code == TTY_BREAK)
		port->link->modem(port, N_AT_EVENT_BREAK);
}

static size_t rx_put(struct at_port *port, const u8 *buf, const char *flags,
		     size_t n)
{
	size_t i;

	n = min_t(size_t, n, ring_free(&port->rx));
	for (i = 0; flags && i < n; i++)
		rx_mark(port, port->rx.head + i, flags[i]);
	ring_put(&port->rx, buf, n);
	port->count[N_AT_C_RX_BYTES] += n;
	if (n)
		port->link->monitor(port, N_AT_DIR_RX, buf, n);
	return n;
}

size_t at_port_receive(struct at_port *port, const u8 *buf, const char *flags,
		       size_t n)
{
	size_t took = 0, k;

	mutex_lock(&port->lock);
	if (!port->tty) {
		took = n;
		goto out;
	}
	port->last_rx = jiffies;
	do {
		k = rx_put(port, buf + took, flags ? flags + took : NULL,
			   n - took);
		took += k;
		while (step(port))
			;
	} while (k && took < n);
	if (took < n) {
		port->rx_refused = true;
		throttle(port);
	}
	settle(port);
out:
	mutex_unlock(&port->lock);
	return took;
}

static void flush(struct at_port *port)
{
	u8 *p;
	u32 n;

	while ((n = ring_span(&port->rx, &p)))
		rx_drop(port, n);
	/*
	 * TCFLSH has emptied the flip buffer, so nothing more may come from
	 * it to unthrottle the driver; TCSETSF has not.
	 */
	if (port->rx_refused)
		at_restart_rx(port->tty->port);
	port->rx_refused = false;
	if (port->mode == N_AT_MODE_COMMAND && !port->pending)
		at_framer_next(&port->framer);
	at_port_run(port);
}

void at_port_flush(struct at_port *port)
{
	mutex_lock(&port->lock);
	if (port->tty)
		flush(port);
	mutex_unlock(&port->lock);
}

void at_port_wake(struct at_port *port)
{
	queue_work(at_system_wq, &port->wake);
}

u32 at_port_unsent(struct at_port *port)
{
	u32 n;

	mutex_lock(&port->lock);
	n = ring_used(&port->tx);
	mutex_unlock(&port->lock);
	return n;
}

/* The driver raises RTS in ->unthrottle only while CRTSCTS is set. */
static bool rts_is_stuck(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	return test_and_clear_bit(AT_PORT_TERMIOS, &port->events) &&
	       port->throttled && !C_CRTSCTS(tty) && tty->ops->tiocmset;
}

static void wake_work(struct work_struct *work)
{
	struct at_port *port = container_of(work, struct at_port, wake);
	struct tty_struct *stuck = NULL;

	mutex_lock(&port->lock);
	if (!port->tty)
		goto out;
	if (test_and_clear_bit(AT_PORT_DCD_ON, &port->events))
		port->link->modem(port, N_AT_EVENT_DCD_ON);
	if (test_and_clear_bit(AT_PORT_DCD_OFF, &port->events))
		port->link->modem(port, N_AT_EVENT_DCD_OFF);
	if (rts_is_stuck(port))
		stuck = port->tty;
	at_port_run(port);
out:
	mutex_unlock(&port->lock);
	/* The driver's own mutex; at_port_kill() waits for us with the tty. */
	if (stuck)
		stuck->ops->tiocmset(stuck, TIOCM_RTS, 0);
}

/* -- from netlink -------------------------------------------------------- */

enum n_at_mode at_port_mode(const struct at_port *port)
{
	if (port->mode == N_AT_MODE_COMMAND && !port->owner)
		return N_AT_MODE_ORPHAN;
	return port->mode;
}

int at_port_bind(struct at_port *port, u32 portid)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return -ENODEV;
	if (port->owner)
		return -EBUSY;
	port->owner = portid;
	return 0;
}

static int check_owner(const struct at_port *port, u32 portid)
{
	if (!port->tty)
		return -ENODEV;
	return port->owner == portid ? 0 : -EPERM;
}

int at_port_unbind(struct at_port *port, u32 portid)
{
	int err = check_owner(port, portid);

	lockdep_assert_held(&port->lock);
	if (err)
		return err;
	at_port_owner_gone(port);
	return 0;
}

void at_port_owner_gone(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return;
	lose_owner(port);
	at_port_run(port);
}

static void apply(struct at_port *port, const struct at_settings *set)
{
	struct at_framer_cfg cfg = {
		.echo = set->echo,
		.echo_cr = set->echo_cr,
		.repeat = set->repeat,
		.s3 = set->s3,
		.s4 = set->s4,
		.s5 = set->s5,
		.line_max = set->line_max,
	};

	port->set = *set;
	at_framer_set(&port->framer, &cfg);
}

static int check_reply(struct at_port *port, const struct at_reply *reply)
{
	int err = check_owner(port, reply->portid);

	if (err)
		return err;
	if (reply->generation != port->generation || reply->seq != port->seq) {
		port->count[N_AT_C_STALE]++;
		return -ESTALE;
	}
	if (port->mode != N_AT_MODE_EXECUTING)
		return -EPROTO;
	if (reply->out_len > tx_room(port)) {
		port->count[N_AT_C_REFUSED]++;
		port->reply_refused = true;
		return -EAGAIN;
	}
	return 0;
}

static int begin_data(struct at_port *port, u32 len)
{
	port->data = kvmalloc(max_t(u32, len, 1), GFP_KERNEL);
	if (!port->data)
		return -ENOMEM;
	at_framer_data_begin(&port->framer, port->data, len);
	port->last_rx = jiffies;
	port->mode = N_AT_MODE_DATA;
	return 0;
}

int at_port_reply(struct at_port *port, const struct at_reply *reply)
{
	int err = check_reply(port, reply);

	lockdep_assert_held(&port->lock);
	if (!err && reply->wants_data)
		err = begin_data(port, reply->data_len);
	if (err)
		return err;
	port->count[N_AT_C_REPLIES]++;
	output(port, reply->out, reply->out_len);
	if (reply->set)
		apply(port, reply->set);
	if (reply->final)
		port->mode = N_AT_MODE_COMMAND;
	at_port_run(port);
	return 0;
}

int at_port_urc(struct at_port *port, u32 portid, const u8 *buf, size_t n)
{
	int err = check_owner(port, portid);

	lockdep_assert_held(&port->lock);
	if (err)
		return err;
	if (list_empty(&port->urcs) && urc_due(port, jiffies) &&
	    n <= tx_room(port))
		output(port, buf, n);
	else
		err = urc_queue(port, buf, n);
	if (err == -EAGAIN) {
		port->count[N_AT_C_REFUSED]++;
		port->urc_refused = true;
	}
	if (err)
		return err;
	port->count[N_AT_C_URCS]++;
	arm(port);
	return 0;
}

int at_port_set(struct at_port *port, u32 portid,
		const struct at_settings *set)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return -ENODEV;
	if (port->owner && port->owner != portid)
		return -EPERM;
	apply(port, set);
	at_port_run(port);
	return 0;
}

/* -- life ---------------------------------------------------------------- */

static void release(struct kref *ref)
{
	struct at_port *port = container_of(ref, struct at_port, ref);

	put_net(port->net);
	kvfree_sensitive(port->framer.line, N_AT_LINE_MAX);
	kvfree_sensitive(port->rx.buf, AT_RX_FIFO);
	kvfree_sensitive(port->tx.buf, AT_TX_FIFO);
	kvfree(port->rx_flags);
	/* A reader under RCU may still try, and fail, to take a reference. */
	kfree_rcu(port, rcu);
}

void at_port_put(struct at_port *port)
{
	kref_put(&port->ref, release);
}

struct at_port *at_port_create(struct tty_struct *tty, struct net *net,
			       const struct at_port_link_ops *link)
{
	u8 *line = kvmalloc(N_AT_LINE_MAX, GFP_KERNEL);
	struct at_port *port = kzalloc(sizeof(*port), GFP_KERNEL);

	if (!port || !line)
		goto err_free;
	port->rx.buf = kvmalloc(AT_RX_FIFO, GFP_KERNEL);
	port->rx_flags = kvzalloc(AT_RX_FIFO, GFP_KERNEL);
	port->tx.buf = kvmalloc(AT_TX_FIFO, GFP_KERNEL);
	if (!port->rx.buf || !port->rx_flags || !port->tx.buf)
		goto err_queues;

	port->rx.size = AT_RX_FIFO;
	port->tx.size = AT_TX_FIFO;
	kref_init(&port->ref);
	mutex_init(&port->lock);
	INIT_LIST_HEAD(&port->urcs);
	INIT_DELAYED_WORK(&port->timer, timer_work);
	INIT_WORK(&port->wake, wake_work);
	port->net = get_net(net);
	port->link = link;
	port->tty = tty;
	port->mode = N_AT_MODE_COMMAND;
	port->last_rx = jiffies;
	port->ownerless_since = jiffies;
	strscpy(port->name, tty->name, sizeof(port->name));
	at_framer_init(&port->framer, line, N_AT_LINE_MAX,
		       &(struct at_framer_cfg){ .line_max = 64 });
	apply(port, &default_settings);
	return port;

err_queues:
	kvfree(port->tx.buf);
	kvfree(port->rx_flags);
	kvfree(port->rx.buf);
err_free:
	kfree(port);
	kvfree(line);
	return NULL;
}

/*
 * Whoever holds the port after this finds no tty: netlink in a doit, the
 * notifier of a dying owner.  Work of the port is waited for outside the lock,
 * which it takes, and is not queued again: arm() runs only with a tty, and the
 * tty core calls no operation any more.
 */
void at_port_kill(struct at_port *port)
{
	mutex_lock(&port->lock);
	if (port->owner)
		port->link->modem(port, N_AT_EVENT_HANGUP);
	if (port->throttled)
		tty_unthrottle(port->tty);
	port->tty = NULL;
	port->owner = 0;
	forget(port);
	while (!list_empty(&port->urcs))
		urc_free(port, list_first_entry(&port->urcs, struct at_urc,
						node));
	ring_clear(&port->rx);
	ring_clear(&port->tx);
	mutex_unlock(&port->lock);
	cancel_delayed_work_sync(&port->timer);
	cancel_work_sync(&port->wake);
}
