/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Between the files of this folder.
 *
 * All of it runs in the loop's thread.  What connections and paho tell is
 * queued as events, which are handled when all that is under way has
 * returned, before the loop waits: a client's owner is never called from
 * within its own call, nor from within paho.
 */
#ifndef ATMQTT_MQTT_INTERNAL_H
#define ATMQTT_MQTT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <uv.h>

#include "daemon/mqtt/mqtt.h"

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member)))

struct link;
struct inbound;

enum event_type {
	EVENT_OPENED,	/* CONNACK */
	EVENT_FAILED,	/* no connection, or none accepted */
	EVENT_LOST,
	EVENT_CLOSED,
	EVENT_DONE,	/* a request */
	EVENT_ROOM,	/* for another request */
	EVENT_READ,	/* there is more to be read */
	EVENT_MESSAGE,
	EVENT_GONE,	/* the last one of a link: nothing uses it any more */
};

/* Embedded. */
struct event {
	TAILQ_ENTRY(event) entry;
	enum event_type type;
	bool queued;
	struct link *link;
};

TAILQ_HEAD(event_list, event);
TAILQ_HEAD(inbound_list, inbound);

struct session;
LIST_HEAD(session_list, session);

struct mqtt {
	uv_loop_t *loop;
	uv_check_t check;	/* handles events, after the loop has waited */
	uv_prepare_t prepare;	/* and before it does */
	uv_idle_t idle;		/* runs while some are left */
	uv_timer_t renewal;	/* of paho's reserve, see heap.h */
	unsigned int users;	/* handles and links; then it is freed */
	bool stopped;
	struct session_list sessions;
	struct event_list events;
};

/* Queues an event, unless it is queued already. */
void mqtt_event(struct mqtt *mqtt, struct event *event);

void mqtt_put(struct mqtt *mqtt);

#endif /* ATMQTT_MQTT_INTERNAL_H */
