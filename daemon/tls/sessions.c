// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * They are kept in wolfSSL's serial form: its objects have room for ten
 * certificates of the longest kind.  wolfSSL's own time for a session begins
 * anew with each ticket, and by a clock that may be set.
 */
#include "daemon/tls/sessions.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SESSION_TIME	3600	/* seconds until a server proves itself anew */
#define PROVED_UNTIL	1	/* our place in wolfSSL's data of a connection */

struct tls_session {
	struct tls_session *next;
	uintptr_t until;	/* seconds, by a clock that nobody sets */
	size_t len;
	unsigned char *p;
	char peer[];
};

static uintptr_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uintptr_t)t.tv_sec;
}

static void drop(struct tls_session *session)
{
	if (session->p)
		explicit_bzero(session->p, session->len);
	free(session->p);
	free(session);
}

/* Takes the session of @peer out of the list. */
static struct tls_session *find(struct tls_sessions *s, const char *peer)
{
	struct tls_session **at, *session;

	for (at = &s->first; (session = *at); at = &session->next)
		if (!strcmp(session->peer, peer)) {
			*at = session->next;
			return session;
		}
	return NULL;
}

static void add(struct tls_sessions *s, struct tls_session *session)
{
	struct tls_session **at = &s->first, *old;
	unsigned int n;

	session->next = s->first;
	s->first = session;
	for (n = 0; *at && n < TLS_SESSIONS_MAX; n++)
		at = &(*at)->next;
	old = *at;
	*at = NULL;
	if (old)
		drop(old);
}

static void resume(const struct tls_session *session, struct WOLFSSL *wolf)
{
	const unsigned char *p = session->p;
	WOLFSSL_SESSION *parsed;

	parsed = wolfSSL_d2i_SSL_SESSION(NULL, &p, (long)session->len);
	if (parsed && wolfSSL_set_session(wolf, parsed) == WOLFSSL_SUCCESS)
		wolfSSL_set_ex_data(wolf, PROVED_UNTIL,
				    (void *)session->until);
	wolfSSL_SESSION_free(parsed);
}

/* A session that goes on from another proves nothing new. */
static uintptr_t proved_until(struct WOLFSSL *wolf)
{
	if (wolfSSL_session_reused(wolf))
		return (uintptr_t)wolfSSL_get_ex_data(wolf, PROVED_UNTIL);
	return now() + SESSION_TIME;
}

void tls_sessions_take(struct tls_sessions *s, const char *peer,
		       struct WOLFSSL *wolf)
{
	struct tls_session *session;

	pthread_mutex_lock(&s->lock);
	session = find(s, peer);
	pthread_mutex_unlock(&s->lock);
	if (!session)
		return;
	if (now() < session->until)
		resume(session, wolf);
	drop(session);
}

static struct tls_session *copy_of(struct WOLFSSL *wolf, const char *peer)
{
	WOLFSSL_SESSION *last = wolfSSL_get_session(wolf);
	struct tls_session *session = calloc(1, sizeof(*session) +
						       strlen(peer) + 1);
	unsigned char *p;
	int len;

	if (!session)
		return NULL;
	strcpy(session->peer, peer);
	session->until = proved_until(wolf);
	len = last ? wolfSSL_i2d_SSL_SESSION(last, NULL) : 0;
	session->p = p = len > 0 ? malloc((size_t)len) : NULL;
	session->len = (size_t)len;
	if (p && wolfSSL_i2d_SSL_SESSION(last, &p) == len)
		return session;
	drop(session);
	return NULL;
}

void tls_sessions_put(struct tls_sessions *s, const char *peer,
		      struct WOLFSSL *wolf)
{
	struct tls_session *session = copy_of(wolf, peer);
	struct tls_session *old;

	if (!session)
		return;
	pthread_mutex_lock(&s->lock);
	old = find(s, peer);
	add(s, session);
	pthread_mutex_unlock(&s->lock);
	if (old)
		drop(old);
}

void tls_sessions_drop(struct tls_sessions *s)
{
	struct tls_session *session;

	while ((session = s->first)) {
		s->first = session->next;
		drop(session);
	}
}
