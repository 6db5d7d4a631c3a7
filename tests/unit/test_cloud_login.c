// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * AT+MQTTAUTHCFG against what vendors publish (tests/vectors/clouds.json:
 * "published" was printed by one, "computed" follows from the formula), and
 * what it refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cloud/crypt.h"
#include "tests/unit/clouds.h"

#define VECTORS	"tests/vectors/clouds.json"
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* ---- help ---- */

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

static json_t *load_vectors(void)
{
	json_error_t error;
	json_t *vectors = json_load_file(VECTORS, 0, &error);

	if (!vectors)
		fail_msg("%s:%d: %s", VECTORS, error.line, error.text);
	return vectors;
}

/* ---- vectors ---- */

static void check_login(const json_t *row)
{
	struct harness h;

	clouds_start(&h, "generic", text_of(row, "config"));
	world.random = text_of(row, "random");
	if (json_object_get(row, "now"))
		world.now = json_integer_value(json_object_get(row, "now"));
	clouds_ask(&h, text_of(row, "line") + 2, text_of(row, "answer"));
	clouds_stop(&h);
}

static void logins_are_those_of_the_vendors(void **state)
{
	json_t *vectors = load_vectors();
	json_t *row;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(vectors, "login")),
			 21);
	json_array_foreach(json_object_get(vectors, "login"), i, row)
		check_login(row);
	json_decref(vectors);
}

static void hmacs_are_those_of_the_vendors(void **state)
{
	json_t *vectors = load_vectors();
	char hex[HASH_HEX_MAX];
	json_t *row;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(vectors, "hmac")), 4);
	json_array_foreach(json_object_get(vectors, "hmac"), i, row) {
		const char *key = text_of(row, "key");

		assert_int_equal(hash_hmac_hex(HASH_SHA256, key, strlen(key),
					       text_of(row, "text"), hex), 0);
		assert_string_equal(hex, text_of(row, "hex"));
	}
	json_decref(vectors);
}

/* ---- the command ---- */

static void the_test_form_has_the_manuals_lines(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, "AT+MQTTAUTHCFG=?");
	expect(&h, "\\r\\n+MQTTAUTHCFG: 1,<productkey>,<devicename>,<devicesecret>,<tls>\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 2,<productkey>,<devicename>,<devicesecret>\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 3,<devicename>,<devicesecret>\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 4,<actiontype>[,<productkey>,<uuid>,<authkey>]\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 5,<productid>,<devicename>,<accesskey>\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 6,<iotcoreid>,<devicekey>,<devicesecret>\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 7\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 8,<productid>,<devicenumber>,<token>,<aepusername>\\r\\n"
		   "\\r\\n+MQTTAUTHCFG: 9,<productkey>,<devicekey>,<devicesecret>,<token>\\r\\n"
		   "\\r\\nOK\\r\\n");
	clouds_stop(&h);
}

static void aws_has_nothing_to_tell(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, "AT+MQTTAUTHCFG=7");
	expect_ok(&h);
	say(&h, "AT+MQTTAUTHCFG=7,\"thing\"");
	expect_cme(&h, 50);
	clouds_stop(&h);
}

static void series_without_clouds_do_not_know_it(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "MC100E", "");
	say(&h, "AT+MQTTAUTHCFG=7");
	expect_error(&h);
	clouds_stop(&h);
}

