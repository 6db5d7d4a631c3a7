// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/mqtt/session.h"

#define SESSIONS_KEPT	16	/* that no link uses: 8 KiB each */

static char *make_key(const struct mqtt_open *args)
{
	char *key;

	if (asprintf(&key, "%s %u %s", args->host, args->port,
		     args->client_id) < 0)
		return NULL;
	return key;
}

static struct session *find_key(struct mqtt *mqtt, const char *key)
{
	struct session *s;

	LIST_FOREACH(s, &mqtt->sessions, entry)
		if (!s->clean && !strcmp(s->key, key))
			return s;
	return NULL;
}

/* Its messages are the owner's alone from now on. */
static void forget_held(struct session *session)
{
	struct inbound *in;

	while ((in = TAILQ_FIRST(&session->held))) {
		in->link = NULL;
		session_unhold(in);
	}
}

static void session_free(struct session *session)
{
	forget_held(session);
	LIST_REMOVE(session, entry);
	free(session->key);
	free(session);
}

/*
 * Ids start anywhere: after a restart the broker may still keep those of
 * the session's last life.
 */
static struct session *session_new(struct mqtt *mqtt, char *key, bool clean)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	if (getrandom(&s->next_id, sizeof(s->next_id), GRND_NONBLOCK) < 0)
		s->next_id = 0;
	s->key = key;
	s->clean = clean;
	TAILQ_INIT(&s->held);
	LIST_INSERT_HEAD(&mqtt->sessions, s, entry);
	return s;
}

struct session *session_get(struct mqtt *mqtt, const struct mqtt_open *args)
{
	char *key = make_key(args);
	struct session *s;

	if (!key)
		return NULL;
	s = find_key(mqtt, key);
	if (s && args->clean) {
		session_reset(s);	/* so does the broker */
		s = NULL;
	}
	if (s) {
		free(key);
	} else {
		s = session_new(mqtt, key, args->clean);
		if (!s) {
			free(key);
			return NULL;
		}
	}
	s->users++;
	return s;
}

static void evict(struct mqtt *mqtt)
{
	unsigned int kept = 0;
	struct session *s, *next;

	for (s = LIST_FIRST(&mqtt->sessions); s; s = next) {
		next = LIST_NEXT(s, entry);
		if (!s->users && ++kept > SESSIONS_KEPT)
			session_free(s);
	}
}

void session_put(struct mqtt *mqtt, struct session *session)
{
	if (--session->users)
		return;
	if (session->clean) {
		session_free(session);
		return;
	}
	LIST_REMOVE(session, entry);
	LIST_INSERT_HEAD(&mqtt->sessions, session, entry);
	evict(mqtt);
}

void session_free_all(struct mqtt *mqtt)
{
	struct session *s;

	while ((s = LIST_FIRST(&mqtt->sessions)))
		session_free(s);
}

void session_reset(struct session *session)
{
	forget_held(session);
	memset(session->known, 0, sizeof(session->known));
	session->known_count = 0;
	session->n_release = 0;
}

void session_unlink(struct session *session, struct link *link)
{
	struct inbound *in;

	TAILQ_FOREACH(in, &session->held, entry)
		if (in->link == link)
			in->link = NULL;
}

static bool repeats(const struct inbound *a, const struct inbound *b)
{
	return a->id == b->id && a->msg.qos == b->msg.qos &&
	       a->msg.topic_len == b->msg.topic_len &&
	       a->msg.payload_len == b->msg.payload_len &&
	       !memcmp(a->data, b->data,
		       a->msg.topic_len + a->msg.payload_len);
}

struct inbound *session_find(struct session *session,
			     const struct inbound *in)
{
	struct inbound *held;

	if (!in->dup)
		return NULL;
	TAILQ_FOREACH(held, &session->held, entry)
		if (repeats(held, in))
			return held;
	return NULL;
}

void session_hold(struct session *session, struct inbound *in)
{
	in->session = session;
	TAILQ_INSERT_TAIL(&session->held, in, entry);
}

void session_unhold(struct inbound *in)
{
	if (in->session)
		TAILQ_REMOVE(&in->session->held, in, entry);
	in->session = NULL;
}

void session_note_unreleased(struct session *session, const struct door *door)
{
	session->n_release += door_unreleased(door, session->release +
						    session->n_release,
					      DOOR_RELEASE_MAX -
						      session->n_release);
}

bool session_knows(const struct session *session, uint16_t id)
{
	return session->known[id / 8] >> id % 8 & 1;
}

void session_know(struct session *session, uint16_t id, bool known)
{
	if (session_knows(session, id) == known)
		return;
	session->known[id / 8] ^= 1 << id % 8;
	session->known_count += known ? 1 : -1;
}
