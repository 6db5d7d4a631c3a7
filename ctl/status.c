// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * status: the ports as the kernel knows them, and what the daemon adds.  All
 * is gathered as JSON; the tables are printed from that.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "ctl/columns.h"
#include "ctl/ctl.h"
#include "ctl/daemon.h"
#include "ctl/family.h"
#include "ctl/grant.h"
#include "ctl/line.h"
#include "ctl/names.h"
#include "ctl/owner.h"
#include "daemon/control.h"

struct query {
	char port[64];		/* "": all */
	json_t *ports;		/* the kernel's, or null */
	json_t *daemon;		/* the daemon's, or null */
	uint32_t portid;	/* of the socket that was looked for last, */
	struct owner owner;	/* and who has it: mostly all ports have one */
};

/* How it is printed */
enum view {
	VIEW_TABLES,
	VIEW_COUNTERS,
	VIEW_JSON,
};

/* ---- what the kernel knows ---- */

static json_t *owner_json(struct query *q, uint32_t portid)
{
	if (!portid)
		return json_null();
	if (portid != q->portid)
		owner_find(portid, &q->owner);
	q->portid = portid;
	if (!q->owner.pid)
		return json_pack("{s:I}", "portid", (json_int_t)portid);
	return json_pack("{s:I, s:i, s:s}", "portid", (json_int_t)portid,
			 "pid", (int)q->owner.pid, "process", q->owner.name);
}

/* Null is what the asker may not see, or what is not there. */
static json_t *id_json(uint32_t id)
{
	return id == GRANT_NOBODY ? json_null() : json_integer(id);
}

