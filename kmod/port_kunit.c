// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The port on a tty and a link that are fakes.  Time is not waited for: a test
 * moves the port's own stamps into the past.  K1 to K21 are the faults of other
 * line disciplines that n_at must not repeat.
 */
#define NOTRACE /* the tracepoints are n_at.ko's */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/module.h>

#include "compat.h"

/* What a tty without a driver does not take: fakes stand below. */
static int fake_set_termios(struct tty_struct *tty, struct ktermios *t);
static void fake_stop(struct tty_struct *tty);
static void fake_start(struct tty_struct *tty);

#define tty_set_termios(tty, t) fake_set_termios(tty, t)
#define stop_tty(tty) fake_stop(tty)
#define start_tty(tty) fake_start(tty)

#include "rx.c"
#include "tx.c"
#include "urc.c"
#include "line.c"
#include "modem.c"
#include "port.c"

/* Looked at by nobody but for who they are. */
#define OWNER ((struct sock *)77)
#define STRANGER ((struct sock *)78)
#define DROPPED_BEFORE 100
#define OUT_SIZE (3 * AT_TX_FIFO)

/* What the fake driver and the fake daemon saw. */
struct bench {
	struct kunit *test;
	struct tty_struct tty;
	struct tty_port tty_port;
	struct at_port *port;

	u8 *out; /* what was written to the driver */
	size_t out_len;
	int writes;
	size_t write_room; /* the driver takes no more than this in all */
	int write_error; /* what ->write returns if not 0 */
	int throttles;
	int unthrottles;
	int rts;
	int stops;
	int dropped; /* by the driver, since it was loaded */
	int icount_err;
	int starts;
	unsigned int unsent; /* what ->chars_in_buffer tells */
	int changes; /* of the termios */
	u32 speed_meanwhile; /* what the owner asks for during one, or 0 */
	size_t out_at_change; /* bytes written by then */
	atomic_t restarts; /* of the flip buffer */

	int link_error; /* what line and data return if not 0 */
	int space_error; /* and tx_space */
	int tries;
	char line[64]; /* the last line or data, and how many there were */
	size_t line_len;
	u32 line_flags;
	u32 seq;
	u32 data_seq; /* of the data that were asked for */
	bool no_memory; /* for data */
	int released; /* owners */
	int lines;
	int datas;
	int spaces;
	unsigned long events; /* bits of enum n_at_event */
	char told[16]; /* the events as digits, in order */
	int event_error; /* and modem */
	int copies; /* of events, for who monitors */
	int modem; /* what ->tiocmget tells */
	int looks;
};

static struct bench *bench_of(struct at_port *port)
{
	return container_of(port->tty, struct bench, tty);
}

/* -- the fake driver ----------------------------------------------------- */

static int take_output(struct bench *b, const u8 *buf, size_t n)
{
	b->writes++;
	if (b->write_error)
		return b->write_error;
	n = min(n, b->write_room);
	n = min(n, OUT_SIZE - b->out_len);
	memcpy(b->out + b->out_len, buf, n);
	b->out_len += n;
	b->write_room -= n;
	return n;
}

static struct bench *bench_of_tty(struct tty_struct *tty)
{
	return container_of(tty, struct bench, tty);
}

static at_write_t fake_write(struct tty_struct *tty, const unsigned char *buf,
			     at_write_count_t n)
{
	return take_output(bench_of_tty(tty), buf, n);
}

static void fake_throttle(struct tty_struct *tty)
{
	bench_of_tty(tty)->throttles++;
}

static void fake_unthrottle(struct tty_struct *tty)
{
	bench_of_tty(tty)->unthrottles++;
}

static int fake_tiocmset(struct tty_struct *tty, unsigned int set,
			 unsigned int clear)
{
	bench_of_tty(tty)->rts += !!(set & TIOCM_RTS);
	return 0;
}

static int fake_tiocmget(struct tty_struct *tty)
{
	struct bench *b = bench_of_tty(tty);

	b->looks++;
	return b->modem;
}

static void set_speed_meanwhile(struct bench *b)
{
	struct at_settings set;

	if (!b->speed_meanwhile)
		return;
	mutex_lock(&b->port->lock);
	set = b->port->set;
	at_line_get(b->port, &set.line);
	set.line.speed = b->speed_meanwhile;
	set.has_line = true;
	b->speed_meanwhile = 0;
	at_port_set(b->port, b->port->owner, &set);
	mutex_unlock(&b->port->lock);
}

static int fake_set_termios(struct tty_struct *tty, struct ktermios *t)
{
	struct bench *b = bench_of_tty(tty);

	b->changes++;
	b->out_at_change = b->out_len;
	set_speed_meanwhile(b);
	tty->termios = *t;
	at_line_note(b->port, tty);
	return 0;
}

static void fake_stop(struct tty_struct *tty)
{
	bench_of_tty(tty)->stops++;
}

static void fake_start(struct tty_struct *tty)
{
	bench_of_tty(tty)->starts++;
}

static at_room_t fake_chars_in_buffer(struct tty_struct *tty)
{
	return bench_of_tty(tty)->unsent;
}

static int fake_get_icount(struct tty_struct *tty,
			   struct serial_icounter_struct *icount)
{
	struct bench *b = bench_of_tty(tty);

	icount->buf_overrun = b->dropped;
	return b->icount_err;
}

static struct tty_driver fake_driver;

static const struct tty_operations full_ops = {
	.write = fake_write,
	.chars_in_buffer = fake_chars_in_buffer,
	.throttle = fake_throttle,
	.unthrottle = fake_unthrottle,
	.tiocmset = fake_tiocmset,
	.tiocmget = fake_tiocmget,
	.get_icount = fake_get_icount,
};

static const struct tty_operations bare_ops = {
	.write = fake_write,
};

static void fake_flip(struct work_struct *work)
{
	atomic_inc(&container_of(work, struct bench, tty_port.buf.work)
			    ->restarts);
}

/* -- the fake daemon ----------------------------------------------------- */

static int take_input(struct bench *b, u32 seq, const u8 *buf, size_t n,
		      u32 flags, int *count)
{
	b->tries++;
	if (b->link_error)
		return b->link_error;
	b->line_len = n;
	memcpy(b->line, buf, min(n, sizeof(b->line)));
	b->line_flags = flags;
	b->seq = seq;
	(*count)++;
	return 0;
}

static int fake_line(struct at_port *port, u32 seq, const u8 *buf, size_t n,
		     u32 flags)
{
	struct bench *b = bench_of(port);

	return take_input(b, seq, buf, n, flags, &b->lines);
}

static struct sk_buff *fake_data_new(struct at_port *port, u32 seq, size_t n,
				     u8 **buf)
{
	struct sk_buff *skb;

	if (bench_of(port)->no_memory)
		return NULL;
	skb = alloc_skb(n, GFP_KERNEL);
	if (!skb)
		return NULL;
	*buf = skb_put(skb, n);
	bench_of(port)->data_seq = seq;
	return skb;
}

static int fake_data(struct at_port *port, struct sk_buff *skb, size_t n,
		     u32 flags)
{
	struct bench *b = bench_of(port);
	int err = take_input(b, b->data_seq, skb->data, n, flags, &b->datas);

	if (!err)
		kfree_skb(skb);
	return err;
}

static int fake_tx_space(struct at_port *port)
{
	bench_of(port)->spaces++;
	return bench_of(port)->space_error;
}

static int fake_modem(struct at_port *port, enum n_at_event event)
{
	struct bench *b = bench_of(port);

	if (b->event_error)
		return b->event_error;
	b->events |= BIT(event);
	snprintf(b->told + strlen(b->told), sizeof(b->told) - strlen(b->told),
		 "%u", event);
	return 0;
}

static void fake_copies(struct at_port *port, enum n_at_kind kind, u32 flags,
			const u8 *buf, size_t n)
{
	if (kind == N_AT_KIND_EVENT)
		bench_of(port)->copies++;
}

static void fake_release(struct at_port *port)
{
	if (port->tty)
		bench_of(port)->released++;
}

static const struct at_port_link_ops fake_link = {
	.line = fake_line,
	.data_new = fake_data_new,
	.data = fake_data,
	.tx_space = fake_tx_space,
	.modem = fake_modem,
	.copies = fake_copies,
	.release = fake_release,
};

/* -- helpers ------------------------------------------------------------- */

static void bench_free(void *p)
{
	struct bench *b = p;

	if (b->port->tty)
		at_port_kill(b->port);
	at_port_put(b->port);
	flush_work(&b->tty_port.buf.work);
}

/* A port without an owner on a driver that takes everything, no echo. */
static struct bench *bench_new(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct at_settings set = default_settings;

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->out = kunit_kzalloc(test, OUT_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b->out);
	b->test = test;
	b->write_room = OUT_SIZE;
	b->tty.ops = &full_ops;
	b->dropped = DROPPED_BEFORE;
	b->tty.driver = &fake_driver;
	b->tty.termios = tty_std_termios;
	b->tty.termios.c_iflag |= DAMAGE_ON;
	b->tty.port = &b->tty_port;
	init_rwsem(&b->tty.termios_rwsem);
	mutex_init(&b->tty.throttle_mutex);
	INIT_WORK(&b->tty_port.buf.work, fake_flip);
	b->port = at_port_create(&b->tty, &init_net, &fake_link);
	KUNIT_ASSERT_NOT_NULL(test, b->port);
	test->priv = b;
	set.echo = 0;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, NULL, &set);
	mutex_unlock(&b->port->lock);
	return b;
}

static int bind(struct bench *b, struct sock *sk)
{
	int err;

	mutex_lock(&b->port->lock);
	err = at_port_bind(b->port, sk);
	at_port_run(b->port);
	mutex_unlock(&b->port->lock);
	return err;
}

static struct bench *bench_bound(struct kunit *test)
{
	struct bench *b = bench_new(test);

	KUNIT_ASSERT_EQ(test, bind(b, OWNER), 0);
	return b;
}

static size_t rx(struct bench *b, const char *s)
{
	return at_port_receive(b->port, s, NULL, strlen(s));
}

static size_t rx_flagged(struct bench *b, const char *s, size_t n,
			 const char *flags)
{
	return at_port_receive(b->port, s, flags, n);
}

static int reply_with(struct bench *b, struct at_reply r)
{
	int err;

	mutex_lock(&b->port->lock);
	err = at_port_reply(b->port, &r);
	mutex_unlock(&b->port->lock);
	return err;
}

static struct at_reply reply_of(struct bench *b, const char *s)
{
	return (struct at_reply){
		.from = OWNER,
		.seq = b->seq,
		.out = s,
		.out_len = strlen(s),
	};
}

