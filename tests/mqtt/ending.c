// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Brokers that end their connections in every way and at every moment, see
 * ending.py, and clients that come back at once.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"

#define WARM_UP		20	/* for what memory is taken anyway */
#define STALL_MS	600
#define GROWTH_MAX	(1024 * 1024)	/* bytes */

struct row {
	const char *transport, *where, *how;
	const char *why;	/* what the owner is told */
	bool opens;		/* then it is lost; else no open succeeds */
};

struct server {
	pid_t pid;
	int port;
};

static void exec_server(const struct row *row, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, 1);
	execlp("tests/mqtt/ending.py", "ending.py", test_path("."),
	       row->transport, row->where, row->how, NULL);
	_exit(127);
}

static struct server start_server(const struct row *row)
{
	struct server s;
	int fds[2];
	FILE *f;

	assert_int_equal(pipe(fds), 0);
	s.pid = fork();
	assert_true(s.pid >= 0);
	if (s.pid == 0)
		exec_server(row, fds[1]);
	close(fds[1]);
	f = fdopen(fds[0], "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &s.port), 1);
	fclose(f);
	return s;
}

static void stop_server(const struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

/* Opens again in the very callback that tells of the end. */
struct cycler {
	struct mqtt_client *client;
	struct mqtt_open args;
	int opened, failed, lost, left;
	struct mqtt_reason why;
};

static void again(struct cycler *c)
{
	if (c->left-- > 0)
		assert_int_equal(mqtt_open(c->client, &c->args), 0);
}

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	struct cycler *c = ctx;

	if (!why) {
		c->opened++;
		return;
	}
	c->failed++;
	c->why = *why;
	again(c);
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	struct cycler *c = ctx;

	c->lost++;
	c->why = *why;
	assert_int_equal(c->lost, c->opened);
	again(c);
}

static void cycle(struct cycler *c, int count)
{
	int want = c->failed + c->lost + count;

	c->left = count;
	again(c);
	ASSERT_WAIT(c->failed + c->lost == want, 10000 + 100u * count);
	run_for(20);
	assert_int_equal(c->failed + c->lost, want);
}

static struct mqtt_open args_of(const struct row *row, int port)
{
	static struct mqtt_tls tls;
	struct mqtt_open args = plain_args(port, "ending");

	tls = tls_args();
	if (strcmp(row->transport, "plain"))
		args.tls = &tls;
	if (!strcmp(row->how, "stall"))
		args.timeout_ms = STALL_MS;
	return args;
}

static void check(const struct row *row, const struct cycler *c)
{
	if (strcmp(c->why.text, row->why))
		fail_msg("%s at %s by %s: %s", row->transport, row->where,
			 row->how, c->why.text);
	assert_int_equal(row->opens ? c->failed : c->opened, 0);
	assert_int_equal(c->opened, c->lost);
}

/* Sockets that linger are closed after a second at the latest. */
static bool are_closed(int files)
{
	return WAIT(open_files() <= files, 2000);
}

/* When all is closed again, as at the mark. */
static void check_memory(const struct row *row, size_t mark, int count)
{
	ssize_t growth;

	if (!is_plain_build())
		return;
	growth = (ssize_t)(memory_mark() - mark);
	print_message("%s at %s by %s, %d times: %zd KiB more\n",
		      row->transport, row->where, row->how, count,
		      growth / 1024);
	assert_true(growth <= GROWTH_MAX);
}

static void play(const struct row *row, int count)
{
	static const struct mqtt_callbacks callbacks = {
		.opened = on_opened,
		.lost = on_lost,
	};
	struct server server = start_server(row);
	struct cycler c = { .args = args_of(row, server.port) };
	int files;
	size_t mark;

	c.client = mqtt_client_new(mqtt, &callbacks, &c);
	assert_non_null(c.client);
	cycle(&c, count < WARM_UP ? 1 : WARM_UP);
	run_for(100);
	files = open_files();
	mark = memory_mark();
	cycle(&c, count);
	check(row, &c);
	assert_true(are_closed(files));
	check_memory(row, mark, count);
	mqtt_client_free(c.client);
	stop_server(&server);
}

#define CLOSED	"closed by the broker"
#define RESET	"connection reset by the broker"

/* After the open: exactly one lost(). */
static void test_every_end(void **state)
{
	static const struct row rows[] = {
		{ "plain", "open", "fin", CLOSED, true },
		{ "plain", "open", "half", CLOSED, true },
		{ "plain", "open", "reset", RESET, true },
		{ "tls", "open", "fin", CLOSED, true },
		{ "tls", "open", "half", CLOSED, true },
		{ "tls", "open", "notify", CLOSED, true },
		{ "tls", "open", "notify_half", CLOSED, true },
		{ "tls", "open", "reset", RESET, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		play(&rows[i], cycles());
}

/* Before it: exactly one opened(), with a reason. */
static void test_ends_before_the_open(void **state)
{
	static const struct row rows[] = {
		{ "plain", "accept", "half", CLOSED },
		{ "plain", "accept", "reset", RESET },
		{ "plain", "connect", "fin", CLOSED },
		{ "plain", "connect", "reset", RESET },
		{ "tls", "hello", "fin", "not a TLS server" },
		{ "tls", "hello", "reset", "not a TLS server" },
		{ "tls", "flight", "half", CLOSED " in the TLS handshake" },
		{ "tls", "flight", "reset", RESET },
		{ "tls", "connect", "notify", CLOSED },
		{ "tls", "connect", "reset", RESET },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		play(&rows[i], cycles());
}

/* Wherever a server stands still, the open ends when it is due. */
static void test_stalls(void **state)
{
	static const struct row rows[] = {
		{ "plain", "connect", "stall", "no answer" },
		{ "tls", "accept", "stall", "no answer" },
		{ "tls", "hello", "stall", "no answer" },
		{ "tls", "flight", "stall", "no answer" },
		{ "tls", "connect", "stall", "no answer" },
	};
	uint64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start = now_ms();
		play(&rows[i], 1);	/* after another one */
		assert_in_range(now_ms() - start, 2 * STALL_MS - 20,
				2 * STALL_MS + 1000);
	}
}

/* A server that wants another key share first. */
static void test_hello_retry(void **state)
{
	static const struct row row = { "p384", "open", "fin", CLOSED, true };

	(void)state;
	play(&row, 3);
}

/* Three round trips of two seconds: it is the owner's to wait so long. */
static void test_far_away(void **state)
{
	static const struct row row = { "slow", "open", "half", CLOSED };
	struct server server = start_server(&row);
	struct mqtt_open args = args_of(&row, server.port);
	struct peer *p = peer_new();
	uint64_t start = now_ms();

	(void)state;
	args.timeout_ms = 4900;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_string_equal(p->why.text, "no answer");
	assert_in_range(now_ms() - start, 4880, 5000);
	args.timeout_ms = 20000;
	args.client_id = "another";	/* without a session to take up */
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	assert_in_range(now_ms() - start, 4880 + 6000, 4900 + 7000);
	peer_free(p);
	stop_server(&server);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_every_end),
	cmocka_unit_test(test_ends_before_the_open),
	cmocka_unit_test(test_stalls),
	cmocka_unit_test(test_hello_retry),
	cmocka_unit_test(test_far_away),
};

CASES(ending_cases, tests);
