/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * One try of a client to be connected, and the connection that comes of it:
 * a stream, and when that is open paho's handle, made for it and destroyed
 * with it.
 */
#ifndef ATMQTT_MQTT_LINK_H
#define ATMQTT_MQTT_LINK_H

#include <MQTTAsync.h>

#include "daemon/mqtt/args.h"
#include "daemon/mqtt/held.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/paho_os.h"
#include "daemon/mqtt/session.h"
#include "daemon/mqtt/stream.h"

struct request {
	TAILQ_ENTRY(request) entry;	/* link->requests */
	TAILQ_ENTRY(request) wait_entry;	/* link->waiting */
	struct event event;
	struct link *link;
	int (*send)(struct request *r);	/* gives it to paho; its result */
	uint32_t token;
	uint16_t id;			/* MQTT packet id, 0 for QoS 0 */
	uint8_t qos;
	bool in_window;			/* a PUBLISH of QoS 1 or 2 */
	bool retain;
	bool waits;			/* paho has not got it */
	bool ok;
	bool told;			/* done() has been called */
	const void *payload;		/* within data */
	size_t len;			/* bytes of payload */
	char data[];			/* topic, payload */
};

TAILQ_HEAD(request_list, request);

struct link {
	struct mqtt *mqtt;
	struct mqtt_client *client;	/* NULL once retired */
	struct session *session;	/* until it is retired */
	struct held *held;
	struct stream *stream;		/* until it is retired */
	struct paho_socket socket;	/* the same, as paho sees it */
	MQTTAsync handle;		/* or NULL */
	struct coming coming;
	struct request_list requests;
	unsigned int request_count;
	struct request_list waiting;	/* those that paho has not got */
	unsigned int in_flight;		/* in the broker's window */
	bool closing;			/* no more are given to paho */
	struct mqtt_args args;		/* link_free() wipes them */

	struct event opened, failed, lost, closed, room, read, gone;
	uint16_t release[DOOR_RELEASE_MAX];	/* ids of the link before */
	unsigned int n_release;
	int failed_code;		/* CONNACK's, or negative */
	bool session_present;
};

/* Starts to connect; opened or failed follows.  NULL without memory. */
struct link *link_new(struct mqtt_client *client, struct mqtt *mqtt,
		      const struct mqtt_open *args, struct held *held);

/* Once opened. */
void link_forget_password(struct link *link);

/* The broker has kept the session; sends PUBREL for what is due. */
void link_release(struct link *link);

/* Sends DISCONNECT; closed follows. */
void link_close(struct link *link);

/* Reads what has come. */
void link_read(struct link *link);

/* A packet that is not paho's. */
void link_write(struct link *link, const void *packet, size_t len);

/*
 * Gives paho what waits, one by one: what it has got can't be taken back, see
 * request_cancel().  True when the socket has to take something first: room
 * follows.
 */
bool link_go_on(struct link *link);

/*
 * The client is done with it.  Paho forgets it (which sends DISCONNECT if it
 * is connected and not cut); gone follows.
 */
void link_retire(struct link *link);

/* It is gone. */
void link_free(struct link *link);

/* A new request; what @send does ends in its event.  NULL: no memory. */
struct request *request_new(struct link *link, uint32_t token,
			    const char *topic, const void *payload,
			    size_t len);
void request_publish(struct request *request);
void request_subscribe(struct request *request);
void request_unsubscribe(struct request *request);
void request_free(struct request *request);

/* It never goes out, or, having gone, ends without a done(). */
void request_cancel(struct link *link, uint32_t token);

#endif /* ATMQTT_MQTT_LINK_H */
