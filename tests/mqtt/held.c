// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How much a broker may send: what the owner of a client does not take keeps
 * the broker waiting, and the link alive.  Memory stays small.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cases.h"
#include "fake.h"

#define MIB		(1024 * 1024)
#define FLOOD_PACKET	8192

/* Numbers from 1, as fast as the socket takes them. */
struct flood {
	struct fake *fake;
	int qos;
	size_t payload;			/* bytes of each */
	int count, next;
	unsigned int pongs;
	uint8_t packet[FLOOD_PACKET + 32];	/* on its way */
	size_t len, said;
};

static void flood_publish(struct flood *f)
{
	uint16_t id = f->next % 65535 + 1;
	size_t n;

	n = fake_publish(f->packet, f->qos, "f", 1, id, f->payload);
	memset(f->packet + n, ' ', f->payload);
	f->len = n + f->payload;
	n += sprintf((char *)f->packet + n, "%d", f->next);
	f->packet[n] = ' ';
	f->next++;
}

/* False: all is said. */
static bool flood_next(struct flood *f)
{
	f->said = f->len = 0;
	if (f->pongs < f->fake->came[PINGREQ]) {
		memcpy(f->packet, "\xd0", 2);
		f->len = 2;
		f->pongs++;
		return true;
	}
	if (f->next > f->count)
		return false;
	flood_publish(f);
	return true;
}

static void flood_say(struct flood *f)
{
	uv_buf_t buf;
	int n;

	while (f->said < f->len || flood_next(f)) {
		buf = uv_buf_init((char *)f->packet + f->said,
				  f->len - f->said);
		n = uv_try_write((uv_stream_t *)&f->fake->link, &buf, 1);
		if (n == UV_EAGAIN)
			return;
		assert_true(n > 0);
		f->said += n;
	}
}

static void flood_for(struct flood *f, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	do {
		flood_say(f);
		run_once();
	} while (now_ms() < end);
}

static void assert_order(const struct peer *p, int *checked)
{
	for (; *checked < p->received; ++*checked)
		assert_int_equal(p->numbers[*checked % MESSAGES_MAX],
				 *checked + 1);
}

/* The owner takes all it has, again and again. */
static void flood_take(struct flood *f, struct peer *p)
{
	uint64_t end = now_ms() + 60000;
	int checked = 0;

	while (p->received < f->count) {
		peer_end_all(p);
		flood_for(f, 1);
		assert_order(p, &checked);
		assert_int_equal(p->lost, 0);
		assert_true(now_ms() < end);
	}
	peer_end_all(p);
	assert_order(p, &checked);
}

static void begin_flood(struct fake *fake, struct peer *p, int keepalive)
{
	struct mqtt_open args;

	fake_start(fake);
	fake->forgets = true;
	args = plain_args(fake->port, "held");
	args.keepalive = keepalive;
	p->hold = true;
	peer_open(p, &args);
}

/*
 * Held for three keepalives and more: the broker waits, the link lives.  A
 * first short flood is there for what memory the program takes anyway.
 */
static void hold_flood(int qos, size_t payload, int count)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct flood warm = { .fake = &fake, .qos = qos, .payload = payload,
			      .next = 1, .count = MIB / 2 / (payload + 10) };
	struct flood f = { .fake = &fake, .qos = qos, .payload = payload,
			   .next = 1, .count = count };
	size_t mark;
	int held;

	begin_flood(&fake, p, 1);
	flood_take(&warm, p);
	p->received = 0;
	f.pongs = warm.pongs;
	mark = memory_mark();
	flood_for(&f, 1000);
	held = p->held_count;
	assert_in_range(held * payload, MQTT_HELD_MAX / 16,
			MQTT_HELD_MAX + payload);
	flood_for(&f, 3000);
	assert_int_equal(p->held_count, held);
	assert_int_equal(p->lost, 0);
	assert_true(f.next < count);
	assert_no_growth(mark);
	flood_take(&f, p);
	assert_int_equal(p->received, count);
	peer_close(p);
	peer_free(p);
	fake_stop(&fake);
}

