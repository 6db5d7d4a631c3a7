// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Ttys that tell when they are used while they are off.
 *
 *   ttyStrict0 ==null modem== ttyStrict1	ttyStrict2 == ttyStrict3
 *
 * A UART of a system on a chip has no clock between ->shutdown and the next
 * ->activate: an access is a bus error there, and nothing at all on a PC.  Here
 * it is a warning with the operation's name.  An ioctl that meets a hang-up does
 * the same without n_at, which is only counted.
 *
 * Whatever a real driver may be slow at is slow here: a change of the termios,
 * the way down, and output while the other end holds RTS low.  What was
 * taken from the transmit buffer is in the UART's fifo for a tick at least, and
 * in no ->chars_in_buffer.
 */
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/kallsyms.h>
#include <linux/kfifo.h>
#include <linux/module.h>
#include <linux/serial.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/tty_driver.h>
#include <linux/tty_flip.h>
#include <linux/workqueue.h>

#define TTYS 4
#define XMIT_SIZE 4096
#define FIFO_SIZE 64
#define SETTLE_MS 5	/* after a change of the termios */
#define LOOK_MS 5	/* between looks at an output fifo */
#define SHUTDOWN_MS 30
#define CLOSING_WAIT_MS 300	/* for output that stands still */
#define STACK_DEPTH 64

/* -- what is told -------------------------------------------------------- */

enum strict_op {
	STRICT_WRITE,
	STRICT_FLUSH_BUFFER,
	STRICT_THROTTLE,
	STRICT_UNTHROTTLE,
	STRICT_STOP,
	STRICT_START,
	STRICT_SET_TERMIOS,
	STRICT_WAIT_UNTIL_SENT,
	STRICT_TIOCMGET,
	STRICT_TIOCMSET,
	STRICT_BREAK_CTL,
	STRICT_OPS
};

static const char *const op_names[STRICT_OPS] = {
	[STRICT_WRITE] = "write",
	[STRICT_FLUSH_BUFFER] = "flush_buffer",
	[STRICT_THROTTLE] = "throttle",
	[STRICT_UNTHROTTLE] = "unthrottle",
	[STRICT_STOP] = "stop",
	[STRICT_START] = "start",
	[STRICT_SET_TERMIOS] = "set_termios",
	[STRICT_WAIT_UNTIL_SENT] = "wait_until_sent",
	[STRICT_TIOCMGET] = "tiocmget",
	[STRICT_TIOCMSET] = "tiocmset",
	[STRICT_BREAK_CTL] = "break_ctl",
};

/* For who reads /sys/module/strict_tty/parameters: in the order of enum strict_op. */
static unsigned int used[STRICT_OPS];
static unsigned int misused[STRICT_OPS];
static unsigned int others;
static unsigned int shutdowns;

module_param_array(used, uint, NULL, 0444);
MODULE_PARM_DESC(used, "times each operation was called");
module_param_array(misused, uint, NULL, 0444);
MODULE_PARM_DESC(misused, "times each was called while the tty was off");
module_param(others, uint, 0444);
MODULE_PARM_DESC(others, "times another than n_at did so after a hang-up");
module_param(shutdowns, uint, 0444);
MODULE_PARM_DESC(shutdowns, "times a tty was switched off");

static DECLARE_BITMAP(told, STRICT_OPS);

/* False too where stacks are not to be told, as of user mode Linux. */
static bool called_by_n_at(void)
{
	unsigned long entries[STACK_DEPTH];
	unsigned int i, n = stack_trace_save(entries, STACK_DEPTH, 0);
	char name[KSYM_SYMBOL_LEN];

	for (i = 0; i < n; i++) {
		sprint_symbol(name, entries[i]);
		if (strstr(name, "[n_at]"))
			return true;
	}
	return false;
}

/* -- a tty --------------------------------------------------------------- */

struct strict_tty {
	struct tty_port port;
	struct strict_tty *peer;
	bool on; /* from ->activate to ->shutdown, */
	bool hung_up; /* or to ->hangup */
	bool rts;
	bool dtr;
	bool crtscts;

	spinlock_t lock; /* guards what follows */
	DECLARE_KFIFO(xmit, u8, XMIT_SIZE);
	u8 fifo[FIFO_SIZE];
	unsigned int in_fifo;
	bool stopped;
	struct serial_icounter_struct icount;

