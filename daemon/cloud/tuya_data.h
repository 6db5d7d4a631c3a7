/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What an activation brought a device of Tuya's, and the file where it is
 * kept: <tty>.tuya.<uuid> in the state directory.
 */
#ifndef ATMQTT_CLOUD_TUYA_DATA_H
#define ATMQTT_CLOUD_TUYA_DATA_H

#include <stdint.h>

#include "daemon/cloud/tuya_codec.h"

/* All zero: not activated.  Wiped by its owner. */
struct tuya_data {
	char dev_id[TUYA_ID_MAX + 1];
	char sec_key[TUYA_KEY_MAX + 1];
	char local_key[TUYA_KEY_MAX + 1];
	char schema_id[TUYA_ID_MAX + 1];
	char time_zone[TUYA_ID_MAX + 1];

	/* where it was activated, and its broker as last heard of */
	char region[TUYA_REGION_MAX + 1];
	char env[TUYA_ENV_MAX + 1];
	char host[TUYA_HOST_MAX + 1];
	uint16_t port;
};

/* Of an activation's "result"; 0, or -EINVAL and *@out is all zero. */
int tuya_data_take(const json_t *result, struct tuya_data *out);

/* 0, or a negative errno and *@out is all zero. */
int tuya_data_load(const char *dir, const char *tty, const char *uuid,
		   struct tuya_data *out);

/* 0 or a negative errno. */
int tuya_data_save(const char *dir, const char *tty, const char *uuid,
		   const struct tuya_data *data);
int tuya_data_remove(const char *dir, const char *tty, const char *uuid);

#endif /* ATMQTT_CLOUD_TUYA_DATA_H */
