// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The generic netlink family "n_at" (see linux/n_at.h), and the ports by id.
 *
 * A doit runs with its port found, referenced and locked by at_nl_pre_doit.
 * Ports are looked up under RCU; at_netlink_remove() ends new look-ups, the
 * reference count the old ones.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/xarray.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat.h"
#include "monitor.h"
#include "netlink.h"
#include "rx.h"

static DEFINE_XARRAY_ALLOC1(ports);
static u32 last_id; /* of ports, guarded by the xarray's lock */

static struct genl_family family;

/*
 * Anybody can be in a group: its number can be joined before it is there, when
 * nobody is asked for a right.  So a group gets names, and never what a host or
 * an owner has said.
 */
enum at_mcgrp {
	MCGRP_PORTS,
};

static const struct genl_multicast_group mcgrps[] = {
	[MCGRP_PORTS] = { .name = N_AT_MCGRP_PORTS },
};

/* -- ports by id --------------------------------------------------------- */

static struct at_port *at_nl_ref_or_null(struct at_port *port,
					 const struct net *net)
{
	if (!port || !net_eq(port->net, net))
		return NULL;
	return kref_get_unless_zero(&port->ref) ? port : NULL;
}

static struct at_port *at_nl_port_get(const struct net *net, u32 id)
{
	struct at_port *port;

	rcu_read_lock();
	port = at_nl_ref_or_null(xa_load(&ports, id), net);
	rcu_read_unlock();
	return port;
}

/* The first port of @net with an id of at least *@id, which becomes its id. */
static struct at_port *at_nl_port_get_from(const struct net *net,
					   unsigned long *id)
{
	struct at_port *port, *found = NULL;

	rcu_read_lock();
	port = xa_find(&ports, id, U32_MAX, XA_PRESENT);
	while (port) {
		found = at_nl_ref_or_null(port, net);
		if (found)
			break;
		port = xa_find_after(&ports, id, U32_MAX, XA_PRESENT);
	}
	rcu_read_unlock();
	return found;
}

/* -- attributes ---------------------------------------------------------- */

/* A setting that is a number: where it is in struct at_settings. */
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

static u32 *at_nl_number(struct at_settings *set, int attr)
{
	return (u32 *)((u8 *)set + numbers[attr] - 1);
}

/* A number of any size, as small as it can be told. */
static int at_nl_put_uint(struct sk_buff *skb, int attr, u64 value)
{
	u32 small = value;

	if (small == value)
		return nla_put_u32(skb, attr, small);
	return nla_put(skb, attr, sizeof(value), &value);
}

