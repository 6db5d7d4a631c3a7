// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Names and their addresses, with a name server on loopback.  A time in here
 * is a bound that a busy machine keeps as well; what is measured is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/lib/address.h"
#include "daemon/lib/resolve.h"
#include "unit/fake_dns.h"
#include "unit/no_memory.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SLOW(host) { .name = host, .rcode = 3, .delay_ms = SLOW_MS }
#define SLOW_MS	300
#define SOON_MS	1000	/* less than c-ares waits for a server */

static const struct fake_name names[] = {
	{ .name = "good.test", .a = LIST("192.0.2.1") },
	{ .name = "six.test", .aaaa = LIST("2001:db8::1") },
	{ .name = "both.test", .a = LIST("192.0.2.1", "192.0.2.2"),
	  .aaaa = LIST("2001:db8::1", "2001:db8::2", "2001:db8::3") },
	{ .name = "many.test", .a = LIST(
		"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4",
		"192.0.2.5", "192.0.2.6", "192.0.2.7", "192.0.2.8",
		"192.0.2.9", "192.0.2.10", "192.0.2.11", "192.0.2.12",
		"192.0.2.13", "192.0.2.14", "192.0.2.15", "192.0.2.16",
		"192.0.2.17", "192.0.2.18", "192.0.2.19", "192.0.2.20") },
	{ .name = "half.test", .a = LIST("192.0.2.1"),
	  .aaaa = FAKE_DNS_MUTE },
	{ .name = "slow.test", .a = LIST("192.0.2.1"), .delay_ms = SLOW_MS },
	SLOW("slow0.test"), SLOW("slow1.test"), SLOW("slow2.test"),
	SLOW("slow3.test"), SLOW("slow4.test"), SLOW("slow5.test"),
	SLOW("slow6.test"), SLOW("slow7.test"),
	{ .name = "also.test", .a = LIST("192.0.2.2") },
	{ .name = "empty.test" },
	{ .name = "broken.test", .rcode = 2 },
	{ .name = "dead1.test", .a = FAKE_DNS_MUTE, .aaaa = FAKE_DNS_MUTE },
	{ .name = "dead2.test", .a = FAKE_DNS_MUTE, .aaaa = FAKE_DNS_MUTE },
	{ .rcode = 3 },
};

/* What one who asks is told. */
struct asker {
	struct lookup *lookup;
	int called;
	char why[64];
	char addresses[FOUND_MAX * INET6_ADDRSTRLEN];	/* a space behind each */
};

static uv_loop_t loop;
static struct asker one, two;
static int port_a, port_b;	/* their addresses are keys */

static int start(const char *servers)
{
	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	uv_loop_init(&loop);
	fake_dns_start(&loop, names);
	return resolver_start(&loop, servers ? servers : fake_dns_servers());
}

static int setup(void **state)
{
	(void)state;
	return start(NULL);
}

