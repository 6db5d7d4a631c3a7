// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What one would write instead of n_at and atmqttd: one thread, poll(2), a raw
 * tty, libmosquitto, and of the AT commands those that the bench gives.  The
 * bench's peer; it shares no code with the daemon.
 *
 *   peer TTY CA-FILE
 *
 *   AT, ATE0, ATE1
 *   AT+MQTTOPEN=<id>,"<host>",<port>,<clean>,<keepalive>[,<tls>]
 *   AT+MQTTSUB=<id>,"<topic>",<qos>
 *   AT+MQTTPUB=<id>,"<topic>",<qos>,<retain>,"<payload>" or <length>
 */
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS		2
#define LINE_BYTES	4096
#define DATA_BYTES	1024
#define TOPIC_BYTES	255
#define CHUNK		4096
#define MISC_MS		1000	/* between looks at keepalives */

struct buffer {
	char *data;
	size_t len;
	size_t room;
};

struct publication {
	struct mosquitto *mosq;
	char topic[TOPIC_BYTES + 1];
	int qos;
	int retain;
};

static struct {
	int fd;
	bool echo;
	char line[LINE_BYTES + 1];
	size_t len;
	struct publication next;	/* whose payload is awaited */
	char data[DATA_BYTES];
	size_t data_len;	/* 0: none is */
	size_t data_got;
	struct buffer out;
	struct buffer later;	/* results while a line is half typed */
} host;

static struct mosquitto *clients[CLIENTS];	/* of the ids from 1 on */
static const char *ca_file;

/*
 * To the host
 */

