/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The cloud commands of a session.
 */
#ifndef ATMQTT_AT_AUTH_H
#define ATMQTT_AT_AUTH_H

#include "daemon/cloud/cloud.h"

struct at_cmd;
struct at_room;
struct at_session;

/* A registration; job is NULL unless it is under way. */
struct at_auth_job {
	struct at_session *s;
	unsigned int type;	/* of MQTTAUTHDYN */
	struct cloud_job *job;
	struct at_room *room;	/* of its result */
};

struct at_auth {
	struct cloud_port port;
	struct at_auth_job jobs[CLOUD_REGISTRATIONS];

	/* PEM texts that a cloud issued, for the next MQTTOPEN, or NULL */
	char *cert;
	char *key;
};

void at_auth_init(struct at_session *s, struct http *http);

/* Service came or went; @cut: and in between there was none. */
void at_auth_network(struct at_session *s, bool cut);
/* As power-off: nothing is under way any more, and nothing is reported. */
void at_auth_reset(struct at_session *s);

/*
 * Takes the arguments that @table names; their texts live as long as the
 * line.  AT_OK, or the code of the failure, which is noted.
 */
int at_auth_args(struct at_session *s, struct at_cmd *c,
		 const struct cloud_arg *table, struct cloud_args *out);

/* auth_dyn.c: registrations */
void at_auth_dyn_init(struct at_session *s);
void at_auth_dyn_reset(struct at_session *s);
void at_auth_dyn_cut(struct at_session *s);	/* no network: they fail */

/*
 * auth_cert.c: the certificate that a cloud issued lasts until the cloud
 * gives out something else.
 */
void at_auth_load_certificate(struct at_session *s);
void at_auth_keep_certificate(struct at_session *s,
			      const struct cloud_grant *grant);
void at_auth_drop_certificate(struct at_session *s);	/* from memory */

#endif /* ATMQTT_AT_AUTH_H */
