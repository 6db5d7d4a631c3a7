/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A request to do nothing, which shows that a thread still takes requests.
 */
#ifndef ATMQTT_NOOP_H
#define ATMQTT_NOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct noop {
	atomic_bool pending;	/* the thread has not come to it */
};

/* Any thread: it was done. */
static inline void noop_pass(struct noop *noop)
{
	atomic_store(&noop->pending, false);
}

/* Where a thread that has no queue finds one, each time it comes round. */
struct noop_round {
	_Atomic(struct noop *) asked;	/* or NULL */
};

static inline void noop_ask(struct noop_round *round, struct noop *noop)
{
	atomic_store(&round->asked, noop);
}

static inline void noop_come_round(struct noop_round *round)
{
	struct noop *noop = atomic_exchange(&round->asked, NULL);

	if (noop)
		noop_pass(noop);
}

#endif /* ATMQTT_NOOP_H */
