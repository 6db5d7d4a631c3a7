// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The module, removed whenever nothing holds it, and loaded again.
 *
 *   module SECONDS FILE.ko
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "race.h"

static void load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (race_tell(!syscall(SYS_finit_module, fd, "", 0), "loaded",
		      "not loaded"))
		race_nap(50000);
	else if (errno != EEXIST)
		race_fail("cannot load %s: %s", file, strerror(errno));
	close(fd);
}

static void reload(char **arguments)
{
	if (race_tell(!syscall(SYS_delete_module, "n_at", O_NONBLOCK),
		      "removed", "held")) {
		race_nap(5000);
		load(arguments[0]);
	} else {
		race_nap(2000);
	}
}

int main(int argc, char **argv)
{
	return race_alone(argc, argv, reload);
}
