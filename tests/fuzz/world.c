// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "world.h"

#include <errno.h>
#include <sanitizer/allocator_interface.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <MQTTAsync.h>

#include "daemon/lib/dial.h"
#include "daemon/mqtt/client.h"
#include "daemon/mqtt/heap.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/paho_os.h"
#include "daemon/mqtt/session.h"

/* The fuzzer looks for new ways through the product, not through this. */
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), \
			     apply_to = function)

#define FD_FIRST	900
#define WIRES		16
#define HANDLES		64	/* of the loop */
#define ROUNDS_MAX	1500	/* more than requests, of which each has one */
#define LINGER_MS	2000	/* then all sockets are closed */
#define HARMLESS_MAX	1024
#define HEAP_SPARE	(64 * 1024)	/* for what is kept for the next run */

struct world world;

static struct wire wires[WIRES];
static unsigned int next_wire;
static size_t heap;		/* bytes when the run began */
static bool busy;		/* somebody did something in this round */

/* The loop's timers and polls. */
static struct handle {
	uv_handle_t *handle;	/* NULL: none */
	uv_timer_cb timer;	/* NULL: it does not run */
	uint64_t due;
	uv_poll_cb poll;
	int fd;
	int events;		/* 0: it does not run */
	uv_close_cb closed;	/* when it is closed */
} handles[HANDLES];

/* The one attempt to connect, or none. */
static struct dial {
	dial_done done;
	void *ctx;
} dial;

void check(bool ok)
{
	if (!ok)
		abort();
}

/*
 * Sockets
 */

static struct wire *find_wire(int fd)
{
	if (fd < FD_FIRST || fd >= FD_FIRST + WIRES)
		return NULL;
	return wires[fd - FD_FIRST].open ? &wires[fd - FD_FIRST] : NULL;
}

void wire_put(struct wire *w, const void *bytes, size_t len)
{
	if (w->reset)
		return;
	if (len > WIRE_SIZE - w->rx_len)
		len = WIRE_SIZE - w->rx_len;
	if (len)
		memcpy(w->rx + w->rx_len, bytes, len);
	w->rx_len += len;
}

void wire_reset(struct wire *w, int end)
{
	w->reset = true;
	w->rx_at = w->rx_len;
	w->rx_limit = WIRE_SIZE;
	w->rx_end = end;
}

static size_t readable(const struct wire *w)
{
	size_t end = w->rx_len < w->rx_limit ? w->rx_len : w->rx_limit;

	return end - w->rx_at;
}

static bool at_end(const struct wire *w)
{
	return w->rx_end && w->rx_at == w->rx_len;
}

static int new_wire(void)
{
	struct wire *w;
	unsigned int i;

	for (i = 0; i < WIRES; i++) {
		w = &wires[next_wire++ % WIRES];
		if (w->open)
			continue;
		*w = (struct wire){ .rx = w->rx, .tx = w->tx, .open = true,
				    .rx_limit = WIRE_SIZE,
				    .tx_room = WIRE_SIZE };
		world.sockets++;
		world.wire = w;
		return FD_FIRST + (int)(w - wires);
	}
	return -1;
}

int __real_close(int fd);
int __wrap_close(int fd)
{
	struct wire *w = find_wire(fd);

	if (!w)
		return __real_close(fd);
	w->open = false;
	world.sockets--;
	if (world.wire == w)
		world.wire = NULL;
	return 0;
}

