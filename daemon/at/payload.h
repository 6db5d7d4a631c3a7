/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How a received payload is written between the quotes of +MQTTMSG and
 * +MQTTREAD: the knob payload_format.
 */
#ifndef ATMQTT_AT_PAYLOAD_H
#define ATMQTT_AT_PAYLOAD_H

#include "daemon/at/buffer.h"
#include "daemon/config.h"

/* Bytes that one byte takes at most. */
unsigned int payload_growth(enum payload_format format);

/* Bytes that @n bytes at @p take. */
size_t payload_written(enum payload_format format, const void *p, size_t n);

void payload_write(struct at_buf *b, enum payload_format format, const void *p,
		   size_t n);

#endif /* ATMQTT_AT_PAYLOAD_H */
