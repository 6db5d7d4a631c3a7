/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Functions with a stack of their own, which stop where they would wait and
 * go on there later.  One thread; a switch takes no system call.
 */
#ifndef ATMQTT_COROUTINE_H
#define ATMQTT_COROUTINE_H

#include <stdbool.h>

struct coroutine;

/* Runs nothing yet.  NULL without memory for a stack. */
struct coroutine *coroutine_new(void (*run)(void *ctx), void *ctx);

/*
 * Goes on with it until it yields, or ends: then false.  Not from within a
 * coroutine, and not one that has ended.
 */
bool coroutine_resume(struct coroutine *coroutine);

/* Back to coroutine_resume(), from within a coroutine only. */
void coroutine_yield(void);

/* Is this code run by one? */
bool coroutine_inside(void);

/* What is on its stack is not cleaned up.  NULL is fine. */
void coroutine_free(struct coroutine *coroutine);

#endif /* ATMQTT_COROUTINE_H */
