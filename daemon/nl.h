/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The daemon's end of the generic netlink family n_at (linux/n_at.h), for
 * the event loop.  Follows the module through loading and unloading.
 */
#ifndef ATMQTT_NL_H
#define ATMQTT_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include <linux/n_at.h>

#include "daemon/at/session.h"
#include "daemon/n_at_port.h"

struct n_at;

/* A LINE_NTF or DATA_NTF; @data is valid during the call and wiped then. */
struct n_at_input {
	uint32_t port;
	uint32_t seq;
	uint32_t flags;		/* N_AT_FLAG_* */
	const void *data;
	size_t len;
};

/* The answer to a LINE_NTF or DATA_NTF. */
struct n_at_answer {
	uint32_t port;
	uint32_t seq;
	const void *data;
	size_t len;
	uint32_t data_len;	/* take so many raw bytes next; 0: it is final */
	const struct at_line_settings *set;	/* or NULL */
};

struct n_at_callbacks {
	/* A port is there: found, new, to be bound now, or bound by us. */
	void (*port)(void *ctx, const struct n_at_port *port);
	/* All ports that are there were told, or the module is not. */
	void (*listed)(void *ctx);
	/* A port is gone; all of them (@id 0) when the module was unloaded. */
	void (*gone)(void *ctx, uint32_t id);
	void (*line)(void *ctx, const struct n_at_input *in);
	void (*data)(void *ctx, const struct n_at_input *in);
	void (*space)(void *ctx, uint32_t id);
	/* A break or a change of a watched modem line. */
	void (*modem)(void *ctx, uint32_t id, enum n_at_event event);
	/* The kernel refused @cmd for @id: a negative errno, a sentence or "" */
	void (*refused)(void *ctx, enum n_at_cmd cmd, uint32_t id, int err,
			const char *why);
};

/* 0, or a negative errno.  The module need not be there yet. */
int n_at_open(struct n_at **nl, uv_loop_t *loop, const struct n_at_callbacks *cb,
	    void *ctx);
void n_at_close(struct n_at *nl);		/* NULL is fine */

/* The netlink port id of our socket, as in struct n_at_port's owner. */
uint32_t n_at_id(const struct n_at *nl);

/* Asks for a port again; port() tells. */
int n_at_get(struct n_at *nl, uint32_t id);

/*
 * Requests: 0 when sent, else a negative errno.  What the kernel says of
 * them comes by refused(), and for bind by port() too.
 */
int n_at_bind(struct n_at *nl, uint32_t id);
int n_at_set(struct n_at *nl, uint32_t id, const struct at_line_settings *set);
int n_at_reply(struct n_at *nl, const struct n_at_answer *answer);

/*
 * The same, and n_at_urc(): their fate is known on return.  0: n_at has it;
 * -EAGAIN: not, space() follows; -ENOBUFS: what it said is lost.
 */
int n_at_reply_sure(struct n_at *nl, const struct n_at_answer *answer);
int n_at_urc(struct n_at *nl, uint32_t id, const void *buf, size_t len);

/*
 * How long the input that is being handed over may have waited for us at most,
 * in ms; and whether n_at still waits for the answer to it: 0, -ESTALE, -EPROTO
 * or another negative errno.  Then its time for it begins anew.
 */
uint64_t n_at_waited_ms(const struct n_at *nl);
int n_at_claim(struct n_at *nl, const struct n_at_input *in);

#endif /* ATMQTT_NL_H */
