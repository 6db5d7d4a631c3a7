/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An address as a person or a host writes it.
 */
#ifndef ATMQTT_LIB_ADDRESS_H
#define ATMQTT_LIB_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * IPv6, or IPv4 with one to three decimal digits a part (192.168.001.010 is
 * not octal); no brackets.  false if it is neither.
 */
bool address_parse(const char *text, uint16_t port,
		   struct sockaddr_storage *address);

/* Writes it as the standard text; @text has INET6_ADDRSTRLEN bytes. */
void address_format(const struct sockaddr_storage *address, char *text);

void address_set_port(struct sockaddr_storage *address, uint16_t port);

uint16_t address_port(const struct sockaddr_storage *address);

/* What connect() and bind() want to know. */
socklen_t address_len(const struct sockaddr_storage *address);

#endif /* ATMQTT_LIB_ADDRESS_H */
