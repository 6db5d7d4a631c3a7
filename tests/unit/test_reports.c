// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What people who do this job reported, by its number in tests/reports.md:
 * the reports that are lines and their answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/escape.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

static struct harness h;

static int start_as(const char *model)
{
	harness_configure(&h, model);
	harness_start(&h);
	say(&h, "ATE0");
	expect_ok(&h);
	return 0;
}

static int start(void **state)
{
	(void)state;
	return start_as("L610");
}

static int start_open_as(const char *model)
{
	start_as(model);
	open_client(&h, 1, true);
	return 0;
}

static int start_open(void **state)
{
	(void)state;
	return start_open_as("L610");
}

static int stop(void **state)
{
	(void)state;
	harness_stop(&h);
	return 0;
}

static void ask(const char *line, const char *answer)
{
	say(&h, line);
	expect(&h, answer);
}

/* CEER says so, and how it got there is not asked. */
static void expect_reason_of(const char *start)
{
	char text[600] = "\r\n+CEER: \"";

	h.out_len = 0;
	say(&h, "AT+CEER");
	strcat(text, start);
	assert_true(h.out_len > strlen(text));
	assert_memory_equal(h.out, text, strlen(text));
	h.out_len = 0;
}

/*
 * Publishes what stands in the line, on topic "t" with QoS 0; at the MQTT
 * layer it is what is asked for, to the byte.
 */
static void publishes(const char *last, const char *payload)
{
	static char line[8192], want[8192];
	char bytes[4096];
	size_t len = unescape_text(payload, bytes, sizeof(bytes));

	snprintf(line, sizeof(line), "AT+MQTTPUB=1,\"t\",0,0,%s", last);
	say(&h, line);
	expect_ok(&h);
	snprintf(want, sizeof(want), "publish 1 t 0 0 %zu:%s", len,
		 escape_bytes(bytes, len));
	assert_string_equal(fake.call, want);
}

/* R1: commas */
static void r1_commas_in_a_payload(void **state)
{
	(void)state;
	publishes("\"765933, 94875095\"", "765933, 94875095");
}

/* R2: semicolons within quotes; a topic with a blank and a slash at its end */
static void r2_semicolons_and_blanks(void **state)
{
	(void)state;
	ask("AT+MQTTPUB=1,\"topic/test send/\",1,0,\"{\\\\\"idx\\\\\":22, "
	    "\\\\\"value\\\\\" : \\\\\"21.50; 22; 0\\\\\"}\"", OK);
	assert_string_equal(fake.call, "publish 1 topic/test send/ 1 0 36:"
			    "{\"idx\":22, \"value\" : \"21.50; 22; 0\"}");
}

#define BASE64	"BSDoFF3V7jW8pOBkai3YomLpPrNdqKj/s4Hmbz2VORhe+GDJbr1lCykVC8CT" \
		"SExTGlh8Dm3/hOuwRX0ZIS8rqw=="

/* R3: base64 beside other members, with and without escapes */
static void r3_base64_in_json(void **state)
{
	static const char json[] = "{\"payload\":\"" BASE64
				   "\",\"mode\":\"cbc\"}";

	(void)state;
	publishes("\"{\\\\\"payload\\\\\":\\\\\"" BASE64
		  "\\\\\",\\\\\"mode\\\\\":\\\\\"cbc\\\\\"}\"", json);
	publishes("\"{\"payload\":\"" BASE64 "\",\"mode\":\"cbc\"}\"", json);
}

/* R5: no payload; a retained message cannot be cleared by Datasize */
static void r5_an_empty_payload(void **state)
{
	(void)state;
	ask("AT+MQTTPUB=1,\"$aws/things/T/shadow/get\",1,0,\"\"", OK);
	assert_string_equal(fake.call,
			    "publish 1 $aws/things/T/shadow/get 1 0 0:");
	ask("AT+MQTTPUB=1,\"t\",0,1,0", ERROR);
}

