/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What came for a client and is not ended yet, in bytes, over all its links.
 * Any thread.
 */
#ifndef ATMQTT_MQTT_HELD_H
#define ATMQTT_MQTT_HELD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct held {
	atomic_uint users;
	atomic_size_t bytes;
	atomic_bool full;
};

/* NULL without memory.  Given back by its users one by one. */
struct held *held_new(void);
struct held *held_get(struct held *held);
void held_put(struct held *held);

/*
 * Full when more than MQTT_HELD_MAX bytes are held, until half of it is left:
 * then the receive thread is woken.
 */
void held_add(struct held *held, size_t bytes);
void held_sub(struct held *held, size_t bytes);

#endif /* ATMQTT_MQTT_HELD_H */
