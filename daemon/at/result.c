// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Information responses and result codes (rule L5).
 */
#include "daemon/at/result.h"

#include <stdio.h>

static void line_end(const struct at_settings *set, struct buf *b)
{
	const char end[] = { (char)set->s3, (char)set->s4 };

	buf_add(b, end, sizeof(end));
}

void at_text_begin(const struct at_settings *set, struct buf *b)
{
	if (set->verbose)
		line_end(set, b);
}

void at_text_end(const struct at_settings *set, struct buf *b)
{
	line_end(set, b);
}

void at_text(const struct at_settings *set, struct buf *b,
	     const char *fmt, ...)
{
	va_list ap;

	at_text_begin(set, b);
	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
	at_text_end(set, b);
}

static const struct {
	int code;
	const char *text;
} code_texts[] = {
	{ AT_NOT_ALLOWED, "operation not allowed" },
	{ AT_NOT_SUPPORTED, "operation not supported" },
	{ AT_TOO_LONG, "text string too long" },
	{ AT_NO_NETWORK, "no network service" },
	{ AT_BAD_PARAMETER, "incorrect parameters" },
};

const char *at_code_text(int code)
{
	size_t i;

	for (i = 0; i < sizeof(code_texts) / sizeof(code_texts[0]); i++)
		if (code_texts[i].code == code)
			return code_texts[i].text;
	return "unknown";
}

static void put_code(const struct at_settings *set, struct buf *b, int code,
		     bool cme)
{
	if (code != AT_OK && cme && set->cmee == 1)
		buf_printf(b, "+CME ERROR: %d", code);
	else if (code != AT_OK && cme && set->cmee == 2)
		buf_printf(b, "+CME ERROR: %s", at_code_text(code));
	else if (set->verbose)
		buf_printf(b, "%s", code == AT_OK ? "OK" : "ERROR");
	else
		buf_printf(b, "%c", code == AT_OK ? '0' : '4');
}

/* V.250 table 2: with V0 a code ends in S3 alone, and so does +CME ERROR. */
void at_final(const struct at_settings *set, struct buf *b, int code,
	      bool cme)
{
	if (set->quiet)
		return;
	if (set->verbose)
		line_end(set, b);
	put_code(set, b, code, cme);
	if (set->verbose)
		line_end(set, b);
	else
		buf_add(b, &(char){ (char)set->s3 }, 1);
}
