/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a certificate (RFC 5280) says of itself that wolfSSL does not tell, or
 * not in each of its versions.
 */
#ifndef ATMQTT_TLS_X509_H
#define ATMQTT_TLS_X509_H

#include "daemon/tls/der.h"

enum x509_hash {
	X509_HASH_GOOD,
	X509_HASH_MD5,		/* or older */
	X509_HASH_SHA1,
};

enum x509_key {
	X509_KEY_OTHER,		/* of a size that its kind has */
	X509_KEY_RSA,
	X509_KEY_EC,
};

/* Of keyUsage's bits: RFC 5280 4.2.1.3 */
#define X509_DIGITAL_SIGNATURE	0x80
#define X509_KEY_CERT_SIGN	0x04

/* Its parts are those of the DER that x509_parse() got. */
struct x509 {
	struct span der;
	struct span issuer;
	struct span subject;
	enum x509_hash hash;	/* what was signed of it */
	enum x509_key key;
	size_t key_bits;
	bool is_v3;		/* older ones tell nothing of the following */
	bool has_basic;		/* basicConstraints */
	bool is_ca;
	int path_len;		/* authorities below it; -1: any number */
	bool has_usage;
	uint8_t usage;
	struct span names;	/* subjectAltName's, without header */
	struct span permitted;	/* nameConstraints' subtrees */
	struct span excluded;
};

/* False: it is none. */
bool x509_parse(struct span der, struct x509 *x);

#endif /* ATMQTT_TLS_X509_H */
