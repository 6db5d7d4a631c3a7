// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The topics that have a normal id.
 */
#include "daemon/mqttsn/topics.h"

#include <stdlib.h>
#include <string.h>

bool sn_topic_id_is_valid(uint16_t id)
{
	return id && id != 0xffff;
}

void sn_topics_init(struct sn_topics *topics)
{
	TAILQ_INIT(&topics->list);
}

static void forget(struct sn_topics *topics, struct sn_topic *topic)
{
	TAILQ_REMOVE(&topics->list, topic, entry);
	topics->count--;
	free(topic);
}

void sn_topics_clear(struct sn_topics *topics)
{
	while (!TAILQ_EMPTY(&topics->list))
		forget(topics, TAILQ_FIRST(&topics->list));
}

void sn_topics_renew(struct sn_topics *topics)
{
	struct sn_topic *t;

	TAILQ_FOREACH(t, &topics->list, entry) {
		t->sure = false;
		t->told = false;
	}
}

struct sn_topic *sn_topics_by_id(const struct sn_topics *topics, uint16_t id)
{
	struct sn_topic *t;

	TAILQ_FOREACH(t, &topics->list, entry)
		if (t->id == id)
			return t;
	return NULL;
}

static bool has_name(const struct sn_topic *t, const char *name, size_t len)
{
	return t->len == len && !memcmp(t->name, name, len);
}

struct sn_topic *sn_topics_by_name(const struct sn_topics *topics,
				   const char *name, size_t len)
{
	struct sn_topic *t;

	TAILQ_FOREACH_REVERSE(t, &topics->list, sn_topic_list, entry)
		if (t->sure && has_name(t, name, len))
			return t;
	return NULL;
}

void sn_topics_doubt(struct sn_topics *topics, const char *name, size_t len)
{
	struct sn_topic *t;

	TAILQ_FOREACH(t, &topics->list, entry)
		if (has_name(t, name, len))
			t->sure = false;
}

/*
 * A gateway whose registration was forgotten gets an "invalid topic id" for
 * its next PUBLISH and registers again.
 */
static void make_room(struct sn_topics *topics)
{
	struct sn_topic *t;

	if (topics->count < SN_TOPICS_MAX)
		return;
	TAILQ_FOREACH(t, &topics->list, entry)
		if (t->origin == MQTTSN_BY_GATEWAY)
			break;
	forget(topics, t ? t : TAILQ_FIRST(&topics->list));
}

/* The host is told an id that only a SUBACK had: for it the topic comes now. */
static void set_origin(struct sn_topics *topics, struct sn_topic *t,
		       enum mqttsn_origin origin)
{
	if (t->origin != MQTTSN_BY_SUBSCRIBE || origin == t->origin)
		return;
	t->origin = origin;
	TAILQ_REMOVE(&topics->list, t, entry);
	TAILQ_INSERT_TAIL(&topics->list, t, entry);
}

struct sn_topic *sn_topics_set(struct sn_topics *topics, uint16_t id,
			       const char *name, size_t len,
			       enum mqttsn_origin origin)
{
	struct sn_topic *t = sn_topics_by_id(topics, id);
	struct sn_topic *fresh;

	if (t && has_name(t, name, len)) {
		t->sure = true;
		set_origin(topics, t, origin);
		return t;
	}
	fresh = calloc(1, sizeof(*fresh) + len + 1);
	if (!fresh)
		return NULL;
	if (t)
		forget(topics, t);
	make_room(topics);
	t = fresh;
	t->id = id;
	t->origin = origin;
	t->sure = true;
	t->len = len;
	memcpy(t->name, name, len);
	TAILQ_INSERT_TAIL(&topics->list, t, entry);
	topics->count++;
	topics->changed = true;
	return t;
}
