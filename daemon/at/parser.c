// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Command lines as V.250 5.2 to 5.4 has them, with the liberties that hosts
 * take (rules L6 to L9):
 *
 *   line     = *( basic / ";" / extended ( ";" / end ) )
 *   basic    = ["&"] letter [number] / "S" number ( "=" number / "?" )
 *   extended = "+" name [ "?" / "=?" / "=" argument *( "," argument ) ]
 *   argument = number / quoted / bare
 *   number   = digits, maybe in quotes
 */
#include "daemon/at/parser.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define NUMBER_MAX 99999999	/* far above any limit, far below overflow */

/* V.250 5.2.2: control characters outside quotes are ignored. */
static bool is_blank(char ch)
{
	return (unsigned char)ch <= ' ' || ch == '\x7f';
}

static bool is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* Where the command ends that has nothing but blanks before that; or NULL */
static const char *command_end(const char *p, const char *end)
{
	p = skip_blanks(p, end);
	return p == end || *p == ';' ? p : NULL;
}

static unsigned int number(const char **pp, const char *end)
{
	const char *p = *pp;
	unsigned int v = 0;

	for (; p < end && is_digit(*p); p++)
		v = v > NUMBER_MAX / 10 ? NUMBER_MAX :
					  v * 10 + (unsigned int)(*p - '0');
	*pp = p;
	return v;
}

void at_parse_start(struct at_cmd *c, const char *line, size_t len,
		    char *scratch, bool escapes)
{
	*c = (struct at_cmd){
		.p = line,
		.end = line + len,
		.scratch = scratch,
		.escapes = escapes,
	};
}

/* Only blanks may follow a form that has no arguments. */
static int end_command(struct at_cmd *c, enum at_form form, const char *p)
{
	p = command_end(p, c->end);
	if (!p)
		return -EINVAL;
	c->form = form;
	c->p = p;
	return 1;
}

static int parse_form(struct at_cmd *c)
{
	const char *p = skip_blanks(c->p, c->end);

	if (p < c->end && *p == '?')
		return end_command(c, AT_FORM_READ, p + 1);
	if (p == c->end || *p != '=')
		return end_command(c, AT_FORM_EXEC, p);
	p = skip_blanks(p + 1, c->end);
	if (p < c->end && *p == '?')
		return end_command(c, AT_FORM_TEST, p + 1);
	c->form = AT_FORM_SET;
	c->more = true;
	c->p = p;
	return 1;
}

static int parse_extended(struct at_cmd *c)
{
	size_t n = 0;

	do {
		if (n == sizeof(c->name) - 1)
			return -EINVAL;
		c->name[n++] = (char)toupper((unsigned char)*c->p++);
	} while (c->p < c->end && isalnum((unsigned char)*c->p));
	c->name[n] = '\0';
	return parse_form(c);
}

/* V.250 5.3.2: "S" and the register's number are the command's name. */
static int parse_register(struct at_cmd *c, size_t n)
{
	const char *p = c->p;

	while (p < c->end && is_digit(*p) && n < sizeof(c->name) - 1)
		c->name[n++] = *p++;
	c->name[n] = '\0';
	if (p == c->end || (*p != '=' && *p != '?'))
		return -EINVAL;
	c->form = *p == '?' ? AT_FORM_READ : AT_FORM_SET;
	p++;
	if (c->form == AT_FORM_SET && (p == c->end || !is_digit(*p)))
		return -EINVAL;
	if (c->form == AT_FORM_SET)
		c->number = number(&p, c->end);
	c->p = p;
	return 1;
}

/* No number is 0.  "ATE?" is no basic command, it must not do "ATE". */
static int parse_basic(struct at_cmd *c)
{
	size_t n = 0;

	if (*c->p == '&')
		c->name[n++] = *c->p++;
	if (c->p == c->end || !isalpha((unsigned char)*c->p))
		return -EINVAL;
	c->name[n++] = (char)toupper((unsigned char)*c->p++);
	c->name[n] = '\0';
	if (!strcmp(c->name, "S"))
		return parse_register(c, n);
	c->form = AT_FORM_EXEC;
	c->number = number(&c->p, c->end);
	if (c->p < c->end && (*c->p == '=' || *c->p == '?'))
		return -EINVAL;
	return 1;
}

