// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * paho's heap: what it gives, what it wipes, and what happens when the C
 * library has nothing to give.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/mqtt/heap.h"
#include "unit/no_memory.h"

static struct {
	const void *p;
	size_t n;
} wiped;

/* Stands in front of the C library's. */
void explicit_bzero(void *p, size_t n)
{
	memset(p, 0, n);
	wiped.p = p;
	wiped.n = n;
}

static void *alloc(size_t size)
{
	return mymalloc(NULL, 0, size);
}

static void *resize(void *p, size_t size)
{
	return myrealloc(NULL, 0, p, size);
}

static void release(void *p)
{
	myfree(NULL, 0, p);
}

static unsigned int times_spent;

static void on_spent(void *ctx)
{
	assert_ptr_equal(ctx, &times_spent);
	times_spent++;
}

static int start(void **state)
{
	(void)state;
	times_spent = 0;
	return heap_start(on_spent, &times_spent);
}

static int stop(void **state)
{
	(void)state;
	no_memory_end();
	heap_stop();
	return 0;
}

/* ---- blocks ---- */

static void a_block_is_aligned_for_anything(void **state)
{
	char *p = alloc(1);

	(void)state;
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	release(p);
}

static void a_freed_block_is_wiped_as_far_as_it_was_asked_for(void **state)
{
	char *p = alloc(37);

	(void)state;
	memset(p, 'x', 37);
	release(p);
	assert_ptr_equal(wiped.p, p);
	assert_int_equal(wiped.n, 37);
}

static void nothing_is_freed_as_nothing(void **state)
{
	(void)state;
	wiped.n = 1;
	release(NULL);
	assert_int_equal(wiped.n, 1);
}

static void a_block_that_grows_is_wiped_where_it_was(void **state)
{
	char *p = alloc(5);
	char *moved;

	(void)state;
	memcpy(p, "word", 5);
	moved = resize(p, 4000);
	assert_string_equal(moved, "word");
	assert_ptr_not_equal(moved, p);
	assert_ptr_equal(wiped.p, p);
	assert_int_equal(wiped.n, 5);
	release(moved);
	assert_int_equal(wiped.n, 4000);
}

static void a_block_that_shrinks_stays_and_is_wiped_whole(void **state)
{
	char *p = alloc(100);

	(void)state;
	assert_ptr_equal(resize(p, 10), p);
	release(p);
	assert_int_equal(wiped.n, 100);
}

static void a_block_grows_from_nothing(void **state)
{
	char *p = resize(NULL, 10);

	(void)state;
	memset(p, 'x', 10);
	release(p);
}

static void a_counted_block_holds_zeroes(void **state)
{
	static const char zeroes[60];
	char *p = alloc(60);

	(void)state;
	memset(p, 'x', 60);
	release(p);
	p = paho_calloc(3, 20);
	assert_memory_equal(p, zeroes, 60);
	release(p);
	assert_int_equal(wiped.n, 60);
}

/* ---- no memory ---- */

static void a_failed_allocation_is_served_from_the_reserve(void **state)
{
	char *p;

	(void)state;
	no_memory_at(1, 0);
	p = alloc(2000);
	no_memory_end();
	assert_non_null(p);
	memset(p, 'x', 2000);
	assert_int_equal(times_spent, 1);
	release(p);
}

static void a_failed_resize_is_served_from_the_reserve(void **state)
{
	char *p = alloc(5);

	(void)state;
	memcpy(p, "word", 5);
	no_memory_at(1, 0);
	p = resize(p, 2000);
	no_memory_end();
	assert_string_equal(p, "word");
	assert_int_equal(times_spent, 1);
	release(p);
}

static void a_renewed_reserve_serves_again(void **state)
{
	char *p;
	int i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		no_memory_at(1, 0);
		p = alloc(10);
		no_memory_end();
		release(p);
		assert_int_equal(times_spent, i);
		assert_true(heap_renew());
	}
}

static void a_reserve_is_renewed_when_there_is_memory_again(void **state)
{
	char *p;

	(void)state;
	no_memory_at(1, 0);
	p = alloc(10);
	no_memory_at(1, 0);
	assert_false(heap_renew());
	assert_true(heap_renew());
	no_memory_end();
	release(p);
}

static void it_does_not_start_without_a_reserve(void **state)
{
	(void)state;
	heap_stop();
	no_memory_at(1, 0);
	assert_int_equal(heap_start(on_spent, &times_spent), -ENOMEM);
}

/* ---- the end ---- */

/* What @run says on stderr in a process of its own, which is to end by it. */
static void assert_ends(void (*run)(void), const char *words)
{
	char text[256] = "";
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDERR_FILENO);
		run();
		_exit(0);
	}
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EX_OSERR);
	assert_non_null(strstr(text, words));
}

static void need_more_than_the_reserve(void)
{
	no_memory_at(1, 1);
	alloc(10);
}

static void need_it_twice(void)
{
	no_memory_at(1, 0);
	release(alloc(10));
	no_memory_at(1, 1);
	resize(NULL, 10);
}

static void need_too_much(void)
{
	alloc(SIZE_MAX);
}

static void need_too_many(void)
{
	paho_calloc(SIZE_MAX / 2, 3);
}

static unsigned int times_to_refuse;
static char stack;

static void nothing(void *ctx)
{
	(void)ctx;
}

/* No stack is made in this program. */
struct coroutine *coroutine_new(void (*run)(void *ctx), void *ctx)
{
	(void)run;
	(void)ctx;
	if (times_to_refuse && times_to_refuse--)
		return NULL;
	return (struct coroutine *)&stack;
}

static void need_a_stack(void)
{
	times_to_refuse = 2;
	heap_coroutine(nothing, NULL);
}

static void a_stack_is_tried_again_with_the_reserve_free(void **state)
{
	(void)state;
	times_to_refuse = 1;
	assert_non_null(heap_coroutine(nothing, NULL));
	assert_int_equal(times_spent, 1);
}

static void the_process_ends_when_paho_cannot_have_what_it_needs(void **state)
{
	(void)state;
	assert_ends(need_more_than_the_reserve, "no memory for MQTT");
	assert_ends(need_it_twice, "no memory for MQTT");
	assert_ends(need_too_much, "no memory for MQTT");
	assert_ends(need_too_many, "no memory for MQTT");
	assert_ends(need_a_stack, "no stack for MQTT");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_block_is_aligned_for_anything),
		TEST(a_freed_block_is_wiped_as_far_as_it_was_asked_for),
		TEST(nothing_is_freed_as_nothing),
		TEST(a_block_that_grows_is_wiped_where_it_was),
		TEST(a_block_that_shrinks_stays_and_is_wiped_whole),
		TEST(a_block_grows_from_nothing),
		TEST(a_counted_block_holds_zeroes),
		TEST(a_failed_allocation_is_served_from_the_reserve),
		TEST(a_failed_resize_is_served_from_the_reserve),
		TEST(a_renewed_reserve_serves_again),
		TEST(a_reserve_is_renewed_when_there_is_memory_again),
		TEST(it_does_not_start_without_a_reserve),
		TEST(a_stack_is_tried_again_with_the_reserve_free),
		TEST(the_process_ends_when_paho_cannot_have_what_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
