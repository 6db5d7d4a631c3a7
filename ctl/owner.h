/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Who has a netlink socket.
 */
#ifndef ATMQTT_CTL_OWNER_H
#define ATMQTT_CTL_OWNER_H

#include <stdint.h>
#include <sys/types.h>

struct owner {
	pid_t pid;	/* 0: it cannot be told */
	char name[32];
};

/*
 * The process that has the generic netlink socket @portid, by its inode: the
 * port id itself says little.  Others' processes need root to be seen.
 */
void owner_find(uint32_t portid, struct owner *out);

#endif /* ATMQTT_CTL_OWNER_H */