static int at_nl_put_settings(struct sk_buff *skb, struct at_settings *set)
{
	struct nlattr *nest = nla_nest_start(skb, N_AT_A_SETTINGS);
	int attr;

	if (!nest)
		return -EMSGSIZE;
	for (attr = 1; attr <= N_AT_S_MAX; attr++)
		if (numbers[attr] &&
		    nla_put_u32(skb, attr, *at_nl_number(set, attr)))
			return -EMSGSIZE;
	if (nla_put(skb, N_AT_S_ORPHAN_REPLY, set->orphan_len, set->orphan))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int at_nl_put_counters(struct sk_buff *skb, const struct at_port *port)
{
	struct nlattr *nest = nla_nest_start(skb, N_AT_A_COUNTERS);
	int attr;

	if (!nest)
		return -EMSGSIZE;
	for (attr = N_AT_C_RX_BYTES; attr <= N_AT_C_MAX; attr++) {
		u64 n = port->count[attr];

		if (attr == N_AT_C_NOISE_BYTES)
			n = port->framer.noise;
		if (at_nl_put_uint(skb, attr, n))
			return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int at_nl_put_port(struct sk_buff *skb, struct at_port *port)
{
	struct at_settings set;

	at_rx_count_lost(port);
	if (nla_put_u32(skb, N_AT_A_PORT, port->id) ||
	    nla_put_string(skb, N_AT_A_TTY, port->name) ||
	    nla_put_u32(skb, N_AT_A_MODE, at_port_mode(port)) ||
	    nla_put_u32(skb, N_AT_A_SEQ, port->seq))
		return -EMSGSIZE;
	if (port->owner && nla_put_u32(skb, N_AT_A_OWNER, port->owner))
		return -EMSGSIZE;
	if (port->modem.known && nla_put_u32(skb, N_AT_A_MODEM, port->modem.up))
		return -EMSGSIZE;
	set = port->set;
	if (port->tty)
		at_line_get(port->tty, &set.line);
	return at_nl_put_settings(skb, &set) ?: at_nl_put_counters(skb, port);
}

/* -- notifications ------------------------------------------------------- */

/* A message about @port with room for @len bytes of attributes, or NULL. */
static struct sk_buff *at_nl_ntf_new(const struct at_port *port, size_t len,
				     u8 cmd, void **hdr)
{
	struct sk_buff *skb;

	skb = genlmsg_new(nla_total_size(sizeof(u32)) + len, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &family, 0, cmd);
	if (*hdr && !nla_put_u32(skb, N_AT_A_PORT, port->id))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static int at_nl_to_owner(struct at_port *port, struct sk_buff *skb, void *hdr)
{
	genlmsg_end(skb, hdr);
	return genlmsg_unicast(port->net, skb, port->owner);
}

static int at_nl_send_input(struct at_port *port, u8 cmd, u32 seq,
			    const u8 *buf, size_t n, u32 flags)
{
	struct sk_buff *skb;
	void *hdr;

	skb = at_nl_ntf_new(port,
			    2 * nla_total_size(sizeof(u32)) + nla_total_size(n),
			    cmd, &hdr);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, N_AT_A_SEQ, seq) ||
	    (flags && nla_put_u32(skb, N_AT_A_FLAGS, flags)) ||
	    nla_put(skb, N_AT_A_DATA, n, buf)) {
		nlmsg_free(skb);
		return -ENOMEM;
	}
	return at_nl_to_owner(port, skb, hdr);
}

static int at_nl_send_line(struct at_port *port, u32 seq, const u8 *buf,
			   size_t n, u32 flags)
{
	return at_nl_send_input(port, N_AT_CMD_LINE_NTF, seq, buf, n, flags);
}

static int at_nl_send_data(struct at_port *port, u32 seq, const u8 *buf,
			   size_t n, u32 flags)
{
	return at_nl_send_input(port, N_AT_CMD_DATA_NTF, seq, buf, n, flags);
}

static int at_nl_send_tx_space(struct at_port *port)
{
	void *hdr;
	struct sk_buff *skb =
		at_nl_ntf_new(port, 0, N_AT_CMD_TX_SPACE_NTF, &hdr);

	return skb ? at_nl_to_owner(port, skb, hdr) : -ENOMEM;
}

static int at_nl_send_modem(struct at_port *port, enum n_at_event event)
{
	struct sk_buff *skb;
	void *hdr;

	skb = at_nl_ntf_new(port, nla_total_size(sizeof(u32)),
			    N_AT_CMD_MODEM_NTF, &hdr);
	if (!skb)
		return -ENOMEM;
	if (nla_put_u32(skb, N_AT_A_EVENT, event)) {
		nlmsg_free(skb);
		return -ENOMEM;
	}
	return at_nl_to_owner(port, skb, hdr);
}

static int at_nl_put_mode(struct sk_buff *skb, const struct at_port *port)
{
	if (nla_put_u32(skb, N_AT_A_MODE, at_port_mode(port)))
		return -EMSGSIZE;
	if (port->mode != N_AT_MODE_DATA)
		return 0;
	return nla_put_u32(skb, N_AT_A_DATA_LEN, port->framer.data_want);
}

static int at_nl_put_bytes(struct sk_buff *skb, enum n_at_kind kind,
			   const u8 *buf, size_t n)
{
	bool in = kind <= N_AT_KIND_DATA;

	if (nla_put_u32(skb, N_AT_A_DIRECTION, in ? N_AT_DIR_RX : N_AT_DIR_TX))
		return -EMSGSIZE;
	return nla_put(skb, N_AT_A_DATA, n, buf);
}

static int at_nl_put_copied(struct sk_buff *skb, const struct at_port *port,
			    enum n_at_kind kind, const u8 *buf, size_t n)
{
	if (kind == N_AT_KIND_MODE)
		return at_nl_put_mode(skb, port);
	if (kind == N_AT_KIND_EVENT)
		return nla_put_u32(skb, N_AT_A_EVENT, port->modem.last);
	return at_nl_put_bytes(skb, kind, buf, n);
}

static struct sk_buff *at_nl_monitor_ntf_new(const struct at_port *port,
					     enum n_at_kind kind, u32 flags,
					     const u8 *buf, size_t n)
{
	struct sk_buff *skb;
	void *hdr;

	skb = at_nl_ntf_new(port,
			    4 * nla_total_size(sizeof(u32)) +
				    nla_total_size(n) +
				    nla_total_size(sizeof(u64)),
			    N_AT_CMD_MONITOR_NTF, &hdr);
	if (!skb)
		return NULL;
	if (nla_put_u32(skb, N_AT_A_KIND, kind) ||
	    at_nl_put_uint(skb, N_AT_A_TIME, ktime_get_real_ns()) ||
	    (flags && nla_put_u32(skb, N_AT_A_FLAGS, flags)) ||
	    at_nl_put_copied(skb, port, kind, buf, n)) {
		nlmsg_free(skb);
		return NULL;
	}
	genlmsg_end(skb, hdr);
	return skb;
}

/* Nobody listens: nothing is looked up, nothing copied. */
static void at_nl_send_copies(struct at_port *port, enum n_at_kind kind,
			      u32 flags, const u8 *buf, size_t n)
{
	unsigned int i;
	u32 missed;
	bool sent;

	for_each_set_bit(i, &port->monitors, N_AT_MONITORS_MAX) {
		missed = port->missed & BIT(i) ? N_AT_FLAG_MISSED : 0;
		sent = !at_monitor_is_full(i) &&
		       at_monitor_send(i, at_nl_monitor_ntf_new(port, kind,
								flags | missed,
								buf, n));
		__assign_bit(i, &port->missed, !sent);
	}
}

const struct at_port_link_ops at_netlink_link = {
	.line = at_nl_send_line,
	.data = at_nl_send_data,
	.tx_space = at_nl_send_tx_space,
	.modem = at_nl_send_modem,
	.monitor = at_nl_send_copies,
};

static void at_nl_tell_group(struct at_port *port, u8 cmd)
{
	struct sk_buff *skb;
	void *hdr;

	skb = at_nl_ntf_new(port, nla_total_size(sizeof(port->name)), cmd,
			    &hdr);
	if (!skb)
		return;
	if (nla_put_string(skb, N_AT_A_TTY, port->name)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&family, port->net, skb, 0, MCGRP_PORTS,
				GFP_KERNEL);
}

int at_netlink_add(struct at_port *port)
{
	int err;

	err = xa_alloc_cyclic(&ports, &port->id, port, xa_limit_32b, &last_id,
			      GFP_KERNEL);
	if (err < 0)
		return err;
	mutex_lock(&port->lock);
	port->monitors |= at_monitor_all(port->net);
	mutex_unlock(&port->lock);
	at_nl_tell_group(port, N_AT_CMD_PORT_NEW_NTF);
	return 0;
}

void at_netlink_remove(struct at_port *port)
{
	xa_erase(&ports, port->id);
	at_nl_tell_group(port, N_AT_CMD_PORT_DEL_NTF);
}

/* -- requests ------------------------------------------------------------ */

/* What NLA_POLICY_RANGE() would hold is 16 bits wide. */
#define RANGE(_name, _min, _max) \
	static struct netlink_range_validation _name = { \
		.min = (_min), \
		.max = (_max), \
	}

RANGE(line_max_range, 64, N_AT_LINE_MAX);
RANGE(urc_hold_range, 0, 60000);
RANGE(data_timeout_range, 100, 3600000);
RANGE(rebind_range, 0, 600000);
RANGE(data_len_range, 0, N_AT_DATA_MAX);
RANGE(speed_range, 50, N_AT_SPEED_MAX);
RANGE(exec_timeout_range, 0, 3600000);

#define FLOW_BITS (N_AT_FLOW_RTS_CTS | N_AT_FLOW_XON_OUT | N_AT_FLOW_XON_IN)
#define WATCH_BITS (N_AT_WATCH_DCD | N_AT_WATCH_DSR)

static const struct nla_policy settings_policy[N_AT_S_MAX + 1] = {
	[N_AT_S_ECHO] = NLA_POLICY_MAX(NLA_U32, 1),
	[N_AT_S_ECHO_CR] = NLA_POLICY_MAX(NLA_U32, 1),
	[N_AT_S_REPEAT] = NLA_POLICY_MAX(NLA_U32, 1),
	[N_AT_S_S3] = NLA_POLICY_MAX(NLA_U32, 127),
	[N_AT_S_S4] = NLA_POLICY_MAX(NLA_U32, 127),
	[N_AT_S_S5] = NLA_POLICY_MAX(NLA_U32, 127),
	[N_AT_S_LINE_MAX] = NLA_POLICY_FULL_RANGE(NLA_U32, &line_max_range),
	[N_AT_S_URC_HOLD_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &urc_hold_range),
	[N_AT_S_DATA_TIMEOUT_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &data_timeout_range),
	[N_AT_S_REBIND_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &rebind_range),
	[N_AT_S_ORPHAN_REPLY] = { .type = NLA_BINARY, .len = N_AT_ORPHAN_MAX },
	[N_AT_S_SPEED] = NLA_POLICY_FULL_RANGE(NLA_U32, &speed_range),
	[N_AT_S_DATA_BITS] = NLA_POLICY_RANGE(NLA_U32, 5, 8),
	[N_AT_S_PARITY] = NLA_POLICY_MAX(NLA_U32, N_AT_PARITY_SPACE),
	[N_AT_S_STOP_BITS] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[N_AT_S_FLOW] = NLA_POLICY_MASK(NLA_U32, FLOW_BITS),
	[N_AT_S_WATCH] = NLA_POLICY_MASK(NLA_U32, WATCH_BITS),
	[N_AT_S_EXEC_TIMEOUT_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &exec_timeout_range),
};

static const struct nla_policy port_policy[N_AT_A_PORT + 1] = {
	[N_AT_A_PORT] = { .type = NLA_U32 },
};

static const struct nla_policy set_policy[N_AT_A_SETTINGS + 1] = {
	[N_AT_A_PORT] = { .type = NLA_U32 },
	[N_AT_A_SETTINGS] = NLA_POLICY_NESTED(settings_policy),
};

static const struct nla_policy reply_policy[N_AT_A_SETTINGS + 1] = {
	[N_AT_A_PORT] = { .type = NLA_U32 },
	[N_AT_A_SEQ] = { .type = NLA_U32 },
	[N_AT_A_DATA] = { .type = NLA_BINARY, .len = N_AT_OUT_MAX },
	[N_AT_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, N_AT_FLAG_FINAL),
	[N_AT_A_DATA_LEN] = NLA_POLICY_FULL_RANGE(NLA_U32, &data_len_range),
	[N_AT_A_SETTINGS] = NLA_POLICY_NESTED(settings_policy),
};

static const struct nla_policy urc_policy[N_AT_A_DATA + 1] = {
	[N_AT_A_PORT] = { .type = NLA_U32 },
	[N_AT_A_DATA] = { .type = NLA_BINARY, .len = N_AT_OUT_MAX },
};

/* What the errors of at_port_*() mean to a person. */
static const struct {
	int err;
	const char *text;
} sentences[] = {
	{ -ENODEV, "the tty of this port is gone" },
	{ -EBUSY, "the port has an owner already" },
	{ -EPERM, "the port is not owned by this socket" },
	{ -ESTALE, "the reply is for another line" },
	{ -EPROTO, "no line of this port is being executed" },
	{ -EAGAIN, "the output queue is full, TX_SPACE_NTF will follow" },
};

static int at_nl_explain(struct genl_info *info, int err)
{
	size_t i;

	for (i = 0; info->extack && i < ARRAY_SIZE(sentences); i++)
		if (sentences[i].err == err)
			info->extack->_msg = sentences[i].text;
	return err;
}

static int at_nl_require(struct genl_info *info, int attr, const char *text)
{
	if (info->attrs[attr])
		return 0;
	if (info->extack)
		info->extack->_msg = text;
	return -EINVAL;
}

static int at_nl_pre_doit(at_genl_ops_t *ops, struct sk_buff *skb,
			  struct genl_info *info)
{
	struct at_port *port;
	int err;

	if (ops->cmd == N_AT_CMD_MONITOR && !info->attrs[N_AT_A_PORT])
		return 0;
	err = at_nl_require(info, N_AT_A_PORT, "PORT is missing");
	if (err)
		return err;
	port = at_nl_port_get(genl_info_net(info),
			      nla_get_u32(info->attrs[N_AT_A_PORT]));
	if (!port) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[N_AT_A_PORT],
				    "no such port in this network namespace");
		return -ENODEV;
	}
	mutex_lock(&port->lock);
	info->user_ptr[0] = port;
	return 0;
}

