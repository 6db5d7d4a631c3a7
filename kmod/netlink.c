// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The generic netlink family "n_at" (see linux/n_at.h): what it is asked, and
 * by whom.
 *
 * A doit runs with its port found, referenced and locked by at_nl_pre_doit().
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "compat.h"
#include "message.h"
#include "monitor.h"
#include "netlink.h"
#include "ports.h"
#include "socket.h"

/*
 * Anybody can be in a group: its number can be joined before it is there, when
 * nobody is asked for a right.  So a group gets names, and never what a host or
 * an owner has said.
 */
static const struct genl_multicast_group groups[] = {
	[AT_NL_GROUP_PORTS] = { .name = N_AT_MCGRP_PORTS },
};

/* -- what a request may hold --------------------------------------------- */

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
	[N_AT_S_DATA_TIMEOUT_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &data_timeout_range),
	[N_AT_S_REBIND_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &rebind_range),
	[N_AT_S_ORPHAN_REPLY] = { .type = NLA_BINARY, .len = N_AT_ORPHAN_MAX },
	[N_AT_S_SPEED] = NLA_POLICY_FULL_RANGE(NLA_U32, &speed_range),
	[N_AT_S_DATA_BITS] = NLA_POLICY_RANGE(NLA_U32, 5, 8),
	[N_AT_S_PARITY] = NLA_POLICY_MAX(NLA_U32, N_AT_PARITY_SPACE),
	[N_AT_S_STOP_BITS] = NLA_POLICY_RANGE(NLA_U32, 1, 2),
	[N_AT_S_FLOW] = NLA_POLICY_MASK(NLA_U32, FLOW_BITS),
	[N_AT_S_WATCH] = NLA_POLICY_MASK(NLA_U32, WATCH_BITS),
	[N_AT_S_EXEC_TIMEOUT_MS] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &exec_timeout_range),
};

static const struct nla_policy port_policy[N_AT_A_PORT + 1] = {
	[N_AT_A_PORT] = { .type = NLA_U32 },
};

static const struct nla_policy set_policy[N_AT_A_SETTINGS + 1] = {
	[N_AT_A_PORT] = { .type = NLA_U32 },
	[N_AT_A_OWNER_UID] = { .type = NLA_U32 },
	[N_AT_A_OWNER_GID] = { .type = NLA_U32 },
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

/* -- rights -------------------------------------------------------------- */

static bool at_nl_is_member(const struct cred *cred, kgid_t gid)
{
	const struct group_info *groups = cred->group_info;
	int i;

	for (i = 0; i < groups->ngroups; i++)
		if (gid_eq(groups->gid[i], gid))
			return true;
	return gid_eq(cred->egid, gid);
}

/*
 * Who opened the socket counts, not who sends: a process of more rights may be
 * made to write to a socket of somebody else's.
 */
static bool at_nl_is_named(const struct at_port *port, const struct sock *sk)
{
	const struct cred *opener = sk->sk_socket->file->f_cred;

	if (uid_valid(port->owner_uid) &&
	    uid_eq(opener->euid, port->owner_uid))
		return true;
	return gid_valid(port->owner_gid) &&
	       at_nl_is_member(opener, port->owner_gid);
}

/* @skb is the request. */
static bool at_nl_may_own(const struct at_port *port, struct sk_buff *skb)
{
	return at_nl_is_named(port, NETLINK_CB(skb).sk) ||
	       netlink_capable(skb, CAP_NET_ADMIN);
}

/* -- requests ------------------------------------------------------------ */

/* What the errors of at_port_*() mean to a person. */
static int at_nl_explain(struct genl_info *info, int err)
{
	struct netlink_ext_ack *extack = info->extack;

	switch (err) {
	case -ENODEV:
		NL_SET_ERR_MSG(extack, "the tty of this port is gone");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(extack, "the port has an owner already");
		break;
	case -EPERM:
		NL_SET_ERR_MSG(extack, "the port is not owned by this socket");
		break;
	case -ESTALE:
		NL_SET_ERR_MSG(extack, "the reply is for another line");
		break;
	case -ENOMEM:
		NL_SET_ERR_MSG(extack, "there is no memory for the data");
		break;
	case -EPROTO:
		NL_SET_ERR_MSG(extack, "no line of this port is executed");
		break;
	case -EAGAIN:
		NL_SET_ERR_MSG(extack,
			       "the output queue is full, wait for TX_SPACE_NTF");
		break;
	}
	return err;
}

/* Which one is told by its number, if the kernel can do so. */
static bool at_nl_lacks(struct genl_info *info, int attr)
{
	if (!GENL_REQ_ATTR_CHECK(info, attr))
		return false;
	NL_SET_ERR_MSG(info->extack, "an attribute is missing");
	return true;
}

static int at_nl_pre_doit(at_genl_ops_t *ops, struct sk_buff *skb,
			  struct genl_info *info)
{
	struct at_port *port;

	if (ops->cmd == N_AT_CMD_MONITOR && !info->attrs[N_AT_A_PORT])
		return 0;
	if (at_nl_lacks(info, N_AT_A_PORT))
		return -EINVAL;
	port = at_ports_get(genl_info_net(info),
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
static int at_nl_answer_port(struct at_port *port, struct genl_info *info,
			     bool all)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!skb)
		return -ENOMEM;
	hdr = genlmsg_put_reply(skb, info, &at_nl_family, 0,
				info->genlhdr->cmd);
	if (!hdr || at_message_put_port(skb, port, all)) {
		nlmsg_free(skb);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

static int at_nl_port_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];

	return at_nl_answer_port(port, info, at_nl_may_own(port, skb));
}

static int at_nl_dump_one(struct sk_buff *skb, struct netlink_callback *cb,
			  struct at_port *port)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &at_nl_family, NLM_F_MULTI,
				N_AT_CMD_PORT_GET);
	int err;

	if (!hdr)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, hdr);
	mutex_lock(&port->lock);
	err = at_message_put_port(skb, port, at_nl_may_own(port, cb->skb));
	mutex_unlock(&port->lock);
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

