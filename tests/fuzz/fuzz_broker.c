// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for the MQTT client against any broker: daemon/mqtt with
 * paho, in the world of world.h.  The input is a script of steps: an octet
 * chooses what happens, the next ones say how.  The broker reads what the
 * client sends, so that it can answer rightly, or nearly so.
 *
 * Whatever comes, each request has exactly one end, a good one only if the
 * broker acknowledged it; a message is one that the broker sent; nothing is
 * left of paho or of the link in the end, and no memory is harmed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/mqtt.h"
#include "world.h"

#define REQUESTS	512
#define MESSAGES	1024
#define ANSWERS		64	/* packets kept that may be answered */
#define SAID		64	/* packets of the broker that are kept */
#define PAYLOAD_MAX	200
#define COUNTED_MAX	1024	/* bytes of a topic or a payload */
#define STEPS_MAX	40
#define CHUNKS		32

enum { CONNECT = 1, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP,
       SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP };

enum owner_state { CLOSED, OPENING, OPEN, CLOSING };

struct request {
	bool pending;
	uint8_t end;		/* type of the packet that is its good end */
	uint16_t id;		/* 0: not seen by the broker */
	bool ended;		/* the broker sent that */
};

/* Of the client's. */
struct packet {
	uint8_t first;
	uint16_t id;
};

static struct {
	const uint8_t *in;
	size_t in_len;

	struct mqtt_client *client;
	enum owner_state state;
	struct request requests[REQUESTS];
	unsigned int n_requests;
	struct mqtt_message *messages[MESSAGES];
	unsigned int n_messages;
	uint8_t whim;		/* what the owner does in callbacks */
	bool lazy;		/* nobody has a turn after a step */

	const struct wire *wire;	/* the broker reads this one */
	size_t read;			/* bytes of it */
	struct packet unanswered[ANSWERS];
	unsigned int n_unanswered;
	struct packet last;
	struct packet said[SAID];	/* by the broker, on this wire */
	unsigned int n_said;
	bool wild;		/* raw bytes were sent: anything may be */
} f;

static uint8_t next8(void)
{
	if (!f.in_len)
		return 0;
	f.in_len--;
	return *f.in++;
}

/*
 * The broker
 */

/* What was said before the request was seen may be its end all the same. */
static void look_for_end(struct request *r)
{
	unsigned int i;

	for (i = 0; i < f.n_said; i++)
		r->ended |= r->id && f.said[i].id == r->id &&
			    f.said[i].first >> 4 == r->end;
}

static void note_packet(uint8_t first, const uint8_t *p, size_t len)
{
	struct packet packet = { .first = first };
	unsigned int type = first >> 4;
	size_t topic_at = type == PUBLISH ? 2 : 4;
	bool has_token = type == PUBLISH || type == SUBSCRIBE ||
			 type == UNSUBSCRIBE;
	size_t id_at = type == PUBLISH ? 2u + (p[0] << 8 | p[1]) : 0;
	unsigned int token;

	if (type != CONNECT && type != PINGREQ && len >= id_at + 2 &&
	    (type != PUBLISH || first & 6))
		packet.id = (uint16_t)(p[id_at] << 8 | p[id_at + 1]);
	if (has_token) {
		token = (unsigned int)atoi((const char *)p + topic_at + 1);
		check(token < f.n_requests);
		f.requests[token].id = packet.id;
		look_for_end(&f.requests[token]);
	}
	if (f.n_unanswered < ANSWERS)
		f.unanswered[f.n_unanswered++] = packet;
}

/* A new connection: what the last one has not answered is forgotten. */
static void read_client(void)
{
	const uint8_t *p;
	size_t len, i, left;

	if (f.wire != world.wire) {
		f.wire = world.wire;
		f.read = 0;
		f.n_unanswered = 0;
		f.n_said = 0;
	}
	if (!f.wire)
		return;
	for (;;) {
		p = f.wire->tx + f.read;
		left = f.wire->tx_len - f.read;
		len = 0;
		for (i = 1; i < left && i < 5; i++) {
			len |= (size_t)(p[i] & 0x7f) << 7 * (i - 1);
			if (p[i] < 0x80)
				break;
		}
		if (i >= left || i + 1 + len > left)
			return;
		check(i < 5);
		note_packet(p[0], p + i + 1, len);
		f.read += i + 1 + len;
	}
}

