// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTTUSER, MQTTWILL and MQTTCONF: what is kept for the next MQTTOPEN or
 * says how messages are handed over.  All of it is volatile.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/reopen.h"

static int keep_user(struct at_session *s, struct at_link *link,
		     const struct at_str *name, const struct at_str *password,
		     const struct at_str *client_id)
{
	struct at_user u = {
		.name = strdup(name->p),
		.password = strdup(password->p),
		.client_id = strdup(client_id->p),
	};

	if (!u.name || !u.password || !u.client_id) {
		at_user_free(&u);
		return at_fail(s, AT_UNKNOWN, "no memory");
	}
	at_user_free(&link->user);
	link->user = u;
	at_reopen_save(s);
	return AT_OK;
}

/* A password is binary data (MQTT 3.1.1 3.1.3.5), but here without NUL. */
static int arg_password(struct at_session *s, struct at_cmd *c,
			struct at_str *v)
{
	int rc = at_arg_str(c, v, s->profile->password_max);

	if (!rc && strlen(v->p) != v->len)
		rc = -1;
	return rc ? at_bad_arg(s, rc, "password") : AT_OK;
}

/* <id>,<user>,<password>[,<clientid>] */
int at_mqttuser_set(struct at_session *s, struct at_cmd *c)
{
	const struct profile *p = s->profile;
	struct at_str user, password, client_id = { "", 0 };
	struct at_link *link;
	int rc;

	rc = at_arg_link_of(s, c, &at_protocol_mqtt, &link);
	if (!rc)
		rc = at_arg_text(s, c, &user, p->user_max, "user name");
	if (!rc)
		rc = arg_password(s, c, &password);
	if (!rc && c->more)
		rc = at_arg_text(s, c, &client_id, p->client_id_max,
				 "client identifier");
	if (!rc)
		rc = at_no_more(s, c);
	return rc ? rc : keep_user(s, link, &user, &password, &client_id);
}

static void print_user(struct at_session *s, const struct at_link *link)
{
	const struct at_user *u = &link->user;

	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "+MQTTUSER: %u,\"%s\",\"%s\"", link->id,
		      u->name, u->password);
	if (u->client_id[0])
		buf_printf(&s->out, ",\"%s\"", u->client_id);
	at_text_end(&s->set, &s->out);
}

int at_mqttuser_read(struct at_session *s, struct at_cmd *c)
{
	unsigned int i;

	(void)c;
	for (i = 0; i < s->n_links; i++)
		if (s->links[i].user.name)
			print_user(s, &s->links[i]);
	return AT_OK;
}

/* The brackets are the manual's, literally. */
int at_mqttuser_test(struct at_session *s, struct at_cmd *c)
{
	const struct profile *p = s->profile;

	(void)c;
	at_text(&s->set, &s->out, "+MQTTUSER: (1,2),%u,%u[,%u]", p->user_max,
		p->password_max, p->client_id_max);
	return AT_OK;
}

static int keep_will(struct at_session *s, const struct at_pending_data *d,
		     const void *payload, size_t len)
{
	struct at_will will = {
		.topic = strdup(d->topic.name),
		.payload = malloc(len + 1),
		.len = len,
		.qos = (uint8_t)d->qos,
		.retain = d->retain,
	};

	if (!will.topic || !will.payload) {
		free(will.topic);
		free(will.payload);
		return at_fail(s, AT_UNKNOWN, "no memory");
	}
	if (len)
		memcpy(will.payload, payload, len);
	free(d->link->will.topic);
	free(d->link->will.payload);
	d->link->will = will;
	at_reopen_save(s);
	return AT_OK;
}

static int finish_will(struct at_session *s, const void *data, size_t len)
{
	return keep_will(s, &s->data, data, len);
}

/* <id>,<topic>,<qos>,<retain>,<payload|datasize>; no data for a size of 0 */
int at_mqttwill_set(struct at_session *s, struct at_cmd *c)
{
	struct at_pending_data d = { .finish = finish_will };
	struct at_str payload = { NULL, 0 };
	int rc;

	rc = at_arg_link(s, c, &d.link);
	if (!rc)
		rc = at_arg_name(s, c, &d.topic);
	if (!rc)
		rc = at_arg_publish(s, c, &d, &payload, 0);
	if (rc)
		return rc;
	if (payload.p)
		return keep_will(s, &d, payload.p, payload.len);
	if (!profile_can(s->profile, PROFILE_WILL_DATA))
		return at_bad_arg(s, -1, "payload");
	return d.len ? at_ask_data(s, &d) : keep_will(s, &d, NULL, 0);
}

static void print_will(struct at_session *s, const struct at_link *link)
{
	const struct at_will *w = &link->will;

	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "+MQTTWILL: %u,\"%s\",%u,%u,\"", link->id,
		      w->topic, w->qos, w->retain);
	buf_add(&s->out, w->payload, w->len);
	buf_add(&s->out, "\"", 1);
	at_text_end(&s->set, &s->out);
}

int at_mqttwill_read(struct at_session *s, struct at_cmd *c)
{
	unsigned int i;

	(void)c;
	for (i = 0; i < s->n_links; i++)
		if (s->links[i].will.topic)
			print_will(s, &s->links[i]);
	return AT_OK;
}

int at_mqttwill_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTWILL: (%s),%u,(0-2),(0,1),%u",
		profile_ids(s->profile), AT_TOPIC_MAX, at_send_max(s));
	return AT_OK;
}

int at_mqttconf_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int mode;
	int rc = at_only_number(s, c, &mode, 0, 1, "mode");

	if (!rc)
		s->conf = mode;
	return rc;
}

int at_mqttconf_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTCONF: %u", s->conf);
	return AT_OK;
}

int at_mqttconf_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MQTTCONF: (0,1)");
	return AT_OK;
}
