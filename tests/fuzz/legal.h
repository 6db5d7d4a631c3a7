/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What MQTT 3.1.1 lets a client receive, said a second time: by whole packets
 * in memory, as simply as can be.  daemon/mqtt/door.c is held to it.
 */
#ifndef ATMQTT_FUZZ_LEGAL_H
#define ATMQTT_FUZZ_LEGAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEGAL_IDS	256

enum {
	CONNECT = 1,
	CONNACK,
	PUBLISH,
	PUBACK,
	PUBREC,
	PUBREL,
	PUBCOMP,
	SUBSCRIBE,
	SUBACK,
	UNSUBSCRIBE,
	UNSUBACK,
	PINGREQ,
	PINGRESP,
	DISCONNECT,
};

/* An id that is under way: the packet that is to come, 0 for our PUBREL. */
struct legal_id {
	uint16_t id;
	uint8_t next;
};

struct legal {
	size_t payload_max;
	bool connecting, connected;
	struct legal_id ids[LEGAL_IDS];
	unsigned int n_ids;
	uint16_t done[LEGAL_IDS];	/* QoS 2, the newest last */
	unsigned int n_done;
	unsigned int pings, pings_ahead;
};

/*
 * PART: a packet's beginning, which may become a legal one.  EITHER: it may be
 * refused as well as ignored.
 */
enum legal_verdict { PART, GIVEN, IGNORED, EITHER, ILLEGAL };

struct legal_packet {
	enum legal_verdict verdict;
	size_t size;		/* of the whole packet, unless PART or ILLEGAL */
	/* What comes out of it by now, in place of its @drop first bytes. */
	uint8_t head[1024];
	size_t head_len, drop;
	size_t keep;		/* bytes behind them that come out, too */
	size_t cut;		/* PUBLISH: bytes that its payload lacks */
};

void legal_sent(struct legal *l, uint8_t first, uint16_t id);
struct legal_packet legal_next(struct legal *l, const uint8_t *p, size_t len);

/* May a PINGRESP be given ahead of the broker's?  Then it is. */
bool legal_ping_ahead(struct legal *l);

#endif /* ATMQTT_FUZZ_LEGAL_H */
