/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a host may reach, by patterns of a name or an address, and a port:
 *
 *   broker.example.com:8883   *.example.com:*   *:1883
 *   192.0.2.7:1883   10.0.0.0/8:*   [2001:db8::7]:1883   [fd00::/8]:*
 *
 * Without a pattern it is everything but what only the board itself can
 * reach: its own addresses, loopback, link-local, multicast and broadcast
 * ones.  These need a pattern of an address that names them, whatever name
 * leads there.
 */
#ifndef ATMQTT_LIB_REACH_H
#define ATMQTT_LIB_REACH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define REACH_REFUSED "host not allowed"

struct reach;

/* With no pattern; NULL without memory. */
struct reach *reach_new(void);
void reach_free(struct reach *reach);	/* NULL is fine */

/* 0, -EINVAL if it is no pattern, -ENOMEM */
int reach_add(struct reach *reach, const char *pattern);

/*
 * Is @host (a name, or an address) to be looked up at all?  No name server
 * needs to know it otherwise.
 */
bool reach_may_ask(const struct reach *reach, const char *host, uint16_t port);

/* May @address be connected to, its port with it, as one of @host's? */
bool reach_allows(const struct reach *reach, const char *host,
		  const struct sockaddr_storage *address);

#endif /* ATMQTT_LIB_REACH_H */
