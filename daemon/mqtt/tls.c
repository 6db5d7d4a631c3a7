// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "conn.h"
#include "pem.h"
#include "tls.h"

/*
 * Debian's wolfSSL has no AES instructions: ChaCha20 first.  The list is
 * explicit because its default holds suites without authentication.
 */
#define SUITES                                                     \
	"TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:"  \
	"TLS13-AES256-GCM-SHA384:"                                 \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
	"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384"

#define SUITES_TLS13                                              \
	"TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:" \
	"TLS13-AES256-GCM-SHA384"

#define RECORD_ALERT		21
#define RECORD_HANDSHAKE	22

struct tls_context {
	WOLFSSL_CTX *wolf;
	bool verify;
	bool is_address;	/* host is no name */
	const char *alpn;	/* behind host, or NULL */
	char host[];
};

struct tls {
	pthread_mutex_t lock;	/* wolfSSL's objects are not thread safe */
	WOLFSSL *wolf;
	struct conn *conn;
	int fd;
	bool shaken;		/* the handshake is over */
	bool heard;		/* the peer sent something */
	bool foreign;		/* and that was not TLS */
	bool broken;		/* nothing more can be sent */
};

static _Thread_local enum tls_error last_error;

struct words {
	int code;
	const char *text;
};

static const struct words failures[] = {
	{ ASN_NO_SIGNER_E, "certificate not trusted" },
	{ ASN_SELF_SIGNED_E, "certificate not trusted" },
	{ ASN_SIG_CONFIRM_E, "certificate not trusted" },
	{ VERIFY_CERT_ERROR, "certificate not trusted" },
	{ ASN_AFTER_DATE_E, "certificate has expired" },
	{ ASN_BEFORE_DATE_E, "certificate is not valid yet" },
	{ DOMAIN_NAME_MISMATCH, "host name does not match the certificate" },
	{ IPADDR_MISMATCH, "address does not match the certificate" },
	{ VERSION_ERROR, "TLS version not supported by the broker" },
	{ MATCH_SUITE_ERROR, "no TLS cipher suite in common" },
	{ UNSUPPORTED_SUITE, "no TLS cipher suite in common" },
	{ UNKNOWN_RECORD_TYPE, "not a TLS server" },
	{ NO_PEER_CERT, "the broker has no certificate" },
	{ SOCKET_PEER_CLOSED_E, "closed by the broker in the TLS handshake" },
	{ SOCKET_ERROR_E, "closed by the broker in the TLS handshake" },
};

static const struct words alerts[] = {
	{ 40, "TLS handshake refused by the broker" },
	{ 42, "client certificate not accepted" },
	{ 43, "client certificate not accepted" },
	{ 44, "client certificate revoked" },
	{ 45, "client certificate has expired" },
	{ 46, "client certificate not accepted" },
	{ 48, "client certificate not trusted by the broker" },
	{ 51, "client key does not match its certificate" },
	{ 70, "TLS version not supported by the broker" },
	{ 71, "TLS handshake refused by the broker" },
	{ 112, "host name not known to the broker" },
	{ 116, "client certificate required" },
	{ 120, "no ALPN protocol in common" },
};

int tls_init(void)
{
	return wolfSSL_Init() == WOLFSSL_SUCCESS ? 0 : -ENOMEM;
}

enum tls_error tls_error(void)
{
	return last_error;
}

/* wolfSSL's cache of curve points: up to 12 MB a thread, never freed. */
static void forget_points(void)
{
	wc_ecc_fp_free();
}

static const char *find_words(const struct words *words, size_t count,
			      int code)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (words[i].code == code)
			return words[i].text;
	return NULL;
}

static const char *alert_words(WOLFSSL *wolf)
{
	WOLFSSL_ALERT_HISTORY h;

	if (wolfSSL_get_alert_history(wolf, &h) != WOLFSSL_SUCCESS ||
	    h.last_rx.level != alert_fatal)
		return NULL;
	return find_words(alerts, sizeof(alerts) / sizeof(alerts[0]),
			  h.last_rx.code);
}

