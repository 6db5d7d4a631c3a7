// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/n_at_socket.h"

#include <netlink/genl/genl.h>
#include <sys/socket.h>

int n_at_connect(struct nl_sock *sock, int room)
{
	int err = genl_connect(sock);
	int fd;

	if (err)
		return err;
	fd = nl_socket_get_fd(sock);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	return 0;
}
