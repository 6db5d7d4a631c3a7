// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the host asks of the gateway.  Of each lane the first request is under
 * way, the others wait:
 *
 *   WAITING --sent--> SENT --acknowledged--> ended
 *
 * A PUBLISH to a name without id lets a REGISTER of its own go first, also
 * when the gateway turns out to have forgotten the id; QoS 2 has two steps:
 *
 *   WAITING <--REGACK-- REGISTERING
 *   SENT --PUBREC--> RELEASING --PUBCOMP--> ended
 *
 * There are gateways that say nothing to an id they do not know.  So the last
 * try of a PUBLISH has a REGISTER beside it: if the id is another one now, the
 * message is sent by that, too.  It is the same message, with its MsgId.
 *
 * An acknowledgement is matched by its type and MsgId alone: there are
 * gateways that tell no topic id, or one with its octets swapped.
 */
#include "daemon/mqttsn/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum stage {
	WAITING,
	REGISTERING,
	SENT,
	RELEASING,
};

struct sn_request {
	TAILQ_ENTRY(sn_request) entry;	/* of its lane, or c->ended */
	enum sn_lane lane;
	enum stage stage;
	struct sn_message message;
	uint32_t token;
	bool own;		/* of a PUBLISH: nobody hears of its end */
	bool refused;		/* once, for its topic id */
	bool in_doubt;		/* whether the gateway knows its topic id */
	bool ok;
	uint16_t result;	/* topic id of a registration */
	uint64_t deadline;
	uint64_t due;		/* of the next sending */
	size_t name_len;	/* 0: the topic has no name */
	size_t size;		/* of data */
	char data[];		/* name, NUL, payload */
};

static void pump(struct mqttsn_client *c, enum sn_lane lane);
static void begin(struct mqttsn_client *c, struct sn_request *r);
static void send_by_new_id(struct mqttsn_client *c, struct sn_request *r);

static struct sn_request *head_of(const struct mqttsn_client *c,
				  enum sn_lane lane)
{
	return TAILQ_FIRST(&c->lanes[lane]);
}

static struct sn_request *new_request(struct mqttsn_client *c,
				      enum sn_type type, const char *name,
				      size_t name_len, const void *payload,
				      size_t len)
{
	size_t size = name_len + 1 + len;
	struct sn_request *r = calloc(1, sizeof(*r) + size);

	if (!r)
		return NULL;
	r->size = size;
	r->name_len = name_len;
	if (name_len)
		memcpy(r->data, name, name_len);
	if (len)
		memcpy(r->data + name_len + 1, payload, len);
	r->message.type = type;
	if (type == SN_PUBLISH || type == SN_WILLMSGUPD)
		r->message.data = (struct sn_bytes){ r->data + name_len + 1,
						     len };
	else
		r->message.data = (struct sn_bytes){ r->data, name_len };
	c->request_count++;
	return r;
}

/* Payloads may be secrets. */
static void free_request(struct mqttsn_client *c, struct sn_request *r)
{
	c->request_count--;
	explicit_bzero(r->data, r->size);
	free(r);
}

/*
 * The end of a request
 */

static void leave_lane(struct mqttsn_client *c, struct sn_request *r)
{
	TAILQ_REMOVE(&c->lanes[r->lane], r, entry);
	if (r == c->registering)
		c->registering = NULL;
}

/* @r: the REGISTER for the PUBLISH at the head of its lane */
static void end_own(struct mqttsn_client *c, struct sn_request *r, bool ok);

static void end(struct mqttsn_client *c, struct sn_request *r, bool ok)
{
	enum sn_lane lane = r->lane;

	if (r->own) {
		end_own(c, r, ok);
		return;
	}
	if (lane == SN_LANE_PUBLISH && c->registering) {
		struct sn_request *own = c->registering;

		leave_lane(c, own);
		free_request(c, own);
		pump(c, SN_LANE_REGISTER);
	}
	leave_lane(c, r);
	r->ok = ok;
	TAILQ_INSERT_TAIL(&c->ended, r, entry);
	pump(c, lane);
}

static void end_own(struct mqttsn_client *c, struct sn_request *r, bool ok)
{
	struct sn_request *publish = head_of(c, SN_LANE_PUBLISH);

	leave_lane(c, r);
	free_request(c, r);
	pump(c, SN_LANE_REGISTER);
	if (publish->stage != REGISTERING)
		send_by_new_id(c, publish);
	else if (ok)
		begin(c, publish);
	else
		end(c, publish, false);
}

/*
 * Sending
 */

