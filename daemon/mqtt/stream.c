// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqtt/stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "daemon/lib/buffer.h"
#include "daemon/lib/dial.h"
#include "daemon/lib/errno_text.h"
#include "daemon/tls/tls.h"

#define LINGER_MS	1000
#define DRAIN_SIZE	4096

enum state {
	DIALING,
	SHAKING,
	OPEN,
	ENDED,
};

struct stream {
	LIST_ENTRY(stream) entry;	/* those that linger */
	struct stream_args args;
	enum state state;
	struct dial *dial;
	struct tls *tls;		/* NULL: plain TCP */
	int fd;				/* -1: none */
	uv_poll_t poll;
	uv_timer_t timer;		/* to the end of lingering */
	unsigned int handles;
	bool polled;			/* poll is initialised */
	bool freed;			/* its owner has forgotten it */
	bool connected;			/* TCP is, or was */
	bool broken;			/* what is written is thrown away */
	bool reset;			/* as a write was told: no read is */
	bool cut;			/* so is what comes */
	bool closing;			/* FIN is behind what is written */
	bool finned;			/* and has gone */
	bool paused;
	bool wants_room;		/* room() is due */
	bool at_end;			/* nothing more comes */
	struct buf out;			/* what the socket did not take... */
	size_t out_at;			/* ...from here on */

	struct door door;
	uint64_t heard_ms;		/* when the peer sent last */
	uint64_t asked_ms;		/* when it was asked, since then */
	bool owed;			/* it has to answer */
	struct mqtt_reason why;		/* first failure; empty: none yet */
};

static LIST_HEAD(, stream) lingering = LIST_HEAD_INITIALIZER(lingering);

uint64_t stream_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

/* ---- why it failed ---- */

static void fail(struct stream *s, int code, const char *why)
{
	if (s->why.text[0] || !why)
		return;
	s->why.code = code;
	snprintf(s->why.text, sizeof(s->why.text), "%s", why);
}

void stream_fail(struct stream *s, const char *why)
{
	fail(s, 0, why);
}

static void fail_errno(struct stream *s, int err)
{
	fail(s, 0, errno_text(err));
}

static void fail_tls(struct stream *s)
{
	const struct mqtt_reason *why = tls_why(s->tls);

	if (why->text[0])
		fail(s, why->code, why->text);
	else if (tls_errno(s->tls))
		fail_errno(s, tls_errno(s->tls));
}

static void refuse(struct stream *s)
{
	struct mqtt_reason *why = &s->why;

	if (!why->text[0]) {
		snprintf(why->text, sizeof(why->text), "protocol error: %s",
			 s->door.refused);
		memcpy(why->seen, s->door.seen, s->door.n_seen);
		why->n_seen = s->door.n_seen;
	}
	stream_cut(s, NULL);
}

void stream_why(struct stream *s, const char *otherwise,
		struct mqtt_reason *why)
{
	fail(s, 0, otherwise);
	*why = s->why;
}

/* ---- the socket ---- */

static bool has_output(const struct stream *s)
{
	return s->out_at < s->out.len;
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct stream *s, int events)
{
	if (events)
		uv_poll_start(&s->poll, events, on_poll);
	else
		uv_poll_stop(&s->poll);
}

/* What it waits for, outside the handshake. */
static void watch_socket(struct stream *s)
{
	int events = 0;

	if (s->state != OPEN)
		return;
	if (!s->at_end && (!s->paused || s->cut))
		events |= UV_READABLE;
	if (has_output(s) || s->wants_room)
		events |= UV_WRITABLE;
	watch(s, events);
}

static void drop_output(struct stream *s)
{
	buf_reset(&s->out);
	s->out_at = 0;
}

/* A peer that has gone may have said why: that is there to be read. */
static void broken(struct stream *s, int err)
{
	if (err == EPIPE || err == ECONNRESET) {
		s->broken = true;
		s->reset = err == ECONNRESET;
		drop_output(s);
		return;
	}
	fail_errno(s, err);
	stream_cut(s, NULL);
}

static void fin(struct stream *s)
{
	if (!s->closing || s->finned || has_output(s))
		return;
	s->finned = true;
	shutdown(s->fd, SHUT_WR);
}

