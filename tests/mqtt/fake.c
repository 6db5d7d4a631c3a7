// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

#define CONNECT	0x10

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct fake *fake = handle->data;

	(void)size;
	buf->base = (char *)fake->got + fake->len;
	buf->len = sizeof(fake->got) - fake->len;
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct fake *fake = stream->data;

	(void)buf;
	if (n < 0) {
		fake_hang_up(fake);
		return;
	}
	if (fake->len == 0 && fake->got[0] == CONNECT && !fake->silent)
		FAKE_SAY(fake, 0x20, 2, fake->connack[0], fake->connack[1]);
	fake->len += n;
}

static void on_link(uv_stream_t *server, int status)
{
	struct fake *fake = server->data;

	if (status || fake->linked)
		return;
	uv_tcp_init(&loop, &fake->link);
	fake->link.data = fake;
	uv_accept(server, (uv_stream_t *)&fake->link);
	uv_tcp_nodelay(&fake->link, 1);
	fake->linked = true;
	fake->links++;
	fake->len = 0;
	uv_read_start((uv_stream_t *)&fake->link, on_alloc, on_read);
}

void fake_start(struct fake *fake)
{
	struct sockaddr_in a;

	memset(fake, 0, sizeof(*fake));
	fake->port = free_port();
	uv_ip4_addr("127.0.0.1", fake->port, &a);
	uv_tcp_init(&loop, &fake->server);
	fake->server.data = fake;
	assert_int_equal(uv_tcp_bind(&fake->server,
				     (struct sockaddr *)&a, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&fake->server, 8, on_link),
			 0);
}

static void on_link_closed(uv_handle_t *handle)
{
	struct fake *fake = handle->data;

	fake->linked = false;
}

void fake_hang_up(struct fake *fake)
{
	if (fake->linked && !uv_is_closing((uv_handle_t *)&fake->link))
		uv_close((uv_handle_t *)&fake->link, on_link_closed);
}

static void on_server_closed(uv_handle_t *handle)
{
	struct fake *fake = handle->data;

	fake->port = 0;
}

void fake_stop(struct fake *fake)
{
	fake_hang_up(fake);
	uv_close((uv_handle_t *)&fake->server, on_server_closed);
	ASSERT_WAIT(!fake->linked && !fake->port, 1000);
}

void fake_say(struct fake *fake, const void *bytes, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)bytes, len);

	assert_int_equal(uv_try_write((uv_stream_t *)&fake->link, &buf, 1),
			 len);
}

int fake_count(const struct fake *fake, const void *bytes, size_t len)
{
	const uint8_t *at = fake->got;
	const uint8_t *end = fake->got + fake->len;
	int n = 0;

	while ((at = memmem(at, end - at, bytes, len))) {
		at += len;
		n++;
	}
	return n;
}
