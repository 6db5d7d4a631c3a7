// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 *   loop:    transfer_start() > todo                        > ended()
 *   thread:                          > running > over
 */
#include "daemon/cloud/transfer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "daemon/lib/noop.h"

#define POLL_MS		60000	/* libcurl is woken when there is more to do */

TAILQ_HEAD(transfer_list, transfer);

struct transfers {
	void (*ended)(struct transfer *t);
	CURLM *multi;			/* the thread's */
	struct transfer_list running;	/* the thread's */
	pthread_t thread;
	struct noop_round round;
	uv_async_t async;		/* something is over */

	pthread_mutex_t lock;		/* of what follows */
	struct transfer_list todo;
	struct transfer_list over;
	bool stopping;
};

/* ---- the thread ---- */

static void end(struct transfers *all, struct transfer *t, CURLcode code)
{
	curl_multi_remove_handle(all->multi, t->easy);
	TAILQ_REMOVE(&all->running, t, entry);
	t->code = code;
	pthread_mutex_lock(&all->lock);
	TAILQ_INSERT_TAIL(&all->over, t, entry);
	pthread_mutex_unlock(&all->lock);
	uv_async_send(&all->async);
}

static void take_todo(struct transfers *all)
{
	struct transfer *t;

	pthread_mutex_lock(&all->lock);
	while ((t = TAILQ_FIRST(&all->todo))) {
		TAILQ_REMOVE(&all->todo, t, entry);
		TAILQ_INSERT_TAIL(&all->running, t, entry);
		t->code = curl_multi_add_handle(all->multi, t->easy) ?
				  CURLE_OUT_OF_MEMORY : CURLE_OK;
	}
	pthread_mutex_unlock(&all->lock);
}

static bool is_abandoned(struct transfers *all, const struct transfer *t)
{
	bool abandoned;

	pthread_mutex_lock(&all->lock);
	abandoned = t->abandoned;
	pthread_mutex_unlock(&all->lock);
	return abandoned;
}

/* Those that nobody waits for, or that libcurl did not take */
static void end_abandoned(struct transfers *all)
{
	struct transfer *t, *next;

	for (t = TAILQ_FIRST(&all->running); t; t = next) {
		next = TAILQ_NEXT(t, entry);
		if (t->code != CURLE_OK || is_abandoned(all, t))
			end(all, t, t->code);
	}
}

static void end_finished(struct transfers *all)
{
	struct transfer *t;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(all->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
		end(all, t, msg->data.result);
	}
}

static bool is_stopping(struct transfers *all)
{
	bool stopping;

	pthread_mutex_lock(&all->lock);
	stopping = all->stopping;
	pthread_mutex_unlock(&all->lock);
	return stopping;
}

static void *work(void *ctx)
{
	struct transfers *all = ctx;
	int running;

	while (!is_stopping(all)) {
		noop_come_round(&all->round);
		take_todo(all);
		end_abandoned(all);
		curl_multi_perform(all->multi, &running);
		end_finished(all);
		curl_multi_poll(all->multi, NULL, 0, POLL_MS, NULL);
	}
	return NULL;
}

/* ---- the loop ---- */

void transfer_start(struct transfers *transfers, struct transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	pthread_mutex_lock(&transfers->lock);
	TAILQ_INSERT_TAIL(&transfers->todo, t, entry);
	pthread_mutex_unlock(&transfers->lock);
	curl_multi_wakeup(transfers->multi);
}

void transfer_abandon(struct transfers *transfers, struct transfer *t)
{
	pthread_mutex_lock(&transfers->lock);
	t->abandoned = true;
	pthread_mutex_unlock(&transfers->lock);
	curl_multi_wakeup(transfers->multi);
}

void transfers_noop(struct transfers *transfers, struct noop *noop)
{
	noop_ask(&transfers->round, noop);
	curl_multi_wakeup(transfers->multi);
}

static struct transfer *take_over(struct transfers *all)
{
	struct transfer *t;

	pthread_mutex_lock(&all->lock);
	t = TAILQ_FIRST(&all->over);
	if (t)
		TAILQ_REMOVE(&all->over, t, entry);
	pthread_mutex_unlock(&all->lock);
	return t;
}

/* A callback may start and abandon others. */
static void on_over(uv_async_t *async)
{
	struct transfers *all = async->data;
	struct transfer *t;

	while ((t = take_over(all)))
		all->ended(t);
}

/* ---- life ---- */

static void free_transfers(uv_handle_t *async)
{
	free(async->data);
}

/* Without descriptors to be woken by libcurl says nothing, and sleeps on. */
static int start_libcurl(struct transfers *all)
{
	int err = -ENOMEM;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -EPROTO;
	all->multi = curl_multi_init();
	if (all->multi)
		err = curl_multi_wakeup(all->multi) ? -EMFILE : 0;
	if (err) {
		curl_multi_cleanup(all->multi);
		curl_global_cleanup();
	}
	return err;
}

static void stop_libcurl(struct transfers *all)
{
	curl_multi_cleanup(all->multi);
	curl_global_cleanup();
}

/* The process's signals are the loop's. */
static int start_thread(struct transfers *all)
{
	sigset_t every, old;
	int rc;

	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &old);
	rc = pthread_create(&all->thread, NULL, work, all);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

static struct transfers *new_transfers(void (*ended)(struct transfer *t))
{
	struct transfers *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->ended = ended;
	all->async.data = all;
	TAILQ_INIT(&all->running);
	TAILQ_INIT(&all->todo);
	TAILQ_INIT(&all->over);
	pthread_mutex_init(&all->lock, NULL);
	return all;
}

/* The async alone does not keep a loop running: its users' timers do. */
int transfers_open(struct transfers **transfers, uv_loop_t *loop,
		   void (*ended)(struct transfer *t))
{
	struct transfers *all = new_transfers(ended);
	int err = all ? start_libcurl(all) : -ENOMEM;

	if (err) {
		free(all);
		return err;
	}
	uv_async_init(loop, &all->async, on_over);
	uv_unref((uv_handle_t *)&all->async);
	err = start_thread(all);
	if (err) {
		stop_libcurl(all);
		uv_close((uv_handle_t *)&all->async, free_transfers);
		return err;
	}
	*transfers = all;
	return 0;
}

/* There is no thread any more. */
static void end_all(struct transfers *all)
{
	struct transfer *t;

	take_todo(all);
	while ((t = TAILQ_FIRST(&all->running)))
		end(all, t, CURLE_ABORTED_BY_CALLBACK);
	on_over(&all->async);
}

void transfers_close(struct transfers *transfers)
{
	pthread_mutex_lock(&transfers->lock);
	transfers->stopping = true;
	pthread_mutex_unlock(&transfers->lock);
	curl_multi_wakeup(transfers->multi);
	pthread_join(transfers->thread, NULL);
	end_all(transfers);
	stop_libcurl(transfers);
	pthread_mutex_destroy(&transfers->lock);
	uv_close((uv_handle_t *)&transfers->async, free_transfers);
}
