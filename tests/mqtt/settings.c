// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What links with the same TLS settings share: files that are read once, and
 * sessions that are taken up.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "daemon/tls/trust.h"

/* Seconds that the board has been on for longer than it has */
static time_t later;

int clock_gettime(clockid_t clock, struct timespec *t)
	__attribute__((visibility("default")));

int clock_gettime(clockid_t clock, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, t);

	if (!rc && clock == CLOCK_BOOTTIME)
		t->tv_sec += later;
	return rc;
}

/* Has somebody opened the file since? */
struct watch {
	int fd;
};

static struct watch watch_file(const char *path)
{
	struct watch w = { inotify_init1(IN_NONBLOCK | IN_CLOEXEC) };

	assert_true(w.fd >= 0);
	assert_true(inotify_add_watch(w.fd, path, IN_OPEN) >= 0);
	return w;
}

static bool was_opened(struct watch *w)
{
	char events[4096];

	return read(w->fd, events, sizeof(events)) > 0;
}

static struct tls_context *new_context(const struct mqtt_tls *tls)
{
	struct mqtt_reason why = { 0 };
	struct tls_context *c;

	c = tls_context_new(tls, "localhost", TLS_OVER_TCP, &why);
	if (!c)
		fail_msg("%s", why.text);
	return c;
}

static void read_context(const struct mqtt_tls *tls)
{
	tls_context_free(new_context(tls));
}

static void copy_file(const char *from, const char *to)
{
	char command[600];

	snprintf(command, sizeof(command), "cp %s %s", from, to);
	assert_int_equal(system(command), 0);
}

static void test_files_are_read_once(void **state)
{
	char path[256];
	struct mqtt_tls tls = { .verify = true, .ca_file = path };
	struct mqtt_tls other = { .verify = true, .tls13_only = true,
				  .ca_file = path };
	struct watch w;

	(void)state;
	snprintf(path, sizeof(path), "%s/once.crt", test_path("."));
	copy_file(test_path("ca.crt"), path);
	w = watch_file(path);
	read_context(&tls);
	assert_true(was_opened(&w));
	read_context(&tls);
	read_context(&tls);
	assert_false(was_opened(&w));
	read_context(&other);
	assert_true(was_opened(&w));
	copy_file(test_path("foreign.crt"), path);
	was_opened(&w);
	read_context(&tls);
	assert_true(was_opened(&w));
	close(w.fd);
}

static void test_system_store_is_read_once(void **state)
{
	const struct mqtt_tls tls = { .verify = true };
	struct watch w;

	(void)state;
	read_context(&tls);
	w = watch_file("/etc/ssl/certs");	/* all its files */
	read_context(&tls);
	assert_false(was_opened(&w));
	close(w.fd);
}

/* A list that comes into the folder is asked by the next link. */
static void test_a_new_list_is_read(void **state)
{
	char folder[256], list[300], ca[256];
	struct mqtt_tls tls = { .verify = true, .ca_file = ca,
				.crl = folder };
	struct mqtt_reason why = { 0 };
	struct watch w;

	(void)state;
	snprintf(ca, sizeof(ca), "%s/chain/root.crt", test_path("."));
	snprintf(folder, sizeof(folder), "%s/crls", test_path("."));
	snprintf(list, sizeof(list), "%s/one.crl", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_null(tls_context_new(&tls, "localhost", TLS_OVER_TCP, &why));
	assert_string_equal(why.text, "revocation list cannot be used");
	copy_file(test_path("chain/none.crl"), list);
	w = watch_file(list);
	read_context(&tls);
	assert_true(was_opened(&w));
	read_context(&tls);
	assert_false(was_opened(&w));
	copy_file(test_path("chain/some.crl"), list);
	was_opened(&w);
	read_context(&tls);
	assert_true(was_opened(&w));
	close(w.fd);
}

/* Contexts are made in several threads at once. */
static void *make_contexts(void *arg)
{
	const struct mqtt_tls *tls = arg;
	struct mqtt_reason why;
	struct tls_context *c;
	struct WOLFSSL *wolf;
	int i;

	for (i = 0; i < 20; i++) {
		c = tls_context_new(tls, "localhost", TLS_OVER_TCP, &why);
		if (!c)
			return NULL;
		wolf = tls_context_connection(c);
		tls_context_disconnect(c, wolf, false);
		tls_context_free(c);
	}
	return arg;
}

#define THREADS	4

static void test_settings_of_many_threads(void **state)
{
	struct mqtt_tls tls[2] = { tls_args(), tls_args() };
	pthread_t threads[THREADS];
	void *done;
	int i;

	(void)state;
	tls[0].alpn = tls[1].alpn = "mqtt";
	tls[1].tls13_only = true;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						make_contexts, &tls[i % 2]),
				 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &done), 0);
		assert_ptr_equal(done, &tls[i % 2]);
	}
}

