// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a broker may say, and what it may not: each row is a client with
 * something outstanding, an answer, and the exact effect of it.
 *
 * An answer is written in hexadecimal; "id" stands for the id of what is
 * outstanding, "other" for one that is not; "|" stands before the packet that
 * is refused, where that is not the first one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "fake.h"

#define PREFIX		"protocol error: "
#define SETTLE_MS	20	/* time for what is not to happen */
#define ANSWER_MAX	4096

enum asked {
	NOTHING,
	OPENING,	/* CONNECT */
	QOS0,
	QOS1,
	QOS2,
	QOS2_REC,	/* PUBREC has come, PUBREL is out */
	SUB,
	UNSUB,
};

struct row {
	enum asked asked;
	const char *answer;
	const char *error;	/* the link ends with it; NULL: it stays */
	int ok, bad;		/* ends of what is outstanding */
	int received;		/* messages */
	const char *says;	/* the client, exactly once */
	int times;		/* the answer comes; 0: once */
};

enum ending {
	CLOSE,
	HANG_UP,
	HANG_UP_SLOWLY,		/* and the answer comes byte by byte */
	N_ENDINGS,
};

static const char *const ending_names[] = {
	[CLOSE] = "then a close",
	[HANG_UP] = "then the link's end",
	[HANG_UP_SLOWLY] = "byte by byte",
};

/* A row under way. */
struct scene {
	const struct row *row;
	struct fake fake;
	struct peer *peer;
	struct mqtt_open args;
	uint16_t id;
	uint8_t answer[ANSWER_MAX];
	size_t len;
	size_t refused;		/* offset of the packet that is */
};

static size_t put_id(uint8_t *out, uint16_t id)
{
	out[0] = id >> 8;
	out[1] = id;
	return 2;
}

static size_t encode(struct scene *s, const char *text, uint8_t *out)
{
	static const uint16_t other = 0x5a5a;
	char copy[512], *word, *rest = NULL;
	size_t len = 0;

	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	for (word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (!strcmp(word, "id"))
			len += put_id(out + len, s->id);
		else if (!strcmp(word, "other"))
			len += put_id(out + len, s->id ^ other);
		else if (!strcmp(word, "|"))
			s->refused = len;
		else
			out[len++] = strtoul(word, NULL, 16);
	}
	return len;
}

/* ---- what is outstanding ---- */

static void publish(struct scene *s, int qos)
{
	/* long enough that its memory is taken anew when freed too early */
	assert_int_equal(mqtt_publish(s->peer->client, 1, "t", qos, false,
				      "xxxxxxxxxxxxxxxx", 16),
			 0);
	ASSERT_WAIT(fake_packets(&s->fake, PUBLISH) == 1, 2000);
	if (qos)
		s->id = fake_id(&s->fake, PUBLISH);
}

static void ask(struct scene *s)
{
	struct mqtt_client *client = s->peer->client;

	switch (s->row->asked) {
	case NOTHING:
	case OPENING:
		break;
	case QOS0:
		publish(s, 0);
		ASSERT_WAIT(s->peer->done_ok == 1, 2000);
		s->peer->done_ok = 0;
		break;
	case QOS1:
		publish(s, 1);
		break;
	case QOS2:
		publish(s, 2);
		break;
	case QOS2_REC:
		publish(s, 2);
		FAKE_SAY(&s->fake, 0x50, 2, s->id >> 8, s->id & 0xff);
		ASSERT_WAIT(fake_packets(&s->fake, PUBREL) == 1, 2000);
		break;
	case SUB:
		assert_int_equal(mqtt_subscribe(client, 1, "s", 2), 0);
		ASSERT_WAIT((s->id = fake_id(&s->fake, SUBSCRIBE)), 2000);
		break;
	case UNSUB:
		assert_int_equal(mqtt_unsubscribe(client, 1, "s"), 0);
		ASSERT_WAIT((s->id = fake_id(&s->fake, UNSUBSCRIBE)), 2000);
		break;
	}
}

static bool is_request(const struct row *row)
{
	return row->asked >= QOS1;
}

static void begin(struct scene *s)
{
	fake_start(&s->fake);
	s->peer = peer_new();
	s->args = plain_args(s->fake.port, "answers");
	if (s->row->asked == OPENING) {
		s->fake.silent = true;
		assert_int_equal(mqtt_open(s->peer->client, &s->args), 0);
		ASSERT_WAIT(fake_packets(&s->fake, CONNECT) == 1, 2000);
		return;
	}
	peer_open(s->peer, &s->args);
	assert_int_equal(s->peer->opened, 1);
	ask(s);
}

/* ---- the answer ---- */

static bool link_is_over(const struct scene *s)
{
	return s->peer->lost || s->peer->failed || !s->fake.linked;
}

/* Each byte is a segment, and read before the next one. */
static void say_slowly(struct scene *s)
{
	size_t i;

	for (i = 0; i < s->len && !link_is_over(s); i++) {
		fake_say(&s->fake, s->answer + i, 1);
		run_for(1);
	}
}

