// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session's MQTT client between the commands and mqtt/.
 *
 *   CLOSED --OPEN--> OPENING --opened--> OPEN --CLOSE--> CLOSING
 *     ^                 | refused          | lost           | closed
 *     +-----------------+------------------+----------------+
 *
 * With the knob reconnect a lost link does not go to CLOSED:
 *
 *   OPEN --lost--> WAITING --time--> RETRYING --opened--> OPEN
 *                     ^                 | refused
 *                     +-----------------+
 *
 * A message is acknowledged to the broker when it cannot get lost any more
 * for the host's purposes: in a clean session when it was taken into the
 * inbox, otherwise when the host has it.
 */
#include "daemon/at/link.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/inbox.h"
#include "daemon/at/message.h"
#include "daemon/at/open.h"
#include "daemon/at/payload.h"

#define WRITTEN_MAX	32000	/* of n_at's 32768; a topic is beside it */
#define KIND_SHIFT	2	/* a token is number << 2 | kind */
#define KIND_MASK	3
#define TOKEN_RENEWAL	KIND_MASK	/* of no command: it has no result */

static const char *const result_names[AT_N_REQUEST_KINDS] = {
	[AT_REQUEST_SUB] = "SUB",
	[AT_REQUEST_UNSUB] = "UNSUB",
	[AT_REQUEST_PUB] = "PUB",
};

static const char *const state_names[] = {
	[AT_LINK_CLOSED] = "closed",
	[AT_LINK_OPENING] = "opening",
	[AT_LINK_OPEN] = "open",
	[AT_LINK_CLOSING] = "closing",
	[AT_LINK_WAITING] = "waiting",
	[AT_LINK_RETRYING] = "retrying",
};

static void enter_state(struct at_link *link, enum at_link_state state)
{
	log_debug("%s: client %u: %s -> %s", link->s->cfg->tty, link->id,
		  state_names[link->state], state_names[state]);
	link->state = state;
}

/* Not each one: a flood of messages shall not be one of log lines, too. */
static bool is_worth_a_line(uint32_t count)
{
	return !(count & (count - 1));
}

void at_link_count_dropped(struct at_link *link)
{
	if (is_worth_a_line(++link->dropped))
		log_warning("%s: client %u: %u messages of QoS 0 dropped",
			    link->s->cfg->tty, link->id, link->dropped);
}

static void count_oversize(struct at_link *link, const struct mqtt_message *msg)
{
	if (is_worth_a_line(++link->oversize))
		log_warning("%s: client %u: %u messages too long, the last of %zu bytes",
			    link->s->cfg->tty, link->id, link->oversize,
			    msg->payload_len);
}

/* For +CEER, which is the session's, and for the link's status. */
static void note(struct at_link *link, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(link->reason, sizeof(link->reason), fmt, ap);
	va_end(ap);
	at_note_failure(link->s, code, "%s (%s)", link->reason, link->peer);
}

/*
 * Results
 */

/* @why, for +CEER, one of them failed */
static void print_results(struct at_link *link, enum at_request_kind kind,
			  const char *why)
{
	const char *name = result_names[kind];
	bool ok;

	while (at_requests_pop(&link->requests[kind], &ok)) {
		if (!ok)
			note(link, 0, "%s: %s", name, why);
		at_urc_text(link->s, "+MQTT%s: %u,%d", name, link->id, ok);
	}
}

static void expire(struct at_link *link, uint64_t now)
{
	int kind;

	for (kind = 0; kind < AT_N_REQUEST_KINDS; kind++) {
		at_requests_expire(&link->requests[kind], now);
		print_results(link, kind, now == UINT64_MAX ? "link closed" :
							      "no answer");
	}
}

static uint64_t next_deadline(const struct at_session *s)
{
	uint64_t first = UINT64_MAX;
	uint64_t t;
	int i, kind;

	for (i = 0; i < AT_N_LINKS; i++) {
		for (kind = 0; kind < AT_N_REQUEST_KINDS; kind++) {
			t = at_requests_deadline(&s->links[i].requests[kind]);
			first = t < first ? t : first;
		}
		t = s->links[i].again.due;
		first = t && t < first ? t : first;
	}
	return first;
}

static void on_timer(uv_timer_t *timer)
{
	at_link_expire(timer->data);
}

static void arm_timer(struct at_session *s)
{
	uint64_t first = next_deadline(s);
	uint64_t now = uv_now(s->loop);

	if (first == UINT64_MAX)
		return;
	uv_timer_start(&s->timer, on_timer, first > now ? first - now : 0, 0);
}

/*
 * What mqtt/ tells
 */

