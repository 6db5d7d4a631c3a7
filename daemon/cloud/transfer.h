/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libcurl's multi interface in a thread of its own, as the system's trust
 * store and a handshake can take a good part of a second.  For http.c.
 */
#ifndef ATMQTT_CLOUD_TRANSFER_H
#define ATMQTT_CLOUD_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/queue.h>
#include <uv.h>

struct transfers;	/* the thread and what it has to do */

/*
 * Embedded in its owner.  It is the thread's, with what its handle's options
 * point to, from transfer_start() until ended() is called.
 */
struct transfer {
	TAILQ_ENTRY(transfer) entry;
	CURL *easy;
	CURLcode code;		/* how it ended */
	bool abandoned;		/* under the thread's lock */
};

/* Starts the thread.  ended() is called in @loop.  0 or a negative errno. */
int transfers_open(struct transfers **transfers, uv_loop_t *loop,
		   void (*ended)(struct transfer *t));

/*
 * Waits for what the thread is at, and calls ended() for those that are left.
 * The loop must run once more afterwards.
 */
void transfers_close(struct transfers *transfers);

struct noop;

/* Asks for a no-op of the thread, one at a time. */
void transfers_noop(struct transfers *transfers, struct noop *noop);

void transfer_start(struct transfers *transfers, struct transfer *t);

/* It ends soon, whatever its code is then. */
void transfer_abandon(struct transfers *transfers, struct transfer *t);

#endif /* ATMQTT_CLOUD_TRANSFER_H */