#define X64	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X128	X64 X64
#define X255	X128 X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *line;	/* behind AT+MQTTAUTHCFG= */
	int code;
	const char *why;
} refused[] = {
	{ "", 50, "bad cloud" },
	{ "0", 50, "bad cloud" },
	{ "10,\"a\"", 50, "bad cloud" },
	{ "1", 50, "bad productkey" },
	{ "1,\"pk\",\"dn\",\"ds\"", 50, "bad tls" },
	{ "1,\"pk\",\"dn\",\"ds\",2", 50, "bad tls" },
	{ "1,\"pk\",\"dn\",\"ds\",-1", 50, "bad tls" },
	{ "1,\"pk\",\"dn\",\"ds\",\"x\"", 50, "bad tls" },
	{ "1,\"pk\",\"dn\",\"ds\",1,1", 50, "bad number of parameters" },
	{ "1,\"\",\"dn\",\"ds\",1", 50, "productkey is empty" },
	{ "1,\"pk\",\"dn\",\"\",1", 50, "devicesecret is empty" },
	{ "1,\"" X128 "x\",\"dn\",\"ds\",1", 24, "productkey too long" },
	{ "1,\"pk\",\"dn\\\\0D\\\\0A\",\"ds\",1", 50, "bad devicename" },
	{ "1,\"pk\",\"dn\\\\00\",\"ds\",1", 50, "bad devicename" },
	{ "1,\"pk\",\"d\\\\FFn\",\"ds\",1", 50, "bad devicename" },
	{ "2,\"pk\",\"dn\"", 50, "bad devicesecret" },
	{ "2,\"pk\",\"dn\",\"no base64\"", 50,
	  "tencent: the secret is not base64" },
	{ "2,\"pk\",\"dn\",\"YWJj=\"", 50,
	  "tencent: the secret is not base64" },
	{ "2,\"pk\",\"dn\",\"YWJ\"", 50, "tencent: the secret is not base64" },
	{ "2,\"pk\",\"dn\",\"====\"", 50,
	  "tencent: the secret is not base64" },
	{ "3,\"id\"", 50, "bad devicesecret" },
	{ "3,\"id\",\"" X128 "x\"", 24, "devicesecret too long" },
	{ "5,\"pid\",\"dn\",\"a-b_\"", 50,
	  "onenet: the secret is not base64" },
	{ "5,\"" X255 "x\",\"dn\",\"YWJj\"", 24, "productid too long" },
	{ "6,\"core\",\"dk\",\"\"", 50, "devicesecret is empty" },
	{ "8,\"pid\",\"number\",\"token\"", 50, "bad aepusername" },
	{ "8,\"pid\",\"number\",\"\",\"user\"", 50, "token is empty" },
	{ "9,\"pk\",\"dk\",\"\",\"\"", 50,
	  "unicom: no secret and no token" },
	{ "9,\"pk\",\"dk\"", 50, "unicom: no secret and no token" },
};

static void bad_parameters_are_refused(void **state)
{
	struct harness h;
	char text[512];

	(void)state;
	clouds_start(&h, "L610", "");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		snprintf(text, sizeof(text), "AT+MQTTAUTHCFG=%s",
			 refused[i].line);
		say(&h, text);
		snprintf(text, sizeof(text), "\\r\\n+CME ERROR: %d\\r\\n",
			 refused[i].code);
		expect(&h, text);
		snprintf(text, sizeof(text), "%d: %s", refused[i].code,
			 refused[i].why);
		clouds_expect_reason(&h, text);
	}
	clouds_stop(&h);
}

static void lengths_of_the_manual_are_taken(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, "AT+MQTTAUTHCFG=8,\"" X255 "\",\"" X255 "\",\"" X255 "\",\""
		X255 "\"");
	expect(&h, "\\r\\n+MQTTAUTHCFG: 8,\"" X255 "\",\"" X255 "\",\"" X255
		   X255 "\"\\r\\n\\r\\nOK\\r\\n");
	clouds_stop(&h);
}

static void arguments_may_be_bare(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, "AT+MQTTAUTHCFG=8, 15357005 ,dev001,\"token\",aep_test");
	expect(&h, "\\r\\n+MQTTAUTHCFG: 8,\"aep_test\",\"token\",\"15357005dev001\"\\r\\n\\r\\nOK\\r\\n");
	clouds_stop(&h);
}

/* ---- what the configuration changes ---- */

