// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * daemon/mqttsn on real sockets: against gateway.py, with socat in front for
 * DTLS.  Started by tests/mqttsn/run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "daemon/lib/date.h"
#include "daemon/lib/resolve.h"
#include "daemon/mqttsn/dtls.h"
#include "daemon/mqttsn/mqttsn.h"

#define WAIT_MS		15000	/* for what must come, on a busy machine */
#define NUMBERS		100	/* inbound, QoS 2 */
#define PUBLISHES	100	/* outbound, QoS 1 */

static uv_loop_t loop;
static uv_timer_t pulse;

/* A client and what it was told. */
static struct {
	struct mqttsn_client *client;
	int opened, refused, closed, lost, dropped, illegal;
	struct mqtt_reason why;
	int done_ok, done_bad;
	uint32_t last_token;
	bool ok[PUBLISHES];		/* by token */
	int received;
	char topic[256];
	size_t len;
	uint8_t qos;
	enum mqttsn_topic_kind kind;
	int numbers[NUMBERS];		/* how often each came */
	int last_number;
	bool in_order;
	bool holds;			/* does not end what comes */
	struct mqttsn_message *held[NUMBERS];
	int n_held;
} peer;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#define WAIT(cond, ms)                                         \
	({                                                     \
		uint64_t end_ = now_ms() + (ms);               \
		while (!(cond) && now_ms() < end_)             \
			uv_run(&loop, UV_RUN_ONCE);            \
		!!(cond);                                      \
	})
#define ASSERT_WAIT(cond)	assert_true(WAIT(cond, WAIT_MS))

/*
 * The client
 */

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	if (!why) {
		peer.opened++;
		return;
	}
	peer.refused++;
	peer.why = *why;
}

static void on_closed(void *ctx)
{
	(void)ctx;
	peer.closed++;
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	(void)ctx;
	peer.lost++;
	peer.why = *why;
}

static void on_done(void *ctx, uint32_t token, bool ok, uint16_t id)
{
	(void)ctx;
	(void)id;
	if (token < PUBLISHES)
		peer.ok[token] = ok;
	peer.last_token = token;
	if (ok)
		peer.done_ok++;
	else
		peer.done_bad++;
}

static void on_registered(void *ctx, uint16_t id, const char *name)
{
	(void)ctx;
	(void)id;
	(void)name;
}

static void count_number(const struct mqtt_message *m)
{
	char text[16] = "";
	int n;

	memcpy(text, m->payload, m->payload_len < 15 ? m->payload_len : 15);
	n = atoi(text);
	if (n < 0 || n >= NUMBERS)
		return;
	peer.numbers[n]++;
	peer.in_order &= n == peer.last_number + 1;
	peer.last_number = n;
}

static void on_message(void *ctx, struct mqttsn_message *m)
{
	(void)ctx;
	peer.received++;
	peer.kind = m->kind;
	peer.qos = m->mqtt.qos;
	peer.len = m->mqtt.payload_len;
	snprintf(peer.topic, sizeof(peer.topic), "%.*s",
		 (int)m->mqtt.topic_len, m->mqtt.topic);
	count_number(&m->mqtt);
	if (peer.holds && peer.n_held < NUMBERS)
		peer.held[peer.n_held++] = m;
	else
		mqttsn_message_end(m);
}

static void on_dropped(void *ctx)
{
	(void)ctx;
	peer.dropped++;
}

