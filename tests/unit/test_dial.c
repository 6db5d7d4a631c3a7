// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * From a name to a socket, with a name server and peers on loopback:
 *
 *   127.0.0.2  listens, as does ::1
 *   127.0.0.3  refuses
 *   127.0.0.4  says nothing: its queue of connections is full
 *
 * all at the same port.  A time in here is a bound that a busy machine keeps
 * as well; what is measured is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/lib/address.h"
#include "daemon/lib/dial.h"
#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"
#include "unit/fake_dns.h"
#include "unit/no_memory.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define TIMEOUT_MS	1500
#define ATTEMPT_MS	250	/* dial.c's */
#define SLOW_MS		300
#define FILLERS		4	/* what fills a queue for one */

#define GOOD	"127.0.0.2"
#define REFUSES	"127.0.0.3"
#define SILENT	"127.0.0.4"

static const struct fake_name names[] = {
	{ .name = "good.test", .a = LIST(GOOD) },
	{ .name = "refuses.test", .a = LIST(REFUSES) },
	{ .name = "second.test", .a = LIST(REFUSES, GOOD) },
	{ .name = "behind.test", .a = LIST(SILENT, GOOD) },
	{ .name = "silent.test", .a = LIST(SILENT, SILENT) },
	{ .name = "worst.test", .a = LIST(SILENT, REFUSES) },
	{ .name = "six.test", .aaaa = LIST("::1") },
	{ .name = "both.test", .a = LIST(GOOD), .aaaa = LIST("::1") },
	{ .name = "old.test", .a = LIST(GOOD),
	  .aaaa = LIST("::ffff:" REFUSES) },
	{ .name = "last.test", .a = LIST(
		REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES,
		REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES,
		REFUSES, GOOD, REFUSES, REFUSES, REFUSES, REFUSES) },
	{ .name = "seventeenth.test", .a = LIST(
		REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES,
		REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES, REFUSES,
		REFUSES, REFUSES, GOOD) },
	{ .name = "slow.test", .a = LIST(GOOD), .delay_ms = SLOW_MS },
	{ .name = "dead.test", .a = FAKE_DNS_MUTE, .aaaa = FAKE_DNS_MUTE },
	{ .rcode = 3 },
};

static struct {
	uv_loop_t loop;
	int good, six, silent;
	int fillers[FILLERS];
	uint16_t port;
	int fds;		/* open ones before a dial */
	int called;
	int fd;
	char why[64];
	uint64_t begun;
	unsigned int ms;	/* to the end */
} t;

static int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int listen_at(const char *host, int backlog)
{
	struct sockaddr_storage a;
	socklen_t size = sizeof(a);
	int fd;

	assert_true(address_parse(host, t.port, &a));
	fd = socket(a.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, size), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	t.port = address_port(&a);
	return fd;
}

/* The kernel drops the SYN of whoever comes after these. */
static void fill_queue(void)
{
	struct sockaddr_storage a;
	int i;

	assert_true(address_parse(SILENT, t.port, &a));
	for (i = 0; i < FILLERS; i++) {
		t.fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
						       SOCK_CLOEXEC, 0);
		connect(t.fillers[i], (struct sockaddr *)&a, address_len(&a));
	}
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	uv_loop_init(&t.loop);
	fake_dns_start(&t.loop, names);
	t.good = listen_at(GOOD, 16);
	t.six = listen_at("::1", 16);
	t.silent = listen_at(SILENT, 0);
	fill_queue();
	return resolver_start(&t.loop, fake_dns_servers());
}

static int teardown(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < FILLERS; i++)
		close(t.fillers[i]);
	close(t.good);
	close(t.six);
	close(t.silent);
	resolver_stop(&t.loop);
	fake_dns_stop();
	uv_run(&t.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&t.loop);
}

static void on_done(void *ctx, int fd, const char *why)
{
	uv_stop(&t.loop);	/* it does not wait for more */
	assert_ptr_equal(ctx, &t);
	t.called++;
	t.fd = fd;
	strcpy(t.why, why ? why : "");
	t.ms = (uv_hrtime() - t.begun) / 1000000;
}

