// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The netlink end on a kernel that is in here: it handles a request within
 * send(2), as the real one does, and its socket may be full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/n_at_socket.h"
#include "daemon/nl.h"

#define FAMILY		30
#define QUEUE		256
#define MESSAGE_MAX	512
#define PORTS		64
#define FLOOD_LINES	5000	/* then the host is tired: no test hangs */
#define TURN_LINES	64	/* a turn of the loop may handle so many */
#define SENTENCE	"the output queue is full, wait for TX_SPACE_NTF"

/* ---- the kernel ---- */

static struct {
	int fd;			/* readable while there is something */
	unsigned char queue[QUEUE][MESSAGE_MAX];
	size_t head, tail;
	bool overrun;		/* of what it put last: the next recv says so */
	bool loses;		/* what it says of requests */
	bool dumps_end;
	int dumps;
	int urc_error;
	int floods;		/* lines that port 1's host has yet to send */
	uint32_t seq[PORTS + 1];
} kernel;

static void put(const struct nlmsghdr *hdr)
{
	assert_true(hdr->nlmsg_len <= MESSAGE_MAX);
	assert_true(kernel.tail - kernel.head < QUEUE);
	memcpy(kernel.queue[kernel.tail++ % QUEUE], hdr, hdr->nlmsg_len);
	eventfd_write(kernel.fd, 1);
}

static struct nl_msg *begin(int type, uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(genlmsg_put(msg, 0, 0, type, 0, 0, cmd, 1));
	return msg;
}

static void end(struct nl_msg *msg)
{
	put(nlmsg_hdr(msg));
	nlmsg_free(msg);
}

static void notify(uint8_t cmd, uint32_t port, uint32_t seq)
{
	struct nl_msg *msg = begin(FAMILY, cmd);

	nla_put_u32(msg, N_AT_A_PORT, port);
	nla_put_u32(msg, N_AT_A_SEQ, seq);
	nla_put(msg, N_AT_A_DATA, 2, "AT");
	end(msg);
}

static void send_line(uint32_t port)
{
	notify(N_AT_CMD_LINE_NTF, port, ++kernel.seq[port]);
}

/* As with NETLINK_CAP_ACK and NETLINK_EXT_ACK */
static void answer(const struct nlmsghdr *request, int error)
{
	struct nl_msg *msg;
	struct nlmsgerr e = { .error = error, .msg = *request };

	if (kernel.loses) {
		kernel.overrun = true;
		return;
	}
	msg = nlmsg_alloc();
	nlmsg_put(msg, 0, request->nlmsg_seq, NLMSG_ERROR, 0,
		  NLM_F_CAPPED | (error ? NLM_F_ACK_TLVS : 0));
	nlmsg_append(msg, &e, sizeof(e), NLMSG_ALIGNTO);
	if (error)
		nla_put_string(msg, NLMSGERR_ATTR_MSG, SENTENCE);
	end(msg);
}

static void tell_family(void)
{
	struct nl_msg *msg = begin(GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	struct nlattr *groups, *group;

	nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, N_AT_FAMILY_NAME);
	nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, FAMILY);
	groups = nla_nest_start(msg, CTRL_ATTR_MCAST_GROUPS);
	group = nla_nest_start(msg, 1);
	nla_put_string(msg, CTRL_ATTR_MCAST_GRP_NAME, N_AT_MCGRP_PORTS);
	nla_put_u32(msg, CTRL_ATTR_MCAST_GRP_ID, 9);
	nla_nest_end(msg, group);
	nla_nest_end(msg, groups);
	end(msg);
}

static void end_dump(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	nlmsg_put(msg, 0, 0, NLMSG_DONE, sizeof(int), NLM_F_MULTI);
	end(msg);
}

static void dump(void)
{
	kernel.dumps++;
	if (kernel.dumps_end)
		end_dump();
}

/* A host that does not wait: the next line is there already. */
static void take_reply(uint32_t port)
{
	if (port != 1 || !kernel.floods)
		return;
	kernel.floods--;
	send_line(port);
}

static int handle(struct nlmsghdr *hdr)
{
	struct nlattr *attrs[N_AT_A_MAX + 1];
	const struct genlmsghdr *genl = nlmsg_data(hdr);

	if (hdr->nlmsg_type == GENL_ID_CTRL) {
		tell_family();
		return 0;
	}
	assert_int_equal(genlmsg_parse(hdr, 0, attrs, N_AT_A_MAX, NULL), 0);
	if (genl->cmd == N_AT_CMD_PORT_GET)
		dump();
	else if (genl->cmd == N_AT_CMD_REPLY)
		take_reply(nla_get_u32(attrs[N_AT_A_PORT]));
	return genl->cmd == N_AT_CMD_URC ? kernel.urc_error : 0;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct nlmsghdr *hdr = (struct nlmsghdr *)buf;
	int err = handle(hdr);

	(void)flags;
	assert_int_equal(fd, kernel.fd);
	if (err || hdr->nlmsg_flags & NLM_F_ACK)
		answer(hdr, err);
	return (ssize_t)len;
}

