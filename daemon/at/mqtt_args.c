// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Arguments that several MQTT commands have.
 */
#include "daemon/at/mqtt_args.h"

#include <errno.h>
#include <string.h>

#include "daemon/at/link.h"
#include "daemon/at/topic.h"

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

int at_arg_link(struct at_session *s, struct at_cmd *c, struct at_link **link)
{
	unsigned int id;
	int rc = at_arg_int(c, &id, 1, AT_N_LINKS);

	if (rc)
		return at_bad_arg(s, rc, "client id");
	*link = at_link_find(s, id);
	return AT_OK;
}

int at_arg_text(struct at_session *s, struct at_cmd *c, struct at_str *v,
		size_t max, const char *what)
{
	int rc = at_arg_str(c, v, max);

	if (!rc && !is_mqtt_string(v->p, v->len))
		rc = -EINVAL;
	return rc ? at_bad_arg(s, rc, what) : AT_OK;
}

int at_arg_topic(struct at_session *s, struct at_cmd *c, struct at_str *v)
{
	int rc = at_arg_str(c, v, AT_TOPIC_MAX);

	if (!rc && !is_topic_name(v->p, v->len))
		rc = -EINVAL;
	return rc ? at_bad_arg(s, rc, "topic") : AT_OK;
}

int at_arg_filter(struct at_session *s, struct at_cmd *c, struct at_str *v)
{
	int rc = at_arg_str(c, v, AT_TOPIC_MAX);

	if (!rc && !is_topic_filter(v->p, v->len))
		rc = -EINVAL;
	return rc ? at_bad_arg(s, rc, "topic") : AT_OK;
}

unsigned int at_send_max(const struct at_session *s)
{
	return s->cfg->max_payload > s->profile->send_max ?
		       s->cfg->max_payload : s->profile->send_max;
}

/* L9: digits are a Datasize, and payload->p stays NULL. */
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
	rc = at_arg_tail(c, payload, max);
	return rc ? at_bad_arg(s, rc, "payload") : at_no_more(s, c);
}

int at_arg_publish(struct at_session *s, struct at_cmd *c,
		   struct at_pending_data *d, struct at_str *payload,
		   unsigned int min_size)
{
	int rc = at_arg_topic(s, c, &d->topic);

	if (rc)
		return rc;
	if (at_arg_int(c, &d->qos, 0, 2))
		return at_bad_arg(s, -EINVAL, "QoS");
	if (at_arg_int(c, &d->retain, 0, 1))
		return at_bad_arg(s, -EINVAL, "retain flag");
	return arg_payload(s, c, d, payload, min_size);
}
