// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The queue of unsolicited results.  It holds back a message until the port
 * takes it, and with it the acknowledgement: so the broker's window bounds
 * what waits here of QoS 1 and 2, and the knob read_queue what waits of QoS 0.
 *
 * A result that is too early behind its OK waits here, too, in the room that
 * its command made, and what is the same client's waits behind it: messages
 * that a subscription brings come after its result, and none is dropped for
 * that, however many they are.
 *
 * Events that no command made room for, as BREAK, have no end while a tty is
 * away and its links come and go: the oldest gives way.
 */
#include "daemon/at/urc.h"

#include <errno.h>
#include <string.h>

#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/link_requests.h"
#include "daemon/at/message.h"
#include "daemon/at/room.h"

#define AFTER_LINE	UINT64_MAX	/* not before: the line has no OK yet */
#define OK_BITS		60		/* "\r\nOK\r\n" on the line */
#define UNASKED_MAX	256		/* events for a host that is not there */

/* A result has to fit whenever it comes. */
int at_urc_init(struct at_session *s)
{
	s->urcs.end = &s->urcs.head;
	return buf_reserve(&s->urcs.buf, AT_ROOM_MAX);
}

static struct at_room *room_of(struct at_urc *urc)
{
	return (struct at_room *)((char *)urc - offsetof(struct at_room, urc));
}

static void put_message(struct at_session *s, const struct at_urc *urc)
{
	const struct at_message *m = urc->msg;
	struct buf *b = &s->urcs.buf;

	at_text_begin(&s->set, b);
	if (urc->kind == AT_URC_NOTICE) {
		buf_printf(b, "+MQTTMSGI: %u,%u,%zu,%zu", m->link->id,
			      m->qos, at_message_topic_hint(m),
			      at_message_payload_len(m));
	} else {
		buf_printf(b, "+MQTTMSG: %u,%u,", m->link->id, m->qos);
		at_message_put_topic(m, b);
		buf_add(b, ",", 1);
		at_message_put_payload(m, b);
	}
	at_text_end(&s->set, b);
}

static int send_buf(struct at_session *s)
{
	int rc;

	if (s->urcs.buf.failed)
		return -ENOMEM;
	rc = s->ops->urc(s->ctx, s->urcs.buf.p, s->urcs.buf.len);
	s->urcs.full = rc == -EAGAIN;
	return rc;
}

static int send_urc(struct at_session *s, struct at_urc *urc)
{
	buf_reset(&s->urcs.buf);
	if (urc->kind == AT_URC_TEXT)
		buf_add(&s->urcs.buf, room_of(urc)->text, urc->len);
	else
		put_message(s, urc);
	return send_buf(s);
}

/* The end of an entry that is not in the queue (any more). */
static void release(struct at_urc *urc, bool sent)
{
	enum at_urc_kind kind = urc->kind;

	urc->kind = AT_URC_NONE;
	if (kind == AT_URC_TEXT) {
		explicit_bzero(room_of(urc)->text, urc->len);	/* a secret */
		at_room_free(room_of(urc));
	} else if (kind == AT_URC_WHOLE) {
		at_message_free(urc->msg, sent);
	}
}

static void append(struct at_session *s, struct at_urc *urc)
{
	urc->next = NULL;
	*s->urcs.end = urc;
	s->urcs.end = &urc->next;
	if (urc->kind == AT_URC_WHOLE && !urc->msg->qos)
		s->urcs.qos0++;
}

static struct at_urc *unlink_at(struct at_session *s, struct at_urc **link)
{
	struct at_urc *urc = *link;

	*link = urc->next;
	if (s->urcs.end == &urc->next)
		s->urcs.end = link;
	if (urc->kind == AT_URC_WHOLE && !urc->msg->qos)
		s->urcs.qos0--;
	if (urc->kind == AT_URC_TEXT && urc->unasked)
		s->urcs.unasked--;
	return urc;
}

/* @rc is what send_urc() said: sent, or there was no memory to write it. */
static void settle(struct at_urc *urc, int rc)
{
	bool is_message = urc->kind == AT_URC_WHOLE;
	struct at_link *link = is_message ? urc->msg->link : NULL;
	unsigned int qos = is_message ? urc->msg->qos : 0;

	release(urc, !rc);
	if (is_message && rc == -ENOMEM)
		at_link_lost_message(link, qos);
}

/*
 * Time
 */

static uint32_t gap_ms(const struct at_session *s, enum at_urc_gap gap)
{
	switch (gap) {
	case AT_GAP_NONE:
		return 0;
	case AT_GAP_PUB:
		return s->cfg->pub_gap_ms;
	case AT_GAP_RESULT:
		return s->cfg->result_gap_ms;
	}
	return 0;
}

