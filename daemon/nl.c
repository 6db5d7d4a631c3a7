// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What comes for each line, and what answers it, goes through two buffers that
 * are there, without libnl, which allocates and peeks; the rest is taken apart
 * by it.  A request carries NLM_F_ACK only if its fate has to be known at once:
 * the kernel answers the ones that fail, so that an answered line costs one
 * recvfrom(2) and one send(2).
 *
 * The kernel does not quote what it refuses (NETLINK_CAP_ACK), which may be a
 * secret, and a long one: what was asked is found by its number.
 *
 * A turn of the loop handles at most BATCH messages: a host that pipelines
 * without a gap is answered without end, and other ports wait for timers and
 * for their brokers.
 */
#include "daemon/nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/lib/log.h"
#include "daemon/n_at_socket.h"
#include "daemon/nl_out.h"

#define RECV_BUF	(N_AT_LINE_MAX + 4096)	/* the longest: a line, data */
/*
 * A line of each of 256 ports, of the longest kind.  Without CAP_NET_ADMIN it
 * is net.core.rmem_max at most, which is enough for short ones.
 */
#define ROOM		(256 * N_AT_LINE_MAX)
#define BATCH		16		/* messages before others get a turn */
#define ASKED		1024		/* requests whose refusal may come */

_Static_assert(N_AT_DATA_MAX <= N_AT_LINE_MAX, "there is room for both");

/* A request, for the refusal that may come. */
struct asked {
	uint32_t seq;
	uint32_t port;
	enum n_at_cmd cmd;
};

/* A message that came while a request's fate was looked for. */
struct deferred {
	struct deferred *next;
	size_t len;
	unsigned char bytes[];
};

struct n_at {
	struct nl_sock *sock;
	uv_poll_t poll;
	uv_idle_t idle;		/* runs while there are deferred messages */
	const struct n_at_callbacks *cb;
	void *ctx;

	int family;		/* 0: the module is not loaded */
	int ctrl;		/* "nlctrl" */