static void at_nl_post_doit(at_genl_ops_t *ops, struct sk_buff *skb,
			    struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];

	if (!port)
		return;
	mutex_unlock(&port->lock);
	at_port_put(port);
}

/* Answers a request with what PORT_GET tells. */
static int at_nl_answer_port(struct at_port *port, struct genl_info *info)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put_reply(skb, info, &family, 0, info->genlhdr->cmd);
	if (!hdr || at_nl_put_port(skb, port)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int at_nl_port_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return at_nl_answer_port(info->user_ptr[0], info);
}

static int at_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			  struct at_port *port)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &family, NLM_F_MULTI,
				N_AT_CMD_PORT_GET);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	mutex_lock(&port->lock);
	err = at_nl_put_port(skb, port);
	mutex_unlock(&port->lock);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

static int at_nl_port_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	const struct net *net = sock_net(cb->skb->sk);
	unsigned long id = cb->args[0];
	struct at_port *port;
	int err = 0;

	while (!err && (port = at_nl_port_get_from(net, &id))) {
		err = at_nl_dump_one(skb, cb, port);
		at_port_put(port);
		if (!err)
			cb->args[0] = ++id;
	}
	return skb->len;
}

static bool at_nl_tells_line(struct nlattr **tb)
{
	return tb[N_AT_S_SPEED] || tb[N_AT_S_DATA_BITS] || tb[N_AT_S_PARITY] ||
	       tb[N_AT_S_STOP_BITS] || tb[N_AT_S_FLOW];
}

