// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Strings of the network, whole and cut into pieces everywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/utf8.h"

/* v valid, t text, w whole if so, n topic name: what it is */
static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	const char *is;
} rows[] = {
#define ROW(name, bytes, is) { name, bytes, sizeof(bytes) - 1, is }
	ROW("empty", "", "vtw"),
	ROW("ASCII", "a/b \"c\"~", "vtwn"),
	ROW("wildcard +", "a/+", "vtw"),
	ROW("wildcard #", "#", "vtw"),
	ROW("+ within a level", "a+b", "vtw"),
	/* the first and the last of each length */
	ROW("U+0020", " ", "vtwn"),
	ROW("U+007E", "~", "vtwn"),
	ROW("U+00A0", "\xc2\xa0", "vtwn"),
	ROW("U+07FF", "\xdf\xbf", "vtwn"),
	ROW("U+0800", "\xe0\xa0\x80", "vtwn"),
	ROW("U+D7FF", "\xed\x9f\xbf", "vtwn"),
	ROW("U+E000", "\xee\x80\x80", "vtwn"),
	ROW("U+FFFF", "\xef\xbf\xbf", "vtwn"),
	ROW("U+10000", "\xf0\x90\x80\x80", "vtwn"),
	ROW("U+FFFFF", "\xf3\xbf\xbf\xbf", "vtwn"),
	ROW("U+10FFFF", "\xf4\x8f\xbf\xbf", "vtwn"),
	ROW("a byte that is C2's control later on", "\xe2\x82\x80", "vtwn"),
	ROW("characters of all lengths", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z",
	    "vtwn"),
	/* control characters */
	ROW("NUL", "a\0b", "vw"),
	ROW("U+0001", "\x01", "vw"),
	ROW("CR LF", "a\r\nb", "vw"),
	ROW("U+001F", "\x1f", "vw"),
	ROW("DEL", "a\x7f", "vw"),
	ROW("C1: U+0080", "\xc2\x80", "vw"),
	ROW("C1: NEL", "a\xc2\x85""b", "vw"),
	ROW("C1: CSI", "\xc2\x9b""2J", "vw"),
	ROW("C1: U+009F", "\xc2\x9f", "vw"),
	ROW("C1 as a bare byte", "\x9b", ""),
	/* longer than need be */
	ROW("overlong 2: NUL", "\xc0\x80", ""),
	ROW("overlong 2: CR", "\xc0\x8d", ""),
	ROW("overlong 2: U+007F", "\xc1\xbf", ""),
	ROW("overlong 3: NUL", "\xe0\x80\x80", ""),
	ROW("overlong 3: CR", "\xe0\x80\x8d", ""),
	ROW("overlong 3: U+07FF", "\xe0\x9f\xbf", ""),
	ROW("overlong 4: NUL", "\xf0\x80\x80\x80", ""),
	ROW("overlong 4: U+FFFF", "\xf0\x8f\xbf\xbf", ""),
	/* no characters */
	ROW("surrogate U+D800", "\xed\xa0\x80", ""),
	ROW("surrogate U+DFFF", "\xed\xbf\xbf", ""),
	ROW("surrogate pair", "\xed\xa0\xbd\xed\xb8\x80", ""),
	ROW("F4 90: U+110000", "\xf4\x90\x80\x80", ""),
	ROW("F5", "\xf5\x80\x80\x80", ""),
	ROW("five bytes", "\xf8\x88\x80\x80\x80", ""),
	ROW("six bytes", "\xfc\x84\x80\x80\x80\x80", ""),
	ROW("FE", "\xfe", ""),
	ROW("FF", "\xff", ""),
	/* cut */
	ROW("cut: 1 of 2", "a\xc3", "vt"),
	ROW("cut: 1 of 3", "\xe2", "vt"),
	ROW("cut: 2 of 3", "\xe2\x82", "vt"),
	ROW("cut: 1 of 4", "\xf0", "vt"),
	ROW("cut: 3 of 4", "\xf0\x9f\x98", "vt"),
	ROW("cut within", "\xc3""a", ""),
	ROW("cut within, then a character", "\xe2\x82\xc3\xa4", ""),
	ROW("cut by CR", "\xe2\x82\r", ""),
	ROW("second byte alone", "\xa4", ""),
	ROW("second byte too many", "\xc3\xa4\xa4", ""),
};

#define N_ROWS	(sizeof(rows) / sizeof(rows[0]))

static bool is(size_t row, char what)
{
	return strchr(rows[row].is, what) != NULL;
}

typedef bool (*feeder)(struct utf8 *u, const void *p, size_t len);

/* In three pieces, each exactly as long as it is. */
static bool feed_piece(struct utf8 *u, feeder feed, const char *p, size_t len)
{
	char *piece = malloc(len ? len : 1);
	bool ok;

	memcpy(piece, p, len);
	ok = feed(u, piece, len);
	free(piece);
	return ok;
}

static void check_split(size_t row, size_t a, size_t b)
{
	static const struct {
		feeder feed;
		char what;
	} kinds[] = { { utf8_is_text, 't' }, { utf8_is_valid, 'v' } };
	const char *p = rows[row].bytes;
	struct utf8 u;
	size_t i;
	bool ok;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		u = (struct utf8){ 0 };
		ok = feed_piece(&u, kinds[i].feed, p, a) &&
		     feed_piece(&u, kinds[i].feed, p + a, b - a) &&
		     feed_piece(&u, kinds[i].feed, p + b, rows[row].len - b);
		assert_int_equal(ok, is(row, kinds[i].what));
		if (ok)
			assert_int_equal(utf8_is_whole(&u), is(row, 'w'));
	}
}

static void a_string_is_judged_the_same_however_it_is_cut(void **state)
{
	size_t i, a, b;

	(void)state;
	for (i = 0; i < N_ROWS; i++) {
		print_message("%s\n", rows[i].name);
		for (a = 0; a <= rows[i].len; a++)
			for (b = a; b <= rows[i].len; b++)
				check_split(i, a, b);
	}
}

static void a_topic_name_is_a_text_without_wildcards(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ROWS; i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(utf8_is_topic_name(rows[i].bytes,
						    rows[i].len),
				 is(i, 'n'));
	}
}

/* U+0000 to U+10FFFF, by a coder that knows no table. */
static size_t encode(uint32_t ch, unsigned char out[4])
{
	size_t n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = n; --i; ch >>= 6)
		out[i] = 0x80 | (ch & 0x3f);
	out[0] = leads[n] | (unsigned char)ch;
	return n;
}

static void every_code_point_is_what_it_is(void **state)
{
	bool control, surrogate;
	unsigned char bytes[4];
	struct utf8 any, text;
	uint32_t ch;
	size_t n;

	(void)state;
	for (ch = 0; ch < 0x200000; ch++) {
		any = text = (struct utf8){ 0 };
		n = encode(ch, bytes);
		control = ch < 0x20 || (ch >= 0x7f && ch < 0xa0);
		surrogate = ch >= 0xd800 && ch < 0xe000;
		assert_int_equal(utf8_is_valid(&any, bytes, n),
				 !surrogate && ch <= 0x10ffff);
		assert_int_equal(utf8_is_text(&text, bytes, n),
				 !surrogate && ch <= 0x10ffff && !control);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_is_judged_the_same_however_it_is_cut),
		cmocka_unit_test(a_topic_name_is_a_text_without_wildcards),
		cmocka_unit_test(every_code_point_is_what_it_is),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
