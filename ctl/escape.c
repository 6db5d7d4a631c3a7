// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/escape.h"

#include <stdlib.h>

#define WIDEST	4	/* "\xNN" */

static char *put_pair(char *out, char ch)
{
	*out++ = '\\';
	*out++ = ch;
	return out;
}

static char *put_hex(char *out, unsigned char ch)
{
	static const char digits[] = "0123456789abcdef";

	out = put_pair(out, 'x');
	*out++ = digits[ch >> 4];
	*out++ = digits[ch & 15];
	return out;
}

static char *put(char *out, unsigned char ch)
{
	switch (ch) {
	case '\\':
		return put_pair(out, '\\');
	case '\r':
		return put_pair(out, 'r');
	case '\n':
		return put_pair(out, 'n');
	case '\t':
		return put_pair(out, 't');
	}
	if (ch < ' ' || ch > '~')
		return put_hex(out, ch);
	*out++ = (char)ch;
	return out;
}

char *escape_text(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	char *text = malloc(len * WIDEST + 1);
	char *out = text;

	if (!text)
		return NULL;
	while (len--)
		out = put(out, *p++);
	*out = '\0';
	return text;
}
