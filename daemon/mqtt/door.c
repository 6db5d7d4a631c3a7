// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTT 3.1.1 as a client may receive it; the numbers in comments are its
 * chapters.
 */
#include "daemon/mqtt/door.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIXED_MAX	5	/* bytes of a fixed header */
#define SWALLOW_MAX	(64 * 1024)	/* then other links have their turn */

enum {
	CONNECT = 1,
	CONNACK,
	PUBLISH,
	PUBACK,
	PUBREC,
	PUBREL,
	PUBCOMP,
	SUBSCRIBE,
	SUBACK,
	UNSUBSCRIBE,
	UNSUBACK,
	PINGREQ,
	PINGRESP,
	DISCONNECT,
};

/* Flags and length of what a client may receive (2.2.2, 3.*). */
static const struct {
	const char *name;
	bool received;
	uint8_t flags;
	uint8_t length;
} types[16] = {
	[0] = { .name = "packet of type 0" },
	[CONNECT] = { .name = "CONNECT" },
	[CONNACK] = { "CONNACK", true, 0, 2 },
	[PUBLISH] = { "PUBLISH", true, 0, 0 },	/* see check_length() */
	[PUBACK] = { "PUBACK", true, 0, 2 },
	[PUBREC] = { "PUBREC", true, 0, 2 },
	[PUBREL] = { "PUBREL", true, 2, 2 },
	[PUBCOMP] = { "PUBCOMP", true, 0, 2 },
	[SUBSCRIBE] = { .name = "SUBSCRIBE" },
	[SUBACK] = { "SUBACK", true, 0, 3 },	/* of one filter */
	[UNSUBSCRIBE] = { .name = "UNSUBSCRIBE" },
	[UNSUBACK] = { "UNSUBACK", true, 0, 2 },
	[PINGREQ] = { .name = "PINGREQ" },
	[PINGRESP] = { "PINGRESP", true, 0, 0 },
	[DISCONNECT] = { .name = "DISCONNECT" },
	[15] = { .name = "packet of type 15" },
};

static const char *const waits_for[] = {
	[WAIT_PUBACK] = "a PUBLISH of QoS 1",
	[WAIT_PUBREC] = "a PUBLISH of QoS 2",
	[WAIT_PUBREL] = "a PUBLISH of QoS 2 without PUBREL",
	[WAIT_PUBCOMP] = "a PUBREL",
	[WAIT_SUBACK] = "a SUBSCRIBE",
	[WAIT_UNSUBACK] = "an UNSUBSCRIBE",
};

void door_init(struct door *door, size_t payload_max)
{
	memset(door, 0, sizeof(*door));
	door->payload_max = payload_max;
	door->between = true;
}

static unsigned int type_of(uint8_t first)
{
	return first >> 4;
}

static unsigned int qos_of(uint8_t first)
{
	return first >> 1 & 3;
}

static bool is_dup(uint8_t first)
{
	return first & 8;
}

/*
 * Outstanding ids
 */

static unsigned int find_id(const struct door *door, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < door->n_ids && door->ids[i].id != id; i++)
		;
	return i;
}

/* Without room for it the answer will be an offence: there is always room. */
static void expect(struct door *door, uint16_t id, enum door_wait waits)
{
	unsigned int i = find_id(door, id);

	if (i == DOOR_IDS_MAX)
		return;
	if (i == door->n_ids)
		door->n_ids++;
	door->ids[i].id = id;
	door->ids[i].waits = waits;
}

static void forget(struct door *door, unsigned int i)
{
	door->ids[i] = door->ids[--door->n_ids];
}

static bool is_done(const struct door *door, uint16_t id)
{
	int i;

	for (i = 0; i < DOOR_DONE_MAX; i++)
		if (door->done[i] == id)
			return true;
	return false;
}

static void note_done(struct door *door, uint16_t id)
{
	if (is_done(door, id))
		return;
	door->done[door->next_done++ % DOOR_DONE_MAX] = id;
}

