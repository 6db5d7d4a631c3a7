// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An address is judged when it is known, not the name: whoever owns a name
 * may let it lead to the board's own services.
 */
#include "daemon/lib/reach.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "daemon/lib/address.h"

#define ANY_PORT	0
#define PATTERN_MAX	320	/* a name of 253, and what is around it */

/* The first bits of an address; IPv4 as IPv6 has it, ::ffff:0:0/96. */
struct prefix {
	struct in6_addr address;
	unsigned int bits;
};

struct pattern {
	STAILQ_ENTRY(pattern) entry;
	uint16_t port;		/* or ANY_PORT */
	bool is_prefix;
	struct prefix prefix;
	char name[];		/* else: a name, "*.name" or "*" */
};

struct reach {
	STAILQ_HEAD(, pattern) patterns;
};

#define V4(a, b, c, d) { .s6_addr = { [10] = 0xff, 0xff, a, b, c, d } }

static const struct prefix special[] = {
	{ V4(0, 0, 0, 0), 96 + 8 },		/* unspecified: this host */
	{ V4(127, 0, 0, 0), 96 + 8 },		/* loopback */
	{ V4(169, 254, 0, 0), 96 + 16 },	/* link-local */
	{ V4(224, 0, 0, 0), 96 + 4 },		/* multicast */
	{ V4(255, 255, 255, 255), 96 + 32 },	/* broadcast */
	{ { .s6_addr = { 0 } }, 128 },		/* :: */
	{ { .s6_addr = { [15] = 1 } }, 128 },	/* ::1 */
	{ { .s6_addr = { 0xfe, 0x80 } }, 10 },	/* link-local */
	{ { .s6_addr = { 0xff } }, 8 },		/* multicast */
};

/* ---- addresses ---- */

static struct in6_addr as_v6(const struct sockaddr *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	struct in6_addr v6 = V4(0, 0, 0, 0);

	if (address->sa_family == AF_INET6)
		return ((const struct sockaddr_in6 *)address)->sin6_addr;
	memcpy(&v6.s6_addr[12], &in->sin_addr, sizeof(in->sin_addr));
	return v6;
}

static bool contains(const struct prefix *prefix, const struct in6_addr *a)
{
	const uint8_t *p = prefix->address.s6_addr;
	unsigned int bytes = prefix->bits / 8;
	unsigned int rest = prefix->bits % 8;

	if (memcmp(p, a->s6_addr, bytes))
		return false;
	return !rest || !((p[bytes] ^ a->s6_addr[bytes]) >> (8 - rest));
}

static bool is_same(const struct sockaddr *own, const struct in6_addr *address)
{
	struct in6_addr a;

	if (!own || (own->sa_family != AF_INET && own->sa_family != AF_INET6))
		return false;
	a = as_v6(own);
	return !memcmp(&a, address, sizeof(a));
}

/* One of the board's, as far as one can know. */
static bool is_own(const struct in6_addr *address)
{
	struct ifaddrs *all, *i;
	bool own = false;

	if (getifaddrs(&all))
		return true;
	for (i = all; i && !own; i = i->ifa_next)
		own = is_same(i->ifa_addr, address) ||
		      (i->ifa_flags & IFF_BROADCAST &&
		       is_same(i->ifa_broadaddr, address));
	freeifaddrs(all);
	return own;
}

static bool is_special(const struct in6_addr *address)
{
	size_t i;

	for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (contains(&special[i], address))
			return true;
	return is_own(address);
}

/* ---- patterns ---- */

static bool parse_number(const char *text, unsigned long min,
			 unsigned long max, unsigned long *value)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789")])
		return false;
	errno = 0;
	*value = strtoul(text, &end, 10);
	return !errno && *value >= min && *value <= max;
}

static bool parse_port(const char *text, uint16_t *port)
{
	unsigned long value = ANY_PORT;

	if (strcmp(text, "*") && !parse_number(text, 1, 65535, &value))
		return false;
	*port = value;
	return true;
}

/* "address" or "address/bits"; 0, -ENOENT if it is no address, -EINVAL */
static int parse_prefix(char *text, struct prefix *prefix)
{
	char *slash = strchr(text, '/');
	struct sockaddr_storage address;
	unsigned long bits, width;

	if (slash)
		*slash = '\0';
	if (!address_parse(text, 0, &address))
		return slash ? -EINVAL : -ENOENT;
	width = address.ss_family == AF_INET ? 32 : 128;
	bits = width;
	if (slash && !parse_number(slash + 1, 0, width, &bits))
		return -EINVAL;
	prefix->address = as_v6((struct sockaddr *)&address);
	prefix->bits = 128 - width + bits;
	return 0;
}

