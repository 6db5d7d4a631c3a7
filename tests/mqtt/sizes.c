// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How long a message may be: what is too long is cut, and what is cut off is
 * skipped as it comes.  Memory stays small.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "fake.h"

#define MIB		(1024 * 1024)
#define CHUNK		65536
#define DEFAULT_MAX	65536	/* where payload_max is 0 */
#define ID		7	/* of what is published */

/* ---- a broker that sends much ---- */

/* @said bytes of the payload are sent; each is the low byte of its offset. */
static void say_publish(struct fake *fake, int qos, const char *topic,
			size_t len, size_t said)
{
	uint8_t bytes[CHUNK];
	size_t i, n;

	n = fake_publish(bytes, qos, topic, strlen(topic), ID, len);
	fake_say_all(fake, bytes, n);
	for (i = 0; i < CHUNK; i++)
		bytes[i] = i;
	for (; said; said -= n) {
		n = said < CHUNK ? said : CHUNK;
		fake_say_all(fake, bytes, n);
	}
}

static struct mqtt_open cut_args(int port, size_t payload_max)
{
	struct mqtt_open args = plain_args(port, "sizes");

	args.payload_max = payload_max;
	return args;
}

/* The link is as good as new. */
static void assert_works(struct fake *fake, struct peer *p)
{
	int received = p->received;

	FAKE_SAY(fake, 0x30, 4, 0, 1, 'n', 'x');
	ASSERT_WAIT(p->received == received + 1, 2000);
	assert_string_equal(p->last_topic, "n");
	assert_int_equal(p->last_len, 1);
	assert_int_equal(p->last_full_len, 1);
	assert_int_equal(p->lost, 0);
}

/* ---- payload_max ---- */

static void receive(struct fake *fake, struct peer *p, int qos, size_t len,
		    size_t want)
{
	int received = p->received;
	size_t i;

	fake->len = 0;
	say_publish(fake, qos, "t", len, len);
	ASSERT_WAIT(p->received == received + 1, 5000);
	assert_int_equal(p->last_qos, qos);
	assert_int_equal(p->last_full_len, len);
	assert_int_equal(p->last_len, want);
	for (i = 0; i < want && i < sizeof(p->last_payload); i++)
		assert_int_equal(p->last_payload[i], i & 0xff);
	if (qos == 1)
		ASSERT_WAIT(FAKE_COUNT(fake, 0x40, 2, 0, 7) == 1, 2000);
	if (qos == 2)
		ASSERT_WAIT(FAKE_COUNT(fake, 0x50, 2, 0, 7) == 1, 2000);
	if (qos == 2)
		FAKE_SAY(fake, 0x62, 2, 0, 7);
	assert_works(fake, p);
}

static void receive_around(size_t payload_max, size_t limit)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	int qos;

	fake_start(&fake);
	args = cut_args(fake.port, payload_max);
	peer_open(p, &args);
	for (qos = 0; qos < 3; qos++) {
		receive(&fake, p, qos, 0, 0);
		receive(&fake, p, qos, limit - 1, limit - 1);
		receive(&fake, p, qos, limit, limit);
		receive(&fake, p, qos, limit + 1, limit);
		receive(&fake, p, qos, 5 * limit, limit);
	}
	peer_free(p);
	fake_stop(&fake);
}

static void test_payload_max(void **state)
{
	(void)state;
	receive_around(1, 1);
	receive_around(100, 100);
	receive_around(4096, 4096);
	receive_around(0, DEFAULT_MAX);
	receive_around(MIB, MIB);	/* more than may be held: one is */
}

/* Byte by byte, over every border between what is kept and what is not. */
static void test_payload_max_slowly(void **state)
{
	static const char packet[] = "\x32\x0b\0\1t\0\7abcdef";
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	size_t i;

	(void)state;
	fake_start(&fake);
	args = cut_args(fake.port, 3);
	peer_open(p, &args);
	for (i = 0; i < sizeof(packet) - 1; i++) {
		assert_int_equal(p->received, 0);
		fake_say(&fake, packet + i, 1);
		run_for(2);
	}
	ASSERT_WAIT(p->received == 1, 2000);
	assert_int_equal(p->last_len, 3);
	assert_int_equal(p->last_full_len, 6);
	assert_memory_equal(p->last_payload, "abc", 3);
	assert_works(&fake, p);
	peer_free(p);
	fake_stop(&fake);
}

static void say_long_topic(struct fake *fake, char *topic, size_t len)
{
	static uint8_t bytes[FAKE_PUBLISH_MAX + 3];
	size_t n = fake_publish(bytes, 1, topic, len, ID, 3);

	memcpy(bytes + n, "abc", 3);
	fake->len = 0;
	fake_say_all(fake, bytes, n + 3);
}

