// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "tests/unit/sn_harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/mqttsn/client.h"

/* ASan's; its header is not with every compiler. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

#define LINE_MAX_	4096
#define MESSAGES	1024
#define SESSIONS	4
#define FLOOD_MAX	(2 << 20)	/* bytes */

/* A line that was sent or told. */
struct note {
	STAILQ_ENTRY(note) entry;
	char text[];
};

STAILQ_HEAD(note_list, note);

struct kept {
	char *session;
	char *text;
};

static struct {
	const char *script;	/* its name */
	const char *step;
	struct mqttsn_client *client;
	uint64_t now;
	uint64_t wake;
	unsigned int addresses;
	int send_rc;
	int rc;			/* of the last call, not yet looked at */
	struct note_list sent;
	struct note_list told;
	struct mqttsn_message *messages[MESSAGES];
	unsigned int n_messages;
	struct kept kept[SESSIONS];
	unsigned int n_kept;	/* how often */
	bool dead;		/* nothing is kept any more */
} h;

__attribute__((noreturn, format(printf, 1, 2)))
static void fail_step(const char *fmt, ...)
{
	char text[2 * LINE_MAX_];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail_msg("%s: at \"%s\": %s", h.script, h.step, text);
	abort();
}

__attribute__((format(printf, 2, 3)))
static void note(struct note_list *list, const char *fmt, ...)
{
	struct note *n = malloc(sizeof(*n) + LINE_MAX_);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(n->text, LINE_MAX_, fmt, ap);
	va_end(ap);
	STAILQ_INSERT_TAIL(list, n, entry);
}

/*
 * The surroundings
 */

static uint64_t fake_now(void *env)
{
	(void)env;
	return h.now;
}

static uint16_t fake_random(void *env)
{
	(void)env;
	return 0;
}

static int fake_start(void *env, const struct mqtt_open *args)
{
	(void)env;
	(void)args;
	return 0;
}

static bool fake_next(void *env)
{
	(void)env;
	return h.addresses && h.addresses--;
}

