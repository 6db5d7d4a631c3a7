// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/x509.h"

#include <string.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define V3		2

/* Object identifiers, as they stand in DER */
#define RSA		"\x2a\x86\x48\x86\xf7\x0d\x01\x01"	/* pkcs-1 */
#define OID_PSS		RSA "\x0a"
#define OID_EXTENSION	"\x55\x1d"				/* id-ce */

struct oid {
	const char *text;
	size_t len;
	int value;
};

#define ROW(oid, value) { oid, sizeof(oid) - 1, value }

static const struct oid hashes[] = {
	ROW(RSA "\x02", X509_HASH_MD5),			/* MD2 */
	ROW(RSA "\x03", X509_HASH_MD5),			/* MD4 */
	ROW(RSA "\x04", X509_HASH_MD5),
	ROW(RSA "\x05", X509_HASH_SHA1),
	ROW("\x2b\x0e\x03\x02\x1a", X509_HASH_SHA1),	/* PSS's */
	ROW("\x2b\x0e\x03\x02\x1d", X509_HASH_SHA1),	/* OIW's, with RSA */
	ROW("\x2a\x86\x48\xce\x38\x04\x03", X509_HASH_SHA1),	/* DSA */
	ROW("\x2a\x86\x48\xce\x3d\x04\x01", X509_HASH_SHA1),	/* ECDSA */
};

static const struct oid keys[] = {
	ROW(RSA "\x01", X509_KEY_RSA),
	ROW(OID_PSS, X509_KEY_RSA),
	ROW("\x2a\x86\x48\xce\x3d\x02\x01", X509_KEY_EC),
};

static int find_oid(const struct oid *rows, size_t n, struct span oid,
		    int otherwise)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_equal(oid, span(rows[i].text, rows[i].len)))
			return rows[i].value;
	return otherwise;
}

/* RFC 4055 3.1: the hash is SHA-1 unless there is another. */
static enum x509_hash hash_of_pss(struct span params)
{
	struct der v;

	if (!der_take(&params, DER_SEQUENCE, &v))
		return X509_HASH_SHA1;
	params = v.in;
	if (!der_take(&params, DER_TAGGED(0), &v) ||
	    !der_take(&v.in, DER_SEQUENCE, &v) ||
	    !der_take(&v.in, DER_OID, &v))
		return X509_HASH_SHA1;
	return find_oid(hashes, ARRAY_SIZE(hashes), v.in, X509_HASH_GOOD);
}

static bool parse_algorithm(struct span in, struct x509 *x)
{
	struct der oid;

	if (!der_take(&in, DER_OID, &oid))
		return false;
	if (span_equal(oid.in, span(OID_PSS, sizeof(OID_PSS) - 1)))
		x->hash = hash_of_pss(in);
	else
		x->hash = find_oid(hashes, ARRAY_SIZE(hashes), oid.in,
				   X509_HASH_GOOD);
	return true;
}

/* Bits of an INTEGER above zero; 0: it is none. */
static size_t bits_of(struct span n)
{
	size_t bits;
	uint8_t top;

	while (n.len && !n.p[0])
		n = span(n.p + 1, n.len - 1);
	if (!n.len)
		return 0;
	bits = (n.len - 1) * 8;
	for (top = n.p[0]; top; top >>= 1)
		bits++;
	return bits;
}

/* RFC 8017 A.1.1: the modulus first */
static size_t rsa_bits(struct span key)
{
	struct der v;

	if (!der_take(&key, DER_SEQUENCE, &v) ||
	    !der_take(&v.in, DER_INTEGER, &v))
		return 0;
	return bits_of(v.in);
}

/* SEC 1 2.3.3: 4 and two coordinates, or 2 or 3 and one */
static size_t ec_bits(struct span point)
{
	if (!point.len)
		return 0;
	return (point.len - 1) * 8 / (point.p[0] == 4 ? 2 : 1);
}

static bool parse_key(struct span in, struct x509 *x)
{
	struct der algorithm, oid, bits;
	struct span key;

	if (!der_take(&in, DER_SEQUENCE, &algorithm) ||
	    !der_take(&algorithm.in, DER_OID, &oid) ||
	    !der_take(&in, DER_BITS, &bits) || !bits.in.len)
		return false;
	key = span(bits.in.p + 1, bits.in.len - 1);
	x->key = (enum x509_key)find_oid(keys, ARRAY_SIZE(keys), oid.in,
					 X509_KEY_OTHER);
	if (x->key == X509_KEY_RSA)
		x->key_bits = rsa_bits(key);
	else if (x->key == X509_KEY_EC)
		x->key_bits = ec_bits(key);
	return true;
}

/*
 * Extensions; each once
 */

