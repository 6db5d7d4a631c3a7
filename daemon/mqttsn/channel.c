// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A DTLS handshake reads files and computes for a while, so its steps run in
 * the loop's thread pool, one at a time; meanwhile the loop does not touch
 * the socket.
 *
 *   PLAIN
 *   SHAKING --> READY
 */
#include "daemon/mqttsn/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/lib/errno_text.h"
#include "daemon/mqtt/args.h"
#include "daemon/mqttsn/codec.h"
#include "daemon/mqttsn/dtls.h"

#define BURST		64	/* datagrams taken at a time */
#define REPEAT_MS	1000	/* RFC 6347 4.2.4.1 */
#define REFUSALS_MAX	2	/* in a handshake */

enum channel_state {
	PLAIN,
	SHAKING,
	READY,
};

struct channel {
	uv_poll_t poll;
	uv_timer_t timer;	/* repeats the handshake, or reads on */
	uv_work_t work;		/* a step of the handshake */
	unsigned int handles;	/* that the loop has not let go */
	struct channel_callbacks cb;
	void *ctx;
	int fd;
	enum channel_state state;
	bool closed;
	uint8_t in[SN_DATAGRAM_MAX];

	/* DTLS; the step's while it runs */
	bool busy;
	bool repeat;
	bool lossy;		/* it was necessary to repeat something */
	unsigned int refusals;
	struct mqtt_args args;	/* until the handshake is over */
	struct dtls *dtls;
	enum dtls_result result;
	int error;		/* errno of DTLS_REFUSED */
	struct mqtt_reason why;	/* of DTLS_FAILED */
};

static void on_readable(uv_poll_t *poll, int status, int events);

/*
 * Life
 */

static void on_handle_closed(uv_handle_t *handle)
{
	struct channel *ch = handle->data;

	if (--ch->handles)
		return;
	mqtt_args_free(&ch->args);
	free(ch);
}

/* No step runs. */
static void finish_close(struct channel *ch)
{
	dtls_free(ch->dtls);
	uv_close((uv_handle_t *)&ch->poll, on_handle_closed);
	uv_close((uv_handle_t *)&ch->timer, on_handle_closed);
	close(ch->fd);
}

void channel_close(struct channel *ch)
{
	if (!ch)
		return;
	ch->closed = true;
	uv_poll_stop(&ch->poll);
	uv_timer_stop(&ch->timer);
	if (ch->busy)
		uv_cancel((uv_req_t *)&ch->work);
	else
		finish_close(ch);
}

/*
 * The handshake
 */

static void run_step(uv_work_t *work)
{
	struct channel *ch = work->data;

	ch->result = DTLS_FAILED;
	if (!ch->dtls)
		ch->dtls = dtls_new(&ch->args.tls, ch->args.open.host, ch->fd,
				    &ch->why);
	if (!ch->dtls)
		return;
	if (ch->repeat)
		dtls_repeat(ch->dtls);
	ch->repeat = false;
	ch->result = dtls_handshake(ch->dtls);
	if (ch->result == DTLS_REFUSED)
		ch->error = errno;
	if (ch->result == DTLS_FAILED)
		memcpy(ch->why.text, dtls_why(ch->dtls), DTLS_WHY_MAX);
}

static void on_step(uv_work_t *work, int status);

static void begin_step(struct channel *ch)
{
	uv_poll_stop(&ch->poll);
	ch->busy = true;
	uv_queue_work(ch->poll.loop, &ch->work, run_step, on_step);
}

static void on_repeat(uv_timer_t *timer)
{
	struct channel *ch = timer->data;

	if (ch->busy)
		return;		/* something has come just now */
	ch->repeat = true;
	ch->lossy = true;
	begin_step(ch);
}

/*
 * RFC 6347 4.2.4: each flight has its own time, from when it was sent.  A part
 * of the answer does not lengthen it.
 */
static void await_peer(struct channel *ch)
{
	uv_poll_start(&ch->poll, UV_READABLE, on_readable);
	if (dtls_has_sent(ch->dtls) ||
	    !uv_is_active((uv_handle_t *)&ch->timer))
		uv_timer_start(&ch->timer, on_repeat, REPEAT_MS, 0);
}

static void on_handshake_refused(struct channel *ch)
{
	const char *why = errno_text(ch->error);

	await_peer(ch);
	if (++ch->refusals < REFUSALS_MAX) {
		ch->cb.refused(ch->ctx, why);
		return;
	}
	ch->lossy = false;
	ch->cb.failed(ch->ctx, why);
}

static void on_shaken(struct channel *ch)
{
	ch->state = READY;
	uv_timer_stop(&ch->timer);
	uv_poll_start(&ch->poll, UV_READABLE, on_readable);
	mqtt_args_free(&ch->args);
	ch->cb.ready(ch->ctx);
}

static void on_step(uv_work_t *work, int status)
{
	struct channel *ch = work->data;

	(void)status;
	ch->busy = false;
	if (ch->closed) {
		finish_close(ch);
		return;
	}
	switch (ch->result) {
	case DTLS_OK:
		on_shaken(ch);
		break;
	case DTLS_AGAIN:
		await_peer(ch);
		break;
	case DTLS_REFUSED:
		on_handshake_refused(ch);
		break;
	case DTLS_FAILED:
		uv_timer_stop(&ch->timer);
		ch->cb.failed(ch->ctx, ch->why.text);
		break;
	}
}

