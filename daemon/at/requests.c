// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/room.h"

_Static_assert(AT_N_REQUEST_KINDS <= 32, "a bit for each kind");

void at_requests_init(struct at_requests *q)
{
	*q = (struct at_requests){ 0 };
	TAILQ_INIT(&q->all);
}

static void request_free(struct at_request *r)
{
	at_room_free(r->room);
	free(r);
}

void at_requests_free(struct at_requests *q)
{
	struct at_request *r;

	while ((r = TAILQ_FIRST(&q->all)))
		at_requests_remove(q, r);
}

static size_t name_size(const struct at_ask *ask)
{
	return ask->topic.name ? strlen(ask->topic.name) + 1 : 0;
}

static struct at_request *request_new(const struct at_ask *ask, size_t room)
{
	size_t size = name_size(ask);
	struct at_request *r = calloc(1, sizeof(*r) + size + ask->len);

	if (!r)
		return NULL;
	r->room = at_room_new(room);
	if (!r->room) {
		free(r);
		return NULL;
	}
	r->ask = *ask;
	r->ask.payload = r->bytes + size;
	if (size)
		r->ask.topic.name = memcpy(r->bytes, ask->topic.name, size);
	if (ask->len)
		memcpy(r->bytes + size, ask->payload, ask->len);
	return r;
}

static size_t bytes_of(const struct at_request *r)
{
	return name_size(&r->ask) + r->ask.len;
}

struct at_request *at_requests_add(struct at_requests *q,
				   enum at_request_kind kind,
				   const struct at_ask *ask, size_t room)
{
	struct at_request *r = request_new(ask, room);

	if (!r)
		return NULL;
	if (!++q->last_token)
		q->last_token = 1;
	r->kind = kind;
	r->token = q->last_token;
	r->deadline = UINT64_MAX;
	q->count++;
	q->bytes += bytes_of(r);
	TAILQ_INSERT_TAIL(&q->all, r, entry);
	return r;
}

void at_requests_remove(struct at_requests *q, struct at_request *r)
{
	q->count--;
	q->bytes -= bytes_of(r);
	TAILQ_REMOVE(&q->all, r, entry);
	request_free(r);
}

bool at_requests_full(const struct at_requests *q)
{
	return q->count > AT_REQUESTS_MAX || q->bytes > AT_REQUESTS_BYTES;
}

void at_request_end(struct at_request *r, bool ok, const char *more)
{
	r->state = ok ? AT_REQUEST_OK : AT_REQUEST_FAILED;
	if (more)
		snprintf(r->room->text, r->room->size, "%s", more);
}

static bool has_ended(const struct at_request *r)
{
	return r->state == AT_REQUEST_OK || r->state == AT_REQUEST_FAILED;
}

struct at_request *at_requests_find(const struct at_requests *q,
				    uint32_t token)
{
	struct at_request *r;

	TAILQ_FOREACH(r, &q->all, entry)
		if (r->token == token)
			break;
	return r && !has_ended(r) ? r : NULL;
}

struct at_request *at_requests_waiting(const struct at_requests *q)
{
	struct at_request *r;

	TAILQ_FOREACH(r, &q->all, entry)
		if (r->state == AT_REQUEST_WAITING)
			break;
	return r;
}

/* All have the same time to live, so the first is due first. */
static struct at_request *first_under_way(const struct at_requests *q)
{
	struct at_request *r;

	TAILQ_FOREACH(r, &q->all, entry)
		if (!has_ended(r))
			break;
	return r;
}

uint64_t at_requests_deadline(const struct at_requests *q)
{
	const struct at_request *r = first_under_way(q);

	return r ? r->deadline : UINT64_MAX;
}

struct at_request *at_requests_due(const struct at_requests *q, uint64_t now)
{
	struct at_request *r = first_under_way(q);

	return r && r->deadline != UINT64_MAX && r->deadline <= now ? r : NULL;
}

struct at_request *at_requests_told_next(const struct at_requests *q)
{
	struct at_request *r;
	uint32_t under_way = 0;	/* a bit for each kind that has some */

	TAILQ_FOREACH(r, &q->all, entry) {
		if (!has_ended(r))
			under_way |= 1U << r->kind;
		else if (!(under_way >> r->kind & 1))
			return r;
	}
	return NULL;
}
