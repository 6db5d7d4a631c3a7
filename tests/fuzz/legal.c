// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "legal.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/door.h"

#define KEPT_DONE	(DOOR_DONE_MAX / 2)	/* whose repetition is fine */

static struct legal_id *find(struct legal *l, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < l->n_ids; i++)
		if (l->ids[i].id == id)
			return &l->ids[i];
	return NULL;
}

static void set_next(struct legal *l, uint16_t id, uint8_t next)
{
	struct legal_id *at = find(l, id);

	if (!at && l->n_ids == LEGAL_IDS)
		abort();
	if (!at)
		at = &l->ids[l->n_ids++];
	*at = (struct legal_id){ id, next };
}

void legal_sent(struct legal *l, uint8_t first, uint16_t id)
{
	static const uint8_t next[16] = {
		[PUBREL] = PUBCOMP,
		[SUBSCRIBE] = SUBACK,
		[UNSUBSCRIBE] = UNSUBACK,
	};
	unsigned int type = first >> 4;

	if (type == CONNECT)
		l->connecting = true;
	if (type == PINGREQ)
		l->pings++;
	if (next[type])
		set_next(l, id, next[type]);
	if (type == PUBLISH && first & 6)
		set_next(l, id, first & 2 ? PUBACK : PUBREC);
}

bool legal_ping_ahead(struct legal *l)
{
	if (!l->pings)
		return false;
	l->pings--;
	l->pings_ahead++;
	return true;
}

/*
 * A packet's form
 */

static bool first_is_legal(const struct legal *l, uint8_t first)
{
	unsigned int type = first >> 4;

	if (!l->connecting || l->connected != (type != CONNACK))
		return false;
	switch (type) {
	case PUBLISH:
		return (first & 6) != 6 && (first & 14) != 8;
	case PUBREL:
		return (first & 15) == 2;
	case CONNACK:
	case PUBACK:
	case PUBREC:
	case PUBCOMP:
	case SUBACK:
	case UNSUBACK:
	case PINGRESP:
		return !(first & 15);
	}
	return false;
}

/* Of a character of which @missing bytes are not there: may it be text? */
static bool char_may_be(uint32_t bits, unsigned int size, unsigned int missing)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = bits << 6 * missing;
	uint32_t end = c + (1u << 6 * missing);

	for (; c < end; c++)
		if (c >= least[size] && c <= 0x10ffff && c >= ' ' &&
		    !(c >= 0x7f && c <= 0x9f) && (c < 0xd800 || c > 0xdfff) &&
		    c != '+' && c != '#')
			return true;
	return false;
}

/*
 * @len bytes of a topic are there, of @whole.  A character that its end cuts is
 * seen there, not before.
 */
static bool topic_may_be(const uint8_t *p, size_t len, size_t whole)
{
	unsigned int size, n;
	uint32_t bits;
	size_t i;

	for (i = 0; i < len; i += size) {
		size = p[i] < 0x80 ? 1 : p[i] < 0xc0 ? 0 : p[i] < 0xe0 ? 2 :
		       p[i] < 0xf0 ? 3 : p[i] < 0xf8 ? 4 : 0;
		if (!size || (i + size > whole && len == whole))
			return false;
		bits = size == 1 ? p[i] : p[i] & (0x7f >> size);
		for (n = 1; n < size && i + n < len; n++) {
			if (p[i + n] >> 6 != 2)
				return false;
			bits = bits << 6 | (p[i + n] & 0x3f);
		}
		if (!char_may_be(bits, size, size - n))
			return false;
	}
	return true;
}

static size_t put_length(uint8_t *out, size_t length)
{
	size_t n = 0;

	do {
		out[n++] = (uint8_t)(length % 128 + (length > 127 ? 128 : 0));
		length /= 128;
	} while (length);
	return n;
}

/* Of a PUBLISH: topic and id are whole and legal. */
static void give_publish(const struct legal *l, struct legal_packet *out,
			 const uint8_t *p, size_t head, size_t topic_len,
			 size_t there)
{
	size_t id_size = p[0] & 6 ? 2 : 0;
	size_t fields = 2 + topic_len + id_size;
	size_t payload = out->size - head - fields;
	size_t topic = topic_len < MQTT_TOPIC_MAX ? topic_len : MQTT_TOPIC_MAX;
	size_t max = topic < topic_len ? 0 : l->payload_max;
	size_t keep = payload < max ? payload : max;
	size_t n = 1;

	out->cut = payload - keep;
	out->drop = head + fields;
	there -= head + fields;
	if (there < payload && !keep)
		return;
	if (there < payload && there > keep - !!out->cut)
		there = keep - !!out->cut;
	out->keep = there < keep ? there : keep;
	out->head[0] = p[0];
	n += put_length(out->head + n, 2 + topic + id_size + keep);
	out->head[n++] = (uint8_t)(topic >> 8);
	out->head[n++] = (uint8_t)topic;
	memcpy(out->head + n, p + head + 2, topic);
	memcpy(out->head + n + topic, p + head + 2 + topic_len, id_size);
	out->head_len = n + topic + id_size;
}

