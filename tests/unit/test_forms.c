// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What hosts write for one and the same thing, and what must not be taken
 * for it (rules L7 to L9).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define PROMPT	"\\r\\n>\\r\\n"

/* The line, its answer, what the protocol was asked for; client 1 is open. */
static const struct {
	const char *line;
	const char *answer;
	const char *call;
} rows[] = {
	{ "AT+MQTTSUB=1,\"t\"", OK, "subscribe 1 t 0" },
	{ "AT+MQTTSUB=1,\"t\",", OK, "subscribe 1 t 0" },
	{ "AT+MQTTSUB=1,\"t\",\"2\"", OK, "subscribe 1 t 2" },
	{ "AT+MQTTSUB=\"1\" , t , 01 ;", OK, "subscribe 1 t 1" },
	{ "AT+MQTTSUB=1,\"t\",3", ERROR, "" },
	{ "AT+MQTTSUB=1,\"t\",1,1", ERROR, "" },
	{ "AT+MQTTUNSUB=1,\"t\"", OK, "unsubscribe 1 t" },
	{ "AT+MQTTUNSUB=1,\"t\",1", OK, "unsubscribe 1 t" },
	{ "AT+MQTTUNSUB=1,\"t\",\"x\";", OK, "unsubscribe 1 t" },
	{ "AT+MQTTUNSUB=1,\"t\",", OK, "unsubscribe 1 t" },
	{ "AT+MQTTUNSUB=1,\"t\",1,1", ERROR, "" },

	{ "AT+MQTTPUB=1,\"t\",\"1\",\"0\",\"x\"", OK, "publish 1 t 1 0 1:x" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"x\";", OK, "publish 1 t 0 0 1:x" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"x\" ; ", OK, "publish 1 t 0 0 1:x" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"x\",", ERROR, "" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"x\";+CSQ", ERROR, "" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"x;\"", OK, "publish 1 t 0 0 2:x;" },
	{ "AT+MQTTPUB=1,\"t\",0,0,x;", OK, "publish 1 t 0 0 1:x" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"5\"", OK, "publish 1 t 0 0 1:5" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"-5\"", OK, "publish 1 t 0 0 2:-5" },
	{ "AT+MQTTPUB=1,\"t\",0,0,5.5", OK, "publish 1 t 0 0 3:5.5" },
	{ "AT+MQTTPUB=1,\"t\",0,0,-5.5", OK, "publish 1 t 0 0 4:-5.5" },
	{ "AT+MQTTPUB=1,\"t\",0,0,-5", ERROR, "" },
	{ "AT+MQTTPUB=1,\"t\",0,0,+5", ERROR, "" },
	{ "AT+MQTTPUB=1,\"t\",0,0,-0\"", ERROR, "" },
	{ "AT+MQTTWILL=1,\"t\",0,0,-5", ERROR, "" },

	{ "AT+MQTTPUB=1,\"t\",0,0,{\"a\":1,\"b\":[2]}", OK,
	  "publish 1 t 0 0 15:{\"a\":1,\"b\":[2]}" },
	{ "AT+MQTTPUB=1,\"t\",0,0, [1,\"x;y\"] ;", OK,
	  "publish 1 t 0 0 9:[1,\"x;y\"]" },
	{ "AT+MQTTPUB=1,\"t\",0,0,{\"a\":\"\\\\n\"}", OK,
	  "publish 1 t 0 0 10:{\"a\":\"\\n\"}" },
	{ "AT+MQTTPUB=1,\"t\",0,0,{\"temp\":21,\"hu", ERROR, "" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"{\"temp\":21,\"hu", ERROR, "" },

	/* escapes of JSON's own, and what looks like some */
	{ "AT+MQTTPUB=1,\"t\",0,0,\"{\"p\":\"a\\\\bcd\"}\"", OK,
	  "publish 1 t 0 0 13:{\"p\":\"a\\bcd\"}" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"C:\\\\data\"", OK,
	  "publish 1 t 0 0 7:C:\\data" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"{\"a\":\"\\\\u4e2d\"}\"", OK,
	  "publish 1 t 0 0 14:{\"a\":\"\\u4e2d\"}" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"\\\\/\\\\t\\\\f0\\\\0a\\\\FE\"", OK,
	  "publish 1 t 0 0 9:\\/\\t\\f0\\n\\xfe" },

	/* R1 to R3, R5 */
	{ "AT+MQTTPUB=1,\"messages/log\",0,0,\"765933, 94875095\"", OK,
	  "publish 1 messages/log 0 0 16:765933, 94875095" },
	{ "AT+MQTTPUB=1,\"topic/test send/\",1,0,\"{\\\\\"idx\\\\\":22, \\\\\"v\\\\\" : \\\\\"21.50; 22; 0\\\\\"}\"",
	  OK,
	  "publish 1 topic/test send/ 1 0 32:{\"idx\":22, \"v\" : \"21.50; 22; 0\"}" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"{\"p\":\"BSDoFF3V+/rw==\",\"m\":\"cbc\"}\"",
	  OK,
	  "publish 1 t 0 0 32:{\"p\":\"BSDoFF3V+/rw==\",\"m\":\"cbc\"}" },
	{ "AT+MQTTPUB=1,\"$aws/things/T/shadow/get\",1,0,\"\"", OK,
	  "publish 1 $aws/things/T/shadow/get 1 0 0:" },

	{ "AT+MQTTCLOSE=\"3\"", ERROR, "" },
	{ "AT+MQTTCLOSE=\"01\";", OK, "close 1" },
};

