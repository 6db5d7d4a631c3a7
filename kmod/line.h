/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The line: speed, framing and flow control of a tty.
 */
#ifndef AT_LINE_H
#define AT_LINE_H

#include <linux/spinlock.h>
#include <linux/tty.h>
#include <linux/workqueue.h>

#include <linux/n_at.h>

struct at_port;

struct at_line {
	u32 speed; /* baud; 0 at B0, and in a struct that says nothing */
	u32 data_bits; /* 5 to 8 */
	u32 parity; /* enum n_at_parity */
	u32 stop_bits; /* 1, 2 */
	u32 flow; /* N_AT_FLOW_* */
};

/*
 * What the tty has, as .set_termios has found it: who waits for termios_rwsem
 * waits for a driver that sets them, which may take seconds.
 */
struct at_termios {
	spinlock_t lock; /* guards both */
	struct at_line line;
	u32 flow; /* at_line_flow() */
};

/* A change that waits for the output, or is being made. */
struct at_change {
	struct at_line to;
	bool due;
	bool making; /* by the work, without the lock: nothing is written */
	u32 unsent; /* bytes when last looked at */
	unsigned long unsent_since; /* jiffies */
	struct delayed_work work;
	tcflag_t damage_found; /* of termios; the work's own */
};

/* The characters that start and stop our output: 0 to 255, or none. */
#define AT_FLOW_NO_CHAR 0x100
#define AT_FLOW_NONE (AT_FLOW_NO_CHAR | AT_FLOW_NO_CHAR << 16)

static inline u32 at_flow_start(u32 flow)
{
	return flow & 0xffff;
}

static inline u32 at_flow_stop(u32 flow)
{
	return flow >> 16;
}

/**
 * at_line_init - begin
 * @port: port, which nobody knows yet
 * @tty: its tty
 */
void at_line_init(struct at_port *port, struct tty_struct *tty);

/**
 * at_line_is_pty_master - whether a tty has no line of its own
 * @tty: tty
 */
bool at_line_is_pty_master(const struct tty_struct *tty);

/**
 * at_line_note - what the termios have become
 * @port: port
 * @tty: its tty
 *
 * Context: With termios_rwsem held.
 */
void at_line_note(struct at_port *port, struct tty_struct *tty);

/**
 * at_line_renew - the same, for who does not hold the semaphore
 * @port: port
 * @tty: its tty
 *
 * .set_termios is not called while somebody waits to set a discipline.
 *
 * Context: May sleep; without port->lock.
 */
void at_line_renew(struct at_port *port, struct tty_struct *tty);

/**
 * at_line_get - the line as the tty has it
 * @port: port
 * @line: filled in
 */
void at_line_get(struct at_port *port, struct at_line *line);
/**
 * at_line_flow - characters of flow control
 * @port: port
 *
 * Return: them, for at_flow_start() and at_flow_stop(); or AT_FLOW_NONE.
 */
u32 at_line_flow(const struct at_port *port);
bool at_line_equal(const struct at_line *a, const struct at_line *b);

/**
 * at_line_tells_damage - whether a driver tells of damage and breaks
 * @tty: tty with termios_rwsem held
 */
bool at_line_tells_damage(const struct tty_struct *tty);

/**
 * at_line_take_damage - have the driver tell of them
 * @port: port, which nobody knows yet, or whose work this is
 * @tty: its tty
 *
 * Context: May sleep, as the driver may, and call .set_termios.
 */
void at_line_take_damage(struct at_port *port, struct tty_struct *tty);
/**
 * at_line_return_damage - give back what was found instead
 * @port: port, which is dead
 * @tty: the tty that it had
 *
 * Context: As at_line_take_damage().
 */
void at_line_return_damage(struct at_port *port, struct tty_struct *tty);

/**
 * at_line_change - change the line as soon as all output has left it
 * @port: port, with its lock held; until then nothing of it is framed
 * @line: what is wanted
 */
void at_line_change(struct at_port *port, const struct at_line *line);
/**
 * at_line_changing - whether a change is due or being made
 * @port: port, with its lock held
 */
bool at_line_changing(const struct at_port *port);
/**
 * at_line_look - somebody has changed the termios
 * @port: port, with its lock held
 */
void at_line_look(struct at_port *port);
/**
 * at_line_cancel - wait for a change that is being made
 * @port: port, without its lock; what is due later finds the driver closed
 */
void at_line_cancel(struct at_port *port);

#endif /* AT_LINE_H */
