// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/family.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/n_at_socket.h"

#define ROOM	(1024 * 1024)	/* some hundred lines, with overhead */

struct family {
	struct nl_sock *sock;
	int id;
	bool gone;		/* the family is no more */
	bool answered;		/* what was asked */
	family_handler fn;
	void *ctx;
};

enum ctl_status family_missing(void)
{
	return ctl_fail(CTL_NO_MODULE,
			"module n_at is not loaded: try 'modprobe n_at'");
}

static enum ctl_status fail(int err, const char *what)
{
	if (err == -NLE_PERM)
		return ctl_fail(CTL_FAILED, "%s: this needs CAP_NET_ADMIN",
				what);
	if (err == -NLE_BUSY)
		return ctl_fail(CTL_FAILED, "%s: too many do already", what);
	if (err == -NLE_OBJ_NOTFOUND)
		return family_missing();	/* unloaded just now */
	return ctl_fail(CTL_FAILED, "%s: %s", what, nl_geterror(err));
}

/* "nlctrl" tells of families that come and go. */
static bool is_end(const struct family *f, struct nlmsghdr *hdr)
{
	struct genlmsghdr *genl = nlmsg_data(hdr);
	struct nlattr *a[CTRL_ATTR_MAX + 1];

	return hdr->nlmsg_type == GENL_ID_CTRL &&
	       genlmsg_parse(hdr, 0, a, CTRL_ATTR_MAX, NULL) >= 0 &&
	       genl->cmd == CTRL_CMD_DELFAMILY && a[CTRL_ATTR_FAMILY_ID] &&
	       nla_get_u16(a[CTRL_ATTR_FAMILY_ID]) == f->id;
}

static int on_message(struct nl_msg *msg, void *arg)
{
	struct family *f = arg;
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct nlattr *attrs[N_AT_A_MAX + 1];
	struct genlmsghdr *genl = nlmsg_data(hdr);

	f->gone |= is_end(f, hdr);
	if (hdr->nlmsg_type != f->id || !f->fn ||
	    genlmsg_parse(hdr, 0, attrs, N_AT_A_MAX, n_at_policy) < 0)
		return NL_SKIP;
	f->fn(f->ctx, genl->cmd, attrs);
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct family *f = arg;

	(void)msg;
	f->answered = true;
	return NL_STOP;
}

static int connect_family(struct family *f)
{
	int err = n_at_connect(f->sock, ROOM);

	if (err)
		return err;
	f->id = genl_ctrl_resolve(f->sock, N_AT_FAMILY_NAME);
	if (f->id < 0)
		return f->id;
	nl_socket_disable_seq_check(f->sock);
	nl_socket_modify_cb(f->sock, NL_CB_VALID, NL_CB_CUSTOM, on_message, f);
	nl_socket_modify_cb(f->sock, NL_CB_ACK, NL_CB_CUSTOM, on_ack, f);
	return 0;
}

enum ctl_status family_open(struct family **out)
{
	struct family *f = calloc(1, sizeof(*f));
	int err;

	if (!f || !(f->sock = nl_socket_alloc())) {
		free(f);
		return ctl_fail(CTL_FAILED, "no memory");
	}
	err = connect_family(f);
	if (!err) {
		*out = f;
		return CTL_OK;
	}
	family_close(f);
	if (err == -NLE_OBJ_NOTFOUND)
		return CTL_NO_MODULE;
	return fail(err, "netlink");
}

void family_close(struct family *f)
{
	if (!f)
		return;
	nl_socket_free(f->sock);
	free(f);
}

/* ---- asking ---- */

struct listing {
	void (*fn)(void *ctx, const struct n_at_port *port);
	void *ctx;
};

static void on_port(void *ctx, enum n_at_cmd cmd, struct nlattr **attrs)
{
	struct listing *l = ctx;
	struct n_at_port port;

	if (cmd == N_AT_CMD_PORT_GET && !n_at_port_parse(attrs, &port))
		l->fn(l->ctx, &port);
}

static enum ctl_status dump(struct family *f, struct listing *l)
{
	int err;

