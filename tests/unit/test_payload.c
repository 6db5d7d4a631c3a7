// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How received payloads and topics are written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "daemon/at/payload.h"
#include "tests/unit/escape.h"

static const struct {
	enum payload_format format;
	const char *in;
	const char *out;
} rows[] = {
	{ PAYLOAD_RAW, "", "" },
	{ PAYLOAD_RAW, "a\\x00\\r\\n\"\\\\\\xff", "a\\x00\\r\\n\"\\\\\\xff" },
	{ PAYLOAD_HEX, "", "" },
	{ PAYLOAD_HEX, "AZ\\x00\\x0a\\xff\"", "415A000AFF22" },
	{ PAYLOAD_ESCAPED, "", "" },
	{ PAYLOAD_ESCAPED, "plain ~text", "plain ~text" },
	{ PAYLOAD_ESCAPED, "{\"a\":1}", "{\\\\\"a\\\\\":1}" },
	{ PAYLOAD_ESCAPED, "\\r\\n\\t\\\\", "\\\\r\\\\n\\\\09\\\\\\\\" },
	{ PAYLOAD_ESCAPED, "\\x00\\x1f\\x7f\\xc3\\xa4",
	  "\\\\00\\\\1F\\\\7F\\\\C3\\\\A4" },
};

static void bytes_are_written_as_the_format_says(void **state)
{
	char in[64], out[64];
	size_t i, n, len;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = { 0 };

		n = unescape_text(rows[i].in, in, sizeof(in));
		len = unescape_text(rows[i].out, out, sizeof(out));
		payload_write(&b, rows[i].format, in, n);
		assert_true(b.len >= 2);
		assert_int_equal(b.p[0], '"');
		assert_int_equal(b.p[b.len - 1], '"');
		assert_bytes(b.p + 1, b.len - 2, out, len);
		assert_int_equal(payload_written(rows[i].format, in, n), len);
		buf_free(&b);
	}
}

static void no_byte_grows_beyond_its_bound(void **state)
{
	unsigned char all[256];
	size_t i, n, most;
	int f;

	(void)state;
	for (i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	for (f = PAYLOAD_RAW; f <= PAYLOAD_ESCAPED; f++) {
		for (i = most = 0; i < sizeof(all); i++) {
			n = payload_written(f, &all[i], 1);
			most = n > most ? n : most;
		}
		assert_int_equal(most, payload_growth(f));
		assert_true(most <= PAYLOAD_GROWTH_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_written_as_the_format_says),
		cmocka_unit_test(no_byte_grows_beyond_its_bound),
	};

	return cmocka_run_group_tests_name("payload", tests, NULL, NULL);
}