static void on_illegal(void *ctx)
{
	(void)ctx;
	peer.illegal++;
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

static void on_pulse(uv_timer_t *timer)
{
	(void)timer;
}

static int setup(void **state)
{
	(void)state;
	memset(&peer, 0, sizeof(peer));
	peer.last_number = -1;
	peer.in_order = true;
	uv_loop_init(&loop);
	uv_timer_init(&loop, &pulse);
	uv_timer_start(&pulse, on_pulse, 5, 5);
	if (resolver_start(&loop, NULL))
		return -1;
	peer.client = mqttsn_client_new(&loop, NULL, &callbacks, NULL);
	return !peer.client;
}

/*
 * Other processes
 */

static pid_t children[16];
static int n_children;

static void kill_children(int sig)
{
	while (n_children) {
		kill(children[--n_children], sig);
		kill(children[n_children], SIGCONT);
		waitpid(children[n_children], NULL, 0);
	}
}

static int teardown(void **state)
{
	(void)state;
	if (peer.client)
		mqttsn_client_free(peer.client);
	resolver_stop(&loop);
	uv_close((uv_handle_t *)&pulse, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	kill_children(SIGKILL);
	return uv_loop_close(&loop);
}

static void read_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len < size - 1 && read(fd, line + len, 1) == 1)
		if (line[len++] == '\n')
			return;
	fail_msg("no line: \"%s\"", line);
}

/* Its first line of output, a port, or 0 when it prints none. */
static int start(bool prints, const char *const *argv)
{
	int ends[2];
	char line[16] = "";
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 1);
		close(ends[0]);
		execvp(argv[0], (char **)argv);
		_exit(127);
	}
	close(ends[1]);
	children[n_children++] = pid;
	if (prints)
		read_line(ends[0], line, sizeof(line));
	close(ends[0]);
	return atoi(line);
}

#define START(prints, ...) \
	start(prints, (const char *const[]){ __VA_ARGS__, NULL })

/* Of this test alone. */
static int own_gateway(void)
{
	return START(true, "tests/mqttsn/gateway.py");
}

/* Of all tests that do it no harm: it takes a while to start. */
static int gateway(void)
{
	static int port;

	if (!port) {
		port = own_gateway();
		n_children--;	/* it ends with this process */
	}
	return port;
}

static const char *path(const char *name)
{
	static char paths[4][256];
	static unsigned int next;
	char *p = paths[next++ % 4];

	snprintf(p, sizeof(paths[0]), "%s/%s", getenv("MQTT_TEST_DIR"), name);
	return p;
}

/* A UDP port on which nobody hears; *@fd stays bound unless it is NULL. */
static int silent_port(int *fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(s, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&a, &len), 0);
	if (fd)
		*fd = s;
	else
		close(s);
	return ntohs(a.sin_port);
}

/* Does a process have this UDP port of 127.0.0.1 (or of all addresses)? */
static bool is_bound(int port)
{
	char want[16], line[256];
	FILE *f = fopen("/proc/net/udp", "r");
	bool found = false;

	snprintf(want, sizeof(want), ":%04X 0", port);
	while (f && fgets(line, sizeof(line), f))
		found |= strstr(line, want) != NULL;
	if (f)
		fclose(f);
	return found;
}

/* DTLS with the certificate @name in front of @port; the port. */
static int dtls_front(const char *name, const char *more, int port)
{
	char from[512], to[64];
	int own = silent_port(NULL);

	snprintf(from, sizeof(from),
		 "OPENSSL-DTLS-LISTEN:%d,bind=127.0.0.1,fork,"
		 "cert=%s/%s.crt,key=%s/%s.key,%s",
		 own, path(""), name, path(""), name, more);
	snprintf(to, sizeof(to), "UDP:127.0.0.1:%d", port);
	START(false, "socat", "-b65000", from, to);
	ASSERT_WAIT(is_bound(own));
	return own;
}

static int dtls_plain_front(int port)
{
	return dtls_front("server", "verify=0", port);
}

/*
 * What the tests share
 */

static struct mqtt_open args(int port)
{
	return (struct mqtt_open){
		.host = "127.0.0.1",
		.port = (uint16_t)port,
		.client_id = "live",
		.clean = true,
		.keepalive = 60,
		.timeout_ms = 5000,
	};
}

static const char *test_ca(void)
{
	static char ca[256];

	snprintf(ca, sizeof(ca), "%s", path("ca.crt"));
	return ca;
}

