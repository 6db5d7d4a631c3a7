// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The door in front of paho: what it gives of what a broker sends, however
 * that is cut into pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/door.h"

#define PAYLOAD_MAX	4	/* bytes, here */

#define CONNECT		"\x10\x02\x00\x00"
#define CONNACK		"\x20\x02\x00\x00"
#define PUB1		"\x32\x06\x00\x01t\x00\x07p"	/* id 7 */
#define PUB2		"\x34\x06\x00\x01t\x00\x07p"
#define SUB		"\x82\x06\x00\x07\x00\x01t\x01"
#define UNSUB		"\xa2\x05\x00\x07\x00\x01t"
#define PUBREL		"\x62\x02\x00\x07"
#define PING		"\xc0\x00"
#define PUBACK		"\x40\x02\x00\x07"
#define PUBREC		"\x50\x02\x00\x07"
#define PUBCOMP		"\x70\x02\x00\x07"
#define SUBACK		"\x90\x03\x00\x07\x01"
#define UNSUBACK	"\xb0\x02\x00\x07"
#define PINGRESP	"\xd0\x00"

/*
 * After CONNECT and CONNACK: in turns what we send and what comes; what the
 * door gives of it in the end (NULL: all), and why it refuses (NULL: not).
 */
struct row {
	const char *name;
	struct {
		const char *sent, *came;
		size_t sent_len, came_len;
	} turns[3];
	const char *given;
	size_t given_len;
	const char *refused;
};

#define TURN(sent, came) { sent, came, sizeof(sent) - 1, sizeof(came) - 1 }
#define ONE(sent, came) { TURN(sent, came) }
#define ALL		NULL, 0
#define ONLY(bytes)	bytes, sizeof(bytes) - 1
#define NOTHING		"", 0

