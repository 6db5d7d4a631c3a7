// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stands for daemon/mqtt/.
 */
#include "tests/unit/fake_mqtt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/escape.h"

struct mqtt_client {
	const struct mqtt_callbacks *cb;
	void *ctx;
	int id;
	bool is_open;
};

struct fake fake;

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
}

int mqtt_start(struct mqtt **mqtt, uv_loop_t *loop)
{
	(void)loop;
	*mqtt = NULL;
	return 0;
}

void mqtt_stop(struct mqtt *mqtt)
{
	(void)mqtt;
}

struct mqtt_client *mqtt_client_new(struct mqtt *mqtt,
				    const struct mqtt_callbacks *cb, void *ctx)
{
	struct mqtt_client *client = calloc(1, sizeof(*client));
	int i = 0;

	(void)mqtt;
	while (fake.clients[i].client)
		assert_true(++i < FAKE_CLIENTS);
	client->cb = cb;
	client->ctx = ctx;
	client->id = i + 1;
	fake.clients[i].client = client;
	fake.clients[i].n_tokens = 0;
	fake.clients[i].under_way = 0;
	return client;
}

void mqtt_client_free(struct mqtt_client *client)
{
	fake.clients[client->id - 1].client = NULL;
	free(client);
}

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

/* Of a PEM text its length; of none the file. */
static const char *pem_name(char name[64], const struct mqtt_pem *pem,
			    const char *file)
{
	if (pem->p)
		snprintf(name, 64, "%zu", pem->len);
	else
		snprintf(name, 64, "%s", or_none(file));
	return name;
}

static void note_tls(char text[256], const struct mqtt_tls *t)
{
	char ca[64], ca2[64], cert[64], key[64];

	snprintf(text, 256, "ca=%s+%s cert=%s key=%s verify=%d 1.3=%d alpn=%s",
		 pem_name(ca, &t->ca[0], t->ca[1].p ? NULL : t->ca_file),
		 pem_name(ca2, &t->ca[1], NULL),
		 pem_name(cert, &t->cert, t->cert_file),
		 pem_name(key, &t->key, t->key_file), t->verify, t->tls13_only,
		 or_none(t->alpn));
}

int mqtt_open(struct mqtt_client *client, const struct mqtt_open *a)
{
	fake.clients[client->id - 1].tls[0] = 0;
	fake.clients[client->id - 1].payload_max = a->payload_max;
	if (a->tls)
		note_tls(fake.clients[client->id - 1].tls, a->tls);
	snprintf(fake.clients[client->id - 1].open, 1024,
		 "%s %u id=%s user=%s password=%s clean=%d keepalive=%u tls=%s will=%s:%.*s:%u:%d timeout=%u",
		 a->host, a->port, a->client_id, or_none(a->user),
		 or_none(a->password), a->clean, a->keepalive,
		 a->tls ? or_none(a->tls->ca_file) : "no",
		 or_none(a->will_topic), (int)a->will_len,
		 a->will_payload ? (const char *)a->will_payload : "",
		 a->will_qos, a->will_retain, a->timeout_ms);
	return fake.rc;
}

const char *mqtt_cipher(const struct mqtt_client *client)
{
	return client->is_open && fake.clients[client->id - 1].tls[0] ?
		       "TLSv1.3 TLS_AES_128_GCM_SHA256" : "";
}

bool mqtt_session_present(const struct mqtt_client *client)
{
	(void)client;
	return fake.session_present;
}

int mqtt_close(struct mqtt_client *client)
{
	snprintf(fake.call, sizeof(fake.call), "close %d", client->id);
	if (fake.rc || !client->is_open)
		return fake.rc ? fake.rc : -ENOTCONN;
	client->is_open = false;
	return 0;
}

void mqtt_abort(struct mqtt_client *client)
{
	snprintf(fake.call, sizeof(fake.call), "abort %d", client->id);
	client->is_open = false;
}

