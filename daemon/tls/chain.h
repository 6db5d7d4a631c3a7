/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The way from a server's certificate to an authority that is trusted, and
 * the rules for all that stands on it.  wolfSSL says whether one certificate
 * vouches for another at this time; the way and the rules are here, the same
 * with each of its versions, and nothing that a server sends is kept.
 */
#ifndef ATMQTT_TLS_CHAIN_H
#define ATMQTT_TLS_CHAIN_H

#include "daemon/tls/store.h"

#define CHAIN_MAX	9	/* certificates that wolfSSL takes of a server */

/* What wolfSSL has no code for; its own are below zero. */
enum chain_fault {
	CHAIN_MD5 = 1000,
	CHAIN_SHA1,
	CHAIN_SHORT_KEY,
	CHAIN_LONG_KEY,
	CHAIN_TOO_LONG,
	CHAIN_NO_AUTHORITY,	/* who vouches may not */
	CHAIN_NAME,		/* he may, but not for this name */
	CHAIN_USAGE,
	CHAIN_CA_EXPIRED,	/* whom we trust */
	CHAIN_CA_EARLY,
	CHAIN_CA_KEY,
	CHAIN_BETWEEN_EXPIRED,	/* on the way there */
	CHAIN_BETWEEN_EARLY,
	CHAIN_BETWEEN_REVOKED,
	CHAIN_CRL,		/* wolfSSL 5.5 does not tell damage from age */
};

/*
 * Does somebody of @authorities vouch for the first of @sent, and is it
 * @host's?  With @crls there must be a list of each who vouches.  0, or what
 * is wrong: one of these or wolfSSL's error code.
 */
int chain_verify(const struct store *authorities, const struct store *crls,
		 const struct span *sent, size_t count, const char *host);

#endif /* ATMQTT_TLS_CHAIN_H */
