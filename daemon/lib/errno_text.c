// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/lib/errno_text.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	int err;
	const char *text;
} texts[] = {
	{ ECONNREFUSED, "connection refused" },
	{ ECONNRESET, "connection reset by the broker" },
	{ EPIPE, "closed by the broker" },
	{ ETIMEDOUT, "no answer" },
	{ ENETUNREACH, "network unreachable" },
	{ EHOSTUNREACH, "host unreachable" },
	{ ENETDOWN, "network down" },
	{ EADDRNOTAVAIL, "no address to connect from" },
	{ EMFILE, "too many open files" },
	{ ENFILE, "too many open files" },
	{ ENOMEM, "no memory" },
	{ ENOBUFS, "no memory" },
};

const char *errno_text(int err)
{
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].err == err)
			return texts[i].text;
	text = strerrordesc_np(err);
	return text ? text : "unknown error";
}
