/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_MQTT_PAHO_CHECK_H
#define ATMQTT_MQTT_PAHO_CHECK_H

/*
 * After paho_start(): has a message go through paho and back, to see that
 * this archive does with what it calls what we take it to do.  NULL, or what
 * did not come of it.
 */
const char *paho_check(void);

#endif /* ATMQTT_MQTT_PAHO_CHECK_H */
