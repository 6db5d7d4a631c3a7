// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Lines taken apart into commands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/parser.h"

/* The line behind its AT, and its commands as "name form number", or ! */
static const struct {
	const char *line;
	const char *commands;
} rows[] = {
	{ "", "" },
	{ " \t ", "" },
	{ ";;", "" },
	{ "\n\r", "" },
	{ "\x1b+X\x7f=\x1a?\n", "+X=0 " },
	{ "E0\n\x01V1", "E.0 V.1 " },
	{ "E", "E.0 " },
	{ "e1", "E.1 " },
	{ "E007", "E.7 " },
	{ "E99999999999999999999", "E.99999999 " },
	{ "E0V1Q0", "E.0 V.1 Q.0 " },
	{ "E0 V1;Q0", "E.0 V.1 Q.0 " },
	{ "&f&W0Z", "&F.0 &W.0 Z.0 " },
	{ "S3?", "S3?0 " },
	{ "S3=13S4=10E0", "S3:13 S4:10 E.0 " },
	{ "S", "!" },
	{ "S3", "!" },
	{ "S3=", "!" },
	{ "S3=E0", "!" },
	{ "E?", "!" },
	{ "E=1", "!" },
	{ "&", "!" },
	{ "&1", "!" },
	{ "?", "!" },
	{ "\"", "!" },
	{ "+CSQ", "+CSQ.0 " },
	{ "+csq", "+CSQ.0 " },
	{ "+CSQ;", "+CSQ.0 " },
	{ "+CSQ;+CSQ", "+CSQ.0 +CSQ.0 " },
	{ "+CSQ ; E0 ; +CSQ?", "+CSQ.0 E.0 +CSQ?0 " },
	{ "E0V1+CMEE=1", "E.0 V.1 +CMEE:0 " },
	{ " +X = ? ;+Y ?", "+X=0 +Y?0 " },
	{ "+X=?1", "!" },
	{ "+X?1", "!" },
	{ "+X\"", "!" },
	{ "+X E0", "!" },
	{ "+ABCDEFGHIJKLMNOPQR", "+ABCDEFGHIJKLMNOPQR.0 " },
	{ "+ABCDEFGHIJKLMNOPQRS", "!" },
	{ "+", "+.0 " },
};

static void print_commands(const char *line, char *out)
{
	size_t len = strlen(line);
	char *copy = malloc(len + 1);
	char scratch[256];
	struct at_cmd c;
	int rc;

	/* no NUL behind it: a byte too far is ASan's */
	copy = realloc(memcpy(copy, line, len + 1), len ? len : 1);
	at_parse_start(&c, copy, len, scratch, true);
	*out = '\0';
	while ((rc = at_parse_next(&c)) > 0) {
		out += sprintf(out, "%s%c%u ", c.name, ".?=:"[c.form],
			       c.number);
		if (c.more)
			break;
	}
	if (rc < 0) {
		assert_int_equal(rc, -EINVAL);
		strcpy(out, "!");
	}
	free(copy);
}

static void a_line_has_its_commands(void **state)
{
	char got[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].line);
		print_commands(rows[i].line, got);
		assert_string_equal(got, rows[i].commands);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_commands),
	};

	return cmocka_run_group_tests_name("parser", tests, NULL, NULL);
}
