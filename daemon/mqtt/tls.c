// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/mqtt/conn.h"
#include "daemon/mqtt/tls.h"
#include "daemon/tls/trust.h"

#define RECORD_ALERT		21
#define RECORD_HANDSHAKE	22

/* Used under its connection's lock: wolfSSL's objects are not thread safe. */
struct tls {
	struct tls_context *context;
	WOLFSSL *wolf;
	struct conn *conn;
	int fd;
	bool shaken;		/* the handshake is over */
	bool heard;		/* the peer sent something */
	bool foreign;		/* and that was not TLS */
	bool broken;		/* nothing more can be sent */
};

static _Thread_local enum tls_error last_error;

int tls_init(void)
{
	return wolfSSL_Init() == WOLFSSL_SUCCESS ? 0 : -ENOMEM;
}

enum tls_error tls_error(void)
{
	return last_error;
}

static void note_failure(struct tls *tls, int code)
{
	const struct tls_failure *why = tls_alert_of(tls->wolf);
	char buf[100];

	if (!why && !tls->shaken && (tls->foreign || !tls->heard))
		why = tls_failure_of(UNKNOWN_RECORD_TYPE);
	if (!why && tls->shaken &&
	    (code == SOCKET_PEER_CLOSED_E || code == SOCKET_ERROR_E)) {
		conn_fail(tls->conn, 0, "closed by the broker");
		return;
	}
	if (!why)
		why = tls_failure_of(code);
	if (why) {
		conn_fail(tls->conn, why->number, why->text);
		return;
	}
	snprintf(buf, sizeof(buf), "TLS: %s",
		 wolfSSL_ERR_reason_error_string(code));
	conn_fail(tls->conn, MQTT_TLS_HANDSHAKE, buf);
}

/* Sets what tls_error() tells of the result @rc; wolfSSL's error code. */
static int set_error(struct tls *tls, int rc)
{
	int code = wolfSSL_get_error(tls->wolf, rc);

	if (rc > 0)
		last_error = TLS_ERROR_NONE;
	else if (code == WOLFSSL_ERROR_WANT_READ)
		last_error = TLS_ERROR_WANT_READ;
	else if (code == WOLFSSL_ERROR_WANT_WRITE)
		last_error = TLS_ERROR_WANT_WRITE;
	else if (code == WOLFSSL_ERROR_ZERO_RETURN)
		last_error = TLS_ERROR_ZERO_RETURN;
	else
		last_error = TLS_ERROR_SSL;
	return code;
}

/* Notes a failure, too. */
static int result(struct tls *tls, int rc)
{
	int code = set_error(tls, rc);

	if (last_error == TLS_ERROR_ZERO_RETURN)
		conn_fail(tls->conn, 0, "closed by the broker");
	else if (last_error == TLS_ERROR_SSL)
		note_failure(tls, code);
	return rc;
}

static int on_read(WOLFSSL *wolf, char *buf, int len, void *ctx)
{
	struct tls *tls = ctx;
	ssize_t n = recv(tls->fd, buf, len, MSG_DONTWAIT);

	(void)wolf;
	if (n > 0) {
		if (!tls->heard && buf[0] != RECORD_ALERT &&
		    buf[0] != RECORD_HANDSHAKE)
			tls->foreign = true;
		tls->heard = true;
		conn_hear(tls->conn);
		return n;
	}
	/* a broker on a plain port resets what it does not understand */
	if (n == 0 || (errno == ECONNRESET && !tls->heard))
		return WOLFSSL_CBIO_ERR_CONN_CLOSE;
	if (errno == EAGAIN || errno == EINTR)
		return WOLFSSL_CBIO_ERR_WANT_READ;
	conn_fail_errno(tls->conn, errno);
	return WOLFSSL_CBIO_ERR_GENERAL;
}

/*
 * An error would stop wolfSSL from reading, too; but the alert that tells
 * why the peer has gone may be there to be read.
 */
static int on_write(WOLFSSL *wolf, char *buf, int len, void *ctx)
{
	struct tls *tls = ctx;
	ssize_t n = send(tls->fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)wolf;
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return WOLFSSL_CBIO_ERR_WANT_WRITE;
	if (errno != EPIPE && errno != ECONNRESET)
		conn_fail_errno(tls->conn, errno);
	tls->broken = true;
	return WOLFSSL_CBIO_ERR_WANT_WRITE;
}

