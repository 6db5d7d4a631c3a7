/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the race programs share.  Each is a noun that does one thing to ttys in
 * a loop; the runner starts several at once and watches the kernel's log.
 *
 *   PROGRAM SECONDS TTY...	a process a tty; prints what it counted
 *
 * RACE_SEED in the environment is where chance begins, as was printed.
 */
#ifndef TESTS_RACE_H
#define TESTS_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <linux/n_at.h>

#ifndef N_TTY
#define N_TTY 0
#endif

/*
 * Runs work(tty) over and over, in a process for each tty, for the time given;
 * whoever of them cannot be killed then is stuck in the kernel.  Returns main's
 * exit status.
 */
int race_main(int argc, char **argv, void (*work)(const char *tty));

/* The same for a program without ttys: PROGRAM SECONDS [ARGUMENT...] */
int race_alone(int argc, char **argv, void (*work)(char **arguments));

/* Counts one more of @what, in all processes of the program. */
void race_count(const char *what);
void race_count_by(const char *what, unsigned long n);
/* How many of @what were counted. */
unsigned long race_counted(const char *what);
/* Counts @yes or @no, and returns ok. */
bool race_tell(bool ok, const char *yes, const char *no);

/* What must not be: said, and the program's exit status is 1. */
void race_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

unsigned int race_below(unsigned int n);
/* True once in @n times. */
bool race_chance(unsigned int n);
/* Sleeps for up to so long. */
void race_nap(unsigned int max_us);
void race_sleep(unsigned int us);
double race_now(void);

/* As fork(2); no process of the program is killed meanwhile. */
pid_t race_fork(void);

/* A child that does work(arg) over and over until race_end_child(). */
pid_t race_child(void (*work)(void *arg), void *arg);
void race_end_child(pid_t pid);

/* Not blocking, not controlling; -1 and counted when it fails. */
int race_open(const char *tty);
int race_discipline(int fd, int number);

#endif /* TESTS_RACE_H */