/*
 * *@set: those of @port, changed by the message, whose values the policy has
 * checked.  What it does not tell of the line stays as it is or is to be.
 */
static int at_nl_parse_settings(struct genl_info *info, struct at_port *port,
				struct at_settings *set)
{
	struct nlattr *tb[N_AT_S_MAX + 1];
	int err, attr;

	err = nla_parse_nested(tb, N_AT_S_MAX, info->attrs[N_AT_A_SETTINGS],
			       settings_policy, info->extack);
	if (err)
		return err;
	*set = port->set;
	if (at_nl_tells_line(tb) && port->tty && !at_line_changing(port))
		at_line_get(port->tty, &set->line);
	for (attr = 1; attr <= N_AT_S_MAX; attr++)
		if (tb[attr] && numbers[attr])
			*at_nl_number(set, attr) = nla_get_u32(tb[attr]);
	if (tb[N_AT_S_ORPHAN_REPLY]) {
		set->orphan_len = nla_len(tb[N_AT_S_ORPHAN_REPLY]);
		memcpy(set->orphan, nla_data(tb[N_AT_S_ORPHAN_REPLY]),
		       set->orphan_len);
	}
	return 0;
}

static int at_nl_port_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	struct at_settings set;
	int err = at_nl_require(info, N_AT_A_SETTINGS, "SETTINGS is missing")
			  ?: at_nl_parse_settings(info, port, &set);

	if (err)
		return err;
	return at_nl_explain(info, at_port_set(port, info->snd_portid, &set));
}

