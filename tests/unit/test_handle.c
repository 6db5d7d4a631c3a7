// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a link does with paho's handle when paho fails to make one.  paho and
 * the connection are fakes here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "daemon/mqtt/link.h"

static struct {
	int create_rc;
	unsigned int connects;
	unsigned int destroyed;		/* handles */
	enum event_type last;
} fake;

/* ---- paho ---- */

static char half_made, whole;

int MQTTAsync_createWithOptions(MQTTAsync *handle, const char *uri,
				const char *id, int type, void *ctx,
				MQTTAsync_createOptions *options)
{
	(void)uri;
	(void)id;
	(void)type;
	(void)ctx;
	(void)options;
	*handle = fake.create_rc ? &half_made : &whole;
	return fake.create_rc;
}

int MQTTAsync_setCallbacks(MQTTAsync handle, void *ctx,
			   MQTTAsync_connectionLost *lost,
			   MQTTAsync_messageArrived *arrived,
			   MQTTAsync_deliveryComplete *delivered)
{
	(void)ctx;
	(void)lost;
	(void)arrived;
	(void)delivered;
	assert_ptr_equal(handle, &whole);
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions *options)
{
	(void)options;
	assert_ptr_equal(handle, &whole);
	fake.connects++;
	return MQTTASYNC_SUCCESS;
}

/* NULL is nothing to destroy, for paho, too. */
void MQTTAsync_destroy(MQTTAsync *handle)
{
	assert_ptr_not_equal(*handle, &half_made);
	fake.destroyed += *handle != NULL;
	*handle = NULL;
}

int MQTTAsync_disconnect(MQTTAsync handle,
			 const MQTTAsync_disconnectOptions *options)
{
	(void)handle;
	(void)options;
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_send(MQTTAsync handle, const char *topic, int len,
		   const void *payload, int qos, int retained,
		   MQTTAsync_responseOptions *options)
{
	(void)handle;
	(void)topic;
	(void)len;
	(void)payload;
	(void)qos;
	(void)retained;
	(void)options;
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_subscribe(MQTTAsync handle, const char *topic, int qos,
			MQTTAsync_responseOptions *options)
{
	(void)handle;
	(void)topic;
	(void)qos;
	(void)options;
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_unsubscribe(MQTTAsync handle, const char *topic,
			  MQTTAsync_responseOptions *options)
{
	(void)handle;
	(void)topic;
	(void)options;
	return MQTTASYNC_SUCCESS;
}

void paho_next_id(uint16_t id)
{
	(void)id;
}

void paho_socket_add(struct paho_socket *s)
{
	(void)s;
}

void paho_socket_remove(struct paho_socket *s)
{
	(void)s;
}

void paho_uri(const struct paho_socket *s, char uri[PAHO_URI_MAX])
{
	(void)s;
	uri[0] = '\0';
}

void paho_end(struct paho_socket *s)
{
	(void)s;
}

void paho_run(void)
{
}

/* ---- the connection ---- */

static struct stream_args stream;
static struct door door;

struct stream *stream_new(const struct stream_args *args)
{
	stream = *args;
	return (struct stream *)&stream;
}

void stream_free(struct stream *s)
{
	(void)s;
	stream.gone(stream.ctx);
}

struct door *stream_door(struct stream *s)
{
	(void)s;
	return &door;
}

void stream_write(struct stream *s, const struct iovec *iov, int count)
{
	(void)s;
	(void)iov;
	(void)count;
}

void stream_close(struct stream *s)
{
	(void)s;
}

void stream_pause(struct stream *s, bool pause)
{
	(void)s;
	(void)pause;
}

bool stream_has_more(struct stream *s)
{
	(void)s;
	return false;
}

bool stream_has_room(struct stream *s)
{
	(void)s;
	return true;
}

void stream_fail(struct stream *s, const char *why)
{
	(void)s;
	(void)why;
}

/* ---- what is around a link ---- */

void mqtt_event(struct mqtt *mqtt, struct event *event)
{
	(void)mqtt;
	fake.last = event->type;
}

static struct session session;

struct session *session_get(struct mqtt *mqtt, const struct mqtt_open *args)
{
	(void)mqtt;
	(void)args;
	return &session;
}

void session_put(struct mqtt *mqtt, struct session *s)
{
	(void)mqtt;
	(void)s;
}

void session_unlink(struct session *s, struct link *link)
{
	(void)s;
	(void)link;
}

void session_note_unreleased(struct session *s, const struct door *door)
{
	(void)s;
	(void)door;
}

ssize_t inbound_read(struct link *link)
{
	(void)link;
	return 0;
}

void inbound_free(struct inbound *in)
{
	assert_null(in);
}

void mqtt_put(struct mqtt *mqtt)
{
	(void)mqtt;
}

/* ---- the tests ---- */

static struct held *held;
static struct mqtt mqtt;

static int start(void **state)
{
	const struct mqtt_open open = { .host = "127.0.0.1", .port = 1883,
					.client_id = "c", .keepalive = 60 };

	fake.create_rc = MQTTASYNC_SUCCESS;
	fake.connects = 0;
	fake.destroyed = 0;
	held = held_new();
	*state = held ? link_new(NULL, &mqtt, &open, held) : NULL;
	return *state ? 0 : -1;
}

static int stop(void **state)
{
	link_free(*state);
	held_put(held);
	return 0;
}

static void a_handle_is_made_connected_and_destroyed(void **state)
{
	stream.opened(*state);
	assert_int_equal(fake.connects, 1);
	link_retire(*state);
	assert_int_equal(fake.destroyed, 1);
	assert_int_equal(fake.last, EVENT_GONE);
}

static void a_half_made_handle_is_not_destroyed(void **state)
{
	fake.create_rc = MQTTASYNC_FAILURE;
	stream.opened(*state);
	assert_int_equal(fake.last, EVENT_FAILED);
	assert_int_equal(fake.connects, 0);
	link_retire(*state);
	assert_int_equal(fake.destroyed, 0);
	assert_int_equal(fake.last, EVENT_GONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_handle_is_made_connected_and_destroyed),
		TEST(a_half_made_handle_is_not_destroyed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
