/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * DER, ITU-T X.690: values taken off a text of them, one by one.
 */
#ifndef ATMQTT_TLS_DER_H
#define ATMQTT_TLS_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DER_BOOLEAN	0x01
#define DER_INTEGER	0x02
#define DER_BITS	0x03
#define DER_OCTETS	0x04
#define DER_OID		0x06
#define DER_SEQUENCE	0x30
#define DER_TAGGED(n)	(0xa0 | (n))	/* with values in it */
#define DER_PLAIN(n)	(0x80 | (n))	/* without */

/* Bytes of another's; p is NULL: there are none. */
struct span {
	const uint8_t *p;
	size_t len;
};

static inline struct span span(const void *p, size_t len)
{
	return (struct span){ p, len };
}

bool span_equal(struct span a, struct span b);

struct der {
	uint8_t tag;
	struct span all;	/* with its header */
	struct span in;		/* its content */
};

/*
 * Takes the next value off @rest; false: there is none, or it is cut short.
 * @rest may be the content of the @value that was.
 */
bool der_next(struct span *rest, struct der *value);

/* The same; false also if it is another than @tag: then it stays. */
bool der_take(struct span *rest, uint8_t tag, struct der *value);

#endif /* ATMQTT_TLS_DER_H */
