// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/lib/log.h"

#define RETRY_MS	1000	/* another process owns the port; no memory */
/* What n_at calls a reply to a line that it has answered itself */
#define IS_LATE(err)	((err) == -EPROTO || (err) == -ESTALE)
#define ANSWER_MIN	64	/* bytes that can be kept at any time */

enum port_state {
	PORT_ABSENT,		/* the tty has no line discipline */
	PORT_BINDING,
	PORT_BUSY,		/* another process owns the port */
	PORT_REFUSED,		/* we may not own it; who may can change */
	PORT_BOUND,
};

struct port {
	const struct port_config *cfg;
	struct n_at *nl;
	struct at_session *session;
	uv_timer_t *retry;	/* unplugged; freed when its handle is closed */

	enum port_state state;
	bool told;		/* why it is not bound */
	uint32_t id;

	/*
	 * The last answer, until the next line proves that n_at took it: a
	 * full output queue refuses it, or there is no memory for it, and it
	 * is sent again then.  A host must not wait for it for ever.
	 */
	struct n_at_input to;
	struct at_line_settings settings;
	bool has_settings;
	bool answered;		/* to: it is its answer */
	bool refused;
	bool sure;		/* the session waits to hear that n_at has it */
	uint32_t data_len;
	unsigned char *out;
	size_t out_len;
	size_t out_size;
};

const char *port_tty(const struct port *port)
{
	return port->cfg->tty;
}

bool port_is(const struct port *port, uint32_t id)
{
	return port->state != PORT_ABSENT && port->id == id;
}

bool port_is_binding(const struct port *port)
{
	return port->state == PORT_BINDING;
}

const char *port_model(const struct port *port)
{
	return port->cfg->model_name;
}

const char *port_state_name(const struct port *port)
{
	static const char *const names[] = {
		[PORT_ABSENT] = "absent",
		[PORT_BINDING] = "binding",
		[PORT_BUSY] = "busy",
		[PORT_REFUSED] = "refused",
		[PORT_BOUND] = "bound",
	};

	return names[port->state];
}

void port_clients(const struct port *port,
		  void (*fn)(void *ctx, const struct at_client_status *c),
		  void *ctx)
{
	at_session_clients(port->session, fn, ctx);
}

/* ---- what the session asks for ---- */

/* AT+MQTTUSER? answers a password. */
static void wipe_answer(struct port *port)
{
	if (port->out)
		explicit_bzero(port->out, port->out_size);
	free(port->out);
}

static bool make_room(struct port *port)
{
	port->out = calloc(1, ANSWER_MIN);
	port->out_size = port->out ? ANSWER_MIN : 0;
	return port->out;
}

static int keep_answer(struct port *port, const void *buf, size_t len)
{
	unsigned char *bigger;

	if (len > port->out_size) {
		bigger = malloc(len);
		if (!bigger)
			return -ENOMEM;
		wipe_answer(port);
		port->out = bigger;
		port->out_size = len;
	}
	memcpy(port->out, buf, len);
	port->out_len = len;
	return 0;
}

static void on_retry(uv_timer_t *timer);

static void retry_later(struct port *port)
{
	if (!uv_is_active((uv_handle_t *)port->retry))
		uv_timer_start(port->retry, on_retry, RETRY_MS, RETRY_MS);
}

static void keep_trying(struct port *port, int err)
{
	log_warning("%s: answer not sent yet: %s", port->cfg->tty,
		    strerror(-err));
	port->refused = true;
	retry_later(port);
}

static void note_late(const struct port *port)
{
	log_warning("%s: answer to line %u came too late", port->cfg->tty,
		    port->to.seq);
}

/* 0: n_at has it, or will say that not; -EINPROGRESS: it is sent again. */
static int send_answer(struct port *port)
{
	const struct n_at_answer answer = {
		.port = port->to.port,
		.seq = port->to.seq,
		.data = port->out,
		.len = port->out_len,
		.data_len = port->data_len,
		.set = port->has_settings ? &port->settings : NULL,
	};
	int err;

	port->refused = false;
	if (port->state != PORT_BOUND)
		return -ENOTCONN;
	err = port->sure ? n_at_reply_sure(port->nl, &answer) :
			   n_at_reply(port->nl, &answer);
	if (!err || err == -ENODEV)
		return err;
	if (IS_LATE(err)) {
		note_late(port);
		return err;
	}
	if (err == -EAGAIN)
		port->refused = true;
	else
		keep_trying(port, err);
	return -EINPROGRESS;
}

/* The end of waiting for n_at to take it. */
static void settle(struct port *port, bool taken)
{
	if (!port->sure)
		return;
	port->sure = false;
	at_session_answered(port->session, taken);
}

static void send_again(struct port *port)
{
	int err = send_answer(port);

	if (err != -EINPROGRESS)
		settle(port, !err);
}