/* R8: bytes without data mode; the limit is on what they decode to */
static void r8_binary_without_data_mode(void **state)
{
	(void)state;
	ask("AT+MQTTPUB=1,\"t\",0,0,\"\\\\01\\\\FE\\\\FF\"", OK);
	assert_string_equal(fake.call, "publish 1 t 0 0 3:\\x01\\xfe\\xff");
}

static void r8_the_limit_is_on_decoded_bytes(void **state)
{
	char line[4096] = "AT+MQTTPUB=1,\"t\",0,0,\"";
	int i;

	(void)state;
	for (i = 0; i < 1024; i++)
		strcat(line, "\\\\\"");
	strcat(line, "\"");
	ask(line, OK);
	line[strlen(line) - 1] = 0;
	strcat(line, "\\\\\"\"");
	ask(line, ERROR);
}

/* R10: a host's own buffer cut the line */
static void r10_a_line_that_was_cut(void **state)
{
	(void)state;
	fake.call[0] = 0;
	ask("AT+MQTTPUB=1,\"t\",0,0,\"{\\\\\"temp\\\\\":21,\\\\\"hu", ERROR);
	ask("AT+MQTTPUB=1,\"t\",0,0,\"{\"temp\":21,\"hu", ERROR);
	assert_string_equal(fake.call, "");
	ask("AT", OK);
	/* cut right behind an inner quote it looks whole: nobody can tell */
	publishes("\"{\"temp\"", "{\"temp");
}

/* R11: quotes of a text processor */
static void r11_typographic_quotes(void **state)
{
	(void)state;
	ask("AT+MQTTOPEN=1,\\xe2\\x80\\x9cm16.cloudmqtt.com\\xe2\\x80\\x9d,"
	    "1883,1,60", CME(50));
	expect_reason_of("50: not a host name: ");
}

/* R13: forms that the manual's loose examples made hosts send */
static void r13_loose_forms(void **state)
{
	(void)state;
	ask("AT+MQTTPUB=1,\"t\",\"1\",\"0\",\"x\"", OK);
	assert_string_equal(fake.call, "publish 1 t 1 0 1:x");
	ask("AT+MQTTSUB=1,\"t\"", OK);
	assert_string_equal(fake.call, "subscribe 1 t 0");
	ask("AT+MQTTUNSUB=1,\"t\",1", OK);
	assert_string_equal(fake.call, "unsubscribe 1 t");
	publishes("\"x\";", "x");
	publishes("\"x\" ; ", "x");
	ask("AT+MQTTUSER=2,\"u\",\"p\",\"c\";", OK);
	ask("AT+MQTTOPEN=2,\"h\",\"1883\",\"1\",\"60\"", OK);
}

/* R14: the broker as a URL, as other vendors' modules want it */
static void r14_a_url_is_no_host(void **state)
{
	static const char *const hosts[] = {
		"tcp://broker.emqx.io", "mqtt://h:1883", "h:1883",
	};
	char line[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		snprintf(line, sizeof(line), "AT+MQTTOPEN=1,\"%s\",1883,1,60",
			 hosts[i]);
		ask(line, CME(50));
		expect_reason_of("50: not a host name: ");
	}
}

/* R16: what JSON escapes itself, and a path, stay as they are */
static void r16_escapes_of_json_stay(void **state)
{
	(void)state;
	publishes("\"{\"a\":\"\\\\u4e2d\"}\"", "{\"a\":\"\\\\u4e2d\"}");
	publishes("\"{\"a\":\"\\\\/\\\\t\"}\"", "{\"a\":\"\\\\/\\\\t\"}");
	publishes("\"{\"p\":\"a\\\\bcd\"}\"", "{\"p\":\"a\\\\bcd\"}");
	publishes("\"{\"p\":\"a\\\\fcd\"}\"", "{\"p\":\"a\\\\fcd\"}");
	publishes("\"C:\\\\data\"", "C:\\\\data");
}

