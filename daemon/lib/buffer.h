/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A growing byte buffer that leaves no secret behind.
 */
#ifndef ATMQTT_BUFFER_H
#define ATMQTT_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty buffer. */
struct buf {
	char *p;
	size_t len;
	size_t cap;
	bool failed;	/* something did not fit into memory; see reset */
};

/* Room for @n more bytes, which then stay where they are.  0 or -ENOMEM. */
int buf_reserve(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);

void buf_reset(struct buf *b);	/* empties and wipes, keeps memory */
void buf_free(struct buf *b);	/* wipes and frees */

#endif /* ATMQTT_BUFFER_H */