/*
 * What we write: paho's packets, which are as they should be
 */

static void on_sent(struct door *door)
{
	uint16_t id = door->out.id;

	switch (type_of(door->out.first)) {
	case CONNECT:
		door->connecting = true;
		break;
	case PUBLISH:
		door->requests++;
		if (qos_of(door->out.first))
			expect(door, id, qos_of(door->out.first) == 1 ?
						 WAIT_PUBACK :
						 WAIT_PUBREC);
		break;
	case PUBREL:
		expect(door, id, WAIT_PUBCOMP);
		break;
	case SUBSCRIBE:
		door->requests++;
		expect(door, id, WAIT_SUBACK);
		break;
	case UNSUBSCRIBE:
		door->requests++;
		expect(door, id, WAIT_UNSUBACK);
		break;
	case PINGREQ:
		door->pings++;
		break;
	}
}

static void out_byte(struct door *door, uint8_t byte)
{
	bool has_topic = type_of(door->out.first) == PUBLISH;
	size_t id_at = has_topic ? 2u + door->out.topic_len : 0;
	size_t pos = door->out.pos++;

	if (has_topic && pos < 2)
		door->out.topic_len = (uint16_t)(door->out.topic_len << 8 |
						 byte);
	else if (pos >= id_at && pos < id_at + 2)
		door->out.id = (uint16_t)(door->out.id << 8 | byte);
}

/* What is behind the id is of no interest, and may be long. */
static size_t out_body(struct door *door, const uint8_t *p, size_t len)
{
	size_t left = door->out.length - door->out.pos;
	size_t n = len < left ? len : left;
	size_t i;

	for (i = 0; i < n && door->out.pos < 4u + door->out.topic_len; i++)
		out_byte(door, p[i]);
	door->out.pos += n - i;
	return n;
}

static void out_first(struct door *door, uint8_t byte)
{
	memset(&door->out, 0, sizeof(door->out));
	door->out.first = byte;
	door->out.state = OUT_LENGTH;
}

static void out_length(struct door *door, uint8_t byte)
{
	door->out.length |= (size_t)(byte & 0x7f) << door->out.shift;
	door->out.shift += 7;
	if (!(byte & 0x80))
		door->out.state = OUT_BODY;
}

void door_sent(struct door *door, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	const uint8_t *end = p + len;

	while (p < end) {
		switch (door->out.state) {
		case OUT_TYPE:
			out_first(door, *p++);
			break;
		case OUT_LENGTH:
			out_length(door, *p++);
			break;
		case OUT_BODY:
			p += out_body(door, p, (size_t)(end - p));
			break;
		}
		if (door->out.state == OUT_BODY &&
		    door->out.pos == door->out.length) {
			on_sent(door);
			door->out.state = OUT_TYPE;
		}
	}
}

bool door_is_owed(const struct door *door)
{
	unsigned int i;

	if (door->pings)
		return true;
	for (i = 0; i < door->n_ids; i++)
		if (door->ids[i].waits != WAIT_PUBREL)
			return true;
	return false;
}

/*
 * What comes
 */

static size_t ahead(const struct door *door)
{
	return door->in_len - door->in_at;
}

/* An acknowledgement is for paho if it moves a request. */
enum verdict { REFUSE, SWALLOW, GIVE };

/* False, or REFUSE, always. */
static int __attribute__((format(printf, 2, 3)))
refuse(struct door *door, const char *fmt, ...)
{
	size_t more = MQTT_SEEN_MAX - door->n_seen;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(door->refused, sizeof(door->refused), fmt, ap);
	va_end(ap);
	if (more > ahead(door))
		more = ahead(door);
	memcpy(door->seen + door->n_seen, door->in + door->in_at, more);
	door->n_seen += more;
	return REFUSE;
}

static const char *name(const struct door *door)
{
	return types[type_of(door->first)].name;
}

