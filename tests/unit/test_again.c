// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The knob "reconnect": delays, and what the host sees of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/again.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

/* The first delay and what it takes that it has passed */
#define FIRST_MS	1000
#define SOON_MS		(FIRST_MS + 100)

static void a_delay_doubles_up_to_a_minute(void **state)
{
	static const uint32_t want[] = {
		1000, 2000, 4000, 8000, 16000, 32000, 64000, 64000,
	};
	struct at_again a = { 0 };
	uint64_t now = 5000;
	size_t i;

	(void)state;
	at_again_opened(&a, now);
	at_again_lost(&a, now);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_int_equal(a.due - now, want[i]);
		now = a.due;
		at_again_failed(&a, now);
	}
}

static void a_link_that_held_starts_from_the_first_delay(void **state)
{
	struct at_again a = { 0 };

	(void)state;
	at_again_opened(&a, 1000);
	at_again_lost(&a, 1000);
	assert_int_equal(a.due, 2000);
	at_again_opened(&a, 2000);
	assert_int_equal(a.due, 0);
	at_again_lost(&a, 2500);	/* at once: the next delay */
	assert_int_equal(a.due, 4500);
	at_again_opened(&a, 4500);
	at_again_lost(&a, 9000);	/* longer than the delay */
	assert_int_equal(a.due, 10000);
}

static const struct at_topic filter_a = { .name = "a" };
static const struct at_topic filter_b = { .name = "b" };
static const struct at_topic filter_c = { .name = "c" };
static const struct at_topic by_id = { .id = 7 };

static void a_filter_is_remembered_once(void **state)
{
	struct at_again a = { 0 };

	(void)state;
	assert_int_equal(at_again_subscribed(&a, &filter_a, 0, 1), 0);
	assert_int_equal(at_again_subscribed(&a, &filter_b, 1, 2), 0);
	assert_int_equal(at_again_subscribed(&a, &filter_a, 2, 3), 0);
	assert_string_equal(a.subs->filter, "a");
	assert_int_equal(a.subs->qos, 2);
	assert_string_equal(a.subs->next->filter, "b");
	assert_null(a.subs->next->next);
	at_again_unsubscribed(&a, &filter_a);
	at_again_unsubscribed(&a, &filter_c);
	assert_string_equal(a.subs->filter, "b");
	assert_int_equal(at_again_subscribed(&a, &by_id, 1, 4), 0);
	assert_string_equal(at_sub_topic(a.subs).name, "b");
	assert_null(at_sub_topic(a.subs->next).name);
	assert_int_equal(at_sub_topic(a.subs->next).id, 7);
	at_again_unsubscribed(&a, &by_id);
	assert_null(a.subs->next);
	at_again_forget(&a);
	assert_null(a.subs);
}

static void a_refused_filter_is_forgotten(void **state)
{
	struct at_again a = { 0 };

	(void)state;
	at_again_subscribed(&a, &filter_a, 0, 1);
	at_again_subscribed(&a, &filter_b, 0, 2);
	at_again_refused(&a, 3);
	assert_int_equal(a.n_subs, 2);
	at_again_refused(&a, 1);
	assert_int_equal(a.n_subs, 1);
	assert_string_equal(a.subs->filter, "b");
	at_again_forget(&a);
	assert_int_equal(a.n_subs, 0);
}

static int add(struct at_again *a, const char *name, uint32_t number)
{
	struct at_topic filter = { .name = name };

	return at_again_subscribed(a, &filter, 0, number);
}

static void filters_do_not_fill_the_memory(void **state)
{
	static const struct at_topic fifth = { .name = "t/5" };
	struct at_again a = { 0 };
	char filter[16];
	uint32_t i;

	(void)state;
	for (i = 0; i < AT_SUBS_MAX; i++) {
		snprintf(filter, sizeof(filter), "t/%u", i);
		assert_int_equal(add(&a, filter, i), 0);
	}
	assert_int_equal(add(&a, "one more", i), -ENOSPC);
	assert_int_equal(add(&a, "t/0", i), 0);
	at_again_unsubscribed(&a, &fifth);
	assert_int_equal(add(&a, "one more", i), 0);
	assert_int_equal(a.n_subs, AT_SUBS_MAX);
	at_again_forget(&a);
}

