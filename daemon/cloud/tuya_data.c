// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The file is JSON with the members that Tuya's answer has, and some of
 * ours.
 */
#include "daemon/cloud/tuya_data.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "daemon/lib/state_file.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define FILE_MAX	8192	/* bytes */

enum kind {
	PLAIN,		/* see tuya_is_plain() */
	KEY,		/* at least TUYA_KEY_MIN bytes */
	TEXT,
};

struct row {
	const char *name;
	enum kind kind;
	size_t offset;		/* in struct tuya_data */
	size_t max;		/* bytes */
};

#define ROW(n, k, f) \
	{ n, k, offsetof(struct tuya_data, f), \
	  sizeof(((struct tuya_data *)0)->f) - 1 }

static const struct row answered[] = {
	ROW("devId", PLAIN, dev_id),
	ROW("secKey", KEY, sec_key),
	ROW("localKey", KEY, local_key),
	ROW("schemaId", TEXT, schema_id),
	ROW("stdTimeZone", TEXT, time_zone),
};

static const struct row ours[] = {
	ROW("region", PLAIN, region),
	ROW("env", PLAIN, env),
	ROW("host", TEXT, host),
};

static bool is_good(const char *text, const struct row *row)
{
	size_t len = text ? strlen(text) : 0;

	if (!text || len > row->max)
		return false;
	if (row->kind == KEY)
		return len >= TUYA_KEY_MIN;
	return row->kind == TEXT || tuya_is_plain(text, row->max);
}

static bool take_rows(const json_t *json, const struct row *rows, size_t n,
		      struct tuya_data *out)
{
	const char *text;

	for (; n; n--, rows++) {
		text = json_text(json, rows->name);
		if (!is_good(text, rows))
			return false;
		memcpy((char *)out + rows->offset, text, strlen(text) + 1);
	}
	return true;
}

static void forget(struct tuya_data *data)
{
	explicit_bzero(data, sizeof(*data));
}

int tuya_data_take(const json_t *result, struct tuya_data *out)
{
	forget(out);
	if (take_rows(result, answered, ARRAY_SIZE(answered), out))
		return 0;
	forget(out);
	return -EINVAL;
}

/* ---- the file ---- */

static void name_of(const char *tty, const char *uuid, char name[NAME_MAX + 1])
{
	snprintf(name, NAME_MAX + 1, "%s.tuya.%s", tty, uuid);
}

static int take_file(const json_t *json, struct tuya_data *out)
{
	json_int_t port = json_integer_value(json_object_get(json, "port"));

	if (tuya_data_take(json, out) || port < 1 || port > 65535 ||
	    !take_rows(json, ours, ARRAY_SIZE(ours), out)) {
		forget(out);
		return -EINVAL;
	}
	out->port = (uint16_t)port;
	return 0;
}

int tuya_data_load(const char *dir, const char *tty, const char *uuid,
		   struct tuya_data *out)
{
	char name[NAME_MAX + 1];
	char text[FILE_MAX];
	json_t *json;
	int n;

	forget(out);
	name_of(tty, uuid, name);
	n = state_file_read(dir, name, text, sizeof(text));
	if (n < 0)
		return n;
	json = json_parse(text, (size_t)n);
	n = take_file(json, out);
	json_decref(json);
	explicit_bzero(text, sizeof(text));
	return n;
}

static void put_rows(json_t *json, const struct row *rows, size_t n,
		     const struct tuya_data *data)
{
	for (; n; n--, rows++)
		json_object_set_new(json, rows->name,
				    json_string((const char *)data +
						rows->offset));
}

int tuya_data_save(const char *dir, const char *tty, const char *uuid,
		   const struct tuya_data *data)
{
	char name[NAME_MAX + 1];
	char text[FILE_MAX];
	json_t *json = json_new();
	size_t len;
	int rc;

	put_rows(json, answered, ARRAY_SIZE(answered), data);
	put_rows(json, ours, ARRAY_SIZE(ours), data);
	json_object_set_new(json, "port", json_integer(data->port));
	len = json_dumpb(json, text, sizeof(text), JSON_COMPACT);
	json_decref(json);
	name_of(tty, uuid, name);
	rc = len && len <= sizeof(text) ?
		     state_file_write(dir, name, text, len) : -ENOMEM;
	explicit_bzero(text, sizeof(text));
	return rc;
}

int tuya_data_remove(const char *dir, const char *tty, const char *uuid)
{
	char name[NAME_MAX + 1];

	name_of(tty, uuid, name);
	return state_file_remove(dir, name);
}