static const struct row rows[] = {
	{ "PUBACK", ONE(PUB1, PUBACK), ALL, NULL },
	{ "PUBACK twice", ONE(PUB1, PUBACK PUBACK), ONLY(PUBACK),
	  "PUBACK for no request" },
	{ "PUBACK for nothing", ONE("", PUBACK), NOTHING,
	  "PUBACK for no request" },
	{ "PUBACK for another id", ONE(PUB1, "\x40\x02\x00\x08"), NOTHING,
	  "PUBACK for no request" },
	{ "PUBACK for QoS 0", ONE("\x30\x05\x00\x01t\x00\x07", PUBACK),
	  NOTHING, "PUBACK for no request" },
	{ "PUBACK for QoS 2", ONE(PUB2, PUBACK), NOTHING,
	  "PUBACK for a PUBLISH of QoS 2" },
	{ "PUBACK for SUBSCRIBE", ONE(SUB, PUBACK), NOTHING,
	  "PUBACK for a SUBSCRIBE" },
	{ "PUBACK for half a PUBLISH", ONE("\x32\x06\x00\x01t\x00\x07",
					   PUBACK), NOTHING,
	  "PUBACK for no request" },
	{ "PUBREC for QoS 1", ONE(PUB1, PUBREC), NOTHING,
	  "PUBREC for a PUBLISH of QoS 1" },
	{ "PUBCOMP for QoS 1", ONE(PUB1, PUBCOMP), NOTHING,
	  "PUBCOMP for a PUBLISH of QoS 1" },
	{ "SUBACK for QoS 1", ONE(PUB1, SUBACK), NOTHING,
	  "SUBACK for a PUBLISH of QoS 1" },
	{ "PUBREC, PUBCOMP", { TURN(PUB2, PUBREC), TURN(PUBREL, PUBCOMP) },
	  ALL, NULL },
	{ "PUBREC three times",
	  { TURN(PUB2, PUBREC PUBREC), TURN(PUBREL, PUBREC PUBCOMP) },
	  ONLY(PUBREC PUBCOMP), NULL },
	{ "PUBCOMP twice, PUBREC",
	  { TURN(PUB2, PUBREC), TURN(PUBREL, PUBCOMP PUBCOMP PUBREC) },
	  ONLY(PUBREC PUBCOMP), NULL },
	{ "PUBCOMP first", ONE(PUB2, PUBCOMP), NOTHING,
	  "PUBCOMP for a PUBLISH of QoS 2" },
	{ "PUBCOMP before PUBREL", ONE(PUB2, PUBREC PUBCOMP), ONLY(PUBREC),
	  "PUBCOMP for a PUBLISH of QoS 2 without PUBREL" },
	{ "PUBACK after PUBREC", { TURN(PUB2, PUBREC), TURN(PUBREL, PUBACK) },
	  ONLY(PUBREC), "PUBACK for a PUBREL" },
	{ "PUBCOMP for an id used anew",
	  { TURN(PUB2, PUBREC), TURN(PUBREL, PUBCOMP), TURN(PUB1, PUBCOMP) },
	  ONLY(PUBREC PUBCOMP), "PUBCOMP for a PUBLISH of QoS 1" },
	{ "SUBACK", ONE(SUB, SUBACK), ALL, NULL },
	{ "SUBACK of refusal", ONE(SUB, "\x90\x03\x00\x07\x80"), ALL, NULL },
	{ "SUBACK of code 3", ONE(SUB, "\x90\x03\x00\x07\x03"), NOTHING,
	  "SUBACK with return code 3" },
	{ "SUBACK without code", ONE(SUB, "\x90\x02\x00\x07"), NOTHING,
	  "SUBACK of 2 bytes" },
	{ "SUBACK of two codes", ONE(SUB, "\x90\x04\x00\x07\x01\x01"),
	  NOTHING, "SUBACK of 4 bytes" },
	{ "SUBACK for UNSUBSCRIBE", ONE(UNSUB, SUBACK), NOTHING,
	  "SUBACK for an UNSUBSCRIBE" },
	{ "UNSUBACK", ONE(UNSUB, UNSUBACK), ALL, NULL },
	{ "UNSUBACK for SUBSCRIBE", ONE(SUB, UNSUBACK), NOTHING,
	  "UNSUBACK for a SUBSCRIBE" },
	{ "id 0", ONE(PUB1, "\x40\x02\x00\x00"), NOTHING,
	  "PUBACK with packet id 0" },
	{ "PUBREL of any id", ONE("", PUBREL), ALL, NULL },
	{ "PUBREL of flags 0", ONE("", "\x60\x02\x00\x07"), NOTHING,
	  "PUBREL with wrong flags" },
	{ "PUBACK of flags 1", ONE(PUB1, "\x41\x02\x00\x07"), NOTHING,
	  "PUBACK with wrong flags" },
	{ "PINGRESP", ONE(PING, PINGRESP), ALL, NULL },
	{ "PINGRESP for nothing", ONE(PING, PINGRESP PINGRESP PINGRESP),
	  ONLY(PINGRESP), NULL },
	{ "PINGRESP of 1 byte", ONE(PING, "\xd0\x01\x00"), NOTHING,
	  "PINGRESP of 1 bytes" },
	{ "long form of a length", ONE(PUB1, "\x40\x82\x80\x00\x00\x07"),
	  ONLY(PUBACK), NULL },
	{ "length of 5 bytes", ONE("", "\x30\xff\xff\xff\xff\x01"), NOTHING,
	  "length of more than 4 bytes" },
	{ "CONNACK twice", ONE("", CONNACK), NOTHING, "a second CONNACK" },
	{ "CONNECT", ONE("", CONNECT), NOTHING, "CONNECT from the broker" },
	{ "SUBSCRIBE", ONE("", SUB), NOTHING, "SUBSCRIBE from the broker" },
	{ "UNSUBSCRIBE", ONE("", UNSUB), NOTHING,
	  "UNSUBSCRIBE from the broker" },
	{ "PINGREQ", ONE("", PING), NOTHING, "PINGREQ from the broker" },
	{ "DISCONNECT", ONE("", "\xe0\x00"), NOTHING,
	  "DISCONNECT from the broker" },
	{ "type 0", ONE("", "\0\0"), NOTHING,
	  "packet of type 0 from the broker" },
	{ "type 15", ONE("", "\xf0\x00"), NOTHING,
	  "packet of type 15 from the broker" },
	{ "PUBLISH of QoS 0", ONE("", "\x30\x05\x00\x01t12"), ALL, NULL },
	{ "PUBLISH, retained", ONE("", "\x31\x03\x00\x01t"), ALL, NULL },
	{ "PUBLISH of QoS 1", ONE("", "\x32\x05\x00\x01t\x00\x01"), ALL,
	  NULL },
	{ "PUBLISH of QoS 2, DUP", ONE("", "\x3c\x06\x00\x01t\x01\x00p"), ALL,
	  NULL },
	{ "PUBLISH of QoS 3", ONE("", "\x36\x05\x00\x01t\x00\x01"), NOTHING,
	  "PUBLISH of QoS 3" },
	{ "PUBLISH of QoS 0, DUP", ONE("", "\x38\x03\x00\x01t"), NOTHING,
	  "PUBLISH of QoS 0 with DUP" },
	{ "PUBLISH with id 0", ONE("", "\x32\x05\x00\x01t\x00\x00"), NOTHING,
	  "PUBLISH with packet id 0" },
	{ "PUBLISH without id", ONE("", "\x32\x03\x00\x01t"), NOTHING,
	  "PUBLISH of 3 bytes" },
	{ "PUBLISH without a byte", ONE("", "\x30\x00"), NOTHING,
	  "PUBLISH of 0 bytes" },
	{ "topic without a byte", ONE("", "\x30\x03\x00\x00p"), NOTHING,
	  "PUBLISH without a topic" },
	{ "topic beyond the packet", ONE("", "\x30\x03\x00\x02t"), NOTHING,
	  "PUBLISH shorter than its topic" },
	{ "topic that takes the id", ONE("", "\x32\x05\x00\x02tt\x01"),
	  NOTHING, "PUBLISH shorter than its topic" },
	{ "topic with CR LF", ONE("", "\x30\x05\x00\x03t\r\n"), NOTHING,
	  "topic that is no text" },
	{ "topic with U+0085", ONE("", "\x30\x05\x00\x03t\xc2\x85"), NOTHING,
	  "topic that is no text" },
	{ "topic with half a character", ONE("", "\x30\x04\x00\x02t\xc3"),
	  NOTHING, "topic that is no text" },
	{ "topic of UTF-8", ONE("", "\x30\x05\x00\x03t\xc3\xa4"), ALL, NULL },
	{ "topic with +", ONE("", "\x30\x05\x00\x03t/+"), NOTHING,
	  "topic with a wildcard" },
	{ "topic with #", ONE("", "\x30\x03\x00\x01#"), NOTHING,
	  "topic with a wildcard" },
	{ "payload of the limit", ONE("", "\x30\x07\x00\x01t1234"), ALL,
	  NULL },
	{ "payload beyond it, then another",
	  ONE("", "\x30\x08\x00\x01t12345" "\x30\x04\x00\x01u1"),
	  ONLY("\x30\x07\x00\x01t1234" "\x30\x04\x00\x01u1"), NULL },
	{ "cut payload that breaks off",
	  ONE("", "\x32\x0c\x00\x01t\x00\x07" "123456"),
	  ONLY("\x32\x09\x00\x01t\x00\x07" "123"), NULL },
};

