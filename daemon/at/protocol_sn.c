// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A link by MQTT-SN 1.2: topics may be ids, and the gateway gives names ids.
 */
#include "daemon/at/protocol.h"

#include <string.h>

#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/open.h"
#include "daemon/at/payload.h"
#include "daemon/mqttsn/mqttsn.h"

#define SHORT_LEN	2	/* bytes of a short topic */

_Static_assert(MQTTSN_TOPIC_MAX == AT_TOPIC_MAX, "what a host can be given");

/* ",<topicid>,\"<topic>\"" */
static void put_topic(const struct at_link *link, struct buf *b,
		      uint16_t id, const char *name)
{
	buf_printf(b, ",%u,", id);
	payload_write(b, link->s->cfg->payload_format, name, strlen(name));
}

/* Of the results only MQTTSNREG's has more: its topic */
static void on_done(void *ctx, uint32_t token, bool ok, uint16_t id)
{
	struct at_link *link = ctx;
	const char *name = id ? mqttsn_topic_name(link->client, id) : NULL;
	struct buf more = { 0 };

	if (ok && name) {
		put_topic(link, &more, id, name);
		buf_add(&more, "", 1);	/* its end */
	}
	at_link_done(link, token, ok, more.failed ? NULL : more.p);
	buf_free(&more);
}

static void on_registered(void *ctx, uint16_t id, const char *name)
{
	struct at_link *link = ctx;
	struct buf *b = at_urc_begin(link->s);

	buf_printf(b, "+MQTTSNREG: %u,2", link->id);
	put_topic(link, b, id, name);
	at_urc_end(link->s);
}

/* By its name if it has one: who subscribed by name never saw an id. */
static void on_message(void *ctx, struct mqttsn_message *msg)
{
	at_link_message(ctx, &msg->mqtt, msg,
			msg->mqtt.topic_len ? 0 : msg->topic_id);
}

static void on_dropped(void *ctx)
{
	at_link_count_dropped(ctx);
}

static void on_illegal(void *ctx)
{
	at_link_count_illegal(ctx);
}

static const struct mqttsn_callbacks callbacks = {
	.opened = at_link_opened,
	.closed = at_link_closed,
	.lost = at_link_lost,
	.done = on_done,
	.registered = on_registered,
	.message = on_message,
	.dropped = on_dropped,
	.illegal = on_illegal,
};

static void *client_new(struct at_link *link)
{
	return mqttsn_client_new(link->s->loop, link->s->cfg->state_dir,
				 &callbacks, link);
}

static void client_free(void *client)
{
	mqttsn_client_free(client);
}

static unsigned int either(unsigned int set, unsigned int preset)
{
	return set ? set : preset;
}

/* So that all @tries fit the command's deadline. */
static unsigned int fitting(unsigned int ms, unsigned int deadline,
			    unsigned int tries)
{
	return ms * tries > deadline ? deadline / tries : ms;
}

static struct mqttsn_timers presets(const struct port_config *cfg)
{
	struct mqttsn_timers t = mqttsn_timers_default;

	if (cfg->retry_spec)
		return mqttsn_timers_spec;
	t.retry_ms = fitting(t.retry_ms, cfg->result_timeout_ms,
			     t.retries + 1);
	t.connect_ms = fitting(t.connect_ms, cfg->open_timeout_ms,
			       t.connect_retries + 1);
	return t;
}

static struct mqttsn_timers timers_of(const struct port_config *cfg)
{
	const struct mqttsn_timers preset = presets(cfg);
	const struct mqttsn_timers *p = &preset;

	return (struct mqttsn_timers){
		.retry_ms = either(cfg->sn_retry_ms, p->retry_ms),
		.retries = either(cfg->sn_tries, p->retries + 1) - 1,
		.connect_ms = either(cfg->sn_connect_ms, p->connect_ms),
		.connect_retries = either(cfg->sn_connect_tries,
					  p->connect_retries + 1) - 1,
		.ping_ms = either(cfg->sn_ping_ms, p->ping_ms),
		.pings = either(cfg->sn_pings, p->pings),
	};
}

