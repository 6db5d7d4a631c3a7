/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * From a name to a connected TCP socket (RFC 8305): addresses are tried one
 * beside the other, and the first that answers wins.
 */
#ifndef ATMQTT_LIB_DIAL_H
#define ATMQTT_LIB_DIAL_H

#include <stdint.h>
#include <uv.h>

struct dial;
struct reach;

struct dial_args {
	const char *host;		/* name or address, no brackets */
	uint16_t port;
	const void *port_key;		/* whose look-ups count together */
	unsigned int timeout_ms;	/* for names and TCP together */
	const struct reach *reach;	/* stays; NULL: everything */
};

/*
 * @fd is connected, non-blocking, close-on-exec, and without Nagle's delay;
 * or it is < 0, and @why, valid during the call, says it in words: of the
 * address that was tried last, if there was one.  The dial is gone.
 */
typedef void (*dial_done)(void *ctx, int fd, const char *why);

/*
 * @done is called once, later, from the loop, unless dial_cancel() comes
 * first.  The loop needs its resolver.  NULL without memory.
 */
struct dial *dial_start(uv_loop_t *loop, const struct dial_args *args,
			dial_done done, void *ctx);

/* NULL is fine. */
void dial_cancel(struct dial *dial);

#endif /* ATMQTT_LIB_DIAL_H */
