// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Arguments: numbers, strings, the last string, the Datasize.
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
#include "tests/unit/escape.h"

/*
 * The arguments behind "+X=", what to get (d number 0 to 100, s string of at
 * most 8 bytes, D and S the same if they are there, t last string, z "is it a
 * Datasize?", m "has it a sign?") and what comes out: values in brackets, an errno for a failure,
 * a point for the end of the arguments.
 */
static const struct {
	const char *args;
	const char *get;
	const char *result;
} rows[] = {
	/* numbers */
	{ "1", "d", "[1]." },
	{ "001", "d", "[1]." },
	{ " 1 ", "d", "[1]." },
	{ "1 , 2", "dd", "[1][2]." },
	{ "1\"", "d", "[1]." },
	{ "1 \" ", "d", "[1]." },
	{ "1\"\"", "d", "EINVAL" },
	{ "1\";+Y", "d", "EINVAL" },
	{ "1\";", "d", "[1]." },
	{ "1 \" ; ", "d", "[1]." },
	{ "1\";;", "d", "EINVAL" },
	{ "1;", "d", "[1]." },
	{ "1;+Y", "d", "[1]." },
	{ "100", "d", "[100]." },
	{ "101", "d", "ERANGE" },
	{ "99999999999999999999", "d", "ERANGE" },
	{ "", "d", "EINVAL" },
	{ "-1", "d", "EINVAL" },
	{ "+1", "d", "EINVAL" },
	{ "\"1\"", "d", "[1]." },
	{ " \"007\" , \"8\" ", "dd", "[7][8]." },
	{ "\"1\";+Y", "d", "[1]." },
	{ "\"101\"", "d", "ERANGE" },
	{ "\"\"", "d", "EINVAL" },
	{ "\"1", "d", "EINVAL" },
	{ "\"1\"\"", "d", "EINVAL" },
	{ "\"-1\"", "d", "EINVAL" },
	{ "\"1x\"", "d", "EINVAL" },
	{ "\"", "d", "EINVAL" },
	{ "1x", "d", "EINVAL" },
	{ "1 2", "d", "EINVAL" },
	{ "1", "dd", "[1]EINVAL" },
	{ "1,", "dd", "[1]EINVAL" },
	{ "1,2", "d", "[1]," },

	/* numbers that may be missing */
	{ "1", "dD", "[1][-]." },
	{ "1,", "dD", "[1][-]." },
	{ "1, ", "dD", "[1][-]." },
	{ "1,2", "dD", "[1][2]." },
	{ "1,,2", "dDD", "[1][-][2]." },
	{ "1,;+Y", "dD", "[1][-]." },
	{ "1,x", "dD", "[1]EINVAL" },
	{ "1,\"2\"", "dD", "[1][2]." },
	{ "1,\"\"", "dD", "[1]EINVAL" },

	/* quoted strings */
	{ "\"a\"", "s", "[a]." },
	{ " \"a\" , \"b\" ", "ss", "[a][b]." },
	{ "\"\"", "s", "[]." },
	{ "\"a,b;c\"", "s", "[a,b;c]." },
	{ "\" a \"", "s", "[ a ]." },
	{ "\"a\";+Y", "s", "[a]." },
	{ "\"12345678\"", "s", "[12345678]." },
	{ "\"123456789\"", "s", "E2BIG" },
	{ "\"a", "s", "EINVAL" },
	{ "\"", "s", "EINVAL" },
	{ "\"a\"b", "s", "EINVAL" },
	{ "\"a\"\"", "s", "EINVAL" },
	{ "\"a\" \"b\"", "s", "EINVAL" },

	/* escapes */
	{ "\"a\\\"b\"", "s", "[a\"b]." },
	{ "\"a\\\\\"", "s", "[a\\]." },
	{ "\"\\r\\n\"", "s", "[\\r\\n]." },
	{ "\"\\41\\6a\\6A\"", "s", "[Ajj]." },
	{ "\"\\00\"", "s", "[\\x00]." },
	{ "\"\\Ff\\22\"", "s", "[\\xff\"]." },
	{ "\"\\4f\\4F\"", "s", "[OO]." },
	{ "\"\\ff\"", "s", "[\\ff]." },
	{ "\"a\\bcd\"", "s", "[a\\bcd]." },
	{ "\"C:\\data\"", "s", "[C:\\data]." },
	{ "\"\\u4e2d\"", "s", "[\\u4e2d]." },
	{ "\"\\/\\b\\fa\"", "s", "[\\/\\b\\fa]." },
	{ "\"\\t\\4\\4g\"", "s", "[\\t\\4\\4g]." },
	{ "\"\\\\22\"", "s", "[\\22]." },
	{ "\"a\\\"", "s", "EINVAL" },
	{ "\"\\31\\32\\33\\34\\35\\36\\37\\38\"", "s", "[12345678]." },

	/* bare strings */
	{ "a", "s", "[a]." },
	{ "a b , c", "ss", "[a b][c]." },
	{ "a;+Y", "s", "[a]." },
	{ "a\"", "s", "[a]." },
	{ "a\"b", "s", "EINVAL" },
	{ "a\\22", "s", "[a\\22]." },
	{ ",b", "ss", "[][b]." },
	{ "123456789", "s", "E2BIG" },
	{ "a", "ss", "[a]EINVAL" },
	{ "a", "sS", "[a][-]." },
	{ "a,", "sS", "[a][-]." },
	{ "a,\"\"", "sS", "[a][]." },
	{ "a,b,c", "sS", "[a][b]," },

	/* the last string */
	{ "1,\"a\"", "dt", "[1][a]." },
	{ "\"a\" \t", "t", "[a]." },
	{ "\"{\"a\":1}\"", "t", "[{\"a\":1}]." },
	{ "\"a\"\"", "t", "[a\"]." },
	{ "\"a;\"b\"", "t", "[a;\"b]." },
	{ "\"a\\\"\"", "t", "[a\"]." },
	{ "\"a\\\"", "t", "[a\\]." },
	{ "\"\"", "t", "[]." },
	{ "\"\"\"", "t", "[\"]." },
	{ "\"", "t", "EINVAL" },
	{ "\"a", "t", "EINVAL" },
	{ "\"a\"b", "t", "EINVAL" },
	{ "\"a\";+Y", "t", "EINVAL" },
	{ "\"a\"b\";", "t", "[a\"b]." },
	{ "\"a\" ; ", "t", "[a]." },
	{ "\"a\";;", "t", "EINVAL" },
	{ "\"a\",", "t", "EINVAL" },
	{ "\"a;\"", "t", "[a;]." },
	{ "\";", "t", "EINVAL" },
	{ "\"5\"", "t", "[5]." },
	{ "\"123456789\"", "t", "E2BIG" },
	/* bare JSON */
	{ "{\"a\":1}", "t", "[{\"a\":1}]." },
	{ "{\"a\\\"\"}", "t", "[{\"a\\\"\"}]." },
	{ "[1,\"2\"]", "t", "[[1,\"2\"]]." },
	{ "{},{}", "t", "[{},{}]." },
	{ "{;+Y}", "t", "[{;+Y}]." },
	{ "1,{\"a\"} \t", "dt", "[1][{\"a\"}]." },
	{ "{\"a\"} ;", "t", "[{\"a\"}]." },
	{ "{\"a\"};;", "t", "EINVAL" },
	{ "{\"a\"};+Y", "t", "EINVAL" },
	{ "{\"a\":2", "t", "EINVAL" },
	{ "{\"a\"]", "t", "EINVAL" },
	{ "{", "t", "[{]." },
	{ "{\"56789\"}", "t", "E2BIG" },
	{ "abc", "t", "[abc]." },
	{ "abc;", "t", "[abc]." },
	{ "abc\"", "t", "[abc]." },
	{ "abc;+Y", "t", "[abc]." },
	{ "a,b", "t", "[a]," },
	{ "", "t", "EINVAL" },

	/* is it a Datasize? */
	{ "5", "z", "yes" },
	{ " 005 ", "z", "yes" },
	{ "5;+Y", "z", "yes" },
	{ "5\"", "z", "yes" },
	{ "5a", "z", "no" },
	{ "5,6", "z", "no" },
	{ "-5", "z", "no" },
	{ "\"5\"", "z", "no" },
	{ "", "z", "no" },
	{ "\"", "z", "no" },
	{ "5;", "z", "yes" },
	{ "5\";", "z", "yes" },
	/* or one with a sign? */
	{ "-5", "m", "yes" },
	{ "+5", "m", "yes" },
	{ "-05 ;+Y", "m", "yes" },
	{ "-5\"", "m", "yes" },
	{ "-5.5", "m", "no" },
	{ "-", "m", "no" },
	{ "-5a", "m", "no" },
	{ "5", "m", "no" },
	{ "\"-5\"", "m", "no" },
	{ "", "m", "no" },
};

