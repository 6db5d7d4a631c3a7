// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The line: between a tty's termios and the settings of linux/n_at.h, the wait
 * for the output before they change, and the bits that tell of damage.
 */
#include <linux/jiffies.h>

#include "compat.h"
#include "port.h"
#include "rx.h"

#define POLL_MS 5
/* Output that has not moved for so long is held by the host. */
#define STUCK_MS 5000
/* For the UART's own fifo, which ->chars_in_buffer() does not count. */
#define FIFO_MS 1000

static const tcflag_t sizes[] = { CS5, CS6, CS7, CS8 };

static const tcflag_t parities[] = {
	[N_AT_PARITY_NONE] = 0,
	[N_AT_PARITY_ODD] = PARENB | PARODD,
	[N_AT_PARITY_EVEN] = PARENB,
	[N_AT_PARITY_MARK] = PARENB | CMSPAR | PARODD,
	[N_AT_PARITY_SPACE] = PARENB | CMSPAR,
};

#define PARITY_BITS (PARENB | CMSPAR | PARODD)

/*
 * A driver tells of damage and breaks only when it is asked to, at 8N1 too, and
 * n_at looks at what it tells.  So these bits are n_at's while it is there.
 */
#define DAMAGE_ON (INPCK | BRKINT)
#define DAMAGE_BITS (DAMAGE_ON | IGNBRK | IGNPAR | PARMRK)

static u8 at_line_index(tcflag_t bits, const tcflag_t *table, u8 n)
{
	u8 i;

	for (i = n - 1; i && table[i] != bits; i--)
		;
	return i;
}

void at_line_get(struct tty_struct *tty, struct at_line *line)
{
	struct ktermios *t = &tty->termios;
	tcflag_t parity;

	down_read(&tty->termios_rwsem);
	parity = t->c_cflag & PARENB ? t->c_cflag & PARITY_BITS : 0;
	*line = (struct at_line){
		.speed = tty_termios_baud_rate(t),
		.data_bits = 5 + at_line_index(t->c_cflag & CSIZE, sizes,
					       ARRAY_SIZE(sizes)),
		.parity = at_line_index(parity, parities, ARRAY_SIZE(parities)),
		.stop_bits = t->c_cflag & CSTOPB ? 2 : 1,
	};
	if (t->c_cflag & CRTSCTS)
		line->flow |= N_AT_FLOW_RTS_CTS;
	if (t->c_iflag & IXON)
		line->flow |= N_AT_FLOW_XON_OUT;
	if (t->c_iflag & IXOFF)
		line->flow |= N_AT_FLOW_XON_IN;
	up_read(&tty->termios_rwsem);
}

bool at_line_equal(const struct at_line *a, const struct at_line *b)
{
	return a->speed == b->speed && a->data_bits == b->data_bits &&
	       a->parity == b->parity && a->stop_bits == b->stop_bits &&
	       a->flow == b->flow;
}

static void at_line_fill_termios(struct ktermios *t, const struct at_line *line)
{
	t->c_cflag &= ~(CSIZE | PARITY_BITS | CSTOPB | CRTSCTS);
	t->c_cflag |= sizes[line->data_bits - 5] | parities[line->parity];
	if (line->stop_bits == 2)
		t->c_cflag |= CSTOPB;
	if (line->flow & N_AT_FLOW_RTS_CTS)
		t->c_cflag |= CRTSCTS;

	t->c_iflag &= ~(DAMAGE_BITS | IXON | IXOFF | IXANY);
	t->c_iflag |= DAMAGE_ON;
	if (line->flow & N_AT_FLOW_XON_OUT)
		t->c_iflag |= IXON;
	if (line->flow & N_AT_FLOW_XON_IN)
		t->c_iflag |= IXOFF;
	tty_termios_encode_baud_rate(t, line->speed, line->speed);
}

/* The core warns of it: a pty's master has no termios of its own. */
static bool at_line_is_pty_master(const struct tty_struct *tty)
{
	return tty->driver->type == TTY_DRIVER_TYPE_PTY &&
	       tty->driver->subtype == PTY_TYPE_MASTER;
}

static struct ktermios at_line_get_termios(struct tty_struct *tty)
{
	struct ktermios t;

	down_read(&tty->termios_rwsem);
	t = tty->termios;
	up_read(&tty->termios_rwsem);
	return t;
}

/*
 * A driver that is closed, or will be by the hang-up that is under way, takes
 * what it finds when it is opened again.
 */
static bool at_line_is_driver_open(struct tty_struct *tty)
{
	return !at_line_is_closed(tty) && !test_bit(TTY_HUPPING, &tty->flags);
}

static void at_line_put_termios(struct tty_struct *tty, struct ktermios *t)
{
	if (at_line_is_driver_open(tty)) {
		tty_set_termios(tty, t);
		return;
	}
	down_write(&tty->termios_rwsem);
	tty->termios = *t;
	up_write(&tty->termios_rwsem);
}

