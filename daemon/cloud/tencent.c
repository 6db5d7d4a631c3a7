// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tencent Cloud IoT Hub, by key.
 */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cloud/tencent.h"
#include "daemon/cloud/text.h"

#define CONNID_LEN	5
#define EXPIRY_NO_CLOCK	INT32_MAX

enum {
	PRODUCT_KEY,
	DEVICE_NAME,
	DEVICE_SECRET,
};

static const struct cloud_arg arguments[] = {
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_NAME] = { "devicename", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_SECRET] = { "devicesecret", CLOUD_TEXT, false, 1, 128 },
	{ .name = NULL }
};

const struct tencent_method tencent_methods[] = {
	[TENCENT_SHA1] = { HASH_SHA1, "hmacsha1" },
	[TENCENT_SHA256] = { HASH_SHA256, "hmacsha256" },
};

/* Until when the signature is good; the server compares clocks. */
static void put_expiry(const struct cloud_port *port, char *out, size_t size)
{
	const struct tencent_config *cfg = &port->cfg->tencent;
	time_t now = port->ops->now();

	if (cfg->expiry)
		snprintf(out, size, "%s", cfg->expiry);
	else
		snprintf(out, size, "%" PRId64, clock_is_set(now) ?
			 (int64_t)now + cfg->lifetime : EXPIRY_NO_CLOCK);
}

static int put_names(const struct cloud_port *port,
		     const struct cloud_args *args, struct cloud_login *out)
{
	char connid[CONNID_LEN + 1], expiry[32];
	int rc;

	text_random(port, connid, sizeof(connid));
	put_expiry(port, expiry, sizeof(expiry));
	rc = text_put(out->client_id, sizeof(out->client_id), "%s%s",
		      args->text[PRODUCT_KEY], args->text[DEVICE_NAME]);
	if (rc)
		return rc;
	return text_put(out->user, sizeof(out->user), "%s;%s;%s;%s",
			out->client_id, port->cfg->tencent.appid, connid,
			expiry);
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	unsigned int method = port->cfg->tencent.signmethod;
	enum hash hash = tencent_methods[method].hash;
	uint8_t sign[HASH_MAX];
	char hex[HASH_HEX_MAX];
	int rc = put_names(port, args, out);

	if (rc)
		return text_fail(why, rc, "the user name is too long");
	rc = text_sign_base64(hash, args->text[DEVICE_SECRET], out->user, sign,
			      why);
	if (rc)
		return rc;
	hex_encode(sign, hash_size(hash), hex);
	return text_put(out->password, sizeof(out->password), "%s;%s", hex,
			tencent_methods[method].name);
}

const struct cloud cloud_tencent = {
	.name = "tencent",
	.usage = "<productkey>,<devicename>,<devicesecret>",
	.args = arguments,
	.login = login,
};
