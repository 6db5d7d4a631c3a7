// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "fake.h"

static void test_refused(void **state)
{
	struct mqtt_open args = plain_args(free_port(), "f");
	struct peer *p = peer_new();
	uint64_t start = now_ms();

	(void)state;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_int_equal(p->why.code, 0);
	assert_string_equal(p->why.text, "connection refused");
	assert_true(now_ms() - start < 1000);
	peer_free(p);
}

/* connect() fails at once; nothing of the tries is left. */
static void test_unreachable(void **state)
{
	struct mqtt_open args = plain_args(1883, "f");
	struct peer *p = peer_new();
	int i, before = 0;

	(void)state;
	args.host = "255.255.255.255";
	for (i = 0; i < 20; i++) {
		peer_open(p, &args);
		assert_int_equal(p->failed, i + 1);
		assert_non_null(strstr(p->why.text, "network"));
		run_for(20);
		if (i == 0)
			before = open_files();
	}
	assert_int_equal(open_files(), before);
	peer_free(p);
}

/* Plain and TLS; afterwards the client can be opened at once. */
static void test_no_answer(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(0, "f");
	struct mqtt_open good = plain_args(broker.plain, "f");
	struct peer *p = peer_new();
	uint64_t start, took;
	int port, fd, i;

	(void)state;
	fd = silent_listener(&port);
	args.port = port;
	args.timeout_ms = 700;
	for (i = 0; i < 2; i++) {
		start = now_ms();
		peer_open(p, &args);
		took = now_ms() - start;
		assert_int_equal(p->failed, i + 1);
		assert_string_equal(p->why.text, "no answer");
		assert_in_range(took, 690, 1500);
		peer_open(p, &good);
		assert_int_equal(p->opened, i + 1);
		peer_close(p);
		args.tls = &tls;
	}
	close(fd);
	peer_free(p);
}

/* An address that takes no SYN: its queue is full. */
static void test_black_hole(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct mqtt_open args = plain_args(0, "f");
	struct peer *p = peer_new();
	int port, fd, i, fill[16];
	uint64_t start;

	(void)state;
	fd = silent_listener(&port);
	a.sin_port = htons(port);
	for (i = 0; i < 16; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fill[i], (struct sockaddr *)&a, sizeof(a));
	}
	args.port = port;
	args.timeout_ms = 1700;	/* SYN is repeated meanwhile */
	start = now_ms();
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_string_equal(p->why.text, "no answer");
	assert_in_range(now_ms() - start, 1690, 1900);
	for (i = 0; i < 16; i++)
		close(fill[i]);
	close(fd);
	peer_free(p);
}

static void test_unknown_host(void **state)
{
	struct mqtt_open args = plain_args(1883, "f");
	struct mqtt_open good = plain_args(broker.plain, "f");
	struct peer *p = peer_new();
	uint64_t start = now_ms();

	(void)state;
	args.host = "no-such-host.invalid";
	args.timeout_ms = 2000;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_int_equal(strncmp(p->why.text, "host not found", 14), 0);
	assert_true(now_ms() - start < 2300);
	peer_open(p, &good);
	assert_int_equal(p->opened, 1);
	peer_free(p);
}

/* One client hangs in a handshake: the other one does not notice. */
static void test_no_delay_by_another(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open stuck = plain_args(0, "stuck");
	struct mqtt_open args = plain_args(broker.plain, "quick");
	struct peer *p = peer_new(), *s = peer_new();
	uint64_t start, worst = 0;
	int port, fd, i;

	(void)state;
	fd = silent_listener(&port);
	stuck.port = port;
	stuck.tls = &tls;
	peer_open(p, &args);
	peer_subscribe(p, "rt", 1);
	assert_int_equal(mqtt_open(s->client, &stuck), 0);
	for (i = 0; i < 50; i++) {
		start = now_ms();
		peer_publish(p, "rt", 1, "x", 1);
		ASSERT_WAIT(p->received == i + 1, 1000);
		if (now_ms() - start > worst)
			worst = now_ms() - start;
		run_for(10);
	}
	print_message("worst round trip beside a stuck client: %d ms\n",
		      (int)worst);
	assert_true(worst < 300);
	close(fd);
	peer_free(p);
	peer_free(s);
}

