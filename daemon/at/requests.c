// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A ring of requests.  All have the same time to live, and those that are
 * held are the last and begin in order, so the deadlines never decrease.
 */
#include "daemon/at/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/at/room.h"

#define FIRST_CAP	8
#define NUMBER_MASK	((1U << AT_REQUEST_BITS) - 1)

enum request_state {
	REQUEST_HELD,
	REQUEST_OPEN,
	REQUEST_OK,
	REQUEST_FAILED,
};

struct at_request {
	uint64_t deadline;
	enum request_state state;
	struct at_room *room;
};

static struct at_request *request(const struct at_requests *q, uint32_t i)
{
	return &q->ring[(q->head + i) & (q->cap - 1)];
}

static int grow(struct at_requests *q)
{
	uint32_t cap = q->cap ? q->cap * 2 : FIRST_CAP;
	struct at_request *ring = calloc(cap, sizeof(*ring));
	uint32_t i;

	if (!ring)
		return -ENOMEM;
	for (i = 0; i < q->count; i++)
		ring[(q->head + i) & (cap - 1)] = *request(q, i);
	free(q->ring);
	q->ring = ring;
	q->cap = cap;
	return 0;
}

int64_t at_requests_push(struct at_requests *q, uint64_t deadline, size_t size)
{
	struct at_room *room;

	if (q->count == q->cap && grow(q))
		return -ENOMEM;
	room = at_room_new(size);
	if (!room)
		return -ENOMEM;
	*request(q, q->count) = (struct at_request){
		.deadline = deadline,
		.state = deadline == AT_REQUEST_HELD ? REQUEST_HELD :
						       REQUEST_OPEN,
		.room = room,
	};
	return (q->head + q->count++) & NUMBER_MASK;
}

void at_requests_unpush(struct at_requests *q)
{
	q->count--;
	at_room_free(request(q, q->count)->room);
}

static bool has_ended(const struct at_request *r)
{
	return r->state == REQUEST_OK || r->state == REQUEST_FAILED;
}

/* NULL: it is gone or has ended. */
static struct at_request *find(const struct at_requests *q, uint32_t number)
{
	uint32_t i = (number - q->head) & NUMBER_MASK;

	return i < q->count && !has_ended(request(q, i)) ? request(q, i) :
							   NULL;
}

void at_requests_begin(struct at_requests *q, uint32_t number,
		       uint64_t deadline)
{
	struct at_request *r = find(q, number);

	if (!r)
		return;
	r->state = REQUEST_OPEN;
	r->deadline = deadline;
}

void at_requests_end(struct at_requests *q, uint32_t number, bool ok,
		     const char *more)
{
	struct at_request *r = find(q, number);

	if (!r)
		return;
	r->state = ok ? REQUEST_OK : REQUEST_FAILED;
	if (more)
		snprintf(r->room->text, r->room->size, "%s", more);
}

int64_t at_requests_expire(struct at_requests *q, uint64_t now)
{
	uint32_t i;

	for (i = 0; i < q->count && request(q, i)->deadline <= now; i++) {
		if (request(q, i)->state != REQUEST_OPEN)
			continue;
		request(q, i)->state = REQUEST_FAILED;
		return (q->head + i) & NUMBER_MASK;
	}
	return -1;
}

bool at_requests_pop(struct at_requests *q, bool *ok, struct at_room **room)
{
	if (!q->count || !has_ended(request(q, 0)))
		return false;
	*ok = request(q, 0)->state == REQUEST_OK;
	*room = request(q, 0)->room;
	q->head++;
	q->count--;
	return true;
}

uint64_t at_requests_deadline(const struct at_requests *q)
{
	return q->count ? request(q, 0)->deadline : UINT64_MAX;
}

void at_requests_free(struct at_requests *q)
{
	uint32_t i;

	for (i = 0; i < q->count; i++)
		at_room_free(request(q, i)->room);
	free(q->ring);
	*q = (struct at_requests){ 0 };
}
