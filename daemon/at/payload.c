// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/payload.h"

#include <string.h>

static const char digits[] = "0123456789ABCDEF";

/* Rule L8 backwards.  Bytes of UTF-8 are no text for a host of this kind. */
static size_t escape(unsigned char c, char out[PAYLOAD_GROWTH_MAX])
{
	bool printable = c >= ' ' && c <= '~';

	out[0] = '\\';
	if (c == '\r' || c == '\n') {
		out[1] = c == '\r' ? 'r' : 'n';
		return 2;
	}
	if (c == '\\' || c == '"') {
		out[1] = (char)c;
		return 2;
	}
	if (printable) {
		out[0] = (char)c;
		return 1;
	}
	out[1] = digits[c >> 4];
	out[2] = digits[c & 15];
	return 3;
}

static size_t escaped_length(const unsigned char *p, size_t n)
{
	char text[PAYLOAD_GROWTH_MAX];
	size_t len = 0;

	while (n--)
		len += escape(*p++, text);
	return len;
}

unsigned int payload_growth(enum payload_format format)
{
	switch (format) {
	case PAYLOAD_RAW:
		return 1;
	case PAYLOAD_HEX:
		return 2;
	case PAYLOAD_ESCAPED:
		return PAYLOAD_GROWTH_MAX;
	}
	return 1;
}

size_t payload_written(enum payload_format format, const void *p, size_t n)
{
	switch (format) {
	case PAYLOAD_RAW:
		return n;
	case PAYLOAD_HEX:
		return 2 * n;
	case PAYLOAD_ESCAPED:
		return escaped_length(p, n);
	}
	return 0;
}

static void write_hex(struct buf *b, const unsigned char *p, size_t n)
{
	for (; n; n--, p++)
		buf_add(b, (char[]){ digits[*p >> 4], digits[*p & 15] }, 2);
}

static void write_escaped(struct buf *b, const unsigned char *p, size_t n)
{
	char text[PAYLOAD_GROWTH_MAX];

	for (; n; n--, p++)
		buf_add(b, text, escape(*p, text));
}

void payload_write(struct buf *b, enum payload_format format, const void *p,
		   size_t n)
{
	buf_add(b, "\"", 1);
	switch (format) {
	case PAYLOAD_RAW:
		buf_add(b, p, n);
		break;
	case PAYLOAD_HEX:
		write_hex(b, p, n);
		break;
	case PAYLOAD_ESCAPED:
		write_escaped(b, p, n);
		break;
	}
	buf_add(b, "\"", 1);
}