static int start_with(void **state, bool reconnect)
{
	static struct harness h;

	harness_configure(&h, "L610");
	h.cfg.reconnect = reconnect;
	harness_start(&h);
	*state = &h;
	return 0;
}

static int start(void **state)
{
	return start_with(state, true);
}

static int start_without(void **state)
{
	return start_with(state, false);
}

static int stop(void **state)
{
	harness_stop(*state);
	return 0;
}

static void lose(struct harness *h)
{
	fake_lost(1, "closed by the broker");
	expect(h, T("+MQTTBREAK: 1,1"));
	fake.clients[0].open[0] = 0;
}

static bool was_opened(void)
{
	return fake.clients[0].open[0];
}

static void without_the_knob_nothing_is_opened(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	lose(h);
	wait_ms(h, SOON_MS);
	assert_false(was_opened());
}

static void a_lost_link_is_opened_again(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTUSER=1,\"u\",\"p\",\"me\"");
	expect_ok(h);
	open_client(h, 1, true);
	lose(h);
	say(h, "AT+MQTTOPEN?;+MQTTCLOSE?");
	expect(h, T("+MQTTOPEN: 1,2,101,102") T("+MQTTCLOSE: 0") OK);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,\"x\"");
	expect_error(h);
	wait_ms(h, FIRST_MS / 2);
	assert_false(was_opened());
	wait_ms(h, FIRST_MS / 2 + 100);
	assert_string_equal(fake.clients[0].open,
			    "broker.example 1883 id=me user=u password=p "
			    "clean=1 keepalive=60 tls=no will=-::0:0 "
			    "timeout=5000");
	expect(h, "");
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	say(h, "AT+MQTTCLOSE?");
	expect(h, T("+MQTTCLOSE: 1") OK);
}

static void a_try_that_fails_is_not_told(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	lose(h);
	wait_ms(h, SOON_MS);
	assert_true(was_opened());
	fake_refused(1, 702, "server unavailable");
	expect(h, "");
	say(h, "AT+CEER");
	expect(h, T("+CEER: \"702: server unavailable (broker.example:1883)\"")
	       OK);
	fake.clients[0].open[0] = 0;
	wait_ms(h, SOON_MS);
	assert_false(was_opened());
	wait_ms(h, SOON_MS);
	assert_true(was_opened());
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
}

static void subscribe(struct harness *h, const char *filter)
{
	char line[64];

	snprintf(line, sizeof(line), "AT+MQTTSUB=1,\"%s\",1", filter);
	say(h, line);
	expect_ok(h);
	fake_done(1, fake.clients[0].n_tokens - 1, true);
	expect(h, T("+MQTTSUB: 1,1"));
}

static void subscriptions_are_renewed_without_a_result(void **state)
{
	struct harness *h = *state;
	size_t before;

	open_client(h, 1, true);
	subscribe(h, "one");
	subscribe(h, "two");
	say(h, "AT+MQTTUNSUB=1,\"one\"");
	expect_ok(h);
	fake_done(1, 2, true);
	expect(h, T("+MQTTUNSUB: 1,1"));
	lose(h);
	wait_ms(h, SOON_MS);
	before = fake.clients[0].n_tokens;
	fake_opened(1);
	assert_int_equal(fake.clients[0].n_tokens, before + 1);
	assert_string_equal(fake.call, "subscribe 1 two 1");
	fake_done(1, before, true);
	expect(h, T("+MQTTOPEN: 1,1"));
}

/* One more than are remembered; whatever that is, it is renewed. */
static void as_many_are_renewed_as_are_remembered(void **state)
{
	struct harness *h = *state;
	char filter[16];
	size_t before;
	int i;

	open_client(h, 1, true);
	for (i = 0; i <= AT_SUBS_MAX; i++) {
		snprintf(filter, sizeof(filter), "t/%d", i);
		subscribe(h, filter);
	}
	lose(h);
	wait_ms(h, SOON_MS);
	before = fake.clients[0].n_tokens;
	fake_opened(1);
	assert_int_equal(fake.clients[0].n_tokens - before, AT_SUBS_MAX);
	expect(h, T("+MQTTOPEN: 1,1"));
}

