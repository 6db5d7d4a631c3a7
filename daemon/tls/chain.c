// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Upwards from the server's certificate: whoever is trusted comes first, then
 * what the server sent, in any order; a step that leads nowhere is taken
 * back.  So the way ends at the first authority that is trusted, whoever
 * vouched for that one once, and whatever is sent besides does not count.
 */
#include "daemon/tls/chain.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "daemon/tls/name.h"

#define STEPS_MAX	32	/* signatures: a chain needs one a certificate */
#define RSA_MIN		2048	/* bits; NIST SP 800-131A */
#define RSA_MAX		4096	/* what wolfSSL computes with */
#define EC_MIN		256

struct search {
	const struct store *authorities;
	const struct store *crls;	/* NULL: they are not asked */
	const char *host;
	struct x509 sent[CHAIN_MAX];
	size_t count;
	bool used[CHAIN_MAX];
	unsigned int steps;
	int fault;		/* the first that tells more than "unknown" */
};

static bool note(struct search *s, int fault)
{
	if (!s->fault && fault != ASN_NO_SIGNER_E &&
	    fault != ASN_SELF_SIGNED_E && fault != ASN_SIG_CONFIRM_E)
		s->fault = fault;
	return false;
}

static int key_fault(const struct x509 *x)
{
	if (x->key == X509_KEY_RSA && x->key_bits > RSA_MAX)
		return CHAIN_LONG_KEY;
	if ((x->key == X509_KEY_RSA && x->key_bits < RSA_MIN) ||
	    (x->key == X509_KEY_EC && x->key_bits < EC_MIN))
		return CHAIN_SHORT_KEY;
	return 0;
}

/* Of one that is trusted itself nobody looks at the signature. */
static int strength_fault(const struct search *s, const struct x509 *x)
{
	if (x->hash != X509_HASH_GOOD && !store_has(s->authorities, x))
		return x->hash == X509_HASH_MD5 ? CHAIN_MD5 : CHAIN_SHA1;
	return key_fault(x);
}

/* wolfSSL's results: 1 is good. */
static int code_of(int rc)
{
	return rc == WOLFSSL_SUCCESS ? 0 : rc ? rc : MEMORY_E;
}

static int load_crls(const struct search *s, WOLFSSL_CTX *wolf,
		     const struct x509 *issuer)
{
	const struct store_item *crl = NULL;
	int rc = code_of(wolfSSL_CTX_EnableCRL(wolf, 0));

	/* a wolfSSL that has no list lets everybody in, or nobody */
	if (!store_find(s->crls, issuer->subject, NULL))
		return CRL_MISSING;
	while (!rc && (crl = store_find(s->crls, issuer->subject, crl)))
		rc = code_of(wolfSSL_CTX_LoadCRLBuffer(wolf, crl->der.p,
						       (long)crl->der.len,
						       WOLFSSL_FILETYPE_ASN1));
	return rc == ASN_PARSE_E ? CHAIN_CRL : rc;
}

/* Only with verification wolfSSL looks at the date of whom it loads. */
static int load_issuer(WOLFSSL_CTX *wolf, const struct x509 *issuer)
{
	wolfSSL_CTX_set_verify(wolf, WOLFSSL_VERIFY_PEER, NULL);
	return code_of(wolfSSL_CTX_load_verify_buffer(
		wolf, issuer->der.p, (long)issuer->der.len,
		WOLFSSL_FILETYPE_ASN1));
}

/*
 * Dates, signature and list of revoked ones, by a context that knows nobody
 * else.  *@issuer_bad: the fault is the issuer's.
 */
static int vouching_fault(const struct search *s, const struct x509 *issuer,
			  const struct x509 *x, bool *issuer_bad)
{
	WOLFSSL_CTX *wolf = wolfSSL_CTX_new(wolfTLS_client_method());
	int rc = wolf ? load_issuer(wolf, issuer) : MEMORY_E;

	*issuer_bad = rc;
	if (!rc && s->crls)
		rc = load_crls(s, wolf, issuer);
	if (!rc)
		rc = code_of(wolfSSL_CertManagerVerifyBuffer(
			wolfSSL_CTX_GetCertManager(wolf), x->der.p,
			(long)x->der.len, WOLFSSL_FILETYPE_ASN1));
	wolfSSL_CTX_free(wolf);
	return rc;
}

/* The same fault of another than the server's own certificate */
static int fault_between(int code)
{
	switch (code) {
	case ASN_AFTER_DATE_E:
		return CHAIN_BETWEEN_EXPIRED;
	case ASN_BEFORE_DATE_E:
		return CHAIN_BETWEEN_EARLY;
	case CRL_CERT_REVOKED:
		return CHAIN_BETWEEN_REVOKED;
	}
	return code;
}

