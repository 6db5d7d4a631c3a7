// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for the MQTT-SN client.  The input is a script of steps:
 * an octet chooses what happens, the next ones say how.  The gateway is the
 * input, too; as no fuzzer guesses MsgIds, one step acknowledges what the
 * client sent last.  Whatever happens, each request has exactly one end, the
 * owner is told what fits the state, and nothing is sent after an end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mqttsn/client.h"

#define REQUESTS	4096
#define MESSAGES	256
#define SENT_MAX	64	/* octets kept of what was sent last */

/* What the input has left. */
struct input {
	const uint8_t *p;
	size_t len;
};

enum owner_state { CLOSED, OPENING, OPEN, CLOSING };

static struct {
	struct input in;
	struct mqttsn_client *client;
	uint64_t now;
	uint64_t wake;
	bool started;		/* between start() and stop() */
	unsigned int addresses;
	bool mute;		/* send() fails */
	uint8_t sent[SENT_MAX];
	size_t sent_len;

	enum owner_state state;
	bool pending[REQUESTS];
	unsigned int n_requests;
	struct mqttsn_message *messages[MESSAGES];
	unsigned int n_messages;
	bool told;		/* a callback ran */
	uint8_t whim;		/* what the owner does in callbacks */
} f;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static uint8_t next8(void)
{
	if (!f.in.len)
		return 0;
	f.in.len--;
	return *f.in.p++;
}

static struct input next_bytes(size_t len)
{
	struct input bytes = f.in;

	bytes.len = len < f.in.len ? len : f.in.len;
	f.in.p += bytes.len;
	f.in.len -= bytes.len;
	return bytes;
}

/*
 * The surroundings
 */

static uint64_t fake_now(void *env)
{
	(void)env;
	return f.now;
}

static uint16_t fake_random(void *env)
{
	(void)env;
	return 0xfff0;
}

static int fake_start(void *env, const struct mqtt_open *args)
{
	(void)env;
	(void)args;
	check(!f.started);
	f.started = true;
	return 0;
}

static bool fake_next(void *env)
{
	(void)env;
	check(f.started);
	return f.addresses && f.addresses--;
}

/* Only what is well-formed goes out, and only on a way that is there. */
static int fake_send(void *env, const void *buf, size_t len)
{
	struct sn_message m;

	(void)env;
	check(f.started);
	check(sn_decode(&m, buf, len));
	f.sent_len = len < SENT_MAX ? len : SENT_MAX;
	memcpy(f.sent, buf, f.sent_len);
	return f.mute ? -1 : 0;
}

static const char *fake_silence(void *env)
{
	(void)env;
	return "not found yet";
}

static void fake_stop(void *env)
{
	(void)env;
	f.started = false;
}

static void fake_keep(void *env, const struct sn_kept *kept)
{
	(void)env;
	check(!kept->text || strlen(kept->text) == kept->len);
}

/* A file may be damaged. */
static char *fake_recall(void *env, const char *session)
{
	size_t len = next8(), i, n = strlen(session);
	char *text = malloc(n + 1 + len + 1);

	(void)env;
	memcpy(text, session, n);
	text[n] = '\n';
	for (i = 0; i < len; i++)
		text[n + 1 + i] = (char)next8();
	text[n + 1 + len] = '\0';
	return text;
}

static void fake_wake(void *env, uint64_t when)
{
	(void)env;
	f.wake = when;
}

static void fake_free(void *env)
{
	(void)env;
}

static const struct sn_ops ops = {
	.now = fake_now,
	.random = fake_random,
	.start = fake_start,
	.next = fake_next,
	.send = fake_send,
	.silence = fake_silence,
	.stop = fake_stop,
	.keep = fake_keep,
	.recall = fake_recall,
	.wake = fake_wake,
	.free = fake_free,
};

/*
 * The owner
 */

static void do_request(void);

/* Callbacks may call functions. */
static void follow_whim(void)
{
	f.told = true;
	switch (f.whim) {
	case 1:
		mqttsn_abort(f.client);
		memset(f.pending, 0, sizeof(f.pending));
		f.state = CLOSED;
		break;
	case 2:
		if (!mqttsn_close(f.client))
			f.state = CLOSING;
		break;
	case 3:
		do_request();
		break;
	default:
		break;
	}
}

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	check(f.state == OPENING && (!why || why->text[0]));
	f.state = why ? CLOSED : OPEN;
	follow_whim();
}

