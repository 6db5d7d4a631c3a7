// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqttsn/mqttsn.h"

#include <errno.h>
#include <stdlib.h>

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

struct mqttsn_client {
	const struct mqttsn_callbacks *cb;
	void *ctx;
};

unsigned int mqttsn_request_ms(const struct mqttsn_timers *timers)
{
	return (timers->retries + 1) * timers->retry_ms;
}

unsigned int mqttsn_connect_ms(const struct mqttsn_timers *timers)
{
	return (timers->connect_retries + 1) * timers->connect_ms;
}

struct mqttsn_client *mqttsn_client_new(uv_loop_t *loop,
					const struct mqttsn_callbacks *cb,
					void *ctx)
{
	struct mqttsn_client *client = calloc(1, sizeof(*client));

	(void)loop;
	if (!client)
		return NULL;
	client->cb = cb;
	client->ctx = ctx;
	return client;
}

void mqttsn_client_free(struct mqttsn_client *client)
{
	free(client);
}

int mqttsn_open(struct mqttsn_client *client, const struct mqtt_open *args,
		const struct mqttsn_timers *timers)
{
	(void)client, (void)args, (void)timers;
	return -ENOSYS;
}

int mqttsn_close(struct mqttsn_client *client)
{
	(void)client;
	return -ENOTCONN;
}

void mqttsn_abort(struct mqttsn_client *client)
{
	(void)client;
}

int mqttsn_register(struct mqttsn_client *client, uint32_t token,
		    const char *name)
{
	(void)client, (void)token, (void)name;
	return -ENOTCONN;
}

int mqttsn_publish(struct mqttsn_client *client, uint32_t token,
		   const struct mqttsn_topic *topic, uint8_t qos, bool retain,
		   const void *payload, size_t len)
{
	(void)client, (void)token, (void)topic, (void)qos, (void)retain;
	(void)payload, (void)len;
	return -ENOTCONN;
}

int mqttsn_subscribe(struct mqttsn_client *client, uint32_t token,
		     const struct mqttsn_topic *topic, uint8_t qos)
{
	(void)client, (void)token, (void)topic, (void)qos;
	return -ENOTCONN;
}

int mqttsn_unsubscribe(struct mqttsn_client *client, uint32_t token,
		       const struct mqttsn_topic *topic)
{
	(void)client, (void)token, (void)topic;
	return -ENOTCONN;
}

int mqttsn_will_topic(struct mqttsn_client *client, uint32_t token,
		      const char *topic, uint8_t qos, bool retain)
{
	(void)client, (void)token, (void)topic, (void)qos, (void)retain;
	return -ENOTCONN;
}

int mqttsn_will_message(struct mqttsn_client *client, uint32_t token,
			const void *payload, size_t len)
{
	(void)client, (void)token, (void)payload, (void)len;
	return -ENOTCONN;
}

const char *mqttsn_topic_name(const struct mqttsn_client *client, uint16_t id)
{
	(void)client, (void)id;
	return NULL;
}

bool mqttsn_topic_at(const struct mqttsn_client *client, size_t index,
		     struct mqttsn_topic *topic, enum mqttsn_origin *origin)
{
	(void)client, (void)index, (void)topic, (void)origin;
	return false;
}

void mqttsn_message_end(struct mqttsn_message *msg)
{
	free(msg);
}

void mqttsn_message_drop(struct mqttsn_message *msg)
{
	free(msg);
}
