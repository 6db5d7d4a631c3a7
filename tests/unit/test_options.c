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
	receive(1200, T("+MQTTMSGI: 1,0,1,1200"));
	receive(1201, "");
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

static const struct {
	enum payload_format format;
	const char *written;
	unsigned int len;
} formats[] = {
	{ PAYLOAD_RAW, "a\\x00\\r\"\\xff", 5 },
	{ PAYLOAD_HEX, "61000D22FF", 10 },
	{ PAYLOAD_ESCAPED, "a\\\\00\\\\r\\\\\"\\\\FF", 11 },
};

/* The length is that of what a host that counts has to read. */
static void payloads_are_written_as_configured(void **state)
{
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		harness_configure(&h, "L610");
		h.cfg.payload_format = formats[i].format;
		harness_start(&h);
		open_client(&h, 1, true);
		fake_message_bytes(1, 0, "t", "a\0\r\"\xff", 5);
		snprintf(text, sizeof(text), T("+MQTTMSG: 1,0,\"t\",\"%s\""),
			 formats[i].written);
		expect(&h, text);
		ask("AT+MQTTCONF=1", OK);
		fake_message_bytes(1, 0, "t", "a\0\r\"\xff", 5);
		snprintf(text, sizeof(text), T("+MQTTMSGI: 1,0,1,%u"),
			 formats[i].len);
		expect(&h, text);
		snprintf(text, sizeof(text),
			 T("+MQTTREAD: 1,0,1,%u,\"t\",\"%s\"") OK,
			 formats[i].len, formats[i].written);
		ask("AT+MQTTREAD=1", text);
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
	receive(16001, "");
	receive(2, T("+MQTTMSG: 1,0,\"t\",\"7878\""));
	ask("AT+MQTTCONF=1", OK);
	receive(16000, T("+MQTTMSGI: 1,0,1,32000"));
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
		cmocka_unit_test(payloads_are_written_as_configured),
		ROW(a_format_that_grows_lowers_the_limit),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
