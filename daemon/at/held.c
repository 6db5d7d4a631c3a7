// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct at_held *copy(const struct at_ask *ask)
{
	const char *name = ask->topic.name;
	size_t name_size = name ? strlen(name) + 1 : 0;
	struct at_held *held = malloc(sizeof(*held) + name_size + ask->len);

	if (!held)
		return NULL;
	held->next = NULL;
	held->ask = *ask;
	held->ask.payload = held->bytes + name_size;
	if (name)
		held->ask.topic.name = memcpy(held->bytes, name, name_size);
	if (ask->len)
		memcpy(held->bytes + name_size, ask->payload, ask->len);
	return held;
}

int at_held_add(struct at_held_queue *q, enum at_request_kind kind,
		uint32_t token, const struct at_ask *ask)
{
	struct at_held *held;

	if (q->count == AT_HELD_MAX)
		return -EAGAIN;
	held = copy(ask);
	if (!held)
		return -ENOMEM;
	held->kind = kind;
	held->token = token;
	if (q->last)
		q->last->next = held;
	else
		q->first = held;
	q->last = held;
	q->count++;
	return 0;
}

struct at_held *at_held_take(struct at_held_queue *q)
{
	struct at_held *held = q->first;

	if (!held)
		return NULL;
	q->first = held->next;
	if (!q->first)
		q->last = NULL;
	q->count--;
	return held;
}

void at_held_free(struct at_held_queue *q)
{
	struct at_held *held;

	while ((held = at_held_take(q)))
		free(held);
}