static int final(struct bench *b, const char *s)
{
	struct at_reply r = reply_of(b, s);

	r.final = true;
	return reply_with(b, r);
}

static int want_data(struct bench *b, u32 n)
{
	struct at_reply r = reply_of(b, ">");

	r.wants_data = true;
	r.data_len = n;
	return reply_with(b, r);
}

static int urc(struct bench *b, const char *s)
{
	int err;

	mutex_lock(&b->port->lock);
	err = at_port_urc(b->port, OWNER, s, strlen(s));
	mutex_unlock(&b->port->lock);
	return err;
}

static void owner_dies(struct bench *b)
{
	mutex_lock(&b->port->lock);
	at_port_owner_gone(b->port);
	mutex_unlock(&b->port->lock);
}

/* As if @ms had passed. */
static void later(struct bench *b, unsigned int ms)
{
	struct at_port *port = b->port;
	unsigned long d = msecs_to_jiffies(ms);
	struct at_urc *u;

	mutex_lock(&port->lock);
	port->last_rx -= d;
	port->ownerless_since -= d;
	port->executing_since -= d;
	port->retry_at -= d;
	port->modem.reset_at -= d;
	port->modem.damaged_at -= d;
	list_for_each_entry(u, &port->urcs.list, node)
		u->since -= d;
	at_port_run(port);
	mutex_unlock(&port->lock);
}

/* The driver has room again and says so. */
static void driver_drains(struct bench *b, size_t room)
{
	b->write_room = room;
	at_port_wake(b->port);
	flush_work(&b->port->wake);
}

static void set_echo(struct bench *b, bool on)
{
	struct at_settings set = b->port->set;

	set.echo = on;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, b->port->owner, &set);
	mutex_unlock(&b->port->lock);
}

/* Answers that collect go out with the next tick. */
static void tick(struct bench *b)
{
	if (b->port->corked)
		later(b, 0);
}

/* What was written to the driver since the last look. */
static void expect_out(struct bench *b, const char *s)
{
	size_t n = strlen(s);

	tick(b);
	KUNIT_EXPECT_TRUE_MSG(b->test,
			      b->out_len == n && !memcmp(b->out, s, n),
			      "output %*pEp, not %*pEp", (int)b->out_len,
			      b->out, (int)n, s);
	b->out_len = 0;
}

/* The last line or data that was delivered. */
static void expect_line(struct bench *b, const char *s)
{
	size_t n = strlen(s);

	KUNIT_EXPECT_TRUE_MSG(b->test,
			      b->line_len == n && !memcmp(b->line, s, n),
			      "line %*pEp, not %*pEp", (int)b->line_len,
			      b->line, (int)n, s);
}

#define ERROR_REPLY "\r\nERROR\r\n"

/* -- lines and replies --------------------------------------------------- */

static void receive_line_goes_to_owner(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	KUNIT_EXPECT_EQ(test, rx(b, "AT+X\r"), 5);
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	KUNIT_EXPECT_EQ(test, b->seq, 1);
	expect_line(b, "AT+X");
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_EXECUTING);
	KUNIT_EXPECT_EQ(test, final(b, "OK"), 0);
	expect_out(b, "OK");
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_COMMAND);
}

static void receive_echoes_before_the_answer(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_echo(b, true);
	rx(b, "AT\r\n");
	final(b, "OK");
	expect_out(b, "AT\rOK");
}

static void receive_second_line_waits_for_final(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT1\r\nAT2\r\n");
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	reply_with(b, reply_of(b, "part"));
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	final(b, "OK1");
	KUNIT_EXPECT_EQ(test, b->lines, 2);
	expect_line(b, "AT2");
	expect_out(b, "partOK1");
}

static void reply_collects_while_the_next_line_executes(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT1\rAT2\rAT3\r");
	final(b, "OK1");
	final(b, "OK2");
	KUNIT_EXPECT_EQ(test, b->out_len, 0);
	final(b, "OK3");
	KUNIT_EXPECT_EQ(test, b->out_len, 9);
	expect_out(b, "OK1OK2OK3");
}

static void reply_collects_a_tick_at_most(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	rx(b, "AT1\rAT2\r");
	final(b, "OK1");
	for (i = 0; i < 50 && READ_ONCE(b->out_len) < 3; i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, b->out_len, 3);
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_EXECUTING);
}

static void reply_collects_no_more_than_a_buffer(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	char part[1025];

	memset(part, 'x', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	rx(b, "AT1\rAT2\rAT3\r");
	final(b, part);
	KUNIT_EXPECT_EQ(test, b->out_len, 0);
	final(b, part);
	KUNIT_EXPECT_EQ(test, b->out_len, CORK_MAX);
}

static void reply_with_settings_or_a_prompt_collects_nothing(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_settings set = b->port->set;
	struct at_reply r;

	rx(b, "AT1\rAT2\rAT3\r");
	final(b, "OK1");
	r = reply_of(b, "OK2");
	r.set = &set;
	r.final = true;
	reply_with(b, r);
	KUNIT_EXPECT_EQ(test, b->out_len, 6);
	want_data(b, 1);
	KUNIT_EXPECT_EQ(test, b->out_len, 7);
}

/* K3: the tty core may still deliver while the discipline goes. */
static void receive_on_dead_port_touches_nothing(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, rx(b, "AT\r"), 3);
	KUNIT_EXPECT_EQ(test, b->lines, 0);
	expect_out(b, "");
}

/* K6 */
static void receive_overlong_line_is_told_without_bytes(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	rx(b, "AT");
	for (i = 0; i < 500; i++)
		KUNIT_ASSERT_EQ(test, rx(b, "0123456789"), 10);
	rx(b, "\r");
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	KUNIT_EXPECT_EQ(test, b->line_len, 0);
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_OVERLONG);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_OVERLONG], 1);
}

static void receive_damaged_line_is_flagged_and_counted(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static const char flags[] = { TTY_NORMAL, TTY_NORMAL, TTY_PARITY,
				      TTY_FRAME, TTY_OVERRUN, TTY_BREAK,
				      TTY_NORMAL };

	KUNIT_EXPECT_EQ(test, rx_flagged(b, "ATxy\0\0\r", 7, flags), 7);
	expect_line(b, "ATxy");
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_DAMAGED);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_PARITY], 1);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_FRAME], 1);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_OVERRUN], 1);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_BREAK], 1);
	KUNIT_EXPECT_EQ(test, b->port->rx_marked, 0);
	KUNIT_EXPECT_EQ(test, b->events, 0);
}

/* A line that waits in the fifo keeps its damage, and only its own. */
static void receive_damage_waits_with_its_line(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static const char flags[] = { TTY_NORMAL, TTY_NORMAL, TTY_PARITY,
				      TTY_NORMAL };

	rx(b, "AT1\r");
	rx_flagged(b, "AT2\r", 4, flags);
	rx(b, "AT3\r");
	KUNIT_EXPECT_EQ(test, b->line_flags, 0);
	final(b, "");
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_DAMAGED);
	final(b, "");
	KUNIT_EXPECT_EQ(test, b->line_flags, 0);
	expect_line(b, "AT3");
}

/* Only what was lost since the port is there; 32 bits go round. */
static void lost_is_what_the_driver_dropped_meanwhile(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u64 *lost = &b->port->count[N_AT_C_LOST];

	KUNIT_EXPECT_EQ(test, *lost, 0);
	b->dropped += 3;
	mutex_lock(&b->port->lock);
	at_port_count(b->port);
	mutex_unlock(&b->port->lock);
	mutex_lock(&b->port->lock);
	at_port_count(b->port);
	mutex_unlock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, *lost, 3);
	b->icount_err = -EIO;
	b->dropped = INT_MIN;
	mutex_lock(&b->port->lock);
	at_port_count(b->port);
	mutex_unlock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, *lost, 3);
	b->icount_err = 0;
	mutex_lock(&b->port->lock);
	at_port_count(b->port);
	mutex_unlock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, *lost, 3 + (u32)INT_MIN - 3 - DROPPED_BEFORE);
	b->tty.ops = &bare_ops;
	mutex_lock(&b->port->lock);
	at_port_count(b->port);
	mutex_unlock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, *lost, 3 + (u32)INT_MIN - 3 - DROPPED_BEFORE);
}

static void receive_unknown_flag_is_clean(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx_flagged(b, "AT\r", 3, "\x7f\x80\xff");
	KUNIT_EXPECT_EQ(test, b->line_flags, 0);
	KUNIT_EXPECT_EQ(test, b->lines, 1);
}

static void reply_of_another_line_is_stale(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_reply r;

	rx(b, "AT\r");
	r = reply_of(b, "no");
	r.seq++;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), -ESTALE);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_STALE], 1);
	expect_out(b, "");
}

static void reply_of_stranger_is_refused(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_reply r;

	rx(b, "AT\r");
	r = reply_of(b, "no");
	r.from = STRANGER;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), -EPERM);
	expect_out(b, "");
}

static void reply_after_final_is_refused(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	KUNIT_EXPECT_EQ(test, final(b, "OK"), 0);
	KUNIT_EXPECT_EQ(test, final(b, "OK"), -EPROTO);
	expect_out(b, "OK");
}

static void reply_settings_take_effect_behind_its_output(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_settings set = b->port->set;
	struct at_reply r;

	set_echo(b, true);
	rx(b, "ATE0\rAT\r");
	r = reply_of(b, "OK");
	r.final = true;
	r.set = &set;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	KUNIT_EXPECT_EQ(test, b->lines, 2);
	expect_out(b, "ATE0\rOK");
}

static void bind_of_owned_port_is_refused(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	KUNIT_EXPECT_EQ(test, bind(b, STRANGER), -EBUSY);
	KUNIT_EXPECT_PTR_EQ(test, b->port->owner, OWNER);
}

/* K2: settings change while a line is typed, and while one waits. */
static void set_within_a_line_is_safe(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_settings set = b->port->set;
	int i;

	rx(b, "AT");
	for (i = 0; i < 100; i++)
		rx(b, "0123456789");
	set.line_max = 64;
	mutex_lock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, at_port_set(b->port, STRANGER, &set), -EPERM);
	KUNIT_EXPECT_EQ(test, at_port_set(b->port, OWNER, &set), 0);
	mutex_unlock(&b->port->lock);
	rx(b, "\r");
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_OVERLONG);
	KUNIT_EXPECT_EQ(test, b->line_len, 0);
}

/* -- flow control -------------------------------------------------------- */

static void fill(struct bench *b, size_t n)
{
	while (n--)
		KUNIT_ASSERT_EQ(b->test, rx(b, "x"), 1);
}

