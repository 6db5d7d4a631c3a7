// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * While a step runs the object is the pool's, else the loop's.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "daemon/tls/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/tls/trust.h"

#define RECORD_ALERT		21
#define RECORD_HANDSHAKE	22

struct tls {
	struct tls_args args;
	uv_work_t work;
	bool stepping;
	enum tls_step step;
	struct tls_context *context;	/* of the first step */
	WOLFSSL *wolf;
	bool shaken;		/* the handshake is over */
	bool heard;		/* the peer sent something */
	bool foreign;		/* and that was not TLS */
	bool broken;		/* nothing more can be sent */
	int err;		/* of the socket; 0: none */
	char cipher[TLS_CIPHER_MAX];
	struct mqtt_reason why;
};

/* ---- reasons ---- */

static void fail(struct tls *tls, int code, const char *why)
{
	if (tls->why.text[0])
		return;
	tls->why.code = code;
	snprintf(tls->why.text, sizeof(tls->why.text), "%s", why);
}

static bool is_closed_by_peer(int code)
{
	return code == SOCKET_PEER_CLOSED_E || code == SOCKET_ERROR_E ||
	       code == WOLFSSL_ERROR_ZERO_RETURN;
}

/* The peer's alert says more than what wolfSSL makes of the end. */
static void note_failure(struct tls *tls, int code)
{
	const struct tls_failure *why = tls_alert_of(tls->wolf);
	char buf[100];

	if (!why && tls->err)
		return;
	if (!why && !tls->shaken && (tls->foreign || !tls->heard))
		why = tls_failure_of(UNKNOWN_RECORD_TYPE);
	if (!why && tls->shaken && is_closed_by_peer(code)) {
		fail(tls, 0, "closed by the broker");
		return;
	}
	if (!why)
		why = tls_failure_of(code);
	if (why) {
		fail(tls, why->number, why->text);
		return;
	}
	snprintf(buf, sizeof(buf), "TLS: %s",
		 wolfSSL_ERR_reason_error_string(code));
	fail(tls, MQTT_TLS_HANDSHAKE, buf);
}

/* ---- the socket, for wolfSSL ---- */

static int on_recv(WOLFSSL *wolf, char *buf, int len, void *ctx)
{
	struct tls *tls = ctx;
	ssize_t n = recv(tls->args.fd, buf, len, MSG_DONTWAIT);

	(void)wolf;
	if (n > 0) {
		if (!tls->heard && buf[0] != RECORD_ALERT &&
		    buf[0] != RECORD_HANDSHAKE)
			tls->foreign = true;
		tls->heard = true;
		return (int)n;
	}
	/* a broker on a plain port resets what it does not understand */
	if (n == 0 || (errno == ECONNRESET && !tls->heard))
		return WOLFSSL_CBIO_ERR_CONN_CLOSE;
	if (errno == EAGAIN || errno == EINTR)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	tls->err = errno;
	return WOLFSSL_CBIO_ERR_GENERAL;
}

/*
 * An error would stop wolfSSL from reading, too; but the alert that tells
 * why the peer has gone may be there to be read.
 */
static int send_now(struct tls *tls, const char *buf, int len)
{
	ssize_t n = send(tls->args.fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n >= 0)
		return (int)n;
	if (errno == EAGAIN || errno == EINTR)
		return WOLFSSL_CBIO_ERR_WANT_WRITE;
	if (errno != EPIPE && errno != ECONNRESET)
		tls->err = errno;
	tls->broken = true;
	return WOLFSSL_CBIO_ERR_WANT_WRITE;
}

static int on_send(WOLFSSL *wolf, char *buf, int len, void *ctx)
{
	struct tls *tls = ctx;

	(void)wolf;
	if (!tls->shaken)
		return send_now(tls, buf, len);
	tls->args.send(tls->args.ctx, buf, (size_t)len);
	return len;
}

/* ---- steps, in the pool ---- */

