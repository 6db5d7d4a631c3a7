// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for the door.  The input is a script of packets that the
 * client sends and that the broker sends, most of them legal, some spoiled by
 * a byte, some in two parts with something between.  It is played twice: all
 * at once, and in pieces of any size.  Each time the door has to give what
 * legal.h says, not a byte more or less, and to refuse when that does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/door.h"
#include "legal.h"

#define STEPS_MAX	200	/* fewer than LEGAL_IDS */
#define STREAM_SIZE	(1024 * 1024)
#define PACKET_MAX	(200 * 1024)

/* Where a PUBLISH ends in what is given, and what it lacks. */
struct end {
	size_t at, cut;
};

static uint8_t stream[STREAM_SIZE];	/* of the broker */
static uint8_t wanted[STREAM_SIZE];	/* of the door */
static uint8_t packet[PACKET_MAX];

static struct {
	const uint8_t *in;
	size_t in_len;

	struct door door;
	struct legal legal;
	bool in_pieces;
	uint32_t dice;

	size_t put, there;	/* of the stream: written, to be read by now */
	size_t limit;		/* not read beyond this */
	size_t read;		/* by the door */
	size_t judged;		/* whole packets */
	size_t wanted;		/* bytes, of whole packets */
	size_t given;		/* by the door */
	struct end ends[STEPS_MAX];
	unsigned int n_ends;
	bool over;		/* it refused */
	uint16_t last_id;

	/* What the script does to the next packet of the broker. */
	uint8_t spoil_at, spoil;
	uint8_t hold;		/* bytes that come later */
} f;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static uint8_t next8(void)
{
	if (!f.in_len)
		return 0;
	f.in_len--;
	return *f.in++;
}

/* From 1 to @max; now and then short, now and then as much as there is. */
static size_t piece(size_t max)
{
	static const size_t sizes[] = { 1, 2, 3, 5, 100, 4096, 70000, 1 };
	size_t size;

	if (!f.in_pieces || max < 2)
		return max;
	f.dice = f.dice * 1103515245 + 12345;
	size = sizes[f.dice >> 16 & 7];
	return size < max ? size : max;
}

/*
 * The door
 */

static ssize_t raw(void *ctx, void *buf, size_t len)
{
	size_t n = f.limit - f.read;

	check(ctx == &f && len);
	if (!n) {
		errno = EAGAIN;
		return -1;
	}
	n = piece(n < len ? n : len);
	memcpy(buf, stream + f.read, n);
	f.read += n;
	return (ssize_t)n;
}

static void want(size_t at, const void *bytes, size_t len)
{
	check(len <= STREAM_SIZE - at);
	if (len)
		memcpy(wanted + at, bytes, len);
}

/* What is to come out of this packet; where that ends. */
static size_t want_packet(const struct legal_packet *p)
{
	size_t at = f.wanted;

	want(at, p->head, p->head_len);
	at += p->head_len;
	want(at, stream + f.judged + p->drop, p->keep);
	return at + p->keep;
}

static void pass_packet(const struct legal_packet *p, size_t end)
{
	if (p->verdict == GIVEN && stream[f.judged] >> 4 == PUBLISH) {
		check(f.n_ends < STEPS_MAX);
		f.ends[f.n_ends++] = (struct end){ end, p->cut };
	}
	f.wanted = end;
	f.judged += p->size;
}

/* The first packet that does not simply pass; where what is given ends. */
static struct legal_packet judge(size_t *end)
{
	struct legal_packet p;

	for (;;) {
		p = legal_next(&f.legal, stream + f.judged,
			       f.there - f.judged);
		*end = want_packet(&p);
		if (p.verdict != GIVEN && p.verdict != IGNORED)
			return p;
		pass_packet(&p, *end);
	}
}

static void check_given(const uint8_t *p, size_t len, size_t end)
{
	unsigned int i;

	check(len <= end - f.given);
	check(!memcmp(p, wanted + f.given, len));
	f.given += len;
	for (i = 0; i < f.n_ends; i++)
		check(f.ends[i].at != f.given ||
		      door_cut(&f.door) == f.ends[i].cut);
}

/* Reads all that there is.  False: the door refused. */
static bool drain(size_t end)
{
	static uint8_t buf[8192];
	ssize_t n;

	do {
		n = door_read(&f.door, buf, piece(sizeof(buf)), raw, &f);
		if (n > 0)
			check_given(buf, (size_t)n, end);
		else
			check(n < 0 && (errno == EAGAIN || errno == EPROTO));
	} while (n > 0 || (errno == EAGAIN && f.read < f.limit));
	check(f.given == end);
	return errno == EAGAIN;
}

static void check_refused(void)
{
	const struct door *d = &f.door;
	uint8_t byte;

	check(d->refused[0] && d->n_seen && d->n_seen <= MQTT_SEEN_MAX);
	check(!memcmp(d->seen, stream + f.judged, d->n_seen));
	check(door_read(&f.door, &byte, 1, raw, &f) < 0 && errno == EPROTO);
	f.over = true;
}