static bool is_under_way(const struct mqttsn_client *c, uint16_t msg_id)
{
	const struct sn_request *r;
	int lane;

	for (lane = 0; lane < SN_LANES; lane++) {
		r = head_of(c, lane);
		if (r && r->message.msg_id == msg_id)
			return true;
	}
	return false;
}

static uint16_t next_msg_id(struct mqttsn_client *c)
{
	do
		c->msg_id++;
	while (!c->msg_id || is_under_way(c, c->msg_id));
	return c->msg_id;
}

/*
 * What got lost is sent again, whether on the way or before.  False if it can
 * never be sent.
 */
static bool transmit(struct mqttsn_client *c, struct sn_request *r)
{
	const struct sn_message release = {
		.type = SN_PUBREL,
		.msg_id = r->message.msg_id,
	};
	int rc;

	r->due = c->ops->now(c->env) + c->timers.retry_ms;
	rc = sn_send(c, r->stage == RELEASING ? &release : &r->message);
	if (r->message.type == SN_PUBLISH)
		r->message.flags |= SN_DUP;
	return rc != -EMSGSIZE;
}

static bool has_msg_id(const struct sn_request *r)
{
	return r->lane == SN_LANE_REGISTER || r->lane == SN_LANE_SUBSCRIBE ||
	       r->lane == SN_LANE_PUBLISH;
}

static bool is_qos0(const struct sn_request *r)
{
	return r->message.type == SN_PUBLISH && !sn_qos(&r->message);
}

/* False without memory. */
static bool ask_topic_id(struct mqttsn_client *c,
			 const struct sn_request *publish)
{
	struct sn_request *r = new_request(c, SN_REGISTER, publish->data,
					   publish->name_len, NULL, 0);

	if (!r)
		return false;
	r->own = true;
	r->lane = SN_LANE_REGISTER;
	r->deadline = publish->deadline;
	c->registering = r;
	TAILQ_INSERT_TAIL(&c->lanes[SN_LANE_REGISTER], r, entry);
	pump(c, SN_LANE_REGISTER);
	return true;
}

static void begin_register(struct mqttsn_client *c, struct sn_request *publish)
{
	publish->stage = REGISTERING;
	if (!ask_topic_id(c, publish))
		end(c, publish, false);
}

/* False: the gateway is to be asked for it first. */
static bool find_topic_id(struct mqttsn_client *c, struct sn_request *r)
{
	const struct sn_topic *t;

	if (r->message.type != SN_PUBLISH || !r->name_len)
		return true;
	t = sn_topics_by_name(&c->topics, r->data, r->name_len);
	if (!t)
		return false;
	r->message.topic_id = t->id;
	return true;
}

/* @r was sent, and its topic may have got an id since. */
static void send_by_new_id(struct mqttsn_client *c, struct sn_request *r)
{
	uint16_t old = r->message.topic_id;

	if (r->stage == SENT && find_topic_id(c, r) &&
	    r->message.topic_id != old)
		transmit(c, r);
}

/* @r is the first of its lane.  What is too late is not sent at all. */
static void begin(struct mqttsn_client *c, struct sn_request *r)
{
	r->stage = WAITING;
	if (r->deadline <= c->ops->now(c->env)) {
		end(c, r, false);
	} else if (!find_topic_id(c, r)) {
		begin_register(c, r);
	} else if (is_qos0(r)) {
		c->qos0_topic = r->message.topic_id;
		end(c, r, !sn_send(c, &r->message));
	} else {
		if (has_msg_id(r))
			r->message.msg_id = next_msg_id(c);
		r->message.flags &= (uint8_t)~SN_DUP;
		r->stage = SENT;
		if (!transmit(c, r))
			end(c, r, false);
	}
}

/* Begins what can begin, if nothing is under way. */
static void pump(struct mqttsn_client *c, enum sn_lane lane)
{
	struct sn_request *r = head_of(c, lane);

	if (r && r->stage == WAITING)
		begin(c, r);
}

/*
 * Time
 */

static uint64_t due_of(const struct sn_request *r)
{
	if (r->stage != SENT && r->stage != RELEASING)
		return r->deadline;
	return r->due < r->deadline ? r->due : r->deadline;
}

uint64_t sn_requests_deadline(const struct mqttsn_client *c)
{
	const struct sn_request *r;
	uint64_t first = SN_NEVER;
	int lane;

	for (lane = 0; lane < SN_LANES; lane++) {
		r = head_of(c, lane);
		if (r && due_of(r) < first)
			first = due_of(r);
	}
	return first;
}

static void doubt_topic(struct mqttsn_client *c, struct sn_request *r)
{
	r->in_doubt = true;
	sn_topics_doubt(&c->topics, r->data, r->name_len);
}

