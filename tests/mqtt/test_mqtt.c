// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * daemon/mqtt against real brokers.  Started by tests/mqtt/run.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"

static struct broker broker;

static struct mqtt_tls tls_args(void)
{
	static char ca[256];
	struct mqtt_tls tls = { .verify = true, .ca_file = ca };

	snprintf(ca, sizeof(ca), "%s", test_path("ca.crt"));
	return tls;
}

static void test_open_close(void **state)
{
	struct peer *p = peer_new();
	struct mqtt_open args = plain_args(broker.plain, "a");

	(void)state;
	assert_int_equal(mqtt_publish(p->client, 1, "t", 0, false, "x", 1),
			 -ENOTCONN);
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	assert_int_equal(mqtt_open(p->client, &args), -EALREADY);
	peer_close(p);
	assert_int_equal(mqtt_close(p->client), -ENOTCONN);
	peer_open(p, &args);
	assert_int_equal(p->opened, 2);
	peer_free(p);
}

/* All 256 byte values there and back. */
static void echo(struct peer *p, int qos)
{
	unsigned char payload[1024];
	int before = p->received;
	size_t i;

	for (i = 0; i < sizeof(payload); i++)
		payload[i] = i;
	peer_publish(p, "echo", qos, payload, sizeof(payload));
	ASSERT_WAIT(p->received > before, 3000);
	assert_string_equal(p->last_topic, "echo");
	assert_int_equal(p->last_qos, qos);
	assert_int_equal(p->last_len, sizeof(payload));
	assert_memory_equal(p->last_payload, payload, sizeof(payload));
	assert_false(p->last_retained);
}

static void echo_all(const struct mqtt_open *args)
{
	struct peer *p = peer_new();
	int qos;

	peer_open(p, args);
	if (!p->opened)
		fail_msg("%s", p->why.text);
	peer_subscribe(p, "echo", 2);
	for (qos = 0; qos < 3; qos++)
		echo(p, qos);
	run_for(100);
	assert_int_equal(p->received, 3);
	peer_close(p);
	peer_free(p);
}

static void test_echo_plain(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "echo");

	(void)state;
	echo_all(&args);
}

static void test_echo_tls(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(broker.tls, "echo");

	(void)state;
	args.host = "localhost";
	args.tls = &tls;
	echo_all(&args);
	args.host = "127.0.0.1";
	echo_all(&args);
}

static int start_all(void **state)
{
	broker_config(&broker, "main");
	if (harness_start(state))
		return -1;
	broker_start(&broker, NULL);
	return 0;
}

static int stop_all(void **state)
{
	broker_kill(&broker, SIGKILL);
	return harness_stop(state);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_close),
		cmocka_unit_test(test_echo_plain),
		cmocka_unit_test(test_echo_tls),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, start_all, stop_all);
}
