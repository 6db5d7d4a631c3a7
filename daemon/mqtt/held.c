// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqtt/held.h"

#include <stdlib.h>

#include "daemon/mqtt/glue.h"
#include "daemon/mqtt/mqtt.h"

struct held *held_new(void)
{
	struct held *held = calloc(1, sizeof(*held));

	return held ? held_get(held) : NULL;
}

struct held *held_get(struct held *held)
{
	held->users++;
	return held;
}

void held_put(struct held *held)
{
	if (--held->users == 0)
		free(held);
}

void held_add(struct held *held, size_t bytes)
{
	if (atomic_fetch_add(&held->bytes, bytes) + bytes > MQTT_HELD_MAX)
		held->full = true;
}

/*
 * One that is added meanwhile may find it full and be the last: it is looked
 * at again when that one is ended.
 */
void held_sub(struct held *held, size_t bytes)
{
	if (atomic_fetch_sub(&held->bytes, bytes) - bytes > MQTT_HELD_MAX / 2)
		return;
	if (atomic_exchange(&held->full, false))
		glue_wake();
}
