/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A copy of struct mqtt_open with all that it points to.
 */
#ifndef ATMQTT_MQTT_ARGS_H
#define ATMQTT_MQTT_ARGS_H

#include <stdbool.h>

#include "daemon/mqtt/mqtt.h"

struct mqtt_args {
	struct mqtt_open open;
	struct mqtt_tls tls;
};

/* False without memory; mqtt_args_free() in any case. */
bool mqtt_args_copy(struct mqtt_args *args, const struct mqtt_open *from);

/* Wipes the password, when it was used. */
void mqtt_args_forget_password(struct mqtt_args *args);

/* Wipes and frees what it points to; zeroed is fine. */
void mqtt_args_free(struct mqtt_args *args);

#endif /* ATMQTT_MQTT_ARGS_H */
