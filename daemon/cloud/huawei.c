// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Huawei Cloud IoTDA.  The time is the key and the secret is the message.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/cloud/text.h"

#define TIME_NO_CLOCK	"2999010100"

enum {
	DEVICE_ID,
	DEVICE_SECRET,
};

static const struct cloud_arg arguments[] = {
	[DEVICE_ID] = { "deviceid", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_SECRET] = { "devicesecret", CLOUD_TEXT, false, 1, 128 },
	{ .name = NULL }
};

/* The hour in UTC */
static void put_timestamp(const struct cloud_port *port, char *out,
			  size_t size)
{
	const char *text = port->cfg->huawei.timestamp;
	time_t now = port->ops->now();
	struct tm tm;

	if (strcmp(text, "now"))
		snprintf(out, size, "%s", text);
	else if (clock_is_set(now) && gmtime_r(&now, &tm))
		strftime(out, size, "%Y%m%d%H", &tm);
	else
		snprintf(out, size, "%s", TIME_NO_CLOCK);
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	const char *id = args->text[DEVICE_ID];
	char timestamp[16];
	int rc;

	put_timestamp(port, timestamp, sizeof(timestamp));
	rc = text_put(out->user, sizeof(out->user), "%s", id);
	if (!rc)
		rc = text_put(out->client_id, sizeof(out->client_id),
			      "%s_0_%u_%s", id, port->cfg->huawei.check_time,
			      timestamp);
	if (!rc)
		rc = hash_hmac_hex(HASH_SHA256, timestamp, strlen(timestamp),
				   args->text[DEVICE_SECRET], out->password);
	return rc ? text_fail(why, rc, "the device id is too long") : 0;
}

/* The manual's test form calls the device id so. */
const struct cloud cloud_huawei = {
	.name = "huawei",
	.usage = "<devicename>,<devicesecret>",
	.args = arguments,
	.login = login,
};
