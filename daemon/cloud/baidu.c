// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Baidu IoT Core.  The password is a plain hash, not an HMAC.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cloud/text.h"

enum {
	CORE_ID,
	DEVICE_KEY,
	DEVICE_SECRET,
};

static const struct cloud_arg arguments[] = {
	[CORE_ID] = { "iotcoreid", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_KEY] = { "devicekey", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_SECRET] = { "devicesecret", CLOUD_TEXT, false, 1, 128 },
	{ .name = NULL }
};

static const struct {
	enum hash hash;
	const char *name;
} algorithms[] = {
	[BAIDU_MD5] = { HASH_MD5, "MD5" },
	[BAIDU_SHA256] = { HASH_SHA256, "SHA256" },
};

static void put_timestamp(const struct cloud_port *port, char *out,
			  size_t size)
{
	const char *text = port->cfg->baidu.timestamp;

	if (strcmp(text, "now") == 0)
		snprintf(out, size, "%" PRId64, (int64_t)port->ops->now());
	else
		snprintf(out, size, "%s", text);
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	const struct baidu_config *cfg = &port->cfg->baidu;
	const char *name = algorithms[cfg->algorithm].name;
	const char *key = args->text[DEVICE_KEY];
	char timestamp[32], text[512];
	int rc;

	put_timestamp(port, timestamp, sizeof(timestamp));
	rc = text_put(out->user, sizeof(out->user), "thingidp@%s|%s|%s|%s",
		      args->text[CORE_ID], key, timestamp, name);
	if (!rc)
		rc = text_expand(port, args, cfg->client_id, out->client_id,
				 sizeof(out->client_id));
	if (!rc)
		rc = text_put(text, sizeof(text), "%s&%s&%s%s", key, timestamp,
			      name, args->text[DEVICE_SECRET]);
	if (!rc)
		rc = hash_data_hex(algorithms[cfg->algorithm].hash, text,
				   out->password);
	explicit_bzero(text, sizeof(text));
	return rc ? text_fail(why, rc, "the client id is too long") : 0;
}

const struct cloud cloud_baidu = {
	.name = "baidu",
	.usage = "<iotcoreid>,<devicekey>,<devicesecret>",
	.args = arguments,
	.login = login,
};
