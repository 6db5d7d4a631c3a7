// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "daemon/mqtt/conn.h"
#include "daemon/mqtt/glue.h"

#define FAKE_NET	0xf0000000u	/* 240.0.0.0, class E: never real */
#define FAKE_IDS	0x0fffffffu

/* Never held while something else is waited for. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct conn *conns;
static uint32_t last_id;

static const struct {
	int err;
	const char *text;
} errnos[] = {
	{ ECONNREFUSED, "connection refused" },
	{ ETIMEDOUT, "no answer" },
	{ ENETUNREACH, "network unreachable" },
	{ EHOSTUNREACH, "host unreachable" },
	{ ECONNRESET, "connection reset by the broker" },
	{ EPIPE, "closed by the broker" },
	{ ENETDOWN, "network down" },
	{ EADDRNOTAVAIL, "no address to connect from" },
};

uint64_t conn_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static struct conn *find_fd(int fd)
{
	struct conn *c;

	for (c = conns; c; c = c->next)
		if (c->fd == fd)
			return c;
	return NULL;
}

static struct conn *find_id(uint32_t id)
{
	struct conn *c;

	for (c = conns; c; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

/* The connection stays while its socket is open: paho closes it first. */
struct conn *conn_find(int fd)
{
	struct conn *c;

	pthread_mutex_lock(&lock);
	c = find_fd(fd);
	pthread_mutex_unlock(&lock);
	return c;
}

void conn_add(struct conn *conn)
{
	conn->fd = -1;
	pthread_mutex_init(&conn->io, NULL);
	pthread_mutex_lock(&lock);
	do {
		last_id = (last_id + 1) & FAKE_IDS;
	} while (last_id == 0 || find_id(last_id));
	conn->id = last_id;
	conn->next = conns;
	conns = conn;
	pthread_mutex_unlock(&lock);
}

void conn_remove(struct conn *conn)
{
	struct conn **at;

	pthread_mutex_lock(&lock);
	for (at = &conns; *at && *at != conn; at = &(*at)->next)
		;
	if (*at)
		*at = conn->next;
	pthread_mutex_unlock(&lock);
	pthread_mutex_destroy(&conn->io);
}

void conn_uri(const struct conn *conn, bool tls, char uri[CONN_URI_MAX])
{
	uint32_t a = FAKE_NET | conn->id;

	snprintf(uri, CONN_URI_MAX, "%s://%u.%u.%u.%u:1", tls ? "ssl" : "tcp",
		 a >> 24, a >> 16 & 0xff, a >> 8 & 0xff, a & 0xff);
}

void conn_retry(struct conn *conn, const struct sockaddr *target)
{
	size_t len = target->sa_family == AF_INET6 ?
			     sizeof(struct sockaddr_in6) :
			     sizeof(struct sockaddr_in);

	pthread_mutex_lock(&lock);
	memcpy(&conn->target, target, len);
	conn->why = (struct mqtt_reason){ 0 };
	conn->cut = false;
	pthread_mutex_unlock(&lock);
}

static void fail_locked(struct conn *conn, int code, const char *why)
{
	if (conn->why.text[0] || !why)
		return;
	conn->why.code = code;
	snprintf(conn->why.text, sizeof(conn->why.text), "%s", why);
}

void conn_fail(struct conn *conn, int code, const char *why)
{
	pthread_mutex_lock(&lock);
	fail_locked(conn, code, why);
	pthread_mutex_unlock(&lock);
}

void conn_fail_errno(struct conn *conn, int err)
{
	char text[sizeof(conn->why.text)];
	size_t i;

	for (i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i].err == err) {
			conn_fail(conn, 0, errnos[i].text);
			return;
		}
	snprintf(text, sizeof(text), "%s", strerrordesc_np(err));
	conn_fail(conn, 0, text);
}

void conn_why(struct conn *conn, const char *otherwise,
	      struct mqtt_reason *why)
{
	conn_fail(conn, 0, otherwise);
	pthread_mutex_lock(&lock);
	*why = conn->why;
	pthread_mutex_unlock(&lock);
}

