// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Rule L14: each accepted command has exactly one result, whatever its client
 * goes through meanwhile.  Commands and events by chance, the same each time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/harness.h"
#include "unit/no_memory.h"

#define STEPS	10000

static const struct {
	const char *line;
	const char *result;
} commands[] = {
	{ "AT+MQTTOPEN=1,\"broker.example\",1883,1,60", "+MQTTOPEN: 1," },
	{ "AT+MQTTCLOSE=1", "+MQTTCLOSE: 1," },
	{ "AT+MQTTSUB=1,\"a\",1", "+MQTTSUB: 1," },
	{ "AT+MQTTUNSUB=1,\"a\"", "+MQTTUNSUB: 1," },
	{ "AT+MQTTPUB=1,\"t\",1,0,\"x\"", "+MQTTPUB: 1," },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

struct game {
	struct harness h;
	unsigned int accepted[N_COMMANDS];
	unsigned int told[N_COMMANDS];
	char state[16];		/* client 1's */
	bool short_of_memory;
};

static unsigned int chance(unsigned int n)
{
	static uint32_t x = 1;

	x = x * 1664525 + 1013904223;
	return (x >> 8) % n;
}

static void count(struct game *g)
{
	size_t i;
	char *p;

	g->h.out[g->h.out_len] = '\0';
	for (i = 0; i < N_COMMANDS; i++)
		for (p = g->h.out; (p = strstr(p, commands[i].result)); p++)
			g->told[i]++;
	g->h.out_len = 0;
}

static void command(struct game *g, size_t i)
{
	const char *line = commands[i].line;
	bool fails = g->short_of_memory && !chance(4);

	count(g);
	if (fails)
		no_memory_at(1 + chance(3), chance(3));
	at_session_line(g->h.session, line, strlen(line), AT_INPUT_GOOD);
	if (fails)
		no_memory_end();
	g->h.out[g->h.out_len] = '\0';
	assert_true(g->h.out_len);
	if (!strncmp(g->h.out, "\r\nOK", 4))
		g->accepted[i]++;
	count(g);
}

static void find_state(void *ctx, const struct at_client_status *c)
{
	struct game *g = ctx;

	if (c->id == 1)
		snprintf(g->state, sizeof(g->state), "%s", c->state);
}

static bool is(struct game *g, const char *state)
{
	at_session_clients(g->h.session, find_state, g);
	return !strcmp(g->state, state);
}

/* What can happen to a client as it is, and no more. */
static void event(struct game *g)
{
	if (is(g, "opening") && chance(2))
		fake_opened(1);
	else if (is(g, "opening"))
		fake_refused(1, 0, "no");
	else if (is(g, "closing"))
		fake_closed(1);
	else if (is(g, "open") && !chance(8))
		fake_lost(1, "gone");
	else if (is(g, "open") && fake.clients[0].n_tokens)
		fake_done(1, fake.clients[0].n_tokens - 1 - chance(
			fake.clients[0].n_tokens < 5 ?
			(unsigned int)fake.clients[0].n_tokens : 5),
			chance(2));
}

static void step(struct game *g)
{
	switch (chance(8)) {
	case 0:
		g->h.urc_rc = g->h.urc_rc ? 0 : -EAGAIN;
		if (!g->h.urc_rc)
			at_session_space(g->h.session);
		break;
	case 1:
		fake.rc = chance(6) ? 0 : -ENOMEM;
		break;
	case 2:
		if (!chance(20))
			wait_ms(&g->h, chance(8));
		break;
	case 3:
	case 4:
		event(g);
		break;
	default:
		command(g, chance(N_COMMANDS));
	}
}

/* Until nothing is under way any more */
static void finish(struct game *g)
{
	fake.rc = 0;
	g->h.urc_rc = 0;
	at_session_space(g->h.session);
	while (is(g, "opening") || is(g, "closing"))
		event(g);
	wait_ms(&g->h, g->h.cfg.result_timeout_ms + 50);
	count(g);
}

static void play(bool replace, uint32_t gap_ms, bool short_of_memory)
{
	static struct game g;
	size_t i;
	int n;

	memset(&g, 0, sizeof(g));
	harness_configure(&g.h, "L610");
	g.h.cfg.echo = false;
	g.h.cfg.result_timeout_ms = 30;
	g.h.cfg.open_again_replace = replace;
	g.h.cfg.result_gap_ms = gap_ms;
	g.short_of_memory = short_of_memory;
	harness_start(&g.h);
	for (n = 0; n < STEPS; n++)
		step(&g);
	finish(&g);
	for (i = 0; i < N_COMMANDS; i++) {
		print_message("%s %u\n", commands[i].result, g.accepted[i]);
		assert_true(g.accepted[i] > 10);
		assert_int_equal(g.accepted[i], g.told[i]);
	}
	harness_stop(&g.h);
}

static void each_command_has_one_result(void **state)
{
	(void)state;
	play(false, 0, false);
	play(true, 0, false);
	play(false, 3, false);
	play(true, 3, false);
}

static void also_when_memory_is_short(void **state)
{
	(void)state;
	play(false, 0, true);
	play(true, 3, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_has_one_result),
		cmocka_unit_test(also_when_memory_is_short),
	};

	return cmocka_run_group_tests_name("one result", tests, NULL, NULL);
}
