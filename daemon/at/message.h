/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A received message on its way to the host.
 */
#ifndef ATMQTT_AT_MESSAGE_H
#define ATMQTT_AT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/at/urc.h"
#include "daemon/mqtt/mqtt.h"

struct at_link;

struct at_message {
	struct at_message *next;	/* in the inbox or the answer */
	struct at_link *link;
	struct at_urc urc;		/* its +MQTTMSG or +MQTTMSGI */
	void *source;		/* the protocol's; NULL: done with, copied */
	char *own;
	const char *topic;
	const char *payload;
	size_t topic_len;
	size_t payload_len;
	uint8_t qos;
	uint16_t topic_id;	/* 0: it has a name */
};

/*
 * Takes over @source, the protocol's, of which @view tells the parts, with at
 * most @max bytes of the payload.  NULL: no memory.
 */
struct at_message *at_message_new(struct at_link *link,
				  const struct mqtt_message *view,
				  void *source, size_t max);

/*
 * Acknowledges it to the broker and keeps a copy.  Without memory, or with
 * 256 KiB of the client's copied, it stays as it is, to be acknowledged when
 * the host has it.
 */
void at_message_adopt(struct at_message *m);

/* Frees it; acknowledges it if the host has it (@delivered). */
void at_message_free(struct at_message *m, bool delivered);

/* The topic as +MQTTMSG and +MQTTREAD have it: quoted, an id is not. */
void at_message_put_topic(const struct at_message *m, struct buf *b);

/* Its length as +MQTTREAD has it, and what +MQTTMSGI has in its place */
size_t at_message_topic_len(const struct at_message *m);
size_t at_message_topic_hint(const struct at_message *m);

/* The payload as +MQTTMSG and +MQTTREAD have it, quoted; its length there */
void at_message_put_payload(const struct at_message *m, struct buf *b);
size_t at_message_payload_len(const struct at_message *m);

/* Would the broker send it again in the session's next connection? */
bool at_message_comes_again(const struct at_message *m);

#endif /* ATMQTT_AT_MESSAGE_H */
