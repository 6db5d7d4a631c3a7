// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What commands ask a link's protocol for, and the results (rule L14); and
 * the subscriptions that a link which comes back has to have again.
 */
#include "daemon/at/link_requests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/link.h"
#include "daemon/at/reopen.h"
#include "daemon/at/room.h"

#define KIND_SHIFT	3	/* a token is number << 3 | kind */
#define KIND_MASK	7
#define TOKEN_RENEWAL	KIND_MASK	/* of no command: it has no result */

static const char *const result_names[AT_N_REQUEST_KINDS] = {
	[AT_REQUEST_SUB] = "SUB",
	[AT_REQUEST_UNSUB] = "UNSUB",
	[AT_REQUEST_PUB] = "PUB",
	[AT_REQUEST_REG] = "SNREG",
	[AT_REQUEST_WILL_TOPIC] = "WTOPICUD",
	[AT_REQUEST_WILL_MSG] = "WMSGUD",
};

/*
 * Results
 */

/* @why, for +CEER, one of them failed; NULL: as the link did */
static void print_results(struct at_link *link, enum at_request_kind kind,
			  const char *why)
{
	const char *name = result_names[kind];
	struct at_room *room;
	bool ok;

	while (at_requests_pop(&link->requests[kind], &ok, &room)) {
		if (!ok && why)
			at_link_note(link, 0, "%s: %s", name, why);
		at_urc_of(link, kind == AT_REQUEST_PUB ? AT_GAP_PUB :
							 AT_GAP_RESULT,
			  room, "+MQTT%s: %u,%d%s", name, link->id, ok,
			  room->text);
	}
}

/* With status 0 it is the host's again, and must not go out after that. */
static void expire(struct at_link *link, int kind, uint64_t now)
{
	int64_t number;

	while ((number = at_requests_expire(&link->requests[kind], now)) >= 0)
		if (link->protocol->cancel)
			link->protocol->cancel(link->client,
					       (uint32_t)number << KIND_SHIFT |
						       kind);
}

void at_link_expire_requests(struct at_link *link, uint64_t now)
{
	int kind;

	for (kind = 0; kind < AT_N_REQUEST_KINDS; kind++) {
		expire(link, kind, now);
		print_results(link, kind, now == UINT64_MAX ? "link closed" :
							      "no answer");
	}
}

static void note_not_renewed(const struct at_link *link)
{
	log_warning("%s: client %u: a subscription is not renewed",
		    link->s->cfg->tty, link->id);
}

void at_link_done(struct at_link *link, uint32_t token, bool ok,
		  const char *more)
{
	unsigned int kind = token & KIND_MASK;

	if (token == TOKEN_RENEWAL && !ok)
		note_not_renewed(link);
	if (kind >= AT_N_REQUEST_KINDS)
		return;
	at_requests_end(&link->requests[kind], token >> KIND_SHIFT, ok, more);
	if (kind == AT_REQUEST_SUB && !ok)
		at_again_refused(&link->again, token >> KIND_SHIFT);
	print_results(link, kind, link->protocol->failure[kind]);
}

/*
 * New ones
 */

/* MQTTSNREG's has the topic. */
static size_t result_size(enum at_request_kind kind)
{
	return kind == AT_REQUEST_REG ? AT_ROOM_MIN + AT_TOPIC_MAX :
					AT_ROOM_MIN;
}

static uint64_t deadline_of(const struct at_link *link)
{
	return uv_now(link->s->loop) + link->protocol->request_ms(link);
}

static int64_t begin_request(struct at_link *link, enum at_request_kind kind,
			     bool held)
{
	uint64_t deadline = held ? AT_REQUEST_HELD : deadline_of(link);
	int64_t number;

	if (!at_link_takes_requests(link))
		return -ENOTCONN;
	number = at_requests_push(&link->requests[kind], deadline,
				  result_size(kind));
	return number < 0 ? number : number << KIND_SHIFT | kind;
}

static int end_request(struct at_link *link, enum at_request_kind kind, int rc)
{
	if (rc)
		at_requests_unpush(&link->requests[kind]);
	else
		at_link_arm_timer(link->s);
	return rc;
}

