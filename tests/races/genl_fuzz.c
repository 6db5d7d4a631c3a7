// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Netlink requests of every kind, from almost right to rubbish: all commands,
 * attributes that are missing, twice there, unknown, too short, too long or
 * wrongly nested, and messages that are not what their lengths say (K2, K21, K22).
 *
 *   genl_fuzz SECONDS ROLE...	a process a role: root, owner, nobody
 *
 * "owner" has no capability, but root often names it as who may own a port.
 * What "nobody" must not hear is a failure.  Sockets are closed in the middle of
 * dumps, answers and monitoring; some never read.
 */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <netlink/genl/ctrl.h>

#include "link.h"
#include "race.h"

#define OWNER_ID 12345
#define NOBODY_ID 65534

#define LIFE_SECONDS 2
#define ATTRIBUTES 8
#define MEMORY 8
#define LONGEST 65531 /* of an attribute: its length has 16 bits */
/* As much as two of those and the rest need. */
#define ROOM (3 * 65536)

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

struct fuzz_role {
	const char *name;
	uid_t id;
};

static const struct fuzz_role roles[] = {
	{ "root", 0 },
	{ "owner", OWNER_ID },
	{ "nobody", NOBODY_ID },
};

#define ROLES (sizeof(roles) / sizeof(*roles))

static const struct fuzz_role *self;
static int family;
static int group;
static bool polite; /* what it says now is almost right */

/* Numbers that were heard: ports, sequence numbers and the like. */
static uint32_t memory[N_AT_A_MAX + 1][MEMORY];

/* -- a message ----------------------------------------------------------- */

static union {
	struct nlmsghdr head;
	uint8_t bytes[ROOM];
} message;

static size_t length;

static void *reserve(size_t n)
{
	void *at = message.bytes + length;

	if (length + NLMSG_ALIGN(n) > ROOM) {
		race_fail("a message of %zu bytes", length + n);
		exit(1);
	}
	memset(at, 0, NLMSG_ALIGN(n));
	length += NLMSG_ALIGN(n);
	return at;
}

static void put(int type, const void *data, size_t n)
{
	struct nlattr *a = reserve(NLA_HDRLEN + n);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + n;
	memcpy((char *)a + NLA_HDRLEN, data, n);
}

static const uint32_t edges[] = {
	0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 49, 50, 63, 64, 65, 99, 100, 127,
	128, 255, 256, 4096, 16384, 16385, 32768, 32769, 65535, 115200,
	16000000, 16000001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

#define EDGES (sizeof(edges) / sizeof(*edges))

static uint32_t any_number(void)
{
	return race_chance(2) ? edges[race_below(EDGES)] :
				(uint32_t)random() * 2 + race_below(2);
}

static uint32_t number_for(int type)
{
	if (type == N_AT_A_OWNER_UID || type == N_AT_A_OWNER_GID)
		return race_chance(8) ? 0xffffffff : OWNER_ID;
	if (type == N_AT_A_FLAGS && !race_chance(8))
		return N_AT_FLAG_FINAL;
	if (type <= N_AT_A_MAX && !race_chance(16))
		return memory[type][race_below(MEMORY)];
	return any_number();
}

static void put_number(int type, uint32_t number)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 5, 8 };
	uint64_t wide = number;

	put(type, &wide, race_chance(32) ? sizes[race_below(6)] : 4);
}

static size_t any_length(void)
{
	if (!race_chance(8))
		return race_below(32);
	return race_chance(2) ? race_below(4096) : race_below(LONGEST + 1);
}

static uint8_t text[LONGEST];

static void fill_text(void)
{
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 61 ? i : '\r';
}

static void put_bytes(int type)
{
	put(type, text, any_length());
}

