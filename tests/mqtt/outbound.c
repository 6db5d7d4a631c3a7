// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What status 0 means on the wire: the message is the host's again.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* Opens with a kept session that the broker knows, or says it does not. */
static void open_kept(struct peer *p, struct fake *fake, bool present)
{
	struct mqtt_open args = plain_args(fake->port, "kept");
	int opened = p->opened;

	args.clean = false;
	fake->connack[0] = present;
	ASSERT_WAIT(!fake->linked, 2000);
	peer_open(p, &args);
	assert_int_equal(p->opened, opened + 1);
}

/* A QoS 2 message that got as far as that, then the link breaks. */
static uint16_t break_off(struct peer *p, struct fake *fake, bool pubrec)
{
	int lost = p->lost, ok = p->done_ok;
	uint16_t id;

	publish(p, 1, 2, 1);
	ASSERT_WAIT(fake_packets(fake, PUBLISH) >= 1, 2000);
	id = fake_id(fake, PUBLISH);
	if (pubrec)
		ack(fake, 0x50, id);
	fake_hang_up(fake);
	ASSERT_WAIT(p->lost == lost + 1, 2000);
	assert_int_equal(p->done_ok, ok);
	return id;
}

/*
 * PUBREC came, so the broker has the message: it is released in the next
 * link, that no id stays blocked.  The host's repetition is another message.
 */
static void test_released_in_the_next_link(void **state)
{
	struct peer *p = peer_new();
	struct fake fake;
	uint16_t id, again;

	(void)state;
	fake_start(&fake);
	open_kept(p, &fake, false);
	id = break_off(p, &fake, true);
	open_kept(p, &fake, true);
	ASSERT_WAIT(fake_packets(&fake, PUBREL) == 1, 2000);
	assert_int_equal(fake_id(&fake, PUBREL), id);
	publish(p, 2, 2, 1);
	ASSERT_WAIT(fake_packets(&fake, PUBLISH) == 1, 2000);
	again = fake_id(&fake, PUBLISH);
	assert_int_not_equal(again, id);
	ack(&fake, 0x50, again);
	ack(&fake, 0x70, id);
	ASSERT_WAIT(fake_packets(&fake, PUBREL) == 2, 2000);
	assert_int_equal(p->done_ok, 0);
	ack(&fake, 0x70, again);
	ASSERT_WAIT(p->done_ok == 1, 2000);
	assert_int_equal(fake_packets(&fake, PUBLISH), 1);
	assert_int_equal(fake_packets(&fake, PUBREL), 2);
	peer_close(p);
	open_kept(p, &fake, true);
	run_for(100);
	assert_int_equal(fake_packets(&fake, PUBREL), 0);
	peer_free(p);
	fake_stop(&fake);
}

/* Again and again until PUBCOMP; an open that fails forgets nothing. */
static void test_released_in_the_end(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	uint16_t id;
	int i;

	(void)state;
	fake_start(&fake);
	open_kept(p, &fake, false);
	id = break_off(p, &fake, true);
	for (i = 0; i < 3; i++) {
		fake.connack[1] = 3;
		args = plain_args(fake.port, "kept");
		args.clean = false;
		ASSERT_WAIT(!fake.linked, 2000);
		peer_open(p, &args);
		assert_int_equal(p->failed, i + 1);
		fake.connack[1] = 0;
		open_kept(p, &fake, true);
		ASSERT_WAIT(fake_packets(&fake, PUBREL) == 1, 2000);
		assert_int_equal(fake_id(&fake, PUBREL), id);
		mqtt_abort(p->client);
	}
	open_kept(p, &fake, false);	/* the broker has lost it */
	run_for(100);
	assert_int_equal(fake_packets(&fake, PUBREL), 0);
	mqtt_abort(p->client);
	open_kept(p, &fake, true);
	run_for(100);
	assert_int_equal(fake_packets(&fake, PUBREL), 0);
	peer_free(p);
	fake_stop(&fake);
}

