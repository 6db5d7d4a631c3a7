// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Names and addresses of brokers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "daemon/at/host.h"

/* NULL: refused */
static const struct {
	const char *host;
	const char *normal;
} rows[] = {
	{ "broker", "broker" },
	{ "broker.example", "broker.example" },
	{ "Broker-1.example.", "Broker-1.example." },
	{ "my_broker", "my_broker" },
	{ "1and1.example", "1and1.example" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "010.001.000.007", "10.1.0.7" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "::1", "::1" },
	{ "2001:db8::7", "2001:db8::7" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	{ "", NULL },
	{ ".", NULL },
	{ ".a", NULL },
	{ "a..b", NULL },
	{ "a b", NULL },
	{ "a/b", NULL },
	{ "a:1883", NULL },
	{ "[::1]", NULL },
	{ "1:2", NULL },
	{ "1", NULL },
	{ "1.2.3", NULL },
	{ "1.2.3.", NULL },
	{ "1.2.3.4.", NULL },
	{ "1.2.3.4.5", NULL },
	{ "1.2.3.256", NULL },
	{ "1.2.3.0004", NULL },
	{ "1..2.3", NULL },
	{ "b\xc3\xbc" "cher", NULL },
};

static void a_host_is_normalised(void **state)
{
	char out[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].host);
		if (!rows[i].normal) {
			assert_int_equal(host_normalise(rows[i].host, out,
							sizeof(out)), -EINVAL);
			continue;
		}
		assert_int_equal(host_normalise(rows[i].host, out,
						sizeof(out)), 0);
		assert_string_equal(out, rows[i].normal);
	}
}

static void lengths_are_bounded(void **state)
{
	char label[65], small[8];

	(void)state;
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_int_equal(host_normalise(label, label, sizeof(label)), -EINVAL);
	assert_int_equal(host_normalise("1.2.3.44", small, 8), -EINVAL);
	assert_int_equal(host_normalise("1.2.3.4", small, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_normalised),
		cmocka_unit_test(lengths_are_bounded),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
