/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What passed at a port, as a line of text or of JSON.
 */
#ifndef ATMQTT_CTL_EVENT_H
#define ATMQTT_CTL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/n_at.h>

/* Besides those of enum n_at_kind, which are below them. */
enum event_kind {
	EVENT_ATTACHED = 100,	/* the port is there now */
	EVENT_DETACHED,		/* and now it is not */
	EVENT_LOST,		/* of no port: some events were lost */
};

struct event {
	uint64_t time;		/* nanoseconds of CLOCK_REALTIME */
	const char *tty;
	unsigned int kind;	/* enum n_at_kind, enum event_kind */
	enum n_at_mode mode;	/* of N_AT_KIND_MODE */
	enum n_at_event event;	/* of N_AT_KIND_EVENT */
	uint32_t flags;		/* N_AT_FLAG_* */
	size_t length;		/* of the bytes; of those to come; 0: unknown */
	const char *bytes;	/* to be shown */
	size_t n_bytes;
	bool masked;		/* they hold "***" for something else */
};

/* A line with its line feed, the caller's; NULL without memory. */
char *event_text(const struct event *e);
char *event_json(const struct event *e);

#endif /* ATMQTT_CTL_EVENT_H */
