/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The life of a module, as its host sees it: power-on with boot lines,
 * restarts, power-off, a tty that goes and comes (rules P1 to P6).
 */
#ifndef ATMQTT_AT_LIFE_H
#define ATMQTT_AT_LIFE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct at_session;

enum at_life_state {
	AT_LIFE_ON,
	AT_LIFE_BOOTING,	/* the boot lines are due */
	AT_LIFE_ANNOUNCING,	/* and due again: the host has said nothing */
	AT_LIFE_OFF,		/* by +CPWROFF: deaf */
};

/* What a command asks for, behind the end of its line */
enum at_life_wish {
	AT_WISH_NONE,
	AT_WISH_RESTART,
	AT_WISH_OFF,
};

struct at_life {
	uv_timer_t timer;
	enum at_life_state state;
	enum at_life_wish wish;
	bool attached;		/* some tty was here since the power-on */
	bool present;		/* and is */
	bool heard;		/* the host has sent a byte by this tty */
	uint32_t held;		/* RESET_ON_*: the host holds these lines */
};

/* Settings, TLS, network and clouds as after power-on */
void at_life_begin(struct at_session *s);

/* What the last command of the line wished, ahead of its reply. */
void at_life_obey(struct at_session *s);

/* A line or data came: false if the module is off, and they are nothing. */
bool at_life_hear(struct at_session *s);

bool at_life_is_off(const struct at_session *s);

/*
 * A tty is there.  @fresh: no command has gone by it, @heard: bytes have.
 * After power-on, or a daemon that went, the boot lines follow.
 */
void at_life_attach(struct at_session *s, bool fresh, bool heard);

#endif /* ATMQTT_AT_LIFE_H */
