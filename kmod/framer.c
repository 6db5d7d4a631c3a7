// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The framer: V.250 line editing and echo, and counted raw data.
 *
 * A line is searched for its prefix "AT" or "at" first (SEEK).  At the very
 * start of a line it is taken as such at once, within noise only when the byte
 * behind it makes it a command.  Noise cannot overflow anything, since only its
 * last bytes are kept, so that "AR<BS>T" works.  Behind the prefix bytes are
 * collected (LINE) until s3, or until they no longer fit; then the rest of the
 * line is swallowed (SKIP).
 */
#include "framer.h"

#define CH_DEL 127

/* So much noise is kept for the editing characters to delete. */
#define SEEK_WINDOW 16
#define SEEK_KEEP 8

/*
 * L2: where a prefix stands within noise.  "data", "status" and "at home" hold
 * none, whatever a payload that went astray is about.
 */
#define NOISE_WORD 1 /* a letter or digit: no prefix right behind it */
#define NOISE_BEGIN 2 /* right behind a prefix: a command, so it is one */
#define NOISE_BASIC (NOISE_WORD | NOISE_BEGIN) /* a basic command's letter */

static const u8 noise_class[256] = {
	['+'] = NOISE_BEGIN,
	['&'] = NOISE_BEGIN,
	[';'] = NOISE_BEGIN,
	['0' ... '9'] = NOISE_WORD,

	['A' ... 'D'] = NOISE_WORD,
	['E'] = NOISE_BASIC,
	['F' ... 'G'] = NOISE_WORD,
	['H' ... 'I'] = NOISE_BASIC,
	['J' ... 'K'] = NOISE_WORD,
	['L' ... 'M'] = NOISE_BASIC,
	['N' ... 'O'] = NOISE_WORD,
	['P' ... 'Q'] = NOISE_BASIC,
	['R'] = NOISE_WORD,
	['S' ... 'T'] = NOISE_BASIC,
	['U'] = NOISE_WORD,
	['V'] = NOISE_BASIC,
	['W'] = NOISE_WORD,
	['X'] = NOISE_BASIC,
	['Y'] = NOISE_WORD,
	['Z'] = NOISE_BASIC,

	['a' ... 'd'] = NOISE_WORD,
	['e'] = NOISE_BASIC,
	['f' ... 'g'] = NOISE_WORD,
	['h' ... 'i'] = NOISE_BASIC,
	['j' ... 'k'] = NOISE_WORD,
	['l' ... 'm'] = NOISE_BASIC,
	['n' ... 'o'] = NOISE_WORD,
	['p' ... 'q'] = NOISE_BASIC,
	['r'] = NOISE_WORD,
	['s' ... 't'] = NOISE_BASIC,
	['u'] = NOISE_WORD,
	['v'] = NOISE_BASIC,
	['w'] = NOISE_WORD,
	['x'] = NOISE_BASIC,
	['y'] = NOISE_WORD,
	['z'] = NOISE_BASIC,
};

/* What a byte does within a line; 0 is just taken. */
enum at_class {
	CLASS_PLAIN,
	CLASS_END,
	CLASS_EDIT,
	CLASS_NUL,
};

static_assert(CLASS_PLAIN == 0, "a span is a run of zeros in the table");
static_assert(SEEK_KEEP < SEEK_WINDOW, "shedding must make room");

/* A later row wins: S3 must work whatever the others are set to. */
static void at_framer_set_classes(struct at_framer *f)
{
	memset(f->class, CLASS_PLAIN, sizeof(f->class));
	f->class[0] = CLASS_NUL;
	f->class[CH_DEL] = CLASS_EDIT;
	f->class[f->cfg.s5] = CLASS_EDIT;
	f->class[f->cfg.s3] = CLASS_END;
}

static void at_framer_begin_line(struct at_framer *f)
{
	f->phase = AT_PHASE_SEEK;
	f->len = 0;
	f->flags = 0;
	f->shed = false;
}

void at_framer_next(struct at_framer *f)
{
	at_wipe(f->line, f->used);
	f->used = 0;
	at_framer_begin_line(f);
}