static bool prepare(struct tls *tls)
{
	if (tls->wolf)
		return true;
	tls->context = tls_context_new(tls->args.tls, tls->args.host,
				       TLS_OVER_TCP, &tls->why);
	if (!tls->context)
		return false;
	tls_context_resume(tls->context, tls->args.port, tls->args.client_id);
	tls->wolf = tls_context_connection(tls->context);
	if (!tls->wolf) {
		fail(tls, 0, "out of memory");
		return false;
	}
	wolfSSL_SSLSetIORecv(tls->wolf, on_recv);
	wolfSSL_SSLSetIOSend(tls->wolf, on_send);
	wolfSSL_SetIOReadCtx(tls->wolf, tls);
	wolfSSL_SetIOWriteCtx(tls->wolf, tls);
	return true;
}

/* By IANA's list; what wolfSSL calls it is another. */
static const char *cipher_name(WOLFSSL *wolf)
{
	WOLFSSL_CIPHER *cipher = wolfSSL_get_current_cipher(wolf);
	uint32_t id = wolfSSL_CIPHER_get_id(cipher);
	const char *name = wolfSSL_get_cipher_name_iana_from_suite(
		(unsigned char)(id >> 8), (unsigned char)id);

	return name ? name : "?";
}

static void shaken(struct tls *tls)
{
	tls->shaken = true;
	snprintf(tls->cipher, sizeof(tls->cipher), "%s %s",
		 wolfSSL_get_version(tls->wolf), cipher_name(tls->wolf));
}

static enum tls_step shake(struct tls *tls)
{
	int rc = wolfSSL_connect(tls->wolf);
	int code = wolfSSL_get_error(tls->wolf, rc);

	if (rc == WOLFSSL_SUCCESS) {
		shaken(tls);
		return TLS_OPEN;
	}
	if (code == WOLFSSL_ERROR_WANT_READ)
		return TLS_WANTS_READ;
	if (code == WOLFSSL_ERROR_WANT_WRITE && !tls->broken)
		return TLS_WANTS_WRITE;
	note_failure(tls, code == WOLFSSL_ERROR_WANT_WRITE ? SOCKET_ERROR_E :
							     code);
	return TLS_FAILED;
}

static void run_step(uv_work_t *work)
{
	struct tls *tls = work->data;

	tls->step = prepare(tls) ? shake(tls) : TLS_FAILED;
	tls_forget_points();
}

static void on_stepped(uv_work_t *work, int status)
{
	struct tls *tls = work->data;

	(void)status;
	tls->stepping = false;
	tls->args.stepped(tls->args.ctx, tls->step);
}

void tls_step(struct tls *tls)
{
	tls->stepping = true;
	tls->work.data = tls;
	uv_queue_work(tls->args.loop, &tls->work, run_step, on_stepped);
}

bool tls_is_stepping(const struct tls *tls)
{
	return tls->stepping;
}

/* ---- the loop ---- */

int tls_init(void)
{
	return wolfSSL_Init() == WOLFSSL_SUCCESS ? 0 : -ENOMEM;
}

struct tls *tls_new(const struct tls_args *args)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls)
		tls->args = *args;
	return tls;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	if (tls->context)
		tls_context_disconnect(tls->context, tls->wolf, tls->shaken);
	tls_context_free(tls->context);
	free(tls);
}

ssize_t tls_read(struct tls *tls, void *buf, size_t len)
{
	int rc = wolfSSL_read(tls->wolf, buf, (int)len);
	int code;

	if (rc > 0)
		return rc;
	code = wolfSSL_get_error(tls->wolf, rc);
	if (code == WOLFSSL_ERROR_WANT_READ ||
	    code == WOLFSSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	note_failure(tls, code);
	errno = EIO;
	return code == WOLFSSL_ERROR_ZERO_RETURN ? 0 : -1;
}

bool tls_is_pending(struct tls *tls)
{
	return wolfSSL_pending(tls->wolf) > 0;
}

bool tls_write(struct tls *tls, const void *bytes, size_t len)
{
	return wolfSSL_write(tls->wolf, bytes, (int)len) == (int)len;
}

void tls_shutdown(struct tls *tls)
{
	wolfSSL_shutdown(tls->wolf);
}

const char *tls_cipher(const struct tls *tls)
{
	return tls->cipher;
}

const struct mqtt_reason *tls_why(const struct tls *tls)
{
	return &tls->why;
}

int tls_errno(const struct tls *tls)
{
	return tls->err;
}
