// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A no-op passes each thread, whatever there is for it to do.
 */
#include "daemon/lib/noop.h"
#include "cases.h"

/* paho's threads come round once a second at least. */
#define ROUND_MS	5000

static void pass_all(void)
{
	struct noop noop;

	for (int thread = MQTT_WORKER; thread <= MQTT_SENDER; thread++) {
		atomic_init(&noop.pending, true);
		mqtt_noop(mqtt, thread, &noop);
		ASSERT_WAIT(!atomic_load(&noop.pending), ROUND_MS);
	}
}

static void noops_pass_idle_threads(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "noop");
	struct peer *peer = peer_new();

	(void)state;
	pass_all();
	peer_open(peer, &args);
	assert_int_equal(peer->opened, 1);
	pass_all();
	peer_close(peer);
	pass_all();
	peer_free(peer);
}

static void noops_pass_busy_threads(void **state)
{
	struct mqtt_open args = plain_args(broker.plain, "noop");
	struct peer *peer = peer_new();

	(void)state;
	peer_open(peer, &args);
	peer_subscribe(peer, "noop/#", 1);
	for (int i = 0; i < 200; i++)
		mqtt_publish(peer->client, 1000 + i, "noop/1", 1, false, "x",
			     1);
	pass_all();
	ASSERT_WAIT(peer->received == 200, 30000);
	peer_close(peer);
	peer_free(peer);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(noops_pass_idle_threads),
	cmocka_unit_test(noops_pass_busy_threads),
};

CASES(noop_cases, tests);
