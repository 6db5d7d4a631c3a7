// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What comes is DER, or PEM with whatever is around it: other texts, a mark
 * of the byte order, a NUL at the end, lines that end in any way.  It is
 * taken apart to DER and written as PEM of one form, so that the same
 * certificate is known again and nothing behind here meets anything else.
 */
#include "daemon/tls/pem.h"

#include <wolfssl/options.h>
#include <wolfssl/openssl/evp.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/coding.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tls/blocks.h"
#include "daemon/tls/der.h"
#include "daemon/tls/x509.h"

#define BEGIN		"-----BEGIN "
#define END		"-----END "
#define DASHES		"-----"
#define CERTIFICATE	"CERTIFICATE"
#define KEY		"PRIVATE KEY"	/* what every kind of it ends with */
#define PROOF		"proof of possession"	/* any text */
#define SIGNATURE_MAX	1024	/* RSA of 8192 bits */

static int refuse(struct mqtt_reason *why, int err, const char *text)
{
	why->code = 0;
	snprintf(why->text, sizeof(why->text), "%s", text);
	return err;
}

static int no_memory(struct mqtt_reason *why)
{
	return refuse(why, -ENOMEM, "no memory");
}

/* The tag of value @n of the sequence that @b is; 0: there is none. */
static uint8_t tag_in(const struct bytes *b, unsigned int n)
{
	struct span rest = span(b->p, b->len);
	struct der v;

	if (!der_take(&rest, DER_SEQUENCE, &v))
		return 0;
	rest = v.in;
	do {
		if (!der_next(&rest, &v))
			return 0;
	} while (n--);
	return v.tag;
}

/*
 * Certificates
 */

/* As far as can be told without the certificate that vouches for it. */
static bool is_certificate(const struct bytes *der)
{
	WOLFSSL_CERT_MANAGER *nobody = wolfSSL_CertManagerNew();
	struct x509 x509;
	int rc;

	if (!nobody)
		return false;
	rc = wolfSSL_CertManagerVerifyBuffer(nobody, der->p, (long)der->len,
					     WOLFSSL_FILETYPE_ASN1);
	wolfSSL_CertManagerFree(nobody);
	return (rc == ASN_NO_SIGNER_E || rc == ASN_SELF_SIGNED_E ||
		rc == ASN_AFTER_DATE_E || rc == ASN_BEFORE_DATE_E) &&
	       x509_parse(span(der->p, der->len), &x509);
}

/* 1: *@der is the next one; 0: there is none; or negative with @why. */
static int next_certificate(struct blocks *b, struct bytes *der,
			    struct mqtt_reason *why)
{
	int rc = blocks_next(b, CERTIFICATE, der);

	if (rc == -ENOMEM)
		return no_memory(why);
	if (rc == -EINVAL)
		return refuse(why, -EINVAL, "certificate is cut short");
	if (rc < 0 || (rc && !is_certificate(der))) {
		bytes_wipe(der);
		return refuse(why, -EINVAL, "certificate is damaged");
	}
	return rc;
}

/*
 * Writing
 */

void pem_drop(struct pem *pem)
{
	if (pem->p)
		explicit_bzero(pem->p, pem->len);
	free(pem->p);
	*pem = (struct pem){ 0 };
}

/* The one form; p is NULL without memory. */
static struct bytes encode(const struct bytes *der, const char *label)
{
	size_t size = 2 * der->len + 128;
	struct bytes b = { malloc(size), size };
	word32 n;

	if (!b.p)
		return b;
	b.len = (size_t)snprintf((char *)b.p, size, BEGIN "%s" DASHES "\n",
				 label);
	n = (word32)(size - b.len);
	if (Base64_Encode(der->p, (word32)der->len, b.p + b.len, &n)) {
		bytes_wipe(&b);
		return b;
	}
	b.len += n;
	b.len += (size_t)snprintf((char *)b.p + b.len, size - b.len,
				  END "%s" DASHES "\n", label);
	return b;
}

/* Unless it is there. */
static int add_block(struct pem *pem, const struct bytes *block,
		     struct mqtt_reason *why)
{
	char *p;

	if (pem->p && memmem(pem->p, pem->len, block->p, block->len))
		return 0;
	if (pem->len + block->len > PEM_MAX)
		return refuse(why, -E2BIG, "too many certificates");
	p = realloc(pem->p, pem->len + block->len);
	if (!p)
		return no_memory(why);
	memcpy(p + pem->len, block->p, block->len);
	pem->p = p;
	pem->len += block->len;
	pem->count++;
	return 0;
}

static int add_certificate(struct pem *pem, const struct bytes *der,
			   struct mqtt_reason *why)
{
	struct bytes block = encode(der, CERTIFICATE);
	int rc = block.p ? add_block(pem, &block, why) : no_memory(why);

