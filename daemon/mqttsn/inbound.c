// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the gateway publishes, and the topics that it registers.
 *
 * A message is acknowledged when its owner has dealt with it.  Until then,
 * and for QoS 2 until PUBREL, a repetition is not given out again.  Gateways
 * repeat with DUP 0, and after a restart count MsgIds from 1 again: a
 * repetition is what has the same MsgId and the same content.
 *
 * What has not been dealt with takes memory, and a gateway may send as much
 * as it likes: beyond a bound it is told "congestion", and sends again later.
 */
#include "daemon/mqttsn/client.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/lib/utf8.h"

#define FNV_BASIS	2166136261U
#define FNV_PRIME	16777619U

struct sn_inbound {
	struct mqttsn_message message;
	TAILQ_ENTRY(sn_inbound) entry;	/* c->held, c->given */
	struct mqttsn_client *client;	/* whose room it takes; NULL: gone */
	uint32_t link_number;		/* the connection it came by */
	uint32_t session_number;
	uint8_t flags;
	uint16_t topic_id;		/* as it came */
	uint16_t msg_id;
	uint32_t hash;
	char data[];			/* payload, topic */
};

_Static_assert(sizeof(struct sn_inbound) + MQTTSN_TOPIC_MAX < MQTT_HELD_EACH,
	       "it is counted whole");

static uint32_t hash_bytes(uint32_t hash, const void *p, size_t len)
{
	const uint8_t *byte = p;

	while (len--)
		hash = (hash ^ *byte++) * FNV_PRIME;
	return hash;
}

static uint32_t hash_of(const struct sn_message *m)
{
	uint8_t type = sn_topic_type(m);
	uint32_t hash = hash_bytes(FNV_BASIS, &type, sizeof(type));

	hash = hash_bytes(hash, &m->topic_id, sizeof(m->topic_id));
	return hash_bytes(hash, m->data.p, m->data.len);
}

static void acknowledge(struct mqttsn_client *c, enum sn_type type,
			uint16_t topic_id, uint16_t msg_id,
			enum sn_return_code code)
{
	const struct sn_message m = {
		.type = type,
		.topic_id = topic_id,
		.msg_id = msg_id,
		.code = code,
	};

	sn_send(c, &m);
}

/*
 * QoS 2: what was received and not released
 */

static struct sn_received *find_received(struct mqttsn_client *c,
					 uint16_t msg_id)
{
	int i;

	for (i = 0; i < SN_QOS2_MAX; i++)
		if (c->received[i].used && c->received[i].msg_id == msg_id)
			return &c->received[i];
	return NULL;
}

/* The oldest goes when there are too many. */
static void remember(struct mqttsn_client *c, const struct sn_inbound *in)
{
	struct sn_received *r = find_received(c, in->msg_id);

	if (!r) {
		r = &c->received[c->received_next];
		c->received_next = (c->received_next + 1) % SN_QOS2_MAX;
	}
	*r = (struct sn_received){
		.msg_id = in->msg_id,
		.hash = in->hash,
		.used = true,
	};
}

/*
 * Giving out
 */

/*
 * MQTT_HELD_MAX bounds what waits here or is its owner's.  The fixed part has
 * the topic in it, and is a bound for empty messages: 512 of them.
 */
static size_t room_of(size_t payload_len)
{
	return MQTT_HELD_EACH + payload_len;
}

static void free_inbound(struct sn_inbound *in)
{
	if (in->client)
		in->client->waiting -= room_of(in->message.mqtt.payload_len);
	explicit_bzero((void *)in->message.mqtt.payload,
		       in->message.mqtt.payload_len);
	free(in);
}

static enum mqttsn_topic_kind kind_of(uint8_t flags)
{
	static const enum mqttsn_topic_kind kinds[] = {
		[SN_TOPIC_NORMAL] = MQTTSN_TOPIC_NORMAL,
		[SN_TOPIC_PREDEFINED] = MQTTSN_TOPIC_PREDEFINED,
		[SN_TOPIC_SHORT] = MQTTSN_TOPIC_SHORT,
	};

	return kinds[flags & SN_TOPIC_TYPE];
}

/* With room for any topic behind the payload. */
static struct sn_inbound *new_inbound(struct mqttsn_client *c,
				   const struct sn_message *m)
{
	struct sn_inbound *in = calloc(1, sizeof(*in) + m->data.len +
					       MQTTSN_TOPIC_MAX);
	struct mqtt_message *mqtt;

	if (!in)
		return NULL;
	if (m->data.len)
		memcpy(in->data, m->data.p, m->data.len);
	in->client = c;
	c->waiting += room_of(m->data.len);
	in->link_number = c->link_number;
	in->session_number = c->session_number;
	in->flags = m->flags;
	in->topic_id = m->topic_id;
	in->msg_id = m->msg_id;
	in->hash = hash_of(m);
	in->message.kind = kind_of(m->flags);
	mqtt = &in->message.mqtt;
	mqtt->payload = in->data;
	mqtt->payload_len = m->data.len;
	mqtt->topic = in->data + m->data.len;
	mqtt->qos = sn_qos(m);
	mqtt->retained = m->flags & SN_RETAIN;
	return in;
}