static void append(struct buffer *b, const void *data, size_t len)
{
	if (b->len + len > b->room) {
		b->room = 2 * (b->len + len);
		b->data = realloc(b->data, b->room);
		if (!b->data)
			abort();
	}
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

static void answer(const char *text)
{
	append(&host.out, "\r\n", 2);
	append(&host.out, text, strlen(text));
	append(&host.out, "\r\n", 2);
}

__attribute__((format(printf, 1, 2))) static void result(const char *format,
							 ...)
{
	char text[2 * TOPIC_BYTES];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	append(&host.later, text, n);
}

/* All that has come up in a turn of the loop leaves in one write. */
static void flush(void)
{
	struct buffer *out = &host.out;
	ssize_t n;

	if (!host.len && !host.data_len && host.later.len) {
		append(out, host.later.data, host.later.len);
		host.later.len = 0;
	}
	if (!out->len)
		return;
	n = write(host.fd, out->data, out->len);
	if (n < 0 && errno != EAGAIN)
		exit(EXIT_FAILURE);
	if (n > 0) {
		out->len -= n;
		memmove(out->data, out->data + n, out->len);
	}
}

/*
 * From the broker
 */

static int id_of(const struct mosquitto *mosq)
{
	int id = 1;

	while (id <= CLIENTS && clients[id - 1] != mosq)
		id++;
	return id;
}

static void on_connect(struct mosquitto *mosq, void *ctx, int rc)
{
	(void)ctx;
	result("\r\n+MQTTOPEN: %d,%d\r\n", id_of(mosq), rc == 0);
}

static void on_subscribe(struct mosquitto *mosq, void *ctx, int mid, int count,
			 const int *granted)
{
	(void)ctx;
	(void)mid;
	result("\r\n+MQTTSUB: %d,%d\r\n", id_of(mosq),
	       count == 1 && granted[0] <= 2);
}

static void on_publish(struct mosquitto *mosq, void *ctx, int mid)
{
	(void)ctx;
	(void)mid;
	result("\r\n+MQTTPUB: %d,1\r\n", id_of(mosq));
}

static void on_message(struct mosquitto *mosq, void *ctx,
		       const struct mosquitto_message *m)
{
	(void)ctx;
	result("\r\n+MQTTMSG: %d,%d,\"%.*s\",\"", id_of(mosq), m->qos,
	       TOPIC_BYTES, m->topic);
	append(&host.later, m->payload, m->payloadlen);
	append(&host.later, "\"\r\n", 3);
}

static void forget(int id)
{
	mosquitto_destroy(clients[id - 1]);
	clients[id - 1] = NULL;
}

/*
 * The commands: what their argument list holds, or false
 */

/* The next argument without its quotes, NULL if there is none. */
static char *next_text(char **rest)
{
	char *text = *rest;
	char *end = text;

	if (!*text)
		return NULL;
	if (*text == '"') {
		end = strchr(++text, '"');
		if (!end)
			return NULL;
		*end++ = '\0';
	}
	end += strcspn(end, ",");
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return text;
}

static bool next_int(char **rest, int min, int max, int *value)
{
	char *text = next_text(rest);
	char *end;
	long n;

	if (!text)
		return false;
	n = strtol(text, &end, 10);
	*value = n;
	return end > text && !*end && n >= min && n <= max;
}

static bool next_client(char **rest, int *id)
{
	return next_int(rest, 1, CLIENTS, id) && clients[*id - 1];
}

static struct mosquitto *new_client(int id, bool clean, bool tls)
{
	char name[32];
	struct mosquitto *mosq;

	snprintf(name, sizeof(name), "peer-%d-%d", (int)getpid(), id);
	mosq = mosquitto_new(name, clean, NULL);
	if (!mosq)
		return NULL;
	if (tls && mosquitto_tls_set(mosq, ca_file, NULL, NULL, NULL, NULL)) {
		mosquitto_destroy(mosq);
		return NULL;
	}
	mosquitto_int_option(mosq, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_max_inflight_messages_set(mosq, 0);
	mosquitto_connect_callback_set(mosq, on_connect);
	mosquitto_subscribe_callback_set(mosq, on_subscribe);
	mosquitto_publish_callback_set(mosq, on_publish);
	mosquitto_message_callback_set(mosq, on_message);
	return mosq;
}

static bool cmd_open(char *rest)
{
	int id, port, clean, keepalive, tls = 0;
	char *where;

	if (!next_int(&rest, 1, CLIENTS, &id) || clients[id - 1])
		return false;
	where = next_text(&rest);
	if (!where || !next_int(&rest, 1, UINT16_MAX, &port) ||
	    !next_int(&rest, 0, 1, &clean) ||
	    !next_int(&rest, 5, 300, &keepalive) ||
	    (*rest && !next_int(&rest, 0, 2, &tls)))
		return false;
	clients[id - 1] = new_client(id, clean, tls);
	if (!clients[id - 1])
		return false;
	if (mosquitto_connect(clients[id - 1], where, port, keepalive)) {
		forget(id);
		result("\r\n+MQTTOPEN: %d,0\r\n", id);
	}
	return true;
}

static bool cmd_sub(char *rest)
{
	char *topic;
	int id, qos;

	if (!next_client(&rest, &id))
		return false;
	topic = next_text(&rest);
	return topic && next_int(&rest, 0, 2, &qos) &&
	       !mosquitto_subscribe(clients[id - 1], NULL, topic, qos);
}

static bool publish(const struct publication *p, const char *data, size_t len)
{
	return !mosquitto_publish(p->mosq, NULL, p->topic, len, data, p->qos,
				  p->retain);
}

static bool cmd_pub(char *rest)
{
	struct publication *p = &host.next;
	char *topic;
	size_t len;
	int id, n;

	if (!next_client(&rest, &id))
		return false;
	topic = next_text(&rest);
	if (!topic || strlen(topic) > TOPIC_BYTES ||
	    !next_int(&rest, 0, 2, &p->qos) ||
	    !next_int(&rest, 0, 1, &p->retain))
		return false;
	strcpy(p->topic, topic);
	p->mosq = clients[id - 1];
	len = strlen(rest);
	if (len > 1 && rest[0] == '"' && rest[len - 1] == '"')
		return publish(p, rest + 1, len - 2);
	if (!next_int(&rest, 1, DATA_BYTES, &n))
		return false;
	host.data_len = n;
	host.data_got = 0;
	return true;
}

static bool cmd_echo(char *rest)
{
	host.echo = *rest != '0';
	return true;
}

static bool cmd_none(char *rest)
{
	return !*rest;
}

/* The longest first: each is what a line begins with. */
static const struct {
	const char *name;
	bool (*run)(char *rest);
} commands[] = {
	{ "AT+MQTTOPEN=", cmd_open },
	{ "AT+MQTTPUB=", cmd_pub },
	{ "AT+MQTTSUB=", cmd_sub },
	{ "ATE", cmd_echo },
	{ "AT", cmd_none },
};

/*
 * From the host
 */

static void run_line(void)
{
	size_t n;

	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		n = strlen(commands[i].name);
		if (strncasecmp(host.line, commands[i].name, n))
			continue;
		if (!commands[i].run(host.line + n))
			answer("ERROR");
		else
			answer(host.data_len ? ">" : "OK");
		return;
	}
}

/* Up to a CR; returns how much of it was taken. */
static size_t take_line(const char *buf, size_t n)
{
	const char *cr = memchr(buf, '\r', n);
	size_t taken = cr ? (size_t)(cr - buf) : n;

	if (taken && !host.len && *buf == '\n')
		return 1; /* of the line before */
	if (host.echo)
		append(&host.out, buf, taken + !!cr);
	if (host.len + taken <= LINE_BYTES) {
		memcpy(host.line + host.len, buf, taken);
		host.len += taken;
	}
	if (!cr)
		return taken;
	host.line[host.len] = '\0';
	host.len = 0;
	run_line();
	return taken + 1;
}

static size_t take_data(const char *buf, size_t n)
{
	size_t left = host.data_len - host.data_got;
	size_t taken = n < left ? n : left;

	memcpy(host.data + host.data_got, buf, taken);
	host.data_got += taken;
	if (taken == left) {
		answer(publish(&host.next, host.data, host.data_len) ? "OK"
								     : "ERROR");
		host.data_len = 0;
	}
	return taken;
}

static void read_host(void)
{
	char buf[CHUNK];
	ssize_t n = read(host.fd, buf, sizeof(buf));
	ssize_t done = 0;

	if (n <= 0 && !(n < 0 && errno == EAGAIN))
		exit(EXIT_SUCCESS);
	while (done < n)
		done += host.data_len ? take_data(buf + done, n - done)
				      : take_line(buf + done, n - done);
}

static void open_tty(const char *path)
{
	struct termios raw;

	host.fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (host.fd < 0 || tcgetattr(host.fd, &raw))
		goto failed;
	cfmakeraw(&raw);
	if (!tcsetattr(host.fd, TCSANOW, &raw))
		return;
failed:
	perror(path);
	exit(EXIT_FAILURE);
}

/*
 * The loop
 */

static void serve_client(int id, short events)
{
	struct mosquitto *mosq = clients[id - 1];
	int rc = MOSQ_ERR_SUCCESS;

	if (events & (POLLIN | POLLHUP | POLLERR))
		rc = mosquitto_loop_read(mosq, 1);
	if (!rc && (events & POLLOUT))
		rc = mosquitto_loop_write(mosq, 1);
	if (!rc)
		return;
	forget(id);
	result("\r\n+MQTTBREAK: %d,1\r\n", id);
}

static void look_at_times(void)
{
	static time_t looked;
	time_t now = time(NULL);

	if (now == looked)
		return;
	looked = now;
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i])
			mosquitto_loop_misc(clients[i]);
}

