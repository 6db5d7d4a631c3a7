/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Strings of the network, whole or in pieces as they come, by RFC 3629: no
 * overlong form, no surrogate, nothing above U+10FFFF.
 */
#ifndef ATMQTT_MQTT_UTF8_H
#define ATMQTT_MQTT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Where a string has come to; zeroed: at its start. */
struct utf8 {
	unsigned char left;		/* bytes that the character lacks */
	unsigned char low, high;	/* what the next one of them may be */
};

/*
 * The next @len bytes of the string.  False: they are not UTF-8 or have a
 * control character (U+0000 to U+001F, U+007F to U+009F); then it is over.
 */
bool utf8_is_text(struct utf8 *u, const void *p, size_t len);

/* The same, but control characters are fine, U+0000 too. */
bool utf8_is_valid(struct utf8 *u, const void *p, size_t len);

/* No character is cut at the end. */
bool utf8_is_whole(const struct utf8 *u);

/* A topic name, MQTT 3.1.1 4.7: whole, a text, no wildcard; not empty. */
bool utf8_is_topic_name(const void *p, size_t len);

#endif /* ATMQTT_MQTT_UTF8_H */
