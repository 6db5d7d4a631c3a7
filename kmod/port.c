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
 *              -> EXECUTING.  A final REPLY calls them off -> COMMAND.  If
 *              the owner that asked for them is gone they are taken all the
 *              same, so that none is executed, and get the orphan reply
 *              -> COMMAND.
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
#include "rx.h"
#include "trace.h"
#include "tx.h"

#define RETRY_MS 10
/* Output that waits for the driver is tried again unasked. */
#define LOOK_MS 500

static_assert(AT_FRAMER_OVERLONG == N_AT_FLAG_OVERLONG);
static_assert(AT_FRAMER_DAMAGED == N_AT_FLAG_DAMAGED);
static_assert(AT_FRAMER_BREAK == N_AT_FLAG_BREAK);

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

/* -- what the log says --------------------------------------------------- */

/* Nobody may look at the counters, but everybody looks at the log. */
static void at_port_say_damage(struct at_port *port)
{
	if (port->damage_said || !port->count[N_AT_C_DAMAGED])
		return;
	port->damage_said = true;
	pr_warn("n_at: %s: damaged input: check speed, framing and wiring\n",
		port->name);
}

/* -- lines and data ------------------------------------------------------ */

static void at_port_retry_later(struct at_port *port)
{
	port->retry = true;
	port->retry_at = jiffies + msecs_to_jiffies(RETRY_MS);
}

/* The owner's socket was full a moment ago. */
static bool at_port_must_wait(struct at_port *port)
{
	if (port->retry && !time_before(jiffies, port->retry_at))
		port->retry = false;
	return port->retry;
}

/* For who monitors: of changes between two calls only the outcome counts. */
static void at_port_tell_mode(struct at_port *port)
{
	enum n_at_mode mode = at_port_mode(port);

	if (mode == port->told_mode)
		return;
	port->told_mode = mode;
	trace_n_at_mode(port, mode);
	at_port_copy(port, N_AT_KIND_MODE, 0, NULL, 0);
}

/* The line or data that is given to the owner, or answered for it. */
static void at_port_trace_input(struct at_port *port)
{
	struct at_framer *f = &port->framer;

	if (port->pending == AT_EV_DATA)
		trace_n_at_data(port, f->data_len, f->flags);
	else
		trace_n_at_line(port, f->len, f->flags);
}

/*
 * The line or data is delivered or given up.  Of what was delivered netlink has
 * copies, which it frees as they are.
 */
static void at_port_forget(struct at_port *port)
{
	if (port->data) {
		memzero_explicit(port->framer.data, port->framer.data_len);
		kfree_skb(port->data);
	}
	port->data = NULL;
	port->data_orphaned = false;
	port->pending = AT_EV_NONE;
	at_framer_next(&port->framer);
}

static void at_port_orphan_reply(struct at_port *port)
{
	at_tx_put(port, N_AT_KIND_ORPHAN, port->set.orphan,
		  port->set.orphan_len);
	port->count[N_AT_C_ORPHANED]++;
	at_port_forget(port);
	port->mode = N_AT_MODE_COMMAND;
}

static void at_port_release_owner(struct at_port *port)
{
	if (port->owner)
		port->link->release(port);
	port->owner = NULL;
}

/* A line that was given to the owner is never given to another. */
static void at_port_lose_owner(struct at_port *port)
{
	at_port_release_owner(port);
	port->ownerless_since = get_jiffies_64();
	port->retry = false;
	port->reply_refused = false;
	port->urc_refused = false;
	port->modem.due = 0;
	if (port->mode == N_AT_MODE_EXECUTING)
		at_port_orphan_reply(port); /* from AT_TX_RESERVE if need be */
	else if (port->mode == N_AT_MODE_DATA)
		port->data_orphaned = true;
	at_port_tell_mode(port);
}

/* Data are the owner's from here on, and not looked at any more. */
static int at_port_send_data(struct at_port *port)
{
	struct at_framer *f = &port->framer;
	int err = port->link->data(port, port->data, f->data_len, f->flags);

	if (!err)
		port->data = NULL;
	return err;
}

