// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The knobs that are off by default and go beyond what the modules do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/uapi/linux/n_at.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define PROMPT	"\\r\\n>\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

static struct harness h;

static int configure(void **state)
{
	(void)state;
	harness_configure(&h, "L610");
	return 0;
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

static void receive(size_t len, const char *answer)
{
	char *payload = malloc(len);

	memset(payload, 'x', len);
	fake_message_bytes(1, 0, "t", payload, len);
	free(payload);
	expect(&h, answer);
}

static void max_payload_raises_every_limit(void **state)
{
	(void)state;
	h.cfg.max_payload = 16384;
	harness_start(&h);
	ask("AT+MQTTPUB=?", T("+MQTTPUB: (1,2,101,102),255,(0-2),(0,1),16384") OK);
	ask("AT+MQTTWILL=?", T("+MQTTWILL: (1,2,101,102),255,(0-2),(0,1),16384") OK);
	open_client(&h, 1, true);
	ask("AT+MQTTPUB=1,\"t\",0,0,16385", ERROR);
	ask("AT+MQTTPUB=1,\"t\",0,0,16384", PROMPT);
	say_data(&h, "{16384*x}", AT_INPUT_GOOD);
	expect_ok(&h);
	receive(16384, T("+MQTTMSG: 1,0,\"t\",\"{16384*x}\""));
	receive(16385, "");
	ask("AT+MQTTCONF=1", OK);
	receive(16384, T("+MQTTMSGI: 1,0,1,16384"));
	ask("AT+MQTTREAD=1",
	    T("+MQTTREAD: 1,0,1,16384,\"t\",\"{16384*x}\"") OK);
}

static void a_limit_beyond_max_payload_stays(void **state)
{
	(void)state;
	h.cfg.max_payload = 1200;
	harness_start(&h);
	ask("AT+MQTTPUB=?", T("+MQTTPUB: (1,2,101,102),255,(0-2),(0,1),1200") OK);
	open_client(&h, 1, true);
	receive(1500, T("+MQTTMSG: 1,0,\"t\",\"{1500*x}\""));
	receive(1501, "");
	ask("AT+MQTTCONF=1", OK);
	receive(1500, T("+MQTTMSGI: 1,0,1,1500"));
	receive(1501, "");
}

static void keepalive_any_takes_what_mqtt_does(void **state)
{
	(void)state;
	h.cfg.keepalive_any = true;
	harness_start(&h);
	ask("AT+MQTTOPEN=?",
	    T("+MQTTOPEN: (1,2,101,102),(<\"Remote IP/URL\">),(1-65535),(0,1),"
	      "(0-65535)[,(0-2)]") OK);
	ask("AT+MQTTOPEN=1,\"h\",1883,1,65536", CME(50));
	ask("AT+MQTTOPEN=1,\"h\",1883,1,0", OK);
	assert_non_null(strstr(fake.clients[0].open, " keepalive=0 "));
	ask("AT+MQTTOPEN=2,\"h\",1883,1,65535", OK);
	assert_non_null(strstr(fake.clients[1].open, " keepalive=65535 "));
}

static void otherwise_keepalive_is_1_to_300(void **state)
{
	(void)state;
	harness_start(&h);
	ask("AT+MQTTOPEN=1,\"h\",1883,1,0", CME(50));
	ask("AT+MQTTOPEN=1,\"h\",1883,1,301", CME(50));
	ask("AT+MQTTOPEN=1,\"h\",1883,1,300", OK);
}

static void tls_1_is_tls_when_told_so(void **state)
{
	(void)state;
	h.cfg.tls1_is_tls = true;
	harness_start(&h);
	ask("AT+MQTTOPEN=1,\"h\",8883,1,60,1", OK);
	assert_non_null(strstr(fake.clients[0].open, " tls=ca.pem "));
}

static void break_cause_one_hides_the_uplinks(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };

	(void)state;
	h.cfg.break_cause_one = true;
	harness_start(&h);
	open_client(&h, 1, true);
	at_session_uplink(h.session, &down);
	expect(&h, T("+MQTTBREAK: 1,1"));
}

static const struct {
	enum payload_format format;
	const char *payload;
	unsigned int payload_len;
	const char *topic;
	unsigned int topic_len;
} formats[] = {
	{ PAYLOAD_RAW, "a\\x00\\r\"\\xff", 5, "t\",\"\\xc3\\xa4", 6 },
	{ PAYLOAD_HEX, "61000D22FF", 10, "74222C22C3A4", 12 },
	{ PAYLOAD_ESCAPED, "a\\\\00\\\\r\\\\\"\\\\FF", 11,
	  "t\\\\\",\\\\\"\\\\C3\\\\A4", 12 },
};