/* Without PUBREC nobody knows; it is the host's to send it again. */
static void test_not_repeated(void **state)
{
	struct peer *p = peer_new();
	struct fake fake;

	(void)state;
	fake_start(&fake);
	open_kept(p, &fake, false);
	publish(p, 1, 1, 1);
	break_off(p, &fake, false);
	open_kept(p, &fake, true);
	run_for(200);
	assert_int_equal(fake_packets(&fake, PUBLISH), 0);
	assert_int_equal(fake_packets(&fake, PUBREL), 0);
	peer_free(p);
	fake_stop(&fake);
}

/* A late PUBREC is answered, and nobody hears of it. */
static void test_released_after_a_cancel(void **state)
{
	struct peer *p = peer_new();
	struct fake fake;
	uint16_t id;

	(void)state;
	fake_start(&fake);
	open_kept(p, &fake, false);
	publish(p, 1, 2, 1);
	ASSERT_WAIT((id = fake_id(&fake, PUBLISH)), 2000);
	mqtt_cancel(p->client, 1);
	run_for(50);
	ack(&fake, 0x50, id);
	ASSERT_WAIT(fake_packets(&fake, PUBREL) == 1, 2000);
	ack(&fake, 0x70, id);
	run_for(50);
	assert_int_equal(p->done_ok + p->done_bad + p->lost, 0);
	assert_int_equal(fake_packets(&fake, PUBLISH), 1);
	peer_close(p);
	assert_int_equal(p->done_ok + p->done_bad, 0);
	peer_free(p);
	fake_stop(&fake);
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

/* A broker in the middle of its messages, for a while; NULL: no reset came. */
static void *talk(void *ctx)
{
	static uint8_t said[FAKE_PUBLISH_MAX + 100];
	size_t len = fake_publish(said, 0, "m", 1, 0, 100) + 100;
	uint64_t end = now_ms() + 300;
	int fd = *(int *)ctx;

	while (now_ms() < end) {
		if (send(fd, said, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
		    errno != EAGAIN)
			return ctx;
		usleep(100);
	}
	return NULL;
}

/*
 * What the broker still says must not make a reset of the close, of which it
 * would hear before it has read the DISCONNECT; not at the process's end,
 * either.
 */
static void test_close_and_stop(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	pthread_t talker;
	uint64_t start;
	void *reset;
	int fd;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "stop");
	peer_open(p, &args);
	fake_reads(&fake, false);
	assert_int_equal(uv_fileno((uv_handle_t *)&fake.link, &fd), 0);
	assert_int_equal(pthread_create(&talker, NULL, talk, &fd), 0);
	assert_int_equal(mqtt_close(p->client), 0);
	ASSERT_WAIT(p->closed, 1200);
	mqtt_client_free(p->client);
	p->client = NULL;
	start = now_ms();
	mqtt_stop(mqtt);
	assert_in_range(now_ms() - start, 0, 1100);
	pthread_join(talker, &reset);
	assert_null(reset);
	fake_reads(&fake, true);
	ASSERT_WAIT(!fake.linked, 2000);
	assert_int_equal(fake_packets(&fake, DISCONNECT), 1);
	assert_int_equal(mqtt_start(&mqtt, &loop), 0);
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
	cmocka_unit_test(test_released_in_the_next_link),
	cmocka_unit_test(test_released_in_the_end),
	cmocka_unit_test(test_not_repeated),
	cmocka_unit_test(test_released_after_a_cancel),
	cmocka_unit_test(test_close_behind_requests),
	cmocka_unit_test(test_close_behind_the_window),
	cmocka_unit_test(test_close_behind_a_full_socket),
	cmocka_unit_test(test_close_and_stop),
	cmocka_unit_test(test_close_of_a_frozen_broker),
};

CASES(outbound_cases, tests);
