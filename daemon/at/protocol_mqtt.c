// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A link by MQTT 3.1.1: MQTTUSER goes into its open.
 */
#include "daemon/at/protocol.h"

#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/open.h"

static void on_done(void *ctx, uint32_t token, bool ok)
{
	at_link_done(ctx, token, ok, NULL);
}

static void on_message(void *ctx, struct mqtt_message *msg)
{
	at_link_message(ctx, msg, msg, 0);
}

static const struct mqtt_callbacks callbacks = {
	.opened = at_link_opened,
	.closed = at_link_closed,
	.lost = at_link_lost,
	.done = on_done,
	.message = on_message,
};

static void *client_new(struct at_link *link)
{
	return mqtt_client_new(link->s->mqtt, &callbacks, link);
}

static void client_free(void *client)
{
	mqtt_client_free(client);
}

/*
 * MQTT 3.1.1 3.1.2.9 has no password without a user name; an empty string is
 * how a host leaves out one of them, as MQTTUSER has no other way.
 */
static void fill_user(const struct at_link *link, struct mqtt_open *o)
{
	const struct at_user *u = &link->user;

	if (!u->name || (!u->name[0] && !u->password[0]))
		return;
	o->user = u->name;
	o->password = u->password[0] ? u->password : NULL;
}

static int open_link(struct at_link *link)
{
	struct at_open open;

	at_open_fill(link, &open);
	fill_user(link, &open.args);
	return mqtt_open(link->client, &open.args);
}

static const char *cipher(const void *client)
{
	return mqtt_cipher(client);
}

static bool session_present(const void *client)
{
	return mqtt_session_present(client);
}

static int close_link(void *client)
{
	return mqtt_close(client);
}

static void abort_link(void *client)
{
	mqtt_abort(client);
}

static int publish(void *client, uint32_t token, const struct at_ask *ask)
{
	return mqtt_publish(client, token, ask->topic.name, ask->qos,
			    ask->retain, ask->payload, ask->len);
}

_Static_assert(AT_SUBS_MAX <= MQTT_REQUESTS_MAX, "all can be renewed");
_Static_assert(AT_REQUESTS_MAX <= MQTT_REQUESTS_MAX, "it takes as many");

static int subscribe(void *client, uint32_t token, const struct at_ask *ask)
{
	return mqtt_subscribe(client, token, ask->topic.name, ask->qos);
}

static int unsubscribe(void *client, uint32_t token, const struct at_ask *ask)
{
	return mqtt_unsubscribe(client, token, ask->topic.name);
}

static void cancel(void *client, uint32_t token)
{
	mqtt_cancel(client, token);
}

static unsigned int request_ms(const struct at_link *link)
{
	return link->s->cfg->result_timeout_ms;
}

static void message_end(void *source)
{
	mqtt_message_end(source);
}

static void message_drop(void *source)
{
	mqtt_message_drop(source);
}

const struct at_protocol at_protocol_mqtt = {
	.name = "mqtt",
	.client_new = client_new,
	.client_free = client_free,
	.open = open_link,
	.session_present = session_present,
	.cipher = cipher,
	.close = close_link,
	.abort = abort_link,
	.request = {
		[AT_REQUEST_SUB] = subscribe,
		[AT_REQUEST_UNSUB] = unsubscribe,
		[AT_REQUEST_PUB] = publish,
	},
	.cancel = cancel,
	.failure = {
		[AT_REQUEST_SUB] = "refused by the broker",
		[AT_REQUEST_UNSUB] = "not acknowledged",
		[AT_REQUEST_PUB] = "not acknowledged",
	},
	.request_ms = request_ms,
	.message_end = message_end,
	.message_drop = message_drop,
};
