/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is told of a port: the attributes and notifications of linux/n_at.h.
 */
#ifndef AT_MESSAGE_H
#define AT_MESSAGE_H

#include <net/genetlink.h>

#include "port.h"

/* Where a port's notifications go: into the sockets that are to have them. */
extern const struct at_port_link_ops at_message_link;

/**
 * at_message_put_port - all that is told of a port, into a message
 * @skb: message
 * @port: port, with its lock held
 * @all: for who may own it; else without settings and owner
 *
 * Return: 0 or -EMSGSIZE.
 */
int at_message_put_port(struct sk_buff *skb, struct at_port *port, bool all);

/**
 * at_message_get_settings - the settings that a message tells
 * @tb: attributes, by enum n_at_setting, which the policy has checked
 * @set: changed by them
 */
void at_message_get_settings(struct nlattr **tb, struct at_settings *set);

/**
 * at_message_tell_group - names of a port, to the group "ports"
 * @port: port whose namespace is alive
 * @cmd: one of the N_AT_CMD_PORT_*_NTF
 *
 * Context: Does not sleep, so that a port may be locked; what finds no memory is
 * missing.
 */
void at_message_tell_group(struct at_port *port, u8 cmd);

#endif /* AT_MESSAGE_H */
