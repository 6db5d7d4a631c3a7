// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Attaching fails at each allocation in turn, and for who may not: the tty is
 * N_TTY's again afterwards and works (K13, K20).
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "race.h"

#define NOBODY 65534
#define ALLOCATIONS 200 /* more than an attachment makes */

/* Fail for GFP_KERNEL too, and do not tell of it in the log. */
static const struct {
	const char *path;
	const char *value;
} knobs[] = {
	{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
	{ "/sys/kernel/debug/failslab/verbose", "0" },
	{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
	{ "/sys/kernel/debug/fail_page_alloc/verbose", "0" },
};

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		race_count("unprepared");
	close(fd);
}

/* The @nth allocation of this process from now on fails; 0: none. */
static void arm(int fail_nth, int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(fail_nth, text, n, 0) != n)
		race_fail("cannot arm a failure: %s", strerror(errno));
}

/* True: it has failed already. */
static bool is_spent(int fail_nth)
{
	char text[16] = "";

	return pread(fail_nth, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
}

static void check_works(int master, int slave)
{
	char c = 0;
	int number = -1;

	ioctl(slave, TIOCGETD, &number);
	if (number != N_TTY)
		race_fail("the discipline is %d", number);
	if (write(master, "x", 1) != 1 || read(slave, &c, 1) != 1 || c != 'x')
		race_fail("the tty does not work after a failed attachment");
}

static bool fail_at(int nth, int fail_nth, int master, int slave)
{
	bool spent;
	int err;

	arm(fail_nth, nth);
	err = race_discipline(slave, N_AT_LDISC) ? errno : 0;
	spent = is_spent(fail_nth);
	arm(fail_nth, 0);
	if (err && err != ENOMEM)
		race_fail("allocation %d fails: %s", nth, strerror(err));
	if (err)
		check_works(master, slave);
	race_count(err ? "failed" : spent ? "spared" : "attached");
	if (!err && race_discipline(slave, N_TTY))
		race_fail("cannot detach");
	return spent;
}

static void try_unprivileged(int slave)
{
	pid_t pid = race_fork();
	int status;

	if (!pid) {
		if (setuid(NOBODY))
			_exit(2);
		_exit(!race_discipline(slave, N_AT_LDISC) || errno != EPERM);
	}
	waitpid(pid, &status, 0);
	if (race_tell(!status, "not permitted", "permitted"))
		return;
	race_fail("nobody can attach");
}

static void fail_everywhere(char **arguments)
{
	int fail_nth = open("/proc/thread-self/fail-nth", O_RDWR);
	int master, slave, nth, i;
	struct termios raw = {};

	(void)arguments;
	for (i = 0; i < 4; i++)
		write_text(knobs[i].path, knobs[i].value);
	cfmakeraw(&raw);
	raw.c_cflag = CS8 | CREAD | CLOCAL | B115200;
	if (openpty(&master, &slave, NULL, &raw, NULL)) {
		race_fail("no pty");
		return;
	}
	try_unprivileged(slave);
	check_works(master, slave);
	for (nth = 1; fail_nth >= 0 && nth < ALLOCATIONS; nth++)
		if (!fail_at(nth, fail_nth, master, slave))
			break;
	if (nth == ALLOCATIONS)
		race_fail("attaching does not come to an end");
	close(fail_nth);
	close(slave);
	close(master);
}

int main(int argc, char **argv)
{
	return race_alone(argc, argv, fail_everywhere);
}