static int at_port_send_pending(struct at_port *port)
{
	struct at_framer *f = &port->framer;

	if (port->pending == AT_EV_DATA)
		return at_port_send_data(port);
	return port->link->line(port, port->seq + 1, f->line, f->len, f->flags);
}

static void at_port_count_delivered(struct at_port *port)
{
	struct at_framer *f = &port->framer;

	if (port->pending == AT_EV_DATA)
		port->count[N_AT_C_DATA_BYTES] += f->data_len;
	else
		port->count[N_AT_C_LINES]++;
}

static bool at_port_is_transient(int err)
{
	return err == -EAGAIN || err == -ENOMEM;
}

/* Under the lock until mode says so: the answer cannot come before. */
static bool at_port_give_to_owner(struct at_port *port)
{
	int err;

	if (at_port_must_wait(port) || at_ring_free(&port->tx) < AT_TX_RESERVE)
		return false;
	err = at_port_send_pending(port);
	if (at_port_is_transient(err)) {
		at_port_retry_later(port);
		return false;
	}
	if (err) {
		at_port_lose_owner(port);
		return true;
	}
	at_port_count_delivered(port);
	port->seq++;
	at_port_trace_input(port);
	at_port_forget(port);
	port->mode = N_AT_MODE_EXECUTING;
	port->executing_since = get_jiffies_64();
	at_port_tell_mode(port);
	return true;
}

static u64 at_port_rebind_time(const struct at_port *port)
{
	return port->ownerless_since + msecs_to_jiffies(port->set.rebind_ms);
}

static bool at_port_deliver(struct at_port *port)
{
	if (port->owner && !port->data_orphaned)
		return at_port_give_to_owner(port);
	if (!port->data_orphaned &&
	    time_before64(get_jiffies_64(), at_port_rebind_time(port)))
		return false;
	if (port->set.orphan_len > at_tx_room(port))
		return false;
	at_port_trace_input(port);
	at_port_orphan_reply(port);
	at_port_tell_mode(port);
	return true;
}

static u64 at_port_data_deadline(const struct at_port *port)
{
	return port->last_rx + msecs_to_jiffies(port->set.data_timeout_ms);
}

static bool at_port_data_step(struct at_port *port)
{
	if (at_rx_data_step(port))
		return true;
	if (time_before64(get_jiffies_64(), at_port_data_deadline(port)))
		return false;
	port->framer.flags |= N_AT_FLAG_TIMEOUT;
	port->pending = AT_EV_DATA;
	port->count[N_AT_C_DATA_TIMEOUTS]++;
	at_rx_made(port);
	return true;
}

static u64 at_port_exec_deadline(const struct at_port *port)
{
	return port->executing_since +
	       msecs_to_jiffies(port->set.exec_timeout_ms);
}

/* An owner that hangs is as good as none, for one line at a time. */
static bool at_port_exec_step(struct at_port *port)
{
	if (!port->set.exec_timeout_ms ||
	    time_before64(get_jiffies_64(), at_port_exec_deadline(port)))
		return false;
	port->count[N_AT_C_EXEC_TIMEOUTS]++;
	at_port_orphan_reply(port); /* from AT_TX_RESERVE if need be */
	at_port_tell_mode(port);
	return true;
}

/* -- unsolicited results ------------------------------------------------- */

static unsigned long at_port_urc_hold(const struct at_port *port)
{
	return msecs_to_jiffies(port->set.urc_hold_ms);
}

/*
 * L13: not within a line nor within its execution; a half-typed line counts for
 * a while only, and so does a host that never pauses between lines.  Noise,
 * which a host may leave behind or send for ever, is no line.
 */
static bool at_port_urc_is_due(const struct at_port *port, unsigned long since)
{
	if (port->mode != N_AT_MODE_COMMAND || port->pending ||
	    at_line_changing(port))
		return false;
	if (at_framer_half_typed(&port->framer))
		return time_after_eq64(get_jiffies_64(),
				       port->last_rx + at_port_urc_hold(port));
	return !at_rx_waiting(port) ||
	       time_after_eq(jiffies, since + at_port_urc_hold(port));
}

/* One has waited as long as a half-typed line may hold it. */
static bool at_port_urc_is_overdue(struct at_port *port)
{
	struct at_urc *urc = at_urc_first(&port->urcs);

	return urc &&
	       time_after_eq(jiffies, urc->since + at_port_urc_hold(port));
}

