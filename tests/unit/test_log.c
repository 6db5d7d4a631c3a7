// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The log, on a pipe whose reader is the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/lib/log.h"

#define PATIENCE_S	20	/* a writer that waits for its reader is ended */
#define MANY		5000	/* lines, more than a pipe takes */

static int old_stderr, reader;
static char got[1 << 20];

static int start(void **state)
{
	int fds[2];

	(void)state;
	alarm(PATIENCE_S);
	old_stderr = dup(STDERR_FILENO);
	if (old_stderr < 0 || pipe(fds))
		return -1;
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	reader = fds[0];
	fcntl(reader, F_SETFL, O_NONBLOCK);
	unsetenv("JOURNAL_STREAM");
	log_start();
	log_set_level(LOG_LEVEL_INFO);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	close(reader);
	alarm(0);
	return 0;
}

static const char *said(void)
{
	size_t n = 0;
	ssize_t k;

	while ((k = read(reader, got + n, sizeof(got) - 1 - n)) > 0)
		n += (size_t)k;
	got[n] = '\0';
	return got;
}

static unsigned int lines_with(const char *text)
{
	unsigned int n = 0;
	const char *p;

	for (p = got; (p = strstr(p, text)); p++)
		n++;
	return n;
}

static void a_line_has_its_level(void **state)
{
	(void)state;
	log_error("a: %d", 1);
	log_info("b");
	log_debug("c");
	assert_string_equal(said(), "atmqttd: error: a: 1\natmqttd: info: b\n");
}

static void nobody_waits_for_the_reader(void **state)
{
	unsigned int came, lost = 0;

	(void)state;
	log_set_level(LOG_LEVEL_DEBUG);
	for (int i = 0; i < MANY; i++)
		log_info("ttyA: client 1: refused");
	said();
	came = lines_with("refused\n");
	assert_in_range(came, 1, MANY - 1);
	assert_int_equal(got[strlen(got) - 1], '\n');
	log_info("ttyA: on");
	assert_int_equal(sscanf(said(), "atmqttd: warning: log: %u lines lost",
				&lost), 1);
	assert_int_equal(came + lost, MANY);
	assert_int_equal(lines_with("ttyA: on\n"), 1);
}

static void a_reader_that_is_gone_is_none(void **state)
{
	(void)state;
	close(reader);
	reader = open("/dev/null", O_RDONLY);
	log_info("ttyB: on");
}

static void one_port_has_so_many_lines_a_minute(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++)
		log_info("ttyS1: client 1: refused");
	log_info("ttyS2: on");
	log_info("stopped");
	said();
	assert_int_equal(lines_with("ttyS1: "), LOG_LINES_MAX);
	assert_int_equal(lines_with("ttyS2: on\n"), 1);
	assert_int_equal(lines_with("stopped\n"), 1);
}

static void but_who_looks_for_faults_sees_all(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_DEBUG);
	for (int i = 0; i < 2 * LOG_LINES_MAX; i++)
		log_info("ttyS1: x");
	said();
	assert_int_equal(lines_with("ttyS1: "), 2 * LOG_LINES_MAX);
}

/* A shell that the journal's service starts has the variable on a terminal. */
static void priorities_are_for_the_journal(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	setenv("JOURNAL_STREAM", "1:2", 1);
	log_start();
	log_warning("ttyC: x");
	assert_string_equal(said(), "atmqttd: warning: ttyC: x\n");
	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%llu:%llu",
		 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_start();
	log_warning("ttyC: x");
	assert_string_equal(said(), "<4>ttyC: x\n");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_line_has_its_level),
		CASE(nobody_waits_for_the_reader),
		CASE(a_reader_that_is_gone_is_none),
		CASE(one_port_has_so_many_lines_a_minute),
		CASE(but_who_looks_for_faults_sees_all),
		CASE(priorities_are_for_the_journal),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
