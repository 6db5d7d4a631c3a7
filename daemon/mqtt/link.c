// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is done with paho, and its callbacks, which only queue.
 */
#include "daemon/mqtt/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * QoS 1 and 2 under way at the broker: mosquitto takes 20 by default, and
 * acknowledges further ones of QoS 2 but throws them away.
 */
#define IN_FLIGHT	20
#define PING_LOOKS	10	/* in a keepalive */
#define PING_MIN_MS	100
#define PAYLOAD_MAX	65536	/* unless told otherwise */
#define READ_AT_ONCE	64	/* packets, then others have their turn */

/* ---- paho's callbacks ---- */

static void on_opened(void *ctx, MQTTAsync_successData *data)
{
	struct link *link = ctx;

	link->session_present = data->alt.connect.sessionPresent;
	mqtt_event(link->mqtt, &link->opened);
}

static void fail(struct link *link, int code)
{
	link->failed_code = code;
	mqtt_event(link->mqtt, &link->failed);
}

static void on_failed(void *ctx, MQTTAsync_failureData *data)
{
	fail(ctx, data ? data->code : MQTTASYNC_FAILURE);
}

static void on_lost(void *ctx, char *cause)
{
	struct link *link = ctx;

	(void)cause;
	mqtt_event(link->mqtt, &link->lost);
}

static void on_closed(void *ctx, MQTTAsync_successData *data)
{
	struct link *link = ctx;

	(void)data;
	mqtt_event(link->mqtt, &link->closed);
}

static void on_close_failed(void *ctx, MQTTAsync_failureData *data)
{
	(void)data;
	on_closed(ctx, NULL);
}

/* paho wants one; it never gets a message. */
static int on_message(void *ctx, char *topic, int len,
		      MQTTAsync_message *message)
{
	(void)ctx;
	(void)topic;
	(void)len;
	(void)message;
	return 1;
}

/* ---- paho's socket ---- */

static void on_written(struct paho_socket *socket, const struct iovec *iov,
		       int count)
{
	struct link *link = container_of(socket, struct link, socket);

	stream_write(link->stream, iov, count);
	/* a ping of a link that is not read is answered here */
	if (link->held->full)
		mqtt_event(link->mqtt, &link->read);
}

static void on_socket_closed(struct paho_socket *socket)
{
	struct link *link = container_of(socket, struct link, socket);

	stream_close(link->stream);
}

void link_write(struct link *link, const void *packet, size_t len)
{
	const struct iovec iov = { (void *)packet, len };

	stream_write(link->stream, &iov, 1);
}

/* Between two packets only: of one that has begun the rest is wanted. */
static bool is_paused(const struct link *link)
{
	const struct door *door = stream_door(link->stream);

	return link->held->full && door->connected && door->between;
}

/* False: nothing has come, or nothing more comes. */
static bool read_some(struct link *link)
{
	bool paused = is_paused(link);
	ssize_t n;

	if (!link->socket.fd)
		return false;	/* paho has closed it */
	stream_pause(link->stream, paused);
	if (paused && !door_answer_ping(stream_door(link->stream)))
		return false;
	n = inbound_read(link);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		paho_end(&link->socket);
	return n > 0;
}

void link_read(struct link *link)
{
	int i;

	for (i = 0; i < READ_AT_ONCE && read_some(link); i++)
		;
	if (i == READ_AT_ONCE || stream_has_more(link->stream))
		mqtt_event(link->mqtt, &link->read);
}

/* ---- how it is opened ---- */

/*
 * paho leaves a handle half-made when it fails, maybe in its list already.
 * That one is not destroyed, which would take its missing parts for whole;
 * and nothing tells which parts are there, to be freed: it is left to leak.
 */
static int create(struct link *link)
{
	MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
	char uri[PAHO_URI_MAX];
	int rc;

	options.MQTTVersion = MQTTVERSION_3_1_1;
	options.maxBufferedMessages = MQTT_REQUESTS_MAX;
	paho_uri(&link->socket, uri);
	rc = MQTTAsync_createWithOptions(&link->handle, uri,
					 link->args.open.client_id,
					 MQTTCLIENT_PERSISTENCE_NONE, NULL,
					 &options);
	if (rc != MQTTASYNC_SUCCESS) {
		link->handle = NULL;
		return rc;
	}
	return MQTTAsync_setCallbacks(link->handle, link, on_lost, on_message,
				      NULL);
}

static void fill_will(MQTTAsync_willOptions *will,
		      const struct mqtt_open *open)
{
	will->topicName = open->will_topic;
	will->payload.data = open->will_payload;
	will->payload.len = open->will_len;
	will->qos = open->will_qos;
	will->retained = open->will_retain;
}