static void put(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	unsigned int i;

	if (world.wire)
		wire_put(world.wire, bytes, len);
	if (len < 4)
		return;
	if (f.n_said == SAID) {
		f.wild = true;	/* nobody knows any more */
		return;
	}
	f.said[f.n_said++] = (struct packet){
		.first = p[0], .id = (uint16_t)(p[2] << 8 | p[3]) };
	for (i = 0; i < f.n_requests; i++)
		look_for_end(&f.requests[i]);
}

static size_t answer_to(const struct packet *packet, uint8_t how,
			uint8_t out[5])
{
	uint8_t type = 0;

	switch (packet->first >> 4) {
	case CONNECT:
		memcpy(out, "\x20\x02\0", 4);
		out[2] = how & 1;
		out[3] = how & 2 ? how >> 5 : 0;
		return 4;
	case PINGREQ:
		memcpy(out, "\xd0", 2);
		return 2;
	case PUBLISH:
		type = packet->first & 2 ? PUBACK : PUBREC;
		break;
	case PUBREC:
		type = PUBREL;
		break;
	case PUBREL:
		type = PUBCOMP;
		break;
	case SUBSCRIBE:
		type = SUBACK;
		break;
	case UNSUBSCRIBE:
		type = UNSUBACK;
		break;
	}
	if (!type || !packet->id)
		return 0;
	out[0] = (uint8_t)(type << 4 | (type == PUBREL ? 2 : 0));
	out[1] = type == SUBACK ? 3 : 2;
	out[2] = (uint8_t)(packet->id >> 8);
	out[3] = (uint8_t)packet->id;
	out[4] = how & 4 ? 0x80 : (how & 3) % 3;
	return 2u + out[1];
}

/* Rightly, in order; the next one that has an answer. */
static void answer(uint8_t how)
{
	uint8_t out[5];
	size_t len = 0;

	while (!len && f.n_unanswered) {
		f.last = f.unanswered[0];
		memmove(f.unanswered, f.unanswered + 1,
			--f.n_unanswered * sizeof(f.last));
		len = answer_to(&f.last, how, out);
	}
	if (len)
		put(out, len);
}

static void do_answer(void)
{
	answer(next8());
}

static void do_answer_all(void)
{
	while (f.n_unanswered)
		answer(0);
}

/* One of the client's packets, wrongly, or once more. */
static void do_wrong(void)
{
	uint8_t how = next8(), arg = next8();
	struct packet *packet = &f.last;
	uint8_t out[16] = { 0 };
	size_t len;

	if (how & 8 && f.n_unanswered)
		packet = &f.unanswered[(how >> 4) % f.n_unanswered];
	len = answer_to(packet, 0, out);
	if (!len)
		return;
	switch (how & 7) {
	case 0:
		out[0] = (uint8_t)(arg << 4 | (out[0] & 15));
		break;
	case 1:
		out[0] ^= arg & 15;
		break;
	case 2:
		out[3] ^= arg;
		break;
	case 3:
		out[len - 1] = arg;
		break;
	case 4:
		out[1] -= arg % len;
		len -= arg % len;
		break;
	case 5:
		out[1] += arg & 7;
		len += arg & 7;
		break;
	case 6:
		len = arg % len + 1;
		f.wild = true;	/* what follows is its rest */
		break;
	default:
		break;		/* rightly, but it stays unanswered */
	}
	put(out, len);
}

static size_t put_length(uint8_t *out, size_t length)
{
	size_t n = 0;

	do {
		out[n] = length & 0x7f;
		length >>= 7;
		if (length)
			out[n] |= 0x80;
		n++;
	} while (length);
	return n;
}

/* A payload counts up, so that a part of one tells itself. */
static const uint8_t *counting(uint8_t from)
{
	static uint8_t bytes[256 + COUNTED_MAX];
	size_t i;

	if (!bytes[1])
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)i;
	return bytes + from;
}

static void publish(uint8_t flags, uint16_t id, size_t topic, size_t payload)
{
	static uint8_t out[16 + 2 * COUNTED_MAX];
	size_t n;

	out[0] = (uint8_t)(PUBLISH << 4 | flags);
	n = 1 + put_length(out + 1,
			   2 + topic + (flags & 6 ? 2 : 0) + payload);
	out[n++] = (uint8_t)(topic >> 8);
	out[n++] = (uint8_t)topic;
	memset(out + n, 'a', topic);
	n += topic;
	if (flags & 6) {
		out[n++] = (uint8_t)(id >> 8);
		out[n++] = (uint8_t)id;
	}
	memcpy(out + n, counting((uint8_t)id), payload);
	put(out, n + payload);
}

