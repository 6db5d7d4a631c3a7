// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What of a session outlasts a connection: the table of topics, and which
 * messages of QoS 2 have come.  The table of one that is not clean outlasts
 * the client, too, by a text that the surroundings keep: there are gateways
 * that keep their ids and do not register them again, and what they send by
 * an id which nobody knows would be lost.
 */
#include "daemon/mqttsn/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mqttsn/topic_text.h"

#define KEEP_MS	1000	/* between two texts: flash wears out */

static void keep(struct mqttsn_client *c)
{
	struct sn_kept kept = { .session = c->session };

	c->keep_at = c->ops->now(c->env) + KEEP_MS;
	kept.text = topic_text_write(&c->topics, c->session, &kept.len);
	if (!kept.text)
		return;
	c->topics.changed = false;
	c->ops->keep(c->env, &kept);
	free(kept.text);
}

static void recall(struct mqttsn_client *c)
{
	char *text = c->ops->recall(c->env, c->session);

	if (text)
		topic_text_read(&c->topics, c->session, text);
	free(text);
	c->topics.changed = false;
}

static void forget(struct mqttsn_client *c)
{
	const struct sn_kept nothing = { .session = c->session };

	c->ops->keep(c->env, &nothing);
}

void sn_session_end(struct mqttsn_client *c)
{
	sn_topics_clear(&c->topics);
	sn_inbound_forget(c);
	free(c->session);
	c->session = NULL;
}

bool sn_session_enter(struct mqttsn_client *c)
{
	const struct mqtt_open *open = &c->args.open;
	char *session;
	bool same;

	if (asprintf(&session, "%s %u %s", open->host, open->port,
		     open->client_id) < 0)
		return false;
	same = c->session && !strcmp(session, c->session);
	if (open->clean || !same)
		sn_session_end(c);
	free(c->session);
	c->session = session;
	if (open->clean)
		forget(c);
	else if (!same)
		recall(c);
	return true;
}

void sn_session_leave(struct mqttsn_client *c)
{
	if (c->args.open.clean) {
		sn_session_end(c);
		return;
	}
	sn_topics_renew(&c->topics);
	if (c->topics.changed)
		keep(c);
}

uint64_t sn_session_deadline(const struct mqttsn_client *c)
{
	bool wanted = c->topics.changed && !c->args.open.clean;

	return wanted ? c->keep_at : SN_NEVER;
}

void sn_session_tick(struct mqttsn_client *c, uint64_t now)
{
	if (sn_session_deadline(c) <= now)
		keep(c);
}
