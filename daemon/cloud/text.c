// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/cloud/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLOCK_SET	1514764800	/* 2018-01-01 */

int text_put(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, size, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= size ? -E2BIG : 0;
}

int text_fail(struct mqtt_reason *why, int err, const char *fmt, ...)
{
	va_list ap;

	why->code = 0;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return err;
}

static const char *find_value(const struct cloud_port *port,
			      const struct cloud_args *args, const char *name,
			      size_t len)
{
	for (size_t i = 0; args->table[i].name; i++)
		if (strlen(args->table[i].name) == len &&
		    strncmp(args->table[i].name, name, len) == 0)
			return args->text[i];
	return len == 4 && strncmp("imei", name, len) == 0 ? port->imei : NULL;
}

/* Braces around anything else are braces. */
int text_expand(const struct cloud_port *port, const struct cloud_args *args,
		const char *template, char *out, size_t size)
{
	const char *end, *value;
	size_t n;

	for (; *template; template += n) {
		end = *template == '{' ? strchr(template, '}') : NULL;
		n = end ? (size_t)(end - template) + 1 : 1;
		value = end ? find_value(port, args, template + 1, n - 2) :
			      NULL;
		if (!value)
			n = 1;
		if (value ? text_put(out, size, "%s", value) :
			    text_put(out, size, "%c", *template))
			return -E2BIG;
		size -= strlen(out);
		out += strlen(out);
	}
	*out = 0;
	return 0;
}

int text_add(char *out, size_t size, const char *name, const char *value)
{
	size_t n = strlen(out);
	int rc = text_put(out + n, size - n, "%s%s=", n ? "&" : "", name);

	for (; !rc && *value; value++) {
		unsigned char c = (unsigned char)*value;

		n = strlen(out);
		rc = text_put(out + n, size - n,
			      isalnum(c) || strchr("-_.~", c) ? "%c" : "%%%02X",
			      c);
	}
	return rc;
}

bool clock_is_set(time_t now)
{
	return now >= CLOCK_SET;
}

void text_random(const struct cloud_port *port, char *out, size_t size)
{
	static const char set[] =
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	port->ops->random(out, size - 1);
	for (size_t i = 0; i < size - 1; i++)
		out[i] = set[(unsigned char)out[i] % (sizeof(set) - 1)];
	out[size - 1] = 0;
}

int text_sign_base64(enum hash type, const char *secret, const char *text,
		     uint8_t *out, struct mqtt_reason *why)
{
	uint8_t key[CLOUD_SECRET_MAX];
	size_t len = sizeof(key);
	int rc = base64_decode(secret, key, &len);

	if (rc)
		return text_fail(why, rc, "the secret is not base64");
	rc = hash_hmac(type, key, len, text, strlen(text), out);
	explicit_bzero(key, sizeof(key));
	return rc ? text_fail(why, rc, "no hash") : 0;
}
