// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/room.h"

#include <stdlib.h>

struct at_room *at_room_new(size_t size)
{
	struct at_room *room = calloc(1, sizeof(*room) + size);

	if (room)
		room->size = size;
	return room;
}

void at_room_free(struct at_room *room)
{
	free(room);
}

bool at_room_make(struct at_room **room, size_t size)
{
	if (!*room)
		*room = at_room_new(size);
	return *room;
}

struct at_room *at_room_take(struct at_room **room)
{
	struct at_room *taken = *room;

	*room = NULL;
	return taken;
}

struct at_room *at_room_next(struct at_room **rooms)
{
	struct at_room *room = *rooms;

	if (room)
		*rooms = room->next;
	return room;
}
