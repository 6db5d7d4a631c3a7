/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a client has been asked for and has not told the result of, of every
 * kind, in the order of the commands.  The order of results (rule L14), what
 * is too late and what may go out next come from this one list.
 */
#ifndef ATMQTT_AT_REQUESTS_H
#define ATMQTT_AT_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/at/protocol.h"

struct at_room;

/* A client with more is full, see at_requests_full(). */
#define AT_REQUESTS_MAX		512
#define AT_REQUESTS_BYTES	(256 * 1024)	/* of topics and payloads */

enum at_request_state {
	AT_REQUEST_WAITING,	/* the protocol has not got it */
	AT_REQUEST_BEGUN,
	AT_REQUEST_OK,
	AT_REQUEST_FAILED,
};

struct at_request {
	TAILQ_ENTRY(at_request) entry;
	enum at_request_kind kind;
	enum at_request_state state;
	uint32_t token;		/* what its protocol knows it by; never 0 */
	uint64_t deadline;	/* ms; UINT64_MAX: none yet */
	const char *why;	/* it failed, for +CEER; NULL: as its link did */
	struct at_ask ask;
	struct at_room *room;	/* for its result; whoever takes it frees it */
	char bytes[];		/* topic and payload, of which ask tells */
};

TAILQ_HEAD(at_request_list, at_request);

struct at_requests {
	struct at_request_list all;
	uint32_t count;
	size_t bytes;
	uint32_t last_token;
};

void at_requests_init(struct at_requests *q);
void at_requests_free(struct at_requests *q);

/*
 * Appends one with a copy of @ask and @room bytes for its result, that waits
 * and has no deadline.  NULL without memory.
 */
struct at_request *at_requests_add(struct at_requests *q,
				   enum at_request_kind kind,
				   const struct at_ask *ask, size_t room);

/* It was not accepted after all, or its result is told. */
void at_requests_remove(struct at_requests *q, struct at_request *r);

/* No further one is to be accepted until some have ended. */
bool at_requests_full(const struct at_requests *q);

/*
 * It ended; @more, copied as far as there is room, is what its result line
 * has behind the status, or NULL.
 */
void at_request_end(struct at_request *r, bool ok, const char *more);

/* The one that the protocol calls @token and that has not ended, or NULL. */
struct at_request *at_requests_find(const struct at_requests *q,
				    uint32_t token);

/* The first that waits, or NULL. */
struct at_request *at_requests_waiting(const struct at_requests *q);

/*
 * The next that has not ended and is due at @now; UINT64_MAX: any that has a
 * deadline.  Those that have none are the last.
 */
struct at_request *at_requests_due(const struct at_requests *q, uint64_t now);

/* The oldest that ended, unless one of its kind before it has not; or NULL. */
struct at_request *at_requests_told_next(const struct at_requests *q);

/* When the first fails that has not ended; UINT64_MAX: none does. */
uint64_t at_requests_deadline(const struct at_requests *q);

#endif /* ATMQTT_AT_REQUESTS_H */
