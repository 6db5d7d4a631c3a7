/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_CLOUD_UNICOM_H
#define ATMQTT_CLOUD_UNICOM_H

#include "daemon/cloud/cloud.h"

/* How a device logs in; the numbers are the platform's. */
enum unicom_auth {
	UNICOM_TOKEN = -2,
	UNICOM_SECRET = 0,	/* the device's */
	UNICOM_REGISTER = 1,	/* by the product's secret, for a secret */
	UNICOM_AUTO_REGISTER = 2,	/* the same, unknown before: a token */
};

/*
 * Fills all of @out but a token; @args is for the template of the device's
 * id.  0 or -E2BIG.
 */
int unicom_put_login(const struct cloud_port *port,
		     const struct cloud_args *args, const char *product_key,
		     const char *device_key, enum unicom_auth auth,
		     const char *secret, struct cloud_login *out);

#endif /* ATMQTT_CLOUD_UNICOM_H */
