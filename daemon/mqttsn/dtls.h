/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * DTLS 1.2 by wolfSSL on a connected UDP socket: a message a record, a record
 * a datagram.  A connection may go from one thread to another, between calls.
 */
#ifndef ATMQTT_MQTTSN_DTLS_H
#define ATMQTT_MQTTSN_DTLS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/mqtt/mqtt.h"

#define DTLS_WHY_MAX	96

struct dtls;

enum dtls_result {
	DTLS_OK,
	DTLS_AGAIN,		/* nothing (more) came */
	DTLS_REFUSED,		/* an ICMP error; errno is set */
	DTLS_FAILED,		/* it is over: dtls_why() */
};

/*
 * A connection to @host on the socket @fd, by the trust settings of @args,
 * which last until the handshake is over.  NULL with @why filled.  Reads
 * files, so it takes its time.
 */
struct dtls *dtls_new(const struct mqtt_tls *args, const char *host, int fd,
		      struct mqtt_reason *why);

/* Says goodbye if the handshake was through. */
void dtls_free(struct dtls *dtls);

/* Goes on with the handshake; computes, so it takes its time, too. */
enum dtls_result dtls_handshake(struct dtls *dtls);

/* Has it sent anything since it was asked the last time? */
bool dtls_has_sent(struct dtls *dtls);

/* Sends the last flight of the handshake again. */
void dtls_repeat(struct dtls *dtls);

/* The next message, *@len bytes; at most @size. */
enum dtls_result dtls_read(struct dtls *dtls, void *buf, size_t size,
			   size_t *len);

/* 0 or a negative errno. */
int dtls_write(struct dtls *dtls, const void *buf, size_t len);

/* Why it failed, in words. */
const char *dtls_why(const struct dtls *dtls);

#endif /* ATMQTT_MQTTSN_DTLS_H */
