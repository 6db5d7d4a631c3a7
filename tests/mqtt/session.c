// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "fake.h"

static struct mqtt_open kept_args(const char *client_id)
{
	struct mqtt_open args = plain_args(broker.plain, client_id);

	args.clean = false;
	return args;
}

/* An open publisher. */
static struct peer *publisher(void)
{
	struct mqtt_open args = plain_args(broker.plain, "publisher");
	struct peer *p = peer_new();

	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	return p;
}

static void publish_numbers(struct peer *p, const char *topic, int qos,
			    int from, int to)
{
	char text[16];
	int n;

	for (n = from; n <= to; n++) {
		sprintf(text, "%d", n);
		peer_publish(p, topic, qos, text, strlen(text));
	}
}

/* A fresh session of @p that is subscribed to @topic. */
static void subscribe_kept(struct peer *p, const struct mqtt_open *args,
			   const char *topic)
{
	struct mqtt_open clean = *args;

	clean.clean = true;
	peer_open(p, &clean);
	peer_close(p);
	peer_open(p, args);
	assert_false(mqtt_session_present(p->client));
	peer_subscribe(p, topic, 2);
}

static void test_waiting_at_the_broker(void **state)
{
	struct mqtt_open args = kept_args("waiting");
	struct peer *p = peer_new(), *s = publisher();
	int n;

	(void)state;
	subscribe_kept(p, &args, "w");
	peer_close(p);
	publish_numbers(s, "w", 1, 1, 3);
	publish_numbers(s, "w", 2, 4, 6);
	peer_open(p, &args);
	ASSERT_WAIT(p->received == 6, 2000);
	for (n = 0; n < 6; n++)
		assert_int_equal(p->numbers[n], n + 1);
	peer_close(p);
	peer_open(p, &args);
	run_for(200);
	assert_int_equal(p->received, 6);
	peer_free(p);
	peer_free(s);
}

/* The broker's window of 20 stands still until messages are ended. */
static void test_window(void **state)
{
	struct mqtt_open args = kept_args("window");
	struct peer *p = peer_new(), *s = publisher();
	int n;

	(void)state;
	subscribe_kept(p, &args, "win");
	p->hold = true;
	publish_numbers(s, "win", 1, 1, 100);
	run_for(200);
	assert_int_equal(p->received, 20);
	mqtt_abort(p->client);
	peer_drop_all(p);
	p->received = 0;
	peer_open(p, &args);
	while (p->received < 100) {
		int before = p->received;

		peer_end_all(p);
		ASSERT_WAIT(p->received > before, 2000);
	}
	peer_end_all(p);
	run_for(200);
	assert_int_equal(p->received, 100);
	for (n = 0; n < 100; n++)
		assert_int_equal(p->numbers[n], n + 1);
	peer_close(p);
	peer_open(p, &args);
	run_for(200);
	assert_int_equal(p->received, 100);
	peer_free(p);
	peer_free(s);
}

/* Held over a reconnect: not given again, and acknowledged at its end. */
static void test_held_over_reconnect(void **state)
{
	struct mqtt_open args = kept_args("held");
	struct peer *p = peer_new(), *s = publisher();
	int i;

	(void)state;
	subscribe_kept(p, &args, "h");
	p->hold = true;
	publish_numbers(s, "h", 1, 1, 1);
	publish_numbers(s, "h", 2, 2, 2);
	ASSERT_WAIT(p->received == 2, 1000);
	for (i = 0; i < 3; i++) {
		mqtt_abort(p->client);
		assert_false(mqtt_session_present(p->client));
		peer_open(p, &args);
		assert_true(mqtt_session_present(p->client));
		run_for(100);
		assert_int_equal(p->received, 2);
	}
	peer_end_all(p);
	run_for(100);
	mqtt_abort(p->client);
	peer_open(p, &args);
	run_for(200);
	assert_int_equal(p->received, 2);
	peer_free(p);
	peer_free(s);
}

