// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a host may reach.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <ifaddrs.h>
#include <string.h>

#include "daemon/lib/address.h"
#include "daemon/lib/reach.h"

static const struct {
	const char *pattern;
	int rc;
} patterns[] = {
	{ "broker.example.com:8883", 0 },
	{ "*.example.com:8883", 0 },
	{ "*:1883", 0 },
	{ "*:*", 0 },
	{ "my_broker:*", 0 },
	{ "192.0.2.7:1883", 0 },
	{ "10.0.0.0/8:*", 0 },
	{ "0.0.0.0/0:*", 0 },
	{ "[2001:db8::7]:1883", 0 },
	{ "[fd00::/8]:*", 0 },
	{ "[::/0]:65535", 0 },
	{ "", -EINVAL },
	{ ":", -EINVAL },
	{ ":1883", -EINVAL },
	{ "broker", -EINVAL },
	{ "broker:", -EINVAL },
	{ "broker:0", -EINVAL },
	{ "broker:65536", -EINVAL },
	{ "broker:99999999999999999999", -EINVAL },
	{ "broker:+1", -EINVAL },
	{ "broker:1x", -EINVAL },
	{ "broker:**", -EINVAL },
	{ "bro*er:1883", -EINVAL },
	{ "*broker:1883", -EINVAL },
	{ "*.:1883", -EINVAL },
	{ "*.*.com:1883", -EINVAL },
	{ "mqtt://broker:1883", -EINVAL },
	{ "10.0.0.0/33:*", -EINVAL },
	{ "10.0.0.0/:*", -EINVAL },
	{ "10.0.0/8:*", -EINVAL },
	{ "broker/8:*", -EINVAL },
	{ "2001:db8::7:1883", -EINVAL },
	{ "[2001:db8::7]", -EINVAL },
	{ "[2001:db8::7:1883", -EINVAL },
	{ "[fd00::/129]:*", -EINVAL },
	{ "[broker]:1883", -EINVAL },
	{ "[]:1883", -EINVAL },
};

static void patterns_are_parsed(void **state)
{
	struct reach *reach = reach_new();
	char longest[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		print_message("%s\n", patterns[i].pattern);
		assert_int_equal(reach_add(reach, patterns[i].pattern),
				 patterns[i].rc);
	}
	memset(longest, 'a', sizeof(longest));
	strcpy(&longest[sizeof(longest) - 3], ":1");
	assert_int_equal(reach_add(reach, longest), -EINVAL);
	reach_free(reach);
	reach_free(NULL);
}

enum { ASKED = 1, ALLOWED = 2, BOTH = ASKED | ALLOWED };

#define ONE(pattern) { pattern }

