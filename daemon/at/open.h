/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_AT_OPEN_H
#define ATMQTT_AT_OPEN_H

struct at_link;

/*
 * Opens @link to its target, with what MQTTUSER, MQTTWILL and GTSSL... say
 * by now.  0 or a negative errno of mqtt_open().
 */
int at_open_start(struct at_link *link);

#endif /* ATMQTT_AT_OPEN_H */
