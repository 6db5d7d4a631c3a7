/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A socket for generic netlink that holds the lines of many ports at once, for
 * the daemon and for atmqttctl.
 */
#ifndef ATMQTT_N_AT_SOCKET_H
#define ATMQTT_N_AT_SOCKET_H

#include <netlink/socket.h>

/*
 * Connects @sock, with room for so many bytes; 0, or a negative NLE_* code of libnl.  The system's limit on
 * receive buffers holds only for callers without CAP_NET_ADMIN: with less
 * memory lines wait a little longer in n_at, and a monitor misses some.
 */
int n_at_connect(struct nl_sock *sock, int room);

#endif /* ATMQTT_N_AT_SOCKET_H */