/* conn_release() takes the lock, too: the descriptor is still ours. */
void conn_cut(struct conn *conn, const char *why)
{
	pthread_mutex_lock(&lock);
	fail_locked(conn, 0, why);
	conn->cut = true;
	conn->waiting = false;
	if (conn->fd >= 0)
		shutdown(conn->fd, SHUT_RDWR);
	pthread_mutex_unlock(&lock);
	glue_wake();
}

/* A lingering socket would go on trying to get rid of it. */
void conn_give_up(struct conn *conn, const char *why)
{
	static const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	pthread_mutex_lock(&lock);
	if (conn->fd >= 0)
		setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &none,
			   sizeof(none));
	pthread_mutex_unlock(&lock);
	conn_cut(conn, why);
}

bool conn_connected(struct conn *conn)
{
	bool connected;

	pthread_mutex_lock(&lock);
	connected = conn->connected;
	pthread_mutex_unlock(&lock);
	return connected;
}

int conn_fd(struct conn *conn)
{
	int fd;

	pthread_mutex_lock(&lock);
	fd = conn->fd;
	pthread_mutex_unlock(&lock);
	return fd;
}

uint64_t conn_heard(struct conn *conn)
{
	uint64_t heard;

	pthread_mutex_lock(&lock);
	heard = conn->heard_ms;
	pthread_mutex_unlock(&lock);
	return heard;
}

/* The whole process may have stood still: what came is read presently. */
static bool has_unread(const struct conn *conn)
{
	int unread = 0;

	return conn->fd >= 0 && !ioctl(conn->fd, FIONREAD, &unread) && unread;
}

uint64_t conn_silence(struct conn *conn)
{
	uint64_t now = conn_now();
	uint64_t since;

	pthread_mutex_lock(&lock);
	since = conn->asked_ms > conn->heard_ms ? conn->asked_ms :
						  conn->heard_ms;
	if (!conn->owed || has_unread(conn))
		since = now;
	pthread_mutex_unlock(&lock);
	return now > since ? now - since : 0;
}

void conn_hear(struct conn *conn)
{
	pthread_mutex_lock(&lock);
	conn->heard_ms = conn_now();
	pthread_mutex_unlock(&lock);
}

static bool is_sent(int fd)
{
	int unsent = 0;

	return ioctl(fd, SIOCOUTQNSD, &unsent) || !unsent;
}

bool conn_has_room(struct conn *conn, unsigned int requests)
{
	bool room;

	pthread_mutex_lock(&lock);
	room = conn->fd >= 0 && conn->requests == requests &&
	       !conn->waiting && is_sent(conn->fd);
	conn->awaited = !room;
	pthread_mutex_unlock(&lock);
	return room;
}

static void tell_room(struct conn *conn)
{
	bool tell;

	pthread_mutex_lock(&lock);
	tell = conn->awaited && !conn->waiting;
	if (tell)
		conn->awaited = false;
	pthread_mutex_unlock(&lock);
	if (tell)
		conn->on_room(conn);
}

/* The receive thread polls for room from now on, or no more. */
void conn_wait_to_write(struct conn *conn, bool waiting)
{
	bool changed;

	pthread_mutex_lock(&lock);
	changed = waiting != conn->waiting;
	conn->waiting = waiting;
	pthread_mutex_unlock(&lock);
	if (changed && waiting)
		glue_wake();
	else if (changed)
		tell_room(conn);
}

bool conn_is_cut(struct conn *conn)
{
	bool cut;

	pthread_mutex_lock(&lock);
	cut = conn->cut;
	pthread_mutex_unlock(&lock);
	return cut;
}

/* Between two answers the peer is given the whole time anew. */
static void note_door(struct conn *conn)
{
	bool owed = door_is_owed(&conn->door);

	pthread_mutex_lock(&lock);
	if (owed && conn->asked_ms <= conn->heard_ms)
		conn->asked_ms = conn_now();
	conn->owed = owed;
	conn->requests = conn->door.requests;
	pthread_mutex_unlock(&lock);
}

void conn_sent(struct conn *conn, const void *bytes, size_t len)
{
	unsigned int before = conn->door.requests;

	door_sent(&conn->door, bytes, len);
	note_door(conn);
	if (conn->door.requests != before)
		tell_room(conn);
}