/* A line that waited for an owner goes out behind the answer. */
static int at_nl_bind_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	int err = at_port_bind(port, info->snd_portid);

	if (err)
		return at_nl_explain(info, err);
	err = at_nl_answer_port(port, info);
	if (err)
		at_port_unbind(port, info->snd_portid);
	else
		at_port_run(port);
	return err;
}

static int at_nl_unbind_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];

	return at_nl_explain(info, at_port_unbind(port, info->snd_portid));
}

static int at_nl_reply_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	struct nlattr **a = info->attrs;
	struct at_reply reply = { .portid = info->snd_portid };
	struct at_settings set;
	int err;

	err = at_nl_require(info, N_AT_A_SEQ, "SEQ is missing");
	if (err)
		return err;
	reply.seq = nla_get_u32(a[N_AT_A_SEQ]);
	if (a[N_AT_A_DATA]) {
		reply.out = nla_data(a[N_AT_A_DATA]);
		reply.out_len = nla_len(a[N_AT_A_DATA]);
	}
	if (a[N_AT_A_FLAGS])
		reply.final = nla_get_u32(a[N_AT_A_FLAGS]) & N_AT_FLAG_FINAL;
	if (a[N_AT_A_DATA_LEN]) {
		reply.wants_data = true;
		reply.data_len = nla_get_u32(a[N_AT_A_DATA_LEN]);
	}
	if (reply.final && reply.wants_data) {
		NL_SET_ERR_MSG_ATTR(info->extack, a[N_AT_A_DATA_LEN],
				    "a final reply cannot ask for data");
		return -EINVAL;
	}
	if (a[N_AT_A_SETTINGS]) {
		err = at_nl_parse_settings(info, port, &set);
		if (err)
			return err;
		reply.set = &set;
	}
	return at_nl_explain(info, at_port_reply(port, &reply));
}

