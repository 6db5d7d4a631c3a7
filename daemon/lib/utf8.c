// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * RFC 3629 chapter 4.  Overlong forms, surrogates and what is too large are
 * told by a character's second byte, the control characters U+0080 to U+009F
 * by that behind 0xc2.
 */
#include "daemon/lib/utf8.h"

#include <string.h>

#define TEXT	0x01
#define ANY	0x02

/* A row for first bytes from @from to @to, in strings that @of has. */
static const struct form {
	unsigned char from, to, of;
	unsigned char left;
	unsigned char low, high;	/* of the second byte */
} forms[] = {
	{ 0x00, 0x1f, ANY, 0, 0, 0 },
	{ 0x20, 0x7e, ANY | TEXT, 0, 0, 0 },
	{ 0x7f, 0x7f, ANY, 0, 0, 0 },
	{ 0xc2, 0xc2, ANY, 1, 0x80, 0xbf },
	{ 0xc2, 0xc2, TEXT, 1, 0xa0, 0xbf },
	{ 0xc3, 0xdf, ANY | TEXT, 1, 0x80, 0xbf },
	{ 0xe0, 0xe0, ANY | TEXT, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, ANY | TEXT, 2, 0x80, 0xbf },
	{ 0xed, 0xed, ANY | TEXT, 2, 0x80, 0x9f },
	{ 0xee, 0xef, ANY | TEXT, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, ANY | TEXT, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, ANY | TEXT, 3, 0x80, 0xbf },
	{ 0xf4, 0xf4, ANY | TEXT, 3, 0x80, 0x8f },
};

static bool first_byte(struct utf8 *u, unsigned char byte, unsigned char of)
{
	const struct form *f;

	for (f = forms; f < forms + sizeof(forms) / sizeof(forms[0]); f++) {
		if (byte < f->from || byte > f->to || !(f->of & of))
			continue;
		u->left = f->left;
		u->low = f->low;
		u->high = f->high;
		return true;
	}
	return false;
}

static bool next_byte(struct utf8 *u, unsigned char byte)
{
	bool ok = byte >= u->low && byte <= u->high;

	u->left--;
	u->low = 0x80;
	u->high = 0xbf;
	return ok;
}

static bool feed(struct utf8 *u, const void *p, size_t len, unsigned char of)
{
	const unsigned char *byte = p;

	for (; len; len--, byte++)
		if (u->left ? !next_byte(u, *byte) : !first_byte(u, *byte, of))
			return false;
	return true;
}

bool utf8_is_text(struct utf8 *u, const void *p, size_t len)
{
	return feed(u, p, len, TEXT);
}

bool utf8_is_valid(struct utf8 *u, const void *p, size_t len)
{
	return feed(u, p, len, ANY);
}

bool utf8_is_whole(const struct utf8 *u)
{
	return !u->left;
}

bool utf8_is_topic_name(const void *p, size_t len)
{
	struct utf8 u = { 0 };

	return len && utf8_is_text(&u, p, len) && utf8_is_whole(&u) &&
	       !memchr(p, '+', len) && !memchr(p, '#', len);
}