static void say(struct scene *s, bool slowly)
{
	size_t one;
	int i;

	s->len = one = encode(s, s->row->answer, s->answer);
	for (i = 1; i < s->row->times; i++) {
		memcpy(s->answer + s->len, s->answer, one);
		s->len += one;
	}
	if (slowly)
		say_slowly(s);
	else
		fake_say(&s->fake, s->answer, s->len);
}

/* ---- the effect ---- */

/* A CONNACK that was refused never opened the link. */
static bool refuses_open(const struct row *row)
{
	return row->asked == OPENING && row->error && !row->ok;
}

static bool opens(const struct row *row)
{
	return row->asked != OPENING || row->ok;
}

static int said(struct scene *s)
{
	uint8_t bytes[64];

	if (!s->row->says)
		return 1;
	return fake_count(&s->fake, bytes, encode(s, s->row->says, bytes));
}

static bool has_come(struct scene *s)
{
	const struct row *row = s->row;
	const struct peer *p = s->peer;
	int ok = is_request(row) ? row->ok : 0;
	int bad = is_request(row) ? row->bad || (row->error && !ok) : 0;

	return p->opened == opens(row) && p->failed == refuses_open(row) &&
	       p->lost == (row->error && opens(row)) && p->done_ok == ok &&
	       p->done_bad == bad && p->received == row->received &&
	       said(s) == 1 && s->fake.linked == !row->error;
}

static void check(struct scene *s, const char *when)
{
	const struct peer *p = s->peer;

	if (!has_come(s))
		fail_msg("%s: opened %d, failed %d, lost %d (%s), done %d ok, "
			 "%d bad, %d messages, said %d times, link %s", when,
			 p->opened, p->failed, p->lost, p->why.text,
			 p->done_ok, p->done_bad, p->received, said(s),
			 s->fake.linked ? "up" : "down");
}

static void check_error(struct scene *s)
{
	const struct mqtt_reason *why = &s->peer->why;
	size_t size = s->len - s->refused;

	if (strncmp(why->text, PREFIX, strlen(PREFIX)) ||
	    !strstr(why->text, s->row->error))
		fail_msg("\"%s\" has not \"%s\"", why->text, s->row->error);
	assert_in_range(why->n_seen, 1, sizeof(why->seen));
	assert_memory_equal(why->seen, s->answer + s->refused,
			    why->n_seen < size ? why->n_seen : size);
	assert_int_equal(why->code, 0);
	/* with a DISCONNECT the broker would throw away the will */
	assert_int_equal(fake_packets(&s->fake, DISCONNECT), 0);
}

/* ---- the end, and life after it ---- */

static void end(struct scene *s, enum ending ending)
{
	struct peer *p = s->peer;
	int requests = is_request(s->row);

	if (s->row->error) {
		assert_int_equal(mqtt_close(p->client), -ENOTCONN);
	} else if (ending != CLOSE) {
		fake_hang_up(&s->fake);
		ASSERT_WAIT(p->lost + p->failed == 1, 2000);
		assert_string_equal(p->why.text, "closed by the broker");
		assert_int_equal(p->why.n_seen, 0);
	} else if (p->opened) {
		peer_close(p);
	} else {
		mqtt_abort(p->client);
	}
	run_for(SETTLE_MS);
	assert_int_equal(p->done_ok + p->done_bad, requests);
	assert_true(p->lost <= 1 && p->failed <= 1);
}

static void works_again(struct scene *s)
{
	struct peer *p = s->peer;
	int opened = p->opened;

	ASSERT_WAIT(!s->fake.linked, 2000);
	s->fake.silent = false;
	s->fake.serves = true;
	peer_open(p, &s->args);
	assert_int_equal(p->opened, opened + 1);
	peer_subscribe(p, "s", 1);
	peer_publish(p, "t", 2, "yyyyyyyyyyyyyyyy", 16);
	peer_close(p);
}

static void play(const struct row *row, enum ending ending)
{
	struct scene s = { .row = row };

	print_message("%s\n", ending_names[ending]);
	begin(&s);
	say(&s, ending == HANG_UP_SLOWLY);
	WAIT(has_come(&s), 2000);
	check(&s, "at first");
	run_for(SETTLE_MS);
	check(&s, "a moment later");
	if (row->error)
		check_error(&s);
	end(&s, ending);
	works_again(&s);
	peer_free(s.peer);
	fake_stop(&s.fake);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	enum ending ending;

	for (ending = 0; ending < N_ENDINGS; ending++)
		if (!row->times || ending != HANG_UP_SLOWLY)
			play(row, ending);
}

/* ---- what a row cannot say ---- */

static void say_ack(struct fake *fake, uint8_t type, uint16_t id)
{
	FAKE_SAY(fake, type, 2, id >> 8, id & 0xff);
}

