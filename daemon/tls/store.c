// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX	(16 << 20)	/* bytes: a list of a large authority */

static const char *const labels[] = {
	[STORE_CERTIFICATES] = "CERTIFICATE",
	[STORE_CRLS] = "X509 CRL",
};

/* TBSCertList, RFC 5280 5.1 */
static bool parse_crl(struct store_item *item)
{
	struct span in = span(item->der.p, item->der.len);
	struct der all, body, algorithm, issuer, v;

	if (!der_take(&in, DER_SEQUENCE, &all) ||
	    !der_take(&all.in, DER_SEQUENCE, &body))
		return false;
	der_take(&body.in, DER_INTEGER, &v);	/* version */
	if (!der_take(&body.in, DER_SEQUENCE, &algorithm) ||
	    !der_take(&body.in, DER_SEQUENCE, &issuer))
		return false;
	item->name = issuer.all;
	return true;
}

static bool parse_certificate(struct store_item *item)
{
	if (!x509_parse(span(item->der.p, item->der.len), &item->x509))
		return false;
	item->name = item->x509.subject;
	return true;
}

static bool is_there(const struct store *store, struct span der)
{
	size_t i;

	for (i = 0; i < store->count; i++)
		if (span_equal(der, span(store->items[i].der.p,
					 store->items[i].der.len)))
			return true;
	return false;
}

/* Takes @der.  False without memory. */
static bool add(struct store *store, struct bytes *der)
{
	struct store_item item = { .der = *der };
	struct store_item *items;
	bool good = store->kind == STORE_CRLS ? parse_crl(&item) :
						parse_certificate(&item);

	if (!good || is_there(store, span(der->p, der->len))) {
		bytes_wipe(der);
		return true;
	}
	items = realloc(store->items, (store->count + 1) * sizeof(*items));
	if (!items) {
		bytes_wipe(der);
		return false;
	}
	store->items = items;
	items[store->count++] = item;
	return true;
}

bool store_add(struct store *store, const void *text, size_t len)
{
	struct blocks blocks = blocks_of(text, len);
	struct bytes der;
	int rc;

	while ((rc = blocks_next(&blocks, labels[store->kind], &der))) {
		if (rc == -ENOMEM || (rc > 0 && !add(store, &der)))
			return false;
		if (rc == -EINVAL)
			return true;	/* its end is not there */
	}
	return true;
}

static bool read_all(int fd, size_t size, struct bytes *out)
{
	ssize_t n = 1;

	*out = (struct bytes){ malloc(size ? size : 1), 0 };
	while (out->p && n > 0 && out->len < size) {
		n = read(fd, out->p + out->len, size - out->len);
		if (n > 0)
			out->len += (size_t)n;
	}
	if (n < 0)
		bytes_wipe(out);
	return out->p;
}

static bool add_file(struct store *store, int fd, size_t size)
{
	struct bytes text;
	bool ok;

	if (size > FILE_MAX || !read_all(fd, size, &text))
		return false;
	ok = store_add(store, text.p, text.len);
	bytes_wipe(&text);
	return ok;
}

/* What cannot be used of it is left out. */
static bool add_folder(struct store *store, int fd)
{
	DIR *dir = fdopendir(dup(fd));
	struct dirent *entry;
	struct stat st;
	int file;

	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		file = openat(fd, entry->d_name, O_RDONLY | O_CLOEXEC |
						       O_NONBLOCK);
		if (file < 0)
			continue;
		if (!fstat(file, &st) && S_ISREG(st.st_mode))
			add_file(store, file, (size_t)st.st_size);
		close(file);
	}
	closedir(dir);
	return true;
}

bool store_add_path(struct store *store, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool ok;

	if (fd < 0)
		return false;
	if (fstat(fd, &st))
		ok = false;
	else if (S_ISDIR(st.st_mode))
		ok = add_folder(store, fd);
	else
		ok = S_ISREG(st.st_mode) &&
		     add_file(store, fd, (size_t)st.st_size);
	close(fd);
	return ok;
}

void store_free(struct store *store)
{
	size_t i;

	for (i = 0; i < store->count; i++)
		bytes_wipe(&store->items[i].der);
	free(store->items);
	*store = (struct store){ .kind = store->kind };
}

const struct store_item *store_find(const struct store *store,
				    struct span name,
				    const struct store_item *item)
{
	size_t i = item ? (size_t)(item - store->items) + 1 : 0;

	for (; i < store->count; i++)
		if (span_equal(store->items[i].name, name))
			return &store->items[i];
	return NULL;
}

bool store_has(const struct store *store, const struct x509 *x509)
{
	return is_there(store, x509->der);
}