static void note_failure(struct tls *tls, int code)
{
	const char *text = alert_words(tls->wolf);
	char buf[100];

	if (!text && !tls->shaken && (tls->foreign || !tls->heard))
		text = "not a TLS server";
	if (!text && tls->shaken &&
	    (code == SOCKET_PEER_CLOSED_E || code == SOCKET_ERROR_E))
		text = "closed by the broker";
	if (!text)
		text = find_words(failures,
				  sizeof(failures) / sizeof(failures[0]),
				  code);
	if (!text) {
		snprintf(buf, sizeof(buf), "TLS: %s",
			 wolfSSL_ERR_reason_error_string(code));
		text = buf;
	}
	conn_fail(tls->conn, 0, text);
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

static const char *load_uploaded_trust(WOLFSSL_CTX *wolf,
				       const struct mqtt_tls *args)
{
	int i, rc = WOLFSSL_SUCCESS;

	for (i = 0; i < MQTT_TLS_CAS && rc == WOLFSSL_SUCCESS; i++)
		if (args->ca[i].p)
			rc = wolfSSL_CTX_load_verify_buffer(
				wolf, args->ca[i].p, (long)args->ca[i].len,
				WOLFSSL_FILETYPE_PEM);
	if (rc == WOLFSSL_SUCCESS)
		return NULL;
	return rc == ASN_AFTER_DATE_E ? "CA certificate has expired" :
	       rc == ASN_BEFORE_DATE_E ? "CA certificate is not valid yet" :
					 "CA certificate cannot be used";
}

static const char *load_trust(WOLFSSL_CTX *wolf, const struct mqtt_tls *args)
{
	if (!args->verify)
		return NULL;
	if (args->ca[0].p || args->ca[1].p)
		return load_uploaded_trust(wolf, args);
	if (!args->ca_file)
		return wolfSSL_CTX_load_system_CA_certs(wolf) ==
				       WOLFSSL_SUCCESS ?
			       NULL :
			       "no system trust store";
	return wolfSSL_CTX_load_verify_locations(wolf, args->ca_file, NULL) ==
			       WOLFSSL_SUCCESS ?
		       NULL :
		       "CA file cannot be used";
}

static bool use_certificate(WOLFSSL_CTX *wolf, const struct mqtt_tls *args)
{
	int rc;

	if (args->cert.p)
		rc = wolfSSL_CTX_use_certificate_chain_buffer(
			wolf, args->cert.p, (long)args->cert.len);
	else
		rc = wolfSSL_CTX_use_certificate_chain_file(wolf,
							    args->cert_file);
	return rc == WOLFSSL_SUCCESS;
}

static bool use_key(WOLFSSL_CTX *wolf, const struct mqtt_tls *args)
{
	int rc;

	if (args->key.p)
		rc = wolfSSL_CTX_use_PrivateKey_buffer(
			wolf, args->key.p, (long)args->key.len,
			WOLFSSL_FILETYPE_PEM);
	else
		rc = wolfSSL_CTX_use_PrivateKey_file(wolf, args->key_file,
						     WOLFSSL_FILETYPE_PEM);
	return rc == WOLFSSL_SUCCESS;
}

static const char *load_identity(WOLFSSL_CTX *wolf,
				 const struct mqtt_tls *args)
{
	if (!args->cert.p && !args->cert_file)
		return args->key.p ? "client key without certificate" : NULL;
	if (!args->key.p && !args->key_file)
		return "client certificate without key";
	if (!use_certificate(wolf, args))
		return "client certificate file cannot be used";
	if (!use_key(wolf, args))
		return "client key file cannot be used";
	if (!pem_keys_match(wolf))
		return "client key does not match its certificate";
	return NULL;
}

static const char *set_rules(WOLFSSL_CTX *wolf, const struct mqtt_tls *args)
{
	int floor = args->tls13_only ? WOLFSSL_TLSV1_3 : WOLFSSL_TLSV1_2;
	const char *suites = args->tls13_only ? SUITES_TLS13 : SUITES;

	wolfSSL_CTX_set_verify(wolf,
			       args->verify ? WOLFSSL_VERIFY_PEER :
					      WOLFSSL_VERIFY_NONE,
			       NULL);
	if (wolfSSL_CTX_SetMinVersion(wolf, floor) != WOLFSSL_SUCCESS ||
	    wolfSSL_CTX_set_cipher_list(wolf, suites) != WOLFSSL_SUCCESS)
		return "TLS is not available";
	wolfSSL_CTX_SetIORecv(wolf, on_read);
	wolfSSL_CTX_SetIOSend(wolf, on_write);
	return NULL;
}

static bool is_address(const char *host)
{
	struct in6_addr a;

	return inet_pton(AF_INET, host, &a) == 1 ||
	       inet_pton(AF_INET6, host, &a) == 1;
}

/* A name's last dot is not in its certificate. */
static struct tls_context *context_alloc(const char *host, const char *alpn)
{
	size_t len = strlen(host);
	size_t alpn_size = alpn ? strlen(alpn) + 1 : 0;
	struct tls_context *c;

	if (len > 1 && host[len - 1] == '.')
		len--;
	c = calloc(1, sizeof(*c) + len + 1 + alpn_size);
	if (!c)
		return NULL;
	memcpy(c->host, host, len);
	if (alpn)
		c->alpn = memcpy(c->host + len + 1, alpn, alpn_size);
	c->is_address = is_address(c->host);
	c->wolf = wolfSSL_CTX_new(wolfTLS_client_method());
	if (!c->wolf) {
		free(c);
		return NULL;
	}
	return c;
}

struct tls_context *tls_context_new(const struct mqtt_tls *args,
				    const char *host, struct mqtt_reason *why)
{
	struct tls_context *c = context_alloc(host, args->alpn);
	const char *error = "out of memory";

	if (c) {
		c->verify = args->verify;
		error = set_rules(c->wolf, args);
		if (!error)
			error = load_trust(c->wolf, args);
		if (!error)
			error = load_identity(c->wolf, args);
	}
	forget_points();
	if (!error)
		return c;
	why->code = 0;
	snprintf(why->text, sizeof(why->text), "%s", error);
	tls_context_free(c);
	return NULL;
}

void tls_context_free(struct tls_context *context)
{
	if (!context)
		return;
	wolfSSL_CTX_free(context->wolf);
	free(context);
}

static bool set_host(WOLFSSL *wolf, const struct tls_context *c)
{
	if (!c->is_address &&
	    wolfSSL_UseSNI(wolf, WOLFSSL_SNI_HOST_NAME, c->host,
			   strlen(c->host)) != WOLFSSL_SUCCESS)
		return false;
	if (!c->verify)
		return true;
	if (c->is_address)
		return wolfSSL_X509_VERIFY_PARAM_set1_ip_asc(
			       wolfSSL_get0_param(wolf), c->host) ==
		       WOLFSSL_SUCCESS;
	return wolfSSL_check_domain_name(wolf, c->host) == WOLFSSL_SUCCESS;
}

/* A server that knows none of the names refuses, RFC 7301 3.2. */
static bool set_alpn(WOLFSSL *wolf, const struct tls_context *c)
{
	return !c->alpn ||
	       wolfSSL_UseALPN(wolf, (char *)c->alpn,
			       (unsigned int)strlen(c->alpn),
			       WOLFSSL_ALPN_FAILED_ON_MISMATCH) ==
		       WOLFSSL_SUCCESS;
}

struct tls *tls_new(struct tls_context *context, struct conn *conn, int fd)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	pthread_mutex_init(&tls->lock, NULL);
	tls->conn = conn;
	tls->fd = fd;
	tls->wolf = wolfSSL_new(context->wolf);
	if (!tls->wolf || !set_host(tls->wolf, context) ||
	    !set_alpn(tls->wolf, context)) {
		tls_free(tls);
		return NULL;
	}
	wolfSSL_SetIOReadCtx(tls->wolf, tls);
	wolfSSL_SetIOWriteCtx(tls->wolf, tls);
	return tls;
}

