// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Whom daemon/tls/chain.c lets in: certificates of chains.sh, and what is
 * said of them.
 */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "daemon/tls/chain.h"
#include "daemon/tls/failure.h"

struct chain_row {
	const char *trusted;	/* names, with spaces between */
	const char *sent;
	const char *host;
	const char *why;	/* NULL: is let in */
	const char *crls;	/* NULL: none are asked */
};

#define UNTRUSTED	"certificate not trusted"
#define MAY_NOT_SIGN	"certificate is signed by one that may not sign"
#define MAY_NOT_NAME	"certificate's authority may not vouch for its name"
#define OTHER_NAME	"host name does not match the certificate"
#define OTHER_ADDRESS	"address does not match the certificate"
#define NO_LIST		"no revocation list of who issued a certificate"
#define TOO_LONG	"certificate not trusted: its chain is too long"

static const struct chain_row rows[] = {
	{ "root", "good", "localhost" },
	{ "root", "good", "127.0.0.1" },
	{ "rsa", "by_rsa", "localhost" },
	{ "root rsa", "by_rsa", "localhost" },
	{ "rsa", "good", "localhost", UNTRUSTED },
	{ "root", "stranger", "localhost", UNTRUSTED },
	{ "stranger", "stranger", "localhost" },
	{ "good", "good", "localhost", UNTRUSTED },
	{ "root", "old", "localhost", "certificate has expired" },
	{ "false_root", "good", "localhost" },	/* the same key */

	/* strength */
	{ "rsa", "md5", "localhost", "certificate signed with MD5" },
	{ "root", "sha1", "localhost", "certificate signed with SHA-1" },
	{ "rsa", "pss_sha1", "localhost", "certificate signed with SHA-1" },
	{ "rsa", "pss", "localhost" },
	{ "root", "rsa1024", "localhost", "certificate's key is too short" },
	{ "root", "p224", "localhost", "certificate's key is too short" },
	{ "root", "ed25519", "localhost" },
	{ "root1024", "by_root1024", "localhost",
	  "CA certificate's key is too short" },
	{ "root", "by_sha1_between sha1_between", "localhost",
	  "certificate signed with SHA-1" },
	{ "sha1_between", "by_sha1_between sha1_between", "localhost" },
	{ "sha1_root", "by_sha1_root sha1_root", "localhost" },
	{ "pinned_sha1", "pinned_sha1", "localhost" },

	/* names */
	{ "root", "wild", "a.wild.test" },
	{ "root", "wild", "A.WILD.TEST" },
	{ "root", "wild", "a.b.wild.test", OTHER_NAME },
	{ "root", "wild", "wild.test", OTHER_NAME },
	{ "root", "wild", ".wild.test", OTHER_NAME },
	{ "root", "wild_part", "broker.wild.test", OTHER_NAME },
	{ "root", "wild_inside", "a.x.wild.test", OTHER_NAME },
	{ "root", "wild_top", "broker.test", OTHER_NAME },
	{ "root", "wild_all", "localhost", OTHER_NAME },
	{ "root", "wild_address", "127.0.0.1", OTHER_ADDRESS },
	{ "root", "dns_address", "127.0.0.1", OTHER_ADDRESS },
	{ "root", "upper", "localhost" },
	{ "root", "ip6", "::1" },
	{ "root", "ip6", "0:0::1" },
	{ "root", "ip6", "::2", OTHER_ADDRESS },
	{ "root", "localhost", "localhost", OTHER_NAME },	/* CN */
	{ "root", "usage_good", "localhost" },
	{ "root", "usage_sign", "localhost",
	  "certificate is not for TLS servers" },

	/* constraints */
	{ "root", "by_nc_ip nc_ip", "localhost", MAY_NOT_NAME },
	{ "root", "by_nc_ip nc_ip", "127.0.0.1", MAY_NOT_NAME },
	{ "root", "by_nc_not_ip nc_not_ip", "127.0.0.1", MAY_NOT_NAME },
	{ "root", "by_nc_ip_good nc_ip_good", "127.0.0.1" },
	{ "root", "by_nc_dns nc_dns", "localhost", MAY_NOT_NAME },
	{ "root", "by_nc_dns_good nc_dns_good", "a.good.test" },
	{ "root", "by_under_nc under_nc nc_dns", "localhost", MAY_NOT_NAME },

	/* authorities */
	{ "root", "by_between between", "localhost" },
	{ "root", "by_between", "localhost", UNTRUSTED },
	{ "root between", "by_between", "localhost" },
	{ "between", "by_between", "localhost" },
	{ "root", "by_between good stranger between root between",
	  "localhost" },
	{ "root", "by_between_old between_old", "localhost",
	  "intermediate certificate has expired" },
	{ "root_old", "by_root_old", "localhost",
	  "CA certificate has expired" },
	{ "root", "by_no_ca no_ca", "localhost", MAY_NOT_SIGN },
	{ "root", "by_as_ca as_ca", "localhost", MAY_NOT_SIGN },
	{ "root", "by_no_sign no_sign", "localhost", MAY_NOT_SIGN },
	{ "root", "by_last last", "localhost" },
	{ "root", "by_behind_last behind_last last", "localhost",
	  MAY_NOT_SIGN },
	{ "root", "by_deep8 deep8 deep7 deep6 deep5 deep4 deep3 deep2 deep1",
	  "localhost" },
	{ "root", "by_deep9 deep9 deep8 deep7 deep6 deep5 deep4 deep3 deep2 "
		  "deep1", "localhost", TOO_LONG },

	/* Amazon's */
	{ "r1", "device amazon", "localhost" },
	{ "r1", "device amazon r1x", "localhost" },
	{ "r1", "device amazon r1x s", "localhost" },
	{ "r1", "device amazon r1x s_old", "localhost" },
	{ "r1", "device amazon r1x_old s_old", "localhost" },
	{ "r1 s_old", "device amazon r1x", "localhost" },
	{ "s_old r1", "device amazon r1x s_old", "localhost" },
	{ "s", "device amazon r1x", "localhost" },
	{ "s", "device amazon r1x s_old", "localhost" },
	{ "s", "device amazon", "localhost", UNTRUSTED },
	{ "s_old", "device amazon r1x", "localhost",
	  "CA certificate has expired" },
	{ "s", "device amazon r1x_old", "localhost",
	  "intermediate certificate has expired" },
	{ "root", "device amazon r1x s", "localhost", UNTRUSTED },

	/* revocation */
	{ "root", "good", "localhost", NULL, "none" },
	{ "root", "not_revoked", "localhost", NULL, "some" },
	{ "root", "revoked", "localhost", NULL, "none" },
	{ "root", "revoked", "localhost", "certificate has been revoked",
	  "some" },
	{ "root", "revoked", "localhost", "certificate has been revoked",
	  "none some" },
	{ "root", "good", "localhost", "revocation list has expired", "old" },
	{ "root", "good", "localhost", NO_LIST, "foreign" },
	{ "root", "by_between between", "localhost", NO_LIST, "some" },
	{ "root", "by_between between", "localhost", NULL,
	  "some between_none" },
	{ "root", "by_between_revoked between_revoked", "localhost", NO_LIST,
	  "some" },
};

