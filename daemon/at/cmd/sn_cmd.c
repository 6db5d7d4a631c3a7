// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTTSNCID, MQTTSNREG, MQTTWTOPICUD and MQTTWMSGUD: what only clients 101
 * and 102 can.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/reopen.h"
#include "daemon/at/payload.h"
#include "daemon/mqttsn/mqttsn.h"

#define SN_IDS		"101,102"
#define SHOWN_MAX	5	/* topics of a link in MQTTSNREG? */

static int arg_link(struct at_session *s, struct at_cmd *c,
		    struct at_link **link)
{
	return at_arg_link_of(s, c, &at_protocol_sn, link);
}

static int request(struct at_link *link, enum at_request_kind kind,
		   const struct at_ask *ask)
{
	return at_answer_request(link, at_link_request(link, kind, ask));
}

/*
 * SNCID
 */

/* <id>,<clientid>; an empty one is none */
int at_mqttsncid_set(struct at_session *s, struct at_cmd *c)
{
	struct at_str client_id;
	struct at_link *link;
	char *copy;
	int rc;

	rc = arg_link(s, c, &link);
	if (!rc)
		rc = at_arg_text(s, c, &client_id,
				 s->profile->sn_client_id_max,
				 "client identifier");
	if (!rc)
		rc = at_no_more(s, c);
	if (rc)
		return rc;
	copy = strdup(client_id.p);
	if (!copy)
		return at_fail(s, AT_UNKNOWN, "no memory");
	at_user_free(&link->user);
	link->user = (struct at_user){ .client_id = copy };
	at_reopen_save(s);
	return AT_OK;
}

int at_mqttsncid_read(struct at_session *s, struct at_cmd *c)
{
	const struct at_link *link;
	unsigned int i;

	(void)c;
	for (i = 0; i < s->n_links; i++) {
		link = &s->links[i];
		if (link->protocol == &at_protocol_sn && link->user.client_id)
			at_text(&s->set, &s->out, "+MQTTSNCID: %u,\"%s\"",
				link->id, link->user.client_id);
	}
	return AT_OK;
}

int at_mqttsncid_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTSNCID: (" SN_IDS "),%u",
		s->profile->sn_client_id_max);
	return AT_OK;
}

/*
 * SNREG
 */

/* <id>,<topic>: a name, also if it is bare and all digits */
int at_mqttsnreg_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	struct at_ask ask = { 0 };
	int rc;

	rc = arg_link(s, c, &link);
	if (!rc)
		rc = at_arg_name(s, c, &ask.topic);
	if (!rc)
		rc = at_no_more(s, c);
	return rc ? rc : request(link, AT_REQUEST_REG, &ask);
}

/* Whose id no MQTTSNREG told, the host has no use for. */
static bool is_registered(enum mqttsn_origin origin)
{
	return origin != MQTTSN_BY_SUBSCRIBE;
}

static size_t count_registered(const struct at_link *link)
{
	struct mqttsn_topic topic;
	enum mqttsn_origin origin;
	size_t i, n = 0;

	for (i = 0; mqttsn_topic_at(link->client, i, &topic, &origin); i++)
		n += is_registered(origin);
	return n;
}

static void print_topic(struct at_session *s, const struct at_link *link,
			const struct mqttsn_topic *topic)
{
	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "+MQTTSNREG: %u,%u,", link->id, topic->id);
	payload_write(&s->out, s->cfg->payload_format, topic->name,
		      strlen(topic->name));
	at_text_end(&s->set, &s->out);
}

/* The newest ones, in the order in which they came */
static void print_registered(struct at_session *s, const struct at_link *link)
{
	size_t n = count_registered(link);
	struct mqttsn_topic topic;
	enum mqttsn_origin origin;
	size_t i;

	for (i = 0; mqttsn_topic_at(link->client, i, &topic, &origin); i++) {
		if (!is_registered(origin))
			continue;
		if (n-- <= SHOWN_MAX)
			print_topic(s, link, &topic);
	}
}

int at_mqttsnreg_read(struct at_session *s, struct at_cmd *c)
{
	unsigned int i;

	(void)c;
	for (i = 0; i < s->n_links; i++)
		if (s->links[i].protocol == &at_protocol_sn)
			print_registered(s, &s->links[i]);
	return AT_OK;
}

int at_mqttsnreg_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTSNREG: (" SN_IDS "),%u", AT_TOPIC_MAX);
	return AT_OK;
}

/*
 * WTOPICUD, WMSGUD
 */

/* <id>,<qos>,<retain>,<topic> */
int at_mqttwtopicud_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	struct at_ask ask = { 0 };
	unsigned int qos, retain;
	int rc;

	rc = arg_link(s, c, &link);
	if (!rc && at_arg_int(c, &qos, 0, 2))
		rc = at_bad_arg(s, -EINVAL, "QoS");
	if (!rc && at_arg_int(c, &retain, 0, 1))
		rc = at_bad_arg(s, -EINVAL, "retain flag");
	if (!rc)
		rc = at_arg_name(s, c, &ask.topic);
	if (!rc)
		rc = at_no_more(s, c);
	if (rc)
		return rc;
	ask.qos = (uint8_t)qos;
	ask.retain = retain;
	return request(link, AT_REQUEST_WILL_TOPIC, &ask);
}

int at_mqttwtopicud_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out,
		"+MQTTWTOPICUD: (" SN_IDS "),(0-2),(0,1),%u", AT_TOPIC_MAX);
	return AT_OK;
}

/* <id>,<message>: at least a byte, and it may have bare quotes inside */
int at_mqttwmsgud_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	struct at_str message;
	struct at_ask ask = { 0 };
	int rc;

	rc = arg_link(s, c, &link);
	if (rc)
		return rc;
	rc = at_arg_tail(c, &message, at_send_max(s));
	if (!rc && !message.len)
		rc = -EINVAL;
	if (rc)
		return at_bad_arg(s, rc, "message");
	rc = at_no_more(s, c);
	if (rc)
		return rc;
	ask.payload = message.p;
	ask.len = message.len;
	return request(link, AT_REQUEST_WILL_MSG, &ask);
}

int at_mqttwmsgud_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTWMSGUD: (" SN_IDS "),%u",
		at_send_max(s));
	return AT_OK;
}
