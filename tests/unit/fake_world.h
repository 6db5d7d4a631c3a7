/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stands for cloud/system.c and cloud/http.c: a clock that stands still,
 * random numbers that are known, and a test as the HTTP server.
 */
#ifndef ATMQTT_TEST_FAKE_WORLD_H
#define ATMQTT_TEST_FAKE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

extern struct world {
	time_t now;
	const char *random;	/* bytes that come again and again */
	bool refuses;		/* http_start() fails */
	int requests;		/* started so far */
	bool pending;		/* one is under way */
	char request[8192];	/* the last one in words, see fake_world.c */
} world;

/* 2023-11-14 22:13:20 UTC, "\0" */
void world_reset(void);

/* The end of the request that is under way: an answer, or a failure. */
void world_reply(unsigned int status, const char *body);
void world_reply_bytes(unsigned int status, const char *body, size_t len);
void world_fail(const char *error);

#endif /* ATMQTT_TEST_FAKE_WORLD_H */
