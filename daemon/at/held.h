/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Requests that were made while their client was opening, in the order of
 * their commands.
 */
#ifndef ATMQTT_AT_HELD_H
#define ATMQTT_AT_HELD_H

#include <stdint.h>

#include "daemon/at/protocol.h"
#include "daemon/mqtt/mqtt.h"

/* As many as can be under way once it is open. */
#define AT_HELD_MAX	MQTT_REQUESTS_MAX

/* One of them: a copy of what its command had. */
struct at_held {
	struct at_held *next;
	enum at_request_kind kind;
	uint32_t token;
	struct at_ask ask;
	char bytes[];		/* topic and payload, of which ask tells */
};

/* All zero is an empty queue. */
struct at_held_queue {
	struct at_held *first;
	struct at_held *last;
	uint32_t count;
};

/* 0, -EAGAIN if there are too many, or -ENOMEM */
int at_held_add(struct at_held_queue *q, enum at_request_kind kind,
		uint32_t token, const struct at_ask *ask);

/* The oldest, which is the caller's to free then; NULL: there is none. */
struct at_held *at_held_take(struct at_held_queue *q);

void at_held_free(struct at_held_queue *q);

#endif /* ATMQTT_AT_HELD_H */
