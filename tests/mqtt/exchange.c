// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <errno.h>
#include <string.h>

#include "cases.h"
#include "fake.h"

static void test_open_close(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args = plain_args(broker.plain, "a");

	(void)state;
	assert_int_equal(mqtt_publish(p->client, 1, "t", 0, false, "x", 1),
			 -ENOTCONN);
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	assert_int_equal(mqtt_open(p->client, &args), -EALREADY);
	peer_close(p);
	assert_int_equal(mqtt_close(p->client), -ENOTCONN);
	peer_open(p, &args);
	assert_int_equal(p->opened, 2);
	peer_free(p);
}

/* All 256 byte values there and back. */
static void echo(struct peer *p, int qos, size_t len)
{
	unsigned char payload[4096];
	int before = p->received;
	size_t i;

	for (i = 0; i < len; i++)
		payload[i] = i;
	peer_publish(p, "echo", qos, payload, len);
	ASSERT_WAIT(p->received > before, 3000);
	assert_string_equal(p->last_topic, "echo");
	assert_int_equal(p->last_qos, qos);
	assert_int_equal(p->last_len, len);
	assert_memory_equal(p->last_payload, payload, len);
	assert_false(p->last_retained);
}

static void echo_all(const struct mqtt_open *args)
{
	static const size_t lengths[] = { 0, 1, 1024, 4096 };
	struct peer *p = peer_new();
	size_t i;
	int qos;

	peer_open(p, args);
	if (!p->opened)
		fail_msg("%s", p->why.text);
	peer_subscribe(p, "echo", 2);
	for (qos = 0; qos < 3; qos++)
		for (i = 0; i < 4; i++)
			echo(p, qos, lengths[i]);
	run_for(50);
	assert_int_equal(p->received, 12);
	assert_int_equal(p->lost, 0);
	peer_close(p);
	peer_free(p);
}

static void test_echo_plain(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "echo");

	(void)state;
	echo_all(&args);
	args.host = "localhost";	/* maybe after ::1 refused */
	echo_all(&args);
	args.host = "127.000.000.001";
	echo_all(&args);
}

static void test_echo_ipv6(void **state)
{
	struct mqtt_open args = plain_args(broker.plain6, "echo");

	(void)state;
	if (!broker.plain6)
		skip();
	args.host = "::1";
	echo_all(&args);
}

static void test_echo_tls(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.tls, "echo");

	(void)state;
	args.tls = &tls;
	args.host = "localhost";
	echo_all(&args);
	args.host = "127.0.0.1";
	echo_all(&args);
}

static void test_tokens_and_unsubscribe(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "tok");
	struct peer *p = peer_new();

	(void)state;
	peer_open(p, &args);
	assert_int_equal(mqtt_subscribe(p->client, 77, "u/+", 1), 0);
	ASSERT_WAIT(p->done_ok == 1, 1000);
	assert_int_equal(p->last_token, 77);
	peer_publish(p, "u/1", 1, "1", 1);
	ASSERT_WAIT(p->received == 1, 1000);
	assert_int_equal(mqtt_unsubscribe(p->client, 78, "u/+"), 0);
	ASSERT_WAIT(p->last_token == 78, 1000);
	peer_publish(p, "u/1", 1, "2", 1);
	run_for(100);
	assert_int_equal(p->received, 1);
	assert_int_equal(p->done_bad, 0);
	peer_free(p);
}

static void test_bad_strings(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "\xff\xfe");
	struct peer *p = peer_new();

	(void)state;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_string_equal(p->why.text, "a string is not UTF-8");
	args.client_id = "fine";
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	assert_int_equal(mqtt_publish(p->client, 5, "\xff\xfe", 1, false, "x",
				      1),
			 0);
	ASSERT_WAIT(p->done_bad == 1, 1000);
	peer_publish(p, "good", 1, "x", 1);
	peer_free(p);
}

static void test_retained(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "ret");
	struct peer *p = peer_new();

	(void)state;
	peer_open(p, &args);
	assert_int_equal(mqtt_publish(p->client, 1, "kept", 1, true, "r", 1),
			 0);
	ASSERT_WAIT(p->done_ok == 1, 1000);
	peer_subscribe(p, "kept", 1);
	ASSERT_WAIT(p->received == 1, 1000);
	assert_true(p->last_retained);
	assert_int_equal(mqtt_publish(p->client, 2, "kept", 1, true, NULL, 0),
			 0);
	ASSERT_WAIT(p->received == 2, 1000);
	assert_int_equal(p->last_len, 0);
	peer_free(p);
}

