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

/* Bytes, a key perhaps; p is NULL: there are none. */
struct bytes {
	uint8_t *p;
	size_t len;
};

static void wipe(struct bytes *b)
{
	if (b->p)
		explicit_bzero(b->p, b->len);
	free(b->p);
	*b = (struct bytes){ 0 };
}

/*
 * DER, ITU-T X.690
 */

#define TAG_INTEGER	0x02
#define TAG_OCTETS	0x04
#define TAG_SEQUENCE	0x30
#define LENGTH_MAX	3	/* bytes of a length: far above MQTT_PEM_MAX */

struct value {
	uint8_t tag;
	size_t header;		/* bytes in front of its content */
	size_t len;		/* with them; 0: it is cut short, or is none */
};

static struct value value_at(const uint8_t *p, size_t len)
{
	struct value v = { .header = 2 };
	size_t i, n;

	if (len < v.header)
		return v;
	v.tag = p[0];
	n = p[1];
	if (n & 0x80) {		/* so many bytes of length follow */
		v.header += n & 0x7f;
		if (n == 0x80 || n > 0x80 + LENGTH_MAX || v.header > len)
			return v;
		for (n = 0, i = 2; i < v.header; i++)
			n = n << 8 | p[i];
	}
	if (n <= len - v.header)
		v.len = v.header + n;
	return v;
}

/* The tag of value @n of the sequence that @b is; 0: there is none. */
static uint8_t tag_in(const struct bytes *b, unsigned int n)
{
	struct value v = value_at(b->p, b->len);
	const uint8_t *end = b->p + v.len;
	const uint8_t *p = b->p + v.header;

	if (!v.len || v.tag != TAG_SEQUENCE)
		return 0;
	v = value_at(p, (size_t)(end - p));
	while (n-- && v.len) {
		p += v.len;
		v = value_at(p, (size_t)(end - p));
	}
	return v.len ? v.tag : 0;
}

/*
 * Reading
 */

struct reader {
	const char *p;		/* what is left */
	const char *end;
	bool pem;
};

static const char *find(const struct reader *r, const char *p,
			const char *word)
{
	return memmem(p, (size_t)(r->end - p), word, strlen(word));
}

static struct reader reader_of(const struct mqtt_pem *file)
{
	const char *p = file->p;
	struct reader r = { .p = p, .end = p + file->len };

	r.pem = find(&r, r.p, BEGIN);
	return r;
}

/* The bytes that the base64 in [@p, @end) stands for; false: it is none. */
static bool decode(const char *p, const char *end, struct bytes *out)
{
	size_t size = (size_t)(end - p) + 1;
	struct bytes text = { malloc(size), size };
	word32 len = (word32)size;
	word32 n = 0;

	*out = (struct bytes){ malloc(size), size };
	for (; text.p && p < end; p++)
		if (!isspace((unsigned char)*p))
			text.p[n++] = (uint8_t)*p;
	if (!text.p || !out->p || !n || Base64_Decode(text.p, n, out->p, &len))
		wipe(out);
	else
		out->len = len;
	wipe(&text);
	return out->p;
}

/*
 * The next block whose label ends with @kind: [*@from, *@to) is what is
 * between its lines, and the reader goes on behind it.  1, 0 without one, or
 * -EINVAL if it is cut short.
 */
static int next_block(struct reader *r, const char *kind, const char **from,
		      const char **to)
{
	size_t len = strlen(kind);
	const char *label;

	while ((r->p = find(r, r->p, BEGIN))) {
		label = r->p + strlen(BEGIN);
		*from = find(r, label, DASHES);
		if (!*from)
			return -EINVAL;
		r->p = label;
		if ((size_t)(*from - label) < len ||
		    memcmp(*from - len, kind, len))
			continue;
		*from += strlen(DASHES);
		*to = find(r, *from, END);
		if (!*to || !find(r, *to + strlen(END), DASHES))
			return -EINVAL;
		r->p = *to;
		return 1;
	}
	return 0;
}