/* Only the half-typed line holds it back. */
static bool at_port_urc_waits_for_time(struct at_port *port)
{
	struct at_urc *urc = at_urc_first(&port->urcs);

	return urc && urc->len <= at_tx_room(port) && !port->pending &&
	       port->mode == N_AT_MODE_COMMAND &&
	       at_framer_half_typed(&port->framer);
}

static bool at_port_urc_step(struct at_port *port)
{
	struct at_urc *urc = at_urc_first(&port->urcs);

	if (!urc || !at_port_urc_is_due(port, urc->since) ||
	    urc->len > at_tx_room(port))
		return false;
	at_tx_put(port, N_AT_KIND_URC, urc->buf, urc->len);
	at_urc_drop(&port->urcs, urc);
	return true;
}

/* -- one step after the other -------------------------------------------- */

/* Its time may come between any two bytes of noise. */
static size_t at_port_line_max(struct at_port *port)
{
	return at_port_urc_is_overdue(port) ? 1 : SIZE_MAX;
}

/* True: something was done, and there may be more. */
static bool at_port_step(struct at_port *port)
{
	if (port->mode == N_AT_MODE_EXECUTING)
		return at_port_exec_step(port);
	if (at_line_changing(port))
		return false;
	if (port->pending)
		return at_port_deliver(port);
	if (port->mode == N_AT_MODE_DATA)
		return at_port_data_step(port);
	return at_port_urc_step(port) ||
	       at_rx_line_step(port, at_port_line_max(port));
}

/* -- time ---------------------------------------------------------------- */

static bool at_port_line_waits_for_owner(const struct at_port *port)
{
	return port->pending && !port->owner && !port->data_orphaned &&
	       port->set.orphan_len <= at_tx_room(port);
}

/*
 * False: there is no time to wait for.  A deadline that has passed, because of
 * a tick just now, is one too; but what waits for room in tx has none, or its
 * timer would fire without end.
 */
static bool at_port_next_step(struct at_port *port, unsigned long *at)
{
	if (port->corked)
		*at = jiffies + 1;
	else if (port->retry)
		*at = port->retry_at;
	else if (port->mode == N_AT_MODE_EXECUTING && port->set.exec_timeout_ms)
		*at = at_port_exec_deadline(port);
	else if (at_line_changing(port))
		return false;
	else if (port->mode == N_AT_MODE_DATA && !port->pending)
		*at = at_port_data_deadline(port);
	else if (at_port_line_waits_for_owner(port))
		*at = at_port_rebind_time(port);
	else if (at_port_urc_waits_for_time(port))
		*at = port->last_rx + at_port_urc_hold(port);
	else
		return false;
	return true;
}

static bool at_port_sooner(bool any, unsigned long *at, unsigned long other)
{
	if (!any || time_before(other, *at))
		*at = other;
	return true;
}

/*
 * tty_wakeup() tells nobody while somebody has the ldisc_sem for writing, which
 * is so for a moment with each TIOCSETD, the same discipline's too: for what
 * waits in tx the driver is not relied upon.
 */
static bool at_port_next_deadline(struct at_port *port, unsigned long *at)
{
	bool any = at_port_next_step(port, at);

	if (at_tx_waits(port))
		any = at_port_sooner(any, at,
				     jiffies + msecs_to_jiffies(LOOK_MS));
	if (port->modem.broken)
		any = at_port_sooner(any, at, port->modem.reset_at);
	return any;
}

/*
 * A timer that fires early is armed again by its own work, so a deadline that
 * moves on with each byte costs nothing.  Dead ports arm nothing.
 */
static void at_port_arm(struct at_port *port)
{
	unsigned long at, now = jiffies;

	if (!at_port_next_deadline(port, &at))
		return;
	if (port->timer_on && !time_before(at, port->timer_at))
		return;
	port->timer_on = true;
	port->timer_at = at;
	mod_delayed_work(at_system_wq, &port->timer,
			 time_after(at, now) ? at - now : 0);
}