static void do_publish(void)
{
	uint8_t how = next8(), id = next8();

	publish(how & 15, id, how & 16 ? next8() * 4u : 1,
		how & 32 ? next8() * 4u : how >> 6);
}

static void do_burst(void)
{
	uint8_t how = next8();
	unsigned int i;

	for (i = 0; i < 64; i++)
		publish(how & 6, (uint16_t)(1 + (how >> 4) * 64 + i), 1,
			how & 8 ? 100 : 1);
}

static void do_raw(void)
{
	size_t len = next8() & 63;

	len = len < f.in_len ? len : f.in_len;
	f.wild = true;
	if (world.wire)
		wire_put(world.wire, f.in, len);
	f.in += len;
	f.in_len -= len;
}

static void do_network(void)
{
	static const int ends[] = { 0, -1, ECONNRESET, ETIMEDOUT };
	uint8_t how = next8(), arg = next8();
	struct wire *w = world.wire;

	if (!w || w->reset)
		return;
	switch (how & 7) {
	case 0:
		w->rx_end = ends[arg & 3];
		break;
	case 1:
		wire_reset(w, arg & 1 ? ECONNRESET : ETIMEDOUT);
		break;
	case 2:
		if (w->tx_len)	/* one that took nothing yet is not full */
			w->tx_room = arg;
		break;
	case 3:
		w->tx_room = WIRE_SIZE;
		break;
	case 4:
		w->rx_chunk = arg;
		w->chunks = arg ? CHUNKS : 0;
		break;
	case 5:
		w->rx_limit = w->rx_at + arg;
		break;
	default:
		w->rx_limit = WIRE_SIZE;
		break;
	}
}

/*
 * The owner
 */

static void do_request(void);

static void abort_client(void)
{
	unsigned int i;

	mqtt_abort(f.client);
	for (i = 0; i < f.n_requests; i++)
		f.requests[i].pending = false;
	f.state = CLOSED;
}

static void close_client(void)
{
	if (!mqtt_close(f.client)) {
		check(f.state == OPEN);
		f.state = CLOSING;
	}
}

static void follow_whim(void)
{
	switch (f.whim & 7) {
	case 1:
		abort_client();
		break;
	case 2:
		close_client();
		break;
	case 3:
		do_request();
		break;
	default:
		break;
	}
}

static void check_no_request(void)
{
	unsigned int i;

	for (i = 0; i < f.n_requests; i++)
		check(!f.requests[i].pending);
}

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	check(f.state == OPENING && (!why || why->text[0]));
	f.state = why ? CLOSED : OPEN;
	follow_whim();
}

static void on_closed(void *ctx)
{
	(void)ctx;
	check(f.state == CLOSING);
	check_no_request();
	f.state = CLOSED;
	follow_whim();
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	check(f.state == OPEN && why->text[0]);
	check_no_request();
	f.state = CLOSED;
	follow_whim();
}

static void on_done(void *ctx, uint32_t token, bool ok)
{
	struct request *r = &f.requests[token];

	(void)ctx;
	read_client();
	check(token < f.n_requests && r->pending);
	check(!ok || !r->end || f.wild || r->ended);
	r->pending = false;
	follow_whim();
}

static void check_message(const struct mqtt_message *m)
{
	const uint8_t *p = m->payload;

	check(m->qos <= 2 && m->payload_len <= PAYLOAD_MAX);
	check(m->topic_len && m->topic_len <= MQTT_TOPIC_MAX);
	if (f.wild)
		return;
	check(m->topic[0] == 'a' &&
	      !memcmp(m->topic, m->topic + 1, m->topic_len - 1));
	check(!m->payload_len ||
	      !memcmp(p, counting(*p), m->payload_len));
}

static void on_message(void *ctx, struct mqtt_message *m)
{
	(void)ctx;
	check(f.state == OPEN);
	check_message(m);
	if (f.n_messages == MESSAGES)
		mqtt_message_drop(m);
	else if (f.whim & 8)
		mqtt_message_end(m);
	else
		f.messages[f.n_messages++] = m;
	follow_whim();
}

static const struct mqtt_callbacks callbacks = {
	.opened = on_opened,
	.closed = on_closed,
	.lost = on_lost,
	.done = on_done,
	.message = on_message,
};

