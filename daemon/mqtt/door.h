/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The door in front of paho, which believes what a broker sends: an
 * acknowledgement of the wrong kind makes it free memory twice, a length
 * field makes it allocate 256 MB.  Every byte of a broker passes here first,
 * and paho gets packets only that MQTT 3.1.1 lets a client receive and that
 * this link has asked for: never the end of any other.
 *
 * Too long a payload is cut: what comes through is a packet with its first
 * bytes, once the rest was skipped.  Nothing is allocated.
 */
#ifndef ATMQTT_MQTT_DOOR_H
#define ATMQTT_MQTT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/mqtt/mqtt.h"
#include "daemon/lib/utf8.h"

#define DOOR_DONE_MAX	32	/* ids whose repeated end is no offence */
#define DOOR_IN_SIZE	4096
#define DOOR_RELEASE_MAX	64	/* more than a broker's window, see link.c */
#define DOOR_IDS_MAX	(MQTT_REQUESTS_MAX + DOOR_RELEASE_MAX)
#define DOOR_HEAD_MAX	(1 + 4 + 2 + MQTT_TOPIC_MAX + 2)

/* What an id is outstanding for. */
enum door_wait {
	WAIT_NOTHING,
	WAIT_PUBACK,
	WAIT_PUBREC,
	WAIT_PUBREL,	/* ours is due */
	WAIT_PUBCOMP,
	WAIT_SUBACK,
	WAIT_UNSUBACK,
};

enum door_state {
	DOOR_TYPE,
	DOOR_LENGTH,
	DOOR_BODY,		/* of what is no PUBLISH */
	DOOR_TOPIC_LEN,
	DOOR_TOPIC,
	DOOR_ID,
	DOOR_PAYLOAD,
	DOOR_SKIP,
};

struct door {
	size_t payload_max;

	/* What was written to the broker: the packet under way... */
	struct {
		enum { OUT_TYPE, OUT_LENGTH, OUT_BODY } state;
		uint8_t first;		/* byte */
		unsigned int shift;	/* of the length's next byte */
		size_t length, pos;	/* of the body */
		uint16_t topic_len, id;
	} out;
	/* ...and what is outstanding. */
	bool connecting;		/* CONNECT was sent */
	bool connected;		/* CONNACK came */
	unsigned int pings;		/* PINGREQs without an answer */
	unsigned int pings_ahead;	/* answered before the broker did */
	struct {
		uint16_t id;
		uint8_t waits;		/* enum door_wait */
	} ids[DOOR_IDS_MAX];
	unsigned int n_ids;
	uint16_t release[DOOR_RELEASE_MAX];	/* see door_release() */
	unsigned int n_release;
	uint16_t done[DOOR_DONE_MAX];	/* of QoS 2; 0: none */
	unsigned int next_done;
	unsigned int requests;		/* (UN)SUBSCRIBE, PUBLISH so far */

	/* What came and has not been looked at. */
	uint8_t in[DOOR_IN_SIZE];
	size_t in_at, in_len;

	/* The packet that comes. */
	enum door_state state;
	uint8_t first;			/* byte */
	unsigned int shift;
	size_t length;			/* of the body, as the broker says */
	size_t got;			/* bytes of the field that comes */
	uint8_t body[3];
	size_t topic_len;
	struct utf8 topic;
	size_t keep, skip;		/* bytes of the payload to come */
	size_t cut;			/* all that is skipped */
	bool holds_last;		/* byte that is kept */
	uint8_t last;

	/* What is checked and not yet given; payloads do not pass here. */
	uint8_t head[DOOR_HEAD_MAX];
	size_t head_at, head_end;
	bool more;		/* that no poll() of the socket tells */
	bool between;		/* two packets, and the last is given */

	/* Why nothing more comes through; empty: nothing is wrong. */
	char refused[80];
	uint8_t seen[MQTT_SEEN_MAX];	/* the packet's first bytes */
	size_t n_seen;
};

/*
 * Like recv() of a socket that does not block: bytes, 0 at the end, or -1
 * with errno.
 */
typedef ssize_t (*door_raw)(void *ctx, void *buf, size_t len);

/* At each connection's start.  Payloads longer than @payload_max bytes are cut. */
void door_init(struct door *door, size_t payload_max);

/* These bytes were written to the broker. */
void door_sent(struct door *door, const void *bytes, size_t len);

/* Is the broker to answer something? */
bool door_is_owed(const struct door *door);

/*
 * Reads by @raw what the broker sends, and gives what is checked of it.  As
 * @raw does; -1 with EPROTO: see @refused, the link is to be closed.  With
 * EAGAIN there may be more to be read: a long payload is skipped in parts.
 */
ssize_t door_read(struct door *door, void *buf, size_t len, door_raw raw,
		  void *ctx);

/*
 * PUBREC came for these ids of QoS 2 by a connection before this one, so they
 * are to be released: it is given as if it came now.  At most
 * DOOR_RELEASE_MAX.
 */
void door_release(struct door *door, const uint16_t *ids, unsigned int count);

/* The ids for which PUBREC came and PUBCOMP did not, @max at most; how many. */
unsigned int door_unreleased(const struct door *door, uint16_t *ids,
			     unsigned int max);

/*
 * Between two packets: gives a PINGRESP ahead of the broker's, if a PINGREQ
 * waits for one.
 */
bool door_answer_ping(struct door *door);

/* Of the last PUBLISH given: the bytes that its payload lacks. */
size_t door_cut(const struct door *door);

#endif /* ATMQTT_MQTT_DOOR_H */
