// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tables of topic ids as texts, and the files that keep them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/mqttsn/store.h"
#include "daemon/mqttsn/topic_text.h"

/* ---- texts ---- */

#define MAX255	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Read as the session "gw 1 c", and written again. */
static const struct row {
	const char *name;
	const char *text;
	const char *again;
} rows[] = {
	{ "nothing", "gw 1 c\n", "gw 1 c\n" },
	{ "all there is", "gw 1 c\n1 0 a/b\n65534 2 c d\n5 1  e\n",
	  "gw 1 c\n1 0 a/b\n65534 2 c d\n5 1  e\n" },
	{ "two ids of a name", "gw 1 c\n1 0 a\n2 1 a\n",
	  "gw 1 c\n1 0 a\n2 1 a\n" },
	{ "two names of an id", "gw 1 c\n1 0 a\n1 0 b\n", "gw 1 c\n1 0 b\n" },
	{ "the longest name", "gw 1 c\n1 0 " MAX255 "\n",
	  "gw 1 c\n1 0 " MAX255 "\n" },
	{ "a longer one", "gw 1 c\n1 0 x" MAX255 "\n2 0 a\n",
	  "gw 1 c\n2 0 a\n" },
	{ "cut in a name", "gw 1 c\n1 0 ab", "gw 1 c\n1 0 ab\n" },
	{ "cut before it", "gw 1 c\n1 0 ", "gw 1 c\n" },
	{ "cut in the numbers", "gw 1 c\n1", "gw 1 c\n" },
	{ "no text at all", "", "gw 1 c\n" },
	{ "cut in the session", "gw 1", "gw 1 c\n" },
	{ "another session", "gw 1 d\n1 0 a\n", "gw 1 c\n" },
	{ "a longer session", "gw 1 cc\n1 0 a\n", "gw 1 c\n" },
	{ "lines that are none",
	  "gw 1 c\n\n \n1\n1 0\n1 0 \nx 0 a\n1 x a\n1 3 a\n-1 0 a\n0 0 a\n"
	  "65535 0 a\n65536 0 a\n99999 0 a\n999999 0 a\n1 0a\n7 0 b\n",
	  "gw 1 c\n7 0 b\n" },
	{ "names that are none",
	  "gw 1 c\n1 0 a\rb\n2 0 a/#\n3 0 +\n4 0 \xff\n5 0 a\x1b[\n",
	  "gw 1 c\n" },
};

static void test_text(void **state)
{
	const struct row *row = *state;
	struct sn_topics topics = { 0 };
	const struct sn_topic *t;
	char *text;
	size_t len;

	sn_topics_init(&topics);
	topic_text_read(&topics, "gw 1 c", row->text);
	TAILQ_FOREACH(t, &topics.list, entry)
		assert_false(t->sure);
	text = topic_text_write(&topics, "gw 1 c", &len);
	assert_string_equal(text, row->again);
	assert_int_equal(len, strlen(text));
	free(text);
	sn_topics_clear(&topics);
}

/* What a host registers is not looked at. */
static void test_illegal_name(void **state)
{
	struct sn_topics topics = { 0 };
	char *text;
	size_t len;

	(void)state;
	sn_topics_init(&topics);
	sn_topics_set(&topics, 1, "a\n2 0 b", 7, MQTTSN_BY_REGISTER);
	sn_topics_set(&topics, 3, "c", 1, MQTTSN_BY_REGISTER);
	text = topic_text_write(&topics, "s", &len);
	assert_string_equal(text, "s\n3 0 c\n");
	free(text);
	sn_topics_clear(&topics);
}

/* ---- files ---- */

static char dir[64];
static uv_loop_t loop;
static struct sn_store *store;

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_sn_store.XXXXXX");
	assert_non_null(mkdtemp(dir));
	uv_loop_init(&loop);
	store = sn_store_new(&loop, dir);
	return !store;
}

static int teardown(void **state)
{
	char command[100];

	(void)state;
	sn_store_free(store);
	uv_run(&loop, UV_RUN_DEFAULT);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return uv_loop_close(&loop) || system(command);
}

