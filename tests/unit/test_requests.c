// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The queue of requests without a result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "daemon/at/requests.h"
#include "daemon/at/room.h"
#include "unit/no_memory.h"

#define SIZE 8	/* of a result's room */

static struct at_requests q;

static int start(void **state)
{
	(void)state;
	at_requests_init(&q);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	at_requests_free(&q);
	assert_int_equal(q.count, 0);
	assert_int_equal(q.bytes, 0);
	return 0;
}

static struct at_request *add(enum at_request_kind kind, uint64_t deadline)
{
	const struct at_ask ask = {
		.topic = { .name = "a/b" },
		.payload = "xyz",
		.len = 3,
	};
	struct at_request *r = at_requests_add(&q, kind, &ask, SIZE);

	assert_non_null(r);
	r->deadline = deadline;
	return r;
}

static struct at_request *begun(enum at_request_kind kind, uint64_t deadline)
{
	struct at_request *r = add(kind, deadline);

	r->state = AT_REQUEST_BEGUN;
	return r;
}

static void end(struct at_request *r, bool ok)
{
	at_request_end(r, ok, NULL);
}

static void expect_none(void)
{
	assert_null(at_requests_told_next(&q));
}

static void expect_more(struct at_request *want, const char *more)
{
	assert_ptr_equal(at_requests_told_next(&q), want);
	assert_string_equal(want->room->text, more);
	at_requests_remove(&q, want);
}

static void expect_result(struct at_request *want, bool ok)
{
	assert_int_equal(want->state, ok ? AT_REQUEST_OK : AT_REQUEST_FAILED);
	expect_more(want, "");
}

static void results_of_a_kind_come_in_order(void **state)
{
	struct at_request *a = begun(AT_REQUEST_PUB, 10);
	struct at_request *sub = begun(AT_REQUEST_SUB, 10);
	struct at_request *b = begun(AT_REQUEST_PUB, 20);

	(void)state;
	expect_none();
	end(b, true);
	expect_none();
	end(sub, true);
	expect_result(sub, true);
	expect_none();
	end(a, false);
	expect_result(a, false);
	expect_result(b, true);
	expect_none();
}

static void what_is_due_is_the_first_that_has_not_ended(void **state)
{
	struct at_request *a = begun(AT_REQUEST_PUB, 10);
	struct at_request *b = add(AT_REQUEST_PUB, 20);

	(void)state;
	assert_int_equal(at_requests_deadline(&q), 10);
	assert_null(at_requests_due(&q, 9));
	assert_ptr_equal(at_requests_due(&q, 10), a);
	end(a, false);
	assert_null(at_requests_find(&q, a->token));
	assert_null(at_requests_due(&q, 10));
	assert_int_equal(at_requests_deadline(&q), 20);
	assert_ptr_equal(at_requests_due(&q, UINT64_MAX), b);
	end(b, false);
	assert_null(at_requests_due(&q, UINT64_MAX));
	assert_true(at_requests_deadline(&q) == UINT64_MAX);
}

static void without_a_deadline_it_is_never_due(void **state)
{
	struct at_request *a = add(AT_REQUEST_PUB, UINT64_MAX);

	(void)state;
	assert_true(at_requests_deadline(&q) == UINT64_MAX);
	assert_null(at_requests_due(&q, UINT64_MAX));
	assert_ptr_equal(at_requests_waiting(&q), a);
	end(a, false);		/* without having begun */
	assert_null(at_requests_waiting(&q));
	expect_result(a, false);
}

static void those_that_wait_begin_in_order(void **state)
{
	struct at_request *a = add(AT_REQUEST_PUB, 10);
	struct at_request *b = add(AT_REQUEST_SUB, 10);

	(void)state;
	assert_ptr_equal(at_requests_waiting(&q), a);
	a->state = AT_REQUEST_BEGUN;
	assert_ptr_equal(at_requests_waiting(&q), b);
	b->state = AT_REQUEST_BEGUN;
	assert_null(at_requests_waiting(&q));
	assert_ptr_equal(at_requests_find(&q, a->token), a);
	assert_ptr_equal(at_requests_find(&q, b->token), b);
	end(a, true);
}

static void one_can_be_taken_back(void **state)
{
	struct at_request *a = begun(AT_REQUEST_PUB, 10);

	(void)state;
	at_requests_remove(&q, begun(AT_REQUEST_PUB, 20));
	end(a, true);
	expect_result(a, true);
	expect_none();
}