static void receive_beyond_fifo_is_not_taken(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	fill(b, AT_RX_FIFO - 1);
	KUNIT_EXPECT_EQ(test, rx(b, "yz"), 1);
	KUNIT_EXPECT_EQ(test, rx(b, "z"), 0);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_RX_BYTES], 3 + AT_RX_FIFO);
	flush_work(&b->tty_port.buf.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->restarts), 0);
	final(b, "OK");
	flush_work(&b->tty_port.buf.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&b->restarts), 1);
	KUNIT_EXPECT_EQ(test, rx(b, "z"), 1);
}

/* The last receive after final() stands for the flip buffer's work. */
static void receive_throttles_and_final_unthrottles(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	KUNIT_EXPECT_EQ(test, b->throttles, 0);
	rx(b, "y");
	rx(b, "y");
	KUNIT_EXPECT_EQ(test, b->throttles, 1);
	KUNIT_EXPECT_TRUE(test, test_bit(TTY_THROTTLED, &b->tty.flags));
	final(b, "OK");
	rx(b, "y");
	KUNIT_EXPECT_EQ(test, b->unthrottles, 1);
	KUNIT_EXPECT_FALSE(test, test_bit(TTY_THROTTLED, &b->tty.flags));
}

/* K18: what was refused is flushed, so nothing is received any more. */
static void flush_unthrottles(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	rx(b, "y");
	KUNIT_EXPECT_EQ(test, b->throttles, 1);
	at_port_flush(b->port);
	KUNIT_EXPECT_EQ(test, b->unthrottles, 1);
}

/* K18: the next discipline must not find the driver stopped. */
static void kill_unthrottles(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	rx(b, "y");
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->unthrottles, 1);
}

/* K16 */
static void receive_throttles_without_driver_ops(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->tty.ops = &bare_ops;
	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	KUNIT_EXPECT_EQ(test, rx(b, "y"), 0);
	final(b, "OK");
	rx(b, "y");
	KUNIT_EXPECT_FALSE(test, test_bit(TTY_THROTTLED, &b->tty.flags));
	set_bit(AT_PORT_RTS_STUCK, &b->port->events);
	driver_drains(b, 1);
}

static void set_termios_raises_rts_that_is_stuck(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	rx(b, "y");
	set_bit(AT_PORT_RTS_STUCK, &b->port->events);
	driver_drains(b, 1);
	KUNIT_EXPECT_EQ(test, b->rts, 1);
}

/* On a pty TTY_THROTTLED is always up; unthrottle wakes the writer. */
static void receive_on_pty_wakes_the_writer(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_bit(TTY_THROTTLED, &b->tty.flags);
	rx(b, "AT");
	KUNIT_EXPECT_EQ(test, b->unthrottles, 1);
	at_port_wake(b->port);
	flush_work(&b->port->wake);
	KUNIT_EXPECT_EQ(test, b->unthrottles, 1);
}

/* K19 */
static void output_survives_any_answer_of_the_driver(struct kunit *test)
{
	static const int answers[] = { -EIO, -EAGAIN, 0 };
	struct bench *b = bench_bound(test);
	size_t i;

	rx(b, "AT\r");
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		b->write_error = answers[i];
		b->write_room = 0;
		reply_with(b, reply_of(b, "abc"));
		expect_out(b, "");
		KUNIT_EXPECT_TRUE(test, test_bit(TTY_DO_WRITE_WAKEUP,
						 &b->tty.flags));
		b->write_error = 0;
		driver_drains(b, 1);
		expect_out(b, "a");
		driver_drains(b, 10);
		expect_out(b, "bc");
		KUNIT_EXPECT_FALSE(test, test_bit(TTY_DO_WRITE_WAKEUP,
						  &b->tty.flags));
	}
}

/* K18, for output: tty_wakeup() does not reach us during a TIOCSETD. */
static void output_outlives_a_lost_wakeup(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	b->write_room = 1;
	urc(b, "U1");
	b->write_room = OUT_SIZE;
	for (i = 0; i < 500 && READ_ONCE(b->out_len) < 2; i++)
		msleep(20);
	expect_out(b, "U1");
}

/* K7: under a driver's spinlock, with DEBUG_ATOMIC_SLEEP watching. */
static void wake_is_safe_in_atomic_context(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static DEFINE_SPINLOCK(lock);

	b->write_room = 0;
	rx(b, "AT\r");
	final(b, "OK");
	b->write_room = 10;
	spin_lock_irq(&lock);
	at_port_wake(b->port);
	KUNIT_EXPECT_EQ(test, b->out_len, 0);
	spin_unlock_irq(&lock);
	flush_work(&b->port->wake);
	expect_out(b, "OK");
}

static void receive_takes_no_byte_whose_echo_does_not_fit(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u8 *big = kunit_kzalloc(test, N_AT_OUT_MAX, GFP_KERNEL);
	struct at_reply r;

	KUNIT_ASSERT_NOT_NULL(test, big);
	set_echo(b, true);
	rx(b, "AT\r");
	b->write_room = 0;
	r = reply_of(b, "");
	r.out = big;
	r.out_len = N_AT_OUT_MAX;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	r.final = true;
	r.out_len = N_AT_OUT_MAX - AT_TX_RESERVE - 2;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	rx(b, "AT1\r");
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	driver_drains(b, OUT_SIZE);
	KUNIT_EXPECT_EQ(test, b->lines, 2);
	KUNIT_EXPECT_EQ(test, memcmp(b->out + b->out_len - 4, "AT1\r", 4), 0);
}

static void reply_beyond_the_queue_is_refused_and_asked_for(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u8 *big = kunit_kzalloc(test, N_AT_OUT_MAX, GFP_KERNEL);
	struct at_reply r;

	KUNIT_ASSERT_NOT_NULL(test, big);
	rx(b, "AT\r");
	b->write_room = 0;
	r = reply_of(b, "");
	r.out = big;
	r.out_len = N_AT_OUT_MAX;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	r.final = true;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), -EAGAIN);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_REFUSED], 1);
	driver_drains(b, N_AT_OUT_MAX - TX_LOW - 1);
	KUNIT_EXPECT_EQ(test, b->spaces, 0);
	driver_drains(b, 1);
	KUNIT_EXPECT_EQ(test, b->spaces, 1);
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	driver_drains(b, OUT_SIZE);
	KUNIT_EXPECT_EQ(test, b->spaces, 1);
	KUNIT_EXPECT_EQ(test, b->out_len, 2 * N_AT_OUT_MAX);
}

/* -- counted data -------------------------------------------------------- */

/* K1: command, data and next command in one buffer of the driver. */
static void data_begin_within_a_receive_buffer(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	KUNIT_EXPECT_EQ(test, rx(b, "AT+D\r\nhelloAT\r\n"), 15);
	KUNIT_EXPECT_EQ(test, want_data(b, 5), 0);
	KUNIT_EXPECT_EQ(test, b->datas, 1);
	KUNIT_EXPECT_EQ(test, b->seq, 2);
	expect_line(b, "hello");
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_EXECUTING);
	final(b, "OK");
	expect_line(b, "AT");
	expect_out(b, ">OK");
}

/* K5 */
static void data_of_no_bytes_come_at_once(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	KUNIT_EXPECT_EQ(test, want_data(b, 0), 0);
	KUNIT_EXPECT_EQ(test, b->datas, 1);
	expect_line(b, "");
	KUNIT_EXPECT_EQ(test, final(b, "OK"), 0);
}

/* The host is told there, where the owner can still say so. */
static void data_without_memory_are_refused_at_the_prompt(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	b->no_memory = true;
	KUNIT_EXPECT_EQ(test, want_data(b, 5), -ENOMEM);
	expect_out(b, "");
	KUNIT_EXPECT_EQ(test, b->port->mode, N_AT_MODE_EXECUTING);
	KUNIT_EXPECT_EQ(test, final(b, "ERROR"), 0);
	expect_out(b, "ERROR");
}

static void data_are_not_echoed(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_echo(b, true);
	rx(b, "AT\r");
	want_data(b, 3);
	rx(b, "abc");
	expect_out(b, "AT\r>");
}

static void data_end_by_idle_time(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	want_data(b, 5);
	rx(b, "abc");
	later(b, 19000);
	KUNIT_EXPECT_EQ(test, b->datas, 0);
	rx(b, "d");
	later(b, 19000);
	KUNIT_EXPECT_EQ(test, b->datas, 0);
	later(b, 1500);
	KUNIT_EXPECT_EQ(test, b->datas, 1);
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_TIMEOUT);
	expect_line(b, "abcd");
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_DATA_TIMEOUTS], 1);
}

/* The timer itself, for once without moving time. */
static void data_end_by_the_timer(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_settings set = b->port->set;
	int i;

	set.data_timeout_ms = 100;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, OWNER, &set);
	mutex_unlock(&b->port->lock);
	rx(b, "AT+D\r");
	want_data(b, 5);
	for (i = 0; i < 50 && !READ_ONCE(b->datas); i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_TIMEOUT);
}

static void data_end_by_break(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static const char flags[] = { TTY_NORMAL, TTY_BREAK, TTY_NORMAL,
				      TTY_NORMAL, TTY_NORMAL };

	rx(b, "AT+D\r");
	want_data(b, 5);
	rx_flagged(b, "a\0AT\r", 5, flags);
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_BREAK | N_AT_FLAG_DAMAGED);
	expect_line(b, "a");
	final(b, "E");
	expect_line(b, "AT");
}

static void data_reply_while_they_are_taken_is_refused(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	want_data(b, 5);
	KUNIT_EXPECT_EQ(test, reply_with(b, reply_of(b, "part")), -EPROTO);
	KUNIT_EXPECT_EQ(test, want_data(b, 6), -EPROTO);
	rx(b, "12345");
	KUNIT_EXPECT_EQ(test, b->datas, 1);
}

static void data_are_called_off_by_a_final_reply(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_reply late;

	rx(b, "AT+D\r");
	want_data(b, 5);
	rx(b, "abc");
	urc(b, "U");
	expect_out(b, ">");
	KUNIT_EXPECT_EQ(test, final(b, "off"), 0);
	expect_out(b, "offU");
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_COMMAND);
	rx(b, "AT\r");
	expect_line(b, "AT");
	KUNIT_EXPECT_EQ(test, b->datas, 0);

	/* too late: the data are on their way to the owner */
	late = reply_of(b, "off");
	late.final = true;
	want_data(b, 1);
	rx(b, "x");
	KUNIT_EXPECT_EQ(test, reply_with(b, late), -ESTALE);
	KUNIT_EXPECT_EQ(test, b->datas, 1);
}

