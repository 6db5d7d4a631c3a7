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
struct at_session;

struct at_auth {
	struct cloud_port port;
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

#endif /* ATMQTT_AT_AUTH_H */
