// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A client's states.  Everything here runs in the loop's thread.  A callback
 * may call any function of mqtt.h, so after one the client may be in another
 * state, have another link, or be freed (then its memory lasts until the
 * loop has closed its timer).
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/address.h"
#include "daemon/mqtt/client.h"
#include "daemon/mqtt/link.h"

#define CLOSE_MS	1000	/* DISCONNECT has been written by then */
#define WORDS_MS	100	/* for who knows better why it took so long */
#define GRACE_MS	1000	/* beyond 1.5 keepalives */
#define WATCH_MS	1000	/* between two looks at an open link */

enum state {
	CLOSED,
	CONNECTING,	/* a name, TCP, TLS, CONNACK */
	OPEN,
	CLOSING,
	ENDING,		/* done() is being called for what was under way */
};

struct mqtt_client {
	struct mqtt *mqtt;
	struct held *held;
	struct mqtt_callbacks cb;
	void *ctx;
	enum state state;
	struct link *link;		/* NULL: CLOSED, ENDING */
	uint64_t deadline;		/* of opened(), stream_now()'s clock */
	uv_timer_t timer;		/* what it is for: see on_timer() */
};

/* MQTT 3.1.1, table 3.1; the words are the module manual's. */
static const char *const connack[] = {
	[1] = "unacceptable protocol version",
	[2] = "identifier rejected",
	[3] = "server unavailable",
	[4] = "bad user name or password",
	[5] = "not authorized",
};

#define CONNACK_MAX	5
#define CONNACK_REASON	699	/* + 1 = 700 */

static void on_timer(uv_timer_t *timer);

static void arm(struct mqtt_client *client, uint64_t ms)
{
	uv_update_time(client->mqtt->loop);
	uv_timer_start(&client->timer, on_timer, ms, 0);
}

static struct link *leave_link(struct mqtt_client *client, enum state state)
{
	struct link *link = client->link;

	uv_timer_stop(&client->timer);
	client->link = NULL;
	client->state = state;
	return link;
}

static void fail_open(struct mqtt_client *client,
		      const struct mqtt_reason *why)
{
	struct mqtt_reason copy = *why;

	link_retire(leave_link(client, CLOSED));
	client->cb.opened(client->ctx, &copy);
}

static void fail_open_text(struct mqtt_client *client, const char *text)
{
	struct mqtt_reason why;

	stream_why(client->link->stream, text, &why);
	fail_open(client, &why);
}

/* True when the client is to hear more: nothing was called from done(). */
static bool end_requests(struct mqtt_client *client, struct link *link)
{
	struct request *r;

	TAILQ_FOREACH(r, &link->requests, entry) {
		if (client->state != ENDING)
			return false;
		if (r->told)
			continue;
		r->told = true;
		client->cb.done(client->ctx, r->token, false);
	}
	if (client->state != ENDING)
		return false;
	client->state = CLOSED;
	return true;
}

static void finish_close(struct mqtt_client *client)
{
	struct link *link = leave_link(client, ENDING);
	bool more = end_requests(client, link);

	link_retire(link);
	if (more)
		client->cb.closed(client->ctx);
}

static void finish_lost(struct mqtt_client *client, const char *text)
{
	struct link *link = leave_link(client, ENDING);
	struct mqtt_reason why;
	bool more;

	stream_why(link->stream, text, &why);
	more = end_requests(client, link);
	link_retire(link);
	if (more)
		client->cb.lost(client->ctx, &why);
}

/* While there is no connection its own time-out says what it waited for. */
static void on_opening_timer(struct mqtt_client *client)
{
	if (!stream_is_connected(client->link->stream) &&
	    stream_now() < client->deadline + WORDS_MS)
		arm(client, WORDS_MS);
	else
		fail_open_text(client, "no answer");
}

/*
 * paho pings after a keepalive of silence, and gives up 1.5 later; so the
 * silence itself is watched.
 */
static uint64_t ping_answer_due(struct link *link)
{
	uint64_t keepalive = link->args.open.keepalive;

	if (!keepalive)
		return UINT64_MAX;
	return stream_heard(link->stream) + keepalive * 1500 + GRACE_MS;
}