/* They are whole, but the owner's socket is full. */
static void data_that_could_not_be_told_are_called_off(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	want_data(b, 2);
	b->link_error = -EAGAIN;
	rx(b, "abAT\r");
	KUNIT_EXPECT_EQ(test, final(b, "off"), 0);
	b->link_error = 0;
	later(b, 20);
	KUNIT_EXPECT_EQ(test, b->datas, 0);
	expect_line(b, "AT");
	KUNIT_EXPECT_EQ(test, final(b, "OK"), 0);
	expect_out(b, ">offOK");
}

/* -- unsolicited results ------------------------------------------------- */

static void urc_goes_out_at_once_when_idle(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	urc(b, "U");
	expect_out(b, "U");
}

static void urc_waits_for_final_in_order(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	urc(b, "1");
	want_data(b, 2);
	urc(b, "2");
	expect_out(b, ">");
	rx(b, "ab");
	urc(b, "3");
	expect_out(b, "");
	final(b, "OK");
	expect_out(b, "OK123");
}

static void urc_waits_while_a_line_is_typed(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT");
	urc(b, "U");
	later(b, 900);
	expect_out(b, "");
	later(b, 200);
	expect_out(b, "U");
}

static void urc_goes_out_when_the_line_is_deleted(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT");
	urc(b, "U");
	rx(b, "\b\b");
	expect_out(b, "U");
	rx(b, "x");
	urc(b, "V");
	rx(b, "\r");
	expect_out(b, "V");
}

/* What a host has left behind is no line, though no CR ends it. */
static void urc_does_not_wait_for_noise(struct kunit *test)
{
	static const char * const noise[] = {
		"3,39,\"", "{\"data\":5", "status", "xAT", "AT\b\b", "x AT ", "aT",
	};
	struct bench *b = bench_bound(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(noise); i++) {
		rx(b, noise[i]);
		urc(b, "U");
		expect_out(b, "U");
		rx(b, "\r");
	}
}

static void urc_waits_for_what_may_become_a_prefix(struct kunit *test)
{
	static const char * const typed[] = {
		"A", "a", "AT", "AT+", "x A", "x AT", "x AT+", "AR\b",
	};
	struct bench *b = bench_bound(test);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(typed); i++) {
		rx(b, typed[i]);
		urc(b, "U");
		later(b, 900);
		expect_out(b, "");
		later(b, 200);
		expect_out(b, "U");
		at_port_flush(b->port);
	}
	rx(b, "x A");
	urc(b, "V");
	expect_out(b, "");
	rx(b, "b");
	expect_out(b, "V");
}

static void urc_goes_out_between_noise_without_pause(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	rx(b, "AT\r");
	for (i = 0; i < 200; i++)
		rx(b, "{\"status\":1} ");
	urc(b, "1");
	final(b, "OK");
	expect_out(b, "OK1");
	for (i = 0; i < 200; i++) {
		rx(b, "{\"status\":1} ");
		urc(b, "2");
		expect_out(b, "2");
	}
}

/* Whatever comes ends in what may become a prefix, and does not. */
static void urc_goes_out_within_noise_that_looks_half_typed(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	rx(b, " a");
	urc(b, "U");
	for (i = 0; i < 9; i++) {
		later(b, 100);
		rx(b, " a a a");
	}
	expect_out(b, "");
	for (i = 0; i < 2; i++) {
		later(b, 100);
		rx(b, " a a a");
	}
	expect_out(b, "U");
}

static void urc_waits_for_pipelined_lines_but_not_for_ever(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT1\rAT2\rAT3\r");
	urc(b, "U");
	final(b, "1");
	expect_out(b, "1");
	later(b, 2000);
	final(b, "2");
	expect_out(b, "2U");
	expect_line(b, "AT3");
}

#define MESSAGE_SIZE 1530

/* With room for more behind it. */
static char *message(struct kunit *test)
{
	char *text = kunit_kzalloc(test, MESSAGE_SIZE + 16, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 'm', MESSAGE_SIZE);
	return text;
}

/* A slow host must not take a gap within it for its end. */
static void urc_is_one_write(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	char *text = message(test);

	urc(b, text);
	KUNIT_EXPECT_EQ(test, b->writes, 1);
	expect_out(b, text);
	rx(b, "AT\r");
	urc(b, text);
	b->writes = 0;
	final(b, "OK");
	KUNIT_EXPECT_EQ(test, b->writes, 1);
	KUNIT_EXPECT_EQ(test, b->out_len, 2 + MESSAGE_SIZE);
}

/* The host, which holds it in its middle, types meanwhile. */
static void urc_is_not_broken_by_an_echo_or_an_answer(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	char *text = message(test);

	set_echo(b, true);
	b->write_room = 700;
	urc(b, text);
	rx(b, "AT+X\r");
	expect_line(b, "AT+X");
	final(b, "OK");
	KUNIT_EXPECT_EQ(test, b->out_len, 700);
	driver_drains(b, OUT_SIZE);
	strcat(text, "AT+X\rOK");
	expect_out(b, text);
}

static void urc_of_dead_owner_still_goes_out(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	urc(b, "U");
	owner_dies(b);
	expect_out(b, ERROR_REPLY "U");
}

static void urc_beyond_the_queue_is_refused_and_asked_for(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	rx(b, "AT\r");
	for (i = 0; i < URC_COUNT_MAX; i++)
		KUNIT_ASSERT_EQ(test, urc(b, "U"), 0);
	KUNIT_EXPECT_EQ(test, urc(b, "V"), -EAGAIN);
	KUNIT_EXPECT_EQ(test, b->spaces, 0);
	final(b, "");
	KUNIT_EXPECT_EQ(test, b->spaces, 1);
	KUNIT_EXPECT_EQ(test, b->out_len, URC_COUNT_MAX);
	KUNIT_EXPECT_EQ(test, b->port->urcs.bytes, 0);
	KUNIT_EXPECT_EQ(test, urc(b, "V"), 0);
}

/* Or reply and results would wait for each other. */
static void refused_reply_does_not_wait_for_urcs(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u8 *big = kunit_kzalloc(test, N_AT_OUT_MAX, GFP_KERNEL);
	struct at_reply r;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, big);
	rx(b, "AT\r");
	for (i = 0; i < URC_COUNT_MAX; i++)
		urc(b, "U");
	b->write_room = 0;
	r = reply_of(b, "");
	r.out = big;
	r.out_len = N_AT_OUT_MAX;
	reply_with(b, r);
	KUNIT_EXPECT_EQ(test, reply_with(b, r), -EAGAIN);
	driver_drains(b, OUT_SIZE);
	KUNIT_EXPECT_EQ(test, b->spaces, 1);
}

/* -- owners -------------------------------------------------------------- */

static void line_waits_for_an_owner(struct kunit *test)
{
	struct bench *b = bench_new(test);

	rx(b, "AT1\r\nAT2\r\n");
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_ORPHAN);
	later(b, 4900);
	expect_out(b, "");
	KUNIT_EXPECT_EQ(test, bind(b, OWNER), 0);
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	expect_line(b, "AT1");
	final(b, "OK");
	expect_line(b, "AT2");
}

static void line_without_owner_gets_the_orphan_reply(struct kunit *test)
{
	struct bench *b = bench_new(test);

	rx(b, "AT1\r\nAT2\r\nAT");
	later(b, 5100);
	expect_out(b, ERROR_REPLY ERROR_REPLY);
	rx(b, "3\r");
	expect_out(b, ERROR_REPLY);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_ORPHANED], 3);
	KUNIT_EXPECT_EQ(test, bind(b, OWNER), 0);
	KUNIT_EXPECT_EQ(test, b->lines, 0);
}

static void owner_dies_executing_line_is_not_repeated(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT1\rAT2\r");
	owner_dies(b);
	expect_out(b, ERROR_REPLY);
	KUNIT_EXPECT_EQ(test, bind(b, STRANGER), 0);
	KUNIT_EXPECT_EQ(test, b->lines, 2);
	expect_line(b, "AT2");
	KUNIT_EXPECT_EQ(test, final(b, "OK"), -EPERM);
}

static void owner_dies_in_data_nothing_is_executed(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	want_data(b, 8);
	b->out_len = 0;
	rx(b, "AT\r");
	owner_dies(b);
	expect_out(b, "");
	KUNIT_EXPECT_EQ(test, bind(b, STRANGER), 0);
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_DATA);
	rx(b, "AT2\r\nAT3\r");
	expect_out(b, ERROR_REPLY);
	KUNIT_EXPECT_EQ(test, b->datas, 0);
	KUNIT_EXPECT_EQ(test, b->lines, 2);
	expect_line(b, "AT3");
}

static void owner_dies_in_data_that_never_come(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	want_data(b, 8);
	b->out_len = 0;
	owner_dies(b);
	later(b, 20100);
	expect_out(b, ERROR_REPLY);
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_ORPHAN);
}

static void owner_dies_with_a_full_queue_host_gets_its_answer(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u8 *big = kunit_kzalloc(test, N_AT_OUT_MAX, GFP_KERNEL);
	struct at_reply r;

	KUNIT_ASSERT_NOT_NULL(test, big);
	rx(b, "AT\r");
	b->write_room = 0;
	r = reply_of(b, "");
	r.out = big;
	r.out_len = N_AT_OUT_MAX;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	r.out_len -= AT_TX_RESERVE;
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	owner_dies(b);
	driver_drains(b, OUT_SIZE);
	KUNIT_EXPECT_EQ(test, b->out_len, AT_TX_FIFO - AT_TX_RESERVE +
						  strlen(ERROR_REPLY));
}

static void unbind_is_for_the_owner(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	mutex_lock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, at_port_unbind(b->port, STRANGER), -EPERM);
	KUNIT_EXPECT_EQ(test, at_port_unbind(b->port, OWNER), 0);
	mutex_unlock(&b->port->lock);
	KUNIT_EXPECT_EQ(test, at_port_mode(b->port), N_AT_MODE_ORPHAN);
}

/* K21 */
static void delivery_to_a_full_socket_is_repeated(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	b->link_error = -EAGAIN;
	rx(b, "AT\r");
	rx(b, "AT2\r");
	KUNIT_EXPECT_GE(test, b->tries, 1);
	KUNIT_EXPECT_EQ(test, b->port->mode, N_AT_MODE_COMMAND);
	b->link_error = 0;
	for (i = 0; i < 50 && !READ_ONCE(b->lines); i++)
		msleep(20);
	expect_line(b, "AT");
	KUNIT_EXPECT_EQ(test, b->seq, 1);
}