/* What to wait for of a client; a descriptor below 0 is not looked at. */
static struct pollfd of_client(struct mosquitto *mosq)
{
	short out = mosq && mosquitto_want_write(mosq) ? POLLOUT : 0;

	return (struct pollfd){
		.fd = mosq ? mosquitto_socket(mosq) : -1,
		.events = POLLIN | out,
	};
}

static void turn(void)
{
	struct pollfd fds[1 + CLIENTS];

	fds[0].fd = host.fd;
	fds[0].events = POLLIN | (host.out.len ? POLLOUT : 0);
	for (int i = 0; i < CLIENTS; i++)
		fds[1 + i] = of_client(clients[i]);
	if (poll(fds, 1 + CLIENTS, MISC_MS) < 0 && errno != EINTR)
		exit(EXIT_FAILURE);
	for (int i = 0; i < CLIENTS; i++)
		if (clients[i] && fds[1 + i].revents)
			serve_client(i + 1, fds[1 + i].revents);
	if (fds[0].revents & ~POLLOUT)
		read_host();
	look_at_times();
	flush();
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: peer TTY CA-FILE\n", stderr);
		return EXIT_FAILURE;
	}
	host.echo = true;
	ca_file = argv[2];
	mosquitto_lib_init();
	open_tty(argv[1]);
	for (;;)
		turn();
}