static int at_nl_port_get_start(struct netlink_callback *cb)
{
	if (!nlmsg_find_attr(cb->nlh, GENL_HDRLEN, N_AT_A_PORT))
		return 0;
	NL_SET_ERR_MSG(cb->extack, "a dump is of all ports");
	return -EINVAL;
}

static int at_nl_port_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	unsigned long id = cb->args[0];
	struct at_port *port;
	int err = 0;

	cb->seq = at_ports_seq(net);
	while (!err && (port = at_ports_next(net, &id))) {
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
	int err;

	err = nla_parse_nested(tb, N_AT_S_MAX, info->attrs[N_AT_A_SETTINGS],
			       settings_policy, info->extack);
	if (err)
		return err;
	*set = port->set;
	set->has_line = at_nl_tells_line(tb);
	if (at_line_changing(port))
		set->line = port->change.to;
	else
		at_line_get(port, &set->line);
	at_message_get_settings(tb, set);
	return 0;
}

static int at_nl_parse_owner(struct genl_info *info, kuid_t *uid, kgid_t *gid)
{
	struct user_namespace *ns = current_user_ns();
	struct nlattr *u = info->attrs[N_AT_A_OWNER_UID];
	struct nlattr *g = info->attrs[N_AT_A_OWNER_GID];

	if (u)
		*uid = make_kuid(ns, nla_get_u32(u));
	if (g)
		*gid = make_kgid(ns, nla_get_u32(g));
	if (u && !uid_valid(*uid) && nla_get_u32(u) != (u32)-1) {
		NL_SET_ERR_MSG_ATTR(info->extack, u, "no such user");
		return -EINVAL;
	}
	if (g && !gid_valid(*gid) && nla_get_u32(g) != (u32)-1) {
		NL_SET_ERR_MSG_ATTR(info->extack, g, "no such group");
		return -EINVAL;
	}
	return 0;
}

static int at_nl_set_owner(struct at_port *port, struct sk_buff *skb,
			   struct genl_info *info)
{
	kuid_t uid = port->owner_uid;
	kgid_t gid = port->owner_gid;
	int err;

	if (!netlink_capable(skb, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG(info->extack,
			       "naming who may own it needs CAP_NET_ADMIN");
		return -EPERM;
	}
	if (!port->tty)
		return at_nl_explain(info, -ENODEV);
	err = at_nl_parse_owner(info, &uid, &gid);
	if (err)
		return err;
	port->owner_uid = uid;
	port->owner_gid = gid;
	at_message_tell_group(port, N_AT_CMD_PORT_CHANGE_NTF);
	return 0;
}

static int at_nl_set_settings(struct at_port *port, struct sk_buff *skb,
			      struct genl_info *info)
{
	struct sock *sk = NETLINK_CB(skb).sk;
	struct at_settings set;
	int err = at_nl_parse_settings(info, port, &set);

	if (err)
		return err;
	if (netlink_capable(skb, CAP_NET_ADMIN))
		sk = port->owner;
	return at_nl_explain(info, at_port_set(port, sk, &set));
}

static int at_nl_port_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool owner = info->attrs[N_AT_A_OWNER_UID] ||
		     info->attrs[N_AT_A_OWNER_GID];
	struct at_port *port = info->user_ptr[0];
	int err = 0;

	if (!owner && at_nl_lacks(info, N_AT_A_SETTINGS))
		return -EINVAL;
	/* it takes more right, so a request is refused as a whole */
	if (owner)
		err = at_nl_set_owner(port, skb, info);
	if (!err && info->attrs[N_AT_A_SETTINGS])
		err = at_nl_set_settings(port, skb, info);
	return err;
}

/* A line that waited for an owner goes out behind the answer. */
static int at_nl_bind_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	struct sock *sk = NETLINK_CB(skb).sk;
	int err;

	if (!at_nl_may_own(port, skb)) {
		NL_SET_ERR_MSG(info->extack,
			       "nobody has named you as who may own it");
		return -EPERM;
	}
	err = at_port_bind(port, sk);
	if (err)
		return at_nl_explain(info, err);
	sock_hold(sk);
	WRITE_ONCE(port->owner_id, info->snd_portid);
	err = at_nl_answer_port(port, info, true);
	if (err)
		at_port_unbind(port, sk);
	else
		at_port_run(port);
	return err;
}