	struct delayed_work pump;
};

static struct strict_tty strict_ttys[TTYS];
static struct tty_driver *strict_driver;

/*
 * Each access to what would be a register.  After the last close there is nobody
 * left but the discipline, after a hang-up there are those it has overtaken.
 */
static void touch(struct strict_tty *s, enum strict_op op)
{
	used[op]++;
	if (READ_ONCE(s->on))
		return;
	if (READ_ONCE(s->hung_up) && !called_by_n_at()) {
		others++;
		return;
	}
	misused[op]++;
	if (!test_and_set_bit(op, told))
		WARN(1, "strict_tty: %s of a tty that is off\n", op_names[op]);
}

static struct strict_tty *strict_of(struct tty_struct *tty)
{
	return container_of(tty->port, struct strict_tty, port);
}

/* -- the wire ------------------------------------------------------------ */

static void receive(struct strict_tty *s, const u8 *buf, size_t n, u8 flag)
{
	size_t k;

	if (!READ_ONCE(s->on))
		return;
	k = tty_insert_flip_string_fixed_flag(&s->port, buf, flag, n);
	s->icount.rx += k;
	s->icount.buf_overrun += n - k;
	tty_flip_buffer_push(&s->port);
}

static bool may_send(struct strict_tty *s)
{
	return !s->stopped &&
	       (!READ_ONCE(s->crtscts) || READ_ONCE(s->peer->rts));
}

/* The fifo onto the wire, and the next bytes into it. */
static void pump_work(struct work_struct *work)
{
	struct strict_tty *s =
		container_of(work, struct strict_tty, pump.work);
	unsigned int n = 0, left;
	u8 buf[FIFO_SIZE];

	spin_lock_irq(&s->lock);
	if (may_send(s)) {
		n = s->in_fifo;
		memcpy(buf, s->fifo, n);
		s->in_fifo = kfifo_out(&s->xmit, s->fifo, FIFO_SIZE);
		s->icount.tx += n;
	}
	left = s->in_fifo + kfifo_len(&s->xmit);
	spin_unlock_irq(&s->lock);
	if (n)
		receive(s->peer, buf, n, TTY_NORMAL);
	if (n)
		tty_port_tty_wakeup(&s->port);
	if (left && READ_ONCE(s->on))
		queue_delayed_work(system_wq, &s->pump, 1);
}

static void send_char(struct strict_tty *s, u8 c)
{
	if (c)
		receive(s->peer, &c, 1, TTY_NORMAL);
}

static void tell_dcd(struct strict_tty *s, bool up)
{
	struct tty_struct *tty = tty_port_tty_get(&s->port);
	struct tty_ldisc *ld = tty ? tty_ldisc_ref(tty) : NULL;

	if (ld && ld->ops->dcd_change)
		ld->ops->dcd_change(tty, up);
	if (ld)
		tty_ldisc_deref(ld);
	tty_kref_put(tty);
}

static void set_dtr(struct strict_tty *s, bool up)
{
	if (READ_ONCE(s->dtr) != up)
		tell_dcd(s->peer, up);
	WRITE_ONCE(s->dtr, up);
}

/* -- operations that touch it -------------------------------------------- */

static ssize_t strict_write(struct tty_struct *tty, const u8 *buf, size_t n)
{
	struct strict_tty *s = strict_of(tty);
	unsigned long flags;

	touch(s, STRICT_WRITE);
	if (!READ_ONCE(s->on))
		return 0;
	spin_lock_irqsave(&s->lock, flags);
	n = kfifo_in(&s->xmit, buf, n);
	spin_unlock_irqrestore(&s->lock, flags);
	queue_delayed_work(system_wq, &s->pump, 0);
	return n;
}

static void strict_flush_buffer(struct tty_struct *tty)
{
	struct strict_tty *s = strict_of(tty);
	unsigned long flags;

	touch(s, STRICT_FLUSH_BUFFER);
	spin_lock_irqsave(&s->lock, flags);
	kfifo_reset(&s->xmit);
	spin_unlock_irqrestore(&s->lock, flags);
	tty_port_tty_wakeup(&s->port);
}

