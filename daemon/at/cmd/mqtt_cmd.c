// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The MQTT commands that work on a client's link: OPEN, CLOSE, SUB, UNSUB,
 * PUB and READ.  Their results come later, from link.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/host.h"
#include "daemon/at/inbox.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/message.h"
#include "daemon/at/cmd/mqtt_args.h"

#define KEEPALIVE_MAX	300	/* seconds */
#define KEEPALIVE_ANY	65535	/* MQTT 3.1.1 3.1.2.10 */

/* "+MQTTOPEN: 1,2": the clients that @which is true of; "0": none */
static int print_ids(struct at_session *s, const char *name,
		     bool (*which)(const struct at_link *link))
{
	const char *comma = "";
	unsigned int i;

	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "%s: ", name);
	for (i = 0; i < s->n_links; i++) {
		if (!which(&s->links[i]))
			continue;
		buf_printf(&s->out, "%s%u", comma, s->links[i].id);
		comma = ",";
	}
	if (!*comma)
		buf_add(&s->out, "0", 1);
	at_text_end(&s->set, &s->out);
	return AT_OK;
}

/*
 * OPEN
 */

struct open_args {
	struct at_link *link;
	char host[AT_HOST_MAX + 1];
	unsigned int port;
	unsigned int clean;
	unsigned int keepalive;
	unsigned int tls;
};

static int arg_host(struct at_session *s, struct at_cmd *c,
		    struct open_args *a)
{
	struct at_str host;
	int rc = at_arg_str(c, &host, AT_HOST_MAX);

	if (!rc && strlen(host.p) != host.len)
		rc = -EINVAL;
	if (rc || !host.len)
		return at_bad_arg(s, rc, "host");
	if (host_normalise(host.p, a->host, sizeof(a->host)))
		return at_fail(s, AT_BAD_PARAMETER, "not a host name: %s",
			       host.p);
	return AT_OK;
}

/* 1 is reserved, but modems were seen that take it for TLS. */
static int check_tls(struct at_session *s, unsigned int tls)
{
	if (tls == 1 && !s->cfg->tls1_is_tls && !s->profile->tls1_is_tls)
		return at_bad_arg(s, -EINVAL, "TLS mode");
	if (tls && !profile_can(s->profile, PROFILE_TLS))
		return at_fail(s, AT_BAD_PARAMETER, "no TLS in this model");
	return AT_OK;
}

/* 0: no pings at all */
static unsigned int keepalive_min(const struct at_session *s)
{
	return s->cfg->keepalive_any ? 0 : 1;
}

static unsigned int keepalive_max(const struct at_session *s)
{
	return s->cfg->keepalive_any ? KEEPALIVE_ANY : KEEPALIVE_MAX;
}

/* <id>,<host>,<port>,<clean>,<keepalive>[,<tls>] */
static int parse_open(struct at_session *s, struct at_cmd *c,
		      struct open_args *a)
{
	int rc = at_arg_link(s, c, &a->link);

	if (!rc)
		rc = arg_host(s, c, a);
	if (rc)
		return rc;
	if (at_arg_int(c, &a->port, 1, 65535))
		return at_bad_arg(s, -EINVAL, "port");
	if (at_arg_int(c, &a->clean, 0, 1))
		return at_bad_arg(s, -EINVAL, "clean session flag");
	if (at_arg_int(c, &a->keepalive, keepalive_min(s), keepalive_max(s)))
		return at_bad_arg(s, -EINVAL, "keepalive time");
	if (at_arg_opt_int(c, &a->tls, 0, 2))
		return at_bad_arg(s, -EINVAL, "TLS mode");
	rc = at_no_more(s, c);
	return rc ? rc : check_tls(s, a->tls);
}

static void keep_target(struct at_link *link, const struct open_args *a)
{
	const char *format = strchr(a->host, ':') ? "[%s]:%u" : "%s:%u";
	struct at_target *to = &link->target;

	snprintf(link->peer, sizeof(link->peer), format, a->host, a->port);
	memcpy(to->host, a->host, sizeof(to->host));
	to->port = (uint16_t)a->port;
	to->keepalive = (uint16_t)a->keepalive;
	to->clean = a->clean;
	to->tls = a->tls;
}

int at_mqttopen_set(struct at_session *s, struct at_cmd *c)
{
	struct open_args a = { 0 };
	int rc = parse_open(s, c, &a);

	if (rc)
		return rc;
	rc = at_link_make_way(a.link);
	if (rc)
		return at_answer_link(a.link, rc);
	keep_target(a.link, &a);
	return at_answer_link(a.link, at_link_open(a.link));
}

int at_mqttopen_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	return print_ids(s, "+MQTTOPEN", at_link_can_open);
}

int at_mqttopen_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out,
		"+MQTTOPEN: (%s),(<\"Remote IP/URL\">),(1-65535),(0,1),(%u-%u)[,(%s)]",
		profile_ids(s->profile), keepalive_min(s), keepalive_max(s),
		profile_can(s->profile, PROFILE_TLS) ? "0-2" : "0");
	return AT_OK;
}