/* A queue that fills up again meanwhile must not make the timer spin. */
static void space_told_to_a_full_socket_is_repeated(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	rx(b, "AT\r");
	for (i = 0; i < URC_COUNT_MAX; i++)
		urc(b, "U");
	urc(b, "V");
	b->space_error = -EAGAIN;
	final(b, "");
	rx(b, "AT\r");
	for (i = 0; i < URC_COUNT_MAX; i++)
		urc(b, "U");
	msleep(100);
	KUNIT_EXPECT_EQ(test, b->spaces, 1);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->timer));
	b->space_error = 0;
	final(b, "");
	KUNIT_EXPECT_EQ(test, b->spaces, 2);
	KUNIT_EXPECT_FALSE(test, b->port->urc_refused);
}

/* No timer that fires without end. */
static void line_whose_orphan_reply_does_not_fit_waits(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u8 *big = kunit_kzalloc(test, N_AT_OUT_MAX, GFP_KERNEL);
	struct at_reply r;

	KUNIT_ASSERT_NOT_NULL(test, big);
	rx(b, "AT\r");
	b->write_room = 0;
	r = reply_of(b, "");
	r.out = big;
	r.out_len = N_AT_OUT_MAX;
	reply_with(b, r);
	r.out_len -= AT_TX_RESERVE;
	reply_with(b, r);
	owner_dies(b);
	rx(b, "AT2\r");
	later(b, 5100);
	KUNIT_EXPECT_EQ(test, b->port->pending, AT_EV_LINE);
	KUNIT_EXPECT_TRUE(test, time_after(b->port->timer_at,
					   jiffies + msecs_to_jiffies(100)));
	driver_drains(b, OUT_SIZE);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_ORPHANED], 2);
}

static void delivery_to_a_closed_socket_loses_the_owner(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->link_error = -ECONNREFUSED;
	rx(b, "AT\r");
	KUNIT_EXPECT_NULL(test, b->port->owner);
	later(b, 5100);
	expect_out(b, ERROR_REPLY);
}

static void set_exec_timeout(struct bench *b, u32 ms)
{
	struct at_settings set = b->port->set;

	set.exec_timeout_ms = ms;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, b->port->owner, &set);
	mutex_unlock(&b->port->lock);
}

/* It is as good as dead, for this line only. */
static void owner_that_hangs_loses_its_line(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_exec_timeout(b, 30000);
	rx(b, "AT1\rAT2\r");
	KUNIT_EXPECT_TRUE(test, b->port->timer_on);
	later(b, 29000);
	expect_out(b, "");
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	later(b, 1100);
	expect_out(b, ERROR_REPLY);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_EXEC_TIMEOUTS], 1);
	KUNIT_EXPECT_PTR_EQ(test, b->port->owner, OWNER);
	expect_line(b, "AT2");
	b->seq--;
	KUNIT_EXPECT_EQ(test, final(b, "OK"), -ESTALE);
	b->seq++;
	KUNIT_EXPECT_EQ(test, final(b, "OK"), 0);
	expect_out(b, "OK");
	KUNIT_EXPECT_EQ(test, final(b, "OK"), -EPROTO);
}

/* A REPLY says that it lives, though it be one that does not fit. */
static void owner_that_replies_does_not_hang(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_exec_timeout(b, 30000);
	rx(b, "AT\r");
	later(b, 29000);
	KUNIT_EXPECT_EQ(test, reply_with(b, reply_of(b, "")), 0);
	later(b, 29000);
	b->port->tx.head += b->port->tx.size - 1;
	b->write_room = 0;
	KUNIT_EXPECT_EQ(test, final(b, "OK"), -EAGAIN);
	b->port->tx.head -= b->port->tx.size - 1;
	later(b, 29000);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_EXEC_TIMEOUTS], 0);
	later(b, 1100);
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_EXEC_TIMEOUTS], 1);
}

static void owner_may_take_its_time_by_default(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	later(b, 3600 * 1000);
	KUNIT_EXPECT_EQ(test, final(b, "OK"), 0);
	expect_out(b, "OK");
}

static void owner_is_released_once(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	owner_dies(b);
	KUNIT_EXPECT_EQ(test, b->released, 1);
	owner_dies(b);
	KUNIT_EXPECT_EQ(test, b->released, 1);
	bind(b, STRANGER);
	b->link_error = -ECONNREFUSED;
	rx(b, "AT\r");
	KUNIT_EXPECT_EQ(test, b->released, 2);
}

/* -- life ---------------------------------------------------------------- */

/* K15, K8 */
static void kill_arms_no_timer_again(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+D\r");
	want_data(b, 5);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&b->port->timer));
	at_port_kill(b->port);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->timer));
	KUNIT_EXPECT_EQ(test, final(b, "OK"), -ENODEV);
	KUNIT_EXPECT_EQ(test, urc(b, "U"), -ENODEV);
	KUNIT_EXPECT_EQ(test, bind(b, OWNER), -ENODEV);
	owner_dies(b);
	rx(b, "abcde");
	at_port_flush(b->port);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->timer));
}

/* K9: what flush and kill both look at is freed once; KASAN watches. */
static void kill_after_flush_frees_once(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->write_room = 0;
	rx(b, "AT\r");
	urc(b, "U");
	final(b, "OK");
	urc(b, "V");
	at_port_flush(b->port);
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->port->urcs.count, 0);
	KUNIT_EXPECT_EQ(test, at_port_unsent(b->port), 0);
}

static void kill_tells_the_owner(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->events, 1 << N_AT_EVENT_HANGUP);
}

static void flush_drops_what_is_not_framed(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT1\rAT2\rAT");
	at_port_flush(b->port);
	final(b, "OK");
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	rx(b, "AT");
	at_port_flush(b->port);
	rx(b, "+X\r");
	KUNIT_EXPECT_EQ(test, b->lines, 1);
}

/* K14 */
static void two_ports_share_nothing(struct kunit *test)
{
	struct bench *b = bench_bound(test), *c = bench_bound(test);

	rx(b, "AT1\r");
	rx(c, "AT2");
	final(b, "OK");
	rx(c, "\r");
	expect_line(b, "AT1");
	expect_line(c, "AT2");
	expect_out(c, "");
	bench_free(b); /* port_exit() frees the last one */
}

/* Lines carry passwords: nothing of one stays in the port. */
static void delivered_line_is_wiped(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->port->monitors = 1; /* so that it goes through rx */
	rx(b, "AT+USER=secret\r");
	KUNIT_EXPECT_NULL(test, memchr_inv(b->port->framer.line, 0, 14));
	KUNIT_EXPECT_NULL(test, memchr_inv(b->port->rx.buf, 0, 15));
}

/* -- the line ------------------------------------------------------------ */

/* A final answer that sets the speed. */
static int answer_speed(struct bench *b, const char *s, u32 speed)
{
	struct at_settings set = b->port->set;
	struct at_reply r = reply_of(b, s);

	at_line_get(b->port, &set.line);
	set.line.speed = speed;
	set.has_line = true;
	r.final = true;
	r.set = &set;
	return reply_with(b, r);
}

static u32 speed_of(struct bench *b)
{
	struct at_line line;

	at_line_get(b->port, &line);
	return line.speed;
}

static void settle_line(struct bench *b)
{
	flush_delayed_work(&b->port->change.work);
}

static void line_changes_when_the_answer_is_out(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT+IPR=9600\rAT2\r");
	b->write_room = 0;
	KUNIT_EXPECT_EQ(test, answer_speed(b, "OK", 9600), 0);
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 0);
	b->unsent = 2;
	driver_drains(b, 100);
	settle_line(b);
	expect_out(b, "OK");
	KUNIT_EXPECT_EQ(test, b->changes, 0);
	KUNIT_EXPECT_EQ(test, b->lines, 1);
	b->unsent = 0;
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 1);
	KUNIT_EXPECT_EQ(test, speed_of(b), 9600);
	KUNIT_EXPECT_EQ(test, b->lines, 2);
	expect_line(b, "AT2");
}

static void line_change_holds_urcs(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	b->unsent = 2;
	answer_speed(b, "OK", 9600);
	urc(b, "U");
	settle_line(b);
	expect_out(b, "OK");
	b->unsent = 0;
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->out_at_change, 0);
	expect_out(b, "U");
}

/* The host holds our output, or is not there. */
static void line_change_does_not_wait_for_ever(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	b->unsent = 2;
	answer_speed(b, "OK", 9600);
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 0);
	b->port->change.unsent_since -= msecs_to_jiffies(STUCK_MS) + 1;
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 1);
}

static void line_that_is_so_already_is_not_changed(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	answer_speed(b, "OK", speed_of(b));
	KUNIT_EXPECT_FALSE(test, b->port->change.due);
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 0);
}

/* RTS must not stay low, nor must the host wait for an XON. */
static void line_change_releases_the_driver(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	rx(b, "y");
	KUNIT_EXPECT_EQ(test, b->throttles, 1);
	b->unsent = 2;
	answer_speed(b, "OK", 9600);
	KUNIT_EXPECT_EQ(test, b->unthrottles, 1);
	rx(b, "y");
	KUNIT_EXPECT_EQ(test, b->throttles, 1);
}

/* K2: it is what the line is changed from, but not for long. */
static void line_change_meanwhile_is_not_lost(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	u32 before = speed_of(b);

	rx(b, "AT\r");
	b->speed_meanwhile = before;
	answer_speed(b, "OK", 9600);
	settle_line(b);
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 2);
	KUNIT_EXPECT_EQ(test, speed_of(b), before);
	KUNIT_EXPECT_FALSE(test, b->port->change.due);
}

static void line_change_ends_with_the_port(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	b->unsent = 2;
	answer_speed(b, "OK", 9600);
	at_port_kill(b->port);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->change.work));
	KUNIT_EXPECT_EQ(test, b->changes, 0);
}

/* As they were set by whoever had the tty before. */
static struct bench *bench_damage(struct kunit *test, tcflag_t bits)
{
	struct bench *b = bench_new(test);

	b->tty.termios.c_iflag &= ~DAMAGE_BITS;
	b->tty.termios.c_iflag |= bits;
	at_line_take_damage(b->port, &b->tty);
	KUNIT_EXPECT_EQ(test, at_line_damage_bits(&b->tty.termios), DAMAGE_ON);
	return b;
}

static void damage_bits_are_lent(struct kunit *test)
{
	static const tcflag_t bits[] = {
		0, INPCK, BRKINT, IGNBRK | IGNPAR, PARMRK | INPCK,
		DAMAGE_ON, DAMAGE_BITS,
	};
	struct bench *b;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		b = bench_damage(test, bits[i]);
		KUNIT_EXPECT_EQ(test, b->changes, bits[i] != DAMAGE_ON);
		at_port_kill(b->port);
		KUNIT_EXPECT_EQ(test, at_line_damage_bits(&b->tty.termios),
				bits[i]);
		if (i + 1 < ARRAY_SIZE(bits))
			bench_free(b);
	}
}