/* The lengths are those of what a host that counts has to read. */
static void messages_are_written_as_configured(void **state)
{
	static const char topic[] = "t\",\"\xc3\xa4";
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		harness_configure(&h, "L610");
		h.cfg.payload_format = formats[i].format;
		harness_start(&h);
		open_client(&h, 1, true);
		fake_message_bytes(1, 0, topic, "a\0\r\"\xff", 5);
		snprintf(text, sizeof(text), T("+MQTTMSG: 1,0,\"%s\",\"%s\""),
			 formats[i].topic, formats[i].payload);
		expect(&h, text);
		ask("AT+MQTTCONF=1", OK);
		fake_message_bytes(1, 0, topic, "a\0\r\"\xff", 5);
		snprintf(text, sizeof(text), T("+MQTTMSGI: 1,0,%u,%u"),
			 formats[i].topic_len, formats[i].payload_len);
		expect(&h, text);
		snprintf(text, sizeof(text),
			 T("+MQTTREAD: 1,0,%u,%u,\"%s\",\"%s\"") OK,
			 formats[i].topic_len, formats[i].payload_len,
			 formats[i].topic, formats[i].payload);
		ask("AT+MQTTREAD=1", text);
		harness_stop(&h);
	}
}

/* A name is, an id is not; in the result, the event and the list. */
static void so_are_names_of_a_gateway(void **state)
{
	static const char topic[] = "t\",\"\xc3\xa4";
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		harness_configure(&h, "L610");
		h.cfg.payload_format = formats[i].format;
		harness_start(&h);
		open_client(&h, 101, true);
		fake_sn_registered(101, 7, topic);
		snprintf(text, sizeof(text), T("+MQTTSNREG: 101,2,7,\"%s\""),
			 formats[i].topic);
		expect(&h, text);
		ask("AT+MQTTSNREG=101,\"x\"", OK);
		fake_sn_done(101, 0, true, 7);
		snprintf(text, sizeof(text), T("+MQTTSNREG: 101,1,7,\"%s\""),
			 formats[i].topic);
		expect(&h, text);
		snprintf(text, sizeof(text), T("+MQTTSNREG: 101,7,\"%s\"") OK,
			 formats[i].topic);
		ask("AT+MQTTSNREG?", text);
		ask("AT+MQTTCONF=1", OK);
		fake_sn_message(101, 0, MQTTSN_TOPIC_PREDEFINED, 300, "", "");
		expect(&h, T("+MQTTMSGI: 101,0,300,0"));
		ask("AT+MQTTREAD=101",
		    T("+MQTTREAD: 101,0,3,0,300,\"\"") OK);
		harness_stop(&h);
	}
}

/* What is written has to fit n_at's longest answer. */
static void a_format_that_grows_lowers_the_limit(void **state)
{
	(void)state;
	h.cfg.max_payload = 16384;
	h.cfg.payload_format = PAYLOAD_HEX;
	harness_start(&h);
	open_client(&h, 1, true);
	receive(15951, "");
	receive(2, T("+MQTTMSG: 1,0,\"74\",\"7878\""));
	ask("AT+MQTTCONF=1", OK);
	receive(15950, T("+MQTTMSGI: 1,0,2,31900"));
}

/* The longest message that there can be: each byte takes three. */
static void the_longest_topic_fits_beside_the_longest_payload(void **state)
{
	static char topic[256], payload[10634];

	(void)state;
	h.cfg.max_payload = 16384;
	h.cfg.payload_format = PAYLOAD_ESCAPED;
	harness_start(&h);
	open_client(&h, 1, false);
	memset(topic, 0xa0, sizeof(topic) - 1);
	ask("AT+MQTTCONF=1", OK);
	fake_message_bytes(1, 2, topic, payload, sizeof(payload));
	expect(&h, "");
	fake_message_bytes(1, 2, topic, payload, sizeof(payload) - 1);
	expect(&h, T("+MQTTMSGI: 1,2,765,31899"));
	say(&h, "AT+MQTTREAD=1");
	assert_true(h.out_len > 765 + 31899 && h.out_len <= N_AT_OUT_MAX);
	assert_memory_equal(h.out, "\r\n+MQTTREAD: 1,2,765,31899,\"\\A0", 31);
	h.out_len = 0;
}

int main(void)
{
#define ROW(f)	cmocka_unit_test_setup_teardown(f, configure, stop)
	const struct CMUnitTest tests[] = {
		ROW(max_payload_raises_every_limit),
		ROW(a_limit_beyond_max_payload_stays),
		ROW(keepalive_any_takes_what_mqtt_does),
		ROW(otherwise_keepalive_is_1_to_300),
		ROW(tls_1_is_tls_when_told_so),
		ROW(break_cause_one_hides_the_uplinks),
		cmocka_unit_test(messages_are_written_as_configured),
		cmocka_unit_test(so_are_names_of_a_gateway),
		ROW(a_format_that_grows_lowers_the_limit),
		ROW(the_longest_topic_fits_beside_the_longest_payload),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
