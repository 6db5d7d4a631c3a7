/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A port of n_at as netlink tells it, for the daemon and for atmqttctl.
 */
#ifndef ATMQTT_N_AT_PORT_H
#define ATMQTT_N_AT_PORT_H

#include <netlink/attr.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/n_at.h>

#include "daemon/at/cmd/uart.h"

/* What PORT_GET, BIND and PORT_NEW_NTF tell; 0 is what they did not. */
struct n_at_port {
	uint32_t id;
	uint32_t owner;		/* netlink port id, 0: nobody */
	uint32_t seq;		/* of the last line; 0: there was none */
	enum n_at_mode mode;
	struct at_uart uart;	/* all zero: n_at did not tell */
	uint64_t counters[N_AT_C_MAX + 1];
	bool has_modem;		/* modem lines are watched, and there are any */
	uint32_t modem;		/* N_AT_WATCH_*: those that are up */
	uint32_t device;	/* as st_rdev; 0: not told */
	uint32_t owner_uid;	/* who may own it; -1: nobody, or not told */
	uint32_t owner_gid;
	const char *version;	/* n_at's, or NULL */
	const char *tty;	/* this, too, as long as the message */
};

/* What a message of the family may hold, by enum n_at_attr. */
extern const struct nla_policy n_at_policy[N_AT_A_MAX + 1];

/* 0 if the attribute is not there. */
uint32_t n_at_u32(struct nlattr **attrs, int type);
/* A number that came in 32 or 64 bits; 0 if @attr is NULL. */
uint64_t n_at_uint(struct nlattr *attr);

/* 0, or -EINVAL if there is no id or no tty. */
int n_at_port_parse(struct nlattr **attrs, struct n_at_port *port);

#endif /* ATMQTT_N_AT_PORT_H */
