// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/lib/resolve.h"
#include "harness.h"

uv_loop_t loop;
struct mqtt *mqtt;
static uv_timer_t tick;

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

void run_once(void)
{
	uv_run(&loop, UV_RUN_ONCE);
}

void run_for(unsigned int ms)
{
	WAIT(false, ms);
}

int harness_start(void **state)
{
	(void)state;
	uv_loop_init(&loop);
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
	return resolver_start(&loop, NULL) ? -1 : mqtt_start(&mqtt, &loop);
}

int harness_stop(void **state)
{
	uint64_t start = now_ms();

	(void)state;
	mqtt_stop(mqtt);
	print_message("stopped in %d ms\n", (int)(now_ms() - start));
	if (now_ms() - start > 1000)
		return -1;
	resolver_stop(&loop);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop);
}

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	struct peer *peer = ctx;

	if (!why) {
		peer->opened++;
		return;
	}
	peer->failed++;
	peer->why = *why;
	assert_true(why->text[0]);
}

static void on_closed(void *ctx)
{
	struct peer *peer = ctx;

	peer->closed++;
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	struct peer *peer = ctx;

	peer->lost++;
	assert_true(peer->lost <= peer->opened);
	peer->why = *why;
	assert_true(why->text[0]);
}

static void on_done(void *ctx, uint32_t token, bool ok)
{
	struct peer *peer = ctx;

	peer->last_token = token;
	if (ok)
		peer->done_ok++;
	else
		peer->done_bad++;
}

static int number_of(const struct mqtt_message *msg)
{
	char text[16] = "";
	size_t len = msg->payload_len;

	memcpy(text, msg->payload, len < 15 ? len : 15);
	return atoi(text);
}

static void record(struct peer *peer, const struct mqtt_message *msg)
{
	assert_true(msg->topic_len < sizeof(peer->last_topic));
	memcpy(peer->last_topic, msg->topic, msg->topic_len);
	peer->last_topic[msg->topic_len] = '\0';
	peer->last_len = msg->payload_len;
	peer->last_full_len = msg->payload_len + msg->cut;
	memcpy(peer->last_payload, msg->payload,
	       msg->payload_len < sizeof(peer->last_payload) ?
		       msg->payload_len : sizeof(peer->last_payload));
	peer->last_qos = msg->qos;
	peer->last_retained = msg->retained;
	peer->numbers[peer->received++ % MESSAGES_MAX] = number_of(msg);
}

static void on_message(void *ctx, struct mqtt_message *msg)
{
	struct peer *peer = ctx;

	record(peer, msg);
	if (!peer->hold) {
		mqtt_message_end(msg);
		return;
	}
	assert_true(peer->held_count < MESSAGES_MAX);
	peer->held[peer->held_count++] = msg;
}

struct peer *peer_new(void)
{
	static const struct mqtt_callbacks callbacks = {
		.opened = on_opened,
		.closed = on_closed,
		.lost = on_lost,
		.done = on_done,
		.message = on_message,
	};
	struct peer *peer = calloc(1, sizeof(*peer));

	assert_non_null(peer);
	peer->client = mqtt_client_new(mqtt, &callbacks, peer);
	assert_non_null(peer->client);
	return peer;
}

void peer_end_all(struct peer *peer)
{
	int i;

	for (i = 0; i < peer->held_count; i++)
		mqtt_message_end(peer->held[i]);
	peer->held_count = 0;
}

void peer_drop_all(struct peer *peer)
{
	int i;

	for (i = 0; i < peer->held_count; i++)
		mqtt_message_drop(peer->held[i]);
	peer->held_count = 0;
}

void peer_free(struct peer *peer)
{
	mqtt_client_free(peer->client);
	peer_drop_all(peer);
	free(peer);
}

void peer_open(struct peer *peer, const struct mqtt_open *args)
{
	int before = peer->opened + peer->failed;

	assert_int_equal(mqtt_open(peer->client, args), 0);
	ASSERT_WAIT(peer->opened + peer->failed > before,
		    args->timeout_ms + 1000);
	assert_int_equal(peer->opened + peer->failed, before + 1);
}

void peer_close(struct peer *peer)
{
	int before = peer->closed;

	assert_int_equal(mqtt_close(peer->client), 0);
	ASSERT_WAIT(peer->closed > before, 2000);
}

void peer_subscribe(struct peer *peer, const char *filter, int qos)
{
	int before = peer->done_ok;

	assert_int_equal(mqtt_subscribe(peer->client, 1, filter, qos), 0);
	ASSERT_WAIT(peer->done_ok > before, 3000);
}

void peer_publish(struct peer *peer, const char *topic, int qos,
		  const void *payload, size_t len)
{
	int before = peer->done_ok;

	assert_int_equal(mqtt_publish(peer->client, 2, topic, qos, false,
				      payload, len),
			 0);
	ASSERT_WAIT(peer->done_ok > before, 3000);
}

struct mqtt_open plain_args(int port, const char *client_id)
{
	struct mqtt_open args = {
		.host = "127.0.0.1",
		.port = port,
		.client_id = client_id,
		.clean = true,
		.keepalive = 60,
		.timeout_ms = 5000,
	};

	return args;
}

