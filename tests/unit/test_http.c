// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The HTTP client against http_server.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/cloud/http.h"
#include "daemon/lib/date.h"
#include "daemon/lib/noop.h"
#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"

#define GENEROUS_MS	60000
#define ANSWER_MAX	4096
#define NO_SERVER	"127.0.0.1:1"	/* of names */

enum { PLAIN, TLS, OTHER, EXPIRED, OLD, NOBODY, N_PORTS };

static struct {
	char directory[64];
	pid_t pid;
	int keep;		/* its standard input */
	int ports[N_PORTS];
} server;

static struct {
	uv_loop_t loop;
	struct http *http;
	int called;
	char error[128];
	unsigned int status;
	char body[ANSWER_MAX + 1];
	size_t len;
} t;

/* ---- the server ---- */

static int start_server(void **state)
{
	int in[2], out[2];
	FILE *f;
	int i;

	(void)state;
	snprintf(server.directory, sizeof(server.directory),
		 "/tmp/test_http.XXXXXX");
	if (!mkdtemp(server.directory) || pipe2(in, O_CLOEXEC) ||
	    pipe2(out, O_CLOEXEC))
		return -1;
	server.pid = fork();
	if (!server.pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl("/usr/bin/python3", "python3", "-B",
		      "tests/unit/http_server.py", server.directory, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server.keep = in[1];
	f = fdopen(out[0], "r");
	for (i = 0; i < N_PORTS; i++)
		if (fscanf(f, "%d", &server.ports[i]) != 1)
			return -1;
	fclose(f);
	return 0;
}

static int stop_server(void **state)
{
	char command[128];

	(void)state;
	close(server.keep);
	waitpid(server.pid, NULL, 0);
	snprintf(command, sizeof(command), "rm -r %s", server.directory);
	return system(command);
}

/* ---- a request ---- */

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	uv_loop_init(&t.loop);
	return resolver_start(&t.loop, NO_SERVER) ||
	       http_open(&t.http, &t.loop);
}

static int teardown(void **state)
{
	(void)state;
	http_close(t.http);
	resolver_stop(&t.loop);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&t.loop);
}

static void on_done(void *ctx, const struct http_reply *reply)
{
	assert_ptr_equal(ctx, &t);
	t.called++;
	snprintf(t.error, sizeof(t.error), "%s",
		 reply->error ? reply->error : "");
	t.status = reply->status;
	t.len = reply->len;
	assert_true(reply->len <= ANSWER_MAX);
	if (reply->error)
		return;
	memcpy(t.body, reply->body, reply->len + 1);
	assert_int_equal(t.body[t.len], 0);
}

static const char *url_of(int port, const char *host, const char *path)
{
	static char url[128];

	snprintf(url, sizeof(url), "http%s://%s:%d%s",
		 port == PLAIN || port == NOBODY ? "" : "s", host,
		 server.ports[port], path);
	return url;
}

static const char *file_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", server.directory, name);
	return path;
}

static const char *text_of(const char *name)
{
	static char text[4096];
	FILE *f = fopen(file_of(name), "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static struct http_args get(const char *url)
{
	return (struct http_args){
		.url = url,
		.timeout_ms = GENEROUS_MS,
		.max = ANSWER_MAX,
	};
}

static struct http_request *start(const struct http_args *args)
{
	return http_start(t.http, args, on_done, &t);
}

static void fetch(const struct http_args *args)
{
	t.called = 0;
	assert_non_null(start(args));
	assert_int_equal(t.called, 0);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.called, 1);
}

static void fails(const struct http_args *args, const char *error)
{
	fetch(args);
	assert_string_equal(t.error, error);
	assert_int_equal(t.status, 0);
}

static void answers(const struct http_args *args, unsigned int status,
		    const char *body)
{
	fetch(args);
	assert_string_equal(t.error, "");
	assert_int_equal(t.status, status);
	assert_string_equal(t.body, body);
	assert_int_equal(t.len, strlen(body));
}

/* ---- what is asked and answered ---- */

static void get_says_nothing_unasked(void **state)
{
	struct http_args args = get(NULL);

	(void)state;
	args.url = url_of(PLAIN, "127.0.0.1", "/echo/a?b=c");
	answers(&args, 200, "GET /echo/a?b=c\n");
}

static void post_with_headers(void **state)
{
	static const char *const headers[] = {
		"X-One: 1", "Content-Type: text/x", NULL,
	};
	struct http_args args = get(url_of(PLAIN, "localhost", "/echo/"));

	(void)state;
	args.headers = headers;
	args.body = "data=1\n2";
	args.len = 8;
	answers(&args, 200, "POST /echo/\nX-One: 1\nContent-Type: text/x\n"
			    "data=1\n2");
}

static void long_post_without_expect(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/echo/"));
	char *body = malloc(3000);

	(void)state;
	memset(body, 'y', 3000);
	args.body = body;
	args.len = 3000;
	assert_non_null(start(&args));
	memset(body, 'n', 3000);
	free(body);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.called, 1);
	assert_null(strstr(t.body, "Expect"));
	assert_non_null(strstr(t.body, "yyyy"));
	assert_null(strstr(t.body, "nn"));
	assert_true(t.len > 3000);
}

