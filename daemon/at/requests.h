/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Requests of one kind and client that have no result yet, in the order of
 * their commands (rule L14).
 */
#ifndef ATMQTT_AT_REQUESTS_H
#define ATMQTT_AT_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct at_request;
struct at_room;

/* All zero is an empty queue. */
struct at_requests {
	struct at_request *ring;
	uint32_t cap;		/* a power of two, or 0 */
	uint32_t head;		/* number of the oldest */
	uint32_t count;
};

#define AT_REQUEST_BITS	29	/* a number's width; then it wraps */

#define AT_REQUEST_HELD	UINT64_MAX	/* a deadline: not begun yet */

/*
 * Appends one that fails at @deadline (ms), with room for @room bytes of its
 * result.  Its number, or -ENOMEM.
 */
int64_t at_requests_push(struct at_requests *q, uint64_t deadline,
			 size_t room);

/* Takes back what was pushed last: it was not accepted after all. */
void at_requests_unpush(struct at_requests *q);

/*
 * Request @number, which was held, begins.  In the order in which they were
 * appended, and all of them before the next is appended that is not held.
 */
void at_requests_begin(struct at_requests *q, uint32_t number,
		       uint64_t deadline);

/*
 * Request @number ended; @more, copied as far as there is room, is what its result line has behind
 * the status, or NULL.  One that is gone (too late) is ignored.
 */
void at_requests_end(struct at_requests *q, uint32_t number, bool ok,
		     const char *more);

/*
 * The next one that is open and due at @now has failed, and this is its
 * number; UINT64_MAX: any.  Negative: there is none.
 */
int64_t at_requests_expire(struct at_requests *q, uint64_t now);

/*
 * Takes the oldest if it ended: true, and @ok is its result.  @room is the
 * caller's then; its text is what at_requests_end() had of @more, or empty.
 */
bool at_requests_pop(struct at_requests *q, bool *ok, struct at_room **room);

/* When the oldest open one fails; UINT64_MAX: there is none. */
uint64_t at_requests_deadline(const struct at_requests *q);

void at_requests_free(struct at_requests *q);

#endif /* ATMQTT_AT_REQUESTS_H */
