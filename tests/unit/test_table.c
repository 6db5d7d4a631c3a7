// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The table of commands: sorted, unique, complete.
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

#include "daemon/at/table.h"

static void names_are_sorted_and_unique(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; at_table_at(i); i++)
		assert_true(strcmp(at_table_at(i - 1)->name,
				   at_table_at(i)->name) < 0);
	assert_true(i > 30);
}

static void names_fit_the_parser_and_are_in_capitals(void **state)
{
	const struct at_row *row;
	const char *p;
	size_t i;

	(void)state;
	for (i = 0; (row = at_table_at(i)); i++) {
		assert_true(strlen(row->name) <
			    sizeof(((struct at_cmd *)0)->name));
		for (p = row->name; *p; p++)
			assert_false(islower((unsigned char)*p));
	}
}

static void rows_are_complete(void **state)
{
	const struct at_row *row;
	size_t i;

	(void)state;
	for (i = 0; (row = at_table_at(i)); i++) {
		assert_true(row->exec || row->read || row->set);
		assert_true(!row->info || (row->exec && !row->read));
		assert_non_null(row->summary);
		assert_int_equal(strncmp(row->usage, row->name,
					 strlen(row->name)), 0);
	}
}

static void each_row_is_found(void **state)
{
	const struct profile *p = profile_find("generic");
	size_t i;

	(void)state;
	for (i = 0; at_table_at(i); i++)
		assert_ptr_equal(at_table_find(at_table_at(i)->name, p),
				 at_table_at(i));
	assert_null(at_table_find("+NOPE", p));
	assert_null(at_table_find("", p));
	assert_null(at_table_find("+", p));
}

static void markdown_has_a_line_for_each(void **state)
{
	char *text = NULL;
	size_t len, i, lines = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	at_table_print_markdown(f);
	fclose(f);
	for (i = 0; i < len; i++)
		lines += text[i] == '\n';
	for (i = 0; at_table_at(i); i++)
		;
	assert_int_equal(lines, i + 2);
	assert_non_null(strstr(text, "| `AT+MQTTCONF=0\\|1` | yes | yes |"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_and_unique),
		cmocka_unit_test(names_fit_the_parser_and_are_in_capitals),
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(each_row_is_found),
		cmocka_unit_test(markdown_has_a_line_for_each),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