static const struct {
	uint32_t min;
	uint32_t max;
} ranges[N_AT_S_MAX + 1] = {
	[N_AT_S_ECHO] = { 0, 1 },
	[N_AT_S_ECHO_CR] = { 0, 1 },
	[N_AT_S_REPEAT] = { 0, 1 },
	[N_AT_S_S3] = { 0, 127 },
	[N_AT_S_S4] = { 0, 127 },
	[N_AT_S_S5] = { 0, 127 },
	[N_AT_S_LINE_MAX] = { 64, N_AT_LINE_MAX },
	[N_AT_S_URC_HOLD_MS] = { 0, 60000 },
	[N_AT_S_DATA_TIMEOUT_MS] = { 100, 1000 },
	[N_AT_S_REBIND_MS] = { 0, 1000 },
	[N_AT_S_SPEED] = { 9600, 230400 },
	[N_AT_S_DATA_BITS] = { 5, 8 },
	[N_AT_S_PARITY] = { 0, N_AT_PARITY_SPACE },
	[N_AT_S_STOP_BITS] = { 1, 2 },
	[N_AT_S_FLOW] = { 0, 7 },
	[N_AT_S_WATCH] = { 0, 3 },
	[N_AT_S_EXEC_TIMEOUT_MS] = { 0, 1000 },
};

static void put_setting(int type)
{
	uint32_t span = ranges[type].max - ranges[type].min;

	if (type == N_AT_S_ORPHAN_REPLY)
		put_bytes(type);
	else
		put_number(type, race_chance(32) ? any_number() :
			   ranges[type].min + race_below(span + 1));
}

static void put_settings(int type)
{
	size_t start = length;
	struct nlattr *nest = reserve(NLA_HDRLEN);
	int n = race_below(ATTRIBUTES);

	while (n-- > 0)
		put_setting(1 + race_below(N_AT_S_MAX));
	if (race_chance(32))
		put_number(race_below(256), any_number());
	if (race_chance(64))
		put_settings(type);
	nest->nla_type = type | (race_chance(32) ? 0 : NLA_F_NESTED);
	nest->nla_len = length - start > 0xffff ? 0xffff : length - start;
}

static void put_attribute(int type)
{
	if (type == N_AT_A_SETTINGS)
		put_settings(type);
	else if (type == N_AT_A_DATA || type == N_AT_A_TTY)
		put_bytes(type);
	else
		put_number(type, number_for(type));
}

/* -- a request ----------------------------------------------------------- */

#define BIT(n) (1UL << (n))

/* What a request has, and may have. */
static const struct {
	unsigned long must;
	unsigned long may;
} requests[N_AT_CMD_MAX + 1] = {
	[N_AT_CMD_PORT_GET] = { BIT(N_AT_A_PORT), 0 },
	[N_AT_CMD_PORT_SET] = { BIT(N_AT_A_PORT),
				BIT(N_AT_A_SETTINGS) | BIT(N_AT_A_OWNER_UID) |
				BIT(N_AT_A_OWNER_GID) },
	[N_AT_CMD_BIND] = { BIT(N_AT_A_PORT), 0 },
	[N_AT_CMD_UNBIND] = { BIT(N_AT_A_PORT), 0 },
	[N_AT_CMD_REPLY] = { BIT(N_AT_A_PORT) | BIT(N_AT_A_SEQ),
			     BIT(N_AT_A_DATA) | BIT(N_AT_A_FLAGS) |
			     BIT(N_AT_A_DATA_LEN) | BIT(N_AT_A_SETTINGS) },
	[N_AT_CMD_URC] = { BIT(N_AT_A_PORT) | BIT(N_AT_A_DATA), 0 },
	[N_AT_CMD_MONITOR] = { 0, BIT(N_AT_A_PORT) },
};

static void put_what_belongs(int cmd)
{
	int type;

	for (type = 1; type <= N_AT_A_MAX; type++)
		if (requests[cmd].must & BIT(type) ||
		    (requests[cmd].may & BIT(type) && race_chance(2)))
			put_attribute(type);
}