	struct deferred *first;
	struct deferred **last;
	unsigned int handles;	/* to be closed before the struct is freed */
	uint64_t emptied;	/* nothing waited then, or later: ms, by uv_now() */
	bool dumping;		/* the ports */
	bool dump_again;	/* something was lost meanwhile */
	struct asked asked[ASKED];	/* by seq */
	struct nl_out out;
	unsigned char buf[RECV_BUF] __attribute__((aligned(NLMSG_ALIGNTO)));
	/* while buf is being handled */
	unsigned char aside[RECV_BUF] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static int nl_errno(int err)
{
	switch (-err) {
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
		return -EPERM;
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_MSGSIZE:
		return -EMSGSIZE;
	default:
		return -EIO;
	}
}

static int fd_of(const struct n_at *nl)
{
	return nl_socket_get_fd(nl->sock);
}

uint32_t n_at_id(const struct n_at *nl)
{
	return nl_socket_get_local_port(nl->sock);
}

/* ---- requests ---- */

static int begin(struct n_at *nl, enum n_at_cmd cmd, uint32_t id, int flags)
{
	if (!nl->family)
		return -ENODEV;
	nl_out_begin(&nl->out, nl->family, cmd, flags);
	nl->asked[nl->out.seq % ASKED] =
		(struct asked){ nl->out.seq, id, cmd };
	if (id)
		nl_out_u32(&nl->out, N_AT_A_PORT, id);
	return 0;
}

static int send_out(struct n_at *nl)
{
	return nl_out_send(&nl->out, fd_of(nl));
}

static void put_uart(struct nl_out *out, const struct at_uart *u)
{
	if (u->speed)
		nl_out_u32(out, N_AT_S_SPEED, u->speed);
	if (u->data_bits) {
		nl_out_u32(out, N_AT_S_DATA_BITS, u->data_bits);
		nl_out_u32(out, N_AT_S_PARITY, u->parity);
		nl_out_u32(out, N_AT_S_STOP_BITS, u->stop_bits);
	}
	if (u->has_flow)
		nl_out_u32(out, N_AT_S_FLOW, u->flow);
}

static uint32_t watch_of(uint32_t reset_on)
{
	return (reset_on & RESET_ON_DCD ? N_AT_WATCH_DCD : 0) |
	       (reset_on & RESET_ON_DSR ? N_AT_WATCH_DSR : 0);
}

static void put_settings(struct nl_out *out, const struct at_line_settings *s)
{
	struct nlattr *nest = nl_out_nest(out, N_AT_A_SETTINGS);

	nl_out_u32(out, N_AT_S_ECHO, s->echo);
	nl_out_u32(out, N_AT_S_ECHO_CR, s->echo_cr);
	nl_out_u32(out, N_AT_S_REPEAT, s->repeat);
	nl_out_u32(out, N_AT_S_S3, s->s3);
	nl_out_u32(out, N_AT_S_S4, s->s4);
	nl_out_u32(out, N_AT_S_S5, s->s5);
	nl_out_u32(out, N_AT_S_URC_HOLD_MS, s->urc_hold_ms);
	nl_out_u32(out, N_AT_S_DATA_TIMEOUT_MS, s->data_timeout_ms);
	nl_out_u32(out, N_AT_S_EXEC_TIMEOUT_MS, s->exec_timeout_ms);
	nl_out_u32(out, N_AT_S_WATCH, watch_of(s->watch));
	put_uart(out, &s->uart);
	nl_out_nest_end(out, nest);
}

static int simple_request(struct n_at *nl, enum n_at_cmd cmd, uint32_t id,
			  int flags)
{
	return begin(nl, cmd, id, flags) ?: send_out(nl);
}

int n_at_get(struct n_at *nl, uint32_t id)
{
	return simple_request(nl, N_AT_CMD_PORT_GET, id, 0);
}

int n_at_bind(struct n_at *nl, uint32_t id)
{
	return simple_request(nl, N_AT_CMD_BIND, id, 0);
}

int n_at_set(struct n_at *nl, uint32_t id, const struct at_line_settings *set)
{
	int err = begin(nl, N_AT_CMD_PORT_SET, id, 0);

	if (err)
		return err;
	put_settings(&nl->out, set);
	return send_out(nl);
}

static int send_reply(struct n_at *nl, const struct n_at_answer *a, int flags)
{
	int err = begin(nl, N_AT_CMD_REPLY, a->port, flags);

	if (err)
		return err;
	nl_out_u32(&nl->out, N_AT_A_SEQ, a->seq);
	if (a->len)
		nl_out_put(&nl->out, N_AT_A_DATA, a->data, a->len);
	if (a->data_len)
		nl_out_u32(&nl->out, N_AT_A_DATA_LEN, a->data_len);
	else
		nl_out_u32(&nl->out, N_AT_A_FLAGS, N_AT_FLAG_FINAL);
	if (a->set)
		put_settings(&nl->out, a->set);
	return send_out(nl);
}

int n_at_reply(struct n_at *nl, const struct n_at_answer *answer)
{
	return send_reply(nl, answer, 0);
}

/* ---- what comes in ---- */

static void on_port(struct n_at *nl, struct nlattr **attrs)
{
	struct n_at_port port;

	if (!n_at_port_parse(attrs, &port))
		nl->cb->port(nl->ctx, &port);
}

static uint32_t u32_of(const struct nlattr *nla)
{
	uint32_t value = 0;

	if (nla->nla_len == NLA_HDRLEN + sizeof(value))
		memcpy(&value, (const char *)nla + NLA_HDRLEN, sizeof(value));
	return value;
}

static void read_attr(struct nlattr *nla, struct n_at_input *in)
{
	switch (nla->nla_type) {
	case N_AT_A_PORT:
		in->port = u32_of(nla);
		break;
	case N_AT_A_SEQ:
		in->seq = u32_of(nla);
		break;
	case N_AT_A_FLAGS:
		in->flags = u32_of(nla);
		break;
	case N_AT_A_DATA:
		in->data = (char *)nla + NLA_HDRLEN;
		in->len = nla->nla_len - (size_t)NLA_HDRLEN;
		break;
	}
}

/* What comes for each line, without a table of all there could be. */
static void on_input(struct n_at *nl, struct nlmsghdr *hdr,
		     void (*deliver)(void *ctx, const struct n_at_input *in))
{
	struct n_at_input in = { .data = "" };
	char *p = (char *)NLMSG_DATA(hdr) + GENL_HDRLEN;
	char *end = (char *)hdr + hdr->nlmsg_len;
	struct nlattr *nla;

	while (end - p >= NLA_HDRLEN) {
		nla = (struct nlattr *)p;
		if (nla->nla_len < NLA_HDRLEN || nla->nla_len > end - p)
			return;
		read_attr(nla, &in);
		p += NLA_ALIGN(nla->nla_len);
	}
	deliver(nl->ctx, &in);
}

static void on_other(struct n_at *nl, struct nlmsghdr *hdr, uint8_t cmd)
{
	struct nlattr *attrs[N_AT_A_MAX + 1];
	uint32_t id;

	if (genlmsg_parse(hdr, 0, attrs, N_AT_A_MAX, n_at_policy) < 0)
		return;
	id = n_at_u32(attrs, N_AT_A_PORT);

	switch (cmd) {
	case N_AT_CMD_PORT_GET:
	case N_AT_CMD_BIND:
	case N_AT_CMD_PORT_NEW_NTF:
	case N_AT_CMD_PORT_CHANGE_NTF:
		on_port(nl, attrs);
		break;
	case N_AT_CMD_PORT_DEL_NTF:
		nl->cb->gone(nl->ctx, id);
		break;
	case N_AT_CMD_TX_SPACE_NTF:
		nl->cb->space(nl->ctx, id);
		break;
	case N_AT_CMD_MODEM_NTF:
		nl->cb->modem(nl->ctx, id, n_at_u32(attrs, N_AT_A_EVENT));
		break;
	}
}

static void on_notification(struct n_at *nl, struct nlmsghdr *hdr)
{
	struct genlmsghdr *genl = NLMSG_DATA(hdr);

	if (hdr->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return;
	switch (genl->cmd) {
	case N_AT_CMD_LINE_NTF:
		on_input(nl, hdr, nl->cb->line);
		break;
	case N_AT_CMD_DATA_NTF:
		on_input(nl, hdr, nl->cb->data);
		break;
	default:
		on_other(nl, hdr, genl->cmd);
		break;
	}
}

/* The kernel has one dump of a socket under way. */
static int dump_ports(struct n_at *nl)
{
	int err;

	if (nl->dumping) {
		nl->dump_again = true;
		return 0;
	}
	err = simple_request(nl, N_AT_CMD_PORT_GET, 0, NLM_F_DUMP);
	nl->dumping = !err;
	return err;
}

static void on_dumped(struct n_at *nl)
{
	nl->dumping = false;
	if (nl->dump_again) {
		nl->dump_again = false;
		dump_ports(nl);
	} else {
		nl->cb->listed(nl->ctx);
	}
}

static bool is_answer(const struct nlmsghdr *hdr, size_t len)
{
	return len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)) &&
	       hdr->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)) &&
	       hdr->nlmsg_len <= len && hdr->nlmsg_type == NLMSG_ERROR;
}

