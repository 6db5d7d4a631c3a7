// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The vectors of lines that are wrong: each has its error, and the next good
 * line works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"

#define VECTORS	"tests/vectors/malformed.txt"

static void replay(struct harness *h)
{
	FILE *f = fopen(VECTORS, "r");
	char row[4096];
	int n = 0;
	char *answer;

	assert_non_null(f);
	while (fgets(row, sizeof(row), f)) {
		row[strcspn(row, "\n")] = '\0';
		answer = strchr(row, '\t');
		if (row[0] == '#' || !answer)
			continue;
		*answer++ = '\0';
		print_message("%.70s\n", row);
		say(h, row);
		expect(h, answer);
		say(h, "AT");
		expect_ok(h);
		n++;
	}
	fclose(f);
	assert_true(n >= 60);
	assert_int_equal(h->n_changed, 0);
}

static void wrong_lines_are_refused_with_clients_closed(void **state)
{
	static struct harness h;

	(void)state;
	harness_configure(&h, "L610");
	harness_start(&h);
	replay(&h);
	assert_string_equal(fake.clients[0].open, "");
	harness_stop(&h);
}

/* None of them is refused only because there is no link. */
static void wrong_lines_are_refused_with_clients_open(void **state)
{
	static struct harness h;

	(void)state;
	harness_configure(&h, "L610");
	harness_start(&h);
	open_client(&h, 1, true);
	open_client(&h, 2, true);
	open_client(&h, 101, true);
	replay(&h);
	assert_string_equal(fake.call, "");
	assert_string_equal(fake_sn.call, "");
	harness_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_lines_are_refused_with_clients_closed),
		cmocka_unit_test(wrong_lines_are_refused_with_clients_open),
	};

	return cmocka_run_group_tests_name("malformed", tests, NULL, NULL);
}