/* A lost PUBREL makes brokers repeat themselves: the last 32 are known. */
static void test_answer_completed_32_ago(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	uint16_t id[33];
	struct fake fake;
	int i;

	(void)state;
	fake_start(&fake);
	fake.serves = true;
	args = plain_args(fake.port, "ago");
	peer_open(p, &args);
	for (i = 0; i < 33; i++) {
		peer_publish(p, "t", 2, "x", 1);
		id[i] = fake_id(&fake, PUBLISH);
	}
	for (i = 1; i < 33; i++) {
		say_ack(&fake, 0x50, id[i]);
		say_ack(&fake, 0x70, id[i]);
	}
	run_for(50);
	assert_int_equal(p->lost, 0);
	assert_int_equal(p->done_ok, 33);
	say_ack(&fake, 0x70, id[0]);
	ASSERT_WAIT(p->lost == 1, 2000);
	assert_int_equal(strncmp(p->why.text, PREFIX, strlen(PREFIX)), 0);
	assert_int_equal(p->done_ok + p->done_bad, 33);
	peer_free(p);
	fake_stop(&fake);
}

/* What waits behind the window has an id, but the broker can't know it. */
static void test_answer_to_what_was_not_sent(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	struct fake fake;
	int i, sent;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "window");
	peer_open(p, &args);
	for (i = 0; i < 100; i++)
		assert_int_equal(mqtt_publish(p->client, i, "t", 1, false,
					      "x", 1),
				 0);
	run_for(200);
	sent = fake_packets(&fake, PUBLISH);
	assert_in_range(sent, 1, 99);
	say_ack(&fake, 0x40, fake_id(&fake, PUBLISH) + 1);
	ASSERT_WAIT(p->lost == 1, 2000);
	assert_int_equal(strncmp(p->why.text, PREFIX, strlen(PREFIX)), 0);
	assert_int_equal(p->done_bad, 100);
	assert_int_equal(p->done_ok, 0);
	peer_free(p);
	fake_stop(&fake);
}

/* Many requests, acknowledged backwards and in turns: each has its own end. */
static void test_answer_in_any_order(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args;
	uint16_t id[3];
	struct fake fake;

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "order");
	peer_open(p, &args);
	mqtt_publish(p->client, 10, "t", 2, false, "x", 1);
	ASSERT_WAIT((id[0] = fake_id(&fake, PUBLISH)), 2000);
	mqtt_subscribe(p->client, 11, "s", 0);
	ASSERT_WAIT((id[1] = fake_id(&fake, SUBSCRIBE)), 2000);
	mqtt_publish(p->client, 12, "t", 1, false, "x", 1);
	ASSERT_WAIT(fake_packets(&fake, PUBLISH) == 2, 2000);
	id[2] = fake_id(&fake, PUBLISH);
	say_ack(&fake, 0x40, id[2]);
	ASSERT_WAIT(p->done_ok == 1 && p->last_token == 12, 2000);
	FAKE_SAY(&fake, 0x90, 3, id[1] >> 8, id[1] & 0xff, 0);
	ASSERT_WAIT(p->done_ok == 2 && p->last_token == 11, 2000);
	say_ack(&fake, 0x50, id[0]);
	say_ack(&fake, 0x70, id[0]);
	ASSERT_WAIT(p->done_ok == 3 && p->last_token == 10, 2000);
	assert_int_equal(p->lost + p->done_bad, 0);
	peer_free(p);
	fake_stop(&fake);
}

/* ---- the rows ---- */

#define ROW(name_, asked_, answer_, ...)                                 \
	{                                                                \
		.name = "answer_" name_, .test_func = test_row,          \
		.initial_state = &(struct row){                          \
			.asked = asked_, .answer = answer_, __VA_ARGS__  \
		}                                                        \
	}

/* It is harmless: what is outstanding goes on waiting. */
#define STAYS	.error = NULL
#define DONE	.ok = 1
#define GIVEN	.received = 1
#define ERROR(words)	.error = words