static int teardown(void **state)
{
	(void)state;
	resolver_stop(&loop);
	fake_dns_stop();
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void on_found(void *ctx, const struct found *found)
{
	struct asker *asker = ctx;
	char text[INET6_ADDRSTRLEN];
	unsigned int i;

	uv_stop(&loop);		/* the loop does not wait for more */
	asker->lookup = NULL;
	asker->called++;
	strcpy(asker->why, found->why ? found->why : "");
	asker->addresses[0] = '\0';
	for (i = 0; i < found->count; i++) {
		address_format(&found->address[i], text);
		strcat(strcat(asker->addresses, text), " ");
	}
}

static void ask(struct asker *asker, const char *host, const void *port_key)
{
	memset(asker, 0, sizeof(*asker));
	asker->lookup = lookup_start(&loop, host, port_key, on_found, asker);
	assert_non_null(asker->lookup);
	assert_int_equal(asker->called, 0);
}

static void await(const struct asker *asker)
{
	while (!asker->called)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(asker->called, 1);
}

static void expect(const char *host, const char *addresses, const char *why)
{
	ask(&one, host, &port_a);
	await(&one);
	assert_string_equal(one.why, why);
	assert_string_equal(one.addresses, addresses);
}

static void on_over(uv_timer_t *timer)
{
	uv_stop(&loop);
	*(bool *)timer->data = true;
}

static void pass(unsigned int ms)
{
	bool over = false;
	uv_timer_t timer = { .data = &over };

	uv_timer_init(&loop, &timer);
	uv_update_time(&loop);
	uv_timer_start(&timer, on_over, ms, 0);
	while (!over)
		uv_run(&loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
}

/* ---- what is found ---- */

static void a_name_has_its_addresses(void **state)
{
	(void)state;
	expect("good.test", "192.0.2.1 ", "");
	expect("GOOD.test", "192.0.2.1 ", "");
	expect("six.test", "2001:db8::1 ", "");
}

static void families_take_turns(void **state)
{
	(void)state;
	expect("both.test", "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 "
			    "2001:db8::3 ", "");
}

static void of_twenty_sixteen_are_taken(void **state)
{
	(void)state;
	expect("many.test",
	       "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 "
	       "192.0.2.7 192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 "
	       "192.0.2.12 192.0.2.13 192.0.2.14 192.0.2.15 192.0.2.16 ", "");
}

static void an_address_needs_no_server(void **state)
{
	(void)state;
	expect("192.000.002.010", "192.0.2.10 ", "");
	expect("2001:DB8::1", "2001:db8::1 ", "");
	assert_int_equal(fake_dns_asked("192.000.002.010"), 0);
}

static void hosts_come_first(void **state)
{
	(void)state;
	ask(&one, "localhost", &port_a);
	await(&one);
	assert_non_null(strstr(one.addresses, "127.0.0.1 "));
	assert_int_equal(fake_dns_asked("localhost"), 0);
}

/* A server that does not know AAAA, and says nothing. */
static void half_an_answer_is_enough(void **state)
{
	uint64_t begun = uv_hrtime();
	unsigned int ms;

	(void)state;
	expect("half.test", "192.0.2.1 ", "");
	ms = (uv_hrtime() - begun) / 1000000;
	print_message("after %u ms\n", ms);
	assert_true(ms >= 50 && ms < SOON_MS);
}

/* ---- what is not found ---- */

static void a_name_that_is_not_there(void **state)
{
	(void)state;
	expect("none.test", "", "host not found");
	assert_int_equal(fake_dns_asked("none.test"), 2);
	expect("none.test", "", "host not found");
	assert_int_equal(fake_dns_asked("none.test"), 2);
	pass(5001);
	expect("none.test", "", "host not found");
	assert_int_equal(fake_dns_asked("none.test"), 4);
}

static void a_name_without_addresses(void **state)
{
	(void)state;
	expect("empty.test", "", "host not found");
	expect("empty.test", "", "host not found");
	assert_int_equal(fake_dns_asked("empty.test"), 2);
}

/* It may be better the next time. */
static void a_server_that_fails_is_asked_again(void **state)
{
	unsigned int asked;

	(void)state;
	expect("broken.test", "", "host not found: the name servers failed");
	asked = fake_dns_asked("broken.test");
	assert_true(asked >= 2);
	expect("broken.test", "", "host not found: the name servers failed");
	assert_int_equal(fake_dns_asked("broken.test"), 2 * asked);
}

/* A port of loopback that nobody has, or that nobody reads from. */
static int other_server(char *servers, size_t size, const char *more)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	snprintf(servers, size, "127.0.0.1:%u%s%s", ntohs(a.sin_port),
		 more ? "," : "", more ? more : "");
	return fd;
}

static void no_server_is_there(void **state)
{
	char servers[32];

	(void)state;
	close(other_server(servers, sizeof(servers), NULL));
	assert_int_equal(start(servers), 0);
	expect("good.test", "", "host not found: the name servers failed");
	teardown(NULL);
}

/* The second is asked after 1.5 s, well within an OPEN. */
static void the_first_server_is_dead(void **state)
{
	uint64_t begun = uv_hrtime();
	char servers[64];
	unsigned int ms;
	int fd;

	(void)state;
	assert_int_equal(start(NULL), 0);
	fd = other_server(servers, sizeof(servers), fake_dns_servers());
	resolver_stop(&loop);
	assert_int_equal(resolver_start(&loop, servers), 0);
	expect("good.test", "192.0.2.1 ", "");
	ms = (uv_hrtime() - begun) / 1000000;
	print_message("after %u ms\n", ms);
	assert_true(ms >= 1500 && ms < 4000);
	teardown(NULL);
	close(fd);
}

static void no_descriptor_is_left(void **state)
{
	/* the last one with a socket that is there: /etc/hosts is not */
	static const char *const hosts[] = { "good.test", "localhost",
					     "none.test" };
	struct rlimit before;
	size_t i;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	for (i = 0; i < 3; i++) {
		if (i == 2)
			ask(&two, "dead1.test", &port_b);
		setrlimit(RLIMIT_NOFILE,
			  &(struct rlimit){ 0, before.rlim_max });
		ask(&one, hosts[i], &port_a);
		await(&one);
		setrlimit(RLIMIT_NOFILE, &before);
		assert_string_equal(one.why, "too many open files");
	}
	lookup_abandon(two.lookup);
	/* and that is forgotten at once */
	expect("good.test", "192.0.2.1 ", "");
}

/*
 * From each allocation of ours on, until all of them succeed: c-ares tries
 * more than once.
 */
static void no_memory_is_left(void **state)
{
	unsigned int n, told = 0, refused = 0;

	(void)state;
	for (n = 1; ; n++) {
		no_memory_at(n, 10);
		memset(&one, 0, sizeof(one));
		one.lookup = lookup_start(&loop, "good.test", &port_a,
					  on_found, &one);
		if (one.lookup)
			await(&one);
		else
			refused++;
		if (no_memory_end() < n)
			break;
		if (one.called) {
			assert_string_equal(one.why, "no memory");
			told++;
		}
	}
	assert_string_equal(one.addresses, "192.0.2.1 ");
	assert_int_equal(refused, 2);
	assert_true(told >= 1);
}

/* ---- one beside the other ---- */

static void who_asks_for_the_same_joins(void **state)
{
	(void)state;
	ask(&one, "slow.test", &port_a);
	ask(&two, "slow.test", &port_b);
	await(&one);
	await(&two);
	assert_string_equal(two.addresses, "192.0.2.1 ");
	assert_int_equal(fake_dns_asked("slow.test"), 2);
}

static void a_late_answer_serves_the_next(void **state)
{
	(void)state;
	ask(&one, "slow.test", &port_a);
	lookup_abandon(one.lookup);
	pass(3 * SLOW_MS);
	assert_int_equal(one.called, 0);
	assert_int_equal(fake_dns_asked("slow.test"), 2);
	expect("slow.test", "192.0.2.1 ", "");
	assert_int_equal(fake_dns_asked("slow.test"), 2);
	/* once: then it is old */
	expect("slow.test", "192.0.2.1 ", "");
	assert_int_equal(fake_dns_asked("slow.test"), 4);
}

static void an_answer_in_time_is_not_kept(void **state)
{
	(void)state;
	expect("good.test", "192.0.2.1 ", "");
	expect("good.test", "192.0.2.1 ", "");
	assert_int_equal(fake_dns_asked("good.test"), 4);
}

static void dead_names_keep_nobody_waiting(void **state)
{
	static struct asker third;
	uint64_t begun;

	(void)state;
	ask(&one, "dead1.test", &port_a);
	ask(&two, "dead2.test", &port_a);
	begun = uv_hrtime();
	ask(&third, "good.test", &port_b);
	await(&third);
	print_message("after %u us\n",
		      (unsigned int)((uv_hrtime() - begun) / 1000));
	assert_string_equal(third.addresses, "192.0.2.1 ");
	assert_true(uv_hrtime() - begun < SOON_MS * 1000000ull);
	lookup_abandon(one.lookup);
	lookup_abandon(two.lookup);
}

static void flood(struct asker *askers, unsigned int n)
{
	char host[32];
	unsigned int i;

	for (i = 0; i < n; i++) {
		snprintf(host, sizeof(host), "slow%u.test", i);
		ask(&askers[i], host, &port_a);
	}
}

static void a_flood_is_its_ports_own(void **state)
{
	static struct asker flooding[LOOKUPS_PER_PORT];
	static struct asker third;

	(void)state;
	flood(flooding, LOOKUPS_PER_PORT);
	ask(&one, "good.test", &port_a);
	ask(&two, "also.test", &port_a);
	/* another port's name is asked for, and one that it joins */
	ask(&third, "also.test", &port_b);
	await(&third);
	assert_int_equal(two.called, 1);
	assert_int_equal(one.called, 0);
	assert_int_equal(fake_dns_asked("good.test"), 0);
	await(&one);
	assert_int_equal(flooding[0].called, 1);
	assert_string_equal(one.addresses, "192.0.2.1 ");
	await(&flooding[LOOKUPS_PER_PORT - 1]);
}

/* ---- ends ---- */

static void abandoned_at_each_stage(void **state)
{
	static struct asker flooding[LOOKUPS_PER_PORT];
	unsigned int i;

	(void)state;
	flood(flooding, LOOKUPS_PER_PORT);
	ask(&one, "good.test", &port_a);	/* it waits for the others */
	ask(&two, "192.0.2.1", &port_a);	/* it is known */
	lookup_abandon(one.lookup);
	lookup_abandon(two.lookup);
	for (i = 0; i < LOOKUPS_PER_PORT; i++)
		lookup_abandon(flooding[i].lookup);
	lookup_abandon(NULL);
	pass(SLOW_MS);
	assert_int_equal(fake_dns_asked("good.test"), 0);
	assert_int_equal(one.called + two.called + flooding[0].called, 0);
}

static void stopped_while_names_are_asked_for(void **state)
{
	(void)state;
	ask(&one, "dead1.test", &port_a);
	ask(&two, "slow.test", &port_a);
	lookup_abandon(one.lookup);
	lookup_abandon(two.lookup);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_name_has_its_addresses),
		CASE(families_take_turns),
		CASE(of_twenty_sixteen_are_taken),
		CASE(an_address_needs_no_server),
		CASE(hosts_come_first),
		CASE(half_an_answer_is_enough),
		CASE(a_name_that_is_not_there),
		CASE(a_name_without_addresses),
		CASE(a_server_that_fails_is_asked_again),
		cmocka_unit_test(no_server_is_there),
		cmocka_unit_test(the_first_server_is_dead),
		CASE(no_descriptor_is_left),
		CASE(no_memory_is_left),
		CASE(who_asks_for_the_same_joins),
		CASE(a_late_answer_serves_the_next),
		CASE(an_answer_in_time_is_not_kept),
		CASE(dead_names_keep_nobody_waiting),
		CASE(a_flood_is_its_ports_own),
		CASE(abandoned_at_each_stage),
		CASE(stopped_while_names_are_asked_for),
	};

	return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
