// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "pem.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CERT_BEGIN	"-----BEGIN CERTIFICATE-----"
#define CERT_END	"-----END CERTIFICATE-----"
#define KEY_END		"PRIVATE KEY-----"	/* of every kind of key */

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

bool pem_is_pair(const struct mqtt_pem *cert, const struct mqtt_pem *key)
{
	WOLFSSL_CTX *wolf = wolfSSL_CTX_new(wolfTLS_client_method());
	bool pair;

	pair = use_key(wolf, key) &&
	       wolfSSL_CTX_use_certificate_chain_buffer(
		       wolf, cert->p, (long)cert->len) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_check_private_key(wolf) == WOLFSSL_SUCCESS;
	free_context(wolf);
	return pair;
}
