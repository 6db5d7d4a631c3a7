// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session's client between the commands and its protocol.
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
#include "daemon/at/link_requests.h"
#include "daemon/at/message.h"
#include "daemon/at/payload.h"
#include "daemon/at/reopen.h"
#include "include/uapi/linux/n_at.h"

#define WRITTEN_MAX	31900	/* bytes of a payload, however it is written */
#define AROUND_MAX	96	/* "\r\n+MQTTREAD: 102,2,765,31900,", the OK */

_Static_assert(WRITTEN_MAX + AT_TOPIC_MAX * PAYLOAD_GROWTH_MAX + AROUND_MAX <=
		       N_AT_OUT_MAX, "one message fits n_at's longest answer");

static const char *const state_names[] = {
	[AT_LINK_CLOSED] = "closed",
	[AT_LINK_OPENING] = "opening",
	[AT_LINK_OPEN] = "open",
	[AT_LINK_CLOSING] = "closing",
	[AT_LINK_REOPENING] = "closing",
	[AT_LINK_WAITING] = "waiting",
	[AT_LINK_RETRYING] = "retrying",
	[AT_LINK_LEAVING] = "leaving",
};

/* Each row is a link; without MQTT-SN there are the first two. */
static const struct {
	unsigned int id;
	const struct at_protocol *protocol;
} clients[AT_N_LINKS] = {
	{ 1, &at_protocol_mqtt },
	{ 2, &at_protocol_mqtt },
	{ 101, &at_protocol_sn },
	{ 102, &at_protocol_sn },
};

#define N_MQTT_LINKS	2
#define BREAK_LOST	1	/* the cause of a BREAK, beside the network's */

void at_link_enter(struct at_link *link, enum at_link_state state)
{
	log_debug("%s: client %u: %s -> %s", link->s->cfg->tty, link->id,
		  state_names[link->state], state_names[state]);
	link->state = state;
	at_reopen_save(link->s);
}

/* Not each one: a flood of messages shall not be one of log lines, too. */
bool at_link_is_worth_a_line(uint32_t count)
{
	return !(count & (count - 1));
}

void at_link_count_dropped(struct at_link *link)
{
	if (at_link_is_worth_a_line(++link->dropped))
		log_warning("%s: client %u: %u messages of QoS 0 dropped",
			    link->s->cfg->tty, link->id, link->dropped);
}

void at_link_count_illegal(struct at_link *link)
{
	if (at_link_is_worth_a_line(++link->illegal))
		log_warning("%s: client %u: %u topics refused that are none",
			    link->s->cfg->tty, link->id, link->illegal);
}

/* For +CEER, which is the session's, and for the link's status. */
void at_link_note(struct at_link *link, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(link->reason, sizeof(link->reason), fmt, ap);
	va_end(ap);
	link->failed_at = time(NULL);
	at_note_failure(link->s, code, "%s (%s)", link->reason, link->peer);
}

static size_t whole_len(const struct mqtt_message *msg)
{
	return msg->payload_len + msg->cut;
}

static void count_oversize(struct at_link *link, const struct mqtt_message *msg)
{
	at_link_note(link, 0, "message too long: %zu bytes", whole_len(msg));
	if (at_link_is_worth_a_line(++link->oversize))
		log_warning("%s: client %u: %u messages too long, the last of %zu bytes",
			    link->s->cfg->tty, link->id, link->oversize,
			    whole_len(msg));
}

/*
 * Time
 */

static uint64_t next_deadline(const struct at_session *s)
{
	uint64_t first = at_holds_ok_for_nothing(s) ? 0 : at_urc_due(s);
	uint64_t t;
	unsigned int i;

	for (i = 0; i < s->n_links; i++) {
		t = at_requests_deadline(&s->links[i].requests);
		first = t < first ? t : first;
		t = s->links[i].again.due;
		first = t && t < first ? t : first;
	}
	return first;
}

static void on_timer(uv_timer_t *timer)
{
	at_link_expire(timer->data);
}

