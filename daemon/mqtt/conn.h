/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Connections as paho's socket layer sees them.  paho gets a made-up address
 * that names a connection; the glue between paho and the C library knows by
 * it, and later by the socket, where to connect and why it failed.  Callable
 * from any thread; nothing here blocks.
 */
#ifndef ATMQTT_MQTT_CONN_H
#define ATMQTT_MQTT_CONN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "daemon/mqtt/door.h"
#include "daemon/mqtt/held.h"

struct pollfd;
struct tls_context;

#define CONN_URI_MAX	32
#define CONN_CIPHER_MAX	64

/*
 * A peer that owes an answer, by MQTT or by TCP, and sends nothing for so
 * long is gone: a NAT that forgot us drops without a word.  The host is to
 * know within 30 s; 4 s of them are for TCP, which counts from its first
 * repetition (after 3 s on a bad line), or for the second between two looks.
 */
#define CONN_SILENCE_MS	25000

/* Embedded in its owner; zeroed before conn_add(). */
struct conn {
	struct conn *next;		/* in conn.c's list */
	uint32_t id;			/* made-up address 240.0.0.0 + id */
	unsigned int ping_ms;		/* look at least so often for pings */

	/* Set by the owner before paho connects. */
	struct sockaddr_storage target;
	struct tls_context *tls_context;	/* NULL: plain TCP */
	struct held *held;
	size_t payload_max;
	void (*on_room)(struct conn *conn);	/* any thread, under @io */

	/* What is read and written, by TLS too, is so under this lock. */
	pthread_mutex_t io;
	struct door door;
	atomic_bool deaf;		/* what is read is thrown away */
	char cipher[CONN_CIPHER_MAX];	/* of TLS, once it is shaken */

	/* Below: under the lock of conn.c. */
	int fd;				/* -1: none */
	bool cut;			/* what is written is thrown away */
	bool connected;			/* TCP is, or was */
	bool waiting;			/* paho has more to write */
	bool full;			/* the socket takes nothing */
	bool pending;			/* TLS has data that poll can't see */
	unsigned int requests;		/* written, see door.h */
	bool awaited;			/* on_room() is due */
	uint64_t heard_ms;		/* when the peer sent last */
	uint64_t asked_ms;		/* when it was asked, since then */
	bool owed;			/* it has to answer */
	struct mqtt_reason why;		/* first failure; empty: none yet */
};

/* Now, by the clock of conn_heard(). */
uint64_t conn_now(void);

/* Enter and leave the list; no socket may be left at conn_remove(). */
void conn_add(struct conn *conn);
void conn_remove(struct conn *conn);

/* The address to give to paho. */
void conn_uri(const struct conn *conn, bool tls, char uri[CONN_URI_MAX]);

/* Forgets the failure of the try before. */
void conn_retry(struct conn *conn, const struct sockaddr *target);

/* Shuts the socket; the peer gets nothing more from us, no DISCONNECT. */
void conn_cut(struct conn *conn, const char *why);

/* The same; and what TCP has and the peer has not is thrown away. */
void conn_give_up(struct conn *conn, const char *why);

/* Notes why it failed, unless that is known. */
void conn_fail(struct conn *conn, int code, const char *why);
void conn_fail_errno(struct conn *conn, int err);

/* Why it failed; @otherwise when nobody knows. */
void conn_why(struct conn *conn, const char *otherwise,
	      struct mqtt_reason *why);

bool conn_connected(struct conn *conn);
int conn_fd(struct conn *conn);
uint64_t conn_heard(struct conn *conn);

/*
 * How long the peer has owed an answer and sent nothing at all, in ms; 0: it
 * owes none, or we have not read what it sent.
 */
uint64_t conn_silence(struct conn *conn);

struct conn *conn_find(int fd);

/*
 * Is all written, @requests in number, and has TCP sent it?  What is written
 * behind that is not held up here, where nobody could take it back.  If not,
 * on_room() tells when that may have changed, but not when TCP has sent it.
 */
bool conn_has_room(struct conn *conn, unsigned int requests);

/* For the TLS layer. */
void conn_hear(struct conn *conn);
void conn_wait_to_write(struct conn *conn, bool waiting);
bool conn_is_cut(struct conn *conn);

/* These bytes were written.  Under @io. */
void conn_sent(struct conn *conn, const void *bytes, size_t len);

/*
 * Reads through the door.  Under @io.  What is refused there cuts the
 * connection.  Nothing comes (EAGAIN) while too much is held: the broker has
 * to wait, and the link is no silent one.
 */
ssize_t conn_read(struct conn *conn, void *buf, size_t len, door_raw raw,
		  void *ctx);
void conn_set_pending(struct conn *conn, bool pending);

/*
 * For the glue: a socket is the one of the connection that @address names
 * (NULL: none), its connect() ended, it is to be closed (true: the peer shall
 * get what was written), it took nothing.
 */
struct conn *conn_take(uint32_t address, int fd);
void conn_set_connected(struct conn *conn, bool connected);
bool conn_release(int fd);
void conn_set_full(int fd, bool full);
bool conn_any_socket(void);

/*
 * What to wait for on a socket: paho reads none that has something to be
 * written, so polling it for input would spin.  True if TLS has input ready.
 */
bool conn_prepare_poll(struct pollfd *fd, int *timeout);

#endif /* ATMQTT_MQTT_CONN_H */
