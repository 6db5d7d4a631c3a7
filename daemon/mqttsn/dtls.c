// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "daemon/mqttsn/dtls.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/mqttsn/psk.h"
#include "daemon/tls/trust.h"

/*
 * With a key of both sides, and always with a secret of their own as well:
 * Debian's wolfSSL has no other.  Its X25519 is of no use with these.
 */
#define SUITES_PSK                                                  \
	"ECDHE-PSK-CHACHA20-POLY1305:ECDHE-PSK-AES128-GCM-SHA256:"  \
	"ECDHE-PSK-AES128-CBC-SHA256:DHE-PSK-CHACHA20-POLY1305:"    \
	"DHE-PSK-AES128-GCM-SHA256:DHE-PSK-AES256-GCM-SHA384"

#define DATAGRAM_MAX	65535
#define RECORD_HEADER	13	/* ends with the length of the rest */

struct dtls {
	struct tls_context *context;
	WOLFSSL *wolf;
	int fd;
	bool shaken;		/* the handshake is over */
	bool sent;		/* something, and nobody has asked */
	int refused;		/* errno of an ICMP error, not yet told */
	char why[DTLS_WHY_MAX];
	const char *identity;	/* of psk; both until the handshake is over */
	uint8_t psk[PSK_MAX];
	size_t psk_len;
	size_t taken;		/* bytes of the datagram that wolfSSL has */
	size_t len;
	uint8_t in[DATAGRAM_MAX];
};

/* Whole records, nothing else: RFC 6347 4.1. */
static bool is_dtls(const uint8_t *p, size_t len)
{
	size_t record;

	while (len >= RECORD_HEADER) {
		record = RECORD_HEADER + (size_t)(p[RECORD_HEADER - 2] << 8 |
						  p[RECORD_HEADER - 1]);
		if (record > len)
			return false;
		p += record;
		len -= record;
	}
	return !len;
}

/* False: there is none, or it was to be dropped. */
static bool receive(struct dtls *dtls)
{
	ssize_t n = recv(dtls->fd, dtls->in, sizeof(dtls->in), MSG_DONTWAIT);

	dtls->taken = 0;
	dtls->len = 0;
	if (n >= 0 && is_dtls(dtls->in, (size_t)n))
		dtls->len = (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		dtls->refused = errno;
	return dtls->len;
}

/*
 * In the handshake wolfSSL asks for 1400 bytes at a time, and a flight of the
 * server may come in larger datagrams: the rest is for the next time.
 */
static int on_read(WOLFSSL *wolf, char *buf, int len, void *ctx)
{
	struct dtls *dtls = ctx;
	size_t n = (size_t)len;

	(void)wolf;
	if (dtls->taken == dtls->len && !receive(dtls))
		return WOLFSSL_CBIO_ERR_WANT_READ;
	if (n > dtls->len - dtls->taken)
		n = dtls->len - dtls->taken;
	memcpy(buf, dtls->in + dtls->taken, n);
	dtls->taken += n;
	return (int)n;
}

/*
 * What cannot be sent is lost, as it may be on the way.  A send that reports
 * an ICMP error to an earlier datagram has sent nothing.
 */
static int on_write(WOLFSSL *wolf, char *buf, int len, void *ctx)
{
	struct dtls *dtls = ctx;
	ssize_t n = send(dtls->fd, buf, (size_t)len, MSG_DONTWAIT);

	(void)wolf;
	dtls->sent = true;
	if (n < 0 && errno == ECONNREFUSED) {
		dtls->refused = errno;
		n = send(dtls->fd, buf, (size_t)len, MSG_DONTWAIT);
	}
	return len;
}

/* The words of TLS are about a broker. */
static void set_why(struct dtls *dtls, const char *text)
{
	const char *broker = strstr(text, "broker");

	if (broker)
		snprintf(dtls->why, sizeof(dtls->why), "%.*sgateway%s",
			 (int)(broker - text), text,
			 broker + strlen("broker"));
	else
		snprintf(dtls->why, sizeof(dtls->why), "%s", text);
}

static void note_failure(struct dtls *dtls, int code)
{
	const struct tls_failure *why = tls_alert_of(dtls->wolf);
	char buf[80];

	if (!why && (code == WOLFSSL_ERROR_ZERO_RETURN || dtls->shaken)) {
		set_why(dtls, "closed by the broker");
		return;
	}
	if (!why)
		why = tls_failure_of(code);
	if (!why)
		snprintf(buf, sizeof(buf), "DTLS: %s",
			 wolfSSL_ERR_reason_error_string((unsigned long)code));
	set_why(dtls, why ? why->text : buf);
}

static enum dtls_result result(struct dtls *dtls, int rc)
{
	int code = wolfSSL_get_error(dtls->wolf, rc);

	if (rc > 0)
		return DTLS_OK;
	if (dtls->refused) {
		errno = dtls->refused;
		dtls->refused = 0;
		return DTLS_REFUSED;
	}
	if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE)
		return DTLS_AGAIN;
	note_failure(dtls, code);
	return DTLS_FAILED;
}