/* TCSETS by another process: .set_termios tells, the work sets them again. */
static void damage_bits_are_set_again(struct kunit *test)
{
	struct bench *b = bench_damage(test, BRKINT);

	b->tty.termios.c_iflag &= ~DAMAGE_BITS;
	KUNIT_EXPECT_FALSE(test, at_line_tells_damage(&b->tty));
	set_bit(AT_PORT_DAMAGE_OFF, &b->port->events);
	at_port_wake(b->port);
	flush_work(&b->port->wake);
	settle_line(b);
	KUNIT_EXPECT_TRUE(test, at_line_tells_damage(&b->tty));
	KUNIT_EXPECT_EQ(test, b->changes, 2);
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, at_line_damage_bits(&b->tty.termios), 0);
}

static void damage_bits_outlive_a_change_of_the_line(struct kunit *test)
{
	struct bench *b = bench_damage(test, 0);
	struct at_line line = {
		.speed = 9600, .data_bits = 7, .parity = N_AT_PARITY_EVEN,
		.stop_bits = 1,
	};

	at_line_set(b->port, &b->tty, &line);
	KUNIT_EXPECT_TRUE(test, at_line_tells_damage(&b->tty));
	line.parity = N_AT_PARITY_NONE;
	at_line_set(b->port, &b->tty, &line);
	KUNIT_EXPECT_TRUE(test, at_line_tells_damage(&b->tty));
}

/* What it is opened with next, without a word to it now. */
static void damage_bits_of_a_closed_driver(struct kunit *test)
{
	struct bench *b = bench_damage(test, IGNBRK);

	at_port_leave_driver(b->port);
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->changes, 1);
	KUNIT_EXPECT_EQ(test, at_line_damage_bits(&b->tty.termios), IGNBRK);
}

/* By a hang-up, for one. */
static void damage_bits_of_others_stay(struct kunit *test)
{
	struct bench *b = bench_damage(test, IGNBRK);

	b->tty.termios = tty_std_termios;
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, at_line_damage_bits(&b->tty.termios), 0);
}

/* At B0 there is no speed to change, all the rest is there. */
static void line_without_a_speed_keeps_none(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_settings set = b->port->set;
	struct at_line line;

	b->tty.termios.c_cflag &= ~CBAUD;
	at_line_note(b->port, &b->tty);
	at_line_get(b->port, &set.line);
	KUNIT_EXPECT_EQ(test, set.line.speed, 0);
	set.line.data_bits = 7;
	set.has_line = true;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, OWNER, &set);
	mutex_unlock(&b->port->lock);
	settle_line(b);
	at_line_get(b->port, &line);
	KUNIT_EXPECT_EQ(test, line.data_bits, 7);
	KUNIT_EXPECT_EQ(test, line.speed, 0);
}

/* Nor does somebody who asks for it again and again. */
static void line_change_asked_for_again_does_not_wait_longer(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_settings set;

	rx(b, "AT\r");
	b->unsent = 2;
	answer_speed(b, "OK", 9600);
	settle_line(b);
	b->port->change.unsent_since -= msecs_to_jiffies(STUCK_MS) + 1;
	set = b->port->set;
	set.line = b->port->change.to;
	set.line.data_bits = 7;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, OWNER, &set);
	mutex_unlock(&b->port->lock);
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 1);
}

/* The last close: the driver is shut down when this is through. */
static void line_change_leaves_a_driver_that_is_closed(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	b->unsent = 2;
	answer_speed(b, "OK", 9600);
	at_port_leave_driver(b->port);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->change.work));
	b->unsent = 0;
	mutex_lock(&b->port->lock);
	at_line_look(b->port);
	mutex_unlock(&b->port->lock);
	settle_line(b);
	KUNIT_EXPECT_EQ(test, b->changes, 0);
}

static const struct at_line lines[] = {
	{ 300, 7, N_AT_PARITY_EVEN, 1, N_AT_FLOW_RTS_CTS },
	{ 9600, 8, N_AT_PARITY_NONE, 2, N_AT_FLOW_XON_OUT },
	{ 115200, 8, N_AT_PARITY_ODD, 1, N_AT_FLOW_XON_IN },
	{ 250000, 5, N_AT_PARITY_MARK, 1, 0 },
	{ 3000000, 6, N_AT_PARITY_SPACE, 2,
	  N_AT_FLOW_XON_IN | N_AT_FLOW_XON_OUT | N_AT_FLOW_RTS_CTS },
};

static void line_is_what_it_was_set_to(struct kunit *test)
{
	struct bench *b = bench_new(test);
	struct at_line line;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		at_line_set(b->port, &b->tty, &lines[i]);
		at_line_get(b->port, &line);
		KUNIT_EXPECT_TRUE_MSG(test, at_line_equal(&line, &lines[i]),
				      "line %zu", i);
	}
}

#define XON "\x11"
#define XOFF "\x13"

/* TCSETS: .set_termios tells of it. */
static void set_iflag(struct bench *b, tcflag_t off, tcflag_t on)
{
	b->tty.termios.c_iflag &= ~off;
	b->tty.termios.c_iflag |= on;
	at_line_note(b->port, &b->tty);
}

static struct bench *bench_ixon(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_iflag(b, 0, IXON);
	return b;
}

static void xoff_stops_output_and_is_no_input(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	KUNIT_EXPECT_EQ(test, rx(b, "A" XOFF "T" XOFF), 4);
	KUNIT_EXPECT_EQ(test, b->stops, 1);
	KUNIT_EXPECT_EQ(test, rx(b, XON XON "1\r"), 4);
	KUNIT_EXPECT_EQ(test, b->starts, 1);
	expect_line(b, "AT1");
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_RX_BYTES], 8);
}

/* The driver, as this one, may not know of it. */
static void xoff_holds_what_is_not_written(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx(b, "AT\r" XOFF);
	final(b, "OK");
	driver_drains(b, 100);
	expect_out(b, "");
	rx(b, XON);
	expect_out(b, "OK");
}

static void xoff_is_obeyed_while_executing_and_in_data(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx(b, "AT\r");
	fill(b, AT_RX_FIFO);
	KUNIT_EXPECT_EQ(test, rx(b, XOFF "y"), 1);
	KUNIT_EXPECT_EQ(test, b->stops, 1);
	at_port_flush(b->port);
	want_data(b, 2);
	rx(b, "x" XON "y");
	KUNIT_EXPECT_EQ(test, b->starts, 1);
	expect_line(b, "xy");
}

static void xoff_without_ixon_is_data(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_iflag(b, IXON, 0);
	rx(b, "AT\r");
	want_data(b, 2);
	rx(b, XOFF XON);
	expect_line(b, XOFF XON);
	KUNIT_EXPECT_EQ(test, b->stops, 0);
}

static void xoff_that_is_0_is_none(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->tty.termios.c_cc[VSTART] = 0;
	b->tty.termios.c_cc[VSTOP] = 0;
	set_iflag(b, 0, IXON);
	rx(b, "AT\r");
	want_data(b, 3);
	KUNIT_EXPECT_EQ(test, at_port_receive(b->port, "a\0b", NULL, 3), 3);
	KUNIT_EXPECT_EQ(test, b->datas, 1);
	KUNIT_EXPECT_EQ(test, b->line_len, 3);
	KUNIT_EXPECT_EQ(test, b->stops, 0);
}

static void xon_has_its_characters_when_it_is_asked_for(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_line line;

	b->tty.termios.c_cc[VSTART] = 0;
	b->tty.termios.c_cc[VSTOP] = 0;
	at_line_get(b->port, &line);
	line.flow = N_AT_FLOW_XON_OUT;
	at_line_set(b->port, &b->tty, &line);
	rx(b, XOFF);
	KUNIT_EXPECT_EQ(test, b->stops, 1);
	rx(b, XON);
	KUNIT_EXPECT_EQ(test, b->starts, 1);
}

/* Damaged, it may have been anything. */
static void xoff_with_a_parity_error_is_input(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx_flagged(b, XOFF, 1, (char[]){ TTY_PARITY });
	KUNIT_EXPECT_EQ(test, b->stops, 0);
}

static void xoff_seen_ahead_is_obeyed_once(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx(b, "AT\r");
	at_port_lookahead(b->port, "a" XOFF "b", NULL, 3);
	KUNIT_EXPECT_EQ(test, b->stops, 1);
	at_port_lookahead(b->port, XON, NULL, 1);
	KUNIT_EXPECT_EQ(test, b->starts, 1);
	KUNIT_EXPECT_EQ(test, rx(b, "a" XOFF "b" XON), 4);
	KUNIT_EXPECT_EQ(test, b->stops, 1);
	rx(b, XOFF);
	KUNIT_EXPECT_EQ(test, b->stops, 2);
}

/* A host that sends one now and then types nothing. */
static void xon_does_not_prolong_a_half_typed_line(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx(b, "AT");
	urc(b, "U");
	later(b, 900);
	rx(b, XON);
	later(b, 200);
	expect_out(b, "U");
}

static void xoff_ends_with_ixon_and_with_the_port(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx(b, XOFF);
	set_bit(AT_PORT_IXON_OFF, &b->port->events);
	driver_drains(b, 1);
	KUNIT_EXPECT_EQ(test, b->starts, 1);
	rx(b, XOFF);
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->starts, 2);
}

static void xoff_is_obeyed_to_the_end(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	rx(b, "AT\r" XOFF);
	final(b, "OK");
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->starts, 1);
	expect_out(b, "");
}

/* The driver takes all of it, and so has nothing to wake us for. */
static void xon_seen_ahead_tells_of_space(struct kunit *test)
{
	struct bench *b = bench_ixon(test);
	struct at_reply r;

	rx(b, "AT\r");
	r = reply_of(b, "");
	r.out = kunit_kzalloc(test, N_AT_OUT_MAX, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r.out);
	r.out_len = N_AT_OUT_MAX;
	at_port_lookahead(b->port, XOFF, NULL, 1);
	KUNIT_EXPECT_EQ(test, reply_with(b, r), 0);
	KUNIT_EXPECT_EQ(test, reply_with(b, r), -EAGAIN);
	KUNIT_EXPECT_EQ(test, b->spaces, 0);
	at_port_lookahead(b->port, XON, NULL, 1);
	KUNIT_EXPECT_EQ(test, b->spaces, 1);
}

