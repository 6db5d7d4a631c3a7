// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cases.h"

#define POOL	4	/* libuv's threads, unless told otherwise */

static void reconnect(const struct mqtt_open *args, int count,
		      const char *what)
{
	struct peer *p = peer_new();
	uint64_t start = now_ms();
	int i;

	for (i = 0; i < count; i++) {
		peer_open(p, args);
		if (p->failed)
			print_message("%s\n", p->why.text);
		assert_int_equal(p->opened, i + 1);
		if (i % 2)
			mqtt_abort(p->client);
		else
			peer_close(p);
	}
	print_message("%d reconnects, %s: %.1f ms each\n", count, what,
		      (double)(now_ms() - start) / count);
	peer_free(p);
}

static void test_reconnects(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "many");
	int files;

	(void)state;
	reconnect(&args, 200, "TCP");
	run_for(100);
	files = open_files();
	args.port = broker.tls;
	args.tls = &tls;
	reconnect(&args, 200, "TLS");
	run_for(100);
	assert_int_equal(open_files(), files);
}

static void test_too_many_requests(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "toomany");
	struct peer *p = peer_new();
	int rc = 0, accepted = 0;

	(void)state;
	peer_open(p, &args);
	while (accepted < 10000 && rc == 0) {
		rc = mqtt_publish(p->client, accepted, "t", 1, false, "x", 1);
		if (rc == 0)
			accepted++;
	}
	assert_int_equal(rc, -EAGAIN);
	assert_true(accepted >= 500);
	ASSERT_WAIT(p->done_ok == accepted, 5000);
	assert_int_equal(p->done_bad, 0);
	peer_free(p);
}

/* Publishes @count with up to @window under way. */
static void rate(const struct mqtt_open *args, const char *what, int qos,
		 int window, int count, size_t len)
{
	unsigned char payload[1024] = { 0 };
	struct peer *p = peer_new();
	uint64_t start;
	int sent = 0;

	peer_open(p, args);
	start = now_ms();
	while (p->done_ok < count) {
		while (sent < count && sent - p->done_ok < window) {
			assert_int_equal(mqtt_publish(p->client, sent, "rate",
						      qos, false, payload,
						      len),
					 0);
			sent++;
		}
		run_once();
		assert_int_equal(p->done_bad + p->lost, 0);
		assert_true(now_ms() - start < 60000);
	}
	print_message("%s QoS %d, %d bytes, window %d: %.0f/s\n", what, qos,
		      (int)len, window, count * 1000.0 / (now_ms() - start));
	peer_free(p);
}

static void test_rates(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "rate");
	const char *what = "TCP";
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rate(&args, what, 0, 400, 20000, 100);
		rate(&args, what, 1, 100, 10000, 100);
		rate(&args, what, 1, 1, 1000, 100);
		rate(&args, what, 2, 100, 5000, 100);
		rate(&args, what, 1, 100, 10000, 1024);
		args.port = broker.tls;
		args.tls = &tls;
		what = "TLS";
	}
}

static int cpu_ms(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

/* The broker reads nothing for a while: no work meanwhile, then all goes. */
static void fill_socket(const struct mqtt_open *args)
{
	size_t len = 3 * 1024 * 1024;
	char *payload = calloc(1, len);
	struct peer *p = peer_new();
	int i, cpu;

	assert_true(args->payload_max >= len);
	peer_open(p, args);
	peer_subscribe(p, "full", 1);
	broker_kill(&broker, SIGSTOP);
	for (i = 0; i < 6; i++)
		assert_int_equal(mqtt_publish(p->client, i, "full", i % 3,
					      false, payload, len),
				 0);
	run_for(500);
	cpu = cpu_ms();
	run_for(1000);
	cpu = cpu_ms() - cpu;
	broker_kill(&broker, SIGCONT);
	print_message("a full socket costs %d ms of CPU a second\n", cpu);
	assert_true(cpu < 250);
	ASSERT_WAIT(p->done_ok == 7 && p->received == 6, 10000);
	assert_int_equal(p->last_len, len);
	assert_int_equal(p->done_bad + p->lost, 0);
	free(payload);
	peer_free(p);
}

static void test_full_socket(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "full");

	(void)state;
	args.payload_max = 4 * 1024 * 1024;
	fill_socket(&args);
	args.port = broker.tls;
	args.tls = &tls;
	fill_socket(&args);
}

/* A loop that stands still loses nothing: the broker has to wait. */
static void test_slow_loop(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "slow");
	struct peer *p = peer_new();
	char command[256];
	int n;

	(void)state;
	peer_open(p, &args);
	peer_subscribe(p, "flood", 0);
	snprintf(command, sizeof(command),
		 "seq 1 3000 | mosquitto_pub -p %d -t flood -l -q 0",
		 broker.plain);
	assert_int_equal(system(command), 0);
	usleep(500 * 1000);
	ASSERT_WAIT(p->received == 3000, 5000);
	for (n = 0; n < p->received; n++)
		assert_int_equal(p->numbers[n], n + 1);
	peer_free(p);
}

