// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * China Unicom DMP.  A device has a secret, or after a registration without
 * being known before a token.
 */
#include <errno.h>
#include <string.h>

#include "daemon/cloud/text.h"
#include "daemon/cloud/unicom.h"

enum {
	PRODUCT_KEY,
	DEVICE_KEY,
	DEVICE_SECRET,
	TOKEN,
};

static const struct cloud_arg arguments[] = {
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_KEY] = { "devicekey", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_SECRET] = { "devicesecret", CLOUD_TEXT, true, 0, 128 },
	[TOKEN] = { "token", CLOUD_TEXT, true, 0, 255 },
	{ .name = NULL }
};

/*
 * What the platform signs: the id that the device has chosen, the key of the
 * device and the product's.
 */
int unicom_put_login(const struct cloud_port *port,
		     const struct cloud_args *args, const char *product_key,
		     const char *device_key, enum unicom_auth auth,
		     const char *secret, struct cloud_login *out)
{
	const struct unicom_config *cfg = &port->cfg->unicom;
	char id[512], text[1024];
	int rc = text_expand(port, args, cfg->device_id, id, sizeof(id));

	if (!rc)
		rc = text_put(out->client_id, sizeof(out->client_id),
			      "%s|%s|0|%d|%u", id, product_key, auth,
			      cfg->operator);
	if (!rc)
		rc = text_put(out->user, sizeof(out->user), "%s|%s",
			      device_key, product_key);
	if (!rc)
		rc = text_put(text, sizeof(text), "%s%s%s", id, device_key,
			      product_key);
	if (!rc && auth != UNICOM_TOKEN)
		rc = hash_hmac_hex(HASH_SHA256, secret, strlen(secret), text,
				   out->password);
	return rc;
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	const char *secret = args->text[DEVICE_SECRET];
	const char *token = args->text[TOKEN];
	int rc;

	if (!*secret && !*token)
		return text_fail(why, -EINVAL, "no secret and no token");
	rc = unicom_put_login(port, args, args->text[PRODUCT_KEY],
			      args->text[DEVICE_KEY],
			      *token ? UNICOM_TOKEN : UNICOM_SECRET, secret,
			      out);
	if (!rc && *token)
		rc = text_put(out->password, sizeof(out->password), "%s",
			      token);
	return rc ? text_fail(why, rc, "the device id is too long") : 0;
}

const struct cloud cloud_unicom = {
	.name = "unicom",
	.usage = "<productkey>,<devicekey>,<devicesecret>,<token>",
	.args = arguments,
	.login = login,
};
