// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is said of a paho that does not do what it is called for.  paho is a
 * fake here, which leaves one thing out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include <MQTTAsync.h>

#include "daemon/mqtt/paho_check.h"
#include "daemon/mqtt/paho_os.h"

enum lacks {
	NOTHING,
	CREATE,
	CONNECT,
	CONNACK,
	PUBLISH,
	ID,
	PUBACK,
	DISCONNECT,
	CLOSE,
};

static struct {
	enum lacks lacks;
	struct paho_socket *socket;
	MQTTAsync_onSuccess *on_success;
	void *ctx;
	uint16_t id;
	int destroyed;
	char whole;
} fake;

/* ---- paho ---- */

static void write_packet(enum lacks what, const void *bytes, size_t len)
{
	const struct iovec pieces[] = { { (void *)bytes, len }, { NULL, 0 } };

	if (fake.lacks != what)
		fake.socket->written(fake.socket, pieces, 2);
}

int MQTTAsync_create(MQTTAsync *handle, const char *uri, const char *id,
		     int type, void *ctx)
{
	(void)uri;
	(void)id;
	(void)type;
	(void)ctx;
	*handle = &fake.whole;
	return fake.lacks == CREATE ? MQTTASYNC_FAILURE : MQTTASYNC_SUCCESS;
}

int MQTTAsync_connect(MQTTAsync handle, const MQTTAsync_connectOptions *options)
{
	(void)handle;
	fake.on_success = options->onSuccess;
	fake.ctx = options->context;
	write_packet(CONNECT, "\x10\x0c", 2);
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_send(MQTTAsync handle, const char *topic, int len,
		   const void *payload, int qos, int retained,
		   MQTTAsync_responseOptions *options)
{
	uint8_t packet[] = { 0x32, 6, 0, 1, 't', 0, 0, 'p' };

	(void)handle;
	(void)topic;
	(void)len;
	(void)payload;
	(void)qos;
	(void)retained;
	fake.on_success = options->onSuccess;
	fake.ctx = options->context;
	packet[5] = fake.lacks == ID ? 0 : fake.id >> 8;
	packet[6] = (uint8_t)fake.id;
	write_packet(PUBLISH, packet, sizeof(packet));
	return MQTTASYNC_SUCCESS;
}

int MQTTAsync_disconnect(MQTTAsync handle,
			 const MQTTAsync_disconnectOptions *options)
{
	(void)handle;
	write_packet(DISCONNECT, "\xe0", 2);
	if (fake.lacks != CLOSE)
		fake.socket->closed(fake.socket);
	options->onSuccess(options->context, NULL);
	return MQTTASYNC_SUCCESS;
}

void MQTTAsync_destroy(MQTTAsync *handle)
{
	(void)handle;
	fake.destroyed++;
}

void paho_give(struct paho_socket *s, const void *packet, size_t len)
{
	const uint8_t *p = packet;

	(void)s;
	(void)len;
	if (fake.lacks != (p[0] == 0x20 ? CONNACK : PUBACK))
		fake.on_success(fake.ctx, NULL);
}

void paho_socket_add(struct paho_socket *s)
{
	fake.socket = s;
}

void paho_socket_remove(struct paho_socket *s)
{
	assert_ptr_equal(s, fake.socket);
}

void paho_uri(const struct paho_socket *s, char uri[PAHO_URI_MAX])
{
	(void)s;
	uri[0] = '\0';
}

void paho_next_id(uint16_t id)
{
	fake.id = id;
}

void paho_run(void)
{
}

/* ---- tests ---- */

static const struct row {
	enum lacks lacks;
	const char *says;
} rows[] = {
	{ CREATE, "cannot make a client" },
	{ CONNECT, "writes no CONNECT" },
	{ CONNACK, "does not take a CONNACK" },
	{ PUBLISH, "does not write a PUBLISH as it was told" },
	{ ID, "does not write a PUBLISH as it was told" },
	{ PUBACK, "does not take a PUBACK" },
	{ DISCONNECT, "does not disconnect" },
	{ CLOSE, "does not disconnect" },
};

static void whatever_is_lacking_is_said(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&fake, 0, sizeof(fake));
		fake.lacks = rows[i].lacks;
		assert_string_equal(paho_check(), rows[i].says);
		assert_int_equal(fake.destroyed, 1);
	}
}

static void nothing_is_said_of_a_good_one(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	assert_null(paho_check());
	assert_int_equal(fake.destroyed, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_lacking_is_said),
		cmocka_unit_test(nothing_is_said_of_a_good_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
