// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a client needs, in the daemon: the loop's clock, the kernel's random
 * numbers, and a connected UDP socket to one of the gateway's addresses, with
 * or without DTLS.  A connected socket takes nothing from other addresses and
 * is told of ICMP errors.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/mqtt/resolve.h"
#include "daemon/mqttsn/client.h"

#define ADDRESSES	8
#define BURST		64	/* datagrams taken at a time */

struct transport;

/* A socket that is polled; the handle outlives it until the loop let go. */
struct sn_socket {
	uv_poll_t poll;
	struct transport *t;	/* NULL: closed */
	int fd;
};

struct transport {
	struct mqttsn_client *client;
	uv_loop_t *loop;
	uv_timer_t timer;	/* the client's */
	uv_timer_t soon;	/* what start() and next() left to be done */
	unsigned int handles;	/* that the loop has not let go */

	const struct mqtt_open *open;	/* the client's */
	struct lookup *lookup;
	struct sockaddr_storage address[ADDRESSES];
	unsigned int address_count;
	unsigned int address_next;
	struct sn_socket *socket;
	uint8_t in[SN_DATAGRAM_MAX];
};

static const struct {
	int err;
	const char *text;
} errnos[] = {
	{ ECONNREFUSED, "connection refused" },
	{ ENETUNREACH, "network unreachable" },
	{ EHOSTUNREACH, "host unreachable" },
};

static const char *errno_text(int err)
{
	size_t i;

	for (i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i].err == err)
			return errnos[i].text;
	return strerrordesc_np(err);
}

/*
 * The socket
 */

static void on_socket_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void close_socket(struct transport *t)
{
	struct sn_socket *s = t->socket;

	if (!s)
		return;
	t->socket = NULL;
	s->t = NULL;
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
	close(s->fd);
}

/* A callback of the client may close the socket meanwhile. */
static void take_datagrams(struct sn_socket *s)
{
	struct transport *t = s->t;
	ssize_t n;
	int i;

	for (i = 0; i < BURST && s->t; i++) {
		n = recv(s->fd, t->in, sizeof(t->in), MSG_DONTWAIT);
		if (n >= 0)
			sn_client_input(t->client, t->in, (size_t)n);
		else if (errno == EAGAIN || errno == EINTR)
			return;
		else
			sn_client_refused(t->client, errno_text(errno));
	}
}

/* libuv stops to poll a socket that has an error, an ICMP one, too. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct sn_socket *s = poll->data;

	(void)events;
	take_datagrams(s);
	if (status < 0 && s->t)
		uv_poll_start(poll, UV_READABLE, on_readable);
}

/* 0 or a negative errno. */
static int open_socket(struct transport *t, const struct sockaddr_storage *to)
{
	struct sn_socket *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->t = t;
	s->poll.data = s;
	s->fd = socket(to->ss_family,
		       SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		goto free;
	if (connect(s->fd, (const struct sockaddr *)to, sizeof(*to)))
		goto close;
	err = uv_poll_init(t->loop, &s->poll, s->fd);
	if (err) {
		errno = -err;
		goto close;
	}
	t->socket = s;
	uv_poll_start(&s->poll, UV_READABLE, on_readable);
	return 0;
close:
	err = errno;
	close(s->fd);
	errno = err;
free:
	err = errno;
	free(s);
	return -err;
}

/* To the first of the addresses left to which there is a route. */
static void connect_next(struct transport *t)
{
	int err = -EADDRNOTAVAIL;

	close_socket(t);
	while (err && t->address_next < t->address_count)
		err = open_socket(t, &t->address[t->address_next++]);
	if (err)
		sn_client_failed(t->client, errno_text(-err));
	else
		sn_client_ready(t->client);
}

/*
 * The gateway's addresses
 */

static void take_addresses(struct transport *t, const struct addrinfo *found)
{
	for (; found && t->address_count < ADDRESSES; found = found->ai_next) {
		struct sockaddr_storage *to = &t->address[t->address_count];

		if (found->ai_family != AF_INET &&
		    found->ai_family != AF_INET6)
			continue;
		memset(to, 0, sizeof(*to));
		memcpy(to, found->ai_addr, found->ai_addrlen);
		address_set_port(to, t->open->port);
		t->address_count++;
	}
}

static void on_found(void *ctx, const struct addrinfo *found)
{
	struct transport *t = ctx;

	t->lookup = NULL;
	take_addresses(t, found);
	if (t->address_count)
		connect_next(t);
	else
		sn_client_failed(t->client, "host not found");
}

static void on_soon(uv_timer_t *timer)
{
	connect_next(timer->data);
}

static int start(void *env, const struct mqtt_open *args)
{
	struct transport *t = env;

	t->open = args;
	t->address_next = 0;
	t->address_count =
		address_parse(args->host, args->port, &t->address[0]);
	if (t->address_count)
		return uv_timer_start(&t->soon, on_soon, 0, 0);
	t->lookup = lookup_start(t->loop, args->host, on_found, t);
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

static void stop(void *env)
{
	struct transport *t = env;

	if (t->lookup)
		lookup_abandon(t->lookup);
	t->lookup = NULL;
	uv_timer_stop(&t->soon);
	close_socket(t);
}

/*
 * An ICMP error to an earlier datagram is reported instead of sending this
 * one.
 */
static int send_datagram(void *env, const void *buf, size_t len)
{
	struct transport *t = env;
	ssize_t n;

	if (!t->socket)
		return -ENOTCONN;
	n = send(t->socket->fd, buf, len, MSG_DONTWAIT);
	if (n < 0 && errno == ECONNREFUSED)
		n = send(t->socket->fd, buf, len, MSG_DONTWAIT);
	return n < 0 ? -errno : 0;
}

/*
 * Clock and random numbers
 */

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

	uv_close((uv_handle_t *)&t->timer, on_timer_closed);
	uv_close((uv_handle_t *)&t->soon, on_timer_closed);
}

static const struct sn_ops ops = {
	.now = now,
	.random = random_number,
	.start = start,
	.next = next,
	.send = send_datagram,
	.stop = stop,
	.wake = wake,
	.free = free_transport,
};

static void init_timer(struct transport *t, uv_timer_t *timer)
{
	uv_timer_init(t->loop, timer);
	timer->data = t;
	t->handles++;
}

struct mqttsn_client *mqttsn_client_new(uv_loop_t *loop,
					const struct mqttsn_callbacks *cb,
					void *ctx)
{
	struct transport *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->client = sn_client_new(&ops, t, cb, ctx);
	if (!t->client) {
		free(t);
		return NULL;
	}
	t->loop = loop;
	init_timer(t, &t->timer);
	init_timer(t, &t->soon);
	return t->client;
}