static void empty_post(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/echo/"));

	(void)state;
	args.body = "";
	fetch(&args);
	assert_memory_equal(t.body, "POST /echo/\n", 12);
}

static void chunked_answer(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/chunked"));

	(void)state;
	answers(&args, 200, "first second third");
}

static void any_status_is_an_answer(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/status/500"));

	(void)state;
	answers(&args, 500, "said");
	args.url = url_of(PLAIN, "127.0.0.1", "/status/404");
	answers(&args, 404, "said");
	args.url = url_of(PLAIN, "127.0.0.1", "/elsewhere");
	answers(&args, 302, "");
}

static void longest_answer(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/bytes/100"));

	(void)state;
	args.max = 100;
	fetch(&args);
	assert_int_equal(t.status, 200);
	assert_int_equal(t.len, 100);
}

/* ---- what goes wrong ---- */

static void answer_too_long(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/bytes/101"));

	(void)state;
	args.max = 100;
	fails(&args, "the answer is too long");
	args.url = url_of(PLAIN, "127.0.0.1", "/endless");
	fails(&args, "the answer is too long");
}

static void nobody_listens(void **state)
{
	struct http_args args = get(url_of(NOBODY, "127.0.0.1", "/"));

	(void)state;
	fails(&args, "connection refused or unreachable");
	args.url = url_of(NOBODY, "localhost", "/");
	fails(&args, "connection refused or unreachable");
}

static void no_such_host(void **state)
{
	struct http_args args = get("http://no-such-host.invalid/");

	(void)state;
	fails(&args, "host not found: the name servers failed");
}

/* Whatever way an address is written: libcurl takes many. */
static void only_what_may_be_reached(void **state)
{
	static const char *const hosts[] = {
		"localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1",
		"0", "[::1]", "[::ffff:127.0.0.1]", "[::]",
	};
	struct reach *reach = reach_new();
	struct http_args args = get(NULL);
	size_t i;

	(void)state;
	args.reach = reach;
	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		args.url = url_of(PLAIN, hosts[i], "/status/200");
		fails(&args, "host not allowed");
	}
	assert_int_equal(reach_add(reach, "127.0.0.1:*"), 0);
	for (i = 0; i < 5; i++) {
		args.url = url_of(PLAIN, hosts[i], "/status/200");
		answers(&args, 200, "said");
	}
	reach_free(reach);
}

/* No name server hears of it. */
static void a_name_that_may_not_be_reached(void **state)
{
	struct reach *reach = reach_new();
	struct http_args args = get("http://no-such-host.invalid/");

	(void)state;
	args.reach = reach;
	assert_int_equal(reach_add(reach, "*.example:*"), 0);
	fails(&args, "host not allowed");
	reach_free(reach);
}

static void no_answer(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/slow"));

	(void)state;
	args.timeout_ms = 50;
	fails(&args, "no answer in time");
	answers(&(struct http_args){
		.url = url_of(PLAIN, "127.0.0.1", "/status/200"),
		.timeout_ms = GENEROUS_MS, .max = 4 }, 200, "said");
}

static void closed_early(void **state)
{
	static const char *const paths[] = { "/closed", "/short" };
	struct http_args args;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		args = get(url_of(PLAIN, "127.0.0.1", paths[i]));
		fails(&args, "closed by the server");
	}
}

static void not_http(void **state)
{
	struct http_args args = get(url_of(PLAIN, "127.0.0.1", "/junk"));

	(void)state;
	fetch(&args);
	assert_string_not_equal(t.error, "");
}

static void urls_that_are_none(void **state)
{
	static const char *const urls[] = {
		"", "/d.json", "http://", "ftp://127.0.0.1/x", "file:///etc",
		"http://a b/", "http://127.0.0.1:99999/",
	};
	struct http_args args;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		args = get(urls[i]);
		if (!start(&args))
			continue;
		uv_run(&t.loop, UV_RUN_DEFAULT);
		assert_string_not_equal(t.error, "");
	}
}

/* ---- TLS ---- */