	bytes_wipe(&block);
	return rc;
}

static int copy(struct pem *to, const struct pem *from)
{
	*to = *from;
	if (!from->p)
		return 0;
	to->p = malloc(from->len);
	if (!to->p)
		return -ENOMEM;
	memcpy(to->p, from->p, from->len);
	return 0;
}

int pem_add_certificates(struct pem *pem, const struct mqtt_pem *file,
			 struct mqtt_reason *why)
{
	struct blocks blocks = blocks_of(file->p, file->len);
	struct bytes der;
	struct pem sum;
	int n = 0;
	int rc;

	if (copy(&sum, pem))
		return no_memory(why);
	while ((rc = next_certificate(&blocks, &der, why)) > 0) {
		rc = add_certificate(&sum, &der, why);
		bytes_wipe(&der);
		if (rc)
			break;
		n++;
	}
	if (!rc && !n)
		rc = refuse(why, -EINVAL, "no certificate");
	if (rc) {
		pem_drop(&sum);
		return rc;
	}
	pem_drop(pem);
	*pem = sum;
	return 0;
}

int pem_set_certificates(struct pem *pem, const struct mqtt_pem *file,
			 struct mqtt_reason *why)
{
	struct pem new = { 0 };
	int rc = pem_add_certificates(&new, file, why);

	if (rc)
		return rc;
	pem_drop(pem);
	*pem = new;
	return 0;
}

bool pem_next(struct mqtt_pem *rest, struct mqtt_pem *block)
{
	static const char last[] = END CERTIFICATE DASHES;
	const char *p = rest->p;
	size_t n;

	if (!p)
		return false;
	p = memmem(p, rest->len, last, strlen(last));
	if (!p)
		return false;
	p += strlen(last);
	n = (size_t)(p - (const char *)rest->p);
	for (; n < rest->len && isspace((unsigned char)*p); p++)
		n++;
	*block = (struct mqtt_pem){ rest->p, n };
	*rest = (struct mqtt_pem){ p, rest->len - n };
	return true;
}

/*
 * Keys
 */

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

/* By what follows its version; NULL: it is no key. */
static const char *label_of(const struct bytes *der)
{
	if (tag_in(der, 0) != DER_INTEGER)
		return NULL;
	switch (tag_in(der, 1)) {
	case DER_INTEGER:
		return "RSA PRIVATE KEY";	/* RFC 8017 A.1.2, PKCS#1 */
	case DER_OCTETS:
		return "EC PRIVATE KEY";	/* RFC 5915, SEC1 */
	case DER_SEQUENCE:
		return "PRIVATE KEY";		/* RFC 5208, PKCS#8 */
	}
	return NULL;
}

/* RFC 5208 6: an algorithm, then what it made of the key */
static bool is_locked(const struct bytes *der)
{
	return tag_in(der, 0) == DER_SEQUENCE && tag_in(der, 1) == DER_OCTETS;
}

static int read_key(struct blocks *b, struct bytes *der,
		    struct mqtt_reason *why)
{
	switch (blocks_next(b, KEY, der)) {
	case 1:
		return 0;
	case 0:
		return refuse(why, -EINVAL, "no key");
	case -EINVAL:
		return refuse(why, -EINVAL, "key is cut short");
	case -EACCES:
		return refuse(why, -EINVAL, "key has a password");
	case -ENOMEM:
		return no_memory(why);
	}
	return refuse(why, -EINVAL, "key is damaged");
}

static bool is_key(const struct bytes *block)
{
	const struct mqtt_pem key = { block->p, block->len };
	WOLFSSL_CTX *wolf = wolfSSL_CTX_new(wolfTLS_client_method());
	bool good = use_key(wolf, &key);

	free_context(wolf);
	return good;
}

int pem_set_key(struct pem *pem, const struct mqtt_pem *file,
		struct mqtt_reason *why)
{
	struct blocks blocks = blocks_of(file->p, file->len);
	struct bytes block = { 0 };
	struct bytes der;
	int rc = read_key(&blocks, &der, why);

	if (rc)
		return rc;
	if (is_locked(&der))
		rc = refuse(why, -EINVAL, "key has a password");
	else if (!label_of(&der))
		rc = refuse(why, -EINVAL, blocks.pem ? "key is damaged" : "no key");
	else
		block = encode(&der, label_of(&der));
	if (!rc && !block.p)
		rc = no_memory(why);
	if (!rc && !is_key(&block))
		rc = refuse(why, -EINVAL, "key is damaged");
	bytes_wipe(&der);
	if (rc) {
		bytes_wipe(&block);
		return rc;
	}
	pem_drop(pem);
	*pem = (struct pem){ (char *)block.p, block.len, 1 };
	return 0;
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
