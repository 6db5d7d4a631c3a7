// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/again.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_MIN_MS	1000
#define DELAY_MAX_MS	64000

static void set_due(struct at_again *a, uint64_t now, uint32_t delay_ms)
{
	if (delay_ms < DELAY_MIN_MS)
		delay_ms = DELAY_MIN_MS;
	a->delay_ms = delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS;
	a->due = now + a->delay_ms;
}

void at_again_opened(struct at_again *a, uint64_t now)
{
	a->due = 0;
	a->since = now;
}

/* A broker that throws the client out at once is not asked every second. */
void at_again_lost(struct at_again *a, uint64_t now)
{
	set_due(a, now, now - a->since > a->delay_ms ? 0 : 2 * a->delay_ms);
}

void at_again_failed(struct at_again *a, uint64_t now)
{
	set_due(a, now, 2 * a->delay_ms);
}

void at_again_postpone(struct at_again *a, uint64_t now)
{
	a->due = now + DELAY_MIN_MS;
}

struct at_topic at_sub_topic(const struct at_sub *sub)
{
	return (struct at_topic){
		.name = sub->id ? NULL : sub->filter,
		.id = sub->id,
	};
}

static const char *name_of(const struct at_topic *filter)
{
	return filter->name ? filter->name : "";
}

/* The link to the entry for @filter, or the list's end. */
static struct at_sub **find(struct at_again *a, const struct at_topic *filter)
{
	struct at_sub **p = &a->subs;

	while (*p && ((*p)->id != filter->id ||
		      strcmp((*p)->filter, name_of(filter)) != 0))
		p = &(*p)->next;
	return p;
}

int at_again_subscribed(struct at_again *a, const struct at_topic *filter,
			uint8_t qos, uint32_t number)
{
	struct at_sub **p = find(a, filter);
	size_t size = strlen(name_of(filter)) + 1;

	if (!*p && a->n_subs == AT_SUBS_MAX)
		return -ENOSPC;
	if (!*p) {
		*p = calloc(1, sizeof(**p) + size);
		if (!*p)
			return -ENOMEM;
		(*p)->id = filter->id;
		memcpy((*p)->filter, name_of(filter), size);
		a->n_subs++;
	}
	(*p)->qos = qos;
	(*p)->number = number;
	return 0;
}

static void drop(struct at_again *a, struct at_sub **p)
{
	struct at_sub *sub = *p;

	if (!sub)
		return;
	*p = sub->next;
	a->n_subs--;
	free(sub);
}

void at_again_refused(struct at_again *a, uint32_t number)
{
	struct at_sub **p = &a->subs;

	while (*p && (*p)->number != number)
		p = &(*p)->next;
	drop(a, p);
}

void at_again_unsubscribed(struct at_again *a, const struct at_topic *filter)
{
	drop(a, find(a, filter));
}

void at_again_forget(struct at_again *a)
{
	struct at_sub *sub;

	while ((sub = a->subs)) {
		a->subs = sub->next;
		free(sub);
	}
	*a = (struct at_again){ 0 };
}
