// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * atmqttctl's output: escapes, columns, and the monitor's lines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/columns.h"
#include "ctl/escape.h"
#include "ctl/event.h"
#include "ctl/names.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define TIME		1700000000123456789ULL
#define TEXT_TIME	"2023-11-14 22:13:20.123456"
#define JSON_TIME	"2023-11-14T22:13:20.123456789Z"

static void what_is_not_printable_is_escaped(void **state)
{
	static const char bytes[] = "a\\\r\n\t\0\x1b[2J~\x7f\x80\xff\"'";
	char *text = escape_text(bytes, sizeof(bytes) - 1);

	(void)state;
	assert_string_equal(text, "a\\\\\\r\\n\\t\\x00\\x1b[2J~\\x7f\\x80"
				  "\\xff\"'");
	free(text);
	text = escape_text("", 0);
	assert_string_equal(text, "");
	free(text);
}

static char *print_columns(struct columns *c)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	columns_print(c, out);
	fclose(out);
	return text;
}

static void columns_are_as_wide_as_they_must(void **state)
{
	static const char *const header[] = { "A", "LONG NAME", "B", NULL };
	struct columns c;
	char *text;

	(void)state;
	columns_start(&c, header);
	columns_add(&c, "%s", "wide cell");
	columns_add(&c, "%d", 1);
	columns_add(&c, "x\x1b");
	columns_add(&c, "y");
	columns_add(&c, "%s", "");
	columns_add(&c, "z");
	text = print_columns(&c);
	assert_string_equal(text, "A          LONG NAME  B\n"
				  "wide cell  1          x\\x1b\n"
				  "y                     z\n");
	free(text);
	columns_start(&c, header);
	text = print_columns(&c);
	assert_string_equal(text, "");
	free(text);
}

#define BYTES(s) .bytes = (s), .n_bytes = sizeof(s) - 1, .length = sizeof(s) - 1

