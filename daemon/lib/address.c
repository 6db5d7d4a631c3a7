// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/lib/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define in4(address) ((struct sockaddr_in *)(address))
#define in6(address) ((struct sockaddr_in6 *)(address))

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

bool address_parse(const char *text, uint16_t port,
		   struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	if (parse_ipv4(text, &in4(address)->sin_addr))
		address->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &in6(address)->sin6_addr) == 1)
		address->ss_family = AF_INET6;
	else
		return false;
	address_set_port(address, port);
	return true;
}

void address_format(const struct sockaddr_storage *address, char *text)
{
	const void *bytes = &in4(address)->sin_addr;

	if (address->ss_family == AF_INET6)
		bytes = &in6(address)->sin6_addr;
	inet_ntop(address->ss_family, bytes, text, INET6_ADDRSTRLEN);
}

void address_set_port(struct sockaddr_storage *address, uint16_t port)
{
	if (address->ss_family == AF_INET6)
		in6(address)->sin6_port = htons(port);
	else
		in4(address)->sin_port = htons(port);
}

uint16_t address_port(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET6 ?
			     in6(address)->sin6_port :
			     in4(address)->sin_port);
}

socklen_t address_len(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
						sizeof(struct sockaddr_in);
}