static void forms_mean_what_they_mean(void **state)
{
	static struct harness h;
	size_t i;

	(void)state;
	harness_configure(&h, "L610");
	harness_start(&h);
	open_client(&h, 1, true);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].line);
		fake.call[0] = '\0';
		say(&h, rows[i].line);
		expect(&h, rows[i].answer);
		assert_string_equal(fake.call, rows[i].call);
		say(&h, "AT");
		expect_ok(&h);
	}
	harness_stop(&h);
}

static const char *const opens[] = {
	"AT+MQTTOPEN=1,\"h\",\"1883\",\"1\",\"060\",\"2\"",
	"AT+MQTTOPEN=\"1\",\"h\",01883,1,60,2;",
	"AT+MQTTOPEN = 1 , h , 1883 , 1 , 60 , 2 ; ",
	"AT+MQTTOPEN=1,\"h\",1883,1,60,2\"",
	"AT+MQTTOPEN=1,\"h\",1883,1,60,2\";",
};

static void an_open_has_many_forms(void **state)
{
	static struct harness h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		print_message("%s\n", opens[i]);
		harness_configure(&h, "L610");
		harness_start(&h);
		say(&h, "AT+MQTTUSER=1,\"u\",\"p\",\"cid\";");
		say(&h, opens[i]);
		expect(&h, OK OK);
		assert_string_equal(fake.clients[0].open,
				    "h 1883 id=cid user=u password=p clean=1 keepalive=60 tls=ca.pem will=-::0:0 timeout=5000");
		harness_stop(&h);
	}
}

static void a_size_may_have_a_quote_and_a_semicolon(void **state)
{
	static struct harness h;

	(void)state;
	harness_configure(&h, "L610");
	harness_start(&h);
	open_client(&h, 1, true);
	say(&h, "AT+MQTTPUB=1,\"t\",0,0,003\";");
	expect(&h, PROMPT);
	say_data(&h, "abc", AT_INPUT_GOOD);
	expect_ok(&h);
	assert_string_equal(fake.call, "publish 1 t 0 0 3:abc");
	say(&h, "AT+GTSSLFILE=\"TRUSTFILE\",\"90\"");
	expect(&h, PROMPT);
	say_data(&h, "{90*x}", AT_INPUT_GOOD);
	expect_error(&h);
	harness_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_mean_what_they_mean),
		cmocka_unit_test(an_open_has_many_forms),
		cmocka_unit_test(a_size_may_have_a_quote_and_a_semicolon),
	};

	return cmocka_run_group_tests_name("forms", tests, NULL, NULL);
}