static void refuse(struct conn *conn)
{
	const struct door *door = &conn->door;
	struct mqtt_reason *why = &conn->why;

	pthread_mutex_lock(&lock);
	if (!why->text[0]) {
		snprintf(why->text, sizeof(why->text), "protocol error: %s",
			 door->refused);
		memcpy(why->seen, door->seen, door->n_seen);
		why->n_seen = door->n_seen;
	}
	pthread_mutex_unlock(&lock);
	conn_cut(conn, NULL);
}

/* Between two packets only: of one that has begun the rest is wanted. */
static bool is_paused(const struct conn *conn)
{
	return conn->held->full && conn->door.connected &&
	       conn->door.between && !conn->deaf;
}

static ssize_t throw_away(door_raw raw, void *ctx)
{
	char buf[4096];
	ssize_t n = raw(ctx, buf, sizeof(buf));

	if (n <= 0)
		return n;
	errno = EAGAIN;
	return -1;
}

ssize_t conn_read(struct conn *conn, void *buf, size_t len, door_raw raw,
		  void *ctx)
{
	bool paused = is_paused(conn);
	ssize_t n;

	/* of a connection that is cut only the end is of interest then */
	if (conn->deaf || (paused && conn_is_cut(conn)))
		return throw_away(raw, ctx);
	if (paused && !door_answer_ping(&conn->door)) {
		errno = EAGAIN;
		return -1;
	}
	n = door_read(&conn->door, buf, len, raw, ctx);
	note_door(conn);
	if (n < 0 && conn->door.refused[0]) {
		refuse(conn);
		errno = EPROTO;
	}
	return n;
}

void conn_set_pending(struct conn *conn, bool pending)
{
	pthread_mutex_lock(&lock);
	conn->pending = pending;
	pthread_mutex_unlock(&lock);
}

struct conn *conn_take(uint32_t address, int fd)
{
	struct conn *c;

	pthread_mutex_lock(&lock);
	c = find_id(address & FAKE_IDS);
	if (c) {
		c->fd = fd;
		c->connected = false;
		c->waiting = true;
		c->full = false;
		c->heard_ms = conn_now();
		c->owed = false;
		c->requests = 0;
	}
	pthread_mutex_unlock(&lock);
	if (c) {
		pthread_mutex_lock(&c->io);
		door_init(&c->door, c->payload_max);
		pthread_mutex_unlock(&c->io);
	}
	return c;
}

void conn_set_connected(struct conn *conn, bool connected)
{
	pthread_mutex_lock(&lock);
	conn->waiting = false;
	conn->connected = connected;
	conn->heard_ms = conn_now();
	pthread_mutex_unlock(&lock);
}

bool conn_release(int fd)
{
	bool linger = false;
	struct conn *c;

	pthread_mutex_lock(&lock);
	c = find_fd(fd);
	if (c) {
		c->fd = -1;
		c->waiting = false;
		c->pending = false;
		linger = c->connected && !c->cut;
	}
	pthread_mutex_unlock(&lock);
	return linger;
}

bool conn_any_socket(void)
{
	struct conn *c;

	pthread_mutex_lock(&lock);
	for (c = conns; c && c->fd < 0; c = c->next)
		;
	pthread_mutex_unlock(&lock);
	return c;
}

void conn_set_full(int fd, bool full)
{
	struct conn *c;

	pthread_mutex_lock(&lock);
	c = find_fd(fd);
	if (c)
		c->full = full;
	pthread_mutex_unlock(&lock);
}

bool conn_prepare_poll(struct pollfd *fd, int *timeout)
{
	struct conn *c;
	bool pending = false;

	pthread_mutex_lock(&lock);
	c = find_fd(fd->fd);
	if (c && c->ping_ms && (int)c->ping_ms < *timeout)
		*timeout = c->ping_ms;
	if (c && is_paused(c) && !c->cut) {
		c->heard_ms = conn_now();
		fd->events = 0;
		pending = c->door.pings;
	} else if (c) {
		pending = c->pending || (c->door.more && !c->deaf);
	}
	if (c && (c->waiting || c->full) && !c->cut) {
		fd->events = POLLOUT;
		pending = false;
	}
	if (!fd->events)
		fd->fd = -1;	/* nor to be told of its end, again and again */
	pthread_mutex_unlock(&lock);
	return pending;
}
