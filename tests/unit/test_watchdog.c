// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The watchdog's food, as the service manager's socket gets it: none while a
 * thread is stuck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/cloud/http.h"
#include "daemon/lib/noop.h"
#include "daemon/watchdog.h"

#define WATCHDOG_US	"400000"
#define ROUND_MS	100
#define POOL		4	/* libuv's threads, unless told otherwise */

static uv_loop_t loop;
static uv_timer_t timer;
static struct watchdog *watchdog;
static int manager;		/* its socket */

/* ---- the HTTP client's thread, which may be stuck ---- */

static bool stuck;
static struct noop *waiting;	/* for it */

void http_noop(struct http *http, struct noop *noop)
{
	(void)http;
	if (stuck)
		waiting = noop;
	else
		noop_pass(noop);
}

/* ---- the service manager ---- */

static void listen_as_manager(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(addr);
	char name[sizeof(addr.sun_path) + 1];

	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	/* the kernel gives it an abstract name */
	assert_int_equal(bind(manager, (struct sockaddr *)&addr,
			      sizeof(sa_family_t)), 0);
	getsockname(manager, (struct sockaddr *)&addr, &len);
	snprintf(name, sizeof(name), "@%s", addr.sun_path + 1);
	setenv("NOTIFY_SOCKET", name, 1);
}

static int fed(void)
{
	char text[64];
	ssize_t n;
	int times = 0;

	while ((n = recv(manager, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		assert_string_equal(text, "WATCHDOG=1");
		times++;
	}
	return times;
}

static void on_time(uv_timer_t *t)
{
	uv_stop(t->loop);
}

static void run_rounds(int n)
{
	uv_timer_start(&timer, on_time, (uint64_t)n * ROUND_MS, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static int start(void **state)
{
	(void)state;
	stuck = false;
	waiting = NULL;
	uv_loop_init(&loop);
	uv_timer_init(&loop, &timer);
	listen_as_manager();
	setenv("WATCHDOG_USEC", WATCHDOG_US, 1);
	return watchdog_open(&watchdog, &loop, NULL);
}

static int stop(void **state)
{
	(void)state;
	watchdog_close(watchdog);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	watchdog_free(watchdog);
	watchdog = NULL;
	close(manager);
	return uv_loop_close(&loop);
}

/* ---- tests ---- */

static void it_is_fed_each_round(void **state)
{
	int times;

	(void)state;
	run_rounds(8);
	times = fed();
	assert_true(times >= 5 && times <= 9);
}

static void it_is_not_fed_while_a_thread_is_stuck(void **state)
{
	(void)state;
	stuck = true;
	run_rounds(3);
	fed();
	assert_non_null(waiting);
	run_rounds(5);
	assert_int_equal(fed(), 0);
	stuck = false;
	noop_pass(waiting);
	run_rounds(3);
	assert_true(fed() >= 1);
}

static sem_t end_of_work;

static void work_on(uv_work_t *work)
{
	(void)work;
	sem_wait(&end_of_work);
}

static void nor_while_the_pool_is(void **state)
{
	uv_work_t works[POOL];

	(void)state;
	sem_init(&end_of_work, 0, 0);
	for (int i = 0; i < POOL; i++)
		uv_queue_work(&loop, &works[i], work_on, NULL);
	run_rounds(3);
	fed();
	run_rounds(5);
	assert_int_equal(fed(), 0);
	for (int i = 0; i < POOL; i++)
		sem_post(&end_of_work);
	run_rounds(3);
	assert_true(fed() >= 1);
}

static void nor_while_the_loop_is(void **state)
{
	(void)state;
	run_rounds(2);
	fed();
	usleep(5 * ROUND_MS * 1000);
	assert_int_equal(fed(), 0);
}

static void without_a_service_manager_there_is_none(void **state)
{
	struct watchdog *none = NULL;

	(void)state;
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(watchdog_open(&none, &loop, NULL), 0);
	assert_null(none);
	watchdog_close(none);
	watchdog_free(none);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(it_is_fed_each_round),
		CASE(it_is_not_fed_while_a_thread_is_stuck),
		CASE(nor_while_the_pool_is),
		CASE(nor_while_the_loop_is),
		CASE(without_a_service_manager_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
