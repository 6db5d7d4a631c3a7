// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "pem.h"

#include <wolfssl/options.h>
#include <wolfssl/openssl/evp.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CERT_BEGIN	"-----BEGIN CERTIFICATE-----"
#define CERT_END	"-----END CERTIFICATE-----"
#define KEY_END		"PRIVATE KEY-----"	/* of every kind of key */
#define PROOF		"proof of possession"	/* any text */
#define SIGNATURE_MAX	1024	/* RSA of 8192 bits */

static int refuse(struct mqtt_reason *why, const char *text)
{
	why->code = 0;
	snprintf(why->text, sizeof(why->text), "%s", text);
	return -EINVAL;
}

/* The first @word from @p on, or NULL. */
static const char *find(const struct mqtt_pem *pem, const char *p,
			const char *word)
{
	const char *end = (const char *)pem->p + pem->len;

	return memmem(p, (size_t)(end - p), word, strlen(word));
}

static bool is_certificate(const char *p, size_t len)
{
	WOLFSSL_X509 *x509;

	x509 = wolfSSL_X509_load_certificate_buffer((const unsigned char *)p,
						    (int)len,
						    WOLFSSL_FILETYPE_PEM);
	wolfSSL_X509_free(x509);
	return x509;
}

/* One by one: wolfSSL would take a text of which only one is good. */
int pem_check_certificates(const struct mqtt_pem *pem,
			   struct mqtt_reason *why)
{
	const char *p = pem->p;
	const char *end;
	int count = 0;

	while ((p = find(pem, p, CERT_BEGIN))) {
		end = find(pem, p, CERT_END);
		if (!end)
			return refuse(why, "certificate is cut short");
		end += strlen(CERT_END);
		if (!is_certificate(p, (size_t)(end - p)))
			return refuse(why, "certificate is damaged");
		count++;
		p = end;
	}
	return count ? count : refuse(why, "no PEM certificate");
}

/* Whatever these calls leave behind for the thread is of no further use. */
static void free_context(WOLFSSL_CTX *wolf)
{
	wolfSSL_CTX_free(wolf);
	wc_ecc_fp_free();
}

static bool use_key(WOLFSSL_CTX *wolf, const struct mqtt_pem *key)
{
	return wolf && wolfSSL_CTX_use_PrivateKey_buffer(
			       wolf, key->p, (long)key->len,
			       WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS;
}

int pem_check_key(const struct mqtt_pem *pem, struct mqtt_reason *why)
{
	WOLFSSL_CTX *wolf;
	bool good;

	if (!find(pem, pem->p, KEY_END))
		return refuse(why, "no PEM key");
	if (find(pem, pem->p, "ENCRYPTED"))
		return refuse(why, "key has a password");
	wolf = wolfSSL_CTX_new(wolfTLS_client_method());
	good = use_key(wolf, pem);
	free_context(wolf);
	return good ? 1 : refuse(why, "key is damaged");
}

static bool sign(WOLFSSL_EVP_PKEY *key, unsigned char *signature, size_t *len)
{
	WOLFSSL_EVP_MD_CTX *md = wolfSSL_EVP_MD_CTX_new();
	bool good;

	good = md &&
	       wolfSSL_EVP_DigestSignInit(md, NULL, wolfSSL_EVP_sha256(), NULL,
					  key) == WOLFSSL_SUCCESS &&
	       wolfSSL_EVP_DigestSignUpdate(md, PROOF, sizeof(PROOF)) ==
		       WOLFSSL_SUCCESS &&
	       wolfSSL_EVP_DigestSignFinal(md, signature, len) ==
		       WOLFSSL_SUCCESS;
	wolfSSL_EVP_MD_CTX_free(md);
	return good;
}

static bool verify(WOLFSSL_EVP_PKEY *key, const unsigned char *signature,
		   size_t len)
{
	WOLFSSL_EVP_MD_CTX *md = wolfSSL_EVP_MD_CTX_new();
	bool good;

	good = md &&
	       wolfSSL_EVP_DigestVerifyInit(md, NULL, wolfSSL_EVP_sha256(),
					    NULL, key) == WOLFSSL_SUCCESS &&
	       wolfSSL_EVP_DigestVerifyUpdate(md, PROOF, sizeof(PROOF)) ==
		       WOLFSSL_SUCCESS &&
	       wolfSSL_EVP_DigestVerifyFinal(md, signature, len) ==
		       WOLFSSL_SUCCESS;
	wolfSSL_EVP_MD_CTX_free(md);
	return good;
}

/*
 * wolfSSL 5.5's own check takes every EC key of the right curve.  So a
 * signature tells; of a kind of key that cannot sign here the check has to.
 */
bool pem_keys_match(WOLFSSL_CTX *wolf)
{
	WOLFSSL_EVP_PKEY *key = wolfSSL_CTX_get0_privatekey(wolf);
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	WOLFSSL_EVP_PKEY *public;
	bool match;

	if (wolfSSL_CTX_check_private_key(wolf) != WOLFSSL_SUCCESS)
		return false;
	if (!key || !sign(key, signature, &len))
		return true;
	public = wolfSSL_X509_get_pubkey(wolfSSL_CTX_get0_certificate(wolf));
	match = public && verify(public, signature, len);
	wolfSSL_EVP_PKEY_free(public);
	return match;
}

bool pem_is_pair(const struct mqtt_pem *cert, const struct mqtt_pem *key)
{
	WOLFSSL_CTX *wolf = wolfSSL_CTX_new(wolfTLS_client_method());
	bool pair;

	pair = use_key(wolf, key) &&
	       wolfSSL_CTX_use_certificate_chain_buffer(
		       wolf, cert->p, (long)cert->len) == WOLFSSL_SUCCESS &&
	       pem_keys_match(wolf);
	free_context(wolf);
	return pair;
}
