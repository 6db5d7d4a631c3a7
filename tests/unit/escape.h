/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Bytes as C-escaped text, in vector files and failure messages.
 */
#ifndef ATMQTT_TEST_ESCAPE_H
#define ATMQTT_TEST_ESCAPE_H

#include <stddef.h>

/*
 * Decodes \r \n \t \\ \xHH in @text and {N*c}, N times the character c, to
 * @out; returns the number of bytes.  Fails the test when @size is too small.
 */
size_t unescape_text(const char *text, char *out, size_t size);

/* @bytes for a person to read; the buffer is reused by the next call. */
const char *escape_bytes(const void *bytes, size_t len);

/* Fails the test unless the two are the same, and shows both. */
void assert_bytes(const void *got, size_t got_len, const void *want,
		  size_t want_len);

#endif /* ATMQTT_TEST_ESCAPE_H */