/* With "retry = spec" an answer may come later than the manual allows. */
static unsigned int longer(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static int open_link(struct at_link *link)
{
	struct mqttsn_timers timers = timers_of(link->s->cfg);
	struct at_open open;

	at_open_fill(link, &open);
	open.args.timeout_ms = longer(open.args.timeout_ms,
				      mqttsn_connect_ms(&timers));
	return mqttsn_open(link->client, &open.args, &timers);
}

static int close_link(void *client)
{
	return mqttsn_close(client);
}

static void abort_link(void *client)
{
	mqttsn_abort(client);
}

static const char *topic_name(const void *client, uint16_t id)
{
	return mqttsn_topic_name(client, id);
}

/* A filter of two bytes with a wildcard is a name: "+/" */
static bool is_short(const char *name)
{
	return strlen(name) == SHORT_LEN && !strpbrk(name, "+#");
}

static struct mqttsn_topic topic_of(const struct mqttsn_client *client,
				    const struct at_topic *topic)
{
	struct mqttsn_topic t = { .id = topic->id, .name = topic->name };

	if (topic->name)
		t.kind = is_short(topic->name) ? MQTTSN_TOPIC_SHORT :
						 MQTTSN_TOPIC_NAME;
	else
		t.kind = mqttsn_topic_name(client, topic->id) ?
				 MQTTSN_TOPIC_NORMAL :
				 MQTTSN_TOPIC_PREDEFINED;
	return t;
}

static int publish(void *client, uint32_t token, const struct at_ask *ask)
{
	struct mqttsn_topic topic = topic_of(client, &ask->topic);

	return mqttsn_publish(client, token, &topic, ask->qos, ask->retain,
			      ask->payload, ask->len);
}

_Static_assert(AT_SUBS_MAX <= MQTTSN_REQUESTS_MAX, "all can be renewed");
_Static_assert(AT_REQUESTS_MAX <= MQTTSN_REQUESTS_MAX, "it takes as many");

static int subscribe(void *client, uint32_t token, const struct at_ask *ask)
{
	struct mqttsn_topic topic = topic_of(client, &ask->topic);

	return mqttsn_subscribe(client, token, &topic, ask->qos);
}

static int unsubscribe(void *client, uint32_t token, const struct at_ask *ask)
{
	struct mqttsn_topic topic = topic_of(client, &ask->topic);

	return mqttsn_unsubscribe(client, token, &topic);
}

static int reg(void *client, uint32_t token, const struct at_ask *ask)
{
	return mqttsn_register(client, token, ask->topic.name);
}

static int will_topic(void *client, uint32_t token, const struct at_ask *ask)
{
	return mqttsn_will_topic(client, token, ask->topic.name, ask->qos,
				 ask->retain);
}

static int will_message(void *client, uint32_t token,
			const struct at_ask *ask)
{
	return mqttsn_will_message(client, token, ask->payload, ask->len);
}

static unsigned int request_ms(const struct at_link *link)
{
	struct mqttsn_timers timers = timers_of(link->s->cfg);

	return longer(link->s->cfg->result_timeout_ms,
		      mqttsn_request_ms(&timers));
}

static void message_end(void *source)
{
	mqttsn_message_end(source);
}

static void message_drop(void *source)
{
	mqttsn_message_drop(source);
}

#define REFUSED	"refused or not acknowledged"

const struct at_protocol at_protocol_sn = {
	.name = "mqtt-sn",
	.client_new = client_new,
	.client_free = client_free,
	.open = open_link,
	.close = close_link,
	.abort = abort_link,
	.topic_name = topic_name,
	.request = {
		[AT_REQUEST_SUB] = subscribe,
		[AT_REQUEST_UNSUB] = unsubscribe,
		[AT_REQUEST_PUB] = publish,
		[AT_REQUEST_REG] = reg,
		[AT_REQUEST_WILL_TOPIC] = will_topic,
		[AT_REQUEST_WILL_MSG] = will_message,
	},
	.failure = {
		[AT_REQUEST_SUB] = REFUSED,
		[AT_REQUEST_UNSUB] = REFUSED,
		[AT_REQUEST_PUB] = REFUSED,
		[AT_REQUEST_REG] = REFUSED,
		[AT_REQUEST_WILL_TOPIC] = REFUSED,
		[AT_REQUEST_WILL_MSG] = REFUSED,
	},
	.request_ms = request_ms,
	.repeats = true,
	.message_end = message_end,
	.message_drop = message_drop,
};
