// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/blocks.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/coding.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tls/der.h"

#define BEGIN		"-----BEGIN "
#define END		"-----END "
#define DASHES		"-----"
#define LOCKED		"ENCRYPTED"	/* in its label or in its headers */

void bytes_wipe(struct bytes *b)
{
	if (b->p)
		explicit_bzero(b->p, b->len);
	free(b->p);
	*b = (struct bytes){ 0 };
}

static const char *find(const struct blocks *b, const char *p,
			const char *word)
{
	return memmem(p, (size_t)(b->end - p), word, strlen(word));
}

struct blocks blocks_of(const void *file, size_t len)
{
	struct blocks b = { .p = file, .end = (const char *)file + len };

	b.pem = find(&b, b.p, BEGIN);
	return b;
}

/* The bytes that the base64 in [@p, @end) stands for; false: it is none. */
static bool decode(const char *p, const char *end, struct bytes *out)
{
	size_t size = (size_t)(end - p) + 1;
	struct bytes text = { malloc(size), size };
	word32 len = (word32)size;
	word32 n = 0;

	*out = (struct bytes){ malloc(size), size };
	for (; text.p && p < end; p++)
		if (!isspace((unsigned char)*p))
			text.p[n++] = (uint8_t)*p;
	if (!text.p || !out->p || !n || Base64_Decode(text.p, n, out->p, &len))
		bytes_wipe(out);
	else
		out->len = len;
	bytes_wipe(&text);
	return out->p;
}

/* [*@from, *@to) is what is between its lines; @b goes on behind it. */
static int find_text(struct blocks *b, const char *kind, const char **from,
		     const char **to)
{
	size_t len = strlen(kind);
	const char *label, *next;

	while ((next = find(b, b->p, BEGIN))) {
		label = next + strlen(BEGIN);
		*from = find(b, label, DASHES);
		if (!*from)
			return -EINVAL;
		b->p = label;
		if ((size_t)(*from - label) < len ||
		    memcmp(*from - len, kind, len))
			continue;
		*to = find(b, *from + strlen(DASHES), END);
		if (!*to || !find(b, *to + strlen(END), DASHES))
			return -EINVAL;
		b->p = *to;
		return memmem(label, (size_t)(*to - label), LOCKED,
			      strlen(LOCKED)) ? -EACCES : 1;
	}
	b->p = b->end;
	return 0;
}

static int next_text(struct blocks *b, const char *kind, struct bytes *der)
{
	const char *from, *to;
	int rc = find_text(b, kind, &from, &to);

	if (rc <= 0)
		return rc;
	return decode(from + strlen(DASHES), to, der) ? 1 : -EBADMSG;
}

static int next_value(struct blocks *b, struct bytes *der)
{
	struct span rest;
	struct der v;

	while (b->p < b->end && (!*b->p || isspace((unsigned char)*b->p)))
		b->p++;
	if (b->p == b->end || *b->p != DER_SEQUENCE)
		return 0;
	rest = span(b->p, (size_t)(b->end - b->p));
	if (!der_next(&rest, &v))
		return -EINVAL;
	*der = (struct bytes){ malloc(v.all.len), v.all.len };
	if (!der->p)
		return -ENOMEM;
	memcpy(der->p, v.all.p, v.all.len);
	b->p += v.all.len;
	return 1;
}

int blocks_next(struct blocks *b, const char *kind, struct bytes *der)
{
	*der = (struct bytes){ 0 };
	return b->pem ? next_text(b, kind, der) : next_value(b, der);
}
