/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_AT_OPEN_H
#define ATMQTT_AT_OPEN_H

#include "daemon/mqtt/mqtt.h"

struct at_link;

#define AT_DEFAULT_ID_MAX 23	/* MQTT 3.1.1 3.1.3.1: every broker takes it */

/* The arguments of an open, and what they point to. */
struct at_open {
	struct mqtt_open args;
	struct mqtt_tls tls;
	char id[AT_DEFAULT_ID_MAX + 1];
};

/*
 * What an open of @link to its target is, with what MQTTUSER, MQTTSNCID,
 * MQTTWILL and GTSSL... say by now; but no user and no password.
 */
void at_open_fill(struct at_link *link, struct at_open *open);

#endif /* ATMQTT_AT_OPEN_H */