/* What the session is told now is told once. */
static int send_first(struct port *port, bool sure)
{
	int err;

	port->answered = true;
	port->sure = sure;
	err = send_answer(port);
	port->sure = sure && err == -EINPROGRESS;
	return err;
}

static int port_reply(void *ctx, const void *buf, size_t len,
		      const struct at_line_settings *changed, bool sure)
{
	struct port *port = ctx;
	int err = keep_answer(port, buf, len);

	if (err)
		return err;
	port->data_len = 0;
	port->has_settings = changed;
	if (changed)
		port->settings = *changed;
	return send_first(port, sure);
}

static int port_prompt(void *ctx, const void *buf, size_t len,
		       uint32_t data_len, bool sure)
{
	struct port *port = ctx;
	int err = keep_answer(port, buf, len);

	if (err)
		return err;
	port->data_len = data_len;
	port->has_settings = false;
	return send_first(port, sure);
}

static int port_urc(void *ctx, const void *buf, size_t len)
{
	struct port *port = ctx;
	int err;

	/* An absent tty is as good as a full queue: space comes with it. */
	if (port->state != PORT_BOUND)
		return -EAGAIN;
	err = n_at_urc(port->nl, port->id, buf, len);
	switch (err) {
	case -ENOMEM:
	case -ENOBUFS:	/* a host may hear it twice, but not never */
		retry_later(port);
		return -EAGAIN;
	case -ENODEV:	/* the tty went, or the module, which is not told yet */
	case -ENOENT:
		return -EAGAIN;
	default:
		return err;
	}
}

static void port_set(void *ctx, const struct at_line_settings *changed)
{
	struct port *port = ctx;
	int err;

	if (port->state != PORT_BOUND)
		return;
	err = n_at_set(port->nl, port->id, changed);
	if (err)
		log_error("%s: settings not sent: %s", port->cfg->tty,
			  strerror(-err));
}

static void port_look(void *ctx)
{
	struct port *port = ctx;

	if (port->state == PORT_BOUND)
		n_at_get(port->nl, port->id);
}

static const struct at_port_ops port_ops = {
	.reply = port_reply,
	.prompt = port_prompt,
	.urc = port_urc,
	.set = port_set,
	.look = port_look,
};

/* ---- binding ---- */

static void bind_port(struct port *port)
{
	int err = n_at_bind(port->nl, port->id);

	if (!err)
		return;
	log_error("%s: cannot bind: %s", port->cfg->tty, strerror(-err));
	retry_later(port);
}

/* Once: an attacher names the owner a moment after it has attached. */
static void tell_why(struct port *port)
{
	const char *tty = port->cfg->tty;

	if (port->told)
		return;
	port->told = true;
	if (port->state == PORT_BUSY)
		log_warning("%s: another process owns the port", tty);
	else
		log_warning("%s: user %u may not own the port: 'atmqttctl owner %s %u' or 'atmqttctl attach --owner=%u' lets it",
			    tty, geteuid(), tty, geteuid(), geteuid());
}

static void on_retry(uv_timer_t *timer)
{
	struct port *port = timer->data;

	switch (port->state) {
	case PORT_ABSENT:
		at_session_unplugged(port->session);
		break;
	case PORT_BINDING:
		uv_timer_stop(timer);
		bind_port(port);
		break;
	case PORT_BUSY:
		tell_why(port);
		bind_port(port);
		break;
	case PORT_REFUSED:
		tell_why(port);
		uv_timer_stop(timer);
		break;
	case PORT_BOUND:
		uv_timer_stop(timer);
		port_space(port);
		break;
	}
}

static void port_bound(struct port *port, const struct n_at_port *info)
{
	struct at_line_settings settings;

	uv_timer_stop(port->retry);
	port->state = PORT_BOUND;
	port->told = false;
	log_info("%s: bound", port->cfg->tty);

	at_session_attached(port->session, &info->uart, !info->seq,
			    info->counters[N_AT_C_RX_BYTES]);
	at_session_settings(port->session, &settings);
	port_set(port, &settings);
	at_session_space(port->session);
}

/*
 * Asked for again, maybe as something was lost: what n_at said of an answer
 * that it did not take, or that there is space.
 */
static void look_again(struct port *port, const struct n_at_port *info)
{
	at_session_heard(port->session, info->counters[N_AT_C_RX_BYTES]);
	if (info->mode == N_AT_MODE_EXECUTING && port->answered &&
	    info->id == port->to.port && info->seq == port->to.seq)
		send_again(port);
	at_session_space(port->session);
}

void port_found(struct port *port, const struct n_at_port *info)
{
	if (port->state != PORT_ABSENT && port->id != info->id)
		port_gone(port);

	port->id = info->id;
	if (info->owner == n_at_id(port->nl)) {
		if (port->state != PORT_BOUND)
			port_bound(port, info);
		else
			look_again(port, info);
	} else if (port->state != PORT_BOUND && port->state != PORT_BINDING) {
		uv_timer_stop(port->retry);
		port->state = PORT_BINDING;
		bind_port(port);
	}
}

