/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Which argument of a command is a secret, for who shows lines: passwords,
 * keys and tokens.  A command that is not listed may have some, so a new one
 * is listed here as in table.c; a test sees to it.
 */
#ifndef ATMQTT_AT_SECRET_H
#define ATMQTT_AT_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct at_secret {
	const char *name;	/* in capitals, "+MQTTUSER" */
	uint32_t set;		/* bit i: argument i, from 1, of the set form */
	uint32_t told;		/* the same of its lines: "+MQTTUSER: 1,..." */
	bool data;		/* the data that it asks for */
};

/* The row of an extended command, or NULL. */
const struct at_secret *at_secret_find(const char *name);

/* Row @i, in the order of strcmp(); NULL behind the last. */
const struct at_secret *at_secret_at(size_t i);

#endif /* ATMQTT_AT_SECRET_H */