static bool check_flags(struct door *door)
{
	unsigned int qos = qos_of(door->first);

	if (type_of(door->first) != PUBLISH) {
		if ((door->first & 15) != types[type_of(door->first)].flags)
			return refuse(door, "%s with wrong flags", name(door));
		return true;
	}
	if (qos == 3)
		return refuse(door, "PUBLISH of QoS 3");
	if (qos == 0 && is_dup(door->first))
		return refuse(door, "PUBLISH of QoS 0 with DUP");
	return true;
}

/* 3.2: CONNACK is the first packet, and there is one. */
static bool check_type(struct door *door)
{
	unsigned int type = type_of(door->first);

	if (!types[type].received)
		return refuse(door, "%s from the broker", name(door));
	if (!door->connecting)
		return refuse(door, "%s before CONNECT", name(door));
	if (!door->connected && type != CONNACK)
		return refuse(door, "%s before CONNACK", name(door));
	if (door->connected && type == CONNACK)
		return refuse(door, "a second CONNACK");
	return check_flags(door);
}

static size_t id_size(const struct door *door)
{
	return qos_of(door->first) ? 2 : 0;
}

static bool check_length(struct door *door)
{
	unsigned int type = type_of(door->first);

	door->got = 0;
	if (type != PUBLISH) {
		door->state = DOOR_BODY;
		if (door->length != types[type].length)
			return refuse(door, "%s of %zu bytes", name(door),
				      door->length);
		return true;
	}
	door->state = DOOR_TOPIC_LEN;
	door->topic_len = 0;
	if (door->length < 2 + id_size(door))
		return refuse(door, "PUBLISH of %zu bytes", door->length);
	return true;
}

static bool on_length(struct door *door, uint8_t byte)
{
	door->length |= (size_t)(byte & 0x7f) << door->shift;
	door->shift += 7;
	if (!(byte & 0x80))
		return check_length(door);
	if (door->shift == 28)
		return refuse(door, "length of more than 4 bytes");
	return true;
}

/* Gives a packet with this body, of which @n bytes are in the head. */
static void give_head(struct door *door, size_t n, size_t length)
{
	uint8_t fixed[FIXED_MAX] = { door->first };
	size_t size = 1;

	do {
		fixed[size] = length & 0x7f;
		length >>= 7;
		if (length)
			fixed[size] |= 0x80;
		size++;
	} while (length);
	door->head_at = FIXED_MAX - size;
	door->head_end = FIXED_MAX + n;
	memcpy(door->head + door->head_at, fixed, size);
}

static void end_packet(struct door *door)
{
	door->state = DOOR_TYPE;
	door->n_seen = 0;
}

static enum verdict check_ack(struct door *door, uint16_t id)
{
	static const struct {
		uint8_t type, waits;
		enum verdict verdict;
		uint8_t then;
	} moves[] = {
		{ PUBACK, WAIT_PUBACK, GIVE, WAIT_NOTHING },
		{ PUBREC, WAIT_PUBREC, GIVE, WAIT_PUBREL },
		{ PUBREC, WAIT_PUBREL, SWALLOW, WAIT_PUBREL },
		{ PUBREC, WAIT_PUBCOMP, SWALLOW, WAIT_PUBCOMP },
		{ PUBCOMP, WAIT_PUBCOMP, GIVE, WAIT_NOTHING },
		{ SUBACK, WAIT_SUBACK, GIVE, WAIT_NOTHING },
		{ UNSUBACK, WAIT_UNSUBACK, GIVE, WAIT_NOTHING },
	};
	unsigned int type = type_of(door->first);
	unsigned int i = find_id(door, id);
	size_t m;

	if (i == door->n_ids) {
		if ((type == PUBREC || type == PUBCOMP) && is_done(door, id))
			return SWALLOW;
		return refuse(door, "%s for no request", name(door));
	}
	for (m = 0; m < sizeof(moves) / sizeof(moves[0]); m++) {
		if (moves[m].type != type ||
		    moves[m].waits != door->ids[i].waits)
			continue;
		door->ids[i].waits = moves[m].then;
		if (moves[m].then == WAIT_NOTHING)
			forget(door, i);
		if (type == PUBCOMP)
			note_done(door, id);
		return moves[m].verdict;
	}
	return refuse(door, "%s for %s", name(door),
		      waits_for[door->ids[i].waits]);
}

