/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What came for a client and is not ended yet, in bytes, over all its links.
 */
#ifndef ATMQTT_MQTT_HELD_H
#define ATMQTT_MQTT_HELD_H

#include <stdbool.h>
#include <stddef.h>

struct held {
	unsigned int users;
	size_t bytes;
	bool full;
	void (*room)(void *ctx);	/* it is full no more; or NULL */
	void *ctx;
};

/* NULL without memory.  Given back by its users one by one. */
struct held *held_new(void);
struct held *held_get(struct held *held);
void held_put(struct held *held);

/*
 * Full when more than MQTT_HELD_MAX bytes are held, until half of it is left:
 * then room() is called.
 */
void held_add(struct held *held, size_t bytes);
void held_sub(struct held *held, size_t bytes);

#endif /* ATMQTT_MQTT_HELD_H */