/* An id with a name may be another's in the next connection. */
static struct at_topic lasting(const struct at_link *link,
			       const struct at_topic *topic)
{
	const char *name = topic->name;

	if (!name)
		name = link->protocol->topic_name(link->client, topic->id);
	return name ? (struct at_topic){ .name = name } : *topic;
}

/* One that cannot be remembered is not renewed, but subscribed. */
static void remember(struct at_link *link, enum at_request_kind kind,
		     const struct at_ask *ask, uint32_t token)
{
	struct at_topic topic;
	int rc = 0;

	if (kind != AT_REQUEST_SUB && kind != AT_REQUEST_UNSUB)
		return;
	topic = lasting(link, &ask->topic);
	if (kind == AT_REQUEST_UNSUB)
		at_again_unsubscribed(&link->again, &topic);
	else
		rc = at_again_subscribed(&link->again, &topic, ask->qos,
					 token >> KIND_SHIFT);
	if (rc && at_link_is_worth_a_line(++link->forgotten))
		log_warning("%s: client %u: %u subscriptions not remembered: %s",
			    link->s->cfg->tty, link->id, link->forgotten,
			    strerror(-rc));
	at_reopen_save(link->s);
}

static int carry_out(struct at_link *link, enum at_request_kind kind,
		     const struct at_ask *ask, uint32_t token)
{
	int rc = link->protocol->request[kind](link->client, token, ask);

	if (!rc)
		remember(link, kind, ask, token);
	return rc;
}

int at_link_request(struct at_link *link, enum at_request_kind kind,
		    const struct at_ask *ask)
{
	bool held = !at_link_is_open(link);
	int64_t token = begin_request(link, kind, held);
	int rc;

	if (token < 0)
		return (int)token;
	rc = held ? at_held_add(&link->held, kind, (uint32_t)token, ask) :
		    carry_out(link, kind, ask, (uint32_t)token);
	return end_request(link, kind, rc);
}

/*
 * Held ones
 */

static void fail_held(struct at_link *link, const struct at_held *held,
		      const char *why)
{
	struct at_requests *q = &link->requests[held->kind];

	at_requests_end(q, held->token >> KIND_SHIFT, false, NULL);
	print_results(link, held->kind, why);
}

static void begin_held(struct at_link *link, const struct at_held *held)
{
	int rc;

	at_requests_begin(&link->requests[held->kind],
			  held->token >> KIND_SHIFT, deadline_of(link));
	rc = carry_out(link, held->kind, &held->ask, held->token);
	if (rc)
		fail_held(link, held, strerror(-rc));
}

void at_link_carry_out(struct at_link *link)
{
	struct at_held *held;

	while (at_link_is_open(link) && (held = at_held_take(&link->held))) {
		begin_held(link, held);
		free(held);
	}
	at_link_arm_timer(link->s);
}

void at_link_refuse_held(struct at_link *link)
{
	struct at_held *held;

	while ((held = at_held_take(&link->held))) {
		fail_held(link, held, NULL);
		free(held);
	}
}

/*
 * Without a command
 */

/* The broker may have lost one that is not clean. */
static bool has_subscriptions(const struct at_link *link)
{
	const struct at_protocol *protocol = link->protocol;

	return !link->clean && (!protocol->session_present ||
				protocol->session_present(link->client));
}

/* Nobody waits for the results. */
void at_link_renew(struct at_link *link)
{
	const struct at_sub *sub = link->again.subs;
	struct at_ask ask;

	if (has_subscriptions(link))
		return;

	for (; sub; sub = sub->next) {
		ask = (struct at_ask){
			.topic = at_sub_topic(sub),
			.qos = sub->qos,
		};
		if (link->protocol->request[AT_REQUEST_SUB](link->client,
							    TOKEN_RENEWAL,
							    &ask))
			note_not_renewed(link);
	}
}

uint32_t at_link_under_way(const struct at_link *link)
{
	uint32_t n = 0;
	int kind;

	for (kind = 0; kind < AT_N_REQUEST_KINDS; kind++)
		n += link->requests[kind].count;
	return n;
}
