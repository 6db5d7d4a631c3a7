/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is kept of sessions, a file each.  Written in the loop's thread pool,
 * one after the other; there are SESSIONS_KEPT at most, and the one that was
 * written the longest time ago goes first.
 */
#ifndef ATMQTT_MQTTSN_STORE_H
#define ATMQTT_MQTTSN_STORE_H

#include <uv.h>

#include "daemon/mqttsn/client.h"

#define SESSIONS_KEPT	16

struct sn_store;

/* Files under @dir; NULL: nothing is kept.  NULL without memory. */
struct sn_store *sn_store_new(uv_loop_t *loop, const char *dir);

/* What was to be written still is: the loop must run. */
void sn_store_free(struct sn_store *store);

/* Copies it; what cannot be written is logged. */
void sn_store_write(struct sn_store *store, const struct sn_kept *kept);

/* For free(); NULL: there is none. */
char *sn_store_read(const struct sn_store *store, const char *session);

#endif /* ATMQTT_MQTTSN_STORE_H */
