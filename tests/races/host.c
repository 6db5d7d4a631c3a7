// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Lines of all kinds, data for the owner that asked for them, XON and XOFF, and
 * now and then more than fits anywhere (K1, K5, K6, K18).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "race.h"

#define LONG (3 * N_AT_LINE_MAX)

/* What stands behind AT+ is what owner.c is to do. */
static const char *const texts[] = {
	"AT\r\n", "AT\r", "ATE0\r", "AT+DATA\r", "AT+DATA\r0123456789abcdef",
	"AT+NODATA\r", "AT+LINE\r", "AT+URC\r", "A/", "xx\r\n", "AT\b\b\b",
	"AT+X\x13\r", "\x11", "\x13\x11", "\n", "ATATAT\r\r\r\r",
	"AT+DATA\rAT\rAT+URC\rAT+LINE\rAT\r",
};

#define TEXTS (sizeof(texts) / sizeof(*texts))

static bool put(int fd, const char *text, size_t n)
{
	ssize_t k = write(fd, text, n);

	if (k > 0)
		race_count_by("sent", k);
	return k >= 0 || errno == EAGAIN || errno == EINTR;
}

/* A line that is too long, and output that is not read meanwhile. */
static bool put_long(int fd)
{
	static char text[LONG];
	bool ok;

	if (!text[0]) {
		memset(text, 'x', LONG);
		memcpy(text, "AT", 2);
		text[LONG - 1] = '\r';
	}
	ok = put(fd, text, race_below(LONG));
	race_nap(20000);
	return ok;
}

static bool take(int fd)
{
	char buf[4096];
	ssize_t n = read(fd, buf, race_chance(4) ? 16 : sizeof(buf));

	if (n > 0)
		race_count_by("got", n);
	else
		race_nap(2000);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EIO));
}

bool host_step(int fd)
{
	const char *text = texts[race_below(TEXTS)];

	race_nap(5000);
	if (race_chance(200))
		return put_long(fd) && take(fd);
	/* an XOFF that stays would end the race */
	if (race_chance(20) && !put(fd, "\x11\r", 2))
		return false;
	return put(fd, text, strlen(text)) && take(fd);
}