/*
 * With a pre-shared key
 */

static unsigned int on_psk(WOLFSSL *wolf, const char *hint, char *identity,
			   unsigned int identity_max, unsigned char *key,
			   unsigned int key_max)
{
	struct dtls *dtls = wolfSSL_get_psk_callback_ctx(wolf);

	(void)hint;
	if (!dtls->psk_len || dtls->psk_len > key_max ||
	    strlen(dtls->identity) > identity_max)
		return 0;
	strcpy(identity, dtls->identity);
	memcpy(key, dtls->psk, dtls->psk_len);
	return (unsigned int)dtls->psk_len;
}

static void forget_psk(struct dtls *dtls)
{
	explicit_bzero(dtls->psk, sizeof(dtls->psk));
	dtls->psk_len = 0;
}

static bool use_psk(struct dtls *dtls, const struct mqtt_tls *args,
		    struct mqtt_reason *why)
{
	why->code = MQTT_TLS_IDENTITY;
	snprintf(why->text, sizeof(why->text), "PSK file cannot be used");
	dtls->identity = args->psk_identity;
	dtls->psk_len = psk_read(args->psk_file, dtls->psk);
	if (!dtls->psk_len)
		return false;
	wolfSSL_set_psk_client_callback(dtls->wolf, on_psk);
	wolfSSL_set_psk_callback_ctx(dtls->wolf, dtls);
	snprintf(why->text, sizeof(why->text), "PSK is not available");
	return wolfSSL_set_cipher_list(dtls->wolf, SUITES_PSK) ==
		       WOLFSSL_SUCCESS &&
	       wolfSSL_UseSupportedCurve(dtls->wolf, WOLFSSL_ECC_SECP256R1) ==
		       WOLFSSL_SUCCESS;
}

/* There is no certificate then, neither theirs nor ours. */
static const struct mqtt_tls no_certificates;

struct dtls *dtls_new(const struct mqtt_tls *args, const char *host, int fd,
		      struct mqtt_reason *why)
{
	struct dtls *dtls = calloc(1, sizeof(*dtls));

	snprintf(why->text, sizeof(why->text), "out of memory");
	if (!dtls)
		return NULL;
	dtls->fd = fd;
	dtls->context = tls_context_new(args->psk_file ? &no_certificates :
							 args,
					host, TLS_OVER_UDP, why);
	if (dtls->context)
		dtls->wolf = tls_context_connection(dtls->context);
	if (!dtls->wolf ||
	    (args->psk_file && !use_psk(dtls, args, why))) {
		dtls_free(dtls);
		return NULL;
	}
	wolfSSL_dtls_set_using_nonblock(dtls->wolf, 1);
	wolfSSL_SSLSetIORecv(dtls->wolf, on_read);
	wolfSSL_SSLSetIOSend(dtls->wolf, on_write);
	wolfSSL_SetIOReadCtx(dtls->wolf, dtls);
	wolfSSL_SetIOWriteCtx(dtls->wolf, dtls);
	return dtls;
}

void dtls_free(struct dtls *dtls)
{
	if (!dtls)
		return;
	if (dtls->shaken)
		wolfSSL_shutdown(dtls->wolf);
	tls_context_disconnect(dtls->context, dtls->wolf, dtls->shaken);
	tls_context_free(dtls->context);
	forget_psk(dtls);
	free(dtls);
}

enum dtls_result dtls_handshake(struct dtls *dtls)
{
	int rc = wolfSSL_connect(dtls->wolf);

	tls_forget_points();
	dtls->shaken = rc == WOLFSSL_SUCCESS;
	if (dtls->shaken)
		forget_psk(dtls);
	return result(dtls, dtls->shaken ? 1 : -1);
}

bool dtls_has_sent(struct dtls *dtls)
{
	bool sent = dtls->sent;

	dtls->sent = false;
	return sent;
}

void dtls_repeat(struct dtls *dtls)
{
	wolfSSL_dtls_retransmit(dtls->wolf);
}

enum dtls_result dtls_read(struct dtls *dtls, void *buf, size_t size,
			   size_t *len)
{
	int rc = wolfSSL_read(dtls->wolf, buf, (int)size);

	*len = rc > 0 ? (size_t)rc : 0;
	return result(dtls, rc);
}

int dtls_write(struct dtls *dtls, const void *buf, size_t len)
{
	int rc = wolfSSL_write(dtls->wolf, buf, (int)len);

	return rc == (int)len ? 0 : -EMSGSIZE;
}

const char *dtls_why(const struct dtls *dtls)
{
	return dtls->why;
}