/* A token wraps, and 0 is none. */
static void tokens_are_never_zero(void **state)
{
	struct at_request *a, *b;

	(void)state;
	q.last_token = UINT32_MAX - 1;
	a = begun(AT_REQUEST_PUB, 1);
	b = begun(AT_REQUEST_PUB, 1);
	assert_int_equal(a->token, UINT32_MAX);
	assert_int_equal(b->token, 1);
	assert_ptr_equal(at_requests_find(&q, 1), b);
	assert_null(at_requests_find(&q, 0));
}

static void it_is_full_by_number(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < AT_REQUESTS_MAX; i++)
		add(AT_REQUEST_SUB, 1);
	assert_false(at_requests_full(&q));
	add(AT_REQUEST_SUB, 1);
	assert_true(at_requests_full(&q));
	at_requests_remove(&q, TAILQ_FIRST(&q.all));
	assert_false(at_requests_full(&q));
}

static void it_is_full_by_bytes(void **state)
{
	static char payload[AT_REQUESTS_BYTES];
	struct at_ask ask = { .payload = payload, .len = sizeof(payload) };

	(void)state;
	assert_non_null(at_requests_add(&q, AT_REQUEST_WILL_MSG, &ask, SIZE));
	assert_false(at_requests_full(&q));
	ask.len = 1;
	assert_non_null(at_requests_add(&q, AT_REQUEST_WILL_MSG, &ask, SIZE));
	assert_true(at_requests_full(&q));
}

static void what_was_asked_is_a_copy(void **state)
{
	char topic[] = "t", payload[] = "pq";
	struct at_ask ask = {
		.topic = { .name = topic },
		.qos = 2,
		.retain = true,
		.payload = payload,
		.len = 2,
	};
	const struct at_request *r;

	(void)state;
	r = at_requests_add(&q, AT_REQUEST_PUB, &ask, SIZE);
	topic[0] = payload[0] = 'x';
	assert_string_equal(r->ask.topic.name, "t");
	assert_memory_equal(r->ask.payload, "pq", 2);
	assert_int_equal(r->ask.len, 2);
	assert_int_equal(r->ask.qos, 2);
	assert_true(r->ask.retain);
	ask.topic = (struct at_topic){ .id = 7 };
	r = at_requests_add(&q, AT_REQUEST_PUB, &ask, SIZE);
	assert_null(r->ask.topic.name);
	assert_int_equal(r->ask.topic.id, 7);
}

static void more_is_kept_as_far_as_there_is_room(void **state)
{
	struct at_request *a = begun(AT_REQUEST_REG, 10);
	struct at_request *b = begun(AT_REQUEST_REG, 10);

	(void)state;
	at_request_end(a, true, ",7");
	at_request_end(b, true, ",12345678");
	expect_more(a, ",7");
	expect_more(b, ",123456");
}

/* Neither for the request nor for its room */
static void without_memory_there_is_no_request(void **state)
{
	const struct at_ask ask = { .len = 0 };
	unsigned int nth;

	(void)state;
	for (nth = 1; nth <= 2; nth++) {
		no_memory_at(nth, 0);
		assert_null(at_requests_add(&q, AT_REQUEST_PUB, &ask, SIZE));
		no_memory_end();
		assert_int_equal(q.count, 0);
	}
	assert_non_null(at_requests_add(&q, AT_REQUEST_PUB, &ask, SIZE));
}

/* What a request needs for its end it has from its beginning. */
static void a_request_ends_without_memory(void **state)
{
	struct at_request *a = begun(AT_REQUEST_REG, 10);

	(void)state;
	no_memory_at(1, 1000);
	at_request_end(a, true, ",7");
	expect_more(a, ",7");
	no_memory_end();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(results_of_a_kind_come_in_order),
		CASE(what_is_due_is_the_first_that_has_not_ended),
		CASE(without_a_deadline_it_is_never_due),
		CASE(those_that_wait_begin_in_order),
		CASE(one_can_be_taken_back),
		CASE(tokens_are_never_zero),
		CASE(it_is_full_by_number),
		CASE(it_is_full_by_bytes),
		CASE(what_was_asked_is_a_copy),
		CASE(more_is_kept_as_far_as_there_is_room),
		CASE(without_memory_there_is_no_request),
		CASE(a_request_ends_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
