// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Arguments that several MQTT commands have.
 */
#include "daemon/at/cmd/mqtt_args.h"

#include <errno.h>
#include <string.h>

#include "daemon/at/link.h"
#include "daemon/at/topic.h"
#include "daemon/lib/utf8.h"

int at_bad_arg(struct at_session *s, int rc, const char *what)
{
	if (rc == -E2BIG)
		return at_fail(s, AT_TOO_LONG, "%s too long", what);
	return at_fail(s, AT_BAD_PARAMETER, "bad %s", what);
}

int at_no_more(struct at_session *s, const struct at_cmd *c)
{
	return at_arg_end(c) ? at_bad_arg(s, -EINVAL, "number of parameters") :
			       AT_OK;
}

int at_only_number(struct at_session *s, struct at_cmd *c, unsigned int *v,
		   unsigned int min, unsigned int max, const char *what)
{
	if (at_arg_int(c, v, min, max))
		return at_bad_arg(s, -EINVAL, what);
	return at_no_more(s, c);
}

int at_answer_errno(struct at_session *s, int rc)
{
	switch (rc) {
	case 0:
		return AT_OK;
	case -EALREADY:
		return at_fail(s, AT_NOT_ALLOWED, "already open or opening");
	case -EBUSY:
		return at_fail(s, AT_NOT_ALLOWED, "still closing");
	case -EINVAL:
		return at_fail(s, AT_BAD_PARAMETER, "cannot be sent");
	default:
		return at_fail(s, AT_UNKNOWN, "%s", strerror(-rc));
	}
}

/* What a host learns late: it may not have seen the BREAK. */
static int not_connected(const struct at_link *link)
{
	const char *why = at_link_why_not_open(link);

	if (!link->peer[0])
		return at_fail(link->s, AT_NOT_ALLOWED, "not connected: %s",
			       why);
	return at_fail(link->s, AT_NOT_ALLOWED, "not connected: %s (%s)", why,
		       link->peer);
}

int at_answer_link(const struct at_link *link, int rc)
{
	return rc == -ENOTCONN ? not_connected(link) :
				 at_answer_errno(link->s, rc);
}

int at_answer_request(const struct at_link *link, int rc)
{
	if (!rc && at_requests_full(&link->requests))
		return at_hold_ok(link);
	return at_answer_link(link, rc);
}

int at_arg_link(struct at_session *s, struct at_cmd *c, struct at_link **link)
{
	unsigned int id;
	int rc = at_arg_int(c, &id, 1, AT_LINK_ID_MAX);

	*link = rc ? NULL : at_link_find(s, id);
	return *link ? AT_OK : at_bad_arg(s, rc, "client id");
}

int at_arg_link_of(struct at_session *s, struct at_cmd *c,
		   const struct at_protocol *protocol, struct at_link **link)
{
	int rc = at_arg_link(s, c, link);

	if (!rc && (*link)->protocol != protocol)
		rc = at_bad_arg(s, -EINVAL, "client id");
	return rc;
}

int at_arg_text(struct at_session *s, struct at_cmd *c, struct at_str *v,
		size_t max, const char *what)
{
	int rc = at_arg_str(c, v, max);

	if (!rc && !is_mqtt_string(v->p, v->len))
		rc = -EINVAL;
	return rc ? at_bad_arg(s, rc, what) : AT_OK;
}

static int arg_name(struct at_session *s, struct at_cmd *c,
		    bool (*is_good)(const void *p, size_t len),
		    struct at_topic *v)
{
	struct at_str name;
	int rc = at_arg_str(c, &name, AT_TOPIC_MAX);

	if (!rc && !is_good(name.p, name.len))
		rc = -EINVAL;
	if (rc)
		return at_bad_arg(s, rc, "topic");
	*v = (struct at_topic){ .name = name.p };
	return AT_OK;
}

static int arg_topic_id(struct at_session *s, struct at_cmd *c,
			struct at_topic *v)
{
	unsigned int id;
	int rc = at_arg_int(c, &id, 1, UINT16_MAX);

	if (rc)
		return at_bad_arg(s, rc, "topic id");
	*v = (struct at_topic){ .id = (uint16_t)id };
	return AT_OK;
}

int at_arg_name(struct at_session *s, struct at_cmd *c, struct at_topic *v)
{
	return arg_name(s, c, utf8_is_topic_name, v);
}

int at_arg_topic(struct at_session *s, struct at_cmd *c,
		 const struct at_link *link, struct at_topic *v)
{
	if (link->protocol->topic_name && at_arg_is_number(c))
		return arg_topic_id(s, c, v);
	return arg_name(s, c, utf8_is_topic_name, v);
}

int at_arg_filter(struct at_session *s, struct at_cmd *c,
		  const struct at_link *link, struct at_topic *v)
{
	if (link->protocol->topic_name && at_arg_is_number(c))
		return arg_topic_id(s, c, v);
	return arg_name(s, c, is_topic_filter, v);
}

unsigned int at_send_max(const struct at_session *s)
{
	return s->cfg->max_payload > s->profile->send_max ?
		       s->cfg->max_payload : s->profile->send_max;
}

/* L9: digits are a Datasize, and payload->p stays NULL; a sign is a slip. */
static int arg_payload(struct at_session *s, struct at_cmd *c,
		       struct at_pending_data *d, struct at_str *payload,
		       unsigned int min_size)
{
	unsigned int max = at_send_max(s);
	int rc;

	if (at_arg_is_size(c)) {
		rc = at_arg_int(c, &d->len, min_size, max);
		return rc ? at_bad_arg(s, rc, "datasize") : AT_OK;
	}
	if (at_arg_is_signed(c))
		return at_bad_arg(s, -EINVAL, "datasize");
	rc = at_arg_tail(c, payload, max);
	return rc ? at_bad_arg(s, rc, "payload") : at_no_more(s, c);
}

int at_arg_publish(struct at_session *s, struct at_cmd *c,
		   struct at_pending_data *d, struct at_str *payload,
		   unsigned int min_size)
{
	if (at_arg_int(c, &d->qos, 0, 2))
		return at_bad_arg(s, -EINVAL, "QoS");
	if (at_arg_int(c, &d->retain, 0, 1))
		return at_bad_arg(s, -EINVAL, "retain flag");
	return arg_payload(s, c, d, payload, min_size);
}
