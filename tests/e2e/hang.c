// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Preloaded: the thread whose name is in the file $HANG stops where it would
 * wait, as long as its name is there.
 */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int is_named(void)
{
	char name[32] = "", wanted[32] = "";
	FILE *f = fopen(getenv("HANG"), "re");

	if (!f)
		return 0;
	if (fgets(wanted, sizeof(wanted), f))
		wanted[strcspn(wanted, "\n")] = '\0';
	fclose(f);
	pthread_getname_np(pthread_self(), name, sizeof(name));
	return *name && strcmp(name, wanted) == 0;
}

static void hang(void)
{
	while (is_named())
		usleep(50000);
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	static int (*next)(struct pollfd *, nfds_t, int);

	if (!next)
		next = (int (*)(struct pollfd *, nfds_t, int))
			dlsym(RTLD_NEXT, "poll");
	hang();
	return next(fds, n, timeout);
}

/* libuv's */
int epoll_pwait(int fd, struct epoll_event *events, int n, int timeout,
		const sigset_t *mask)
{
	static int (*next)(int, struct epoll_event *, int, int,
			   const sigset_t *);

	if (!next)
		next = (int (*)(int, struct epoll_event *, int, int,
				const sigset_t *))
			dlsym(RTLD_NEXT, "epoll_pwait");
	hang();
	return next(fd, events, n, timeout, mask);
}
