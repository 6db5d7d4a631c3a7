// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * China Telecom AEP: the token is the password.
 */
#include "daemon/cloud/text.h"

enum {
	PRODUCT_ID,
	DEVICE_NUMBER,
	TOKEN,
	USER_NAME,
};

static const struct cloud_arg arguments[] = {
	[PRODUCT_ID] = { "productid", CLOUD_TEXT, false, 1, 255 },
	[DEVICE_NUMBER] = { "devicenumber", CLOUD_TEXT, false, 1, 255 },
	[TOKEN] = { "token", CLOUD_TEXT, false, 1, 255 },
	[USER_NAME] = { "aepusername", CLOUD_TEXT, false, 1, 255 },
	{ .name = NULL }
};

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	int rc = text_put(out->user, sizeof(out->user), "%s",
			  args->text[USER_NAME]);

	(void)port;
	if (!rc)
		rc = text_put(out->password, sizeof(out->password), "%s",
			      args->text[TOKEN]);
	if (!rc)
		rc = text_put(out->client_id, sizeof(out->client_id), "%s%s",
			      args->text[PRODUCT_ID],
			      args->text[DEVICE_NUMBER]);
	return rc ? text_fail(why, rc, "the client id is too long") : 0;
}

const struct cloud cloud_aep = {
	.name = "aep",
	.usage = "<productid>,<devicenumber>,<token>,<aepusername>",
	.args = arguments,
	.login = login,
};