static void flush(struct stream *s)
{
	ssize_t n;

	while (has_output(s)) {
		n = send(s->fd, s->out.p + s->out_at, s->out.len - s->out_at,
			 MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			broken(s, errno);
			return;
		}
		s->out_at += (size_t)n;
	}
	drop_output(s);
	fin(s);
	watch_socket(s);
}

/* Behind what waits; what finds no room in memory ends the connection. */
static void keep(struct stream *s, const char *bytes, size_t len)
{
	bool first = !has_output(s);

	buf_add(&s->out, bytes, len);
	if (s->out.failed) {
		fail(s, 0, "no memory");
		stream_cut(s, NULL);
	} else if (first) {
		watch_socket(s);
	}
}

static void send_raw(void *ctx, const void *bytes, size_t len)
{
	struct stream *s = ctx;
	ssize_t n = 0;

	if (s->cut || s->broken || !len)
		return;
	if (!has_output(s))
		n = send(s->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		broken(s, errno);
		return;
	}
	if (n < (ssize_t)len)
		keep(s, (const char *)bytes + (n > 0 ? n : 0),
		     len - (n > 0 ? (size_t)n : 0));
}

static ssize_t recv_raw(struct stream *s, void *buf, size_t len)
{
	ssize_t n = recv(s->fd, buf, len, MSG_DONTWAIT);
	int err = errno;

	if (n == 0 && s->reset)
		fail_errno(s, ECONNRESET);
	else if (n == 0)
		fail(s, 0, "closed by the broker");
	else if (n < 0 && err != EAGAIN && err != EINTR)
		fail_errno(s, err);
	errno = err == EINTR ? EAGAIN : err;
	return n;
}

/* ---- what is read ---- */

/* Between two answers the peer is given the whole time anew. */
static void note_door(struct stream *s)
{
	bool owed = door_is_owed(&s->door);

	if (owed && s->asked_ms <= s->heard_ms)
		s->asked_ms = stream_now();
	s->owed = owed;
}

/* For the door: TLS or TCP. */
static ssize_t read_plain(void *ctx, void *buf, size_t len)
{
	struct stream *s = ctx;
	ssize_t n = s->tls ? tls_read(s->tls, buf, len) :
			     recv_raw(s, buf, len);

	if (n > 0)
		s->heard_ms = stream_now();
	else if (n == 0 || errno != EAGAIN)
		s->at_end = true;
	if (s->at_end && s->tls)
		fail_tls(s);
	return n;
}

ssize_t stream_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n;

	if (s->cut) {
		s->at_end = true;
		watch_socket(s);
		errno = ECONNABORTED;
		return -1;
	}
	n = door_read(&s->door, buf, len, read_plain, s);
	note_door(s);
	if (n < 0 && s->door.refused[0]) {
		refuse(s);
		errno = EPROTO;
	}
	if (s->at_end)
		watch_socket(s);
	return n;
}

bool stream_has_more(struct stream *s)
{
	return s->state == OPEN && !s->cut && !s->at_end && !s->closing &&
	       !s->paused &&
	       (s->door.more || (s->tls && tls_is_pending(s->tls)));
}

void stream_pause(struct stream *s, bool pause)
{
	if (s->paused == pause)
		return;
	s->paused = pause;
	s->heard_ms = stream_now();
	watch_socket(s);
}

/* ---- what is written ---- */

static bool send_iov(struct stream *s, const struct iovec *iov, int count)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov,
			      .msg_iovlen = (size_t)count };
	ssize_t n = 0;

	if (!has_output(s))
		n = sendmsg(s->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		broken(s, errno);
		return false;
	}
	for (size_t sent = n > 0 ? (size_t)n : 0; count; iov++, count--) {
		size_t part = sent < iov->iov_len ? sent : iov->iov_len;

		sent -= part;
		if (part < iov->iov_len)
			keep(s, (char *)iov->iov_base + part,
			     iov->iov_len - part);
	}
	return true;
}

/* In one record, and as it lies in memory only if that is one piece. */
static bool send_tls(struct stream *s, const struct iovec *iov, int count)
{
	struct buf packet = { 0 };
	bool ok;
	int i;

	for (i = 0; i < count; i++)
		buf_add(&packet, iov[i].iov_base, iov[i].iov_len);
	ok = !packet.failed && tls_write(s->tls, packet.p, packet.len);
	if (!ok) {
		fail(s, 0, packet.failed ? "no memory" : NULL);
		stream_cut(s, NULL);
	}
	buf_free(&packet);
	return ok;
}

