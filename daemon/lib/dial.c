// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 *   look-up > attempt > another 250 ms later, or when one failed > ... > done
 */
#include "daemon/lib/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/lib/address.h"
#include "daemon/lib/errno_text.h"
#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"

#define ATTEMPT_MS	250	/* RFC 8305, section 5 */

struct attempt {
	struct dial *dial;
	struct sockaddr_storage address;
	uv_poll_t poll;
	int fd;			/* -1: not begun, or failed */
};

struct dial {
	dial_done done;
	void *ctx;
	const struct reach *reach;
	uint16_t port;
	struct lookup *lookup;		/* NULL: found */
	uv_timer_t limit;		/* the whole dial's */
	uv_timer_t next;		/* to the next attempt */
	unsigned int handles;		/* that the loop has not let go */
	unsigned int count;
	unsigned int begun;
	unsigned int running;
	struct attempt attempts[FOUND_MAX];
	const char *why;		/* the last that was tried failed */
	char host[];
};

/* ---- the end ---- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct dial *d = handle->data;

	if (--d->handles == 0)
		free(d);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct attempt *a = handle->data;

	if (--a->dial->handles == 0)
		free(a->dial);
}

/* The socket is the caller's. */
static int leave_attempt(struct attempt *a)
{
	int fd = a->fd;

	a->fd = -1;
	a->dial->running--;
	uv_close((uv_handle_t *)&a->poll, on_poll_closed);
	return fd;
}

void dial_cancel(struct dial *d)
{
	unsigned int i;

	if (!d)
		return;
	lookup_abandon(d->lookup);
	for (i = 0; i < d->begun; i++)
		if (d->attempts[i].fd >= 0)
			close(leave_attempt(&d->attempts[i]));
	uv_close((uv_handle_t *)&d->limit, on_handle_closed);
	uv_close((uv_handle_t *)&d->next, on_handle_closed);
}

/* The memory lasts until the loop has closed the handles. */
static void finish(struct dial *d, int fd, const char *why)
{
	dial_cancel(d);
	d->done(d->ctx, fd, why);
}

/* ---- attempts ---- */

static void go_on(struct dial *d);

static void note_failure(struct attempt *a, int err)
{
	struct dial *d = a->dial;

	if (a == &d->attempts[d->begun - 1])
		d->why = errno_text(err);
}

static void on_connected(uv_poll_t *poll, int status, int events)
{
	struct attempt *a = poll->data;
	struct dial *d = a->dial;
	socklen_t len = sizeof(int);
	int err = 0;

	(void)events;
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		err = errno;
	if (!err)
		err = -status;
	if (!err) {
		finish(d, leave_attempt(a), NULL);
		return;
	}
	note_failure(a, err);
	close(leave_attempt(a));
	go_on(d);
}

static int open_socket(const struct attempt *a)
{
	const struct sockaddr *to = (const struct sockaddr *)&a->address;
	int fd = socket(to->sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!connect(fd, to, address_len(&a->address)) || errno == EINPROGRESS)
		return fd;
	err = errno;
	close(fd);
	return -err;
}

static int begin(struct attempt *a)
{
	struct dial *d = a->dial;
	int fd = open_socket(a);
	int err;

	if (fd < 0)
		return fd;
	err = uv_poll_init(d->limit.loop, &a->poll, fd);
	if (err) {
		close(fd);
		return err;
	}
	a->fd = fd;
	a->poll.data = a;
	d->handles++;
	d->running++;
	uv_poll_start(&a->poll, UV_WRITABLE, on_connected);
	return 0;
}

static void on_next(uv_timer_t *timer)
{
	go_on(timer->data);
}

/* To the next address that can be tried at all. */
static void go_on(struct dial *d)
{
	uv_timer_stop(&d->next);
	while (d->begun < d->count) {
		struct attempt *a = &d->attempts[d->begun++];
		int err = begin(a);

		d->why = NULL;
		if (!err) {
			if (d->begun < d->count)
				uv_timer_start(&d->next, on_next, ATTEMPT_MS,
					       0);
			return;
		}
		note_failure(a, -err);
	}
	if (!d->running)
		finish(d, -1, d->why);
}

/* ---- the start ---- */

static void add_address(struct dial *d, const struct sockaddr_storage *address)
{
	struct attempt *a = &d->attempts[d->count];

	a->dial = d;
	a->fd = -1;
	a->address = *address;
	address_set_port(&a->address, d->port);
	if (reach_allows(d->reach, d->host, &a->address))
		d->count++;
}

static void on_found(void *ctx, const struct found *found)
{
	struct dial *d = ctx;
	unsigned int i;

	d->lookup = NULL;
	for (i = 0; i < found->count; i++)
		add_address(d, &found->address[i]);
	if (d->count)
		go_on(d);
	else
		finish(d, -1, found->count ? REACH_REFUSED : found->why);
}

static void on_limit(uv_timer_t *timer)
{
	struct dial *d = timer->data;

	if (d->lookup)
		finish(d, -1, "host not found: no answer");
	else
		finish(d, -1, d->why ? d->why : "no answer");
}

static void on_refused(uv_timer_t *timer)
{
	finish(timer->data, -1, REACH_REFUSED);
}

static int start(struct dial *d, const struct dial_args *args)
{
	uv_loop_t *loop = d->limit.loop;

	if (!reach_may_ask(args->reach, args->host, args->port))
		return uv_timer_start(&d->next, on_refused, 0, 0);
	d->lookup = lookup_start(loop, args->host, args->port_key, on_found,
				 d);
	if (!d->lookup)
		return -ENOMEM;
	uv_update_time(loop);
	return uv_timer_start(&d->limit, on_limit, args->timeout_ms, 0);
}

static void init_timer(struct dial *d, uv_timer_t *timer, uv_loop_t *loop)
{
	uv_timer_init(loop, timer);
	timer->data = d;
	d->handles++;
}

struct dial *dial_start(uv_loop_t *loop, const struct dial_args *args,
			dial_done done, void *ctx)
{
	size_t size = strlen(args->host) + 1;
	struct dial *d = calloc(1, sizeof(*d) + size);

	if (!d)
		return NULL;
	d->done = done;
	d->ctx = ctx;
	d->reach = args->reach;
	d->port = args->port;
	memcpy(d->host, args->host, size);
	init_timer(d, &d->limit, loop);
	init_timer(d, &d->next, loop);
	if (start(d, args)) {
		dial_cancel(d);
		return NULL;
	}
	return d;
}
