/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The commands that exist.
 */
#ifndef ATMQTT_AT_TABLE_H
#define ATMQTT_AT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "daemon/at/parser.h"
#include "daemon/at/profile.h"

struct at_session;

/*
 * Carries out a command.  Returns an enum at_code: AT_OK; AT_WAIT after
 * at_ask_data(); the rest as at_fail() gave it.
 */
typedef int (*at_handler)(struct at_session *s, struct at_cmd *c);

struct at_row {
	const char *name;	/* in capitals */
	unsigned int needs;	/* PROFILE_*: without it, it is unknown */
	bool cme;		/* its manual page has +CME ERROR */
	bool info;		/* L10: its read form is its execute form */
	at_handler exec;	/* NULL each: there is no such form */
	at_handler read;
	at_handler test;	/* NULL: of an extended command just OK */
	at_handler set;
	/* of what is kept without effect, accepted.c */
	const char *initial;	/* its parameters before it is set */
	const char *values;	/* what its test form tells, or NULL */
	bool keyed;		/* keeps a value for each first parameter */
	bool has_mode;		/* the first parameter is not told again */
	const char *usage;	/* behind "AT" */
	const char *summary;
};

/* The row of @name as profile @p has it, or NULL. */
const struct at_row *at_table_find(const char *name, const struct profile *p);

/* How @row does @form, or NULL. */
at_handler at_row_handler(const struct at_row *row, enum at_form form);

/* Row @i, in the order of strcmp(); NULL behind the last. */
const struct at_row *at_table_at(size_t i);

/* The table of commands for the documentation. */
void at_table_print_markdown(FILE *out);

#endif /* ATMQTT_AT_TABLE_H */