/* A star only as the whole, or as the first label. */
static bool is_name_pattern(const char *text)
{
	if (!strcmp(text, "*"))
		return true;
	if (!strncmp(text, "*.", 2))
		text += 2;
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.")];
}

/* Of "[address]:port" the two parts. */
static char *split_port(char *text, char **host)
{
	char *colon = strrchr(text, ':');
	size_t len;

	if (!colon)
		return NULL;
	*colon = '\0';
	*host = text;
	len = strlen(text);
	if (*text != '[')
		return strchr(text, ':') ? NULL : colon + 1;
	if (text[len - 1] != ']')
		return NULL;
	text[len - 1] = '\0';
	++*host;
	return strchr(*host, ':') ? colon + 1 : NULL;
}

/* Writes to @host where the name is in @text. */
static int parse_pattern(char *text, struct pattern *p, char **host)
{
	char *port = split_port(text, host);
	int rc;

	if (!port || !parse_port(port, &p->port))
		return -EINVAL;
	rc = parse_prefix(*host, &p->prefix);
	p->is_prefix = rc == 0;
	if (rc == -ENOENT)
		rc = is_name_pattern(*host) ? 0 : -EINVAL;
	return rc;
}

int reach_add(struct reach *reach, const char *pattern)
{
	struct pattern parsed = { 0 }, *p;
	char text[PATTERN_MAX];
	size_t len = strlen(pattern);
	char *host;
	int rc;

	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, pattern, len + 1);
	rc = parse_pattern(text, &parsed, &host);
	if (rc)
		return rc;
	p = malloc(sizeof(*p) + strlen(host) + 1);
	if (!p)
		return -ENOMEM;
	*p = parsed;
	memcpy(p->name, host, strlen(host) + 1);
	STAILQ_INSERT_TAIL(&reach->patterns, p, entry);
	return 0;
}

/* ---- what is asked of them ---- */

static bool has_port(const struct pattern *p, uint16_t port)
{
	return p->port == ANY_PORT || p->port == port;
}

/* A dot at the end of a name says only that it is whole. */
static bool has_name(const struct pattern *p, const char *host)
{
	const char *name = p->name;
	size_t len = strlen(host);
	size_t tail = strlen(name) - 1;

	if (!strcmp(name, "*"))
		return true;
	if (len && host[len - 1] == '.')
		len--;
	if (*name != '*')
		return len == tail + 1 && !strncasecmp(host, name, len);
	return len > tail && !strncasecmp(host + len - tail, name + 1, tail);
}

bool reach_may_ask(const struct reach *reach, const char *host, uint16_t port)
{
	const struct pattern *p;

	if (!reach || STAILQ_EMPTY(&reach->patterns))
		return true;
	STAILQ_FOREACH(p, &reach->patterns, entry)
		if (has_port(p, port) && (p->is_prefix || has_name(p, host)))
			return true;
	return false;
}

static bool allows_address(const struct reach *reach,
			   const struct in6_addr *address, uint16_t port)
{
	const struct pattern *p;

	STAILQ_FOREACH(p, &reach->patterns, entry)
		if (p->is_prefix && has_port(p, port) &&
		    contains(&p->prefix, address))
			return true;
	return false;
}

static bool allows_name(const struct reach *reach, const char *host,
			uint16_t port)
{
	const struct pattern *p;

	STAILQ_FOREACH(p, &reach->patterns, entry)
		if (!p->is_prefix && has_port(p, port) && has_name(p, host))
			return true;
	return STAILQ_EMPTY(&reach->patterns);
}

bool reach_allows(const struct reach *reach, const char *host,
		  const struct sockaddr_storage *address)
{
	struct in6_addr a = as_v6((const struct sockaddr *)address);
	uint16_t port = address_port(address);

	if (!reach || allows_address(reach, &a, port))
		return true;
	return allows_name(reach, host, port) && !is_special(&a);
}

/* ---- life ---- */

struct reach *reach_new(void)
{
	struct reach *reach = malloc(sizeof(*reach));

	if (reach)
		STAILQ_INIT(&reach->patterns);
	return reach;
}

void reach_free(struct reach *reach)
{
	struct pattern *p;

	if (!reach)
		return;
	while ((p = STAILQ_FIRST(&reach->patterns))) {
		STAILQ_REMOVE_HEAD(&reach->patterns, entry);
		free(p);
	}
	free(reach);
}
