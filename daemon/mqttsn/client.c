// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A client's connection.
 *
 *   CLOSED --open--> STARTING --way found--> CONNECTING --CONNACK--> OPEN
 *     ^                 | no way                | refused,            |
 *     +-----------------+-----------------------+ no answer           |
 *     +-------------------- DISCONNECT, no PINGRESP, DTLS's end ------+
 *     +---DISCONNECT, no answer--- CLOSING <--------close-------------+
 *
 * Calls of mqttsn.h and events of the surroundings change the state and note
 * what is to be told; settle() tells it at the end of an event.
 */
#include "daemon/mqttsn/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_ID_MAX	1024	/* bytes */

const struct mqttsn_timers mqttsn_timers_default = {
	.retry_ms = 1000,
	.retries = 2,
	.connect_ms = 2500,
	.connect_retries = 1,
	.ping_ms = 1500,
	.pings = 3,
};

const struct mqttsn_timers mqttsn_timers_spec = {
	.retry_ms = 10000,
	.retries = 3,
	.connect_ms = 10000,
	.connect_retries = 3,
	.ping_ms = 10000,
	.pings = 3,
};

static const char *const return_codes[] = {
	[SN_CONGESTION] = "the gateway is congested",
	[SN_INVALID_TOPIC_ID] = "refused by the gateway: invalid topic id",
	[SN_NOT_SUPPORTED] = "not supported by the gateway",
};

unsigned int mqttsn_request_ms(const struct mqttsn_timers *timers)
{
	return (timers->retries + 1) * timers->retry_ms;
}

unsigned int mqttsn_connect_ms(const struct mqttsn_timers *timers)
{
	return (timers->connect_retries + 1) * timers->connect_ms;
}

/*
 * Sending
 */

/* All clients are the loop's thread's. */
int sn_send(struct mqttsn_client *c, const struct sn_message *m)
{
	static uint8_t out[SN_SEND_MAX];
	size_t len = sn_encode(out, sizeof(out), m);

	if (!len)
		return -EMSGSIZE;
	return c->ops->send(c->env, out, len);
}

/* What gets lost is sent again, so errors do not matter. */
static void send_bare(struct mqttsn_client *c, enum sn_type type)
{
	const struct sn_message m = {
		.type = type,
		.brief = type == SN_DISCONNECT,
	};

	sn_send(c, &m);
}

static void send_connect(struct mqttsn_client *c)
{
	const struct mqtt_open *open = &c->args.open;
	const struct sn_message m = {
		.type = SN_CONNECT,
		.flags = (open->will_topic ? SN_WILL : 0) |
			 (open->clean ? SN_CLEAN : 0),
		.code = SN_PROTOCOL_ID,
		.duration = open->keepalive,
		.data = { open->client_id, strlen(open->client_id) },
	};

	c->due = c->ops->now(c->env) + c->timers.connect_ms;
	sn_send(c, &m);
}

/*
 * The keepalive.  A ping goes out early enough for the last of them to stay
 * unanswered within one and a half keepalives.  Whatever else passes does not
 * put it off: there are gateways that ping their broker only when their
 * client does, and acknowledge to it without the client.
 */

static uint64_t ping_due(const struct mqttsn_client *c)
{
	uint64_t pause = c->args.open.keepalive * UINT64_C(1000) * 2 / 3;

	if (!c->args.open.keepalive)
		return SN_NEVER;
	return c->tries ? c->due : c->pinged_at + pause;
}

static void ping(struct mqttsn_client *c, uint64_t now)
{
	uint64_t wait = c->args.open.keepalive * UINT64_C(1000) / 4;

	if (wait > c->timers.ping_ms)
		wait = c->timers.ping_ms;
	c->tries++;
	c->due = now + wait;
	c->pinged_at = now;
	send_bare(c, SN_PINGREQ);
}

/*
 * Telling
 */