/* Each for itself: a reply must not wait for results that wait for it. */
static bool at_port_has_space(const struct at_port *port)
{
	return (port->reply_refused && at_tx_is_low(port)) ||
	       (port->urc_refused && at_urc_is_low(&port->urcs));
}

static void at_port_tell_space(struct at_port *port)
{
	int err;

	if (at_port_must_wait(port) || !port->owner || !at_port_has_space(port))
		return;
	err = port->link->tx_space(port);
	if (at_port_is_transient(err)) {
		at_port_retry_later(port);
		return;
	}
	port->reply_refused = false;
	port->urc_refused = false;
}

/* The loss of a line, whose number is higher, before its return. */
static void at_port_tell_events(struct at_port *port)
{
	enum n_at_event event;

	at_modem_time(port);
	while (port->modem.due && !at_port_must_wait(port)) {
		event = __fls(port->modem.due);
		if (at_port_is_transient(port->link->modem(port, event)))
			at_port_retry_later(port);
		else
			port->modem.due &= ~BIT(event);
	}
}

static void at_port_settle(struct at_port *port)
{
	at_port_tell_space(port);
	at_port_tell_events(port);
	at_rx_restart(port);
	at_port_arm(port);
}

static void at_port_frame(struct at_port *port)
{
	while (at_port_step(port))
		;
}

static void at_port_advance(struct at_port *port)
{
	at_port_frame(port);
	if (port->corked && !at_tx_may_collect(port))
		at_tx_drain(port);
	if (port->throttled)
		at_rx_unthrottle(port);
	at_port_settle(port);
}

void at_port_run(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return;
	at_tx_drain(port);
	at_port_advance(port);
}

static void at_port_timer_work(struct work_struct *work)
{
	struct at_port *port =
		container_of(work, struct at_port, timer.work);

	mutex_lock(&port->lock);
	port->timer_on = false;
	at_port_run(port);
	mutex_unlock(&port->lock);
}

/* -- from the driver ----------------------------------------------------- */

static size_t at_port_take(struct at_port *port, const u8 *buf,
			   const char *flags, size_t n)
{
	size_t took = 0, k;

	do {
		k = at_rx_begin(port, buf + took, flags ? flags + took : NULL,
				n - took);
		at_port_frame(port);
		k -= at_rx_end(port);
		took += k;
	} while (k && took < n);
	return took;
}

size_t at_port_receive(struct at_port *port, const u8 *buf, const char *flags,
		       size_t n)
{
	size_t took;

	mutex_lock(&port->lock);
	if (!port->tty) {
		took = n;
		goto out;
	}
	took = at_port_take(port, buf, flags, n);
	at_port_say_damage(port);
	at_modem_heard(port, took == n && flags && flags[n - 1] == TTY_BREAK);
	if (took < n) {
		port->rx_refused = true;
		at_rx_throttle(port);
	}
	at_rx_unthrottle(port);
	at_port_settle(port);
out:
	mutex_unlock(&port->lock);
	return took;
}

void at_port_lookahead(struct at_port *port, const u8 *buf, const u8 *flags,
		       size_t n)
{
	mutex_lock(&port->lock);
	if (port->tty) {
		at_rx_look(port, buf, flags, n);
		at_port_advance(port); /* an XON may have made room */
	}
	mutex_unlock(&port->lock);
}

static void at_port_drop_input(struct at_port *port)
{
	at_rx_clear(port);
	port->ahead = 0;
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
		at_port_drop_input(port);
	mutex_unlock(&port->lock);
}

/*
 * Whoever has the lock has done with the driver by then; those works that use it
 * without are waited for, and find it closed when they begin later.
 */
void at_port_leave_driver(struct at_port *port)
{
	mutex_lock(&port->lock);
	WRITE_ONCE(port->closing, true);
	mutex_unlock(&port->lock);
	at_line_cancel(port);
	at_modem_cancel(port);
	cancel_work_sync(&port->wake);
}

void at_port_wake(struct at_port *port)
{
	queue_work(at_system_wq, &port->wake);
}

u32 at_port_unsent(struct at_port *port)
{
	u32 n;

	mutex_lock(&port->lock);
	n = at_ring_used(&port->tx);
	mutex_unlock(&port->lock);
	return n;
}

