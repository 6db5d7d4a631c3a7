/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What link.c, link_open.c and link_requests.c have of each other.
 */
#ifndef ATMQTT_AT_LINK_REQUESTS_H
#define ATMQTT_AT_LINK_REQUESTS_H

#include "daemon/at/internal.h"

/* link_requests.c */

/* Requests that are due at @now have failed; UINT64_MAX: all. */
void at_link_expire_requests(struct at_link *link, uint64_t now);

/* The link is open, or will not be: those that waited for it. */
void at_link_carry_out(struct at_link *link);
void at_link_refuse_held(struct at_link *link);

/* Subscribes again to what a link that came back has lost. */
void at_link_renew(struct at_link *link);

/* link_open.c */

/* Towards link->target; 0 or a negative errno of the protocol. */
int at_link_try_open(struct at_link *link);

/* The OPEN has failed, and what was held for it; or for want of a network. */
void at_link_fail_open(struct at_link *link);
void at_link_refuse_open(struct at_link *link);

/* link.c */

void at_link_enter(struct at_link *link, enum at_link_state state);

/* A reason for +CEER, which is the session's, and for the link's status. */
void at_link_note(struct at_link *link, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Not each one: a flood of messages shall not be one of log lines, too. */
bool at_link_is_worth_a_line(uint32_t count);

/* Wakes at_link_expire() up when the first thing is due. */
void at_link_arm_timer(struct at_session *s);

#endif /* ATMQTT_AT_LINK_REQUESTS_H */