static void test_held_qos1(void **state)
{
	(void)state;
	hold_flood(1, 4000, 15000);
}

static void test_held_qos0(void **state)
{
	(void)state;
	hold_flood(0, 4000, 10000);
}

/* Each message costs more than its bytes. */
static void test_held_small(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct flood f = { .fake = &fake, .qos = 0, .payload = 8, .next = 1,
			   .count = 30000 };

	(void)state;
	begin_flood(&fake, p, 60);
	flood_for(&f, 500);
	assert_in_range(p->held_count, 100, MESSAGES_MAX - 1);
	flood_take(&f, p);
	peer_free(p);
	fake_stop(&fake);
}

/* Half of it must be free before the rest is read. */
static void test_held_half(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct flood f = { .fake = &fake, .qos = 1, .payload = 4000, .next = 1,
			   .count = 5000 };
	int held, i;

	(void)state;
	begin_flood(&fake, p, 60);
	flood_for(&f, 300);
	held = p->held_count;
	for (i = 0; i < held / 4; i++)
		mqtt_message_end(p->held[i]);
	flood_for(&f, 100);
	assert_int_equal(p->held_count, held);
	for (; i < held * 3 / 4; i++)
		mqtt_message_end(p->held[i]);
	flood_for(&f, 200);
	assert_true(p->held_count > held);
	memmove(p->held, p->held + i,
		(p->held_count - i) * sizeof(p->held[0]));
	p->held_count -= i;
	flood_take(&f, p);
	peer_free(p);
	fake_stop(&fake);
}

/* Dropped messages make room, too. */
static void test_held_dropped(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct flood f = { .fake = &fake, .qos = 1, .payload = 4000, .next = 1,
			   .count = 500 };
	uint64_t end = now_ms() + 10000;

	(void)state;
	begin_flood(&fake, p, 60);
	while (p->received < f.count && now_ms() < end) {
		peer_drop_all(p);
		flood_for(&f, 1);
	}
	assert_int_equal(p->received, f.count);
	assert_int_equal(fake.came[PUBACK], 0);
	peer_free(p);
	fake_stop(&fake);
}

/* One message may be larger than all that may be held; two may not. */
static void test_held_one_at_least(void **state)
{
	static uint8_t bytes[FAKE_PUBLISH_MAX], payload[MIB];
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "held");
	args.payload_max = MIB;
	p->hold = true;
	peer_open(p, &args);
	fake_say_all(&fake, bytes, fake_publish(bytes, 1, "t", 1, 7, MIB));
	fake_say_all(&fake, payload, MIB);
	ASSERT_WAIT(p->received == 1, 2000);
	assert_int_equal(p->last_len, MIB);
	FAKE_SAY(&fake, 0x30, 4, 0, 1, 'n', 'x');
	run_for(200);
	assert_int_equal(p->received, 1);
	peer_end_all(p);
	ASSERT_WAIT(p->received == 2, 2000);
	peer_free(p);
	fake_stop(&fake);
}

/* A client that takes nothing does not hold up another one. */
static void test_held_beside_another(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "beside");
	struct fake fake;
	struct peer *p = peer_new(), *other = peer_new();
	struct flood f = { .fake = &fake, .qos = 1, .payload = 4000, .next = 1,
			   .count = 5000 };
	uint64_t start, worst = 0;
	int i;

	(void)state;
	begin_flood(&fake, p, 60);
	peer_open(other, &args);
	peer_subscribe(other, "beside", 1);
	flood_for(&f, 300);
	for (i = 0; i < 50; i++) {
		start = now_ms();
		peer_publish(other, "beside", 1, "x", 1);
		ASSERT_WAIT(other->received == i + 1, 1000);
		if (now_ms() - start > worst)
			worst = now_ms() - start;
		flood_for(&f, 5);
	}
	print_message("worst round trip beside a full client: %d ms\n",
		      (int)worst);
	assert_true(worst < 300);
	flood_take(&f, p);
	peer_free(other);
	peer_free(p);
	fake_stop(&fake);
}

