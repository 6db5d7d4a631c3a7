// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What an open is made of: MQTTOPEN's target, the client's id, MQTTWILL and
 * TLS.
 */
#include "daemon/at/open.h"

#include <stdio.h>

#include "daemon/at/cmd/gtssl.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"

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

static void fill_will(const struct at_link *link, struct mqtt_open *o)
{
	o->will_topic = link->will.topic;
	o->will_payload = link->will.payload;
	o->will_len = link->will.len;
	o->will_qos = link->will.qos;
	o->will_retain = link->will.retain;
}

void at_open_fill(struct at_link *link, struct at_open *open)
{
	const struct at_target *to = &link->target;
	const char *client_id = link->user.client_id;

	*open = (struct at_open){
		.args = {
			.host = to->host,
			.port = to->port,
			.reach = link->s->cfg->reach,
			.port_key = link->s,
			.client_id = client_id && client_id[0] ? client_id :
								 open->id,
			.clean = to->clean,
			.keepalive = to->keepalive,
			.timeout_ms = link->s->cfg->open_timeout_ms,
			.payload_max = at_link_payload_max(link->s),
			.tls = to->tls ? &open->tls : NULL,
		},
	};
	if (to->tls)
		at_tls_fill(link->s, &open->tls);
	default_client_id(link, open->id, sizeof(open->id));
	fill_will(link, &open->args);
}
