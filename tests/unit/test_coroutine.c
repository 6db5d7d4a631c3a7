// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Coroutines: that each goes on where it stopped, with all that it had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/lib/coroutine.h"

#define MANY	50

struct counter {
	struct coroutine *coroutine;
	int step;		/* added each time */
	int sum;
	int rounds;
};

static void count(void *ctx)
{
	struct counter *c = ctx;
	int i;

	for (i = 0; i < c->rounds; i++) {
		assert_true(coroutine_inside());
		c->sum += c->step;
		coroutine_yield();
	}
}

static void make(struct counter *c)
{
	c->coroutine = coroutine_new(count, c);
	assert_non_null(c->coroutine);
}

static void it_runs_nothing_until_it_is_resumed(void **state)
{
	struct counter c = { .step = 1, .rounds = 1 };

	(void)state;
	make(&c);
	assert_int_equal(c.sum, 0);
	coroutine_free(c.coroutine);
}

static void it_goes_on_where_it_stopped_and_ends(void **state)
{
	struct counter c = { .step = 7, .rounds = 3 };
	int i;

	(void)state;
	make(&c);
	for (i = 1; i <= 3; i++) {
		assert_true(coroutine_resume(c.coroutine));
		assert_int_equal(c.sum, 7 * i);
		assert_false(coroutine_inside());
	}
	assert_false(coroutine_resume(c.coroutine));
	assert_int_equal(c.sum, 21);
	coroutine_free(c.coroutine);
}

static void one_that_never_yields_ends_at_once(void **state)
{
	struct counter c = { .rounds = 0 };

	(void)state;
	make(&c);
	assert_false(coroutine_resume(c.coroutine));
	coroutine_free(c.coroutine);
}

static void many_take_turns(void **state)
{
	struct counter c[MANY];
	int i, round;

	(void)state;
	for (i = 0; i < MANY; i++) {
		c[i] = (struct counter){ .step = i, .rounds = 100 };
		make(&c[i]);
	}
	for (round = 0; round < 100; round++)
		for (i = 0; i < MANY; i++)
			assert_true(coroutine_resume(c[i].coroutine));
	for (i = 0; i < MANY; i++) {
		assert_int_equal(c[i].sum, 100 * i);
		coroutine_free(c[i].coroutine);
	}
}

static void deep(unsigned char *sum, int depth)
{
	unsigned char frame[1024];

	memset(frame, depth, sizeof(frame));
	if (depth)
		deep(sum, depth - 1);
	coroutine_yield();
	*sum += frame[depth];
}

static void dive(void *ctx)
{
	deep(ctx, 60);
}

/* What lies on it is there again after others have used theirs. */
static void its_stack_is_its_own(void **state)
{
	unsigned char sum[2] = { 0 };
	struct coroutine *a = coroutine_new(dive, &sum[0]);
	struct coroutine *b = coroutine_new(dive, &sum[1]);
	bool more = true;

	(void)state;
	while (more) {
		more = coroutine_resume(a);
		assert_int_equal(coroutine_resume(b), more);
	}
	assert_int_equal(sum[0], (unsigned char)(60 * 61 / 2));
	assert_int_equal(sum[1], sum[0]);
	coroutine_free(a);
	coroutine_free(b);
}

static void one_that_has_not_ended_can_be_freed(void **state)
{
	struct counter c = { .rounds = 5 };

	(void)state;
	make(&c);
	coroutine_resume(c.coroutine);
	coroutine_free(c.coroutine);
	coroutine_free(NULL);
}

static int fall(const char *above);

/* What the compiler knows nothing of. */
static int (*further)(const char *above) = fall;

static int fall(const char *above)
{
	char frame[4096];

	memset(frame, above[0], sizeof(frame));
	return further(frame) + frame[0];
}

static void fall_down(void *ctx)
{
	fall(ctx);
}

/* The page below it takes nothing: no other memory is harmed. */
static void falling_off_the_stack_ends_the_process(void **state)
{
	char first = 0;
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		close(STDERR_FILENO);
		coroutine_resume(coroutine_new(fall_down, &first));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_runs_nothing_until_it_is_resumed),
		cmocka_unit_test(it_goes_on_where_it_stopped_and_ends),
		cmocka_unit_test(one_that_never_yields_ends_at_once),
		cmocka_unit_test(many_take_turns),
		cmocka_unit_test(its_stack_is_its_own),
		cmocka_unit_test(one_that_has_not_ended_can_be_freed),
		cmocka_unit_test(falling_off_the_stack_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