static void authority_in_a_file(void **state)
{
	struct http_args args = get(url_of(TLS, "localhost", "/status/200"));

	(void)state;
	args.ca_file = file_of("ca.pem");
	answers(&args, 200, "said");
	args.url = url_of(TLS, "127.0.0.1", "/status/200");
	answers(&args, 200, "said");
}

static void authority_in_memory(void **state)
{
	struct http_args args = get(url_of(TLS, "localhost", "/status/200"));

	(void)state;
	args.ca_pem = text_of("ca.pem");
	answers(&args, 200, "said");
}

static void another_authority(void **state)
{
	struct http_args args = get(url_of(TLS, "localhost", "/status/200"));

	(void)state;
	fails(&args, "certificate not trusted");
	args.ca_file = file_of("foreign.pem");
	fails(&args, "certificate not trusted");
	args.ca_pem = text_of("foreign.pem");
	args.ca_file = file_of("ca.pem");
	fails(&args, "certificate not trusted");
}

static void another_name(void **state)
{
	struct http_args args = get(url_of(OTHER, "localhost", "/status/200"));

	(void)state;
	args.ca_file = file_of("ca.pem");
	fails(&args, "host name does not match the certificate");
}

static void certificate_expired(void **state)
{
	struct http_args args = get(url_of(EXPIRED, "localhost", "/echo/"));

	(void)state;
	args.ca_file = file_of("ca.pem");
	fails(&args, date_behind("certificate has expired"));
}

static void lowest_version(void **state)
{
	struct http_args args = get(url_of(OLD, "localhost", "/status/200"));

	(void)state;
	args.ca_file = file_of("ca.pem");
	answers(&args, 200, "said");
	args.tls13_only = true;
	fails(&args, "TLS handshake failed");
	args.url = url_of(TLS, "localhost", "/status/200");
	answers(&args, 200, "said");
}

#define STORE		"/etc/ssl/certs"
#define NOT_ALLOWED	77

/* In a child: with ours in the place of the system's store */
static int fetch_with_store(void)
{
	struct http_args args = get(url_of(TLS, "127.0.0.1", "/status/200"));

	if (unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount(file_of("store"), STORE, "none", MS_BIND, NULL))
		return NOT_ALLOWED;
	setup(NULL);
	start(&args);
	uv_run(&t.loop, UV_RUN_DEFAULT);
	return teardown(NULL) || t.status != 200;
}

static void authority_in_the_systems_store(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (!child)
		_exit(fetch_with_store());
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_ALLOWED)
		skip();
	assert_int_equal(status, 0);
}

static void authority_is_no_certificate(void **state)
{
	struct http_args args = get(url_of(TLS, "localhost", "/status/200"));

	(void)state;
	args.ca_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n"
		      "-----END CERTIFICATE-----\n";
	fetch(&args);
	assert_string_not_equal(t.error, "");
	args.ca_pem = "";
	fetch(&args);
	assert_string_not_equal(t.error, "");
}

static void insecure_on_demand(void **state)
{
	struct http_args args = get(url_of(OTHER, "localhost", "/status/200"));

	(void)state;
	args.insecure = true;
	answers(&args, 200, "said");
}

static void tls_to_a_plain_port(void **state)
{
	char url[64];
	struct http_args args = get(url);

	(void)state;
	snprintf(url, sizeof(url), "https://localhost:%d/",
		 server.ports[PLAIN]);
	fetch(&args);
	assert_string_not_equal(t.error, "");
}

/* ---- beside others ---- */

static int ticks;

static void on_tick(uv_timer_t *timer)
{
	ticks++;
	if (t.called)
		uv_close((uv_handle_t *)timer, NULL);
}

/* The server takes 300 ms: the loop turns meanwhile. */
static void loop_goes_on(void **state)
{
	struct http_args args = get(url_of(PLAIN, "localhost", "/delayed"));
	uv_timer_t timer;

	(void)state;
	ticks = 0;
	uv_timer_init(&t.loop, &timer);
	uv_timer_start(&timer, on_tick, 1, 1);
	fetch(&args);
	assert_string_equal(t.body, "late");
	assert_true(ticks > 10);
}

static void many_at_once(void **state)
{
	struct http_args plain = get(url_of(PLAIN, "localhost", "/chunked"));
	struct http_args tls;
	char url[128];
	int i;

	(void)state;
	snprintf(url, sizeof(url), "%s", plain.url);
	plain.url = url;
	tls = get(url_of(TLS, "localhost", "/chunked"));
	tls.ca_file = file_of("ca.pem");
	for (i = 0; i < 8; i++)
		assert_non_null(start(i % 2 ? &plain : &tls));
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.called, 8);
	assert_string_equal(t.error, "");
	assert_string_equal(t.body, "first second third");
}