void stream_write(struct stream *s, const struct iovec *iov, int count)
{
	int i;

	if (s->state != OPEN || s->cut || s->broken || s->closing)
		return;
	if (!(s->tls ? send_tls(s, iov, count) : send_iov(s, iov, count)))
		return;
	for (i = 0; i < count; i++)
		if (iov[i].iov_len)
			door_sent(&s->door, iov[i].iov_base, iov[i].iov_len);
	note_door(s);
}

static bool has_room(struct stream *s)
{
	int unsent = 0;

	return !has_output(s) &&
	       (ioctl(s->fd, SIOCOUTQNSD, &unsent) || !unsent);
}

bool stream_has_room(struct stream *s)
{
	bool alive = s->state == OPEN && !s->broken && !s->cut;
	bool room = alive && has_room(s);
	bool wanted = alive && !room;

	if (wanted != s->wants_room) {
		s->wants_room = wanted;
		watch_socket(s);
	}
	return room;
}

static void on_writable(struct stream *s)
{
	flush(s);
	if (!s->wants_room || !has_room(s))
		return;
	s->wants_room = false;
	watch_socket(s);
	s->args.room(s->args.ctx);
}

/* ---- how it is opened ---- */

static void fail_open(struct stream *s)
{
	s->state = ENDED;
	if (s->polled)
		watch(s, 0);
	s->args.failed(s->args.ctx);
}

static void opened(struct stream *s)
{
	s->state = OPEN;
	s->heard_ms = stream_now();
	watch_socket(s);
	s->args.opened(s->args.ctx);
}

static void release(struct stream *s);

static void on_stepped(void *ctx, enum tls_step step)
{
	struct stream *s = ctx;

	if (s->freed) {
		release(s);
		return;
	}
	if (step == TLS_WANTS_READ || step == TLS_WANTS_WRITE) {
		watch(s, step == TLS_WANTS_READ ? UV_READABLE : UV_WRITABLE);
	} else if (step == TLS_OPEN && !s->cut) {
		opened(s);
	} else {
		fail_tls(s);
		fail_open(s);
	}
}

/* The next step has the socket: nobody else looks at it. */
static void shake(struct stream *s)
{
	watch(s, 0);
	tls_step(s->tls);
}

static void start_tls(struct stream *s)
{
	struct tls_args args = {
		.loop = s->args.loop,
		.fd = s->fd,
		.tls = s->args.open->tls,
		.host = s->args.open->host,
		.port = s->args.open->port,
		.client_id = s->args.open->client_id,
		.stepped = on_stepped,
		.send = send_raw,
		.ctx = s,
	};

	s->tls = tls_new(&args);
	if (!s->tls) {
		fail(s, 0, "no memory");
		fail_open(s);
		return;
	}
	s->state = SHAKING;
	shake(s);
}

/* It is writable when nothing is unsent: see stream_has_room(). */
static bool take_socket(struct stream *s, int fd)
{
	unsigned int silence = STREAM_SILENCE_MS;
	unsigned int unsent = 1;

	s->fd = fd;
	s->connected = true;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence,
		   sizeof(silence));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent,
		   sizeof(unsent));
	if (uv_poll_init(s->args.loop, &s->poll, fd))
		return false;
	s->poll.data = s;
	s->polled = true;
	s->handles++;
	return true;
}

static void on_dialed(void *ctx, int fd, const char *why)
{
	struct stream *s = ctx;

	s->dial = NULL;
	if (fd < 0 || !take_socket(s, fd)) {
		fail(s, 0, fd < 0 ? why : "no memory");
		fail_open(s);
	} else if (s->args.open->tls) {
		start_tls(s);
	} else {
		opened(s);
	}
}

struct stream *stream_new(const struct stream_args *args)
{
	struct dial_args dial = {
		.host = args->open->host,
		.port = args->open->port,
		.port_key = args->open->port_key,
		.timeout_ms = args->open->timeout_ms,
		.reach = args->open->reach,
	};
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->args = *args;
	s->fd = -1;
	s->dial = dial_start(args->loop, &dial, on_dialed, s);
	if (!s->dial) {
		free(s);
		return NULL;
	}
	uv_timer_init(args->loop, &s->timer);
	s->timer.data = s;
	s->handles = 1;
	door_init(&s->door, args->open->payload_max);
	return s;
}

/* ---- how it ends ---- */

