// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * setcontext() sets the signal mask by a system call at each switch.  So it
 * only starts a coroutine, and _longjmp() switches.
 *
 *   coroutine_resume()            the coroutine
 *        first  ---setcontext-->  begin(), run()...
 *               <--_longjmp-----  coroutine_yield()
 *               ---_longjmp---->  ...returns from it
 *               <--_longjmp-----  the end of run()
 *
 * The checked longjmp() of _FORTIFY_SOURCE takes one to another stack for a
 * mistake.
 */
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 0

#include "daemon/lib/coroutine.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define HAVE_ASAN	1
#elif defined(__has_feature)
#define HAVE_ASAN	__has_feature(address_sanitizer)
#else
#define HAVE_ASAN	0
#endif

#ifdef __SANITIZE_THREAD__
#define HAVE_TSAN	1
#elif defined(__has_feature)
#define HAVE_TSAN	__has_feature(thread_sanitizer)
#else
#define HAVE_TSAN	0
#endif

#if HAVE_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if HAVE_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include("valgrind/valgrind.h")
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end)	((start) > (end))
#define VALGRIND_STACK_DEREGISTER(id)		((void)(id))
#endif

#define STACK_SIZE	(256 * 1024)

struct coroutine {
	void (*run)(void *ctx);
	void *ctx;
	char *map;		/* the guard page, then the stack */
	size_t map_size;
	bool started, ended;
	ucontext_t first;
	jmp_buf here;		/* where it yielded */
	jmp_buf there;		/* who resumed it */
	unsigned int valgrind;
	/* what the sanitizers know of the two stacks */
	void *fake, *fake_there;
	const void *stack_there;
	size_t size_there;
	void *fiber, *fiber_there;
};

static struct coroutine *current;

static size_t guard_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- the sanitizers, who have to be told of each switch ---- */

static void before_resume(struct coroutine *c)
{
#if HAVE_ASAN
	__sanitizer_start_switch_fiber(&c->fake_there, c->map + guard_size(),
				       STACK_SIZE);
#endif
#if HAVE_TSAN
	c->fiber_there = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(c->fiber, 0);
#endif
	(void)c;
}

static void after_resume(struct coroutine *c)
{
#if HAVE_ASAN
	__sanitizer_finish_switch_fiber(c->fake_there, NULL, NULL);
#endif
	(void)c;
}

static void before_yield(struct coroutine *c)
{
#if HAVE_ASAN
	__sanitizer_start_switch_fiber(c->ended ? NULL : &c->fake,
				       c->stack_there, c->size_there);
#endif
#if HAVE_TSAN
	__tsan_switch_to_fiber(c->fiber_there, 0);
#endif
	(void)c;
}

static void after_yield(struct coroutine *c)
{
#if HAVE_ASAN
	__sanitizer_finish_switch_fiber(c->fake, &c->stack_there,
					&c->size_there);
#endif
	(void)c;
}

/* ---- coroutines ---- */

static bool make_stack(struct coroutine *c)
{
	c->map_size = guard_size() + STACK_SIZE;
	c->map = mmap(NULL, c->map_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK,
		      -1, 0);
	if (c->map == MAP_FAILED)
		return false;
	if (mprotect(c->map, guard_size(), PROT_NONE)) {
		munmap(c->map, c->map_size);
		return false;
	}
	c->valgrind = VALGRIND_STACK_REGISTER(c->map + guard_size(),
					      c->map + c->map_size);
	return true;
}

struct coroutine *coroutine_new(void (*run)(void *ctx), void *ctx)
{
	struct coroutine *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (!make_stack(c)) {
		free(c);
		return NULL;
	}
	c->run = run;
	c->ctx = ctx;
#if HAVE_TSAN
	c->fiber = __tsan_create_fiber(0);
#endif
	return c;
}

void coroutine_free(struct coroutine *c)
{
	if (!c)
		return;
#if HAVE_TSAN
	__tsan_destroy_fiber(c->fiber);
#endif
	VALGRIND_STACK_DEREGISTER(c->valgrind);
	munmap(c->map, c->map_size);
	free(c);
}

/* makecontext() hands over numbers only: it is the one that is current. */
static void begin(void)
{
	struct coroutine *c = current;

	after_yield(c);
	c->run(c->ctx);
	c->ended = true;
	before_yield(c);
	_longjmp(c->there, 1);
}

static void start(struct coroutine *c)
{
	c->started = true;
	getcontext(&c->first);
	c->first.uc_stack.ss_sp = c->map + guard_size();
	c->first.uc_stack.ss_size = STACK_SIZE;
	c->first.uc_link = NULL;
	makecontext(&c->first, begin, 0);
	setcontext(&c->first);
}

static void go(struct coroutine *c)
{
	before_resume(c);
	if (c->started)
		_longjmp(c->here, 1);
	start(c);
}

static bool came_back(void)
{
	struct coroutine *c = current;

	after_resume(c);
	current = NULL;
	return !c->ended;
}

bool coroutine_resume(struct coroutine *coroutine)
{
	current = coroutine;
	if (!_setjmp(current->there))
		go(current);
	return came_back();
}

void coroutine_yield(void)
{
	if (!_setjmp(current->here)) {
		before_yield(current);
		_longjmp(current->there, 1);
	}
	after_yield(current);
}

bool coroutine_inside(void)
{
	return current;
}
