// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The way to a gateway that has two addresses.  Client, lookup and channels
 * are fakes: what the client does when it is told is part of each case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"
#include "daemon/mqttsn/channel.h"
#include "daemon/mqttsn/client.h"

static struct {
	const struct sn_ops *ops;
	void *env;
	bool stops;		/* the client, when it is told of a refusal */
	bool goes_on;		/* the client, to the next address */
	const char *failed;	/* NULL: it was not told so */
	unsigned int refused;	/* how often it was told */
	lookup_cb found;
	void *found_ctx;
	struct channel_callbacks cb;
	void *cb_ctx;
	unsigned int opened, closed;	/* channels */
	unsigned int lookups;
} fake;

static uv_loop_t loop;

/* ---- the client ---- */

struct mqttsn_client *sn_client_new(const struct sn_ops *ops, void *env,
				    const struct mqttsn_callbacks *cb,
				    void *ctx)
{
	(void)cb;
	(void)ctx;
	fake.ops = ops;
	fake.env = env;
	return calloc(1, sizeof(struct mqttsn_client));
}

void sn_client_release(struct mqttsn_client *c)
{
	free(c);
}

void sn_client_ready(struct mqttsn_client *c)
{
	(void)c;
}

void sn_client_failed(struct mqttsn_client *c, const char *why)
{
	(void)c;
	fake.failed = why;
}

void sn_client_refused(struct mqttsn_client *c, const char *why)
{
	(void)c;
	(void)why;
	fake.refused++;
	if (fake.goes_on)
		fake.ops->next(fake.env);
	if (fake.stops)
		fake.ops->stop(fake.env);
}

void sn_client_input(struct mqttsn_client *c, const void *buf, size_t len)
{
	(void)c;
	(void)buf;
	(void)len;
}

void sn_client_tick(struct mqttsn_client *c)
{
	(void)c;
}

/* ---- lookup and channels ---- */

struct lookup *lookup_start(uv_loop_t *l, const char *host,
			    const void *port_key, lookup_cb cb, void *ctx)
{
	(void)l;
	(void)host;
	(void)port_key;
	fake.lookups++;
	fake.found = cb;
	fake.found_ctx = ctx;
	return (struct lookup *)&fake;
}

void lookup_abandon(struct lookup *lookup)
{
	(void)lookup;
}

struct channel *channel_open(uv_loop_t *l, const struct sockaddr *to,
			     const struct mqtt_open *args,
			     const struct channel_callbacks *cb, void *ctx)
{
	(void)l;
	(void)to;
	(void)args;
	fake.cb = *cb;
	fake.cb_ctx = ctx;
	fake.opened++;
	return (struct channel *)&fake;
}

void channel_close(struct channel *ch)
{
	fake.closed += ch != NULL;
}

bool channel_is_lossy(const struct channel *ch)
{
	(void)ch;
	return false;
}

int channel_send(struct channel *ch, const void *buf, size_t len)
{
	(void)ch;
	(void)buf;
	(void)len;
	return 0;
}

/* ---- the cases ---- */

static struct mqtt_tls tls;

static struct mqtt_open args = {
	.host = "gateway.example",
	.port = 1884,
	.timeout_ms = 4900,
};

static void start(void)
{
	static const struct found two = {
		.count = 2,
		.address = {
			{ .ss_family = AF_INET },
			{ .ss_family = AF_INET },
		},
	};

	assert_int_equal(fake.ops->start(fake.env, &args), 0);
	fake.found(fake.found_ctx, &two);
	assert_int_equal(fake.opened, 1);
}

static int setup(void **state)
{
	static const struct mqttsn_callbacks none;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	args.tls = NULL;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_non_null(mqttsn_client_new(&loop, NULL, &none, NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake.ops->stop(fake.env);
	assert_int_equal(fake.opened, fake.closed);
	fake.ops->free(fake.env);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	return 0;
}

static void test_refused_in_the_handshake(void **state)
{
	(void)state;
	fake.goes_on = true;
	start();
	fake.cb.refused(fake.cb_ctx, "connection refused");
	assert_int_equal(fake.refused, 1);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(fake.opened, 2);
	/* that was the last address */
	fake.cb.refused(fake.cb_ctx, "connection refused");
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(fake.opened, 2);
}

/* The first has a time that the second does not: there is no other. */
static void test_the_last_has_all_the_time(void **state)
{
	(void)state;
	fake.goes_on = true;
	args.tls = &tls;
	start();
	assert_true(uv_loop_alive(&loop));
	fake.cb.refused(fake.cb_ctx, "connection refused");
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(fake.opened, 2);
	assert_false(uv_loop_alive(&loop));
}

static void test_refused_later(void **state)
{
	(void)state;
	start();
	fake.cb.ready(fake.cb_ctx);
	fake.cb.refused(fake.cb_ctx, "connection refused");
	assert_int_equal(fake.refused, 1);
	assert_int_equal(fake.opened, 1);
}

/* The link is lost, or closed: nobody wants the other address any more. */
static void test_refused_at_the_end(void **state)
{
	(void)state;
	start();
	fake.cb.ready(fake.cb_ctx);
	fake.stops = true;
	fake.cb.refused(fake.cb_ctx, "connection refused");
	assert_int_equal(fake.refused, 1);
	assert_int_equal(fake.opened, 1);
	assert_int_equal(fake.closed, 1);
}

/* Before the name is asked for, and of the addresses that it has. */
static void test_what_may_not_be_reached(void **state)
{
	static const struct found itself = {
		.count = 1,
		.address = { { .ss_family = AF_INET } },	/* 0.0.0.0 */
	};
	struct mqtt_open open = args;
	struct reach *reach = reach_new();

	(void)state;
	open.reach = reach;
	assert_int_equal(fake.ops->start(fake.env, &open), 0);
	fake.found(fake.found_ctx, &itself);
	assert_string_equal(fake.failed, "host not allowed");
	fake.failed = NULL;
	assert_int_equal(reach_add(reach, "other.example:*"), 0);
	assert_int_equal(fake.ops->start(fake.env, &open), 0);
	assert_null(fake.failed);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_string_equal(fake.failed, "host not allowed");
	assert_int_equal(fake.lookups, 1);
	assert_int_equal(fake.opened, 0);
	reach_free(reach);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_refused_in_the_handshake),
		TEST(test_the_last_has_all_the_time),
		TEST(test_refused_later),
		TEST(test_refused_at_the_end),
		TEST(test_what_may_not_be_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
