// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 *   timer of the loop: have all no-ops of the last round been done?
 *       yes   WATCHDOG=1, and a new round
 *       no    nothing, and after WatchdogSec= the daemon is killed and started
 *
 * Lookups of names are not asked: a resolver may take longer than this, links
 * have time-outs of their own, and libuv lets them have half of its pool only.
 */
#include "daemon/watchdog.h"

#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "daemon/cloud/http.h"
#include "daemon/lib/log.h"
#include "daemon/lib/noop.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* A thread that was slow in one round has three more. */
#define ROUNDS		4

struct watchdog {
	uv_timer_t timer;
	uv_work_t work;
	struct http *http;
	struct noop noops[];	/* one for each probe */
};

/* ---- the threads ---- */

static void do_nothing(uv_work_t *work)
{
	(void)work;
}

static void on_done(uv_work_t *work, int status)
{
	(void)status;
	noop_pass(work->data);
}

static void ask_pool(struct watchdog *w, struct noop *noop)
{
	w->work.data = noop;
	uv_queue_work(w->timer.loop, &w->work, do_nothing, on_done);
}

static void ask_http(struct watchdog *w, struct noop *noop)
{
	http_noop(w->http, noop);
}

static const struct {
	const char *thread;
	void (*ask)(struct watchdog *w, struct noop *noop);
} probes[] = {
	{ "libuv's pool", ask_pool },
	{ "the HTTP client", ask_http },
};

/* ---- the rounds ---- */

static bool all_passed(const struct watchdog *w)
{
	bool passed = true;

	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!atomic_load(&w->noops[i].pending))
			continue;
		log_error("%s does not go on", probes[i].thread);
		passed = false;
	}
	return passed;
}

static void on_timer(uv_timer_t *timer)
{
	struct watchdog *w = timer->data;

	if (!all_passed(w))
		return;
	sd_notify(0, "WATCHDOG=1");
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		atomic_store(&w->noops[i].pending, true);
		probes[i].ask(w, &w->noops[i]);
	}
}

int watchdog_open(struct watchdog **out, uv_loop_t *loop, struct http *http)
{
	struct watchdog *w;
	uint64_t us = 0;

	if (sd_watchdog_enabled(0, &us) <= 0)
		return 0;
	w = calloc(1, sizeof(*w) + ARRAY_SIZE(probes) * sizeof(w->noops[0]));
	if (!w)
		return -ENOMEM;
	w->http = http;
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	uv_timer_start(&w->timer, on_timer, 0, us / 1000 / ROUNDS);
	*out = w;
	return 0;
}

void watchdog_close(struct watchdog *w)
{
	if (w)
		uv_close((uv_handle_t *)&w->timer, NULL);
}

void watchdog_free(struct watchdog *w)
{
	free(w);
}