static const char *error_name(int rc)
{
	return rc == -EINVAL ? "EINVAL" : rc == -ERANGE ? "ERANGE" :
	       rc == -E2BIG ? "E2BIG" : "?";
}

static int get_number(struct at_cmd *c, bool optional, char *out)
{
	unsigned int v = 12345;
	int rc = optional ? at_arg_opt_int(c, &v, 0, 100) :
			    at_arg_int(c, &v, 0, 100);

	if (!rc && v == 12345)
		strcpy(out, "[-]");
	else if (!rc)
		sprintf(out, "[%u]", v);
	return rc;
}

static int get_string(struct at_cmd *c, char how, char *out)
{
	struct at_str v = { NULL, 0 };
	int rc = how == 't' ? at_arg_tail(c, &v, 8) :
		 how == 'S' ? at_arg_opt_str(c, &v, 8) : at_arg_str(c, &v, 8);

	if (!rc && !v.p)
		strcpy(out, "[-]");
	else if (!rc)
		sprintf(out, "[%s]", escape_bytes(v.p, v.len));
	if (!rc && v.p)
		assert_int_equal(v.p[v.len], 0);
	return rc;
}

static int get(struct at_cmd *c, char how, char *out)
{
	if (how == 'd' || how == 'D')
		return get_number(c, how == 'D', out);
	return get_string(c, how, out);
}