	f->fn = on_port;
	f->ctx = l;
	err = genl_send_simple(f->sock, f->id, N_AT_CMD_PORT_GET,
			       N_AT_FAMILY_VERSION, NLM_F_DUMP);
	if (err >= 0)
		err = nl_recvmsgs_default(f->sock);
	f->fn = NULL;
	return err < 0 ? fail(err, "the ports") : CTL_OK;
}

enum ctl_status family_ports(void (*fn)(void *ctx, const struct n_at_port *p),
			     void *ctx)
{
	struct family *f = NULL;
	enum ctl_status status = family_open(&f);

	if (status == CTL_NO_MODULE)
		return family_missing();
	if (!status)
		status = dump(f, &(struct listing){ fn, ctx });
	family_close(f);
	return status;
}

static struct nl_msg *owner_request(const struct family *f, uint32_t id,
				    uint32_t uid, uint32_t gid)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return NULL;
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, f->id, 0, 0,
			N_AT_CMD_PORT_SET, N_AT_FAMILY_VERSION) &&
	    !nla_put_u32(msg, N_AT_A_PORT, id) &&
	    !nla_put_u32(msg, N_AT_A_OWNER_UID, uid) &&
	    !nla_put_u32(msg, N_AT_A_OWNER_GID, gid))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static enum ctl_status set_owner(struct family *f, uint32_t id, uint32_t uid,
				 uint32_t gid)
{
	struct nl_msg *msg = owner_request(f, id, uid, gid);
	int err;

	if (!msg)
		return ctl_fail(CTL_FAILED, "no memory");
	err = nl_send_sync(f->sock, msg);	/* which frees it */
	return err < 0 ? fail(err, "owner") : CTL_OK;
}

enum ctl_status family_set_owner(uint32_t id, uint32_t uid, uint32_t gid)
{
	struct family *f = NULL;
	enum ctl_status status = family_open(&f);

	if (status == CTL_NO_MODULE)
		return family_missing();
	if (!status)
		status = set_owner(f, id, uid, gid);
	family_close(f);
	return status;
}

/* ---- listening ---- */

static enum ctl_status join(struct family *f, const char *family,
			    const char *group)
{
	int id = genl_ctrl_resolve_grp(f->sock, family, group);
	int err = id;

	if (id >= 0)
		err = nl_socket_add_membership(f->sock, id);
	if (err >= 0)
		err = nl_socket_set_nonblocking(f->sock);
	return err < 0 ? fail(err, group) : CTL_OK;
}

enum ctl_status family_join(struct family *f, const char *group)
{
	return join(f, N_AT_FAMILY_NAME, group);
}

/* The groups of a family that goes just fall silent. */
enum ctl_status family_watch(struct family *f)
{
	return join(f, "nlctrl", "notify");
}

/* The kernel answers within the send, perhaps behind notifications. */
enum ctl_status family_monitor(struct family *f)
{
	int err = genl_send_simple(f->sock, f->id, N_AT_CMD_MONITOR,
				   N_AT_FAMILY_VERSION, 0);

	f->answered = false;
	while (err >= 0 && !f->answered)
		err = nl_recvmsgs_default(f->sock);
	return err < 0 ? fail(err, "monitor") : CTL_OK;
}

int family_fd(const struct family *f)
{
	return nl_socket_get_fd(f->sock);
}

/*
 * The socket tells of an overrun first; what it holds is older, and nothing
 * more is put into it until it was emptied.
 */
int family_receive(struct family *f, family_handler fn, void *ctx)
{
	bool lost = false;
	int err;

	f->fn = fn;
	f->ctx = ctx;
	do {
		err = nl_recvmsgs_default(f->sock);
		if (err == -NLE_NOMEM && !lost) {
			lost = true;
			err = 0;
		}
	} while (err >= 0);
	f->fn = NULL;
	if (f->gone)
		return -ENODEV;
	if (err != -NLE_AGAIN && err != -NLE_NOMEM)
		return -EIO;
	return lost ? -ENOBUFS : 0;
}
