/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A pre-shared key: a file of hexadecimal digits, which white space may
 * follow.
 */
#ifndef ATMQTT_MQTTSN_PSK_H
#define ATMQTT_MQTTSN_PSK_H

#include <stddef.h>
#include <stdint.h>

#define PSK_MAX		64	/* bytes; wolfSSL has no room for more */

/* The key's bytes, for the caller to wipe; 0: the file cannot be used. */
size_t psk_read(const char *file, uint8_t key[PSK_MAX]);

#endif /* ATMQTT_MQTTSN_PSK_H */