static const struct {
	const char *patterns[3];
	const char *host;
	const char *address;
	uint16_t port;
	unsigned int is;
} rows[] = {
	/* without a pattern: what is not special */
	{ ONE(NULL), "a.example", "192.0.2.7", 1883, BOTH },
	{ ONE(NULL), "a.example", "10.1.2.3", 1, BOTH },
	{ ONE(NULL), "a.example", "2001:db8::7", 1883, BOTH },
	{ ONE(NULL), "192.0.2.7", "192.0.2.7", 1883, BOTH },
	{ ONE(NULL), "a.example", "127.0.0.1", 1883, ASKED },
	{ ONE(NULL), "127.8.9.10", "127.8.9.10", 1883, ASKED },
	{ ONE(NULL), "localhost", "::1", 1883, ASKED },
	{ ONE(NULL), "a.example", "::", 1883, ASKED },
	{ ONE(NULL), "a.example", "0.0.0.0", 1883, ASKED },
	{ ONE(NULL), "a.example", "0.1.2.3", 1883, ASKED },
	{ ONE(NULL), "a.example", "169.254.169.254", 80, ASKED },
	{ ONE(NULL), "a.example", "169.253.0.1", 80, BOTH },
	{ ONE(NULL), "a.example", "fe80::1", 80, ASKED },
	{ ONE(NULL), "a.example", "febf::1", 80, ASKED },
	{ ONE(NULL), "a.example", "fec0::1", 80, BOTH },
	{ ONE(NULL), "a.example", "224.0.0.1", 80, ASKED },
	{ ONE(NULL), "a.example", "239.1.1.1", 80, ASKED },
	{ ONE(NULL), "a.example", "ff02::1", 80, ASKED },
	{ ONE(NULL), "a.example", "255.255.255.255", 80, ASKED },
	/* an IPv4 address in IPv6's clothes */
	{ ONE(NULL), "a.example", "::ffff:127.0.0.1", 1883, ASKED },
	{ ONE(NULL), "a.example", "::ffff:192.0.2.7", 1883, BOTH },
	{ ONE("127.0.0.0/8:*"), "a.example", "::ffff:127.0.0.1", 1883, BOTH },
	/* names */
	{ ONE("b.example:8883"), "b.example", "192.0.2.7", 8883, BOTH },
	{ ONE("b.example:8883"), "B.EXAMPLE", "192.0.2.7", 8883, BOTH },
	{ ONE("b.example:8883"), "b.example.", "192.0.2.7", 8883, BOTH },
	{ ONE("b.example:8883"), "b.example", "192.0.2.7", 1883, 0 },
	{ ONE("b.example:8883"), "ab.example", "192.0.2.7", 8883, 0 },
	{ ONE("b.example:8883"), "b.example.org", "192.0.2.7", 8883, 0 },
	{ ONE("b.example:8883"), "192.0.2.7", "192.0.2.7", 8883, 0 },
	{ ONE("b.example:*"), "b.example", "192.0.2.7", 1, BOTH },
	{ ONE("*.example:*"), "b.example", "192.0.2.7", 1, BOTH },
	{ ONE("*.example:*"), "c.b.example.", "192.0.2.7", 1, BOTH },
	{ ONE("*.example:*"), "example", "192.0.2.7", 1, 0 },
	{ ONE("*.example:*"), ".example", "192.0.2.7", 1, 0 },
	{ ONE("*.example:*"), "bexample", "192.0.2.7", 1, 0 },
	{ ONE("*.example:*"), "", "192.0.2.7", 1, 0 },
	{ ONE("*:1883"), "any.where", "192.0.2.7", 1883, BOTH },
	{ ONE("*:1883"), "192.0.2.7", "192.0.2.7", 1883, BOTH },
	{ ONE("*:1883"), "any.where", "192.0.2.7", 1884, 0 },
	/* a name does not make what is special less so */
	{ ONE("b.example:8883"), "b.example", "127.0.0.1", 8883, ASKED },
	{ ONE("localhost:*"), "localhost", "127.0.0.1", 8883, ASKED },
	{ ONE("*:*"), "127.0.0.1", "127.0.0.1", 1883, ASKED },
	{ { "b.example:8883", "127.0.0.1:8883" }, "b.example", "127.0.0.1",
	  8883, BOTH },
	{ { "*:*", "127.0.0.0/8:*", "[::1]:*" }, "localhost", "::1", 1883,
	  BOTH },
	/* addresses, whatever name leads there */
	{ ONE("10.0.0.0/8:*"), "10.1.2.3", "10.1.2.3", 1, BOTH },
	{ ONE("10.0.0.0/8:*"), "a.example", "10.1.2.3", 1, BOTH },
	{ ONE("10.0.0.0/8:*"), "a.example", "11.1.2.3", 1, ASKED },
	{ ONE("10.0.0.0/8:1883"), "a.example", "10.1.2.3", 1, 0 },
	{ ONE("10.0.0.0/9:*"), "a.example", "10.127.0.1", 1, BOTH },
	{ ONE("10.0.0.0/9:*"), "a.example", "10.128.0.1", 1, ASKED },
	{ ONE("192.0.2.7:*"), "a.example", "192.0.2.7", 1, BOTH },
	{ ONE("192.0.2.7:*"), "a.example", "192.0.2.6", 1, ASKED },
	{ ONE("192.000.002.007:*"), "a.example", "192.0.2.7", 1, BOTH },
	{ ONE("0.0.0.0/0:*"), "a.example", "127.0.0.1", 1, BOTH },
	{ ONE("0.0.0.0/0:*"), "a.example", "2001:db8::7", 1, ASKED },
	{ ONE("[::/0]:*"), "a.example", "::1", 1, BOTH },
	{ ONE("[fd00::/8]:*"), "a.example", "fd12::1", 1, BOTH },
	{ ONE("[fd00::/8]:*"), "a.example", "fc12::1", 1, ASKED },
};

static struct reach *reach_of(const char *const list[3])
{
	struct reach *reach = reach_new();
	size_t i;

	for (i = 0; i < 3 && list[i]; i++)
		assert_int_equal(reach_add(reach, list[i]), 0);
	return reach;
}

static void what_may_be_reached(void **state)
{
	struct sockaddr_storage address;
	struct reach *reach;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s ...: %s, %s, %u\n",
			      rows[i].patterns[0] ? rows[i].patterns[0] : "-",
			      rows[i].host, rows[i].address, rows[i].port);
		assert_true(address_parse(rows[i].address, rows[i].port,
					  &address));
		reach = reach_of(rows[i].patterns);
		assert_int_equal(reach_may_ask(reach, rows[i].host,
					       rows[i].port),
				 !!(rows[i].is & ASKED));
		assert_int_equal(reach_allows(reach, rows[i].host, &address),
				 !!(rows[i].is & ALLOWED));
		assert_true(reach_may_ask(NULL, rows[i].host, rows[i].port));
		assert_true(reach_allows(NULL, rows[i].host, &address));
		reach_free(reach);
	}
}

/* Every address of this machine's */
static void the_board_itself(void **state)
{
	struct reach *reach = reach_new();
	struct sockaddr_storage address;
	struct ifaddrs *all, *i;
	unsigned int seen = 0;

	(void)state;
	assert_int_equal(getifaddrs(&all), 0);
	for (i = all; i; i = i->ifa_next) {
		if (!i->ifa_addr || (i->ifa_addr->sa_family != AF_INET &&
				     i->ifa_addr->sa_family != AF_INET6))
			continue;
		memset(&address, 0, sizeof(address));
		memcpy(&address, i->ifa_addr,
		       i->ifa_addr->sa_family == AF_INET ?
			       sizeof(struct sockaddr_in) :
			       sizeof(struct sockaddr_in6));
		address_set_port(&address, 1883);
		assert_false(reach_allows(reach, "a.example", &address));
		seen++;
	}
	freeifaddrs(all);
	reach_free(reach);
	print_message("%u addresses\n", seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_parsed),
		cmocka_unit_test(what_may_be_reached),
		cmocka_unit_test(the_board_itself),
	};

	return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
