/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the module series of the manual's table "Applicable Model" differ in.
 */
#ifndef ATMQTT_AT_PROFILE_H
#define ATMQTT_AT_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Abilities */
#define PROFILE_TLS		(1U << 0)	/* MQTTOPEN's <tls> */
#define PROFILE_WILL_DATA	(1U << 1)	/* MQTTWILL by Datasize */
#define PROFILE_SN		(1U << 2)	/* MQTT-SN, ids 101 and 102 */
#define PROFILE_AUTH		(1U << 3)	/* the cloud commands */

/* What this daemon can do; the rest does not exist for a host. */
#define PROFILE_BUILT		(PROFILE_TLS | PROFILE_WILL_DATA | \
				 PROFILE_SN | PROFILE_AUTH)

#define PROFILE_DEFAULT		"L610"

struct profile {
	const char *name;	/* an x stands for one digit */
	unsigned int abilities;

	/* MQTTUSER, MQTTSNCID: bytes at most */
	uint16_t user_max;
	uint16_t password_max;
	uint16_t client_id_max;
	uint16_t sn_client_id_max;

	/* payloads, in bytes at most */
	uint16_t send_max;	/* MQTTPUB, MQTTWILL, Datasize */
	uint16_t msg_max;	/* +MQTTMSG */
	uint16_t read_max;	/* +MQTTREAD */

	bool plain_imei;	/* default client id: without the number */
	bool echo_cr;		/* default of the knob */
	bool tls1_is_tls;	/* whatever the knob says */
};

/* "L610", "mc665", "L61x", "generic"; NULL if there is none. */
const struct profile *profile_find(const char *name);

/* Row @i of the table, for lists and tests; NULL behind the last. */
const struct profile *profile_at(size_t i);

/* Does @p have all of @abilities, and this daemon too? */
bool profile_can(const struct profile *p, unsigned int abilities);

/* The client ids that commands take: "1,2" or "1,2,101,102" */
const char *profile_ids(const struct profile *p);

#endif /* ATMQTT_AT_PROFILE_H */
