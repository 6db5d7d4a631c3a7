// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A buffer that holds secrets: all that was written is wiped before its
 * memory is freed or forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/lib/buffer.h"

#define SECRET_LEN 600	/* more than a new buffer has room for */

static struct {
	const char *p;
	size_t len;
	bool wiped[2048];
} watched;

/* Stands in front of the C library's. */
void explicit_bzero(void *p, size_t n)
{
	char *at = p;
	size_t i;

	memset(at, 0, n);
	for (i = 0; i < n; i++)
		if (at + i >= watched.p && at + i < watched.p + watched.len)
			watched.wiped[at + i - watched.p] = true;
}

static void watch(const struct buf *b)
{
	memset(&watched, 0, sizeof(watched));
	watched.p = b->p;
	watched.len = b->cap;
	assert_true(b->cap <= sizeof(watched.wiped));
}

static void assert_wiped(void)
{
	size_t i;

	for (i = 0; i < watched.len; i++)
		if (!watched.wiped[i])
			fail_msg("byte %zu of %zu", i, watched.len);
}

static void a_text_that_does_not_fit_leaves_nothing(void **state)
{
	struct buf b = { 0 };
	char secret[SECRET_LEN + 1];

	(void)state;
	memset(secret, 's', SECRET_LEN);
	secret[SECRET_LEN] = '\0';
	buf_add(&b, "name", 4);
	assert_true(b.cap < SECRET_LEN);
	watch(&b);
	buf_printf(&b, ",\"%s\"", secret);
	assert_wiped();
	assert_int_equal(b.len, 4 + 3 + SECRET_LEN);
	assert_memory_equal(b.p, "name,\"sss", 9);
	assert_memory_equal(b.p + b.len - 4, "sss\"", 4);
	buf_free(&b);
}

static void a_full_buffer_is_wiped_when_it_moves(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_reserve(&b, 1), 0);
	while (b.len < b.cap)
		buf_add(&b, "x", 1);
	watch(&b);
	buf_add(&b, "y", 1);
	assert_wiped();
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_that_does_not_fit_leaves_nothing),
		cmocka_unit_test(a_full_buffer_is_wiped_when_it_moves),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
