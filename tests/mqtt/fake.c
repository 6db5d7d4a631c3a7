// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

/* A packet: its first byte, and what is behind the length. */
struct packet {
	const uint8_t *start, *body;
	size_t len;			/* of all */
};

/* False: it is not whole yet. */
static bool take_packet(const uint8_t *p, size_t len, struct packet *packet)
{
	size_t head = 1, size = 0;
	unsigned int shift = 0;

	do {
		if (head == len)
			return false;
		size |= (size_t)(p[head] & 0x7f) << shift;
		shift += 7;
	} while (p[head++] & 0x80);
	*packet = (struct packet){ p, p + head, head + size };
	return packet->len <= len;
}

static uint8_t type_of(const struct packet *packet)
{
	return packet->start[0] >> 4;
}

static uint8_t qos_of(const struct packet *packet)
{
	return packet->start[0] >> 1 & 3;
}

static const uint8_t *id_in(const struct packet *packet)
{
	const uint8_t *p = packet->body;

	return type_of(packet) == PUBLISH ? p + 2 + (p[0] << 8 | p[1]) : p;
}

static void answer(struct fake *fake, const struct packet *packet)
{
	const uint8_t *id = id_in(packet);

	switch (type_of(packet)) {
	case PUBLISH:
		if (qos_of(packet))
			FAKE_SAY(fake, qos_of(packet) == 1 ? 0x40 : 0x50, 2,
				 id[0], id[1]);
		break;
	case PUBREC:
		FAKE_SAY(fake, 0x62, 2, id[0], id[1]);
		break;
	case PUBREL:
		FAKE_SAY(fake, 0x70, 2, id[0], id[1]);
		break;
	case SUBSCRIBE:
		FAKE_SAY(fake, 0x90, 3, id[0], id[1],
			 packet->start[packet->len - 1]);
		break;
	case UNSUBSCRIBE:
		FAKE_SAY(fake, 0xb0, 2, id[0], id[1]);
		break;
	case PINGREQ:
		FAKE_SAY(fake, 0xd0, 0);
		break;
	}
}

static void look(struct fake *fake)
{
	struct packet packet;

	while (fake->seen < fake->len &&
	       take_packet(fake->got + fake->seen, fake->len - fake->seen,
			   &packet)) {
		fake->seen += packet.len;
		fake->came[type_of(&packet)]++;
		if (fake->serves)
			answer(fake, &packet);
	}
	if (!fake->forgets)
		return;
	fake->len -= fake->seen;
	memmove(fake->got, fake->got + fake->seen, fake->len);
	fake->seen = 0;
}

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
	if (fake->len == 0 && fake->got[0] == CONNECT << 4 && !fake->silent)
		FAKE_SAY(fake, 0x20, 2, fake->connack[0], fake->connack[1]);
	fake->len += n;
	if (fake->serves || fake->forgets)
		look(fake);
}

static void take_link(struct fake *fake)
{
	uv_tcp_init(&loop, &fake->link);
	fake->link.data = fake;
	uv_accept((uv_stream_t *)&fake->server, (uv_stream_t *)&fake->link);
	uv_tcp_nodelay(&fake->link, 1);
	fake->linked = true;
	fake->links++;
	fake->len = fake->seen = 0;
	uv_read_start((uv_stream_t *)&fake->link, on_alloc, on_read);
}

/* A quick client is back before its last link has been closed here. */
static void on_link(uv_stream_t *server, int status)
{
	struct fake *fake = server->data;

	if (status)
		return;
	fake->next = fake->linked;
	if (!fake->next)
		take_link(fake);
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
	if (!fake->next || uv_is_closing((uv_handle_t *)&fake->server))
		return;
	fake->next = false;
	take_link(fake);
}

void fake_hang_up(struct fake *fake)
{
	if (fake->linked && !uv_is_closing((uv_handle_t *)&fake->link))
		uv_close((uv_handle_t *)&fake->link, on_link_closed);
}

/* A filter that takes no packet: the peer hears nothing of its own. */
void fake_vanish(struct fake *fake)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &nothing };
	int fd;

	assert_int_equal(uv_fileno((uv_handle_t *)&fake->link, &fd), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER,
				    &program, sizeof(program)),
			 0);
}

void fake_reads(struct fake *fake, bool reads)
{
	if (reads)
		uv_read_start((uv_stream_t *)&fake->link, on_alloc, on_read);
	else
		uv_read_stop((uv_stream_t *)&fake->link);
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

static int find(const struct fake *fake, uint8_t type, uint16_t *id)
{
	struct packet packet;
	size_t at;
	int n = 0;

	for (at = 0; at < fake->len &&
		     take_packet(fake->got + at, fake->len - at, &packet);
	     at += packet.len) {
		if (type_of(&packet) != type)
			continue;
		*id = id_in(&packet)[0] << 8 | id_in(&packet)[1];
		n++;
	}
	return n;
}

uint16_t fake_id(const struct fake *fake, uint8_t type)
{
	uint16_t id = 0;

	find(fake, type, &id);
	return id;
}

int fake_packets(const struct fake *fake, uint8_t type)
{
	uint16_t id;

	return find(fake, type, &id);
}

void fake_say_all(struct fake *fake, const uint8_t *bytes, size_t len)
{
	uint64_t end = now_ms() + 20000;
	uv_buf_t buf;
	int n;

	while (len) {
		buf = uv_buf_init((char *)bytes, len);
		n = uv_try_write((uv_stream_t *)&fake->link, &buf, 1);
		if (n == UV_EAGAIN) {
			run_once();
			assert_true(now_ms() < end);
			continue;
		}
		assert_true(n > 0);
		bytes += n;
		len -= n;
	}
}

static size_t put_length(uint8_t *out, size_t size)
{
	size_t n = 0;

	do {
		out[n] = size & 0x7f;
		size >>= 7;
		if (size)
			out[n] |= 0x80;
		n++;
	} while (size);
	return n;
}

size_t fake_publish(uint8_t *out, int qos, const char *topic,
		    size_t topic_len, uint16_t id, size_t payload_len)
{
	size_t n = 1;

	out[0] = 0x30 | qos << 1;
	n += put_length(out + n, 2 + topic_len + (qos ? 2 : 0) +
					  payload_len);
	out[n++] = topic_len >> 8;
	out[n++] = topic_len;
	memcpy(out + n, topic, topic_len);
	n += topic_len;
	if (qos) {
		out[n++] = id >> 8;
		out[n++] = id;
	}
	return n;
}
