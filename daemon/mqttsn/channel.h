/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A connected UDP socket in the event loop, with or without DTLS.  It takes
 * nothing from other addresses and is told of ICMP errors.
 */
#ifndef ATMQTT_MQTTSN_CHANNEL_H
#define ATMQTT_MQTTSN_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <uv.h>

#include "daemon/mqtt/mqtt.h"

struct channel;

/* Each may close the channel. */
struct channel_callbacks {
	/* Datagrams can be sent from now on. */
	void (*ready)(void *ctx);
	/* It is over, @why in words: channel_close() is left to be done. */
	void (*failed)(void *ctx, const char *why);
	/* An ICMP error: what was sent before has not arrived. */
	void (*refused)(void *ctx, const char *why);
	void (*input)(void *ctx, const void *buf, size_t len);
};

/*
 * To @to, by @args->tls with DTLS.  ready() or failed() follows.  NULL with
 * errno set when there is no memory, no socket or no route.
 */
struct channel *channel_open(uv_loop_t *loop, const struct sockaddr *to,
			     const struct mqtt_open *args,
			     const struct channel_callbacks *cb, void *ctx);

/* Calls nothing back any more.  NULL is fine. */
void channel_close(struct channel *channel);

/*
 * Was something of the handshake sent twice?  wolfSSL (5.5.4 at least) puts
 * a certificate together wrongly when its fragments are cut differently the
 * second time; so a failure may be due to that, and not to the peer.
 */
bool channel_is_lossy(const struct channel *channel);

/* One datagram, once ready.  0 or a negative errno. */
int channel_send(struct channel *channel, const void *buf, size_t len);

#endif /* ATMQTT_MQTTSN_CHANNEL_H */
