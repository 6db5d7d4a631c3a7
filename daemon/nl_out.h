/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A request of generic netlink, made in a buffer that is there: each line of a
 * host is answered by one, and libnl allocates and clears for each.
 */
#ifndef ATMQTT_NL_OUT_H
#define ATMQTT_NL_OUT_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/n_at.h>

#define NL_OUT_MAX	(N_AT_OUT_MAX + 512)	/* with settings, and headers */

/* All 0 before the first one. */
struct nl_out {
	uint32_t seq;		/* of the request that was begun last */
	bool full;		/* something did not fit: it is not sent */
	union {
		struct nlmsghdr hdr;	/* its nlmsg_len is true all along */
		unsigned char bytes[NL_OUT_MAX];
	};
};

void nl_out_begin(struct nl_out *out, int family, uint8_t cmd, uint16_t flags);

void nl_out_put(struct nl_out *out, int attr, const void *data, size_t len);
void nl_out_u32(struct nl_out *out, int attr, uint32_t value);
void nl_out_str(struct nl_out *out, int attr, const char *str);

/* What is put between the two lies in @attr. */
struct nlattr *nl_out_nest(struct nl_out *out, int attr);
void nl_out_nest_end(struct nl_out *out, struct nlattr *nest);

/* 0 or a negative errno.  The message is wiped. */
int nl_out_send(struct nl_out *out, int fd);

#endif /* ATMQTT_NL_OUT_H */
