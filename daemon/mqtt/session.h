/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What outlives a link of an MQTT session (3.1.1, 4.1): the messages that
 * the owner still holds, the QoS 2 ids that the broker has not released,
 * those that we have not, and the next packet id.
 */
#ifndef ATMQTT_MQTT_SESSION_H
#define ATMQTT_MQTT_SESSION_H

#include "daemon/mqtt/door.h"
#include "daemon/mqtt/inbound.h"

struct session {
	LIST_ENTRY(session) entry;
	char *key;			/* host, port, client id */
	bool clean;
	unsigned int users;		/* links */
	uint16_t next_id;
	struct inbound_list held;	/* QoS 1 and 2, not ended yet */
	uint8_t known[65536 / 8];	/* QoS 2 ids that came, not released */
	unsigned int known_count;
	/* Ids of ours that the next link has to release, see door_release() */
	uint16_t release[DOOR_RELEASE_MAX];
	unsigned int n_release;
};

/* Brokers have windows of 10 to 100. */
#define SESSION_KNOWN_MAX	1024

/* The session of a new link; NULL without memory.  Give it back. */
struct session *session_get(struct mqtt *mqtt, const struct mqtt_open *args);
void session_put(struct mqtt *mqtt, struct session *session);

/* Frees those that no link uses. */
void session_free_all(struct mqtt *mqtt);

/* The broker knows nothing of it. */
void session_reset(struct session *session);

/* Its messages that came by @link cannot be acknowledged any more. */
void session_unlink(struct session *session, struct link *link);

/* The held message that @in repeats, or NULL. */
struct inbound *session_find(struct session *session,
			     const struct inbound *in);
void session_hold(struct session *session, struct inbound *in);
void session_unhold(struct inbound *in);

/* The last connection of a link of its is over. */
void session_note_unreleased(struct session *session, const struct door *door);

bool session_knows(const struct session *session, uint16_t id);
void session_know(struct session *session, uint16_t id, bool known);

#endif /* ATMQTT_MQTT_SESSION_H */
