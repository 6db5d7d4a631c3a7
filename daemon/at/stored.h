/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The settings that AT&W stores: a file of a port, <state_dir>/<tty>.profile,
 * a name and a number a line.
 */
#ifndef ATMQTT_AT_STORED_H
#define ATMQTT_AT_STORED_H

#include "daemon/config.h"
#include "daemon/at/result.h"

/*
 * Puts what is stored over *@set.  0; -ENOENT when nothing is, or another
 * negative errno, and *@set is as it was.
 */
int at_stored_load(const struct port_config *cfg, struct at_settings *set);

/* All of it or nothing is there afterwards.  0 or a negative errno. */
int at_stored_save(const struct port_config *cfg,
		   const struct at_settings *set);

#endif /* ATMQTT_AT_STORED_H */