static struct dial *dial(const char *host, const struct reach *reach)
{
	const struct dial_args args = {
		.host = host,
		.port = t.port,
		.port_key = &t,
		.timeout_ms = TIMEOUT_MS,
		.reach = reach,
	};
	struct dial *d;

	t.called = 0;
	t.fds = count_fds();
	t.begun = uv_hrtime();
	d = dial_start(&t.loop, &args, on_done, &t);
	assert_int_equal(t.called, 0);
	return d;
}

static void on_over(uv_timer_t *timer)
{
	uv_stop(&t.loop);
	*(bool *)timer->data = true;
}

static void pass(unsigned int ms)
{
	bool over = false;
	uv_timer_t timer = { .data = &over };

	uv_timer_init(&t.loop, &timer);
	uv_update_time(&t.loop);
	uv_timer_start(&timer, on_over, ms, 0);
	while (!over)
		uv_run(&t.loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&t.loop, UV_RUN_NOWAIT);
}

static void expect(const char *host, const struct reach *reach,
		   const char *why)
{
	assert_non_null(dial(host, reach));
	while (!t.called)
		uv_run(&t.loop, UV_RUN_ONCE);
	assert_int_equal(t.called, 1);
	assert_string_equal(t.why, why);
	print_message("%s: after %u ms\n", host, t.ms);
}

/* Connected to @peer; nothing else stays open. */
static void expect_peer(const char *host, const char *peer)
{
	struct sockaddr_storage a = { 0 };
	socklen_t size = sizeof(a);
	char text[INET6_ADDRSTRLEN];

	expect(host, NULL, "");
	assert_int_equal(getpeername(t.fd, (struct sockaddr *)&a, &size), 0);
	address_format(&a, text);
	assert_string_equal(text, peer);
	close(t.fd);
	pass(1);
}

static void expect_failure(const char *host, const char *why)
{
	expect(host, NULL, why);
	assert_int_equal(t.fd, -1);
}

/* ---- what connects ---- */

static void a_name_and_an_address(void **state)
{
	(void)state;
	expect_peer("good.test", GOOD);
	expect_peer(GOOD, GOOD);
	expect_peer("127.000.000.002", GOOD);
	expect_peer("six.test", "::1");
	expect_peer("::1", "::1");
}

static void the_socket_is_ready_for_use(void **state)
{
	socklen_t size = sizeof(int);
	int on = 0;

	(void)state;
	expect("good.test", NULL, "");
	assert_true(fcntl(t.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(t.fd, F_GETFD) & FD_CLOEXEC);
	getsockopt(t.fd, IPPROTO_TCP, TCP_NODELAY, &on, &size);
	assert_int_equal(on, 1);
	close(t.fd);
}

static void ipv6_comes_first(void **state)
{
	(void)state;
	expect_peer("both.test", "::1");
}

static void a_refusal_takes_the_next_at_once(void **state)
{
	(void)state;
	expect_peer("second.test", GOOD);
	expect_peer("old.test", GOOD);
	expect_peer("last.test", GOOD);
}

static void silence_takes_the_next_soon(void **state)
{
	int before = count_fds();

	(void)state;
	expect_peer("behind.test", GOOD);
	assert_true(t.ms >= ATTEMPT_MS - 1 && t.ms < TIMEOUT_MS);
	/* the one that did not answer is closed, the server's remains */
	assert_true(count_fds() <= before + 1);
}

/* ---- what does not ---- */

static void the_last_address_is_the_reason(void **state)
{
	(void)state;
	expect_failure("refuses.test", "connection refused");
	expect_failure("seventeenth.test", "connection refused");
	expect_failure("silent.test", "no answer");
	assert_true(t.ms >= TIMEOUT_MS - 1);
	expect_failure("worst.test", "connection refused");
	expect_failure("255.255.255.255", "network unreachable");
}

static void the_name_is_the_reason(void **state)
{
	(void)state;
	expect_failure("none.test", "host not found");
	expect_failure("dead.test", "host not found: no answer");
	assert_true(t.ms >= TIMEOUT_MS - 1);
}

static void no_descriptor_is_left(void **state)
{
	struct rlimit before;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &before);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, before.rlim_max });
	assert_non_null(dial_start(&t.loop,
				   &(struct dial_args){ .host = GOOD,
							.port = t.port,
							.timeout_ms = 1000 },
				   on_done, &t));
	while (!t.called)
		uv_run(&t.loop, UV_RUN_ONCE);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_string_equal(t.why, "too many open files");
}