/* One that is too long is given so that it is seen, without a payload. */
static void test_long_topic(void **state)
{
	static const size_t lengths[] = { 255, MQTT_TOPIC_MAX,
					  MQTT_TOPIC_MAX + 1, 65535 };
	static char topic[65536];
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	bool whole;
	size_t i;

	(void)state;
	memset(topic, 't', sizeof(topic));
	fake_start(&fake);
	args = cut_args(fake.port, 100);
	peer_open(p, &args);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		whole = lengths[i] <= MQTT_TOPIC_MAX;
		say_long_topic(&fake, topic, lengths[i]);
		ASSERT_WAIT(p->received == (int)(2 * i + 1), 2000);
		assert_int_equal(strlen(p->last_topic),
				 whole ? lengths[i] : MQTT_TOPIC_MAX);
		assert_int_equal(p->last_len, whole ? 3 : 0);
		assert_int_equal(p->last_full_len, 3);
		ASSERT_WAIT(FAKE_COUNT(&fake, 0x40, 2, 0, 7) == 1, 2000);
		assert_works(&fake, p);
	}
	/* what is not kept of it is looked at all the same */
	topic[MQTT_TOPIC_MAX + 1000] = '\n';
	say_long_topic(&fake, topic, MQTT_TOPIC_MAX + 2000);
	ASSERT_WAIT(p->lost == 1, 2000);
	assert_non_null(strstr(p->why.text, "protocol error: "));
	peer_free(p);
	fake_stop(&fake);
}

/* ---- what is skipped costs no memory ---- */

static void test_skip_100_mib(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	size_t mark;
	int qos;

	(void)state;
	fake_start(&fake);
	args = cut_args(fake.port, 1500);
	peer_open(p, &args);
	receive(&fake, p, 1, MIB, 1500);
	mark = memory_mark();
	for (qos = 0; qos < 3; qos++) {
		receive(&fake, p, qos, 100 * MIB, 1500);
		assert_no_growth(mark);
	}
	peer_free(p);
	fake_stop(&fake);
}

/* The link ends in what is kept, and in what is skipped. */
static void test_skip_ends_with_the_link(void **state)
{
	static const size_t said[] = { 10, 1499, 1500, 1501, 500000 };
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	size_t i;

	(void)state;
	fake_start(&fake);
	args = cut_args(fake.port, 1500);
	for (i = 0; i < 3 * sizeof(said) / sizeof(said[0]); i++) {
		peer_open(p, &args);
		say_publish(&fake, i % 3, "t", MIB, said[i / 3]);
		fake_hang_up(&fake);
		ASSERT_WAIT(p->lost == (int)i + 1, 3000);
		assert_int_equal(p->received, 0);
		assert_string_equal(p->why.text, "closed by the broker");
		ASSERT_WAIT(!fake.linked, 2000);
	}
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x30, 4, 0, 1, 'n', 'x');
	ASSERT_WAIT(p->received == 1, 2000);
	peer_free(p);
	fake_stop(&fake);
}

/* A close does not wait for the rest of what is being skipped. */
static void test_skip_is_closed(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = cut_args(fake.port, 1500);
	peer_open(p, &args);
	say_publish(&fake, 1, "t", 100 * MIB, 200000);
	run_for(20);
	peer_close(p);
	assert_int_equal(p->received + p->lost, 0);
	ASSERT_WAIT(!fake.linked, 2000);
	peer_open(p, &args);
	assert_works(&fake, p);
	peer_free(p);
	fake_stop(&fake);
}

/* The header alone announces 256 MB. */
static void test_eight_bytes(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	size_t mark = 0;
	int i;

	(void)state;
	fake_start(&fake);
	args = cut_args(fake.port, 0);
	for (i = 0; i < 5; i++) {
		peer_open(p, &args);
		if (i == 1)
			mark = memory_mark();
		FAKE_SAY(&fake, 0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'a');
		run_for(20);
		fake_hang_up(&fake);
		ASSERT_WAIT(p->lost == i + 1, 2000);
		ASSERT_WAIT(!fake.linked, 2000);
	}
	assert_no_growth(mark);
	assert_int_equal(p->received, 0);
	peer_free(p);
	fake_stop(&fake);
}

/* Each step of the length meets another place in TLS's records. */
static void test_cut_by_tls(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.tls, "cut");
	char *payload = calloc(1, 200000);
	struct peer *p = peer_new();
	size_t len;

	(void)state;
	args.tls = &tls;
	args.payload_max = 1500;
	peer_open(p, &args);
	peer_subscribe(p, "cut", 2);
	for (len = 1499; len < 200000; len = len * 4 / 3 + 1) {
		int received = p->received;

		peer_publish(p, "cut", len % 3, payload, len);
		ASSERT_WAIT(p->received == received + 1, 3000);
		assert_int_equal(p->last_full_len, len);
		assert_int_equal(p->last_len, len < 1500 ? len : 1500);
	}
	assert_int_equal(p->lost, 0);
	free(payload);
	peer_free(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_payload_max),
	cmocka_unit_test(test_payload_max_slowly),
	cmocka_unit_test(test_long_topic),
	cmocka_unit_test(test_skip_100_mib),
	cmocka_unit_test(test_skip_ends_with_the_link),
	cmocka_unit_test(test_skip_is_closed),
	cmocka_unit_test(test_eight_bytes),
	cmocka_unit_test(test_cut_by_tls),
};

CASES(sizes_cases, tests);
