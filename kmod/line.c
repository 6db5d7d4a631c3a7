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

/* XON and XOFF of ITU-T T.50, for a tty that has none. */
#define DC1 0x11
#define DC3 0x13

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

/* -- what the tty has ---------------------------------------------------- */

static void at_line_read(struct ktermios *t, struct at_line *line)
{
	tcflag_t parity = t->c_cflag & PARENB ? t->c_cflag & PARITY_BITS : 0;

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
}

/* As N_TTY has it: a character that is 0 is none. */
static u32 at_line_flow_char(cc_t c)
{
	return c == __DISABLED_CHAR ? AT_FLOW_NO_CHAR : c;
}

static u32 at_line_read_flow(const struct ktermios *t)
{
	if (!(t->c_iflag & IXON))
		return AT_FLOW_NONE;
	return at_line_flow_char(t->c_cc[VSTART]) |
	       at_line_flow_char(t->c_cc[VSTOP]) << 16;
}

void at_line_note(struct at_port *port, struct tty_struct *tty)
{
	struct at_termios *has = &port->termios;
	struct ktermios *t = &tty->termios;

	spin_lock(&has->lock);
	at_line_read(t, &has->line);
	WRITE_ONCE(has->flow, at_line_read_flow(t));
	spin_unlock(&has->lock);
}

void at_line_renew(struct at_port *port, struct tty_struct *tty)
{
	down_read(&tty->termios_rwsem);
	at_line_note(port, tty);
	up_read(&tty->termios_rwsem);
}

void at_line_get(struct at_port *port, struct at_line *line)
{
	spin_lock(&port->termios.lock);
	*line = port->termios.line;
	spin_unlock(&port->termios.lock);
}

u32 at_line_flow(const struct at_port *port)
{
	return READ_ONCE(port->termios.flow);
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
	if (line->flow && t->c_cc[VSTART] == __DISABLED_CHAR)
		t->c_cc[VSTART] = DC1;
	if (line->flow && t->c_cc[VSTOP] == __DISABLED_CHAR)
		t->c_cc[VSTOP] = DC3;
	tty_termios_encode_baud_rate(t, line->speed, line->speed);
}

/* The core warns of it: a pty's master has no termios of its own. */
bool at_line_is_pty_master(const struct tty_struct *tty)
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
static bool at_line_driver_is_open(const struct at_port *port,
				   struct tty_struct *tty)
{
	return !READ_ONCE(port->closing) && !tty_io_error(tty) &&
	       !test_bit(TTY_HUPPING, &tty->flags);
}

static void at_line_put_termios(struct at_port *port, struct tty_struct *tty,
				struct ktermios *t)
{
	if (at_line_driver_is_open(port, tty)) {
		tty_set_termios(tty, t);
		return;
	}
	down_write(&tty->termios_rwsem);
	tty->termios = *t;
	up_write(&tty->termios_rwsem);
}

