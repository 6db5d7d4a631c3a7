/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The AT interface of one port: takes the lines and data that n_at framed
 * and answers them.  Runs in the event loop's thread and never blocks.
 */
#ifndef ATMQTT_AT_SESSION_H
#define ATMQTT_AT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <uv.h>

#include <linux/n_at.h>

#include "daemon/at/cmd/uart.h"
#include "daemon/config.h"
#include "daemon/mqtt/mqtt.h"
#include "daemon/uplink_state.h"

struct at_session;
struct http;

/* The settings of n_at that commands change; see linux/n_at.h. */
struct at_line_settings {
	uint8_t echo;
	uint8_t echo_cr;
	uint8_t repeat;
	uint8_t s3, s4, s5;
	uint32_t watch;		/* RESET_ON_*: lines whose changes are told */
	uint32_t urc_hold_ms;
	uint32_t data_timeout_ms;
	uint32_t exec_timeout_ms;
	struct at_uart uart;	/* what is to change; not what stays */
};

/*
 * What a session asks of its port.  Each is 0 or a negative errno; a buffer
 * is the callee's only during the call.
 */
struct at_port_ops {
	/*
	 * The final answer; @changed, if any, takes effect behind it.
	 * -ENOMEM: it cannot be kept; a short one always can.  @sure: 0 only
	 * if the port has it; -EINPROGRESS: at_session_answered() will tell.
	 */
	int (*reply)(void *ctx, const void *buf, size_t len,
		     const struct at_line_settings *changed, bool sure);
	/* The prompt: take @data_len raw bytes next. */
	int (*prompt)(void *ctx, const void *buf, size_t len,
		      uint32_t data_len, bool sure);
	/* An unsolicited result; -EAGAIN: at_session_space() follows. */
	int (*urc)(void *ctx, const void *buf, size_t len);
	/* Settings that no reply takes along. */
	void (*set)(void *ctx, const struct at_line_settings *changed);
	/* Has the host sent anything?  at_session_heard() tells. */
	void (*look)(void *ctx);
};

/* How a line or data came in; the reason why it must not be executed. */
enum at_input {
	AT_INPUT_GOOD,
	AT_INPUT_OVERLONG,	/* L3 */
	AT_INPUT_DAMAGED,	/* parity, framing, overrun, break */
	AT_INPUT_TIMEOUT,	/* data only: idle too long */
};

/* NULL without memory.  All but @ctx outlive the session. */
struct at_session *at_session_new(const struct port_config *cfg,
				  struct mqtt *mqtt, struct http *http,
				  uv_loop_t *loop,
				  const struct at_port_ops *ops, void *ctx);

/*
 * Cuts its links as a power-off would and frees it; NULL is fine.  The loop
 * must run once more: its timer goes last.
 */
void at_session_free(struct at_session *s);

/*
 * The tty is there, for the first time or again: forgets a line or data that
 * was under way on the old one.  Links, settings and waiting results stay.
 *
 * @uart is the tty's.  On a @fresh one, which has carried no command, what the
 * host or AT&W had set is restored by at_session_settings(); else it stays as
 * it is.  The first time the host hears boot lines (P1): also from a daemon
 * that takes over a tty which is not fresh (P5).  @heard: the host has sent
 * bytes by this tty.
 */
void at_session_attached(struct at_session *s, const struct at_uart *uart,
			 bool fresh, bool heard);

/* It is gone; and has been for so long that the module has no power (P6). */
void at_session_detached(struct at_session *s);
void at_session_unplugged(struct at_session *s);

/* The answer to look() */
void at_session_heard(struct at_session *s, bool heard);

/* A break or a change of a modem line, which may mean a restart (P4). */
void at_session_modem(struct at_session *s, enum n_at_event event);

/* As AT+RESET, but not at the host's wish. */
void at_session_restart(struct at_session *s);

/*
 * The daemon stops: links are closed by DISCONNECT (P5), what is kept stays
 * as it is.  True from at_session_stopped() on: it may be freed.
 */
void at_session_stop(struct at_session *s);
bool at_session_stopped(const struct at_session *s);

/* The settings that are in force: a new session has the stored ones. */
void at_session_settings(struct at_session *s, struct at_line_settings *out);

/*
 * A command line, "AT" first, no CR, or "A/".  Ends in exactly one reply()
 * or prompt(), from this call or a later at_session_data().  @line is wiped
 * by the caller.
 */
void at_session_line(struct at_session *s, const char *line, size_t len,
		     enum at_input how);

/* The data that prompt() asked for. */
void at_session_data(struct at_session *s, const void *data, size_t len,
		     enum at_input how);

/* The end of -EINPROGRESS: the port has the answer, or the host never will. */
void at_session_answered(struct at_session *s, bool taken);

/* How the board's uplink is: at the start and after each change. */
void at_session_uplink(struct at_session *s,
		       const struct uplink_status *status);

/* urc() may be tried again. */
void at_session_space(struct at_session *s);

/* A client of the session, without its secrets. */
struct at_client_status {
	unsigned int id;
	const char *protocol;	/* "mqtt", "mqtt-sn" */
	const char *state;	/* "closed", "open", ... */
	const char *host;	/* of the last OPEN; "": there was none */
	uint16_t port;
	uint16_t keepalive;	/* seconds */
	bool tls;
	bool clean;
	uint32_t subscriptions;
	uint32_t queued;	/* messages that wait for READ */
	uint32_t requests;	/* without a result yet */
	uint32_t dropped;	/* messages of QoS 0 that found no room */
	uint32_t oversize;	/* messages that were too long */
	const char *reason;	/* of the last failure; "": there was none */
	time_t failed_at;
};

/* Calls @fn for each client, whatever its state. */
void at_session_clients(const struct at_session *s,
			void (*fn)(void *ctx, const struct at_client_status *c),
			void *ctx);

#endif /* ATMQTT_AT_SESSION_H */
