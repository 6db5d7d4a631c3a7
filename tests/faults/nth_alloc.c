// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An allocator whose n-th allocation fails.  Preloaded it stands in front of
 * the C library's, also for the libraries; built with NTH_WRAP and linked
 * with --wrap it is that of the program's own objects, so that a sanitizer
 * keeps its own.
 *
 *   NTH_ALLOC   which one fails, 1 is the first after it was armed
 *   NTH_MORE    how many after it fail as well
 *   NTH_REPORT  a file for what happens
 *
 * The first SIGUSR1 arms it, which the report says by "armed"; then each
 * failure is a line "failed N" and a backtrace; the second SIGUSR1 disarms it
 * and adds "tried N".
 */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef NTH_WRAP
#define OURS(name)	__wrap_##name
#define THEIRS(name)	__real_##name
#else
#define OURS(name)	name
#define THEIRS(name)	__libc_##name
#endif

#define DEPTH	24	/* of a backtrace */

void *THEIRS(malloc)(size_t size);
void *THEIRS(calloc)(size_t count, size_t size);
void *THEIRS(realloc)(void *p, size_t size);

static atomic_bool armed;
static atomic_uint tried;
static unsigned int first, last;
static int report = -1;

/* What a backtrace allocates does not count.  No allocation for this one. */
static _Thread_local bool inside __attribute__((tls_model("initial-exec")));

static void tell(const char *what, unsigned int n)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%s %u\n", what, n);

	if (write(report, line, (size_t)len) != len)
		_exit(EXIT_FAILURE);
}

static void tell_failure(unsigned int n)
{
	void *frames[DEPTH];

	inside = true;
	tell("failed", n);
	backtrace_symbols_fd(frames, backtrace(frames, DEPTH), report);
	inside = false;
}

static bool fails(void)
{
	unsigned int n;

	if (!atomic_load(&armed) || inside)
		return false;
	n = atomic_fetch_add(&tried, 1) + 1;
	if (n < first || n > last)
		return false;
	tell_failure(n);
	errno = ENOMEM;
	return true;
}

void *OURS(malloc)(size_t size)
{
	return fails() ? NULL : THEIRS(malloc)(size);
}

void *OURS(calloc)(size_t count, size_t size)
{
	return fails() ? NULL : THEIRS(calloc)(count, size);
}

void *OURS(realloc)(void *p, size_t size)
{
	return fails() ? NULL : THEIRS(realloc)(p, size);
}

#ifdef NTH_WRAP
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}
#endif

static void on_signal(int signal)
{
	int err = errno;

	(void)signal;
	if (atomic_exchange(&armed, !atomic_load(&armed)))
		tell("tried", atomic_load(&tried));
	else
		tell("armed", first);
	errno = err;
}

static unsigned int number(const char *name)
{
	const char *text = getenv(name);

	return text ? (unsigned int)strtoul(text, NULL, 10) : 0;
}

/* The first backtrace loads a library. */
static __attribute__((constructor)) void start(void)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_RESTART };
	const char *path = getenv("NTH_REPORT");
	void *frame;

	if (!path)
		return;
	first = number("NTH_ALLOC");
	last = first + number("NTH_MORE");
	report = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	backtrace(&frame, 1);
	sigaction(SIGUSR1, &action, NULL);
}