/* L3: from here on nothing of the line is kept but that it was there. */
static void at_framer_skip_line(struct at_framer *f)
{
	f->phase = AT_PHASE_SKIP;
	f->flags |= AT_FRAMER_OVERLONG;
	f->len = 0;
}

void at_framer_set(struct at_framer *f, const struct at_framer_cfg *cfg)
{
	f->cfg = *cfg;
	f->limit = cfg->line_max < f->size ? cfg->line_max : f->size;
	at_framer_set_classes(f);
	if (f->phase == AT_PHASE_LINE && f->len > f->limit)
		at_framer_skip_line(f);
}

void at_framer_init(struct at_framer *f, u8 *line, size_t size,
		    const struct at_framer_cfg *cfg)
{
	memset(f, 0, sizeof(*f));
	f->line = line;
	f->size = size;
	f->host_crlf = true;
	at_framer_begin_line(f);
	at_framer_set(f, cfg);
}

static void at_framer_put_bytes(struct at_framer *f, const u8 *buf, size_t n)
{
	memcpy(f->line + f->len, buf, n);
	f->len += n;
	if (f->used < f->len)
		f->used = f->len;
}

static void at_framer_put_byte(struct at_framer *f, u8 c)
{
	f->line[f->len++] = c;
	if (f->used < f->len)
		f->used = f->len;
}

static bool at_framer_is_prefix(const u8 *p)
{
	return (p[0] == 'A' && p[1] == 'T') || (p[0] == 'a' && p[1] == 't');
}

/* What stood ahead of line[0] and is forgotten counts as no word. */
static bool at_framer_is_within_word(const struct at_framer *f, size_t at)
{
	return at && noise_class[f->line[at - 1]] & NOISE_WORD;
}

/* The last bytes of noise are a prefix if the next one says so. */
static bool at_framer_awaits_begin(const struct at_framer *f)
{
	return f->len >= 2 && at_framer_is_prefix(f->line + f->len - 2) &&
	       !at_framer_is_within_word(f, f->len - 2);
}

/* The last byte of noise may become a prefix. */
static bool at_framer_awaits_t(const struct at_framer *f)
{
	u8 last = f->len ? f->line[f->len - 1] : 0;

	return (last == 'A' || last == 'a') &&
	       !at_framer_is_within_word(f, f->len - 1);
}

bool at_framer_half_typed(const struct at_framer *f)
{
	return f->phase != AT_PHASE_SEEK || at_framer_awaits_t(f) ||
	       at_framer_awaits_begin(f);
}

static void at_framer_enter_line(struct at_framer *f)
{
	size_t noise = f->len - 2;

	f->noise += noise;
	f->shed |= noise > 0;
	memmove(f->line, f->line + noise, 2);
	f->len = 2;
	f->phase = AT_PHASE_LINE;
}

static bool at_framer_is_repeat(const struct at_framer *f)
{
	return f->cfg.repeat && f->len == 2 && !f->shed && f->line[1] == '/' &&
	       (f->line[0] == 'A' || f->line[0] == 'a');
}

static void at_framer_put_noise(struct at_framer *f, u8 c)
{
	if (f->len == SEEK_WINDOW) {
		f->noise += SEEK_WINDOW - SEEK_KEEP;
		f->shed = true;
		memmove(f->line, f->line + SEEK_WINDOW - SEEK_KEEP, SEEK_KEEP);
		f->len = SEEK_KEEP;
	}
	at_framer_put_byte(f, c);
}

static enum at_framer_event at_framer_seek(struct at_framer *f, u8 c)
{
	if (noise_class[c] & NOISE_BEGIN && at_framer_awaits_begin(f)) {
		at_framer_enter_line(f);
		at_framer_put_byte(f, c);
		return AT_EV_NONE;
	}
	at_framer_put_noise(f, c);
	if (at_framer_is_repeat(f)) {
		f->line[0] = 'A';
		return AT_EV_REPEAT;
	}
	if (f->len == 2 && !f->shed && at_framer_is_prefix(f->line))
		at_framer_enter_line(f);
	return AT_EV_NONE;
}

