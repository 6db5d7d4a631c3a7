// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The broker's name or address as a host writes it.
 */
#include "daemon/at/host.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/lib/address.h"

#define LABEL_MAX 63	/* RFC 1035 2.3.4 */

/* Letters, digits, hyphens; underscores are not legal, but in use. */
static bool is_name(const char *host)
{
	size_t label = 0;

	for (; *host; host++) {
		if (*host == '.' && !label)
			return false;
		if (*host == '.') {
			label = 0;
			continue;
		}
		if (!isalnum((unsigned char)*host) && *host != '-' &&
		    *host != '_')
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return true;
}

int host_normalise(const char *host, char *out, size_t size)
{
	struct sockaddr_storage address;
	char text[INET6_ADDRSTRLEN];
	size_t len = strlen(host);

	if (!len || len >= size)
		return -EINVAL;
	memcpy(out, host, len + 1);
	if (address_parse(host, 0, &address)) {
		address_format(&address, text);
		if (address.ss_family == AF_INET)
			memcpy(out, text, strlen(text) + 1);
	} else if (!host[strspn(host, "0123456789.")] || !is_name(host)) {
		return -EINVAL;
	}
	return 0;
}