static const struct CMUnitTest tests[] = {
	/* each acknowledgement for each request */
	ROW("qos1_puback", QOS1, "40 02 id", DONE),
	ROW("qos1_pubrec", QOS1, "50 02 id",
	    ERROR("PUBREC for a PUBLISH of QoS 1")),
	ROW("qos1_pubrel", QOS1, "62 02 id", STAYS, .says = "70 02 id"),
	ROW("qos1_pubcomp", QOS1, "70 02 id",
	    ERROR("PUBCOMP for a PUBLISH of QoS 1")),
	ROW("qos1_pubrec_pubcomp", QOS1, "50 02 id 70 02 id",
	    ERROR("PUBREC for a PUBLISH of QoS 1")),
	ROW("qos1_suback", QOS1, "90 03 id 00",
	    ERROR("SUBACK for a PUBLISH of QoS 1")),
	ROW("qos1_unsuback", QOS1, "b0 02 id",
	    ERROR("UNSUBACK for a PUBLISH of QoS 1")),
	ROW("qos2_puback", QOS2, "40 02 id",
	    ERROR("PUBACK for a PUBLISH of QoS 2")),
	ROW("qos2_pubrec", QOS2, "50 02 id", STAYS, .says = "62 02 id"),
	ROW("qos2_pubrel", QOS2, "62 02 id", STAYS, .says = "70 02 id"),
	ROW("qos2_pubcomp_first", QOS2, "70 02 id",
	    ERROR("PUBCOMP for a PUBLISH of QoS 2")),
	ROW("qos2_suback", QOS2, "90 03 id 00",
	    ERROR("SUBACK for a PUBLISH of QoS 2")),
	ROW("qos2_unsuback", QOS2, "b0 02 id",
	    ERROR("UNSUBACK for a PUBLISH of QoS 2")),
	ROW("qos2_rec_puback", QOS2_REC, "40 02 id",
	    ERROR("PUBACK for a PUBREL")),
	ROW("qos2_rec_pubrel", QOS2_REC, "62 02 id", STAYS, .says = "70 02 id"),
	ROW("qos2_rec_pubcomp", QOS2_REC, "70 02 id", DONE),
	ROW("qos2_rec_suback", QOS2_REC, "90 03 id 00",
	    ERROR("SUBACK for a PUBREL")),
	ROW("qos2_rec_unsuback", QOS2_REC, "b0 02 id",
	    ERROR("UNSUBACK for a PUBREL")),
	ROW("sub_puback", SUB, "40 02 id", ERROR("PUBACK for a SUBSCRIBE")),
	ROW("sub_pubrec", SUB, "50 02 id", ERROR("PUBREC for a SUBSCRIBE")),
	ROW("sub_pubrel", SUB, "62 02 id", STAYS, .says = "70 02 id"),
	ROW("sub_pubcomp", SUB, "70 02 id", ERROR("PUBCOMP for a SUBSCRIBE")),
	ROW("sub_suback_0", SUB, "90 03 id 00", DONE),
	ROW("sub_suback_1", SUB, "90 03 id 01", DONE),
	ROW("sub_suback_2", SUB, "90 03 id 02", DONE),
	ROW("sub_suback_failure", SUB, "90 03 id 80", .bad = 1),
	ROW("sub_unsuback", SUB, "b0 02 id", ERROR("UNSUBACK for a SUBSCRIBE")),
	ROW("unsub_puback", UNSUB, "40 02 id",
	    ERROR("PUBACK for an UNSUBSCRIBE")),
	ROW("unsub_pubrec", UNSUB, "50 02 id",
	    ERROR("PUBREC for an UNSUBSCRIBE")),
	ROW("unsub_pubrel", UNSUB, "62 02 id", STAYS, .says = "70 02 id"),
	ROW("unsub_pubcomp", UNSUB, "70 02 id",
	    ERROR("PUBCOMP for an UNSUBSCRIBE")),
	ROW("unsub_suback", UNSUB, "90 03 id 00",
	    ERROR("SUBACK for an UNSUBSCRIBE")),
	ROW("unsub_unsuback", UNSUB, "b0 02 id", DONE),
	ROW("qos0_puback", QOS0, "40 02 other", ERROR("PUBACK for no request")),
	ROW("qos0_pubrec", QOS0, "50 02 other", ERROR("PUBREC for no request")),
	ROW("qos0_pubrel", QOS0, "62 02 other", STAYS, .says = "70 02 other"),
	ROW("qos0_pubcomp", QOS0, "70 02 other",
	    ERROR("PUBCOMP for no request")),
	ROW("qos0_suback", QOS0, "90 03 other 00",
	    ERROR("SUBACK for no request")),
	ROW("qos0_unsuback", QOS0, "b0 02 other",
	    ERROR("UNSUBACK for no request")),
	ROW("nothing_puback", NOTHING, "40 02 00 01",
	    ERROR("PUBACK for no request")),
	ROW("nothing_pubrec", NOTHING, "50 02 00 01",
	    ERROR("PUBREC for no request")),
	ROW("nothing_pubrel", NOTHING, "62 02 00 01", STAYS,
	    .says = "70 02 00 01"),
	ROW("nothing_pubcomp", NOTHING, "70 02 00 01",
	    ERROR("PUBCOMP for no request")),
	ROW("nothing_suback", NOTHING, "90 03 00 01 00",
	    ERROR("SUBACK for no request")),
	ROW("nothing_unsuback", NOTHING, "b0 02 00 01",
	    ERROR("UNSUBACK for no request")),

	/* twice, and after the end */
	ROW("puback_twice", QOS1, "40 02 id | 40 02 id", DONE,
	    ERROR("PUBACK for no request")),
	ROW("suback_twice", SUB, "90 03 id 00 | 90 03 id 00", DONE,
	    ERROR("SUBACK for no request")),
	ROW("unsuback_twice", UNSUB, "b0 02 id | b0 02 id", DONE,
	    ERROR("UNSUBACK for no request")),
	ROW("pubrec_again", QOS2_REC, "50 02 id", STAYS),
	ROW("pubrec_5_times", QOS2, "50 02 id", STAYS, .says = "62 02 id",
	    .times = 5),
	ROW("pubrec_pubcomp_at_once", QOS2, "50 02 id 70 02 id", DONE),
	ROW("pubrec_again_pubcomp", QOS2_REC, "50 02 id 70 02 id", DONE),
	ROW("pubcomp_twice", QOS2_REC, "70 02 id 70 02 id", DONE),
	ROW("pubcomp_pubrec", QOS2_REC, "70 02 id 50 02 id", DONE),
	ROW("pubcomp_then_puback", QOS2_REC, "70 02 id | 40 02 id", DONE,
	    ERROR("PUBACK for no request")),
	ROW("pubrel_of_two_ids", NOTHING, "62 02 00 01 62 02 00 02", STAYS,
	    .says = "70 02 00 02"),
	ROW("puback_then_pubcomp", QOS1, "40 02 id | 70 02 id", DONE,
	    ERROR("PUBCOMP for no request")),

	/* ids that are not outstanding; 0 is none */
	ROW("qos1_other_id", QOS1, "40 02 other",
	    ERROR("PUBACK for no request")),
	ROW("qos2_other_id", QOS2, "50 02 other",
	    ERROR("PUBREC for no request")),
	ROW("qos2_rec_other_id", QOS2_REC, "70 02 other",
	    ERROR("PUBCOMP for no request")),
	ROW("sub_other_id", SUB, "90 03 other 00",
	    ERROR("SUBACK for no request")),
	ROW("unsub_other_id", UNSUB, "b0 02 other",
	    ERROR("UNSUBACK for no request")),
	ROW("puback_id_0", QOS1, "40 02 00 00",
	    ERROR("PUBACK with packet id 0")),
	ROW("pubrec_id_0", QOS2, "50 02 00 00",
	    ERROR("PUBREC with packet id 0")),
	ROW("pubrel_id_0", NOTHING, "62 02 00 00",
	    ERROR("PUBREL with packet id 0")),
	ROW("pubcomp_id_0", QOS2_REC, "70 02 00 00",
	    ERROR("PUBCOMP with packet id 0")),
	ROW("suback_id_0", SUB, "90 03 00 00 00",
	    ERROR("SUBACK with packet id 0")),
	ROW("unsuback_id_0", UNSUB, "b0 02 00 00",
	    ERROR("UNSUBACK with packet id 0")),

	/* a packet that does not end: it may still come */
	ROW("a_first_byte", QOS1, "40", STAYS),
	ROW("puback_cut", QOS1, "40 02 00", STAYS),
	ROW("pubrec_cut", QOS2, "50 02 00", STAYS),
	ROW("pubrel_cut", NOTHING, "62 02", STAYS),
	ROW("pubcomp_cut", QOS2_REC, "70 02", STAYS),
	ROW("suback_cut", SUB, "90 03 id", STAYS),
	ROW("unsuback_cut", UNSUB, "b0 02 00", STAYS),
	ROW("pingresp_cut", NOTHING, "d0", STAYS),
	ROW("publish_cut_in_length", NOTHING, "30 80", STAYS),
	ROW("publish_cut_before_topic", NOTHING, "30 05", STAYS),
	ROW("publish_cut_in_topic", NOTHING, "30 06 00 03 61", STAYS),
	ROW("publish_cut_in_id", NOTHING, "32 06 00 01 74 00", STAYS),
	ROW("publish_cut_in_payload", NOTHING, "34 09 00 01 74 00 07 61",
	    STAYS),
	ROW("publish_of_256_mb_cut", NOTHING, "30 ff ff ff 7f 00 01 61", STAYS),
	ROW("connack_cut", OPENING, "20 02 00", STAYS),

	/* empty, a byte short, a byte long */
	ROW("puback_empty", QOS1, "40 00", ERROR("PUBACK of 0 bytes")),
	ROW("puback_short", QOS1, "40 01 00", ERROR("PUBACK of 1 bytes")),
	ROW("puback_long", QOS1, "40 03 id 00", ERROR("PUBACK of 3 bytes")),
	ROW("pubrec_empty", QOS2, "50 00", ERROR("PUBREC of 0 bytes")),
	ROW("pubrec_short", QOS2, "50 01 00", ERROR("PUBREC of 1 bytes")),
	ROW("pubrec_long", QOS2, "50 03 id 00", ERROR("PUBREC of 3 bytes")),
	ROW("pubrel_empty", NOTHING, "62 00", ERROR("PUBREL of 0 bytes")),
	ROW("pubrel_short", NOTHING, "62 01 00", ERROR("PUBREL of 1 bytes")),
	ROW("pubrel_long", NOTHING, "62 03 00 01 00",
	    ERROR("PUBREL of 3 bytes")),
	ROW("pubcomp_empty", QOS2_REC, "70 00", ERROR("PUBCOMP of 0 bytes")),
	ROW("pubcomp_short", QOS2_REC, "70 01 00", ERROR("PUBCOMP of 1 bytes")),
	ROW("pubcomp_long", QOS2_REC, "70 03 id 00",
	    ERROR("PUBCOMP of 3 bytes")),
	ROW("suback_empty", SUB, "90 00", ERROR("SUBACK of 0 bytes")),
	ROW("suback_short", SUB, "90 01 00", ERROR("SUBACK of 1 bytes")),
	ROW("suback_without_code", SUB, "90 02 id", ERROR("SUBACK of 2 bytes")),
	ROW("suback_without_code_other_id", SUB, "90 02 other",
	    ERROR("SUBACK of 2 bytes")),
	ROW("suback_2_codes", SUB, "90 04 id 00 00",
	    ERROR("SUBACK of 4 bytes")),
	ROW("suback_code_3", SUB, "90 03 id 03",
	    ERROR("SUBACK with return code 3")),
	ROW("suback_code_7f", SUB, "90 03 id 7f",
	    ERROR("SUBACK with return code 127")),
	ROW("suback_code_81", SUB, "90 03 id 81",
	    ERROR("SUBACK with return code 129")),
	ROW("suback_code_ff", SUB, "90 03 id ff",
	    ERROR("SUBACK with return code 255")),
	ROW("unsuback_empty", UNSUB, "b0 00", ERROR("UNSUBACK of 0 bytes")),
	ROW("unsuback_short", UNSUB, "b0 01 00", ERROR("UNSUBACK of 1 bytes")),
	ROW("unsuback_long", UNSUB, "b0 03 id 00",
	    ERROR("UNSUBACK of 3 bytes")),
	ROW("pingresp_long", NOTHING, "d0 01 00", ERROR("PINGRESP of 1 bytes")),
	ROW("publish_empty", NOTHING, "30 00", ERROR("PUBLISH of 0 bytes")),
	ROW("publish_1_byte", NOTHING, "30 01 00", ERROR("PUBLISH of 1 bytes")),
	ROW("publish_short_topic", NOTHING, "30 03 00 02 61",
	    ERROR("PUBLISH shorter than its topic")),
	ROW("publish_topic_beyond", NOTHING, "30 04 ff ff 61 62",
	    ERROR("PUBLISH shorter than its topic")),
	ROW("publish_no_id", NOTHING, "32 03 00 01 74",
	    ERROR("PUBLISH of 3 bytes")),
	ROW("publish_half_an_id", NOTHING, "34 04 00 01 74 00",
	    ERROR("PUBLISH shorter than its topic")),

	/* lengths of 5 bytes, of 256 MB, and written longer than needed */
	ROW("publish_length_of_5", NOTHING, "30 ff ff ff ff 01",
	    ERROR("length of more than 4 bytes")),
	ROW("publish_length_of_5_zeros", NOTHING, "30 80 80 80 80 00",
	    ERROR("length of more than 4 bytes")),
	ROW("puback_length_of_5", QOS1, "40 82 80 80 80 00 id",
	    ERROR("length of more than 4 bytes")),
	ROW("puback_of_256_mb", QOS1, "40 ff ff ff 7f",
	    ERROR("PUBACK of 268435455 bytes")),
	ROW("pubrec_of_256_mb", QOS2, "50 ff ff ff 7f",
	    ERROR("PUBREC of 268435455 bytes")),
	ROW("pubrel_of_256_mb", NOTHING, "62 ff ff ff 7f",
	    ERROR("PUBREL of 268435455 bytes")),
	ROW("pubcomp_of_256_mb", QOS2_REC, "70 ff ff ff 7f",
	    ERROR("PUBCOMP of 268435455 bytes")),
	ROW("suback_of_256_mb", SUB, "90 ff ff ff 7f",
	    ERROR("SUBACK of 268435455 bytes")),
	ROW("unsuback_of_256_mb", UNSUB, "b0 ff ff ff 7f",
	    ERROR("UNSUBACK of 268435455 bytes")),
	ROW("pingresp_of_256_mb", NOTHING, "d0 ff ff ff 7f",
	    ERROR("PINGRESP of 268435455 bytes")),
	ROW("connack_of_256_mb", OPENING, "20 ff ff ff 7f",
	    ERROR("CONNACK of 268435455 bytes")),
	ROW("puback_length_of_2", QOS1, "40 82 00 id", DONE),
	ROW("suback_length_of_4", SUB, "90 83 80 80 00 id 00", DONE),

	/* what only a client says, and what nobody does */
	ROW("type_0", NOTHING, "00 00",
	    ERROR("packet of type 0 from the broker")),
	ROW("connect", NOTHING, "10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 61",
	    ERROR("CONNECT from the broker")),
	ROW("subscribe", NOTHING, "82 06 00 01 00 01 61 00",
	    ERROR("SUBSCRIBE from the broker")),
	ROW("unsubscribe", NOTHING, "a2 05 00 01 00 01 61",
	    ERROR("UNSUBSCRIBE from the broker")),
	ROW("pingreq", NOTHING, "c0 00", ERROR("PINGREQ from the broker")),
	ROW("disconnect", NOTHING, "e0 00",
	    ERROR("DISCONNECT from the broker")),
	ROW("type_15", NOTHING, "f0 00",
	    ERROR("packet of type 15 from the broker")),
	ROW("type_15_under_way", QOS2_REC, "f0 00",
	    ERROR("packet of type 15 from the broker")),

	/* flags */
	ROW("connack_flags", OPENING, "21 02 00 00",
	    ERROR("CONNACK with wrong flags")),
	ROW("puback_flags_1", QOS1, "41 02 id",
	    ERROR("PUBACK with wrong flags")),
	ROW("puback_flags_2", QOS1, "42 02 id",
	    ERROR("PUBACK with wrong flags")),
	ROW("pubrec_flags", QOS2, "58 02 id", ERROR("PUBREC with wrong flags")),
	ROW("pubrel_flags_0", NOTHING, "60 02 00 01",
	    ERROR("PUBREL with wrong flags")),
	ROW("pubrel_flags_3", NOTHING, "63 02 00 01",
	    ERROR("PUBREL with wrong flags")),
	ROW("pubrel_flags_10", NOTHING, "6a 02 00 01",
	    ERROR("PUBREL with wrong flags")),
	ROW("pubcomp_flags", QOS2_REC, "72 02 id",
	    ERROR("PUBCOMP with wrong flags")),
	ROW("suback_flags", SUB, "92 03 id 00",
	    ERROR("SUBACK with wrong flags")),
	ROW("unsuback_flags", UNSUB, "b2 02 id",
	    ERROR("UNSUBACK with wrong flags")),
	ROW("pingresp_flags", NOTHING, "d1 00",
	    ERROR("PINGRESP with wrong flags")),

	/* PINGRESP that nobody asked for */
	ROW("pingresp", NOTHING, "d0 00", STAYS),
	ROW("pingresp_1000_times", NOTHING, "d0 00", STAYS, .times = 1000),
	ROW("pingresp_under_way", QOS1, "d0 00 40 02 id", DONE),

	/* CONNACK */
	ROW("connack", OPENING, "20 02 00 00", DONE),
	ROW("connack_session_present", OPENING, "20 02 01 00", DONE),
	ROW("connack_reserved_2", OPENING, "20 02 02 00",
	    ERROR("CONNACK with wrong flags")),
	ROW("connack_reserved_80", OPENING, "20 02 80 00",
	    ERROR("CONNACK with wrong flags")),
	ROW("connack_reserved_ff", OPENING, "20 02 ff 00",
	    ERROR("CONNACK with wrong flags")),
	ROW("connack_code_6", OPENING, "20 02 00 06",
	    ERROR("CONNACK with return code 6")),
	ROW("connack_code_ff", OPENING, "20 02 00 ff",
	    ERROR("CONNACK with return code 255")),
	ROW("connack_empty", OPENING, "20 00", ERROR("CONNACK of 0 bytes")),
	ROW("connack_short", OPENING, "20 01 00", ERROR("CONNACK of 1 bytes")),
	ROW("connack_long", OPENING, "20 03 00 00 00",
	    ERROR("CONNACK of 3 bytes")),
	ROW("connack_twice", OPENING, "20 02 00 00 | 20 02 00 00", DONE,
	    ERROR("a second CONNACK")),
	ROW("connack_again", NOTHING, "20 02 00 00", ERROR("a second CONNACK")),
	ROW("connack_under_way", QOS2_REC, "20 02 01 00",
	    ERROR("a second CONNACK")),
	ROW("publish_before_connack", OPENING, "30 04 00 01 74 78",
	    ERROR("PUBLISH before CONNACK")),
	ROW("puback_before_connack", OPENING, "40 02 00 01",
	    ERROR("PUBACK before CONNACK")),
	ROW("suback_before_connack", OPENING, "90 03 00 01 00",
	    ERROR("SUBACK before CONNACK")),
	ROW("pubrel_before_connack", OPENING, "62 02 00 01",
	    ERROR("PUBREL before CONNACK")),
	ROW("pingresp_before_connack", OPENING, "d0 00",
	    ERROR("PINGRESP before CONNACK")),
	ROW("type_0_before_connack", OPENING, "00 00",
	    ERROR("packet of type 0 from the broker")),
	ROW("connack_and_publish", OPENING, "20 02 00 00 30 04 00 01 74 78",
	    DONE, GIVEN),

	/* PUBLISH */
	ROW("publish_qos0", NOTHING, "30 04 00 01 74 78", GIVEN),
	ROW("publish_retained", NOTHING, "31 04 00 01 74 78", GIVEN),
	ROW("publish_qos1", NOTHING, "32 06 00 01 74 00 07 78", GIVEN,
	    .says = "40 02 00 07"),
	ROW("publish_qos1_dup", NOTHING, "3b 06 00 01 74 00 07 78", GIVEN,
	    .says = "40 02 00 07"),
	ROW("publish_qos2", NOTHING, "34 06 00 01 74 00 07 78", GIVEN,
	    .says = "50 02 00 07"),
	ROW("publish_qos2_released", NOTHING,
	    "34 06 00 01 74 00 07 78 62 02 00 07", GIVEN,
	    .says = "70 02 00 07"),
	ROW("publish_without_payload", NOTHING, "30 03 00 01 74", GIVEN),
	ROW("publish_under_way", QOS2_REC, "30 03 00 01 74 70 02 id", DONE,
	    GIVEN),
	ROW("publish_id_of_ours", QOS1, "32 05 00 01 74 id", GIVEN,
	    .says = "40 02 id"),
	ROW("publish_qos3", NOTHING, "36 06 00 01 74 00 07 78",
	    ERROR("PUBLISH of QoS 3")),
	ROW("publish_qos3_dup", NOTHING, "3e 06 00 01 74 00 07 78",
	    ERROR("PUBLISH of QoS 3")),
	ROW("publish_qos0_dup", NOTHING, "38 04 00 01 74 78",
	    ERROR("PUBLISH of QoS 0 with DUP")),
	ROW("publish_qos1_id_0", NOTHING, "32 06 00 01 74 00 00 78",
	    ERROR("PUBLISH with packet id 0")),
	ROW("publish_qos2_id_0", NOTHING, "34 06 00 01 74 00 00 78",
	    ERROR("PUBLISH with packet id 0")),
	ROW("publish_good_then_bad", NOTHING, "30 04 00 01 74 78 | 30 02 00 00",
	    GIVEN, ERROR("PUBLISH without a topic")),

	/* its topic */
	ROW("topic_empty", NOTHING, "30 03 00 00 78",
	    ERROR("PUBLISH without a topic")),
	ROW("topic_empty_qos1", NOTHING, "32 05 00 00 00 07 78",
	    ERROR("PUBLISH without a topic")),
	ROW("topic_nul", NOTHING, "30 05 00 03 61 00 62",
	    ERROR("topic that is no text")),
	ROW("topic_nul_first", NOTHING, "30 03 00 01 00",
	    ERROR("topic that is no text")),
	ROW("topic_nul_last", NOTHING, "30 04 00 02 61 00",
	    ERROR("topic that is no text")),
	ROW("topic_cr_lf", NOTHING, "30 06 00 04 61 0d 0a 62",
	    ERROR("topic that is no text")),
	ROW("topic_escape", NOTHING, "30 04 00 02 61 1b",
	    ERROR("topic that is no text")),
	ROW("topic_1f", NOTHING, "30 04 00 02 61 1f",
	    ERROR("topic that is no text")),
	ROW("topic_blank", NOTHING, "30 04 00 02 61 20", GIVEN),
	ROW("topic_tilde", NOTHING, "30 04 00 02 61 7e", GIVEN),
	ROW("topic_delete", NOTHING, "30 04 00 02 61 7f",
	    ERROR("topic that is no text")),
	ROW("topic_u_0080", NOTHING, "30 04 00 02 c2 80",
	    ERROR("topic that is no text")),
	ROW("topic_u_0085", NOTHING, "30 05 00 03 61 c2 85",
	    ERROR("topic that is no text")),
	ROW("topic_u_009f", NOTHING, "30 04 00 02 c2 9f",
	    ERROR("topic that is no text")),
	ROW("topic_u_00a0", NOTHING, "30 04 00 02 c2 a0", GIVEN),
	ROW("topic_2_byte_letter", NOTHING, "30 04 00 02 c3 a9", GIVEN),
	ROW("topic_3_byte_letter", NOTHING, "30 05 00 03 e2 82 ac", GIVEN),
	ROW("topic_4_byte_letter", NOTHING, "30 06 00 04 f0 9f 98 80", GIVEN),
	ROW("topic_overlong_nul", NOTHING, "30 04 00 02 c0 80",
	    ERROR("topic that is no text")),
	ROW("topic_overlong_2", NOTHING, "30 04 00 02 c1 bf",
	    ERROR("topic that is no text")),
	ROW("topic_overlong_3", NOTHING, "30 05 00 03 e0 9f bf",
	    ERROR("topic that is no text")),
	ROW("topic_overlong_4", NOTHING, "30 06 00 04 f0 8f bf bf",
	    ERROR("topic that is no text")),
	ROW("topic_before_surrogates", NOTHING, "30 05 00 03 ed 9f bf", GIVEN),
	ROW("topic_surrogate", NOTHING, "30 05 00 03 ed a0 80",
	    ERROR("topic that is no text")),
	ROW("topic_last_surrogate", NOTHING, "30 05 00 03 ed bf bf",
	    ERROR("topic that is no text")),
	ROW("topic_last_code_point", NOTHING, "30 06 00 04 f4 8f bf bd", GIVEN),
	ROW("topic_beyond_unicode", NOTHING, "30 06 00 04 f4 90 80 80",
	    ERROR("topic that is no text")),
	ROW("topic_f5", NOTHING, "30 06 00 04 f5 80 80 80",
	    ERROR("topic that is no text")),
	ROW("topic_lone_continuation", NOTHING, "30 04 00 02 61 80",
	    ERROR("topic that is no text")),
	ROW("topic_half_a_letter", NOTHING, "30 05 00 02 61 c3 78",
	    ERROR("topic that is no text")),
	ROW("topic_broken_letter", NOTHING, "30 05 00 03 e2 82 61",
	    ERROR("topic that is no text")),
	ROW("topic_letter_into_payload", NOTHING, "30 06 00 02 61 c3 a9 78",
	    ERROR("topic that is no text")),
	ROW("topic_hash", NOTHING, "30 05 00 03 61 2f 23",
	    ERROR("topic with a wildcard")),
	ROW("topic_plus", NOTHING, "30 05 00 03 2b 2f 61",
	    ERROR("topic with a wildcard")),
	ROW("topic_quote", NOTHING, "30 05 00 03 61 22 62", GIVEN),

	cmocka_unit_test(test_answer_completed_32_ago),
	cmocka_unit_test(test_answer_to_what_was_not_sent),
	cmocka_unit_test(test_answer_in_any_order),
};

CASES(answers_cases, tests);
