/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How what came from the network, payloads and names of topics, is written
 * between quotes: the knob payload_format.
 */
#ifndef ATMQTT_AT_PAYLOAD_H
#define ATMQTT_AT_PAYLOAD_H

#include "daemon/lib/buffer.h"
#include "daemon/config.h"

/* Bytes that one byte takes at most: in a format, and in any. */
unsigned int payload_growth(enum payload_format format);
#define PAYLOAD_GROWTH_MAX	3	/* \0D */

/* Bytes that @n bytes at @p take, without the quotes. */
size_t payload_written(enum payload_format format, const void *p, size_t n);

/* Writes them, with the quotes. */
void payload_write(struct buf *b, enum payload_format format, const void *p,
		   size_t n);

#endif /* ATMQTT_AT_PAYLOAD_H */
