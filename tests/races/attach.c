// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The discipline is set, held for a moment and taken away again, also by way
 * of another one that knows nothing of disc_data (K1, K2, K3, K13, K14).
 */
#include <sys/ioctl.h>
#include <unistd.h>

#include "race.h"

#define N_NULL 27

static void attach(const char *tty)
{
	int fd = race_open(tty);

	if (fd < 0)
		return;
	if (race_tell(!race_discipline(fd, N_AT_LDISC), "attached", "refused"))
		race_nap(race_chance(4) ? 1000000 : 2000);
	if (race_chance(2))
		race_tell(!race_discipline(fd, race_chance(4) ? N_NULL : N_TTY),
			  "detached", "kept");
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, attach);
}
