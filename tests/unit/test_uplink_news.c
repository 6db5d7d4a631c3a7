// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The uplink on a kernel that is in here: how often it is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/uplink.h"

#define BURST		200
#define SETTLE_MS	50	/* as uplink.c has it */
#define PATIENCE_MS	20000

static int news[2];		/* the kernel's end, and ours */
static int dumps;		/* of links, with all the rest behind them */
static uint64_t takes_ms;	/* a dump */

int __wrap_nl_connect(struct nl_sock *sock, int protocol);
int __wrap_nl_connect(struct nl_sock *sock, int protocol)
{
	(void)sock;
	(void)protocol;
	return 0;
}

int __wrap_nl_socket_add_memberships(struct nl_sock *sock, int group, ...);
int __wrap_nl_socket_add_memberships(struct nl_sock *sock, int group, ...)
{
	(void)sock;
	(void)group;
	return 0;
}

int __wrap_nl_socket_get_fd(const struct nl_sock *sock);
int __wrap_nl_socket_get_fd(const struct nl_sock *sock)
{
	(void)sock;
	return news[1];
}

int __wrap_rtnl_link_alloc_cache(struct nl_sock *sock, int family,
				 struct nl_cache **out);
int __wrap_rtnl_link_alloc_cache(struct nl_sock *sock, int family,
				 struct nl_cache **out)
{
	(void)sock;
	(void)family;
	dumps++;
	usleep((useconds_t)takes_ms * 1000);
	return nl_cache_alloc_name("route/link", out);
}

int __wrap_rtnl_addr_alloc_cache(struct nl_sock *sock, struct nl_cache **out);
int __wrap_rtnl_addr_alloc_cache(struct nl_sock *sock, struct nl_cache **out)
{
	(void)sock;
	return nl_cache_alloc_name("route/addr", out);
}

int __wrap_rtnl_route_alloc_cache(struct nl_sock *sock, int family, int flags,
				  struct nl_cache **out);
int __wrap_rtnl_route_alloc_cache(struct nl_sock *sock, int family, int flags,
				  struct nl_cache **out)
{
	(void)sock;
	(void)family;
	(void)flags;
	return nl_cache_alloc_name("route/route", out);
}

/* ---- tests ---- */

static uv_loop_t loop;
static struct uplink *uplink;

static void on_change(void *ctx, const struct uplink_status *status)
{
	(void)ctx;
	(void)status;
}

static int start(void **state)
{
	(void)state;
	dumps = 0;
	takes_ms = 0;
	uv_loop_init(&loop);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, news))
		return -1;
	if (uplink_open(&uplink, &loop, NULL, on_change, NULL))
		return -1;
	assert_int_equal(dumps, 1);
	dumps = 0;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	uplink_close(uplink);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	close(news[0]);
	close(news[1]);
	return 0;
}

/* One message at a time, each of which the loop sees; how long it took: ms */
static uint64_t burst(void)
{
	uint64_t begun = uv_hrtime();

	for (int i = 0; i < BURST; i++) {
		assert_int_equal(write(news[0], "x", 1), 1);
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	return (uv_hrtime() - begun) / 1000000;
}

static void until_asked(void)
{
	uint64_t end = uv_hrtime() / 1000000 + PATIENCE_MS;
	int before = dumps;

	while (dumps == before && uv_hrtime() / 1000000 < end)
		uv_run(&loop, UV_RUN_ONCE);
	assert_int_equal(dumps, before + 1);
}

static void a_burst_is_asked_about_once(void **state)
{
	uint64_t ms = burst();

	(void)state;
	assert_true(dumps <= (int)(ms / SETTLE_MS));
	until_asked();
}

static void each_change_is_asked_about(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(write(news[0], "x", 1), 1);
		until_asked();
	}
}

/* A board with many routes has time for its ports. */
static void asking_takes_a_part_of_the_time(void **state)
{
	uint64_t begun, ms;

	(void)state;
	takes_ms = 30;
	burst();
	until_asked();
	begun = uv_hrtime();
	burst();
	until_asked();
	ms = (uv_hrtime() - begun) / 1000000;
	assert_true(ms >= SETTLE_MS + 9 * takes_ms);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_burst_is_asked_about_once),
		CASE(each_change_is_asked_about),
		CASE(asking_takes_a_part_of_the_time),
	};

	return cmocka_run_group_tests_name("uplink news", tests, NULL, NULL);
}
