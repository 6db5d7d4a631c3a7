// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqtt/held.h"

#include <stdlib.h>

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
	held->bytes += bytes;
	if (held->bytes > MQTT_HELD_MAX)
		held->full = true;
}

void held_sub(struct held *held, size_t bytes)
{
	held->bytes -= bytes;
	if (!held->full || held->bytes > MQTT_HELD_MAX / 2)
		return;
	held->full = false;
	if (held->room)
		held->room(held->ctx);
}
