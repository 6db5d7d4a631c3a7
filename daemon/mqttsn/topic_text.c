// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqttsn/topic_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/buffer.h"
#include "daemon/lib/utf8.h"

/* A host may register what is no legal topic; then it asks again. */
static bool is_lasting(const char *name, size_t len)
{
	return len <= MQTTSN_TOPIC_MAX && utf8_is_topic_name(name, len);
}

char *topic_text_write(const struct sn_topics *topics, const char *session,
		       size_t *len)
{
	const struct sn_topic *t;
	struct buf b = { 0 };

	buf_printf(&b, "%s\n", session);
	TAILQ_FOREACH(t, &topics->list, entry)
		if (is_lasting(t->name, t->len))
			buf_printf(&b, "%u %d %s\n", t->id, t->origin,
				   t->name);
	*len = b.len;
	buf_add(&b, "", 1);
	if (!b.failed)
		return b.p;
	buf_free(&b);
	return NULL;
}

static void read_line(struct sn_topics *topics, const char *line, size_t len)
{
	unsigned int id, origin;
	const char *name;
	size_t name_len;
	int n = 0;

	if (sscanf(line, "%5u %1u%n", &id, &origin, &n) != 2 ||
	    (size_t)n >= len || line[n] != ' ')
		return;
	name = line + n + 1;
	name_len = len - (size_t)n - 1;
	if (id <= UINT16_MAX && sn_topic_id_is_valid((uint16_t)id) &&
	    origin <= MQTTSN_BY_GATEWAY && is_lasting(name, name_len))
		sn_topics_set(topics, (uint16_t)id, name, name_len,
			      (enum mqttsn_origin)origin);
}

void topic_text_read(struct sn_topics *topics, const char *session,
		     const char *text)
{
	size_t len = strlen(session);

	if (strncmp(text, session, len) || text[len] != '\n')
		return;
	for (text += len + 1; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		read_line(topics, text, len);
	}
	sn_topics_renew(topics);
}
