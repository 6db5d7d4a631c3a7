// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Processes, counts and time of a race program.  The processes do not know of
 * each other; they count in a page that all of them have.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "race.h"

#define COUNTERS 32
#define PROCESSES 32
/* A process that is killed is gone after so long, or stuck. */
#define KILL_SECONDS 60

struct counter {
	const char *what;
	unsigned long n;
};

static struct shared {
	struct counter counter[COUNTERS];
	int failed;
	unsigned int seed;
	unsigned int births;
	pthread_mutex_t birth;
} *shared;

double race_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* -- counts -------------------------------------------------------------- */

/* All processes are forks of one, so a name is in the same place in each. */
static struct counter *find(const char *what)
{
	struct counter *c;

	for (c = shared->counter; c < shared->counter + COUNTERS; c++) {
		const char *none = NULL;

		__atomic_compare_exchange_n(&c->what, &none, what, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		if (!strcmp(c->what, what))
			return c;
	}
	fprintf(stderr, "too many counters: %s\n", what);
	_exit(2);
}

void race_count_by(const char *what, unsigned long n)
{
	__atomic_add_fetch(&find(what)->n, n, __ATOMIC_RELAXED);
}

void race_count(const char *what)
{
	race_count_by(what, 1);
}

unsigned long race_counted(const char *what)
{
	return __atomic_load_n(&find(what)->n, __ATOMIC_RELAXED);
}

bool race_tell(bool ok, const char *yes, const char *no)
{
	race_count(ok ? yes : no);
	return ok;
}

void race_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	shared->failed = 1;
}

static void print_counts(void)
{
	struct counter *c;

	printf("%s: seed %u", program_invocation_short_name, shared->seed);
	for (c = shared->counter; c < shared->counter + COUNTERS; c++)
		if (c->what)
			printf(" %s %lu", c->what, c->n);
	putchar('\n');
}

/* -- chance and time ----------------------------------------------------- */

unsigned int race_below(unsigned int n)
{
	return random() % n;
}

bool race_chance(unsigned int n)
{
	return !race_below(n);
}

void race_sleep(unsigned int us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000L };

	nanosleep(&t, NULL);
}

void race_nap(unsigned int max_us)
{
	race_sleep(race_below(max_us + 1));
}

/* -- processes ----------------------------------------------------------- */

static void lock_births(void)
{
	/* its owner may have died before it saw the signal */
	if (pthread_mutex_lock(&shared->birth) == EOWNERDEAD)
		pthread_mutex_consistent(&shared->birth);
}

/*
 * Nobody is killed in the middle of a fork(): the copied address space is then
 * cut off by a mark that user mode Linux 6.12 takes for a mapping, and panics.
 */
pid_t race_fork(void)
{
	pid_t pid;

	lock_births();
	pid = fork();
	if (pid)
		pthread_mutex_unlock(&shared->birth);
	return pid;
}

static void race_kill(pid_t pid)
{
	lock_births();
	kill(pid, SIGKILL);
	pthread_mutex_unlock(&shared->birth);
}

pid_t race_child(void (*work)(void *arg), void *arg)
{
	unsigned int number = __atomic_add_fetch(&shared->births, 1,
						 __ATOMIC_RELAXED);
	pid_t pid = race_fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srandom(shared->seed + number);
	for (;;)
		work(arg);
}

static void show(pid_t pid, const char *what)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	fd = open(path, O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	if (n > 0)
		fprintf(stderr, "%.*s\n", (int)n, text);
	close(fd);
}

void race_end_child(pid_t pid)
{
	double end = race_now() + KILL_SECONDS;

	if (pid <= 0)
		return;
	race_kill(pid);
	while (!waitpid(pid, NULL, WNOHANG)) {
		if (race_now() > end) {
			race_fail("process %d is stuck in the kernel", pid);
			show(pid, "stack");
			return;
		}
		race_sleep(1000);
	}
}

static void prepare(void)
{
	const char *seed = getenv("RACE_SEED");
	pthread_mutexattr_t attr;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	shared->seed = seed ? atoi(seed) : getpid();
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->birth, &attr);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

static void sleep_until(double end)
{
	while (race_now() < end)
		race_sleep(50000);
}

static int run(double seconds, void (*work)(void *arg), void **args, int n)
{
	double end = race_now() + seconds;
	pid_t pid[PROCESSES];
	int i;

	for (i = 0; i < n; i++)
		pid[i] = race_child(work, args[i]);
	sleep_until(end);
	for (i = 0; i < n; i++)
		race_end_child(pid[i]);
	print_counts();
	return shared->failed;
}

static int usage(const char *arguments)
{
	fprintf(stderr, "usage: %s SECONDS %s\n",
		program_invocation_short_name, arguments);
	return 2;
}

int race_main(int argc, char **argv, void (*work)(const char *tty))
{
	if (argc < 3 || argc - 2 > PROCESSES)
		return usage("TTY...");
	prepare();
	return run(atof(argv[1]), (void (*)(void *))work, (void **)argv + 2,
		   argc - 2);
}

int race_alone(int argc, char **argv, void (*work)(char **arguments))
{
	void *arguments = argv + 2;

	if (argc < 2)
		return usage("[ARGUMENT...]");
	prepare();
	return run(atof(argv[1]), (void (*)(void *))work, &arguments, 1);
}

/* -- ttys ---------------------------------------------------------------- */

int race_open(const char *tty)
{
	int fd = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		race_count("unopened");
		race_nap(2000);
	}
	return fd;
}

int race_discipline(int fd, int number)
{
	return ioctl(fd, TIOCSETD, &number);
}
