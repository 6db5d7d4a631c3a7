// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stands for daemon/mqttsn/.
 */
#include "tests/unit/fake_mqttsn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/escape.h"

#define FIRST_ID	101

struct mqttsn_client {
	const struct mqttsn_callbacks *cb;
	void *ctx;
	int id;
};

struct fake_sn fake_sn;

const struct mqttsn_timers mqttsn_timers_default = { 1000, 2, 2500, 1, 1500, 3 };
const struct mqttsn_timers mqttsn_timers_spec = { 10000, 3, 10000, 3, 10000, 3 };

void fake_sn_reset(void)
{
	memset(&fake_sn, 0, sizeof(fake_sn));
}

struct fake_sn_client *fake_sn_client(int id)
{
	return &fake_sn.clients[id - FIRST_ID];
}

unsigned int mqttsn_request_ms(const struct mqttsn_timers *timers)
{
	return (timers->retries + 1) * timers->retry_ms;
}

unsigned int mqttsn_connect_ms(const struct mqttsn_timers *timers)
{
	return (timers->connect_retries + 1) * timers->connect_ms;
}

struct mqttsn_client *mqttsn_client_new(uv_loop_t *loop, const char *dir,
					const struct mqttsn_callbacks *cb,
					void *ctx)
{
	struct mqttsn_client *client = calloc(1, sizeof(*client));

	(void)loop;
	(void)dir;
	assert_true(fake_sn.n_clients < FAKE_SN_CLIENTS);
	client->cb = cb;
	client->ctx = ctx;
	client->id = FIRST_ID + (int)fake_sn.n_clients;
	fake_sn.clients[fake_sn.n_clients++].client = client;
	return client;
}

void mqttsn_client_free(struct mqttsn_client *client)
{
	fake_sn_client(client->id)->client = NULL;
	free(client);
}

int mqttsn_open(struct mqttsn_client *client, const struct mqtt_open *a,
		const struct mqttsn_timers *t)
{
	snprintf(fake_sn_client(client->id)->open, 1024,
		 "%s %u id=%s clean=%d keepalive=%u tls=%s will=%s:%.*s:%u:%d timeout=%u retry=%ux%u connect=%ux%u ping=%ux%u",
		 a->host, a->port, a->client_id, a->clean, a->keepalive,
		 a->tls ? a->tls->ca_file : "no",
		 a->will_topic ? a->will_topic : "-", (int)a->will_len,
		 a->will_payload ? (const char *)a->will_payload : "",
		 a->will_qos, a->will_retain, a->timeout_ms, t->retry_ms,
		 t->retries, t->connect_ms, t->connect_retries, t->ping_ms,
		 t->pings);
	return fake_sn.rc;
}

int mqttsn_close(struct mqttsn_client *client)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "close %d", client->id);
	return fake_sn.rc;
}

void mqttsn_abort(struct mqttsn_client *client)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "abort %d", client->id);
}

static int keep_token(struct mqttsn_client *client, uint32_t token)
{
	struct fake_sn_client *f = fake_sn_client(client->id);

	if (fake_sn.rc)
		return fake_sn.rc;
	assert_true(f->n_tokens < FAKE_SN_TOKENS);
	f->tokens[f->n_tokens++] = token;
	return 0;
}

static const char *topic_text(const struct mqttsn_topic *topic)
{
	static char text[300];

	switch (topic->kind) {
	case MQTTSN_TOPIC_NAME:
		snprintf(text, sizeof(text), "name:%s", topic->name);
		break;
	case MQTTSN_TOPIC_SHORT:
		snprintf(text, sizeof(text), "short:%s", topic->name);
		break;
	case MQTTSN_TOPIC_NORMAL:
		snprintf(text, sizeof(text), "normal:%u", topic->id);
		break;
	case MQTTSN_TOPIC_PREDEFINED:
		snprintf(text, sizeof(text), "predefined:%u", topic->id);
		break;
	}
	return text;
}

int mqttsn_register(struct mqttsn_client *client, uint32_t token,
		    const char *name)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "register %d %s",
		 client->id, name);
	return keep_token(client, token);
}

int mqttsn_publish(struct mqttsn_client *client, uint32_t token,
		   const struct mqttsn_topic *topic, uint8_t qos, bool retain,
		   const void *payload, size_t len)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call),
		 "publish %d %s %u %d %zu:%s", client->id, topic_text(topic),
		 qos, retain, len, escape_bytes(payload, len));
	return keep_token(client, token);
}

int mqttsn_subscribe(struct mqttsn_client *client, uint32_t token,
		     const struct mqttsn_topic *topic, uint8_t qos)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "subscribe %d %s %u",
		 client->id, topic_text(topic), qos);
	return keep_token(client, token);
}

