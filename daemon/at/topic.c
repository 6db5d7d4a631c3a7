// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Topic filters and strings, by MQTT 3.1.1 1.5.3 and 4.7.
 */
#include "daemon/at/topic.h"

#include <string.h>

#include "daemon/lib/utf8.h"

bool is_mqtt_string(const char *p, size_t len)
{
	struct utf8 u = { 0 };

	return utf8_is_valid(&u, p, len) && utf8_is_whole(&u) &&
	       !memchr(p, '\0', len);
}

static bool is_text(const char *p, size_t len)
{
	struct utf8 u = { 0 };

	return len && utf8_is_text(&u, p, len) && utf8_is_whole(&u);
}

bool is_topic_filter(const void *filter, size_t len)
{
	const char *p = filter;
	size_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != '+' && p[i] != '#')
			continue;
		if (i > 0 && p[i - 1] != '/')
			return false;
		if (i + 1 < len && (p[i] == '#' || p[i + 1] != '/'))
			return false;
	}
	return is_text(p, len);
}
