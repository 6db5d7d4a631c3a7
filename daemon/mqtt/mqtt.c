// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The machinery: jobs from the loop to the worker, events from paho's
 * threads to the loop.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <MQTTAsync.h>

#include "daemon/lib/noop.h"
#include "daemon/mqtt/client.h"
#include "daemon/mqtt/glue.h"
#include "daemon/mqtt/heap.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/paho.h"
#include "daemon/mqtt/session.h"
#include "daemon/mqtt/tls.h"

#define EVENTS_AT_ONCE	256	/* then other handles have their turn */
#define RENEW_MS	1000

/* paho's state and the glue's are one for the process. */
static bool started;

void mqtt_job(struct mqtt *mqtt, struct job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&mqtt->job_lock);
	*mqtt->jobs_end = job;
	mqtt->jobs_end = &job->next;
	pthread_cond_signal(&mqtt->job_cond);
	pthread_mutex_unlock(&mqtt->job_lock);
}

/* NULL: the end, and no job is left. */
static struct job *next_job(struct mqtt *mqtt)
{
	struct job *job;

	pthread_mutex_lock(&mqtt->job_lock);
	while (!mqtt->jobs && !mqtt->stopping)
		pthread_cond_wait(&mqtt->job_cond, &mqtt->job_lock);
	job = mqtt->jobs;
	if (job)
		mqtt->jobs = job->next;
	if (!mqtt->jobs)
		mqtt->jobs_end = &mqtt->jobs;
	pthread_mutex_unlock(&mqtt->job_lock);
	return job;
}

/*
 * The keeper is a handle that is never connected: with the last handle paho
 * would end its threads, and start them for the next one.  Without it that
 * is what happens.
 */
static void *work(void *ctx)
{
	struct mqtt *mqtt = ctx;
	MQTTAsync keeper = NULL;
	struct job *job;

	if (MQTTAsync_create(&keeper, "tcp://240.0.0.0:1", "keeper",
			     MQTTCLIENT_PERSISTENCE_NONE, NULL))
		keeper = NULL;	/* half-made: see create() in link.c */
	while ((job = next_job(mqtt)))
		job->run(job);
	MQTTAsync_destroy(&keeper);
	return NULL;
}

static void run_noop(struct job *job)
{
	noop_pass(container_of(job, struct noop_job, job)->noop);
}

void mqtt_noop(struct mqtt *mqtt, enum mqtt_thread thread, struct noop *noop)
{
	switch (thread) {
	case MQTT_WORKER:
		mqtt->noop.job.run = run_noop;
		mqtt->noop.noop = noop;
		mqtt_job(mqtt, &mqtt->noop.job);
		break;
	case MQTT_RECEIVER:
		glue_noop_receiver(noop);
		break;
	case MQTT_SENDER:
		glue_noop_sender(noop);
		break;
	}
}

void mqtt_event(struct mqtt *mqtt, struct event *event)
{
	pthread_mutex_lock(&mqtt->event_lock);
	if (!event->queued) {
		event->queued = true;
		TAILQ_INSERT_TAIL(&mqtt->events, event, entry);
	}
	pthread_mutex_unlock(&mqtt->event_lock);
	uv_async_send(&mqtt->async);
}

static struct event *next_event(struct mqtt *mqtt)
{
	struct event *event;

	pthread_mutex_lock(&mqtt->event_lock);
	event = TAILQ_FIRST(&mqtt->events);
	if (event) {
		TAILQ_REMOVE(&mqtt->events, event, entry);
		event->queued = false;
	}
	pthread_mutex_unlock(&mqtt->event_lock);
	return event;
}

static bool handle_event(struct mqtt *mqtt)
{
	struct event *event = next_event(mqtt);

	if (!event)
		return false;
	if (event->type == EVENT_MESSAGE)
		inbound_deliver(container_of(event, struct inbound, event));
	else
		client_event(event);
	return true;
}

/* While there is no memory for a reserve it is tried again and again. */
static void on_renewal(uv_timer_t *timer)
{
	if (!heap_renew())
		uv_timer_start(timer, on_renewal, RENEW_MS, 0);
}