static void check_waiting(void)
{
	check(!f.door.refused[0] && !f.door.more);
	check(f.door.between == (f.judged == f.there));
}

static void read_door(void)
{
	struct legal_packet p;
	size_t end;

	for (;;) {
		p = judge(&end);
		f.limit = p.verdict == EITHER ? f.judged + p.size : f.there;
		if (!drain(end)) {
			check(p.verdict == ILLEGAL || p.verdict == EITHER);
			check_refused();
			return;
		}
		check(p.verdict == PART || p.verdict == EITHER);
		if (p.verdict == PART)
			break;
		pass_packet(&p, end);
	}
	check_waiting();
}

/*
 * Packets
 */

static size_t put_length(uint8_t *out, size_t length)
{
	size_t n = 0;

	do {
		out[n] = length & 0x7f;
		length >>= 7;
		if (length)
			out[n] |= 0x80;
		n++;
	} while (length);
	return n;
}

static size_t put16(uint8_t *out, size_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return 2;
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* In so many bytes as UTF-8 would have for another character, too. */
static size_t put_char(uint8_t *out, uint32_t c, size_t size)
{
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t i;

	for (i = size; i-- > 1; c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(lead[size] | c);
	return size;
}

/* At the edges of what is text. */
static size_t put_edge(uint8_t *out, uint8_t how)
{
	static const uint32_t edges[] = {
		0,	0x1f,	0x20,	'#',	'+',	0x7f,
		0x80,	0x9f,	0xa0,	0x7ff,	0x800,	0xd7ff,
		0xd800, 0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff,
		0x110000,
	};
	uint32_t c = edges[(how >> 2) % (sizeof(edges) / sizeof(edges[0]))];
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	return put_char(out, c, size < 4 && !(how & 3) ? size + 1 : size);
}

/* @start bytes of a topic are in the packet, where they belong. */
#define TOPIC_AT	7

static size_t make_publish(uint8_t flags, uint16_t id, size_t start,
			   size_t letters, size_t payload)
{
	size_t topic = start + letters, n = 1;

	packet[0] = (uint8_t)(PUBLISH << 4 | (flags & 15));
	n += put_length(packet + n,
			2 + topic + (flags & 6 ? 2 : 0) + payload);
	n += put16(packet + n, topic);
	memmove(packet + n, packet + TOPIC_AT, start);
	n += start;
	memset(packet + n, 'a', letters);
	n += letters;
	if (flags & 6)
		n += put16(packet + n, id);
	memset(packet + n, (int)(payload & 0xff), payload);
	return n + payload;
}

static void send_packet(uint8_t first, uint16_t id, size_t len)
{
	size_t at = 0, n;

	for (; at < len; at += n) {
		n = piece(len - at);
		door_sent(&f.door, packet + at, n);
	}
	legal_sent(&f.legal, first, id);
}

/* One with an id and @more bytes behind it; without an id for 0. */
static void send_simple(uint8_t first, uint16_t id, size_t more)
{
	size_t n = 1 + put_length(packet + 1, (id ? 2 : 0) + more);

	packet[0] = first;
	if (id)
		n += put16(packet + n, id);
	memset(packet + n, 1, more);
	send_packet(first, id, n + more);
}

static void put(size_t len)
{
	if (len > STREAM_SIZE - f.put)
		return;
	packet[f.spoil_at % len] ^= f.spoil;
	memcpy(stream + f.put, packet, len);
	f.put += len;
	f.there = f.put - min(f.hold, len);
	f.spoil = 0;
	f.hold = 0;
	read_door();
}

static void put_simple(uint8_t first, uint16_t id, const uint8_t *more,
		       size_t len)
{
	packet[0] = first;
	packet[1] = (uint8_t)(2 + len);
	put16(packet + 2, id);
	if (len)
		memcpy(packet + 4, more, len);
	put(4 + len);
}

/*
 * Steps
 */

static void do_connect(void)
{
	send_simple(CONNECT << 4, 0, 12);
}

static void do_connack(void)
{
	uint8_t how = next8();

	put_simple(CONNACK << 4, (uint16_t)((how & 1) << 8 | how >> 5), NULL,
		   0);
}

static void do_send_publish(void)
{
	uint8_t how = next8(), size = next8();
	uint8_t flags = (uint8_t)(how % 3 << 1 | (how >> 7));
	size_t len = make_publish(flags, ++f.last_id, 0, 1u + (how >> 4),
				  size * 3u);

	send_packet(packet[0], f.last_id, len);
}

static void do_send_request(void)
{
	uint8_t how = next8();

	send_simple(how & 1 ? SUBSCRIBE << 4 | 2 : UNSUBSCRIBE << 4 | 2,
		    ++f.last_id, 3u + how);
}

/* What one that knows the session would send next. */
static void do_next(void)
{
	uint8_t how = next8();
	uint8_t code = how & 1 ? 0x80 : how >> 6;
	struct legal_id *id;

	if (!f.legal.n_ids)
		return;
	id = &f.legal.ids[(how >> 1) % f.legal.n_ids];
	if (id->next)
		put_simple((uint8_t)(id->next << 4), id->id, &code,
			   id->next == SUBACK);
	else
		send_simple(PUBREL << 4 | 2, id->id, 0);
}

/* A whole exchange of QoS 2. */
static void do_flow(void)
{
	size_t len = make_publish(4, ++f.last_id, 0, 1, 1);

	send_packet(packet[0], f.last_id, len);
	put_simple(PUBREC << 4, f.last_id, NULL, 0);
	send_simple(PUBREL << 4 | 2, f.last_id, 0);
	if (!f.over)
		put_simple(PUBCOMP << 4, f.last_id, NULL, 0);
}

/* One that is over. */
static void do_again(void)
{
	uint8_t how = next8();
	unsigned int back = how >> 1;

	if (back >= f.legal.n_done)
		return;
	put_simple(how & 1 ? PUBREC << 4 : PUBCOMP << 4,
		   f.legal.done[f.legal.n_done - 1 - back], NULL, 0);
}

static void do_ack(void)
{
	uint8_t how = next8(), id = next8();

	put_simple((uint8_t)(how & 0xf0), id, &id, how & 3 % 3);
}

static void do_publish(void)
{
	uint8_t how = next8(), id = next8();
	size_t letters = how & 16 ? next8() * 4u : 1;
	size_t payload = how & 32 ? next8() * 4u : how >> 6;

	put(make_publish(how, id, 0, letters, payload));
}

static void do_publish_edge(void)
{
	uint8_t how = next8();
	size_t n = put_edge(packet + TOPIC_AT, next8());

	n += put_edge(packet + TOPIC_AT + n, next8());
	put(make_publish(0, 0, n, how & 3, how >> 4));
}

static void do_publish_raw(void)
{
	uint8_t how = next8();
	size_t n = min(how & 15, f.in_len);

	if (n)
		memcpy(packet + TOPIC_AT, f.in, n);
	f.in += n;
	f.in_len -= n;
	put(make_publish(0, 0, n, how >> 6, how >> 4 & 3));
}

static void do_long_publish(void)
{
	uint8_t how = next8();

	put(make_publish(how & 7, 5, 0, 1, (how >> 3) * 6000u));
}

static void do_pubrel(void)
{
	put_simple(PUBREL << 4 | 2, next8(), NULL, 0);
}

static void do_raw(void)
{
	size_t len = min(next8() & 63, f.in_len);

	if (!len)
		return;
	memcpy(packet, f.in, len);
	f.in += len;
	f.in_len -= len;
	put(len);
}

static void do_pingreq(void)
{
	send_simple(PINGREQ << 4, 0, 0);
}

static void do_pingresp(void)
{
	packet[0] = PINGRESP << 4;
	packet[1] = 0;
	put(2);
}

static void do_ping_ahead(void)
{
	static const uint8_t pingresp[] = { PINGRESP << 4, 0 };
	bool ahead;

	if (!f.door.between)
		return;
	ahead = door_answer_ping(&f.door);
	check(ahead == legal_ping_ahead(&f.legal));
	if (ahead) {
		want(f.wanted, pingresp, sizeof(pingresp));
		f.wanted += sizeof(pingresp);
	}
	read_door();
}

static void do_spoil(void)
{
	f.spoil_at = next8();
	f.spoil = next8();
}

static void do_hold(void)
{
	f.hold = next8();
}

static void do_release(void)
{
	f.there = f.put;
	read_door();
}

static void (*const steps[])(void) = {
	do_next,	 do_next,	  do_send_publish, do_send_request,
	do_publish,	 do_publish_edge, do_publish_raw,  do_long_publish,
	do_pubrel,	 do_ack,	  do_raw,	   do_spoil,
	do_hold,	 do_release,	  do_pingreq,	   do_pingresp,
	do_ping_ahead,	 do_connack,	  do_flow,	   do_again,
};

#define N_STEPS	(sizeof(steps) / sizeof(steps[0]))

static void play(const uint8_t *data, size_t size, bool in_pieces)
{
	static const size_t maxima[] = { 100, 0, 1, 2, 4096, 65536, 10, 130 };
	uint8_t how;
	int i;

	memset(&f, 0, sizeof(f));
	f.in = data;
	f.in_len = size;
	f.in_pieces = in_pieces;
	f.dice = (uint32_t)next8() << 16;
	how = next8();
	f.legal.payload_max = maxima[how & 7];
	door_init(&f.door, f.legal.payload_max);
	if (how < 0xf0)
		do_connect();
	if (how < 0xe0)
		put_simple(CONNACK << 4, 0, NULL, 0);
	for (i = 0; i < STEPS_MAX && f.in_len && !f.over; i++)
		steps[next8() % N_STEPS]();
	if (!f.over)
		do_release();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play(data, size, false);
	play(data, size, true);
	return 0;
}