static void watch_silence(struct mqtt_client *client)
{
	struct stream *stream = client->link->stream;
	uint64_t due = ping_answer_due(client->link);
	uint64_t now = stream_now();
	const char *why = NULL;

	if (due <= now)
		why = "no answer to a ping";
	else if (stream_silence(stream) >= STREAM_SILENCE_MS)
		why = "no answer";
	if (!why) {
		arm(client, due - now < WATCH_MS ? due - now : WATCH_MS);
		return;
	}
	stream_give_up(stream, why);
	finish_lost(client, NULL);
}

/*
 * DISCONNECT goes out behind what was asked before, but does not wait for
 * the broker's window.
 */
static void go_on(struct mqtt_client *client)
{
	struct link *link = client->link;

	if (!link_go_on(link) && client->state == CLOSING && !link->closing)
		link_close(link);
}

static void look_at_open(struct mqtt_client *client)
{
	watch_silence(client);
	if (client->state == OPEN)
		go_on(client);
}

static void look_at_closing(struct mqtt_client *client)
{
	uint64_t now = stream_now();

	if (now >= client->deadline) {
		stream_cut(client->link->stream, NULL);
		finish_close(client);
		return;
	}
	arm(client, client->deadline - now);
	go_on(client);
}

static void on_timer(uv_timer_t *timer)
{
	struct mqtt_client *client = timer->data;

	switch (client->state) {
	case CONNECTING:
		on_opening_timer(client);
		break;
	case OPEN:
		look_at_open(client);
		break;
	case CLOSING:
		look_at_closing(client);
		break;
	case CLOSED:
	case ENDING:
		break;
	}
}

static void on_opened(struct mqtt_client *client)
{
	struct link *link = client->link;

	if (client->state != CONNECTING)
		return;
	uv_timer_stop(&client->timer);
	if (link->session_present)
		link_release(link);
	else
		session_reset(link->session);
	link_forget_password(link);
	client->state = OPEN;
	client->cb.opened(client->ctx, NULL);
	/* CONNACK may be older than the silence allowed: lost() comes second */
	if (client->state == OPEN)
		look_at_open(client);
}

static void on_failed(struct mqtt_client *client)
{
	struct link *link = client->link;
	struct mqtt_reason why = { 0 };
	int code = link->failed_code;

	if (client->state != CONNECTING)
		return;
	if (code >= 1 && code <= CONNACK_MAX) {
		why.code = CONNACK_REASON + code;
		snprintf(why.text, sizeof(why.text), "%s", connack[code]);
		fail_open(client, &why);
	} else {
		fail_open_text(client, "closed by the broker");
	}
}

static void on_lost(struct mqtt_client *client)
{
	switch (client->state) {
	case OPEN:
		/* else it is known why; paho watches for its pings, too */
		finish_lost(client, "no answer to a ping");
		break;
	case CLOSING:
		finish_close(client);
		break;
	case CLOSED:
	case CONNECTING:
	case ENDING:
		break;
	}
}

static void on_done(struct event *event)
{
	struct request *r = container_of(event, struct request, event);
	struct mqtt_client *client = event->link->client;
	uint32_t token = r->token;
	bool told = r->told;
	bool ok = r->ok;

	request_free(r);
	if (client && client->link)
		go_on(client);
	if (client && !told)
		client->cb.done(client->ctx, token, ok);
}

/* A retired link has no client: only its memory is of interest. */
void client_event(struct event *event)
{
	struct link *link = event->link;
	struct mqtt_client *client = link->client;

	switch (event->type) {
	case EVENT_OPENED:
		if (client)
			on_opened(client);
		break;
	case EVENT_FAILED:
		if (client)
			on_failed(client);
		break;
	case EVENT_LOST:
		if (client)
			on_lost(client);
		break;
	case EVENT_CLOSED:
		if (client && client->state == CLOSING)
			finish_close(client);
		break;
	case EVENT_DONE:
		on_done(event);
		break;
	case EVENT_ROOM:
		if (client)
			go_on(client);
		break;
	case EVENT_READ:
		if (client)
			link_read(link);
		break;
	case EVENT_GONE:
		link_free(link);
		break;
	case EVENT_MESSAGE:
		break;
	}
}