int at_parse_next(struct at_cmd *c)
{
	while (c->p < c->end && (is_blank(*c->p) || *c->p == ';'))
		c->p++;
	if (c->p == c->end)
		return 0;
	c->more = false;
	c->number = 0;
	return *c->p == '+' ? parse_extended(c) : parse_basic(c);
}

/* The argument ends at @p; goes on to the next, if a comma says so. */
static int next_arg(struct at_cmd *c, const char *p)
{
	p = skip_blanks(p, c->end);
	c->more = p < c->end && *p == ',';
	if (c->more)
		p = skip_blanks(p + 1, c->end);
	else if (p < c->end && *p != ';')
		return -EINVAL;
	c->p = p;
	return 0;
}

/* The line's end without blanks and one ";": what is last stands there. */
static const char *last_end(const struct at_cmd *c)
{
	const char *p = c->end;

	while (p > c->p && is_blank(p[-1]))
		p--;
	if (p > c->p && p[-1] == ';')
		p--;
	while (p > c->p && is_blank(p[-1]))
		p--;
	return p;
}

/* L7: a quote that nothing opened, as the very last of the line */
static bool is_stray_quote(const struct at_cmd *c, const char *p)
{
	return p < c->end && *p == '"' && last_end(c) == p + 1;
}

/* The digits at *@pp, which goes behind them and the quotes they may have */
static int take_number(const struct at_cmd *c, const char **pp,
		       unsigned int *n)
{
	const char *p = *pp;
	bool quoted = p < c->end && *p == '"';

	if (quoted)
		p++;
	if (p == c->end || !is_digit(*p))
		return -EINVAL;
	*n = number(&p, c->end);
	if (quoted && (p == c->end || *p++ != '"'))
		return -EINVAL;
	if (!quoted && is_stray_quote(c, skip_blanks(p, c->end)))
		p = c->end;
	*pp = p;
	return 0;
}

int at_arg_int(struct at_cmd *c, unsigned int *v, unsigned int min,
	       unsigned int max)
{
	const char *p = c->p;
	unsigned int n;

	if (!c->more || take_number(c, &p, &n) || next_arg(c, p))
		return -EINVAL;
	if (n < min || n > max)
		return -ERANGE;
	*v = n;
	return 0;
}

