/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * TLS sessions that can be taken up again, which saves the handshake's
 * signatures.  Each is taken by one connection, which puts the next one back
 * when it was good: after a failure there is none.  For any thread.
 */
#ifndef ATMQTT_TLS_SESSIONS_H
#define ATMQTT_TLS_SESSIONS_H

#include <pthread.h>
#include <stddef.h>

#define TLS_SESSIONS_MAX	64

struct WOLFSSL;
struct tls_session;

struct tls_sessions {
	pthread_mutex_t lock;
	struct tls_session *first;	/* the newest */
};

/* The session of @peer, whatever names it, for the connection @wolf */
void tls_sessions_take(struct tls_sessions *s, const char *peer,
		       struct WOLFSSL *wolf);
void tls_sessions_put(struct tls_sessions *s, const char *peer,
		      struct WOLFSSL *wolf);

void tls_sessions_drop(struct tls_sessions *s);

#endif /* ATMQTT_TLS_SESSIONS_H */
