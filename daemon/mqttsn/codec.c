// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTT-SN 1.2 chapter 5.  A message is
 *
 *   Length   1 octet, or 0x01 and 2 octets; all of the message counts
 *   Type     1 octet
 *   fields   see the table
 *
 * Numbers are big-endian.  Only an encapsulated message is longer than its
 * Length says: that counts the header, and the message follows.
 */
#include "daemon/mqttsn/codec.h"

#include <string.h>

#define LONG_LENGTH	0x01
#define SHORT_MAX	255	/* what one octet can say */
#define FIELDS_MAX	4

enum field {
	END,
	FLAGS,
	CODE,
	TOPIC_ID,
	MSG_ID,
	DURATION,
	DATA,		/* all that is left, may be empty */
	TEXT,		/* the same, not empty */
	TOPIC,		/* id or, by the flags, a name */
};

struct layout {
	const char *name;	/* NULL: a reserved type */
	enum field fields[FIELDS_MAX + 1];
	bool can_be_brief;	/* no field at all is a message, too */
	bool can_trail;		/* an acknowledgement: extra octets pass */
};

#define PLAIN(name_, ...)	{ .name = name_, .fields = { __VA_ARGS__ } }
#define ACK(name_, ...)						\
	{ .name = name_, .fields = { __VA_ARGS__ }, .can_trail = true }
#define BRIEF(name_, ...)					\
	{ .name = name_, .fields = { __VA_ARGS__ }, .can_be_brief = true }

static const struct layout layouts[] = {
	[SN_ADVERTISE] = PLAIN("ADVERTISE", CODE, DURATION),
	[SN_SEARCHGW] = PLAIN("SEARCHGW", CODE),
	[SN_GWINFO] = PLAIN("GWINFO", CODE, DATA),
	[SN_CONNECT] = PLAIN("CONNECT", FLAGS, CODE, DURATION, TEXT),
	[SN_CONNACK] = ACK("CONNACK", CODE),
	[SN_WILLTOPICREQ] = PLAIN("WILLTOPICREQ", END),
	[SN_WILLTOPIC] = BRIEF("WILLTOPIC", FLAGS, TEXT),
	[SN_WILLMSGREQ] = PLAIN("WILLMSGREQ", END),
	[SN_WILLMSG] = PLAIN("WILLMSG", DATA),
	[SN_REGISTER] = PLAIN("REGISTER", TOPIC_ID, MSG_ID, DATA),
	[SN_REGACK] = ACK("REGACK", TOPIC_ID, MSG_ID, CODE),
	[SN_PUBLISH] = PLAIN("PUBLISH", FLAGS, TOPIC_ID, MSG_ID, DATA),
	[SN_PUBACK] = ACK("PUBACK", TOPIC_ID, MSG_ID, CODE),
	[SN_PUBCOMP] = ACK("PUBCOMP", MSG_ID),
	[SN_PUBREC] = ACK("PUBREC", MSG_ID),
	[SN_PUBREL] = ACK("PUBREL", MSG_ID),
	[SN_SUBSCRIBE] = PLAIN("SUBSCRIBE", FLAGS, MSG_ID, TOPIC),
	[SN_SUBACK] = ACK("SUBACK", FLAGS, TOPIC_ID, MSG_ID, CODE),
	[SN_UNSUBSCRIBE] = PLAIN("UNSUBSCRIBE", FLAGS, MSG_ID, TOPIC),
	[SN_UNSUBACK] = ACK("UNSUBACK", MSG_ID),
	[SN_PINGREQ] = PLAIN("PINGREQ", DATA),
	[SN_PINGRESP] = ACK("PINGRESP", END),
	[SN_DISCONNECT] = BRIEF("DISCONNECT", DURATION),
	[SN_WILLTOPICUPD] = BRIEF("WILLTOPICUPD", FLAGS, TEXT),
	[SN_WILLTOPICRESP] = ACK("WILLTOPICRESP", CODE),
	[SN_WILLMSGUPD] = PLAIN("WILLMSGUPD", DATA),
	[SN_WILLMSGRESP] = ACK("WILLMSGRESP", CODE),
	[SN_ENCAPSULATED] = PLAIN("ENCAPSULATED", CODE, DATA),
};

/* What is left to be read. */
struct reader {
	const uint8_t *p;
	size_t len;
};

/* What was written, and where to. */
struct writer {
	uint8_t *p;
	size_t room;
	bool overflow;
};

static const struct layout *layout_of(unsigned int type)
{
	const struct layout *l = NULL;

	if (type < sizeof(layouts) / sizeof(layouts[0]))
		l = &layouts[type];
	return l && l->name ? l : NULL;
}

static bool has_topic_name(const struct sn_message *m)
{
	return sn_topic_type(m) == SN_TOPIC_NORMAL;
}

/*
 * Reading
 */

static bool get8(struct reader *r, uint8_t *value)
{
	if (r->len < 1)
		return false;
	*value = *r->p++;
	r->len--;
	return true;
}

static bool get16(struct reader *r, uint16_t *value)
{
	if (r->len < 2)
		return false;
	*value = (uint16_t)(r->p[0] << 8 | r->p[1]);
	r->p += 2;
	r->len -= 2;
	return true;
}

static bool get_rest(struct reader *r, struct sn_bytes *bytes)
{
	*bytes = (struct sn_bytes){ r->p, r->len };
	r->p += r->len;
	r->len = 0;
	return true;
}

