// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is told of a port: the attributes and notifications of linux/n_at.h.
 */
#include <linux/kernel.h>
#include <linux/kdev_t.h>
#include <linux/ktime.h>
#include <linux/user_namespace.h>

#include "message.h"
#include "monitor.h"
#include "netlink.h"
#include "socket.h"

/* A copy of more is two: no message needs more than eight pages at once. */
#define COPY_MAX 16384

static_assert(COPY_MAX >= N_AT_DATA_MAX && COPY_MAX >= N_AT_LINE_MAX);

/* -- attributes ---------------------------------------------------------- */

/* A number of any size, as small as it can be told. */
static int at_message_put_uint(struct sk_buff *skb, int attr, u64 value)
{
	u32 small = value;

	if (small == value)
		return nla_put_u32(skb, attr, small);
	return nla_put(skb, attr, sizeof(value), &value);
}

/* A setting that is a number: where it is in struct at_settings, from 1. */
#define NUMBER(_attr, _field) \
	[_attr] = offsetof(struct at_settings, _field) + 1

static const u8 numbers[N_AT_S_MAX + 1] = {
	NUMBER(N_AT_S_ECHO, echo),
	NUMBER(N_AT_S_ECHO_CR, echo_cr),
	NUMBER(N_AT_S_REPEAT, repeat),
	NUMBER(N_AT_S_S3, s3),
	NUMBER(N_AT_S_S4, s4),
	NUMBER(N_AT_S_S5, s5),
	NUMBER(N_AT_S_LINE_MAX, line_max),
	NUMBER(N_AT_S_URC_HOLD_MS, urc_hold_ms),
	NUMBER(N_AT_S_DATA_TIMEOUT_MS, data_timeout_ms),
	NUMBER(N_AT_S_REBIND_MS, rebind_ms),
	NUMBER(N_AT_S_SPEED, line.speed),
	NUMBER(N_AT_S_DATA_BITS, line.data_bits),
	NUMBER(N_AT_S_PARITY, line.parity),
	NUMBER(N_AT_S_STOP_BITS, line.stop_bits),
	NUMBER(N_AT_S_FLOW, line.flow),
	NUMBER(N_AT_S_WATCH, watch),
	NUMBER(N_AT_S_EXEC_TIMEOUT_MS, exec_timeout_ms),
};

static u32 *at_message_number(struct at_settings *set, int attr)
{
	return (u32 *)((u8 *)set + numbers[attr] - 1);
}

/* A tty that is at B0 has no speed to tell. */
static bool at_message_is_told(const struct at_settings *set, int attr)
{
	return numbers[attr] && (attr != N_AT_S_SPEED || set->line.speed);
}