/* The last close: the driver's own was before. */
static void closed_driver_is_left_alone(struct kunit *test)
{
	struct bench *b = bench_ixon(test);

	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "AT\r" XOFF);
	fill(b, AT_RX_FIFO);
	rx(b, "y");
	set_bit(TTY_IO_ERROR, &b->tty.flags);
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->throttles, 1);
	KUNIT_EXPECT_EQ(test, b->unthrottles, 0);
	KUNIT_EXPECT_EQ(test, b->stops, 1);
	KUNIT_EXPECT_EQ(test, b->starts, 0);
}

/* It may be opened again, as a pty's slave is. */
static void closed_driver_gets_it_when_it_is_open(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	set_bit(TTY_IO_ERROR, &b->tty.flags);
	urc(b, "U1");
	driver_drains(b, 100);
	expect_out(b, "");
	clear_bit(TTY_IO_ERROR, &b->tty.flags);
	driver_drains(b, 100);
	expect_out(b, "U1");
}

/* Half of what 32 bits of jiffies hold: see it fail on a 32-bit kernel. */
#define LONG_AGO (BIT_ULL(31) + 60ULL * HZ)

static void owner_gone_long_ago_is_not_waited_for(struct kunit *test)
{
	struct bench *b = bench_new(test);

	b->port->ownerless_since -= LONG_AGO;
	rx(b, "AT\r");
	expect_out(b, "\r\nERROR\r\n");
}

static void line_typed_long_ago_holds_no_urc(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT");
	b->port->last_rx -= LONG_AGO;
	urc(b, "U");
	expect_out(b, "U");
}

/* -- breaks -------------------------------------------------------------- */

static void breaks(struct bench *b, size_t n)
{
	static const char flags[] = { TTY_BREAK };

	while (n--)
		rx_flagged(b, "", 1, flags);
}

static void expect_told(struct bench *b, const char *events)
{
	KUNIT_EXPECT_STREQ(b->test, b->told, events);
	b->told[0] = '\0';
}

static void break_is_told_when_nothing_follows(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->port->monitors = 1;
	breaks(b, 1);
	later(b, 90);
	expect_told(b, "");
	later(b, 20);
	expect_told(b, "2");
	later(b, 500);
	expect_told(b, "");
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_BREAK], 1);
	KUNIT_EXPECT_EQ(test, b->copies, 1);
}

static void break_is_told_by_the_timer(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	unsigned long begun = jiffies;
	int i;

	breaks(b, 1);
	for (i = 0; i < 100 && !READ_ONCE(b->events); i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, b->events, BIT(N_AT_EVENT_BREAK));
	KUNIT_EXPECT_GE(test, jiffies - begun, msecs_to_jiffies(90));
}

/* A host at another speed, or one that says something soon. */
static void break_with_bytes_behind_it_only_counts(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static const char flags[] = { TTY_BREAK, TTY_NORMAL };

	b->port->monitors = 1;
	breaks(b, 1);
	later(b, 80);
	rx(b, "x");
	later(b, 200);
	rx_flagged(b, "\0x", 2, flags);
	later(b, 200);
	expect_told(b, "");
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_BREAK], 2);
	KUNIT_EXPECT_EQ(test, b->copies, 0);
}

/* A host at another speed, whose last byte ends in zeros. */
static void breaks_close_together_only_count(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static const char flags[] = { TTY_FRAME, TTY_NORMAL, TTY_BREAK };
	int i;

	for (i = 0; i < 100; i++) {
		breaks(b, 10);
		later(b, 50);
	}
	later(b, 200);
	expect_told(b, "");
	KUNIT_EXPECT_EQ(test, b->port->count[N_AT_C_BREAK], 1000);
	rx_flagged(b, "xy\0", 3, flags);
	later(b, 200);
	expect_told(b, "");
	breaks(b, 1);
	later(b, 110);
	expect_told(b, "2");
}

static void break_waits_for_a_full_socket_once(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	b->port->monitors = 1;
	b->event_error = -EAGAIN;
	for (i = 0; i < 5; i++) {
		breaks(b, 1);
		later(b, 150);
	}
	b->event_error = 0;
	later(b, 20);
	expect_told(b, "2");
	KUNIT_EXPECT_EQ(test, b->copies, 5);
}

static void break_is_told_while_executing_and_in_data(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	rx(b, "AT\r");
	breaks(b, 1);
	later(b, 110);
	expect_told(b, "2");
	want_data(b, 5);
	KUNIT_EXPECT_EQ(test, b->line_flags, N_AT_FLAG_DAMAGED | N_AT_FLAG_BREAK);
	final(b, "");
	rx(b, "AT\r");
	want_data(b, 5);
	rx(b, "ab");
	breaks(b, 1);
	later(b, 110);
	expect_told(b, "2");
	expect_line(b, "ab");
}

/* What the flip buffer still holds came behind it. */
static void break_ahead_of_what_is_refused_only_counts(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	static const char flags[] = { TTY_BREAK, TTY_NORMAL };

	rx(b, "AT\r");
	fill(b, AT_RX_FIFO - 1);
	KUNIT_EXPECT_EQ(test, rx_flagged(b, "\0x", 2, flags), 1);
	later(b, 200);
	expect_told(b, "");
}

static void break_without_owner_is_not_told_later(struct kunit *test)
{
	struct bench *b = bench_new(test);

	breaks(b, 1);
	later(b, 200);
	bind(b, OWNER);
	later(b, 200);
	expect_told(b, "");
	b->event_error = -EAGAIN;
	breaks(b, 1);
	later(b, 200);
	owner_dies(b);
	b->event_error = 0;
	bind(b, OWNER);
	later(b, 200);
	expect_told(b, "");
}

/* At 300 baud the UART tells of it 33 ms after its begin. */
static void break_begins_a_character_ahead(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	struct at_line line;

	at_line_get(b->port, &line);
	line.speed = 300;
	at_line_set(b->port, &b->tty, &line);
	breaks(b, 1);
	later(b, 55);
	expect_told(b, "");
	later(b, 20);
	expect_told(b, "2");
}

/* -- modem lines --------------------------------------------------------- */

static void watch(struct bench *b, u32 lines)
{
	struct at_settings set = b->port->set;

	set.watch = lines;
	mutex_lock(&b->port->lock);
	at_port_set(b->port, b->port->owner, &set);
	mutex_unlock(&b->port->lock);
	flush_delayed_work(&b->port->modem.work);
}

static void modem_is(struct bench *b, int lines)
{
	b->modem = lines;
	flush_delayed_work(&b->port->modem.work);
}

static void modem_lines_are_not_looked_at_unasked(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	modem_is(b, TIOCM_DSR | TIOCM_CAR);
	KUNIT_EXPECT_EQ(test, b->looks, 0);
	expect_told(b, "");
}

static void modem_lines_that_change_are_told(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->port->monitors = 1;
	b->modem = TIOCM_DSR;
	watch(b, N_AT_WATCH_DSR | N_AT_WATCH_DCD);
	expect_told(b, "");
	KUNIT_EXPECT_EQ(test, b->port->modem.known,
			N_AT_WATCH_DSR | N_AT_WATCH_DCD);
	KUNIT_EXPECT_EQ(test, b->port->modem.up, N_AT_WATCH_DSR);
	modem_is(b, TIOCM_DSR);
	expect_told(b, "");
	modem_is(b, 0);
	expect_told(b, "6");
	modem_is(b, TIOCM_CAR | TIOCM_CTS);
	expect_told(b, "3");
	modem_is(b, TIOCM_DSR);
	expect_told(b, "54");
	KUNIT_EXPECT_EQ(test, b->copies, 4);
}

static void modem_lines_are_looked_at_again_and_again(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int i;

	watch(b, N_AT_WATCH_DSR);
	b->modem = TIOCM_DSR;
	for (i = 0; i < 100 && !READ_ONCE(b->events); i++)
		msleep(20);
	expect_told(b, "5");
}

static void modem_line_that_is_not_watched_is_not_told(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	watch(b, N_AT_WATCH_DSR);
	modem_is(b, TIOCM_CAR);
	expect_told(b, "");
	watch(b, N_AT_WATCH_DSR | N_AT_WATCH_DCD);
	expect_told(b, "");
	modem_is(b, 0);
	expect_told(b, "4");
	watch(b, 0);
	KUNIT_EXPECT_EQ(test, b->port->modem.known, 0);
	modem_is(b, TIOCM_CAR | TIOCM_DSR);
	expect_told(b, "");
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->modem.work));
}

static void driver_tells_of_dcd(struct bench *b, bool up)
{
	set_bit(up ? AT_PORT_DCD_ON : AT_PORT_DCD_OFF, &b->port->events);
	at_port_wake(b->port);
	flush_work(&b->port->wake);
}

static void dcd_is_told_by_the_driver_or_looked_at(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	driver_tells_of_dcd(b, true);
	driver_tells_of_dcd(b, false);
	expect_told(b, "34");
	KUNIT_EXPECT_EQ(test, b->looks, 0);
	watch(b, N_AT_WATCH_DCD);
	b->modem = TIOCM_CAR;
	driver_tells_of_dcd(b, true);
	flush_delayed_work(&b->port->modem.work);
	expect_told(b, "3");
}

/* It may have meant a reset. */
static void loss_of_a_line_outlives_a_full_socket(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	watch(b, N_AT_WATCH_DSR);
	b->event_error = -EAGAIN;
	modem_is(b, TIOCM_DSR);
	modem_is(b, 0);
	modem_is(b, TIOCM_DSR);
	b->event_error = 0;
	later(b, 20);
	expect_told(b, "65");
	b->event_error = -EAGAIN;
	modem_is(b, 0);
	modem_is(b, TIOCM_DSR);
	modem_is(b, 0);
	b->event_error = 0;
	later(b, 20);
	expect_told(b, "6");
}

static void modem_lines_of_a_tty_that_has_none(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	b->modem = -EIO;
	watch(b, N_AT_WATCH_DSR);
	KUNIT_EXPECT_EQ(test, b->port->modem.known, 0);
	modem_is(b, TIOCM_DSR);
	KUNIT_EXPECT_EQ(test, b->port->modem.known, N_AT_WATCH_DSR);
	watch(b, 0);
	b->tty.ops = &bare_ops;
	watch(b, N_AT_WATCH_DSR);
	KUNIT_EXPECT_EQ(test, b->port->modem.known, 0);
	expect_told(b, "");
}