/*
 * Sessions
 */

struct server {
	FILE *f;
	int port;
};

static struct server start_server(const char *version, int count, int port)
{
	struct server s;
	char command[512];

	snprintf(command, sizeof(command),
		 "exec tests/mqtt/resumed.py %s %s %d %d", test_path("."), version,
		 count, port);
	s.f = popen(command, "r");
	assert_non_null(s.f);
	assert_int_equal(fscanf(s.f, "%d", &s.port), 1);
	return s;
}

/* What the server says of a link with these settings */
static void expect_session(struct server *s, const char *id,
			   const struct mqtt_tls *tls, const char *want)
{
	struct mqtt_open args = plain_args(s->port, id);
	struct peer *p = peer_new();
	char said[16] = "";

	args.host = "localhost";
	args.tls = tls;
	peer_open(p, &args);
	if (!p->opened)
		fail_msg("%s", p->why.text);
	assert_int_equal(fscanf(s->f, "%15s", said), 1);
	assert_string_equal(said, want);
	peer_close(p);
	peer_free(p);
	run_for(50);		/* its connection is freed behind that */
}

static void try_sessions(const char *version)
{
	struct mqtt_tls tls = tls_args(), other = tls_args();
	char both[256], command[600];
	struct server s = start_server(version, 6, 0);
	struct server t = start_server(version, 1, 0);

	snprintf(both, sizeof(both), "%s/both.crt", test_path("."));
	snprintf(command, sizeof(command), "cat %s %s >%s",
		 test_path("ca.crt"), test_path("foreign.crt"), both);
	assert_int_equal(system(command), 0);
	other.ca_file = both;
	expect_session(&s, "a", &tls, "new");
	expect_session(&s, "a", &tls, "resumed");
	expect_session(&s, "a", &tls, "resumed");
	expect_session(&s, "b", &tls, "new");
	expect_session(&t, "a", &tls, "new");
	expect_session(&s, "a", &other, "new");
	expect_session(&s, "a", &other, "resumed");
	pclose(s.f);
	pclose(t.f);
}

/* However often it was taken up */
static void test_sessions_end(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct server s = start_server("TLSv1_3", 5, 0);

	(void)state;
	expect_session(&s, "e", &tls, "new");
	later = 1800;
	expect_session(&s, "e", &tls, "resumed");
	later = 3500;
	expect_session(&s, "e", &tls, "resumed");
	later = 3700;
	expect_session(&s, "e", &tls, "new");
	expect_session(&s, "e", &tls, "resumed");
	later = 0;
	pclose(s.f);
}

static void expect_failure(struct server *s, const char *id,
			   const struct mqtt_tls *tls)
{
	struct mqtt_open args = plain_args(s->port, id);
	struct peer *p = peer_new();

	args.host = "localhost";
	args.tls = tls;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	peer_free(p);
	run_for(50);
}

/*
 * A server that speaks another version than when the session was made, for
 * which wolfSSL insists on that one: after the failure it is gone.
 */
static void try_versions(const char *before, const char *now)
{
	struct mqtt_tls tls = tls_args();
	struct server s = start_server(before, 1, 0);
	int port = s.port;

	expect_session(&s, "v", &tls, "new");
	pclose(s.f);
	s = start_server(now, 3, port);
	expect_failure(&s, "v", &tls);
	expect_session(&s, "v", &tls, "new");
	expect_session(&s, "v", &tls, "resumed");
	pclose(s.f);
}

static void test_sessions_of_another_version(void **state)
{
	(void)state;
	try_versions("TLSv1_2", "TLSv1_3");
	try_versions("TLSv1_3", "TLSv1_2");
}

static void test_sessions(void **state)
{
	(void)state;
	try_sessions("TLSv1_2");
	try_sessions("TLSv1_3");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_files_are_read_once),
	cmocka_unit_test(test_system_store_is_read_once),
	cmocka_unit_test(test_a_new_list_is_read),
	cmocka_unit_test(test_settings_of_many_threads),
	cmocka_unit_test(test_sessions),
	cmocka_unit_test(test_sessions_end),
	cmocka_unit_test(test_sessions_of_another_version),
};

CASES(settings_cases, tests);