/* n_at's sentence, or "" */
static const char *sentence(struct nlmsghdr *hdr)
{
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    nlmsg_parse(hdr, sizeof(struct nlmsgerr), attrs,
			NLMSGERR_ATTR_MAX, NULL) < 0 ||
	    !attrs[NLMSGERR_ATTR_MSG])
		return "";
	return nla_get_string(attrs[NLMSGERR_ATTR_MSG]);
}

/* What was asked too long ago is asked about. */
static void on_error(struct n_at *nl, struct nlmsghdr *hdr, size_t len)
{
	const struct nlmsgerr *e = nlmsg_data(hdr);
	const struct asked *asked;

	if (!is_answer(hdr, len) || !e->error)
		return;
	if (e->msg.nlmsg_type == nl->ctrl) {
		log_warning("module n_at is not loaded, waiting for it");
		nl->cb->listed(nl->ctx);
	}
	if (e->msg.nlmsg_type != nl->family)
		return;
	asked = &nl->asked[e->msg.nlmsg_seq % ASKED];
	if (e->msg.nlmsg_flags & NLM_F_DUMP)
		on_dumped(nl);
	else if (asked->seq == e->msg.nlmsg_seq)
		nl->cb->refused(nl->ctx, asked->cmd, asked->port, e->error,
				sentence(hdr));
	else
		dump_ports(nl);
}

/* ---- the family comes and goes ---- */

static void set_family(struct n_at *nl, int family, uint32_t ports_group)
{
	int err;

	nl->family = family;
	err = nl_socket_add_membership(nl->sock, (int)ports_group);
	if (!err)
		err = dump_ports(nl);
	if (err)
		log_error("netlink: cannot follow the ports: %s",
			  err < 0 ? nl_geterror(err) : "");
	else
		log_info("module n_at is loaded");
}