/* The same of DER, which has no label: what is there is what is asked for. */
static int next_value(struct reader *r, struct bytes *out)
{
	struct value v;

	while (r->p < r->end && (!*r->p || isspace((unsigned char)*r->p)))
		r->p++;
	if (r->p == r->end || *r->p != TAG_SEQUENCE)
		return 0;
	v = value_at((const uint8_t *)r->p, (size_t)(r->end - r->p));
	if (!v.len)
		return -EINVAL;
	*out = (struct bytes){ malloc(v.len), v.len };
	if (!out->p)
		return -ENOMEM;
	memcpy(out->p, r->p, v.len);
	r->p += v.len;
	return 1;
}

static bool is_certificate(const struct bytes *der)
{
	WOLFSSL_X509 *x509;

	x509 = wolfSSL_X509_load_certificate_buffer(der->p, (int)der->len,
						    WOLFSSL_FILETYPE_ASN1);
	wolfSSL_X509_free(x509);
	return x509;
}

/* 1: *@der is the next one; 0: there is none; or negative with @why. */
static int next_certificate(struct reader *r, struct bytes *der,
			    struct mqtt_reason *why)
{
	const char *from, *to;
	int rc;

	*der = (struct bytes){ 0 };
	rc = r->pem ? next_block(r, CERTIFICATE, &from, &to) :
		      next_value(r, der);
	if (rc == -ENOMEM)
		return no_memory(why);
	if (rc < 0)
		return refuse(why, -EINVAL, "certificate is cut short");
	if (!rc)
		return 0;
	if ((r->pem && !decode(from, to, der)) || !is_certificate(der)) {
		wipe(der);
		return refuse(why, -EINVAL, "certificate is damaged");
	}
	return 1;
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
		wipe(&b);
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

	wipe(&block);
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
	struct reader r = reader_of(file);
	struct bytes der;
	struct pem sum;
	int n = 0;
	int rc;

	if (copy(&sum, pem))
		return no_memory(why);
	while ((rc = next_certificate(&r, &der, why)) > 0) {
		rc = add_certificate(&sum, &der, why);
		wipe(&der);
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
	if (tag_in(der, 0) != TAG_INTEGER)
		return NULL;
	switch (tag_in(der, 1)) {
	case TAG_INTEGER:
		return "RSA PRIVATE KEY";	/* RFC 8017 A.1.2, PKCS#1 */
	case TAG_OCTETS:
		return "EC PRIVATE KEY";	/* RFC 5915, SEC1 */
	case TAG_SEQUENCE:
		return "PRIVATE KEY";		/* RFC 5208, PKCS#8 */
	}
	return NULL;
}

/* RFC 5208 6: an algorithm, then what it made of the key */
static bool is_locked(const struct bytes *der)
{
	return tag_in(der, 0) == TAG_SEQUENCE && tag_in(der, 1) == TAG_OCTETS;
}

static int read_key(struct reader *r, struct bytes *der,
		    struct mqtt_reason *why)
{
	static const char locked[] = "ENCRYPTED";
	const char *from, *to;
	int rc;

	*der = (struct bytes){ 0 };
	rc = r->pem ? next_block(r, KEY, &from, &to) : next_value(r, der);
	if (rc == -ENOMEM)
		return no_memory(why);
	if (rc < 0)
		return refuse(why, -EINVAL, "key is cut short");
	if (!rc)
		return refuse(why, -EINVAL, "no key");
	if (r->pem && memmem(from, (size_t)(to - from), locked, strlen(locked)))
		return refuse(why, -EINVAL, "key has a password");
	if (r->pem && !decode(from, to, der))
		return refuse(why, -EINVAL, "key is damaged");
	return 0;
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
	struct reader r = reader_of(file);
	struct bytes block = { 0 };
	struct bytes der;
	int rc = read_key(&r, &der, why);

	if (rc)
		return rc;
	if (is_locked(&der))
		rc = refuse(why, -EINVAL, "key has a password");
	else if (!label_of(&der))
		rc = refuse(why, -EINVAL, r.pem ? "key is damaged" : "no key");
	else
		block = encode(&der, label_of(&der));
	if (!rc && !block.p)
		rc = no_memory(why);
	if (!rc && !is_key(&block))
		rc = refuse(why, -EINVAL, "key is damaged");
	wipe(&der);
	if (rc) {
		wipe(&block);
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