/* <id> and nothing else */
static int only_link(struct at_session *s, struct at_cmd *c,
		     struct at_link **link)
{
	int rc = at_arg_link(s, c, link);

	return rc ? rc : at_no_more(s, c);
}

/*
 * CLOSE
 */

int at_mqttclose_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	int rc;

	rc = only_link(s, c, &link);
	if (rc)
		return rc;
	return at_answer_link(link, at_link_close(link));
}

int at_mqttclose_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	return print_ids(s, "+MQTTCLOSE", at_link_is_open);
}

int at_mqttclose_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTCLOSE: (%s)", profile_ids(s->profile));
	return AT_OK;
}

/*
 * SUB, UNSUB
 */

/* <id>,<topic>[,<qos>] */
int at_mqttsub_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	struct at_ask ask = { 0 };
	unsigned int qos = 0;
	int rc;

	rc = at_arg_link(s, c, &link);
	if (!rc)
		rc = at_arg_filter(s, c, link, &ask.topic);
	if (!rc && at_arg_opt_int(c, &qos, 0, 2))
		rc = at_bad_arg(s, -EINVAL, "QoS");
	if (!rc)
		rc = at_no_more(s, c);
	if (rc)
		return rc;
	ask.qos = (uint8_t)qos;
	return at_answer_request(link,
				 at_link_request(link, AT_REQUEST_SUB, &ask));
}

int at_mqttsub_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTSUB: (%s),%u,(0-2)",
		profile_ids(s->profile), AT_TOPIC_MAX);
	return AT_OK;
}

/* <id>,<topic>; a QoS behind it, as SUB has it, means nothing */
int at_mqttunsub_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	struct at_ask ask = { 0 };
	struct at_str qos;
	int rc;

	rc = at_arg_link(s, c, &link);
	if (!rc)
		rc = at_arg_filter(s, c, link, &ask.topic);
	if (!rc && at_arg_opt_str(c, &qos, SIZE_MAX))
		rc = at_bad_arg(s, -EINVAL, "QoS");
	if (!rc)
		rc = at_no_more(s, c);
	if (rc)
		return rc;
	return at_answer_request(link,
				 at_link_request(link, AT_REQUEST_UNSUB, &ask));
}

int at_mqttunsub_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTUNSUB: (%s),%u",
		profile_ids(s->profile), AT_TOPIC_MAX);
	return AT_OK;
}

/*
 * PUB
 */

static int publish(const struct at_pending_data *d, const void *payload,
		   size_t len)
{
	struct at_ask ask = {
		.topic = d->topic,
		.qos = (uint8_t)d->qos,
		.retain = d->retain,
		.payload = payload,
		.len = len,
	};

	return at_answer_request(d->link, at_link_request(d->link, AT_REQUEST_PUB,
							  &ask));
}

/* The link may have gone while the data came: then this fails. */
static int finish_publish(struct at_session *s, const void *data, size_t len)
{
	return publish(&s->data, data, len);
}

/* <id>,<topic>,<qos>,<retain>,<payload|datasize> */
int at_mqttpub_set(struct at_session *s, struct at_cmd *c)
{
	struct at_pending_data d = { .finish = finish_publish };
	struct at_str payload = { NULL, 0 };
	int rc;

	rc = at_arg_link(s, c, &d.link);
	if (!rc)
		rc = at_arg_topic(s, c, d.link, &d.topic);
	if (!rc)
		rc = at_arg_publish(s, c, &d, &payload, 1);
	if (rc)
		return rc;
	if (payload.p)
		return publish(&d, payload.p, payload.len);
	if (!at_link_takes_requests(d.link))
		return at_answer_link(d.link, -ENOTCONN);
	return at_ask_data(s, &d);
}

int at_mqttpub_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTPUB: (%s),%u,(0-2),(0,1),%u",
		profile_ids(s->profile), AT_TOPIC_MAX, at_send_max(s));
	return AT_OK;
}

/*
 * READ
 */

static void print_message(struct at_session *s, const struct at_message *m)
{
	struct buf *b = &s->out;

	at_text_begin(&s->set, b);
	buf_printf(b, "+MQTTREAD: %u,%u,%zu,%zu,", m->link->id, m->qos,
		      at_message_topic_len(m), at_message_payload_len(m));
	at_message_put_topic(m, b);
	buf_add(b, ",", 1);
	at_message_put_payload(m, b);
	at_text_end(&s->set, b);
}

/*
 * The message is the host's only when the answer went out: session.c.  One
 * that came before MQTTCONF was 1 and is not out yet goes first.
 */
int at_mqttread_set(struct at_session *s, struct at_cmd *c)
{
	struct at_link *link;
	struct at_message *m;
	int rc;

	rc = only_link(s, c, &link);
	if (rc)
		return rc;
	m = at_urc_holds(s, link) ? NULL : at_inbox_take(link);
	if (!m) {
		at_text(&s->set, &s->out, "+MQTTREAD: %u,0,0,0", link->id);
		return AT_OK;
	}
	print_message(s, m);
	m->next = NULL;
	*s->read_end = m;
	s->read_end = &m->next;
	return AT_OK;
}

int at_mqttread_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTREAD: (%s)", profile_ids(s->profile));
	return AT_OK;
}
