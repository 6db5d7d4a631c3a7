/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A connection to a broker: TCP, and TLS if it is asked for.  All that comes
 * passes the door.  The loop's thread only; nothing here waits.
 *
 *   stream_new()   DIALING -> SHAKING -> OPEN -> ENDED
 *                  names, TCP  TLS                  closed, lost, or never open
 *   stream_free()  what is left is said in LINGER_MS, then it frees itself
 */
#ifndef ATMQTT_MQTT_STREAM_H
#define ATMQTT_MQTT_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "daemon/mqtt/door.h"
#include "daemon/mqtt/mqtt.h"

struct stream;

/*
 * A peer that owes an answer, by MQTT or by TCP, and sends nothing for so
 * long is gone: a NAT that forgot us drops without a word.  The host is to
 * know within 30 s; 4 s of them are for TCP, which counts from its first
 * repetition (after 3 s on a bad line), or for the second between two looks.
 */
#define STREAM_SILENCE_MS	25000

/* Copied but for what it points to, which is in use until gone(). */
struct stream_args {
	uv_loop_t *loop;
	const struct mqtt_open *open;
	/* From the loop, of a connection that is not freed: */
	void (*opened)(void *ctx);
	void (*failed)(void *ctx);	/* it has not been opened */
	void (*readable)(void *ctx);	/* something came, or it ended */
	void (*room)(void *ctx);	/* TCP has sent what was written */
	/* The last one, after stream_free(), maybe from within. */
	void (*gone)(void *ctx);
	void *ctx;
};

/* Now, by the clock of stream_heard(). */
uint64_t stream_now(void);

/* Starts to connect; opened() or failed() follows.  NULL without memory. */
struct stream *stream_new(const struct stream_args *args);

/* Nobody wants it any more. */
void stream_free(struct stream *stream);

/*
 * The bytes of packets that passed the door, 0 at the end, or -1 with errno:
 * EAGAIN when nothing has come, EPROTO when the door refused what came.
 */
ssize_t stream_read(struct stream *stream, void *buf, size_t len);

/* Is there something that readable() would not tell of? */
bool stream_has_more(struct stream *stream);

/* While it is paused readable() does not come, and the peer has to wait. */
void stream_pause(struct stream *stream, bool pause);

/*
 * Whole packets.  They are taken, whatever the socket takes; when it has
 * broken reading tells.
 */
void stream_write(struct stream *stream, const struct iovec *iov, int count);

/*
 * Has TCP sent all that was written?  What is written behind that is not
 * held up here, where nobody could take it back.  If not, room() follows.
 */
bool stream_has_room(struct stream *stream);

/* Nothing more is said: what was written is sent, and good-bye. */
void stream_close(struct stream *stream);

/* Ends it at once; the peer gets nothing more from us, no DISCONNECT. */
void stream_cut(struct stream *stream, const char *why);

/* The same; and what TCP has and the peer has not is thrown away. */
void stream_give_up(struct stream *stream, const char *why);

/* Notes why it failed, unless that is known. */
void stream_fail(struct stream *stream, const char *why);

/* Why it failed; @otherwise when nobody knows. */
void stream_why(struct stream *stream, const char *otherwise,
		struct mqtt_reason *why);

/* Is TCP connected, or was it? */
bool stream_is_connected(const struct stream *stream);

/* When the peer sent last. */
uint64_t stream_heard(const struct stream *stream);

/*
 * How long the peer has owed an answer and sent nothing at all, in ms; 0: it
 * owes none, or we have not read what it sent.
 */
uint64_t stream_silence(struct stream *stream);

/* Of TLS, or "". */
const char *stream_cipher(const struct stream *stream);

struct door *stream_door(struct stream *stream);

/*
 * At the process's end: waits a second at most until brokers have got what
 * was said to them.
 */
void stream_finish_all(void);

#endif /* ATMQTT_MQTT_STREAM_H */
