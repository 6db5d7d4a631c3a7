// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/n_at_socket.h"

#include <netlink/genl/genl.h>
#include <sys/socket.h>

/*
 * A line of each of 256 ports, of the longest kind.  Without CAP_NET_ADMIN it
 * is net.core.rmem_max at most, which is enough for short ones.
 */
#define RECEIVE_BUF	(256 * 16384)

int n_at_connect(struct nl_sock *sock)
{
	int err = genl_connect(sock);
	int size = RECEIVE_BUF;
	int fd;

	if (err)
		return err;
	fd = nl_socket_get_fd(sock);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}
