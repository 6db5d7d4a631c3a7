/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What carries a link: MQTT to a broker (clients 1 and 2), MQTT-SN to a
 * gateway (101 and 102).  Of a link everything else is the same.
 */
#ifndef ATMQTT_AT_PROTOCOL_H
#define ATMQTT_AT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct at_link;

/* Each kind has its own result line, and those come in order (rule L14). */
enum at_request_kind {
	AT_REQUEST_SUB,
	AT_REQUEST_UNSUB,
	AT_REQUEST_PUB,
	AT_REQUEST_REG,
	AT_REQUEST_WILL_TOPIC,
	AT_REQUEST_WILL_MSG,
	AT_N_REQUEST_KINDS,
};

/* A topic or filter as a command has it */
struct at_topic {
	const char *name;	/* NULL: it is an id */
	uint16_t id;
};

/* What a command asks for; a kind has no use for some of it. */
struct at_ask {
	struct at_topic topic;
	uint8_t qos;
	bool retain;
	const void *payload;
	size_t len;
};

/* Negative errnos are those of daemon/mqtt/mqtt.h and its like. */
struct at_protocol {
	const char *name;

	void *(*client_new)(struct at_link *link);	/* NULL: no memory */
	void (*client_free)(void *client);

	/* To link->target, with what MQTTUSER and its like say by now */
	int (*open)(struct at_link *link);
	/* What it opened was there already; NULL: nothing tells, so it was. */
	bool (*session_present)(const void *client);
	/* As mqtt_cipher(); NULL: nothing tells. */
	const char *(*cipher)(const void *client);
	int (*close)(void *client);
	void (*abort)(void *client);

	/* What @id stands for, or NULL; no function: there are no ids. */
	const char *(*topic_name)(const void *client, uint16_t id);

	/* at_link_done() with @token follows; NULL: there is no such thing. */
	int (*request[AT_N_REQUEST_KINDS])(void *client, uint32_t token,
					   const struct at_ask *ask);
	/* Nobody waits for it any more; NULL: it has gone out by then. */
	void (*cancel)(void *client, uint32_t token);
	/* Why one failed, for +CEER */
	const char *failure[AT_N_REQUEST_KINDS];
	/* From the call on it fails after so many ms at the latest. */
	unsigned int (*request_ms)(const struct at_link *link);

	/* What is not acknowledged comes again by the same connection. */
	bool repeats;
	/* Of a message that came: acknowledged if need be, or not; freed */
	void (*message_end)(void *source);
	void (*message_drop)(void *source);
};

extern const struct at_protocol at_protocol_mqtt;
extern const struct at_protocol at_protocol_sn;

#endif /* ATMQTT_AT_PROTOCOL_H */
