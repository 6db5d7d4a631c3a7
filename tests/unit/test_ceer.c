// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * AT+CEER: the last failure in words, and no secret in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"

#define PEER " (broker.example:1883)"

static int start(void **state)
{
	static struct harness h;

	harness_configure(&h, "L610");
	h.cfg.result_timeout_ms = 50;
	harness_start(&h);
	*state = &h;
	return 0;
}

static int stop(void **state)
{
	harness_stop(*state);
	return 0;
}

static void expect_only_reason(struct harness *h, const char *reason)
{
	h->out_len = 0;
	expect_reason(h, reason);
}

/* Client 1 is open, client 2 is not. */
static const struct {
	const char *line;
	const char *reason;
} rows[] = {
	{ "AT+NOPE", "4: unknown command" },
	{ "AT+MQTTSUB?", "4: the command has no such form" },
	{ "AT+MQTTREAD?", "4: the command has no such form" },
	{ "AT,1", "50: syntax error" },
	{ "ATE5", "50: bad number behind E" },
	{ "AT+CMEE=7", "50: bad error mode" },
	{ "AT+MQTTCONF=3", "50: bad mode" },
	{ "AT+MQTTCONF=0,1", "50: bad number of parameters" },
	{ "AT+MQTTUSER=3,\"u\",\"p\"", "50: bad client id" },
	{ "AT+MQTTUSER=1,\"{1025*u}\",\"p\"", "24: user name too long" },
	{ "AT+MQTTUSER=1,\"u\",\"{1025*s}\"", "24: password too long" },
	{ "AT+MQTTUSER=1,\"u\",\"secret\",\"\\\\00\"",
	  "50: bad client identifier" },
	{ "AT+MQTTOPEN=2,\"\",1883,1,60", "50: bad host" },
	{ "AT+MQTTOPEN=2,\"a\\\\00b\",1883,1,60", "50: bad host" },
	{ "AT+MQTTOPEN=2,\"{256*h}\",1883,1,60", "24: host too long" },
	{ "AT+MQTTOPEN=2,\"tcp://h\",1883,1,60",
	  "50: not a host name: tcp://h" },
	{ "AT+MQTTOPEN=2,\"mqtt://h:1883\",1883,1,60",
	  "50: not a host name: mqtt://h:1883" },
	{ "AT+MQTTOPEN=2,\"h:1883\",1883,1,60",
	  "50: not a host name: h:1883" },
	{ "AT+MQTTOPEN=2,\"h \",1883,1,60", "50: not a host name: h " },
	{ "AT+MQTTOPEN=2,\xe2\x80\x9ch\xe2\x80\x9d,1883,1,60",
	  "50: not a host name: \\xe2\\x80\\x9ch\\xe2\\x80\\x9d" },
	{ "AT+MQTTOPEN=2,\"h\\\\r\\\\n\\\\1B\",1883,1,60",
	  "50: not a host name: h   " },
	{ "AT+MQTTOPEN=2,\"a\",0,1,60", "50: bad port" },
	{ "AT+MQTTOPEN=2,\"a\",1883,2,60", "50: bad clean session flag" },
	{ "AT+MQTTOPEN=2,\"a\",1883,1,301", "50: bad keepalive time" },
	{ "AT+MQTTOPEN=2,\"a\",1883,1,60,1", "50: bad TLS mode" },
	{ "AT+MQTTOPEN=1,\"a\",1883,1,60", "3: already open or opening" },
	{ "AT+MQTTCLOSE=2", "3: not connected: never opened" },
	{ "AT+MQTTSUB=2,\"t\",0", "3: not connected: never opened" },
	{ "AT+MQTTSUB=1,\"t/#/u\",0", "50: bad topic" },
	{ "AT+MQTTSUB=1,\"{256*t}\",0", "24: topic too long" },
	{ "AT+MQTTSUB=1,\"t\",3", "50: bad QoS" },
	{ "AT+MQTTPUB=2,\"t\",0,0,5", "3: not connected: never opened" },
	{ "AT+MQTTPUB=1,\"t\",0,0,1025", "50: bad datasize" },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"{1025*x}\"", "24: payload too long" },
	{ "AT+MQTTPUB=1,\"t\",0,2,\"x\"", "50: bad retain flag" },
	{ "AT+MQTTPUB=1,\"+\",0,0,\"x\"", "50: bad topic" },
	{ "AT+MQTTWILL=1,\"t\",0,0,10", "50: bad payload" },
	{ "AT+GTSSLVER=9", "50: bad TLS version" },
	{ "AT+GTSSLFILE=\"X\",9", "50: bad file type" },
	{ "AT+GTSSLFILE=\"CAFILE\",0", "50: bad datasize" },
};

