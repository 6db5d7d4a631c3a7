// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * AWS IoT Core: a device logs in by its TLS certificate, which GTSSLFILE or
 * the configuration has, so there is nothing to compute.
 */
#include "daemon/cloud/cloud.h"

static const struct cloud_arg arguments[] = {
	{ .name = NULL }
};

const struct cloud cloud_aws = {
	.name = "aws",
	.usage = "",
	.args = arguments,
};