static int fake_send(void *env, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	char text[LINE_MAX_] = "";
	size_t i;

	(void)env;
	for (i = 0; i < len && i < LINE_MAX_ / 2 - 1; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	note(&h.sent, "%s", text);
	return h.send_rc;
}

static const char *fake_silence(void *env)
{
	(void)env;
	return "not found yet";
}

static void fake_stop(void *env)
{
	(void)env;
}

static struct kept *kept_of(const char *session)
{
	struct kept *k;

	for (k = h.kept; k < h.kept + SESSIONS; k++)
		if (!k->session || !strcmp(k->session, session))
			return k;
	fail_step("too many sessions");
}

static void fake_keep(void *env, const struct sn_kept *kept)
{
	struct kept *k = kept_of(kept->session);

	(void)env;
	if (h.dead)
		return;
	free(k->text);
	k->text = kept->text ? strdup(kept->text) : NULL;
	if (!k->session)
		k->session = strdup(kept->session);
	h.n_kept += !!kept->text;
}

static char *fake_recall(void *env, const char *session)
{
	const struct kept *k = kept_of(session);

	(void)env;
	return k->text ? strdup(k->text) : NULL;
}

static void fake_wake(void *env, uint64_t when)
{
	(void)env;
	h.wake = when;
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

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	note(&h.told, "opened%s%s", why ? ": " : "", why ? why->text : "");
}

static void on_closed(void *ctx)
{
	(void)ctx;
	note(&h.told, "closed");
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	note(&h.told, "lost: %s", why->text);
}

static void on_done(void *ctx, uint32_t token, bool ok, uint16_t id)
{
	(void)ctx;
	if (id)
		note(&h.told, "done %u %d #%u", token, ok, id);
	else
		note(&h.told, "done %u %d", token, ok);
}

static void on_registered(void *ctx, uint16_t id, const char *name)
{
	(void)ctx;
	note(&h.told, "registered #%u %s", id, name);
}

static void on_message(void *ctx, struct mqttsn_message *m)
{
	char topic[1100] = "";

	(void)ctx;
	if (m->kind == MQTTSN_TOPIC_NORMAL)
		snprintf(topic, sizeof(topic), "#%u=%.*s", m->topic_id,
			 (int)m->mqtt.topic_len, m->mqtt.topic);
	else if (m->kind == MQTTSN_TOPIC_PREDEFINED)
		snprintf(topic, sizeof(topic), "*%u", m->topic_id);
	else
		snprintf(topic, sizeof(topic), "'%.*s",
			 (int)m->mqtt.topic_len, m->mqtt.topic);
	note(&h.told, "message %u%s %s %.*s", m->mqtt.qos,
	     m->mqtt.retained ? "r" : "", topic, (int)m->mqtt.payload_len,
	     (const char *)m->mqtt.payload);
	assert_true(h.n_messages < MESSAGES);
	h.messages[h.n_messages++] = m;
}

static void on_dropped(void *ctx)
{
	(void)ctx;
	note(&h.told, "dropped");
}

static void on_illegal(void *ctx)
{
	(void)ctx;
	note(&h.told, "illegal");
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

static void expect(struct note_list *list, const char *what, const char *want)
{
	struct note *n = STAILQ_FIRST(list);

	if (!n && *want)
		fail_step("nothing was %s", what);
	if (!n)
		return;
	if (strcmp(n->text, want) && strcmp(want, "*"))
		fail_step("%s was %s", n->text, what);
	STAILQ_REMOVE_HEAD(list, entry);
	free(n);
}

static void do_sent(char *hex)
{
	char want[LINE_MAX_] = "";
	char *w = want;

	for (; *hex; hex++)
		if (*hex != ' ')
			*w++ = *hex;
	expect(&h.sent, "sent", want);
}

static void do_told(char *want)
{
	expect(&h.told, "told", want);
}

/* In memory of exactly that size. */
static void do_input(char *hex)
{
	uint8_t bytes[LINE_MAX_];
	unsigned int byte;
	size_t len = 0;
	uint8_t *copy;

	while (sscanf(hex, " %2x", &byte) == 1) {
		bytes[len++] = (uint8_t)byte;
		hex += strspn(hex, " ");
		hex += 2;
	}
	copy = malloc(len + !len);
	memcpy(copy, bytes, len);
	sn_client_input(h.client, copy, len);
	free(copy);
}

/* "" is what a line has no more. */
static char *next_word(char **words)
{
	char *word = strsep(words, " ");

	return word ? word : "";
}

static char *rest(char *words)
{
	return words ? words : "";
}

static uint32_t next_number(char **words)
{
	return (uint32_t)strtoul(next_word(words), NULL, 0);
}

/* A PUBLISH to the predefined id 5 whose payload is longer than a line. */
static void feed_publish(uint8_t qos, uint16_t msg_id, size_t payload_len)
{
	static const uint8_t payload[SN_DATAGRAM_MAX];
	static uint8_t bytes[SN_DATAGRAM_MAX];
	const struct sn_message m = {
		.type = SN_PUBLISH,
		.flags = (uint8_t)(qos << SN_QOS_SHIFT) | SN_TOPIC_PREDEFINED,
		.topic_id = 5,
		.msg_id = msg_id,
		.data = { payload, payload_len },
	};
	size_t len = sn_encode(bytes, sizeof(bytes), &m);

	if (!len)
		fail_step("too large");
	sn_client_input(h.client, bytes, len);
}

static void do_large(char *words)
{
	uint8_t qos = (uint8_t)next_number(&words);
	uint16_t msg_id = (uint16_t)next_number(&words);

	feed_publish(qos, msg_id, next_number(&words));
}

/* In bytes; 0 without ASan: then nothing grows. */
static size_t allocated(void)
{
	return __sanitizer_get_current_allocated_bytes ?
		       __sanitizer_get_current_allocated_bytes() : 0;
}

static void do_flood(char *words)
{
	unsigned int count = next_number(&words);
	size_t len = next_number(&words);
	size_t before = allocated();
	char congestion[] = "070d0005....01";
	unsigned int i;

	for (i = 1; i <= count; i++) {
		feed_publish(1, (uint16_t)i, len);
		sprintf(congestion, "070d0005%04x01", (uint16_t)i);
		if (STAILQ_EMPTY(&h.sent))
			expect(&h.told, "told", "*");
		else
			expect(&h.sent, "sent", congestion);
	}
	len = allocated() - before;
	if (len > FLOOD_MAX)
		fail_step("%zu bytes more", len);
}

static void do_open(char *words)
{
	struct mqtt_open open = {
		.host = "gw",
		.port = 1883,
		.client_id = "c",
		.clean = true,
		.keepalive = 60,
		.timeout_ms = 5000,
	};
	char *word;

	for (word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		if (!strcmp(word, "kept")) {
			open.clean = false;
		} else if (!strcmp(word, "will")) {
			open.will_topic = "w";
			open.will_payload = "gone";
			open.will_len = 4;
			open.will_qos = 1;
			open.will_retain = true;
		} else if (!strncmp(word, "keep=", 5)) {
			open.keepalive = (uint16_t)atoi(word + 5);
		} else if (!strncmp(word, "id=", 3)) {
			open.client_id = word + 3;
		} else if (!strncmp(word, "host=", 5)) {
			open.host = word + 5;
		} else {
			fail_step("what?");
		}
	}
	h.rc = mqttsn_open(h.client, &open, &mqttsn_timers_default);
}

static struct mqttsn_topic next_topic(char **words)
{
	struct mqttsn_topic topic = { .kind = MQTTSN_TOPIC_NAME };

	topic.name = next_word(words);
	switch (topic.name[0]) {
	case '\'':
		topic.kind = MQTTSN_TOPIC_SHORT;
		topic.name++;
		break;
	case '#':
		topic.kind = MQTTSN_TOPIC_NORMAL;
		break;
	case '*':
		topic.kind = MQTTSN_TOPIC_PREDEFINED;
		break;
	}
	topic.id = (uint16_t)strtoul(topic.name + 1, NULL, 0);
	return topic;
}

static uint8_t next_qos(char **words, bool *retain)
{
	char *word = next_word(words);

	*retain = strchr(word, 'r');
	return (uint8_t)atoi(word);
}

static void do_pub(char *words)
{
	uint32_t token = next_number(&words);
	bool retain;
	uint8_t qos = next_qos(&words, &retain);
	struct mqttsn_topic topic = next_topic(&words);

	h.rc = mqttsn_publish(h.client, token, &topic, qos, retain,
			      rest(words), strlen(rest(words)));
}

static void do_sub(char *words)
{
	uint32_t token = next_number(&words);
	uint8_t qos = (uint8_t)next_number(&words);
	struct mqttsn_topic topic = next_topic(&words);

	h.rc = mqttsn_subscribe(h.client, token, &topic, qos);
}

static void do_unsub(char *words)
{
	uint32_t token = next_number(&words);
	struct mqttsn_topic topic = next_topic(&words);

	h.rc = mqttsn_unsubscribe(h.client, token, &topic);
}

static void do_reg(char *words)
{
	uint32_t token = next_number(&words);

	h.rc = mqttsn_register(h.client, token, rest(words));
}

static void do_willtopic(char *words)
{
	uint32_t token = next_number(&words);
	bool retain;
	uint8_t qos = next_qos(&words, &retain);

	h.rc = mqttsn_will_topic(h.client, token, rest(words), qos, retain);
}

static void do_willmsg(char *words)
{
	uint32_t token = next_number(&words);

	h.rc = mqttsn_will_message(h.client, token, rest(words),
				   strlen(rest(words)));
}

static struct mqttsn_message *take_message(void)
{
	struct mqttsn_message *m = h.messages[0];

	if (!h.n_messages)
		fail_step("no message");
	memmove(h.messages, h.messages + 1,
		--h.n_messages * sizeof(h.messages[0]));
	return m;
}

static void do_end(char *words)
{
	(void)words;
	mqttsn_message_end(take_message());
}

static void do_drop(char *words)
{
	(void)words;
	mqttsn_message_drop(take_message());
}

static void do_close(char *words)
{
	(void)words;
	h.rc = mqttsn_close(h.client);
}

static void do_abort(char *words)
{
	(void)words;
	mqttsn_abort(h.client);
}

static void do_ready(char *words)
{
	(void)words;
	sn_client_ready(h.client);
}

static void do_refused(char *words)
{
	sn_client_refused(h.client, rest(words));
}

static void do_failed(char *words)
{
	sn_client_failed(h.client, rest(words));
}

static void do_addresses(char *words)
{
	h.addresses = next_number(&words);
}

static void do_nosend(char *words)
{
	h.send_rc = -(int)next_number(&words);
}

static void do_msgid(char *words)
{
	h.client->msg_id = (uint16_t)next_number(&words);
}

static void do_topics(char *want)
{
	char got[LINE_MAX_] = "";
	struct mqttsn_topic topic;
	size_t i, len = 0;

	for (i = 0; mqttsn_topic_at(h.client, i, &topic, NULL); i++)
		len += (size_t)sprintf(got + len, "%s%u=%s", i ? " " : "",
				       topic.id, topic.name);
	if (strcmp(got, rest(want)))
		fail_step("the table is \"%s\"", got);
}

static void new_client(void)
{
	h.wake = SN_NEVER;
	h.client = sn_client_new(&ops, NULL, &callbacks, NULL);
	assert_non_null(h.client);
}

static void do_restart(char *words)
{
	(void)words;
	mqttsn_client_free(h.client);
	sn_client_release(h.client);
	new_client();
}

static void do_kill(char *words)
{
	h.dead = true;
	do_restart(words);
	h.dead = false;
}

static void do_kept(char *words)
{
	unsigned int want = next_number(&words);

	if (h.n_kept != want)
		fail_step("%u", h.n_kept);
	h.n_kept = 0;
}

/* The timer fires when it is due, and never twice for nothing. */
static void do_time(char *words)
{
	uint64_t until = h.now + next_number(&words);
	unsigned int ticks = 0;

	while (h.wake <= until) {
		if (h.wake > h.now)
			h.now = h.wake;
		else if (++ticks > 1000)
			fail_step("the timer does not come to rest");
		h.wake = SN_NEVER;
		sn_client_tick(h.client);
	}
	h.now = until;
}

static void do_errno(char *words)
{
	int want = -(int)next_number(&words);

	if (h.rc != want)
		fail_step("returned %d", h.rc);
	h.rc = 0;
}

static const struct {
	const char *word;
	void (*run)(char *words);
} verbs[] = {
	{ ">", do_sent },
	{ "=", do_told },
	{ "<", do_input },
	{ "large", do_large },
	{ "flood", do_flood },
	{ "+", do_time },
	{ "?", do_errno },
	{ "open", do_open },
	{ "close", do_close },
	{ "abort", do_abort },
	{ "ready", do_ready },
	{ "refused", do_refused },
	{ "failed", do_failed },
	{ "pub", do_pub },
	{ "sub", do_sub },
	{ "unsub", do_unsub },
	{ "reg", do_reg },
	{ "willtopic", do_willtopic },
	{ "willmsg", do_willmsg },
	{ "end", do_end },
	{ "drop", do_drop },
	{ "addresses", do_addresses },
	{ "nosend", do_nosend },
	{ "msgid", do_msgid },
	{ "topics", do_topics },
	{ "restart", do_restart },
	{ "kill", do_kill },
	{ "kept", do_kept },
};

static void do_step(char *line)
{
	char *words = line;
	char *verb = strsep(&words, " ");
	size_t i;

	if (h.rc && strcmp(verb, "?"))
		fail_step("the call before returned %d", h.rc);
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verb, verbs[i].word)) {
			verbs[i].run(rest(words));
			return;
		}
	fail_step("what?");
}