static enum verdict check_connack(struct door *door)
{
	if (door->body[0] & 0xfe)
		return refuse(door, "CONNACK with wrong flags");
	if (door->body[1] > 5)
		return refuse(door, "CONNACK with return code %u",
			      door->body[1]);
	/* a broker that refuses has nothing more to say (3.2.2.3) */
	door->connected = !door->body[1];
	door->connecting = door->connected;
	return GIVE;
}

void door_release(struct door *door, const uint16_t *ids, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count && i < DOOR_RELEASE_MAX; i++) {
		expect(door, ids[i], WAIT_PUBREC);
		door->release[i] = ids[i];
	}
	door->n_release = i;
	door->more = true;
}

static bool is_unreleased(const struct door *door, unsigned int i)
{
	unsigned int r;

	if (door->ids[i].waits == WAIT_PUBREL ||
	    door->ids[i].waits == WAIT_PUBCOMP)
		return true;
	for (r = 0; r < door->n_release; r++)
		if (door->release[r] == door->ids[i].id)
			return true;
	return false;
}

unsigned int door_unreleased(const struct door *door, uint16_t *ids,
			     unsigned int max)
{
	unsigned int i, n = 0;

	for (i = 0; i < door->n_ids && n < max; i++)
		if (is_unreleased(door, i))
			ids[n++] = door->ids[i].id;
	return n;
}

/* One that nobody asked for does no harm; nor one that came twice. */
static enum verdict check_pingresp(struct door *door)
{
	if (door->pings_ahead) {
		door->pings_ahead--;
		return SWALLOW;
	}
	if (!door->pings)
		return SWALLOW;
	door->pings--;
	return GIVE;
}

static enum verdict check_body(struct door *door)
{
	unsigned int type = type_of(door->first);
	uint16_t id = (uint16_t)(door->body[0] << 8 | door->body[1]);

	if (type == CONNACK)
		return check_connack(door);
	if (type == PINGRESP)
		return check_pingresp(door);
	if (!id)
		return refuse(door, "%s with packet id 0", name(door));
	if (type == PUBREL)
		return GIVE;	/* 4.3.3: answered whatever its id is */
	if (type == SUBACK && door->body[2] > 2 && door->body[2] != 0x80)
		return refuse(door, "SUBACK with return code %u",
			      door->body[2]);
	return check_ack(door, id);
}

static bool on_body(struct door *door)
{
	enum verdict verdict = check_body(door);

	if (verdict == GIVE) {
		memcpy(door->head + FIXED_MAX, door->body, door->length);
		give_head(door, door->length, door->length);
	}
	if (verdict != REFUSE)
		end_packet(door);
	return verdict != REFUSE;
}

static void give_release(struct door *door)
{
	uint16_t id = door->release[--door->n_release];

	door->first = PUBREC << 4;
	door->length = 2;
	door->body[0] = (uint8_t)(id >> 8);
	door->body[1] = (uint8_t)id;
	on_body(door);
}

/*
 * PUBLISH
 */

static size_t topic_kept(const struct door *door)
{
	return door->topic_len < MQTT_TOPIC_MAX ? door->topic_len :
						  MQTT_TOPIC_MAX;
}

static bool on_topic_len(struct door *door, uint8_t byte)
{
	size_t need = 2 + id_size(door);

	door->topic_len = door->topic_len << 8 | byte;
	if (++door->got < 2)
		return true;
	if (!door->topic_len)
		return refuse(door, "PUBLISH without a topic");
	if (door->topic_len > door->length - need)
		return refuse(door, "PUBLISH shorter than its topic");
	door->state = DOOR_TOPIC;
	door->got = 0;
	door->topic = (struct utf8){ 0 };
	return true;
}