/* F6: what a UART has may be without a clock by now. */
static void driver_that_is_closed_is_not_used(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int looks;

	rx(b, "AT\r");
	b->unsent = 2;
	watch(b, N_AT_WATCH_DSR);
	at_port_leave_driver(b->port);
	looks = b->looks;
	KUNIT_EXPECT_EQ(test, answer_speed(b, "OK", 9600), 0);
	urc(b, "U");
	fill(b, AT_RX_FIFO);
	atomic_set(&b->tty_port.buf.mem_used, 2 * THROTTLE_ABOVE);
	rx(b, "y");
	rx(b, "\x11\x13");
	set_bit(AT_PORT_RTS_STUCK, &b->port->events);
	driver_drains(b, 100);
	settle_line(b);
	flush_delayed_work(&b->port->modem.work);
	at_port_kill(b->port);
	KUNIT_EXPECT_EQ(test, b->writes + b->changes + b->throttles, 0);
	KUNIT_EXPECT_EQ(test, b->unthrottles + b->rts + b->stops, 0);
	KUNIT_EXPECT_EQ(test, b->looks, looks);
}

static void modem_lines_of_a_closed_driver_are_left_alone(struct kunit *test)
{
	struct bench *b = bench_bound(test);
	int looks;

	watch(b, N_AT_WATCH_DSR);
	at_port_leave_driver(b->port);
	looks = b->looks;
	watch(b, N_AT_WATCH_DSR | N_AT_WATCH_DCD);
	KUNIT_EXPECT_EQ(test, b->looks, looks);
}

static void kill_ends_looking(struct kunit *test)
{
	struct bench *b = bench_bound(test);

	watch(b, N_AT_WATCH_DSR);
	at_port_kill(b->port);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&b->port->modem.work));
}

static void port_exit(struct kunit *test)
{
	if (test->priv)
		bench_free(test->priv);
}

static struct kunit_case port_cases[] = {
	KUNIT_CASE(receive_line_goes_to_owner),
	KUNIT_CASE(receive_echoes_before_the_answer),
	KUNIT_CASE(receive_second_line_waits_for_final),
	KUNIT_CASE(reply_collects_while_the_next_line_executes),
	KUNIT_CASE(reply_collects_a_tick_at_most),
	KUNIT_CASE(reply_collects_no_more_than_a_buffer),
	KUNIT_CASE(reply_with_settings_or_a_prompt_collects_nothing),
	KUNIT_CASE(receive_on_dead_port_touches_nothing),
	KUNIT_CASE(receive_overlong_line_is_told_without_bytes),
	KUNIT_CASE(receive_damaged_line_is_flagged_and_counted),
	KUNIT_CASE(receive_damage_waits_with_its_line),
	KUNIT_CASE(lost_is_what_the_driver_dropped_meanwhile),
	KUNIT_CASE(receive_unknown_flag_is_clean),
	KUNIT_CASE(reply_of_another_line_is_stale),
	KUNIT_CASE(reply_of_stranger_is_refused),
	KUNIT_CASE(reply_after_final_is_refused),
	KUNIT_CASE(reply_settings_take_effect_behind_its_output),
	KUNIT_CASE(bind_of_owned_port_is_refused),
	KUNIT_CASE(set_within_a_line_is_safe),
	KUNIT_CASE(receive_beyond_fifo_is_not_taken),
	KUNIT_CASE(receive_throttles_and_final_unthrottles),
	KUNIT_CASE(flush_unthrottles),
	KUNIT_CASE(kill_unthrottles),
	KUNIT_CASE(receive_throttles_without_driver_ops),
	KUNIT_CASE(set_termios_raises_rts_that_is_stuck),
	KUNIT_CASE(receive_on_pty_wakes_the_writer),
	KUNIT_CASE(output_survives_any_answer_of_the_driver),
	KUNIT_CASE(output_outlives_a_lost_wakeup),
	KUNIT_CASE(wake_is_safe_in_atomic_context),
	KUNIT_CASE(receive_takes_no_byte_whose_echo_does_not_fit),
	KUNIT_CASE(reply_beyond_the_queue_is_refused_and_asked_for),
	KUNIT_CASE(data_begin_within_a_receive_buffer),
	KUNIT_CASE(data_of_no_bytes_come_at_once),
	KUNIT_CASE(data_without_memory_are_refused_at_the_prompt),
	KUNIT_CASE(data_are_not_echoed),
	KUNIT_CASE(data_end_by_idle_time),
	KUNIT_CASE(data_end_by_the_timer),
	KUNIT_CASE(data_end_by_break),
	KUNIT_CASE(data_reply_while_they_are_taken_is_refused),
	KUNIT_CASE(data_are_called_off_by_a_final_reply),
	KUNIT_CASE(data_that_could_not_be_told_are_called_off),
	KUNIT_CASE(urc_goes_out_at_once_when_idle),
	KUNIT_CASE(urc_waits_for_final_in_order),
	KUNIT_CASE(urc_waits_while_a_line_is_typed),
	KUNIT_CASE(urc_goes_out_when_the_line_is_deleted),
	KUNIT_CASE(urc_does_not_wait_for_noise),
	KUNIT_CASE(urc_waits_for_what_may_become_a_prefix),
	KUNIT_CASE(urc_goes_out_between_noise_without_pause),
	KUNIT_CASE(urc_goes_out_within_noise_that_looks_half_typed),
	KUNIT_CASE(urc_waits_for_pipelined_lines_but_not_for_ever),
	KUNIT_CASE(urc_is_one_write),
	KUNIT_CASE(urc_is_not_broken_by_an_echo_or_an_answer),
	KUNIT_CASE(urc_of_dead_owner_still_goes_out),
	KUNIT_CASE(urc_beyond_the_queue_is_refused_and_asked_for),
	KUNIT_CASE(refused_reply_does_not_wait_for_urcs),
	KUNIT_CASE(line_waits_for_an_owner),
	KUNIT_CASE(line_without_owner_gets_the_orphan_reply),
	KUNIT_CASE(owner_dies_executing_line_is_not_repeated),
	KUNIT_CASE(owner_dies_in_data_nothing_is_executed),
	KUNIT_CASE(owner_dies_in_data_that_never_come),
	KUNIT_CASE(owner_dies_with_a_full_queue_host_gets_its_answer),
	KUNIT_CASE(unbind_is_for_the_owner),
	KUNIT_CASE(delivery_to_a_full_socket_is_repeated),
	KUNIT_CASE(space_told_to_a_full_socket_is_repeated),
	KUNIT_CASE(line_whose_orphan_reply_does_not_fit_waits),
	KUNIT_CASE(delivery_to_a_closed_socket_loses_the_owner),
	KUNIT_CASE(owner_that_hangs_loses_its_line),
	KUNIT_CASE(owner_that_replies_does_not_hang),
	KUNIT_CASE(owner_may_take_its_time_by_default),
	KUNIT_CASE(owner_is_released_once),
	KUNIT_CASE(driver_that_is_closed_is_not_used),
	KUNIT_CASE(kill_arms_no_timer_again),
	KUNIT_CASE(kill_after_flush_frees_once),
	KUNIT_CASE(kill_tells_the_owner),
	KUNIT_CASE(flush_drops_what_is_not_framed),
	KUNIT_CASE(two_ports_share_nothing),
	KUNIT_CASE(delivered_line_is_wiped),
	KUNIT_CASE(line_changes_when_the_answer_is_out),
	KUNIT_CASE(line_change_holds_urcs),
	KUNIT_CASE(line_change_does_not_wait_for_ever),
	KUNIT_CASE(line_that_is_so_already_is_not_changed),
	KUNIT_CASE(line_change_releases_the_driver),
	KUNIT_CASE(line_change_meanwhile_is_not_lost),
	KUNIT_CASE(line_change_ends_with_the_port),
	KUNIT_CASE(damage_bits_are_lent),
	KUNIT_CASE(damage_bits_are_set_again),
	KUNIT_CASE(damage_bits_outlive_a_change_of_the_line),
	KUNIT_CASE(damage_bits_of_a_closed_driver),
	KUNIT_CASE(damage_bits_of_others_stay),
	KUNIT_CASE(line_without_a_speed_keeps_none),
	KUNIT_CASE(line_change_asked_for_again_does_not_wait_longer),
	KUNIT_CASE(line_change_leaves_a_driver_that_is_closed),
	KUNIT_CASE(line_is_what_it_was_set_to),
	KUNIT_CASE(xoff_stops_output_and_is_no_input),
	KUNIT_CASE(xoff_holds_what_is_not_written),
	KUNIT_CASE(xoff_is_obeyed_while_executing_and_in_data),
	KUNIT_CASE(xoff_without_ixon_is_data),
	KUNIT_CASE(xoff_that_is_0_is_none),
	KUNIT_CASE(xon_has_its_characters_when_it_is_asked_for),
	KUNIT_CASE(xoff_with_a_parity_error_is_input),
	KUNIT_CASE(xoff_seen_ahead_is_obeyed_once),
	KUNIT_CASE(xon_does_not_prolong_a_half_typed_line),
	KUNIT_CASE(xoff_ends_with_ixon_and_with_the_port),
	KUNIT_CASE(xoff_is_obeyed_to_the_end),
	KUNIT_CASE(xon_seen_ahead_tells_of_space),
	KUNIT_CASE(closed_driver_is_left_alone),
	KUNIT_CASE(closed_driver_gets_it_when_it_is_open),
	KUNIT_CASE(owner_gone_long_ago_is_not_waited_for),
	KUNIT_CASE(line_typed_long_ago_holds_no_urc),
	KUNIT_CASE(break_is_told_when_nothing_follows),
	KUNIT_CASE(break_is_told_by_the_timer),
	KUNIT_CASE(break_with_bytes_behind_it_only_counts),
	KUNIT_CASE(breaks_close_together_only_count),
	KUNIT_CASE(break_waits_for_a_full_socket_once),
	KUNIT_CASE(break_is_told_while_executing_and_in_data),
	KUNIT_CASE(break_ahead_of_what_is_refused_only_counts),
	KUNIT_CASE(break_without_owner_is_not_told_later),
	KUNIT_CASE(break_begins_a_character_ahead),
	KUNIT_CASE(modem_lines_are_not_looked_at_unasked),
	KUNIT_CASE(modem_lines_that_change_are_told),
	KUNIT_CASE(modem_lines_are_looked_at_again_and_again),
	KUNIT_CASE(modem_line_that_is_not_watched_is_not_told),
	KUNIT_CASE(dcd_is_told_by_the_driver_or_looked_at),
	KUNIT_CASE(loss_of_a_line_outlives_a_full_socket),
	KUNIT_CASE(modem_lines_of_a_tty_that_has_none),
	KUNIT_CASE(modem_lines_of_a_closed_driver_are_left_alone),
	KUNIT_CASE(kill_ends_looking),
	{}
};

static struct kunit_suite port_suite = {
	.name = "n_at_port",
	.exit = port_exit,
	.test_cases = port_cases,
};

kunit_test_suite(port_suite);