void stream_cut(struct stream *s, const char *why)
{
	fail(s, 0, why);
	if (s->cut)
		return;
	s->cut = true;
	drop_output(s);
	if (s->fd >= 0)
		shutdown(s->fd, SHUT_RDWR);
	watch_socket(s);
}

/* A lingering socket would go on trying to get rid of it. */
void stream_give_up(struct stream *s, const char *why)
{
	static const struct linger none = { .l_onoff = 1, .l_linger = 0 };

	if (s->fd >= 0)
		setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	stream_cut(s, why);
}

void stream_close(struct stream *s)
{
	if (s->closing || s->cut || s->state != OPEN)
		return;
	if (s->tls)
		tls_shutdown(s->tls);
	s->closing = true;
	fin(s);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct stream *s = handle->data;

	if (--s->handles)
		return;
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->out);
	free(s);
}

/* The socket is closed when the loop has let go of it. */
static void end_lingering(struct stream *s)
{
	LIST_REMOVE(s, entry);
	uv_close((uv_handle_t *)&s->timer, on_handle_closed);
	if (s->polled)
		uv_close((uv_handle_t *)&s->poll, on_handle_closed);
}

static void on_linger_timer(uv_timer_t *timer)
{
	end_lingering(timer->data);
}

/*
 * Unread data at close() would reset the connection: a broker that is still
 * writing might lose our DISCONNECT, and publish the will.  So reading goes
 * on, for nobody, until the broker has closed, too.
 */
static bool is_drained(struct stream *s)
{
	char buf[DRAIN_SIZE];
	ssize_t n = recv(s->fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static bool has_lingered(struct stream *s)
{
	flush(s);
	return s->cut || is_drained(s);
}

/* Nothing of the owner's is needed any more. */
static void release(struct stream *s)
{
	tls_free(s->tls);
	s->tls = NULL;
	LIST_INSERT_HEAD(&lingering, s, entry);
	s->args.gone(s->args.ctx);
	if (s->state != OPEN || s->cut || !s->closing) {
		end_lingering(s);
		return;
	}
	s->at_end = s->paused = false;
	watch_socket(s);
	uv_timer_start(&s->timer, on_linger_timer, LINGER_MS, 0);
}

void stream_free(struct stream *s)
{
	s->freed = true;
	dial_cancel(s->dial);
	s->dial = NULL;
	if (s->tls && tls_is_stepping(s->tls))
		stream_cut(s, NULL);
	else
		release(s);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct stream *s = poll->data;

	if (s->state == SHAKING) {
		shake(s);
	} else if (s->freed) {
		if (has_lingered(s))
			end_lingering(s);
	} else {
		if (events & UV_WRITABLE)
			on_writable(s);
		if (status < 0 || events & UV_READABLE)
			s->args.readable(s->args.ctx);
	}
}

static void finish(struct stream *s, uint64_t until)
{
	struct pollfd set = { .fd = s->fd };
	uint64_t now = stream_now();

	while (!has_lingered(s) && now < until) {
		set.events = POLLIN | (has_output(s) ? POLLOUT : 0);
		poll(&set, 1, (int)(until - now));
		now = stream_now();
	}
	end_lingering(s);
}

void stream_finish_all(void)
{
	uint64_t until = stream_now() + LINGER_MS;
	struct stream *s;

	while ((s = LIST_FIRST(&lingering)))
		finish(s, until);
}

/* ---- what is known of it ---- */

bool stream_is_connected(const struct stream *s)
{
	return s->connected;
}

uint64_t stream_heard(const struct stream *s)
{
	return s->paused ? stream_now() : s->heard_ms;
}

/* The whole process may have stood still: what came is read presently. */
static bool has_unread(const struct stream *s)
{
	int unread = 0;

	return s->fd >= 0 && !ioctl(s->fd, FIONREAD, &unread) && unread;
}

uint64_t stream_silence(struct stream *s)
{
	uint64_t since = s->asked_ms > s->heard_ms ? s->asked_ms : s->heard_ms;
	uint64_t now = stream_now();

	if (!s->owed || s->paused || has_unread(s))
		since = now;
	return now > since ? now - since : 0;
}

const char *stream_cipher(const struct stream *s)
{
	return s->tls ? tls_cipher(s->tls) : "";
}

struct door *stream_door(struct stream *s)
{
	return &s->door;
}