static void strict_throttle(struct tty_struct *tty)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_THROTTLE);
	if (I_IXOFF(tty))
		send_char(s, STOP_CHAR(tty));
	if (C_CRTSCTS(tty))
		WRITE_ONCE(s->rts, false);
}

static void strict_unthrottle(struct tty_struct *tty)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_UNTHROTTLE);
	if (I_IXOFF(tty))
		send_char(s, START_CHAR(tty));
	if (C_CRTSCTS(tty))
		WRITE_ONCE(s->rts, true);
}

static void set_stopped(struct strict_tty *s, bool stopped)
{
	unsigned long flags;

	spin_lock_irqsave(&s->lock, flags);
	s->stopped = stopped;
	spin_unlock_irqrestore(&s->lock, flags);
}

static void strict_stop(struct tty_struct *tty)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_STOP);
	set_stopped(s, true);
}

static void strict_start(struct tty_struct *tty)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_START);
	set_stopped(s, false);
}

static void strict_set_termios(struct tty_struct *tty,
			       const struct ktermios *old)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_SET_TERMIOS);
	msleep(SETTLE_MS);
	WRITE_ONCE(s->crtscts, C_CRTSCTS(tty));
	if (!C_BAUD(tty)) {
		set_dtr(s, false);
		WRITE_ONCE(s->rts, false);
	} else if (!(old->c_cflag & CBAUD)) {
		set_dtr(s, true);
		WRITE_ONCE(s->rts, true);
	}
	touch(s, STRICT_SET_TERMIOS);
}

/* Up to @timeout while CTS is low, looking now and then, as serial_core does. */
static void strict_wait_until_sent(struct tty_struct *tty, int timeout)
{
	struct strict_tty *s = strict_of(tty);
	unsigned long end = jiffies + timeout;

	do {
		touch(s, STRICT_WAIT_UNTIL_SENT);
		if (!READ_ONCE(s->in_fifo))
			return;
		msleep_interruptible(LOOK_MS);
	} while (!signal_pending(current) && time_before(jiffies, end));
}

static int strict_tiocmget(struct tty_struct *tty)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_TIOCMGET);
	return (READ_ONCE(s->rts) ? TIOCM_RTS : 0) |
	       (READ_ONCE(s->dtr) ? TIOCM_DTR : 0) |
	       (READ_ONCE(s->peer->rts) ? TIOCM_CTS : 0) |
	       (READ_ONCE(s->peer->dtr) ? TIOCM_CAR | TIOCM_DSR : 0);
}

static int strict_tiocmset(struct tty_struct *tty, unsigned int set,
			   unsigned int clear)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_TIOCMSET);
	if ((set | clear) & TIOCM_RTS)
		WRITE_ONCE(s->rts, set & TIOCM_RTS);
	if ((set | clear) & TIOCM_DTR)
		set_dtr(s, set & TIOCM_DTR);
	return 0;
}

/* -1 begins a break; the other end's driver tells of it, asked or not. */
static int strict_break_ctl(struct tty_struct *tty, int state)
{
	struct strict_tty *s = strict_of(tty);

	touch(s, STRICT_BREAK_CTL);
	if (state)
		receive(s->peer, "", 1, TTY_BREAK);
	return 0;
}

/* -- operations that look at memory only --------------------------------- */

static unsigned int strict_write_room(struct tty_struct *tty)
{
	return kfifo_avail(&strict_of(tty)->xmit);
}

static unsigned int strict_chars_in_buffer(struct tty_struct *tty)
{
	return kfifo_len(&strict_of(tty)->xmit);
}

static int strict_get_icount(struct tty_struct *tty,
			     struct serial_icounter_struct *icount)
{
	*icount = strict_of(tty)->icount;
	return 0;
}

/* -- life ---------------------------------------------------------------- */

static int strict_activate(struct tty_port *port, struct tty_struct *tty)
{
	struct strict_tty *s = container_of(port, struct strict_tty, port);

	WRITE_ONCE(s->crtscts, C_CRTSCTS(tty));
	set_stopped(s, false);
	WRITE_ONCE(s->hung_up, false);
	WRITE_ONCE(s->on, true);
	return 0;
}