static int hex_value(char ch)
{
	if (is_digit(ch))
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* JSON has \b and \f, and paths have names: they are no hexadecimal. */
static bool is_hex_pair(const char *p)
{
	return (is_digit(p[0]) || (p[0] >= 'A' && p[0] <= 'F')) &&
	       hex_value(p[1]) >= 0;
}

/* Decodes what the backslash at @p starts; other backslashes are kept. */
static const char *unescape(const char *p, const char *end, char *out)
{
	size_t left = (size_t)(end - p);

	*out = *p;
	if (left >= 3 && is_hex_pair(p + 1)) {
		*out = (char)(hex_value(p[1]) << 4 | hex_value(p[2]));
		return p + 3;
	}
	if (left < 2 || !strchr("\"\\rn", p[1]) || !p[1])
		return p + 1;
	*out = p[1] == 'r' ? '\r' : p[1] == 'n' ? '\n' : p[1];
	return p + 2;
}

/* Copies [@p, @end) without its escapes to the scratch space. */
static int take(struct at_cmd *c, const char *p, const char *end, bool escapes,
		struct at_str *v, size_t max)
{
	char *out = c->scratch;

	while (p < end) {
		if (escapes && *p == '\\')
			p = unescape(p, end, out++);
		else
			*out++ = *p++;
	}
	*out = '\0';
	if ((size_t)(out - c->scratch) > max)
		return -E2BIG;
	v->p = c->scratch;
	v->len = (size_t)(out - c->scratch);
	c->scratch = out + 1;
	return 0;
}

/* The quote that ends the string behind @p; or NULL */
static const char *closing_quote(const struct at_cmd *c, const char *p)
{
	for (; p < c->end; p++) {
		if (*p == '"')
			return p;
		if (c->escapes && *p == '\\' && p + 1 < c->end &&
		    (p[1] == '"' || p[1] == '\\'))
			p++;
	}
	return NULL;
}

static int take_quoted(struct at_cmd *c, struct at_str *v, size_t max)
{
	const char *from = c->p + 1;
	const char *to = closing_quote(c, from);

	if (!to || next_arg(c, to + 1))
		return -EINVAL;
	return take(c, from, to, c->escapes, v, max);
}

/* L7: up to the comma, without the blanks in front of it */
static int take_bare(struct at_cmd *c, struct at_str *v, size_t max)
{
	const char *from = c->p;
	const char *p = from;
	const char *to;

	while (p < c->end && *p != ',' && *p != ';' && *p != '"')
		p++;
	to = p;
	if (is_stray_quote(c, p))
		p = c->end;
	while (to > from && is_blank(to[-1]))
		to--;
	if (next_arg(c, p))
		return -EINVAL;
	return take(c, from, to, false, v, max);
}

int at_arg_str(struct at_cmd *c, struct at_str *v, size_t max)
{
	if (!c->more)
		return -EINVAL;
	if (c->p < c->end && *c->p == '"')
		return take_quoted(c, v, max);
	return take_bare(c, v, max);
}

static bool is_absent(const struct at_cmd *c)
{
	return !c->more || c->p == c->end || *c->p == ',' || *c->p == ';';
}

int at_arg_opt_int(struct at_cmd *c, unsigned int *v, unsigned int min,
		   unsigned int max)
{
	if (!is_absent(c))
		return at_arg_int(c, v, min, max);
	return c->more ? next_arg(c, c->p) : 0;
}

int at_arg_opt_str(struct at_cmd *c, struct at_str *v, size_t max)
{
	if (!is_absent(c))
		return at_arg_str(c, v, max);
	return c->more ? next_arg(c, c->p) : 0;
}

/* A bare JSON object or array, which has commas and quotes of its own */
static bool is_json(const struct at_cmd *c, const char *to)
{
	return to - c->p >= 2 && ((*c->p == '{' && to[-1] == '}') ||
				  (*c->p == '[' && to[-1] == ']'));
}

static int take_last(struct at_cmd *c, const char *from, const char *to,
		     bool escapes, struct at_str *v, size_t max)
{
	c->p = c->end;
	c->more = false;
	return take(c, from, to, escapes, v, max);
}

int at_arg_tail(struct at_cmd *c, struct at_str *v, size_t max)
{
	const char *to = last_end(c);

	if (is_absent(c))
		return -EINVAL;
	if (is_json(c, to))
		return take_last(c, c->p, to, false, v, max);
	if (*c->p != '"')
		return at_arg_str(c, v, max);
	if (to - c->p < 2 || to[-1] != '"')
		return -EINVAL;
	return take_last(c, c->p + 1, to - 1, c->escapes, v, max);
}

/* Behind the digits at @p of the next argument; NULL: there are none */
static const char *behind_digits(const struct at_cmd *c, const char *p)
{
	const char *from = p;

	if (is_absent(c))
		return NULL;
	while (p < c->end && is_digit(*p))
		p++;
	return p == from ? NULL : p;
}

static bool is_last(const struct at_cmd *c, const char *p)
{
	return p && (command_end(p, c->end) ||
		     is_stray_quote(c, skip_blanks(p, c->end)));
}

bool at_arg_is_size(const struct at_cmd *c)
{
	return is_last(c, behind_digits(c, c->p));
}

bool at_arg_is_signed(const struct at_cmd *c)
{
	return !is_absent(c) && (*c->p == '-' || *c->p == '+') &&
	       is_last(c, behind_digits(c, c->p + 1));
}

bool at_arg_is_number(const struct at_cmd *c)
{
	const char *p = behind_digits(c, c->p);

	if (p)
		p = skip_blanks(p, c->end);
	return at_arg_is_size(c) || (p && p < c->end && *p == ',');
}

int at_arg_end(const struct at_cmd *c)
{
	return c->more ? -EINVAL : 0;
}
