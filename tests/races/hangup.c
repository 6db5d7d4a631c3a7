// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Hang-up against TIOCSETD and data, with files that stay open (K8, K12, K17;
 * as LTP's pty03 and pty04 mean it).  The next open revives the discipline.
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "race.h"

static void set_in_a_loop(void *tty)
{
	int fd = race_open(tty);
	int i;

	if (fd < 0)
		return;
	for (i = 0; i < 50; i++)
		if (!race_tell(!race_discipline(fd, race_chance(8) ?
						N_TTY : N_AT_LDISC),
			       "set", "unset"))
			break;
	close(fd);
}

static void hang_up(const char *tty)
{
	pid_t setter = race_child(set_in_a_loop, (void *)tty);
	int i, fd;

	for (i = 0; i < 100; i++) {
		fd = race_open(tty);
		if (fd < 0)
			continue;
		race_nap(5000);
		race_tell(!ioctl(fd, TIOCVHANGUP), "hung up", "not hung up");
		if (race_chance(2))
			race_discipline(fd, N_AT_LDISC);
		close(fd);
	}
	race_end_child(setter);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, hang_up);
}
