// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/der.h"

#include <string.h>

#define LENGTH_MAX	3	/* bytes of a length: far above MQTT_PEM_MAX */

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

bool der_next(struct span *rest, struct der *value)
{
	const uint8_t *p = rest->p;
	size_t header = 2;
	size_t i, n;

	if (rest->len < header)
		return false;
	n = p[1];
	if (n & 0x80) {		/* so many bytes of length follow */
		header += n & 0x7f;
		if (n == 0x80 || n > 0x80 + LENGTH_MAX || header > rest->len)
			return false;
		for (n = 0, i = 2; i < header; i++)
			n = n << 8 | p[i];
	}
	if (n > rest->len - header)
		return false;
	*rest = span(p + header + n, rest->len - header - n);
	*value = (struct der){ p[0], { p, header + n }, { p + header, n } };
	return true;
}

bool der_take(struct span *rest, uint8_t tag, struct der *value)
{
	return rest->len && rest->p[0] == tag && der_next(rest, value);
}