static enum legal_verdict check_publish(const struct legal *l,
					struct legal_packet *out,
					const uint8_t *p, size_t len,
					size_t head)
{
	size_t id_size = p[0] & 6 ? 2 : 0;
	size_t body = out->size - head;
	size_t topic_len, topic_there;

	if (body < 2 + id_size)
		return ILLEGAL;
	if (len < head + 2)
		return PART;
	topic_len = (size_t)p[head] << 8 | p[head + 1];
	if (!topic_len || 2 + topic_len + id_size > body)
		return ILLEGAL;
	topic_there = len - head - 2;
	if (topic_there > topic_len)
		topic_there = topic_len;
	if (!topic_may_be(p + head + 2, topic_there, topic_len))
		return ILLEGAL;
	if (len < head + 2 + topic_len + id_size)
		return PART;
	p += head + 2 + topic_len;
	if (id_size && !p[0] && !p[1])
		return ILLEGAL;
	give_publish(l, out, p - head - 2 - topic_len, head, topic_len,
		     len < out->size ? len : out->size);
	return len < out->size ? PART : GIVEN;
}

/*
 * Its place in the session
 */

static bool was_done(const struct legal *l, uint16_t id, unsigned int newest)
{
	unsigned int i;

	for (i = 0; i < l->n_done && i < newest; i++)
		if (l->done[l->n_done - 1 - i] == id)
			return true;
	return false;
}

static void note_done(struct legal *l, uint16_t id)
{
	if (was_done(l, id, KEPT_DONE))
		return;
	if (l->n_done == LEGAL_IDS)
		memmove(l->done, l->done + 1,
			--l->n_done * sizeof(l->done[0]));
	l->done[l->n_done++] = id;
}

static enum legal_verdict check_ack(struct legal *l, uint8_t type, uint16_t id)
{
	struct legal_id *at = find(l, id);

	if (!at && (type == PUBREC || type == PUBCOMP)) {
		if (was_done(l, id, KEPT_DONE))
			return IGNORED;
		return was_done(l, id, LEGAL_IDS) ? EITHER : ILLEGAL;
	}
	if (!at)
		return ILLEGAL;
	if (type == PUBREC && (!at->next || at->next == PUBCOMP))
		return IGNORED;
	if (at->next != type)
		return ILLEGAL;
	if (type == PUBREC) {
		at->next = 0;
		return GIVEN;
	}
	*at = l->ids[--l->n_ids];
	if (type == PUBCOMP)
		note_done(l, id);
	return GIVEN;
}

static enum legal_verdict check_pingresp(struct legal *l)
{
	unsigned int *from = l->pings_ahead ? &l->pings_ahead : &l->pings;
	bool ours = from == &l->pings && l->pings;

	if (*from)
		--*from;
	return ours ? GIVEN : IGNORED;
}

static enum legal_verdict check_session(struct legal *l, uint8_t type,
					const uint8_t *body)
{
	uint16_t id = (uint16_t)(body[0] << 8 | body[1]);

	switch (type) {
	case CONNACK:
		if (body[0] > 1 || body[1] > 5)
			return ILLEGAL;
		l->connected = l->connecting = !body[1];
		return GIVEN;
	case PINGRESP:
		return check_pingresp(l);
	case PUBREL:
		return id ? GIVEN : ILLEGAL;
	case SUBACK:
		if (body[2] > 2 && body[2] != 0x80)
			return ILLEGAL;
		break;
	}
	return id ? check_ack(l, type, id) : ILLEGAL;
}

static enum legal_verdict check_other(struct legal *l,
				      struct legal_packet *out,
				      const uint8_t *p, size_t len,
				      size_t head)
{
	uint8_t type = p[0] >> 4;
	size_t body = type == PINGRESP ? 0 : type == SUBACK ? 3 : 2;
	uint8_t copy[3] = { 0 };
	enum legal_verdict verdict;

	if (out->size != head + body)
		return ILLEGAL;
	if (len < out->size)
		return PART;
	memcpy(copy, p + head, body);
	verdict = check_session(l, type, copy);
	if (verdict != GIVEN)
		return verdict;
	out->head[0] = p[0];
	out->head[1] = (uint8_t)body;
	memcpy(out->head + 2, copy, body);
	out->head_len = 2 + body;
	out->drop = out->size;
	return GIVEN;
}

struct legal_packet legal_next(struct legal *l, const uint8_t *p, size_t len)
{
	struct legal_packet out = { .verdict = PART };
	size_t length = 0, head;

	if (!len)
		return out;
	out.verdict = ILLEGAL;
	if (!first_is_legal(l, p[0]))
		return out;
	for (head = 1; head < 5; head++) {
		if (head == len) {
			out.verdict = PART;
			return out;
		}
		length |= (size_t)(p[head] & 127) << 7 * (head - 1);
		if (p[head] < 128)
			break;
	}
	if (head == 5)
		return out;
	out.size = ++head + length;
	out.verdict = p[0] >> 4 == PUBLISH ?
			      check_publish(l, &out, p, len, head) :
			      check_other(l, &out, p, len, head);
	return out;
}
