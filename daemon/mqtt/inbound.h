/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Received messages.  They are none of paho's business: a PUBLISH goes to
 * the owner, who ends it; then it is acknowledged.  The other packets that
 * pass the door are paho's.
 */
#ifndef ATMQTT_MQTT_INBOUND_H
#define ATMQTT_MQTT_INBOUND_H

#include <sys/types.h>

#include "daemon/mqtt/internal.h"

struct inbound {
	struct mqtt_message msg;
	struct event event;
	TAILQ_ENTRY(inbound) entry;	/* session->held */
	struct held *held;		/* where it is counted */
	struct session *session;	/* held by it, or NULL */
	struct link *link;		/* it came by; NULL: that is gone */
	uint16_t id;
	bool dup;
	char data[];			/* topic, payload */
};

/* The message of a link that has not come as a whole. */
struct coming {
	struct inbound *in;	/* NULL: there is no memory for it */
	size_t left;		/* bytes of its payload; 0: none comes */
};

/* Takes something of what came by a link; as stream_read(). */
ssize_t inbound_read(struct link *link);

/* A message is to be given out, or to be forgotten. */
void inbound_deliver(struct inbound *in);
void inbound_free(struct inbound *in);

#endif /* ATMQTT_MQTT_INBOUND_H */
