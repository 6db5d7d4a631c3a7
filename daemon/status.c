// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/status.h"

#include <time.h>
#include <unistd.h>

static const char *const uplink_states[] = {
	[UPLINK_UP] = "up",
	[UPLINK_NO_ROUTE] = "no route",
	[UPLINK_NO_ADDRESS] = "no address",
	[UPLINK_NO_CARRIER] = "no carrier",
};

/* A host name and a reason may hold bytes that are not UTF-8. */
static json_t *text(const char *s)
{
	json_t *string = json_string(s);

	return string ? string : json_string("?");
}

/* Of a failure, in UTC; "": there was none. */
static json_t *moment(const struct at_client_status *c)
{
	char when[32] = "";
	struct tm tm;

	if (*c->reason && gmtime_r(&c->failed_at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(when);
}

static void add_client(void *clients, const struct at_client_status *c)
{
	json_array_append_new(clients, json_pack(
		"{s:i, s:s, s:s, s:o, s:i, s:b, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:o}",
		"id", c->id,
		"protocol", c->protocol,
		"state", c->state,
		"host", text(c->host),
		"port", c->port,
		"tls", c->tls,
		"clean", c->clean,
		"keepalive", c->keepalive,
		"subscriptions", c->subscriptions,
		"queued", c->queued,
		"requests", c->requests,
		"dropped", c->dropped,
		"oversize", c->oversize,
		"reason", text(c->reason),
		"failed_at", moment(c)));
}

static json_t *port_json(const struct port *port)
{
	json_t *clients = json_array();

	port_clients(port, add_client, clients);
	return json_pack("{s:s, s:s, s:s, s:o}",
			 "tty", port_tty(port),
			 "model", port_model(port),
			 "state", port_state_name(port),
			 "clients", clients);
}

json_t *status_json(struct port *const *ports, size_t n,
		    const struct uplink_status *uplink)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, port_json(ports[i]));
	return json_pack("{s:s, s:i, s:{s:s, s:s}, s:o}",
			 "version", ATMQTT_VERSION,
			 "pid", (int)getpid(),
			 "uplink",
			 "state", uplink_states[uplink->state],
			 "address", uplink->address,
			 "ports", list);
}
