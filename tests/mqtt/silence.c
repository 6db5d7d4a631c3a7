// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A peer that says nothing any more, and nobody who says so: the link ends
 * within 30 s whatever its keepalive.  One that is only slow keeps it.
 */
#include <signal.h>
#include <string.h>

#include "cases.h"
#include "fake.h"

#define SLOW_MS		20000	/* an answer may take so long */
#define LOST_MS		30000	/* a link that has none is gone by then */

enum broker_kind {
	FAKE,		/* says what the row has it say */
	VANISHED,	/* and its TCP, too, after the link is open */
	STOPPED,	/* mosquitto under SIGSTOP */
	STOPPED_TLS,
};

enum asked { NOTHING, QOS0, QOS1, QOS2, SUB, UNSUB };

static const struct row {
	const char *name;
	enum broker_kind kind;
	int keepalive;
	enum asked asked;
	bool late;	/* the answer comes after SLOW_MS */
	bool talks;	/* messages come all the time */
	bool held;	/* and nobody takes them: the link is not read */
	bool lost;
} rows[] = {
	{ "QoS 1 into a NAT", VANISHED, 300, QOS1, .lost = true },
	{ "QoS 0 into a NAT", VANISHED, 0, QOS0, .lost = true },
	{ "QoS 2, frozen", STOPPED, 300, QOS2, .lost = true },
	{ "QoS 1, frozen, TLS", STOPPED_TLS, 0, QOS1, .lost = true },
	{ "subscribe, frozen", STOPPED, 0, SUB, .lost = true },
	{ "unsubscribe", FAKE, 300, UNSUB, .lost = true },
	{ "a ping", FAKE, 4, NOTHING, .lost = true },
	{ "nothing asked", FAKE, 300, NOTHING },
	{ "nothing asked, vanished", VANISHED, 0, NOTHING },
	{ "QoS 0, not asked either", FAKE, 0, QOS0 },
	{ "slow", FAKE, 300, QOS1, .late = true },
	{ "no answer, but it talks", FAKE, 0, QOS1, .talks = true },
	{ "not read by us", FAKE, 0, QOS1, .talks = true, .held = true },
};

#define N_ROWS	(sizeof(rows) / sizeof(rows[0]))

static struct try {
	const struct row *row;
	struct fake fake;
	struct peer *peer;
	uint64_t start, took;
	bool answered;
} tries[N_ROWS];

static bool is_fake(const struct row *row)
{
	return row->kind == FAKE || row->kind == VANISHED;
}

static void open_try(struct try *t)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, t->row->name);

	if (is_fake(t->row)) {
		fake_start(&t->fake);
		t->fake.forgets = t->row->talks;
		args.port = t->fake.port;
	} else if (t->row->kind == STOPPED_TLS) {
		args.port = broker.tls;
		args.tls = &tls;
	}
	args.keepalive = t->row->keepalive;
	t->peer = peer_new();
	t->peer->hold = t->row->held;
	peer_open(t->peer, &args);
	assert_int_equal(t->peer->opened, 1);
}

static void ask(struct try *t)
{
	struct mqtt_client *client = t->peer->client;
	int rc = 0;

	switch (t->row->asked) {
	case NOTHING:
		break;
	case QOS0:
	case QOS1:
	case QOS2:
		rc = mqtt_publish(client, 1, "t", t->row->asked - QOS0, false,
				  "x", 1);
		break;
	case SUB:
		rc = mqtt_subscribe(client, 1, "t", 1);
		break;
	case UNSUB:
		rc = mqtt_unsubscribe(client, 1, "t");
		break;
	}
	assert_int_equal(rc, 0);
	t->start = now_ms();
}

static void begin(struct try *t)
{
	if (t->row->kind == VANISHED)
		fake_vanish(&t->fake);
	ask(t);
}

/* 4000 bytes a time: MQTT_HELD_MAX is reached by and by. */
static void talk(struct try *t)
{
	static uint8_t packet[FAKE_PUBLISH_MAX + 4000];
	uv_buf_t buf;
	size_t len;

	len = fake_publish(packet, 0, "m", 1, 0, 4000) + 4000;
	buf = uv_buf_init((char *)packet, len);
	if (!uv_stream_get_write_queue_size((uv_stream_t *)&t->fake.link))
		uv_try_write((uv_stream_t *)&t->fake.link, &buf, 1);
}

static void answer_late(struct try *t)
{
	uint16_t id = fake_id(&t->fake, PUBLISH);

	if (t->answered || now_ms() - t->start < SLOW_MS)
		return;
	FAKE_SAY(&t->fake, 0x40, 2, id >> 8, id & 0xff);
	t->answered = true;
}

static void look(struct try *t)
{
	if (t->peer->lost && !t->took)
		t->took = now_ms() - t->start;
	if (t->row->talks && !t->peer->lost &&
	    t->peer->held_count < MESSAGES_MAX)
		talk(t);
	if (t->row->late)
		answer_late(t);
}

static void check(const struct try *t)
{
	const struct row *row = t->row;
	bool ends = row->asked != NOTHING && row->asked != QOS0;

	if (t->peer->lost != row->lost)
		fail_msg("%s: %slost", row->name, row->lost ? "not " : "");
	if (row->late)
		assert_int_equal(t->peer->done_ok, 1);
	if (!row->lost)
		return;
	print_message("%s: %s after %d ms\n", row->name, t->peer->why.text,
		      (int)t->took);
	assert_int_equal(strncmp(t->peer->why.text, "no answer", 9), 0);
	assert_in_range(t->took, row->keepalive == 4 ? 6500 : SLOW_MS,
			LOST_MS);
	assert_int_equal(t->peer->done_bad, ends);
}

static void end(struct try *t)
{
	peer_free(t->peer);
	if (is_fake(t->row))
		fake_stop(&t->fake);
}

/* All at once: it is the longest of them that one waits for. */
static void test_silence(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_ROWS; i++) {
		tries[i] = (struct try){ .row = &rows[i] };
		open_try(&tries[i]);
	}
	broker_kill(&broker, SIGSTOP);
	for (i = 0; i < N_ROWS; i++)
		begin(&tries[i]);
	while (now_ms() - tries[0].start < LOST_MS + 500) {
		for (i = 0; i < N_ROWS; i++)
			look(&tries[i]);
		run_for(10);
	}
	broker_kill(&broker, SIGCONT);
	for (i = 0; i < N_ROWS; i++)
		check(&tries[i]);
	for (i = 0; i < N_ROWS; i++)
		end(&tries[i]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_silence),
};

CASES(silence_cases, tests);
