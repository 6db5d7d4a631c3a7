/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Whom a TLS or DTLS client trusts and who it is: certificates, key and
 * rules, for wolfSSL; and wolfSSL's failures in words.
 */
#ifndef ATMQTT_MQTT_TRUST_H
#define ATMQTT_MQTT_TRUST_H

#include "daemon/mqtt/mqtt.h"

struct WOLFSSL;
struct tls_context;

enum tls_over {
	TLS_OVER_TCP,		/* TLS 1.2 or 1.3 */
	TLS_OVER_UDP,		/* DTLS 1.2, without ALPN */
};

/*
 * Certificates, key and rules for connections to @host, a name or an
 * address.  NULL with @why filled when a file cannot be used.
 */
struct tls_context *tls_context_new(const struct mqtt_tls *args,
				    const char *host, enum tls_over over,
				    struct mqtt_reason *why);
void tls_context_free(struct tls_context *context);

/* wolfSSL's object for a connection; NULL without memory. */
struct WOLFSSL *tls_context_connection(const struct tls_context *context);

/*
 * Why it failed: by the fatal alert that came, or by wolfSSL's error code.
 * NULL when there are no words for it.  They are the thread's until its next
 * call.
 */
struct tls_failure {
	int code;		/* the alert's or wolfSSL's */
	enum mqtt_tls_failure number;
	const char *text;
};

const struct tls_failure *tls_alert_of(struct WOLFSSL *wolf);
const struct tls_failure *tls_failure_of(int code);

/*
 * Frees this thread's cache of curve points, up to 12 MB that wolfSSL never
 * frees: after each step of a handshake, as the next may be another thread's.
 */
void tls_forget_points(void);

#endif /* ATMQTT_MQTT_TRUST_H */