static void try_open(const struct mqtt_open *a)
{
	int before = peer.opened + peer.refused;

	assert_int_equal(mqttsn_open(peer.client, a, &mqttsn_timers_default),
			 0);
	ASSERT_WAIT(peer.opened + peer.refused > before);
}

static void must_open(const struct mqtt_open *a)
{
	int before = peer.opened;

	try_open(a);
	if (peer.opened == before)
		fail_msg("%s", peer.why.text);
}

static void must_refuse(const struct mqtt_open *a, const char *why)
{
	int before = peer.refused;

	try_open(a);
	assert_int_equal(peer.refused, before + 1);
	assert_string_equal(peer.why.text, why);
}

static void must_close(void)
{
	int before = peer.closed;

	assert_int_equal(mqttsn_close(peer.client), 0);
	ASSERT_WAIT(peer.closed > before);
}

static const struct mqttsn_topic topics[] = {
	{ MQTTSN_TOPIC_NAME, 0, "a/b" },
	{ MQTTSN_TOPIC_SHORT, 0, "xy" },
	{ MQTTSN_TOPIC_PREDEFINED, 7, NULL },
};

static void subscribe(const struct mqttsn_topic *topic, uint8_t qos)
{
	int before = peer.done_ok;

	assert_int_equal(mqttsn_subscribe(peer.client, 0, topic, qos), 0);
	ASSERT_WAIT(peer.done_ok > before);
}

/* And waits until it has come back. */
static void publish(const struct mqttsn_topic *topic, uint8_t qos,
		    const void *payload, size_t len)
{
	int done = peer.done_ok, received = peer.received;

	assert_int_equal(mqttsn_publish(peer.client, 0, topic, qos, false,
					payload, len),
			 0);
	ASSERT_WAIT(peer.done_ok > done && peer.received > received);
	assert_int_equal(peer.qos, qos);
}

/* Every kind of topic and QoS, and the sizes at which something changes. */
static void exchange(size_t largest)
{
	static const size_t sizes[] = { 0,   1,	  247,	248,
					249, 250, 1024, 1300 };
	static char payload[1500];
	char order[32];
	uint8_t qos;
	size_t i;

	for (i = 0; i < 3; i++) {
		subscribe(&topics[i], 2);
		for (qos = 0; qos <= 2; qos++)
			publish(&topics[i], qos, "hello", 5);
		assert_int_equal(peer.len, 5);
		if (topics[i].name)
			assert_string_equal(peer.topic, topics[i].name);
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		publish(&topics[2], 1, payload, sizes[i]);
		assert_int_equal(peer.len, sizes[i]);
	}
	snprintf(order, sizeof(order), "size %zu", largest);
	publish(&topics[2], 1, order, strlen(order));
	assert_int_equal(peer.len, largest);
}

/*
 * Plain UDP
 */

static void test_exchange(void **state)
{
	struct mqtt_open a = args(gateway());

	(void)state;
	must_open(&a);
	exchange(20000);
	must_close();
	must_open(&a);
	must_close();
}

static bool have_ipv6(void)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool have = fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof(a));

	if (fd >= 0)
		close(fd);
	return have;
}

static void test_addresses(void **state)
{
	struct mqtt_open a = args(gateway());

	(void)state;
	a.host = "localhost";
	must_open(&a);
	must_close();
	a.host = "127.000.0.1";
	must_open(&a);
	must_close();
	a.host = "::1";
	if (have_ipv6()) {
		must_open(&a);
		must_close();
	}
}

static void test_will(void **state)
{
	struct mqtt_open a = args(gateway());

	(void)state;
	a.will_topic = "gone";
	a.will_payload = "x";
	a.will_len = 1;
	must_open(&a);
	assert_int_equal(mqttsn_will_topic(peer.client, 1, "w", 1, true), 0);
	assert_int_equal(mqttsn_will_message(peer.client, 2, "y", 1), 0);
	ASSERT_WAIT(peer.done_ok == 2);
}

