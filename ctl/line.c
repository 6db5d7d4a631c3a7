// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/line.h"

#include <ctype.h>
#include <errno.h>
#include <linux/n_at.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CMSPAR
#define CMSPAR	010000000000	/* mark and space parity */
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define XON		17
#define XOFF		19

/* by enum n_at_parity */
static const struct {
	char letter;
	tcflag_t flags;
} parities[] = {
	[N_AT_PARITY_NONE] = { 'N', 0 },
	[N_AT_PARITY_ODD] = { 'O', PARENB | PARODD },
	[N_AT_PARITY_EVEN] = { 'E', PARENB },
	[N_AT_PARITY_MARK] = { 'M', PARENB | CMSPAR | PARODD },
	[N_AT_PARITY_SPACE] = { 'S', PARENB | CMSPAR },
};

static const tcflag_t sizes[] = { CS5, CS6, CS7, CS8 };

#define XON_BOTH (N_AT_FLOW_XON_OUT | N_AT_FLOW_XON_IN)

/* One way only can be set by AT+IFC, not by a word. */
static const struct {
	const char *word;
	uint8_t flow;
	tcflag_t cflag;
	tcflag_t iflag;
} flows[] = {
	{ "none", 0, 0, 0 },
	{ "rtscts", N_AT_FLOW_RTS_CTS, CRTSCTS, 0 },
	{ "xonxoff", XON_BOTH, 0, IXON | IXOFF },
};

int line_set_speed(struct termios *t, const char *text)
{
	char *end;
	unsigned long n;

	if (*text < '1' || *text > '9')
		return -EINVAL;
	n = strtoul(text, &end, 10);
	if (*end || n > N_AT_SPEED_MAX)
		return -EINVAL;
	return cfsetspeed(t, (speed_t)n) ? -EINVAL : 0;
}

static int parity_flags(char letter, tcflag_t *flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(parities); i++) {
		if (parities[i].letter == toupper((unsigned char)letter)) {
			*flags = parities[i].flags;
			return 0;
		}
	}
	return -EINVAL;
}

int line_set_framing(struct termios *t, const char *text)
{
	tcflag_t parity;

	if (strlen(text) != 3 || text[0] < '5' || text[0] > '8' ||
	    (text[2] != '1' && text[2] != '2') ||
	    parity_flags(text[1], &parity))
		return -EINVAL;
	t->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CMSPAR | CSTOPB);
	t->c_cflag |= sizes[text[0] - '5'] | parity;
	if (text[2] == '2')
		t->c_cflag |= CSTOPB;
	return 0;
}

int line_set_flow(struct termios *t, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
		if (strcmp(text, flows[i].word))
			continue;
		t->c_cflag &= ~(tcflag_t)CRTSCTS;
		t->c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY);
		t->c_cflag |= flows[i].cflag;
		t->c_iflag |= flows[i].iflag;
		t->c_cc[VSTART] = XON;
		t->c_cc[VSTOP] = XOFF;
		return 0;
	}
	return -EINVAL;
}

void line_set_raw(struct termios *t)
{
	cfmakeraw(t);
	t->c_cflag |= CLOCAL | CREAD;
}

void line_framing_text(const struct at_uart *uart, char *out, size_t size)
{
	char parity = uart->parity < ARRAY_SIZE(parities) ?
			      parities[uart->parity].letter : '?';

	snprintf(out, size, "%u%c%u", uart->data_bits, parity,
		 uart->stop_bits);
}

const char *line_flow_text(const struct at_uart *uart)
{
	for (size_t i = 0; i < ARRAY_SIZE(flows); i++)
		if (flows[i].flow == uart->flow)
			return flows[i].word;
	return "mixed";
}
