/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A short MQTT session for one answer: open, subscribe, wait, maybe reply,
 * close.
 */
#ifndef ATMQTT_CLOUD_VISIT_H
#define ATMQTT_CLOUD_VISIT_H

#include "daemon/cloud/cloud.h"

struct visit;

/* What visit_start() needs; copied, but for the callbacks. */
struct visit_args {
	const struct cloud_login *login;	/* host and port, too */
	const char *ca_file;	/* instead of the port's trust; or NULL */
	bool tls;
	unsigned int timeout_ms;	/* for all of it */
	const char *const *topics;	/* to subscribe, NULL last; or NULL */
};

struct visit_callbacks {
	/* A message, whose payload has a NUL behind.  True: the answer. */
	bool (*message)(void *ctx, const char *topic, const char *payload,
			size_t len);
	/* The end, and the visit is gone; @why is NULL after an answer. */
	void (*done)(void *ctx, const struct mqtt_reason *why);
};

/* NULL without memory. */
struct visit *visit_start(const struct cloud_port *port,
			  const struct visit_args *args,
			  const struct visit_callbacks *cb, void *ctx);

/* From message(): sends @payload, QoS 0, before the session is closed. */
void visit_reply(struct visit *visit, const char *topic, const char *payload);

/* Ends it at once: done() is not called.  NULL is fine. */
void visit_cancel(struct visit *visit);

#endif /* ATMQTT_CLOUD_VISIT_H */