static bool get_field(struct reader *r, struct sn_message *m, enum field field)
{
	switch (field) {
	case FLAGS:
		return get8(r, &m->flags);
	case CODE:
		return get8(r, &m->code);
	case TOPIC_ID:
		return get16(r, &m->topic_id);
	case MSG_ID:
		return get16(r, &m->msg_id);
	case DURATION:
		return get16(r, &m->duration);
	case DATA:
		return get_rest(r, &m->data);
	case TEXT:
		return r->len && get_rest(r, &m->data);
	case TOPIC:
		if (has_topic_name(m))
			return r->len && get_rest(r, &m->data);
		return get16(r, &m->topic_id);
	case END:
		break;
	}
	return false;
}

static bool get_fields(struct reader *r, struct sn_message *m,
		       const struct layout *l)
{
	const enum field *field = l->fields;

	if (l->can_be_brief && !r->len) {
		m->brief = true;
		return true;
	}
	for (; *field != END; field++)
		if (!get_field(r, m, *field))
			return false;
	return !r->len || l->can_trail;
}

/* The flags of these name a topic; the type 3 is reserved. */
static bool has_known_topic_type(const struct sn_message *m)
{
	if (m->type != SN_PUBLISH && m->type != SN_SUBSCRIBE &&
	    m->type != SN_UNSUBSCRIBE)
		return true;
	return sn_topic_type(m) <= SN_TOPIC_SHORT;
}

/*
 * Deployed gateways are wrong about one size each: RSMB puts 256 into one
 * octet, which leaves 0; Paho's does not count the two more octets of a long
 * Length that begins to be necessary.  The datagram's size is the truth.
 */
static size_t mended(size_t length, size_t header, size_t size)
{
	if (header == 1 && !length && size == SHORT_MAX + 1)
		return size;
	if (header == 3 && length == SHORT_MAX && size == SHORT_MAX + 2)
		return size;
	return length;
}

static bool get_length(struct reader *r, size_t *length)
{
	size_t size = r->len;
	uint8_t short_length;
	uint16_t long_length;

	if (!get8(r, &short_length))
		return false;
	*length = short_length;
	if (short_length == LONG_LENGTH) {
		if (!get16(r, &long_length))
			return false;
		*length = long_length;
	}
	*length = mended(*length, size - r->len, size);
	return true;
}

/* @all: the datagram, of which @r has read the length */
static bool split(struct reader *r, const struct reader *all, size_t length,
		  struct sn_message *m)
{
	size_t header = all->len - r->len;

	if (length <= header || length > all->len)
		return false;
	m->inner.p = all->p + length;
	m->inner.len = all->len - length;
	r->len = length - header;
	return true;
}

bool sn_decode(struct sn_message *m, const void *buf, size_t len)
{
	const struct reader all = { buf, len };
	struct reader r = all;
	const struct layout *l;
	size_t length;
	uint8_t type;

	memset(m, 0, sizeof(*m));
	if (!get_length(&r, &length) || !split(&r, &all, length, m))
		return false;
	if (!get8(&r, &type))
		return false;
	m->type = type;
	l = layout_of(type);
	if (!l || !!m->inner.len != (type == SN_ENCAPSULATED))
		return false;
	return get_fields(&r, m, l) && has_known_topic_type(m);
}

/*
 * Writing
 */

static void put(struct writer *w, const void *p, size_t len)
{
	if (len > w->room) {
		w->overflow = true;
		return;
	}
	if (len)
		memcpy(w->p, p, len);
	w->p += len;
	w->room -= len;
}

static void put8(struct writer *w, uint8_t value)
{
	put(w, &value, 1);
}

static void put16(struct writer *w, uint16_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(w, bytes, sizeof(bytes));
}

static void put_field(struct writer *w, const struct sn_message *m,
		      enum field field)
{
	switch (field) {
	case FLAGS:
		put8(w, m->flags);
		break;
	case CODE:
		put8(w, m->code);
		break;
	case TOPIC_ID:
		put16(w, m->topic_id);
		break;
	case MSG_ID:
		put16(w, m->msg_id);
		break;
	case DURATION:
		put16(w, m->duration);
		break;
	case DATA:
	case TEXT:
		put(w, m->data.p, m->data.len);
		break;
	case TOPIC:
		if (has_topic_name(m))
			put(w, m->data.p, m->data.len);
		else
			put16(w, m->topic_id);
		break;
	case END:
		break;
	}
}

static size_t field_size(const struct sn_message *m, enum field field)
{
	switch (field) {
	case FLAGS:
	case CODE:
		return 1;
	case TOPIC_ID:
	case MSG_ID:
	case DURATION:
		return 2;
	case DATA:
	case TEXT:
		return m->data.len;
	case TOPIC:
		return has_topic_name(m) ? m->data.len : 2;
	case END:
		break;
	}
	return 0;
}

size_t sn_size(const struct sn_message *m)
{
	const struct layout *l = layout_of(m->type);
	const enum field *field;
	size_t size = 2;

	if (!l)
		return 0;
	for (field = l->fields; *field != END && !m->brief; field++)
		size += field_size(m, *field);
	if (size > SHORT_MAX)
		size += 2;
	return size <= SN_DATAGRAM_MAX ? size : 0;
}

static void put_length(struct writer *w, size_t size)
{
	if (size <= SHORT_MAX) {
		put8(w, (uint8_t)size);
		return;
	}
	put8(w, LONG_LENGTH);
	put16(w, (uint16_t)size);
}

size_t sn_encode(void *buf, size_t size, const struct sn_message *m)
{
	const struct layout *l = layout_of(m->type);
	struct writer w = { .p = buf, .room = size };
	size_t length = sn_size(m);
	const enum field *field;

	if (!length)
		return 0;
	put_length(&w, length);
	put8(&w, (uint8_t)m->type);
	for (field = l->fields; *field != END && !m->brief; field++)
		put_field(&w, m, *field);
	put(&w, m->inner.p, m->inner.len);
	return w.overflow ? 0 : size - w.room;
}