int __wrap_shutdown(int fd, int how)
{
	struct wire *w = find_wire(fd);

	check(w);
	if (how == SHUT_RDWR)
		wire_reset(w, -1);
	return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

/* What is unread; what the wire has taken is sent. */
int __wrap_ioctl(int fd, unsigned long request, int *value)
{
	check(find_wire(fd));
	*value = request == FIONREAD ? (int)readable(find_wire(fd)) : 0;
	return 0;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	struct wire *w = find_wire(fd);
	size_t n = w ? readable(w) : 0;

	(void)flags;
	if (!len)
		return 0;
	if (w && w->chunks && n > w->rx_chunk)
		n = w->rx_chunk;
	if (n && w->chunk_given)
		n = 0;
	else if (n == 0 && w && at_end(w) && w->rx_end < 0)
		return 0;
	if (n == 0) {
		errno = w && at_end(w) ? w->rx_end : EAGAIN;
		return -1;
	}
	n = n < len ? n : len;
	memcpy(buf, w->rx + w->rx_at, n);
	w->rx_at += n;
	w->chunk_given = w->chunks;
	w->chunks -= w->chunk_given;
	busy = true;
	return (ssize_t)n;
}

static ssize_t put_out(struct wire *w, const void *bytes, size_t len)
{
	if (w->reset || !w->tx_room) {
		errno = w->reset ? EPIPE : EAGAIN;
		return -1;
	}
	len = len < w->tx_room ? len : w->tx_room;
	check(len <= WIRE_SIZE - w->tx_len);
	if (len)
		memcpy(w->tx + w->tx_len, bytes, len);
	w->tx_len += len;
	w->tx_room -= len;
	busy = true;
	return (ssize_t)len;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	(void)flags;
	check(find_wire(fd));
	return put_out(find_wire(fd), buf, len);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t sent = 0, n;
	size_t i;

	(void)flags;
	check(find_wire(fd));
	for (i = 0; i < msg->msg_iovlen; i++) {
		n = put_out(find_wire(fd), msg->msg_iov[i].iov_base,
			    msg->msg_iov[i].iov_len);
		if (n < 0)
			return sent ? sent : n;
		sent += n;
		if ((size_t)n < msg->msg_iov[i].iov_len)
			break;
	}
	return sent;
}

static int events_of(const struct handle *h)
{
	struct wire *w = find_wire(h->fd);
	int events = 0;

	if (!w)
		return 0;
	w->chunk_given = false;
	if (readable(w) || at_end(w) || w->reset)
		events |= UV_READABLE;
	if (w->tx_room || w->reset)
		events |= UV_WRITABLE;
	return events & h->events;
}

struct dial *dial_start(uv_loop_t *loop, const struct dial_args *args,
			dial_done done, void *ctx)
{
	(void)loop;
	(void)args;
	check(!dial.done);
	dial = (struct dial){ done, ctx };
	return &dial;
}

void dial_cancel(struct dial *d)
{
	if (d)
		d->done = NULL;
}

/*
 * Time
 */

/* The fuzzer has its own use for a clock, between runs. */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (!world.now)
		return __real_clock_gettime(clock, now);
	now->tv_sec = (time_t)(world.now / 1000);
	now->tv_nsec = (long)(world.now % 1000) * 1000000;
	return 0;
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	(void)flags;
	memset(buf, 0xff, len);
	return (ssize_t)len;
}

/*
 * The loop
 */

static struct handle *find_handle(const void *handle)
{
	int i;

	for (i = 0; i < HANDLES; i++)
		if (handles[i].handle == handle)
			return &handles[i];
	abort();
}

int __wrap_uv_timer_init(uv_loop_t *loop, uv_timer_t *timer)
{
	(void)loop;
	*find_handle(NULL) = (struct handle){
		.handle = (uv_handle_t *)timer };
	return 0;
}

int __wrap_uv_timer_start(uv_timer_t *timer, uv_timer_cb cb, uint64_t ms,
			  uint64_t repeat)
{
	struct handle *h = find_handle(timer);

	check(!repeat && !h->closed);
	h->timer = cb;
	h->due = world.now + ms;
	return 0;
}

int __wrap_uv_timer_stop(uv_timer_t *timer)
{
	find_handle(timer)->timer = NULL;
	return 0;
}

int __wrap_uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	(void)loop;
	check(find_wire(fd));
	*find_handle(NULL) = (struct handle){
		.handle = (uv_handle_t *)poll, .fd = fd };
	return 0;
}

int __wrap_uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb cb)
{
	struct handle *h = find_handle(poll);

	check(!h->closed);
	h->events = events;
	h->poll = cb;
	return 0;
}

int __wrap_uv_poll_stop(uv_poll_t *poll)
{
	find_handle(poll)->events = 0;
	return 0;
}

uint64_t __wrap_uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return world.now;
}

void __wrap_uv_update_time(uv_loop_t *loop)
{
	(void)loop;
}

static void on_closed(uv_handle_t *handle)
{
	(void)handle;
}

void __wrap_uv_close(uv_handle_t *handle, uv_close_cb cb)
{
	struct handle *h = find_handle(handle);

	check(!h->closed);
	h->timer = NULL;
	h->events = 0;
	h->closed = cb ? cb : on_closed;
}

/* In place of daemon/mqtt/mqtt.c, which has handles of the loop. */
void mqtt_put(struct mqtt *mqtt)
{
	mqtt->users--;
}

