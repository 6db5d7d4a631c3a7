// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Pseudo terminals with a host on the master, which goes away now and then, as
 * an unplugged adapter does (K8, K12).  The slaves are found by the names given.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "host.h"
#include "race.h"

#define LIFE_SECONDS 2

static void publish(const char *slave, const char *name)
{
	char other[256];

	snprintf(other, sizeof(other), "%s.new", name);
	unlink(other);
	if (symlink(slave, other) || rename(other, name))
		race_fail("cannot make %s", name);
}

static int open_master(const char *name)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	struct termios t;

	if (fd < 0 || grantpt(fd) || unlockpt(fd) || tcgetattr(fd, &t)) {
		race_fail("no pty for %s", name);
		exit(1);
	}
	cfmakeraw(&t);
	tcsetattr(fd, TCSANOW, &t);
	publish(ptsname(fd), name);
	return fd;
}

static void be_host(const char *name)
{
	double end = race_now() + LIFE_SECONDS * (1 + race_below(3));
	int fd = open_master(name);

	race_count("born");
	while (race_now() < end && host_step(fd))
		;
	close(fd);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, be_host);
}