int mqttsn_unsubscribe(struct mqttsn_client *client, uint32_t token,
		       const struct mqttsn_topic *topic)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "unsubscribe %d %s",
		 client->id, topic_text(topic));
	return keep_token(client, token);
}

int mqttsn_will_topic(struct mqttsn_client *client, uint32_t token,
		      const char *topic, uint8_t qos, bool retain)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "will topic %d %s %u %d",
		 client->id, topic, qos, retain);
	return keep_token(client, token);
}

int mqttsn_will_message(struct mqttsn_client *client, uint32_t token,
			const void *payload, size_t len)
{
	snprintf(fake_sn.call, sizeof(fake_sn.call), "will message %d %s",
		 client->id, escape_bytes(payload, len));
	return keep_token(client, token);
}

const char *mqttsn_topic_name(const struct mqttsn_client *client, uint16_t id)
{
	const struct fake_sn_client *f = fake_sn_client(client->id);
	size_t i;

	for (i = 0; i < f->n_topics; i++)
		if (f->topics[i].id == id)
			return f->topics[i].name;
	return NULL;
}

bool mqttsn_topic_at(const struct mqttsn_client *client, size_t index,
		     struct mqttsn_topic *topic, enum mqttsn_origin *origin)
{
	const struct fake_sn_client *f = fake_sn_client(client->id);

	if (index >= f->n_topics)
		return false;
	*topic = (struct mqttsn_topic){
		.kind = MQTTSN_TOPIC_NORMAL,
		.id = f->topics[index].id,
		.name = f->topics[index].name,
	};
	*origin = f->topics[index].origin;
	return true;
}

void mqttsn_message_end(struct mqttsn_message *msg)
{
	fake_sn.ended++;
	fake_sn.alive--;
	free(msg);
}

void mqttsn_message_drop(struct mqttsn_message *msg)
{
	fake_sn.dropped++;
	fake_sn.alive--;
	free(msg);
}

void fake_sn_topic(int id, uint16_t topic, const char *name,
		   enum mqttsn_origin origin)
{
	struct fake_sn_client *f = fake_sn_client(id);

	assert_true(f->n_topics < FAKE_SN_TOPICS);
	f->topics[f->n_topics++] = (struct fake_sn_topic){
		topic, name, origin,
	};
}

static struct mqttsn_client *client_of(int id)
{
	return fake_sn_client(id)->client;
}

static struct mqtt_reason reason(const char *text)
{
	struct mqtt_reason why = { .code = 0 };

	snprintf(why.text, sizeof(why.text), "%s", text);
	return why;
}

void fake_sn_opened(int id)
{
	client_of(id)->cb->opened(client_of(id)->ctx, NULL);
}

void fake_sn_refused(int id, const char *text)
{
	struct mqtt_reason why = reason(text);

	client_of(id)->cb->opened(client_of(id)->ctx, &why);
}

void fake_sn_closed(int id)
{
	client_of(id)->cb->closed(client_of(id)->ctx);
}

void fake_sn_lost(int id, const char *text)
{
	struct mqtt_reason why = reason(text);

	client_of(id)->cb->lost(client_of(id)->ctx, &why);
}

void fake_sn_done(int id, size_t nth, bool ok, uint16_t topic)
{
	struct fake_sn_client *f = fake_sn_client(id);

	assert_true(nth < f->n_tokens);
	f->client->cb->done(f->client->ctx, f->tokens[nth], ok, topic);
}

void fake_sn_registered(int id, uint16_t topic, const char *name)
{
	fake_sn_topic(id, topic, name, MQTTSN_BY_GATEWAY);
	client_of(id)->cb->registered(client_of(id)->ctx, topic, name);
}

void fake_sn_dropped(int id)
{
	client_of(id)->cb->dropped(client_of(id)->ctx);
}

void fake_sn_illegal(int id)
{
	client_of(id)->cb->illegal(client_of(id)->ctx);
}

void fake_sn_message(int id, int qos, enum mqttsn_topic_kind kind,
		     uint16_t topic, const char *name, const char *payload)
{
	size_t name_len = strlen(name), len = strlen(payload);
	struct mqttsn_message *msg = calloc(1, sizeof(*msg) + name_len + len);
	char *bytes = (char *)(msg + 1);

	memcpy(bytes, name, name_len);
	memcpy(bytes + name_len, payload, len);
	msg->mqtt.topic = bytes;
	msg->mqtt.topic_len = name_len;
	msg->mqtt.payload = bytes + name_len;
	msg->mqtt.payload_len = len;
	msg->mqtt.qos = (uint8_t)qos;
	msg->kind = kind;
	msg->topic_id = topic;
	fake_sn.alive++;
	client_of(id)->cb->message(client_of(id)->ctx, msg);
}