ssize_t __wrap_recvfrom(int fd, void *buf, size_t size, int flags,
			struct sockaddr *from, socklen_t *from_len);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t size, int flags,
			struct sockaddr *from, socklen_t *from_len)
{
	const struct nlmsghdr *hdr;
	eventfd_t n;

	(void)flags;
	memset(from, 0, *from_len);
	if (kernel.overrun) {
		kernel.overrun = false;
		errno = ENOBUFS;
		return -1;
	}
	if (kernel.head == kernel.tail) {
		eventfd_read(fd, &n);
		errno = EAGAIN;
		return -1;
	}
	hdr = (const struct nlmsghdr *)kernel.queue[kernel.head++ % QUEUE];
	assert_true(hdr->nlmsg_len <= size);
	memcpy(buf, hdr, hdr->nlmsg_len);
	return hdr->nlmsg_len;
}

int n_at_connect(struct nl_sock *sock, int room)
{
	(void)sock;
	(void)room;
	return 0;
}

int __wrap_nl_socket_set_nonblocking(const struct nl_sock *sock);
int __wrap_nl_socket_set_nonblocking(const struct nl_sock *sock)
{
	(void)sock;
	return 0;
}

int __wrap_nl_socket_get_fd(const struct nl_sock *sock);
int __wrap_nl_socket_get_fd(const struct nl_sock *sock)
{
	(void)sock;
	return kernel.fd;
}

int __wrap_nl_socket_add_membership(struct nl_sock *sock, int group);
int __wrap_nl_socket_add_membership(struct nl_sock *sock, int group)
{
	(void)sock;
	(void)group;
	return 0;
}

int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sock, const char *family,
				 const char *group);
int __wrap_genl_ctrl_resolve_grp(struct nl_sock *sock, const char *family,
				 const char *group)
{
	(void)sock;
	(void)family;
	(void)group;
	return 3;
}

/* ---- what is told ---- */

static uv_loop_t loop;
static struct n_at *nl;

static struct {
	int lines;
	char order[64];		/* the ports of the first lines: "1 2 " */
	bool with_urcs;		/* a line brings an unsolicited result */
	int urc_rc;		/* what the last one's fate was */
	int listed;
	int refused;
	enum n_at_cmd cmd;
	uint32_t port;
	int err;
	char why[128];
} told;

static void on_line(void *ctx, const struct n_at_input *in)
{
	const struct n_at_answer ok = {
		.port = in->port,
		.seq = in->seq,
		.data = "OK",
		.len = 2,
	};
	size_t n = strlen(told.order);

	(void)ctx;
	assert_memory_equal(in->data, "AT", 2);
	told.lines++;
	snprintf(told.order + n, sizeof(told.order) - n, "%u ", in->port);
	assert_int_equal(n_at_reply(nl, &ok), 0);
	if (told.with_urcs)
		told.urc_rc = n_at_urc(nl, in->port, "X", 1);
}

static void on_refused(void *ctx, enum n_at_cmd cmd, uint32_t id, int err,
		       const char *why)
{
	(void)ctx;
	told.refused++;
	told.cmd = cmd;
	told.port = id;
	told.err = err;
	snprintf(told.why, sizeof(told.why), "%s", why);
}

static void on_listed(void *ctx)
{
	(void)ctx;
	told.listed++;
}

static const struct n_at_callbacks callbacks = {
	.listed = on_listed,
	.line = on_line,
	.refused = on_refused,
};

static void turn(void)
{
	uv_run(&loop, UV_RUN_NOWAIT);
}

static void until_quiet(void)
{
	for (int i = 0; i < FLOOD_LINES; i++)
		turn();
}

static int start(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(&told, 0, sizeof(told));
	kernel.fd = eventfd(0, EFD_NONBLOCK);
	kernel.dumps_end = true;
	uv_loop_init(&loop);
	assert_int_equal(n_at_open(&nl, &loop, &callbacks, NULL), 0);
	until_quiet();
	assert_int_equal(kernel.dumps, 1);
	assert_int_equal(told.listed, 1);
	kernel.dumps = 0;
	memset(&told, 0, sizeof(told));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	n_at_close(nl);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	close(kernel.fd);
	return 0;
}

/* ---- turns ---- */

static void turns_of(int lines)
{
	int before;

	while (told.lines < lines) {
		before = told.lines;
		turn();
		assert_in_range(told.lines - before, 1, TURN_LINES);
	}
}