static const struct {
	struct event event;
	const char *text;	/* behind the time */
	const char *json;	/* the same */
} rows[] = {
	{ { .tty = "ttyS1", .kind = N_AT_KIND_LINE, BYTES("AT\"") },
	  " ttyS1 > line  AT\"\n",
	  "\"port\":\"ttyS1\",\"kind\":\"line\",\"direction\":\"in\","
	  "\"length\":3,\"data\":\"AT\\\"\",\"masked\":false,\"flags\":[]}\n" },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_LINE, BYTES(""),
	    .flags = N_AT_FLAG_OVERLONG | N_AT_FLAG_DAMAGED },
	  " ttyS1 > line  (overlong) (damaged)\n",
	  "\"port\":\"ttyS1\",\"kind\":\"line\",\"direction\":\"in\","
	  "\"length\":0,\"data\":\"\",\"masked\":false,"
	  "\"flags\":[\"overlong\",\"damaged\"]}\n" },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_DATA, BYTES("\0\xff"),
	    .flags = N_AT_FLAG_TIMEOUT },
	  " ttyS1 > data  (timeout) 2 bytes: \\x00\\xff\n",
	  "\"port\":\"ttyS1\",\"kind\":\"data\",\"direction\":\"in\","
	  "\"length\":2,\"data\":\"\\\\x00\\\\xff\",\"masked\":false,"
	  "\"flags\":[\"timeout\"]}\n" },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_DATA, .bytes = "***",
	    .n_bytes = 3, .length = 900, .masked = true,
	    .flags = N_AT_FLAG_BREAK },
	  " ttyS1 > data  (break) 900 bytes: ***\n",
	  "\"port\":\"ttyS1\",\"kind\":\"data\",\"direction\":\"in\","
	  "\"length\":900,\"data\":\"***\",\"masked\":true,"
	  "\"flags\":[\"break\"]}\n" },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_REPLY, BYTES("\r\nOK\r\n") },
	  " ttyS1 < reply \\r\\nOK\\r\\n\n",
	  "\"port\":\"ttyS1\",\"kind\":\"reply\",\"direction\":\"out\","
	  "\"length\":6,\"data\":\"\\\\r\\\\nOK\\\\r\\\\n\",\"masked\":false,"
	  "\"flags\":[]}\n" },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_URC, BYTES("u") },
	  " ttyS1 < urc   u\n", NULL },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_ORPHAN, BYTES("o") },
	  " ttyS1 < orphan o\n", NULL },
	{ { .tty = "pts3", .kind = N_AT_KIND_MODE,
	    .mode = N_AT_MODE_EXECUTING },
	  " pts3 - mode  executing\n",
	  "\"port\":\"pts3\",\"kind\":\"mode\",\"direction\":null,"
	  "\"mode\":\"executing\"}\n" },
	{ { .tty = "pts3", .kind = N_AT_KIND_MODE, .mode = N_AT_MODE_DATA,
	    .length = 7 },
	  " pts3 - mode  data, 7 bytes\n",
	  "\"port\":\"pts3\",\"kind\":\"mode\",\"direction\":null,"
	  "\"mode\":\"data\",\"length\":7}\n" },
	{ { .tty = "pts3", .kind = N_AT_KIND_MODE, .mode = N_AT_MODE_DATA },
	  " pts3 - mode  data\n",
	  "\"port\":\"pts3\",\"kind\":\"mode\",\"direction\":null,"
	  "\"mode\":\"data\"}\n" },
	{ { .tty = "pts3", .kind = N_AT_KIND_MODE, .mode = 77 },
	  " pts3 - mode  ?\n", NULL },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_EVENT,
	    .event = N_AT_EVENT_DSR_OFF },
	  " ttyS1 > event dsr-off\n",
	  "\"port\":\"ttyS1\",\"kind\":\"event\",\"direction\":\"in\","
	  "\"event\":\"dsr-off\"}\n" },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_EVENT,
	    .event = N_AT_EVENT_BREAK },
	  " ttyS1 > event break\n", NULL },
	{ { .tty = "ttyS1", .kind = N_AT_KIND_EVENT, .event = 77 },
	  " ttyS1 > event ?\n", NULL },
	{ { .tty = "pts3", .kind = EVENT_ATTACHED }, " pts3 - attached\n",
	  "\"port\":\"pts3\",\"kind\":\"attached\",\"direction\":null}\n" },
	{ { .tty = "pts3", .kind = EVENT_DETACHED }, " pts3 - detached\n",
	  NULL },
	{ { .kind = EVENT_LOST },
	  " - - lost  more passed than could be shown\n",
	  "\"port\":null,\"kind\":\"lost\",\"direction\":null}\n" },
	{ { .tty = "pts3", .kind = 55, BYTES("new") },
	  " pts3 - ?     new\n", NULL },
};

static void an_event_is_a_line(void **state)
{
	struct event e;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		e = rows[i].event;
		e.time = TIME;
		text = event_text(&e);
		assert_memory_equal(text, TEXT_TIME, strlen(TEXT_TIME));
		assert_string_equal(text + strlen(TEXT_TIME), rows[i].text);
		free(text);
	}
}

static void an_event_is_a_line_of_json(void **state)
{
	static const char start[] = "{\"time\":\"" JSON_TIME "\",";
	struct event e;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].json)
			continue;
		e = rows[i].event;
		e.time = TIME;
		text = event_json(&e);
		assert_memory_equal(text, start, strlen(start));
		assert_string_equal(text + strlen(start), rows[i].json);
		free(text);
	}
}

static void each_number_has_its_word(void **state)
{
	int i;

	(void)state;
	for (i = N_AT_MODE_COMMAND; i <= N_AT_MODE_ORPHAN; i++)
		assert_string_not_equal(mode_name(i), "?");
	assert_string_equal(mode_name(0), "?");
	assert_null(counter_name(-1));
	assert_null(counter_name(0));
	for (i = N_AT_C_RX_BYTES; i <= N_AT_C_MAX; i++)
		assert_non_null(counter_name(i));
	assert_null(counter_name(N_AT_C_MAX + 1));
	assert_string_equal(flag_name(3), "break");
	assert_null(flag_name(4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_printable_is_escaped),
		cmocka_unit_test(columns_are_as_wide_as_they_must),
		cmocka_unit_test(an_event_is_a_line),
		cmocka_unit_test(an_event_is_a_line_of_json),
		cmocka_unit_test(each_number_has_its_word),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