static double cpu_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* A trust store is read and a handshake made, but not by the loop. */
static void handshakes_take_none_of_the_loops_time(void **state)
{
	struct http_args args = get(url_of(TLS, "localhost", "/status/200"));
	double loop = cpu_ms(CLOCK_THREAD_CPUTIME_ID);
	double all = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
	int i;

	(void)state;
	args.ca_file = file_of("ca.pem");
	for (i = 0; i < 16; i++)
		assert_non_null(start(&args));
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.called, 16);
	loop = cpu_ms(CLOCK_THREAD_CPUTIME_ID) - loop;
	all = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - all;
	assert_true(loop < all / 2);
}

static void noops_pass_the_thread(void **state)
{
	struct http_args args = get(url_of(PLAIN, "localhost", "/slow"));
	struct http_request *r[2];
	struct noop noop;

	(void)state;
	for (int i = 0; i < 2; i++) {
		atomic_init(&noop.pending, true);
		http_noop(t.http, &noop);
		for (int tries = 0; atomic_load(&noop.pending); tries++) {
			assert_true(tries < 5000);
			usleep(1000);
		}
		r[i] = start(&args);
		assert_non_null(r[i]);
	}
	for (int i = 0; i < 2; i++)
		http_abort(r[i]);
	uv_run(&t.loop, UV_RUN_DEFAULT);
}

/* In each phase: looked up, connecting, waiting for the answer. */
static void aborted(void **state)
{
	struct http_args args = get(url_of(PLAIN, "localhost", "/slow"));
	struct http_request *r;
	int turns, i;

	(void)state;
	http_abort(NULL);
	for (turns = 0; turns < 20; turns++) {
		r = start(&args);
		assert_non_null(r);
		for (i = 0; i < turns; i++) {
			uv_run(&t.loop, UV_RUN_NOWAIT);
			usleep(1000);
		}
		http_abort(r);
		uv_run(&t.loop, UV_RUN_DEFAULT);
	}
	assert_int_equal(t.called, 0);
}

static struct http_request *other;

static void abort_other(void *ctx, const struct http_reply *reply)
{
	(void)ctx;
	assert_null(reply->error);
	http_abort(other);
	t.called++;
}

static void one_ends_another(void **state)
{
	struct http_args slow = get(url_of(PLAIN, "127.0.0.1", "/slow"));
	struct http_args args;

	(void)state;
	other = start(&slow);
	assert_non_null(other);
	args = get(url_of(PLAIN, "127.0.0.1", "/delayed"));
	assert_non_null(http_start(t.http, &args, abort_other, &t));
	uv_run(&t.loop, UV_RUN_DEFAULT);
	assert_int_equal(t.called, 1);
}

/* Its thread would sleep on when there is something to do. */
static void no_descriptors_to_be_woken_by(void **state)
{
	struct rlimit old, none;
	struct http *http = NULL;
	uv_loop_t loop;
	int fd, err;

	(void)state;
	uv_loop_init(&loop);
	fd = dup(STDERR_FILENO);	/* the lowest that is free */
	close(fd);
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){ (rlim_t)fd, old.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	err = http_open(&http, &loop);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(err, -EMFILE);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		/* it forks: ahead of those that start threads */
		cmocka_unit_test(no_descriptors_to_be_woken_by),
		cmocka_unit_test(authority_in_the_systems_store),
		TEST(get_says_nothing_unasked),
		TEST(post_with_headers),
		TEST(long_post_without_expect),
		TEST(empty_post),
		TEST(chunked_answer),
		TEST(any_status_is_an_answer),
		TEST(longest_answer),
		TEST(answer_too_long),
		TEST(nobody_listens),
		TEST(no_such_host),
		TEST(only_what_may_be_reached),
		TEST(a_name_that_may_not_be_reached),
		TEST(no_answer),
		TEST(closed_early),
		TEST(not_http),
		TEST(urls_that_are_none),
		TEST(authority_in_a_file),
		TEST(authority_in_memory),
		TEST(another_authority),
		TEST(another_name),
		TEST(certificate_expired),
		TEST(authority_is_no_certificate),
		TEST(insecure_on_demand),
		TEST(lowest_version),
		TEST(tls_to_a_plain_port),
		TEST(loop_goes_on),
		TEST(many_at_once),
		TEST(handshakes_take_none_of_the_loops_time),
		TEST(noops_pass_the_thread),
		TEST(aborted),
		TEST(one_ends_another),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