static void test_user_and_password(void **state)
{
	struct mqtt_open args = plain_args(broker.auth, "joe1");
	struct peer *p = peer_new();

	(void)state;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_int_equal(p->why.code, 704);
	assert_string_equal(p->why.text, "not authorized");
	args.user = "joe";
	args.password = "wrong";
	peer_open(p, &args);
	assert_int_equal(p->failed, 2);
	assert_int_equal(p->why.code, 704);
	args.password = "secret word";
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	peer_free(p);
}

static void test_connack_codes(void **state)
{
	static const char *const words[] = {
		"unacceptable protocol version", "identifier rejected",
		"server unavailable", "bad user name or password",
		"not authorized",
	};
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	int code;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "c");
	for (code = 1; code <= 5; code++) {
		fake.connack[1] = code;
		peer_open(p, &args);
		assert_int_equal(p->failed, code);
		assert_int_equal(p->why.code, 699 + code);
		assert_string_equal(p->why.text, words[code - 1]);
		ASSERT_WAIT(!fake.linked, 1000);
		assert_int_equal(fake.links, code);	/* no second try */
	}
	peer_free(p);
	fake_stop(&fake);
}

static void test_subscribe_refused(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();
	uint8_t id[2];

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "s");
	peer_open(p, &args);
	fake.len = 0;
	assert_int_equal(mqtt_subscribe(p->client, 9, "x", 0), 0);
	ASSERT_WAIT(fake.len >= 4, 1000);
	memcpy(id, fake.got + 2, 2);
	FAKE_SAY(&fake, 0x90, 3, id[0], id[1], 0x80);
	ASSERT_WAIT(p->done_bad == 1, 1000);
	assert_int_equal(p->last_token, 9);
	assert_int_equal(p->done_ok, 0);
	peer_free(p);
	fake_stop(&fake);
}

/* mqtt_close(): DISCONNECT, so no will; mqtt_abort(): the will. */
static void test_will(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "dying");
	struct mqtt_open watch = plain_args(broker.plain, "watching");
	struct peer *p = peer_new(), *w = peer_new();

	(void)state;
	peer_open(w, &watch);
	peer_subscribe(w, "will", 2);
	args.will_topic = "will";
	args.will_payload = "a\0b";
	args.will_len = 3;
	args.will_qos = 1;
	peer_open(p, &args);
	peer_close(p);
	run_for(200);
	assert_int_equal(w->received, 0);
	peer_open(p, &args);
	mqtt_abort(p->client);
	ASSERT_WAIT(w->received == 1, 2000);
	assert_int_equal(w->last_len, 3);
	assert_memory_equal(w->last_payload, "a\0b", 3);
	assert_int_equal(w->last_qos, 1);
	assert_int_equal(p->lost + p->failed, 0);
	peer_free(p);
	peer_free(w);
}

/* A close while messages stream in still counts as a close. */
static void test_close_in_a_stream(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "streamed");
	struct mqtt_open other = plain_args(broker.plain, "streaming");
	struct peer *p = peer_new(), *s = peer_new();
	int i;

	(void)state;
	args.will_topic = "will";
	peer_open(s, &other);
	peer_subscribe(s, "will", 1);
	peer_open(p, &args);
	peer_subscribe(p, "stream", 1);
	for (i = 0; i < 200; i++)
		assert_int_equal(mqtt_publish(s->client, i, "stream", 0, false,
					      "0123456789", 10),
				 0);
	peer_close(p);
	run_for(200);
	assert_int_equal(s->received, 0);
	assert_int_equal(p->lost, 0);
	peer_free(p);
	peer_free(s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_open_close),
	cmocka_unit_test(test_echo_plain),
	cmocka_unit_test(test_echo_ipv6),
	cmocka_unit_test(test_echo_tls),
	cmocka_unit_test(test_tokens_and_unsubscribe),
	cmocka_unit_test(test_bad_strings),
	cmocka_unit_test(test_retained),
	cmocka_unit_test(test_user_and_password),
	cmocka_unit_test(test_connack_codes),
	cmocka_unit_test(test_subscribe_refused),
	cmocka_unit_test(test_will),
	cmocka_unit_test(test_close_in_a_stream),
};

CASES(exchange_cases, tests);
