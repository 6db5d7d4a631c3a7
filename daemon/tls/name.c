// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/name.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

/* GeneralName, RFC 5280 4.2.1.6 */
#define DNS		DER_PLAIN(2)
#define IP		DER_PLAIN(7)

/* What a host is called, in the form that a certificate has */
struct name {
	uint8_t kind;
	struct span text;
	uint8_t address[sizeof(struct in6_addr)];
};

static void parse_host(const char *host, struct name *name)
{
	size_t len = 0;

	if (inet_pton(AF_INET, host, name->address) == 1)
		len = sizeof(struct in_addr);
	else if (inet_pton(AF_INET6, host, name->address) == 1)
		len = sizeof(struct in6_addr);
	name->kind = len ? IP : DNS;
	name->text = len ? span(name->address, len) : span(host, strlen(host));
}

bool name_is_address(const char *host)
{
	struct name name;

	parse_host(host, &name);
	return name.kind == IP;
}

static bool equal_text(struct span a, struct span b)
{
	return a.len == b.len &&
	       !strncasecmp((const char *)a.p, (const char *)b.p, a.len);
}

/* What follows its first dot; NULL: there is none. */
static struct span behind_dot(struct span s)
{
	const uint8_t *dot = s.len ? memchr(s.p, '.', s.len) : NULL;

	if (!dot)
		return span(NULL, 0);
	return span(dot + 1, s.len - (size_t)(dot + 1 - s.p));
}

static bool match_dns(struct span pattern, struct span host)
{
	struct span domain = behind_dot(pattern);

	if (pattern.len < 2 || memcmp(pattern.p, "*.", 2))
		return host.len && equal_text(pattern, host);
	return host.len && host.p[0] != '.' && behind_dot(domain).len &&
	       equal_text(domain, behind_dot(host));
}

bool name_matches(const struct x509 *x, const char *host)
{
	struct span rest = x->names;
	struct name name;
	struct der v;

	parse_host(host, &name);
	while (der_next(&rest, &v)) {
		if (v.tag != name.kind)
			continue;
		if (v.tag == IP ? span_equal(v.in, name.text) :
				  match_dns(v.in, name.text))
			return true;
	}
	return false;
}

/*
 * Constraints
 */

/* The domain and what is below it; with a dot in front only the latter. */
static bool is_below(struct span domain, struct span host)
{
	struct span tail;

	if (!domain.len)
		return true;
	if (domain.len > host.len)
		return false;
	tail = span(host.p + (host.len - domain.len), domain.len);
	if (!equal_text(domain, tail))
		return false;
	return domain.p[0] == '.' || domain.len == host.len ||
	       tail.p[-1] == '.';
}

/* An address and a mask */
static bool is_in_net(struct span net, struct span address)
{
	size_t i, n = address.len;

	if (net.len != 2 * n)
		return false;
	for (i = 0; i < n; i++)
		if ((net.p[i] ^ address.p[i]) & net.p[n + i])
			return false;
	return true;
}

struct found {
	bool kind;		/* subtrees of its kind */
	bool it;		/* one that it is in */
};

static struct found find_in(struct span subtrees, uint8_t kind,
			    struct span name)
{
	struct found found = { 0 };
	struct der subtree, v;

	while (der_take(&subtrees, DER_SEQUENCE, &subtree)) {
		if (!der_next(&subtree.in, &v) || v.tag != kind)
			continue;
		found.kind = true;
		found.it |= kind == IP ? is_in_net(v.in, name) :
					 is_below(v.in, name);
	}
	return found;
}

static bool is_allowed(const struct x509 *ca, uint8_t kind, struct span name)
{
	const struct found permitted = find_in(ca->permitted, kind, name);

	return (permitted.it || !permitted.kind) &&
	       !find_in(ca->excluded, kind, name).it;
}

bool name_is_allowed(const struct x509 *ca, const struct x509 *x,
		     const char *host)
{
	struct span rest = x->names;
	struct name name;
	struct der v;

	while (der_next(&rest, &v))
		if ((v.tag == DNS || v.tag == IP) &&
		    !is_allowed(ca, v.tag, v.in))
			return false;
	parse_host(host, &name);
	return is_allowed(ca, name.kind, name.text);
}
