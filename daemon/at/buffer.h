/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A growing byte buffer that leaves no secret behind.
 */
#ifndef ATMQTT_AT_BUFFER_H
#define ATMQTT_AT_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty buffer. */
struct at_buf {
	char *p;
	size_t len;
	size_t cap;
	bool failed;	/* something did not fit into memory; see reset */
};

/* Room for @n more bytes, which then stay where they are.  0 or -ENOMEM. */
int at_buf_reserve(struct at_buf *b, size_t n);

void at_buf_add(struct at_buf *b, const void *p, size_t n);
void at_buf_printf(struct at_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void at_buf_vprintf(struct at_buf *b, const char *fmt, va_list ap);

void at_buf_reset(struct at_buf *b);	/* empties and wipes, keeps memory */
void at_buf_free(struct at_buf *b);	/* wipes and frees */

#endif /* ATMQTT_AT_BUFFER_H */