static void no_memory_is_left(void **state)
{
	unsigned int n, refused = 0;

	(void)state;
	for (n = 1; ; n++) {
		struct dial *d;

		no_memory_at(n, 0);
		d = dial(GOOD, NULL);
		while (d && !t.called)
			uv_run(&t.loop, UV_RUN_ONCE);
		refused += !d;
		if (no_memory_end() < n)
			break;
	}
	assert_int_equal(refused, 3);	/* dial, lookup, name */
	assert_string_equal(t.why, "");
	close(t.fd);
}

/* ---- what may be reached ---- */

static void what_is_not_allowed_is_not_reached(void **state)
{
	struct reach *reach = reach_new();

	(void)state;
	expect("good.test", reach, "host not allowed");
	expect(GOOD, reach, "host not allowed");
	expect("none.test", reach, "host not found");
	assert_int_equal(reach_add(reach, "*.test:1"), 0);
	expect("good.test", reach, "host not allowed");
	assert_int_equal(fake_dns_asked("good.test"), 2);
	reach_free(reach);
}

static void of_the_addresses_only_some_are_allowed(void **state)
{
	struct reach *reach = reach_new();

	(void)state;
	assert_int_equal(reach_add(reach, "127.0.0.2:*"), 0);
	expect("behind.test", reach, "");
	close(t.fd);
	assert_true(t.ms < ATTEMPT_MS);
	expect("both.test", reach, "");
	close(t.fd);
	reach_free(reach);
}

/* ---- ends ---- */

/* Nothing is told, nothing stays open. */
static void expect_cancelled(const char *host, unsigned int ms,
			     const struct reach *reach)
{
	struct dial *d = dial(host, reach);

	if (ms)
		pass(ms);
	assert_int_equal(t.called, 0);
	dial_cancel(d);
	pass(2 * ATTEMPT_MS);
	assert_int_equal(t.called, 0);
	assert_true(count_fds() <= t.fds);
}

static void cancelled_at_each_stage(void **state)
{
	struct reach *reach = reach_new();

	(void)state;
	dial_cancel(NULL);
	pass(1);
	expect_cancelled(GOOD, 0, NULL);
	expect_cancelled("none.test", 0, NULL);
	expect_cancelled("slow.test", SLOW_MS / 2, NULL);
	expect_cancelled("silent.test", ATTEMPT_MS / 2, NULL);
	expect_cancelled("silent.test", 2 * ATTEMPT_MS, NULL);
	assert_int_equal(reach_add(reach, "nobody.test:1"), 0);
	expect_cancelled("good.test", 0, reach);
	reach_free(reach);
	dial_cancel(dial("dead.test", NULL));	/* it is asked for still */
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_name_and_an_address),
		CASE(the_socket_is_ready_for_use),
		CASE(ipv6_comes_first),
		CASE(a_refusal_takes_the_next_at_once),
		CASE(silence_takes_the_next_soon),
		CASE(the_last_address_is_the_reason),
		CASE(the_name_is_the_reason),
		CASE(no_descriptor_is_left),
		CASE(no_memory_is_left),
		CASE(what_is_not_allowed_is_not_reached),
		CASE(of_the_addresses_only_some_are_allowed),
		CASE(cancelled_at_each_stage),
	};

	return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