/* R16: a second byte 0x5c of Big5, GBK, Shift-JIS wants "escapes = no" */
static void r16_text_of_two_bytes_a_character(void **state)
{
	(void)state;
	publishes("\"\\xa6\\xa8\\xa5\\\\22\"", "\\xa6\\xa8\\xa5\"");
	h.cfg.escapes = false;
	publishes("\"\\xa6\\xa8\\xa5\\\\22\"", "\\xa6\\xa8\\xa5\\\\22");
}

/* R19: who notices by a failing publish learns why the link is gone */
static void r19_the_cause_of_a_loss_stays(void **state)
{
	static const char *const lines[] = {
		"AT+MQTTPUB=1,\"t\",0,0,\"x\"", "AT+MQTTSUB=1,\"t\",0",
		"AT+MQTTCLOSE=1",
	};
	size_t i;

	(void)state;
	fake_lost(1, "closed by the broker");
	expect(&h, T("+MQTTBREAK: 1,1"));
	ask("AT+CEER", T("+CEER: \"closed by the broker (broker.example:1883)"
			 "\"") OK);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ask(lines[i], ERROR);
		ask("AT+CEER", T("+CEER: \"3: not connected: closed by the "
				 "broker (broker.example:1883)\"") OK);
	}
}

/* R25: a keepalive beyond the manual's 300 s */
static void r25_a_long_keepalive(void **state)
{
	(void)state;
	ask("AT+MQTTOPEN=1,\"h\",1883,1,600", CME(50));
	h.cfg.keepalive_any = true;
	ask("AT+MQTTOPEN=1,\"h\",1883,1,1200", OK);
	assert_non_null(strstr(fake.clients[0].open, " keepalive=1200 "));
}

/* R26: keepalive 0 */
static void r26_no_keepalive(void **state)
{
	(void)state;
	ask("AT+MQTTOPEN=1,\"h\",1883,1,0", CME(50));
	h.cfg.keepalive_any = true;
	ask("AT+MQTTOPEN=1,\"h\",1883,1,0", OK);
	assert_non_null(strstr(fake.clients[0].open, " keepalive=0 "));
}

#define HUB	"hub.azure-devices.net"
#define SAS	"SharedAccessSignature sr=" HUB "%2Fdevices%2Fdev&sig=" \
		"aB%2BcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJkLmNoP%3D&se=1735689600"

/* R32: names, topics and a password of Azure's */
static void r32_azure(void **state)
{
	(void)state;
	ask("AT+MQTTUSER=2,\"" HUB "/dev/?api-version=2021-04-12\",\"" SAS
	    "\",\"dev\"", OK);
	ask("AT+MQTTPUB=1,\"devices/dev/messages/events/"
	    "$.ct=application%2Fjson&$.ce=utf-8\",1,0,\"x\"", OK);
	ask("AT+MQTTPUB=1,\"$iothub/methods/res/200/?$rid=1\",0,0,\"x\"", OK);
}

static void user_with_a_password_of(const char *model, int length,
				    const char *answer)
{
	char line[200];

	start_as(model);
	snprintf(line, sizeof(line), "AT+MQTTUSER=1,\"u\",\"{%d*s}\",\"c\"",
		 length);
	ask(line, answer);
	harness_stop(&h);
}

/* R32: a token of 180 characters is more than some series take */
static void r32_a_token_is_too_long_for_some(void **state)
{
	(void)state;
	user_with_a_password_of("L610", 180, OK);
	user_with_a_password_of("MC661", 180, OK);
	user_with_a_password_of("MC661", 257, CME(24));
	user_with_a_password_of("NL668", 128, OK);
	user_with_a_password_of("NL668", 129, CME(24));
	user_with_a_password_of("MC116", 180, CME(24));
}

/* R37: a host that restarted alone, and never closes */
static void r37_an_open_of_what_is_open(void **state)
{
	(void)state;
	ask("AT", OK);
	ask("ATE0", OK);
	ask("AT+MQTTUSER=1,\"u\",\"p\"", OK);
	ask("AT+MQTTOPEN=1,\"h\",1883,1,60", CME(3));
}

