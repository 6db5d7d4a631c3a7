// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Certificates that a server sends: whatever they say, what is taken of them
 * is theirs.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/tls/name.h"

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_part(const struct x509 *x, struct span part)
{
	check(!part.p || (part.p >= x->der.p &&
			  part.p + part.len <= x->der.p + x->der.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);	/* ASan sees its end */
	struct x509 x;

	if (size)
		memcpy(copy, data, size);
	if (x509_parse(span(copy, size), &x)) {
		check_part(&x, x.issuer);
		check_part(&x, x.subject);
		check_part(&x, x.names);
		check_part(&x, x.permitted);
		check_part(&x, x.excluded);
		name_matches(&x, "localhost");
		name_matches(&x, "::1");
		name_is_allowed(&x, &x, "a.example.com");
		name_is_allowed(&x, &x, "127.0.0.1");
	}
	free(copy);
	return 0;
}
