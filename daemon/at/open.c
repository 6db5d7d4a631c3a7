// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What an open is made of: MQTTOPEN's target, MQTTUSER, MQTTWILL and TLS.
 */
#include "daemon/at/open.h"

#include <stdio.h>

#include "daemon/at/gtssl.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"

#define DEFAULT_ID_MAX	23	/* MQTT 3.1.1 3.1.3.1: every broker takes it */

static void default_client_id(const struct at_link *link, char *id,
			      size_t size)
{
	const struct at_session *s = link->s;
	const char *imei = s->cfg->imei ? s->cfg->imei : "";

	if (s->profile->plain_imei)
		snprintf(id, size, "%s", imei);
	else
		snprintf(id, size, "%s%u", imei, link->id);
}

/*
 * MQTT 3.1.1 3.1.2.9 has no password without a user name; an empty string is
 * how a host leaves out one of them, as MQTTUSER has no other way.
 */
static void fill_user(const struct at_link *link, struct mqtt_open *o)
{
	const struct at_user *u = &link->user;

	if (!u->name)
		return;
	if (u->client_id[0])
		o->client_id = u->client_id;
	if (!u->name[0] && !u->password[0])
		return;
	o->user = u->name;
	o->password = u->password[0] ? u->password : NULL;
}

static void fill_will(const struct at_link *link, struct mqtt_open *o)
{
	o->will_topic = link->will.topic;
	o->will_payload = link->will.payload;
	o->will_len = link->will.len;
	o->will_qos = link->will.qos;
	o->will_retain = link->will.retain;
}

int at_open_start(struct at_link *link)
{
	const struct at_target *to = &link->target;
	struct mqtt_tls tls;
	char id[DEFAULT_ID_MAX + 1];
	struct mqtt_open o = {
		.host = to->host,
		.port = to->port,
		.client_id = id,
		.clean = to->clean,
		.keepalive = to->keepalive,
		.timeout_ms = link->s->cfg->open_timeout_ms,
		.tls = to->tls ? &tls : NULL,
	};

	if (to->tls)
		at_tls_fill(link->s, &tls);
	default_client_id(link, id, sizeof(id));
	fill_user(link, &o);
	fill_will(link, &o);
	return at_link_open(link, &o);
}