static void test_forgotten_id(void **state)
{
	struct mqtt_open a = args(own_gateway());

	(void)state;
	must_open(&a);
	subscribe(&topics[0], 1);
	assert_int_equal(mqttsn_publish(peer.client, 0, &topics[0], 1, false,
					"forget", 6),
			 0);
	ASSERT_WAIT(peer.done_ok == 2);
	publish(&topics[0], 1, "again", 5);
	assert_int_equal(peer.done_bad, 0);
	assert_int_equal(peer.len, 5);
}

static void test_nobody_there(void **state)
{
	struct mqtt_open a = args(silent_port(NULL));
	int fd;

	(void)state;
	must_refuse(&a, "connection refused");
	a.host = "host.invalid";
	try_open(&a);
	/* a machine without name server has to wait for it */
	assert_memory_equal(peer.why.text, "host not found", 14);
	a = args(silent_port(&fd));
	a.timeout_ms = 1000;
	must_refuse(&a, "no answer");
	close(fd);
}

static void test_other_source(void **state)
{
	struct mqtt_open a = args(gateway());

	(void)state;
	must_open(&a);
	subscribe(&topics[2], 1);
	publish(&topics[2], 1, "spoof", 5);
	publish(&topics[2], 1, "still here", 10);
	assert_int_equal(peer.lost, 0);
}

static void test_bye(void **state)
{
	struct mqtt_open a = args(own_gateway());

	(void)state;
	must_open(&a);
	mqttsn_publish(peer.client, 0, &topics[2], 0, false, "bye", 3);
	ASSERT_WAIT(peer.lost);
	assert_string_equal(peer.why.text, "closed by the gateway");
	must_open(&a);
}

/* A dead gateway is refused by ICMP, a stopped one is silent. */
static void test_dead(void **state)
{
	static const int signals[] = { SIGKILL, SIGSTOP };
	struct mqtt_open a;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		a = args(own_gateway());
		a.keepalive = 2;
		must_open(&a);
		kill(children[n_children - 1], signals[i]);
		ASSERT_WAIT(peer.lost == i + 1);
		assert_string_equal(peer.why.text, "no answer to a ping");
	}
}

static int lines_of(const char *file, const char *want)
{
	FILE *f = fopen(file, "r");
	char line[256];
	int n = 0;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		n += !strcmp(line, want);
	}
	if (f)
		fclose(f);
	return n;
}

/* Every "ok" has arrived; each message of QoS 2 came once, in order. */
static void test_bad_line(void **state)
{
	static const struct mqttsn_timers quick = {
		.retry_ms = 40,
		.retries = 100,
		.connect_ms = 200,
		.connect_retries = 20,
		.ping_ms = 1500,
		.pings = 3,
	};
	const char *log = path("received");
	struct mqtt_open a = args(START(true, "tests/mqttsn/gateway.py",
					"--loss=20", "--dup=10", "--late=10",
					"--log", log));
	char text[16];
	uint32_t i;

	(void)state;
	assert_int_equal(mqttsn_open(peer.client, &a, &quick), 0);
	ASSERT_WAIT(peer.opened);
	subscribe(&topics[2], 2);
	mqttsn_publish(peer.client, 0, &topics[2], 1, false, "numbers 100",
		       11);
	ASSERT_WAIT(peer.done_ok + peer.done_bad == 2);
	assert_true(WAIT(peer.last_number == NUMBERS - 1, 120000));
	for (i = 0; i < NUMBERS; i++)
		assert_int_equal(peer.numbers[i], 1);
	assert_true(peer.in_order);
	for (i = 0; i < PUBLISHES; i++) {
		snprintf(text, sizeof(text), "p%u", i);
		assert_int_equal(mqttsn_publish(peer.client, i, &topics[1], 1,
						false, text, strlen(text)),
				 0);
		ASSERT_WAIT(peer.done_ok + peer.done_bad == 3 + (int)i);
		assert_int_equal(peer.last_token, i);
		if (peer.ok[i] && lines_of(log, text) != 1)
			fail_msg("%s: %d times", text, lines_of(log, text));
	}
	assert_true(peer.done_ok > PUBLISHES / 2);
}

