// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The control socket: what is answered, what is refused, and its file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control.h"
#include "unit/no_memory.h"

#define PATIENCE_MS	20000

struct bench {
	uv_loop_t loop;
	struct control *control;
	char dir[64];
	char path[96];
	size_t answer_size;	/* of "big" */
};

static json_t *answer(void *ctx, const char *request, const json_t *all)
{
	struct bench *b = ctx;
	json_t *reply;
	char *text;

	assert_string_equal(json_string_value(json_object_get(all, "request")),
			    request);
	if (!strcmp(request, "status"))
		return json_pack("{s:s}", "all", "well");
	if (strcmp(request, "big"))
		return NULL;
	text = calloc(1, b->answer_size + 1);
	memset(text, 'x', b->answer_size);
	reply = json_pack("{s:s}", "x", text);
	free(text);
	return reply;
}

static int start(void **state)
{
	static struct bench b;

	b = (struct bench){ .answer_size = 1 };
	signal(SIGPIPE, SIG_IGN);
	strcpy(b.dir, "/tmp/atmqtt-control-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof(b.path), "%s/run/control", b.dir);
	uv_loop_init(&b.loop);
	assert_int_equal(control_open(&b.control, &b.loop, b.path, answer, &b),
			 0);
	*state = &b;
	return 0;
}

static int stop(void **state)
{
	struct bench *b = *state;
	char run[80];

	control_close(b->control);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b->loop), 0);
	assert_int_equal(access(b->path, F_OK), -1);
	snprintf(run, sizeof(run), "%s/run", b->dir);
	assert_int_equal(rmdir(run), 0);
	assert_int_equal(rmdir(b->dir), 0);
	return 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(addr.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return fd;
}

/* All until the end of the connection, as a string in a static buffer. */
static const char *receive(struct bench *b, int fd)
{
	static char text[1 << 20];
	size_t len = 0;
	ssize_t n = -1;
	int waited;

	for (waited = 0; n && waited < PATIENCE_MS; waited++) {
		uv_run(&b->loop, UV_RUN_NOWAIT);
		n = read(fd, text + len, sizeof(text) - 1 - len);
		if (n > 0)
			len += (size_t)n;
		else if (n < 0 && errno == ECONNRESET)
			n = 0;
		else if (n < 0)
			usleep(1000);
	}
	assert_int_equal(n, 0);
	close(fd);
	text[len] = '\0';
	return text;
}

static void send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static const struct {
	const char *request;
	const char *reply;
} rows[] = {
	{ "{\"request\":\"status\"}\n", "{\"all\":\"well\"}\n" },
	{ "{\"request\":\"status\",\"more\":[1]}\n", "{\"all\":\"well\"}\n" },
	{ "{\"request\":\"status\"}\nrubbish\n", "{\"all\":\"well\"}\n" },
	{ "{\"request\":\"reboot\"}\n", "{\"error\":\"no such request\"}\n" },
	{ "{\"request\":1}\n", "{\"error\":\"not a request\"}\n" },
	{ "{}\n", "{\"error\":\"not a request\"}\n" },
	{ "[\"status\"]\n", "{\"error\":\"not a request\"}\n" },
	{ "status\n", "{\"error\":\"not a request\"}\n" },
	{ "\n", "{\"error\":\"not a request\"}\n" },
	{ "\xff\xfe{\n", "{\"error\":\"not a request\"}\n" },
};

static void a_line_is_answered_by_a_line(void **state)
{
	struct bench *b = *state;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fd = connect_to(b->path);
		send_text(fd, rows[i].request);
		assert_string_equal(receive(b, fd), rows[i].reply);
	}
}

static void a_line_may_come_in_pieces(void **state)
{
	struct bench *b = *state;
	const char *p = rows[0].request;
	int fd = connect_to(b->path);

	for (; *p; p++) {
		assert_int_equal(write(fd, p, 1), 1);
		uv_run(&b->loop, UV_RUN_NOWAIT);
		uv_run(&b->loop, UV_RUN_NOWAIT);
	}
	assert_string_equal(receive(b, fd), rows[0].reply);
}

static void a_line_too_long_ends_the_connection(void **state)
{
	struct bench *b = *state;
	char line[CONTROL_REQUEST_MAX + 1];
	int fd = connect_to(b->path);

	memset(line, ' ', sizeof(line));
	line[CONTROL_REQUEST_MAX] = '\0';
	send_text(fd, line);
	assert_string_equal(receive(b, fd), "");
}

static void the_longest_line_is_answered(void **state)
{
	struct bench *b = *state;
	char line[CONTROL_REQUEST_MAX + 1];
	size_t n = strlen(rows[0].request) - 1;
	int fd = connect_to(b->path);

	memset(line, ' ', sizeof(line));
	memcpy(line, rows[0].request, n);
	line[CONTROL_REQUEST_MAX - 1] = '\n';
	line[CONTROL_REQUEST_MAX] = '\0';
	send_text(fd, line);
	assert_string_equal(receive(b, fd), rows[0].reply);
}

