/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How Tencent's logins and registrations are signed.
 */
#ifndef ATMQTT_CLOUD_TENCENT_H
#define ATMQTT_CLOUD_TENCENT_H

#include "daemon/cloud/config.h"
#include "daemon/cloud/crypt.h"

/* By TENCENT_SHA1 and its like; the name is the protocol's. */
extern const struct tencent_method {
	enum hash hash;
	const char *name;
} tencent_methods[];

#endif /* ATMQTT_CLOUD_TENCENT_H */
