/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The service manager's watchdog (WatchdogSec=) is fed as long as each thread
 * that answers depend on gets through with its work.
 */
#ifndef ATMQTT_WATCHDOG_H
#define ATMQTT_WATCHDOG_H

#include <uv.h>

struct http;
struct watchdog;

/* 0, or a negative errno; *@out is NULL if no service manager asks for it. */
int watchdog_open(struct watchdog **out, uv_loop_t *loop, struct http *http);

/* NULL is fine for both.  It is freed when no thread and no handle is left. */
void watchdog_close(struct watchdog *w);
void watchdog_free(struct watchdog *w);

#endif /* ATMQTT_WATCHDOG_H */