static const struct {
	const char *config;
	const char *line;	/* behind AT+MQTTAUTHCFG= */
	const char *answer;	/* behind +MQTTAUTHCFG: */
} choices[] = {
	{ "cloud alibaba { timestamp = \"\" client_id = \"{devicename}-{imei}\" ext = \"_v=1,gw=0\" }",
	  "1,\"pk\",\"dn\",\"ds\",1",
	  "1,\"dn&pk\",\"34fc3962e67adad178c6103a2ce7a30679dd30bfd2b8e40242534c9d2461670b\",\"dn-123456789012345|securemode=2,signmethod=hmacsha256,_v=1,gw=0|\"" },
	{ "cloud alibaba { timestamp = now }",
	  "1,\"pk\",\"dn\",\"ds\",\"0\"",
	  "1,\"dn&pk\",\"d07cc258d358dedc5165ab79bbaec9bc3768ce7cdac5416c0c0f684131dea54b\",\"pk.dn|timestamp=1700000000000,securemode=3,signmethod=hmacsha256|\"" },
	{ "cloud baidu { client_id = \"{iotcoreid}{x}{\" }",
	  "6,\"c\",\"dk\",\"ds\"",
	  "6,\"thingidp@c|dk|0|MD5\",\"d6054ee1ba263d6ce4d54660689374be\",\"c{x}{\"" },
	{ "cloud unicom { device_id = \"{imei}\" operator = 3 }",
	  "9,\"pk\",\"dk\",\"ds\"",
	  "9,\"dk|pk\",\"f5d24a8b68bf3933d92b5211df2f7ff900d074eeaa9e5b8658b53d8ebffb293f\",\"123456789012345|pk|0|0|3\"" },
	{ "",
	  "9,\"pk\",\"dk\",\"\",\"tok\"",
	  "9,\"dk|pk\",\"tok\",\"dk|pk|0|-2|0\"" },
	{ "",
	  "9,\"pk\",\"dk\",\"ds\",\"tok\"",
	  "9,\"dk|pk\",\"tok\",\"dk|pk|0|-2|0\"" },
};

static void open_choices_are_configured(void **state)
{
	struct harness h;
	char line[512], answer[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		clouds_start(&h, "L610", choices[i].config);
		snprintf(line, sizeof(line), "+MQTTAUTHCFG=%s",
			 choices[i].line);
		snprintf(answer, sizeof(answer), "+MQTTAUTHCFG: %s",
			 choices[i].answer);
		clouds_ask(&h, line, answer);
		clouds_stop(&h);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "cloud onenet { res = \"{productid}{productid}"
			  "{productid}{productid}{productid}\" }");
	say(&h, "AT+MQTTAUTHCFG=5,\"" X255 "\",\"dn\",\"YWJj\"");
	expect_cme(&h, 50);
	clouds_expect_reason(&h, "50: onenet: the resource is too long");
	clouds_stop(&h);
}

static void a_clock_that_is_not_set_is_not_used(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	world.now = 86400;
	world.random = ">?@AB";
	say(&h, "AT+MQTTAUTHCFG=3,\"dev\",\"s\"");
	assert_non_null(strstr(h.out, "\"dev_0_0_2999010100\""));
	h.out_len = 0;
	say(&h, "AT+MQTTAUTHCFG=2,\"pk\",\"dn\",\"YWJj\"");
	assert_non_null(strstr(h.out, "\"pkdn;12010126;abcde;2147483647\""));
	h.out_len = 0;
	world.now = 1700000000;
	say(&h, "AT+MQTTAUTHCFG=2,\"pk\",\"dn\",\"YWJj\"");
	assert_non_null(strstr(h.out, "\"pkdn;12010126;abcde;1700003600\""));
	clouds_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logins_are_those_of_the_vendors),
		cmocka_unit_test(hmacs_are_those_of_the_vendors),
		cmocka_unit_test(the_test_form_has_the_manuals_lines),
		cmocka_unit_test(aws_has_nothing_to_tell),
		cmocka_unit_test(series_without_clouds_do_not_know_it),
		cmocka_unit_test(bad_parameters_are_refused),
		cmocka_unit_test(lengths_of_the_manual_are_taken),
		cmocka_unit_test(arguments_may_be_bare),
		cmocka_unit_test(open_choices_are_configured),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(a_clock_that_is_not_set_is_not_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
