// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Generic netlink by libnl.  A message that got lost is asked for again by the
 * dump of whoever cares.
 */
#include <poll.h>

#include <netlink/genl/ctrl.h>

#include "link.h"
#include "race.h"

#define ASK_SECONDS 30

static int family;
static int answer; /* the kernel's last word, -errno, 1: none yet */

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[N_AT_A_MAX + 1];
	struct nlmsghdr *head = nlmsg_hdr(msg);
	link_heard heard = (link_heard)arg;

	if (heard && !genlmsg_parse(head, 0, attrs, N_AT_A_MAX, NULL))
		heard(genlmsg_hdr(head)->cmd, attrs);
	return NL_OK;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error,
		    void *arg)
{
	(void)from;
	(void)arg;
	answer = error->error;
	race_count("denied");
	return NL_SKIP;
}

/* Of a dump, which is acknowledged by its end. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	answer = 0;
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	answer = 0;
	race_count("accepted");
	return NL_OK;
}

struct nl_sock *link_open(link_heard heard)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock || genl_connect(sock))
		goto err;
	family = genl_ctrl_resolve(sock, N_AT_FAMILY_NAME);
	if (family < 0)
		goto err;
	nl_socket_disable_auto_ack(sock);
	nl_socket_disable_seq_check(sock);
	nl_socket_set_nonblocking(sock);
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_valid,
			    (void *)heard);
	nl_socket_modify_cb(sock, NL_CB_ACK, NL_CB_CUSTOM, on_ack, NULL);
	nl_socket_modify_cb(sock, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, NULL);
	nl_socket_modify_err_cb(sock, NL_CB_CUSTOM, on_error, NULL);
	return sock;
err:
	nl_socket_free(sock);
	return NULL;
}

bool link_join(struct nl_sock *sock, const char *group)
{
	int id = genl_ctrl_resolve_grp(sock, N_AT_FAMILY_NAME, group);

	return id >= 0 && !nl_socket_add_membership(sock, id);
}

struct nl_msg *link_new(int cmd, uint32_t port, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536 + 4096);

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, flags, cmd,
		    N_AT_FAMILY_VERSION);
	if (port)
		nla_put_u32(msg, N_AT_A_PORT, port);
	return msg;
}

void link_send(struct nl_sock *sock, struct nl_msg *msg)
{
	if (nl_send_auto(sock, msg) < 0)
		race_count("unsent");
	nlmsg_free(msg);
}

void link_listen(struct nl_sock *sock, int ms)
{
	struct pollfd p = { .fd = nl_socket_get_fd(sock), .events = POLLIN };

	if (poll(&p, 1, ms) > 0)
		nl_recvmsgs_default(sock);
}

int link_ask(struct nl_sock *sock, struct nl_msg *msg)
{
	double end = race_now() + ASK_SECONDS;

	answer = 1;
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	link_send(sock, msg);
	while (answer > 0 && race_now() < end)
		link_listen(sock, 100);
	if (answer > 0)
		race_fail("netlink does not answer");
	return answer;
}

void link_dump(struct nl_sock *sock)
{
	link_send(sock, link_new(N_AT_CMD_PORT_GET, 0, NLM_F_DUMP));
}
