// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Preloaded into the daemon under test: each message that it sends by netlink
 * takes SLOW_US microseconds more.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_netlink(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	return getsockname(fd, (struct sockaddr *)&addr, &len) == 0 &&
	       addr.ss_family == AF_NETLINK;
}

static void delay(int fd)
{
	const char *us = getenv("SLOW_US");

	if (us && is_netlink(fd))
		usleep(strtoul(us, NULL, 10));
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t (*next)(int fd, const struct msghdr *msg, int flags) =
		dlsym(RTLD_NEXT, "sendmsg");

	delay(fd);
	return next(fd, msg, flags);
}

ssize_t sendto(int fd, const void *buf, size_t len, int flags,
	       const struct sockaddr *to, socklen_t to_len)
{
	ssize_t (*next)(int fd, const void *buf, size_t len, int flags,
			const struct sockaddr *to, socklen_t to_len) =
		dlsym(RTLD_NEXT, "sendto");

	delay(fd);
	return next(fd, buf, len, flags, to, to_len);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	ssize_t (*next)(int fd, const void *buf, size_t len, int flags) =
		dlsym(RTLD_NEXT, "send");

	delay(fd);
	return next(fd, buf, len, flags);
}
