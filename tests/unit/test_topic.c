// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Topic names, topic filters and strings of MQTT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/topic.h"
#include "daemon/lib/utf8.h"

/* s string, n name, f filter: what it may be */
static const struct {
	const char *text;
	size_t len;
	const char *is;
} rows[] = {
#define ROW(text, is) { text, sizeof(text) - 1, is }
	ROW("", "s"),
	ROW("a", "snf"),
	ROW("/", "snf"),
	ROW("a//b", "snf"),
	ROW("a b \"~", "snf"),
	ROW("$SYS/x", "snf"),
	ROW("+", "sf"),
	ROW("#", "sf"),
	ROW("+/+/#", "sf"),
	ROW("/+", "sf"),
	ROW("a/#", "sf"),
	ROW("a/+/b", "sf"),
	ROW("a#", "s"),
	ROW("a+", "s"),
	ROW("+a", "s"),
	ROW("a/+b/c", "s"),
	ROW("#/", "s"),
	ROW("#/a", "s"),
	ROW("##", "s"),
	ROW("++", "s"),
	ROW("a\tb", "s"),
	ROW("\x7f", "s"),
	ROW("a\0b", ""),
	/* UTF-8 */
	ROW("\xc3\xa4", "snf"),
	ROW("\xe2\x82\xac", "snf"),
	ROW("\xf0\x9f\x98\x80", "snf"),
	ROW("\xf4\x8f\xbf\xbf", "snf"),
	ROW("\xc2\x80", "s"),
	ROW("\xc3", ""),
	ROW("\xe2\x82", ""),
	ROW("\xa4", ""),
	ROW("\xc0\x80", ""),
	ROW("\xe0\x80\x80", ""),
	ROW("\xed\xa0\x80", ""),
	ROW("\xf4\x90\x80\x80", ""),
	ROW("\xf8\x88\x80\x80\x80", ""),
	ROW("\xff", ""),
	ROW("\xc3""a", ""),
};

static void check_row(size_t i)
{
	char *p = malloc(rows[i].len + 1);

	/* exactly as long as it is */
	memcpy(p, rows[i].text, rows[i].len + 1);
	p = realloc(p, rows[i].len ? rows[i].len : 1);
	print_message("row %zu\n", i);
	assert_int_equal(is_mqtt_string(p, rows[i].len),
			 strchr(rows[i].is, 's') != NULL);
	assert_int_equal(utf8_is_topic_name(p, rows[i].len),
			 strchr(rows[i].is, 'n') != NULL);
	assert_int_equal(is_topic_filter(p, rows[i].len),
			 strchr(rows[i].is, 'f') != NULL);
	free(p);
}

static void a_text_is_what_the_standard_says(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_what_the_standard_says),
	};

	return cmocka_run_group_tests_name("topic", tests, NULL, NULL);
}