static void put_anything(void)
{
	int n = race_below(ATTRIBUTES);

	while (n-- > 0) {
		if (race_chance(4))
			put_number(random() & 0xffff, any_number());
		else
			put_attribute(race_below(N_AT_A_MAX + 3));
	}
}

static int any_flags(int cmd)
{
	int flags = NLM_F_REQUEST;

	if (race_chance(2))
		flags |= NLM_F_ACK;
	if (race_chance(cmd == N_AT_CMD_PORT_GET ? 2 : 32))
		flags |= NLM_F_DUMP;
	if (race_chance(64))
		flags = random() & 0xffff;
	return flags;
}

/* Who binds a port and does not answer takes it from the owners: not often. */
static int any_command(void)
{
	int cmd = 1 + race_below(N_AT_CMD_MONITOR);

	if (!polite && race_chance(16))
		return race_below(N_AT_CMD_MAX + 3);
	if (cmd == N_AT_CMD_BIND && !race_chance(8))
		return N_AT_CMD_URC;
	return cmd;
}

static void spoil(void)
{
	int n = 1 + race_below(4);

	while (n-- > 0)
		message.bytes[sizeof(struct nlmsghdr) +
			      race_below(length - sizeof(struct nlmsghdr))] =
			random();
	if (race_chance(4))
		message.head.nlmsg_len = race_below(length + 64);
	else if (race_chance(2))
		message.head.nlmsg_len -= race_below(length);
}

static void make_request(int cmd)
{
	struct genlmsghdr *genl;

	length = 0;
	reserve(sizeof(struct nlmsghdr));
	genl = reserve(sizeof(*genl));
	genl->cmd = cmd;
	genl->version = race_chance(32) ? random() : N_AT_FAMILY_VERSION;
	genl->reserved = race_chance(32) ? random() : 0;
	if (cmd <= N_AT_CMD_MONITOR)
		put_what_belongs(cmd);
	if (cmd > N_AT_CMD_MONITOR || (!polite && race_chance(2)))
		put_anything();
	message.head.nlmsg_len = length;
	message.head.nlmsg_type = family;
	message.head.nlmsg_flags = any_flags(cmd);
	message.head.nlmsg_seq = random();
	message.head.nlmsg_pid = race_chance(32) ? random() : 0;
	if (!polite && race_chance(4))
		spoil();
}

/* -- what is heard ------------------------------------------------------- */

static bool is_secret(int cmd, int type)
{
	return cmd == N_AT_CMD_LINE_NTF || cmd == N_AT_CMD_DATA_NTF ||
	       cmd == N_AT_CMD_MONITOR_NTF || type == N_AT_A_SETTINGS ||
	       type == N_AT_A_DATA;
}

/* From now on of this number only, until others are heard. */
static void think_of(int type, uint32_t number)
{
	int i;

	for (i = 0; i < MEMORY; i++)
		memory[type][i] = number;
}

static void learn(int cmd, const struct nlattr *a)
{
	int type = a->nla_type & NLA_TYPE_MASK;
	uint32_t number;

	if (self->id == NOBODY_ID && is_secret(cmd, type))
		race_fail("nobody hears attribute %d of command %d", type, cmd);
	if (type > N_AT_A_MAX || a->nla_len != NLA_HDRLEN + sizeof(uint32_t))
		return;
	number = *(const uint32_t *)((const char *)a + NLA_HDRLEN);
	if (cmd == N_AT_CMD_LINE_NTF || cmd == N_AT_CMD_DATA_NTF)
		think_of(type, number);
	else
		memory[type][race_below(MEMORY)] = number;
}

static void hear(const struct nlmsghdr *head)
{
	const struct genlmsghdr *genl = NLMSG_DATA(head);
	size_t left = NLMSG_PAYLOAD(head, GENL_HDRLEN);
	const char *at = (const char *)genl + GENL_HDRLEN;

	race_count("heard");
	while (left >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)at;
		size_t n = NLA_ALIGN(a->nla_len);

		if (a->nla_len < NLA_HDRLEN || n > left)
			break;
		learn(genl->cmd, a);
		at += n;
		left -= n;
	}
}