static void a_port_that_does_not_wait_has_its_turns(void **state)
{
	(void)state;
	kernel.floods = FLOOD_LINES;
	send_line(1);
	turns_of(FLOOD_LINES);
}

/* Each line leaves the next one to be put aside, as fates are looked for. */
static void nor_when_its_results_are_refused(void **state)
{
	(void)state;
	kernel.floods = FLOOD_LINES;
	kernel.urc_error = -EAGAIN;
	told.with_urcs = true;
	send_line(1);
	turns_of(FLOOD_LINES);
	assert_int_equal(told.urc_rc, -EAGAIN);
}

static void the_lines_of_others_are_not_behind_all_of_its_own(void **state)
{
	(void)state;
	kernel.floods = FLOOD_LINES;
	kernel.urc_error = -EAGAIN;
	told.with_urcs = true;
	send_line(1);
	send_line(2);
	send_line(3);
	turn();
	told.order[10] = '\0';
	assert_string_equal(told.order, "1 2 3 1 1 ");
}

static void lines_keep_their_order(void **state)
{
	(void)state;
	told.with_urcs = true;
	for (uint32_t port = 1; port <= 20; port++)
		send_line(port);
	until_quiet();
	assert_int_equal(told.lines, 20);
	assert_string_equal(told.order, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 "
			    "16 17 18 19 20 ");
}

/* ---- fates ---- */

static void the_fate_of_a_result_is_known(void **state)
{
	static const struct {
		int error;
		bool lost;
		int want;
	} rows[] = {
		{ 0, false, 0 },
		{ -EAGAIN, false, -EAGAIN },
		{ -ENODEV, false, -ENODEV },
		{ -EAGAIN, true, -ENOBUFS },
		{ 0, true, -ENOBUFS },
	};
	const struct n_at_answer ok = { .port = 1, .seq = 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kernel.urc_error = rows[i].error;
		kernel.loses = rows[i].lost;
		assert_int_equal(n_at_urc(nl, 1, "X", 1), rows[i].want);
	}
	assert_int_equal(n_at_reply_sure(nl, &ok), -ENOBUFS);
	kernel.loses = false;
	assert_int_equal(n_at_reply_sure(nl, &ok), 0);
	assert_int_equal(told.refused, 0);
}

/* The kernel quotes no request, so it is known by its number. */
static void a_refusal_tells_what_and_why(void **state)
{
	static const struct nlmsghdr bind = {
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = FAMILY,
	};
	struct nlmsghdr request = bind;

	(void)state;
	request.nlmsg_seq = 3;		/* behind the family and the dump */
	assert_int_equal(n_at_bind(nl, 5), 0);
	answer(&request, -EBUSY);
	until_quiet();
	assert_int_equal(told.refused, 1);
	assert_int_equal(told.cmd, N_AT_CMD_BIND);
	assert_int_equal(told.port, 5);
	assert_int_equal(told.err, -EBUSY);
	assert_string_equal(told.why, SENTENCE);
}

static void one_of_long_ago_is_asked_about(void **state)
{
	struct nlmsghdr request = {
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = FAMILY,
		.nlmsg_seq = 3,
	};

	(void)state;
	for (int i = 0; i < 2000; i++)
		n_at_bind(nl, 5);
	answer(&request, -EBUSY);
	until_quiet();
	assert_int_equal(told.refused, 0);
	assert_int_equal(kernel.dumps, 1);
}

/* ---- overruns ---- */

static void after_an_overrun_the_ports_are_asked_for(void **state)
{
	(void)state;
	kernel.overrun = true;
	send_line(1);
	until_quiet();
	assert_int_equal(kernel.dumps, 1);
	assert_int_equal(told.lines, 1);
}

/* The kernel refuses a second dump; and the first is of before. */
static void once_more_if_they_are_being_asked_for(void **state)
{
	(void)state;
	kernel.dumps_end = false;
	for (int i = 0; i < 3; i++) {
		kernel.overrun = true;
		send_line(1);
		until_quiet();
		assert_int_equal(kernel.dumps, 1);
	}
	end_dump();
	until_quiet();
	assert_int_equal(kernel.dumps, 2);
	end_dump();
	until_quiet();
	assert_int_equal(kernel.dumps, 2);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_port_that_does_not_wait_has_its_turns),
		CASE(nor_when_its_results_are_refused),
		CASE(the_lines_of_others_are_not_behind_all_of_its_own),
		CASE(lines_keep_their_order),
		CASE(the_fate_of_a_result_is_known),
		CASE(a_refusal_tells_what_and_why),
		CASE(one_of_long_ago_is_asked_about),
		CASE(after_an_overrun_the_ports_are_asked_for),
		CASE(once_more_if_they_are_being_asked_for),
	};

	return cmocka_run_group_tests_name("nl", tests, NULL, NULL);
}