static void tell_verdict(struct mqttsn_client *c)
{
	enum sn_verdict verdict = c->verdict;
	struct mqtt_reason why = c->why;

	c->verdict = SN_VERDICT_NONE;
	switch (verdict) {
	case SN_VERDICT_NONE:
		break;
	case SN_VERDICT_OPENED:
		c->cb.opened(c->ctx, NULL);
		break;
	case SN_VERDICT_REFUSED:
		c->cb.opened(c->ctx, &why);
		break;
	case SN_VERDICT_CLOSED:
		c->cb.closed(c->ctx);
		break;
	case SN_VERDICT_LOST:
		c->cb.lost(c->ctx, &why);
		break;
	}
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_deadline(const struct mqttsn_client *c)
{
	uint64_t when = SN_NEVER;
	uint64_t other = SN_NEVER;

	switch (c->state) {
	case SN_STATE_CLOSED:
		break;
	case SN_STATE_STARTING:
		when = c->deadline;
		break;
	case SN_STATE_CONNECTING:
	case SN_STATE_CLOSING:
		when = c->deadline;
		other = c->due;
		break;
	case SN_STATE_OPEN:
		when = ping_due(c);
		other = earlier(sn_requests_deadline(c),
				sn_session_deadline(c));
		break;
	}
	return earlier(when, other);
}

void sn_arm(struct mqttsn_client *c)
{
	if (c->verdict != SN_VERDICT_NONE || !TAILQ_EMPTY(&c->ended))
		c->ops->wake(c->env, c->ops->now(c->env));
	else
		c->ops->wake(c->env, next_deadline(c));
}

/* The end of every event. */
static void settle(struct mqttsn_client *c)
{
	sn_requests_report(c);
	tell_verdict(c);
	if (!c->freed)
		sn_arm(c);
}

/*
 * The end of a connection
 */

static void leave(struct mqttsn_client *c)
{
	if (c->state == SN_STATE_CLOSED)
		return;
	c->ops->stop(c->env);
	c->state = SN_STATE_CLOSED;
	sn_requests_fail(c);
	sn_inbound_leave(c);
	sn_session_leave(c);
	mqtt_args_free(&c->args);
}

static void leave_because(struct mqttsn_client *c, enum sn_verdict verdict,
			  const char *why)
{
	c->verdict = verdict;
	c->why.code = 0;
	snprintf(c->why.text, sizeof(c->why.text), "%s", why);
	leave(c);
}

static void refuse(struct mqttsn_client *c, const char *why)
{
	leave_because(c, SN_VERDICT_REFUSED, why);
}

static void lose(struct mqttsn_client *c, const char *why)
{
	leave_because(c, SN_VERDICT_LOST, why);
}

static void finish_close(struct mqttsn_client *c)
{
	leave(c);
	c->verdict = SN_VERDICT_CLOSED;
}

/* Why there was no answer. */
static const char *silence(const struct mqttsn_client *c,
			   const char *otherwise)
{
	return c->refusal[0] ? c->refusal : otherwise;
}

/*
 * What the gateway sends
 */

static void on_connack(struct mqttsn_client *c, const struct sn_message *m)
{
	if (m->code != SN_ACCEPTED) {
		refuse(c, m->code <= SN_NOT_SUPPORTED ?
				  return_codes[m->code] :
				  "refused by the gateway");
		return;
	}
	c->state = SN_STATE_OPEN;
	c->verdict = SN_VERDICT_OPENED;
	c->tries = 0;
	c->pinged_at = c->ops->now(c->env);
}

/* The gateway has the CONNECT: it is not repeated while this goes on. */
static void answer_will_request(struct mqttsn_client *c,
				const struct sn_message *m)
{
	c->due = c->ops->now(c->env) + c->timers.connect_ms;
	sn_send(c, m);
}

static void on_willtopicreq(struct mqttsn_client *c,
			    const struct sn_message *m)
{
	const struct mqtt_open *open = &c->args.open;
	struct sn_message answer = { .type = SN_WILLTOPIC };

	(void)m;
	answer.brief = !open->will_topic;
	if (open->will_topic) {
		answer.flags = (uint8_t)(open->will_qos << SN_QOS_SHIFT) |
			       (open->will_retain ? SN_RETAIN : 0);
		answer.data = (struct sn_bytes){ open->will_topic,
						 strlen(open->will_topic) };
	}
	answer_will_request(c, &answer);
}

static void on_willmsgreq(struct mqttsn_client *c, const struct sn_message *m)
{
	const struct mqtt_open *open = &c->args.open;
	struct sn_message answer = { .type = SN_WILLMSG };

	(void)m;
	if (open->will_topic)
		answer.data = (struct sn_bytes){ open->will_payload,
						 open->will_len };
	answer_will_request(c, &answer);
}

static void on_pingreq(struct mqttsn_client *c, const struct sn_message *m)
{
	(void)m;
	send_bare(c, SN_PINGRESP);
}

static void on_pingresp(struct mqttsn_client *c, const struct sn_message *m)
{
	/* that it came is all it says */
	(void)c;
	(void)m;
}

static void on_disconnect(struct mqttsn_client *c, const struct sn_message *m)
{
	(void)m;
	if (c->state == SN_STATE_CLOSING)
		finish_close(c);
	else if (c->state == SN_STATE_OPEN)
		lose(c, "closed by the gateway");
	else
		refuse(c, "refused by the gateway");
}

#define IN(state)	(1U << (state))

struct handler {
	void (*run)(struct mqttsn_client *c, const struct sn_message *m);
	unsigned int states;	/* in others it is ignored */
};

/*
 * The rest, of gateways for clients that sleep, search or forward, and of
 * clients, is ignored.
 */
static const struct handler handlers[] = {
	[SN_CONNACK] = { on_connack, IN(SN_STATE_CONNECTING) },
	[SN_WILLTOPICREQ] = { on_willtopicreq, IN(SN_STATE_CONNECTING) },
	[SN_WILLMSGREQ] = { on_willmsgreq, IN(SN_STATE_CONNECTING) },
	[SN_REGISTER] = { sn_inbound_register, IN(SN_STATE_OPEN) },
	[SN_REGACK] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_PUBLISH] = { sn_inbound_publish, IN(SN_STATE_OPEN) },
	[SN_PUBACK] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_PUBCOMP] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_PUBREC] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_PUBREL] = { sn_inbound_release, IN(SN_STATE_OPEN) },
	[SN_SUBACK] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_UNSUBACK] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_PINGREQ] = { on_pingreq, IN(SN_STATE_OPEN) },
	[SN_PINGRESP] = { on_pingresp, IN(SN_STATE_OPEN) },
	[SN_DISCONNECT] = { on_disconnect, IN(SN_STATE_CONNECTING) |
						   IN(SN_STATE_OPEN) |
						   IN(SN_STATE_CLOSING) },
	[SN_WILLTOPICRESP] = { sn_requests_ack, IN(SN_STATE_OPEN) },
	[SN_WILLMSGRESP] = { sn_requests_ack, IN(SN_STATE_OPEN) },
};