static void keep(const char *session, const char *text)
{
	const struct sn_kept kept = {
		.session = session,
		.text = (char *)text,
		.len = text ? strlen(text) : 0,
	};

	sn_store_write(store, &kept);
}

/* @want: NULL: nothing is kept. */
static void is(const char *session, const char *want)
{
	char *text = sn_store_read(store, session);

	if (want && text)
		assert_string_equal(text, want);
	else
		assert_true(!want && !text);
	free(text);
}

/* How many there are, after @fn was called with each. */
static int each_file(void (*fn)(int dirfd, const char *name,
				const struct stat *st))
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	struct stat st;
	int n = 0;

	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(fstatat(dirfd(d), e->d_name, &st, 0), 0);
		fn(dirfd(d), e->d_name, &st);
		n++;
	}
	closedir(d);
	return n;
}

static void check_mode(int dirfd, const char *name, const struct stat *st)
{
	(void)dirfd;
	(void)name;
	assert_int_equal(st->st_mode & 0777, 0600);
}

static int count_files(void)
{
	return each_file(check_mode);
}

static void age(int dirfd, const char *name, const struct stat *st)
{
	struct timespec times[] = { st->st_mtim, st->st_mtim };

	times[1].tv_sec--;
	assert_int_equal(utimensat(dirfd, name, times, 0), 0);
}

static void age_files(void)
{
	each_file(age);
}

static void test_file(void **state)
{
	(void)state;
	is("a", NULL);
	keep("a", "a\n1 0 x\n");
	keep("b", "b\n");
	is("a", "a\n1 0 x\n");	/* before it is written, too */
	uv_run(&loop, UV_RUN_DEFAULT);
	is("a", "a\n1 0 x\n");
	is("b", "b\n");
	keep("a", "a\n2 0 y\n");
	keep("a", NULL);
	is("a", NULL);
	keep("a", "a\n3 0 z\n");
	is("a", "a\n3 0 z\n");
	uv_run(&loop, UV_RUN_DEFAULT);
	is("a", "a\n3 0 z\n");
	keep("a", NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	is("a", NULL);
	assert_int_equal(count_files(), 1);
}

/* As at the end of the daemon. */
static void test_written_when_freed(void **state)
{
	(void)state;
	keep("a", "a\n1 0 x\n");
	keep("a", "a\n2 0 y\n");
	sn_store_free(store);
	uv_run(&loop, UV_RUN_DEFAULT);
	store = sn_store_new(&loop, dir);
	is("a", "a\n2 0 y\n");
}

/* A host may choose another client id each time. */
static void test_bound(void **state)
{
	char session[16];
	int i;

	(void)state;
	for (i = 0; i < 3 * SESSIONS_KEPT; i++) {
		snprintf(session, sizeof(session), "s%d", i);
		keep(session, session);
		uv_run(&loop, UV_RUN_DEFAULT);
		age_files();
	}
	assert_int_equal(count_files(), SESSIONS_KEPT);
	is("s0", NULL);
	is("s47", "s47");
	is("s33", "s33");
}

static void test_no_directory(void **state)
{
	(void)state;
	sn_store_free(store);
	store = sn_store_new(&loop, NULL);
	keep("a", "a\n");
	is("a", NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(count_files(), 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
#define N_ROWS	(sizeof(rows) / sizeof(rows[0]))

int main(void)
{
	static struct CMUnitTest texts[N_ROWS];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_illegal_name),
		TEST(test_file),
		TEST(test_written_when_freed),
		TEST(test_bound),
		TEST(test_no_directory),
	};
	size_t i;

	for (i = 0; i < N_ROWS; i++)
		texts[i] = (struct CMUnitTest){
			.name = rows[i].name,
			.test_func = test_text,
			.initial_state = (void *)&rows[i],
		};
	return _cmocka_run_group_tests("texts", texts, N_ROWS, NULL, NULL) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
