/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stands for daemon/mqtt/: notes what a session asks, and a test plays the
 * broker.
 */
#ifndef ATMQTT_TEST_FAKE_MQTT_H
#define ATMQTT_TEST_FAKE_MQTT_H

#include "daemon/mqtt/mqtt.h"

#define FAKE_CLIENTS	8
#define FAKE_TOKENS	4096

struct fake_client {
	struct mqtt_client *client;	/* NULL: freed */
	char open[1024];		/* the last mqtt_open() in words */
	char tls[256];			/* its TLS, "" without */
	size_t payload_max;		/* longer messages are cut; 0: none */
	uint32_t tokens[FAKE_TOKENS];
	size_t n_tokens;
	size_t under_way;		/* of them; -EAGAIN beyond the limit */
	uint32_t cancelled[FAKE_TOKENS];
	size_t n_cancelled;
};

extern struct fake {
	struct fake_client clients[FAKE_CLIENTS];
	char call[20480];	/* the last other call in words */
	char requests[4096];	/* all that were accepted, as far as they fit */
	int rc;			/* what requests and opens return */
	bool session_present;	/* what CONNACKs say */
	size_t ended;
	size_t dropped;
	size_t alive;		/* messages not ended and not dropped */
} fake;

void fake_reset(void);

/*
 * Callbacks of client @id: a session's 1 and 2, behind them a cloud's.
 * done() is of its @nth request, from 0.
 */
void fake_opened(int id);
void fake_refused(int id, int code, const char *text);
void fake_closed(int id);
void fake_lost(int id, const char *text);
void fake_done(int id, size_t nth, bool ok);
void fake_message(int id, int qos, const char *topic, const char *payload);
void fake_message_bytes(int id, int qos, const char *topic,
			const void *payload, size_t len);

#endif /* ATMQTT_TEST_FAKE_MQTT_H */
