/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a link has subscribed to, and for the knob "reconnect" when a lost one
 * is tried again.  Times are those of uv_now().
 */
#ifndef ATMQTT_AT_AGAIN_H
#define ATMQTT_AT_AGAIN_H

#include <stdint.h>

#include "daemon/at/protocol.h"

struct at_sub {
	struct at_sub *next;
	uint32_t number;	/* of the last request for it */
	uint8_t qos;
	uint16_t id;		/* 0: it is a name */
	char filter[];
};

/* All zero: nothing is due and nothing was subscribed. */
struct at_again {
	uint64_t due;		/* the next try; 0: none */
	uint64_t since;		/* when the link opened */
	uint32_t delay_ms;	/* before the last try */
	struct at_sub *subs;	/* in the order of the commands */
	uint32_t n_subs;
};

/* The link opened. */
void at_again_opened(struct at_again *a, uint64_t now);

/* It was lost, or a try failed: @a->due tells when to try. */
void at_again_lost(struct at_again *a, uint64_t now);
void at_again_failed(struct at_again *a, uint64_t now);

/* There is no network to try it by: not a try. */
void at_again_postpone(struct at_again *a, uint64_t now);

/*
 * A host that invents topics shall not fill the memory; and a link that comes
 * back asks for all of them at once.
 */
#define AT_SUBS_MAX	512

/*
 * Request @number subscribes to @filter.  0, -ENOMEM, or -ENOSPC when there
 * are AT_SUBS_MAX others.
 */
int at_again_subscribed(struct at_again *a, const struct at_topic *filter,
			uint8_t qos, uint32_t number);
/* The broker refused request @number. */
void at_again_refused(struct at_again *a, uint32_t number);
void at_again_unsubscribed(struct at_again *a, const struct at_topic *filter);

/* What @sub was called with */
struct at_topic at_sub_topic(const struct at_sub *sub);

void at_again_forget(struct at_again *a);

#endif /* ATMQTT_AT_AGAIN_H */
