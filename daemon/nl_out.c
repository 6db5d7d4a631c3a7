// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/nl_out.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>

/* Both families that are asked, n_at and nlctrl, have the same one. */
#define VERSION	1

_Static_assert(N_AT_FAMILY_VERSION == VERSION, "the header is common");

void nl_out_begin(struct nl_out *out, int family, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr genl = { .cmd = cmd, .version = VERSION };

	out->full = false;
	out->hdr = (struct nlmsghdr){
		.nlmsg_len = NLMSG_LENGTH(sizeof(genl)),
		.nlmsg_type = (uint16_t)family,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = ++out->seq,
	};
	memcpy(NLMSG_DATA(&out->hdr), &genl, sizeof(genl));
}

/*
 * Room for @len bytes of @attr, which starts where the message ended.  What pads
 * it is 0: the whole buffer was, and each message is wiped.
 */
static struct nlattr *reserve(struct nl_out *out, int attr, size_t len)
{
	size_t size = NLA_ALIGN(NLA_HDRLEN + len);
	size_t at = out->hdr.nlmsg_len;
	struct nlattr *nla = (struct nlattr *)(out->bytes + at);

	if (size > sizeof(out->bytes) - at) {
		out->full = true;
		return NULL;
	}
	nla->nla_type = (uint16_t)attr;
	nla->nla_len = (uint16_t)(NLA_HDRLEN + len);
	out->hdr.nlmsg_len += (uint32_t)size;
	return nla;
}

void nl_out_put(struct nl_out *out, int attr, const void *data, size_t len)
{
	struct nlattr *nla = reserve(out, attr, len);

	if (nla)
		memcpy((char *)nla + NLA_HDRLEN, data, len);
}

void nl_out_u32(struct nl_out *out, int attr, uint32_t value)
{
	struct nlattr *nla = reserve(out, attr, sizeof(value));

	if (nla)
		memcpy((char *)nla + NLA_HDRLEN, &value, sizeof(value));
}

void nl_out_str(struct nl_out *out, int attr, const char *str)
{
	nl_out_put(out, attr, str, strlen(str) + 1);
}

struct nlattr *nl_out_nest(struct nl_out *out, int attr)
{
	return reserve(out, attr | NLA_F_NESTED, 0);
}

void nl_out_nest_end(struct nl_out *out, struct nlattr *nest)
{
	const unsigned char *end = out->bytes + out->hdr.nlmsg_len;

	if (nest)
		nest->nla_len = (uint16_t)(end - (unsigned char *)nest);
}

int nl_out_send(struct nl_out *out, int fd)
{
	size_t len = out->hdr.nlmsg_len;
	ssize_t n = -1;
	int err = EMSGSIZE;

	if (!out->full) {
		do
			n = send(fd, out->bytes, len, 0);
		while (n < 0 && errno == EINTR);
		err = errno;
	}
	explicit_bzero(out->bytes, len);
	return n < 0 ? -err : 0;
}
