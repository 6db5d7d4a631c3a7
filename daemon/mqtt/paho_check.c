// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqtt/paho_check.h"

#include <stdbool.h>
#include <string.h>

#include <MQTTAsync.h>

#include "daemon/mqtt/paho_os.h"

#define OUT_MAX		64
#define ID		0x1234

static struct {
	struct paho_socket socket;
	MQTTAsync handle;
	unsigned char out[OUT_MAX];	/* what it wrote last */
	size_t out_len;
	bool opened, sent, ended;
	bool closed;			/* the socket */
} check;

static void on_written(struct paho_socket *socket, const struct iovec *iov,
		       int count)
{
	(void)socket;
	check.out_len = 0;
	for (; count; iov++, count--) {
		if (!iov->iov_len)
			continue;
		if (iov->iov_len > OUT_MAX - check.out_len)
			return;
		memcpy(check.out + check.out_len, iov->iov_base, iov->iov_len);
		check.out_len += iov->iov_len;
	}
}

static void on_closed(struct paho_socket *socket)
{
	(void)socket;
	check.closed = true;
}

static void on_success(void *ctx, MQTTAsync_successData *data)
{
	(void)data;
	*(bool *)ctx = true;
}

static bool has_written(const void *bytes, size_t len)
{
	return check.out_len >= len && !memcmp(check.out, bytes, len);
}

/* ---- steps ---- */

static bool can_be_made(void)
{
	char uri[PAHO_URI_MAX];

	paho_uri(&check.socket, uri);
	return MQTTAsync_create(&check.handle, uri, "check",
				MQTTCLIENT_PERSISTENCE_NONE, NULL) ==
	       MQTTASYNC_SUCCESS;
}

static bool connects(void)
{
	static const unsigned char packet[] = { 0x10 };
	MQTTAsync_connectOptions options =
		MQTTAsync_connectOptions_initializer;

	options.MQTTVersion = MQTTVERSION_3_1_1;
	options.onSuccess = on_success;
	options.context = &check.opened;
	return MQTTAsync_connect(check.handle, &options) ==
		       MQTTASYNC_SUCCESS &&
	       (paho_run(), has_written(packet, sizeof(packet)));
}

static bool takes_connack(void)
{
	static const unsigned char packet[] = { 0x20, 2, 0, 0 };

	paho_give(&check.socket, packet, sizeof(packet));
	return check.opened;
}

static bool publishes(void)
{
	static const unsigned char packet[] = { 0x32,	 6,	    0, 1, 't',
						ID >> 8, ID & 0xff, 'p' };
	MQTTAsync_responseOptions options =
		MQTTAsync_responseOptions_initializer;

	options.onSuccess = on_success;
	options.context = &check.sent;
	paho_next_id(ID);
	return MQTTAsync_send(check.handle, "t", 1, "p", 1, 0, &options) ==
		       MQTTASYNC_SUCCESS &&
	       (paho_run(), has_written(packet, sizeof(packet))) &&
	       !check.sent;
}

static bool takes_puback(void)
{
	static const unsigned char packet[] = { 0x40, 2, ID >> 8, ID & 0xff };

	paho_give(&check.socket, packet, sizeof(packet));
	return check.sent;
}

static bool disconnects(void)
{
	static const unsigned char packet[] = { 0xe0, 0 };
	MQTTAsync_disconnectOptions options =
		MQTTAsync_disconnectOptions_initializer;

	options.onSuccess = on_success;
	options.context = &check.ended;
	return MQTTAsync_disconnect(check.handle, &options) ==
		       MQTTASYNC_SUCCESS &&
	       (paho_run(), has_written(packet, sizeof(packet))) &&
	       check.ended && check.closed;
}

const char *paho_check(void)
{
	static const struct {
		bool (*works)(void);
		const char *otherwise;
	} steps[] = {
		{ can_be_made, "cannot make a client" },
		{ connects, "writes no CONNECT" },
		{ takes_connack, "does not take a CONNACK" },
		{ publishes, "does not write a PUBLISH as it was told" },
		{ takes_puback, "does not take a PUBACK" },
		{ disconnects, "does not disconnect" },
	};
	size_t n = sizeof(steps) / sizeof(steps[0]);
	size_t i = 0;

	memset(&check, 0, sizeof(check));
	check.socket.written = on_written;
	check.socket.closed = on_closed;
	paho_socket_add(&check.socket);
	while (i < n && steps[i].works())
		i++;
	MQTTAsync_destroy(&check.handle);
	paho_run();
	paho_socket_remove(&check.socket);
	return i < n ? steps[i].otherwise : NULL;
}
