// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * monitor: what passes, as n_at tells who asks for it, line by line.  The
 * bytes as they come and their echo are left out: there is no masking in them,
 * and they say nothing that lines and data do not.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/event.h"
#include "ctl/family.h"
#include "ctl/mask.h"
#include "ctl/signals.h"

/* A port that is there, or was. */
struct seen {
	struct seen *next;
	uint32_t id;
	bool open_data;		/* the last line's data are no secret */
	char tty[64];
};

struct monitor {
	char port[64];		/* "": all */
	bool as_json;
	bool secrets;
	struct seen *ports;
};

/* ---- ports ---- */

static struct seen *find(const struct monitor *m, uint32_t id)
{
	struct seen *port = m->ports;

	while (port && port->id != id)
		port = port->next;
	return port;
}

static struct seen *add(struct monitor *m, uint32_t id, const char *tty)
{
	struct seen *port = find(m, id);

	if (port || (*m->port && strcmp(m->port, tty)))
		return port;
	port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	port->id = id;
	snprintf(port->tty, sizeof(port->tty), "%s", tty);
	port->next = m->ports;
	m->ports = port;
	return port;
}

static void drop(struct monitor *m, struct seen *port)
{
	struct seen **p = &m->ports;

	while (*p != port)
		p = &(*p)->next;
	*p = port->next;
	free(port);
}

/* ---- printing ---- */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void print(const struct monitor *m, const struct event *e)
{
	char *text = m->as_json ? event_json(e) : event_text(e);

	if (!text)
		return;
	fputs(text, stdout);
	fflush(stdout);
	explicit_bzero(text, strlen(text));
	free(text);
}

/* Without a line that was seen nobody knows what the data are. */
static bool mask(struct seen *port, const struct event *e, struct buf *out)
{
	bool damaged = e->flags & N_AT_FLAG_DAMAGED;
	bool secret_data = !port->open_data;
	bool masked;

	switch (e->kind) {
	case N_AT_KIND_LINE:
		masked = mask_line(out, e->bytes, e->n_bytes, damaged,
				   &secret_data);
		port->open_data = !secret_data;
		return masked;
	case N_AT_KIND_DATA:
		buf_add(out, secret_data ? MASK : e->bytes,
			   secret_data ? strlen(MASK) : e->n_bytes);
		return secret_data;
	default:
		return mask_answer(out, e->bytes, e->n_bytes);
	}
}

static void print_masked(const struct monitor *m, struct seen *port,
			 struct event *e)
{
	struct buf out = { 0 };

	e->masked = mask(port, e, &out);
	e->bytes = out.p ? out.p : "";
	e->n_bytes = out.failed ? 0 : out.len;
	print(m, e);
	buf_free(&out);
}

/* ---- what n_at tells ---- */

static void on_copy(struct monitor *m, struct nlattr **attrs)
{
	struct seen *port = find(m, n_at_u32(attrs, N_AT_A_PORT));
	struct nlattr *data = attrs[N_AT_A_DATA];
	struct event e = {
		.time = n_at_uint(attrs[N_AT_A_TIME]),
		.kind = n_at_u32(attrs, N_AT_A_KIND),
		.flags = n_at_u32(attrs, N_AT_A_FLAGS),
		.mode = n_at_u32(attrs, N_AT_A_MODE),
		.event = n_at_u32(attrs, N_AT_A_EVENT),
		.length = n_at_u32(attrs, N_AT_A_DATA_LEN),
	};

	if (!port)
		return;
	/* what its data are was perhaps said where some is missing */
	if (e.flags & N_AT_FLAG_MISSED)
		port->open_data = false;
	if (e.kind == N_AT_KIND_RAW || e.kind == N_AT_KIND_ECHO)
		return;
	e.tty = port->tty;
	if (data) {
		e.bytes = nla_data(data);
		e.n_bytes = e.length = (size_t)nla_len(data);
	}
	if (data && !m->secrets)
		print_masked(m, port, &e);
	else
		print(m, &e);
}