/*
 * A line that was damaged and deleted again leaves no damage behind.  Of one
 * within noise the byte that made it a line is among those that must stay.
 */
static void at_framer_edit(struct at_framer *f)
{
	if (f->phase == AT_PHASE_SKIP || !f->len)
		return;
	f->len--;
	if (f->len >= (f->shed ? 3 : 2))
		return;
	f->phase = AT_PHASE_SEEK;
	f->flags = 0;
}

/* L1, L2: the end of a line; without a prefix there is nothing to tell. */
static enum at_framer_event at_framer_end_line(struct at_framer *f)
{
	f->lf_due = true;
	if (f->phase == AT_PHASE_SEEK && at_framer_awaits_begin(f))
		at_framer_enter_line(f);
	if (f->phase != AT_PHASE_SEEK)
		return AT_EV_LINE;
	f->noise += f->len;
	at_framer_next(f);
	return AT_EV_NONE;
}

/* No prefix goes across damage: of noise it is kept as NUL. */
static void at_framer_mark_damage(struct at_framer *f)
{
	if (f->phase == AT_PHASE_SEEK)
		at_framer_put_noise(f, 0);
	else
		f->flags |= AT_FRAMER_DAMAGED;
}

/*
 * L2: behind a prefix a NUL was meant for something, or the line is none of
 * the host's: it must not be executed without.  Noise keeps it, since it ends a
 * word, but at the start of a line and within a prefix it is nothing.
 */
static void at_framer_drop_nul(struct at_framer *f)
{
	if (f->phase == AT_PHASE_SEEK && f->len && !at_framer_awaits_t(f)) {
		at_framer_put_noise(f, 0);
		return;
	}
	if (f->phase != AT_PHASE_SEEK)
		f->flags |= AT_FRAMER_DAMAGED;
	f->noise++;
}

/* A clean or damaged byte, one at a time. */
static enum at_framer_event at_framer_take_byte(struct at_framer *f, u8 c,
						u8 rx)
{
	bool seeking = f->phase == AT_PHASE_SEEK;
	u8 class = f->class[c];

	if (rx != AT_RX_CLEAN) {
		at_framer_mark_damage(f);
		if (seeking && class != CLASS_END)
			return AT_EV_NONE;
	}
	switch (class) {
	case CLASS_END:
		return at_framer_end_line(f);
	case CLASS_EDIT:
		at_framer_edit(f);
		return AT_EV_NONE;
	case CLASS_NUL:
		at_framer_drop_nul(f);
		return AT_EV_NONE;
	}
	if (seeking)
		return at_framer_seek(f, c);
	if (f->phase == AT_PHASE_LINE && f->len == f->limit)
		at_framer_skip_line(f);
	if (f->phase == AT_PHASE_LINE)
		at_framer_put_byte(f, c);
	return AT_EV_NONE;
}

/* The number of bytes at the front that a line just takes. */
static size_t at_framer_plain_span(const struct at_framer *f, const u8 *buf,
				   const u8 *flags, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (f->class[buf[i]] != CLASS_PLAIN ||
		    (flags && flags[i] != AT_RX_CLEAN))
			break;
	return i;
}

/* Behind the prefix most bytes come in spans. */
static size_t at_framer_take_span(struct at_framer *f, const u8 *buf,
				  const u8 *flags, size_t n)
{
	size_t span;

	if (f->phase == AT_PHASE_SEEK)
		return 0;
	span = at_framer_plain_span(f, buf, flags, n);
	if (!span)
		return 0;
	if (f->phase == AT_PHASE_LINE && span > f->limit - f->len)
		at_framer_skip_line(f);
	if (f->phase == AT_PHASE_LINE)
		at_framer_put_bytes(f, buf, span);
	return span;
}

/* An overrun and a break come with a NUL that the host never sent. */
static bool at_framer_is_placeholder(u8 rx)
{
	return rx == AT_RX_OVERRUN || rx == AT_RX_BREAK;
}

/* L4: what was received, but for NUL, and for s3 as it is set. */
static bool at_framer_echoes(const struct at_framer *f, u8 c)
{
	if (f->class[c] == CLASS_END)
		return f->cfg.echo && f->cfg.echo_cr;
	return f->cfg.echo && f->class[c] != CLASS_NUL;
}

