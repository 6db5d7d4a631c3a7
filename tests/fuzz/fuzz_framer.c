// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for the framer.  The first bytes of the input choose the
 * settings, the rest are pairs of a byte and what the driver said of it.  All
 * memory is exactly as large as the framer was told, so that a byte too many is
 * seen, and the same input in other pieces must give the same events.  Where a
 * line begins is found a second time, by looking at the whole of it.
 *
 *   clang -fsanitize=fuzzer,address,undefined -Ikmod -Itests \
 *         tests/fuzz/fuzz_framer.c kmod/framer.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "framer.h"
#include "vectors/framer.h"

#define LINE_SIZE 64
#define DATA_MAX 40
#define HEAD 6

struct run {
	struct at_framer f;
	u8 *line;
	u8 *data;
	uint64_t hash; /* of events and echo */
	uint64_t echo_hash;
	bool in_data;
};

static void mix(uint64_t *h, const u8 *buf, size_t n)
{
	while (n--)
		*h = (*h ^ *buf++) * 1099511628211ULL;
}

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* What the data are to be is taken from the line, as a daemon would. */
static void on_event(struct run *r, enum at_framer_event ev)
{
	struct at_framer *f = &r->f;
	u8 head[2] = { ev, f->flags };
	size_t want;

	check(f->len <= f->limit && f->data_len <= f->data_want);
	mix(&r->hash, head, 2);
	if (ev == AT_EV_DATA)
		mix(&r->hash, f->data, f->data_len);
	else
		mix(&r->hash, f->line, f->len);
	want = f->len > 2 ? f->line[2] % (DATA_MAX + 1) : 0;
	r->in_data = ev == AT_EV_LINE && f->len > 2 && f->line[2] % 3 == 0;
	at_framer_next(f);
	for (size_t i = 0; i < LINE_SIZE; i++)
		check(!r->line[i]);
	free(r->data);
	r->data = NULL;
	if (!r->in_data)
		return;
	r->data = malloc(want ? want : 1);
	at_framer_data_begin(f, r->data, want);
}

static size_t feed(struct run *r, const u8 *in, const u8 *rx, size_t n,
		   size_t room)
{
	enum at_framer_event ev;
	size_t took, echoed = 0;
	u8 *echo = malloc(room);

	if (r->in_data)
		took = at_framer_data(&r->f, in, rx, n, &ev);
	else
		took = at_framer_line(&r->f, in, rx, n, echo, room, &echoed,
				      &ev);
	check(took <= n && echoed <= room && (took || ev != AT_EV_NONE));
	mix(&r->echo_hash, echo, echoed);
	free(echo);
	if (ev != AT_EV_NONE)
		on_event(r, ev);
	return took;
}

static void play(struct run *r, const struct at_framer_cfg *cfg, const u8 *in,
		 const u8 *rx, size_t n, size_t chunk, size_t room)
{
	size_t i = 0, k;
	u8 *piece, *marks;

	memset(r, 0, sizeof(*r));
	r->line = calloc(1, LINE_SIZE);
	at_framer_init(&r->f, r->line, LINE_SIZE, cfg);
	while (i < n || (r->in_data && !r->f.data_want)) {
		k = n - i < chunk ? n - i : chunk;
		piece = malloc(k + !k);
		marks = malloc(k + !k);
		memcpy(piece, in + i, k);
		memcpy(marks, rx + i, k);
		i += feed(r, piece, marks, k, room);
		free(piece);
		free(marks);
	}
	free(r->data);
	free(r->line);
}

/* Most bytes are clean and of those that the framer cares about. */
static void decode(const u8 *data, size_t n, u8 *in, u8 *rx)
{
	static const u8 common[] = "\rAT\n/at\b\177\0x+\" \rAT\n";
	size_t i;

	for (i = 0; i < n; i++) {
		u8 c = data[2 * i], how = data[2 * i + 1];

		in[i] = how & 0x80 ? c : common[c % (sizeof(common) - 1)];
		rx[i] = (how & 0x0f) > 4 ? AT_RX_CLEAN : how & 0x0f;
	}
}

/* ---- L2, in other words ---- */

static bool is_word(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* The place of the prefix in a line that ends behind @n bytes, or @n. */
static size_t find_prefix(const u8 *p, size_t n)
{
	static const char begins[] = "+&;EeHhIiLlMmPpQqSsTtVvXxZz";

	for (size_t i = 0; i + 2 <= n; i++) {
		if (memcmp(p + i, "AT", 2) && memcmp(p + i, "at", 2))
			continue;
		if (!i || (!is_word(p[i - 1]) &&
			   (i + 2 == n || memchr(begins, p[i + 2],
						 sizeof(begins) - 1))))
			return i;
	}
	return n;
}

/* One line without its end, of plain bytes. */
static void check_line(struct at_framer *f, const u8 *p, size_t n)
{
	size_t begin = find_prefix(p, n), echoed, took;
	enum at_framer_event ev;

	took = at_framer_line(f, p, NULL, n, NULL, 0, &echoed, &ev);
	check(took == n && ev == AT_EV_NONE);
	took = at_framer_line(f, (const u8 *)"\r", NULL, 1, NULL, 0, &echoed,
			      &ev);
	check(took == 1 && (ev == AT_EV_LINE) == (begin < n));
	check(!at_framer_half_typed(f) || begin < n);
	if (begin < n && n - begin <= LINE_SIZE)
		check(f->len == n - begin && !memcmp(f->line, p + begin, f->len));
	else if (begin < n)
		check(f->flags == AT_FRAMER_OVERLONG);
	if (ev)
		at_framer_next(f);
}

static bool is_plain(u8 c)
{
	return c && c != '\b' && c != 127 && c != '\n' && c != '\r';
}

static void check_prefixes(const u8 *in, size_t n)
{
	static const struct at_framer_cfg cfg = {
		.s3 = '\r', .s4 = '\n', .s5 = '\b', .line_max = LINE_SIZE,
	};
	u8 memory[LINE_SIZE], *line = malloc(n + 1);
	struct at_framer f;
	size_t len = 0;

	at_framer_init(&f, memory, sizeof(memory), &cfg);
	for (size_t i = 0; i < n; i++) {
		if (is_plain(in[i]))
			line[len++] = in[i];
		if (in[i] != '\r' && i + 1 < n)
			continue;
		check_line(&f, line, len);
		len = 0;
	}
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct at_framer_cfg cfg;
	struct run whole, pieces;
	u8 *in, *rx;
	size_t n;

	if (size < HEAD + 2)
		return 0;
	cfg = (struct at_framer_cfg){
		.echo = data[0] & 1,
		.echo_cr = data[0] & 2,
		.repeat = data[0] & 4,
		.s3 = data[0] & 8 ? data[1] & 127 : '\r',
		.s4 = data[0] & 16 ? data[2] & 127 : '\n',
		.s5 = data[0] & 32 ? data[3] & 127 : '\b',
		.line_max = 16 + data[4],
	};
	n = (size - HEAD) / 2;
	in = malloc(n);
	rx = malloc(n);
	decode(data + HEAD, n, in, rx);
	play(&whole, &cfg, in, rx, n, n, n);
	play(&pieces, &cfg, in, rx, n, 1 + data[5] % 16, 1 + data[5] / 16);
	check(whole.hash == pieces.hash);
	check(whole.echo_hash == pieces.echo_hash);
	check(whole.f.noise == pieces.f.noise);
	check_prefixes(in, n);
	free(in);
	free(rx);
	return 0;
}