static void note_reason(struct at_link *link, const struct mqtt_reason *why)
{
	note(link, why->code, "%s", why->text);
	log_info("%s: client %u: %s (%s)", link->s->cfg->tty, link->id,
		 why->text, link->peer);
}

static void wait_to_retry(struct at_link *link)
{
	at_again_failed(&link->again, uv_now(link->s->loop));
	enter_state(link, AT_LINK_WAITING);
	arm_timer(link->s);
}

/* A clean session at the broker is empty.  Nobody waits for the results. */
static void renew_subscriptions(struct at_link *link)
{
	const struct at_sub *sub = link->clean ? link->again.subs : NULL;

	for (; sub; sub = sub->next)
		if (mqtt_subscribe(link->client, TOKEN_RENEWAL, sub->filter,
				   sub->qos))
			log_warning("%s: client %u: a subscription is not renewed",
				    link->s->cfg->tty, link->id);
}

/* The host hears of a try of ours only when it succeeded. */
static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	struct at_link *link = ctx;
	bool again = link->state == AT_LINK_RETRYING;

	if (link->state != AT_LINK_OPENING && !again)
		return;
	if (why)
		note_reason(link, why);
	if (why && again) {
		wait_to_retry(link);
		return;
	}
	enter_state(link, why ? AT_LINK_CLOSED : AT_LINK_OPEN);
	if (!why)
		at_again_opened(&link->again, uv_now(link->s->loop));
	if (again)
		renew_subscriptions(link);
	at_urc_text(link->s, "+MQTTOPEN: %u,%d", link->id, !why);
}

/* From OPEN without the host's doing; BREAK follows. */
static void leave_open(struct at_link *link)
{
	expire(link, UINT64_MAX);
	if (!link->s->cfg->reconnect) {
		enter_state(link, AT_LINK_CLOSED);
		return;
	}
	at_again_lost(&link->again, uv_now(link->s->loop));
	enter_state(link, AT_LINK_WAITING);
	arm_timer(link->s);
}

static void on_closed(void *ctx)
{
	struct at_link *link = ctx;

	if (link->state != AT_LINK_CLOSING)
		return;
	expire(link, UINT64_MAX);
	enter_state(link, AT_LINK_CLOSED);
	at_urc_text(link->s, "+MQTTCLOSE: %u,1", link->id);
}

/* While closing, closed() follows and is the result; there is no BREAK. */
static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	struct at_link *link = ctx;

	if (link->state != AT_LINK_OPEN)
		return;
	leave_open(link);
	note_reason(link, why);
	at_urc_text(link->s, "+MQTTBREAK: %u,1", link->id);
}

static void on_done(void *ctx, uint32_t token, bool ok)
{
	struct at_link *link = ctx;
	unsigned int kind = token & KIND_MASK;

	if (token == TOKEN_RENEWAL && !ok)
		log_warning("%s: client %u: a subscription is not renewed",
			    link->s->cfg->tty, link->id);
	if (kind >= AT_N_REQUEST_KINDS)
		return;
	at_requests_end(&link->requests[kind], token >> KIND_SHIFT, ok);
	if (kind == AT_REQUEST_SUB && !ok)
		at_again_refused(&link->again, token >> KIND_SHIFT);
	print_results(link, kind, kind == AT_REQUEST_SUB ?
					  "refused by the broker" :
					  "not acknowledged");
}

static bool is_deliverable(struct at_link *link, const struct mqtt_message *msg,
			   size_t max)
{
	if (msg->topic_len <= AT_TOPIC_MAX && msg->payload_len <= max)
		return true;
	count_oversize(link, msg);
	return msg->topic_len <= AT_TOPIC_MAX &&
	       link->s->cfg->oversize_truncate;
}

static size_t receive_max(const struct at_session *s)
{
	size_t max = s->conf ? s->profile->read_max : s->profile->msg_max;
	size_t written = WRITTEN_MAX / payload_growth(s->cfg->payload_format);

	if (s->cfg->max_payload > max)
		max = s->cfg->max_payload;
	return max < written ? max : written;
}

static void on_message(void *ctx, struct mqtt_message *msg)
{
	struct at_link *link = ctx;
	struct at_session *s = link->s;
	size_t max = receive_max(s);
	struct at_message *m;

	if (link->state == AT_LINK_CLOSED || link->state == AT_LINK_CLOSING) {
		mqtt_message_drop(msg);
		return;
	}
	if (!is_deliverable(link, msg, max)) {
		mqtt_message_end(msg);
		return;
	}
	m = at_message_new(link, msg, max);
	if (!m)
		mqtt_message_drop(msg);
	else if (s->conf)
		at_inbox_add(link, m);
	else
		at_urc_whole(s, m);
}

