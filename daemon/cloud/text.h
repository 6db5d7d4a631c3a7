/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Texts that several clouds make.
 */
#ifndef ATMQTT_CLOUD_TEXT_H
#define ATMQTT_CLOUD_TEXT_H

#include "daemon/cloud/cloud.h"
#include "daemon/cloud/crypt.h"

#define CLOUD_SECRET_MAX	128	/* bytes, as written */

/* 0, or -E2BIG when it does not fit. */
int text_put(char *out, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes @template with the arguments that it names; see config.h. */
int text_expand(const struct cloud_port *port, const struct cloud_args *args,
		const char *template, char *out, size_t size);

/*
 * Appends "<name>=<value>", behind "&" unless it is the first; of the value
 * all but RFC 3986's unreserved as %XX.
 */
int text_add(char *out, size_t size, const char *name, const char *value);

/* Notes the reason and returns @err. */
int text_fail(struct mqtt_reason *why, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Has the board's clock been set?  It starts in 1970 without a battery. */
bool clock_is_set(time_t now);

/* @size - 1 random letters and digits, and a NUL */
void text_random(const struct cloud_port *port, char *out, size_t size);

/* The HMAC of @text; the key is @secret, base64.  0, -EINVAL with @why. */
int text_sign_base64(enum hash type, const char *secret, const char *text,
		     uint8_t *out, struct mqtt_reason *why);

#endif /* ATMQTT_CLOUD_TEXT_H */
