// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The broker's name or address as a host writes it.
 */
#include "daemon/at/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63	/* RFC 1035 2.3.4 */

static bool take_part(const char **p, unsigned int *v)
{
	size_t n;

	*v = 0;
	for (n = 0; isdigit((unsigned char)**p); n++)
		*v = *v * 10 + (unsigned int)(*(*p)++ - '0');
	return n >= 1 && n <= 3 && *v <= 255;
}

static int normalise_ipv4(const char *host, char *out, size_t size)
{
	unsigned int part[4];
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!take_part(&host, &part[i]))
			return -EINVAL;
		if (i < 3 && *host++ != '.')
			return -EINVAL;
	}
	if (*host)
		return -EINVAL;
	i = (size_t)snprintf(out, size, "%u.%u.%u.%u", part[0], part[1],
			     part[2], part[3]);
	return i < size ? 0 : -EINVAL;
}

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
	struct in6_addr addr;
	size_t len = strlen(host);

	if (!len || len >= size)
		return -EINVAL;
	if (host[strspn(host, "0123456789.")] == '\0')
		return normalise_ipv4(host, out, size);
	if (inet_pton(AF_INET6, host, &addr) != 1 && !is_name(host))
		return -EINVAL;
	memcpy(out, host, len + 1);
	return 0;
}
