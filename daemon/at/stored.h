/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Settings in files of a port, a name and a number a line: those of AT&W in
 * <state_dir>/<tty>.profile, and those in force in <runtime_dir>/<tty>.kept
 * for a daemon that takes over from this one.
 */
#ifndef ATMQTT_AT_STORED_H
#define ATMQTT_AT_STORED_H

#include "daemon/at/cmd/network.h"
#include "daemon/at/result.h"
#include "daemon/config.h"

enum at_store {
	AT_STORE_PROFILE,
	AT_STORE_KEPT,
	AT_N_STORES,
};

struct at_stored {
	struct at_settings set;

	/* the kept ones only */
	uint8_t report[AT_N_REGISTRATIONS];
	uint8_t conf;
};

/*
 * Puts what is stored over *@all.  0; -ENOENT when nothing is, or another
 * negative errno, and *@all is as it was.
 */
int at_stored_load(const struct port_config *cfg, enum at_store store,
		   struct at_stored *all);

/* All of it or nothing is there afterwards.  0 or a negative errno. */
int at_stored_save(const struct port_config *cfg, enum at_store store,
		   const struct at_stored *all);

/* Would both be the same file? */
bool at_stored_equal(enum at_store store, const struct at_stored *a,
		     const struct at_stored *b);

#endif /* ATMQTT_AT_STORED_H */