static void check_no_request(void)
{
	unsigned int i;

	for (i = 0; i < f.n_requests; i++)
		check(!f.pending[i]);
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

static void on_done(void *ctx, uint32_t token, bool ok, uint16_t id)
{
	(void)ctx;
	check(token < f.n_requests && f.pending[token]);
	check(!id || ok);
	f.pending[token] = false;
	follow_whim();
}

/* By rules of its own: C1 controls are the byte 0xc2 and one up to 0x9f. */
static void check_name(const char *name, size_t len)
{
	const uint8_t *p = (const uint8_t *)name;
	size_t i;

	check(len && len <= MQTTSN_TOPIC_MAX);
	for (i = 0; i < len; i++) {
		check(p[i] >= ' ' && p[i] != 0x7f);
		check(!i || p[i - 1] != 0xc2 || p[i] > 0x9f);
	}
}

static void on_registered(void *ctx, uint16_t id, const char *name)
{
	(void)ctx;
	check_name(name, strlen(name));
	check(!strpbrk(name, "+#"));
	check(f.state == OPEN && !strcmp(mqttsn_topic_name(f.client, id),
					 name));
	follow_whim();
}

static void on_message(void *ctx, struct mqttsn_message *m)
{
	(void)ctx;
	check(f.state == OPEN && m->mqtt.qos <= 2);
	if (m->kind != MQTTSN_TOPIC_PREDEFINED)
		check_name(m->mqtt.topic, m->mqtt.topic_len);
	else
		check(m->topic_id && !m->mqtt.topic_len);
	if (f.n_messages == MESSAGES)
		mqttsn_message_drop(m);
	else if (f.whim == 4)
		mqttsn_message_end(m);
	else
		f.messages[f.n_messages++] = m;
	follow_whim();
}

static void on_dropped(void *ctx)
{
	(void)ctx;
	check(f.state == OPEN);
	follow_whim();
}

static void on_illegal(void *ctx)
{
	(void)ctx;
	check(f.state == OPEN);
	follow_whim();
}

static const struct mqttsn_callbacks callbacks = {
	.opened = on_opened,
	.closed = on_closed,
	.lost = on_lost,
	.done = on_done,
	.registered = on_registered,
	.message = on_message,
	.dropped = on_dropped,
	.illegal = on_illegal,
};

/*
 * Steps
 */

static void do_open(void)
{
	uint8_t how = next8();
	struct mqtt_open open = {
		.host = how & 1 ? "gw" : "other",
		.client_id = "c",
		.clean = how & 2,
		.keepalive = how & 4 ? 10 : 0,
		.timeout_ms = 5000,
		.will_topic = how & 8 ? "w" : NULL,
		.will_payload = how & 16 ? "gone" : NULL,
		.will_len = how & 16 ? 4 : 0,
	};

	f.addresses = how >> 6;
	if (!mqttsn_open(f.client, &open, &mqttsn_timers_default)) {
		check(f.state == CLOSED);
		f.state = OPENING;
	}
}

static struct mqttsn_topic some_topic(uint8_t how)
{
	static const char *const names[] = { "a", "a/b", "a/#", "b" };
	struct mqttsn_topic topic = {
		.kind = how & 3,
		.id = how >> 2 & 7,
		.name = names[how >> 5 & 3],
	};

	if (topic.kind == MQTTSN_TOPIC_SHORT)
		topic.name = how & 128 ? "xy" : "x";
	return topic;
}

static int request(uint8_t what, uint32_t token)
{
	struct mqttsn_topic topic = some_topic(next8());
	uint8_t qos = what >> 4 & 3;
	struct input payload;

	switch (what & 7) {
	case 0:
		return mqttsn_register(f.client, token,
				       topic.name ? topic.name : "c");
	case 1:
		return mqttsn_subscribe(f.client, token, &topic, qos);
	case 2:
		return mqttsn_unsubscribe(f.client, token, &topic);
	case 3:
		return mqttsn_will_topic(f.client, token, topic.name, qos,
					 false);
	case 4:
		payload = next_bytes(what >> 3);
		return mqttsn_will_message(f.client, token, payload.p,
					   payload.len);
	default:
		payload = next_bytes(what >> 6);
		return mqttsn_publish(f.client, token, &topic, qos, what & 8,
				      payload.p, payload.len);
	}
}

/* No callback runs within a call. */
static void do_request(void)
{
	bool told = f.told;
	uint32_t token = f.n_requests;

	if (token == REQUESTS)
		return;
	f.n_requests++;
	f.pending[token] = true;
	f.told = false;
	if (request(next8(), token))
		f.pending[token] = false;
	else
		check(f.state == OPEN);
	check(!f.told);
	f.told = told;
}

static void input(const void *p, size_t len)
{
	uint8_t *copy = malloc(len + !len);

	if (len)
		memcpy(copy, p, len);
	if (f.started)
		sn_client_input(f.client, copy, len);
	free(copy);
}

static void do_datagram(void)
{
	struct input bytes = next_bytes(next8());

	input(bytes.p, bytes.len);
}

/* A message with a fitting length. */
static void do_message(void)
{
	struct input bytes = next_bytes(next8() & 63);
	uint8_t whole[65];

	whole[0] = (uint8_t)(bytes.len + 1);
	if (bytes.len)
		memcpy(whole + 1, bytes.p, bytes.len);
	if (bytes.len)
		input(whole, bytes.len + 1);
}

/* What answers what the client sent last. */
static void do_answer(void)
{
	static const struct {
		enum sn_type request;
		enum sn_type answer;
	} answers[] = {
		{ SN_CONNECT, SN_CONNACK },
		{ SN_WILLTOPIC, SN_WILLMSGREQ },
		{ SN_WILLMSG, SN_CONNACK },
		{ SN_REGISTER, SN_REGACK },
		{ SN_SUBSCRIBE, SN_SUBACK },
		{ SN_UNSUBSCRIBE, SN_UNSUBACK },
		{ SN_PUBREL, SN_PUBCOMP },
		{ SN_PUBREC, SN_PUBREL },
		{ SN_PINGREQ, SN_PINGRESP },
		{ SN_DISCONNECT, SN_DISCONNECT },
		{ SN_WILLTOPICUPD, SN_WILLTOPICRESP },
		{ SN_WILLMSGUPD, SN_WILLMSGRESP },
		{ SN_PUBLISH, SN_PUBACK },
		{ SN_PUBLISH, SN_PUBREC },
	};
	struct sn_message m, answer = { .brief = false };
	uint8_t how = next8();
	uint8_t out[16];
	size_t i, len;

	/* longer than what was kept: no message */
	if (!sn_decode(&m, f.sent, f.sent_len))
		return;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].request == m.type)
			answer.type = answers[i].answer;
	if (m.type == SN_PUBLISH && sn_qos(&m) != 2)
		answer.type = SN_PUBACK;
	answer.msg_id = m.msg_id;
	answer.topic_id = how >> 2 & 7;
	answer.code = how & 3;
	answer.brief = m.type == SN_DISCONNECT;
	len = sn_encode(out, sizeof(out), &answer);
	input(out, len);
}

