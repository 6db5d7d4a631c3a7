// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A second opener does whatever an open tty allows.  Only open, so that even
 * the last close is somebody's (K2, K4, K11, K17).
 */
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "race.h"

static int out_queue(int fd)
{
	int n;

	return ioctl(fd, TIOCOUTQ, &n);
}

static int in_queue(int fd)
{
	int n;

	return ioctl(fd, FIONREAD, &n);
}

/* Both stop and go on: a line that stays stopped tells nothing. */
static int flow(int fd)
{
	int on = race_chance(2);
	int err = tcflow(fd, on ? TCOOFF : TCIOFF);

	race_nap(2000);
	return err | tcflow(fd, on ? TCOON : TCION);
}

static int inject(int fd)
{
	return ioctl(fd, TIOCSTI, "A");
}

static int modem(int fd)
{
	int bits = TIOCM_RTS | TIOCM_DTR;

	return ioctl(fd, race_chance(2) ? TIOCMBIS : TIOCMBIC, &bits);
}

static int send_break(int fd)
{
	return ioctl(fd, TCSBRKP, 1);
}

static int wait_for_event(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 1) < 0;
}

static int move(int fd)
{
	char c[16];

	return read(fd, c, sizeof(c)) < 0 || write(fd, "AT\r", 3) < 0;
}

static int again(int fd)
{
	return race_discipline(fd, N_AT_LDISC);
}

static int (*const deeds[])(int fd) = {
	out_queue, in_queue, flow, inject, modem, send_break,
	wait_for_event, move, again,
};

#define DEEDS (sizeof(deeds) / sizeof(*deeds))

static void open_and_do(const char *tty)
{
	int fd = race_open(tty);
	int i;

	if (fd < 0)
		return;
	race_count("opened");
	for (i = race_below(16); i > 0; i--)
		race_tell(!deeds[race_below(DEEDS)](fd), "done", "undone");
	race_nap(1000);
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, open_and_do);
}
