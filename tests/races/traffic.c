// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Bytes both ways on the host's ends of the lines, outside the guest.
 */
#include <unistd.h>

#include "host.h"
#include "race.h"

static void exchange(const char *tty)
{
	int fd = race_open(tty);

	while (fd >= 0 && host_step(fd))
		;
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, exchange);
}