static void on_ports(struct monitor *m, struct nlattr **attrs, bool came)
{
	struct event e = {
		.time = now(),
		.kind = came ? EVENT_ATTACHED : EVENT_DETACHED,
	};
	struct n_at_port info;
	struct seen *port;

	if (n_at_port_parse(attrs, &info))
		return;
	port = came ? add(m, info.id, info.tty) : find(m, info.id);
	if (!port)
		return;
	e.tty = port->tty;
	print(m, &e);
	if (!came)
		drop(m, port);
}

static void on_message(void *ctx, enum n_at_cmd cmd, struct nlattr **attrs)
{
	if (cmd == N_AT_CMD_MONITOR_NTF)
		on_copy(ctx, attrs);
	else if (cmd == N_AT_CMD_PORT_NEW_NTF || cmd == N_AT_CMD_PORT_DEL_NTF)
		on_ports(ctx, attrs, cmd == N_AT_CMD_PORT_NEW_NTF);
}

/* The mode from which the first event starts. */
static void on_found(void *ctx, const struct n_at_port *info)
{
	struct monitor *m = ctx;
	struct seen *port = add(m, info->id, info->tty);
	struct event e = { .time = now(), .kind = N_AT_KIND_MODE,
			   .mode = info->mode };

	if (!port)
		return;
	e.tty = port->tty;
	print(m, &e);
}

static void drop_all(struct monitor *m)
{
	while (m->ports)
		drop(m, m->ports);
}

/* A line, a port or the end of the module may be among what was lost. */
static enum ctl_status on_lost(struct monitor *m)
{
	const struct event e = { .time = now(), .kind = EVENT_LOST };

	print(m, &e);
	drop_all(m);
	return family_ports(on_found, m);
}

/* ---- the command ---- */

static enum ctl_status take(struct monitor *m, struct family *family)
{
	int err = family_receive(family, on_message, m);

	switch (err) {
	case 0:
		return CTL_OK;
	case -ENOBUFS:
		return on_lost(m);
	case -ENODEV:
		return family_missing();
	default:
		return ctl_fail(CTL_FAILED, "netlink: %s", strerror(-err));
	}
}

static enum ctl_status run(struct monitor *m, struct family *family, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = family_fd(family), .events = POLLIN },
	};
	enum ctl_status status = CTL_OK;

	while (!status) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return ctl_fail(CTL_FAILED, "poll: %s",
					strerror(errno));
		if (fds[0].revents)
			return CTL_OK;
		status = take(m, family);
	}
	return status;
}

/* First this socket, then the ports: one that comes meanwhile is not missed. */
static enum ctl_status start(struct monitor *m, struct family *listener)
{
	enum ctl_status status = family_watch(listener);

	if (!status)
		status = family_join(listener, N_AT_MCGRP_PORTS);
	if (!status)
		status = family_monitor(listener);
	if (!status)
		status = family_ports(on_found, m);
	if (!status && *m->port && !m->ports)
		status = ctl_fail(CTL_NO_PORT, "%s: no such port", m->port);
	return status;
}

static enum ctl_status monitor(struct monitor *m)
{
	struct family *family = NULL;
	enum ctl_status status = family_open(&family);
	int signals;

	if (status == CTL_NO_MODULE)
		return family_missing();
	if (!status)
		status = start(m, family);
	if (!status) {
		signals = signals_open();
		status = run(m, family, signals);
		close(signals);
	}
	family_close(family);
	drop_all(m);
	return status;
}

enum ctl_status ctl_monitor_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "secrets", no_argument, NULL, 's' },
		{ 0 },
	};
	struct monitor m = { 0 };
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'j': m.as_json = true; break;
		case 's': m.secrets = true; break;
		default: return ctl_usage();
		}
	}
	if (argc - optind > 1)
		return ctl_usage();
	if (optind < argc)
		ctl_port_name(argv[optind], m.port, sizeof(m.port));
	return monitor(&m);
}