void port_gone(struct port *port)
{
	if (port->state == PORT_ABSENT)
		return;
	log_info("%s: gone", port->cfg->tty);
	port->state = PORT_ABSENT;
	port->told = false;
	port->refused = false;
	settle(port, false);
	at_session_detached(port->session);
	uv_timer_start(port->retry, on_retry, port->cfg->unplugged_ms, 0);
}

/* ---- traffic ---- */

static enum at_input how_it_came(uint32_t flags)
{
	if (flags & (N_AT_FLAG_DAMAGED | N_AT_FLAG_BREAK))
		return AT_INPUT_DAMAGED;
	if (flags & N_AT_FLAG_OVERLONG)
		return AT_INPUT_OVERLONG;
	if (flags & N_AT_FLAG_TIMEOUT)
		return AT_INPUT_TIMEOUT;
	return AT_INPUT_GOOD;
}

/*
 * n_at ends a line that is not answered in time, and the host may have said it
 * again: one that may have waited here for so long is executed only if n_at
 * takes a word to it, from which on there is time anew.
 */
static bool is_late(struct port *port, const struct n_at_input *in)
{
	uint32_t limit = port->cfg->exec_timeout_ms;
	int err;

	if (!limit || n_at_waited_ms(port->nl) < limit / 2)
		return false;
	err = n_at_claim(port->nl, in);
	if (!IS_LATE(err))
		return false;
	log_warning("%s: n_at has answered line %u, not executed",
		    port->cfg->tty, in->seq);
	return true;
}

/* n_at answered the line before by itself, if it did not take our answer. */
static void take(struct port *port, const struct n_at_input *in)
{
	port->answered = false;
	port->refused = false;
	settle(port, false);
	port->to = *in;
}

void port_line(struct port *port, const struct n_at_input *in)
{
	if (is_late(port, in))
		return;
	take(port, in);
	at_session_line(port->session, in->data, in->len,
			how_it_came(in->flags));
}

void port_data(struct port *port, const struct n_at_input *in)
{
	if (is_late(port, in))
		return;
	take(port, in);
	at_session_data(port->session, in->data, in->len,
			how_it_came(in->flags));
}

void port_space(struct port *port)
{
	if (port->refused)
		send_again(port);
	at_session_space(port->session);
}

void port_refused(struct port *port, enum n_at_cmd cmd, int err,
		  const char *why)
{
	if (cmd == N_AT_CMD_BIND && (err == -EBUSY || err == -EPERM)) {
		if (port->state == PORT_BOUND)
			return;		/* it was asked twice */
		port->state = err == -EBUSY ? PORT_BUSY : PORT_REFUSED;
		retry_later(port);
	} else if (cmd == N_AT_CMD_REPLY && err == -EAGAIN) {
		port->refused = true;
	} else if (cmd == N_AT_CMD_REPLY && err == -ENOMEM) {
		keep_trying(port, err);
	} else if (cmd == N_AT_CMD_REPLY && IS_LATE(err)) {
		note_late(port);
	} else if (err != -ENODEV) {
		/* That one says that the tty went away meanwhile. */
		log_error("%s: n_at refused command %d: %s%s%s",
			  port->cfg->tty, cmd, strerror(-err), *why ? ": " : "",
			  why);
		if (cmd == N_AT_CMD_BIND)
			retry_later(port);
	}
}

void port_modem(struct port *port, enum n_at_event event)
{
	at_session_modem(port->session, event);
}

void port_restart(struct port *port)
{
	at_session_restart(port->session);
}

void port_stop(struct port *port)
{
	at_session_stop(port->session);
}

bool port_stopped(const struct port *port)
{
	return at_session_stopped(port->session);
}

void port_uplink(struct port *port, const struct uplink_status *status)
{
	at_session_uplink(port->session, status);
}

/* ---- life ---- */

struct port *port_new(const struct port_config *cfg, struct n_at *nl,
		      struct mqtt *mqtt, struct http *http, uv_loop_t *loop)
{
	struct port *port = calloc(1, sizeof(*port));

	if (!port)
		return NULL;
	port->cfg = cfg;
	port->nl = nl;
	port->retry = malloc(sizeof(*port->retry));
	if (!port->retry) {
		free(port);
		return NULL;
	}
	uv_timer_init(loop, port->retry);
	port->retry->data = port;

	port->session = at_session_new(cfg, mqtt, http, loop, &port_ops, port);
	if (!port->session || !make_room(port)) {
		port_free(port);
		return NULL;
	}
	return port;
}

static void free_timer(uv_handle_t *handle)
{
	free(handle);
}

void port_free(struct port *port)
{
	if (!port)
		return;
	at_session_free(port->session);
	uv_close((uv_handle_t *)port->retry, free_timer);
	wipe_answer(port);
	free(port);
}