static void free_notes(struct note_list *list)
{
	struct note *n;

	while ((n = STAILQ_FIRST(list))) {
		STAILQ_REMOVE_HEAD(list, entry);
		free(n);
	}
}

static void start(const char *name)
{
	memset(&h, 0, sizeof(h));
	h.script = name;
	h.now = 1000000;
	STAILQ_INIT(&h.sent);
	STAILQ_INIT(&h.told);
	new_client();
}

static void stop(void)
{
	struct kept *k;

	h.step = "the end";
	expect(&h.sent, "sent", "");
	expect(&h.told, "told", "");
	mqttsn_client_free(h.client);
	expect(&h.told, "told", "");
	while (h.n_messages)
		mqttsn_message_end(take_message());
	expect(&h.sent, "sent", "");
	sn_client_release(h.client);
	free_notes(&h.sent);
	free_notes(&h.told);
	for (k = h.kept; k < h.kept + SESSIONS; k++) {
		free(k->session);
		free(k->text);
	}
}

void sn_script(const char *name, const char *script)
{
	char *copy = strdup(script);
	char *lines = copy;
	char *line, *step;

	start(name);
	while ((line = strsep(&lines, "\n"))) {
		line += strspn(line, " \t");
		step = strdup(line);
		h.step = step;
		if (*line)
			do_step(line);
		free(step);
	}
	stop();
	free(copy);
}
