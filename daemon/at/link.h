/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session's clients: their states, results and messages.
 */
#ifndef ATMQTT_AT_LINK_H
#define ATMQTT_AT_LINK_H

#include "daemon/at/internal.h"

/*
 * Starts the clients that the series of @s has.  0 or -ENOMEM;
 * at_links_free() in any case.
 */
int at_links_init(struct at_session *s);
void at_links_free(struct at_session *s);

/* Wipes and frees what MQTTUSER kept. */
void at_user_free(struct at_user *u);

/* Client @id of @s, or NULL. */
struct at_link *at_link_find(struct at_session *s, unsigned int id);

bool at_link_is_open(const struct at_link *link);
bool at_link_can_open(const struct at_link *link);

/* It is open, or opening: then they are held until it is (while_opening). */
bool at_link_takes_requests(const struct at_link *link);

/* Open, or lost and to be opened again by itself */
bool at_link_is_to_be_open(const struct at_link *link);

/*
 * Of a link that was open when the daemon went, with its target, user, will
 * and subscriptions in place: BREAK now, and it is opened again.
 */
void at_link_resume(struct at_link *link);

/* DISCONNECT, and no word to the host: the daemon stops. */
void at_link_say_goodbye(struct at_link *link);
bool at_link_is_gone(const struct at_link *link);

/* Why it is not open, in words. */
const char *at_link_why_not_open(const struct at_link *link);

/* Ends the tries to open a lost link again, if there are any. */
void at_link_give_up(struct at_link *link);

/*
 * OPEN, in two steps: 0, or -EALREADY or -EBUSY if it cannot be opened as it
 * is; then, to link->target, 0 and its result comes.  CLOSE.  Other errnos
 * are the protocol's.
 */
int at_link_make_way(struct at_link *link);
int at_link_open(struct at_link *link);
int at_link_close(struct at_link *link);

/*
 * The network is gone: the link breaks with @cause, an open that is under way
 * fails.  One that is closing goes on.
 */
void at_link_cut(struct at_link *link, unsigned int cause);

/* As after power-on, without a word to the host. */
void at_link_reset(struct at_link *link);

/* 0, and a result line follows; or a negative errno of the protocol */
int at_link_request(struct at_link *link, enum at_request_kind kind,
		    const struct at_ask *ask);

/*
 * What a protocol tells of the link @ctx: see struct mqtt_callbacks.  @more
 * is what the result line has behind the status, or NULL.
 */
void at_link_opened(void *ctx, const struct mqtt_reason *why);
void at_link_closed(void *ctx);
void at_link_lost(void *ctx, const struct mqtt_reason *why);
void at_link_done(struct at_link *link, uint32_t token, bool ok,
		  const char *more);

/*
 * A message: @source is the protocol's, of which @view tells the parts; it
 * has a name or a @topic_id.
 */
void at_link_message(struct at_link *link, const struct mqtt_message *view,
		     void *source, uint16_t topic_id);

/* Bytes of payload that the host can be given, in either mode of MQTTCONF. */
size_t at_link_payload_max(const struct at_session *s);

/* How it is; what @out points to is the link's. */
void at_link_status(const struct at_link *link, struct at_client_status *out);

/* Counts a message of QoS 0 that had no room, or a topic that was none. */
void at_link_count_dropped(struct at_link *link);
void at_link_count_illegal(struct at_link *link);

/*
 * There was no memory for a message, which is gone.  Of QoS 0 it is counted;
 * another comes again in the session's next connection, so this one ends.
 */
void at_link_lost_message(struct at_link *link, unsigned int qos);

/* The timer of @s fired: requests that are due have failed. */
void at_link_expire(struct at_session *s);

#endif /* ATMQTT_AT_LINK_H */
