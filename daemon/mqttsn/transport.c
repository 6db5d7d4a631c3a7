// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a client needs, in the daemon: the loop's clock, the kernel's random
 * numbers, files, and a channel to one of the gateway's addresses.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "daemon/lib/address.h"
#include "daemon/lib/errno_text.h"
#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"
#include "daemon/mqttsn/channel.h"
#include "daemon/mqttsn/client.h"
#include "daemon/mqttsn/store.h"

#define ANEW_MAX	3	/* handshakes begun anew in an open */

struct transport {
	struct mqttsn_client *client;
	uv_loop_t *loop;
	uv_timer_t timer;	/* the client's */
	uv_timer_t soon;	/* to the next address, at once or later */
	unsigned int handles;	/* that the loop has not let go */
	struct sn_store *store;

	const struct mqtt_open *open;	/* the client's */
	struct lookup *lookup;
	struct sockaddr_storage address[FOUND_MAX];
	unsigned int address_count;
	unsigned int address_next;
	struct channel *channel;
	bool ready;		/* the channel is */
	unsigned int anew;	/* handshakes begun anew */
};

static void connect_next(struct transport *t);

/*
 * The channel
 */

static void on_ready(void *ctx)
{
	struct transport *t = ctx;

	t->ready = true;
	uv_timer_stop(&t->soon);
	sn_client_ready(t->client);
}

/* What failed after a loss is tried again; the deadline is the client's. */
static void on_failed(void *ctx, const char *why)
{
	struct transport *t = ctx;

	if (!t->ready && channel_is_lossy(t->channel) && t->anew < ANEW_MAX) {
		t->anew++;
		t->address_next--;
		connect_next(t);
	} else {
		sn_client_failed(t->client, why);
	}
}

static void on_refused(void *ctx, const char *why)
{
	struct transport *t = ctx;

	sn_client_refused(t->client, why);
}

static void on_input(void *ctx, const void *buf, size_t len)
{
	struct transport *t = ctx;

	sn_client_input(t->client, buf, len);
}

static const struct channel_callbacks callbacks = {
	.ready = on_ready,
	.failed = on_failed,
	.refused = on_refused,
	.input = on_input,
};

static void close_channel(struct transport *t)
{
	channel_close(t->channel);
	t->channel = NULL;
	t->ready = false;
}

static void on_soon(uv_timer_t *timer)
{
	connect_next(timer->data);
}

/*
 * To the first of the addresses left to which there is a route.  Before CONNECT
 * the time of each is here: half of what there is, for the next to have as
 * much.
 */
static void connect_next(struct transport *t)
{
	const struct sockaddr *to;
	int err = EADDRNOTAVAIL;

	close_channel(t);
	while (!t->channel && t->address_next < t->address_count) {
		to = (struct sockaddr *)&t->address[t->address_next++];
		t->channel =
			channel_open(t->loop, to, t->open, &callbacks, t);
		err = errno;
	}
	if (!t->channel)
		sn_client_failed(t->client, errno_text(err));
	else if (t->open->tls && t->address_next < t->address_count)
		uv_timer_start(&t->soon, on_soon, t->open->timeout_ms / 2, 0);
}

/*
 * The gateway's addresses
 */

static void add_address(struct transport *t,
			const struct sockaddr_storage *found)
{
	struct sockaddr_storage *to = &t->address[t->address_count];

	*to = *found;
	address_set_port(to, t->open->port);
	if (reach_allows(t->open->reach, t->open->host, to))
		t->address_count++;
}

static void on_found(void *ctx, const struct found *found)
{
	struct transport *t = ctx;
	unsigned int i;

	t->lookup = NULL;
	for (i = 0; i < found->count; i++)
		add_address(t, &found->address[i]);
	if (t->address_count)
		connect_next(t);
	else
		sn_client_failed(t->client, found->count ? REACH_REFUSED :
							   found->why);
}