static void at_line_set(struct at_port *port, struct tty_struct *tty,
			const struct at_line *line)
{
	struct ktermios t;

	if (at_line_is_pty_master(tty))
		return;
	t = at_line_get_termios(tty);
	at_line_fill_termios(&t, line);
	at_line_put_termios(port, tty, &t);
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

static void at_line_set_damage_bits(struct at_port *port,
				    struct tty_struct *tty, struct ktermios *t,
				    tcflag_t bits)
{
	t->c_iflag = (t->c_iflag & ~DAMAGE_BITS) | bits;
	at_line_put_termios(port, tty, t);
}

/* What others want of them meanwhile is what they get in the end. */
void at_line_take_damage(struct at_port *port, struct tty_struct *tty)
{
	struct ktermios t = at_line_get_termios(tty);

	if (at_line_is_pty_master(tty) || at_line_damage_bits(&t) == DAMAGE_ON)
		return;
	port->change.damage_found = at_line_damage_bits(&t);
	at_line_set_damage_bits(port, tty, &t, DAMAGE_ON);
}

void at_line_return_damage(struct at_port *port, struct tty_struct *tty)
{
	struct ktermios t = at_line_get_termios(tty);

	if (port->change.damage_found != DAMAGE_ON &&
	    at_line_damage_bits(&t) == DAMAGE_ON)
		at_line_set_damage_bits(port, tty, &t,
					port->change.damage_found);
}

/* -- the change ---------------------------------------------------------- */

bool at_line_changing(const struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	return port->change.due;
}

/* Not while user space is frozen: a driver may be asleep as well then. */
static void at_line_look_again(struct at_port *port, unsigned int ms)
{
	queue_delayed_work(system_freezable_wq, &port->change.work,
			   msecs_to_jiffies(ms));
}

/*
 * The driver is released at the old speed: it will not know later.  While it is
 * being changed what it has now is not what it will have.
 */
void at_line_change(struct at_port *port, const struct at_line *line)
{
	struct at_change *c = &port->change;
	struct at_line now;

	lockdep_assert_held(&port->lock);
	at_line_get(port, &now);
	if (!c->making && at_line_equal(&now, line)) {
		c->due = false;
		return;
	}
	c->to = *line;
	if (!c->due) {
		c->unsent = 0;
		c->unsent_since = jiffies;
	}
	c->due = true;
	at_rx_release(port);
	at_line_look_again(port, 0);
}

/* True: it is, or it does not come to an end. */
static bool at_line_is_sent(struct at_port *port, struct tty_struct *driver)
{
	struct at_change *c = &port->change;
	u32 n = at_ring_used(&port->tx) + tty_chars_in_buffer(driver);

	if (n != c->unsent)
		c->unsent_since = jiffies;
	c->unsent = n;
	return !n || time_after(jiffies, c->unsent_since +
				msecs_to_jiffies(STUCK_MS));
}

/* True: the change is to be made now. */
static bool at_line_begin_change(struct at_port *port,
				 struct tty_struct *driver,
				 struct at_line *line)
{
	if (!at_line_changing(port))
		return false;
	if (!at_line_is_sent(port, driver)) {
		at_line_look_again(port, POLL_MS);
		return false;
	}
	*line = port->change.to;
	port->change.making = true;
	return true;
}

static void at_line_end_change(struct at_port *port, const struct at_line *line)
{
	struct at_change *c = &port->change;

	c->making = false;
	if (at_line_equal(&c->to, line))
		c->due = false;
	else
		at_line_look_again(port, 0);
	port->last_rx = get_jiffies_64();
	at_port_run(port);
}

static void at_line_make_change(struct at_port *port, struct tty_struct *tty,
				const struct at_line *line)
{
	if (tty->ops->wait_until_sent)
		tty->ops->wait_until_sent(tty, msecs_to_jiffies(FIFO_MS));
	at_line_set(port, tty, line);
}

/*
 * The driver may sleep, which must not keep input from being taken; the tty is
 * there all the same, and open: who closes it waits for this first.
 */
static void at_line_work(struct work_struct *work)
{
	struct at_port *port =
		container_of(work, struct at_port, change.work.work);
	struct tty_struct *driver;
	struct at_line line;
	bool changes;

	mutex_lock(&port->lock);
	driver = at_port_driver(port);
	changes = driver && at_line_begin_change(port, driver, &line);
	mutex_unlock(&port->lock);
	if (!driver)
		return;
	at_line_take_damage(port, driver);
	if (changes)
		at_line_make_change(port, driver, &line);
	at_line_renew(port, driver);
	if (!changes)
		return;
	mutex_lock(&port->lock);
	at_line_end_change(port, &line);
	mutex_unlock(&port->lock);
}

void at_line_look(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	at_line_look_again(port, 0);
}

void at_line_init(struct at_port *port, struct tty_struct *tty)
{
	spin_lock_init(&port->termios.lock);
	INIT_DELAYED_WORK(&port->change.work, at_line_work);
	port->change.damage_found = DAMAGE_ON;
	at_line_renew(port, tty);
}

void at_line_cancel(struct at_port *port)
{
	cancel_delayed_work_sync(&port->change.work);
}
