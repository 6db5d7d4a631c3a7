// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Attaches and is killed without a TIOCSETD back, as ldattach by the OOM
 * killer: the driver is shut down while the discipline is still there.
 */
#include <unistd.h>

#include "race.h"

#define LIFE_US 400000

static void attach_and_stay(void *tty)
{
	int fd = race_open(tty);

	if (fd < 0)
		return;
	if (race_tell(!race_discipline(fd, N_AT_LDISC), "attached", "refused"))
		pause();
	close(fd);
}

static void live_and_die(const char *tty)
{
	pid_t pid = race_child(attach_and_stay, (void *)tty);

	race_nap(LIFE_US);
	race_end_child(pid);
	race_count("killed");
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, live_and_die);
}
