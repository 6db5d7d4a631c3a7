// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqtt/inbound.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/client.h"
#include "daemon/mqtt/link.h"
#include "daemon/mqtt/session.h"

enum { PUBLISH = 3, PUBACK, PUBREC, PUBREL, PUBCOMP };

#define SCRATCH_SIZE	4096

static size_t held_size(const struct inbound *in)
{
	return MQTT_HELD_EACH + in->msg.topic_len + in->msg.payload_len;
}

void inbound_free(struct inbound *in)
{
	if (!in)
		return;
	held_sub(in->held, held_size(in));
	held_put(in->held);
	free(in);
}

static void acknowledge(struct link *link, uint8_t type, uint16_t id)
{
	const uint8_t packet[] = { (uint8_t)(type << 4), 2,
				   (uint8_t)(id >> 8), (uint8_t)id };

	link_write(link, packet, sizeof(packet));
}

/* A link that is gone acknowledges nothing: the broker sends it again. */
static void inbound_acknowledge(struct inbound *in)
{
	if (in->link)
		acknowledge(in->link, in->msg.qos == 1 ? PUBACK : PUBREC,
			    in->id);
	inbound_free(in);
}

/* ---- what comes; the door has seen to it that all of it is sound ---- */

static unsigned int read16(const uint8_t *p)
{
	return (unsigned int)p[0] << 8 | p[1];
}

/* The length of a packet's body; @p is behind it then. */
static size_t body_length(const uint8_t **p)
{
	size_t length = 0;
	unsigned int shift = 0;

	do {
		length |= (size_t)(**p & 0x7f) << shift;
		shift += 7;
	} while (*(*p)++ & 0x80);
	return length;
}

static struct inbound *inbound_new(struct link *link, const uint8_t *topic,
				   size_t topic_len, size_t payload_len)
{
	struct inbound *in = calloc(1, sizeof(*in) + topic_len + payload_len);

	if (!in)
		return NULL;
	memcpy(in->data, topic, topic_len);
	in->msg.topic = in->data;
	in->msg.topic_len = topic_len;
	in->msg.payload = in->data + topic_len;
	in->msg.payload_len = payload_len;
	in->event.type = EVENT_MESSAGE;
	in->event.link = link;
	in->link = link;
	in->held = held_get(link->held);
	held_add(in->held, held_size(in));
	return in;
}

static void on_whole(struct link *link)
{
	struct inbound *in = link->coming.in;

	link->coming.in = NULL;
	if (in)
		mqtt_event(link->mqtt, &in->event);
}

/*
 * A message that there is no memory for stays at the broker, which sends it
 * again when the link is opened anew; one of QoS 0 is gone.
 */
static void on_publish(struct link *link, const uint8_t *p)
{
	uint8_t first = *p++;
	size_t left = body_length(&p);
	size_t topic_len = read16(p);
	const uint8_t *topic = p + 2;
	const uint8_t *id = topic + topic_len;
	unsigned int qos = first >> 1 & 3;
	struct inbound *in;

	left -= 2 + topic_len + (qos ? 2 : 0);
	in = inbound_new(link, topic, topic_len, left);
	if (in) {
		in->msg.cut = door_cut(stream_door(link->stream));
		in->msg.qos = (uint8_t)qos;
		in->msg.retained = first & 1;
		in->dup = first & 8;
		in->id = qos ? (uint16_t)read16(id) : 0;
	} else if (qos) {
		stream_cut(link->stream, "no memory");
	}
	link->coming = (struct coming){ in, left };
	if (!left)
		on_whole(link);
}

static ssize_t read_payload(struct link *link)
{
	struct coming *c = &link->coming;
	char scratch[SCRATCH_SIZE];
	char *to = scratch;
	size_t len = c->left < sizeof(scratch) ? c->left : sizeof(scratch);
	ssize_t n;

	if (c->in) {
		to = c->in->data + c->in->msg.topic_len +
		     c->in->msg.payload_len - c->left;
		len = c->left;
	}
	n = stream_read(link->stream, to, len);
	if (n <= 0)
		return n;
	c->left -= (size_t)n;
	if (!c->left)
		on_whole(link);
	return n;
}

/* By any id: the broker may have our PUBCOMP and not know it any more. */
static void on_pubrel(struct link *link, const uint8_t *p)
{
	uint16_t id = (uint16_t)read16(p + 2);

	session_know(link->session, id, false);
	acknowledge(link, PUBCOMP, id);
}

/* A packet but for its payload comes through the door in one piece. */
ssize_t inbound_read(struct link *link)
{
	uint8_t head[DOOR_HEAD_MAX];
	ssize_t n;

	if (link->coming.left)
		return read_payload(link);
	n = stream_read(link->stream, head, sizeof(head));
	if (n <= 0)
		return n;
	if (head[0] >> 4 == PUBLISH)
		on_publish(link, head);
	else if (head[0] >> 4 == PUBREL)
		on_pubrel(link, head);
	else
		paho_give(&link->socket, head, (size_t)n);
	return n;
}

/* ---- what is given out ---- */

/* The broker repeats what the owner still holds: that will acknowledge it. */
static bool adopt(struct session *session, struct inbound *in)
{
	struct inbound *held = session_find(session, in);

	if (!held)
		return false;
	held->link = in->link;
	inbound_free(in);
	return true;
}

/*
 * A QoS 2 message whose id is not released yet came before, if its DUP says
 * so, too (3.3.1-1): better twice than swallowed.
 */
void inbound_deliver(struct inbound *in)
{
	struct link *link = in->link;
	struct session *session = link->session;

	if (!link->client || !client_takes_messages(link->client)) {
		inbound_free(in);
		return;
	}
	if (in->msg.qos == 0) {
		in->link = NULL;
	} else if (adopt(session, in)) {
		return;
	} else if (in->msg.qos == 2 && in->dup &&
		   session_knows(session, in->id)) {
		inbound_acknowledge(in);
		return;
	} else {
		session_hold(session, in);
		if (in->msg.qos == 2)
			session_know(session, in->id, true);
		if (session->known_count > SESSION_KNOWN_MAX)
			stream_cut(link->stream,
				   "too many messages not released");
	}
	client_message(link->client, &in->msg);
}

void mqtt_message_end(struct mqtt_message *msg)
{
	struct inbound *in = container_of(msg, struct inbound, msg);

	session_unhold(in);
	inbound_acknowledge(in);
}

void mqtt_message_drop(struct mqtt_message *msg)
{
	struct inbound *in = container_of(msg, struct inbound, msg);

	if (in->session && msg->qos == 2)
		session_know(in->session, in->id, false);
	session_unhold(in);
	inbound_free(in);
}