static int at_nl_unbind_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];

	return at_nl_explain(info, at_port_unbind(port, NETLINK_CB(skb).sk));
}

static int at_nl_reply_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct at_port *port = info->user_ptr[0];
	struct nlattr **a = info->attrs;
	struct at_reply reply = { .from = NETLINK_CB(skb).sk };
	struct at_settings set;
	int err;

	if (at_nl_lacks(info, N_AT_A_SEQ))
		return -EINVAL;
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

	if (at_nl_lacks(info, N_AT_A_DATA))
		return -EINVAL;
	return at_nl_explain(info, at_port_urc(port, NETLINK_CB(skb).sk,
					       nla_data(data), nla_len(data)));
}

/* A port that comes meanwhile finds the monitor in at_nl_add(). */
static void at_nl_monitor_all_ports(struct net *net, unsigned long bit)
{
	struct at_port *port;
	unsigned long id = 0;

	while ((port = at_ports_next(net, &id))) {
		mutex_lock(&port->lock);
		WRITE_ONCE(port->monitors, port->monitors | bit);
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
		WRITE_ONCE(port->monitors, port->monitors | BIT(i));
	else
		at_nl_monitor_all_ports(genl_info_net(info), BIT(i));
	return 0;
}

static const struct genl_ops ops[] = {
	{
		.cmd = N_AT_CMD_PORT_GET,
		.doit = at_nl_port_get_doit,
		.start = at_nl_port_get_start,
		.dumpit = at_nl_port_get_dumpit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_PORT_SET,
		.doit = at_nl_port_set_doit,
		.policy = set_policy,
		.maxattr = ARRAY_SIZE(set_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_BIND,
		.doit = at_nl_bind_doit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_UNBIND,
		.doit = at_nl_unbind_doit,
		.policy = port_policy,
		.maxattr = ARRAY_SIZE(port_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_REPLY,
		.doit = at_nl_reply_doit,
		.policy = reply_policy,
		.maxattr = ARRAY_SIZE(reply_policy) - 1,
	},
	{
		.cmd = N_AT_CMD_URC,
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

struct genl_family at_nl_family = {
	.name = N_AT_FAMILY_NAME,
	.version = N_AT_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.pre_doit = at_nl_pre_doit,
	.post_doit = at_nl_post_doit,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

MODULE_ALIAS_GENL_FAMILY(N_AT_FAMILY_NAME);

/* -- ports that come and go ---------------------------------------------- */

int at_nl_add(struct at_port *port)
{
	int err = at_ports_add(port);

	if (err)
		return err;
	mutex_lock(&port->lock);
	WRITE_ONCE(port->monitors, port->monitors | at_monitor_all(port->net));
	mutex_unlock(&port->lock);
	at_message_tell_group(port, N_AT_CMD_PORT_NEW_NTF);
	return 0;
}

static void at_nl_tell_removed(struct at_port *port)
{
	at_message_tell_group(port, N_AT_CMD_PORT_DEL_NTF);
}

void at_nl_remove(struct at_port *port)
{
	at_ports_remove(port, at_nl_tell_removed);
}

/* -- owners and monitors that die ---------------------------------------- */

/*
 * What a socket has to do with a port has been made by a doit of its own, so it
 * is seen without the port's lock, which others need not wait for.
 */
static bool at_nl_concerns(const struct at_port *port, u32 portid,
			   unsigned long monitors)
{
	return READ_ONCE(port->owner_id) == portid ||
	       READ_ONCE(port->monitors) & monitors;
}

static void at_nl_leave_port(struct at_port *port, unsigned long monitors)
{
	mutex_lock(&port->lock);
	WRITE_ONCE(port->monitors, port->monitors & ~monitors);
	port->missed &= ~monitors;
	if (port->owner && at_socket_is_closed(port->owner))
		at_port_owner_gone(port);
	mutex_unlock(&port->lock);
}

static void at_nl_leave_ports(struct net *net, u32 portid)
{
	unsigned long monitors = at_monitor_closed(net);
	struct at_port *port;
	unsigned long id = 0;

	while ((port = at_ports_next(net, &id))) {
		if (at_nl_concerns(port, portid, monitors))
			at_nl_leave_port(port, monitors);
		at_port_put(port);
		id++;
	}
	at_monitor_free(monitors);
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

int at_nl_register(void)
{
	int err = at_ports_register();

	if (err)
		return err;
	err = genl_register_family(&at_nl_family);
	if (err)
		goto err_ports;
	err = netlink_register_notifier(&release_notifier);
	if (err)
		goto err_family;
	return 0;

err_family:
	genl_unregister_family(&at_nl_family);
err_ports:
	at_ports_unregister();
	return err;
}

void at_nl_unregister(void)
{
	netlink_unregister_notifier(&release_notifier);
	genl_unregister_family(&at_nl_family);
	at_monitor_exit();
	at_ports_unregister();
}
