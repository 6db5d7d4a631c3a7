// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * daemon/mqtt against real brokers.  Started by tests/mqtt/run.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"

#define TESTS_MAX	400

struct broker broker;

struct mqtt_tls tls_args(void)
{
	static char ca[256];
	struct mqtt_tls tls = { .verify = true, .ca_file = ca };

	snprintf(ca, sizeof(ca), "%s", test_path("ca.crt"));
	return tls;
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

static size_t add(struct CMUnitTest *tests, size_t count,
		  const struct cases *cases)
{
	assert_true(count + cases->count <= TESTS_MAX);
	memcpy(tests + count, cases->tests,
	       cases->count * sizeof(cases->tests[0]));
	return count + cases->count;
}

int main(int argc, char **argv)
{
	static struct CMUnitTest tests[TESTS_MAX];
	size_t n = 0;

	n = add(tests, n, &exchange_cases);
	n = add(tests, n, &tls_cases);
	n = add(tests, n, &chain_cases);
	n = add(tests, n, &settings_cases);
	n = add(tests, n, &failure_cases);
	n = add(tests, n, &ending_cases);
	n = add(tests, n, &silence_cases);
	n = add(tests, n, &outbound_cases);
	n = add(tests, n, &answers_cases);
	n = add(tests, n, &sizes_cases);
	n = add(tests, n, &held_cases);
	n = add(tests, n, &session_cases);
	n = add(tests, n, &load_cases);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("mqtt", tests, n, start_all, stop_all);
}