static void test_dropped_comes_again(void **state)
{
	struct mqtt_open args = kept_args("dropped");
	struct peer *p = peer_new(), *s = publisher();

	(void)state;
	subscribe_kept(p, &args, "d");
	p->hold = true;
	publish_numbers(s, "d", 2, 1, 1);
	publish_numbers(s, "d", 1, 2, 2);
	ASSERT_WAIT(p->received == 2, 1000);
	peer_drop_all(p);
	peer_close(p);
	peer_open(p, &args);
	ASSERT_WAIT(p->received == 4, 1000);
	peer_end_all(p);
	peer_close(p);
	peer_open(p, &args);
	run_for(200);
	assert_int_equal(p->received, 4);
	peer_free(p);
	peer_free(s);
}

/* Ended while no link is there: QoS 2 is not given to a new client either. */
static void test_ended_without_a_link(void **state)
{
	struct mqtt_open args = kept_args("ended");
	struct peer *p = peer_new(), *s = publisher();

	(void)state;
	subscribe_kept(p, &args, "e");
	p->hold = true;
	publish_numbers(s, "e", 2, 1, 1);
	ASSERT_WAIT(p->received == 1, 1000);
	mqtt_abort(p->client);
	peer_end_all(p);
	peer_free(p);
	p = peer_new();
	peer_open(p, &args);
	run_for(200);
	assert_int_equal(p->received, 0);
	publish_numbers(s, "e", 2, 2, 2);
	ASSERT_WAIT(p->received == 1, 1000);
	assert_int_equal(p->numbers[0], 2);
	peer_free(p);
	peer_free(s);
}

/* The link is cut again and again while numbers stream in. */
static void stream_with_cuts(int qos, int count)
{
	struct mqtt_open args = kept_args("cuts");
	struct peer *p = peer_new(), *s = publisher();
	char text[16];
	int sent = 0, i, last = 0;

	subscribe_kept(p, &args, "c");
	srand(1);
	while (sent < count) {
		for (i = 0; i < 10; i++) {
			sprintf(text, "%d", ++sent);
			assert_int_equal(mqtt_publish(s->client, sent, "c",
						      qos, false, text,
						      strlen(text)),
					 0);
		}
		run_for(rand() % 15);
		mqtt_abort(p->client);
		peer_open(p, &args);
		assert_int_equal(p->failed, 0);
	}
	ASSERT_WAIT(s->done_ok == count, 5000);
	if (!WAIT(p->received >= count &&
			  p->numbers[p->received - 1] == count,
		  15000))
		fail_msg("%d of %d came, the last is %d", p->received, count,
			 p->numbers[p->received - 1]);
	run_for(200);
	if (qos == 2)
		assert_int_equal(p->received, count);
	for (i = 0; i < p->received; i++) {
		assert_true(p->numbers[i] <= last + 1);
		if (qos == 2)
			assert_int_equal(p->numbers[i], last + 1);
		if (p->numbers[i] > last)
			last = p->numbers[i];
	}
	assert_int_equal(last, count);
	peer_free(p);
	peer_free(s);
}

static void test_qos1_none_lost(void **state)
{
	(void)state;
	stream_with_cuts(1, 400);
}

static void test_qos2_exactly_once(void **state)
{
	(void)state;
	stream_with_cuts(2, 400);
}

static void test_acknowledged_at_the_end(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "ack");
	peer_open(p, &args);
	p->hold = true;
	FAKE_SAY(&fake, 0x32, 6, 0, 1, 't', 0x12, 0x34, 'a');
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0x12, 0x35, 'b');
	ASSERT_WAIT(p->received == 2, 1000);
	run_for(50);
	assert_int_equal(FAKE_COUNT(&fake, 0x40, 2, 0x12, 0x34), 0);
	assert_int_equal(FAKE_COUNT(&fake, 0x50, 2, 0x12, 0x35), 0);
	peer_end_all(p);
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x50, 2, 0x12, 0x35) == 1, 1000);
	assert_int_equal(FAKE_COUNT(&fake, 0x40, 2, 0x12, 0x34), 1);
	FAKE_SAY(&fake, 0x62, 2, 0x12, 0x35);
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x70, 2, 0x12, 0x35) == 1, 1000);
	assert_int_equal(p->received, 2);
	/* released: the id may be used anew */
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0x12, 0x35, 'c');
	ASSERT_WAIT(p->received == 3, 1000);
	peer_free(p);
	fake_stop(&fake);
}