/* The driver raises RTS in ->unthrottle only while CRTSCTS is set. */
static bool at_port_rts_is_stuck(struct at_port *port)
{
	struct tty_struct *driver = at_port_driver(port);
	struct at_line line;

	if (!test_and_clear_bit(AT_PORT_RTS_STUCK, &port->events) || !driver)
		return false;
	at_line_get(port, &line);
	return !(line.flow & N_AT_FLOW_RTS_CTS) && driver->ops->tiocmset;
}

static void at_port_wake_work(struct work_struct *work)
{
	struct at_port *port = container_of(work, struct at_port, wake);
	struct tty_struct *stuck = NULL;

	mutex_lock(&port->lock);
	if (!port->tty)
		goto out;
	if (test_and_clear_bit(AT_PORT_DCD_ON, &port->events))
		at_modem_dcd(port, true);
	if (test_and_clear_bit(AT_PORT_DCD_OFF, &port->events))
		at_modem_dcd(port, false);
	if (test_and_clear_bit(AT_PORT_IXON_OFF, &port->events))
		at_tx_start(port);
	if (test_and_clear_bit(AT_PORT_DAMAGE_OFF, &port->events))
		at_line_look(port);
	if (at_port_rts_is_stuck(port))
		stuck = port->tty;
	at_port_run(port);
out:
	mutex_unlock(&port->lock);
	/* The driver's own mutex; who closes it waits for us. */
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

int at_port_bind(struct at_port *port, struct sock *sk)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return -ENODEV;
	if (port->owner)
		return -EBUSY;
	port->owner = sk;
	at_port_tell_mode(port);
	return 0;
}

static int at_port_check_owner(const struct at_port *port,
			       const struct sock *sk)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty)
		return -ENODEV;
	return port->owner == sk ? 0 : -EPERM;
}

int at_port_unbind(struct at_port *port, struct sock *sk)
{
	int err = at_port_check_owner(port, sk);

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
	at_port_lose_owner(port);
	at_port_run(port);
}

static void at_port_apply(struct at_port *port, const struct at_settings *set)
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
	if (set->has_line)
		at_line_change(port, &set->line);
	at_modem_watch(port);
}

/* Counted data can be called off by whoever asked for them. */
static bool at_port_takes_reply(const struct at_port *port,
				const struct at_reply *reply)
{
	if (port->mode == N_AT_MODE_DATA)
		return reply->final;
	return port->mode == N_AT_MODE_EXECUTING;
}

static int at_port_check_reply(struct at_port *port,
			       const struct at_reply *reply)
{
	int err = at_port_check_owner(port, reply->from);

	if (err)
		return err;
	if (reply->seq != port->seq) {
		port->count[N_AT_C_STALE]++;
		return -ESTALE;
	}
	if (!at_port_takes_reply(port, reply))
		return -EPROTO;
	if (reply->out_len > at_tx_room(port)) {
		port->count[N_AT_C_REFUSED]++;
		port->reply_refused = true;
		port->executing_since = get_jiffies_64(); /* it will come */
		return -EAGAIN;
	}
	return 0;
}

static int at_port_begin_data(struct at_port *port, u32 len)
{
	u8 *buf;

	port->data = port->link->data_new(port, port->seq + 1, len, &buf);
	if (!port->data)
		return -ENOMEM;
	at_framer_data_begin(&port->framer, buf, len);
	port->last_rx = get_jiffies_64();
	port->mode = N_AT_MODE_DATA;
	return 0;
}

int at_port_reply(struct at_port *port, const struct at_reply *reply)
{
	int err = at_port_check_reply(port, reply);

	if (!err && reply->wants_data)
		err = at_port_begin_data(port, reply->data_len);
	if (err)
		return err;
	if (reply->final && port->mode == N_AT_MODE_DATA)
		at_port_forget(port);
	port->executing_since = get_jiffies_64();
	port->count[N_AT_C_REPLIES]++;
	trace_n_at_reply(port, reply);
	/* What changes with the settings must not wait for another line. */
	port->corked = reply->final && !reply->set;
	if (!port->corked)
		at_tx_drain(port);
	at_tx_put(port, N_AT_KIND_REPLY, reply->out, reply->out_len);
	if (reply->set)
		at_port_apply(port, reply->set);
	if (reply->final)
		port->mode = N_AT_MODE_COMMAND;
	at_port_tell_mode(port);
	at_port_advance(port);
	return 0;
}