static const struct mqtt_callbacks callbacks = {
	.opened = on_opened,
	.closed = on_closed,
	.lost = on_lost,
	.done = on_done,
	.message = on_message,
};

/*
 * What commands do
 */

bool at_link_is_open(const struct at_link *link)
{
	return link->state == AT_LINK_OPEN;
}

static bool is_left_alone(const struct at_link *link)
{
	return link->state == AT_LINK_WAITING ||
	       link->state == AT_LINK_RETRYING;
}

bool at_link_can_open(const struct at_link *link)
{
	return link->state == AT_LINK_CLOSED || is_left_alone(link);
}

void at_link_give_up(struct at_link *link)
{
	if (!is_left_alone(link))
		return;
	mqtt_abort(link->client);
	link->again.due = 0;
	enter_state(link, AT_LINK_CLOSED);
}

static bool any_message(const struct at_message *m)
{
	(void)m;
	return true;
}

/* What the broker sends again in this session must not be here twice. */
int at_link_open(struct at_link *link, const struct mqtt_open *args)
{
	int rc = mqtt_open(link->client, args);

	if (rc)
		return rc;
	if (!link->clean) {
		at_inbox_drop(link, at_message_comes_again);
		at_urc_drop_unacked(link->s, link);
	}
	link->clean = args->clean;
	if (link->state == AT_LINK_WAITING) {
		enter_state(link, AT_LINK_RETRYING);
		return 0;
	}
	at_again_forget(&link->again);
	enter_state(link, AT_LINK_OPENING);
	return 0;
}

/* There is nothing to close: the result comes as soon as after a real one. */
static int close_waiting(struct at_link *link)
{
	at_link_give_up(link);
	link->again.due = uv_now(link->s->loop) + 1;
	arm_timer(link->s);
	return 0;
}

int at_link_close(struct at_link *link)
{
	int rc = -ENOTCONN;

	if (is_left_alone(link))
		rc = close_waiting(link);
	else if (link->state == AT_LINK_OPEN)
		rc = mqtt_close(link->client);
	if (rc)
		return rc;
	at_inbox_drop(link, any_message);
	if (!link->clean)
		at_urc_drop_unacked(link->s, link);
	enter_state(link, AT_LINK_CLOSING);
	return 0;
}

void at_link_refuse(struct at_link *link)
{
	note(link, AT_NO_NETWORK, "no network service: uplink %s",
	     at_net_fault(link->s));
	at_urc_text(link->s, "+MQTTOPEN: %u,0", link->id);
}

/* mqtt_abort() calls nothing back: this is the only BREAK. */
void at_link_cut(struct at_link *link, unsigned int cause)
{
	enum at_link_state state = link->state;

	if (state != AT_LINK_OPEN && state != AT_LINK_OPENING &&
	    state != AT_LINK_RETRYING)
		return;
	mqtt_abort(link->client);
	if (state == AT_LINK_RETRYING) {
		wait_to_retry(link);
		return;
	}
	if (state == AT_LINK_OPEN)
		leave_open(link);
	else
		enter_state(link, AT_LINK_CLOSED);
	log_info("%s: client %u: cut: uplink %s", link->s->cfg->tty, link->id,
		 at_net_fault(link->s));
	if (state == AT_LINK_OPENING) {
		at_link_refuse(link);
		return;
	}
	note(link, 0, "uplink %s", at_net_fault(link->s));
	at_urc_text(link->s, "+MQTTBREAK: %u,%u", link->id, cause);
}

static int64_t begin_request(struct at_link *link, enum at_request_kind kind)
{
	uint64_t deadline = uv_now(link->s->loop) +
			    link->s->cfg->result_timeout_ms;
	int64_t number;

	if (link->state != AT_LINK_OPEN)
		return -ENOTCONN;
	number = at_requests_push(&link->requests[kind], deadline);
	return number < 0 ? number : number << KIND_SHIFT | kind;
}

static int end_request(struct at_link *link, enum at_request_kind kind, int rc)
{
	if (rc)
		at_requests_unpush(&link->requests[kind]);
	else
		arm_timer(link->s);
	return rc;
}

int at_link_publish(struct at_link *link, const char *topic, unsigned int qos,
		    bool retain, const void *payload, size_t len)
{
	int64_t token = begin_request(link, AT_REQUEST_PUB);

	if (token < 0)
		return (int)token;
	return end_request(link, AT_REQUEST_PUB,
			   mqtt_publish(link->client, (uint32_t)token, topic,
					(uint8_t)qos, retain, payload, len));
}