/* The window is ours: paho never has a request that it may not send. */
static int connect_handle(struct link *link)
{
	MQTTAsync_connectOptions options =
		MQTTAsync_connectOptions_initializer;
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	const struct mqtt_open *open = &link->args.open;

	options.keepAliveInterval = open->keepalive;
	options.cleansession = open->clean;
	options.MQTTVersion = MQTTVERSION_3_1_1;
	options.maxInflight = MQTT_REQUESTS_MAX;
	options.connectTimeout = open->timeout_ms / 1000 + 10; /* ours ends it */
	options.username = open->user;
	if (open->user && open->password) {
		options.binarypwd.data = open->password;
		options.binarypwd.len = strlen(open->password);
	}
	if (open->will_topic) {
		fill_will(&will, open);
		options.will = &will;
	}
	options.onSuccess = on_opened;
	options.onFailure = on_failed;
	options.context = link;
	return MQTTAsync_connect(link->handle, &options);
}

static void on_stream_opened(void *ctx)
{
	struct link *link = ctx;
	int rc = create(link);

	if (rc == MQTTASYNC_SUCCESS)
		rc = connect_handle(link);
	if (rc == MQTTASYNC_BAD_UTF8_STRING)
		stream_fail(link->stream, "a string is not UTF-8");
	if (rc != MQTTASYNC_SUCCESS)
		fail(link, rc);
	paho_run();
}

static void on_stream_failed(void *ctx)
{
	fail(ctx, MQTTASYNC_FAILURE);
}

static void on_readable(void *ctx)
{
	link_read(ctx);
}

static void on_room(void *ctx)
{
	struct link *link = ctx;

	mqtt_event(link->mqtt, &link->room);
}

static void on_held_room(void *ctx)
{
	struct link *link = ctx;

	mqtt_event(link->mqtt, &link->read);
}

/* When all is stopped nobody handles events any more. */
static void on_stream_gone(void *ctx)
{
	struct link *link = ctx;
	struct mqtt *mqtt = link->mqtt;

	if (!mqtt->stopped) {
		mqtt_event(mqtt, &link->gone);
		return;
	}
	link_free(link);
}

static bool start(struct link *link)
{
	struct stream_args args = {
		.loop = link->mqtt->loop,
		.open = &link->args.open,
		.opened = on_stream_opened,
		.failed = on_stream_failed,
		.readable = on_readable,
		.room = on_room,
		.gone = on_stream_gone,
		.ctx = link,
	};

	link->stream = stream_new(&args);
	return link->stream;
}

static void event_init(struct link *link, struct event *event,
		       enum event_type type)
{
	event->link = link;
	event->type = type;
}

static void init_events(struct link *link)
{
	event_init(link, &link->opened, EVENT_OPENED);
	event_init(link, &link->failed, EVENT_FAILED);
	event_init(link, &link->lost, EVENT_LOST);
	event_init(link, &link->closed, EVENT_CLOSED);
	event_init(link, &link->room, EVENT_ROOM);
	event_init(link, &link->read, EVENT_READ);
	event_init(link, &link->gone, EVENT_GONE);
}

static void init_socket(struct link *link)
{
	link->socket.written = on_written;
	link->socket.closed = on_socket_closed;
	link->socket.ping_ms = link->args.open.keepalive * 1000 / PING_LOOKS;
	if (link->args.open.keepalive && link->socket.ping_ms < PING_MIN_MS)
		link->socket.ping_ms = PING_MIN_MS;
	paho_socket_add(&link->socket);
}

struct link *link_new(struct mqtt_client *client, struct mqtt *mqtt,
		      const struct mqtt_open *args, struct held *held)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->client = client;
	link->mqtt = mqtt;
	TAILQ_INIT(&link->requests);
	TAILQ_INIT(&link->waiting);
	init_events(link);
	if (!mqtt_args_copy(&link->args, args))
		goto free_args;
	if (!link->args.open.payload_max)
		link->args.open.payload_max = PAYLOAD_MAX;
	link->session = session_get(mqtt, args);
	if (!link->session)
		goto free_args;
	if (!start(link))
		goto put_session;
	mqtt->users++;
	link->held = held_get(held);
	held->room = on_held_room;
	held->ctx = link;
	init_socket(link);
	return link;
put_session:
	session_put(mqtt, link->session);
free_args:
	mqtt_args_free(&link->args);
	free(link);
	return NULL;
}

void link_forget_password(struct link *link)
{
	mqtt_args_forget_password(&link->args);
}

/* paho answers PUBREC whether it knows of the message or not. */
void link_release(struct link *link)
{
	struct session *session = link->session;

	if (!session->n_release)
		return;
	memcpy(link->release, session->release, sizeof(link->release));
	link->n_release = session->n_release;
	session->n_release = 0;
	door_release(stream_door(link->stream), link->release,
		     link->n_release);
	link_read(link);
}

/* ---- how it ends ---- */

void link_close(struct link *link)
{
	MQTTAsync_disconnectOptions options =
		MQTTAsync_disconnectOptions_initializer;

	link->closing = true;
	options.onSuccess = on_closed;
	options.onFailure = on_close_failed;
	options.context = link;
	if (MQTTAsync_disconnect(link->handle, &options) != MQTTASYNC_SUCCESS)
		mqtt_event(link->mqtt, &link->closed);
	paho_run();
}

