// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Bytes as C-escaped text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/escape.h"

static char decode(const char **p)
{
	char hex[3] = { 0 };
	char ch = *(*p)++;

	switch (ch) {
	case 'r':
		return '\r';
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'x':
		memcpy(hex, *p, 2);
		*p += 2;
		return (char)strtol(hex, NULL, 16);
	default:
		return ch;
	}
}

/* {N*c} */
static size_t decode_run(const char **p, char *ch)
{
	char *end;
	size_t n = strtoul(*p, &end, 10);

	*ch = end[1];
	*p = end + 3;
	return n;
}

static int is_run(const char *p)
{
	size_t n = strspn(p + 1, "0123456789");

	return *p == '{' && n && p[1 + n] == '*' && p[2 + n] &&
	       p[3 + n] == '}';
}

size_t unescape_text(const char *text, char *out, size_t size)
{
	size_t n = 0, times;
	char ch;

	while (*text) {
		times = 1;
		if (is_run(text)) {
			text++;
			times = decode_run(&text, &ch);
		} else if (*text == '\\' && text[1]) {
			text++;
			ch = decode(&text);
		} else {
			ch = *text++;
		}
		assert_true(n + times <= size);
		memset(out + n, ch, times);
		n += times;
	}
	return n;
}

const char *escape_bytes(const void *bytes, size_t len)
{
	static char text[4096];
	const unsigned char *p = bytes;
	size_t n = 0, i;

	for (i = 0; i < len && n < sizeof(text) - 8; i++) {
		if (p[i] == '\r' || p[i] == '\n')
			n += (size_t)sprintf(text + n, "\\%c",
					     p[i] == '\r' ? 'r' : 'n');
		else if (isprint(p[i]))
			text[n++] = (char)p[i];
		else
			n += (size_t)sprintf(text + n, "\\x%02x", p[i]);
	}
	text[n] = '\0';
	return text;
}

void assert_bytes(const void *got, size_t got_len, const void *want,
		  size_t want_len)
{
	if (got_len == want_len && !memcmp(got, want, want_len))
		return;
	print_error("got:  %s\n", escape_bytes(got, got_len));
	print_error("want: %s\n", escape_bytes(want, want_len));
	fail();
}
