// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The monitor's masking: whatever the daemon takes for a password, what is
 * shown does not depend on its letters and digits.
 *
 * The first byte tells whether the daemon takes backslashes as escapes, and
 * whether the rest is a line or what follows "AT+MQTTUSER=1,".
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/mask.h"
#include "daemon/at/parser.h"

#define LINE_MAX	2048

static const char start[] = "AT+MQTTUSER=1,";

/* The argument's place in the line, if the daemon would take it. */
static bool find_password(const char *line, size_t len, bool escapes,
			  const char **from, const char **to)
{
	char scratch[LINE_MAX + 1];
	struct at_cmd c;
	struct at_str v;

	at_parse_start(&c, line + 2, len - 2, scratch, escapes);
	while (at_parse_next(&c) > 0) {
		if (c.form != AT_FORM_SET || c.name[0] != '+')
			continue;
		if (strcmp(c.name, "+MQTTUSER"))
			return false;
		if (at_arg_str(&c, &v, len) || at_arg_str(&c, &v, len))
			return false;
		*from = c.p;
		if (at_arg_str(&c, &v, len))
			return false;
		*to = c.p;
		return true;
	}
	return false;
}

static void show(struct buf *out, const char *line, size_t len)
{
	bool secret_data = false;

	mask_line(out, line, len, false, &secret_data);
}

static void check_line(const char *line, size_t len, bool escapes)
{
	struct buf one = { 0 }, other = { 0 };
	const char *from = NULL, *to = NULL;
	char changed[LINE_MAX];

	memcpy(changed, line, len);
	show(&one, line, len);
	if (find_password(line, len, escapes, &from, &to))
		for (; from < to; from++)
			if (isalnum((unsigned char)*from))
				changed[from - line] = 'x';
	show(&other, changed, len);
	if (one.len != other.len || memcmp(one.p, other.p, one.len))
		abort();
	buf_free(&one);
	buf_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };
	char line[LINE_MAX];
	size_t n = 2;

	if (!size || size > LINE_MAX - sizeof(start))
		return 0;
	memcpy(line, "AT", n);
	if (*data & 2) {
		n = sizeof(start) - 1;
		memcpy(line, start, n);
	}
	memcpy(line + n, data + 1, size - 1);
	check_line(line, n + size - 1, *data & 1);

	mask_answer(&out, (const char *)data, size);
	buf_free(&out);
	return 0;
}