/* The topic is the host's to see: 1.5.3, 4.7.1, and nothing that controls. */
static bool on_topic(struct door *door, const uint8_t *p, size_t len)
{
	size_t at = door->got < MQTT_TOPIC_MAX ? door->got : MQTT_TOPIC_MAX;
	size_t room = MQTT_TOPIC_MAX - at;

	if (!utf8_is_text(&door->topic, p, len))
		return refuse(door, "topic that is no text");
	if (memchr(p, '+', len) || memchr(p, '#', len))
		return refuse(door, "topic with a wildcard");
	memcpy(door->head + FIXED_MAX + 2 + at, p, len < room ? len : room);
	door->got += len;
	return true;
}

static void give_publish(struct door *door)
{
	size_t topic = topic_kept(door);
	size_t n = 2 + topic + id_size(door);

	door->head[FIXED_MAX] = (uint8_t)(topic >> 8);
	door->head[FIXED_MAX + 1] = (uint8_t)topic;
	give_head(door, n, n + door->keep);
}

/*
 * All has been looked at but the payload.  The end of a packet that is cut is
 * given when the rest has been skipped: one that breaks off never came.
 */
static bool on_publish(struct door *door)
{
	size_t max = topic_kept(door) < door->topic_len ? 0 :
							  door->payload_max;
	size_t payload = door->length - 2 - door->topic_len - id_size(door);

	door->keep = payload < max ? payload : max;
	door->skip = payload - door->keep;
	door->cut = door->skip;
	door->holds_last = false;
	door->state = DOOR_SKIP;
	if (!door->keep)
		return true;
	give_publish(door);
	door->state = DOOR_PAYLOAD;
	return true;
}

static void on_skipped(struct door *door)
{
	if (door->holds_last) {
		door->head[0] = door->last;
		door->head_at = 0;
		door->head_end = 1;
	} else {
		give_publish(door);
	}
	end_packet(door);
}

static bool on_topic_end(struct door *door)
{
	if (!utf8_is_whole(&door->topic))
		return refuse(door, "topic that is no text");
	door->got = 0;
	door->state = DOOR_ID;
	return id_size(door) || on_publish(door);
}

static bool on_id(struct door *door, uint8_t byte)
{
	uint8_t *id = door->head + FIXED_MAX + 2 + topic_kept(door);

	id[door->got++] = byte;
	if (door->got < 2)
		return true;
	if (!id[0] && !id[1])
		return refuse(door, "PUBLISH with packet id 0");
	return on_publish(door);
}

/*
 * Reading
 */

static size_t next_bytes(struct door *door, size_t max, const uint8_t **p)
{
	size_t n = ahead(door) < max ? ahead(door) : max;
	size_t seen = MQTT_SEEN_MAX - door->n_seen;

	*p = door->in + door->in_at;
	seen = seen < n ? seen : n;
	memcpy(door->seen + door->n_seen, *p, seen);
	door->n_seen += seen;
	door->in_at += n;
	return n;
}

static uint8_t next_byte(struct door *door)
{
	const uint8_t *p;

	next_bytes(door, 1, &p);
	return *p;
}

static bool take_first(struct door *door)
{
	door->first = next_byte(door);
	door->length = 0;
	door->shift = 0;
	door->state = DOOR_LENGTH;
	return check_type(door);
}

static bool take_topic(struct door *door)
{
	const uint8_t *p;
	size_t n = next_bytes(door, door->topic_len - door->got, &p);

	return on_topic(door, p, n) &&
	       (door->got < door->topic_len || on_topic_end(door));
}

static void take_last(struct door *door)
{
	door->last = next_byte(door);
	door->holds_last = true;
	door->keep = 0;
	door->state = DOOR_SKIP;
}

