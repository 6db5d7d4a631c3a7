/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A ring of bytes; its size is a power of two.
 */
#ifndef AT_RING_H
#define AT_RING_H

#include <linux/bug.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

struct at_ring {
	u8 *buf;
	u32 size;
	u32 head; /* both only ever grow; head - tail bytes are in use */
	u32 tail;
};

static inline u32 at_ring_used(const struct at_ring *r)
{
	return r->head - r->tail;
}

static inline u32 at_ring_free(const struct at_ring *r)
{
	return r->size - at_ring_used(r);
}

/* The bytes at the tail that lie side by side. */
static inline u32 at_ring_span(const struct at_ring *r, u8 **p)
{
	u32 at = r->tail & (r->size - 1);

	*p = r->buf + at;
	return min(at_ring_used(r), r->size - at);
}

/* The caller has made sure that there is room. */
static inline void at_ring_put(struct at_ring *r, const u8 *buf, u32 n)
{
	u32 at = r->head & (r->size - 1);
	u32 first = min(n, r->size - at);

	if (WARN_ON_ONCE(n > at_ring_free(r)))
		return;
	memcpy(r->buf + at, buf, first);
	memcpy(r->buf, buf + first, n - first);
	r->head += n;
}

/* No more than at_ring_span().  What leaves may have been a password. */
static inline void at_ring_drop(struct at_ring *r, u32 n)
{
	memzero_explicit(r->buf + (r->tail & (r->size - 1)), n);
	r->tail += n;
}

static inline void at_ring_clear(struct at_ring *r)
{
	u8 *p;
	u32 n;

	while ((n = at_ring_span(r, &p)))
		at_ring_drop(r, n);
}

#endif /* AT_RING_H */