static void a_refused_line_has_its_reason(void **state)
{
	struct harness *h = *state;
	size_t i;

	open_client(h, 1, true);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].line);
		say(h, rows[i].line);
		expect_only_reason(h, rows[i].reason);
	}
}

static void a_refused_open_has_its_reason(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTUSER=1,\"user\",\"secret\"");
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	fake_refused(1, 703, "bad user name or password");
	expect_only_reason(h, "703: bad user name or password" PEER);
	fake.rc = -ENOMEM;
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	expect_only_reason(h, "100: Cannot allocate memory");
	fake.rc = 0;
}

static void a_failed_result_has_its_reason(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,\"t\",0");
	fake_done(1, 0, false);
	expect_only_reason(h, "SUB: refused by the broker" PEER);
	say(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"");
	fake_done(1, 1, false);
	expect_only_reason(h, "PUB: not acknowledged" PEER);
	say(h, "AT+MQTTUNSUB=1,\"t\"");
	wait_ms(h, 100);
	expect_only_reason(h, "UNSUB: no answer" PEER);
	fake_done(1, 2, true);		/* too late */
	expect_only_reason(h, "UNSUB: no answer" PEER);
}

static void a_lost_link_has_its_reason(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"");
	fake_done(1, 0, false);
	fake_lost(1, "no answer to a ping");
	expect_only_reason(h, "no answer to a ping" PEER);
}

/* Most hosts learn of a loss by what fails next. */
static void what_fails_later_says_why_it_was_lost(void **state)
{
	struct harness *h = *state;
	static const char *const lines[] = {
		"AT+MQTTPUB=1,\"t\",1,0,\"x\"", "AT+MQTTPUB=1,\"t\",1,0,5",
		"AT+MQTTSUB=1,\"t\",0", "AT+MQTTUNSUB=1,\"t\"",
		"AT+MQTTCLOSE=1",
	};
	size_t i;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"");
	fake_lost(1, "closed by the broker");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		say(h, lines[i]);
		expect_only_reason(h, "3: not connected: closed by the broker" PEER);
	}
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	fake_refused(1, 0, "no answer");
	say(h, lines[0]);
	expect_only_reason(h, "3: not connected: no answer" PEER);
}

static void a_host_that_closed_it_is_reminded(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"");
	fake_done(1, 0, false);
	say(h, "AT+MQTTCLOSE=1");
	say(h, "AT+MQTTCLOSE=1");
	expect_only_reason(h, "3: not connected: closing" PEER);
	fake_closed(1);
	say(h, "AT+MQTTSUB=1,\"t\",0");
	expect_only_reason(h, "3: not connected: closed by the host" PEER);
	at_session_uplink(h->session, &down);
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	say(h, "AT+MQTTSUB=1,\"t\",0");
	expect_only_reason(h, "3: not connected: no network service: "
		      "uplink has no carrier" PEER);
}

static void a_reason_has_no_control_bytes(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	fake_lost(1, "a\r\n+MQTTBREAK: 1,1\r\n\x1b\x7f\"");
	expect_only_reason(h, "a  +MQTTBREAK: 1,1    '" PEER);
}

static void bad_input_has_its_reason(void **state)
{
	struct harness *h = *state;

	say_how(h, "AT", AT_INPUT_OVERLONG);
	expect_only_reason(h, "24: line too long");
	say_how(h, "AT", AT_INPUT_DAMAGED);
	expect_only_reason(h, "50: damaged line");
	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",1,0,10");
	say_data(h, "secret", AT_INPUT_TIMEOUT);
	expect_only_reason(h, "50: 6 of 10 bytes came");
	say(h, "AT+MQTTPUB=1,\"t\",1,0,6");
	say_data(h, "secret", AT_INPUT_DAMAGED);
	expect_only_reason(h, "50: damaged data");
}

int main(void)
{
#define ROW(f)	cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		ROW(a_refused_line_has_its_reason),
		ROW(a_refused_open_has_its_reason),
		ROW(a_failed_result_has_its_reason),
		ROW(a_lost_link_has_its_reason),
		ROW(what_fails_later_says_why_it_was_lost),
		ROW(a_host_that_closed_it_is_reminded),
		ROW(a_reason_has_no_control_bytes),
		ROW(bad_input_has_its_reason),
	};

	return cmocka_run_group_tests_name("ceer", tests, NULL, NULL);
}