static json_t *text_json(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *device_json(uint32_t device)
{
	return json_sprintf("%u:%u", major(device), minor(device));
}

static json_t *line_json(const struct at_uart *uart)
{
	char framing[16];

	if (!uart->speed)
		return json_null();
	line_framing_text(uart, framing, sizeof(framing));
	return json_pack("{s:I, s:s, s:s}", "speed", (json_int_t)uart->speed,
			 "framing", framing, "flow", line_flow_text(uart));
}

static json_t *modem_json(const struct n_at_port *port)
{
	json_t *up = port->has_modem ? json_array() : json_null();

	for (unsigned int i = 0; port->has_modem && modem_line_name(i); i++)
		if (port->modem & 1U << i)
			json_array_append_new(up,
					      json_string(modem_line_name(i)));
	return up;
}

static json_t *counters_json(const struct n_at_port *port)
{
	json_t *counters = json_object();

	for (int i = 0; i <= N_AT_C_MAX; i++)
		if (counter_name(i))
			json_object_set_new(counters, counter_name(i),
					    json_integer((json_int_t)
							 port->counters[i]));
	return counters;
}

static void add_port(void *ctx, const struct n_at_port *port)
{
	struct query *q = ctx;

	if (*q->port && strcmp(q->port, port->tty))
		return;
	json_array_append_new(q->ports, json_pack(
		"{s:s, s:o, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"tty", port->tty,
		"device", device_json(port->device),
		"id", port->id,
		"mode", mode_name(port->mode),
		"owner", owner_json(q, port->owner),
		"owner_uid", id_json(port->owner_uid),
		"owner_gid", id_json(port->owner_gid),
		"line", line_json(&port->uart),
		"modem", modem_json(port),
		"counters", counters_json(port),
		"version", text_json(port->version)));
}

static enum ctl_status ask_kernel(struct query *q)
{
	enum ctl_status status = family_ports(add_port, q);

	if (status) {
		json_decref(q->ports);
		q->ports = json_null();
	}
	return status;
}

/* ---- what the daemon knows ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static bool is_wanted(const struct query *q, const json_t *port)
{
	return !*q->port || !strcmp(q->port, text_of(port, "tty"));
}

static void drop_others(const struct query *q)
{
	json_t *ports = json_object_get(q->daemon, "ports");
	size_t i = json_array_size(ports);

	while (i--)
		if (!is_wanted(q, json_array_get(ports, i)))
			json_array_remove(ports, i);
}

static enum ctl_status ask_daemon(struct query *q, const char *path)
{
	json_t *request = json_pack("{s:s}", "request", "status");
	json_t *answer = NULL;
	enum ctl_status status = daemon_ask(path, request, &answer);

	json_decref(request);
	if (status)
		return status;
	json_decref(q->daemon);
	q->daemon = answer;
	drop_others(q);
	return CTL_OK;
}

/* ---- tables ---- */

static json_t *port_of_kernel(const struct query *q, const char *tty)
{
	json_t *port;
	size_t i;

	json_array_foreach(q->ports, i, port)
		if (!strcmp(text_of(port, "tty"), tty))
			return port;
	return NULL;
}

static void add_owner(struct columns *c, const json_t *owner)
{
	if (json_is_null(owner))
		columns_add(c, "-");
	else if (*text_of(owner, "process"))
		columns_add(c, "%s (%lld)", text_of(owner, "process"),
			    number_of(owner, "pid"));
	else
		columns_add(c, "socket %lld", number_of(owner, "portid"));
}

static uint32_t id_of(const json_t *port, const char *key)
{
	const json_t *id = json_object_get(port, key);

	return json_is_integer(id) ? (uint32_t)json_integer_value(id) :
				     GRANT_NOBODY;
}

/* Who may be the owner */
static void add_user(struct columns *c, const json_t *port)
{
	struct grant grant = { id_of(port, "owner_uid"),
			       id_of(port, "owner_gid") };
	char text[128];

	grant_text(&grant, text, sizeof(text));
	columns_add(c, "%s", text);
}

static void add_line(struct columns *c, const json_t *line)
{
	if (json_is_null(line)) {
		columns_add(c, "-");
		columns_add(c, "-");
		return;
	}
	columns_add(c, "%lld %s", number_of(line, "speed"),
		    text_of(line, "framing"));
	columns_add(c, "%s", text_of(line, "flow"));
}

static void add_attached(struct columns *c, const json_t *port)
{
	columns_add(c, "%s", text_of(port, "tty"));
	columns_add(c, "%s", text_of(port, "mode"));
	add_owner(c, json_object_get(port, "owner"));
	add_user(c, port);
	add_line(c, json_object_get(port, "line"));
	columns_add(c, "%lld", number_of(port, "id"));
}

/* One that the daemon waits for */
static void add_detached(struct columns *c, const json_t *port)
{
	columns_add(c, "%s", text_of(port, "tty"));
	columns_add(c, "detached");
	for (size_t i = 2; i < c->n; i++)
		columns_add(c, "-");
}

static void print_ports(const struct query *q)
{
	static const char *const header[] = {
		"PORT", "MODE", "OWNER", "USER", "LINE", "FLOW", "ID", NULL,
	};
	struct columns c;
	json_t *port;
	size_t i;

	columns_start(&c, header);
	json_array_foreach(q->ports, i, port)
		add_attached(&c, port);
	json_array_foreach(json_object_get(q->daemon, "ports"), i, port)
		if (!port_of_kernel(q, text_of(port, "tty")))
			add_detached(&c, port);
	if (c.n_cells == c.n && !json_is_null(q->ports))
		puts("No tty has the line discipline n_at.");
	columns_print(&c, stdout);
}

static bool counts(const struct query *q, const char *name)
{
	json_t *port;
	size_t i;

	json_array_foreach(q->ports, i, port)
		if (number_of(json_object_get(port, "counters"), name))
			return true;
	return false;
}

static void add_counters(struct columns *c, const json_t *port,
			 const char *const *names)
{
	const json_t *counters = json_object_get(port, "counters");

	columns_add(c, "%s", text_of(port, "tty"));
	for (; *names; names++)
		columns_add(c, "%lld", number_of(counters, *names));
}

/* A row a port; those that are 0 everywhere are left out. */
static void print_counters(const struct query *q)
{
	const char *header[N_AT_C_MAX + 3] = { "PORT" };
	struct columns c;
	size_t i, n = 1;
	json_t *port;

	for (int k = 0; k <= N_AT_C_MAX; k++)
		if (counter_name(k) && counts(q, counter_name(k)))
			header[n++] = counter_name(k);
	columns_start(&c, header);
	json_array_foreach(q->ports, i, port)
		add_counters(&c, port, header + 1);
	columns_print(&c, stdout);
}

static void add_client(struct columns *c, const char *tty,
		       const json_t *client)
{
	const char *host = text_of(client, "host");
	const char *reason = text_of(client, "reason");

	columns_add(c, "%s", tty);
	columns_add(c, "%lld", number_of(client, "id"));
	columns_add(c, "%s", text_of(client, "protocol"));
	columns_add(c, "%s", text_of(client, "state"));
	columns_add(c, strchr(host, ':') ? "[%s]:%lld" : "%s:%lld", host,
		    number_of(client, "port"));
	columns_add(c, json_is_true(json_object_get(client, "tls")) ? "yes" :
								     "no");
	columns_add(c, "%lld", number_of(client, "keepalive"));
	columns_add(c, "%lld", number_of(client, "subscriptions"));
	columns_add(c, "%lld", number_of(client, "queued"));
	if (*reason)
		columns_add(c, "%s %s", text_of(client, "failed_at"), reason);
	else
		columns_add(c, "-");
}

/* Those that were never opened have nothing to tell. */
static void print_clients(const struct query *q)
{
	static const char *const header[] = {
		"PORT", "CLIENT", "PROTOCOL", "STATE", "BROKER", "TLS",
		"KEEPALIVE", "SUBSCRIPTIONS", "QUEUED", "LAST FAILURE", NULL,
	};
	json_t *port, *client;
	struct columns c;
	size_t i, j;

	columns_start(&c, header);
	json_array_foreach(json_object_get(q->daemon, "ports"), i, port)
		json_array_foreach(json_object_get(port, "clients"), j, client)
			if (*text_of(client, "host"))
				add_client(&c, text_of(port, "tty"), client);
	putchar('\n');
	if (c.n_cells == c.n)
		puts("No MQTT client has been opened.");
	columns_print(&c, stdout);
}

static void print_daemon(const struct query *q)
{
	const json_t *uplink = json_object_get(q->daemon, "uplink");
	const char *address = text_of(uplink, "address");

	printf("atmqttd %s, process %lld, uplink %s%s%s\n",
	       text_of(q->daemon, "version"), number_of(q->daemon, "pid"),
	       text_of(uplink, "state"), *address ? ", " : "", address);
	print_clients(q);
}

/* All ports are of one module. */
static void print_programs(const struct query *q)
{
	const char *version = text_of(json_array_get(q->ports, 0), "version");

	if (*version || !json_is_null(q->daemon))
		putchar('\n');
	if (*version)
		printf("n_at %s\n", version);
	if (!json_is_null(q->daemon))
		print_daemon(q);
}

static void print_tables(const struct query *q)
{
	print_ports(q);
	print_programs(q);
}

/* ---- the command ---- */

static bool found_any(const struct query *q)
{
	return json_array_size(q->ports) ||
	       json_array_size(json_object_get(q->daemon, "ports"));
}

static void print_json(const struct query *q)
{
	json_t *all = json_pack("{s:O, s:O}", "ports", q->ports, "daemon",
				q->daemon);

	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static void print(const struct query *q, enum view view)
{
	switch (view) {
	case VIEW_TABLES:
		print_tables(q);
		break;
	case VIEW_COUNTERS:
		print_counters(q);
		break;
	case VIEW_JSON:
		print_json(q);
		break;
	}
}

static enum ctl_status query(struct query *q, const char *control,
			     enum view view)
{
	enum ctl_status kernel = ask_kernel(q);
	enum ctl_status daemon = ask_daemon(q, control);

	if (*q->port && !found_any(q) && !kernel && !daemon)
		return ctl_fail(CTL_NO_PORT, "%s: no such port", q->port);
	print(q, view);
	return kernel ? kernel : daemon;
}

enum ctl_status ctl_status_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "counters", no_argument, NULL, 'n' },
		{ "control", required_argument, NULL, 'c' },
		{ 0 },
	};
	struct query q = { .ports = json_array(), .daemon = json_null() };
	const char *control = CONTROL_PATH;
	enum view view = VIEW_TABLES;
	enum ctl_status status;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'j': view = VIEW_JSON; break;
		case 'n': view = VIEW_COUNTERS; break;
		case 'c': control = optarg; break;
		default: return ctl_usage();
		}
	}
	if (argc - optind > 1)
		return ctl_usage();
	if (optind < argc)
		ctl_port_name(argv[optind], q.port, sizeof(q.port));
	status = query(&q, control, view);
	json_decref(q.ports);
	json_decref(q.daemon);
	return status;
}