bool channel_is_lossy(const struct channel *ch)
{
	return ch->lossy;
}

/*
 * Datagrams
 */

static enum dtls_result read_plain(struct channel *ch, size_t *len)
{
	ssize_t n = recv(ch->fd, ch->in, sizeof(ch->in), MSG_DONTWAIT);

	*len = n > 0 ? (size_t)n : 0;
	if (n >= 0)
		return DTLS_OK;
	return errno == EAGAIN || errno == EINTR ? DTLS_AGAIN : DTLS_REFUSED;
}

static enum dtls_result read_one(struct channel *ch, size_t *len)
{
	if (ch->state == PLAIN)
		return read_plain(ch, len);
	return dtls_read(ch->dtls, ch->in, sizeof(ch->in), len);
}

/* False when there is no more, for the time being or at all. */
static bool take_one(struct channel *ch)
{
	size_t len;

	switch (read_one(ch, &len)) {
	case DTLS_OK:
		ch->cb.input(ch->ctx, ch->in, len);
		return !ch->closed;
	case DTLS_AGAIN:
		return false;
	case DTLS_REFUSED:
		ch->cb.refused(ch->ctx, errno_text(errno));
		return !ch->closed;
	case DTLS_FAILED:
		uv_poll_stop(&ch->poll);
		ch->cb.failed(ch->ctx, dtls_why(ch->dtls));
		return false;
	}
	return false;
}

static void on_more(uv_timer_t *timer);

/* DTLS may have more than poll can see. */
static void take_some(struct channel *ch)
{
	int i;

	for (i = 0; i < BURST; i++)
		if (!take_one(ch))
			return;
	uv_timer_start(&ch->timer, on_more, 0, 0);
}

static void on_more(uv_timer_t *timer)
{
	take_some(timer->data);
}

/* libuv stops to poll a socket that has an error, an ICMP one, too. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct channel *ch = poll->data;

	(void)events;
	if (status < 0)
		uv_poll_start(poll, UV_READABLE, on_readable);
	if (ch->state == SHAKING)
		begin_step(ch);
	else
		take_some(ch);
}

/*
 * An ICMP error to an earlier datagram is reported instead of sending this
 * one.
 */
static int send_plain(struct channel *ch, const void *buf, size_t len)
{
	ssize_t n = send(ch->fd, buf, len, MSG_DONTWAIT);

	if (n < 0 && errno == ECONNREFUSED)
		n = send(ch->fd, buf, len, MSG_DONTWAIT);
	return n < 0 ? -errno : 0;
}

int channel_send(struct channel *ch, const void *buf, size_t len)
{
	switch (ch->state) {
	case PLAIN:
		return send_plain(ch, buf, len);
	case SHAKING:
		return -ENOTCONN;
	case READY:
		return dtls_write(ch->dtls, buf, len);
	}
	return -ENOTCONN;
}

/*
 * Opening
 */

static void on_plain_ready(uv_timer_t *timer)
{
	struct channel *ch = timer->data;

	ch->cb.ready(ch->ctx);
}

static int connect_socket(const struct sockaddr *to)
{
	socklen_t len = to->sa_family == AF_INET6 ?
				sizeof(struct sockaddr_in6) :
				sizeof(struct sockaddr_in);
	int fd = socket(to->sa_family,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0 || !connect(fd, to, len))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int init(struct channel *ch, uv_loop_t *loop)
{
	int err = uv_poll_init(loop, &ch->poll, ch->fd);

	if (err)
		return err;
	uv_timer_init(loop, &ch->timer);
	ch->handles = 2;
	ch->poll.data = ch;
	ch->timer.data = ch;
	ch->work.data = ch;
	return 0;
}

static void start(struct channel *ch)
{
	if (ch->state == SHAKING) {
		begin_step(ch);
		return;
	}
	uv_poll_start(&ch->poll, UV_READABLE, on_readable);
	uv_timer_start(&ch->timer, on_plain_ready, 0, 0);
}

struct channel *channel_open(uv_loop_t *loop, const struct sockaddr *to,
			     const struct mqtt_open *args,
			     const struct channel_callbacks *cb, void *ctx)
{
	struct channel *ch = calloc(1, sizeof(*ch));
	int err;

	if (!ch)
		return NULL;
	ch->cb = *cb;
	ch->ctx = ctx;
	ch->state = args->tls ? SHAKING : PLAIN;
	ch->fd = connect_socket(to);
	err = ch->fd < 0 ? -errno : 0;
	if (!err && args->tls && !mqtt_args_copy(&ch->args, args))
		err = -ENOMEM;
	if (!err)
		err = init(ch, loop);
	if (!err) {
		start(ch);
		return ch;
	}
	if (ch->fd >= 0)
		close(ch->fd);
	mqtt_args_free(&ch->args);
	free(ch);
	errno = -err;
	return NULL;
}
