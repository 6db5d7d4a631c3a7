// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * +MIPDNS.  Its result comes later; a name that is not found has the address
 * 0.0.0.0, and +CEER the reason.  One lookup at a time keeps the order.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/host.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/lib/address.h"
#include "daemon/lib/resolve.h"

#define ARG_MAX_LEN	255	/* bytes of what is only looked over */

static void print_result(struct at_session *s, const char *address)
{
	at_urc_result(s, at_room_take(&s->net.found), "+MIPDNS: \"%s\",%s",
		      s->net.host, address);
}

/* IPv4 first: hosts parse four numbers. */
static const struct sockaddr_storage *choose(const struct found *found)
{
	unsigned int i;

	for (i = 0; i < found->count; i++)
		if (found->address[i].ss_family == AF_INET)
			return &found->address[i];
	return &found->address[0];
}

static void on_found(void *ctx, const struct found *found)
{
	struct at_session *s = ctx;
	char text[INET6_ADDRSTRLEN] = "0.0.0.0";

	s->net.lookup = NULL;
	if (found->count)
		address_format(choose(found), text);
	else
		at_note_failure(s, 0, "%s (%s)", found->why, s->net.host);
	print_result(s, text);
}

static int look_up(struct at_session *s, const char *name)
{
	if (!at_room_make(&s->net.found, AT_ROOM_MAX))
		return at_answer_errno(s, -ENOMEM);
	if (!at_net_is_up(s)) {
		at_net_no_service(s);
		print_result(s, "0.0.0.0");
		return AT_OK;
	}
	s->net.lookup = lookup_start(s->loop, name, s, on_found, s);
	return s->net.lookup ? AT_OK : at_fail(s, AT_UNKNOWN, "no lookup");
}

/* <host>[,<n>]: some hosts send a second one, which tells us nothing */
int at_mipdns_set(struct at_session *s, struct at_cmd *c)
{
	char name[AT_HOST_MAX + 1];
	struct at_str host, rest;
	int rc = at_arg_str(c, &host, AT_HOST_MAX);

	if (!rc && strlen(host.p) != host.len)
		rc = -EINVAL;
	if (!rc)
		rc = host_normalise(host.p, name, sizeof(name));
	if (rc)
		return at_bad_arg(s, rc, "host");
	if (at_arg_opt_str(c, &rest, ARG_MAX_LEN))
		return at_bad_arg(s, -EINVAL, "parameter");
	rc = at_no_more(s, c);
	if (rc)
		return rc;
	if (s->net.lookup)
		return at_fail(s, AT_NOT_ALLOWED, "a lookup is under way");
	snprintf(s->net.host, sizeof(s->net.host), "%s", host.p);
	return look_up(s, name);
}
