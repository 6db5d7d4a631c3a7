// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the monitor shows of lines and answers that have secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ctl/mask.h"
#include "tests/unit/escape.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* In all of these PW is a secret: it must not come out, whatever else does. */
static const struct {
	const char *line;
	const char *shown;	/* NULL: as it was */
	bool secret_data;
} lines[] = {
	/* nothing to hide */
	{ "AT", NULL, false },
	{ "at+csq", NULL, false },
	{ "ATE0V1&F", NULL, false },
	{ "ATS3=13", NULL, false },
	{ "AT+MQTTSUB=1,\"a/b\",0", NULL, false },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"on\"", NULL, false },
	{ "AT+MQTTPUB=1,\"t\",0,0,5", NULL, false },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"{\"a\":\"b\"}\"", NULL, true },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"a\\22b\"", NULL, false },
	{ "AT+CSQ;+CREG?;", NULL, false },
	{ "AT+MQTTUSER?", NULL, false },
	{ "AT+MQTTUSER=?", NULL, false },

	/* a password is, and nothing else */
	{ "AT+MQTTUSER=1,\"u\",\"PW\"", "AT+MQTTUSER=1,\"u\",***", false },
	{ "AT+MQTTUSER=1,\"u\",\"PW\",\"id\"",
	  "AT+MQTTUSER=1,\"u\",***,\"id\"", false },
	{ "at+mqttuser = 1 , u , PW , id",
	  "at+mqttuser = 1 , u , ***,id", false },
	{ "AT+MQTTUSER=1,u,PW\"", "AT+MQTTUSER=1,u,***", false },
	{ "AT+MQTTUSER=1,\"u\",\"\"", "AT+MQTTUSER=1,\"u\",***", false },
	{ "AT+CSQ;+MQTTUSER=1,\"u\",\"PW\";+CSQ",
	  "AT+CSQ;+MQTTUSER=1,\"u\",***;+CSQ", false },
	{ "ATE0+MQTTUSER=1,\"u\",\"PW\"", "ATE0+MQTTUSER=1,\"u\",***",
	  false },
	{ "AT+MQTTUSER=1,\"u\",\"P;W,PW\",\"id\"",
	  "AT+MQTTUSER=1,\"u\",***,\"id\"", false },
	{ "AT+CPIN=PW", "AT+CPIN=***", false },
	{ "AT+MIPCALL=1,\"apn\",\"u\",\"PW\"",
	  "AT+MIPCALL=1,\"apn\",***,***", false },
	{ "AT+MQTTAUTHCFG=8,\"p\",\"PW\",\"PW\",\"PW\"",
	  "AT+MQTTAUTHCFG=8,\"p\",***,***,***", false },
	{ "AT+MQTTAUTHDYN=3,\"p\",\"PW\",\"PW\",1,1",
	  "AT+MQTTAUTHDYN=3,\"p\",***,***,***,***", false },

	/* what can be read in two ways, or in none */
	{ "AT+MQTTUSER=1,\"u\\\\\",\"PW\",\"id\"", "AT+MQTTUSER=1,***",
	  true },
	{ "AT+MQTTUSER=1,\"u\\\",\",,PW\",\"id\"", "AT+MQTTUSER=1,***",
	  true },
	{ "AT+MQTTUSER=1,\"u\",\"P\\22W\",\"id\"", "AT+MQTTUSER=1,\"u\",***",
	  true },
	{ "AT+MQTTUSER=1,\"u\",\"PW\"PW\",\"id\"", "AT+MQTTUSER=1,\"u\",***",
	  true },
	{ "AT+MQTTUSER=1,\"u\"PW\",\"PW\"", "AT+MQTTUSER=1,***", true },
	{ "AT+MQTTUSER=1,\"u\",\"PW", "AT+MQTTUSER=1,\"u\",***", true },
	{ "AT+MQTTUSER=1 \"u\",\"PW\"", "AT+MQTTUSER=***", true },
	{ "AT+MQTTUSER1,\"u\",\"PW\"", "AT***", true },
	{ "AT+MQTT USER=1,\"u\",\"PW\"", "AT***", true },
	{ "AT\"+MQTTUSER=1,\"u\",\"PW\"", "AT***", true },
	{ "AT+MQTTUSER?=1,\"u\",\"PW\"", "AT***", true },
	{ "AT+MQTTPUB=1,\"a\"b\";+mqttUSER=1,\"u\",\"PW\"",
	  "AT+MQTTPUB=1,***", true },

	/* a command that is not known may have secrets */
	{ "AT+MQTTUSR=1,\"u\",\"PW\"", "AT+MQTTUSR=***", true },
	{ "AT+NEW=\"PW\";+CSQ", "AT+NEW=***", true },
	{ "AT+NEW", NULL, true },

	/* data */
	{ "AT+GTSSLFILE=\"KEYFILE\",100", NULL, true },
	{ "AT+GTSSLFILE=\"CAFILE\",100;+CSQ", NULL, true },
	{ "AT+CSQ;+MQTTPUB=1,\"t\",0,0,5;+GTSSLFILE=\"KEYFILE\",9", NULL,
	  true },
};

