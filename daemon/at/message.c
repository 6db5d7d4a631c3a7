// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A received message on its way to the host.
 */
#include "daemon/at/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/internal.h"
#include "daemon/at/payload.h"

struct at_message *at_message_new(struct at_link *link,
				  const struct mqtt_message *view,
				  void *source, size_t max)
{
	struct at_message *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->link = link;
	m->source = source;
	m->topic = view->topic;
	m->topic_len = view->topic_len;
	m->payload = view->payload;
	m->payload_len = view->payload_len < max ? view->payload_len : max;
	m->qos = view->qos;
	return m;
}

/* What a copy takes. */
static size_t size_of(const struct at_message *m)
{
	return sizeof(*m) + m->topic_len + m->payload_len;
}

void at_message_adopt(struct at_message *m)
{
	if (!m->source || !m->qos ||
	    m->link->adopted + size_of(m) > MQTT_HELD_MAX)
		return;
	m->own = malloc(m->topic_len + m->payload_len + 1);
	if (!m->own)
		return;
	if (m->topic_len)
		memcpy(m->own, m->topic, m->topic_len);
	if (m->payload_len)
		memcpy(m->own + m->topic_len, m->payload, m->payload_len);
	m->topic = m->own;
	m->payload = m->own + m->topic_len;
	m->link->adopted += size_of(m);
	m->link->protocol->message_end(m->source);
	m->source = NULL;
}

void at_message_free(struct at_message *m, bool delivered)
{
	const struct at_protocol *protocol = m->link->protocol;

	if (m->source && delivered)
		protocol->message_end(m->source);
	else if (m->source)
		protocol->message_drop(m->source);
	if (m->own)
		m->link->adopted -= size_of(m);
	free(m->own);
	free(m);
}

static enum payload_format format_of(const struct at_message *m)
{
	return m->link->s->cfg->payload_format;
}

void at_message_put_topic(const struct at_message *m, struct buf *b)
{
	if (m->topic_id) {
		buf_printf(b, "%u", m->topic_id);
		return;
	}
	payload_write(b, format_of(m), m->topic, m->topic_len);
}

static size_t name_len(const struct at_message *m)
{
	return payload_written(format_of(m), m->topic, m->topic_len);
}

size_t at_message_topic_len(const struct at_message *m)
{
	return m->topic_id ? (size_t)snprintf(NULL, 0, "%u", m->topic_id) :
			     name_len(m);
}

size_t at_message_topic_hint(const struct at_message *m)
{
	return m->topic_id ? m->topic_id : name_len(m);
}

void at_message_put_payload(const struct at_message *m, struct buf *b)
{
	payload_write(b, format_of(m), m->payload, m->payload_len);
}

size_t at_message_payload_len(const struct at_message *m)
{
	return payload_written(format_of(m), m->payload, m->payload_len);
}

bool at_message_comes_again(const struct at_message *m)
{
	return m->source && m->qos;
}
