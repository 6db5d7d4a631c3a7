// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTTOPEN and MQTTCLOSE of a link, in whatever state it is.
 *
 * An OPEN that comes too early, and its CLOSE:
 *
 *   CLOSING --OPEN--> REOPENING --closed--> CLOSED --> OPENING
 *      ^                  | CLOSE              ^          | CLOSE
 *      +------------------+                    +----------+
 */
#include <errno.h>
#include <string.h>

#include "daemon/at/inbox.h"
#include "daemon/at/link.h"
#include "daemon/at/link_requests.h"
#include "daemon/at/message.h"

/* The reason is the open's, also of what was held for it. */
void at_link_fail_open(struct at_link *link)
{
	link->by_host = false;
	at_urc_of(link, AT_GAP_RESULT, at_room_take(&link->opened),
		  "+MQTTOPEN: %u,0", link->id);
	at_link_refuse_held(link);
}

/* For the result, and for whatever ends the link. */
static bool make_rooms(struct at_link *link)
{
	return at_room_make(&link->opened, AT_ROOM_MIN) &&
	       at_room_make(&link->ended, AT_ROOM_MIN);
}

/* What the broker sends again in this session must not be here twice. */
int at_link_try_open(struct at_link *link)
{
	int rc = make_rooms(link) ? link->protocol->open(link) : -ENOMEM;

	if (rc)
		return rc;
	if (!link->clean) {
		at_inbox_drop(link, at_message_comes_again);
		at_urc_drop_unacked(link->s, link);
	}
	link->clean = link->target.clean;
	link->by_host = false;
	if (link->state == AT_LINK_WAITING) {
		at_link_enter(link, AT_LINK_RETRYING);
		return 0;
	}
	at_again_forget(&link->again);
	at_link_enter(link, AT_LINK_OPENING);
	return 0;
}

void at_link_refuse_open(struct at_link *link)
{
	at_link_note(link, AT_NO_NETWORK, "no network service: uplink %s",
		     at_net_fault(link->s));
	at_link_fail_open(link);
}

int at_link_open(struct at_link *link)
{
	if (!make_rooms(link))
		return -ENOMEM;
	if (link->state == AT_LINK_CLOSING) {
		at_link_enter(link, AT_LINK_REOPENING);
		return 0;
	}
	if (at_net_can_open(link->s))
		return at_link_try_open(link);
	at_link_refuse_open(link);
	return 0;
}

/* The CLOSE that the OPEN came behind is through. */
static void reopen(struct at_link *link)
{
	int rc;

	if (!at_net_can_open(link->s)) {
		at_link_refuse_open(link);
		return;
	}
	rc = at_link_try_open(link);
	if (!rc)
		return;
	at_link_note(link, AT_UNKNOWN, "%s", strerror(-rc));
	at_link_fail_open(link);
}

/* There is nothing to close: the result comes as soon as after a real one. */
static void close_waiting(struct at_link *link)
{
	at_link_give_up(link);
	link->again.due = uv_now(link->s->loop) + 1;
	at_link_arm_timer(link->s);
}

/* An OPEN that is under way, or waits for a CLOSE, which goes on. */
static void call_off(struct at_link *link)
{
	bool waits = link->state == AT_LINK_REOPENING;

	if (!waits)
		link->protocol->abort(link->client);
	at_link_enter(link, waits ? AT_LINK_CLOSING : AT_LINK_CLOSED);
	at_link_note(link, 0, "called off by the host");
	at_link_fail_open(link);
	link->by_host = true;
}

static void forget_messages(struct at_link *link)
{
	at_inbox_drop(link, NULL);
	if (!link->clean)
		at_urc_drop_unacked(link->s, link);
}

/* To CLOSED, at once or by way of CLOSING */
static int leave(struct at_link *link)
{
	int rc;

	switch (link->state) {
	case AT_LINK_OPENING:
	case AT_LINK_REOPENING:
		call_off(link);
		break;
	case AT_LINK_WAITING:
	case AT_LINK_RETRYING:
		close_waiting(link);
		at_link_enter(link, AT_LINK_CLOSING);
		break;
	case AT_LINK_OPEN:
		rc = link->protocol->close(link->client);
		if (rc)
			return rc;
		at_link_enter(link, AT_LINK_CLOSING);
		break;
	case AT_LINK_CLOSED:
	case AT_LINK_CLOSING:
	case AT_LINK_LEAVING:
		return -ENOTCONN;
	}
	forget_messages(link);
	return 0;
}

int at_link_make_way(struct at_link *link)
{
	const struct port_config *cfg = link->s->cfg;

	switch (link->state) {
	case AT_LINK_CLOSED:
		return 0;
	case AT_LINK_WAITING:
	case AT_LINK_RETRYING:
		at_link_give_up(link);
		return 0;
	case AT_LINK_CLOSING:
		return cfg->while_opening_refuse ? -EBUSY : 0;
	case AT_LINK_OPEN:
	case AT_LINK_OPENING:
	case AT_LINK_REOPENING:
		return cfg->open_again_replace ? leave(link) : -EALREADY;
	case AT_LINK_LEAVING:
		break;
	}
	return -EBUSY;
}

static void print_closed(struct at_link *link)
{
	struct at_room *room;

	while ((room = at_room_next(&link->closes)))
		at_urc_of(link, AT_GAP_RESULT, room, "+MQTTCLOSE: %u,1",
			  link->id);
}

int at_link_close(struct at_link *link)
{
	struct at_room *room = at_room_new(AT_ROOM_MIN);
	int rc = room ? leave(link) : -ENOMEM;

	if (rc) {
		at_room_free(room);
		return rc;
	}
	room->next = link->closes;
	link->closes = room;
	if (link->state == AT_LINK_CLOSED)
		print_closed(link);
	return 0;
}

/* No command was a CLOSE if open_again = replace closed it. */
void at_link_closed(void *ctx)
{
	struct at_link *link = ctx;
	enum at_link_state state = link->state;

	if (at_link_is_gone(link))
		return;
	at_link_expire_requests(link, UINT64_MAX);
	at_link_enter(link, AT_LINK_CLOSED);
	if (state == AT_LINK_LEAVING)
		return;
	link->by_host = true;
	print_closed(link);
	if (state == AT_LINK_REOPENING)
		reopen(link);
}
