// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The machinery: events, and what is one for the process.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <MQTTAsync.h>

#include "daemon/lib/log.h"
#include "daemon/mqtt/client.h"
#include "daemon/mqtt/heap.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/paho_check.h"
#include "daemon/mqtt/paho_os.h"
#include "daemon/mqtt/session.h"
#include "daemon/mqtt/stream.h"
#include "daemon/tls/tls.h"

#define EVENTS_AT_ONCE	256	/* then other handles have their turn */
#define RENEW_MS	1000
#define HANDLES		4

/* paho's state is one for the process. */
static bool started;

/* ---- events ---- */

void mqtt_event(struct mqtt *mqtt, struct event *event)
{
	if (event->queued)
		return;
	event->queued = true;
	TAILQ_INSERT_TAIL(&mqtt->events, event, entry);
}

static bool handle_event(struct mqtt *mqtt)
{
	struct event *event = TAILQ_FIRST(&mqtt->events);

	if (!event)
		return false;
	TAILQ_REMOVE(&mqtt->events, event, entry);
	event->queued = false;
	if (event->type == EVENT_MESSAGE)
		inbound_deliver(container_of(event, struct inbound, event));
	else
		client_event(event);
	return true;
}

static void do_nothing(uv_idle_t *idle)
{
	(void)idle;
}

/* The loop does not wait while something is left. */
static void handle_events(struct mqtt *mqtt)
{
	int i;

	for (i = 0; i < EVENTS_AT_ONCE; i++)
		if (!handle_event(mqtt))
			break;
	if (TAILQ_EMPTY(&mqtt->events))
		uv_idle_stop(&mqtt->idle);
	else
		uv_idle_start(&mqtt->idle, do_nothing);
}

static void on_check(uv_check_t *check)
{
	handle_events(check->data);
}

static void on_prepare(uv_prepare_t *prepare)
{
	handle_events(prepare->data);
}

/* ---- memory ---- */

/* While there is no memory for a reserve it is tried again and again. */
static void on_renewal(uv_timer_t *timer)
{
	if (!heap_renew())
		uv_timer_start(timer, on_renewal, RENEW_MS, 0);
}

/* From within paho, which may need more: not at once. */
static void on_reserve_spent(void *ctx)
{
	struct mqtt *mqtt = ctx;

	uv_timer_start(&mqtt->renewal, on_renewal, 0, 0);
}

void mqtt_put(struct mqtt *mqtt)
{
	if (--mqtt->users == 0)
		free(mqtt);
}

static void on_closed(uv_handle_t *handle)
{
	mqtt_put(handle->data);
}

/* ---- its life ---- */

static uv_handle_t *handle_of(struct mqtt *mqtt, int i)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&mqtt->check,
		(uv_handle_t *)&mqtt->prepare,
		(uv_handle_t *)&mqtt->idle,
		(uv_handle_t *)&mqtt->renewal,
	};

	return handles[i];
}

static void start_handles(struct mqtt *mqtt)
{
	int i;

	uv_check_init(mqtt->loop, &mqtt->check);
	uv_prepare_init(mqtt->loop, &mqtt->prepare);
	uv_idle_init(mqtt->loop, &mqtt->idle);
	uv_timer_init(mqtt->loop, &mqtt->renewal);
	for (i = 0; i < HANDLES; i++)
		handle_of(mqtt, i)->data = mqtt;
	mqtt->users = HANDLES;
	uv_check_start(&mqtt->check, on_check);
	uv_prepare_start(&mqtt->prepare, on_prepare);
}

static void close_handles(struct mqtt *mqtt)
{
	int i;

	for (i = 0; i < HANDLES; i++)
		uv_close(handle_of(mqtt, i), on_closed);
}

static void do_no_work(uv_work_t *work)
{
	(void)work;
}

static void on_no_work(uv_work_t *work, int status)
{
	(void)status;
	free(work);
}

/*
 * With the first work libuv makes its threads, and where there is no memory
 * for that it aborts.  So it is now, and not when links are open.
 */
static int start_pool(struct mqtt *mqtt)
{
	uv_work_t *work = calloc(1, sizeof(*work));

	if (!work)
		return -ENOMEM;
	return uv_queue_work(mqtt->loop, work, do_no_work, on_no_work);
}

static int start_libraries(struct mqtt *mqtt)
{
	MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
	const char *why;
	int rc = tls_init();

	if (rc == 0)
		rc = heap_start(on_reserve_spent, mqtt);
	if (rc)
		return rc;
	signal(SIGPIPE, SIG_IGN);
	MQTTAsync_global_init(&options);
	paho_start(mqtt->loop);
	why = paho_check();
	if (!why)
		return 0;
	log_error("paho.mqtt.c, as it was built in, %s", why);
	paho_stop();
	return -EPROTO;
}

int mqtt_start(struct mqtt **mqtt, uv_loop_t *loop)
{
	struct mqtt *m;
	int rc;

	if (started)
		return -EBUSY;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->loop = loop;
	LIST_INIT(&m->sessions);
	TAILQ_INIT(&m->events);
	start_handles(m);
	rc = start_pool(m);
	if (rc == 0)
		rc = start_libraries(m);
	if (rc) {
		heap_stop();
		close_handles(m);
		return rc;
	}
	started = true;
	*mqtt = m;
	return 0;
}

void mqtt_stop(struct mqtt *mqtt)
{
	if (!mqtt)
		return;
	while (handle_event(mqtt))
		;
	mqtt->stopped = true;
	stream_finish_all();
	session_free_all(mqtt);
	paho_stop();
	heap_stop();
	started = false;
	close_handles(mqtt);
}
