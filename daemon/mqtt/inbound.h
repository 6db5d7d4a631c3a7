/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Received messages.  A message of QoS 1 or 2 keeps paho's packet until its
 * owner ends it; only then paho gets to see the packet and acknowledges it.
 */
#ifndef ATMQTT_MQTT_INBOUND_H
#define ATMQTT_MQTT_INBOUND_H

#include "daemon/mqtt/internal.h"

struct inbound {
	struct mqtt_message msg;
	struct event event;
	struct job job;
	TAILQ_ENTRY(inbound) entry;	/* session->held */
	struct held *held;		/* where it is counted */
	struct session *session;	/* held by it, or NULL */
	struct link *link;		/* it came by; NULL: that is gone */
	void *packet;			/* to be acknowledged, or NULL */
	uint16_t id;
	bool dup;
	char data[];			/* topic, payload */
};

/* What a PUBREL brings to the loop. */
struct release {
	struct event event;
	struct held *held;
	uint16_t id;
};

void release_free(struct release *release);

/* paho's receive thread: a packet came on a socket. */
int inbound_publish(void *packet, int fd);
void inbound_pubrel(void *packet, int fd);

/* Loop: a message is to be given out, or to be forgotten. */
void inbound_deliver(struct inbound *in);
void inbound_free(struct inbound *in);

/* Loop: acknowledges and frees. */
void inbound_acknowledge(struct inbound *in);

#endif /* ATMQTT_MQTT_INBOUND_H */