void at_line_set(struct tty_struct *tty, const struct at_line *line)
{
	struct ktermios t;

	if (at_line_is_pty_master(tty))
		return;
	t = at_line_get_termios(tty);
	at_line_fill_termios(&t, line);
	at_line_put_termios(tty, &t);
}

/* -- what tells of damage ------------------------------------------------ */

static tcflag_t at_line_damage_bits(const struct ktermios *t)
{
	return t->c_iflag & DAMAGE_BITS;
}

bool at_line_tells_damage(const struct tty_struct *tty)
{
	return at_line_is_pty_master(tty) ||
	       at_line_damage_bits(&tty->termios) == DAMAGE_ON;
}

static void at_line_set_damage_bits(struct tty_struct *tty, struct ktermios *t,
				    tcflag_t bits)
{
	t->c_iflag = (t->c_iflag & ~DAMAGE_BITS) | bits;
	at_line_put_termios(tty, t);
}

/* What others want of them meanwhile is what they get in the end. */
void at_line_take_damage(struct at_port *port, struct tty_struct *tty)
{
	struct ktermios t = at_line_get_termios(tty);

	if (at_line_is_pty_master(tty) || at_line_damage_bits(&t) == DAMAGE_ON)
		return;
	port->damage_found = at_line_damage_bits(&t);
	at_line_set_damage_bits(tty, &t, DAMAGE_ON);
}

void at_line_return_damage(struct at_port *port, struct tty_struct *tty)
{
	struct ktermios t = at_line_get_termios(tty);

	if (port->damage_found != DAMAGE_ON &&
	    at_line_damage_bits(&t) == DAMAGE_ON)
		at_line_set_damage_bits(tty, &t, port->damage_found);
}

/* -- the change ---------------------------------------------------------- */

bool at_line_changing(const struct at_port *port)
{
	return port->set.line.speed;
}

static void at_line_look_again(struct at_port *port, unsigned int ms)
{
	queue_delayed_work(at_system_wq, &port->line_work,
			   msecs_to_jiffies(ms));
}

/*
 * The driver is released at the old speed: it will not know later.  While it is
 * being changed (tx_held) what it has now is not what it will have.
 */
void at_line_change(struct at_port *port, const struct at_line *line)
{
	struct at_line now;

	lockdep_assert_held(&port->lock);
	at_line_get(port->tty, &now);
	if (!line->speed || (!port->tx_held && at_line_equal(&now, line))) {
		port->set.line.speed = 0;
		return;
	}
	port->set.line = *line;
	port->unsent = 0;
	port->unsent_since = jiffies;
	at_rx_release(port);
	at_line_look_again(port, 0);
}

/* True: it is, or it does not come to an end. */
static bool at_line_is_sent(struct at_port *port)
{
	u32 n = at_ring_used(&port->tx) + tty_chars_in_buffer(port->tty);

	if (n != port->unsent)
		port->unsent_since = jiffies;
	port->unsent = n;
	return !n || time_after(jiffies, port->unsent_since +
				msecs_to_jiffies(STUCK_MS));
}

/* True: the change is to be made now. */
static bool at_line_begin_change(struct at_port *port, struct at_line *line)
{
	if (!at_line_changing(port))
		return false;
	if (!at_line_is_sent(port)) {
		at_line_look_again(port, POLL_MS);
		return false;
	}
	*line = port->set.line;
	port->tx_held = true;
	return true;
}

static void at_line_end_change(struct at_port *port, const struct at_line *line)
{
	port->tx_held = false;
	if (at_line_equal(&port->set.line, line))
		port->set.line.speed = 0;
	else
		at_line_look_again(port, 0);
	port->last_rx = get_jiffies_64();
	at_port_run(port);
}

static void at_line_make_change(struct tty_struct *tty,
				const struct at_line *line)
{
	if (tty->ops->wait_until_sent && at_line_is_driver_open(tty))
		tty->ops->wait_until_sent(tty, msecs_to_jiffies(FIFO_MS));
	at_line_set(tty, line);
}

/*
 * The driver may sleep, which must not keep input from being taken; the tty is
 * there all the same: at_port_kill() waits for this.
 */
static void at_line_work(struct work_struct *work)
{
	struct at_port *port =
		container_of(work, struct at_port, line_work.work);
	struct tty_struct *tty;
	struct at_line line;
	bool changes;

	mutex_lock(&port->lock);
	tty = port->tty;
	changes = tty && at_line_begin_change(port, &line);
	mutex_unlock(&port->lock);
	if (tty)
		at_line_take_damage(port, tty);
	if (!changes)
		return;
	at_line_make_change(tty, &line);
	mutex_lock(&port->lock);
	at_line_end_change(port, &line);
	mutex_unlock(&port->lock);
}

void at_line_look(struct at_port *port)
{
	at_line_look_again(port, 0);
}

void at_line_init(struct at_port *port)
{
	INIT_DELAYED_WORK(&port->line_work, at_line_work);
	port->damage_found = DAMAGE_ON;
}

void at_line_cancel(struct at_port *port)
{
	cancel_delayed_work_sync(&port->line_work);
}