static void open_client(uint8_t how)
{
	struct mqtt_open open = {
		.host = "192.0.2.1",
		.port = 1883,
		.client_id = how & 1 ? "c" : "d",
		.user = how & 2 ? "u" : NULL,
		.password = how & 2 ? "p" : NULL,
		.clean = how & 4,
		.keepalive = how & 8 ? 10 : 0,
		.timeout_ms = 5000,
		.payload_max = PAYLOAD_MAX,
		.will_topic = how & 16 ? "w" : NULL,
		.will_payload = "gone",
		.will_len = how & 16 ? 4 : 0,
	};

	world.connect_errno = how >= 0xf0 ? ECONNREFUSED : 0;
	if (!mqtt_open(f.client, &open)) {
		check(f.state == CLOSED);
		f.state = OPENING;
	}
}

static void do_open(void)
{
	open_client(next8());
}

/*
 * No empty payload: paho leaks that block when the connection breaks while it
 * writes the packet.
 */
static int request(uint8_t how, uint32_t token)
{
	static const uint8_t ends[] = { 0, PUBACK, PUBCOMP };
	static const char payload[256];
	struct request *r = &f.requests[token];
	uint8_t qos = (how >> 2) % 3;
	char topic[16];

	snprintf(topic, sizeof(topic), "t%u/", token);
	switch (how & 3) {
	case 0:
		r->end = SUBACK;
		return mqtt_subscribe(f.client, token, topic, qos);
	case 1:
		r->end = UNSUBACK;
		return mqtt_unsubscribe(f.client, token, topic);
	default:
		r->end = ends[qos];
		return mqtt_publish(f.client, token, topic, qos, how & 64,
				    payload, 1 + (how >> 4));
	}
}

static void do_request(void)
{
	uint8_t how = next8();
	uint32_t token = f.n_requests;

	if (token == REQUESTS)
		return;
	f.n_requests++;
	f.requests[token].pending = true;
	if (request(how, token))
		f.requests[token].pending = false;
	else
		check(f.state == OPEN);
}

/* No done() comes of it. */
static void do_cancel(void)
{
	unsigned int token = next8();

	if (token >= f.n_requests || !f.requests[token].pending)
		return;
	f.requests[token].pending = false;
	mqtt_cancel(f.client, token);
}

static void do_end(void)
{
	uint8_t how = next8();
	unsigned int i = how >> 1;

	if (i >= f.n_messages)
		return;
	if (how & 1)
		mqtt_message_end(f.messages[i]);
	else
		mqtt_message_drop(f.messages[i]);
	f.messages[i] = f.messages[--f.n_messages];
}

static void end_all(void)
{
	while (f.n_messages)
		mqtt_message_end(f.messages[--f.n_messages]);
}

static void do_close(void)
{
	uint8_t how = next8();

	if (how & 1)
		close_client();
	else if (how & 2)
		abort_client();
	else if (how & 4)
		end_all();
	else
		f.whim = how >> 4;
}

/* Who has a turn, in this order; or what comes piles up. */
static void do_turns(void)
{
	static void (*const turns[])(void) = { world_dial, world_io,
					       world_loop, world_io };
	uint8_t how = next8();
	int i;

	f.lazy = how >> 7;
	for (i = 0; i < 6; i += 2)
		turns[how >> i & 3]();
}

static void do_sleep(void)
{
	world_sleep(next8() * UINT64_C(100));
}

static void (*const steps[])(void) = {
	do_answer,  do_answer, do_request, do_request,
	do_publish, do_wrong,  do_network, do_end,
	do_turns,   do_sleep,  do_close,   do_answer_all,
	do_raw,	    do_burst,  do_open,	   do_cancel,
};

static void step(void)
{
	uint8_t what = next8();

	steps[what & 15]();
	if (!f.lazy)
		world_run();
	read_client();
}

/* Opened and, mostly, accepted. */
static void begin(uint8_t how)
{
	open_client(how);
	world_run();
	read_client();
	if (how & 64)
		return;
	answer(how >> 2);
	world_run();
}

/* The world looks for leaks; libFuzzer's way would take most of the time. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char **args = calloc((size_t)*argc + 2, sizeof(*args));

	check(args);
	memcpy(args, *argv, (size_t)*argc * sizeof(*args));
	args[(*argc)++] = "-detect_leaks=0";
	*argv = args;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int i;

	memset(&f, 0, sizeof(f));
	f.in = data;
	f.in_len = size;
	world_begin();
	f.client = mqtt_client_new(&world.mqtt, &callbacks, NULL);
	begin(next8());
	for (i = 0; i < STEPS_MAX && f.in_len; i++)
		step();
	f.state = CLOSED;
	mqtt_client_free(f.client);
	end_all();
	world_end();
	return 0;
}
