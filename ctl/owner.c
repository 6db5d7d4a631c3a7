// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/owner.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode; 0: no socket */
static unsigned long inode_of(uint32_t portid)
{
	FILE *f = fopen("/proc/net/netlink", "re");
	unsigned long inode, found = 0;
	unsigned int protocol;
	uint32_t id;
	char line[256];

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %u %" SCNu32 " %*s %*s %*s %*s %*s %*s %lu",
			   &protocol, &id, &inode) == 3 &&
		    protocol == NETLINK_GENERIC && id == portid)
			found = inode;
	if (f)
		fclose(f);
	return found;
}

static bool has_link(const char *dir, const char *target)
{
	char path[PATH_MAX], got[64];
	struct dirent *entry;
	bool found = false;
	DIR *d = opendir(dir);
	ssize_t n;

	while (d && !found && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		n = readlink(path, got, sizeof(got));
		found = n == (ssize_t)strlen(target) &&
			!memcmp(got, target, (size_t)n);
	}
	if (d)
		closedir(d);
	return found;
}

static void read_name(struct owner *out)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)out->pid);
	f = fopen(path, "re");
	if (f && fgets(out->name, sizeof(out->name), f))
		out->name[strcspn(out->name, "\n")] = '\0';
	if (f)
		fclose(f);
}

void owner_find(uint32_t portid, struct owner *out)
{
	unsigned long inode = inode_of(portid);
	struct dirent *entry;
	char target[64], dir[64];
	DIR *d = inode ? opendir("/proc") : NULL;
	int pid;

	*out = (struct owner){ 0 };
	snprintf(target, sizeof(target), "socket:[%lu]", inode);
	while (d && !out->pid && (entry = readdir(d))) {
		pid = atoi(entry->d_name);
		snprintf(dir, sizeof(dir), "/proc/%d/fd", pid);
		if (pid > 0 && has_link(dir, target))
			out->pid = pid;
	}
	if (d)
		closedir(d);
	if (out->pid)
		read_name(out);
}
