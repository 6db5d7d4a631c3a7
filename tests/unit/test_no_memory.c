// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session when memory is short: each command has a final result, and each
 * that was accepted has the result which comes later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"
#include "unit/no_memory.h"

#define SWEEP_MAX	100	/* allocations of one command */

static int setup(void **state)
{
	static struct harness h;

	harness_configure(&h, "L610");
	h.cfg.echo = false;
	harness_start(&h);
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	no_memory_end();
	harness_stop(*state);
	return 0;
}

static void none_from_now_on(void)
{
	no_memory_at(1, UINT_MAX - 1);
}

/* say() allocates itself. */
static void tell(struct harness *h, const char *line)
{
	int before = h->answers;

	at_session_line(h->session, line, strlen(line), AT_INPUT_GOOD);
	assert_int_equal(h->answers, before + 1);
}

/* ---- results that wait, because the host is in the middle of a line ---- */

static void keep_waiting(struct harness *h)
{
	h->urc_rc = -EAGAIN;
	none_from_now_on();
}

static void expect_after_all(struct harness *h, const char *text)
{
	h->urc_rc = 0;
	at_session_space(h->session);
	no_memory_end();
	expect(h, text);
}

static void say_ok(struct harness *h, const char *line)
{
	say(h, line);
	expect_ok(h);
}

#define OPEN "AT+MQTTOPEN=1,\"host\",1883,1,60"

static void an_open_has_its_result(void **state)
{
	struct harness *h = *state;

	say_ok(h, OPEN);
	keep_waiting(h);
	fake_opened(1);
	expect_after_all(h, "\\r\\n+MQTTOPEN: 1,1\\r\\n");
}

static void a_refused_open_has_its_result(void **state)
{
	struct harness *h = *state;

	say_ok(h, OPEN);
	keep_waiting(h);
	fake_refused(1, 0, "no");
	expect_after_all(h, "\\r\\n+MQTTOPEN: 1,0\\r\\n");
}