/* PUBREC was sent and lost; the process may even have been restarted. */
static void test_qos2_on_the_wire(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "wire");
	args.clean = false;
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x62, 2, 0, 9);
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x70, 2, 0, 9) == 1, 1000);
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0, 7, 'a');
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x50, 2, 0, 7) == 1, 1000);
	fake_hang_up(&fake);
	ASSERT_WAIT(p->lost == 1, 1000);
	fake.connack[0] = 1;
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x3c, 6, 0, 1, 't', 0, 7, 'a');
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x50, 2, 0, 7) == 1, 1000);
	assert_int_equal(p->received, 1);
	fake_hang_up(&fake);
	ASSERT_WAIT(p->lost == 2, 1000);
	fake.connack[0] = 0;	/* the broker lost the session */
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0, 7, 'z');
	ASSERT_WAIT(p->received == 2, 1000);
	peer_free(p);
	fake_stop(&fake);
}

/* A broker that never releases would have its ids remembered without end. */
static void test_never_released(void **state)
{
	uint8_t publish[] = { 0x34, 6, 0, 1, 't', 0, 0, 'p' };
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	int id;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "never");
	peer_open(p, &args);
	for (id = 1; id <= 1024; id++) {
		publish[5] = (uint8_t)(id >> 8);
		publish[6] = (uint8_t)id;
		fake_say(&fake, publish, sizeof(publish));
		if (id % 128 == 0)
			ASSERT_WAIT(p->received == id, 2000);
	}
	run_for(50);
	assert_int_equal(p->lost, 0);
	FAKE_SAY(&fake, 0x62, 2, 0, 1);
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x70, 2, 0, 1) == 1, 1000);
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0x10, 0, 'p');
	ASSERT_WAIT(p->received == 1025, 1000);
	run_for(50);
	assert_int_equal(p->lost, 0);
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0x10, 1, 'p');
	ASSERT_WAIT(p->lost == 1, 1000);
	assert_string_equal(p->why.text, "too many messages not released");
	peer_free(p);
	fake_stop(&fake);
}

/* PUBREL and the cut come together: the id is free all the same. */
static void test_released_by_a_cut_link(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "rel");
	args.clean = false;
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0, 7, 'a');
	ASSERT_WAIT(FAKE_COUNT(&fake, 0x50, 2, 0, 7) == 1, 1000);
	FAKE_SAY(&fake, 0x62, 2, 0, 7);
	usleep(100 * 1000);	/* it is queued, the loop has not seen it */
	mqtt_abort(p->client);
	ASSERT_WAIT(!fake.linked, 1000);
	fake.connack[0] = 1;
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x34, 6, 0, 1, 't', 0, 7, 'b');
	ASSERT_WAIT(p->received == 2, 1000);
	peer_free(p);
	fake_stop(&fake);
}

static void test_broker_restart_keeps_messages(void **state)
{
	struct mqtt_open args = kept_args("restart");
	struct peer *p = peer_new(), *s = publisher();

	(void)state;
	subscribe_kept(p, &args, "rs");
	peer_close(p);
	publish_numbers(s, "rs", 1, 1, 2);
	peer_close(s);
	broker_kill(&broker, SIGTERM);
	broker_start(&broker, NULL);
	peer_open(p, &args);
	ASSERT_WAIT(p->received == 2, 2000);
	peer_free(p);
	peer_free(s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_waiting_at_the_broker),
	cmocka_unit_test(test_window),
	cmocka_unit_test(test_held_over_reconnect),
	cmocka_unit_test(test_dropped_comes_again),
	cmocka_unit_test(test_ended_without_a_link),
	cmocka_unit_test(test_qos1_none_lost),
	cmocka_unit_test(test_qos2_exactly_once),
	cmocka_unit_test(test_acknowledged_at_the_end),
	cmocka_unit_test(test_qos2_on_the_wire),
	cmocka_unit_test(test_never_released),
	cmocka_unit_test(test_released_by_a_cut_link),
	cmocka_unit_test(test_broker_restart_keeps_messages),
};

CASES(session_cases, tests);