static void test_large(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.tls, "large");
	struct peer *p = peer_new();
	size_t len = 2 * 1024 * 1024;
	char *payload = calloc(1, len);
	int qos;

	(void)state;
	args.tls = &tls;
	args.payload_max = len;
	peer_open(p, &args);
	peer_subscribe(p, "large", 2);
	for (qos = 0; qos < 3; qos++) {
		peer_publish(p, "large", qos, payload, len);
		ASSERT_WAIT(p->received == qos + 1, 5000);
		assert_int_equal(p->last_len, len);
	}
	free(payload);
	peer_free(p);
}

static void exchange_one(void)
{
	struct mqtt_open args = plain_args(broker.plain, "after");
	struct peer *p = peer_new();

	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	peer_subscribe(p, "after", 1);
	peer_publish(p, "after", 1, "x", 1);
	ASSERT_WAIT(p->received == 1, 1000);
	peer_free(p);
}

/* One random step of a client that may be in any state. */
static struct peer *step(struct peer *p, const struct mqtt_open *args)
{
	static const char payload[300];

	switch (rand() % 12) {
	case 0:
		mqtt_open(p->client, args);
		break;
	case 1:
		mqtt_close(p->client);
		break;
	case 2:
		if (rand() % 4 == 0)
			mqtt_abort(p->client);
		break;
	case 3:
		if (rand() % 20 == 0) {
			peer_free(p);
			p = peer_new();
		}
		break;
	case 4:
		mqtt_subscribe(p->client, 1, "stress/#", rand() % 3);
		break;
	case 5:
		mqtt_unsubscribe(p->client, 1, "stress/#");
		break;
	case 6:
		p->hold = rand() % 2;
		break;
	case 7:
		if (rand() % 2)
			peer_end_all(p);
		else
			peer_drop_all(p);
		break;
	default:
		mqtt_publish(p->client, 2, "stress/x", rand() % 3, false,
			     payload, rand() % sizeof(payload));
	}
	if (p->held_count > MESSAGES_MAX / 2)
		peer_end_all(p);
	return p;
}

static void test_stress(void **state)
{
	static const char *const ids[] = { "s0", "s1", "s2", "s3" };
	const char *seconds = getenv("MQTT_TEST_STRESS");
	uint64_t end = now_ms() + (seconds ? atoi(seconds) : 3) * 1000;
	struct mqtt_tls tls = tls_args();
	struct peer *p[4];
	struct mqtt_open args;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		p[i] = peer_new();
	while (now_ms() < end) {
		i = rand() % 4;
		args = plain_args(i % 2 ? broker.tls : broker.plain, ids[i]);
		args.clean = i < 2;
		args.tls = i % 2 ? &tls : NULL;
		args.timeout_ms = 1 + rand() % 200;
		p[i] = step(p[i], &args);
		if (rand() % 3 == 0)
			run_once();
		if (rand() % 2000 == 0) {
			broker_kill(&broker, SIGKILL);
			broker_start(&broker, NULL);
		}
	}
	for (i = 0; i < 4; i++)
		peer_free(p[i]);
	exchange_one();
}

static sem_t end_of_work;

static void work_on(uv_work_t *work)
{
	(void)work;
	sem_wait(&end_of_work);
}

/* One who cannot get on with its TLS handshake holds up nobody else. */
static void test_handshake_beside(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.plain, "beside");
	struct peer *p = peer_new(), *slow = peer_new();
	uv_work_t works[POOL];
	int i;

	(void)state;
	peer_open(p, &args);
	sem_init(&end_of_work, 0, 0);
	for (i = 0; i < POOL; i++)
		uv_queue_work(&loop, &works[i], work_on, NULL);
	args = plain_args(broker.tls, "slow");
	args.tls = &tls;
	assert_int_equal(mqtt_open(slow->client, &args), 0);
	for (i = 0; i < 100; i++)
		peer_publish(p, "beside", 1, "x", 1);
	assert_int_equal(slow->opened + slow->failed, 0);
	for (i = 0; i < POOL; i++)
		sem_post(&end_of_work);
	ASSERT_WAIT(slow->opened, 5000);
	peer_free(slow);
	peer_free(p);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_reconnects),
	cmocka_unit_test(test_too_many_requests),
	cmocka_unit_test(test_handshake_beside),
	cmocka_unit_test(test_rates),
	cmocka_unit_test(test_slow_loop),
	cmocka_unit_test(test_large),
	cmocka_unit_test(test_full_socket),
	cmocka_unit_test(test_stress),
};

CASES(load_cases, tests);