static void check(const char *got, size_t len, const char *want)
{
	assert_bytes(got, len, want, strlen(want));
	assert_null(memmem(got, len, "PW", 2));
}

static void lines_are_shown_without_secrets(void **state)
{
	struct buf out = { 0 };
	bool secret_data, masked;
	const char *want;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		want = lines[i].shown ? lines[i].shown : lines[i].line;
		secret_data = !lines[i].secret_data;
		masked = mask_line(&out, lines[i].line, strlen(lines[i].line),
				   false, &secret_data);
		print_message("%s\n", lines[i].line);
		check(out.p, out.len, want);
		assert_int_equal(masked, lines[i].shown != NULL);
		assert_int_equal(secret_data, lines[i].secret_data);
		buf_reset(&out);
	}
	buf_free(&out);
}

static void a_damaged_line_is_not_shown(void **state)
{
	static const char line[] = "AT+MQTTUSEZ=1,\"u\",\"PW\"";
	struct buf out = { 0 };
	bool secret_data = false;

	(void)state;
	assert_true(mask_line(&out, line, strlen(line), true, &secret_data));
	check(out.p, out.len, "AT***");
	assert_true(secret_data);
	buf_free(&out);
}

static void a_repeated_line_asks_for_the_same_data(void **state)
{
	struct buf out = { 0 };
	bool secret_data = true;

	(void)state;
	assert_false(mask_line(&out, "a/", 2, false, &secret_data));
	assert_true(secret_data);
	secret_data = false;
	assert_false(mask_line(&out, "A/", 2, false, &secret_data));
	assert_false(secret_data);
	check(out.p, out.len, "a/A/");
	assert_false(mask_line(&out, "", 0, false, &secret_data));
	check(out.p, out.len, "a/A/");
	buf_free(&out);
}

#define OK "\r\n\r\nOK\r\n"

static const struct {
	const char *text;
	const char *shown;	/* NULL: as it was */
} answers[] = {
	{ "\r\nOK\r\n", NULL },
	{ "\r\n+CSQ: 31,99" OK, NULL },
	{ "\r\n+MQTTUSER: (1,2),1024,1024[,256]" OK, NULL },
	{ "\r\n+MQTTREAD: 1,0,1,1,\"t\",\"x\"" OK, NULL },
	{ "\r\n+MQTTUSER: 1,\"u\",\"PW\"" OK, "\r\n+MQTTUSER: 1,\"u\",***" OK },
	{ "\r\n+MQTTUSER: 1,\"u\",\"PW\",\"id\"" OK,
	  "\r\n+MQTTUSER: 1,\"u\",***" OK },
	{ "\r\n+MQTTUSER: 1,\"u\",\"PW\"\r\n\r\n+MQTTUSER: 2,\"u\",\"PW\"" OK,
	  "\r\n+MQTTUSER: 1,\"u\",***" OK },
	{ "\r\n+MQTTUSER: 1,\"u\",\"P\"\r\nPW\"" OK,
	  "\r\n+MQTTUSER: 1,\"u\",***" OK },
	{ "\r\n+MQTTUSER: 1,\"u\"PW\",\"PW\"" OK,
	  "\r\n+MQTTUSER: 1,***" OK },
	{ "+MQTTUSER: 1,\"u\",\"PW\"\r\n0\r", "+MQTTUSER: 1,\"u\",***" },
	{ "\r\n+MQTTUSER: (1,2),9,9[,9]\r\n\r\n+MQTTUSER: 1,\"u\",\"PW\"" OK,
	  "\r\n+MQTTUSER: (1,2),9,9[,9]\r\n\r\n+MQTTUSER: 1,\"u\",***" OK },
	{ "\r\n+MQTTAUTHCFG: 4,\"host\",8883,\"PW\",\"PW\",\"id\"" OK,
	  "\r\n+MQTTAUTHCFG: 4,\"host\",***" OK },
	{ "\r\n+CSQ: 1,99\r\n\r\n+MQTTAUTHCFG: 1,\"u\",\"PW\",\"PW\"\r\n"
	  "\r\n+MQTTUSER: 1,\"u\",\"PW\"\r\n",
	  "\r\n+CSQ: 1,99\r\n\r\n+MQTTAUTHCFG: 1,\"u\",***" },
	{ "\r\n+MQTTAUTHDYN: 1,\"pk\",\"PW\",\"PW\"\r\n",
	  "\r\n+MQTTAUTHDYN: 1,\"pk\",***" },
	{ "\r\n+MQTTUSER: ", NULL },
};

static void answers_are_shown_without_secrets(void **state)
{
	struct buf out = { 0 };
	const char *want;
	bool masked;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		want = answers[i].shown ? answers[i].shown : answers[i].text;
		masked = mask_answer(&out, answers[i].text,
				     strlen(answers[i].text));
		check(out.p, out.len, want);
		assert_int_equal(masked, answers[i].shown != NULL);
		buf_reset(&out);
	}
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_shown_without_secrets),
		cmocka_unit_test(a_damaged_line_is_not_shown),
		cmocka_unit_test(a_repeated_line_asks_for_the_same_data),
		cmocka_unit_test(answers_are_shown_without_secrets),
	};

	return cmocka_run_group_tests_name("mask", tests, NULL, NULL);
}
