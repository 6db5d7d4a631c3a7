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
#include "daemon/at/requests.h"

static void expect_none(struct at_requests *q)
{
	char *more;
	bool ok;

	assert_false(at_requests_pop(q, &ok, &more));
}

static void expect_result(struct at_requests *q, bool want)
{
	bool ok = !want;
	char *more;

	assert_true(at_requests_pop(q, &ok, &more));
	assert_int_equal(ok, want);
	assert_null(more);
}

static void results_come_in_order(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10);
	uint32_t b = (uint32_t)at_requests_push(&q, 20);

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
	uint32_t a = (uint32_t)at_requests_push(&q, 10);
	uint32_t b = (uint32_t)at_requests_push(&q, 20);

	(void)state;
	assert_int_equal(at_requests_deadline(&q), 10);
	at_requests_expire(&q, 9);
	expect_none(&q);
	at_requests_expire(&q, 10);
	at_requests_end(&q, a, true, NULL);
	expect_result(&q, false);
	assert_int_equal(at_requests_deadline(&q), 20);
	at_requests_end(&q, a, true, NULL);
	expect_none(&q);
	at_requests_end(&q, b, true, NULL);
	at_requests_expire(&q, UINT64_MAX);
	expect_result(&q, true);
	assert_true(at_requests_deadline(&q) == UINT64_MAX);
	at_requests_free(&q);
}

static void one_can_be_taken_back(void **state)
{
	struct at_requests q = { 0 };
	uint32_t a = (uint32_t)at_requests_push(&q, 10);

	(void)state;
	at_requests_push(&q, 20);
	at_requests_unpush(&q);
	at_requests_end(&q, a, true, NULL);
	expect_result(&q, true);
	expect_none(&q);
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
			numbers[i] = (uint32_t)at_requests_push(&q, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_in_order),
		cmocka_unit_test(what_is_due_has_failed_for_good),
		cmocka_unit_test(one_can_be_taken_back),
		cmocka_unit_test(numbers_wrap_and_the_ring_grows),
	};

	return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
