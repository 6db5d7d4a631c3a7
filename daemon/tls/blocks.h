/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The blocks of a file, PEM or DER, as DER: with whatever is around them,
 * other texts, a mark of the byte order, NULs, lines that end in any way.
 */
#ifndef ATMQTT_TLS_BLOCKS_H
#define ATMQTT_TLS_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes, a key perhaps; p is NULL: there are none. */
struct bytes {
	uint8_t *p;
	size_t len;
};

void bytes_wipe(struct bytes *b);

struct blocks {
	const char *p;		/* what is left */
	const char *end;
	bool pem;
};

struct blocks blocks_of(const void *file, size_t len);

/*
 * The next one whose label ends with @kind; of DER, which has no labels,
 * the next one.  1 with *@der, 0 at the end, or -EINVAL: it is cut short,
 * -EACCES: it has a password, -EBADMSG: it is damaged, -ENOMEM.
 */
int blocks_next(struct blocks *b, const char *kind, struct bytes *der);

#endif /* ATMQTT_TLS_BLOCKS_H */