/* The loop is held up, and CONNACK is old when it is looked at. */
static void test_lost_when_opened(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "l");
	args.keepalive = 1;
	args.timeout_ms = 20000;
	assert_int_equal(mqtt_open(p->client, &args), 0);
	ASSERT_WAIT(fake.len > 0, 5000);
	sleep(3);	/* more than 1.5 keepalives and client.c's grace */
	ASSERT_WAIT(p->lost == 1, 5000);
	assert_int_equal(p->opened, 1);
	peer_free(p);
	fake_stop(&fake);
}

static void test_hang_up(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "h");
	peer_open(p, &args);
	assert_int_equal(mqtt_publish(p->client, 3, "t", 1, false, "x", 1), 0);
	assert_int_equal(mqtt_publish(p->client, 4, "t", 2, false, "x", 1), 0);
	run_for(50);
	fake_hang_up(&fake);
	ASSERT_WAIT(p->lost == 1, 1000);
	assert_int_equal(p->done_bad, 2);
	assert_string_equal(p->why.text, "closed by the broker");
	run_for(50);
	assert_int_equal(p->lost, 1);
	peer_open(p, &args);
	assert_int_equal(p->opened, 2);
	peer_free(p);
	fake_stop(&fake);
}

static void test_garbage(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "g");
	peer_open(p, &args);
	FAKE_SAY(&fake, 0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
	fake_hang_up(&fake);
	ASSERT_WAIT(p->lost == 1, 3000);
	peer_free(p);
	fake_stop(&fake);
}

/* The broker dies while requests are under way, and comes back. */
static void test_broker_restart(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "r");
	struct peer *p = peer_new();
	int i;

	(void)state;
	peer_open(p, &args);
	broker_kill(&broker, SIGSTOP);
	for (i = 0; i < 5; i++)
		assert_int_equal(mqtt_publish(p->client, i, "t", 1, false, "x",
					      1),
				 0);
	run_for(50);
	broker_kill(&broker, SIGKILL);
	ASSERT_WAIT(p->lost == 1, 2000);
	assert_int_equal(p->done_bad, 5);
	assert_int_equal(p->done_ok, 0);
	broker_start(&broker, NULL);
	peer_open(p, &args);
	assert_int_equal(p->opened, 2);
	peer_publish(p, "t", 1, "x", 1);
	assert_int_equal(p->lost, 1);
	peer_free(p);
}

static void freeze(bool publish)
{
	struct mqtt_open args = plain_args(broker.plain, "z");
	struct peer *p = peer_new();
	uint64_t start, took;

	args.keepalive = 2;
	peer_open(p, &args);
	broker_kill(&broker, SIGSTOP);
	start = now_ms();
	while (!p->lost && now_ms() - start < 8000) {
		if (publish)
			mqtt_publish(p->client, 1, "t", 0, false, "x", 1);
		run_for(100);
	}
	took = now_ms() - start;
	broker_kill(&broker, SIGCONT);
	print_message("frozen broker, keepalive 2 s: lost after %d ms\n",
		      (int)took);
	assert_int_equal(p->lost, 1);
	assert_string_equal(p->why.text, "no answer to a ping");
	assert_in_range(took, 3500, 5000);	/* due: 4000 */
	peer_free(p);
}

static void test_frozen_broker(void **state)
{
	(void)state;
	freeze(false);
	freeze(true);
}

/* Opening to a frozen broker; then a late CONNACK finds nobody. */
static void test_frozen_at_open(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "z");
	struct peer *p = peer_new();

	(void)state;
	args.timeout_ms = 500;
	broker_kill(&broker, SIGSTOP);
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_string_equal(p->why.text, "no answer");
	assert_int_equal(mqtt_open(p->client, &args), 0);
	broker_kill(&broker, SIGCONT);
	ASSERT_WAIT(p->opened == 1, 1000);
	run_for(200);
	assert_int_equal(p->lost, 0);
	assert_int_equal(p->failed, 1);
	peer_free(p);
}

/* With a keepalive of 1 s an idle link lives on; so does a long one's. */
static void test_idle(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "i");
	struct mqtt_open other = plain_args(broker.plain, "j");
	struct peer *p = peer_new(), *q = peer_new();

	(void)state;
	args.keepalive = 1;
	other.keepalive = 300;
	peer_open(p, &args);
	peer_open(q, &other);
	run_for(5000);
	assert_int_equal(p->lost + q->lost, 0);
	peer_publish(p, "t", 1, "x", 1);
	peer_publish(q, "t", 1, "x", 1);
	peer_free(p);
	peer_free(q);
}

