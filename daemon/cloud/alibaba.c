// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Alibaba Cloud IoT, one secret a device.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cloud/text.h"

#define SECURE_TLS	2
#define SECURE_TCP	3

enum {
	PRODUCT_KEY,
	DEVICE_NAME,
	DEVICE_SECRET,
	TLS,
};

static const struct cloud_arg arguments[] = {
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_NAME] = { "devicename", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_SECRET] = { "devicesecret", CLOUD_TEXT, false, 1, 128 },
	[TLS] = { "tls", CLOUD_NUMBER, false, 0, 1 },
	{ .name = NULL }
};

static const char *const methods[] = {
	[HASH_MD5] = "hmacmd5",
	[HASH_SHA1] = "hmacsha1",
	[HASH_SHA256] = "hmacsha256",
};

/* Milliseconds, as the configuration says them; "" is none */
static void put_timestamp(const struct cloud_port *port, char *out,
			  size_t size)
{
	const char *text = port->cfg->alibaba.timestamp;

	if (strcmp(text, "now") == 0)
		snprintf(out, size, "%" PRId64 "000",
			 (int64_t)port->ops->now());
	else
		snprintf(out, size, "%s", text);
}

static int put_client_id(const struct alibaba_config *cfg, const char *cid,
			 const char *timestamp, unsigned int tls,
			 struct cloud_login *out)
{
	return text_put(out->client_id, sizeof(out->client_id),
			"%s|%s%s%ssecuremode=%d,signmethod=%s%s%s|", cid,
			*timestamp ? "timestamp=" : "", timestamp,
			*timestamp ? "," : "", tls ? SECURE_TLS : SECURE_TCP,
			methods[cfg->signmethod], *cfg->ext ? "," : "",
			cfg->ext);
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	const struct alibaba_config *cfg = &port->cfg->alibaba;
	const char *secret = args->text[DEVICE_SECRET];
	char cid[512], timestamp[32], content[1024];
	int rc;

	put_timestamp(port, timestamp, sizeof(timestamp));
	rc = text_expand(port, args, cfg->client_id, cid, sizeof(cid));
	if (!rc)
		rc = put_client_id(cfg, cid, timestamp, args->number[TLS], out);
	if (!rc)
		rc = text_put(out->user, sizeof(out->user), "%s&%s",
			      args->text[DEVICE_NAME],
			      args->text[PRODUCT_KEY]);
	if (!rc)
		rc = text_put(content, sizeof(content),
			      "clientId%sdeviceName%sproductKey%s%s%s", cid,
			      args->text[DEVICE_NAME],
			      args->text[PRODUCT_KEY],
			      *timestamp ? "timestamp" : "", timestamp);
	if (!rc)
		rc = hash_hmac_hex(cfg->signmethod, secret, strlen(secret),
				   content, out->password);
	return rc ? text_fail(why, rc, "the client id is too long") : 0;
}

const struct cloud cloud_alibaba = {
	.name = "alibaba",
	.usage = "<productkey>,<devicename>,<devicesecret>,<tls>",
	.args = arguments,
	.login = login,
};
