// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The line discipline: what the tty core calls, handed on to the port.
 *
 * The core holds the tty's ldisc_sem for reading around each operation, and for
 * writing around .open and .close, which therefore run beside no other.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/tty.h>
#include <linux/tty_ldisc.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "ldisc.h"
#include "message.h"
#include "netlink.h"

/* Not a console, whose paste waits for a discipline to take it. */
static bool at_ldisc_is_for(const struct tty_struct *tty)
{
	return tty->ops->write &&
	       (tty->driver->type == TTY_DRIVER_TYPE_SERIAL ||
		tty->driver->type == TTY_DRIVER_TYPE_PTY);
}

/*
 * TIOCSETD, or an open that revives a hung-up tty.  May sleep.  From
 * at_nl_add() on netlink may use the port, and the tty through it.
 */
static int at_ldisc_open(struct tty_struct *tty)
{
	struct at_port *port;
	int err;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (!at_ldisc_is_for(tty))
		return -EOPNOTSUPP;
	port = at_port_create(tty, current->nsproxy->net_ns, &at_message_link);
	if (!port)
		return -ENOMEM;
	at_line_take_damage(port, tty);
	err = at_nl_add(port);
	if (err)
		goto err_kill;
	tty->disc_data = port;
	/*
	 * The discipline before us may have left the driver throttled, or the
	 * output stopped by an XOFF whose XON we would not know as such.
	 */
	tty_unthrottle(tty);
	start_tty(tty);
	pr_info("%s: attached as port %u\n", tty->name, port->id);
	return 0;

err_kill:
	at_port_kill(port);
	at_port_put(port);
	return err;
}

/*
 * TIOCSETD, the last close, and every hang-up; once for each .open.  Still at
 * work may be netlink and the port's own works; at_port_kill() ends both.
 */
static void at_ldisc_close(struct tty_struct *tty)
{
	struct at_port *port = tty->disc_data;

	pr_info("%s: detached\n", tty->name);
	at_port_kill(port);
	clear_bit(TTY_DO_WRITE_WAKEUP, &tty->flags);
	tty->disc_data = NULL;
	at_nl_remove(port);
	at_port_put(port);
}

/*
 * The flip buffer's work, with its lock; TIOCSTI does not come here.  May
 * sleep, but never for something that arrives by receive.  What is not taken
 * stays in the flip buffer until at_restart_rx().
 */
static at_rx_count_t at_ldisc_receive(struct tty_struct *tty,
				      const unsigned char *buf,
				      at_rx_flag_t *flags, at_rx_count_t n)
{
	struct at_port *port = tty->disc_data;

	return at_port_receive(port, buf, (const char *)flags, n);
}

/*
 * As receive, beside which it does not run: what it left untaken.  Without it,
 * before 6.0, an XON behind that is seen when the owner has answered.
 */
static void __maybe_unused at_ldisc_lookahead(struct tty_struct *tty,
					      const unsigned char *buf,
					      const unsigned char *flags,
					      at_ahead_count_t n)
{
	at_port_lookahead(tty->disc_data, buf, flags, n);
}

/* The driver, in any context, with its locks held: only queues work. */
static void at_ldisc_write_wakeup(struct tty_struct *tty)
{
	struct at_port *port = tty->disc_data;

	at_port_wake(port);
}

/*
 * TCFLSH, TCSETSF, hang-up, by any process, and the last close, ahead of the
 * driver's shutdown.  With the flip buffer's lock held.  May sleep.
 */
static void at_ldisc_flush(struct tty_struct *tty)
{
	struct at_port *port = tty->disc_data;

	if (tty->closing)
		at_port_leave_driver(port);
	at_port_flush(port);
}

/*
 * The driver, in any context, with its locks held: only queues work.  Of changes
 * that come faster than it runs the last is told.
 */
static void at_ldisc_dcd_change(struct tty_struct *tty, at_dcd_t on)
{
	struct at_port *port = tty->disc_data;

	clear_bit(on ? AT_PORT_DCD_OFF : AT_PORT_DCD_ON, &port->events);
	set_bit(on ? AT_PORT_DCD_ON : AT_PORT_DCD_OFF, &port->events);
	at_port_wake(port);
}

/* TCSETS by any process, with termios_rwsem held: no lock that waits for it. */
static void at_ldisc_set_termios(struct tty_struct *tty, at_old_termios_t *old)
{
	struct at_port *port = tty->disc_data;

	at_line_note(port, tty);
	if (!old)
		return;
	if ((old->c_cflag & CRTSCTS) && !C_CRTSCTS(tty) &&
	    test_bit(TTY_THROTTLED, &tty->flags))
		set_bit(AT_PORT_RTS_STUCK, &port->events);
	if ((old->c_iflag & IXON) && !I_IXON(tty))
		set_bit(AT_PORT_IXON_OFF, &port->events);
	if (!at_line_tells_damage(tty))
		set_bit(AT_PORT_DAMAGE_OFF, &port->events);
	if (READ_ONCE(port->events))
		at_port_wake(port);
}

/* Any process that has the tty open.  May sleep. */
static int at_ldisc_ioctl(AT_IOCTL_ARGS)
{
	struct at_port *port = tty->disc_data;
	int err;

	if (cmd == TIOCOUTQ)
		return put_user(tty_chars_in_buffer(tty) + at_port_unsent(port),
				(int __user *)arg);
	err = at_ioctl_helper(tty, cmd, arg);
	at_line_renew(port, tty);
	return err;
}

/*
 * Nothing can be read or written, but whoever keeps the tty open learns of a
 * hang-up: it wakes both queues.
 */
static __poll_t at_ldisc_poll(struct tty_struct *tty, struct file *file,
			      struct poll_table_struct *wait)
{
	poll_wait(file, &tty->read_wait, wait);
	poll_wait(file, &tty->write_wait, wait);
	if (test_bit(TTY_OTHER_CLOSED, &tty->flags) || tty_hung_up_p(file))
		return EPOLLHUP;
	return 0;
}

static struct tty_ldisc_ops ldisc_ops = {
	AT_LDISC_NUM(N_AT_LDISC)
	.owner = THIS_MODULE,
	.name = "n_at",
	.open = at_ldisc_open,
	.close = at_ldisc_close,
	.flush_buffer = at_ldisc_flush,
	.ioctl = at_ldisc_ioctl,
	.set_termios = at_ldisc_set_termios,
	.poll = at_ldisc_poll,
	.receive_buf2 = at_ldisc_receive,
	AT_LOOKAHEAD_OP(at_ldisc_lookahead)
	.write_wakeup = at_ldisc_write_wakeup,
	.dcd_change = at_ldisc_dcd_change,
};

int at_ldisc_register(void)
{
	return at_register_ldisc(N_AT_LDISC, &ldisc_ops);
}

void at_ldisc_unregister(void)
{
	at_unregister_ldisc(N_AT_LDISC, &ldisc_ops);
}