void at_link_arm_timer(struct at_session *s)
{
	uint64_t first = next_deadline(s);
	uint64_t now = uv_now(s->loop);

	if (first == UINT64_MAX)
		return;
	uv_timer_start(&s->timer, on_timer, first > now ? first - now : 0, 0);
}

/*
 * What the protocol tells
 */

/* What a broker must not send is to be found by those who run it. */
static void log_seen(const struct at_link *link, const struct mqtt_reason *why)
{
	char text[3 * MQTT_SEEN_MAX + 1] = "";
	size_t i;

	for (i = 0; i < why->n_seen; i++)
		snprintf(text + 3 * i, 4, " %02x", why->seen[i]);
	log_warning("%s: client %u: %s (%s); it begins with%s",
		    link->s->cfg->tty, link->id, why->text, link->peer, text);
}

static void note_reason(struct at_link *link, const struct mqtt_reason *why)
{
	at_link_note(link, why->code, "%s", why->text);
	if (why->n_seen)
		log_seen(link, why);
	else
		log_info("%s: client %u: %s (%s)", link->s->cfg->tty, link->id,
			 why->text, link->peer);
}

static void wait_to_retry(struct at_link *link)
{
	at_again_failed(&link->again, uv_now(link->s->loop));
	at_link_enter(link, AT_LINK_WAITING);
	at_link_arm_timer(link->s);
}

/* The host hears of a try of ours only when it succeeded. */
void at_link_opened(void *ctx, const struct mqtt_reason *why)
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
	if (why) {
		at_link_enter(link, AT_LINK_CLOSED);
		at_link_fail_open(link);
		return;
	}
	at_link_enter(link, AT_LINK_OPEN);
	at_again_opened(&link->again, uv_now(link->s->loop));
	if (again)
		at_link_renew(link);
	at_urc_of(link, AT_GAP_RESULT, at_room_take(&link->opened),
		  "+MQTTOPEN: %u,1", link->id);
	at_link_carry_out(link);
}

/* Some hosts look for cause 1 only. */
static void print_break(struct at_link *link, unsigned int cause)
{
	if (link->s->cfg->break_cause_one)
		cause = BREAK_LOST;
	at_urc_of(link, AT_GAP_NONE, at_room_take(&link->ended),
		  "+MQTTBREAK: %u,%u", link->id, cause);
}

/* From OPEN without the host's doing; BREAK follows. */
static void leave_open(struct at_link *link)
{
	at_link_expire_requests(link, UINT64_MAX);
	if (!link->s->cfg->reconnect) {
		at_link_enter(link, AT_LINK_CLOSED);
		return;
	}
	at_again_lost(&link->again, uv_now(link->s->loop));
	at_link_enter(link, AT_LINK_WAITING);
	at_link_arm_timer(link->s);
}

/* While closing, closed() follows and is the result; there is no BREAK. */
void at_link_lost(void *ctx, const struct mqtt_reason *why)
{
	struct at_link *link = ctx;

	if (link->state != AT_LINK_OPEN)
		return;
	leave_open(link);
	note_reason(link, why);
	print_break(link, BREAK_LOST);
}

/* abort() calls nothing back: this is the only BREAK. */
void at_link_lost_message(struct at_link *link, unsigned int qos)
{
	if (!qos)
		at_link_count_dropped(link);
	if (!qos || link->protocol->repeats || link->state != AT_LINK_OPEN)
		return;
	link->protocol->abort(link->client);
	leave_open(link);
	at_link_note(link, 0, "no memory");
	log_warning("%s: client %u: cut: no memory for a message",
		    link->s->cfg->tty, link->id);
	print_break(link, BREAK_LOST);
}

static bool is_deliverable(struct at_link *link, const struct mqtt_message *msg,
			   size_t max)
{
	if (msg->topic_len <= AT_TOPIC_MAX && whole_len(msg) <= max)
		return true;
	count_oversize(link, msg);
	return msg->topic_len <= AT_TOPIC_MAX &&
	       link->s->cfg->oversize_truncate;
}

