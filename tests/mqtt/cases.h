/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The tests, by file.
 */
#ifndef ATMQTT_TESTS_MQTT_CASES_H
#define ATMQTT_TESTS_MQTT_CASES_H

#include "harness.h"

extern struct broker broker;		/* runs while a test starts */

/* The test CA, server verified. */
struct mqtt_tls tls_args(void);

struct cases {
	const struct CMUnitTest *tests;
	size_t count;
};

extern const struct cases exchange_cases;	/* what a good link does */
extern const struct cases tls_cases;		/* who is let in */
extern const struct cases chain_cases;	/* by which certificates */
extern const struct cases settings_cases;	/* what links share */
extern const struct cases failure_cases;	/* bad links, any time */
extern const struct cases ending_cases;	/* how brokers end links */
extern const struct cases silence_cases;	/* nothing comes */
extern const struct cases outbound_cases;	/* what goes out, what never */
extern const struct cases answers_cases;	/* what a broker may say */
extern const struct cases sizes_cases;		/* how long it may be */
extern const struct cases held_cases;		/* and how much of it */
extern const struct cases session_cases;	/* acknowledgement */
extern const struct cases load_cases;		/* many */

#define CASES(name, tests) \
	const struct cases name = { tests, sizeof(tests) / sizeof(tests[0]) }

#endif /* ATMQTT_TESTS_MQTT_CASES_H */
