// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Topics, by MQTT 3.1.1 1.5.3 and 4.7.
 */
#include "daemon/at/topic.h"

#include <stdint.h>
#include <string.h>

#define BAD_CHAR	UINT32_MAX

/* Sequences by their first byte; min excludes longer forms than needed. */
static const struct {
	uint8_t mask, lead, extra;
	uint32_t min;
} forms[] = {
	{ 0x80, 0x00, 0, 0x0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
};

/* RFC 3629: takes a character off the front, or BAD_CHAR. */
static uint32_t next_char(const char **p, const char *end)
{
	uint8_t first = (uint8_t)*(*p)++;
	uint32_t ch;
	size_t i, n;

	for (i = 0; i < 4 && (first & forms[i].mask) != forms[i].lead; i++)
		;
	if (i == 4)
		return BAD_CHAR;
	ch = first & (uint8_t)~forms[i].mask;
	for (n = forms[i].extra; n; n--) {
		if (*p == end || (**p & 0xc0) != 0x80)
			return BAD_CHAR;
		ch = ch << 6 | (*(*p)++ & 0x3f);
	}
	if (ch < forms[i].min || ch > 0x10ffff || (ch >= 0xd800 && ch < 0xe000))
		return BAD_CHAR;
	return ch;
}

bool is_mqtt_string(const char *p, size_t len)
{
	const char *end = p + len;
	uint32_t ch;

	while (p < end) {
		ch = next_char(&p, end);
		if (ch == BAD_CHAR || !ch)
			return false;
	}
	return true;
}

static bool is_printable(const char *p, size_t len)
{
	const char *end = p + len;
	uint32_t ch;

	while (p < end) {
		ch = next_char(&p, end);
		if (ch < 0x20 || (ch >= 0x7f && ch < 0xa0) || ch == BAD_CHAR)
			return false;
	}
	return len > 0;
}

bool is_topic_name(const char *p, size_t len)
{
	return is_printable(p, len) && !memchr(p, '+', len) &&
	       !memchr(p, '#', len);
}

bool is_topic_filter(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != '+' && p[i] != '#')
			continue;
		if (i > 0 && p[i - 1] != '/')
			return false;
		if (i + 1 < len && (p[i] == '#' || p[i + 1] != '/'))
			return false;
	}
	return is_printable(p, len);
}