/* One that cannot be remembered is not renewed, but subscribed. */
static void remember(struct at_link *link, const char *filter, uint8_t qos,
		     int64_t token)
{
	int rc = at_again_subscribed(&link->again, filter, qos,
				     (uint32_t)token >> KIND_SHIFT);

	if (rc && is_worth_a_line(++link->forgotten))
		log_warning("%s: client %u: %u subscriptions not remembered: %s",
			    link->s->cfg->tty, link->id, link->forgotten,
			    strerror(-rc));
}

int at_link_subscribe(struct at_link *link, const char *filter,
		      unsigned int qos)
{
	int64_t token = begin_request(link, AT_REQUEST_SUB);
	int rc;

	if (token < 0)
		return (int)token;
	rc = mqtt_subscribe(link->client, (uint32_t)token, filter,
			    (uint8_t)qos);
	if (!rc)
		remember(link, filter, (uint8_t)qos, token);
	return end_request(link, AT_REQUEST_SUB, rc);
}

int at_link_unsubscribe(struct at_link *link, const char *filter)
{
	int64_t token = begin_request(link, AT_REQUEST_UNSUB);

	if (token < 0)
		return (int)token;
	at_again_unsubscribed(&link->again, filter);
	return end_request(link, AT_REQUEST_UNSUB,
			   mqtt_unsubscribe(link->client, (uint32_t)token,
					    filter));
}

/*
 * Time
 */

static void retry(struct at_link *link)
{
	if (!at_net_can_open(link->s))
		at_again_postpone(&link->again, uv_now(link->s->loop));
	else if (at_open_start(link))
		wait_to_retry(link);
}

static void take_turn(struct at_link *link, uint64_t now)
{
	if (!link->again.due || link->again.due > now)
		return;
	link->again.due = 0;
	if (link->state == AT_LINK_WAITING)
		retry(link);
	else
		on_closed(link);
}

void at_link_expire(struct at_session *s)
{
	uint64_t now = uv_now(s->loop);
	int i;

	for (i = 0; i < AT_N_LINKS; i++) {
		expire(&s->links[i], now);
		take_turn(&s->links[i], now);
	}
	arm_timer(s);
}

static uint32_t under_way(const struct at_link *link)
{
	uint32_t n = 0;
	int kind;

	for (kind = 0; kind < AT_N_REQUEST_KINDS; kind++)
		n += link->requests[kind].count;
	return n;
}

void at_link_status(const struct at_link *link, struct at_client_status *out)
{
	bool lives = link->state != AT_LINK_CLOSED &&
		     link->state != AT_LINK_CLOSING;

	*out = (struct at_client_status){
		.id = link->id,
		.protocol = "mqtt",
		.state = state_names[link->state],
		.host = link->target.host,
		.port = link->target.port,
		.tls = link->target.tls,
		.clean = link->target.clean,
		.keepalive = link->target.keepalive,
		.subscriptions = lives ? link->again.n_subs : 0,
		.queued = link->inbox_len,
		.requests = under_way(link),
		.dropped = link->dropped,
		.oversize = link->oversize,
		.reason = link->reason,
	};
}

/*
 * Life
 */

struct at_link *at_link_find(struct at_session *s, unsigned int id)
{
	return id >= 1 && id <= AT_N_LINKS ? &s->links[id - 1] : NULL;
}

int at_link_init(struct at_session *s, struct at_link *link, unsigned int id)
{
	link->s = s;
	link->id = id;
	link->inbox_end = &link->inbox;
	link->client = mqtt_client_new(s->mqtt, &callbacks, link);
	return link->client ? 0 : -ENOMEM;
}

static void free_secret(char *p)
{
	if (p)
		explicit_bzero(p, strlen(p));
	free(p);
}

void at_user_free(struct at_user *u)
{
	free_secret(u->name);
	free_secret(u->password);
	free_secret(u->client_id);
}

static void forget(struct at_link *link)
{
	int kind;

	at_inbox_drop(link, any_message);
	at_again_forget(&link->again);
	for (kind = 0; kind < AT_N_REQUEST_KINDS; kind++)
		at_requests_free(&link->requests[kind]);
	at_user_free(&link->user);
	free(link->will.topic);
	free(link->will.payload);
}

void at_link_reset(struct at_link *link)
{
	if (link->state != AT_LINK_CLOSED)
		mqtt_abort(link->client);
	forget(link);
	link->user = (struct at_user){ .name = NULL };
	link->will = (struct at_will){ .topic = NULL };
	link->target = (struct at_target){ .port = 0 };
	link->reason[0] = '\0';
	enter_state(link, AT_LINK_CLOSED);
}

void at_link_free(struct at_link *link)
{
	if (!link->s)
		return;
	forget(link);
	if (link->client)
		mqtt_client_free(link->client);
}