/* The order goes out, and each of @lines is in the log. */
static void order(const char *text, const char *log, const char *const *lines)
{
	subscribe(&topics[2], 1);
	assert_int_equal(mqttsn_publish(peer.client, 0, &topics[2], 1, false,
					text, strlen(text)),
			 0);
	for (; *lines; lines++)
		ASSERT_WAIT(lines_of(log, *lines));
}

static void test_illegal_names(void **state)
{
	static const char *const lines[] = { "regack 3", "puback 2", NULL };
	const char *log = path("refused");
	struct mqtt_open a = args(START(true, "tests/mqttsn/gateway.py",
					"--log", log));

	(void)state;
	must_open(&a);
	order("names", log, lines);
	assert_int_equal(peer.illegal, 2);
	assert_false(mqttsn_topic_at(peer.client, 0, NULL, NULL));
	ASSERT_WAIT(peer.received);	/* the order itself */
	assert_int_equal(peer.received, 1);
}

static int different_numbers(void)
{
	int i, n = 0;

	for (i = 0; i < NUMBERS; i++)
		n += peer.numbers[i] > 0;
	return n;
}

/*
 * 12 of 20 000 bytes fit; the gateway repeats until the others do.  It repeats
 * also what a busy machine answers late: of QoS 1 that comes twice.
 */
static void test_congestion(void **state)
{
	static const char *const lines[] = { "puback 1", NULL };
	const char *log = path("congested");
	struct mqtt_open a = args(START(true, "tests/mqttsn/gateway.py",
					"--log", log));

	(void)state;
	peer.holds = true;
	must_open(&a);
	order("flood 20 20000", log, lines);
	ASSERT_WAIT(peer.received == 12);
	WAIT(false, 500);
	assert_int_equal(peer.received, 12);
	peer.holds = false;
	while (peer.n_held)
		mqttsn_message_end(peer.held[--peer.n_held]);
	ASSERT_WAIT(different_numbers() == 20);
	assert_int_equal(peer.dropped, 0);
}

/*
 * DTLS
 */

static void test_dtls_exchange(void **state)
{
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a = args(dtls_plain_front(gateway()));

	(void)state;
	a.host = "localhost";
	a.tls = &tls;
	must_open(&a);
	exchange(16000);
	must_close();
	must_open(&a);
	must_close();
}

static void test_dtls_large(void **state)
{
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a = args(dtls_plain_front(gateway()));
	static char payload[2000];

	(void)state;
	a.tls = &tls;
	must_open(&a);
	subscribe(&topics[2], 1);
	/* more than a record that is not fragmented */
	assert_int_equal(mqttsn_publish(peer.client, 0, &topics[2], 0, false,
					payload, sizeof(payload)),
			 0);
	ASSERT_WAIT(peer.done_bad == 1);
	publish(&topics[2], 1, "still here", 10);
}

struct trust_row {
	const char *name;
	const char *server;	/* its certificate */
	const char *more;	/* for socat */
	const char *host;
	const char *ca, *cert, *key;
	bool no_verify, tls13_only;
	const char *why;	/* NULL: opens */
	bool dated;		/* and the board's date */
};

#define NO_CLIENT	"verify=0"
#define ANY_CLIENT	"verify=1,cafile=CA"