/* The id of the group "ports" among CTRL_ATTR_MCAST_GROUPS; 0: none. */
static uint32_t find_group(struct nlattr *groups)
{
	struct nlattr *a[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nlattr *pos;
	int rem;

	nla_for_each_nested(pos, groups, rem) {
		if (nla_parse_nested(a, CTRL_ATTR_MCAST_GRP_MAX, pos, NULL) < 0)
			return 0;
		if (a[CTRL_ATTR_MCAST_GRP_NAME] && a[CTRL_ATTR_MCAST_GRP_ID] &&
		    nla_strcmp(a[CTRL_ATTR_MCAST_GRP_NAME],
			       N_AT_MCGRP_PORTS) == 0)
			return nla_get_u32(a[CTRL_ATTR_MCAST_GRP_ID]);
	}
	return 0;
}

static void on_control(struct n_at *nl, struct nlmsghdr *hdr)
{
	struct genlmsghdr *genl = nlmsg_data(hdr);
	struct nlattr *a[CTRL_ATTR_MAX + 1];
	uint32_t group;

	if (genlmsg_parse(hdr, 0, a, CTRL_ATTR_MAX, NULL) < 0 ||
	    !a[CTRL_ATTR_FAMILY_NAME] || !a[CTRL_ATTR_FAMILY_ID] ||
	    nla_strcmp(a[CTRL_ATTR_FAMILY_NAME], N_AT_FAMILY_NAME))
		return;

	if (genl->cmd == CTRL_CMD_DELFAMILY) {
		log_info("module n_at is unloaded");
		nl->family = 0;
		nl->cb->gone(nl->ctx, 0);
	} else if (genl->cmd == CTRL_CMD_NEWFAMILY && !nl->family &&
		   a[CTRL_ATTR_MCAST_GROUPS]) {
		group = find_group(a[CTRL_ATTR_MCAST_GROUPS]);
		set_family(nl, nla_get_u16(a[CTRL_ATTR_FAMILY_ID]), group);
	}
}

/* Asks for the family; when it is not there yet, on_control() tells. */
static int ask_family(struct n_at *nl)
{
	nl_out_begin(&nl->out, nl->ctrl, CTRL_CMD_GETFAMILY, 0);
	nl_out_str(&nl->out, CTRL_ATTR_FAMILY_NAME, N_AT_FAMILY_NAME);
	return send_out(nl);
}

/* ---- receiving ---- */

/* Wipes it as well: a line, or an answer that is quoted, may be a secret. */
static void dispatch(struct n_at *nl, unsigned char *bytes, size_t len)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)bytes;
	int left = (int)len;

	for (; NLMSG_OK(hdr, left); hdr = NLMSG_NEXT(hdr, left)) {
		if (hdr->nlmsg_type == NLMSG_ERROR)
			on_error(nl, hdr, (size_t)left);
		else if (hdr->nlmsg_type == NLMSG_DONE)
			on_dumped(nl);
		else if (hdr->nlmsg_type == nl->ctrl)
			on_control(nl, hdr);
		else if (nl->family && hdr->nlmsg_type == nl->family)
			on_notification(nl, hdr);
	}
	explicit_bzero(bytes, len);
}

/* One datagram of the kernel's: its length, -EAGAIN if none. */
static ssize_t receive(struct n_at *nl, unsigned char *buf)
{
	struct sockaddr_nl from;
	socklen_t from_len = sizeof(from);
	ssize_t n;

	for (;;) {
		n = recvfrom(fd_of(nl), buf, RECV_BUF,
			     MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_len);
		if (n >= 0 && from.nl_pid != 0)
			continue;	/* no process may speak for n_at */
		if (n >= 0)
			return n;
		if (errno == ENOBUFS) {
			/*
			 * LINE and DATA are kept and retried by n_at; what it
			 * said of a request or of all ports is lost.
			 */
			log_warning("netlink: overrun, asking again");
			dump_ports(nl);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
}

/* The oldest one, if there is one; it may make others. */
static bool pump_deferred(struct n_at *nl)
{
	struct deferred *d = nl->first;

	if (!d) {
		uv_idle_stop(&nl->idle);
		return false;
	}
	nl->first = d->next;
	if (!nl->first)
		nl->last = &nl->first;
	dispatch(nl, d->bytes, d->len);
	free(d);
	return true;
}

static void on_idle(uv_idle_t *idle)
{
	for (int i = 0; i < BATCH && pump_deferred(idle->data); i++)
		;
}

/* libuv stops a handle whose socket has an error, which ENOBUFS is. */
static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct n_at *nl = poll->data;
	ssize_t n;

	(void)events;
	if (status)
		uv_poll_start(poll, UV_READABLE, on_readable);
	for (int i = 0; i < BATCH; i++) {
		if (pump_deferred(nl))
			continue;
		n = receive(nl, nl->buf);
		if (n <= 0) {
			nl->emptied = uv_now(poll->loop);
			return;
		}
		dispatch(nl, nl->buf, (size_t)n);
	}
}

static void defer(struct n_at *nl, size_t len)
{
	struct deferred *d = malloc(sizeof(*d) + len);

	if (!d) {
		log_error("netlink: out of memory, a message is lost");
		return;
	}
	d->next = NULL;
	d->len = len;
	memcpy(d->bytes, nl->aside, len);
	*nl->last = d;
	nl->last = &d->next;
	uv_idle_start(&nl->idle, on_idle);
}

/*
 * The kernel handles a request within sendmsg(2), so what it says of one with
 * NLM_F_ACK is in the socket by now, perhaps behind other messages, which wait
 * for their turn; or the socket was full, and nobody knows.
 */
static int fate_of(struct n_at *nl, uint32_t seq)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)nl->aside;
	const struct nlmsgerr *e = nlmsg_data(hdr);
	ssize_t n;

	while ((n = receive(nl, nl->aside)) > 0) {
		if (is_answer(hdr, (size_t)n) && e->msg.nlmsg_seq == seq)
			return e->error;
		defer(nl, (size_t)n);
		explicit_bzero(nl->aside, (size_t)n);
	}
	if (!nl->first)
		nl->emptied = uv_now(nl->poll.loop);
	return -ENOBUFS;
}

