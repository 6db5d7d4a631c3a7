/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A TLS client's connection over a socket.  Its handshake, and the reading of
 * the files that it takes, are steps in the loop's thread pool: one that
 * takes long holds up nobody.
 */
#ifndef ATMQTT_TLS_H
#define ATMQTT_TLS_H

#include <sys/types.h>
#include <uv.h>

#include "daemon/mqtt/mqtt.h"

struct tls;

#define TLS_CIPHER_MAX	64

enum tls_step {
	TLS_OPEN,		/* the handshake is over */
	TLS_WANTS_READ,
	TLS_WANTS_WRITE,
	TLS_FAILED,		/* see tls_why() */
};

/* The socket, the certificates and the host's name are the caller's. */
struct tls_args {
	uv_loop_t *loop;
	int fd;
	const struct mqtt_tls *tls;
	const char *host;
	uint16_t port;			/* the session's, beside its host */
	const char *client_id;		/* and whose it is */
	void (*stepped)(void *ctx, enum tls_step step);
	/* Once it is open: takes all that is for the peer. */
	void (*send)(void *ctx, const void *bytes, size_t len);
	void *ctx;
};

/* At the process's start.  0 or -ENOMEM. */
int tls_init(void);

/* NULL without memory. */
struct tls *tls_new(const struct tls_args *args);

/* Not while a step runs. */
void tls_free(struct tls *tls);

/*
 * The next step of the handshake; stepped() tells where it led.  When the
 * socket can be read or written it goes on.
 */
void tls_step(struct tls *tls);

/* Does a step run?  Until stepped() all that it was given is in use. */
bool tls_is_stepping(const struct tls *tls);

/* Bytes, 0 at the end, or -1 with errno: EAGAIN, or see tls_why(). */
ssize_t tls_read(struct tls *tls, void *buf, size_t len);

/* Has it bytes to be read that no poll() of the socket tells? */
bool tls_is_pending(struct tls *tls);

/* False: nothing more can be sent. */
bool tls_write(struct tls *tls, const void *bytes, size_t len);

/* Says good-bye. */
void tls_shutdown(struct tls *tls);

/* "TLSv1.3 TLS_AES_128_GCM_SHA256" */
const char *tls_cipher(const struct tls *tls);

/* Why it failed; without a text it is the socket's errno, or nobody knows. */
const struct mqtt_reason *tls_why(const struct tls *tls);
int tls_errno(const struct tls *tls);

#endif /* ATMQTT_TLS_H */
