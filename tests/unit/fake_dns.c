// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "unit/fake_dns.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER		12	/* RFC 1035, 4.1.1 */
#define TYPE_A		1
#define TYPE_AAAA	28
#define PACKET_MAX	512
#define ASKED_MAX	64
#define NAME_MAX_LEN	256
#define REPLIES		64

/* Not allocated: tests let that fail. */
struct reply {
	bool used;
	uv_timer_t timer;
	struct sockaddr_in to;
	uint8_t packet[PACKET_MAX];
	size_t len;
};

static struct {
	uv_loop_t *loop;
	uv_poll_t poll;
	int fd;
	char servers[32];
	const struct fake_name *names;
	char asked[ASKED_MAX][NAME_MAX_LEN];
	unsigned int n_asked;
	struct reply replies[REPLIES];
} dns;

static void put16(struct reply *r, unsigned int value)
{
	r->packet[r->len++] = value >> 8;
	r->packet[r->len++] = value & 0xff;
}

static void put_record(struct reply *r, unsigned int type, const char *text)
{
	int family = type == TYPE_A ? AF_INET : AF_INET6;
	size_t size = type == TYPE_A ? 4 : 16;

	put16(r, 0xc000 | HEADER);	/* the question's name */
	put16(r, type);
	put16(r, 1);
	put16(r, 0);
	put16(r, 60);			/* time to live */
	put16(r, size);
	inet_pton(family, text, &r->packet[r->len]);
	r->len += size;
}

/* Labels with dots between; where the type is */
static size_t take_name(const uint8_t *packet, size_t len, char *name)
{
	size_t at = HEADER, out = 0;

	while (at < len && packet[at]) {
		size_t n = packet[at++];

		if (out)
			name[out++] = '.';
		memcpy(&name[out], &packet[at], n);
		out += n;
		at += n;
	}
	name[out] = '\0';
	return at + 1;
}

static const struct fake_name *find(const char *name)
{
	const struct fake_name *n;

	for (n = dns.names; n->name; n++)
		if (!strcasecmp(n->name, name))
			break;
	return n;
}

static void on_closed(uv_handle_t *handle)
{
	((struct reply *)handle->data)->used = false;
}

static void on_due(uv_timer_t *timer)
{
	struct reply *r = timer->data;

	sendto(dns.fd, r->packet, r->len, 0, (struct sockaddr *)&r->to,
	       sizeof(r->to));
	uv_close((uv_handle_t *)timer, on_closed);
}

static void answer(struct reply *r)
{
	char name[NAME_MAX_LEN];
	size_t at = take_name(r->packet, r->len, name);
	unsigned int type = r->packet[at] << 8 | r->packet[at + 1];
	const struct fake_name *n = find(name);
	const char *const *list = type == TYPE_A ? n->a : n->aaaa;

	if (dns.n_asked < ASKED_MAX)
		strcpy(dns.asked[dns.n_asked++], name);
	if (list == FAKE_DNS_MUTE) {
		r->used = false;
		return;
	}
	r->len = at + 4;
	r->packet[2] = 0x81;		/* a response, recursion desired */
	r->packet[3] = 0x80 | n->rcode;
	memset(&r->packet[6], 0, 6);
	for (; list && *list; list++, r->packet[7]++)
		put_record(r, type, *list);
	uv_timer_init(dns.loop, &r->timer);
	r->timer.data = r;
	uv_timer_start(&r->timer, on_due, n->delay_ms, 0);
}

static void on_question(uv_poll_t *poll, int status, int events)
{
	struct reply *r = dns.replies;
	socklen_t size = sizeof(r->to);
	ssize_t n;

	(void)poll;
	(void)status;
	(void)events;
	while (r->used)
		r++;
	r->used = true;
	n = recvfrom(dns.fd, r->packet, sizeof(r->packet), 0,
		     (struct sockaddr *)&r->to, &size);
	r->len = n > 0 ? n : 0;
	if (r->len > HEADER)
		answer(r);
	else
		r->used = false;
}

void fake_dns_start(uv_loop_t *loop, const struct fake_name *names)
{
	struct sockaddr_in a = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	socklen_t size = sizeof(a);

	memset(&dns, 0, sizeof(dns));
	dns.loop = loop;
	dns.names = names;
	dns.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(dns.fd, (struct sockaddr *)&a, size) ||
	    getsockname(dns.fd, (struct sockaddr *)&a, &size))
		abort();
	snprintf(dns.servers, sizeof(dns.servers), "127.0.0.1:%u",
		 ntohs(a.sin_port));
	uv_poll_init(loop, &dns.poll, dns.fd);
	uv_poll_start(&dns.poll, UV_READABLE, on_question);
}

void fake_dns_stop(void)
{
	uv_close((uv_handle_t *)&dns.poll, NULL);
	close(dns.fd);
}

const char *fake_dns_servers(void)
{
	return dns.servers;
}

unsigned int fake_dns_asked(const char *name)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < dns.n_asked; i++)
		n += !strcasecmp(dns.asked[i], name);
	return n;
}