const char *test_path(const char *name)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];
	const char *dir = getenv("MQTT_TEST_DIR");

	snprintf(path, sizeof(paths[0]), "%s/%s", dir ? dir : ".", name);
	return path;
}

/* Below the ports that outgoing connections take at any time. */
int silent_listener(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint16_t random = 0;

	assert_true(fd >= 0);
	do {
		assert_int_equal(getrandom(&random, sizeof(random), 0),
				 sizeof(random));
		*port = 10000 + random % 20000;
		a.sin_port = htons(*port);
	} while (bind(fd, (struct sockaddr *)&a, sizeof(a)));
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* A line of /proc/self/status in kB, as bytes. */
static size_t status(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	size_t size = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			size = strtoul(line + strlen(name), NULL, 10) * 1024;
	fclose(f);
	assert_true(size);
	return size;
}

size_t memory_mark(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	assert_non_null(f);
	fputs("5", f);
	fclose(f);
	return status("VmRSS:");
}

void assert_no_growth(size_t mark)
{
	size_t peak = status("VmHWM:");
	size_t growth = peak > mark ? peak - mark : 0;

	print_message("memory grew by %zu KiB\n", growth / 1024);
	assert_true(growth < 2 * 1024 * 1024);
}

bool is_plain_build(void)
{
	const char *how = getenv("MQTT_TEST_HOW");

	return how && !strcmp(how, "plain");
}

int cycles(void)
{
	const char *n = getenv("MQTT_TEST_CYCLES");

	return n ? atoi(n) : 50;
}

int free_port(void)
{
	int port;

	close(silent_listener(&port));
	return port;
}

static void write_tls_at(FILE *f, int port, const char *address,
			 const char *cert)
{
	fprintf(f, "listener %d %s\nallow_anonymous true\n", port, address);
	fprintf(f, "cafile %s\n", test_path("ca.crt"));
	fprintf(f, "certfile %s/%s.crt\nkeyfile %s/%s.key\n", test_path("."),
		cert, test_path("."), cert);
}

static void write_tls(FILE *f, int port, const char *cert)
{
	write_tls_at(f, port, "127.0.0.1", cert);
}

static bool have_ipv6(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool have = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a));

	if (fd >= 0)
		close(fd);
	return have;
}

static void write_config(struct broker *b, FILE *f)
{
	fprintf(f, "per_listener_settings true\nset_tcp_nodelay true\n");
	fprintf(f, "log_type error\nmax_queued_messages 5000\n");
	fprintf(f, "persistence true\npersistence_location %s/\n",
		test_path("."));
	fprintf(f, "persistence_file %s.db\n", b->name);
	fprintf(f, "listener %d 127.0.0.1\nallow_anonymous true\n", b->plain);
	if (b->plain6)
		fprintf(f, "listener %d ::1\nallow_anonymous true\n",
			b->plain6);
	fprintf(f, "listener %d 127.0.0.1\nallow_anonymous false\n", b->auth);
	fprintf(f, "password_file %s\nacl_file %s\n", test_path("passwords"),
		test_path("acl"));
	write_tls(f, b->tls, "server");
	write_tls(f, b->other_host, "other");
	write_tls(f, b->expired, "expired");
	write_tls(f, b->mtls, "server");
	fprintf(f, "require_certificate true\n");
	write_tls(f, b->tls13, "server");
	fprintf(f, "tls_version tlsv1.3\n");
	if (!b->plain6)
		return;
	write_tls_at(f, b->tls6, "::1", "server");
	write_tls_at(f, b->other_host6, "::1", "other");
}

void broker_config(struct broker *b, const char *name)
{
	char file[64];
	FILE *f;

	memset(b, 0, sizeof(*b));
	snprintf(b->name, sizeof(b->name), "%s", name);
	b->plain = free_port();
	b->plain6 = have_ipv6() ? free_port() : 0;
	b->tls6 = b->plain6 ? free_port() : 0;
	b->other_host6 = b->plain6 ? free_port() : 0;
	b->auth = free_port();
	b->tls = free_port();
	b->other_host = free_port();
	b->expired = free_port();
	b->mtls = free_port();
	b->tls13 = free_port();
	snprintf(file, sizeof(file), "%s.conf", name);
	f = fopen(test_path(file), "w");
	assert_non_null(f);
	write_config(b, f);
	fclose(f);
}

static bool port_answers(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = !connect(fd, (struct sockaddr *)&a, sizeof(a));

	close(fd);
	return ok;
}

static void exec_broker(const struct broker *b, const char *openssl_conf)
{
	char file[64], log[64];
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(file, sizeof(file), "%s.conf", b->name);
	snprintf(log, sizeof(log), "%s.log", b->name);
	fd = open(test_path(log), O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	if (openssl_conf)
		setenv("OPENSSL_CONF", openssl_conf, 1);
	unsetenv("LD_PRELOAD");
	execlp("mosquitto", "mosquitto", "-c", test_path(file), NULL);
	_exit(127);
}

void broker_start(struct broker *b, const char *openssl_conf)
{
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0)
		exec_broker(b, openssl_conf);
	ASSERT_WAIT(port_answers(b->plain), 5000);
}

void broker_kill(struct broker *b, int sig)
{
	kill(b->pid, sig);
	if (sig == SIGSTOP || sig == SIGCONT)
		return;
	waitpid(b->pid, NULL, 0);
}
