// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The queue of unsolicited results.  It holds back a message until the port
 * takes it, and with it the acknowledgement: so the broker's window bounds
 * what waits here of QoS 1 and 2, and the knob read_queue what waits of QoS 0.
 */
#include "daemon/at/urc.h"

#include <errno.h>
#include <string.h>

#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/message.h"
#include "daemon/at/room.h"

/* A result has to fit whenever it comes. */
int at_urc_init(struct at_session *s)
{
	s->urcs.end = &s->urcs.head;
	return at_buf_reserve(&s->urcs.buf, AT_ROOM_MAX);
}

static struct at_room *room_of(struct at_urc *urc)
{
	return (struct at_room *)((char *)urc - offsetof(struct at_room, urc));
}

static void put_message(struct at_session *s, const struct at_urc *urc)
{
	const struct at_message *m = urc->msg;
	struct at_buf *b = &s->urcs.buf;

	at_text_begin(&s->set, b);
	if (urc->kind == AT_URC_NOTICE) {
		at_buf_printf(b, "+MQTTMSGI: %u,%u,%zu,%zu", m->link->id,
			      m->qos, at_message_topic_hint(m),
			      at_message_payload_len(m));
	} else {
		at_buf_printf(b, "+MQTTMSG: %u,%u,", m->link->id, m->qos);
		at_message_put_topic(m, b);
		at_buf_add(b, ",", 1);
		at_message_put_payload(m, b);
	}
	at_text_end(&s->set, b);
}

static int send_buf(struct at_session *s)
{
	if (s->urcs.buf.failed)
		return -ENOMEM;
	return s->ops->urc(s->ctx, s->urcs.buf.p, s->urcs.buf.len);
}

static int send_urc(struct at_session *s, struct at_urc *urc)
{
	at_buf_reset(&s->urcs.buf);
	if (urc->kind == AT_URC_TEXT)
		at_buf_add(&s->urcs.buf, room_of(urc)->text, urc->len);
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

/* Sends it, or queues it if it has to wait. */
static void submit(struct at_session *s, struct at_urc *urc)
{
	int rc = s->urcs.head ? -EAGAIN : send_urc(s, urc);

	if (rc == -EAGAIN)
		append(s, urc);
	else
		settle(urc, rc);
}

void at_urc_flush(struct at_session *s)
{
	int rc;

	while (s->urcs.head) {
		rc = send_urc(s, s->urcs.head);
		if (rc == -EAGAIN)
			return;
		settle(unlink_at(s, &s->urcs.head), rc);
	}
}

/* A text that is longer than the room which was set aside gets another. */
static struct at_room *fitting(struct at_room *room, size_t len)
{
	if (room && room->size >= len)
		return room;
	at_room_free(room);
	return at_room_new(len);
}

static void append_text(struct at_session *s, struct at_room *room)
{
	struct at_buf *b = &s->urcs.buf;

	room = fitting(room, b->len);
	if (!room) {
		log_error("%s: no memory: an event is lost", s->cfg->tty);
		return;
	}
	room->urc.kind = AT_URC_TEXT;
	room->urc.len = b->len;
	memcpy(room->text, b->p, b->len);
	append(s, &room->urc);
}

struct at_buf *at_urc_begin(struct at_session *s)
{
	at_buf_reset(&s->urcs.buf);
	at_text_begin(&s->set, &s->urcs.buf);
	return &s->urcs.buf;
}

static void end_text(struct at_session *s, struct at_room *room)
{
	at_text_end(&s->set, &s->urcs.buf);
	if (s->running || s->urcs.head || send_buf(s) == -EAGAIN)
		append_text(s, room);
	else
		at_room_free(room);
}

void at_urc_end(struct at_session *s)
{
	end_text(s, NULL);
}

void at_urc_text(struct at_session *s, const char *fmt, ...)
{
	struct at_buf *b = at_urc_begin(s);
	va_list ap;

	va_start(ap, fmt);
	at_buf_vprintf(b, fmt, ap);
	va_end(ap);
	at_urc_end(s);
}

void at_urc_result(struct at_session *s, struct at_room *room,
		   const char *fmt, ...)
{
	struct at_buf *b = at_urc_begin(s);
	va_list ap;

	va_start(ap, fmt);
	at_buf_vprintf(b, fmt, ap);
	va_end(ap);
	end_text(s, room);
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
	if (!m->qos && s->urcs.qos0 && s->urcs.qos0 >= s->cfg->read_queue)
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
	at_buf_reset(&s->urcs.buf);
}

void at_urc_free(struct at_session *s)
{
	at_urc_drop(s);
	at_buf_free(&s->urcs.buf);
}
