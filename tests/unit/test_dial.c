// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * From a name to a socket, with a name server and peers on loopback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/lib/dial.h"
#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"
#include "unit/fake_dns.h"

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define GENEROUS_MS 10000

static const struct fake_name names[] = {
	{ .name = "good.test", .a = LIST("127.0.0.2") },
	{ .name = "dead.test", .a = FAKE_DNS_MUTE, .aaaa = FAKE_DNS_MUTE },
	{ .rcode = 3 },
};

static struct {
	uv_loop_t loop;
	int listener;
	uint16_t port;
	int called;
	int fd;
	char why[64];
} t;

static int setup(void **state)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK + 1) },
	};
	socklen_t size = sizeof(a);

	(void)state;
	memset(&t, 0, sizeof(t));
	uv_loop_init(&t.loop);
	fake_dns_start(&t.loop, names);
	t.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(t.listener, (struct sockaddr *)&a, size) ||
	    listen(t.listener, 16) ||
	    getsockname(t.listener, (struct sockaddr *)&a, &size))
		return -1;
	t.port = ntohs(a.sin_port);
	return resolver_start(&t.loop, fake_dns_servers());
}

static int teardown(void **state)
{
	(void)state;
	close(t.listener);
	resolver_stop(&t.loop);
	fake_dns_stop();
	uv_run(&t.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&t.loop);
}

static void on_done(void *ctx, int fd, const char *why)
{
	assert_ptr_equal(ctx, &t);
	uv_stop(&t.loop);	/* it does not wait for more */
	t.called++;
	t.fd = fd;
	strcpy(t.why, why ? why : "");
}

static struct dial *dial(const char *host)
{
	const struct dial_args args = {
		.host = host,
		.port = t.port,
		.timeout_ms = 1000,
	};

	return dial_start(&t.loop, &args, on_done, &t);
}

static void expect(const char *why)
{
	while (!t.called)
		uv_run(&t.loop, UV_RUN_ONCE);
	assert_string_equal(t.why, why);
	assert_true(*why ? t.fd < 0 : t.fd >= 0);
}

static void a_name_is_dialled(void **state)
{
	(void)state;
	assert_non_null(dial("good.test"));
	expect("");
	close(t.fd);
}

static void an_address_is_dialled(void **state)
{
	(void)state;
	assert_non_null(dial("127.000.000.002"));
	expect("");
	close(t.fd);
}

static void a_dead_name(void **state)
{
	(void)state;
	assert_non_null(dial("dead.test"));
	expect("host not found: no answer");
}

static void no_such_name(void **state)
{
	(void)state;
	assert_non_null(dial("none.test"));
	expect("host not found");
}

static void refused(void **state)
{
	(void)state;
	assert_non_null(dial("127.0.0.3"));
	expect("connection refused");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_name_is_dialled),
		CASE(an_address_is_dialled),
		CASE(a_dead_name),
		CASE(no_such_name),
		CASE(refused),
	};

	return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
