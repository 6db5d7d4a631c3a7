// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a host says beside bytes.  A host may have wired a pin to a modem line,
 * or hold the line in a break, to reset its module; the owner is told.
 *
 * Modem lines are looked at: with CLOCAL an 8250 makes no interrupt for them,
 * and of DSR no discipline is ever told.
 */
#include <linux/bitops.h>
#include <linux/jiffies.h>

#include "compat.h"
#include "line.h"
#include "modem.h"
#include "port.h"

#define WATCH_MS 50
/*
 * No driver tells how long a break lasts.  But one that does lets no byte
 * through, and what a host at another speed sends is a break for each of its
 * bits that is 0: of several close together none is a long one.
 */
#define RESET_MS 100U

static const struct {
	u32 watch;
	int tiocm;
	u8 on;
	u8 off;
} modem_lines[] = {
	{ N_AT_WATCH_DCD, TIOCM_CAR, N_AT_EVENT_DCD_ON, N_AT_EVENT_DCD_OFF },
	{ N_AT_WATCH_DSR, TIOCM_DSR, N_AT_EVENT_DSR_ON, N_AT_EVENT_DSR_OFF },
};

static void at_modem_happened(struct at_port *port, enum n_at_event event)
{
	struct at_modem *m = &port->modem;

	m->last = event;
	at_port_copy(port, N_AT_KIND_EVENT, 0, NULL, 0);
	if (port->owner)
		m->due |= BIT(event);
}

/*
 * If the owner's socket is full both may wait.  A loss makes what came before
 * it old, but is not forgotten when the line comes back: it may mean a reset.
 */
static void at_modem_line_changed(struct at_port *port, size_t i, bool up)
{
	if (!up)
		port->modem.due &= ~BIT(modem_lines[i].on);
	at_modem_happened(port, up ? modem_lines[i].on : modem_lines[i].off);
}

/* -- looking ------------------------------------------------------------- */

static void at_modem_look_in(struct at_port *port, unsigned int ms)
{
	mod_delayed_work(at_system_wq, &port->modem.work, msecs_to_jiffies(ms));
}

static bool at_modem_can_look(struct at_port *port)
{
	struct tty_struct *driver = at_port_driver(port);

	return driver && port->set.watch && driver->ops->tiocmget;
}

/* What a line is when it is looked at first is no change. */
static void at_modem_seen(struct at_port *port, int tiocm)
{
	struct at_modem *m = &port->modem;
	u32 up = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modem_lines); i++)
		if (tiocm & modem_lines[i].tiocm)
			up |= modem_lines[i].watch;
	for (i = 0; i < ARRAY_SIZE(modem_lines); i++)
		if ((up ^ m->up) & m->known & modem_lines[i].watch)
			at_modem_line_changed(port, i,
					      up & modem_lines[i].watch);
	m->known = port->set.watch;
	m->up = up & m->known;
}

/* The driver may sleep, which must not keep input from being taken. */
static void at_modem_work(struct work_struct *work)
{
	struct at_port *port =
		container_of(work, struct at_port, modem.work.work);
	struct tty_struct *tty;
	int tiocm;

	mutex_lock(&port->lock);
	tty = at_modem_can_look(port) ? port->tty : NULL;
	mutex_unlock(&port->lock);
	if (!tty)
		return;
	tiocm = tty->ops->tiocmget(tty);
	mutex_lock(&port->lock);
	if (at_modem_can_look(port)) {
		if (tiocm >= 0)
			at_modem_seen(port, tiocm);
		at_modem_look_in(port, WATCH_MS);
		at_port_run(port);
	}
	mutex_unlock(&port->lock);
}

void at_modem_watch(struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	port->modem.known &= port->set.watch;
	port->modem.up &= port->set.watch;
	if (port->modem.known != port->set.watch)
		at_modem_look_in(port, 0);
}

void at_modem_dcd(struct at_port *port, bool up)
{
	lockdep_assert_held(&port->lock);
	if (port->set.watch & N_AT_WATCH_DCD)
		at_modem_look_in(port, 0);
	else
		at_modem_happened(port,
				  up ? N_AT_EVENT_DCD_ON : N_AT_EVENT_DCD_OFF);
}

void at_modem_init(struct at_port *port)
{
	INIT_DELAYED_WORK(&port->modem.work, at_modem_work);
}

void at_modem_cancel(struct at_port *port)
{
	cancel_delayed_work_sync(&port->modem.work);
}

/* -- breaks -------------------------------------------------------------- */

/* A UART tells of a break a character's time after it has begun. */
static unsigned int at_modem_character_ms(struct at_port *port)
{
	struct at_line line;
	unsigned int bits;

	at_line_get(port, &line);
	bits = 1 + line.data_bits + (line.parity != N_AT_PARITY_NONE) +
	       line.stop_bits;
	return line.speed ? bits * MSEC_PER_SEC / line.speed : 0;
}

void at_modem_damaged(struct at_port *port)
{
	struct at_modem *m = &port->modem;
	u64 now = get_jiffies_64();

	lockdep_assert_held(&port->lock);
	m->alone = time_after_eq64(now, m->damaged_at +
					msecs_to_jiffies(RESET_MS));
	m->damaged_at = now;
}

void at_modem_heard(struct at_port *port, bool ends_in_break)
{
	struct at_modem *m = &port->modem;
	unsigned int ms;

	lockdep_assert_held(&port->lock);
	m->broken = ends_in_break && m->alone;
	if (!m->broken)
		return;
	ms = at_modem_character_ms(port);
	m->reset_at = jiffies + msecs_to_jiffies(RESET_MS - min(ms, RESET_MS));
}

void at_modem_time(struct at_port *port)
{
	struct at_modem *m = &port->modem;

	lockdep_assert_held(&port->lock);
	if (!m->broken || time_before(jiffies, m->reset_at))
		return;
	m->broken = false;
	at_modem_happened(port, N_AT_EVENT_BREAK);
}
