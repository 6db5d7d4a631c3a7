/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A broker that says what the test says, on the test's loop.
 */
#ifndef ATMQTT_TESTS_MQTT_FAKE_H
#define ATMQTT_TESTS_MQTT_FAKE_H

#include "harness.h"

#define CONNECT		1	/* types of packets */
#define PUBLISH		3
#define PUBACK		4
#define PUBREC		5
#define PUBREL		6
#define PUBCOMP		7
#define SUBSCRIBE	8
#define UNSUBSCRIBE	10
#define PINGREQ		12
#define DISCONNECT	14

struct fake {
	int port;
	uv_tcp_t server;
	uv_tcp_t link;			/* the last one */
	bool next;			/* one waits for its end */
	bool linked;
	int links;			/* so far */
	uint8_t connack[2];		/* flags, code; answered by itself */
	bool silent;			/* answers nothing by itself */
	bool serves;			/* answers each packet as it should */
	bool forgets;			/* keeps nothing in got, counts it */
	unsigned int came[16];		/* whole packets by type, if so */
	uint8_t got[65536];		/* what came on the last link */
	size_t len;
	size_t seen;			/* of it, in packets dealt with */
};

void fake_start(struct fake *fake);
void fake_stop(struct fake *fake);

/* Says these bytes. */
void fake_say(struct fake *fake, const void *bytes, size_t len);
#define FAKE_SAY(fake, ...)                                              \
	fake_say(fake, (const uint8_t[]){ __VA_ARGS__ },                 \
		 sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* The same, however many they are: waits while the socket is full. */
void fake_say_all(struct fake *fake, const uint8_t *bytes, size_t len);

/* A PUBLISH up to its payload, which is to follow; the bytes of it. */
#define FAKE_PUBLISH_MAX	(1 + 4 + 2 + 65535 + 2)

size_t fake_publish(uint8_t *out, int qos, const char *topic,
		    size_t topic_len, uint16_t id, size_t payload_len);

/* How often these bytes came on the last link. */
int fake_count(const struct fake *fake, const void *bytes, size_t len);
#define FAKE_COUNT(fake, ...)                                            \
	fake_count(fake, (const uint8_t[]){ __VA_ARGS__ },               \
		   sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* The id in the last whole packet of this type on the last link, 0: none. */
uint16_t fake_id(const struct fake *fake, uint8_t type);

/* Whole packets of this type on the last link. */
int fake_packets(const struct fake *fake, uint8_t type);

void fake_hang_up(struct fake *fake);

/* Not even its TCP answers any more, as behind a NAT that has forgotten. */
void fake_vanish(struct fake *fake);

/* Reads on, or does not: then its window closes. */
void fake_reads(struct fake *fake, bool reads);

#endif /* ATMQTT_TESTS_MQTT_FAKE_H */
