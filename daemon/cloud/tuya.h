/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tuya's events, as +MQTTAUTHEVENT: 4,<n> has them.  The rest is the row
 * cloud_tuya in cloud.h.
 */
#ifndef ATMQTT_CLOUD_TUYA_H
#define ATMQTT_CLOUD_TUYA_H

enum tuya_event {
	TUYA_EVENT_RESET = 1,		/* removed in the app */
	TUYA_EVENT_BIND_START,		/* waits for the app */
	TUYA_EVENT_BIND_TOKEN,		/* the app has seen the device */
	TUYA_EVENT_ACTIVATED,
	TUYA_EVENT_CONNECTED,
	TUYA_EVENT_DISCONNECTED,
	TUYA_EVENT_STOPPED,
};

#endif /* ATMQTT_CLOUD_TUYA_H */
