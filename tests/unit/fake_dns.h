/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A name server on loopback, in the test's own loop, that does what a list of
 * names says.
 */
#ifndef ATMQTT_TESTS_FAKE_DNS_H
#define ATMQTT_TESTS_FAKE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#define FAKE_DNS_MUTE ((const char *const *)-1)

struct fake_name {
	const char *name;
	/* ends with NULL; NULL: none of that kind; MUTE: never answered */
	const char *const *a;
	const char *const *aaaa;
	unsigned int delay_ms;
	unsigned int rcode;		/* 2: SERVFAIL, 3: no such name */
};

/* Serves @names, the last of which has no name: what others get. */
void fake_dns_start(uv_loop_t *loop, const struct fake_name *names);
void fake_dns_stop(void);

/* For resolver_start() */
const char *fake_dns_servers(void);

/* How many questions came for @name. */
unsigned int fake_dns_asked(const char *name);

#endif /* ATMQTT_TESTS_FAKE_DNS_H */
