/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * From a host name to addresses, in the loop's thread pool: paho would look
 * names up under its lock.
 */
#ifndef ATMQTT_MQTT_RESOLVE_H
#define ATMQTT_MQTT_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

struct lookup;

/* @found is NULL when there is no such name.  Frees the lookup afterwards. */
typedef void (*lookup_cb)(void *ctx, const struct addrinfo *found);

/* NULL when no lookup can be started. */
struct lookup *lookup_start(uv_loop_t *loop, const char *host, lookup_cb cb,
			    void *ctx);

/* Is it for this host?  Then it serves another open as well. */
bool lookup_matches(const struct lookup *lookup, const char *host);

/* Nobody waits for it any more; it frees itself when it ends. */
void lookup_abandon(struct lookup *lookup);

/*
 * An address as written: IPv6, or IPv4 with one to three decimal digits a
 * part (192.168.001.010 is not octal).
 */
bool address_parse(const char *host, uint16_t port,
		   struct sockaddr_storage *address);

/* Writes it as the standard text; @text has INET6_ADDRSTRLEN bytes. */
void address_format(const struct sockaddr_storage *address, char *text);

void address_set_port(struct sockaddr_storage *address, uint16_t port);

#endif /* ATMQTT_MQTT_RESOLVE_H */