static void send_again(struct mqttsn_client *c, struct sn_request *r)
{
	transmit(c, r);
	if (r->message.type != SN_PUBLISH || r->stage != SENT ||
	    !r->name_len || r->in_doubt || r->due < r->deadline)
		return;
	doubt_topic(c, r);
	ask_topic_id(c, r);
}

static void tick_lane(struct mqttsn_client *c, enum sn_lane lane,
		      uint64_t now)
{
	struct sn_request *r;

	while ((r = head_of(c, lane)) && due_of(r) <= now) {
		if (r->deadline <= now)
			end(c, r, false);
		else
			send_again(c, r);
	}
}

void sn_requests_tick(struct mqttsn_client *c, uint64_t now)
{
	int lane;

	for (lane = 0; lane < SN_LANES; lane++)
		tick_lane(c, lane, now);
}

/*
 * Acknowledgements
 */

/* The topic at the head of the SUBSCRIBE lane can have an id. */
static bool is_plain_name(const struct sn_request *r)
{
	return r->message.type == SN_SUBSCRIBE && r->name_len &&
	       !memchr(r->data, '#', r->name_len) &&
	       !memchr(r->data, '+', r->name_len);
}

static struct sn_topic *learn(struct mqttsn_client *c,
			      const struct sn_request *r, uint16_t id,
			      enum mqttsn_origin origin)
{
	if (!sn_topic_id_is_valid(id))
		return NULL;
	return sn_topics_set(&c->topics, id, r->data, r->name_len, origin);
}

static void on_regack(struct mqttsn_client *c, struct sn_request *r,
		      const struct sn_message *m)
{
	bool ok = m->code == SN_ACCEPTED &&
		  learn(c, r, m->topic_id, MQTTSN_BY_REGISTER);

	r->result = ok ? m->topic_id : 0;
	end(c, r, ok);
}

static void on_suback(struct mqttsn_client *c, struct sn_request *r,
		      const struct sn_message *m)
{
	if (m->code == SN_ACCEPTED && is_plain_name(r))
		learn(c, r, m->topic_id, MQTTSN_BY_SUBSCRIBE);
	end(c, r, m->code == SN_ACCEPTED);
}

static void on_code(struct mqttsn_client *c, struct sn_request *r,
		    const struct sn_message *m)
{
	end(c, r, m->code == SN_ACCEPTED);
}

static void on_unsuback(struct mqttsn_client *c, struct sn_request *r,
			const struct sn_message *m)
{
	(void)m;
	end(c, r, true);
}

/* Java's gateway says "not supported" of an id that it does not know. */
static bool is_about_topic(enum sn_return_code code)
{
	return code == SN_INVALID_TOPIC_ID || code == SN_NOT_SUPPORTED;
}

/* It may be that its topic is being registered already. */
static void publish_anew(struct mqttsn_client *c, struct sn_request *r)
{
	r->refused = true;
	doubt_topic(c, r);
	if (c->registering)
		r->stage = REGISTERING;
	else
		begin(c, r);
}

static void on_puback(struct mqttsn_client *c, struct sn_request *r,
		      const struct sn_message *m)
{
	if (m->code == SN_ACCEPTED) {
		if (sn_qos(&r->message) == 1)
			end(c, r, true);
	} else if (is_about_topic(m->code) && r->name_len && !r->refused) {
		publish_anew(c, r);
	} else {
		end(c, r, false);
	}
}

static void on_pubrec(struct mqttsn_client *c, struct sn_request *r,
		      const struct sn_message *m)
{
	(void)m;
	if (sn_qos(&r->message) != 2)
		return;
	r->stage = RELEASING;
	transmit(c, r);
}

static void on_pubcomp(struct mqttsn_client *c, struct sn_request *r,
		       const struct sn_message *m)
{
	(void)m;
	if (r->stage == RELEASING)
		end(c, r, true);
}

struct ack {
	enum sn_lane lane;
	enum sn_type of;	/* the request's type */
	void (*run)(struct mqttsn_client *c, struct sn_request *r,
		    const struct sn_message *m);
};

static const struct ack acks[] = {
	[SN_REGACK] = { SN_LANE_REGISTER, SN_REGISTER, on_regack },
	[SN_PUBACK] = { SN_LANE_PUBLISH, SN_PUBLISH, on_puback },
	[SN_PUBREC] = { SN_LANE_PUBLISH, SN_PUBLISH, on_pubrec },
	[SN_PUBCOMP] = { SN_LANE_PUBLISH, SN_PUBLISH, on_pubcomp },
	[SN_SUBACK] = { SN_LANE_SUBSCRIBE, SN_SUBSCRIBE, on_suback },
	[SN_UNSUBACK] = { SN_LANE_SUBSCRIBE, SN_UNSUBSCRIBE, on_unsuback },
	[SN_WILLTOPICRESP] = { SN_LANE_WILL_TOPIC, SN_WILLTOPICUPD, on_code },
	[SN_WILLMSGRESP] = { SN_LANE_WILL_MESSAGE, SN_WILLMSGUPD, on_code },
};

