// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/failure.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <stdint.h>

#include "daemon/lib/date.h"
#include "daemon/tls/chain.h"

#define HANDSHAKE	MQTT_TLS_HANDSHAKE
#define UNTRUSTED	MQTT_TLS_UNTRUSTED
#define IDENTITY	MQTT_TLS_IDENTITY
#define TRUST		MQTT_TLS_TRUST
#define REFUSAL		0	/* our place in wolfSSL's data of a connection */

static const struct tls_failure failures[] = {
	{ ASN_NO_SIGNER_E, UNTRUSTED, "certificate not trusted" },
	{ ASN_SELF_SIGNED_E, UNTRUSTED, "certificate not trusted" },
	{ ASN_SIG_CONFIRM_E, UNTRUSTED, "certificate not trusted" },
	{ VERIFY_CERT_ERROR, UNTRUSTED, "certificate not trusted" },
	{ ASN_AFTER_DATE_E, UNTRUSTED, "certificate has expired" },
	{ ASN_BEFORE_DATE_E, UNTRUSTED, "certificate is not valid yet" },
	{ ASN_CRIT_EXT_E, UNTRUSTED,
	  "certificate has a critical extension that is not known" },
	{ ASN_NAME_INVALID_E, UNTRUSTED,
	  "certificate's authority may not vouch for its name" },
	{ CHAIN_NAME, UNTRUSTED,
	  "certificate's authority may not vouch for its name" },
	{ CHAIN_NO_AUTHORITY, UNTRUSTED,
	  "certificate is signed by one that may not sign" },
	{ CHAIN_MD5, UNTRUSTED, "certificate signed with MD5" },
	{ CHAIN_SHA1, UNTRUSTED, "certificate signed with SHA-1" },
	{ CHAIN_SHORT_KEY, UNTRUSTED, "certificate's key is too short" },
	{ CHAIN_LONG_KEY, UNTRUSTED, "certificate's key is too long" },
	{ CHAIN_TOO_LONG, UNTRUSTED,
	  "certificate not trusted: its chain is too long" },
	{ CHAIN_USAGE, UNTRUSTED, "certificate is not for TLS servers" },
	{ KEYUSAGE_E, UNTRUSTED, "certificate is not for TLS servers" },
	{ KEYUSE_SIGNATURE_E, UNTRUSTED, "certificate is not for TLS servers" },
	{ EXTKEYUSE_AUTH_E, UNTRUSTED, "certificate is not for TLS servers" },
	{ CHAIN_CA_EXPIRED, TRUST, "CA certificate has expired" },
	{ CHAIN_CA_EARLY, TRUST, "CA certificate is not valid yet" },
	{ CHAIN_CA_KEY, UNTRUSTED, "CA certificate's key is too short" },
	{ CHAIN_BETWEEN_EXPIRED, UNTRUSTED,
	  "intermediate certificate has expired" },
	{ CHAIN_BETWEEN_EARLY, UNTRUSTED,
	  "intermediate certificate is not valid yet" },
	{ CHAIN_BETWEEN_REVOKED, UNTRUSTED,
	  "intermediate certificate has been revoked" },
	{ CRL_CERT_REVOKED, UNTRUSTED, "certificate has been revoked" },
	{ CRL_MISSING, TRUST, "no revocation list of who issued a certificate" },
	{ CRL_CERT_DATE_ERR, TRUST, "revocation list has expired" },
	{ CHAIN_CRL, TRUST, "revocation list has expired or is damaged" },
	{ ASN_CRL_CONFIRM_E, TRUST, "revocation list cannot be used" },
	{ ASN_CRL_NO_SIGNER_E, TRUST, "revocation list cannot be used" },
	{ DOMAIN_NAME_MISMATCH, UNTRUSTED,
	  "host name does not match the certificate" },
	{ IPADDR_MISMATCH, UNTRUSTED,
	  "address does not match the certificate" },
	{ VERSION_ERROR, HANDSHAKE, "TLS version not supported by the broker" },
	{ MATCH_SUITE_ERROR, HANDSHAKE, "no TLS cipher suite in common" },
	{ UNSUPPORTED_SUITE, HANDSHAKE, "no TLS cipher suite in common" },
	{ UNKNOWN_RECORD_TYPE, HANDSHAKE, "not a TLS server" },
	{ DH_KEY_SIZE_E, HANDSHAKE, "Diffie-Hellman group is too small" },
	{ HANDSHAKE_SIZE_ERROR, HANDSHAKE,
	  "TLS handshake message is too long" },
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

static const struct tls_failure *find_failure(const struct tls_failure *rows,
					       size_t count, int code)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

/* What a wrong clock may be the cause of tells the board's date. */
static const char *dated_text(const struct tls_failure *f)
{
	switch (f->code) {
	case ASN_AFTER_DATE_E:
	case ASN_BEFORE_DATE_E:
	case CHAIN_CA_EXPIRED:
	case CHAIN_CA_EARLY:
	case CHAIN_BETWEEN_EXPIRED:
	case CHAIN_BETWEEN_EARLY:
	case CRL_CERT_DATE_ERR:
	case CHAIN_CRL:
		return date_behind(f->text);
	case ASN_NO_SIGNER_E:
		return date_behind_if_unset(f->text);
	}
	return f->text;
}

const struct tls_failure *tls_failure_of(int code)
{
	static _Thread_local struct tls_failure dated;
	const struct tls_failure *f = find_failure(
		failures, sizeof(failures) / sizeof(failures[0]), code);

	if (!f)
		return NULL;
	dated = *f;
	dated.text = dated_text(f);
	return &dated;
}

void tls_note_refusal(struct WOLFSSL *wolf, int code)
{
	wolfSSL_set_ex_data(wolf, REFUSAL, (void *)(intptr_t)code);
}

static const struct tls_failure *refusal_of(struct WOLFSSL *wolf)
{
	int code = (int)(intptr_t)wolfSSL_get_ex_data(wolf, REFUSAL);

	return code ? tls_failure_of(code) : NULL;
}

const struct tls_failure *tls_alert_of(struct WOLFSSL *wolf)
{
	const struct tls_failure *refusal = refusal_of(wolf);
	WOLFSSL_ALERT_HISTORY h;

	if (refusal)
		return refusal;
	if (wolfSSL_get_alert_history(wolf, &h) != WOLFSSL_SUCCESS ||
	    h.last_rx.level != alert_fatal)
		return NULL;
	return find_failure(alerts, sizeof(alerts) / sizeof(alerts[0]),
			    h.last_rx.code);
}
