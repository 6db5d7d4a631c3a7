// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The clock and the random numbers of the board.
 */
#include <stdlib.h>
#include <sys/random.h>

#include "daemon/cloud/cloud.h"
#include "daemon/lib/log.h"

static time_t system_now(void)
{
	return time(NULL);
}

/* Up to 256 bytes come at once and whole (getrandom(2)). */
static void system_random(void *out, size_t len)
{
	if (getrandom(out, len, 0) != (ssize_t)len) {
		log_error("no random numbers");
		abort();
	}
}

const struct cloud_ops cloud_ops_system = {
	.now = system_now,
	.random = system_random,
};