static void fill(struct store *store, const char *names, const char *suffix)
{
	char list[256], path[64], *name, *rest = list;

	snprintf(list, sizeof(list), "%s", names);
	while ((name = strsep(&rest, " "))) {
		snprintf(path, sizeof(path), "chain/%s.%s", name, suffix);
		assert_true(store_add_path(store, test_path(path)));
	}
}

static const char *verdict_of(const struct chain_row *row)
{
	struct store trusted = { 0 }, sent = { 0 };
	struct store crls = { .kind = STORE_CRLS };
	struct span list[CHAIN_MAX];
	static char unknown[32];
	const char *why = NULL;
	size_t i;
	int code;

	fill(&trusted, row->trusted, "crt");
	fill(&sent, row->sent, "crt");
	if (row->crls)
		fill(&crls, row->crls, "crl");
	for (i = 0; i < sent.count && i < CHAIN_MAX; i++)
		list[i] = sent.items[i].x509.der;
	code = chain_verify(&trusted, row->crls ? &crls : NULL, list, i,
			    row->host);
	snprintf(unknown, sizeof(unknown), "code %d", code);
	if (code)
		why = tls_failure_of(code) ? tls_failure_of(code)->text :
					     unknown;
	store_free(&trusted);
	store_free(&sent);
	store_free(&crls);
	return why;
}

/* The board's date may be behind it, or what else it may be. */
static bool begins(const char *text, const char *with)
{
	size_t len = strlen(with);

	return !strncmp(text, with, len) && (!text[len] || text[len] == ';' || text[len] == ' ');
}

static void test_chains(void **state)
{
	const char *why;
	int bad = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why = verdict_of(&rows[i]);
		if (!why == !rows[i].why && (!why || begins(why, rows[i].why)))
			continue;
		print_error("%s for %s, trusted %s: %s\n", rows[i].sent,
			    rows[i].host, rows[i].trusted, why ? why : "let in");
		bad++;
	}
	assert_int_equal(bad, 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_chains),
};

CASES(chain_cases, tests);
