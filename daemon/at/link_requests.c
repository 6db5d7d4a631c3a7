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

#define TOKEN_RENEWAL	0	/* of no command: it has no result */

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

static void print_result(struct at_link *link, struct at_request *r)
{
	const char *name = result_names[r->kind];
	struct at_room *room = r->room;

	r->room = NULL;
	if (r->state == AT_REQUEST_FAILED && r->why)
		at_link_note(link, 0, "%s: %s", name, r->why);
	at_urc_of(link, r->kind == AT_REQUEST_PUB ? AT_GAP_PUB : AT_GAP_RESULT,
		  room, "+MQTT%s: %u,%d%s", name, link->id,
		  r->state == AT_REQUEST_OK, room->text);
}

/* A line that waits for its OK goes on when the results have made room. */
static void print_results(struct at_link *link)
{
	struct at_request *r;

	while ((r = at_requests_told_next(&link->requests))) {
		print_result(link, r);
		at_requests_remove(&link->requests, r);
	}
	if (link->s->full)
		at_link_arm_timer(link->s);
}

static void fail(struct at_request *r, const char *why)
{
	r->why = why;
	at_request_end(r, false, NULL);
}

/* With status 0 it is the host's again, and must not go out after that. */
void at_link_expire_requests(struct at_link *link, uint64_t now)
{
	const char *why = now == UINT64_MAX ? "link closed" : "no answer";
	struct at_request *r;

	while ((r = at_requests_due(&link->requests, now))) {
		if (r->state == AT_REQUEST_BEGUN && link->protocol->cancel)
			link->protocol->cancel(link->client, r->token);
		fail(r, why);
	}
	print_results(link);
}

static void note_not_renewed(const struct at_link *link)
{
	log_warning("%s: client %u: a subscription is not renewed",
		    link->s->cfg->tty, link->id);
}

void at_link_done(struct at_link *link, uint32_t token, bool ok,
		  const char *more)
{
	struct at_request *r = at_requests_find(&link->requests, token);

	if (token == TOKEN_RENEWAL && !ok)
		note_not_renewed(link);
	if (r && r->kind == AT_REQUEST_SUB && !ok)
		at_again_refused(&link->again, token);
	if (r) {
		r->why = link->protocol->failure[r->kind];
		at_request_end(r, ok, more);
	}
	at_link_carry_out(link);
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
static void remember(struct at_link *link, const struct at_request *r)
{
	struct at_topic topic;
	int rc = 0;

	if (r->kind != AT_REQUEST_SUB && r->kind != AT_REQUEST_UNSUB)
		return;
	topic = lasting(link, &r->ask.topic);
	if (r->kind == AT_REQUEST_UNSUB)
		at_again_unsubscribed(&link->again, &topic);
	else
		rc = at_again_subscribed(&link->again, &topic, r->ask.qos,
					 r->token);
	if (rc && at_link_is_worth_a_line(++link->forgotten))
		log_warning("%s: client %u: %u subscriptions not remembered: %s",
			    link->s->cfg->tty, link->id, link->forgotten,
			    strerror(-rc));
	at_reopen_save(link->s);
}

/* 0, or a negative errno of the protocol: -EAGAIN, it has no room now. */
static int begin(struct at_link *link, struct at_request *r)
{
	int rc = link->protocol->request[r->kind](link->client, r->token,
						  &r->ask);

	if (rc)
		return rc;
	r->state = AT_REQUEST_BEGUN;
	remember(link, r);
	return 0;
}

/* Its turn is behind those that wait already. */
static int begin_new(struct at_link *link, struct at_request *r)
{
	int rc = -EAGAIN;

	r->deadline = deadline_of(link);
	if (at_requests_waiting(&link->requests) == r)
		rc = begin(link, r);
	return rc == -EAGAIN ? 0 : rc;
}

int at_link_request(struct at_link *link, enum at_request_kind kind,
		    const struct at_ask *ask)
{
	struct at_request *r;
	int rc = 0;

	if (!at_link_takes_requests(link))
		return -ENOTCONN;
	r = at_requests_add(&link->requests, kind, ask, result_size(kind));
	if (!r)
		return -ENOMEM;
	if (at_link_is_open(link))
		rc = begin_new(link, r);
	if (rc)
		at_requests_remove(&link->requests, r);
	else
		at_link_arm_timer(link->s);
	return rc;
}

/* Those that waited for the link, or for room on it. */
void at_link_carry_out(struct at_link *link)
{
	struct at_request *r;
	bool timed = false;
	int rc = 0;

	while (at_link_is_open(link) && rc != -EAGAIN &&
	       (r = at_requests_waiting(&link->requests))) {
		if (r->deadline == UINT64_MAX) {
			r->deadline = deadline_of(link);
			timed = true;
		}
		rc = begin(link, r);
		if (rc && rc != -EAGAIN)
			fail(r, strerror(-rc));
	}
	print_results(link);
	if (timed)
		at_link_arm_timer(link->s);
}

void at_link_refuse_held(struct at_link *link)
{
	struct at_request *r;

	while ((r = at_requests_waiting(&link->requests)))
		fail(r, NULL);
	print_results(link);
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
