/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_MQTT_CLIENT_H
#define ATMQTT_MQTT_CLIENT_H

#include "daemon/mqtt/internal.h"

/* An event of a link, but no message. */
void client_event(struct event *event);

/* Is it open? */
bool client_takes_messages(const struct mqtt_client *client);
void client_message(struct mqtt_client *client, struct mqtt_message *msg);

#endif /* ATMQTT_MQTT_CLIENT_H */