static void on_refused_host(uv_timer_t *timer)
{
	struct transport *t = timer->data;

	sn_client_failed(t->client, REACH_REFUSED);
}

static int start(void *env, const struct mqtt_open *args)
{
	struct transport *t = env;

	t->open = args;
	t->anew = 0;
	t->address_next = 0;
	t->address_count = 0;
	if (!reach_may_ask(args->reach, args->host, args->port))
		return uv_timer_start(&t->soon, on_refused_host, 0, 0);
	t->lookup = lookup_start(t->loop, args->host, args->port_key,
				 on_found, t);
	return t->lookup ? 0 : -ENOMEM;
}

static bool next(void *env)
{
	struct transport *t = env;

	if (t->address_next >= t->address_count)
		return false;
	uv_timer_start(&t->soon, on_soon, 0, 0);
	return true;
}

static const char *silence(void *env)
{
	struct transport *t = env;

	return t->lookup ? "host not found: no answer" : "no answer";
}

static void stop(void *env)
{
	struct transport *t = env;

	lookup_abandon(t->lookup);
	t->lookup = NULL;
	uv_timer_stop(&t->soon);
	close_channel(t);
}

static int send_datagram(void *env, const void *buf, size_t len)
{
	struct transport *t = env;

	return t->channel ? channel_send(t->channel, buf, len) : -ENOTCONN;
}

/*
 * Files, clock and random numbers
 */

static void keep(void *env, const struct sn_kept *kept)
{
	struct transport *t = env;

	sn_store_write(t->store, kept);
}

static char *recall(void *env, const char *session)
{
	struct transport *t = env;

	return sn_store_read(t->store, session);
}

static uint64_t now(void *env)
{
	struct transport *t = env;

	return uv_now(t->loop);
}

static uint16_t random_number(void *env)
{
	uint16_t value = 0;

	(void)env;
	/* any value will do when there is none */
	(void)!getrandom(&value, sizeof(value), GRND_NONBLOCK);
	return value;
}

static void on_timer(uv_timer_t *timer)
{
	struct transport *t = timer->data;

	sn_client_tick(t->client);
}

static void wake(void *env, uint64_t when)
{
	struct transport *t = env;
	uint64_t n = uv_now(t->loop);

	if (when == SN_NEVER)
		uv_timer_stop(&t->timer);
	else
		uv_timer_start(&t->timer, on_timer, when > n ? when - n : 0,
			       0);
}

/*
 * Life
 */

static void on_timer_closed(uv_handle_t *handle)
{
	struct transport *t = handle->data;

	if (--t->handles)
		return;
	sn_client_release(t->client);
	free(t);
}

static void free_transport(void *env)
{
	struct transport *t = env;

	sn_store_free(t->store);
	uv_close((uv_handle_t *)&t->timer, on_timer_closed);
	uv_close((uv_handle_t *)&t->soon, on_timer_closed);
}

static const struct sn_ops ops = {
	.now = now,
	.random = random_number,
	.start = start,
	.next = next,
	.send = send_datagram,
	.silence = silence,
	.stop = stop,
	.keep = keep,
	.recall = recall,
	.wake = wake,
	.free = free_transport,
};

static void init_timer(struct transport *t, uv_timer_t *timer)
{
	uv_timer_init(t->loop, timer);
	timer->data = t;
	t->handles++;
}

struct mqttsn_client *mqttsn_client_new(uv_loop_t *loop, const char *dir,
					const struct mqttsn_callbacks *cb,
					void *ctx)
{
	struct transport *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->store = sn_store_new(loop, dir);
	if (t->store)
		t->client = sn_client_new(&ops, t, cb, ctx);
	if (!t->client)
		goto no_client;
	t->loop = loop;
	init_timer(t, &t->timer);
	init_timer(t, &t->soon);
	return t->client;

no_client:
	if (t->store)
		sn_store_free(t->store);
	free(t);
	return NULL;
}
