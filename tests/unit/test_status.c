// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a session tells of its clients.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"

static int start(void **state)
{
	static struct harness h;

	harness_configure(&h, "L610");
	harness_start(&h);
	*state = &h;
	return 0;
}

static int stop(void **state)
{
	harness_stop(*state);
	return 0;
}

struct search {
	unsigned int id;
	unsigned int n;
	struct at_client_status found;
};

static void look(void *ctx, const struct at_client_status *c)
{
	struct search *s = ctx;

	s->n++;
	if (c->id == s->id)
		s->found = *c;
}

static struct at_client_status client(struct harness *h, unsigned int id)
{
	struct search s = { .id = id };

	at_session_clients(h->session, look, &s);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.found.id, id);
	return s.found;
}

static void each_client_is_told_with_its_protocol(void **state)
{
	static const struct {
		unsigned int id;
		const char *protocol;
	} rows[] = {
		{ 1, "mqtt" }, { 2, "mqtt" }, { 101, "mqtt-sn" },
		{ 102, "mqtt-sn" },
	};
	struct at_client_status c;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		c = client(*state, rows[i].id);
		assert_string_equal(c.protocol, rows[i].protocol);
		assert_string_equal(c.state, "closed");
		assert_string_equal(c.host, "");
		assert_string_equal(c.reason, "");
	}
}

static void an_open_client_tells_where(void **state)
{
	struct harness *h = *state;
	struct at_client_status c;

	say(h, "AT+MQTTOPEN=1,\"broker.example\",8883,0,90,2");
	c = client(h, 1);
	assert_string_equal(c.state, "opening");
	assert_string_equal(c.host, "broker.example");
	assert_int_equal(c.port, 8883);
	assert_int_equal(c.keepalive, 90);
	assert_true(c.tls);
	assert_false(c.clean);
	fake_opened(1);
	assert_string_equal(client(h, 1).state, "open");
	assert_string_equal(client(h, 2).state, "closed");
}

static void subscriptions_and_requests_are_counted(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,\"a\",0");
	say(h, "AT+MQTTSUB=1,\"b\",0");
	assert_int_equal(client(h, 1).requests, 2);
	fake_done(1, 0, true);
	assert_int_equal(client(h, 1).subscriptions, 2);
	assert_int_equal(client(h, 1).requests, 1);
	fake_done(1, 1, false);		/* refused: it is none */
	assert_int_equal(client(h, 1).subscriptions, 1);
	assert_int_equal(client(h, 1).requests, 0);
	say(h, "AT+MQTTUNSUB=1,\"a\"");
	assert_int_equal(client(h, 1).subscriptions, 0);
}

static void a_closed_client_has_no_subscriptions(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,\"a\",0");
	fake_lost(1, "closed by the broker");
	assert_string_equal(client(h, 1).state, "closed");
	assert_int_equal(client(h, 1).subscriptions, 0);
	assert_string_equal(client(h, 1).host, "broker.example");
}

static void the_last_failure_is_the_clients_own(void **state)
{
	struct harness *h = *state;
	time_t before = time(NULL);

	open_client(h, 1, true);
	say(h, "AT+MQTTOPEN=2,\"other.example\",1883,1,60");
	fake_refused(2, 703, "bad user name or password");
	assert_string_equal(client(h, 2).reason, "bad user name or password");
	assert_string_equal(client(h, 1).reason, "");
	fake_lost(1, "closed by the broker");
	assert_string_equal(client(h, 1).reason, "closed by the broker");
	assert_true(client(h, 1).failed_at >= before);
	assert_true(client(h, 1).failed_at <= time(NULL));
	say(h, "AT+RESET");
	assert_string_equal(client(h, 1).reason, "");
	assert_string_equal(client(h, 1).host, "");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_client_is_told_with_its_protocol),
		TEST(an_open_client_tells_where),
		TEST(subscriptions_and_requests_are_counted),
		TEST(a_closed_client_has_no_subscriptions),
		TEST(the_last_failure_is_the_clients_own),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