/* R45: who sets the clock ahead of TLS */
static void r45_the_clock_is_set_for_this_port(void **state)
{
	static const char answer[] = "\r\n+CCLK: \"26/11/27,11:00:0";

	(void)state;
	ask("AT+CCLK=\"26/11/27,11:00:00+32\"", OK);
	say(&h, "AT+CCLK?");
	assert_memory_equal(h.out, answer, sizeof(answer) - 1);
	assert_non_null(memmem(h.out, h.out_len, "+32\"\r\n", 6));
	h.out_len = 0;
}

/* R47: here a server is verified by default, a module's default is 0 */
static void r47_servers_are_verified(void **state)
{
	(void)state;
	ask("AT+GTSSLMODE?", T("+GTSSLMODE: 1") OK);
}

/* R50: habits of wvdial, gammu, pppd, and of hosts for other vendors */
static void r50_init_strings(void **state)
{
	static const char *const lines[] = {
		"ATZ", "ATE0V1", "ATX4", "ATS0=0", "ATH", "ATL1", "ATM1",
		"AT+CTZU=3", "AT+CSCS=\"GSM\"", "AT+CMGF=1", "AT+CNMI=2,1",
		"AT+CLIP=1", "ATQ0V1E0S0=0&C1&D2",
	};
	size_t i;

	(void)state;
	say(&h, "ATE0");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		print_message("%s\n", lines[i]);
		say(&h, "ATE0");
		h.out_len = 0;
		ask(lines[i], OK);
	}
}

/* R51: more of what hosts ask before they dial */
static void r51_questions_of_hosts(void **state)
{
	static const char numeric[] = "\r\n+COPS: 0,2,\"";

	(void)state;
	say(&h, "AT+COPS=3,2;+COPS?");
	assert_memory_equal(h.out, numeric, sizeof(numeric) - 1);
	h.out_len = 0;
	say(&h, "AT+CGSN=1");
	assert_memory_equal(h.out, "\r\n+CGSN: \"1234", 14);
	h.out_len = 0;
	ask("AT+CGAUTH=1,1,\"u\",\"p\"", OK);
	say(&h, "AT+CGCONTRDP=1;+CESQ;+CBC");
	assert_non_null(memmem(h.out, h.out_len, "\r\n+CESQ: ", 9));
	assert_non_null(memmem(h.out, h.out_len, "\r\n+CBC: ", 8));
	assert_memory_equal(h.out + h.out_len - 6, "\r\nOK\r\n", 6);
	h.out_len = 0;
}

/* R59: AT&D is accepted; what a line's loss does is the knob "reset_on" */
static void r59_d2_is_accepted(void **state)
{
	(void)state;
	ask("AT&D2", OK);
}

#define connected(name) cmocka_unit_test_setup_teardown(name, start_open, stop)
#define idle(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		connected(r1_commas_in_a_payload),
		connected(r2_semicolons_and_blanks),
		connected(r3_base64_in_json),
		connected(r5_an_empty_payload),
		connected(r8_binary_without_data_mode),
		connected(r8_the_limit_is_on_decoded_bytes),
		connected(r10_a_line_that_was_cut),
		idle(r11_typographic_quotes),
		connected(r13_loose_forms),
		idle(r14_a_url_is_no_host),
		connected(r16_escapes_of_json_stay),
		connected(r16_text_of_two_bytes_a_character),
		connected(r19_the_cause_of_a_loss_stays),
		idle(r25_a_long_keepalive),
		idle(r26_no_keepalive),
		connected(r32_azure),
		cmocka_unit_test(r32_a_token_is_too_long_for_some),
		connected(r37_an_open_of_what_is_open),
		idle(r45_the_clock_is_set_for_this_port),
		idle(r47_servers_are_verified),
		idle(r50_init_strings),
		idle(r51_questions_of_hosts),
		idle(r59_d2_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
