/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * One try of a client to be connected, and the connection that comes of it:
 * paho's handle, made for it and destroyed with it.
 */
#ifndef ATMQTT_MQTT_LINK_H
#define ATMQTT_MQTT_LINK_H

#include <MQTTAsync.h>

#include "daemon/mqtt/args.h"
#include "daemon/mqtt/conn.h"
#include "daemon/mqtt/session.h"

#define LINK_ADDRESSES	8

struct request {
	TAILQ_ENTRY(request) entry;	/* link->requests */
	TAILQ_ENTRY(request) wait_entry;	/* link->waiting */
	struct event event;
	struct job job;
	struct link *link;
	uint32_t token;
	uint16_t id;			/* MQTT packet id, 0 for QoS 0 */
	uint8_t qos;
	bool in_window;			/* a PUBLISH of QoS 1 or 2 */
	bool retain;
	bool waits;			/* paho has not got it */
	bool unsent;			/* and did not take it */
	bool ok;
	bool told;			/* done() has been called */
	const void *payload;		/* within data */
	size_t len;			/* bytes of payload */
	char data[];			/* topic, payload */
};

TAILQ_HEAD(request_list, request);

struct link {
	struct conn conn;
	struct mqtt *mqtt;
	struct session *session;	/* loop */
	struct mqtt_client *client;	/* loop; NULL once retired */
	struct request_list requests;	/* loop */
	unsigned int request_count;
	struct request_list waiting;	/* those that paho has not got */
	unsigned int given;		/* those it has been given so far */
	unsigned int in_flight;		/* of them, in the broker's window */
	bool closing;			/* no more are given */
	struct mqtt_args args;	/* link_free() wipes them */

	struct sockaddr_storage address[LINK_ADDRESSES];
	unsigned int address_count;
	unsigned int address_next;

	struct job connect_job, release_job, close_job, destroy_job;
	struct event opened, failed, lost, closed, room, gone;
	uint16_t release[DOOR_RELEASE_MAX];	/* ids of the link before */
	unsigned int n_release;
	int failed_code;		/* CONNACK's, or negative */
	bool session_present;
	MQTTAsync handle;		/* worker only */
};

/* Loop.  NULL without memory. */
struct link *link_new(struct mqtt_client *client, struct mqtt *mqtt,
		      const struct mqtt_open *args, struct held *held);

/* Loop: tries the next address; opened or failed follows. */
void link_connect(struct link *link);

/* Loop: once opened. */
void link_forget_password(struct link *link);

/* Loop: the broker has kept the session; sends PUBREL for what is due. */
void link_release(struct link *link);

/* Loop: sends DISCONNECT; closed follows. */
void link_close(struct link *link);

/*
 * Loop: gives paho what waits, one by one: what it has got can't be taken
 * back, see request_cancel().  True when the socket has to take something
 * first; to be called again then, after each event and after a while.
 */
bool link_go_on(struct link *link);

/*
 * Loop: the client is done with it.  Paho forgets it (which sends DISCONNECT
 * if it is connected and not cut), then it frees itself.
 */
void link_retire(struct link *link);

/* Loop: it is gone. */
void link_free(struct link *link);

/* Loop: a new request; what @run does ends in its event.  NULL: no memory. */
struct request *request_new(struct link *link, uint32_t token,
			    const char *topic, const void *payload,
			    size_t len);
void request_publish(struct request *request);
void request_subscribe(struct request *request);
void request_unsubscribe(struct request *request);
void request_free(struct request *request);

/* Loop: it never goes out, or, having gone, ends without a done(). */
void request_cancel(struct link *link, uint32_t token);

#endif /* ATMQTT_MQTT_LINK_H */