void link_retire(struct link *link)
{
	struct stream *stream = link->stream;

	session_unlink(link->session, link);
	link->client = NULL;
	link->held->room = NULL;
	MQTTAsync_destroy(&link->handle);
	paho_run();
	paho_socket_remove(&link->socket);
	session_note_unreleased(link->session, stream_door(stream));
	session_put(link->mqtt, link->session);
	link->session = NULL;
	link->stream = NULL;
	stream_free(stream);
}

void link_free(struct link *link)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&link->requests)))
		request_free(r);
	inbound_free(link->coming.in);
	held_put(link->held);
	mqtt_args_free(&link->args);
	mqtt_put(link->mqtt);
	free(link);
}

/* ---- requests ---- */

static void request_end(struct request *r, bool ok)
{
	r->ok = ok;
	mqtt_event(r->link->mqtt, &r->event);
}

static void on_request_done(void *ctx, MQTTAsync_successData *data)
{
	(void)data;
	request_end(ctx, true);
}

static void on_request_failed(void *ctx, MQTTAsync_failureData *data)
{
	(void)data;
	request_end(ctx, false);
}

static MQTTAsync_responseOptions request_options(struct request *r)
{
	MQTTAsync_responseOptions options =
		MQTTAsync_responseOptions_initializer;

	options.onSuccess = on_request_done;
	options.onFailure = on_request_failed;
	options.context = r;
	paho_next_id(r->id);
	return options;
}

static int send_publish(struct request *r)
{
	MQTTAsync_responseOptions options = request_options(r);

	return MQTTAsync_send(r->link->handle, r->data, (int)r->len,
			      r->payload, r->qos, r->retain, &options);
}

static int send_subscribe(struct request *r)
{
	MQTTAsync_responseOptions options = request_options(r);

	return MQTTAsync_subscribe(r->link->handle, r->data, r->qos, &options);
}

static int send_unsubscribe(struct request *r)
{
	MQTTAsync_responseOptions options = request_options(r);

	return MQTTAsync_unsubscribe(r->link->handle, r->data, &options);
}

static bool id_in_use(struct link *link, uint16_t id)
{
	struct request *r;
	unsigned int i;

	for (i = 0; i < link->n_release; i++)
		if (link->release[i] == id)
			return true;

	TAILQ_FOREACH(r, &link->requests, entry)
		if (r->id == id)
			return true;
	return false;
}

/* Never 0; MQTT_REQUESTS_MAX bounds the search. */
static uint16_t next_id(struct link *link)
{
	uint16_t *id = &link->session->next_id;

	do {
		++*id;
	} while (*id == 0 || id_in_use(link, *id));
	return *id;
}

struct request *request_new(struct link *link, uint32_t token,
			    const char *topic, const void *payload, size_t len)
{
	size_t topic_size = strlen(topic) + 1;
	struct request *r = calloc(1, sizeof(*r) + topic_size + len);

	if (!r)
		return NULL;
	memcpy(r->data, topic, topic_size);
	if (len)
		memcpy(r->data + topic_size, payload, len);
	r->payload = r->data + topic_size;
	r->len = len;
	r->link = link;
	r->token = token;
	r->id = next_id(link);
	event_init(link, &r->event, EVENT_DONE);
	TAILQ_INSERT_TAIL(&link->requests, r, entry);
	link->request_count++;
	return r;
}

void request_free(struct request *request)
{
	struct link *link = request->link;

	TAILQ_REMOVE(&link->requests, request, entry);
	link->request_count--;
	if (request->waits)
		TAILQ_REMOVE(&link->waiting, request, wait_entry);
	else if (request->in_window)
		link->in_flight--;
	free(request);
}

static void give(struct request *r)
{
	TAILQ_REMOVE(&r->link->waiting, r, wait_entry);
	r->waits = false;
	r->link->in_flight += r->in_window;
	if (r->send(r) != MQTTASYNC_SUCCESS)
		request_end(r, false);
	paho_run();
}

bool link_go_on(struct link *link)
{
	struct request *r;

	while (!link->closing && (r = TAILQ_FIRST(&link->waiting))) {
		if (r->in_window && link->in_flight == IN_FLIGHT)
			return false;
		if (!stream_has_room(link->stream))
			return true;
		give(r);
	}
	return false;
}

static void begin(struct request *r, int (*send)(struct request *r))
{
	r->send = send;
	r->waits = true;
	TAILQ_INSERT_TAIL(&r->link->waiting, r, wait_entry);
}

void request_publish(struct request *request)
{
	request->in_window = request->qos;
	begin(request, send_publish);
}

void request_subscribe(struct request *request)
{
	begin(request, send_subscribe);
}

void request_unsubscribe(struct request *request)
{
	begin(request, send_unsubscribe);
}

void request_cancel(struct link *link, uint32_t token)
{
	struct request *r;

	TAILQ_FOREACH(r, &link->requests, entry)
		if (r->token == token && !r->told)
			break;
	if (r && r->waits)
		request_free(r);
	else if (r)
		r->told = true;
}