struct tls *tls_new(struct tls_context *context, struct conn *conn, int fd)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->context = context;
	tls->conn = conn;
	tls->fd = fd;
	tls->wolf = tls_context_connection(context);
	if (!tls->wolf) {
		tls_free(tls);
		return NULL;
	}
	wolfSSL_SSLSetIORecv(tls->wolf, on_read);
	wolfSSL_SSLSetIOSend(tls->wolf, on_write);
	wolfSSL_SetIOReadCtx(tls->wolf, tls);
	wolfSSL_SetIOWriteCtx(tls->wolf, tls);
	return tls;
}

void tls_free(struct tls *tls)
{
	tls_context_disconnect(tls->context, tls->wolf, tls->shaken);
	free(tls);
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

/* The loop reads it behind CONNACK, which comes behind this. */
static void shaken(struct tls *tls)
{
	tls->shaken = true;
	snprintf(tls->conn->cipher, sizeof(tls->conn->cipher), "%s %s",
		 wolfSSL_get_version(tls->wolf), cipher_name(tls->wolf));
}

int tls_connect(struct tls *tls)
{
	int rc;

	pthread_mutex_lock(&tls->conn->io);
	rc = result(tls, wolfSSL_connect(tls->wolf));
	if (rc > 0)
		shaken(tls);
	else if (tls->broken)
		last_error = TLS_ERROR_SSL;
	tls_forget_points();
	pthread_mutex_unlock(&tls->conn->io);
	return rc > 0 ? 1 : -1;
}

static ssize_t raw_read(void *ctx, void *buf, size_t len)
{
	struct tls *tls = ctx;
	int rc = result(tls, wolfSSL_read(tls->wolf, buf, (int)len));

	if (rc > 0)
		return rc;
	errno = last_error == TLS_ERROR_SSL ? EIO : EAGAIN;
	return last_error == TLS_ERROR_ZERO_RETURN ? 0 : -1;
}

int tls_read(struct tls *tls, void *buf, int len)
{
	ssize_t n;

	pthread_mutex_lock(&tls->conn->io);
	n = conn_read(tls->conn, buf, (size_t)len, raw_read, tls);
	if (n > 0)
		last_error = TLS_ERROR_NONE;
	else if (n < 0)
		last_error = errno == EAGAIN ? TLS_ERROR_WANT_READ :
					       TLS_ERROR_SSL;
	conn_set_pending(tls->conn, wolfSSL_pending(tls->wolf) > 0);
	pthread_mutex_unlock(&tls->conn->io);
	return (int)n;
}

static int write_locked(struct tls *tls, const void *buf, int len)
{
	int rc;

	if (tls->broken || conn_is_cut(tls->conn)) {
		last_error = TLS_ERROR_NONE;
		return len;
	}
	rc = wolfSSL_write(tls->wolf, buf, len);
	set_error(tls, rc);
	if (!tls->broken && (last_error == TLS_ERROR_WANT_READ ||
			     last_error == TLS_ERROR_WANT_WRITE)) {
		conn_wait_to_write(tls->conn, true);
		return -1;
	}
	conn_wait_to_write(tls->conn, false);
	if (rc > 0) {
		conn_sent(tls->conn, buf, (size_t)rc);
		return rc;
	}
	/* see glue_writev(): for paho a write never fails */
	tls->broken = true;
	conn_cut(tls->conn, NULL);
	last_error = TLS_ERROR_NONE;
	return len;
}

int tls_write(struct tls *tls, const void *buf, int len)
{
	int rc;

	pthread_mutex_lock(&tls->conn->io);
	rc = write_locked(tls, buf, len);
	pthread_mutex_unlock(&tls->conn->io);
	return rc;
}

int tls_pending(struct tls *tls)
{
	int n;

	pthread_mutex_lock(&tls->conn->io);
	n = wolfSSL_pending(tls->wolf) + tls->conn->door.more;
	pthread_mutex_unlock(&tls->conn->io);
	return n;
}

void tls_shutdown(struct tls *tls)
{
	pthread_mutex_lock(&tls->conn->io);
	if (tls->shaken && !tls->broken && !conn_is_cut(tls->conn))
		wolfSSL_shutdown(tls->wolf);
	pthread_mutex_unlock(&tls->conn->io);
}
