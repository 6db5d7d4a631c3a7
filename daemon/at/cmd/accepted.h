/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What hosts set and a board has no use for: it is kept, so that its read
 * form tells what was set.
 */
#ifndef ATMQTT_AT_ACCEPTED_H
#define ATMQTT_AT_ACCEPTED_H

struct at_session;

#define AT_ACCEPTED_MAX		160	/* bytes: user and password fit */
#define AT_ACCEPTED_KEYS	8	/* values that one command keeps */
#define AT_N_ACCEPTED		48	/* more than all commands keep */

/* The parameters of a command as its read form tells them. */
struct at_accepted {
	const char *name;	/* the command's; NULL: none, nor behind it */
	char text[AT_ACCEPTED_MAX];
};

/* Forgets all of it. */
void at_accepted_reset(struct at_session *s);

#endif /* ATMQTT_AT_ACCEPTED_H */
