// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The knobs result_gap_ms and pub_gap_ms: how long behind its OK a result
 * comes at the earliest, and what may pass it meanwhile.
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

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"
#define OPEN	"AT+MQTTOPEN=1,\"broker.example\",1883,1,60"
#define GAP_MS	200	/* a busy machine is late */

/* Client 1 is open. */
static int start(void **state)
{
	static struct harness h;

	harness_configure(&h, "L610");
	h.cfg.result_timeout_ms = 60000;
	harness_start(&h);
	open_client(&h, 1, true);
	h.cfg.result_gap_ms = GAP_MS;
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

static void expect_later(struct harness *h, const char *text)
{
	expect(h, "");
	wait_ms(h, GAP_MS / 2);
	expect(h, "");
	wait_ms(h, GAP_MS);
	expect(h, text);
}

static void each_kind_waits(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_done(1, 0, true);
	expect_later(h, T("+MQTTSUB: 1,1"));
	ask(h, "AT+MQTTUNSUB=1,\"a\"", OK);
	fake_done(1, 1, false);
	expect_later(h, T("+MQTTUNSUB: 1,0"));
	ask(h, "AT+MQTTCLOSE=1", OK);
	fake_closed(1);
	expect_later(h, T("+MQTTCLOSE: 1,1"));
	ask(h, OPEN, OK);
	fake_opened(1);
	expect_later(h, T("+MQTTOPEN: 1,1"));
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	fake_done(1, 2, true);
	expect(h, T("+MQTTPUB: 1,1"));
	h->cfg.pub_gap_ms = GAP_MS;
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	fake_done(1, 3, true);
	expect_later(h, T("+MQTTPUB: 1,1"));
}

static void what_comes_late_enough_does_not(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	wait_ms(h, GAP_MS + 20);
	fake_done(1, 0, true);
	expect(h, T("+MQTTSUB: 1,1"));
}

/* Never a millisecond too early, and soon enough */
static void the_gap_is_kept_by_the_clock(void **state)
{
	struct harness *h = *state;
	uint64_t answered, took;
	size_t i;

	h->cfg.result_gap_ms = 20;
	for (i = 0; i < 30; i++) {
		wait_ms(h, i % 3);
		ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
		answered = uv_hrtime();
		fake_done(1, i, true);
		while (!h->out_len)
			uv_run(&h->loop, UV_RUN_ONCE);
		took = (uv_hrtime() - answered) / 1000;
		expect(h, T("+MQTTSUB: 1,1"));
		print_message("%u us\n", (unsigned int)took);
		assert_true(took >= 19900);
		assert_true(took < 1000000);
	}
}

/* A result that is there ahead of the OK itself */
static void what_fails_at_once_waits_too(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	struct harness *h = *state;

	at_session_uplink(h->session, &down);
	expect(h, T("+MQTTBREAK: 1,3"));
	ask(h, OPEN, OK);
	expect_later(h, T("+MQTTOPEN: 1,0"));
}

static void a_client_keeps_its_order(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	ask(h, "AT+MQTTPUB=1,\"t\",1,0,\"x\"", OK);
	fake_done(1, 0, true);
	fake_done(1, 1, true);
	fake_lost(1, "gone");
	expect_later(h, T("+MQTTSUB: 1,1") T("+MQTTPUB: 1,1")
			T("+MQTTBREAK: 1,1"));
}

static void results_of_a_kind_keep_theirs(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_done(1, 0, false);
	wait_ms(h, GAP_MS / 2);
	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_done(1, 1, true);
	expect(h, "");
	wait_ms(h, GAP_MS * 3 / 4);
	expect(h, T("+MQTTSUB: 1,0"));
	wait_ms(h, GAP_MS / 2);
	expect(h, T("+MQTTSUB: 1,1"));
}

static void others_are_not_kept_back(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTOPEN=2,\"broker.example\",1883,1,60", OK);
	wait_ms(h, GAP_MS + 20);
	fake_opened(2);
	expect(h, T("+MQTTOPEN: 2,1"));
	ask(h, "AT+MQTTPUB=2,\"t\",1,0,\"x\"", OK);
	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_done(1, 0, true);
	fake_done(2, 0, true);
	expect(h, T("+MQTTPUB: 2,1"));
	fake_message(2, 0, "t", "p");
	expect(h, T("+MQTTMSG: 2,0,\"t\",\"p\""));
	expect_later(h, T("+MQTTSUB: 1,1"));
}

