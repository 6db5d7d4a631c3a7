/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The links that are open, for a daemon that takes over from this one, with
 * the knob "reconnect" (rule P5): with all that it takes to open them again.
 * They are in <runtime_dir>/<tty>.links, of mode 0600 since passwords and keys
 * are among it; a restart of the board does not outlast it.
 */
#ifndef ATMQTT_AT_REOPEN_H
#define ATMQTT_AT_REOPEN_H

#include <stdbool.h>

struct at_session;

/*
 * After each change of a link's state or subscriptions, or of what the next
 * open is made of.
 */
void at_reopen_save(struct at_session *s);

/* True: there were some, and they are being opened again. */
bool at_reopen_load(struct at_session *s);

void at_reopen_forget(struct at_session *s);

#endif /* ATMQTT_AT_REOPEN_H */
