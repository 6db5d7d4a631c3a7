/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Room for the text of a result that comes later.  A command is accepted only
 * when there is room for its result: then that comes, even if there is no
 * memory any more.
 */
#ifndef ATMQTT_AT_ROOM_H
#define ATMQTT_AT_ROOM_H

#include "daemon/at/urc.h"

#define AT_ROOM_MIN	64	/* "\r\n+MQTTWTOPICUD: 102,1\r\n" and more */
#define AT_ROOM_MAX	512	/* what a session's buffer has at any time */

struct at_room {
	struct at_room *next;	/* for who keeps several */
	struct at_urc urc;	/* in the queue */
	size_t size;
	char text[];
};

/* Room for @size bytes, CR and LF among them.  NULL: no memory. */
struct at_room *at_room_new(size_t size);
void at_room_free(struct at_room *room);

/* For who keeps its room until it is needed: makes it unless it is there. */
bool at_room_make(struct at_room **room, size_t size);
struct at_room *at_room_take(struct at_room **room);

/* For who keeps several: the oldest, or NULL. */
struct at_room *at_room_next(struct at_room **rooms);

#endif /* ATMQTT_AT_ROOM_H */