static void hear_all(const char *buf, int left)
{
	const struct nlmsghdr *head = (const void *)buf;

	for (; NLMSG_OK(head, (unsigned int)left);
	     head = NLMSG_NEXT(head, left)) {
		const struct nlmsgerr *error = NLMSG_DATA(head);

		if (head->nlmsg_type == family)
			hear(head);
		else if (head->nlmsg_type == NLMSG_ERROR)
			race_count(error->error ?
				   strerrorname_np(-error->error) : "accepted");
	}
}

static bool listen_once(int fd)
{
	static char buf[ROOM] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		hear_all(buf, n);
	return n > 0;
}

/* -- a socket's life ----------------------------------------------------- */

static const int options[] = {
	NETLINK_PKTINFO, NETLINK_BROADCAST_ERROR, NETLINK_NO_ENOBUFS,
	NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK,
};

#define OPTIONS (sizeof(options) / sizeof(*options))

static void set_option(int fd)
{
	int small = race_below(8192), one = 1;

	if (race_chance(4))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (race_chance(2))
		setsockopt(fd, SOL_NETLINK, options[race_below(OPTIONS)], &one,
			   sizeof(one));
	if (race_chance(2))
		setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			   sizeof(group));
}

static int open_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct sockaddr_nl here = {
		.nl_family = AF_NETLINK,
		.nl_pid = race_chance(8) ? race_below(65536) : 0,
	};

	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here))) {
		race_count("unopened");
		close(fd);
		return -1;
	}
	set_option(fd);
	return fd;
}

/* Where the size told and the size sent differ the kernel has to see. */
static void send_request(int fd)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	size_t n = !polite && race_chance(16) ? race_below(length + 1) : length;

	race_tell(sendto(fd, message.bytes, n, MSG_DONTWAIT,
			 (struct sockaddr *)&kernel, sizeof(kernel)) >= 0,
		  "sent", "unsent");
}

/* Most of what is asked of a port only its owner is allowed. */
static void bind_one(int fd)
{
	think_of(N_AT_A_PORT, memory[N_AT_A_PORT][race_below(MEMORY)]);
	make_request(N_AT_CMD_BIND);
	send_request(fd);
}

/* 0: it never reads. */
static void live(int fd, unsigned int reads)
{
	double end = race_now() + LIFE_SECONDS / (1.0 + race_below(20));

	polite = race_chance(2);
	if (polite && !race_chance(4))
		bind_one(fd);
	while (race_now() < end) {
		make_request(any_command());
		send_request(fd);
		while (reads && !race_chance(reads) && listen_once(fd))
			;
		race_nap(race_chance(16) ? 20000 : 1000);
	}
}

static bool find_family(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (sock && !genl_connect(sock)) {
		family = genl_ctrl_resolve(sock, N_AT_FAMILY_NAME);
		group = genl_ctrl_resolve_grp(sock, N_AT_FAMILY_NAME,
					      N_AT_MCGRP_PORTS);
	}
	nl_socket_free(sock);
	return family > 0;
}

static void become(const char *name)
{
	unsigned int i = 0;

	while (i < ROLES && strcmp(roles[i].name, name))
		i++;
	if (i == ROLES || setgroups(0, NULL) || setgid(roles[i].id) ||
	    setuid(roles[i].id)) {
		race_fail("cannot be %s", name);
		exit(1);
	}
	self = &roles[i];
	fill_text();
}

static void fuzz(const char *name)
{
	static const unsigned int habits[] = { 0, 2, 16, 64, 64, 64 };
	int fd;

	if (!self)
		become(name);
	if (!find_family()) {
		race_count("no module");
		race_nap(20000);
		return;
	}
	fd = open_socket();
	if (fd < 0)
		return;
	live(fd, habits[race_below(6)]);
	close(fd);
	race_count("sockets");
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, fuzz);
}
