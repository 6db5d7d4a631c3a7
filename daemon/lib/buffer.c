// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A growing byte buffer.  It moves by hand instead of by realloc(), which
 * could leave a password in freed memory.
 */
#include "daemon/lib/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 512	/* most answers; lines are up to 4096 */

int buf_reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : FIRST_CAP;
	char *p;

	if (b->cap - b->len >= n)
		return 0;
	while (cap - b->len < n)
		cap *= 2;
	p = malloc(cap);
	if (!p) {
		b->failed = true;
		return -ENOMEM;
	}
	if (b->p) {
		memcpy(p, b->p, b->len);
		explicit_bzero(b->p, b->len);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
	return 0;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (!n || buf_reserve(b, n))
		return;
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

/*
 * Tries the room there is first: mostly it is enough.  What is there of a text
 * that did not fit is behind len, where nothing else would wipe it.
 */
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap - b->len;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room ? b->p + b->len : NULL, room, fmt, ap);
	if (n >= 0 && (size_t)n >= room) {
		if (room)
			explicit_bzero(b->p + b->len, room);
		if (buf_reserve(b, (size_t)n + 1))
			n = 0;
		else
			vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
	}
	if (n > 0)
		b->len += (size_t)n;
	va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_reset(struct buf *b)
{
	if (b->len)
		explicit_bzero(b->p, b->len);
	b->len = 0;
	b->failed = false;
}

void buf_free(struct buf *b)
{
	buf_reset(b);
	free(b->p);
	*b = (struct buf){ 0 };
}