/* Also one whose data are awaited: n_at would hold a result till its OK. */
static bool is_line_under_way(const struct at_session *s)
{
	return s->running || s->data.finish;
}

/*
 * From the last OK, which is the command's own or came later: a host that
 * polls loses what comes in one burst with either.
 */
static uint64_t earliest(const struct at_session *s, enum at_urc_gap gap)
{
	uint32_t ms = gap_ms(s, gap);

	if (!ms)
		return 0;
	return is_line_under_way(s) ? AFTER_LINE : s->urcs.answered_at + ms;
}

static const struct at_link *link_of(const struct at_urc *urc)
{
	return urc->kind == AT_URC_TEXT ? urc->link : urc->msg->link;
}

/* @urc must not come out as long as @earlier has not. */
static bool keeps_back(const struct at_urc *earlier, const struct at_urc *urc)
{
	return link_of(earlier) && link_of(earlier) == link_of(urc);
}

/* Also of one that is not in the queue */
static bool is_too_early(const struct at_session *s, const struct at_urc *urc)
{
	const struct at_urc *p;

	if (urc->kind == AT_URC_TEXT && urc->not_before > uv_now(s->loop))
		return true;
	for (p = s->urcs.head; p && p != urc; p = p->next)
		if (keeps_back(p, urc))
			return true;
	return false;
}

static bool has_to_wait(const struct at_session *s, const struct at_urc *urc)
{
	return s->running || s->urcs.full || s->urcs.sending ||
	       is_too_early(s, urc);
}

/* What stays in the queue unless the port is full waits for its time. */
static void send_queue(struct at_session *s)
{
	struct at_urc **p = &s->urcs.head;
	int rc;

	if (s->urcs.sending)
		return;
	s->urcs.sending = true;
	while (*p) {
		if (is_too_early(s, *p)) {
			p = &(*p)->next;
			continue;
		}
		rc = send_urc(s, *p);
		if (rc == -EAGAIN)
			break;
		settle(unlink_at(s, p), rc);
		p = &s->urcs.head;
	}
	s->urcs.sending = false;
	if (s->urcs.head)
		at_link_arm_timer(s);
}

/* Sends it, or queues it if it has to wait. */
static void submit(struct at_session *s, struct at_urc *urc)
{
	int rc = has_to_wait(s, urc) ? -EAGAIN : send_urc(s, urc);

	if (rc == -EAGAIN)
		append(s, urc);
	else
		settle(urc, rc);
}

/* The line is over, or was forgotten with its tty. */
static void set_times(struct at_session *s)
{
	struct at_urc *urc;

	for (urc = s->urcs.head; urc; urc = urc->next)
		if (urc->kind == AT_URC_TEXT && urc->not_before == AFTER_LINE)
			urc->not_before = earliest(s, urc->gap);
}

/* A port that is full says when it is not: asking it costs all others time. */
static void go_on(struct at_session *s)
{
	if (!is_line_under_way(s))
		set_times(s);
	if (!s->urcs.full)
		send_queue(s);
}

void at_urc_flush(struct at_session *s)
{
	s->urcs.full = false;
	go_on(s);
}

/* In whole milliseconds, rounded up, with what a slow line needs for OK */
static uint64_t ok_is_out(const struct at_session *s)
{
	uint64_t now = uv_hrtime() / 1000000 + 1;

	return s->uart.speed ? now + OK_BITS * 1000 / s->uart.speed : now;
}

void at_urc_line_end(struct at_session *s)
{
	s->running = false;
	s->urcs.answered_at = ok_is_out(s);
	go_on(s);
}

void at_urc_expire(struct at_session *s)
{
	if (!s->urcs.full && !s->running)
		send_queue(s);
}

uint64_t at_urc_due(const struct at_session *s)
{
	const struct at_urc *urc;
	uint64_t first = UINT64_MAX;

	if (s->urcs.full || s->running)
		return first;
	for (urc = s->urcs.head; urc; urc = urc->next)
		if (urc->kind == AT_URC_TEXT && urc->not_before &&
		    urc->not_before < first)
			first = urc->not_before;
	return first;
}

/*
 * Texts
 */

/* A text that is longer than the room which was set aside gets another. */
static struct at_room *fitting(struct at_room *room, size_t len)
{
	if (room && room->size >= len)
		return room;
	at_room_free(room);
	return at_room_new(len);
}