static void strict_shutdown(struct tty_port *port)
{
	struct strict_tty *s = container_of(port, struct strict_tty, port);
	unsigned long flags;

	WRITE_ONCE(s->on, false);
	cancel_delayed_work_sync(&s->pump);
	spin_lock_irqsave(&s->lock, flags);
	kfifo_reset(&s->xmit);
	s->in_fifo = 0;
	spin_unlock_irqrestore(&s->lock, flags);
	shutdowns++;
	msleep(SHUTDOWN_MS);
}

static void strict_dtr_rts(struct tty_port *port, bool up)
{
	struct strict_tty *s = container_of(port, struct strict_tty, port);

	WRITE_ONCE(s->rts, up);
	set_dtr(s, up);
}

static const struct tty_port_operations strict_port_ops = {
	.activate = strict_activate,
	.shutdown = strict_shutdown,
	.dtr_rts = strict_dtr_rts,
};

static int strict_open(struct tty_struct *tty, struct file *file)
{
	return tty_port_open(tty->port, tty, file);
}

static void strict_close(struct tty_struct *tty, struct file *file)
{
	tty_port_close(tty->port, tty, file);
}

static void strict_hangup(struct tty_struct *tty)
{
	WRITE_ONCE(strict_of(tty)->hung_up, true);
	tty_port_hangup(tty->port);
}

static const struct tty_operations strict_ops = {
	.open = strict_open,
	.close = strict_close,
	.hangup = strict_hangup,
	.write = strict_write,
	.write_room = strict_write_room,
	.chars_in_buffer = strict_chars_in_buffer,
	.flush_buffer = strict_flush_buffer,
	.throttle = strict_throttle,
	.unthrottle = strict_unthrottle,
	.stop = strict_stop,
	.start = strict_start,
	.set_termios = strict_set_termios,
	.wait_until_sent = strict_wait_until_sent,
	.tiocmget = strict_tiocmget,
	.tiocmset = strict_tiocmset,
	.break_ctl = strict_break_ctl,
	.get_icount = strict_get_icount,
};

static void strict_init_tty(unsigned int i)
{
	struct strict_tty *s = &strict_ttys[i];

	tty_port_init(&s->port);
	s->port.ops = &strict_port_ops;
	s->port.closing_wait = msecs_to_jiffies(CLOSING_WAIT_MS);
	s->peer = &strict_ttys[i ^ 1];
	spin_lock_init(&s->lock);
	INIT_KFIFO(s->xmit);
	INIT_DELAYED_WORK(&s->pump, pump_work);
	tty_port_link_device(&s->port, strict_driver, i);
}

static int __init strict_init(void)
{
	unsigned int i;
	int err;

	strict_driver = tty_alloc_driver(TTYS, TTY_DRIVER_REAL_RAW);
	if (IS_ERR(strict_driver))
		return PTR_ERR(strict_driver);
	strict_driver->driver_name = "strict_tty";
	strict_driver->name = "ttyStrict";
	strict_driver->type = TTY_DRIVER_TYPE_SERIAL;
	strict_driver->subtype = SERIAL_TYPE_NORMAL;
	strict_driver->init_termios = tty_std_termios;
	strict_driver->init_termios.c_iflag = 0;
	strict_driver->init_termios.c_oflag = 0;
	strict_driver->init_termios.c_lflag = 0;
	strict_driver->init_termios.c_cflag =
		B115200 | CS8 | CREAD | HUPCL | CLOCAL | CRTSCTS;
	tty_set_operations(strict_driver, &strict_ops);
	for (i = 0; i < TTYS; i++)
		strict_init_tty(i);
	err = tty_register_driver(strict_driver);
	if (!err)
		return 0;
	for (i = 0; i < TTYS; i++)
		tty_port_destroy(&strict_ttys[i].port);
	tty_driver_kref_put(strict_driver);
	return err;
}

static void __exit strict_exit(void)
{
	unsigned int i;

	tty_unregister_driver(strict_driver);
	for (i = 0; i < TTYS; i++) {
		cancel_delayed_work_sync(&strict_ttys[i].pump);
		tty_port_destroy(&strict_ttys[i].port);
	}
	tty_driver_kref_put(strict_driver);
}

module_init(strict_init);
module_exit(strict_exit);
MODULE_DESCRIPTION("ttys that tell when they are used while they are off");
MODULE_LICENSE("GPL");
