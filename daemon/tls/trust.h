/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Whom a TLS or DTLS client trusts and who it is: certificates, key and
 * rules, for wolfSSL.  For any thread, a context for one at a time.
 */
#ifndef ATMQTT_MQTT_TRUST_H
#define ATMQTT_MQTT_TRUST_H

#include "daemon/mqtt/mqtt.h"
#include "daemon/tls/failure.h"

struct WOLFSSL;
struct tls_context;

enum tls_over {
	TLS_OVER_TCP,		/* TLS 1.2 or 1.3 */
	TLS_OVER_UDP,		/* DTLS 1.2, without ALPN */
};

/*
 * Certificates, key and rules for connections to @host, a name or an
 * address.  Files are read if they have changed since another context had
 * them.  NULL with @why filled when one cannot be used.
 */
struct tls_context *tls_context_new(const struct mqtt_tls *args,
				    const char *host, enum tls_over over,
				    struct mqtt_reason *why);
void tls_context_free(struct tls_context *context);

/*
 * Its connections take up the session of the last good one with the same
 * settings, host, port and client id, and leave theirs.
 */
void tls_context_resume(struct tls_context *context, uint16_t port,
			const char *client_id);

/*
 * wolfSSL's object for a connection; NULL without memory.  The server is
 * verified in its handshake.
 */
struct WOLFSSL *tls_context_connection(const struct tls_context *context);

/* Frees it.  @good: the handshake was, and nothing failed since. */
void tls_context_disconnect(const struct tls_context *context,
			    struct WOLFSSL *wolf, bool good);

/*
 * Frees this thread's cache of curve points, up to 12 MB that wolfSSL never
 * frees: after each step of a handshake, as the next may be another thread's.
 */
void tls_forget_points(void);

#endif /* ATMQTT_MQTT_TRUST_H */