int n_at_reply_sure(struct n_at *nl, const struct n_at_answer *answer)
{
	int err = send_reply(nl, answer, NLM_F_ACK);

	return err ? err : fate_of(nl, nl->out.seq);
}

int n_at_urc(struct n_at *nl, uint32_t id, const void *buf, size_t len)
{
	int err = begin(nl, N_AT_CMD_URC, id, NLM_F_ACK);

	if (err)
		return err;
	nl_out_put(&nl->out, N_AT_A_DATA, buf, len);
	err = send_out(nl);
	return err ? err : fate_of(nl, nl->out.seq);
}

uint64_t n_at_waited_ms(const struct n_at *nl)
{
	return uv_hrtime() / 1000000 - nl->emptied;
}

int n_at_claim(struct n_at *nl, const struct n_at_input *in)
{
	int err = begin(nl, N_AT_CMD_REPLY, in->port, NLM_F_ACK);

	if (err)
		return err;
	nl_out_u32(&nl->out, N_AT_A_SEQ, in->seq);
	err = send_out(nl);
	return err ? err : fate_of(nl, nl->out.seq);
}

/* ---- life ---- */

static void free_when_closed(uv_handle_t *handle)
{
	struct n_at *nl = handle->data;

	if (--nl->handles)
		return;
	nl_socket_free(nl->sock);
	free(nl);
}

static int connect_socket(struct n_at *nl)
{
	int group, err;

	err = n_at_connect(nl->sock, ROOM);
	if (!err)
		err = nl_socket_set_nonblocking(nl->sock);
	if (err)
		return nl_errno(err);
	nl_socket_disable_auto_ack(nl->sock);
	setsockopt(fd_of(nl), SOL_NETLINK, NETLINK_CAP_ACK, &(int){ 1 },
		   sizeof(int));
	setsockopt(fd_of(nl), SOL_NETLINK, NETLINK_EXT_ACK, &(int){ 1 },
		   sizeof(int));

	nl->ctrl = GENL_ID_CTRL;
	group = genl_ctrl_resolve_grp(nl->sock, "nlctrl", "notify");
	if (group < 0)
		return nl_errno(group);
	err = nl_socket_add_membership(nl->sock, group);
	return err ? nl_errno(err) : 0;
}

int n_at_open(struct n_at **out, uv_loop_t *loop, const struct n_at_callbacks *cb,
	    void *ctx)
{
	struct n_at *nl = calloc(1, sizeof(*nl));
	int err;

	if (!nl)
		return -ENOMEM;
	nl->cb = cb;
	nl->ctx = ctx;
	nl->last = &nl->first;
	nl->sock = nl_socket_alloc();
	if (!nl->sock) {
		free(nl);
		return -ENOMEM;
	}
	err = connect_socket(nl);
	if (!err)
		err = uv_poll_init(loop, &nl->poll, fd_of(nl));
	if (err) {
		nl_socket_free(nl->sock);
		free(nl);
		return err;
	}
	uv_idle_init(loop, &nl->idle);
	nl->poll.data = nl;
	nl->idle.data = nl;
	nl->handles = 2;
	uv_poll_start(&nl->poll, UV_READABLE, on_readable);

	*out = nl;
	return ask_family(nl);
}

void n_at_close(struct n_at *nl)
{
	struct deferred *d;

	if (!nl)
		return;
	while ((d = nl->first)) {
		nl->first = d->next;
		explicit_bzero(d->bytes, d->len);
		free(d);
	}
	uv_close((uv_handle_t *)&nl->poll, free_when_closed);
	uv_close((uv_handle_t *)&nl->idle, free_when_closed);
}
