// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * fuzz_broker without the door: what a broker could do to memory.  What
 * else it can do is not asked, or that would be found first.
 */
#include "daemon/mqtt/door.h"
#include "world.h"

ssize_t __wrap_door_read(struct door *door, void *buf, size_t len, door_raw raw,
			 void *ctx);
void __wrap_check(bool ok);

ssize_t __wrap_door_read(struct door *door, void *buf, size_t len, door_raw raw,
			 void *ctx)
{
	door->connected = true;
	return raw(ctx, buf, len);
}

void __wrap_check(bool ok)
{
	(void)ok;
}