static void test_pings(void **state)
{
	struct fake fake;
	struct mqtt_open args;
	struct peer *p = peer_new();

	(void)state;
	fake_start(&fake);
	args = plain_args(fake.port, "k");
	args.keepalive = 1;
	peer_open(p, &args);
	ASSERT_WAIT(FAKE_COUNT(&fake, 0xc0, 0) == 1, 2000);
	FAKE_SAY(&fake, 0xd0, 0);
	ASSERT_WAIT(FAKE_COUNT(&fake, 0xc0, 0) == 2, 2000);
	assert_int_equal(p->lost, 0);
	ASSERT_WAIT(p->lost == 1, 3500);
	assert_string_equal(p->why.text, "no answer to a ping");
	peer_free(p);
	fake_stop(&fake);
}

/* Aborted or freed at any moment: nothing is called, nothing is left. */
static void abort_at(const struct mqtt_open *args, int ms)
{
	struct peer *p = peer_new();
	int told;

	assert_int_equal(mqtt_open(p->client, args), 0);
	run_for(ms);
	if (p->opened) {
		mqtt_subscribe(p->client, 1, "x", 2);
		mqtt_publish(p->client, 2, "x", 2, false, "x", 1);
	}
	if (ms % 3 == 0 && p->opened)
		mqtt_close(p->client);
	told = p->opened + p->failed + p->closed + p->lost + p->done_ok +
	       p->done_bad;
	mqtt_abort(p->client);
	if (ms % 2)
		run_for(20);
	assert_int_equal(told, p->opened + p->failed + p->closed + p->lost +
				       p->done_ok + p->done_bad);
	peer_free(p);
}

static void test_abort_any_time(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "any");
	int ms, round;

	(void)state;
	args.host = "localhost";
	for (round = 0; round < 2; round++) {
		for (ms = 0; ms < 30; ms++)
			abort_at(&args, ms);
		args.port = broker.tls;
		args.tls = &tls;
	}
}

/* Opened again and again from its own callbacks. */
struct again {
	struct mqtt_client *client;
	struct mqtt_open args;
	int opened, lost;
	bool freed;
};

static void again_opened(void *ctx, const struct mqtt_reason *why)
{
	struct again *a = ctx;

	assert_null(why);
	a->opened++;
	mqtt_publish(a->client, 1, "t", 2, false, "x", 1);
}

static void again_done(void *ctx, uint32_t token, bool ok)
{
	struct again *a = ctx;

	(void)token;
	(void)ok;
	if (a->opened < 3)
		return;
	mqtt_client_free(a->client);
	a->freed = true;
}

static void again_lost(void *ctx, const struct mqtt_reason *why)
{
	struct again *a = ctx;

	assert_non_null(why);
	a->lost++;
	assert_int_equal(mqtt_open(a->client, &a->args), 0);
}

static void test_calls_from_callbacks(void **state)
{
	static const struct mqtt_callbacks callbacks = {
		.opened = again_opened,
		.done = again_done,
		.lost = again_lost,
	};
	struct again a = { 0 };
	struct fake fake;

	(void)state;
	fake_start(&fake);
	a.args = plain_args(fake.port, "again");
	a.client = mqtt_client_new(mqtt, &callbacks, &a);
	assert_int_equal(mqtt_open(a.client, &a.args), 0);
	while (!a.freed) {
		int opened = a.opened;

		ASSERT_WAIT(a.opened > opened, 2000);
		run_for(20);
		fake_hang_up(&fake);
		ASSERT_WAIT(a.freed || a.lost > opened, 2000);
	}
	assert_int_equal(a.opened, 3);
	assert_int_equal(a.lost, 2);
	fake_stop(&fake);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_refused),
	cmocka_unit_test(test_unreachable),
	cmocka_unit_test(test_no_answer),
	cmocka_unit_test(test_black_hole),
	cmocka_unit_test(test_unknown_host),
	cmocka_unit_test(test_no_delay_by_another),
	cmocka_unit_test(test_lost_when_opened),
	cmocka_unit_test(test_hang_up),
	cmocka_unit_test(test_garbage),
	cmocka_unit_test(test_broker_restart),
	cmocka_unit_test(test_frozen_broker),
	cmocka_unit_test(test_frozen_at_open),
	cmocka_unit_test(test_idle),
	cmocka_unit_test(test_pings),
	cmocka_unit_test(test_abort_any_time),
	cmocka_unit_test(test_calls_from_callbacks),
};

CASES(failure_cases, tests);
