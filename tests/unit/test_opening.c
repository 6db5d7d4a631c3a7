// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Commands of hosts that do not wait: requests while a client is opening, an
 * OPEN right behind a CLOSE, a CLOSE of what is not open yet, an OPEN of what
 * is open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/requests.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define PROMPT	"\\r\\n>\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"
#define PEER	" (broker.example:1883)"
#define OPEN	"AT+MQTTOPEN=1,\"broker.example\",1883,1,60"

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

static void ask(struct harness *h, const char *line, const char *answer)
{
	say(h, line);
	expect(h, answer);
}

static void expect_requests(const char *words)
{
	assert_string_equal(fake.requests, words);
	fake.requests[0] = '\0';
}

/* ---- requests while opening ---- */

static void they_are_carried_out_in_order(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,1,\"x\\\\00y\"", OK);
	ask(h, "AT+MQTTUNSUB=1,\"b\";+MQTTSUB=1,\"c\",0", OK);
	ask(h, "AT+MQTTPUB=1,\"u\",2,0,3", PROMPT);
	say_data(h, "\\x00\\r\\n", AT_INPUT_GOOD);
	expect_ok(h);
	ask(h, "AT+MQTTPUB=1,\"v\",0,0,\"\"", OK);
	expect_requests("");
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	expect_requests("subscribe 1 a 1; publish 1 t 1 1 3:x\\x00y; "
			"unsubscribe 1 b; subscribe 1 c 0; "
			"publish 1 u 2 0 3:\\x00\\r\\n; publish 1 v 0 0 0:; ");
	fake_done(1, 5, true);
	fake_done(1, 4, true);
	expect(h, "");
	fake_done(1, 1, false);
	expect(h, T("+MQTTPUB: 1,0") T("+MQTTPUB: 1,1") T("+MQTTPUB: 1,1"));
	fake_done(1, 2, true);
	fake_done(1, 0, true);
	fake_done(1, 3, true);
	expect(h, T("+MQTTUNSUB: 1,1") T("+MQTTSUB: 1,1") T("+MQTTSUB: 1,1"));
}

static void they_fail_with_the_open(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,\"y\"", OK);
	fake_refused(1, 705, "no");
	expect(h, T("+MQTTOPEN: 1,0") T("+MQTTPUB: 1,0") T("+MQTTSUB: 1,0")
	       T("+MQTTPUB: 1,0"));
	expect_reason(h, "705: no" PEER);
	expect_requests("");
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", ERROR);
	expect_reason(h, "3: not connected: no" PEER);
	open_client(h, 1, true);
	expect_requests("");
}

/* The time that they were held does not count. */
static void their_time_starts_when_they_are_carried_out(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 300;
	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTSUB=1,\"b\",1", OK);
	wait_ms(h, 320);
	fake_opened(1);
	ask(h, "AT+MQTTSUB=1,\"c\",1", T("+MQTTOPEN: 1,1") OK);
	fake_done(1, 1, true);
	wait_ms(h, 20);
	expect(h, "");
	wait_ms(h, 320);
	expect(h, T("+MQTTSUB: 1,0") T("+MQTTSUB: 1,1") T("+MQTTSUB: 1,0"));
}

#define PUB	"AT+MQTTPUB=1,\"t\",1,0,\"x\""

static void ask_many(struct harness *h, int n)
{
	while (n--)
		ask(h, PUB, OK);
}

static void expect_failures(struct harness *h, const char *before)
{
	static const char one[] = T("+MQTTPUB: 1,0");
	static char text[(AT_REQUESTS_MAX + 2) * sizeof(one)];
	char *p = stpcpy(text, before);
	int i;

	for (i = 0; i <= AT_REQUESTS_MAX; i++)
		p = stpcpy(p, one);
	expect(h, text);
}

/* L12: none is lost, and none that was asked before is passed. */
static void one_more_than_can_be_under_way_waits_for_its_ok(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 60000;
	open_client(h, 1, true);
	ask_many(h, AT_REQUESTS_MAX);
	say_unanswered(h, "AT+MQTTSUB=1,\"a\",1;+CFUN?");
	assert_int_equal(fake.clients[0].n_tokens, AT_REQUESTS_MAX);
	wait_ms(h, 20);
	expect(h, "");
	fake_done(1, 0, true);
	assert_int_equal(fake.clients[0].n_tokens, AT_REQUESTS_MAX + 1);
	wait_ms(h, 20);
	expect(h, T("+CFUN: 1") OK T("+MQTTPUB: 1,1"));
	fake_done(1, AT_REQUESTS_MAX, true);
	expect(h, T("+MQTTSUB: 1,1"));
}

