/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Between the files of this folder.
 *
 * Threads: the loop's thread owns clients, sessions and requests.  It never
 * calls paho, whose calls wait for a lock that paho's threads hold while
 * they work; jobs go to one worker instead.  paho's callbacks, on its send
 * and receive threads, only queue events for the loop.
 */
#ifndef ATMQTT_MQTT_INTERNAL_H
#define ATMQTT_MQTT_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "daemon/mqtt/mqtt.h"

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

struct link;
struct lookup;
struct inbound;

/* For the worker; embedded. */
struct job {
	struct job *next;
	void (*run)(struct job *job);
};

enum event_type {
	EVENT_OPENED,	/* CONNACK */
	EVENT_FAILED,	/* one try to connect */
	EVENT_LOST,
	EVENT_CLOSED,
	EVENT_DONE,	/* a request */
	EVENT_ROOM,	/* for another request */
	EVENT_MESSAGE,
	EVENT_RELEASE,	/* PUBREL */
	EVENT_GONE,	/* the last one of a link: paho has forgotten it */
};

/* For the loop; embedded. */
struct event {
	TAILQ_ENTRY(event) entry;
	enum event_type type;
	bool queued;
	struct link *link;
};

TAILQ_HEAD(event_list, event);
TAILQ_HEAD(inbound_list, inbound);

struct noop_job {
	struct job job;
	struct noop *noop;
};

struct session;
LIST_HEAD(session_list, session);

struct mqtt {
	uv_loop_t *loop;
	uv_async_t async;
	uv_timer_t renewal;	/* of paho's reserve, see heap.h */
	unsigned int handles;	/* to be closed before the struct is freed */
	struct session_list sessions;	/* loop only */

	pthread_t worker;
	pthread_mutex_t job_lock;
	pthread_cond_t job_cond;
	struct job *jobs;
	struct job **jobs_end;
	bool stopping;
	struct noop_job noop;

	pthread_mutex_t event_lock;
	struct event_list events;
};

/* Loop: hands a job to the worker. */
void mqtt_job(struct mqtt *mqtt, struct job *job);

/* Any thread: queues an event, unless it is queued already. */
void mqtt_event(struct mqtt *mqtt, struct event *event);

#endif /* ATMQTT_MQTT_INTERNAL_H */
