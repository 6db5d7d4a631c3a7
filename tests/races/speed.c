// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Speed, framing and flow control change by TCSETS, TCSETSW and TCSETSF under
 * the discipline, which changes them itself (K2, K18).
 */
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "race.h"

static const speed_t speeds[] = { B9600, B57600, B115200, B230400 };
static const int actions[] = { TCSANOW, TCSANOW, TCSADRAIN, TCSAFLUSH };

static void vary(struct termios *t)
{
	cfsetspeed(t, speeds[race_below(4)]);
	t->c_cflag ^= race_chance(2) ? CRTSCTS : 0;
	t->c_iflag ^= race_chance(2) ? IXON : 0;
	t->c_iflag ^= race_chance(2) ? IXOFF : 0;
	t->c_cflag |= CLOCAL;
}

static void change(const char *tty)
{
	struct termios t;
	int fd = race_open(tty);
	int i;

	if (fd < 0)
		return;
	for (i = 0; i < 20 && !tcgetattr(fd, &t); i++) {
		vary(&t);
		race_tell(!tcsetattr(fd, actions[race_below(4)], &t), "changed",
			  "unchanged");
		race_nap(5000);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, change);
}
