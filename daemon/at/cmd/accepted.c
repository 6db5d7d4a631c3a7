// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The rows of the table of commands with .initial: SMS, power saving, radio.
 * A parameter that is left out is as .initial has it, and is quoted if that
 * is; of a command without .initial they are as the host wrote them.
 */
#include "daemon/at/cmd/accepted.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/table.h"

#define ARG_MAX_LEN	4096	/* a whole line */

/* +CGAUTH keeps a password. */
void at_accepted_reset(struct at_session *s)
{
	explicit_bzero(s->accepted, sizeof(s->accepted));
}

/*
 * The text that is kept
 */

/* Behind the parameter at @p of .initial, which has no comma in a string */
static const char *next_initial(const char *p)
{
	p += strcspn(p, ",");
	return *p ? p + 1 : NULL;
}

static bool is_plain(const struct at_str *v)
{
	size_t i;

	for (i = 0; i < v->len; i++)
		if (iscntrl((unsigned char)v->p[i]) || v->p[i] == '"')
			return false;
	return true;
}

/* Takes one parameter, @initial (NULL: none) if it is absent. */
static int put_arg(struct at_session *s, struct at_cmd *c, char *text,
		   const char *initial)
{
	const char *quote = c->p < c->end && *c->p == '"' ? "\"" : "";
	size_t n = strlen(text);
	struct at_str v = { NULL, 0 };
	int len;

	if (at_arg_opt_str(c, &v, ARG_MAX_LEN) || (v.p && !is_plain(&v)))
		return at_bad_arg(s, -EINVAL, "parameter");
	if (initial && v.p)
		quote = *initial == '"' ? "\"" : "";
	if (v.p)
		len = snprintf(text + n, AT_ACCEPTED_MAX - n, "%s%s%s", quote,
			       v.p, quote);
	else
		len = snprintf(text + n, AT_ACCEPTED_MAX - n, "%.*s",
			       initial ? (int)strcspn(initial, ",") : 0,
			       initial ? initial : "");
	if ((size_t)len >= AT_ACCEPTED_MAX - n - 1)
		return at_bad_arg(s, -E2BIG, "parameters");
	return AT_OK;
}

static int put_args(struct at_session *s, struct at_cmd *c,
		    const struct at_row *row, char *text)
{
	const char *initial = *row->initial ? row->initial : NULL;
	struct at_str v;
	int rc = AT_OK;

	if (row->has_mode && at_arg_str(c, &v, ARG_MAX_LEN))
		return at_bad_arg(s, -EINVAL, "parameter");
	while (!rc && c->more) {
		rc = put_arg(s, c, text, initial);
		if (initial)
			initial = next_initial(initial);
		if (!rc && (c->more || initial))
			strcat(text, ",");
	}
	if (!rc && initial &&
	    strlen(text) + strlen(initial) >= AT_ACCEPTED_MAX)
		return at_bad_arg(s, -E2BIG, "parameters");
	if (!rc && initial)
		strcat(text, initial);
	return rc;
}

/*
 * Where it is kept
 */

/* In the order of time, without gaps. */
static void drop(struct at_session *s, struct at_accepted *a)
{
	struct at_accepted *last = s->accepted + AT_N_ACCEPTED - 1;

	memmove(a, a + 1, (size_t)(last - a) * sizeof(*a));
	explicit_bzero(last, sizeof(*last));
}

static bool has_key(const struct at_accepted *a, const char *text)
{
	size_t n = strcspn(text, ",");

	return strcspn(a->text, ",") == n && !strncasecmp(a->text, text, n);
}

/* Of a command that keeps many values the oldest makes room. */
static struct at_accepted *find_place(struct at_session *s,
				      const struct at_row *row,
				      const char *text)
{
	struct at_accepted *first = NULL;
	struct at_accepted *a;
	unsigned int count = 0;

	for (a = s->accepted; a->name; a++) {
		if (a->name != row->name)
			continue;
		if (!row->keyed || has_key(a, text))
			return a;
		if (!count++)
			first = a;
	}
	if (count < AT_ACCEPTED_KEYS)
		return a;
	drop(s, first);
	return a - 1;
}

static void keep(struct at_session *s, const struct at_row *row,
		 const char *text)
{
	struct at_accepted *a = find_place(s, row, text);

	a->name = row->name;
	snprintf(a->text, sizeof(a->text), "%s", text);
}

/* A mode alone, as +CEDRXS=0, turns off what was set. */
static void forget(struct at_session *s, const struct at_row *row)
{
	struct at_accepted *a = s->accepted;

	while (a->name) {
		if (a->name == row->name)
			drop(s, a);
		else
			a++;
	}
}

/*
 * Commands
 */

static const struct at_row *row_of(const struct at_session *s,
				   const struct at_cmd *c)
{
	return at_table_find(c->name, s->profile);
}

int at_accepted_set(struct at_session *s, struct at_cmd *c)
{
	const struct at_row *row = row_of(s, c);
	char text[AT_ACCEPTED_MAX] = "";
	int rc;

	if (!c->more)
		return AT_OK;
	rc = put_args(s, c, row, text);
	if (!rc && row->has_mode && !*text)
		forget(s, row);
	else if (!rc)
		keep(s, row, text);
	explicit_bzero(text, sizeof(text));
	return rc;
}

int at_accepted_read(struct at_session *s, struct at_cmd *c)
{
	const struct at_row *row = row_of(s, c);
	const struct at_accepted *a;
	bool was_set = false;

	for (a = s->accepted; a->name; a++) {
		if (a->name != row->name)
			continue;
		was_set = true;
		at_text(&s->set, &s->out, "%s: %s", c->name, a->text);
	}
	if (!was_set && *row->initial)
		at_text(&s->set, &s->out, "%s: %s", c->name, row->initial);
	return AT_OK;
}

int at_accepted_test(struct at_session *s, struct at_cmd *c)
{
	const struct at_row *row = row_of(s, c);

	if (row->values)
		at_text(&s->set, &s->out, "%s: %s", c->name, row->values);
	return AT_OK;
}