static void print_args(struct at_cmd *c, const char *how, char *out)
{
	int rc;

	assert_int_equal(at_parse_next(c), 1);
	if (*how == 'z') {
		strcpy(out, at_arg_is_size(c) ? "yes" : "no");
		return;
	}
	if (*how == 'm') {
		strcpy(out, at_arg_is_signed(c) ? "yes" : "no");
		return;
	}
	for (; *how; how++) {
		rc = get(c, *how, out);
		if (rc) {
			strcpy(out, error_name(rc));
			return;
		}
		out += strlen(out);
	}
	strcpy(out, at_arg_end(c) ? "," : ".");
}

static void check_row(size_t i)
{
	size_t len = strlen(rows[i].args) + 3;
	char *line = malloc(len + 1);
	char *scratch;
	struct at_cmd c;
	char got[256];

	sprintf(line, "+X=%s", rows[i].args);
	line = realloc(line, len);
	scratch = malloc(len + 1);	/* what parser.h asks for */
	at_parse_start(&c, line, len, scratch, true);
	print_args(&c, rows[i].get, got);
	print_message("%s %s\n", rows[i].args, got);
	assert_string_equal(got, rows[i].result);
	free(line);
	free(scratch);
}

static void arguments_are_as_typed(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
}

static void the_next_command_follows_the_arguments(void **state)
{
	static const char line[] = "+X=1,\"a;b\" ;+Y?";
	char scratch[sizeof(line)];
	struct at_cmd c;
	struct at_str s;
	unsigned int n;

	(void)state;
	at_parse_start(&c, line, strlen(line), scratch, true);
	assert_int_equal(at_parse_next(&c), 1);
	assert_int_equal(at_arg_int(&c, &n, 0, 9), 0);
	assert_int_equal(at_arg_str(&c, &s, 9), 0);
	assert_int_equal(at_arg_end(&c), 0);
	assert_int_equal(at_parse_next(&c), 1);
	assert_string_equal(c.name, "+Y");
	assert_int_equal(c.form, AT_FORM_READ);
	assert_int_equal(at_parse_next(&c), 0);
}

static void without_escapes_a_backslash_is_one(void **state)
{
	static const char line[] = "+X=\"a\\\",\"\\22\"";
	char scratch[sizeof(line)];
	struct at_cmd c;
	struct at_str s;

	(void)state;
	at_parse_start(&c, line, strlen(line), scratch, false);
	assert_int_equal(at_parse_next(&c), 1);
	assert_int_equal(at_arg_str(&c, &s, 9), 0);
	assert_string_equal(s.p, "a\\");
	assert_int_equal(at_arg_str(&c, &s, 9), 0);
	assert_string_equal(s.p, "\\22");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_as_typed),
		cmocka_unit_test(the_next_command_follows_the_arguments),
		cmocka_unit_test(without_escapes_a_backslash_is_one),
	};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
