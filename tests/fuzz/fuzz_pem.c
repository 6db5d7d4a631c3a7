// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for what hosts upload: the input is the file, or, where
 * its first byte says so, a change of a good one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tls/pem.h"
#include "tests/unit/pem_samples.h"

static const char *const samples[] = {
	PEM_CERT PEM_OTHER_CERT, PEM_KEY, PEM_EC_PARAMETERS PEM_SEC1_KEY,
	PEM_PKCS1_KEY, PEM_LOCKED_PKCS8_KEY,
};

#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void check(bool ok)
{
	if (!ok)
		abort();
}

/* The sample with the input's bytes put over it, from its second byte on */
static uint8_t *change(const uint8_t *data, size_t size, size_t *len)
{
	const char *sample = samples[data[0] % N_SAMPLES];
	uint8_t *file;
	size_t at;

	*len = strlen(sample);
	file = malloc(*len);
	memcpy(file, sample, *len);
	at = size > 1 ? data[1] * *len / 256 : 0;
	if (size > 2)
		memcpy(file + at, data + 2,
		       size - 2 < *len - at ? size - 2 : *len - at);
	return file;
}

/* What is kept can be taken apart again, and be kept again. */
static void check_certificates(const struct pem *pem)
{
	struct mqtt_pem rest = { pem->p, pem->len };
	struct mqtt_pem block;
	struct mqtt_reason why;
	struct pem again = { 0 };
	unsigned int n = 0;

	while (pem_next(&rest, &block))
		n++;
	check(!rest.len && n == pem->count && pem->len <= PEM_MAX);
	rest = (struct mqtt_pem){ pem->p, pem->len };
	check(!pem_add_certificates(&again, &rest, &why));
	check(again.len == pem->len && !memcmp(again.p, pem->p, pem->len));
	pem_drop(&again);
}

static void check_key(const struct pem *pem)
{
	const struct mqtt_pem file = { pem->p, pem->len };
	struct mqtt_reason why;
	struct pem again = { 0 };

	check(!pem_set_key(&again, &file, &why));
	check(again.len == pem->len && !memcmp(again.p, pem->p, pem->len));
	pem_drop(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool whole = size && data[0] < 128;
	struct mqtt_reason why;
	struct pem pem = { 0 };
	struct mqtt_pem file;
	uint8_t *copy;

	if (!size)
		return 0;
	file.len = size - 1;
	copy = whole ? malloc(size) : change(data, size, &file.len);
	if (whole)
		memcpy(copy, data + 1, file.len);
	file.p = copy;
	if (!pem_add_certificates(&pem, &file, &why))
		check_certificates(&pem);
	else
		check(!pem.p && why.text[0]);
	pem_drop(&pem);
	if (!pem_set_key(&pem, &file, &why))
		check_key(&pem);
	else
		check(!pem.p && why.text[0]);
	pem_drop(&pem);
	free(copy);
	return 0;
}
