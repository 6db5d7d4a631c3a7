// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Lines are taken apart as the daemon does.  It may be told not to take
 * backslashes as escapes, and its commands have liberties of their own, so
 * what could be read in two ways is masked to the end.
 */
#include "ctl/mask.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/parser.h"
#include "daemon/at/secret.h"

#define PREFIX_LEN	2	/* "AT" */
#define LAST_ARG	31	/* of the bits of struct at_secret */
#define FINAL		"\r\n\r\nOK\r\n"

static bool mask_rest(struct buf *out)
{
	buf_add(out, MASK, strlen(MASK));
	return true;
}

static bool is_secret(uint32_t args, unsigned int n)
{
	return args & 1U << (n < LAST_ARG ? n : LAST_ARG);
}

/* The arguments from @n on are among @args. */
static bool any_from(uint32_t args, unsigned int n)
{
	return n > LAST_ARG ? is_secret(args, LAST_ARG) : args >> n;
}

static bool names_a_secret(const char *p, const char *end)
{
	const struct at_secret *row;
	size_t i, n;

	for (i = 0; (row = at_secret_at(i)); i++) {
		n = strlen(row->name);
		if (!row->set)
			continue;
		for (const char *q = p; q + n <= end; q++)
			if (!strncasecmp(q, row->name, n))
				return true;
	}
	return false;
}

/* Of a command without secrets: payloads have quotes in them. */
static bool copy_rest(struct buf *out, const char *p, const char *end)
{
	if (names_a_secret(p, end))
		return mask_rest(out);
	buf_add(out, p, (size_t)(end - p));
	return false;
}

/* One argument, and the comma behind it; false: it is none, or may be two. */
static bool next_arg(struct buf *out, struct at_cmd *c, bool secret,
		     bool strict)
{
	const char *from = c->p;
	struct at_str v;

	if (at_arg_str(c, &v, SIZE_MAX))
		return false;
	if (strict && memchr(from, '\\', (size_t)(c->p - from)))
		return false;
	if (!secret) {
		buf_add(out, from, (size_t)(c->p - from));
		return true;
	}
	mask_rest(out);
	if (c->more)
		buf_add(out, ",", 1);
	return true;
}

/* True: a secret was masked.  *@over: to the end of the line. */
static bool mask_args(struct buf *out, struct at_cmd *c, uint32_t secrets,
		      bool *over)
{
	unsigned int n;
	bool masked = false;

	for (n = 1; c->more && !*over; n++) {
		const char *from = c->p;

		if (next_arg(out, c, is_secret(secrets, n), secrets)) {
			masked |= is_secret(secrets, n);
			continue;
		}
		*over = true;
		masked |= any_from(secrets, n) ? mask_rest(out) :
						 copy_rest(out, from, c->end);
	}
	return masked;
}

/* From the command's name, which at_parse_next() took, to its end */
static bool mask_command(struct buf *out, struct at_cmd *c,
			 const char *from, bool *secret_data, bool *over)
{
	const struct at_secret *row = at_secret_find(c->name);
	bool extended = c->name[0] == '+';

	buf_add(out, from, (size_t)(c->p - from));
	*secret_data |= extended && (!row || row->data);
	if (c->form != AT_FORM_SET || !extended)
		return false;
	if (row)
		return mask_args(out, c, row->set, over);
	*over = true;
	return mask_rest(out);
}

static bool mask_commands(struct buf *out, struct at_cmd *c,
			  bool *secret_data)
{
	bool masked = false, over = false;
	const char *from = c->p;
	int rc = 0;

	while (!over && (rc = at_parse_next(c)) > 0) {
		masked |= mask_command(out, c, from, secret_data, &over);
		from = c->p;
	}
	*secret_data |= over || rc < 0;
	if (over)
		return masked;
	if (rc < 0)
		return mask_rest(out);
	buf_add(out, from, (size_t)(c->end - from));
	return masked;
}

static bool is_repeat(const char *line, size_t len)
{
	return len == 2 && toupper((unsigned char)*line) == 'A' &&
	       line[1] == '/';
}

bool mask_line(struct buf *out, const char *line, size_t len, bool damaged,
	       bool *secret_data)
{
	struct at_cmd c;
	char *scratch;
	bool masked;

	if (is_repeat(line, len)) {
		buf_add(out, line, len);
		return false;
	}
	*secret_data = damaged;
	if (len < PREFIX_LEN)
		return false;
	buf_add(out, line, PREFIX_LEN);
	scratch = damaged ? NULL : malloc(len + 1);
	if (!scratch)
		return mask_rest(out);
	at_parse_start(&c, line + PREFIX_LEN, len - PREFIX_LEN, scratch, true);
	masked = mask_commands(out, &c, secret_data);
	explicit_bzero(scratch, len + 1);
	free(scratch);
	return masked;
}

/* ---- answers ---- */

/* Behind the first "@name: " that is not the answer to its test form, or end */
static const char *find_line(const char *p, const char *end, const char *name)
{
	char start[32];
	size_t n = (size_t)snprintf(start, sizeof(start), "%s: ", name);

	while ((p = memmem(p, (size_t)(end - p), start, n))) {
		p += n;
		if (p == end || *p != '(')
			return p;
	}
	return end;
}

/* Where the arguments of the first line start that tells a secret, or end */
static const char *find_told(const char *text, const char *end, uint32_t *told)
{
	const struct at_secret *row;
	const char *first = end;
	const char *p;
	size_t i;

	for (i = 0; (row = at_secret_at(i)); i++) {
		p = row->told ? find_line(text, end, row->name) : end;
		if (p < first) {
			first = p;
			*told = row->told;
		}
	}
	return first;
}

/* The arguments ahead of the first secret one */
static void copy_open_args(struct buf *out, const char *p, const char *end,
			   uint32_t told)
{
	char *scratch = malloc((size_t)(end - p) + 1);
	struct at_cmd c = { .p = p, .end = end, .more = true,
			    .scratch = scratch };
	struct at_str v;
	unsigned int n;

	for (n = 1; scratch && c.more && !is_secret(told, n); n++) {
		const char *from = c.p;

		if (at_arg_str(&c, &v, SIZE_MAX))
			break;
		buf_add(out, from, (size_t)(c.p - from));
	}
	if (scratch)
		explicit_bzero(scratch, (size_t)(end - p) + 1);
	free(scratch);
}

/* What is told may hold quotes and line ends: nothing behind it is trusted. */
bool mask_answer(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len;
	uint32_t told = 0;
	const char *p = find_told(text, end, &told);
	size_t n = strlen(FINAL);

	if (p == end) {
		buf_add(out, text, len);
		return false;
	}
	buf_add(out, text, (size_t)(p - text));
	copy_open_args(out, p, end, told);
	mask_rest(out);
	if ((size_t)(end - p) >= n && !memcmp(end - n, FINAL, n))
		buf_add(out, FINAL, n);
	return true;
}