static void a_session_that_the_broker_lost_is_renewed(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, false);
	subscribe(h, "one");
	lose(h);
	wait_ms(h, SOON_MS);
	fake_opened(1);
	assert_string_equal(fake.call, "subscribe 1 one 1");
	expect(h, T("+MQTTOPEN: 1,1"));
}

static void a_kept_session_keeps_its_subscriptions(void **state)
{
	struct harness *h = *state;
	size_t before;

	fake.session_present = true;
	open_client(h, 1, false);
	subscribe(h, "one");
	lose(h);
	wait_ms(h, SOON_MS);
	before = fake.clients[0].n_tokens;
	fake_opened(1);
	assert_int_equal(fake.clients[0].n_tokens, before);
	expect(h, T("+MQTTOPEN: 1,1"));
}

static void close_ends_the_tries(void **state)
{
	struct harness *h = *state;

	h->cfg.while_opening_refuse = 1;
	open_client(h, 1, true);
	lose(h);
	say(h, "AT+MQTTCLOSE=1");
	expect_ok(h);
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	expect_cme(h, 3);
	wait_ms(h, 50);
	expect(h, T("+MQTTCLOSE: 1,1"));
	wait_ms(h, SOON_MS);
	assert_false(was_opened());
	say(h, "AT+MQTTCLOSE=1");
	expect_error(h);
}

static void close_ends_a_try_under_way(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	lose(h);
	wait_ms(h, SOON_MS);
	assert_true(was_opened());
	say(h, "AT+MQTTCLOSE=1");
	expect_ok(h);
	assert_string_equal(fake.call, "abort 1");
	wait_ms(h, 50);
	expect(h, T("+MQTTCLOSE: 1,1"));
}

/* Without a network nothing is tried, and the delay does not grow. */
static void a_link_comes_back_with_the_network(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	struct uplink_status up = { .state = UPLINK_UP };
	struct harness *h = *state;

	snprintf(up.address, sizeof(up.address), "10.0.0.5");
	at_session_uplink(h->session, &up);
	open_client(h, 1, true);
	at_session_uplink(h->session, &down);
	expect(h, T("+MQTTBREAK: 1,3"));
	fake.clients[0].open[0] = 0;
	wait_ms(h, 3 * FIRST_MS);
	assert_false(was_opened());
	at_session_uplink(h->session, &up);
	wait_ms(h, SOON_MS);
	assert_true(was_opened());
	at_session_uplink(h->session, &down);	/* in the middle of it */
	expect(h, "");
	at_session_uplink(h->session, &up);
	fake.clients[0].open[0] = 0;
	wait_ms(h, 2 * SOON_MS);
	assert_true(was_opened());
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
}

static void an_open_by_the_host_ends_the_tries(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	subscribe(h, "one");
	lose(h);
	say(h, "AT+MQTTOPEN=1,\"other.example\",1883,1,60");
	expect_ok(h);
	fake_refused(1, 0, "no answer");
	expect(h, T("+MQTTOPEN: 1,0"));
	fake.clients[0].open[0] = 0;
	wait_ms(h, SOON_MS);
	assert_false(was_opened());
}

int main(void)
{
#define ROW(f)	cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delay_doubles_up_to_a_minute),
		cmocka_unit_test(a_link_that_held_starts_from_the_first_delay),
		cmocka_unit_test(a_filter_is_remembered_once),
		cmocka_unit_test(a_refused_filter_is_forgotten),
		cmocka_unit_test(filters_do_not_fill_the_memory),
		cmocka_unit_test_setup_teardown(
			without_the_knob_nothing_is_opened, start_without,
			stop),
		ROW(a_lost_link_is_opened_again),
		ROW(a_try_that_fails_is_not_told),
		ROW(subscriptions_are_renewed_without_a_result),
		ROW(as_many_are_renewed_as_are_remembered),
		ROW(a_session_that_the_broker_lost_is_renewed),
		ROW(a_kept_session_keeps_its_subscriptions),
		ROW(close_ends_the_tries),
		ROW(close_ends_a_try_under_way),
		ROW(a_link_comes_back_with_the_network),
		ROW(an_open_by_the_host_ends_the_tries),
	};

	return cmocka_run_group_tests_name("again", tests, NULL, NULL);
}