static const struct trust_row rows[] = {
	{ .name = "name", .server = "server", .more = NO_CLIENT,
	  .host = "localhost", .ca = "ca" },
	{ .name = "address", .server = "server", .more = NO_CLIENT,
	  .host = "127.0.0.1", .ca = "ca" },
	{ .name = "wrong CA", .server = "server", .more = NO_CLIENT,
	  .host = "localhost", .ca = "foreign",
	  .why = "certificate not trusted" },
	{ .name = "system store", .server = "server", .more = NO_CLIENT,
	  .host = "localhost", .why = "certificate not trusted" },
	{ .name = "no CA file", .server = "server", .more = NO_CLIENT,
	  .host = "localhost", .ca = "missing",
	  .why = "CA file cannot be used" },
	{ .name = "other host", .server = "other", .more = NO_CLIENT,
	  .host = "localhost", .ca = "ca",
	  .why = "host name does not match the certificate" },
	{ .name = "other address", .server = "other", .more = NO_CLIENT,
	  .host = "127.0.0.1", .ca = "ca",
	  .why = "address does not match the certificate" },
	{ .name = "expired", .server = "expired", .more = NO_CLIENT,
	  .host = "localhost", .ca = "ca", .why = "certificate has expired",
	  .dated = true },
	{ .name = "unverified", .server = "other", .more = NO_CLIENT,
	  .host = "localhost", .ca = "foreign", .no_verify = true },
	{ .name = "client certificate", .server = "server",
	  .more = ANY_CLIENT, .host = "localhost", .ca = "ca",
	  .cert = "client", .key = "client" },
	{ .name = "client certificate missing", .server = "server",
	  .more = ANY_CLIENT, .host = "localhost", .ca = "ca",
	  .why = "TLS handshake refused by the gateway" },
	{ .name = "foreign client certificate", .server = "server",
	  .more = ANY_CLIENT, .host = "localhost", .ca = "ca",
	  .cert = "stranger", .key = "stranger",
	  .why = "client certificate not trusted by the gateway" },
	{ .name = "another's key", .server = "server", .more = NO_CLIENT,
	  .host = "localhost", .ca = "ca", .cert = "client",
	  .key = "stranger",
	  .why = "client key does not match its certificate" },
	{ .name = "TLS 1.3 only", .server = "server", .more = NO_CLIENT,
	  .host = "localhost", .ca = "ca", .tls13_only = true,
	  .why = "DTLS 1.3 is not available" },
};

static const char *file(char *buf, size_t size, const char *name,
			const char *suffix)
{
	if (!name)
		return NULL;
	snprintf(buf, size, "%s/%s.%s", path(""), name, suffix);
	return buf;
}

static void test_trust(void **state)
{
	const struct trust_row *row = *state;
	char ca[300], cert[300], key[300], more[300];
	struct mqtt_tls tls = {
		.verify = !row->no_verify,
		.tls13_only = row->tls13_only,
		.ca_file = file(ca, sizeof(ca), row->ca, "crt"),
		.cert_file = file(cert, sizeof(cert), row->cert, "crt"),
		.key_file = file(key, sizeof(key), row->key, "key"),
	};
	struct mqtt_open a;

	snprintf(more, sizeof(more), "%s%s",
		 row->more == (const char *)NO_CLIENT ? "verify=0" :
							"verify=1,cafile=",
		 strcmp(row->more, ANY_CLIENT) ? "" : test_ca());
	a = args(dtls_front(row->server, more, gateway()));
	a.host = row->host;
	a.tls = &tls;
	if (row->why)
		must_refuse(&a, row->dated ? date_behind(row->why) : row->why);
	else
		must_open(&a);
}

static void test_dtls_nobody_there(void **state)
{
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a = args(silent_port(NULL));
	int fd;

	(void)state;
	a.tls = &tls;
	must_refuse(&a, "connection refused");
	a.port = (uint16_t)silent_port(&fd);
	a.timeout_ms = 1500;
	must_refuse(&a, "no answer");
	close(fd);
	/* a gateway without DTLS does not understand it */
	a.port = (uint16_t)gateway();
	must_refuse(&a, "no answer");
}

