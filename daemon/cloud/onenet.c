// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * China Mobile OneNET: the password is a signed token in URL encoding.
 */
#include <string.h>

#include "daemon/cloud/text.h"

enum {
	PRODUCT_ID,
	DEVICE_NAME,
	ACCESS_KEY,
};

static const struct cloud_arg arguments[] = {
	[PRODUCT_ID] = { "productid", CLOUD_TEXT, false, 1, 255 },
	[DEVICE_NAME] = { "devicename", CLOUD_TEXT, false, 1, 128 },
	[ACCESS_KEY] = { "accesskey", CLOUD_TEXT, false, 1, 128 },
	{ .name = NULL }
};

static const char *const methods[] = {
	[HASH_MD5] = "md5",
	[HASH_SHA1] = "sha1",
	[HASH_SHA256] = "sha256",
};

static int put_sign(const struct onenet_config *cfg, const char *res,
		    const char *key, char *out, size_t size,
		    struct mqtt_reason *why)
{
	uint8_t sign[HASH_MAX];
	char text[2048];
	int rc = text_put(text, sizeof(text), "%s\n%s\n%s\n%s", cfg->et,
			  methods[cfg->method], res, cfg->version);

	if (rc)
		return text_fail(why, rc, "the resource is too long");
	rc = text_sign_base64(cfg->method, key, text, sign, why);
	if (rc)
		return rc;
	return base64_encode(sign, hash_size(cfg->method), out, size);
}

static int put_password(const struct onenet_config *cfg, const char *res,
			const char *sign, struct cloud_login *out)
{
	const struct {
		const char *name, *value;
	} members[] = {
		{ "version", cfg->version },
		{ "res", res },
		{ "et", cfg->et },
		{ "method", methods[cfg->method] },
		{ "sign", sign },
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(members) / sizeof(*members); i++)
		rc = text_add(out->password, sizeof(out->password),
			      members[i].name, members[i].value);
	return rc;
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	const struct onenet_config *cfg = &port->cfg->onenet;
	char res[1024], sign[64];
	int rc = text_expand(port, args, cfg->res, res, sizeof(res));

	if (rc)
		return text_fail(why, rc, "the resource is too long");
	rc = put_sign(cfg, res, args->text[ACCESS_KEY], sign, sizeof(sign),
		      why);
	if (rc)
		return rc;
	rc = put_password(cfg, res, sign, out);
	if (!rc)
		rc = text_put(out->user, sizeof(out->user), "%s",
			      args->text[PRODUCT_ID]);
	if (!rc)
		rc = text_put(out->client_id, sizeof(out->client_id), "%s",
			      args->text[DEVICE_NAME]);
	return rc ? text_fail(why, rc, "the password is too long") : 0;
}

const struct cloud cloud_onenet = {
	.name = "onenet",
	.usage = "<productid>,<devicename>,<accesskey>",
	.args = arguments,
	.login = login,
};