/* Its length: RSMB sends a topic of one byte as a short one, too. */
static size_t short_name(uint16_t topic_id, char name[2])
{
	name[0] = (char)(topic_id >> 8);
	name[1] = (char)topic_id;
	return name[1] ? 2 : 1;
}

/*
 * What a PUBLISH itself says of its topic.  The bytes of a short one go to
 * the host as they are; a normal id's name was looked at when it came.
 */
static bool has_legal_topic(const struct sn_message *m)
{
	char name[2];

	if (kind_of(m->flags) == MQTTSN_TOPIC_SHORT)
		return utf8_is_topic_name(name, short_name(m->topic_id, name));
	return sn_topic_id_is_valid(m->topic_id);
}

/* False: nobody knows what the id stands for. */
static bool find_topic(const struct mqttsn_client *c, struct sn_inbound *in)
{
	char *topic = (char *)in->message.mqtt.topic;
	const struct sn_topic *t;

	switch (in->message.kind) {
	case MQTTSN_TOPIC_NAME:
		break;
	case MQTTSN_TOPIC_PREDEFINED:
		in->message.topic_id = in->topic_id;
		return true;
	case MQTTSN_TOPIC_SHORT:
		in->message.mqtt.topic_len = short_name(in->topic_id, topic);
		return true;
	case MQTTSN_TOPIC_NORMAL:
		t = sn_topics_by_id(&c->topics, in->topic_id);
		if (!t)
			return false;
		memcpy(topic, t->name, t->len);
		in->message.mqtt.topic_len = t->len;
		in->message.topic_id = in->topic_id;
		return true;
	}
	return false;
}

static void give_out(struct mqttsn_client *c, struct sn_inbound *in)
{
	if (in->message.mqtt.qos == 2)
		remember(c, in);
	TAILQ_INSERT_TAIL(&c->given, in, entry);
	c->cb.message(c->ctx, &in->message);
}

static void refuse(struct mqttsn_client *c, struct sn_inbound *in)
{
	acknowledge(c, SN_PUBACK, in->topic_id, in->msg_id,
		    SN_INVALID_TOPIC_ID);
	free_inbound(in);
}

/*
 * A PUBLISH may overtake the SUBACK that tells its topic; those behind it
 * wait, too, for the sake of order.
 */
void sn_inbound_flush(struct mqttsn_client *c)
{
	struct sn_inbound *in;
	bool known;

	while (c->state == SN_STATE_OPEN && (in = TAILQ_FIRST(&c->held))) {
		known = find_topic(c, in);
		if (!known && sn_requests_await_topic(c))
			return;
		TAILQ_REMOVE(&c->held, in, entry);
		if (known)
			give_out(c, in);
		else
			refuse(c, in);
	}
}

static bool is_repetition(const struct sn_inbound *in,
			  const struct sn_message *m, uint32_t hash)
{
	return in->message.mqtt.qos == sn_qos(m) && in->msg_id == m->msg_id &&
	       in->hash == hash;
}

static bool is_in(const struct sn_inbound_list *list, uint32_t link_number,
		  const struct sn_message *m, uint32_t hash)
{
	const struct sn_inbound *in;

	TAILQ_FOREACH(in, list, entry)
		if (in->link_number == link_number &&
		    is_repetition(in, m, hash))
			return true;
	return false;
}

/* Has it been here?  Then it is acknowledged again, if it was before. */
static bool is_known(struct mqttsn_client *c, const struct sn_message *m)
{
	uint32_t hash = hash_of(m);
	const struct sn_received *r;

	if (!sn_qos(m))
		return false;
	if (is_in(&c->held, c->link_number, m, hash) ||
	    is_in(&c->given, c->link_number, m, hash))
		return true;
	r = sn_qos(m) == 2 ? find_received(c, m->msg_id) : NULL;
	if (!r || r->hash != hash)
		return false;
	if (r->ended)
		acknowledge(c, SN_PUBREC, 0, m->msg_id, SN_ACCEPTED);
	return true;
}

static void refuse_illegal(struct mqttsn_client *c, const struct sn_message *m)
{
	acknowledge(c, SN_PUBACK, m->topic_id, m->msg_id, SN_INVALID_TOPIC_ID);
	c->cb.illegal(c->ctx);
}