/* A full client may send: its own requests are not acknowledged meanwhile. */
static void test_held_and_publish(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct flood f = { .fake = &fake, .qos = 1, .payload = 4000, .next = 1,
			   .count = 5000 };

	(void)state;
	begin_flood(&fake, p, 60);
	flood_for(&f, 300);
	assert_int_equal(mqtt_publish(p->client, 5, "t", 0, false, "x", 1), 0);
	ASSERT_WAIT(p->done_ok == 1 && fake.came[PUBLISH] == 1, 2000);
	flood_take(&f, p);
	peer_free(p);
	fake_stop(&fake);
}

/* Closed, cut and freed while full: all of it works again at once. */
static void test_held_and_closed(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct mqtt_open args;
	int i;

	(void)state;
	begin_flood(&fake, p, 60);
	args = plain_args(fake.port, "held");
	for (i = 0; i < 6; i++) {
		struct flood f = { .fake = &fake, .qos = i % 2,
				   .payload = 4000, .next = 1,
				   .count = 5000 };

		flood_for(&f, 200);
		assert_in_range(p->held_count, 10, 100);
		if (i % 3 == 2)
			peer_end_all(p);
		if (i < 3)
			peer_close(p);
		else
			mqtt_abort(p->client);
		if (i % 3 == 1)
			peer_end_all(p);
		ASSERT_WAIT(!fake.linked, 2000);
		peer_open(p, &args);
		peer_end_all(p);
	}
	assert_int_equal(p->lost, 0);
	FAKE_SAY(&fake, 0x30, 4, 0, 1, 'n', 'x');
	ASSERT_WAIT(!strcmp(p->last_topic, "n"), 2000);
	peer_free(p);
	fake_stop(&fake);
}

/* Held across a link's end: it counts in the next link, too. */
static void test_held_into_the_next_link(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct flood f = { .fake = &fake, .qos = 1, .payload = 4000, .next = 1,
			   .count = 5000 };
	int held;

	(void)state;
	begin_flood(&fake, p, 60);
	flood_for(&f, 200);
	held = p->held_count;
	mqtt_abort(p->client);
	ASSERT_WAIT(!fake.linked, 2000);
	args = plain_args(fake.port, "held");
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x30, 4, 0, 1, 'n', 'x');
	run_for(200);
	assert_in_range(p->held_count, held, held + 1);
	peer_end_all(p);
	ASSERT_WAIT(p->received == held + 1, 2000);
	assert_string_equal(p->last_topic, "n");
	peer_free(p);
	fake_stop(&fake);
}

/* The broker goes while nothing is read: what it sent comes, then the end. */
static void test_held_and_hung_up(void **state)
{
	struct fake fake;
	struct peer *p = peer_new();
	struct flood f = { .fake = &fake, .qos = 0, .payload = 4000, .next = 1,
			   .count = 5000 };

	(void)state;
	begin_flood(&fake, p, 60);
	flood_for(&f, 300);
	fake_hang_up(&fake);
	run_for(200);
	while (!p->lost) {
		int received = p->received;

		peer_end_all(p);
		ASSERT_WAIT(p->lost || p->received > received, 3000);
	}
	assert_int_equal(p->lost, 1);
	assert_string_equal(p->why.text, "closed by the broker");
	peer_free(p);
	fake_stop(&fake);
}

/*
 * Our next ping finds out that the link is gone.  What is in the socket's
 * buffer, some MiB, must not be taken at once for that.
 */
