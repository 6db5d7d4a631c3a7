// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the worker does with paho, and paho's callbacks.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/glue.h"
#include "daemon/mqtt/link.h"
#include "daemon/mqtt/paho.h"
#include "daemon/tls/trust.h"

/*
 * QoS 1 and 2 under way at the broker: mosquitto takes 20 by default, and
 * acknowledges further ones of QoS 2 but throws them away.
 */
#define IN_FLIGHT	20
#define PING_LOOKS	10	/* in a keepalive */
#define PING_MIN_MS	100
#define PAYLOAD_MAX	65536	/* unless told otherwise */

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

static void on_room(struct conn *conn)
{
	struct link *link = container_of(conn, struct link, conn);

	mqtt_event(link->mqtt, &link->room);
}

/* The message was copied before; this is its packet's acknowledgement. */
static int on_message(void *ctx, char *topic, int len,
		      MQTTAsync_message *message)
{
	(void)ctx;
	(void)len;
	MQTTAsync_freeMessage(&message);
	MQTTAsync_free(topic);
	return 1;
}

/*
 * paho leaves a handle half-made when it fails, maybe in its list already.
 * That one is not destroyed, which would take its missing parts for whole;
 * and nothing tells which parts are there, to be freed: it is left to leak.
 */
static int create(struct link *link)
{
	MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
	char uri[CONN_URI_MAX];
	int rc;

	options.MQTTVersion = MQTTVERSION_3_1_1;
	options.maxBufferedMessages = MQTT_REQUESTS_MAX;
	conn_uri(&link->conn, link->args.open.tls, uri);
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

/* Files and trust store are read here, not under paho's lock. */
static bool prepare_tls(struct link *link)
{
	struct mqtt_reason why;

	if (!link->args.open.tls || link->conn.tls_context)
		return true;
	link->conn.tls_context =
		tls_context_new(&link->args.tls, link->args.open.host,
				TLS_OVER_TCP, &why);
	if (!link->conn.tls_context)
		conn_fail(&link->conn, why.code, why.text);
	else
		tls_context_resume(link->conn.tls_context,
				   link->args.open.port,
				   link->args.open.client_id);
	return link->conn.tls_context;
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

static int connect_handle(struct link *link)
{
	MQTTAsync_connectOptions options =
		MQTTAsync_connectOptions_initializer;
	MQTTAsync_SSLOptions ssl = MQTTAsync_SSLOptions_initializer;
	MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
	const struct mqtt_open *open = &link->args.open;

	options.keepAliveInterval = open->keepalive;
	options.cleansession = open->clean;
	options.MQTTVersion = MQTTVERSION_3_1_1;
	options.maxInflight = IN_FLIGHT;
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
	/* what else TLS needs is known by the socket, see adapter.c */
	ssl.enableServerCertAuth = 0;
	ssl.disableDefaultTrustStore = 1;
	if (open->tls)
		options.ssl = &ssl;
	options.onSuccess = on_opened;
	options.onFailure = on_failed;
	options.context = link;
	return MQTTAsync_connect(link->handle, &options);
}

static void run_connect(struct job *job)
{
	struct link *link = container_of(job, struct link, connect_job);
	int rc = MQTTASYNC_SUCCESS;

	if (!prepare_tls(link)) {
		fail(link, MQTTASYNC_FAILURE);
		return;
	}
	if (!link->handle)
		rc = create(link);
	if (rc == MQTTASYNC_SUCCESS)
		rc = connect_handle(link);
	if (rc == MQTTASYNC_BAD_UTF8_STRING)
		conn_fail(&link->conn, 0, "a string is not UTF-8");
	if (rc != MQTTASYNC_SUCCESS)
		fail(link, rc);
}

/* paho answers PUBREC whether it knows of the message or not. */
static void run_release(struct job *job)
{
	struct link *link = container_of(job, struct link, release_job);

	pthread_mutex_lock(&link->conn.io);
	door_release(&link->conn.door, link->release, link->n_release);
	pthread_mutex_unlock(&link->conn.io);
	glue_wake();
}

static void run_close(struct job *job)
{
	struct link *link = container_of(job, struct link, close_job);
	MQTTAsync_disconnectOptions options =
		MQTTAsync_disconnectOptions_initializer;

	options.onSuccess = on_closed;
	options.onFailure = on_close_failed;
	options.context = link;
	/*
	 * The send thread will close the socket: a packet that the receive
	 * thread has in its hands by then would never be freed.
	 */
	glue_pause();
	link->conn.deaf = true;
	glue_resume();
	if (MQTTAsync_disconnect(link->handle, &options) != MQTTASYNC_SUCCESS)
		mqtt_event(link->mqtt, &link->closed);
}

static void run_destroy(struct job *job)
{
	struct link *link = container_of(job, struct link, destroy_job);

	glue_pause();
	MQTTAsync_destroy(&link->handle);
	glue_resume();
	conn_remove(&link->conn);
	mqtt_event(link->mqtt, &link->gone);
}

static void event_init(struct link *link, struct event *event,
		       enum event_type type)
{
	event->link = link;
	event->type = type;
}

struct link *link_new(struct mqtt_client *client, struct mqtt *mqtt,
		      const struct mqtt_open *args, struct held *held)
{
	struct link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	if (!mqtt_args_copy(&link->args, args))
		goto free;
	link->session = session_get(mqtt, args);
	if (!link->session)
		goto free;
	link->client = client;
	link->mqtt = mqtt;
	TAILQ_INIT(&link->requests);
	TAILQ_INIT(&link->waiting);
	link->connect_job.run = run_connect;
	link->release_job.run = run_release;
	link->close_job.run = run_close;
	link->destroy_job.run = run_destroy;
	event_init(link, &link->opened, EVENT_OPENED);
	event_init(link, &link->failed, EVENT_FAILED);
	event_init(link, &link->lost, EVENT_LOST);
	event_init(link, &link->closed, EVENT_CLOSED);
	event_init(link, &link->room, EVENT_ROOM);
	event_init(link, &link->gone, EVENT_GONE);
	link->conn.on_room = on_room;
	link->conn.ping_ms = args->keepalive * 1000 / PING_LOOKS;
	if (args->keepalive && link->conn.ping_ms < PING_MIN_MS)
		link->conn.ping_ms = PING_MIN_MS;
	link->conn.held = held_get(held);
	link->conn.payload_max = args->payload_max ? args->payload_max :
						     PAYLOAD_MAX;
	conn_add(&link->conn);
	return link;
free:
	mqtt_args_free(&link->args);
	free(link);
	return NULL;
}

void link_connect(struct link *link)
{
	struct sockaddr_storage *to = &link->address[link->address_next++];

	conn_retry(&link->conn, (struct sockaddr *)to);
	mqtt_job(link->mqtt, &link->connect_job);
}

void link_forget_password(struct link *link)
{
	mqtt_args_forget_password(&link->args);
}

void link_release(struct link *link)
{
	struct session *session = link->session;

	if (!session->n_release)
		return;
	memcpy(link->release, session->release, sizeof(link->release));
	link->n_release = session->n_release;
	session->n_release = 0;
	mqtt_job(link->mqtt, &link->release_job);
}

void link_close(struct link *link)
{
	link->closing = true;
	mqtt_job(link->mqtt, &link->close_job);
}

void link_retire(struct link *link)
{
	session_unlink(link->session, link);
	link->client = NULL;
	mqtt_job(link->mqtt, &link->destroy_job);
}

void link_free(struct link *link)
{
	struct request *r;

	while ((r = TAILQ_FIRST(&link->requests)))
		request_free(r);
	session_note_unreleased(link->session, &link->conn.door);
	session_put(link->mqtt, link->session);
	tls_context_free(link->conn.tls_context);
	held_put(link->conn.held);
	mqtt_args_free(&link->args);
	free(link);
}

static void request_end(struct request *r, bool ok)
{
	r->ok = ok;
	mqtt_event(r->link->mqtt, &r->event);
}

static void request_refuse(struct request *r)
{
	r->unsent = true;
	request_end(r, false);
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

static void run_publish(struct job *job)
{
	struct request *r = container_of(job, struct request, job);
	MQTTAsync_responseOptions options = request_options(r);

	if (MQTTAsync_send(r->link->handle, r->data, r->len, r->payload,
			   r->qos, r->retain, &options) != MQTTASYNC_SUCCESS)
		request_refuse(r);
}

static void run_subscribe(struct job *job)
{
	struct request *r = container_of(job, struct request, job);
	MQTTAsync_responseOptions options = request_options(r);

	if (MQTTAsync_subscribe(r->link->handle, r->data, r->qos, &options) !=
	    MQTTASYNC_SUCCESS)
		request_refuse(r);
}

static void run_unsubscribe(struct job *job)
{
	struct request *r = container_of(job, struct request, job);
	MQTTAsync_responseOptions options = request_options(r);

	if (MQTTAsync_unsubscribe(r->link->handle, r->data, &options) !=
	    MQTTASYNC_SUCCESS)
		request_refuse(r);
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
	r->event.link = link;
	r->event.type = EVENT_DONE;
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
	if (request->unsent)
		link->given--;
	free(request);
}

static void give(struct request *r)
{
	TAILQ_REMOVE(&r->link->waiting, r, wait_entry);
	r->waits = false;
	r->link->given++;
	r->link->in_flight += r->in_window;
	mqtt_job(r->link->mqtt, &r->job);
}

bool link_go_on(struct link *link)
{
	struct request *r;

	while (!link->closing && (r = TAILQ_FIRST(&link->waiting))) {
		if (r->in_window && link->in_flight == IN_FLIGHT)
			return false;
		if (!conn_has_room(&link->conn, link->given))
			return true;
		give(r);
	}
	return false;
}

static void begin(struct request *r, void (*run)(struct job *job))
{
	r->job.run = run;
	r->waits = true;
	TAILQ_INSERT_TAIL(&r->link->waiting, r, wait_entry);
}

void request_publish(struct request *request)
{
	request->in_window = request->qos;
	begin(request, run_publish);
}

void request_subscribe(struct request *request)
{
	begin(request, run_subscribe);
}

void request_unsubscribe(struct request *request)
{
	begin(request, run_unsubscribe);
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
