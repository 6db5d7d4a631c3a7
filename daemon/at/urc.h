/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Unsolicited results: one queue a session, so that they reach the host in
 * the order of the events.  The queue is empty unless the port has no space
 * or a result comes too early behind its command's OK.
 */
#ifndef ATMQTT_AT_URC_H
#define ATMQTT_AT_URC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/lib/buffer.h"

struct at_link;
struct at_message;
struct at_room;
struct at_session;

enum at_urc_kind {
	AT_URC_NONE,
	AT_URC_TEXT,	/* formatted: the room is the queue's own */
	AT_URC_NOTICE,	/* +MQTTMSGI: the message is the inbox's */
	AT_URC_WHOLE,	/* +MQTTMSG: the message is the queue's */
};

/* How long behind an OK: the knobs result_gap_ms and pub_gap_ms */
enum at_urc_gap {
	AT_GAP_NONE,
	AT_GAP_PUB,
	AT_GAP_RESULT,
};

struct at_urc {
	struct at_urc *next;
	enum at_urc_kind kind;
	enum at_urc_gap gap;
	struct at_message *msg;
	struct at_link *link;	/* whose text it is; NULL: nobody's */
	uint64_t not_before;	/* by uv_now() */
	bool unasked;		/* an event, for which no room was set aside */
	size_t len;		/* of a text; it is in the room */
};

struct at_urcs {
	struct at_urc *head;
	struct at_urc **end;
	uint32_t qos0;		/* whole messages of QoS 0 in it */
	uint32_t unasked;	/* events in it */
	uint32_t lost;		/* events that did not fit */
	bool full;		/* the port is, until it says otherwise */
	bool sending;		/* what is in it: the rest goes behind that */
	uint64_t answered_at;	/* when the last line's answer was out */
	struct buf buf;	/* the one that goes out now */
};

/* 0 or -ENOMEM; at_urc_free() in any case. */
int at_urc_init(struct at_session *s);

/* An event, "+CREG: 1": without memory it is lost. */
void at_urc_text(struct at_session *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same in pieces: what is added to the buffer in between is its text. */
struct buf *at_urc_begin(struct at_session *s);
void at_urc_end(struct at_session *s);

/* The result of a command, "+MQTTPUB: 1,1", which uses up its @room. */
void at_urc_result(struct at_session *s, struct at_room *room,
		   const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The same of a client's command, or an event of the client: what is the
 * same client's waits behind it.
 */
void at_urc_of(struct at_link *link, enum at_urc_gap gap,
	       struct at_room *room, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* +MQTTMSG; @m is then the queue's. */
void at_urc_whole(struct at_session *s, struct at_message *m);

/* +MQTTMSGI; at_urc_cancel() before @m goes. */
void at_urc_notice(struct at_session *s, struct at_message *m);
void at_urc_cancel(struct at_session *s, struct at_message *m);

/* The port has space again. */
void at_urc_flush(struct at_session *s);

/* A line has its answer or its prompt: what came meanwhile follows. */
void at_urc_line_end(struct at_session *s);

/* Time has passed; when the next one is due by time, UINT64_MAX: none. */
void at_urc_expire(struct at_session *s);
uint64_t at_urc_due(const struct at_session *s);

/* Does a +MQTTMSG of @link wait in it? */
bool at_urc_holds(const struct at_session *s, const struct at_link *link);

/* Drops the messages of @link that its broker will send again. */
void at_urc_drop_unacked(struct at_session *s, struct at_link *link);

/* Drops everything; the queue goes on. */
void at_urc_drop(struct at_session *s);
void at_urc_free(struct at_session *s);

#endif /* ATMQTT_AT_URC_H */