static void do_time(void)
{
	uint64_t until = f.now + next8() * UINT64_C(40);
	unsigned int ticks = 0;

	while (f.wake <= until) {
		f.now = f.wake > f.now ? f.wake : f.now;
		f.wake = SN_NEVER;
		sn_client_tick(f.client);
		check(++ticks < 20000);
	}
	f.now = until;
}

static void do_end(void)
{
	uint8_t how = next8();
	unsigned int i = how >> 1;

	if (i >= f.n_messages)
		return;
	if (how & 1)
		mqttsn_message_end(f.messages[i]);
	else
		mqttsn_message_drop(f.messages[i]);
	f.messages[i] = f.messages[--f.n_messages];
}

static void do_surroundings(void)
{
	uint8_t how = next8();

	if (!f.started)
		return;
	if (how & 128)
		sn_client_ready(f.client);
	else if (how & 64)
		sn_client_refused(f.client, "refused");
	else if (how & 32)
		sn_client_failed(f.client, "failed");
	else
		f.mute = how & 1;
}

static void do_whim(void)
{
	f.whim = next8() & 7;
}

static void do_close(void)
{
	if (!mqttsn_close(f.client)) {
		check(f.state == OPEN);
		f.state = CLOSING;
	}
}

static void do_abort(void)
{
	mqttsn_abort(f.client);
	memset(f.pending, 0, sizeof(f.pending));
	f.state = CLOSED;
}

/* open, and the gateway accepts it */
static void do_connected(void)
{
	do_open();
	if (f.started)
		sn_client_ready(f.client);
	input("\3\5\0", 3);
}

static void (*const steps[])(void) = {
	do_connected, do_message, do_answer, do_request,
	do_request,   do_time,	  do_end,    do_datagram,
	do_open,      do_close,	  do_abort,  do_surroundings,
	do_whim,      do_answer,  do_answer, do_message,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memset(&f, 0, sizeof(f));
	f.in = (struct input){ data, size };
	f.wake = SN_NEVER;
	f.client = sn_client_new(&ops, NULL, &callbacks, NULL);
	while (f.in.len)
		steps[next8() & 15]();
	mqttsn_client_free(f.client);
	while (f.n_messages)
		mqttsn_message_end(f.messages[--f.n_messages]);
	sn_client_release(f.client);
	return 0;
}
