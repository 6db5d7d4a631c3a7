/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A socket for the generic netlink family n_at that asks and listens.
 */
#ifndef ATMQTT_CTL_FAMILY_H
#define ATMQTT_CTL_FAMILY_H

#include <stdint.h>

#include "ctl/ctl.h"
#include "daemon/n_at_port.h"

struct family;

/* A message: its command and its attributes, by enum n_at_attr. */
typedef void (*family_handler)(void *ctx, enum n_at_cmd cmd,
			       struct nlattr **attrs);

/* CTL_OK, CTL_NO_MODULE without a word, or what was printed. */
enum ctl_status family_open(struct family **out);
void family_close(struct family *f);	/* NULL is fine */

/* Says so, and how to help. */
enum ctl_status family_missing(void);

/* Every port there is, as PORT_GET tells it; by a socket for this alone. */
enum ctl_status family_ports(void (*fn)(void *ctx, const struct n_at_port *p),
			     void *ctx);

/* Names who may own the port @id; UINT32_MAX: nobody. */
enum ctl_status family_set_owner(uint32_t id, uint32_t uid, uint32_t gid);

/* Listens to a group, N_AT_MCGRP_*, from now on. */
enum ctl_status family_join(struct family *f, const char *group);

/*
 * Is told what passes at all ports, those that come later too, from now on:
 * MONITOR_NTF.  What comes meanwhile is dropped.
 */
enum ctl_status family_monitor(struct family *f);

/* Learns from now on when the module is unloaded. */
enum ctl_status family_watch(struct family *f);

int family_fd(const struct family *f);

/*
 * Takes what is there, without waiting.  0, -ENOBUFS when notifications behind
 * it were lost, -ENODEV when the module was unloaded (see family_watch()), or
 * another negative errno.
 */
int family_receive(struct family *f, family_handler fn, void *ctx);

#endif /* ATMQTT_CTL_FAMILY_H */