/* Something of what came, of which there is something.  False: refused. */
static bool take(struct door *door)
{
	const uint8_t *p;

	switch (door->state) {
	case DOOR_TYPE:
		return take_first(door);
	case DOOR_LENGTH:
		return on_length(door, next_byte(door));
	case DOOR_BODY:
		door->body[door->got++] = next_byte(door);
		return true;
	case DOOR_TOPIC_LEN:
		return on_topic_len(door, next_byte(door));
	case DOOR_TOPIC:
		return take_topic(door);
	case DOOR_ID:
		return on_id(door, next_byte(door));
	case DOOR_PAYLOAD:
		take_last(door);
		return true;
	case DOOR_SKIP:
		door->skip -= next_bytes(door, door->skip, &p);
		return true;
	}
	return true;
}

/* What has come as a whole, maybe without a byte.  False: refused. */
static bool settle(struct door *door)
{
	if (door->state == DOOR_BODY && door->got == door->length)
		return on_body(door);
	if (door->state == DOOR_SKIP && !door->skip)
		on_skipped(door);
	return true;
}

/* Of the payload: the last byte waits until the rest was skipped. */
static size_t giveable(const struct door *door)
{
	return door->state == DOOR_PAYLOAD ? door->keep - !!door->skip : 0;
}

static void gave_payload(struct door *door, size_t n)
{
	door->keep -= n;
	if (!door->keep)
		end_packet(door);
}

static size_t give(struct door *door, uint8_t *buf, size_t len)
{
	size_t n = door->head_end - door->head_at;

	if (n) {
		n = n < len ? n : len;
		memcpy(buf, door->head + door->head_at, n);
		door->head_at += n;
		return n;
	}
	n = giveable(door);
	n = n < len ? n : len;
	n = n < ahead(door) ? n : ahead(door);
	if (!n)
		return 0;
	memcpy(buf, door->in + door->in_at, n);
	door->in_at += n;
	gave_payload(door, n);
	return n;
}

/* A payload needs no stop on its way. */
static ssize_t read_payload(struct door *door, void *buf, size_t len,
			    door_raw raw, void *ctx)
{
	size_t max = giveable(door);
	ssize_t n = raw(ctx, buf, len < max ? len : max);

	if (n > 0)
		gave_payload(door, (size_t)n);
	return n;
}

static ssize_t fill(struct door *door, door_raw raw, void *ctx)
{
	ssize_t n = raw(ctx, door->in, sizeof(door->in));

	door->in_at = 0;
	door->in_len = n > 0 ? (size_t)n : 0;
	return n;
}

static ssize_t read_some(struct door *door, void *buf, size_t len,
			 door_raw raw, void *ctx)
{
	size_t swallowed = 0;
	size_t given;
	ssize_t n;

	while (!door->refused[0]) {
		given = give(door, buf, len);
		if (given)
			return (ssize_t)given;
		if (door->n_release && door->state == DOOR_TYPE) {
			give_release(door);
			continue;
		}
		if (ahead(door)) {
			if (take(door))
				settle(door);
			continue;
		}
		if (giveable(door))
			return read_payload(door, buf, len, raw, ctx);
		if (swallowed > SWALLOW_MAX) {
			errno = EAGAIN;
			return -1;
		}
		n = fill(door, raw, ctx);
		if (n <= 0)
			return n;
		swallowed += (size_t)n;
	}
	errno = EPROTO;
	return -1;
}

ssize_t door_read(struct door *door, void *buf, size_t len, door_raw raw,
		  void *ctx)
{
	ssize_t n = read_some(door, buf, len, raw, ctx);

	door->more = ahead(door) || door->head_at < door->head_end ||
		     door->n_release;
	door->between = door->state == DOOR_TYPE &&
			door->head_at == door->head_end;
	return n;
}

bool door_answer_ping(struct door *door)
{
	if (!door->pings)
		return false;
	door->pings--;
	door->pings_ahead++;
	door->first = PINGRESP << 4;
	give_head(door, 0, 0);
	return true;
}

size_t door_cut(const struct door *door)
{
	return door->cut;
}
