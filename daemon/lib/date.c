// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/lib/date.h"

#include <stdio.h>
#include <time.h>

#define FIRST_RELEASE	1767225600	/* 2026-01-01: it was later */

const char *date_behind(const char *text)
{
	static _Thread_local char buf[128];
	time_t now = time(NULL);
	char date[32] = "unknown";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	snprintf(buf, sizeof(buf), "%s; the board's date is %s", text, date);
	return buf;
}

const char *date_behind_if_unset(const char *text)
{
	return time(NULL) < FIRST_RELEASE ? date_behind(text) : text;
}
