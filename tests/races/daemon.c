// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The real daemon, started and killed.
 *
 *   daemon SECONDS COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "race.h"

static void be_daemon(char **command)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 1);
	dup2(null, 2);
	execv(command[0], command);
	_exit(127);
}

static void start_and_kill(char **command)
{
	pid_t pid = race_fork();
	int status;

	if (!pid)
		be_daemon(command);
	race_nap(4000000);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		race_count("killed");
	else
		race_fail("the daemon ended by itself: status 0x%x", status);
}

int main(int argc, char **argv)
{
	return race_alone(argc, argv, start_and_kill);
}
