/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * From a host name to addresses, in the loop: /etc/hosts, then the name
 * servers.  Who asks for a name that is being asked for already waits for the
 * same answer.  An answer that came when nobody waited any more serves the
 * next who asks, for a minute; that there is no such name is believed for
 * five seconds.
 */
#ifndef ATMQTT_LIB_RESOLVE_H
#define ATMQTT_LIB_RESOLVE_H

#include <sys/socket.h>
#include <uv.h>

struct lookup;

/*
 * The resolver of @loop, whose data it is.  @servers are "address:port,..."
 * instead of the system's, or NULL.  0, or a negative errno.
 */
int resolver_start(uv_loop_t *loop, const char *servers);

/*
 * All look-ups must have ended.  The loop must run once more afterwards, for
 * the handles' close callbacks.  Without a resolver it does nothing.
 */
void resolver_stop(uv_loop_t *loop);

#define FOUND_MAX 16

/* IPv6 and IPv4 take turns; ports are 0. */
struct found {
	const char *why;	/* in words, if there are none */
	unsigned int count;
	struct sockaddr_storage address[FOUND_MAX];
};

/* The lookup is gone; @found is valid during the call. */
typedef void (*lookup_cb)(void *ctx, const struct found *found);

/*
 * Looks up a name, or an address as written (see address.h); @cb is called
 * later, from the loop.  Of the look-ups of one @port_key only so many are
 * under way at a time, the others wait.  NULL without memory.
 */
#define LOOKUPS_PER_PORT 8

struct lookup *lookup_start(uv_loop_t *loop, const char *host,
			    const void *port_key, lookup_cb cb, void *ctx);

/* Nobody waits for it any more: @cb is not called.  NULL is fine. */
void lookup_abandon(struct lookup *lookup);

#endif /* ATMQTT_LIB_RESOLVE_H */