bool client_takes_messages(const struct mqtt_client *client)
{
	return client->state == OPEN;
}

void client_message(struct mqtt_client *client, struct mqtt_message *msg)
{
	client->cb.message(client->ctx, msg);
}

/* An address as the standard text, which is what a certificate is held to. */
int mqtt_open(struct mqtt_client *client, const struct mqtt_open *args)
{
	struct mqtt_open normal = *args;
	struct sockaddr_storage address;
	char text[INET6_ADDRSTRLEN];

	if (client->state != CLOSED)
		return -EALREADY;
	if (address_parse(args->host, args->port, &address)) {
		address_format(&address, text);
		normal.host = text;
	}
	client->link = link_new(client, client->mqtt, &normal, client->held);
	if (!client->link)
		return -ENOMEM;
	client->state = CONNECTING;
	client->deadline = stream_now() + args->timeout_ms;
	arm(client, args->timeout_ms);
	return 0;
}

const char *mqtt_cipher(const struct mqtt_client *client)
{
	return client->state == OPEN ? stream_cipher(client->link->stream) :
				       "";
}

bool mqtt_session_present(const struct mqtt_client *client)
{
	return client->state == OPEN && client->link->session_present;
}

int mqtt_close(struct mqtt_client *client)
{
	if (client->state != OPEN)
		return -ENOTCONN;
	client->state = CLOSING;
	client->deadline = stream_now() + CLOSE_MS;
	look_at_closing(client);
	return 0;
}

void mqtt_abort(struct mqtt_client *client)
{
	struct link *link = leave_link(client, CLOSED);

	if (!link)
		return;
	stream_cut(link->stream, NULL);
	link_retire(link);
}

static struct request *new_request(struct mqtt_client *client, uint32_t token,
				   const char *topic, const void *payload,
				   size_t len, int *rc)
{
	struct request *r;

	*rc = -ENOTCONN;
	if (client->state != OPEN)
		return NULL;
	*rc = -EAGAIN;
	if (client->link->request_count >= MQTT_REQUESTS_MAX)
		return NULL;
	r = request_new(client->link, token, topic, payload, len);
	*rc = r ? 0 : -ENOMEM;
	return r;
}

int mqtt_publish(struct mqtt_client *client, uint32_t token, const char *topic,
		 uint8_t qos, bool retain, const void *payload, size_t len)
{
	struct request *r;
	int rc;

	r = new_request(client, token, topic, payload, len, &rc);
	if (!r)
		return rc;
	r->qos = qos;
	r->retain = retain;
	request_publish(r);
	go_on(client);
	return 0;
}

int mqtt_subscribe(struct mqtt_client *client, uint32_t token,
		   const char *filter, uint8_t qos)
{
	struct request *r;
	int rc;

	r = new_request(client, token, filter, NULL, 0, &rc);
	if (!r)
		return rc;
	r->qos = qos;
	request_subscribe(r);
	go_on(client);
	return 0;
}

int mqtt_unsubscribe(struct mqtt_client *client, uint32_t token,
		     const char *filter)
{
	struct request *r;
	int rc;

	r = new_request(client, token, filter, NULL, 0, &rc);
	if (!r)
		return rc;
	request_unsubscribe(r);
	go_on(client);
	return 0;
}

void mqtt_cancel(struct mqtt_client *client, uint32_t token)
{
	if (client->link)
		request_cancel(client->link, token);
}

struct mqtt_client *mqtt_client_new(struct mqtt *mqtt,
				    const struct mqtt_callbacks *cb, void *ctx)
{
	struct mqtt_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->held = held_new();
	if (!client->held) {
		free(client);
		return NULL;
	}
	client->mqtt = mqtt;
	client->cb = *cb;
	client->ctx = ctx;
	client->timer.data = client;
	uv_timer_init(mqtt->loop, &client->timer);
	return client;
}

static void on_timer_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void mqtt_client_free(struct mqtt_client *client)
{
	if (!client)
		return;
	mqtt_abort(client);
	held_put(client->held);
	uv_close((uv_handle_t *)&client->timer, on_timer_closed);
}
