// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The framer's vectors in user space, each played in pieces of several sizes.
 *
 *   cc -Ikmod -Itests tests/unit/test_framer.c kmod/framer.c -lcmocka
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "framer.h"
#include "vectors/framer.h"

#define COUNT (sizeof(at_vectors) / sizeof(at_vectors[0]))

static const size_t sizes[] = { 1, 2, 3, 7, AT_VECTOR_MAX };

static void play(void **state)
{
	const struct at_vector *v = *state;
	struct at_vector_result r;
	size_t i, j;

	assert_true(v->in_len < AT_VECTOR_MAX);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			at_vector_play(v, sizes[i], sizes[j], &r);
			if (at_vector_ok(v, &r))
				continue;
			fail_msg("pieces of %zu, echo room %zu: got %.*s, "
				 "echo %.*s",
				 sizes[i], sizes[j], (int)r.out_len, r.out,
				 (int)r.echo_len, r.echo);
		}
	}
}

static void next_leaves_no_byte_of_the_line(void **state)
{
	static const struct at_vector v = {
		.name = "secret",
		.in = "AT+USER=\"secret\"\b\b\b\b\b\b\b\b\r",
		.in_len = 25,
	};
	struct at_vector_result r;
	size_t i;

	(void)state;
	at_vector_play(&v, 25, 25, &r);
	for (i = 0; i < sizeof(r.line); i++)
		assert_int_equal(r.line[i], 0);
}

/* What a host has sent, and whether it is the first part of a line. */
static const struct {
	const char *in;
	bool half_typed;
} half_typed[] = {
	{ "", false },
	{ "A", true },
	{ "a", true },
	{ "AT", true },
	{ "AT+X", true },
	{ "AT\r", false },
	{ "AT\b", true },
	{ "AT\b\b", false },
	{ "x", false },
	{ "data", false },
	{ "{\"data\":5}", false },
	{ "x A", true },
	{ "x AT", true },
	{ "x AT ", false },
	{ "x AT+", true },
	{ "x AT+\b", true },
	{ "xA", false },
	{ "xAT", false },
	{ "xAT+", false },
	{ "aT", false },
	{ "AR", false },
	{ "AR\b", true },
	{ "3,39,\"", false },
	{ "AT0123456789012345678901234567890123456789012345678901234567890"
	  "12345", true },
};

static void half_typed_is_what_may_become_a_line(void **state)
{
	static const struct at_vector v = { .name = "half typed" };
	struct at_vector_result r;
	enum at_framer_event ev;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(half_typed) / sizeof(half_typed[0]); i++) {
		const char *in = half_typed[i].in;

		at_vector_init(&v, &r);
		at_framer_line(&r.framer, (const u8 *)in, NULL, strlen(in),
			       r.echo, sizeof(r.echo), &n, &ev);
		if (ev != AT_EV_NONE)
			at_framer_next(&r.framer);
		if (at_framer_half_typed(&r.framer) != half_typed[i].half_typed)
			fail_msg("after \"%s\"", in);
	}
}

static void set_shortens_a_line_that_is_typed(void **state)
{
	static const struct at_vector v = { .name = "set" };
	struct at_framer_cfg cfg;
	struct at_vector_result r;
	enum at_framer_event ev;
	u8 in[41] = "AT012345678901234567890123456789012345678";
	size_t n;

	(void)state;
	at_vector_init(&v, &r);
	at_framer_line(&r.framer, in, NULL, sizeof(in), r.echo, 99, &n, &ev);
	cfg = r.framer.cfg;
	cfg.line_max = 40;
	at_framer_set(&r.framer, &cfg);
	at_framer_line(&r.framer, (const u8 *)"\r", NULL, 1, r.echo, 9, &n, &ev);
	assert_int_equal(ev, AT_EV_LINE);
	assert_int_equal(r.framer.flags, AT_FRAMER_OVERLONG);
	assert_int_equal(r.framer.len, 0);
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(next_leaves_no_byte_of_the_line),
		cmocka_unit_test(half_typed_is_what_may_become_a_line),
		cmocka_unit_test(set_shortens_a_line_that_is_typed),
	};
	struct CMUnitTest rows[COUNT] = { 0 };
	size_t i;
	int failed;

	for (i = 0; i < COUNT; i++) {
		rows[i].name = at_vectors[i].name;
		rows[i].test_func = play;
		rows[i].initial_state = (void *)&at_vectors[i];
	}
	failed = cmocka_run_group_tests_name("framer vectors", rows, NULL,
					     NULL);
	failed += cmocka_run_group_tests_name("framer", more, NULL, NULL);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
