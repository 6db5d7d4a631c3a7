// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A received message on its way to the host.
 */
#include "daemon/at/message.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/at/internal.h"
#include "daemon/at/payload.h"

struct at_message *at_message_new(struct at_link *link,
				  struct mqtt_message *source, size_t max)
{
	struct at_message *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->link = link;
	m->source = source;
	m->topic = source->topic;
	m->topic_len = source->topic_len;
	m->payload = source->payload;
	m->payload_len = source->payload_len < max ? source->payload_len : max;
	m->qos = source->qos;
	return m;
}

void at_message_adopt(struct at_message *m)
{
	if (!m->source || !m->qos)
		return;
	m->own = malloc(m->topic_len + m->payload_len + 1);
	if (!m->own)
		return;
	memcpy(m->own, m->topic, m->topic_len);
	if (m->payload_len)
		memcpy(m->own + m->topic_len, m->payload, m->payload_len);
	m->topic = m->own;
	m->payload = m->own + m->topic_len;
	mqtt_message_end(m->source);
	m->source = NULL;
}

void at_message_free(struct at_message *m, bool delivered)
{
	if (m->source && delivered)
		mqtt_message_end(m->source);
	else if (m->source)
		mqtt_message_drop(m->source);
	free(m->own);
	free(m);
}

void at_message_put_payload(const struct at_message *m, struct at_buf *b)
{
	payload_write(b, m->link->s->cfg->payload_format, m->payload,
		      m->payload_len);
}

size_t at_message_payload_len(const struct at_message *m)
{
	return payload_written(m->link->s->cfg->payload_format, m->payload,
			       m->payload_len);
}

bool at_message_comes_again(const struct at_message *m)
{
	return m->source && m->qos;
}