static void drop_oldest_event(struct at_session *s)
{
	struct at_urc **link = &s->urcs.head;

	while ((*link)->kind != AT_URC_TEXT || !(*link)->unasked)
		link = &(*link)->next;
	release(unlink_at(s, link), false);
	if (at_link_is_worth_a_line(++s->urcs.lost))
		log_warning("%s: %u events lost that its host did not take",
			    s->cfg->tty, s->urcs.lost);
}

static void append_text(struct at_session *s, struct at_room *room,
			const struct at_urc *urc)
{
	struct buf *b = &s->urcs.buf;
	bool unasked = !room;

	if (unasked && s->urcs.unasked >= UNASKED_MAX && !s->urcs.sending)
		drop_oldest_event(s);
	room = fitting(room, b->len);
	if (!room) {
		log_error("%s: no memory: an event is lost", s->cfg->tty);
		return;
	}
	room->urc = *urc;
	room->urc.len = b->len;
	room->urc.unasked = unasked;
	s->urcs.unasked += unasked;
	memcpy(room->text, b->p, b->len);
	append(s, &room->urc);
	if (urc->not_before)
		at_link_arm_timer(s);
}

struct buf *at_urc_begin(struct at_session *s)
{
	buf_reset(&s->urcs.buf);
	at_text_begin(&s->set, &s->urcs.buf);
	return &s->urcs.buf;
}

static void end_text(struct at_session *s, struct at_room *room,
		     struct at_link *link, enum at_urc_gap gap)
{
	const struct at_urc urc = {
		.kind = AT_URC_TEXT,
		.gap = gap,
		.link = link,
		.not_before = earliest(s, gap),
	};

	at_text_end(&s->set, &s->urcs.buf);
	if (has_to_wait(s, &urc) || send_buf(s) == -EAGAIN)
		append_text(s, room, &urc);
	else
		at_room_free(room);
}

void at_urc_end(struct at_session *s)
{
	end_text(s, NULL, NULL, AT_GAP_NONE);
}

void at_urc_text(struct at_session *s, const char *fmt, ...)
{
	struct buf *b = at_urc_begin(s);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
	at_urc_end(s);
}

void at_urc_result(struct at_session *s, struct at_room *room,
		   const char *fmt, ...)
{
	struct buf *b = at_urc_begin(s);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
	end_text(s, room, NULL, AT_GAP_NONE);
}

void at_urc_of(struct at_link *link, enum at_urc_gap gap,
	       struct at_room *room, const char *fmt, ...)
{
	struct buf *b = at_urc_begin(link->s);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
	end_text(link->s, room, link, gap);
}

static void drop_oldest_qos0(struct at_session *s)
{
	struct at_urc **link = &s->urcs.head;

	while ((*link)->kind != AT_URC_WHOLE || (*link)->msg->qos)
		link = &(*link)->next;
	at_link_count_dropped((*link)->msg->link);
	release(unlink_at(s, link), false);
}

void at_urc_whole(struct at_session *s, struct at_message *m)
{
	m->urc.kind = AT_URC_WHOLE;
	m->urc.msg = m;
	if (!m->qos && s->urcs.full && s->urcs.qos0 &&
	    s->urcs.qos0 >= s->cfg->read_queue)
		drop_oldest_qos0(s);
	submit(s, &m->urc);
}

void at_urc_notice(struct at_session *s, struct at_message *m)
{
	m->urc.kind = AT_URC_NOTICE;
	m->urc.msg = m;
	submit(s, &m->urc);
}

void at_urc_cancel(struct at_session *s, struct at_message *m)
{
	struct at_urc **link = &s->urcs.head;

	if (m->urc.kind != AT_URC_NOTICE)
		return;
	while (*link != &m->urc)
		link = &(*link)->next;
	release(unlink_at(s, link), false);
}

bool at_urc_holds(const struct at_session *s, const struct at_link *link)
{
	const struct at_urc *p = s->urcs.head;

	while (p && (p->kind != AT_URC_WHOLE || p->msg->link != link))
		p = p->next;
	return p;
}

void at_urc_drop_unacked(struct at_session *s, struct at_link *link)
{
	struct at_urc **p = &s->urcs.head;

	while (*p) {
		if ((*p)->kind == AT_URC_WHOLE && (*p)->msg->link == link &&
		    at_message_comes_again((*p)->msg))
			release(unlink_at(s, p), false);
		else
			p = &(*p)->next;
	}
}

void at_urc_drop(struct at_session *s)
{
	while (s->urcs.head)
		release(unlink_at(s, &s->urcs.head), false);
	buf_reset(&s->urcs.buf);
}

void at_urc_free(struct at_session *s)
{
	at_urc_drop(s);
	buf_free(&s->urcs.buf);
}
