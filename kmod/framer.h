/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The framer: finds command lines and counted data in a stream of bytes.
 * Plain C for the kernel, the unit tests and the fuzzer: the caller owns all
 * memory; nothing here allocates, prints, locks or knows the time.
 */
#ifndef AT_FRAMER_H
#define AT_FRAMER_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/string.h>
#include <linux/types.h>
#define at_wipe(p, n) memzero_explicit(p, n)
#else
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#define at_wipe(p, n) explicit_bzero(p, n)
typedef unsigned char u8;
#endif

/* What the driver said of a byte; the caller maps its own codes to these. */
enum at_rx {
	AT_RX_CLEAN,
	AT_RX_PARITY,
	AT_RX_FRAME,
	AT_RX_OVERRUN, /* bytes were lost here; the byte itself is none */
	AT_RX_BREAK, /* the byte itself is none */
};

enum at_framer_event {
	AT_EV_NONE,
	AT_EV_LINE, /* f->line, f->len, f->flags */
	AT_EV_REPEAT, /* the same; the line is "A/" */
	AT_EV_DATA, /* f->data, f->data_len, f->flags */
};

/* Bits of f->flags, for the line or data of the event; as N_AT_FLAG_*. */
#define AT_FRAMER_OVERLONG 1U /* f->line is empty */
#define AT_FRAMER_DAMAGED 2U /* or a line with a NUL */
#define AT_FRAMER_BREAK 8U /* data ended early */

struct at_framer_cfg {
	bool echo;
	bool echo_cr;
	bool repeat; /* "A/" is a line */
	u8 s3; /* ends a line */
	u8 s4; /* belongs to the end when it follows s3 */
	u8 s5; /* deletes a byte, as DEL does */
	size_t line_max; /* bytes, the prefix included */
};

enum at_framer_phase {
	AT_PHASE_SEEK, /* no prefix yet; line holds the last bytes of noise */
	AT_PHASE_LINE, /* line begins with the prefix */
	AT_PHASE_SKIP, /* too long: swallowed up to its end */
};

struct at_framer {
	/* the line */
	u8 *line;
	size_t size; /* of the memory at line */
	size_t len;
	size_t used; /* high-water mark of len, for the wipe */
	unsigned int flags;
	enum at_framer_phase phase;
	bool shed; /* bytes of this line were dropped ahead of line[0] */

	/* the host's line ends */
	bool lf_due; /* s3 was seen, and nothing since */
	bool host_crlf; /* this host's lines end in s3 s4 */

	/* counted data */
	u8 *data;
	size_t data_len;
	size_t data_want;

	/* bytes dropped so far: NUL, ahead of a prefix, lines without one */
	unsigned long long noise;

	struct at_framer_cfg cfg;
	size_t limit; /* line_max or size, the smaller */
	u8 class[256];
};

/**
 * at_framer_init - begin
 * @f: framer
 * @line: memory for the line, which stays the caller's and outlives @f
 * @size: of it in bytes, 64 at least
 * @cfg: how lines are framed
 */
void at_framer_init(struct at_framer *f, u8 *line, size_t size,
		    const struct at_framer_cfg *cfg);

/**
 * at_framer_set - frame in another way from the next byte on
 * @f: framer, within a line or not
 * @cfg: how
 */
void at_framer_set(struct at_framer *f, const struct at_framer_cfg *cfg);

/**
 * at_framer_line - frame bytes, up to and including the one that makes an event
 * @f: framer
 * @buf: bytes
 * @flags: enum at_rx for each, or NULL: all are clean
 * @n: how many
 * @echo: what is to be echoed
 * @echo_room: how much it holds; no byte is taken whose echo would not fit
 * @echo_len: how much it was
 * @ev: what happened; the line stays until at_framer_next()
 *
 * Return: how many bytes were taken.
 */
size_t at_framer_line(struct at_framer *f, const u8 *buf, const u8 *flags,
		      size_t n, u8 *echo, size_t echo_room, size_t *echo_len,
		      enum at_framer_event *ev);

/**
 * at_framer_next - wipe the line; the next byte begins a new one
 * @f: framer
 */
void at_framer_next(struct at_framer *f);

/**
 * at_framer_data_begin - bytes are to be data, to a number of them
 * @f: framer
 * @data: memory for them, the caller's, which outlives the AT_EV_DATA
 * @want: how many
 */
void at_framer_data_begin(struct at_framer *f, u8 *data, size_t want);

/**
 * at_framer_data - take data, until all are there or a break comes
 * @f: framer
 * @buf: bytes
 * @flags: as with at_framer_line()
 * @n: how many; may be 0, where none are wanted
 * @ev: what happened
 *
 * Return: how many bytes were taken.
 */
size_t at_framer_data(struct at_framer *f, const u8 *buf, const u8 *flags,
		      size_t n, enum at_framer_event *ev);

/**
 * at_framer_half_typed - whether there is a prefix, or what may become one
 * @f: framer
 */
bool at_framer_half_typed(const struct at_framer *f);

#endif /* AT_FRAMER_H */