/* What a subscription brings at once may be more than read_queue. */
static void messages_come_behind_their_subscription(void **state)
{
	struct harness *h = *state;
	unsigned int i;

	ask(h, "AT+MQTTSUB=1,\"#\",1", OK);
	fake_message(1, 0, "t", "before");
	expect(h, T("+MQTTMSG: 1,0,\"t\",\"before\""));
	fake_done(1, 0, true);
	for (i = 0; i < 100; i++)
		fake_message(1, i % 2, "t", "");
	expect(h, "");
	wait_ms(h, GAP_MS + 20);
	assert_memory_equal(h->out, "\r\n+MQTTSUB: 1,1\r\n", 17);
	assert_int_equal(h->out_len, 17 + 100 * strlen("..+MQTTMSG: 1,0,.t.,...."));
	h->out_len = 0;
	assert_int_equal(fake.dropped, 0);
}

static void and_behind_an_open(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTCLOSE=1", OK);
	fake_closed(1);
	wait_ms(h, GAP_MS + 20);
	expect(h, T("+MQTTCLOSE: 1,1"));
	ask(h, OPEN, OK);
	fake_opened(1);
	fake_message(1, 1, "t", "a");
	fake_message(1, 1, "t", "b");
	expect_later(h, T("+MQTTOPEN: 1,1") T("+MQTTMSG: 1,1,\"t\",\"a\"")
			T("+MQTTMSG: 1,1,\"t\",\"b\""));
}

static void a_full_port_changes_nothing(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "a");
	fake_done(1, 0, true);
	fake_message(1, 1, "t", "b");
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"a\""));
	h->urc_rc = -EAGAIN;
	wait_ms(h, GAP_MS + 20);
	expect(h, "");
	fake_message(1, 1, "t", "c");
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTSUB: 1,1") T("+MQTTMSG: 1,1,\"t\",\"b\"")
	       T("+MQTTMSG: 1,1,\"t\",\"c\""));
}

static void lines_go_on_meanwhile(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_done(1, 0, true);
	ask(h, "AT", OK);
	ask(h, "AT+MQTTCLOSE=2", ERROR);
	expect_later(h, T("+MQTTSUB: 1,1"));
}

/* n_at holds what comes while data are awaited, and it would come with OK. */
static void the_ok_may_come_behind_data(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,2", "\\r\\n>\\r\\n");
	fake_done(1, 0, true);
	wait_ms(h, GAP_MS + 20);
	expect(h, "");
	say_data(h, "xy", AT_INPUT_GOOD);
	expect_ok(h);
	expect_later(h, T("+MQTTSUB: 1,1"));
}

static void or_not_at_all_if_the_tty_goes(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1;+MQTTPUB=1,\"t\",1,0,2", "\\r\\n>\\r\\n");
	fake_done(1, 0, true);
	at_session_detached(h->session);
	at_session_attached(h->session, &(struct at_uart){ 0 }, false, true);
	at_session_space(h->session);
	wait_ms(h, GAP_MS + 20);
	expect(h, T("+MQTTSUB: 1,1"));
}

static void a_restart_forgets_what_waits(void **state)
{
	struct harness *h = *state;

	ask(h, "AT+MQTTSUB=1,\"a\",1", OK);
	fake_done(1, 0, true);
	say(h, "AT+RESET");
	h->out_len = 0;
	wait_ms(h, GAP_MS * 2);
	h->out[h->out_len] = '\0';
	assert_null(strstr(h->out, "SUB"));
	h->out_len = 0;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_kind_waits),
		TEST(what_comes_late_enough_does_not),
		TEST(the_gap_is_kept_by_the_clock),
		TEST(what_fails_at_once_waits_too),
		TEST(a_client_keeps_its_order),
		TEST(results_of_a_kind_keep_theirs),
		TEST(others_are_not_kept_back),
		TEST(messages_come_behind_their_subscription),
		TEST(and_behind_an_open),
		TEST(a_full_port_changes_nothing),
		TEST(lines_go_on_meanwhile),
		TEST(the_ok_may_come_behind_data),
		TEST(or_not_at_all_if_the_tty_goes),
		TEST(a_restart_forgets_what_waits),
	};

	return cmocka_run_group_tests_name("gap", tests, NULL, NULL);
}
