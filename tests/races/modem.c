// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The host's end of a null modem: RTS is low for a while, which holds the other
 * end's output, and DTR goes up and down.
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "race.h"

static void change(int fd, unsigned long request, int bits)
{
	race_tell(!ioctl(fd, request, &bits), "changed", "unchanged");
}

static void wiggle(const char *tty)
{
	int fd = race_open(tty);

	if (fd < 0)
		return;
	change(fd, TIOCMBIC, TIOCM_RTS | (race_chance(2) ? TIOCM_DTR : 0));
	race_nap(race_chance(8) ? 2000000 : 100000);
	change(fd, TIOCMBIS, TIOCM_RTS | TIOCM_DTR);
	race_nap(100000);
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, wiggle);
}
