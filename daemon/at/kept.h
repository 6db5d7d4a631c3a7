/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a host has set, for a daemon that takes over from this one (rule P5):
 * in a file that a restart of the board does not outlast.
 */
#ifndef ATMQTT_AT_KEPT_H
#define ATMQTT_AT_KEPT_H

#include "daemon/at/stored.h"

struct at_session;

/* Ahead of each reply: nothing is written unless something was set. */
void at_kept_save(struct at_session *s);

/* A line for the operator if it is another @err of at_stored_save() than last. */
void at_kept_note(struct at_session *s, enum at_store store, int err);

/* What is not there stays as it is. */
void at_kept_load(struct at_session *s);

#endif /* ATMQTT_AT_KEPT_H */