void mqtt_event(struct mqtt *mqtt, struct event *event)
{
	if (event->queued)
		return;
	event->queued = true;
	TAILQ_INSERT_TAIL(&mqtt->events, event, entry);
}

/*
 * Turns
 */

/* As world.connect_errno says. */
void world_dial(void)
{
	struct dial d = dial;

	if (!d.done)
		return;
	dial.done = NULL;
	if (world.connect_errno)
		d.done(d.ctx, -1, "connection refused");
	else
		d.done(d.ctx, new_wire(), NULL);
	busy = true;
}

static void close_handles(void)
{
	struct handle h;
	int i;

	for (i = 0; i < HANDLES; i++) {
		h = handles[i];
		if (!h.closed)
			continue;
		handles[i] = (struct handle){ 0 };
		h.closed(h.handle);
	}
}

void world_io(void)
{
	int i, events;

	for (i = 0; i < HANDLES; i++) {
		events = handles[i].events ? events_of(&handles[i]) : 0;
		if (!events)
			continue;
		handles[i].poll((uv_poll_t *)handles[i].handle, 0, events);
		close_handles();
	}
}

void world_loop(void)
{
	struct event_list *events = &world.mqtt.events;
	struct event *event;

	while ((event = TAILQ_FIRST(events))) {
		TAILQ_REMOVE(events, event, entry);
		event->queued = false;
		if (event->type == EVENT_MESSAGE)
			inbound_deliver(container_of(event, struct inbound,
						     event));
		else
			client_event(event);
		busy = true;
	}
	close_handles();
}

void world_run(void)
{
	unsigned int rounds = 0;

	do {
		busy = false;
		world_dial();
		world_io();
		world_loop();
		check(++rounds < ROUNDS_MAX);
	} while (busy);
}

void world_sleep(uint64_t ms)
{
	uint64_t until = world.now + ms;
	struct handle *h;
	int i;

	do {
		h = NULL;
		for (i = 0; i < HANDLES; i++)
			if (handles[i].timer && handles[i].due <= until &&
			    (!h || handles[i].due < h->due))
				h = &handles[i];
		if (h) {
			uv_timer_cb cb = h->timer;

			if (h->due > world.now)
				world.now = h->due;
			h->timer = NULL;
			cb((uv_timer_t *)h->handle);
			close_handles();
		}
	} while (h);
	world.now = until;
}

static void start_once(void)
{
	MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
	int i;

	if (!wires[0].rx) {
		for (i = 0; i < WIRES; i++) {
			wires[i].rx = malloc(WIRE_SIZE);
			wires[i].tx = malloc(WIRE_SIZE);
		}
		MQTTAsync_global_init(&options);
		check(!heap_start(NULL, NULL));
	}
	paho_start(NULL);
}

/*
 * Looking for leaks takes longer than a hundred runs.  So it is done when a
 * run left more behind than it found, by a number of bytes that has not been
 * seen to be paho's buffers.
 */
static void check_heap(size_t begun)
{
	static ssize_t kept, harmless[HARMLESS_MAX];
	static unsigned int n;
	ssize_t more = (ssize_t)__sanitizer_get_current_allocated_bytes() -
		       (ssize_t)begun;
	unsigned int i;

	kept += more;
	check(kept < HEAP_SPARE);
	if (more <= 0)
		return;
	for (i = 0; i < n; i++)
		if (harmless[i] == more)
			return;
	check(!__lsan_do_recoverable_leak_check());
	if (n < HARMLESS_MAX)
		harmless[n++] = more;
}

void world_begin(void)
{
	memset(&world, 0, sizeof(world));
	memset(handles, 0, sizeof(handles));
	dial.done = NULL;
	world.now = 1000000;
	next_wire = 0;
	LIST_INIT(&world.mqtt.sessions);
	TAILQ_INIT(&world.mqtt.events);
	world.mqtt.users = 1;
	start_once();
	heap = __sanitizer_get_current_allocated_bytes();
}

/* The client has been freed. */
void world_end(void)
{
	world_run();
	world_sleep(LINGER_MS);
	world_run();
	check(!world.sockets);
	session_free_all(&world.mqtt);
	paho_stop();
	close_handles();
	check(world.mqtt.users == 1);
	check_heap(heap);
	world.now = 0;
}

#pragma clang attribute pop
