/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session's MQTT clients: their states, results and messages.
 */
#ifndef ATMQTT_AT_LINK_H
#define ATMQTT_AT_LINK_H

#include "daemon/at/internal.h"

/* Starts client @id of @s.  0 or -ENOMEM; at_link_free() in any case. */
int at_link_init(struct at_session *s, struct at_link *link, unsigned int id);
void at_link_free(struct at_link *link);

/* Wipes and frees what MQTTUSER kept. */
void at_user_free(struct at_user *u);

/* Client @id of @s, or NULL. */
struct at_link *at_link_find(struct at_session *s, unsigned int id);

bool at_link_is_open(const struct at_link *link);
bool at_link_can_open(const struct at_link *link);

/* Ends the tries to open a lost link again, if there are any. */
void at_link_give_up(struct at_link *link);

/* OPEN and CLOSE: 0 or a negative errno of mqtt_open(), mqtt_close() */
int at_link_open(struct at_link *link, const struct mqtt_open *args);
int at_link_close(struct at_link *link);

/* An open that fails for want of the network; its result comes. */
void at_link_refuse(struct at_link *link);

/*
 * The network is gone: the link breaks with @cause, an open that is under way
 * fails.  One that is closing goes on.
 */
void at_link_cut(struct at_link *link, unsigned int cause);

/* As after power-on, without a word to the host. */
void at_link_reset(struct at_link *link);

/* Requests: 0, or a negative errno of mqtt_publish() and its like */
int at_link_publish(struct at_link *link, const char *topic, unsigned int qos,
		    bool retain, const void *payload, size_t len);
int at_link_subscribe(struct at_link *link, const char *filter,
		      unsigned int qos);
int at_link_unsubscribe(struct at_link *link, const char *filter);

/* How it is; what @out points to is the link's. */
void at_link_status(const struct at_link *link, struct at_client_status *out);

/* Counts a message of QoS 0 that had no room. */
void at_link_count_dropped(struct at_link *link);

/* The timer of @s fired: requests that are due have failed. */
void at_link_expire(struct at_session *s);

#endif /* ATMQTT_AT_LINK_H */
