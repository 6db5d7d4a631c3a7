// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What status 0 means on the wire: the message is the host's again.
 */
#include <signal.h>
#include <string.h>

#include "cases.h"
#include "fake.h"

#define WINDOW	20	/* as in link.c */

static void publish(struct peer *p, uint32_t token, int qos, size_t len)
{
	static const char payload[16384];

	assert_true(len <= sizeof(payload));
	assert_int_equal(mqtt_publish(p->client, token, "t", qos, false,
				      payload, len),
			 0);
}

static void ack(struct fake *fake, uint8_t type, uint16_t id)
{
	FAKE_SAY(fake, type, 2, id >> 8, id & 0xff);
}

/* The ids of the PUBLISH packets of the last link. */
static int publish_ids(const struct fake *fake, uint16_t *ids, int max)
{
	const uint8_t *p = fake->got, *end = p + fake->len;
	int n = 0;

	while (p < end) {
		if (p[0] >> 4 == PUBLISH && n < max)
			ids[n++] = p[2 + 2 + 1] << 8 | p[2 + 2 + 1 + 1];
		p += 2 + p[1];	/* all are short */
	}
	return n;
}

/* Behind a full window they wait, and those called off are never seen. */
static void test_cancelled_behind_the_window(void **state)
{
	struct peer *p = peer_new();
	uint16_t ids[WINDOW + 1];
	struct mqtt_open args;
	struct fake fake;
	int i;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "window");
	peer_open(p, &args);
	for (i = 0; i < WINDOW + 10; i++)
		publish(p, i, i % 2 + 1, 1);
	ASSERT_WAIT(fake_packets(&fake, PUBLISH) == WINDOW, 2000);
	for (i = 0; i < WINDOW + 9; i++)
		mqtt_cancel(p->client, i);
	assert_int_equal(publish_ids(&fake, ids, WINDOW), WINDOW);
	ack(&fake, 0x40, ids[0]);
	ASSERT_WAIT(fake_packets(&fake, PUBLISH) == WINDOW + 1, 2000);
	assert_int_equal(publish_ids(&fake, ids, WINDOW + 1), WINDOW + 1);
	ack(&fake, 0x50, ids[WINDOW]);	/* the only one not called off */
	ack(&fake, 0x70, ids[WINDOW]);
	ASSERT_WAIT(p->done_ok == 1, 2000);
	assert_int_equal(p->last_token, WINDOW + 9);
	for (i = 2; i < WINDOW; i += 2)
		ack(&fake, 0x40, ids[i]);
	run_for(100);
	assert_int_equal(fake_packets(&fake, PUBLISH), WINDOW + 1);
	assert_int_equal(p->done_ok, 1);
	assert_int_equal(p->done_bad + p->lost, 0);
	peer_free(p);
	fake_stop(&fake);
}

/* The broker reads nothing: what TCP has not taken never goes out. */
static void cancelled_behind_a_full_socket(int qos)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	int sent = 0, ok, i;

	fake_start(&fake);
	fake.forgets = true;
	args = plain_args(fake.port, "full");
	peer_open(p, &args);
	fake_reads(&fake, false);
	while (p->done_ok == sent) {
		publish(p, sent++, 0, 16384);
		WAIT(p->done_ok == sent, 200);
	}
	for (i = 0; i < 10; i++)
		publish(p, sent++, qos, 1);
	run_for(200);
	ok = p->done_ok;
	assert_int_equal(ok, sent - 11);
	for (i = 0; i < sent; i++)
		mqtt_cancel(p->client, i);
	fake_reads(&fake, true);
	ASSERT_WAIT(fake.came[PUBLISH] == (unsigned int)ok, 5000);
	fake.serves = true;
	peer_publish(p, "t", 2, "y", 1);
	assert_int_equal(fake.came[PUBLISH], ok + 1);
	assert_int_equal(p->done_ok, ok + 1);
	assert_int_equal(p->done_bad + p->lost, 0);
	peer_free(p);
	fake_stop(&fake);
}

static void test_cancelled_behind_a_full_socket(void **state)
{
	(void)state;
	cancelled_behind_a_full_socket(0);
	cancelled_behind_a_full_socket(1);
}

/* How long mqtt_close() takes until closed(). */
static uint64_t time_close(struct peer *p)
{
	uint64_t start = now_ms();

	assert_int_equal(mqtt_close(p->client), 0);
	ASSERT_WAIT(p->closed == 1, 1300);
	assert_int_equal(p->lost, 0);
	return now_ms() - start;
}

/* What was asked before a close goes out before DISCONNECT. */
static void test_close_behind_requests(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	int i;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "behind");
	peer_open(p, &args);
	for (i = 0; i < 300; i++)
		publish(p, i, 0, 1);
	time_close(p);
	ASSERT_WAIT(!fake.linked, 1000);
	assert_int_equal(fake_packets(&fake, PUBLISH), 300);
	assert_int_equal(fake_packets(&fake, DISCONNECT), 1);
	assert_int_equal(p->done_ok, 300);
	peer_free(p);
	fake_stop(&fake);
}

/* But not what would have to wait for the broker. */
static void test_close_behind_the_window(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	int i;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "behind");
	peer_open(p, &args);
	for (i = 0; i < WINDOW + 5; i++)
		publish(p, i, 1, 1);
	ASSERT_WAIT(fake_packets(&fake, PUBLISH) == WINDOW, 2000);
	assert_in_range(time_close(p), 0, 500);
	ASSERT_WAIT(!fake.linked, 1000);
	assert_int_equal(fake_packets(&fake, PUBLISH), WINDOW);
	assert_int_equal(fake_packets(&fake, DISCONNECT), 1);
	assert_int_equal(p->done_bad, WINDOW + 5);
	peer_free(p);
	fake_stop(&fake);
}

/* A second is the most, whatever the broker does. */
static void test_close_behind_a_full_socket(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	int sent = 0;

	(void)state;
	fake_start(&fake);
	fake.forgets = true;
	args = plain_args(fake.port, "stuck");
	peer_open(p, &args);
	fake_reads(&fake, false);
	while (p->done_ok == sent) {
		publish(p, sent++, 0, 16384);
		WAIT(p->done_ok == sent, 200);
	}
	assert_in_range(time_close(p), 900, 1200);
	assert_int_equal(p->done_bad, 1);
	fake_reads(&fake, true);
	ASSERT_WAIT(!fake.linked, 5000);
	peer_open(p, &args);
	assert_int_equal(p->opened, 2);
	peer_free(p);
	fake_stop(&fake);
}

static void test_close_of_a_frozen_broker(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "frozen");
	struct mqtt_open secret = plain_args(broker.tls, "frozen too");
	struct peer *p = peer_new(), *s = peer_new();

	(void)state;
	secret.tls = &tls;
	peer_open(p, &args);
	peer_open(s, &secret);
	assert_int_equal(p->opened + s->opened, 2);
	broker_kill(&broker, SIGSTOP);
	publish(p, 1, 2, 100);
	publish(s, 1, 2, 100);
	assert_in_range(time_close(p), 0, 500);
	assert_in_range(time_close(s), 0, 500);
	broker_kill(&broker, SIGCONT);
	peer_free(p);
	peer_free(s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_cancelled_behind_the_window),
	cmocka_unit_test(test_cancelled_behind_a_full_socket),
	cmocka_unit_test(test_close_behind_requests),
	cmocka_unit_test(test_close_behind_the_window),
	cmocka_unit_test(test_close_behind_a_full_socket),
	cmocka_unit_test(test_close_of_a_frozen_broker),
};

CASES(outbound_cases, tests);
