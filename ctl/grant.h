/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Who may own a port beside those who have CAP_NET_ADMIN.
 */
#ifndef ATMQTT_CTL_GRANT_H
#define ATMQTT_CTL_GRANT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ctl/ctl.h"

#define GRANT_NOBODY	UINT32_MAX

struct grant {
	uint32_t uid;		/* or GRANT_NOBODY */
	uint32_t gid;
};

/* "USER", ":GROUP" or "USER:GROUP", names or numbers.  Says what is wrong. */
enum ctl_status grant_parse(const char *text, struct grant *out);

/* The same for people; "-" for nobody. */
void grant_text(const struct grant *grant, char *out, size_t size);

/* Tells n_at, of the tty whose number is @device; @path is for complaints. */
enum ctl_status grant_port(const struct grant *grant, dev_t device,
			   const char *path);

#endif /* ATMQTT_CTL_GRANT_H */
