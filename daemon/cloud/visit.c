// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A short MQTT session for one answer.  The server may send it before it
 * acknowledged the subscriptions, or without any.
 */
#include "daemon/cloud/visit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/text.h"

#define KEEPALIVE	60	/* seconds */
#define MESSAGE_MAX	8192	/* bytes */

/* Tokens of requests: the nth subscription is TOKEN_SUBSCRIBE + n. */
enum {
	TOKEN_REPLY,
	TOKEN_SUBSCRIBE,
};

#define TOPICS_MAX	2
#define TOPIC_SIZE	320	/* "$sys/", two keys, "/ext/autoregist" */

struct visit {
	struct mqtt_client *client;
	const struct visit_callbacks *cb;
	void *ctx;
	uv_timer_t timer;
	char topics[TOPICS_MAX][TOPIC_SIZE];
	int n_topics;
	bool answered;
	bool replying;
};

static void free_visit(uv_handle_t *timer)
{
	free(timer->data);
}

void visit_cancel(struct visit *visit)
{
	if (!visit)
		return;
	mqtt_client_free(visit->client);
	uv_close((uv_handle_t *)&visit->timer, free_visit);
}

static void end(struct visit *visit, const struct mqtt_reason *why)
{
	struct mqtt_reason copy;

	if (why)
		copy = *why;	/* it may be the client's */
	visit_cancel(visit);
	visit->cb->done(visit->ctx, why ? &copy : NULL);
}

static void end_text(struct visit *visit, const char *text)
{
	struct mqtt_reason why;

	text_fail(&why, 0, "%s", text);
	end(visit, &why);
}

/* The answer counts, whatever becomes of the session behind it. */
static void end_or(struct visit *visit, const struct mqtt_reason *why)
{
	end(visit, visit->answered ? NULL : why);
}

static void close_visit(struct visit *visit)
{
	if (mqtt_close(visit->client))
		end(visit, NULL);
}

/* ---- what mqtt/ tells ---- */

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	struct visit *visit = ctx;

	if (why) {
		end(visit, why);
		return;
	}
	for (int i = 0; i < visit->n_topics; i++) {
		if (mqtt_subscribe(visit->client, TOKEN_SUBSCRIBE + (uint32_t)i,
				   visit->topics[i], 1)) {
			end_text(visit, "no subscription");
			return;
		}
	}
}

static void on_closed(void *ctx)
{
	end(ctx, NULL);
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	end_or(ctx, why);
}

/*
 * Of the topics the first is the one that matters.  If it is the link that
 * failed it cannot be closed, and lost() will tell why.
 */
static void on_done(void *ctx, uint32_t token, bool ok)
{
	struct visit *visit = ctx;

	if (token == TOKEN_REPLY && visit->replying) {
		visit->replying = false;
		close_visit(visit);
	} else if (token == TOKEN_SUBSCRIBE && !ok && !visit->answered &&
		   !mqtt_close(visit->client)) {
		end_text(visit, "the subscription was refused");
	}
}

static bool is_answer(struct visit *visit, const struct mqtt_message *msg)
{
	char topic[TOPIC_SIZE];
	char *payload;
	bool answer;

	if (msg->cut ||
	    text_put(topic, sizeof(topic), "%.*s", (int)msg->topic_len,
		     msg->topic))
		return false;
	payload = malloc(msg->payload_len + 1);
	if (!payload)
		return false;
	memcpy(payload, msg->payload, msg->payload_len);
	payload[msg->payload_len] = 0;
	answer = visit->cb->message(visit->ctx, topic, payload,
				    msg->payload_len);
	explicit_bzero(payload, msg->payload_len);
	free(payload);
	return answer;
}

static void on_message(void *ctx, struct mqtt_message *msg)
{
	struct visit *visit = ctx;
	bool close = false;

	if (!visit->answered) {
		visit->answered = is_answer(visit, msg);
		close = visit->answered && !visit->replying;
	}
	explicit_bzero((void *)msg->payload, msg->payload_len);
	mqtt_message_end(msg);
	if (close)
		close_visit(visit);
}

static const struct mqtt_callbacks callbacks = {
	.opened = on_opened,
	.closed = on_closed,
	.lost = on_lost,
	.done = on_done,
	.message = on_message,
};

static void on_timer(uv_timer_t *timer)
{
	struct mqtt_reason why;

	text_fail(&why, 0, "no answer");
	end_or(timer->data, &why);
}

/* ---- what a registration does ---- */

void visit_reply(struct visit *visit, const char *topic, const char *payload)
{
	visit->replying = !mqtt_publish(visit->client, TOKEN_REPLY, topic, 0,
					false, payload, strlen(payload));
}

static int keep_topics(struct visit *visit, const char *const *topics)
{
	int rc = 0;

	for (; !rc && topics && *topics; topics++) {
		if (visit->n_topics == TOPICS_MAX)
			return -E2BIG;
		rc = text_put(visit->topics[visit->n_topics++], TOPIC_SIZE,
			      "%s", *topics);
	}
	return rc;
}

static int open_visit(struct visit *visit, const struct cloud_port *port,
		      const struct visit_args *args)
{
	struct mqtt_tls tls;
	const struct mqtt_open o = {
		.host = args->login->host,
		.port = args->login->port,
		.reach = port->reach,
		.port_key = port->ctx,
		.client_id = args->login->client_id,
		.user = args->login->user,
		.password = args->login->password,
		.clean = true,
		.keepalive = KEEPALIVE,
		.timeout_ms = args->timeout_ms,
		.payload_max = MESSAGE_MAX,
		.tls = args->tls ? &tls : NULL,
	};

	cloud_trust(port, args->ca_file, &tls);
	return mqtt_open(visit->client, &o);
}

struct visit *visit_start(const struct cloud_port *port,
			  const struct visit_args *args,
			  const struct visit_callbacks *cb, void *ctx)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	if (!visit)
		return NULL;
	visit->cb = cb;
	visit->ctx = ctx;
	visit->client = mqtt_client_new(port->mqtt, &callbacks, visit);
	if (!visit->client) {
		free(visit);
		return NULL;
	}
	uv_timer_init(port->loop, &visit->timer);
	visit->timer.data = visit;
	if (keep_topics(visit, args->topics) || open_visit(visit, port, args)) {
		visit_cancel(visit);
		return NULL;
	}
	uv_update_time(port->loop);
	uv_timer_start(&visit->timer, on_timer, args->timeout_ms, 0);
	return visit;
}
