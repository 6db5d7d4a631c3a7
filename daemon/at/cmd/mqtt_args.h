/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Arguments that several MQTT commands have.  Each is AT_OK or the code of
 * the failure, which is then noted.
 */
#ifndef ATMQTT_AT_MQTT_ARGS_H
#define ATMQTT_AT_MQTT_ARGS_H

#include "daemon/at/internal.h"

/* Fails the command for the argument called @what; @rc is the getter's. */
int at_bad_arg(struct at_session *s, int rc, const char *what);

/* No further argument */
int at_no_more(struct at_session *s, const struct at_cmd *c);

/*
 * 0 or a negative errno as the command's answer.  These are 27.007's codes
 * only where the command's page has them.  Of a link: the reason says why it
 * is not open.
 */
int at_answer_errno(struct at_session *s, int rc);
int at_answer_link(const struct at_link *link, int rc);

/* The same of at_link_request(): OK comes late if @link has too much to do. */
int at_answer_request(const struct at_link *link, int rc);

/* One number, @what, and nothing behind it. */
int at_only_number(struct at_session *s, struct at_cmd *c, unsigned int *v,
		   unsigned int min, unsigned int max, const char *what);

/* <id>: a client of this session */
int at_arg_link(struct at_session *s, struct at_cmd *c, struct at_link **link);

/* The same, but of @protocol */
int at_arg_link_of(struct at_session *s, struct at_cmd *c,
		   const struct at_protocol *protocol, struct at_link **link);

/* A string without NUL of at most @max bytes, well-formed UTF-8 */
int at_arg_text(struct at_session *s, struct at_cmd *c, struct at_str *v,
		size_t max, const char *what);

/* A topic's name */
int at_arg_name(struct at_session *s, struct at_cmd *c, struct at_topic *v);

/* A topic or a filter as @link takes it: a name or, bare, an id */
int at_arg_topic(struct at_session *s, struct at_cmd *c,
		 const struct at_link *link, struct at_topic *v);
int at_arg_filter(struct at_session *s, struct at_cmd *c,
		  const struct at_link *link, struct at_topic *v);

/* The longest payload that PUB and WILL take, in bytes */
unsigned int at_send_max(const struct at_session *s);

/*
 * <qos>,<retain> and <payload> or <datasize> of PUB and WILL: fills @d, and
 * @payload unless there is a Datasize, which d->len is then.
 */
int at_arg_publish(struct at_session *s, struct at_cmd *c,
		   struct at_pending_data *d, struct at_str *payload,
		   unsigned int min_size);

#endif /* ATMQTT_AT_MQTT_ARGS_H */
