/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The line: speed, framing and flow control of a tty.
 */
#ifndef AT_LINE_H
#define AT_LINE_H

#include <linux/tty.h>

#include <linux/n_at.h>

struct at_port;

/*
 * The core closes a driver ahead of the discipline: first ->closing is up, then
 * .flush_buffer is called, then the driver is shut down.
 */
static inline bool at_line_is_closed(struct tty_struct *tty)
{
	return tty->closing || tty_io_error(tty);
}

struct at_line {
	u32 speed; /* baud; 0 in a struct that says nothing */
	u32 data_bits; /* 5 to 8 */
	u32 parity; /* enum n_at_parity */
	u32 stop_bits; /* 1, 2 */
	u32 flow; /* N_AT_FLOW_* */
};

/* As the tty's termios have it. */
void at_line_get(struct tty_struct *tty, struct at_line *line);
bool at_line_equal(const struct at_line *a, const struct at_line *b);

/*
 * Changes the termios; a driver takes of them what it can.  May sleep, and may
 * call the discipline's .set_termios: not under a lock that one takes.
 */
void at_line_set(struct tty_struct *tty, const struct at_line *line);

/*
 * The bits of termios that make the driver tell of damage and breaks; the first
 * with termios_rwsem held.  The others may sleep, as at_line_set(), and run
 * before the port is known, in its line_work, and when it is dead.
 */
bool at_line_tells_damage(const struct tty_struct *tty);
void at_line_take_damage(struct at_port *port, struct tty_struct *tty);
void at_line_return_damage(struct at_port *port, struct tty_struct *tty);

/*
 * With port->lock held: change the line as soon as all output has left it.
 * Until then nothing is framed.  @line->speed 0: nothing is to be changed.
 */
void at_line_change(struct at_port *port, const struct at_line *line);
bool at_line_changing(const struct at_port *port);
/* With port->lock held: somebody has changed the termios. */
void at_line_look(struct at_port *port);
/* Without the lock: waits for a change that is under way. */
void at_line_init(struct at_port *port);
void at_line_cancel(struct at_port *port);

#endif /* AT_LINE_H */