/*
 * L1: an s4 right behind s3 belongs to it, however late it comes; which of
 * both ends the host uses is learnt here.  True: @c was that s4.
 */
static bool at_framer_line_feed(struct at_framer *f, u8 c)
{
	if (!f->lf_due)
		return false;
	f->lf_due = false;
	f->host_crlf = c == f->cfg.s4;
	return f->host_crlf;
}

size_t at_framer_line(struct at_framer *f, const u8 *buf, const u8 *flags,
		      size_t n, u8 *echo, size_t echo_room, size_t *echo_len,
		      enum at_framer_event *ev)
{
	size_t i = 0, out = 0;

	*ev = AT_EV_NONE;
	while (i < n && *ev == AT_EV_NONE) {
		u8 rx = flags ? flags[i] : AT_RX_CLEAN;
		size_t span, max = n - i;
		u8 c = buf[i];

		if (at_framer_is_placeholder(rx)) {
			at_framer_mark_damage(f);
			i++;
			continue;
		}
		if (f->class[c] != CLASS_NUL && at_framer_line_feed(f, c)) {
			i++;
			continue;
		}
		if (f->cfg.echo && max > echo_room - out)
			max = echo_room - out;
		span = at_framer_take_span(f, buf + i, flags ? flags + i : NULL,
					   max);
		if (span) {
			if (f->cfg.echo) {
				memcpy(echo + out, buf + i, span);
				out += span;
			}
			i += span;
			continue;
		}
		if (at_framer_echoes(f, c)) {
			if (out == echo_room)
				break;
			echo[out++] = c;
		}
		*ev = at_framer_take_byte(f, c, rx);
		i++;
	}
	*echo_len = out;
	return i;
}

void at_framer_data_begin(struct at_framer *f, u8 *data, size_t want)
{
	f->data = data;
	f->data_len = 0;
	f->data_want = want;
	f->flags = 0;
}

static size_t at_framer_clean_span(const u8 *flags, size_t n)
{
	size_t i;

	if (!flags)
		return n;
	for (i = 0; i < n && flags[i] == AT_RX_CLEAN; i++)
		;
	return i;
}

/* One byte that the driver found fault with. */
static void at_framer_take_damaged(struct at_framer *f, u8 c, u8 rx)
{
	f->flags |= AT_FRAMER_DAMAGED;
	if (rx == AT_RX_BREAK)
		f->flags |= AT_FRAMER_BREAK;
	else if (rx != AT_RX_OVERRUN)
		f->data[f->data_len++] = c;
}

/*
 * A line end whose s4 may still come.  A host that ends its lines in s3 alone
 * may well send data that begin with s4.
 */
static size_t at_framer_data_line_feed(struct at_framer *f, u8 c)
{
	if (!f->lf_due)
		return 0;
	if (c == f->cfg.s4 && !f->host_crlf) {
		f->lf_due = false;
		return 0;
	}
	return at_framer_line_feed(f, c);
}

size_t at_framer_data(struct at_framer *f, const u8 *buf, const u8 *flags,
		      size_t n, enum at_framer_event *ev)
{
	size_t i = 0;

	while (i < n && f->data_len < f->data_want &&
	       !(f->flags & AT_FRAMER_BREAK)) {
		const u8 *fl = flags ? flags + i : NULL;
		size_t span = f->data_want - f->data_len;

		if (!fl || !at_framer_is_placeholder(*fl)) {
			size_t lf = at_framer_data_line_feed(f, buf[i]);

			if (lf) {
				i += lf;
				continue;
			}
		}
		span = at_framer_clean_span(fl, span < n - i ? span : n - i);
		if (!span) {
			at_framer_take_damaged(f, buf[i], *fl);
			i++;
			continue;
		}
		memcpy(f->data + f->data_len, buf + i, span);
		f->data_len += span;
		i += span;
	}
	*ev = f->data_len == f->data_want || (f->flags & AT_FRAMER_BREAK) ?
		      AT_EV_DATA :
		      AT_EV_NONE;
	return i;
}