static void also_of_those_that_wait_for_the_open(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 60000;
	ask(h, OPEN, OK);
	ask_many(h, AT_REQUESTS_MAX);
	say_unanswered(h, PUB);
	fake_opened(1);
	wait_ms(h, 20);
	expect(h, "");
	assert_int_equal(fake.clients[0].n_tokens, AT_REQUESTS_MAX);
	fake_done(1, 0, true);
	wait_ms(h, 20);
	expect(h, OK T("+MQTTOPEN: 1,1") T("+MQTTPUB: 1,1"));
}

static void and_when_the_open_fails_it_has_its_ok(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask_many(h, AT_REQUESTS_MAX);
	say_unanswered(h, PUB);
	fake_refused(1, 705, "no");
	wait_ms(h, 20);
	expect_failures(h, OK T("+MQTTOPEN: 1,0"));
}

/* As n_at has it that answered in our place, or whose tty has gone. */
static void a_line_that_waits_may_be_forgotten(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 60000;
	open_client(h, 1, true);
	ask_many(h, AT_REQUESTS_MAX);
	say_unanswered(h, "AT+MQTTSUB=1,\"a\",1;+CFUN?");
	ask(h, "AT", OK);
	fake_done(1, 0, true);
	wait_ms(h, 20);
	expect(h, T("+MQTTPUB: 1,1"));
}

static void what_is_too_late_by_then_never_goes_out(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 300;
	open_client(h, 1, true);
	ask_many(h, AT_REQUESTS_MAX);
	say_unanswered(h, PUB);
	wait_ms(h, 330);
	assert_int_equal(fake.clients[0].n_tokens, AT_REQUESTS_MAX);
	assert_int_equal(fake.clients[0].n_cancelled, AT_REQUESTS_MAX);
	expect_failures(h, OK);
}

static void what_the_protocol_refuses_then_fails(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	fake.rc = -EINVAL;
	fake_opened(1);
	fake.rc = 0;
	expect(h, T("+MQTTOPEN: 1,1") T("+MQTTSUB: 1,0") T("+MQTTPUB: 1,0"));
	expect_reason(h, "PUB: Invalid argument" PEER);
}

static void what_the_protocol_has_no_room_for_waits(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 300;
	open_client(h, 1, true);
	ask(h, PUB, OK);
	fake.rc = -EAGAIN;
	ask(h, "AT+MQTTPUB=1,\"u\",1,0,\"y\"", OK);
	fake.rc = 0;
	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	expect_requests("publish 1 t 1 0 1:x; ");
	fake_done(1, 0, true);
	expect_requests("publish 1 u 1 0 1:y; subscribe 1 a 1; ");
	expect(h, T("+MQTTPUB: 1,1"));
	fake.rc = -EAGAIN;
	ask(h, PUB, OK);
	wait_ms(h, 330);
	expect(h, T("+MQTTPUB: 1,0") T("+MQTTSUB: 1,0") T("+MQTTPUB: 1,0"));
	fake.rc = 0;
}

static void data_may_come_when_it_is_open_or_failed(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,2", PROMPT);
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	say_data(h, "yz", AT_INPUT_GOOD);
	expect_ok(h);
	expect_requests("publish 1 t 1 0 1:x; publish 1 t 1 0 2:yz; ");
	fake_lost(1, "gone");
	h->out_len = 0;
	ask(h, OPEN, OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,2", PROMPT);
	fake_refused(1, 0, "no");
	expect(h, T("+MQTTOPEN: 1,0"));
	say_data(h, "yz", AT_INPUT_GOOD);
	expect_error(h);
	expect_reason(h, "3: not connected: no" PEER);
}

static void the_network_may_go_meanwhile(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	at_session_uplink(h->session, &down);
	expect(h, T("+MQTTOPEN: 1,0") T("+MQTTSUB: 1,0"));
	expect_reason(h, "30: no network service: uplink has no carrier" PEER);
}

static void they_are_refused_if_configured_so(void **state)
{
	struct harness *h = *state;

	h->cfg.while_opening_refuse = 1;
	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1", ERROR);
	ask(h, "AT+MQTTUNSUB=1,\"a\"", ERROR);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", ERROR);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,3", ERROR);
	expect_reason(h, "3: not connected: opening" PEER);
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	ask(h, "AT+MQTTCLOSE=1", OK);
	ask(h, OPEN, CME(3));
	expect_reason(h, "3: still closing");
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1"));
}

