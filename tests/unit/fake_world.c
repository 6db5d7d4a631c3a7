// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stands for cloud/system.c and cloud/http.c.
 */
#include "tests/unit/fake_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cloud/cloud.h"
#include "daemon/cloud/http.h"

struct http_request {
	http_done done;
	void *ctx;
};

struct world world;
static struct http_request request;

void world_reset(void)
{
	world = (struct world){ .now = 1700000000, .random = "" };
}

static time_t fake_now(void)
{
	return world.now;
}

/* The NUL behind the text is one of them. */
static void fake_random(void *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((char *)out)[i] =
			world.random[i % (strlen(world.random) + 1)];
}

const struct cloud_ops cloud_ops_system = {
	.now = fake_now,
	.random = fake_random,
};

/* One at a time.  "POST <url>\n<header>\n...\n\n<body>", and how it is done */
struct http_request *http_start(struct http *http,
				const struct http_args *args, http_done done,
				void *ctx)
{
	char *p = world.request;
	char *end = p + sizeof(world.request);

	(void)http;
	world.requests++;
	if (world.refuses || world.pending)
		return NULL;
	p += snprintf(p, (size_t)(end - p), "%s %s ca=%s timeout=%u%s\n",
		      args->body ? "POST" : "GET", args->url,
		      args->ca_pem ? "PEM" : args->ca_file ? args->ca_file : "-",
		      args->timeout_ms, args->tls13_only ? " TLS 1.3" : "");
	for (const char *const *h = args->headers; h && *h; h++)
		p += snprintf(p, (size_t)(end - p), "%s\n", *h);
	snprintf(p, (size_t)(end - p), "\n%.*s", (int)args->len,
		 args->body ? (const char *)args->body : "");
	world.pending = true;
	request = (struct http_request){ done, ctx };
	return &request;
}

void http_abort(struct http_request *aborted)
{
	if (aborted)
		world.pending = false;
}

static void end_request(const struct http_reply *reply)
{
	assert_true(world.pending);
	world.pending = false;
	request.done(request.ctx, reply);
}

void world_reply_bytes(unsigned int status, const char *body, size_t len)
{
	const struct http_reply reply = {
		.status = status,
		.body = body,
		.len = len,
	};

	end_request(&reply);
}

void world_reply(unsigned int status, const char *body)
{
	world_reply_bytes(status, body, strlen(body));
}

void world_fail(const char *error)
{
	const struct http_reply reply = { .error = error };

	end_request(&reply);
}
