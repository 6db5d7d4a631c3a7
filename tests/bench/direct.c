// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What atmqttd would be without n_at: the same core, which reads and frames
 * the ttys itself.  The bench's peer, and what the faults' tests drive.
 *
 *   atmqttd-direct CONFIG TTY...	in the order of the ports in CONFIG
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "daemon/at/session.h"
#include "daemon/config.h"
#include "daemon/lib/resolve.h"
#include "daemon/mqtt/mqtt.h"
#include "daemon/uplink.h"
#include "kmod/framer.h"

#define LINE_MAX_BYTES	4096
#define DATA_MAX_BYTES	32768
#define CHUNK		4096

struct direct {
	uv_poll_t poll;
	int fd;
	struct at_session *session;
	struct at_framer framer;
	uint8_t line[LINE_MAX_BYTES + 1];
	uint8_t data[DATA_MAX_BYTES];
	bool in_data;
	bool urc_refused;
	uint8_t out[1 << 16];
	size_t out_len;
};

/* An echo leaves with the answer to its line, or with the end of the read. */
static void flush_out(struct direct *d)
{
	struct pollfd writable = { .fd = d->fd, .events = POLLOUT };
	size_t done = 0;
	ssize_t n;

	while (done < d->out_len) {
		n = write(d->fd, d->out + done, d->out_len - done);
		if (n < 0 && errno != EAGAIN)
			exit(EXIT_FAILURE);
		if (n < 0)
			poll(&writable, 1, -1);
		else
			done += n;
	}
	d->out_len = 0;
}

static void put(struct direct *d, const void *buf, size_t len)
{
	if (d->out_len + len > sizeof(d->out))
		flush_out(d);
	memcpy(d->out + d->out_len, buf, len);
	d->out_len += len;
}

/* ---- what the session asks for ---- */

static void apply(struct direct *d, const struct at_line_settings *set)
{
	struct at_framer_cfg cfg = {
		.echo = set->echo,
		.echo_cr = set->echo_cr,
		.repeat = set->repeat,
		.s3 = set->s3,
		.s4 = set->s4,
		.s5 = set->s5,
		.line_max = LINE_MAX_BYTES,
	};

	at_framer_set(&d->framer, &cfg);
}

static int direct_reply(void *ctx, const void *buf, size_t len,
			const struct at_line_settings *changed, bool sure)
{
	(void)sure;
	if (changed)
		apply(ctx, changed);
	put(ctx, buf, len);
	flush_out(ctx);
	return 0;
}

static int direct_prompt(void *ctx, const void *buf, size_t len,
			 uint32_t data_len, bool sure)
{
	struct direct *d = ctx;

	(void)sure;
	if (data_len > sizeof(d->data))
		return -EMSGSIZE;
	at_framer_next(&d->framer);
	at_framer_data_begin(&d->framer, d->data, data_len);
	d->in_data = true;
	put(d, buf, len);
	flush_out(d);
	return 0;
}

static int direct_urc(void *ctx, const void *buf, size_t len)
{
	struct direct *d = ctx;

	if (d->in_data || at_framer_half_typed(&d->framer)) {
		d->urc_refused = true;
		return -EAGAIN;
	}
	put(d, buf, len);
	flush_out(d);
	return 0;
}

static const struct at_port_ops ops = {
	.reply = direct_reply,
	.prompt = direct_prompt,
	.urc = direct_urc,
};

/* ---- what the host sends ---- */

static void line_event(struct direct *d, enum at_framer_event event)
{
	const char *line = event == AT_EV_REPEAT ? "A/" :
						   (const char *)d->framer.line;
	size_t len = event == AT_EV_REPEAT ? 2 : d->framer.len;
	enum at_input how = d->framer.flags & AT_FRAMER_OVERLONG ?
				    AT_INPUT_OVERLONG : AT_INPUT_GOOD;

	at_session_line(d->session, line, len, how);
	if (!d->in_data)
		at_framer_next(&d->framer);
}