int at_port_urc(struct at_port *port, struct sock *sk, const u8 *buf, size_t n)
{
	int err = at_port_check_owner(port, sk);

	if (err)
		return err;
	if (!at_urc_first(&port->urcs) && at_port_urc_is_due(port, jiffies) &&
	    n <= at_tx_room(port))
		at_tx_put(port, N_AT_KIND_URC, buf, n);
	else
		err = at_urc_add(&port->urcs, buf, n);
	if (err == -EAGAIN) {
		port->count[N_AT_C_REFUSED]++;
		port->urc_refused = true;
	}
	if (err)
		return err;
	port->count[N_AT_C_URCS]++;
	trace_n_at_urc(port, n);
	at_port_arm(port);
	return 0;
}

int at_port_set(struct at_port *port, struct sock *sk,
		const struct at_settings *set)
{
	int err = at_port_check_owner(port, sk ?: port->owner);

	if (err)
		return err;
	at_port_apply(port, set);
	at_port_run(port);
	return 0;
}

void at_port_count(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	at_rx_count_lost(port);
	port->count[N_AT_C_NOISE_BYTES] = port->framer.noise;
}

/* -- life ---------------------------------------------------------------- */

static void at_port_release(struct kref *ref)
{
	struct at_port *port = container_of(ref, struct at_port, ref);

	kvfree_sensitive(port->framer.line, N_AT_LINE_MAX);
	kvfree_sensitive(port->rx.buf, AT_RX_FIFO);
	kvfree_sensitive(port->tx.buf, AT_TX_FIFO);
	kvfree(port->rx_flags);
	/* A reader under RCU may still try, and fail, to take a reference. */
	kfree_rcu(port, rcu);
}

void at_port_put(struct at_port *port)
{
	kref_put(&port->ref, at_port_release);
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
	/* As the core does with its own: the ends of a pty are two classes. */
	lockdep_set_subclass(&port->lock, at_line_is_pty_master(tty));
	at_urc_init(&port->urcs);
	INIT_DELAYED_WORK(&port->timer, at_port_timer_work);
	INIT_WORK(&port->wake, at_port_wake_work);
	at_line_init(port, tty);
	at_modem_init(port);
	port->net = net;
	port->link = link;
	port->tty = tty;
	port->mode = N_AT_MODE_COMMAND;
	port->told_mode = N_AT_MODE_ORPHAN;
	port->last_rx = get_jiffies_64();
	port->ownerless_since = get_jiffies_64();
	port->owner_uid = INVALID_UID;
	port->owner_gid = INVALID_GID;
	port->device = tty_devnum(tty);
	strscpy(port->name, tty->name, sizeof(port->name));
	at_framer_init(&port->framer, line, N_AT_LINE_MAX,
		       &(struct at_framer_cfg){ .line_max = 64 });
	mutex_lock(&port->lock);
	at_port_apply(port, &default_settings);
	at_rx_count_lost(port); /* that was before us */
	port->count[N_AT_C_LOST] = 0;
	mutex_unlock(&port->lock);
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
 * which it takes, and is not queued again: at_port_arm() runs only with a tty,
 * and the tty core calls no operation any more.
 */
void at_port_kill(struct at_port *port)
{
	struct tty_struct *tty = port->tty;

	mutex_lock(&port->lock);
	if (port->owner)
		port->link->modem(port, N_AT_EVENT_HANGUP);
	at_ring_clear(&port->tx);
	at_rx_release(port); /* for the next discipline */
	at_tx_start(port);
	port->tty = NULL;
	at_port_release_owner(port);
	at_port_forget(port);
	at_urc_clear(&port->urcs);
	at_rx_clear(port);
	mutex_unlock(&port->lock);
	cancel_delayed_work_sync(&port->timer);
	cancel_work_sync(&port->wake);
	at_line_cancel(port);
	at_modem_cancel(port);
	at_line_return_damage(port, tty);
}
