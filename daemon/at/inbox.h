/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A client's messages that wait for MQTTREAD.
 */
#ifndef ATMQTT_AT_INBOX_H
#define ATMQTT_AT_INBOX_H

#include "daemon/at/internal.h"

/* @m is then the inbox's, which may drop it or another of QoS 0 for it. */
void at_inbox_add(struct at_link *link, struct at_message *m);

/* Drops those that @which is true of (NULL: all), unacknowledged. */
void at_inbox_drop(struct at_link *link,
		   bool (*which)(const struct at_message *m));

/* Takes the oldest, or NULL. */
struct at_message *at_inbox_take(struct at_link *link);

/* Puts back what could not be handed over. */
void at_inbox_untake(struct at_link *link, struct at_message *m);

/* Tells of what waits by MQTTMSGI, or hands it over if MQTTCONF says so. */
void at_inbox_announce(struct at_link *link);

#endif /* ATMQTT_AT_INBOX_H */