static void dispatch(struct mqttsn_client *c, const struct sn_message *m)
{
	const struct handler *h;

	if (m->type >= sizeof(handlers) / sizeof(handlers[0]))
		return;
	h = &handlers[m->type];
	if (h->states & IN(c->state))
		h->run(c, m);
}

void sn_client_input(struct mqttsn_client *c, const void *buf, size_t len)
{
	struct sn_message m;

	if (!sn_decode(&m, buf, len))
		return;
	c->refusal[0] = '\0';
	if (c->state == SN_STATE_OPEN)
		c->tries = 0;
	dispatch(c, &m);
	sn_requests_report(c);	/* a SUBACK, ahead of what waited for it */
	sn_inbound_flush(c);
	settle(c);
}

/*
 * What else the surroundings tell
 */

void sn_client_ready(struct mqttsn_client *c)
{
	if (c->state != SN_STATE_STARTING)
		return;
	c->state = SN_STATE_CONNECTING;
	c->tries = 1;
	send_connect(c);
	settle(c);
}

void sn_client_failed(struct mqttsn_client *c, const char *why)
{
	switch (c->state) {
	case SN_STATE_CLOSED:
		return;
	case SN_STATE_STARTING:
	case SN_STATE_CONNECTING:
		refuse(c, why);
		break;
	case SN_STATE_OPEN:
		lose(c, why);
		break;
	case SN_STATE_CLOSING:
		finish_close(c);
		break;
	}
	settle(c);
}

/* False: it was the last one.  What was wrong with one is not the next's. */
static bool try_next_address(struct mqttsn_client *c)
{
	if (!c->ops->next(c->env))
		return false;
	c->refusal[0] = '\0';
	c->state = SN_STATE_STARTING;
	return true;
}

/* A try is lost at once instead of after its time: the last one ends it. */
void sn_client_refused(struct mqttsn_client *c, const char *why)
{
	snprintf(c->refusal, sizeof(c->refusal), "%s", why);
	switch (c->state) {
	case SN_STATE_CLOSED:
		return;
	case SN_STATE_STARTING:
		try_next_address(c);
		break;
	case SN_STATE_CONNECTING:
		if (!try_next_address(c) &&
		    c->tries > c->timers.connect_retries)
			refuse(c, why);
		break;
	case SN_STATE_OPEN:
		if (c->tries && c->tries >= c->timers.pings)
			lose(c, "no answer to a ping");
		break;
	case SN_STATE_CLOSING:
		finish_close(c);
		break;
	}
	settle(c);
}

static void tick_connecting(struct mqttsn_client *c, uint64_t now)
{
	if (now >= c->deadline) {
		refuse(c, silence(c, "no answer"));
	} else if (now >= c->due && c->tries <= c->timers.connect_retries) {
		if (try_next_address(c))
			return;
		c->tries++;
		send_connect(c);
	} else if (now >= c->due) {
		c->due = SN_NEVER;
	}
}