static void a_gateways_too(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTOPEN=101,gw,1884,1,60", OK);
	ask(h, "AT+MQTTSNREG=101,\"a/b\"", OK);
	ask(h, "AT+MQTTSUB=101,7,1", OK);
	ask(h, "AT+MQTTWTOPICUD=101,1,0,\"w\";+MQTTWMSGUD=101,\"m\"", OK);
	assert_int_equal(fake_sn_client(101)->n_tokens, 0);
	fake_sn_opened(101);
	expect(h, T("+MQTTOPEN: 101,1"));
	assert_int_equal(fake_sn_client(101)->n_tokens, 4);
	fake_sn_topic(101, 9, "a/b", MQTTSN_BY_REGISTER);
	fake_sn_done(101, 0, true, 9);
	fake_sn_done(101, 3, true, 0);
	expect(h, T("+MQTTSNREG: 101,1,9,\"a/b\"") T("+MQTTWMSGUD: 101,1"));
	fake_sn_done(101, 1, true, 0);
	fake_sn_done(101, 2, true, 0);
	expect(h, T("+MQTTSUB: 101,1") T("+MQTTWTOPICUD: 101,1"));
}

static void a_restart_forgets_them(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	say(h, "AT+RESET");
	h->out_len = 0;
	open_client(h, 1, true);
	expect_requests("");
	ask(h, "AT+MQTTCLOSE=1", OK);
	ask(h, OPEN, OK);
	say(h, "AT+RESET");
	h->out_len = 0;
	fake_closed(1);
	wait_ms(h, 60);
	expect(h, "");
}

static void what_is_held_is_freed_at_the_end(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
}

/* ---- CLOSE while opening ---- */

static void close_calls_the_open_off(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	ask(h, "AT+MQTTCLOSE=1", OK T("+MQTTOPEN: 1,0") T("+MQTTSUB: 1,0")
	    T("+MQTTPUB: 1,0") T("+MQTTCLOSE: 1,1"));
	assert_string_equal(fake.call, "abort 1");
	expect_reason(h, "called off by the host" PEER);
	ask(h, "AT+MQTTCLOSE=1", ERROR);
	expect_reason(h, "3: not connected: closed by the host" PEER);
	fake_opened(1);
	expect(h, "");
	open_client(h, 1, true);
}

static void the_list_of_what_can_be_closed_says_what_is_open(void **state)
{
	struct harness *h = *state;

	ask(h, OPEN, OK);
	ask(h, "AT+MQTTCLOSE?", T("+MQTTCLOSE: 0") OK);
	fake_opened(1);
	ask(h, "AT+MQTTCLOSE?", T("+MQTTOPEN: 1,1") T("+MQTTCLOSE: 1") OK);
}

/* ---- OPEN behind CLOSE ---- */

static void an_open_waits_for_the_close(void **state)
{
	struct harness *h = *state;
	int i;

	open_client(h, 1, true);
	for (i = 0; i < 100; i++) {
		fake.clients[0].open[0] = '\0';
		ask(h, "AT+MQTTCLOSE=1", OK);
		ask(h, "AT+MQTTSUB=1,\"a\",1", ERROR);
		ask(h, "AT+MQTTOPEN=1,\"other.example\",1884,1,60", OK);
		ask(h, "AT+MQTTOPEN=1,\"other.example\",1884,1,60", CME(3));
		ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
		assert_string_equal(fake.clients[0].open, "");
		fake_closed(1);
		expect(h, T("+MQTTCLOSE: 1,1"));
		assert_non_null(strstr(fake.clients[0].open,
				       "other.example 1884 "));
		fake_opened(1);
		expect(h, T("+MQTTOPEN: 1,1"));
		expect_requests("subscribe 1 a 1; ");
		fake_done(1, (size_t)i, true);
		expect(h, T("+MQTTSUB: 1,1"));
	}
}

static void what_was_under_way_ends_with_the_close(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"old\"", OK);
	ask(h, "AT+MQTTCLOSE=1", OK);
	ask(h, OPEN, OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"new\"", OK);
	fake_closed(1);
	expect(h, T("+MQTTPUB: 1,0") T("+MQTTCLOSE: 1,1"));
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	fake_done(1, 1, true);
	expect(h, T("+MQTTPUB: 1,1"));
}

/* Once more before the first was through, and again. */
static void it_may_be_called_off_too(void **state)
{
	struct harness *h = *state;
	int i;

	open_client(h, 1, true);
	ask(h, "AT+MQTTCLOSE=1", OK);
	for (i = 0; i < 3; i++) {
		ask(h, OPEN, OK);
		ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
		ask(h, "AT+MQTTCLOSE=1",
		    OK T("+MQTTOPEN: 1,0") T("+MQTTSUB: 1,0"));
	}
	ask(h, OPEN, OK);
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1") T("+MQTTCLOSE: 1,1")
	       T("+MQTTCLOSE: 1,1") T("+MQTTCLOSE: 1,1"));
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
}

