/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stands for daemon/mqttsn/: notes what a session asks, and a test plays the
 * gateway.
 */
#ifndef ATMQTT_TEST_FAKE_MQTTSN_H
#define ATMQTT_TEST_FAKE_MQTTSN_H

#include "daemon/mqttsn/mqttsn.h"

#define FAKE_SN_CLIENTS	2
#define FAKE_SN_TOKENS	4096
#define FAKE_SN_TOPICS	16

struct fake_sn_topic {
	uint16_t id;
	const char *name;
	enum mqttsn_origin origin;
};

struct fake_sn_client {
	struct mqttsn_client *client;	/* NULL: freed */
	char open[1024];		/* the last mqttsn_open() in words */
	uint32_t tokens[FAKE_SN_TOKENS];
	size_t n_tokens;
	struct fake_sn_topic topics[FAKE_SN_TOPICS];
	size_t n_topics;
};

extern struct fake_sn {
	struct fake_sn_client clients[FAKE_SN_CLIENTS];
	size_t n_clients;
	char call[20480];	/* the last other call in words */
	int rc;			/* what requests and opens return */
	size_t ended;
	size_t dropped;
	size_t alive;		/* messages not ended and not dropped */
} fake_sn;

void fake_sn_reset(void);

/* Client 101 or 102 */
struct fake_sn_client *fake_sn_client(int id);

/* Puts a topic into the client's table. */
void fake_sn_topic(int id, uint16_t topic, const char *name,
		   enum mqttsn_origin origin);

/* Callbacks of client 101 or 102; done() of its @nth request, from 0. */
void fake_sn_opened(int id);
void fake_sn_refused(int id, const char *text);
void fake_sn_closed(int id);
void fake_sn_lost(int id, const char *text);
void fake_sn_done(int id, size_t nth, bool ok, uint16_t topic);
void fake_sn_registered(int id, uint16_t topic, const char *name);
void fake_sn_dropped(int id);
void fake_sn_illegal(int id);

/* A message; @name is empty for a predefined id. */
void fake_sn_message(int id, int qos, enum mqttsn_topic_kind kind,
		     uint16_t topic, const char *name, const char *payload);

#endif /* ATMQTT_TEST_FAKE_MQTTSN_H */