static int at_nl_urc_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	struct nlattr *data = info->attrs[N_AT_A_DATA];
	int err = at_nl_require(info, N_AT_A_DATA, "DATA is missing");

	if (err)
		return err;
	return at_nl_explain(info, at_port_urc(port, info->snd_portid,
					       nla_data(data), nla_len(data)));
}

/* A port that comes meanwhile finds the monitor in at_netlink_add(). */
static void at_nl_monitor_all_ports(const struct net *net, unsigned long bit)
{
	struct at_port *port;
	unsigned long id = 0;

	while ((port = at_nl_port_get_from(net, &id))) {
		mutex_lock(&port->lock);
		port->monitors |= bit;
		mutex_unlock(&port->lock);
		at_port_put(port);
		id++;
	}
}

static int at_nl_monitor_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	int i;

	if (port && !port->tty)
		return at_nl_explain(info, -ENODEV);
	i = at_monitor_add(NETLINK_CB(skb).sk, !port);
	if (i < 0) {
		NL_SET_ERR_MSG(info->extack, "too many sockets monitor already");
		return i;
	}
	if (port)
		port->monitors |= BIT(i);
	else
		at_nl_monitor_all_ports(genl_info_net(info), BIT(i));
	return 0;
}

static const struct genl_ops ops[] = {
	{
		.cmd = N_AT_CMD_PORT_GET,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_port_get_doit,
		.dumpit = at_nl_port_get_dumpit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_PORT_SET,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_port_set_doit,
		.policy = set_policy,
		.maxattr = ARRAY_SIZE(set_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_BIND,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_bind_doit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_UNBIND,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_unbind_doit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_REPLY,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_reply_doit,
		.policy = reply_policy,
		.maxattr = ARRAY_SIZE(reply_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_URC,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_urc_doit,
		.policy = urc_policy,
		.maxattr = ARRAY_SIZE(urc_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_MONITOR,
		.flags = GENL_ADMIN_PERM,
		.doit = at_nl_monitor_doit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
};

static struct genl_family family = {
	.name = N_AT_FAMILY_NAME,
	.version = N_AT_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.pre_doit = at_nl_pre_doit,
	.post_doit = at_nl_post_doit,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
};

/* -- owners and monitors that die ---------------------------------------- */

static void at_nl_leave_ports(const struct net *net, u32 portid)
{
	unsigned long closed = at_monitor_closed(net);
	struct at_port *port;
	unsigned long id = 0;

	while ((port = at_nl_port_get_from(net, &id))) {
		mutex_lock(&port->lock);
		port->monitors &= ~closed;
		port->missed &= ~closed;
		if (port->owner == portid)
			at_port_owner_gone(port);
		mutex_unlock(&port->lock);
		at_port_put(port);
		id++;
	}
	at_monitor_free(closed);
}

/* In the dying process, when the last file of the socket is gone; may sleep. */
static int at_nl_on_release(struct notifier_block *nb, unsigned long event,
			    void *arg)
{
	const struct netlink_notify *n = arg;

	if (event == NETLINK_URELEASE && n->protocol == NETLINK_GENERIC)
		at_nl_leave_ports(n->net, n->portid);
	return NOTIFY_DONE;
}

static struct notifier_block release_notifier = {
	.notifier_call = at_nl_on_release,
};

int at_netlink_register(void)
{
	int err = genl_register_family(&family);

	if (err)
		return err;
	err = netlink_register_notifier(&release_notifier);
	if (err)
		genl_unregister_family(&family);
	return err;
}

void at_netlink_unregister(void)
{
	netlink_unregister_notifier(&release_notifier);
	genl_unregister_family(&family);
	at_monitor_exit();
}