static int connect_to(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static enum dtls_result shake(struct dtls *dtls, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t end = now_ms() + WAIT_MS;
	enum dtls_result r;

	do {
		r = dtls_handshake(dtls);
		if (r == DTLS_AGAIN && !poll(&p, 1, 1000))
			dtls_repeat(dtls);
	} while ((r == DTLS_AGAIN || r == DTLS_REFUSED) && now_ms() < end);
	return r;
}

/* OpenSSL sends its flight as one datagram of more than 1400 bytes. */
static void test_dtls_large_flight(void **state)
{
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	int port = silent_port(NULL);
	struct mqtt_reason why;
	struct dtls *dtls;
	char command[1024];
	int fd;

	(void)state;
	mkfifo(path("input"), 0600);
	snprintf(command, sizeof(command),
		 "exec openssl s_server -dtls -listen -quiet "
		 "-accept 127.0.0.1:%d -cert %s/large.crt -key %s/large.key "
		 "0<>%s >/dev/null 2>&1",
		 port, path(""), path(""), path("input"));
	START(false, "sh", "-c", command);
	ASSERT_WAIT(is_bound(port));
	fd = connect_to(port);
	dtls = dtls_new(&tls, "localhost", fd, &why);
	assert_non_null(dtls);
	assert_int_equal(shake(dtls, fd), DTLS_OK);
	dtls_free(dtls);
	close(fd);
}

/*
 * A gateway with a pre-shared key that says CONNACK to whatever comes, and
 * nothing more.
 */
static int psk_gateway(const char *key, const char *more)
{
	int port = silent_port(NULL);
	char command[768];

	mkfifo(path("psk-input"), 0600);
	snprintf(command, sizeof(command),
		 "exec 3<>%s; printf '\\003\\005\\000' >&3; "
		 "exec openssl s_server -dtls1_2 -quiet -nocert "
		 "-accept 127.0.0.1:%d -psk_identity board -psk %s "
		 "%s <&3 >/dev/null 2>&1",
		 path("psk-input"), port, key, more);
	START(false, "sh", "-c", command);
	ASSERT_WAIT(is_bound(port));
	return port;
}

static const char *psk_file(const char *text)
{
	const char *name = path("psk");
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	fclose(f);
	return name;
}

#define PSK	"0a1b2c3d4e5f60"
#define PSK32	"0123456789abcdef0123456789abcdef" \
		"0123456789abcdef0123456789abcdef"

static const struct psk_row {
	const char *name;
	const char *key;	/* the gateway's */
	const char *text;	/* of the file */
	const char *more;	/* for the gateway */
	const char *why;	/* NULL: opens */
} psk_rows[] = {
	{ "PSK", PSK, PSK, "", NULL },
	{ "PSK, a line", PSK, "0A1B2C3D4E5F60\r\n", "", NULL },
	{ "PSK, the longest", PSK32 PSK32, PSK32 PSK32 "\n", "", NULL },
	{ "PSK, ChaCha20", PSK, PSK, "-cipher ECDHE-PSK-CHACHA20-POLY1305",
	  NULL },
	{ "PSK, CBC", PSK, PSK, "-cipher ECDHE-PSK-AES128-CBC-SHA256", NULL },
	{ "PSK, DHE", PSK, PSK, "-cipher DHE-PSK-AES128-GCM-SHA256", NULL },
	{ "PSK, too long", PSK, PSK32 PSK32 "00", "",
	  "PSK file cannot be used" },
	{ "PSK, empty file", PSK, "", "", "PSK file cannot be used" },
	{ "PSK, half a byte", PSK, PSK "7", "", "PSK file cannot be used" },
	{ "PSK, no digits", PSK, "secret", "", "PSK file cannot be used" },
	{ "PSK, two lines", PSK, PSK "\n" PSK "\n", "",
	  "PSK file cannot be used" },
	{ "PSK, another key", PSK, PSK "70", "", "no answer" },
	{ "PSK, no suite in common", PSK, PSK,
	  "-cipher PSK-AES128-GCM-SHA256",
	  "TLS handshake refused by the gateway" },
};

static void test_psk(void **state)
{
	const struct psk_row *row = *state;
	struct mqtt_tls tls = {
		.verify = true,
		.ca_file = "/nonexistent",
		.psk_identity = "board",
		.psk_file = psk_file(row->text),
	};
	struct mqtt_open a = args(psk_gateway(row->key, row->more));

	a.tls = &tls;
	if (row->why)
		must_refuse(&a, row->why);
	else
		must_open(&a);
}

/* s0 has a piece of the certificate, which OpenSSL cuts anew. */
static void test_dtls_handshake_lost(void **state)
{
	static const char *const lost[] = { "c0", "c1", "s0", "s2", "s4" };
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a;
	char front[16];
	size_t i;

	(void)state;
	snprintf(front, sizeof(front), "%d", dtls_plain_front(gateway()));
	for (i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		a = args(START(true, "tests/mqttsn/relay.py", front, lost[i]));
		a.timeout_ms = 12000;
		a.tls = &tls;
		must_open(&a);
		must_close();
	}
}

/* The relay ends when a flight comes twice within its own second. */
static void test_dtls_slow_way(void **state)
{
	static const char *const ways[] = { "200", "350", "450" };
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a;
	char front[16];
	size_t i;

	(void)state;
	snprintf(front, sizeof(front), "%d", dtls_plain_front(gateway()));
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		a = args(START(true, "tests/mqttsn/relay.py", "--late",
			       ways[i], front));
		a.timeout_ms = 12000;
		a.tls = &tls;
		must_open(&a);
		must_close();
	}
}

