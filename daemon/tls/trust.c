// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/lib/date.h"
#include "daemon/tls/pem.h"
#include "daemon/tls/trust.h"

/*
 * Debian's wolfSSL has no AES instructions: ChaCha20 first.  The list is
 * explicit because its default holds suites without authentication.
 */
#define SUITES_TLS12                                                 \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
	"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384"

#define SUITES_TLS13                                              \
	"TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:" \
	"TLS13-AES256-GCM-SHA384"

#define SUITES		SUITES_TLS13 ":" SUITES_TLS12

struct tls_context {
	WOLFSSL_CTX *wolf;
	bool verify;
	char address[INET6_ADDRSTRLEN];	/* "": host is a name */
	const char *alpn;	/* behind host, or NULL */
	char host[];
};

#define HANDSHAKE	MQTT_TLS_HANDSHAKE
#define UNTRUSTED	MQTT_TLS_UNTRUSTED
#define IDENTITY	MQTT_TLS_IDENTITY

static const struct tls_failure failures[] = {
	{ ASN_NO_SIGNER_E, UNTRUSTED, "certificate not trusted" },
	{ ASN_SELF_SIGNED_E, UNTRUSTED, "certificate not trusted" },
	{ ASN_SIG_CONFIRM_E, UNTRUSTED, "certificate not trusted" },
	{ VERIFY_CERT_ERROR, UNTRUSTED, "certificate not trusted" },
	{ ASN_AFTER_DATE_E, UNTRUSTED, "certificate has expired" },
	{ ASN_BEFORE_DATE_E, UNTRUSTED, "certificate is not valid yet" },
	{ DOMAIN_NAME_MISMATCH, UNTRUSTED,
	  "host name does not match the certificate" },
	{ IPADDR_MISMATCH, UNTRUSTED,
	  "address does not match the certificate" },
	{ VERSION_ERROR, HANDSHAKE, "TLS version not supported by the broker" },
	{ MATCH_SUITE_ERROR, HANDSHAKE, "no TLS cipher suite in common" },
	{ UNSUPPORTED_SUITE, HANDSHAKE, "no TLS cipher suite in common" },
	{ UNKNOWN_RECORD_TYPE, HANDSHAKE, "not a TLS server" },
	{ NO_PEER_CERT, UNTRUSTED, "the broker has no certificate" },
	{ SOCKET_PEER_CLOSED_E, HANDSHAKE,
	  "closed by the broker in the TLS handshake" },
	{ SOCKET_ERROR_E, HANDSHAKE,
	  "closed by the broker in the TLS handshake" },
};

static const struct tls_failure alerts[] = {
	{ 40, HANDSHAKE, "TLS handshake refused by the broker" },
	{ 42, IDENTITY, "client certificate not accepted" },
	{ 43, IDENTITY, "client certificate not accepted" },
	{ 44, IDENTITY, "client certificate revoked" },
	{ 45, IDENTITY, "client certificate has expired" },
	{ 46, IDENTITY, "client certificate not accepted" },
	{ 48, IDENTITY, "client certificate not trusted by the broker" },
	{ 51, IDENTITY, "client key does not match its certificate" },
	{ 70, HANDSHAKE, "TLS version not supported by the broker" },
	{ 71, HANDSHAKE, "TLS handshake refused by the broker" },
	{ 112, HANDSHAKE, "host name not known to the broker" },
	{ 115, IDENTITY, "PSK identity not known to the broker" },
	{ 116, IDENTITY, "client certificate required" },
	{ 120, HANDSHAKE, "no ALPN protocol in common" },
};

void tls_forget_points(void)
{
	wc_ecc_fp_free();
}

static const struct tls_failure *find_failure(const struct tls_failure *rows,
					       size_t count, int code)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

const struct tls_failure *tls_alert_of(struct WOLFSSL *wolf)
{
	WOLFSSL_ALERT_HISTORY h;

	if (wolfSSL_get_alert_history(wolf, &h) != WOLFSSL_SUCCESS ||
	    h.last_rx.level != alert_fatal)
		return NULL;
	return find_failure(alerts, sizeof(alerts) / sizeof(alerts[0]),
			    h.last_rx.code);
}

const struct tls_failure *tls_failure_of(int code)
{
	static _Thread_local struct tls_failure dated;
	const struct tls_failure *f = find_failure(
		failures, sizeof(failures) / sizeof(failures[0]), code);

	if (!f)
		return NULL;
	dated = *f;
	if (code == ASN_AFTER_DATE_E || code == ASN_BEFORE_DATE_E)
		dated.text = date_behind(f->text);
	else if (code == ASN_NO_SIGNER_E)
		dated.text = date_behind_if_unset(f->text);
	return &dated;
}

static const char *ca_failure_words(int code, const char *otherwise)
{
	if (code == ASN_AFTER_DATE_E)
		return date_behind("CA certificate has expired");
	if (code == ASN_BEFORE_DATE_E)
		return date_behind("CA certificate is not valid yet");
	return date_behind_if_unset(otherwise);
}