static void test_held_and_reset(void **state)
{
	struct linger linger = { .l_onoff = 1 };
	struct fake fake;
	struct peer *p = peer_new();
	struct flood f = { .fake = &fake, .qos = 0, .payload = 4000, .next = 1,
			   .count = 5000 };
	size_t held = 0;
	uv_os_fd_t fd;

	(void)state;
	begin_flood(&fake, p, 1);
	flood_for(&f, 300);
	assert_int_equal(uv_fileno((uv_handle_t *)&fake.link, &fd), 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	fake_hang_up(&fake);
	while (!p->lost) {
		int received = p->received;

		run_for(1500);
		held = p->held_count * 4000;
		assert_in_range(held, 1, MQTT_HELD_MAX + 4000);
		peer_end_all(p);
		ASSERT_WAIT(p->lost || p->received > received, 3000);
	}
	assert_int_equal(p->lost, 1);
	peer_free(p);
	fake_stop(&fake);
}

/* ---- the same by a real broker, and by TLS ---- */

#define STREAM		3000	/* messages of 4000 bytes */

static struct peer *subscriber(const struct mqtt_open *args, int qos)
{
	struct peer *p = peer_new();

	peer_open(p, args);
	assert_int_equal(p->opened, 1);
	peer_subscribe(p, "stream", qos);
	return p;
}

static void publish_stream(const char *client_id)
{
	struct mqtt_open args = plain_args(broker.plain, client_id);
	char payload[4000] = "";
	struct peer *p = peer_new();
	int n;

	peer_open(p, &args);
	for (n = 1; n <= STREAM; n++) {
		sprintf(payload, "%d ", n);
		assert_int_equal(mqtt_publish(p->client, n, "stream", 0, false,
					      payload, sizeof(payload)),
				 0);
		if (n % 100 == 0)
			ASSERT_WAIT(p->done_ok == n, 5000);
	}
	peer_close(p);
	peer_free(p);
}

/*
 * Longer than the broker waits for a ping: 1.5 keepalives, of 2 s because a
 * busy machine is late for the half of one.
 */
static void hold_stream(struct mqtt_open args)
{
	struct peer *p;
	int checked = 0, received;

	args.keepalive = 2;
	p = subscriber(&args, 0);
	p->hold = true;
	publish_stream("streaming");
	run_for(4500);
	if (p->lost)
		fail_msg("lost: %s", p->why.text);
	assert_in_range(p->held_count * 4000, MQTT_HELD_MAX / 2,
			MQTT_HELD_MAX + 4000);
	while (p->received < STREAM) {
		received = p->received;
		peer_end_all(p);
		ASSERT_WAIT(p->received > received, 3000);
		assert_order(p, &checked);
	}
	assert_order(p, &checked);
	peer_close(p);
	peer_free(p);
}

static void test_held_from_a_broker(void **state)
{
	(void)state;
	hold_stream(plain_args(broker.plain, "streamed"));
}

static void test_held_from_a_broker_by_tls(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.tls, "streamed");

	(void)state;
	args.tls = &tls;
	hold_stream(args);
}

/* With megabytes unread, DISCONNECT must get through all the same. */
static void close_without_will(struct mqtt_open args)
{
	struct mqtt_open watch = plain_args(broker.plain, "watching");
	struct peer *w = peer_new(), *p;

	peer_open(w, &watch);
	peer_subscribe(w, "will", 1);
	args.will_topic = "will";
	p = subscriber(&args, 0);
	p->hold = true;
	publish_stream("streaming");
	run_for(200);
	peer_close(p);
	run_for(500);
	assert_int_equal(w->received, 0);
	assert_int_equal(p->lost, 0);
	peer_free(p);
	peer_free(w);
}

static void test_held_and_closed_has_no_will(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "no will");

	(void)state;
	close_without_will(args);
	args.port = broker.tls;
	args.tls = &tls;
	close_without_will(args);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_held_qos1),
	cmocka_unit_test(test_held_qos0),
	cmocka_unit_test(test_held_small),
	cmocka_unit_test(test_held_half),
	cmocka_unit_test(test_held_dropped),
	cmocka_unit_test(test_held_one_at_least),
	cmocka_unit_test(test_held_beside_another),
	cmocka_unit_test(test_held_and_publish),
	cmocka_unit_test(test_held_and_closed),
	cmocka_unit_test(test_held_into_the_next_link),
	cmocka_unit_test(test_held_and_hung_up),
	cmocka_unit_test(test_held_and_reset),
	cmocka_unit_test(test_held_from_a_broker),
	cmocka_unit_test(test_held_from_a_broker_by_tls),
	cmocka_unit_test(test_held_and_closed_has_no_will),
};

CASES(held_cases, tests);