/* socat says goodbye when there is no gateway behind it. */
static void test_dtls_alert(void **state)
{
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a = args(dtls_plain_front(own_gateway()));

	(void)state;
	a.tls = &tls;
	a.keepalive = 2;
	must_open(&a);
	kill(children[0], SIGKILL);
	ASSERT_WAIT(peer.lost);
	assert_string_equal(peer.why.text, "closed by the gateway");
}

/* Given up at any time: nothing is called, nothing is left. */
static void test_dtls_given_up(void **state)
{
	struct mqtt_tls tls = { .verify = true, .ca_file = test_ca() };
	struct mqtt_open a = args(dtls_plain_front(gateway()));
	int i;

	(void)state;
	a.tls = &tls;
	for (i = 0; i < 20; i++) {
		a.host = i % 2 ? "localhost" : "127.0.0.1";
		assert_int_equal(mqttsn_open(peer.client, &a,
					     &mqttsn_timers_default),
				 0);
		WAIT(false, (uint64_t)i * 2);
		mqttsn_abort(peer.client);
	}
	peer.opened = 0;
	must_open(&a);
	assert_int_equal(peer.refused, 0);
	assert_int_equal(mqttsn_close(peer.client), 0);
	mqttsn_client_free(peer.client);
	peer.client = NULL;
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	static struct CMUnitTest all[64] = {
		TEST(test_exchange),	   TEST(test_addresses),
		TEST(test_will),	   TEST(test_forgotten_id),
		TEST(test_nobody_there),   TEST(test_other_source),
		TEST(test_bye),		   TEST(test_dead),
		TEST(test_bad_line),	   TEST(test_illegal_names),
		TEST(test_congestion),	   TEST(test_dtls_exchange),
		TEST(test_dtls_large),	   TEST(test_dtls_nobody_there),
		TEST(test_dtls_handshake_lost),
		TEST(test_dtls_slow_way),
		TEST(test_dtls_large_flight),
		TEST(test_dtls_alert),	   TEST(test_dtls_given_up),
	};
	size_t n = 0, i;

	while (all[n].test_func)
		n++;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++, n++) {
		all[n] = (struct CMUnitTest)TEST(test_trust);
		all[n].name = rows[i].name;
		all[n].initial_state = (void *)&rows[i];
	}
	for (i = 0; i < sizeof(psk_rows) / sizeof(psk_rows[0]); i++, n++) {
		all[n] = (struct CMUnitTest)TEST(test_psk);
		all[n].name = psk_rows[i].name;
		all[n].initial_state = (void *)&psk_rows[i];
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return _cmocka_run_group_tests("mqttsn", all, n, NULL, NULL);
}
