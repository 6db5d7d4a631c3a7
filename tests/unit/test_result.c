// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Answers in each setting of E, V, Q, S3, S4 and CMEE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "daemon/at/result.h"
#include "tests/unit/escape.h"

static const struct {
	const char *settings;	/* V, Q, CMEE */
	int code;
	bool cme;
	const char *bytes;
} codes[] = {
	{ "101", AT_OK, false, "\r\nOK\r\n" },
	{ "101", AT_OK, true, "\r\nOK\r\n" },
	{ "101", AT_BAD_PARAMETER, false, "\r\nERROR\r\n" },
	{ "101", AT_BAD_PARAMETER, true, "\r\n+CME ERROR: 50\r\n" },
	{ "101", AT_UNKNOWN, true, "\r\n+CME ERROR: 100\r\n" },
	{ "100", AT_BAD_PARAMETER, true, "\r\nERROR\r\n" },
	{ "102", AT_NOT_ALLOWED, true,
	  "\r\n+CME ERROR: operation not allowed\r\n" },
	{ "102", AT_NOT_SUPPORTED, true,
	  "\r\n+CME ERROR: operation not supported\r\n" },
	{ "102", AT_TOO_LONG, true, "\r\n+CME ERROR: text string too long\r\n" },
	{ "102", AT_UNKNOWN, true, "\r\n+CME ERROR: unknown\r\n" },
	{ "102", AT_BAD_PARAMETER, false, "\r\nERROR\r\n" },
	{ "001", AT_OK, false, "0\r" },
	{ "001", AT_BAD_PARAMETER, false, "4\r" },
	{ "001", AT_BAD_PARAMETER, true, "+CME ERROR: 50\r" },
	{ "000", AT_BAD_PARAMETER, true, "4\r" },
	{ "111", AT_OK, false, "" },
	{ "111", AT_BAD_PARAMETER, true, "" },
	{ "011", AT_BAD_PARAMETER, false, "" },
};

static struct at_settings settings(const char *text)
{
	return (struct at_settings){
		.verbose = (uint8_t)(text[0] - '0'),
		.quiet = (uint8_t)(text[1] - '0'),
		.cmee = (uint8_t)(text[2] - '0'),
		.s3 = '\r',
		.s4 = '\n',
	};
}

static void a_final_result_has_its_form(void **state)
{
	struct at_settings set;
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		set = settings(codes[i].settings);
		at_final(&set, &b, codes[i].code, codes[i].cme);
		assert_bytes(b.p, b.len, codes[i].bytes,
			     strlen(codes[i].bytes));
		buf_reset(&b);
	}
	buf_free(&b);
}

static void expect_text(const struct at_settings *set, const char *want)
{
	struct buf b = { 0 };

	at_text(set, &b, "+X: %d", 1);
	assert_bytes(b.p, b.len, want, strlen(want));
	buf_free(&b);
}

static void a_text_has_its_form(void **state)
{
	struct at_settings set = settings("101");

	(void)state;
	expect_text(&set, "\r\n+X: 1\r\n");
	set.quiet = 1;
	expect_text(&set, "\r\n+X: 1\r\n");
	set.verbose = 0;
	expect_text(&set, "+X: 1\r\n");
	set.s3 = 'A';
	set.s4 = 'B';
	expect_text(&set, "+X: 1AB");
	set.verbose = 1;
	expect_text(&set, "AB+X: 1AB");
}

static void a_buffer_grows_and_keeps_what_it_had(void **state)
{
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 40000; i++)
		buf_add(&b, &(char){ (char)i }, 1);
	assert_int_equal(b.len, 40000);
	for (i = 0; i < 40000; i++)
		assert_int_equal(b.p[i], (char)i);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_int_equal(b.p[100], 0);
	buf_free(&b);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_final_result_has_its_form),
		cmocka_unit_test(a_text_has_its_form),
		cmocka_unit_test(a_buffer_grows_and_keeps_what_it_had),
	};

	return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
