/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An HTTP and HTTPS client for the event loop, by libcurl in a thread of its
 * own.  Every function is called and every callback runs in the loop's
 * thread; none waits, but for http_close().
 */
#ifndef ATMQTT_CLOUD_HTTP_H
#define ATMQTT_CLOUD_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct noop;
struct reach;
struct http;		/* the process's */
struct http_request;	/* one that is under way */

/* What http_start() needs; copied, so the caller keeps its own. */
struct http_args {
	const char *url;		/* http:// or https:// */
	const struct reach *reach;	/* see dial.h, as port_key; stays */
	const void *port_key;
	const char *const *headers;	/* "Name: value", ends with NULL */
	const void *body;		/* NULL: GET, else POST */
	size_t len;			/* bytes of it */
	unsigned int timeout_ms;	/* from the call to the whole answer */
	size_t max;			/* bytes; a longer answer is a failure */
	const char *ca_file;		/* PEM; NULL: the system's store */
	const char *ca_pem;		/* PEM text, instead of ca_file */
	const char *crl;		/* PEM file of revoked ones, or NULL */
	bool insecure;			/* TLS without chain and host name */
	bool tls13_only;		/* the floor is TLS 1.2 otherwise */
};

/* Whatever the status is; redirections are not followed. */
struct http_reply {
	const char *error;	/* in words, no host or key; NULL: answered */
	unsigned int status;	/* 200, ... */
	const char *body;	/* terminated; may hold other NULs */
	size_t len;		/* bytes of it */
};

/* @reply is the callee's only during the call; the request is gone. */
typedef void (*http_done)(void *ctx, const struct http_reply *reply);

/* Starts the client on @loop.  0, or a negative errno. */
int http_open(struct http **http, uv_loop_t *loop);

/*
 * Ends it: every request must have ended or been aborted.  NULL is fine.  It
 * waits for a handshake that is under way.  The loop must run once more
 * afterwards, for the handles' close callbacks.
 */
void http_close(struct http *http);

/* Asks for a no-op of its thread, one at a time. */
void http_noop(struct http *http, struct noop *noop);

/*
 * Starts a request; @done is called once, later, unless http_abort() comes
 * first.  NULL when @args has no usable URL, or without memory.
 */
struct http_request *http_start(struct http *http,
				const struct http_args *args, http_done done,
				void *ctx);

/* Ends a request: done() is not called.  NULL is fine. */
void http_abort(struct http_request *request);

#endif /* ATMQTT_CLOUD_HTTP_H */