static int at_message_put_settings(struct sk_buff *skb, struct at_port *port)
{
	struct nlattr *nest = nla_nest_start(skb, N_AT_A_SETTINGS);
	struct at_settings set = port->set;
	int attr;

	if (!nest)
		return -EMSGSIZE;
	at_line_get(port, &set.line);
	for (attr = 1; attr <= N_AT_S_MAX; attr++)
		if (at_message_is_told(&set, attr) &&
		    nla_put_u32(skb, attr, *at_message_number(&set, attr)))
			return -EMSGSIZE;
	if (nla_put(skb, N_AT_S_ORPHAN_REPLY, set.orphan_len, set.orphan))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

void at_message_get_settings(struct nlattr **tb, struct at_settings *set)
{
	struct nlattr *orphan = tb[N_AT_S_ORPHAN_REPLY];
	int attr;

	for (attr = 1; attr <= N_AT_S_MAX; attr++)
		if (tb[attr] && numbers[attr])
			*at_message_number(set, attr) = nla_get_u32(tb[attr]);
	if (!orphan)
		return;
	set->orphan_len = nla_len(orphan);
	memcpy(set->orphan, nla_data(orphan), set->orphan_len);
}

static int at_message_put_counters(struct sk_buff *skb,
				   const struct at_port *port)
{
	struct nlattr *nest = nla_nest_start(skb, N_AT_A_COUNTERS);
	int attr;

	if (!nest)
		return -EMSGSIZE;
	for (attr = 1; attr <= N_AT_C_MAX; attr++) {
		if (at_message_put_uint(skb, attr, port->count[attr]))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int at_message_put_names(struct sk_buff *skb, const struct at_port *port)
{
	if (nla_put_string(skb, N_AT_A_TTY, port->name) ||
	    nla_put_u32(skb, N_AT_A_DEVICE, new_encode_dev(port->device)))
		return -EMSGSIZE;
	return 0;
}

static int at_message_put_owner(struct sk_buff *skb, const struct at_port *port)
{
	struct user_namespace *ns = current_user_ns();

	if ((port->owner &&
	     nla_put_u32(skb, N_AT_A_OWNER, port->owner_id)) ||
	    (uid_valid(port->owner_uid) &&
	     nla_put_u32(skb, N_AT_A_OWNER_UID,
			 from_kuid_munged(ns, port->owner_uid))) ||
	    (gid_valid(port->owner_gid) &&
	     nla_put_u32(skb, N_AT_A_OWNER_GID,
			 from_kgid_munged(ns, port->owner_gid))))
		return -EMSGSIZE;
	return 0;
}

int at_message_put_port(struct sk_buff *skb, struct at_port *port, bool all)
{
	at_port_count(port);
	if (nla_put_u32(skb, N_AT_A_PORT, port->id) ||
	    at_message_put_names(skb, port) ||
	    nla_put_u32(skb, N_AT_A_MODE, at_port_mode(port)) ||
	    nla_put_u32(skb, N_AT_A_SEQ, port->seq) ||
	    nla_put_string(skb, N_AT_A_VERSION, N_AT_VERSION) ||
	    at_message_put_counters(skb, port))
		return -EMSGSIZE;
	if (port->modem.known && nla_put_u32(skb, N_AT_A_MODEM, port->modem.up))
		return -EMSGSIZE;
	if (!all)
		return 0;
	return at_message_put_owner(skb, port) ?:
	       at_message_put_settings(skb, port);
}

/* -- to the owner -------------------------------------------------------- */

/* A message about @port with room for @len bytes of attributes, or NULL. */
static struct sk_buff *at_message_new(const struct at_port *port, size_t len,
				      u8 cmd, gfp_t gfp)
{
	struct sk_buff *skb = genlmsg_new(nla_total_size(sizeof(u32)) + len,
					  gfp);
	void *hdr;

	if (!skb)
		return NULL;
	hdr = genlmsg_put(skb, 0, 0, &at_nl_family, 0, cmd);
	if (hdr && !nla_put_u32(skb, N_AT_A_PORT, port->id))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/* Takes @skb, which is the owner's if this is 0. */
static int at_message_to_owner(struct at_port *port, struct sk_buff *skb)
{
	int err;

	nlmsg_end(skb, nlmsg_hdr(skb));
	err = at_socket_put(port->owner, skb);
	if (err)
		nlmsg_free(skb);
	return err;
}

static int at_message_line(struct at_port *port, u32 seq, const u8 *buf,
			   size_t n, u32 flags)
{
	struct sk_buff *skb;

	skb = at_message_new(port, 2 * nla_total_size(sizeof(u32)) +
			     nla_total_size(n), N_AT_CMD_LINE_NTF, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, N_AT_A_SEQ, seq) ||
	    (flags && nla_put_u32(skb, N_AT_A_FLAGS, flags)) ||
	    nla_put(skb, N_AT_A_DATA, n, buf)) {
		nlmsg_free(skb);
		return -ENOMEM;
	}
	return at_message_to_owner(port, skb);
}

static struct sk_buff *at_message_data_new(struct at_port *port, u32 seq,
					   size_t n, u8 **buf)
{
	struct nlattr *data = NULL;
	struct sk_buff *skb;

	skb = at_message_new(port, 2 * nla_total_size(sizeof(u32)) +
			     nla_total_size(n), N_AT_CMD_DATA_NTF, GFP_KERNEL);
	if (!skb)
		return NULL;
	if (!nla_put_u32(skb, N_AT_A_SEQ, seq) &&
	    !nla_put_u32(skb, N_AT_A_FLAGS, 0))
		data = nla_reserve(skb, N_AT_A_DATA, n);
	if (!data) {
		nlmsg_free(skb);
		return NULL;
	}
	*buf = nla_data(data);
	return skb;
}

static void *at_message_find(const struct sk_buff *skb, int attr)
{
	return nlmsg_find_attr(nlmsg_hdr(skb), GENL_HDRLEN, attr);
}

/* Of what was asked for only so much has come; there the message ends. */
static void at_message_data_end(struct sk_buff *skb, size_t n, u32 flags)
{
	struct nlattr *data;

	nlmsg_end(skb, nlmsg_hdr(skb));
	*(u32 *)nla_data(at_message_find(skb, N_AT_A_FLAGS)) = flags;
	data = at_message_find(skb, N_AT_A_DATA);
	data->nla_len = nla_attr_size(n);
	memset((u8 *)data + data->nla_len, 0, nla_padlen(n));
	skb_trim(skb, (u8 *)data + nla_total_size(n) - skb->data);
	nlmsg_end(skb, nlmsg_hdr(skb));
}

static int at_message_data(struct at_port *port, struct sk_buff *skb, size_t n,
			   u32 flags)
{
	at_message_data_end(skb, n, flags);
	return at_socket_put(port->owner, skb);
}

static int at_message_tx_space(struct at_port *port)
{
	struct sk_buff *skb = at_message_new(port, 0, N_AT_CMD_TX_SPACE_NTF,
					     GFP_KERNEL);

	return skb ? at_message_to_owner(port, skb) : -ENOMEM;
}

static int at_message_modem(struct at_port *port, enum n_at_event event)
{
	struct sk_buff *skb = at_message_new(port, nla_total_size(sizeof(u32)),
					     N_AT_CMD_MODEM_NTF, GFP_KERNEL);

	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, N_AT_A_EVENT, event)) {
		nlmsg_free(skb);
		return -ENOMEM;
	}
	return at_message_to_owner(port, skb);
}

/* Others may own it now. */
static void at_message_release(struct at_port *port)
{
	if (port->tty)
		at_message_tell_group(port, N_AT_CMD_PORT_CHANGE_NTF);
	WRITE_ONCE(port->owner_id, 0);
	sock_put(port->owner);
}

/* -- copies -------------------------------------------------------------- */

static int at_message_put_mode(struct sk_buff *skb, const struct at_port *port)
{
	if (nla_put_u32(skb, N_AT_A_MODE, at_port_mode(port)))
		return -EMSGSIZE;
	if (port->mode != N_AT_MODE_DATA)
		return 0;
	return nla_put_u32(skb, N_AT_A_DATA_LEN, port->framer.data_want);
}

static int at_message_put_bytes(struct sk_buff *skb, enum n_at_kind kind,
				const u8 *buf, size_t n)
{
	bool in = kind <= N_AT_KIND_DATA;

	if (nla_put_u32(skb, N_AT_A_DIRECTION, in ? N_AT_DIR_RX : N_AT_DIR_TX))
		return -EMSGSIZE;
	return nla_put(skb, N_AT_A_DATA, n, buf);
}

static int at_message_put_copied(struct sk_buff *skb,
				 const struct at_port *port,
				 enum n_at_kind kind, const u8 *buf, size_t n)
{
	if (kind == N_AT_KIND_MODE)
		return at_message_put_mode(skb, port);
	if (kind == N_AT_KIND_EVENT)
		return nla_put_u32(skb, N_AT_A_EVENT, port->modem.last);
	return at_message_put_bytes(skb, kind, buf, n);
}

static struct sk_buff *at_message_copy_new(const struct at_port *port,
					   enum n_at_kind kind, u32 flags,
					   const u8 *buf, size_t n)
{
	struct sk_buff *skb;

	skb = at_message_new(port, 4 * nla_total_size(sizeof(u32)) +
			     nla_total_size(n) + nla_total_size(sizeof(u64)),
			     N_AT_CMD_MONITOR_NTF, GFP_KERNEL);
	if (!skb)
		return NULL;
	if (nla_put_u32(skb, N_AT_A_KIND, kind) ||
	    at_message_put_uint(skb, N_AT_A_TIME, ktime_get_real_ns()) ||
	    (flags && nla_put_u32(skb, N_AT_A_FLAGS, flags)) ||
	    at_message_put_copied(skb, port, kind, buf, n)) {
		nlmsg_free(skb);
		return NULL;
	}
	nlmsg_end(skb, nlmsg_hdr(skb));
	return skb;
}

static void at_message_copy(struct at_port *port, enum n_at_kind kind,
			    u32 flags, const u8 *buf, size_t n)
{
	unsigned int i;
	u32 missed;
	bool sent;

	for_each_set_bit(i, &port->monitors, N_AT_MONITORS_MAX) {
		missed = port->missed & BIT(i) ? N_AT_FLAG_MISSED : 0;
		sent = !at_monitor_is_full(i) &&
		       at_monitor_send(i, at_message_copy_new(port, kind,
							      flags | missed,
							      buf, n));
		__assign_bit(i, &port->missed, !sent);
	}
}

static void at_message_copies(struct at_port *port, enum n_at_kind kind,
			      u32 flags, const u8 *buf, size_t n)
{
	size_t k;

	do {
		k = min_t(size_t, n, COPY_MAX);
		at_message_copy(port, kind, flags, buf, k);
		buf += k;
		n -= k;
	} while (n);
}

const struct at_port_link_ops at_message_link = {
	.line = at_message_line,
	.data_new = at_message_data_new,
	.data = at_message_data,
	.tx_space = at_message_tx_space,
	.modem = at_message_modem,
	.copies = at_message_copies,
	.release = at_message_release,
};

/* -- to all -------------------------------------------------------------- */

void at_message_tell_group(struct at_port *port, u8 cmd)
{
	struct sk_buff *skb;

	skb = at_message_new(port, nla_total_size(sizeof(port->name)) +
			     nla_total_size(sizeof(u32)), cmd, GFP_NOWAIT);
	if (!skb)
		return;
	if (at_message_put_names(skb, port)) {
		nlmsg_free(skb);
		return;
	}
	nlmsg_end(skb, nlmsg_hdr(skb));
	genlmsg_multicast_netns(&at_nl_family, port->net, skb, 0,
				AT_NL_GROUP_PORTS, GFP_NOWAIT);
}