/* Any thread: the next one that needs the reserve shall find it. */
static void on_reserve_spent(void *ctx)
{
	struct mqtt *mqtt = ctx;

	uv_async_send(&mqtt->async);
}

static void on_events(uv_async_t *async)
{
	struct mqtt *mqtt = async->data;
	int i;

	on_renewal(&mqtt->renewal);
	for (i = 0; i < EVENTS_AT_ONCE; i++)
		if (!handle_event(mqtt))
			return;
	uv_async_send(async);
}

static void init_queues(struct mqtt *mqtt)
{
	LIST_INIT(&mqtt->sessions);
	TAILQ_INIT(&mqtt->events);
	mqtt->jobs_end = &mqtt->jobs;
	pthread_mutex_init(&mqtt->job_lock, NULL);
	pthread_cond_init(&mqtt->job_cond, NULL);
	pthread_mutex_init(&mqtt->event_lock, NULL);
}

/* The process's signals are the loop's; paho's threads inherit that. */
static int start_worker(struct mqtt *mqtt)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&mqtt->worker, NULL, work, mqtt);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

static int start_libraries(void)
{
	MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
	int rc = tls_init();

	if (rc)
		return rc;
	signal(SIGPIPE, SIG_IGN);
	options.do_openssl_init = 0;
	MQTTAsync_global_init(&options);
	return paho_start() ? glue_start() : -EPROTO;
}

static void free_mqtt(uv_handle_t *handle)
{
	struct mqtt *mqtt = handle->data;

	if (--mqtt->handles == 0)
		free(mqtt);
}

static int start_handles(struct mqtt *mqtt)
{
	int rc = uv_async_init(mqtt->loop, &mqtt->async, on_events);

	if (rc)
		return rc;
	uv_timer_init(mqtt->loop, &mqtt->renewal);
	mqtt->async.data = mqtt;
	mqtt->renewal.data = mqtt;
	mqtt->handles = 2;
	return 0;
}

static void close_handles(struct mqtt *mqtt)
{
	uv_close((uv_handle_t *)&mqtt->async, free_mqtt);
	uv_close((uv_handle_t *)&mqtt->renewal, free_mqtt);
}

static void do_nothing(uv_work_t *work)
{
	(void)work;
}

static void on_nothing_done(uv_work_t *work, int status)
{
	(void)status;
	free(work);
}

/*
 * With the first work libuv makes its threads, and where there is no memory
 * for that it aborts.  So it is now, and not when links are open.
 */
static int start_pool(uv_loop_t *loop)
{
	uv_work_t *work = malloc(sizeof(*work));

	return work ? uv_queue_work(loop, work, do_nothing, on_nothing_done) :
		      -ENOMEM;
}

/* The heap first: paho_start() has a look at what paho allocates. */
static int start_threads(struct mqtt *mqtt)
{
	int rc = heap_start(on_reserve_spent, mqtt);

	if (rc == 0)
		rc = start_libraries();
	if (rc == 0)
		rc = start_worker(mqtt);
	if (rc)
		heap_stop();
	return rc;
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
	init_queues(m);
	rc = start_handles(m);
	if (rc) {
		free(m);
		return rc;
	}
	rc = start_pool(loop);
	if (rc == 0)
		rc = start_threads(m);
	if (rc) {
		close_handles(m);
		return rc;
	}
	started = true;
	*mqtt = m;
	return 0;
}

static void stop_worker(struct mqtt *mqtt)
{
	pthread_mutex_lock(&mqtt->job_lock);
	mqtt->stopping = true;
	pthread_cond_signal(&mqtt->job_cond);
	pthread_mutex_unlock(&mqtt->job_lock);
	pthread_join(mqtt->worker, NULL);
}

void mqtt_stop(struct mqtt *mqtt)
{
	if (!mqtt)
		return;
	stop_worker(mqtt);
	while (handle_event(mqtt))
		;
	session_free_all(mqtt);
	glue_stop();
	heap_stop();
	pthread_mutex_destroy(&mqtt->job_lock);
	pthread_cond_destroy(&mqtt->job_cond);
	pthread_mutex_destroy(&mqtt->event_lock);
	started = false;
	close_handles(mqtt);
}
