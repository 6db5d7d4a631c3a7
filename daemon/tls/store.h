/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Certificates of authorities, or their lists of revoked ones, found by the
 * authority's name.  Dates are not looked at: the clock may be set later.
 */
#ifndef ATMQTT_TLS_STORE_H
#define ATMQTT_TLS_STORE_H

#include "daemon/tls/blocks.h"
#include "daemon/tls/x509.h"

enum store_kind {
	STORE_CERTIFICATES,
	STORE_CRLS,
};

struct store_item {
	struct bytes der;
	struct span name;	/* its subject, or who made the list */
	struct x509 x509;	/* of a certificate */
};

struct store {
	enum store_kind kind;
	struct store_item *items;
	size_t count;
};

/* Adds those of a text that are good.  False without memory. */
bool store_add(struct store *store, const void *text, size_t len);

/* The same of a file, or of the files of a folder; or it cannot be read. */
bool store_add_path(struct store *store, const char *path);

void store_free(struct store *store);

/* The next one of @name behind @item, NULL: the first; NULL: there is none. */
const struct store_item *store_find(const struct store *store,
				    struct span name,
				    const struct store_item *item);

/* Is it there? */
bool store_has(const struct store *store, const struct x509 *x509);

#endif /* ATMQTT_TLS_STORE_H */