static void one_connection_too_many_is_closed(void **state)
{
	struct bench *b = *state;
	int fds[CONTROL_CLIENTS_MAX], one_more, i;

	for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
		fds[i] = connect_to(b->path);
	for (i = 0; i < CONTROL_CLIENTS_MAX; i++)
		uv_run(&b->loop, UV_RUN_NOWAIT);
	one_more = connect_to(b->path);
	assert_string_equal(receive(b, one_more), "");
	for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		send_text(fds[i], rows[0].request);
		assert_string_equal(receive(b, fds[i]), rows[0].reply);
	}
	one_more = connect_to(b->path);
	send_text(one_more, rows[0].request);
	assert_string_equal(receive(b, one_more), rows[0].reply);
}

/* It would hold the loop, or memory, if anything waited for it. */
static void who_does_not_read_is_not_waited_for(void **state)
{
	struct bench *b = *state;
	int lazy = connect_to(b->path);
	int fd = connect_to(b->path);

	b->answer_size = 900000;
	send_text(lazy, "{\"request\":\"big\"}\n");
	send_text(fd, rows[0].request);
	assert_string_equal(receive(b, fd), rows[0].reply);
	assert_int_equal(strlen(receive(b, lazy)),
			 b->answer_size + strlen("{\"x\":\"\"}\n"));
}

static void who_says_nothing_is_closed(void **state)
{
	struct bench *b = *state;

	assert_string_equal(receive(b, connect_to(b->path)), "");
}

static void who_leaves_early_does_no_harm(void **state)
{
	struct bench *b = *state;
	int fd = connect_to(b->path);

	send_text(fd, rows[0].request);
	close(fd);
	fd = connect_to(b->path);
	send_text(fd, rows[0].request);
	assert_string_equal(receive(b, fd), rows[0].reply);
	close(connect_to(b->path));	/* and one is open at the end */
	uv_run(&b->loop, UV_RUN_NOWAIT);
}

/* Several at once, and some wait until others have gone. */
static void without_memory_connections_are_closed(void **state)
{
	struct bench *b = *state;
	int fds[5], i;

	for (i = 0; i < 5; i++)
		fds[i] = connect_to(b->path);
	no_memory_at(1, 4);
	for (i = 0; i < 5; i++)
		assert_string_equal(receive(b, fds[i]), "");
	assert_int_equal(no_memory_end(), 5);
	fds[0] = connect_to(b->path);
	send_text(fds[0], rows[0].request);
	assert_string_equal(receive(b, fds[0]), rows[0].reply);
}

/* The loop's end finds it in the middle of that. */
static void it_may_end_without_memory(void **state)
{
	struct bench *b = *state;
	int fds[2], i;

	for (i = 0; i < 2; i++)
		fds[i] = connect_to(b->path);
	no_memory_at(1, 1);
	uv_run(&b->loop, UV_RUN_NOWAIT);
	no_memory_end();
	for (i = 0; i < 2; i++)
		close(fds[i]);
}

static void only_owner_and_group_may_connect(void **state)
{
	struct bench *b = *state;
	struct stat st;

	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void a_socket_in_use_is_left_alone(void **state)
{
	struct bench *b = *state;
	struct control *other = NULL;
	int fd;

	assert_int_equal(control_open(&other, &b->loop, b->path, answer, b),
			 -EADDRINUSE);
	fd = connect_to(b->path);
	send_text(fd, rows[0].request);
	assert_string_equal(receive(b, fd), rows[0].reply);
}

static void a_socket_left_behind_is_replaced(void **state)
{
	struct bench *b = *state;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct control *other;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/old", b->dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	assert_int_equal(control_open(&other, &b->loop, addr.sun_path, answer,
				      b), 0);
	control_close(other);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct bench *b = *state;
	struct control *other = NULL;
	char path[96];

	snprintf(path, sizeof(path), "%s/file", b->dir);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(control_open(&other, &b->loop, path, answer, b),
			 -EEXIST);
	assert_int_equal(unlink(path), 0);
}

static void a_place_that_cannot_be_is_told(void **state)
{
	struct bench *b = *state;
	struct control *other = NULL;
	char path[CONTROL_PATH_MAX + 2];

	assert_int_equal(control_open(&other, &b->loop, "/nowhere/at/all",
				      answer, b), -ENOENT);
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_open(&other, &b->loop, path, answer, b),
			 -ENAMETOOLONG);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_answered_by_a_line),
		TEST(a_line_may_come_in_pieces),
		TEST(a_line_too_long_ends_the_connection),
		TEST(the_longest_line_is_answered),
		TEST(one_connection_too_many_is_closed),
		TEST(who_does_not_read_is_not_waited_for),
		TEST(who_says_nothing_is_closed),
		TEST(who_leaves_early_does_no_harm),
		TEST(without_memory_connections_are_closed),
		TEST(it_may_end_without_memory),
		TEST(only_owner_and_group_may_connect),
		TEST(a_socket_in_use_is_left_alone),
		TEST(a_socket_left_behind_is_replaced),
		TEST(a_file_that_is_no_socket_is_left_alone),
		TEST(a_place_that_cannot_be_is_told),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
