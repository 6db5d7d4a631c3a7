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

static void expect_none(struct at_requests *q)
{
	struct at_room *room;
	bool ok;

	assert_false(at_requests_pop(q, &ok, &room));
}

static void expect_more(struct at_requests *q, bool want, const char *more)
{
	struct at_room *room;
	bool ok = !want;

	assert_true(at_requests_pop(q, &ok, &room));
	assert_int_equal(ok, want);
	assert_string_equal(room->text, more);
	at_room_free(room);
}

static void expect_result(struct at_requests *q, bool want)
{
	expect_more(q, want, "");
}

static void results_come_in_order(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10, SIZE);
	uint32_t b = (uint32_t)at_requests_push(&q, 20, SIZE);

	(void)state;
	expect_none(&q);
	at_requests_end(&q, b, true, NULL);
	expect_none(&q);
	at_requests_end(&q, a, false, NULL);
	expect_result(&q, false);
	expect_result(&q, true);
	expect_none(&q);
	at_requests_free(&q);
}

static void what_is_due_has_failed_for_good(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10, SIZE);
	uint32_t b = (uint32_t)at_requests_push(&q, 20, SIZE);

	(void)state;
	assert_int_equal(at_requests_deadline(&q), 10);
	assert_true(at_requests_expire(&q, 9) < 0);
	expect_none(&q);
	assert_int_equal(at_requests_expire(&q, 10), a);
	assert_true(at_requests_expire(&q, 10) < 0);
	at_requests_end(&q, a, true, NULL);
	expect_result(&q, false);
	assert_int_equal(at_requests_deadline(&q), 20);
	at_requests_end(&q, a, true, NULL);
	expect_none(&q);
	at_requests_end(&q, b, true, NULL);
	assert_true(at_requests_expire(&q, UINT64_MAX) < 0);
	expect_result(&q, true);
	assert_true(at_requests_deadline(&q) == UINT64_MAX);
	at_requests_free(&q);
}

static void one_can_be_taken_back(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10, SIZE);

	(void)state;
	at_requests_push(&q, 20, SIZE);
	at_requests_unpush(&q);
	at_requests_end(&q, a, true, NULL);
	expect_result(&q, true);
	expect_none(&q);
	at_requests_free(&q);
}

static void held_ones_are_due_when_they_have_begun(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, AT_REQUEST_HELD, SIZE);
	uint32_t b = (uint32_t)at_requests_push(&q, AT_REQUEST_HELD, SIZE);

	(void)state;
	assert_true(at_requests_deadline(&q) == UINT64_MAX);
	assert_true(at_requests_expire(&q, UINT64_MAX) < 0);
	expect_none(&q);
	at_requests_begin(&q, a, 10);
	assert_int_equal(at_requests_deadline(&q), 10);
	assert_int_equal(at_requests_expire(&q, 10), a);
	assert_true(at_requests_expire(&q, 10) < 0);
	expect_result(&q, false);
	expect_none(&q);
	at_requests_end(&q, b, false, NULL);	/* without having begun */
	at_requests_begin(&q, b, 20);
	expect_result(&q, false);
	at_requests_free(&q);
}

/* Numbers wrap at 2^29; the ring grows while its start is in the middle. */
static void numbers_wrap_and_the_ring_grows(void **state)
{
	struct at_requests q = { .head = (1U << AT_REQUEST_BITS) - 3 };
	uint32_t numbers[100];
	int round, i;

	(void)state;
	for (round = 1; round <= 100; round++) {
		for (i = 0; i < round; i++)
			numbers[i] = (uint32_t)at_requests_push(&q, 1, SIZE);
		for (i = round - 1; i >= 0; i--) {
			expect_none(&q);
			at_requests_end(&q, numbers[i], i % 2, NULL);
		}
		for (i = 0; i < round; i++)
			expect_result(&q, i % 2);
	}
	expect_none(&q);
	at_requests_free(&q);
}

static void more_is_kept_as_far_as_there_is_room(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10, SIZE);
	uint32_t b = (uint32_t)at_requests_push(&q, 10, SIZE);

	(void)state;
	at_requests_end(&q, a, true, ",7");
	at_requests_end(&q, b, true, ",12345678");
	expect_more(&q, true, ",7");
	expect_more(&q, true, ",123456");
	at_requests_free(&q);
}

/* Neither for the ring nor for the room */
static void without_memory_there_is_no_request(void **state)
{
	struct at_requests q = { 0 };
	unsigned int nth;

	(void)state;
	for (nth = 1; nth <= 2; nth++) {
		no_memory_at(nth, 0);
		assert_int_equal(at_requests_push(&q, 10, SIZE), -ENOMEM);
		no_memory_end();
		assert_int_equal(q.count, 0);
	}
	assert_true(at_requests_push(&q, 10, SIZE) >= 0);
	at_requests_free(&q);
}

/* What a request needs for its end it has from its beginning. */
static void a_request_ends_without_memory(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10, SIZE);
	struct at_room *room;
	bool ok;

	(void)state;
	no_memory_at(1, 1000);
	at_requests_end(&q, a, true, ",7");
	assert_true(at_requests_pop(&q, &ok, &room));
	no_memory_end();
	assert_string_equal(room->text, ",7");
	at_room_free(room);
	at_requests_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_in_order),
		cmocka_unit_test(what_is_due_has_failed_for_good),
		cmocka_unit_test(one_can_be_taken_back),
		cmocka_unit_test(held_ones_are_due_when_they_have_begun),
		cmocka_unit_test(numbers_wrap_and_the_ring_grows),
		cmocka_unit_test(more_is_kept_as_far_as_there_is_room),
		cmocka_unit_test(without_memory_there_is_no_request),
		cmocka_unit_test(a_request_ends_without_memory),
	};

	return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