static void tick_open(struct mqttsn_client *c, uint64_t now)
{
	sn_requests_tick(c, now);
	sn_session_tick(c, now);
	if (now < ping_due(c))
		return;
	if (c->tries >= c->timers.pings)
		lose(c, "no answer to a ping");
	else
		ping(c, now);
}

static void tick_closing(struct mqttsn_client *c, uint64_t now)
{
	if (now >= c->deadline) {
		finish_close(c);
	} else if (now >= c->due) {
		c->due = now + c->timers.retry_ms;
		send_bare(c, SN_DISCONNECT);
	}
}

void sn_client_tick(struct mqttsn_client *c)
{
	uint64_t now = c->ops->now(c->env);

	switch (c->state) {
	case SN_STATE_CLOSED:
		break;
	case SN_STATE_STARTING:
		if (now >= c->deadline)
			refuse(c, silence(c, c->ops->silence(c->env)));
		break;
	case SN_STATE_CONNECTING:
		tick_connecting(c, now);
		break;
	case SN_STATE_OPEN:
		tick_open(c, now);
		break;
	case SN_STATE_CLOSING:
		tick_closing(c, now);
		break;
	}
	sn_inbound_flush(c);
	settle(c);
}

/*
 * What the owner calls
 */

static bool is_sendable(const struct mqtt_open *open)
{
	size_t id = open->client_id ? strlen(open->client_id) : 0;
	size_t topic = open->will_topic ? strlen(open->will_topic) : 1;

	return id >= 1 && id <= CLIENT_ID_MAX && topic >= 1 &&
	       topic <= MQTTSN_TOPIC_MAX && open->will_qos <= 2 &&
	       open->will_len <= SN_SEND_MAX - 4;
}

int mqttsn_open(struct mqttsn_client *c, const struct mqtt_open *args,
		const struct mqttsn_timers *timers)
{
	int rc = -ENOMEM;

	if (c->state != SN_STATE_CLOSED || c->verdict != SN_VERDICT_NONE)
		return -EALREADY;
	if (!is_sendable(args))
		return -EINVAL;
	if (mqtt_args_copy(&c->args, args) && sn_session_enter(c))
		rc = c->ops->start(c->env, &c->args.open);
	if (rc) {
		mqtt_args_free(&c->args);
		return rc;
	}
	c->timers = *timers;
	c->refusal[0] = '\0';
	c->state = SN_STATE_STARTING;
	c->deadline = c->ops->now(c->env) + args->timeout_ms;
	sn_arm(c);
	return 0;
}

int mqttsn_close(struct mqttsn_client *c)
{
	uint64_t now = c->ops->now(c->env);

	if (c->state != SN_STATE_OPEN || c->verdict != SN_VERDICT_NONE)
		return -ENOTCONN;
	c->state = SN_STATE_CLOSING;
	sn_requests_fail(c);
	c->due = now + c->timers.retry_ms;
	c->deadline = now + mqttsn_request_ms(&c->timers);
	send_bare(c, SN_DISCONNECT);
	sn_arm(c);
	return 0;
}

void mqttsn_abort(struct mqttsn_client *c)
{
	leave(c);
	sn_requests_clear(c);
	c->verdict = SN_VERDICT_NONE;
	sn_arm(c);
}

/*
 * Topics
 */

const char *mqttsn_topic_name(const struct mqttsn_client *c, uint16_t id)
{
	const struct sn_topic *t = sn_topics_by_id(&c->topics, id);

	return t ? t->name : NULL;
}

bool mqttsn_topic_at(const struct mqttsn_client *c, size_t index,
		     struct mqttsn_topic *topic, enum mqttsn_origin *origin)
{
	const struct sn_topic *t;

	TAILQ_FOREACH(t, &c->topics.list, entry)
		if (!index--)
			break;
	if (!t)
		return false;
	topic->kind = MQTTSN_TOPIC_NORMAL;
	topic->id = t->id;
	topic->name = t->name;
	if (origin)
		*origin = t->origin;
	return true;
}

/*
 * Life
 */

struct mqttsn_client *sn_client_new(const struct sn_ops *ops, void *env,
				    const struct mqttsn_callbacks *cb,
				    void *ctx)
{
	struct mqttsn_client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->ops = ops;
	c->env = env;
	c->cb = *cb;
	c->ctx = ctx;
	c->msg_id = ops->random(env);
	sn_topics_init(&c->topics);
	sn_requests_init(c);
	sn_inbound_init(c);
	return c;
}

void mqttsn_client_free(struct mqttsn_client *c)
{
	mqttsn_abort(c);
	sn_session_end(c);
	sn_inbound_orphan(c);
	c->freed = true;
	c->ops->free(c->env);
}

void sn_client_release(struct mqttsn_client *c)
{
	free(c);
}