/* A PUBLISH of QoS 0 has no MsgId, and a gateway may tell no topic id. */
static void on_refused_qos0(struct mqttsn_client *c, const struct sn_message *m)
{
	const struct sn_topic *t = sn_topics_by_id(&c->topics, m->topic_id);

	if (!t)
		t = sn_topics_by_id(&c->topics, c->qos0_topic);
	if (t)
		sn_topics_doubt(&c->topics, t->name, t->len);
}

/*
 * Of a request that has failed meanwhile.  A PUBREC is answered all the same,
 * else the gateway would repeat it.
 */
static void on_stray_ack(struct mqttsn_client *c, const struct sn_message *m)
{
	const struct sn_message release = {
		.type = SN_PUBREL,
		.msg_id = m->msg_id,
	};

	if (m->type == SN_PUBREC)
		sn_send(c, &release);
	else if (m->type == SN_PUBACK && !m->msg_id && is_about_topic(m->code))
		on_refused_qos0(c, m);
}

void sn_requests_ack(struct mqttsn_client *c, const struct sn_message *m)
{
	const struct ack *ack = &acks[m->type];
	struct sn_request *r = head_of(c, ack->lane);

	if (r && (r->stage == SENT || r->stage == RELEASING) &&
	    r->message.type == ack->of && r->message.msg_id == m->msg_id)
		ack->run(c, r, m);
	else
		on_stray_ack(c, m);
}

bool sn_requests_await_topic(const struct mqttsn_client *c)
{
	const struct sn_request *r = head_of(c, SN_LANE_SUBSCRIBE);

	return head_of(c, SN_LANE_REGISTER) || (r && is_plain_name(r));
}

/*
 * All of them
 */

void sn_requests_init(struct mqttsn_client *c)
{
	int lane;

	for (lane = 0; lane < SN_LANES; lane++)
		TAILQ_INIT(&c->lanes[lane]);
	TAILQ_INIT(&c->ended);
}

void sn_requests_fail(struct mqttsn_client *c)
{
	struct sn_request *r;
	int lane;

	for (lane = 0; lane < SN_LANES; lane++)
		while ((r = head_of(c, lane))) {
			leave_lane(c, r);
			if (r->own)
				free_request(c, r);
			else
				TAILQ_INSERT_TAIL(&c->ended, r, entry);
		}
}

/* A callback may add to the list, or empty it. */
void sn_requests_report(struct mqttsn_client *c)
{
	struct sn_request *r;
	uint32_t token;
	uint16_t result;
	bool ok;

	while ((r = TAILQ_FIRST(&c->ended))) {
		token = r->token;
		result = r->result;
		ok = r->ok;
		TAILQ_REMOVE(&c->ended, r, entry);
		free_request(c, r);
		c->cb.done(c->ctx, token, ok, result);
	}
}

void sn_requests_clear(struct mqttsn_client *c)
{
	struct sn_request *r;

	sn_requests_fail(c);
	while ((r = TAILQ_FIRST(&c->ended))) {
		TAILQ_REMOVE(&c->ended, r, entry);
		free_request(c, r);
	}
}

/*
 * New ones
 */

/* What a topic is on the wire; @name is NULL when it has none. */
struct wire_topic {
	uint8_t type;
	uint16_t id;
	const char *name;
};

/* False if it cannot be sent, or is not known. */
static bool to_wire(const struct mqttsn_client *c,
		    const struct mqttsn_topic *topic, struct wire_topic *wire)
{
	const uint8_t *s = (const uint8_t *)topic->name;

	*wire = (struct wire_topic){ .type = SN_TOPIC_NORMAL };
	switch (topic->kind) {
	case MQTTSN_TOPIC_NAME:
		wire->name = topic->name;
		break;
	case MQTTSN_TOPIC_NORMAL:
		wire->name = mqttsn_topic_name(c, topic->id);
		break;
	case MQTTSN_TOPIC_SHORT:
		wire->type = SN_TOPIC_SHORT;
		if (strlen(topic->name) != 2)
			return false;
		wire->id = (uint16_t)(s[0] << 8 | s[1]);
		return true;
	case MQTTSN_TOPIC_PREDEFINED:
		wire->type = SN_TOPIC_PREDEFINED;
		wire->id = topic->id;
		return sn_topic_id_is_valid(topic->id);
	}
	return wire->name && wire->name[0] &&
	       strlen(wire->name) <= MQTTSN_TOPIC_MAX;
}