/* What a peer sends, @piece bytes at a time, then nothing more. */
struct wire {
	const char *p;
	size_t len, piece;
};

static ssize_t raw(void *ctx, void *buf, size_t len)
{
	struct wire *w = ctx;
	size_t n = len < w->piece ? len : w->piece;

	if (!w->len) {
		errno = EAGAIN;
		return -1;
	}
	n = n < w->len ? n : w->len;
	memcpy(buf, w->p, n);
	w->p += n;
	w->len -= n;
	return (ssize_t)n;
}

struct reader {
	struct door door;
	char got[2048];
	size_t len;
	size_t piece;		/* of what comes, and of each read */
	int err;		/* what the last read failed with */
};

static void come(struct reader *r, const char *p, size_t len)
{
	struct wire w = { p, len, r->piece };
	ssize_t n;

	do {
		assert_true(r->len + r->piece <= sizeof(r->got));
		n = door_read(&r->door, r->got + r->len, r->piece, raw, &w);
		r->len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	r->err = errno;
}

static void begin(struct reader *r, size_t piece)
{
	memset(r, 0xaa, sizeof(*r));
	door_init(&r->door, PAYLOAD_MAX);
	r->len = 0;
	r->piece = piece;
	door_sent(&r->door, CONNECT, sizeof(CONNECT) - 1);
	come(r, CONNACK, sizeof(CONNACK) - 1);
	assert_int_equal(r->len, sizeof(CONNACK) - 1);
	r->len = 0;
}

/* Each byte by itself, too: paho may write so. */
static void send_bytes(struct reader *r, const char *p, size_t len)
{
	size_t i;

	if (r->piece > 1)
		door_sent(&r->door, p, len);
	for (i = 0; r->piece == 1 && i < len; i++)
		door_sent(&r->door, p + i, 1);
}

static void try_row(const struct row *row, size_t piece)
{
	struct reader r;
	char all[2048];
	size_t len = 0, i;

	begin(&r, piece);
	for (i = 0; i < 3 && row->turns[i].came; i++) {
		send_bytes(&r, row->turns[i].sent, row->turns[i].sent_len);
		come(&r, row->turns[i].came, row->turns[i].came_len);
		memcpy(all + len, row->turns[i].came, row->turns[i].came_len);
		len += row->turns[i].came_len;
	}
	assert_string_equal(r.door.refused, row->refused ? row->refused : "");
	assert_int_equal(r.err, row->refused ? EPROTO : EAGAIN);
	if (row->given)
		len = row->given_len;
	/* of a packet that is refused a part may have been given */
	if (row->refused)
		assert_true(r.len >= len);
	else
		assert_int_equal(r.len, len);
	assert_memory_equal(r.got, row->given ? row->given : all, len);
}

static void each_row(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 5, 64 };
	size_t i, p;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		for (p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++)
			try_row(&rows[i], pieces[p]);
	}
}