void tls_free(struct tls *tls)
{
	wolfSSL_free(tls->wolf);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

int tls_connect(struct tls *tls)
{
	int rc;

	pthread_mutex_lock(&tls->lock);
	rc = result(tls, wolfSSL_connect(tls->wolf));
	if (rc > 0)
		tls->shaken = true;
	else if (tls->broken)
		last_error = TLS_ERROR_SSL;
	if (last_error != TLS_ERROR_WANT_READ)
		forget_points();
	pthread_mutex_unlock(&tls->lock);
	return rc > 0 ? 1 : -1;
}

int tls_read(struct tls *tls, void *buf, int len)
{
	int rc;

	pthread_mutex_lock(&tls->lock);
	rc = result(tls, wolfSSL_read(tls->wolf, buf, len));
	conn_set_pending(tls->conn, wolfSSL_pending(tls->wolf) > 0);
	pthread_mutex_unlock(&tls->lock);
	if (last_error == TLS_ERROR_ZERO_RETURN)
		return 0;
	return rc > 0 ? rc : -1;
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
	if (rc > 0)
		return rc;
	/* see glue_writev(): for paho a write never fails */
	tls->broken = true;
	conn_cut(tls->conn, NULL);
	last_error = TLS_ERROR_NONE;
	return len;
}

int tls_write(struct tls *tls, const void *buf, int len)
{
	int rc;

	pthread_mutex_lock(&tls->lock);
	rc = write_locked(tls, buf, len);
	pthread_mutex_unlock(&tls->lock);
	return rc;
}

int tls_pending(struct tls *tls)
{
	int n;

	pthread_mutex_lock(&tls->lock);
	n = wolfSSL_pending(tls->wolf);
	pthread_mutex_unlock(&tls->lock);
	return n;
}

void tls_shutdown(struct tls *tls)
{
	pthread_mutex_lock(&tls->lock);
	if (tls->shaken && !tls->broken && !conn_is_cut(tls->conn))
		wolfSSL_shutdown(tls->wolf);
	pthread_mutex_unlock(&tls->lock);
}
