/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The netlink family, for programs that do not wait for answers.
 */
#ifndef TESTS_RACES_LINK_H
#define TESTS_RACES_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/n_at.h>

typedef void (*link_heard)(int cmd, struct nlattr **attrs);

/* A socket of the family, or NULL when the module is not there. */
struct nl_sock *link_open(link_heard heard);
/* Joins the multicast group; false: it cannot. */
bool link_join(struct nl_sock *sock, const char *group);
/* A request about @port (0: about none), to which attributes can be added. */
struct nl_msg *link_new(int cmd, uint32_t port, int flags);
void link_send(struct nl_sock *sock, struct nl_msg *msg);
/* Sends, and waits for the kernel's word: 0 or -errno. */
int link_ask(struct nl_sock *sock, struct nl_msg *msg);
/* Hands what comes within @ms to heard(); counts what was refused. */
void link_listen(struct nl_sock *sock, int ms);
/* PORT_GET of all. */
void link_dump(struct nl_sock *sock);

#endif /* TESTS_RACES_LINK_H */
