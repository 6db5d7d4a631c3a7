// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Attaches, and again whenever a hang-up has taken the tty away.
 */
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "race.h"

static bool is_attached(int fd)
{
	int number;

	return !ioctl(fd, TIOCGETD, &number) && number == N_AT_LDISC;
}

static void hold(const char *tty)
{
	struct pollfd p = { .fd = race_open(tty) };

	if (p.fd < 0)
		return;
	if (!race_tell(!race_discipline(p.fd, N_AT_LDISC), "attached",
		       "refused"))
		race_nap(10000);
	while (is_attached(p.fd) && !poll(&p, 1, 200))
		;
	close(p.fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, hold);
}