static int keep_token(struct mqtt_client *client, uint32_t token)
{
	struct fake_client *f = &fake.clients[client->id - 1];
	size_t len;

	if (fake.rc)
		return fake.rc;
	if (f->under_way == MQTT_REQUESTS_MAX)
		return -EAGAIN;
	f->under_way++;
	assert_true(f->n_tokens < FAKE_TOKENS);
	f->tokens[f->n_tokens++] = token;
	len = strlen(fake.requests);
	snprintf(fake.requests + len, sizeof(fake.requests) - len, "%s; ",
		 fake.call);
	return 0;
}

void mqtt_cancel(struct mqtt_client *client, uint32_t token)
{
	struct fake_client *f = &fake.clients[client->id - 1];

	assert_true(f->n_cancelled < FAKE_TOKENS);
	f->cancelled[f->n_cancelled++] = token;
}

int mqtt_publish(struct mqtt_client *client, uint32_t token, const char *topic,
		 uint8_t qos, bool retain, const void *payload, size_t len)
{
	snprintf(fake.call, sizeof(fake.call), "publish %d %s %u %d %zu:%s",
		 client->id, topic, qos, retain, len,
		 escape_bytes(payload, len));
	return keep_token(client, token);
}

int mqtt_subscribe(struct mqtt_client *client, uint32_t token,
		   const char *filter, uint8_t qos)
{
	snprintf(fake.call, sizeof(fake.call), "subscribe %d %s %u",
		 client->id, filter, qos);
	return keep_token(client, token);
}

int mqtt_unsubscribe(struct mqtt_client *client, uint32_t token,
		     const char *filter)
{
	snprintf(fake.call, sizeof(fake.call), "unsubscribe %d %s",
		 client->id, filter);
	return keep_token(client, token);
}

void mqtt_message_end(struct mqtt_message *msg)
{
	fake.ended++;
	fake.alive--;
	free(msg);
}

void mqtt_message_drop(struct mqtt_message *msg)
{
	fake.dropped++;
	fake.alive--;
	free(msg);
}

static struct mqtt_client *client_of(int id)
{
	return fake.clients[id - 1].client;
}

void fake_opened(int id)
{
	client_of(id)->is_open = true;
	fake.clients[id - 1].under_way = 0;
	client_of(id)->cb->opened(client_of(id)->ctx, NULL);
}

static struct mqtt_reason reason(int code, const char *text)
{
	struct mqtt_reason why = { .code = code };

	snprintf(why.text, sizeof(why.text), "%s", text);
	return why;
}

void fake_refused(int id, int code, const char *text)
{
	struct mqtt_reason why = reason(code, text);

	client_of(id)->cb->opened(client_of(id)->ctx, &why);
}

void fake_closed(int id)
{
	client_of(id)->cb->closed(client_of(id)->ctx);
}

void fake_lost(int id, const char *text)
{
	struct mqtt_reason why = reason(0, text);

	client_of(id)->is_open = false;
	client_of(id)->cb->lost(client_of(id)->ctx, &why);
}

void fake_done(int id, size_t nth, bool ok)
{
	struct fake_client *f = &fake.clients[id - 1];

	assert_true(nth < f->n_tokens);
	if (f->under_way)
		f->under_way--;
	f->client->cb->done(f->client->ctx, f->tokens[nth], ok);
}

void fake_message_bytes(int id, int qos, const char *topic,
			const void *payload, size_t len)
{
	size_t topic_len = strlen(topic);
	size_t max = fake.clients[id - 1].payload_max;
	size_t cut = max && len > max ? len - max : 0;
	struct mqtt_message *msg;
	char *bytes;

	len -= cut;
	msg = calloc(1, sizeof(*msg) + topic_len + len);
	bytes = (char *)(msg + 1);
	memcpy(bytes, topic, topic_len);
	memcpy(bytes + topic_len, payload, len);
	msg->cut = cut;
	msg->topic = bytes;
	msg->topic_len = topic_len;
	msg->payload = bytes + topic_len;
	msg->payload_len = len;
	msg->qos = (uint8_t)qos;
	fake.alive++;
	client_of(id)->cb->message(client_of(id)->ctx, msg);
}

void fake_message(int id, int qos, const char *topic, const char *payload)
{
	fake_message_bytes(id, qos, topic, payload, strlen(payload));
}
