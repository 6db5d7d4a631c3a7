// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqttsn/psk.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define DIGITS_MAX	(2 * PSK_MAX)
#define TEXT_MAX	(DIGITS_MAX + 16)	/* with what follows */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_space(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

static size_t parse(const char *text, uint8_t key[PSK_MAX])
{
	size_t n = 0;

	while (n < PSK_MAX && digit(text[0]) >= 0 && digit(text[1]) >= 0) {
		key[n++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
		text += 2;
	}
	return is_space(text) ? n : 0;
}

size_t psk_read(const char *file, uint8_t key[PSK_MAX])
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	char text[TEXT_MAX + 1];
	size_t len = 0;
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, TEXT_MAX);
		close(fd);
	}
	if (n > 0 && n < TEXT_MAX && !memchr(text, '\0', (size_t)n)) {
		text[n] = '\0';
		len = parse(text, key);
	}
	explicit_bzero(text, sizeof(text));
	return len;
}
