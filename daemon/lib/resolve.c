// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/resolve.h"

struct lookup {
	uv_getaddrinfo_t req;
	lookup_cb cb;		/* NULL: abandoned */
	void *ctx;
	char host[];
};

static void on_found(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
	struct lookup *lookup = req->data;

	if (lookup->cb)
		lookup->cb(lookup->ctx, status ? NULL : found);
	uv_freeaddrinfo(found);
	free(lookup);
}

struct lookup *lookup_start(uv_loop_t *loop, const char *host, lookup_cb cb,
			    void *ctx)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG,
	};
	size_t size = strlen(host) + 1;
	struct lookup *lookup = calloc(1, sizeof(*lookup) + size);

	if (!lookup)
		return NULL;
	memcpy(lookup->host, host, size);
	lookup->cb = cb;
	lookup->ctx = ctx;
	lookup->req.data = lookup;
	if (uv_getaddrinfo(loop, &lookup->req, on_found, lookup->host, NULL,
			   &hints)) {
		free(lookup);
		return NULL;
	}
	return lookup;
}

bool lookup_matches(const struct lookup *lookup, const char *host)
{
	return !strcmp(lookup->host, host);
}

void lookup_abandon(struct lookup *lookup)
{
	lookup->cb = NULL;
	uv_cancel((uv_req_t *)&lookup->req);
}

static bool parse_part(const char **s, uint8_t *part)
{
	unsigned int value = 0;
	int digits = 0;

	while (isdigit((unsigned char)**s) && digits++ < 3)
		value = value * 10 + *(*s)++ - '0';
	*part = value;
	return digits >= 1 && digits <= 3 && value <= 255;
}

static bool parse_ipv4(const char *s, struct in_addr *address)
{
	uint8_t part[4];
	int i;

	for (i = 0; i < 4; i++) {
		if (i && *s++ != '.')
			return false;
		if (!parse_part(&s, &part[i]))
			return false;
	}
	memcpy(&address->s_addr, part, sizeof(part));
	return *s == '\0';
}

bool address_parse(const char *host, uint16_t port,
		   struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (parse_ipv4(host, &in->sin_addr))
		address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &in6->sin6_addr) == 1)
		address->ss_family = AF_INET6;
	else
		return false;
	address_set_port(address, port);
	return true;
}

void address_format(const struct sockaddr_storage *address, char *text)
{
	const void *bytes =
		address->ss_family == AF_INET6 ?
			(const void *)&((const struct sockaddr_in6 *)address)
				->sin6_addr :
			&((const struct sockaddr_in *)address)->sin_addr;

	inet_ntop(address->ss_family, bytes, text, INET6_ADDRSTRLEN);
}

void address_set_port(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)address)->sin_port = htons(port);
}
