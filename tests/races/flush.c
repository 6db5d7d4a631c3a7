// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Queues are flushed while data pass (K9, K11; as LTP's pty05 means it).
 */
#include <termios.h>
#include <unistd.h>

#include "race.h"

static const int queues[] = { TCIFLUSH, TCOFLUSH, TCIOFLUSH };

static void flush(const char *tty)
{
	struct termios t;
	int fd = race_open(tty);
	int i;

	if (fd < 0)
		return;
	for (i = 0; i < 20; i++) {
		race_tell(!tcflush(fd, queues[race_below(3)]), "flushed",
			  "unflushed");
		if (race_chance(4) && !tcgetattr(fd, &t))
			race_tell(!tcsetattr(fd, TCSAFLUSH, &t), "drained",
				  "undrained");
		race_nap(1000);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, flush);
}