static int fault_of_ca(int code)
{
	switch (code) {
	case ASN_AFTER_DATE_E:
		return CHAIN_CA_EXPIRED;
	case ASN_BEFORE_DATE_E:
		return CHAIN_CA_EARLY;
	case CHAIN_SHORT_KEY:
		return CHAIN_CA_KEY;
	}
	return code;
}

/*
 * RFC 5280 6.1.4: with @below authorities between it and the server.  One of
 * version 1 is an authority if it is @trusted; and any that is vouches for
 * itself.
 */
static int authority_fault(const struct x509 *ca, const struct x509 *x,
			   size_t below, bool trusted)
{
	if (trusted && span_equal(ca->der, x->der))
		return 0;
	if (!ca->is_ca && (ca->is_v3 || !trusted))
		return CHAIN_NO_AUTHORITY;
	if (ca->has_usage && !(ca->usage & X509_KEY_CERT_SIGN))
		return CHAIN_NO_AUTHORITY;
	if (ca->path_len >= 0 && below > (size_t)ca->path_len)
		return CHAIN_NO_AUTHORITY;
	return 0;
}

/* One step, from @x, over which are @below others, to @ca. */
static int step_fault(struct search *s, const struct x509 *x,
		      const struct x509 *ca, size_t below, bool trusted)
{
	int fault = authority_fault(ca, x, below, trusted);
	bool ca_bad;

	if (!fault && !name_is_allowed(ca, &s->sent[0], s->host))
		fault = CHAIN_NAME;
	if (fault)
		return fault;
	fault = trusted ? fault_of_ca(key_fault(ca)) : strength_fault(s, ca);
	if (fault || s->steps++ >= STEPS_MAX)
		return fault ? fault : CHAIN_TOO_LONG;
	fault = vouching_fault(s, ca, x, &ca_bad);
	if (ca_bad && trusted)
		return fault_of_ca(fault);
	return ca_bad || below ? fault_between(fault) : fault;
}

static bool step_to_authority(struct search *s, const struct x509 *x,
			      size_t below)
{
	const struct store_item *ca = NULL;
	int fault;

	while ((ca = store_find(s->authorities, x->issuer, ca))) {
		fault = step_fault(s, x, &ca->x509, below, true);
		if (!fault)
			return true;
		note(s, fault);
	}
	return false;
}

/* One that is sent but not trusted: what is wrong with it does not matter. */
static bool is_root(const struct x509 *x)
{
	return span_equal(x->issuer, x->subject);
}

static bool climb(struct search *s, const struct x509 *x, size_t below)
{
	size_t i;
	int fault;

	if (step_to_authority(s, x, below))
		return true;
	for (i = 1; i < s->count; i++) {
		if (s->used[i] || !span_equal(s->sent[i].subject, x->issuer))
			continue;
		s->used[i] = true;
		fault = step_fault(s, x, &s->sent[i], below, false);
		if (!fault && climb(s, &s->sent[i], below + 1))
			return true;
		if (!is_root(&s->sent[i]))
			note(s, fault);
		s->used[i] = false;
	}
	return false;
}

/* What is no certificate cannot be a part of it. */
static bool parse_sent(struct search *s, const struct span *sent, size_t count)
{
	size_t i;

	for (i = 0; i < count && s->count < CHAIN_MAX; i++)
		if (x509_parse(sent[i], &s->sent[s->count]))
			s->count++;
		else if (!i)
			return false;
	return s->count;
}

static int own_fault(const struct search *s)
{
	const struct x509 *x = &s->sent[0];

	if (x->has_usage && !(x->usage & X509_DIGITAL_SIGNATURE))
		return CHAIN_USAGE;
	if (name_matches(x, s->host))
		return 0;
	return name_is_address(s->host) ? IPADDR_MISMATCH :
					  DOMAIN_NAME_MISMATCH;
}

int chain_verify(const struct store *authorities, const struct store *crls,
		 const struct span *sent, size_t count, const char *host)
{
	struct search s = {
		.authorities = authorities,
		.crls = crls,
		.host = host,
	};

	if (!parse_sent(&s, sent, count))
		return ASN_PARSE_E;
	s.fault = strength_fault(&s, &s.sent[0]);
	if (s.fault)
		return s.fault;
	if (climb(&s, &s.sent[0], 0))
		return own_fault(&s);
	if (!s.fault && count == CHAIN_MAX)
		return CHAIN_TOO_LONG;
	return s.fault ? s.fault : ASN_NO_SIGNER_E;
}
