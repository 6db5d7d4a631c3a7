// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Requests of all kinds for ports that come and go, from a socket that owns
 * them now and then, with dumps and as a listener (K2, K3, K21).
 */
#include <stdlib.h>

#include "link.h"
#include "race.h"

#define PORTS 16
#define REQUESTS 200

static uint32_t ids[PORTS];
static unsigned int known;

static void heard(int cmd, struct nlattr **a)
{
	race_count("heard");
	if (cmd != N_AT_CMD_PORT_GET && cmd != N_AT_CMD_PORT_NEW_NTF)
		return;
	if (a[N_AT_A_PORT])
		ids[known++ % PORTS] = nla_get_u32(a[N_AT_A_PORT]);
}

static void add_setting(struct nl_msg *msg)
{
	struct nlattr *nest = nla_nest_start(msg, N_AT_A_SETTINGS);

	nla_put_u32(msg, N_AT_S_ECHO, race_chance(2));
	nla_put_u32(msg, N_AT_S_LINE_MAX, 64 + race_below(4096));
	if (race_chance(4))
		nla_put_u32(msg, N_AT_S_SPEED, 9600 << race_below(4));
	nla_nest_end(msg, nest);
}

static void spam(struct nl_sock *sock)
{
	int cmd = 1 + race_below(N_AT_CMD_MONITOR);
	struct nl_msg *msg;

	/* who has a port does not answer: leave some to others */
	if (cmd == N_AT_CMD_BIND && !race_chance(8))
		cmd = N_AT_CMD_PORT_GET;
	msg = link_new(cmd, ids[race_below(PORTS)], NLM_F_ACK);
	if (cmd == N_AT_CMD_REPLY)
		nla_put_u32(msg, N_AT_A_SEQ, race_below(16));
	if (cmd == N_AT_CMD_URC || cmd == N_AT_CMD_REPLY)
		nla_put(msg, N_AT_A_DATA, 4, "spam");
	if (cmd == N_AT_CMD_PORT_SET)
		add_setting(msg);
	link_send(sock, msg);
}

static void annoy(char **arguments)
{
	struct nl_sock *sock = link_open(heard);
	int i;

	(void)arguments;
	if (!sock) {
		race_count("no module");
		race_nap(20000);
		return;
	}
	if (race_chance(2))
		link_send(sock, link_new(N_AT_CMD_MONITOR, 0, 0));
	link_join(sock, N_AT_MCGRP_PORTS);
	for (i = 0; i < REQUESTS; i++) {
		if (i % 20 == 0)
			link_dump(sock);
		spam(sock);
		link_listen(sock, 2);
	}
	nl_socket_free(sock);
}

int main(int argc, char **argv)
{
	return race_alone(argc, argv, annoy);
}