static void before_connack(void **state)
{
	static const struct {
		const char *sent, *came;
		size_t len;
		const char *refused;
	} early[] = {
		{ "", CONNACK, 4, "CONNACK before CONNECT" },
		{ CONNECT, PINGRESP, 2, "PINGRESP before CONNACK" },
		{ CONNECT, "\x30\x03\x00\x01t", 5, "PUBLISH before CONNACK" },
		{ CONNECT, "\x20\x02\x02\x00", 4, "CONNACK with wrong flags" },
		{ CONNECT, "\x20\x02\x00\x06", 4,
		  "CONNACK with return code 6" },
		{ CONNECT, "\x20\x03\x00\x00\x00", 5, "CONNACK of 3 bytes" },
		{ CONNECT, "\x20\x02\x01\x00", 4, "" },
		{ CONNECT, "\x20\x02\x00\x05", 4, "" },
		{ CONNECT, "\x20\x02\x00\x05" CONNACK, 8,
		  "CONNACK before CONNECT" },
	};
	struct reader r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
		memset(&r, 0, sizeof(r));
		door_init(&r.door, PAYLOAD_MAX);
		r.piece = 64;
		door_sent(&r.door, early[i].sent, strlen(early[i].sent) ? 4 : 0);
		come(&r, early[i].came, early[i].len);
		assert_string_equal(r.door.refused, early[i].refused);
		assert_int_equal(r.len, early[i].len == 8 ||
						!early[i].refused[0] ? 4 : 0);
	}
}

/* The packet's first bytes, whatever of it has been looked at. */
static void what_is_refused_is_seen(void **state)
{
	static const char bad[] = PUBREL "\x36\x20\x00\x01t\x00\x01" "67890123456";
	struct reader r;

	(void)state;
	begin(&r, 64);
	come(&r, bad, sizeof(bad) - 1);
	assert_int_equal(r.door.n_seen, 16);
	assert_memory_equal(r.door.seen, bad + 4, 16);
	begin(&r, 1);
	come(&r, bad, sizeof(bad) - 1);
	assert_int_equal(r.door.n_seen, 1);
	assert_memory_equal(r.door.seen, bad + 4, 1);
}

static void nothing_comes_after_a_refusal(void **state)
{
	struct reader r;

	(void)state;
	begin(&r, 64);
	come(&r, PING PUBREL, 6);
	come(&r, PUBREL, 4);
	assert_int_equal(r.len, 0);
	assert_int_equal(r.err, EPROTO);
}

/* A topic may be longer than what is kept of it, and is checked to its end. */
static void a_long_topic_is_cut(void **state)
{
	char packet[4 + 2 + 1000 + 2 + 3] = "\x32\xef\x07\x03\xe8";
	struct reader r;

	(void)state;
	memset(packet + 5, 'a', 1000);
	memcpy(packet + 1005, "\0\x07" "xyz", 5);
	packet[1] = (char)0xef;		/* 1007 */
	packet[2] = 7;
	begin(&r, 7);
	come(&r, packet, 1010);
	assert_string_equal(r.door.refused, "");
	assert_int_equal(r.len, 3 + 2 + MQTT_TOPIC_MAX + 2);
	assert_memory_equal(r.got, "\x32\x84\x04\x02\x00" "a", 6);
	assert_memory_equal(r.got + r.len - 3, "a\0\x07", 3);
	assert_int_equal(door_cut(&r.door), 3);
	packet[1000] = '\n';
	begin(&r, 7);
	come(&r, packet, 1010);
	assert_string_equal(r.door.refused, "topic that is no text");
	assert_int_equal(r.len, 0);
}

/* 256 MB pass through a few KiB, and give way to others in between. */
static ssize_t zeros(void *ctx, void *buf, size_t len)
{
	size_t *left = ctx;
	size_t n = len < *left ? len : *left;

	if (!n) {
		errno = EAGAIN;
		return -1;
	}
	memset(buf, 0, n);
	*left -= n;
	return (ssize_t)n;
}