/* One by one: an old one among them must not spoil those that are good. */
static const char *load_uploaded_trust(WOLFSSL_CTX *wolf,
				       const struct mqtt_tls *args)
{
	struct mqtt_pem rest, cert;
	bool any = false;
	int rc = 0;
	int i, one;

	for (i = 0; i < MQTT_TLS_CAS; i++) {
		rest = args->ca[i];
		while (pem_next(&rest, &cert)) {
			one = wolfSSL_CTX_load_verify_buffer(
				wolf, cert.p, (long)cert.len,
				WOLFSSL_FILETYPE_PEM);
			any |= one == WOLFSSL_SUCCESS;
			rc = one == WOLFSSL_SUCCESS ? rc : one;
		}
	}
	if (any)
		return NULL;
	return ca_failure_words(rc, "CA certificate cannot be used");
}

/* wolfSSL does not tell why it takes none of a file's certificates. */
static const char *load_trust_file(WOLFSSL_CTX *wolf, const char *file)
{
	static const char text[] = "CA file cannot be used";

	if (wolfSSL_CTX_load_verify_locations(wolf, file, NULL) ==
	    WOLFSSL_SUCCESS)
		return NULL;
	return access(file, R_OK) ? text : date_behind(text);
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
			       date_behind_if_unset("no system trust store");
	return load_trust_file(wolf, args->ca_file);
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

/* What a connection over TCP and one over UDP are made of. */
static const struct {
	WOLFSSL_METHOD *(*method)(void);
	const char *suites;
	const char *suites_tls13;	/* NULL: there is no such version */
} kinds[] = {
	[TLS_OVER_TCP] = { wolfTLS_client_method, SUITES, SUITES_TLS13 },
	[TLS_OVER_UDP] = { wolfDTLSv1_2_client_method, SUITES_TLS12, NULL },
};

static const char *set_rules(WOLFSSL_CTX *wolf, const struct mqtt_tls *args,
			     enum tls_over over)
{
	int floor = args->tls13_only ? WOLFSSL_TLSV1_3 : WOLFSSL_TLSV1_2;
	const char *suites = args->tls13_only ? kinds[over].suites_tls13 :
						kinds[over].suites;

	if (!suites)
		return "DTLS 1.3 is not available";
	wolfSSL_CTX_set_verify(wolf,
			       args->verify ? WOLFSSL_VERIFY_PEER :
					      WOLFSSL_VERIFY_NONE,
			       NULL);
	if (over == TLS_OVER_TCP &&
	    wolfSSL_CTX_SetMinVersion(wolf, floor) != WOLFSSL_SUCCESS)
		return "TLS is not available";
	if (wolfSSL_CTX_set_cipher_list(wolf, suites) != WOLFSSL_SUCCESS)
		return "TLS is not available";
	return NULL;
}

/*
 * wolfSSL compares addresses as texts, and one of IPv6 with no group left out
 * is what it makes of a certificate's.
 */
static void put_address(const char *host, char *out, size_t size)
{
	uint8_t a[sizeof(struct in6_addr)];
	size_t i, n = 0;

	if (inet_pton(AF_INET, host, a) == 1) {
		inet_ntop(AF_INET, a, out, (socklen_t)size);
	} else if (inet_pton(AF_INET6, host, a) == 1) {
		for (i = 0; i < sizeof(a); i += 2)
			n += (size_t)snprintf(out + n, size - n,
					      "%s%02X%02X", i ? ":" : "", a[i],
					      a[i + 1]);
	}
}

/* A name's last dot is not in its certificate. */
static struct tls_context *context_alloc(const char *host, const char *alpn,
					 enum tls_over over)
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
	put_address(c->host, c->address, sizeof(c->address));
	c->wolf = wolfSSL_CTX_new(kinds[over].method());
	if (!c->wolf) {
		free(c);
		return NULL;
	}
	return c;
}

/* What cannot be done, and by @code of which kind that is; NULL: all is. */
static const char *prepare(WOLFSSL_CTX *wolf, const struct mqtt_tls *args,
			   enum tls_over over, int *code)
{
	const char *error = set_rules(wolf, args, over);

	*code = HANDSHAKE;
	if (!error) {
		error = load_trust(wolf, args);
		*code = MQTT_TLS_TRUST;
	}
	if (!error) {
		error = load_identity(wolf, args);
		*code = IDENTITY;
	}
	return error;
}

struct tls_context *tls_context_new(const struct mqtt_tls *args,
				    const char *host, enum tls_over over,
				    struct mqtt_reason *why)
{
	const char *alpn = over == TLS_OVER_TCP ? args->alpn : NULL;
	struct tls_context *c = context_alloc(host, alpn, over);
	const char *error = "out of memory";
	int code = 0;

	if (c) {
		c->verify = args->verify;
		error = prepare(c->wolf, args, over, &code);
	}
	tls_forget_points();
	if (!error)
		return c;
	why->code = code;
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
	if (!c->address[0] &&
	    wolfSSL_UseSNI(wolf, WOLFSSL_SNI_HOST_NAME, c->host,
			   strlen(c->host)) != WOLFSSL_SUCCESS)
		return false;
	if (!c->verify)
		return true;
	if (c->address[0])
		return wolfSSL_X509_VERIFY_PARAM_set1_ip_asc(
			       wolfSSL_get0_param(wolf), c->address) ==
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

struct WOLFSSL *tls_context_connection(const struct tls_context *c)
{
	WOLFSSL *wolf = wolfSSL_new(c->wolf);

	if (wolf && set_host(wolf, c) && set_alpn(wolf, c))
		return wolf;
	wolfSSL_free(wolf);
	return NULL;
}