static size_t receive_max(const struct at_session *s, unsigned int conf)
{
	size_t max = conf ? s->profile->read_max : s->profile->msg_max;
	size_t written = WRITTEN_MAX / payload_growth(s->cfg->payload_format);

	if (s->cfg->max_payload > max)
		max = s->cfg->max_payload;
	return max < written ? max : written;
}

size_t at_link_payload_max(const struct at_session *s)
{
	size_t msg = receive_max(s, 0);
	size_t read = receive_max(s, 1);

	return msg > read ? msg : read;
}

void at_link_message(struct at_link *link, const struct mqtt_message *view,
		     void *source, uint16_t topic_id)
{
	struct at_session *s = link->s;
	size_t max = receive_max(s, s->conf);
	struct at_message *m;
	unsigned int qos;

	if (link->state == AT_LINK_CLOSED || !at_link_is_gone(link)) {
		link->protocol->message_drop(source);
		return;
	}
	if (!is_deliverable(link, view, max)) {
		link->protocol->message_end(source);
		return;
	}
	m = at_message_new(link, view, source, max);
	if (!m) {
		qos = view->qos;
		link->protocol->message_drop(source);
		at_link_lost_message(link, qos);
		return;
	}
	m->topic_id = topic_id;
	if (s->conf)
		at_inbox_add(link, m);
	else
		at_urc_whole(s, m);
}

/*
 * How it is
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

bool at_link_is_to_be_open(const struct at_link *link)
{
	return link->state == AT_LINK_OPEN || is_left_alone(link);
}

/*
 * Nothing fails of a link that is not open but its open: so the last failure
 * is the reason, unless it was closed after that.
 */
const char *at_link_why_not_open(const struct at_link *link)
{
	if (link->state != AT_LINK_CLOSED && !is_left_alone(link))
		return state_names[link->state];
	if (link->by_host)
		return "closed by the host";
	return link->reason[0] ? link->reason : "never opened";
}

bool at_link_takes_requests(const struct at_link *link)
{
	bool is_opening = link->state == AT_LINK_OPENING ||
			  link->state == AT_LINK_REOPENING;

	return link->state == AT_LINK_OPEN ||
	       (is_opening && !link->s->cfg->while_opening_refuse);
}

bool at_link_can_open(const struct at_link *link)
{
	return link->state == AT_LINK_CLOSED || is_left_alone(link);
}

void at_link_give_up(struct at_link *link)
{
	if (!is_left_alone(link))
		return;
	link->protocol->abort(link->client);
	link->again.due = 0;
	at_link_enter(link, AT_LINK_CLOSED);
}

/* It is not known whether it was lost after a long time or at once. */
void at_link_resume(struct at_link *link)
{
	at_link_enter(link, AT_LINK_WAITING);
	at_link_note(link, 0, "the daemon restarted");
	print_break(link, BREAK_LOST);
	link->again.due = uv_now(link->s->loop) + 1;
	at_link_arm_timer(link->s);
}

void at_link_say_goodbye(struct at_link *link)
{
	if (link->state == AT_LINK_OPEN && !link->protocol->close(link->client))
		at_link_enter(link, AT_LINK_LEAVING);
}

bool at_link_is_gone(const struct at_link *link)
{
	return link->state != AT_LINK_LEAVING &&
	       link->state != AT_LINK_CLOSING &&
	       link->state != AT_LINK_REOPENING;
}

