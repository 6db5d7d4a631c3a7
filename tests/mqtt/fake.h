/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A broker that says what the test says, on the test's loop.
 */
#ifndef ATMQTT_TESTS_MQTT_FAKE_H
#define ATMQTT_TESTS_MQTT_FAKE_H

#include "harness.h"

struct fake {
	int port;
	uv_tcp_t server;
	uv_tcp_t link;			/* the last one */
	bool linked;
	int links;			/* so far */
	uint8_t connack[2];		/* flags, code; answered by itself */
	bool silent;			/* answers nothing by itself */
	uint8_t got[65536];		/* what came on the last link */
	size_t len;
};

void fake_start(struct fake *fake);
void fake_stop(struct fake *fake);

/* Says these bytes. */
void fake_say(struct fake *fake, const void *bytes, size_t len);
#define FAKE_SAY(fake, ...)                                              \
	fake_say(fake, (const uint8_t[]){ __VA_ARGS__ },                 \
		 sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* How often these bytes came on the last link. */
int fake_count(const struct fake *fake, const void *bytes, size_t len);
#define FAKE_COUNT(fake, ...)                                            \
	fake_count(fake, (const uint8_t[]){ __VA_ARGS__ },               \
		   sizeof((const uint8_t[]){ __VA_ARGS__ }))

void fake_hang_up(struct fake *fake);

#endif /* ATMQTT_TESTS_MQTT_FAKE_H */