static void the_largest_packet_is_skipped(void **state)
{
	size_t left = 268435455 - 3;
	struct reader r;
	char byte[4];
	int pauses = 0;

	(void)state;
	begin(&r, 64);
	come(&r, "\x30\xff\xff\xff\x7f\x00\x01t", 8);
	assert_memory_equal(r.got, "\x30\x07\x00\x01t", 5);
	assert_int_equal(door_read(&r.door, byte, 4, zeros, &left), 3);
	while (door_read(&r.door, byte, 4, zeros, &left) < 0) {
		assert_int_equal(errno, EAGAIN);
		pauses++;
	}
	assert_int_equal(left, 0);
	assert_in_range(pauses, 100, 100000);
	assert_int_equal(door_cut(&r.door), 268435455 - 3 - PAYLOAD_MAX);
}

/* While nothing is read, the door answers what paho asks. */
static void a_ping_is_answered_ahead(void **state)
{
	struct reader r;

	(void)state;
	begin(&r, 64);
	assert_false(door_answer_ping(&r.door));
	door_sent(&r.door, PING, 2);
	assert_true(door_answer_ping(&r.door));
	assert_false(door_answer_ping(&r.door));
	come(&r, "", 0);
	assert_int_equal(r.len, 2);
	assert_memory_equal(r.got, PINGRESP, 2);
	come(&r, PINGRESP, 2);		/* the broker's own */
	assert_int_equal(r.len, 2);
	door_sent(&r.door, PING, 2);
	come(&r, PINGRESP, 2);
	assert_int_equal(r.len, 4);
}

/* What the connection before has left over is released, and once. */
static void what_is_left_over_is_released(void **state)
{
	static const uint16_t ids[] = { 7, 0x1234 };
	uint16_t left[DOOR_RELEASE_MAX];
	struct reader r;

	(void)state;
	begin(&r, 64);
	door_release(&r.door, ids, 2);
	assert_true(r.door.more);
	assert_int_equal(door_unreleased(&r.door, left, DOOR_RELEASE_MAX), 2);
	come(&r, PUBREC, 4);		/* the broker's own */
	assert_int_equal(r.len, 8);
	assert_memory_equal(r.got, "\x50\x02\x12\x34" PUBREC, 8);
	assert_false(r.door.more);
	assert_false(door_is_owed(&r.door));
	door_sent(&r.door, PUBREL, 4);
	assert_true(door_is_owed(&r.door));
	assert_int_equal(door_unreleased(&r.door, left, DOOR_RELEASE_MAX), 2);
	come(&r, PUBCOMP, 4);
	assert_int_equal(door_unreleased(&r.door, left, DOOR_RELEASE_MAX), 1);
	assert_int_equal(left[0], 0x1234);
	assert_int_equal(door_unreleased(&r.door, left, 0), 0);
}

static void what_the_broker_owes(void **state)
{
	struct reader r;

	(void)state;
	begin(&r, 64);
	door_sent(&r.door, "\x30\x05\x00\x01t\x00\x07", 7);
	assert_false(door_is_owed(&r.door));
	door_sent(&r.door, PUB2, sizeof(PUB2) - 1);
	assert_true(door_is_owed(&r.door));
	come(&r, PUBREC, 4);
	assert_false(door_is_owed(&r.door));	/* ours is due */
	door_sent(&r.door, PING, 2);
	assert_true(door_is_owed(&r.door));
	come(&r, PINGRESP, 2);
	assert_false(door_is_owed(&r.door));
	assert_int_equal(r.door.requests, 2);
}

static void as_many_requests_as_may_be(void **state)
{
	struct reader r;
	char packet[8];
	int id;

	(void)state;
	begin(&r, 64);
	for (id = 1; id <= MQTT_REQUESTS_MAX; id++) {
		memcpy(packet, SUB, 8);
		packet[2] = (char)(id >> 8);
		packet[3] = (char)id;
		door_sent(&r.door, packet, 8);
	}
	for (id = MQTT_REQUESTS_MAX; id > 0; id--) {
		memcpy(packet, SUBACK, 5);
		packet[2] = (char)(id >> 8);
		packet[3] = (char)id;
		r.len = 0;
		come(&r, packet, 5);
		assert_int_equal(r.len, 5);
	}
	assert_int_equal(r.door.n_ids, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(before_connack),
		cmocka_unit_test(what_is_refused_is_seen),
		cmocka_unit_test(nothing_comes_after_a_refusal),
		cmocka_unit_test(a_long_topic_is_cut),
		cmocka_unit_test(the_largest_packet_is_skipped),
		cmocka_unit_test(a_ping_is_answered_ahead),
		cmocka_unit_test(what_is_left_over_is_released),
		cmocka_unit_test(what_the_broker_owes),
		cmocka_unit_test(as_many_requests_as_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