static void a_lost_link_has_its_break(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	keep_waiting(h);
	fake_lost(1, "gone");
	expect_after_all(h, "\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

static void a_close_has_its_result(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say_ok(h, "AT+MQTTCLOSE=1");
	keep_waiting(h);
	fake_closed(1);
	expect_after_all(h, "\\r\\n+MQTTCLOSE: 1,1\\r\\n");
}

static void links_come_and_go_without_memory(void **state)
{
	struct harness *h = *state;

	h->cfg.reconnect = true;
	open_client(h, 1, true);
	keep_waiting(h);
	fake_lost(1, "gone");
	wait_ms(h, 2000);	/* the next try has no room, and is put off */
	expect_after_all(h, "\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

static const struct {
	const char *line;
	const char *result;
} requests[] = {
	{ "AT+MQTTSUB=1,\"t\",1", "\\r\\n+MQTTSUB: 1,1\\r\\n" },
	{ "AT+MQTTUNSUB=1,\"t\"", "\\r\\n+MQTTUNSUB: 1,1\\r\\n" },
	{ "AT+MQTTPUB=1,\"t\",1,0,\"p\"", "\\r\\n+MQTTPUB: 1,1\\r\\n" },
};

#define N_REQUESTS (sizeof(requests) / sizeof(requests[0]))

static void requests_have_their_results(void **state)
{
	struct harness *h = *state;
	size_t i;

	open_client(h, 1, true);
	for (i = 0; i < N_REQUESTS; i++) {
		say_ok(h, requests[i].line);
		keep_waiting(h);
		fake_done(1, i, true);
		expect_after_all(h, requests[i].result);
	}
}

/* Those that are too early behind their OK, too */
static void results_wait_without_memory(void **state)
{
	struct harness *h = *state;

	h->cfg.result_gap_ms = 20;
	h->cfg.pub_gap_ms = 20;
	say_ok(h, OPEN);
	none_from_now_on();
	fake_opened(1);
	wait_ms(h, 40);
	no_memory_end();
	expect(h, "\\r\\n+MQTTOPEN: 1,1\\r\\n");
	say_ok(h, requests[0].line);
	say_ok(h, requests[2].line);
	none_from_now_on();
	fake_done(1, 1, true);
	fake_done(1, 0, true);
	wait_ms(h, 40);
	no_memory_end();
	expect(h, "\\r\\n+MQTTPUB: 1,1\\r\\n\\r\\n+MQTTSUB: 1,1\\r\\n");
}

static void a_hundred_requests_have_their_results(void **state)
{
	struct harness *h = *state;
	char all[100 * 32] = "";
	int i;

	open_client(h, 1, true);
	for (i = 0; i < 100; i++) {
		say_ok(h, requests[2].line);
		strcat(all, requests[2].result);
	}
	keep_waiting(h);
	for (i = 0; i < 100; i++)
		fake_done(1, i, true);
	expect_after_all(h, all);
}

static void a_call_has_its_result(void **state)
{
	struct harness *h = *state;
	int nth;

	say_ok(h, "AT");	/* so that there is a buffer for a line */
	for (nth = 1; nth <= 4; nth++) {
		no_memory_at(nth, 0);
		tell(h, "AT+MIPCALL=0");
		if (no_memory_end() < (unsigned int)nth)
			break;
		expect_cme(h, 100);
	}
	expect(h, "\\r\\nOK\\r\\n\\r\\n+MIPCALL: 0\\r\\n");
}

/* ---- results that go out at once ---- */

static void the_first_result_needs_no_memory(void **state)
{
	struct harness *h = *state;

	say_ok(h, OPEN);
	none_from_now_on();
	fake_opened(1);
	no_memory_end();
	expect(h, "\\r\\n+MQTTOPEN: 1,1\\r\\n");
}

static void nor_does_the_first_after_a_restart(void **state)
{
	struct harness *h = *state;

	say(h, "AT+CFUN=15");
	expect(h, "\\r\\nOK\\r\\n\\r\\nAT command ready\\r\\n"
		  "\\r\\n+SIM READY\\r\\n");
	the_first_result_needs_no_memory(state);
}

/* ---- each command, whichever of its allocations fails ---- */

static void a_line_has_an_answer_even_without_memory(void **state)
{
	struct harness *h = *state;

	none_from_now_on();
	tell(h, "AT");
	tell(h, "AT+CGMI");
	tell(h, "AT+MQTTUSER=1,\"u\",\"p\"");
	no_memory_end();
	expect(h, "\\r\\nERROR\\r\\n\\r\\nERROR\\r\\n\\r\\nERROR\\r\\n");
}

/* Either it is refused, or it is as if nothing had been. */
static void an_open_is_refused_or_has_its_result(void **state)
{
	struct harness *h = *state;
	unsigned int nth;

	say_ok(h, "AT");
	for (nth = 1; nth < SWEEP_MAX; nth++) {
		no_memory_at(nth, 0);
		tell(h, OPEN);
		if (no_memory_end() < nth)
			break;
		if (h->out_len == strlen("\r\nOK\r\n"))
			break;
		expect_cme(h, 100);
	}
	assert_true(nth > 2 && nth < SWEEP_MAX);
	expect_ok(h);
	keep_waiting(h);
	fake_opened(1);
	fake_lost(1, "gone");
	expect_after_all(h, "\\r\\n+MQTTOPEN: 1,1\\r\\n"
			    "\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

/* Each is refused, or it is held and has its result. */
static void a_held_request_is_refused_or_has_its_result(void **state)
{
	struct harness *h = *state;
	unsigned int nth;
	size_t i;

	for (i = 0; i < N_REQUESTS; i++) {
		say_ok(h, OPEN);
		for (nth = 1; nth < SWEEP_MAX; nth++) {
			no_memory_at(nth, 0);
			tell(h, requests[i].line);
			if (no_memory_end() < nth)
				break;
			expect_error(h);
		}
		assert_true(nth > 2 && nth < SWEEP_MAX);
		expect_ok(h);
		assert_int_equal(fake.clients[0].n_tokens, i);
		fake_opened(1);
		expect(h, "\\r\\n+MQTTOPEN: 1,1\\r\\n");
		assert_int_equal(fake.clients[0].n_tokens, i + 1);
		keep_waiting(h);
		fake_done(1, i, true);
		expect_after_all(h, requests[i].result);
		say_ok(h, "AT+MQTTCLOSE=1");
		fake_closed(1);
		h->out_len = 0;
	}
}

static void held_requests_fail_without_memory(void **state)
{
	struct harness *h = *state;

	say_ok(h, OPEN);
	say_ok(h, requests[0].line);
	say_ok(h, requests[2].line);
	keep_waiting(h);
	fake_refused(1, 0, "no");
	expect_after_all(h, "\\r\\n+MQTTOPEN: 1,0\\r\\n"
			    "\\r\\n+MQTTSUB: 1,0\\r\\n"
			    "\\r\\n+MQTTPUB: 1,0\\r\\n");
}

/* CLOSE, OPEN behind it, CLOSE of that: each is refused or has its result. */
static void sweep(struct harness *h, const char *line)
{
	unsigned int nth;

	for (nth = 1; nth < SWEEP_MAX; nth++) {
		no_memory_at(nth, 0);
		tell(h, line);
		if (no_memory_end() < nth)
			break;
		assert_true(h->out_len > strlen("\r\nOK\r\n"));
		h->out_len = 0;
	}
	assert_true(nth > 1 && nth < SWEEP_MAX);
	assert_memory_equal(h->out, "\r\nOK\r\n", 6);
}

static void closes_and_opens_are_refused_or_have_their_results(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	sweep(h, "AT+MQTTCLOSE=1");
	expect_ok(h);
	sweep(h, OPEN);
	expect_ok(h);
	sweep(h, "AT+MQTTCLOSE=1");
	expect(h, "\\r\\nOK\\r\\n\\r\\n+MQTTOPEN: 1,0\\r\\n");
	sweep(h, OPEN);
	expect_ok(h);
	keep_waiting(h);
	fake_closed(1);
	fake_opened(1);
	fake_lost(1, "gone");
	expect_after_all(h, "\\r\\n+MQTTCLOSE: 1,1\\r\\n"
			    "\\r\\n+MQTTCLOSE: 1,1\\r\\n"
			    "\\r\\n+MQTTOPEN: 1,1\\r\\n"
			    "\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

/* ---- messages; the first allocation is the fake's own ---- */

#define BREAK "\\r\\n+MQTTBREAK: 1,1\\r\\n"

static void message_without_memory(int qos, const char *payload,
				   unsigned int nth)
{
	no_memory_at(nth + 1, 0);
	fake_message(1, qos, "t", payload);
	assert_true(no_memory_end() > nth);
}

static void a_message_of_qos_0_is_dropped_and_counted(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	message_without_memory(0, "p", 1);
	expect(h, "");
	assert_int_equal(fake.dropped, 1);
	fake_message(1, 0, "t", "p");
	expect(h, "\\r\\n+MQTTMSG: 1,0,\"t\",\"p\"\\r\\n");
}

/* It comes again when the link is opened again, and so the host has to. */
static void for_a_message_of_qos_1_the_link_is_cut(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, false);
	message_without_memory(1, "p", 1);
	expect(h, BREAK);
	assert_int_equal(fake.dropped, 1);
	say(h, "AT+CEER");
	expect(h, "\\r\\n+CEER: \"no memory (broker.example:1883)\"\\r\\n"
		  "\\r\\nOK\\r\\n");
}

static void requests_end_when_the_link_is_cut(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, false);
	say_ok(h, requests[2].line);
	message_without_memory(2, "p", 1);
	expect(h, "\\r\\n+MQTTPUB: 1,0\\r\\n" BREAK);
}

/* More than the buffer that a session has at any time */
static void the_text_of_a_message_needs_memory_too(void **state)
{
	struct harness *h = *state;
	char payload[1001];

	memset(payload, 'x', 1000);
	payload[1000] = '\0';
	open_client(h, 1, false);
	message_without_memory(0, payload, 2);
	expect(h, "");
	message_without_memory(1, payload, 2);
	expect(h, BREAK);
	assert_int_equal(fake.dropped, 2);
}

static void a_message_may_have_to_wait_first(void **state)
{
	struct harness *h = *state;
	char payload[1001];

	memset(payload, 'x', 1000);
	payload[1000] = '\0';
	open_client(h, 1, false);
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "short");
	fake_message(1, 1, "t", payload);
	none_from_now_on();
	expect_after_all(h, "\\r\\n+MQTTMSG: 1,1,\"t\",\"short\"\\r\\n" BREAK);
	assert_int_equal(fake.ended, 1);
	assert_int_equal(fake.dropped, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_open_has_its_result),
		TEST(a_refused_open_has_its_result),
		TEST(a_lost_link_has_its_break),
		TEST(a_close_has_its_result),
		TEST(links_come_and_go_without_memory),
		TEST(requests_have_their_results),
		TEST(results_wait_without_memory),
		TEST(a_hundred_requests_have_their_results),
		TEST(a_call_has_its_result),
		TEST(the_first_result_needs_no_memory),
		TEST(nor_does_the_first_after_a_restart),
		TEST(a_line_has_an_answer_even_without_memory),
		TEST(an_open_is_refused_or_has_its_result),
		TEST(a_held_request_is_refused_or_has_its_result),
		TEST(held_requests_fail_without_memory),
		TEST(closes_and_opens_are_refused_or_have_their_results),
		TEST(a_message_of_qos_0_is_dropped_and_counted),
		TEST(for_a_message_of_qos_1_the_link_is_cut),
		TEST(requests_end_when_the_link_is_cut),
		TEST(the_text_of_a_message_needs_memory_too),
		TEST(a_message_may_have_to_wait_first),
	};

	return cmocka_run_group_tests_name("no memory", tests, NULL, NULL);
}