static bool parse_usage(struct span in, struct x509 *x)
{
	struct der v;

	if (x->has_usage || !der_take(&in, DER_BITS, &v) || !v.in.len)
		return false;
	x->has_usage = true;
	x->usage = v.in.len > 1 ? v.in.p[1] : 0;
	return true;
}

static bool parse_names(struct span in, struct x509 *x)
{
	struct der v;

	if (x->names.p || !der_take(&in, DER_SEQUENCE, &v))
		return false;
	x->names = v.in;
	return true;
}

static bool parse_constraints(struct span in, struct x509 *x)
{
	struct der all, v;

	if (x->permitted.p || x->excluded.p ||
	    !der_take(&in, DER_SEQUENCE, &all))
		return false;
	if (der_take(&all.in, DER_TAGGED(0), &v))
		x->permitted = v.in;
	if (der_take(&all.in, DER_TAGGED(1), &v))
		x->excluded = v.in;
	return !all.in.len;
}

/* A length that is longer than any path is any. */
static bool parse_basic(struct span in, struct x509 *x)
{
	struct der all, v;

	if (x->has_basic || !der_take(&in, DER_SEQUENCE, &all))
		return false;
	x->has_basic = true;
	if (der_take(&all.in, DER_BOOLEAN, &v))
		x->is_ca = v.in.len == 1 && v.in.p[0];
	if (der_take(&all.in, DER_INTEGER, &v) && v.in.len == 1 &&
	    v.in.p[0] < 0x80)
		x->path_len = v.in.p[0];
	return !all.in.len;
}

static const struct {
	uint8_t id;		/* behind id-ce */
	bool (*parse)(struct span in, struct x509 *x);
} extensions[] = {
	{ 15, parse_usage },
	{ 17, parse_names },
	{ 19, parse_basic },
	{ 30, parse_constraints },
};

static bool parse_extension(struct span in, struct x509 *x)
{
	struct der oid, v;
	size_t i;

	if (!der_take(&in, DER_OID, &oid))
		return false;
	der_take(&in, DER_BOOLEAN, &v);		/* critical */
	if (!der_take(&in, DER_OCTETS, &v))
		return false;
	if (oid.in.len != sizeof(OID_EXTENSION) ||
	    memcmp(oid.in.p, OID_EXTENSION, oid.in.len - 1))
		return true;
	for (i = 0; i < ARRAY_SIZE(extensions); i++)
		if (extensions[i].id == oid.in.p[oid.in.len - 1])
			return extensions[i].parse(v.in, x);
	return true;
}

static bool parse_extensions(struct span in, struct x509 *x)
{
	struct der list, v;

	if (!der_take(&in, DER_SEQUENCE, &list))
		return false;
	while (der_take(&list.in, DER_SEQUENCE, &v))
		if (!parse_extension(v.in, x))
			return false;
	return !list.in.len;
}

/* [0] version: absent is the first */
static bool parse_version(struct span *in, struct x509 *x)
{
	struct der v;

	if (!der_take(in, DER_TAGGED(0), &v))
		return true;
	if (!der_take(&v.in, DER_INTEGER, &v) || v.in.len != 1)
		return false;
	x->is_v3 = v.in.p[0] == V3;
	return true;
}

/* TBSCertificate, RFC 5280 4.1 */
static bool parse_body(struct span in, struct x509 *x)
{
	struct der serial, algorithm, issuer, validity, subject, key, v;

	if (!parse_version(&in, x) ||
	    !der_take(&in, DER_INTEGER, &serial) ||
	    !der_take(&in, DER_SEQUENCE, &algorithm) ||
	    !der_take(&in, DER_SEQUENCE, &issuer) ||
	    !der_take(&in, DER_SEQUENCE, &validity) ||
	    !der_take(&in, DER_SEQUENCE, &subject) ||
	    !der_take(&in, DER_SEQUENCE, &key) || !parse_key(key.in, x))
		return false;
	x->issuer = issuer.all;
	x->subject = subject.all;
	der_take(&in, DER_PLAIN(1), &v);	/* unique ids */
	der_take(&in, DER_PLAIN(2), &v);
	if (der_take(&in, DER_TAGGED(3), &v) && !parse_extensions(v.in, x))
		return false;
	return !in.len;
}

bool x509_parse(struct span der, struct x509 *x)
{
	struct der all, body, algorithm;

	*x = (struct x509){ .path_len = -1 };
	if (!der_take(&der, DER_SEQUENCE, &all) || der.len ||
	    !der_take(&all.in, DER_SEQUENCE, &body) ||
	    !der_take(&all.in, DER_SEQUENCE, &algorithm))
		return false;
	x->der = all.all;
	return parse_body(body.in, x) && parse_algorithm(algorithm.in, x);
}