static void it_may_fail_when_its_turn_comes(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	struct harness *h = *state;

	open_client(h, 1, true);
	ask(h, "AT+MQTTCLOSE=1", OK);
	ask(h, OPEN ";+MQTTSUB=1,\"a\",1", OK);
	fake.rc = -ENOMEM;
	fake_closed(1);
	fake.rc = 0;
	expect(h, T("+MQTTCLOSE: 1,1") T("+MQTTOPEN: 1,0") T("+MQTTSUB: 1,0"));
	expect_reason(h, "100: Cannot allocate memory" PEER);
	open_client(h, 1, true);
	ask(h, "AT+MQTTCLOSE=1", OK);
	ask(h, OPEN, OK);
	at_session_uplink(h->session, &down);
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1") T("+MQTTOPEN: 1,0"));
}

static void behind_the_close_of_a_lost_link_too(void **state)
{
	struct harness *h = *state;

	h->cfg.reconnect = true;
	open_client(h, 1, true);
	fake_lost(1, "gone");
	expect(h, T("+MQTTBREAK: 1,1"));
	ask(h, "AT+MQTTCLOSE=1", OK);
	ask(h, OPEN, OK);
	wait_ms(h, 20);
	expect(h, T("+MQTTCLOSE: 1,1"));
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
}

/* ---- OPEN of what is open ---- */

static void an_open_client_is_replaced_silently(void **state)
{
	struct harness *h = *state;

	h->cfg.open_again_replace = 1;
	open_client(h, 1, true);
	ask(h, "AT+MQTTCONF=1", OK);
	fake_message(1, 1, "t", "old");
	expect(h, T("+MQTTMSGI: 1,1,1,3"));
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	fake.clients[0].open[0] = '\0';
	ask(h, "AT+MQTTOPEN=1,\"other.example\",1884,1,60", OK);
	assert_string_equal(fake.call, "close 1");
	assert_string_equal(fake.clients[0].open, "");
	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_closed(1);
	expect(h, T("+MQTTPUB: 1,0"));
	assert_non_null(strstr(fake.clients[0].open, "other.example 1884 "));
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	ask(h, "AT+MQTTREAD=1", T("+MQTTREAD: 1,0,0,0") OK);
	fake_done(1, 1, true);
	expect(h, T("+MQTTSUB: 1,1"));
	ask(h, "AT+MQTTCLOSE=1", OK);
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1"));
}

static void so_is_an_opening_one(void **state)
{
	struct harness *h = *state;

	h->cfg.open_again_replace = 1;
	ask(h, OPEN ";+MQTTSUB=1,\"a\",1", OK);
	ask(h, OPEN, OK T("+MQTTOPEN: 1,0") T("+MQTTSUB: 1,0"));
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	ask(h, OPEN, OK);
	ask(h, OPEN, OK T("+MQTTOPEN: 1,0"));
	ask(h, "AT+MQTTCLOSE=1", OK T("+MQTTOPEN: 1,0"));
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1"));
	open_client(h, 1, true);
}

static void it_is_refused_otherwise(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	ask(h, OPEN, CME(3));
	expect_reason(h, "3: already open or opening");
	ask(h, "AT+MQTTCLOSE?", T("+MQTTCLOSE: 1") OK);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(they_are_carried_out_in_order),
		TEST(they_fail_with_the_open),
		TEST(their_time_starts_when_they_are_carried_out),
		TEST(one_more_than_can_be_under_way_waits_for_its_ok),
		TEST(also_of_those_that_wait_for_the_open),
		TEST(and_when_the_open_fails_it_has_its_ok),
		TEST(a_line_that_waits_may_be_forgotten),
		TEST(what_is_too_late_by_then_never_goes_out),
		TEST(what_the_protocol_refuses_then_fails),
		TEST(what_the_protocol_has_no_room_for_waits),
		TEST(data_may_come_when_it_is_open_or_failed),
		TEST(the_network_may_go_meanwhile),
		TEST(they_are_refused_if_configured_so),
		TEST(a_gateways_too),
		TEST(a_restart_forgets_them),
		TEST(what_is_held_is_freed_at_the_end),
		TEST(close_calls_the_open_off),
		TEST(the_list_of_what_can_be_closed_says_what_is_open),
		TEST(an_open_waits_for_the_close),
		TEST(what_was_under_way_ends_with_the_close),
		TEST(it_may_be_called_off_too),
		TEST(it_may_fail_when_its_turn_comes),
		TEST(behind_the_close_of_a_lost_link_too),
		TEST(an_open_client_is_replaced_silently),
		TEST(so_is_an_opening_one),
		TEST(it_is_refused_otherwise),
	};

	return cmocka_run_group_tests_name("opening", tests, NULL, NULL);
}