/* MQTT-SN 1.2 5.4.13: PUBACK tells an error of QoS 2, too. */
static void refuse_for_now(struct mqttsn_client *c, const struct sn_message *m)
{
	if (sn_qos(m))
		acknowledge(c, SN_PUBACK, m->topic_id, m->msg_id,
			    SN_CONGESTION);
	else
		c->cb.dropped(c->ctx);
}

static bool has_room(const struct mqttsn_client *c, const struct sn_message *m)
{
	return c->waiting + room_of(m->data.len) <= MQTT_HELD_MAX;
}

static void take(struct mqttsn_client *c, const struct sn_message *m)
{
	struct sn_inbound *in = has_room(c, m) ? new_inbound(c, m) : NULL;

	if (in)
		TAILQ_INSERT_TAIL(&c->held, in, entry);
	else
		refuse_for_now(c, m);
}

void sn_inbound_publish(struct mqttsn_client *c, const struct sn_message *m)
{
	if (sn_qos(m) == SN_QOS_NONE || is_known(c, m))
		return;
	if (has_legal_topic(m))
		take(c, m);
	else
		refuse_illegal(c, m);
}

/* A repeated one is answered, too. */
void sn_inbound_release(struct mqttsn_client *c, const struct sn_message *m)
{
	struct sn_received *r = find_received(c, m->msg_id);

	if (r && !r->ended)
		return;
	if (r)
		r->used = false;
	acknowledge(c, SN_PUBCOMP, 0, m->msg_id, SN_ACCEPTED);
}

static enum sn_return_code check_topic(const struct sn_message *m)
{
	if (!sn_topic_id_is_valid(m->topic_id))
		return SN_INVALID_TOPIC_ID;
	if (m->data.len > MQTTSN_TOPIC_MAX ||
	    !utf8_is_topic_name(m->data.p, m->data.len))
		return SN_NOT_SUPPORTED;
	return SN_ACCEPTED;
}

void sn_inbound_register(struct mqttsn_client *c, const struct sn_message *m)
{
	enum sn_return_code code = check_topic(m);
	bool legal = code == SN_ACCEPTED;
	struct sn_topic *t = NULL;

	if (legal) {
		t = sn_topics_set(&c->topics, m->topic_id, m->data.p,
				  m->data.len, MQTTSN_BY_GATEWAY);
		code = t ? SN_ACCEPTED : SN_CONGESTION;
	}
	acknowledge(c, SN_REGACK, m->topic_id, m->msg_id, code);
	if (!legal)
		c->cb.illegal(c->ctx);
	if (!t || t->told)
		return;
	t->told = true;
	c->cb.registered(c->ctx, t->id, t->name);
}

/*
 * What its owner does with it
 */

static void end_received(struct mqttsn_client *c, const struct sn_inbound *in,
			 bool ok)
{
	struct sn_received *r = find_received(c, in->msg_id);

	if (in->message.mqtt.qos != 2 || !r || r->hash != in->hash ||
	    in->session_number != c->session_number)
		return;
	r->ended = ok;
	r->used = ok;
}

static void end_message(struct sn_inbound *in, bool ok)
{
	struct mqttsn_client *c = in->client;
	uint8_t qos = in->message.mqtt.qos;

	if (c) {
		TAILQ_REMOVE(&c->given, in, entry);
		end_received(c, in, ok);
		if (ok && qos && c->state == SN_STATE_OPEN &&
		    in->link_number == c->link_number)
			acknowledge(c, qos == 2 ? SN_PUBREC : SN_PUBACK,
				    in->topic_id, in->msg_id, SN_ACCEPTED);
	}
	free_inbound(in);
}

void mqttsn_message_end(struct mqttsn_message *msg)
{
	end_message((struct sn_inbound *)msg, true);
}

void mqttsn_message_drop(struct mqttsn_message *msg)
{
	end_message((struct sn_inbound *)msg, false);
}

/*
 * Ends of the connection, the session and the client
 */

void sn_inbound_init(struct mqttsn_client *c)
{
	TAILQ_INIT(&c->held);
	TAILQ_INIT(&c->given);
}

void sn_inbound_leave(struct mqttsn_client *c)
{
	struct sn_inbound *in;

	while ((in = TAILQ_FIRST(&c->held))) {
		TAILQ_REMOVE(&c->held, in, entry);
		free_inbound(in);
	}
	c->link_number++;
}

void sn_inbound_forget(struct mqttsn_client *c)
{
	memset(c->received, 0, sizeof(c->received));
	c->session_number++;
}

void sn_inbound_orphan(struct mqttsn_client *c)
{
	struct sn_inbound *in;

	while ((in = TAILQ_FIRST(&c->given))) {
		TAILQ_REMOVE(&c->given, in, entry);
		in->client = NULL;
	}
}
