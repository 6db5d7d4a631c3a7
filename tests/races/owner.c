// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A daemon that owns every port, does what host.c asks for, and is killed in
 * the middle of it, again and again (K1, K2, K5, K15, K21).
 *
 *   owner SECONDS [LINES [MS]]
 *	it lives for up to so many of them (default 20), and now and then takes
 *	up to so long for one (default 20)
 */
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "race.h"

#define DUMP_SECONDS 0.2
#define URC_LENGTH 3000
#define LIFE_SECONDS 10

static struct nl_sock *sock;
static unsigned int pause_ms = 20;

/* The reply to the line or data in @a; its attributes are to be added. */
static struct nl_msg *reply_to(struct nlattr **a)
{
	struct nl_msg *msg = link_new(N_AT_CMD_REPLY,
				      nla_get_u32(a[N_AT_A_PORT]), 0);

	nla_put_u32(msg, N_AT_A_SEQ, nla_get_u32(a[N_AT_A_SEQ]));
	return msg;
}

static void end_with_ok(struct nl_msg *msg)
{
	nla_put(msg, N_AT_A_DATA, 6, "\r\nOK\r\n");
	nla_put_u32(msg, N_AT_A_FLAGS, N_AT_FLAG_FINAL);
	link_send(sock, msg);
}

static void ok(struct nlattr **a)
{
	end_with_ok(reply_to(a));
}

static void ask_for(struct nlattr **a, uint32_t length)
{
	struct nl_msg *msg = reply_to(a);

	nla_put(msg, N_AT_A_DATA, 1, ">");
	nla_put_u32(msg, N_AT_A_DATA_LEN, length);
	link_send(sock, msg);
	race_count("asked");
}

static void data(struct nlattr **a)
{
	ask_for(a, 1 + race_below(32));
}

static void no_data(struct nlattr **a)
{
	ask_for(a, 0);
}

static void line(struct nlattr **a)
{
	struct nl_msg *msg = reply_to(a);
	struct nlattr *nest = nla_nest_start(msg, N_AT_A_SETTINGS);

	nla_put_u32(msg, N_AT_S_SPEED, race_chance(2) ? 115200 : 57600);
	nla_put_u32(msg, N_AT_S_FLOW, race_below(8));
	nla_put_u32(msg, N_AT_S_ECHO, race_chance(2));
	nla_put_u32(msg, N_AT_S_DATA_TIMEOUT_MS, 100);
	nla_put_u32(msg, N_AT_S_REBIND_MS, race_below(200));
	nla_put_u32(msg, N_AT_S_WATCH, race_below(4));
	nla_nest_end(msg, nest);
	end_with_ok(msg);
	race_count("line changes");
}

static void urc(struct nlattr **a)
{
	static char text[URC_LENGTH];
	struct nl_msg *msg = link_new(N_AT_CMD_URC,
				      nla_get_u32(a[N_AT_A_PORT]), 0);

	memset(text, 'u', sizeof(text));
	nla_put(msg, N_AT_A_DATA, race_below(sizeof(text)), text);
	link_send(sock, msg);
	race_count("urcs");
	ok(a);
}

static const struct {
	const char *text;
	void (*answer)(struct nlattr **a);
} answers[] = {
	{ "AT+DATA", data },
	{ "AT+NODATA", no_data },
	{ "AT+LINE", line },
	{ "AT+URC", urc },
	{ "", ok },
};

static bool says(struct nlattr **a, const char *text)
{
	size_t n = strlen(text);

	return !n || (a[N_AT_A_DATA] && nla_len(a[N_AT_A_DATA]) == (int)n &&
		      !memcmp(nla_data(a[N_AT_A_DATA]), text, n));
}

static void answer(struct nlattr **a)
{
	int i = 0;

	race_count("lines");
	if (race_chance(8))
		race_nap(pause_ms * 1000);
	while (!says(a, answers[i].text))
		i++;
	answers[i].answer(a);
}

static void bind_port(struct nlattr **a)
{
	link_send(sock, link_new(N_AT_CMD_BIND, nla_get_u32(a[N_AT_A_PORT]),
				 0));
}

/* Others may have changed what a line ends in. */
static void put_right(struct nlattr **a)
{
	struct nl_msg *msg = link_new(N_AT_CMD_PORT_SET,
				      nla_get_u32(a[N_AT_A_PORT]), 0);
	struct nlattr *nest = nla_nest_start(msg, N_AT_A_SETTINGS);

	nla_put_u32(msg, N_AT_S_S3, '\r');
	nla_put_u32(msg, N_AT_S_S4, '\n');
	nla_put_u32(msg, N_AT_S_S5, '\b');
	nla_put_u32(msg, N_AT_S_LINE_MAX, 4096);
	nla_nest_end(msg, nest);
	link_send(sock, msg);
}

static void heard(int cmd, struct nlattr **a)
{
	if (!a[N_AT_A_PORT])
		return;
	if (cmd == N_AT_CMD_LINE_NTF) {
		answer(a);
	} else if (cmd == N_AT_CMD_DATA_NTF) {
		race_count("data");
		ok(a);
	} else if (cmd == N_AT_CMD_PORT_NEW_NTF ||
		   (cmd == N_AT_CMD_PORT_GET && !a[N_AT_A_OWNER])) {
		bind_port(a);
	} else if (cmd == N_AT_CMD_PORT_GET && race_chance(8)) {
		put_right(a);
	}
}

static void serve(void *arg)
{
	double next = 0;

	(void)arg;
	sock = link_open(heard);
	if (!sock) {
		race_count("no module");
		race_nap(20000);
		return;
	}
	link_join(sock, N_AT_MCGRP_PORTS);
	for (;;) {
		if (race_now() > next) {
			link_dump(sock);
			next = race_now() + DUMP_SECONDS;
		}
		link_listen(sock, 50);
	}
}

/* However slow the machine is, it comes to its lines before it dies. */
static void live_and_die(char **arguments)
{
	unsigned int lines = arguments[0] ? atoi(arguments[0]) : 20;
	unsigned long end = race_counted("lines") + race_below(lines + 1);
	double last = race_now() + LIFE_SECONDS;
	pid_t pid;

	if (arguments[0] && arguments[1])
		pause_ms = atoi(arguments[1]);
	pid = race_child(serve, NULL);
	while (race_counted("lines") < end && race_now() < last)
		race_sleep(1000);
	race_nap(10000);
	race_end_child(pid);
	race_count("killed");
}

int main(int argc, char **argv)
{
	return race_alone(argc, argv, live_and_die);
}