/* Frees @r when it is not accepted. */
static int submit(struct mqttsn_client *c, struct sn_request *r,
		  enum sn_lane lane, uint32_t token)
{
	size_t size = sn_size(&r->message);

	if (!size || size > SN_SEND_MAX) {
		free_request(c, r);
		return -EINVAL;
	}
	r->lane = lane;
	r->token = token;
	r->deadline = c->ops->now(c->env) + mqttsn_request_ms(&c->timers);
	TAILQ_INSERT_TAIL(&c->lanes[lane], r, entry);
	pump(c, lane);
	sn_arm(c);
	return 0;
}

static int check_room(const struct mqttsn_client *c)
{
	if (c->state != SN_STATE_OPEN)
		return -ENOTCONN;
	return c->request_count < MQTTSN_REQUESTS_MAX ? 0 : -EAGAIN;
}

static uint8_t flags_of(uint8_t qos, bool retain)
{
	return (uint8_t)(qos << SN_QOS_SHIFT) | (retain ? SN_RETAIN : 0);
}

static enum sn_lane lane_of(enum sn_type type)
{
	return type == SN_PUBLISH  ? SN_LANE_PUBLISH :
	       type == SN_REGISTER ? SN_LANE_REGISTER :
				     SN_LANE_SUBSCRIBE;
}

/* What a request about a topic has besides it. */
struct content {
	enum sn_type type;
	uint8_t qos;
	bool retain;
	const void *payload;
	size_t len;
};

static int ask(struct mqttsn_client *c, uint32_t token,
	       const struct mqttsn_topic *topic, const struct content *content)
{
	int rc = check_room(c);
	struct wire_topic wire;
	struct sn_request *r;

	if (rc)
		return rc;
	if (!to_wire(c, topic, &wire) || content->qos > 2)
		return -EINVAL;
	r = new_request(c, content->type, wire.name,
			wire.name ? strlen(wire.name) : 0, content->payload,
			content->len);
	if (!r)
		return -ENOMEM;
	r->message.flags = flags_of(content->qos, content->retain) | wire.type;
	r->message.topic_id = wire.id;
	return submit(c, r, lane_of(content->type), token);
}

int mqttsn_publish(struct mqttsn_client *c, uint32_t token,
		   const struct mqttsn_topic *topic, uint8_t qos, bool retain,
		   const void *payload, size_t len)
{
	const struct content content = { SN_PUBLISH, qos, retain, payload,
					 len };

	return ask(c, token, topic, &content);
}

int mqttsn_subscribe(struct mqttsn_client *c, uint32_t token,
		     const struct mqttsn_topic *topic, uint8_t qos)
{
	const struct content content = { .type = SN_SUBSCRIBE, .qos = qos };

	return ask(c, token, topic, &content);
}

int mqttsn_unsubscribe(struct mqttsn_client *c, uint32_t token,
		       const struct mqttsn_topic *topic)
{
	const struct content content = { .type = SN_UNSUBSCRIBE };

	return ask(c, token, topic, &content);
}

int mqttsn_register(struct mqttsn_client *c, uint32_t token, const char *name)
{
	const struct mqttsn_topic topic = {
		.kind = MQTTSN_TOPIC_NAME,
		.name = name,
	};

	const struct content content = { .type = SN_REGISTER };

	return ask(c, token, &topic, &content);
}

int mqttsn_will_topic(struct mqttsn_client *c, uint32_t token,
		      const char *topic, uint8_t qos, bool retain)
{
	size_t len = strlen(topic);
	int rc = check_room(c);
	struct sn_request *r;

	if (rc)
		return rc;
	if (len > MQTTSN_TOPIC_MAX || qos > 2)
		return -EINVAL;
	r = new_request(c, SN_WILLTOPICUPD, topic, len, NULL, 0);
	if (!r)
		return -ENOMEM;
	r->message.brief = !len;
	r->message.flags = flags_of(qos, retain);
	return submit(c, r, SN_LANE_WILL_TOPIC, token);
}

int mqttsn_will_message(struct mqttsn_client *c, uint32_t token,
			const void *payload, size_t len)
{
	int rc = check_room(c);
	struct sn_request *r;

	if (rc)
		return rc;
	r = new_request(c, SN_WILLMSGUPD, NULL, 0, payload, len);
	if (!r)
		return -ENOMEM;
	return submit(c, r, SN_LANE_WILL_MESSAGE, token);
}
