// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for the MQTT-SN decoder: the input is a datagram.  What is
 * decoded and written again must be the same message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mqttsn/codec.h"

#define ROOM	(SN_DATAGRAM_MAX + 1)

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool is_same_text(const struct sn_bytes *a, const struct sn_bytes *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->p, b->p, a->len));
}

static bool is_same(const struct sn_message *a, const struct sn_message *b)
{
	return a->type == b->type && a->flags == b->flags &&
	       a->code == b->code && a->topic_id == b->topic_id &&
	       a->msg_id == b->msg_id && a->duration == b->duration &&
	       a->brief == b->brief && is_same_text(&a->data, &b->data) &&
	       is_same_text(&a->inner, &b->inner);
}

static void check_inside(const struct sn_bytes *b, const uint8_t *data,
			 size_t size)
{
	const uint8_t *p = b->p;

	check(!b->len || (p >= data && b->len <= size &&
			  p + b->len <= data + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[ROOM];
	struct sn_message m, again;
	uint8_t *copy;
	size_t len;

	if (size > SN_DATAGRAM_MAX)
		return 0;
	copy = malloc(size + !size);
	if (size)
		memcpy(copy, data, size);
	if (sn_decode(&m, copy, size)) {
		check_inside(&m.data, copy, size);
		check_inside(&m.inner, copy, size);
		/* a short message may have come with a long length */
		len = sn_encode(out, sizeof(out), &m);
		check(len && len <= size);
		check(sn_decode(&again, out, len) && is_same(&m, &again));
		check(!sn_encode(out, len - 1, &m));
	}
	free(copy);
	return 0;
}