static size_t take(struct direct *d, const uint8_t *buf, size_t n)
{
	enum at_framer_event event = AT_EV_NONE;
	uint8_t echo[CHUNK];
	size_t echo_len = 0;
	size_t taken;

	if (d->in_data) {
		taken = at_framer_data(&d->framer, buf, NULL, n, &event);
		if (event == AT_EV_DATA) {
			d->in_data = false;
			at_session_data(d->session, d->data,
					d->framer.data_len, AT_INPUT_GOOD);
			at_framer_next(&d->framer);
		}
		return taken;
	}
	taken = at_framer_line(&d->framer, buf, NULL, n, echo, sizeof(echo),
			       &echo_len, &event);
	put(d, echo, echo_len);
	if (event != AT_EV_NONE)
		line_event(d, event);
	return taken;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct direct *d = poll->data;
	uint8_t buf[CHUNK];
	ssize_t n = status < 0 ? -1 : read(d->fd, buf, sizeof(buf));

	(void)events;
	if (n <= 0 && !(n < 0 && errno == EAGAIN))
		exit(n < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	for (ssize_t at = 0; at < n;)
		at += take(d, buf + at, n - at);
	flush_out(d);
	if (d->urc_refused && !d->in_data && !at_framer_half_typed(&d->framer)) {
		d->urc_refused = false;
		at_session_space(d->session);
	}
}

/* ---- life ---- */

static int open_tty(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios raw;

	if (fd < 0 || tcgetattr(fd, &raw))
		return -1;
	cfmakeraw(&raw);
	return tcsetattr(fd, TCSANOW, &raw) ? -1 : fd;
}

/* All ports; the daemon's own threads are one set for them. */
struct process {
	uv_loop_t loop;
	struct mqtt *mqtt;
	struct uplink *uplink;
	struct direct *ports;
	size_t count;
};

static void on_uplink(void *ctx, const struct uplink_status *status)
{
	struct process *p = ctx;

	for (size_t i = 0; i < p->count; i++)
		at_session_uplink(p->ports[i].session, status);
}

static bool start_port(struct process *p, struct direct *d,
		       const struct port_config *cfg, const char *tty)
{
	const struct at_framer_cfg none = { .s3 = '\r', .s4 = '\n', .s5 = '\b',
					    .line_max = LINE_MAX_BYTES };
	struct at_line_settings settings;

	d->fd = open_tty(tty);
	if (d->fd < 0) {
		perror(tty);
		return false;
	}
	d->session = at_session_new(cfg, p->mqtt, NULL, &p->loop, &ops, d);
	if (!d->session)
		return false;
	at_session_uplink(d->session, uplink_status(p->uplink));
	at_session_settings(d->session, &settings);
	at_framer_init(&d->framer, d->line, sizeof(d->line), &none);
	apply(d, &settings);
	uv_poll_init(&p->loop, &d->poll, d->fd);
	d->poll.data = d;
	uv_poll_start(&d->poll, UV_READABLE, on_readable);
	return true;
}

int main(int argc, char **argv)
{
	struct process p = { .count = 0 };
	struct config *cfg;

	if (argc < 3 || config_load(argv[1], &cfg) ||
	    cfg->n_ports < (size_t)argc - 2) {
		fputs("usage: atmqttd-direct CONFIG TTY...\n", stderr);
		return EXIT_FAILURE;
	}
	uv_loop_init(&p.loop);
	p.ports = calloc((size_t)argc - 2, sizeof(*p.ports));
	if (!p.ports || resolver_start(&p.loop, NULL) ||
	    mqtt_start(&p.mqtt, &p.loop) ||
	    uplink_open(&p.uplink, &p.loop, cfg->uplink, on_uplink, &p))
		return EXIT_FAILURE;
	for (; p.count < (size_t)argc - 2; p.count++)
		if (!start_port(&p, &p.ports[p.count], &cfg->ports[p.count],
				argv[2 + p.count]))
			return EXIT_FAILURE;
	return uv_run(&p.loop, UV_RUN_DEFAULT);
}