/* abort() calls nothing back: this is the only BREAK. */
void at_link_cut(struct at_link *link, unsigned int cause)
{
	enum at_link_state state = link->state;

	if (state != AT_LINK_OPEN && state != AT_LINK_OPENING &&
	    state != AT_LINK_RETRYING)
		return;
	link->protocol->abort(link->client);
	if (state == AT_LINK_RETRYING) {
		wait_to_retry(link);
		return;
	}
	if (state == AT_LINK_OPEN)
		leave_open(link);
	else
		at_link_enter(link, AT_LINK_CLOSED);
	log_info("%s: client %u: cut: uplink %s", link->s->cfg->tty, link->id,
		 at_net_fault(link->s));
	if (state == AT_LINK_OPENING) {
		at_link_refuse_open(link);
		return;
	}
	at_link_note(link, 0, "uplink %s", at_net_fault(link->s));
	print_break(link, cause);
}

/*
 * When it is due
 */

static void retry(struct at_link *link)
{
	if (!at_net_can_open(link->s))
		at_again_postpone(&link->again, uv_now(link->s->loop));
	else if (at_link_try_open(link))
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
		at_link_closed(link);
}

void at_link_expire(struct at_session *s)
{
	uint64_t now = uv_now(s->loop);
	unsigned int i;

	for (i = 0; i < s->n_links; i++) {
		at_link_expire_requests(&s->links[i], now);
		take_turn(&s->links[i], now);
	}
	at_urc_expire(s);
	if (at_holds_ok_for_nothing(s))
		at_give_ok(s);
	at_link_arm_timer(s);
}

void at_link_status(const struct at_link *link, struct at_client_status *out)
{
	bool lives = link->state != AT_LINK_CLOSED &&
		     link->state != AT_LINK_CLOSING &&
		     link->state != AT_LINK_REOPENING;

	*out = (struct at_client_status){
		.id = link->id,
		.protocol = link->protocol->name,
		.state = state_names[link->state],
		.host = link->target.host,
		.port = link->target.port,
		.tls = link->target.tls,
		.clean = link->target.clean,
		.keepalive = link->target.keepalive,
		.subscriptions = lives ? link->again.n_subs : 0,
		.queued = link->inbox_len,
		.requests = link->requests.count,
		.dropped = link->dropped,
		.oversize = link->oversize,
		.reason = link->reason,
		.failed_at = link->failed_at,
	};
}

/*
 * Life
 */

struct at_link *at_link_find(struct at_session *s, unsigned int id)
{
	unsigned int i;

	for (i = 0; i < s->n_links; i++)
		if (s->links[i].id == id)
			return &s->links[i];
	return NULL;
}

int at_links_init(struct at_session *s)
{
	struct at_link *link;
	unsigned int i;

	s->n_links = profile_can(s->profile, PROFILE_SN) ? AT_N_LINKS :
							   N_MQTT_LINKS;
	for (i = 0; i < s->n_links; i++) {
		link = &s->links[i];
		link->s = s;
		link->id = clients[i].id;
		link->protocol = clients[i].protocol;
		link->inbox_end = &link->inbox;
		at_requests_init(&link->requests);
		link->client = link->protocol->client_new(link);
		if (!link->client)
			return -ENOMEM;
	}
	return 0;
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
	at_inbox_drop(link, NULL);
	at_again_forget(&link->again);
	at_requests_free(&link->requests);
	at_room_free(at_room_take(&link->opened));
	at_room_free(at_room_take(&link->ended));
	while (link->closes)
		at_room_free(at_room_next(&link->closes));
	at_user_free(&link->user);
	free(link->will.topic);
	free(link->will.payload);
}

void at_link_reset(struct at_link *link)
{
	if (link->state != AT_LINK_CLOSED)
		link->protocol->abort(link->client);
	forget(link);
	link->user = (struct at_user){ .name = NULL };
	link->will = (struct at_will){ .topic = NULL };
	link->target = (struct at_target){ .port = 0 };
	link->reason[0] = '\0';
	link->peer[0] = '\0';
	link->by_host = false;
	at_link_enter(link, AT_LINK_CLOSED);
}

void at_links_free(struct at_session *s)
{
	struct at_link *link;

	for (link = s->links; link < s->links + s->n_links && link->s;
	     link++) {
		forget(link);
		if (link->client)
			link->protocol->client_free(link->client);
	}
}
