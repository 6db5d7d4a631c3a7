// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/lib/state_file.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_state.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	state_file_remove(dir, "a");
	state_file_remove(dir, "x_y");
	return rmdir(dir);	/* nothing else is there */
}

static void path(char *to, const char *name)
{
	snprintf(to, PATH_MAX, "%s/%s", dir, name);
}

static void is(const char *name, const char *text)
{
	char got[64];

	assert_int_equal(state_file_read(dir, name, got, sizeof(got)),
			 strlen(text));
	assert_string_equal(got, text);
}

/* In the place of libc's: what is synchronised, 'f' or 'd', or a rename, 'r' */
static char order[8];

static void note(char what)
{
	size_t n = strlen(order);

	if (n + 1 < sizeof(order))
		memcpy(order + n, (char[]){ what, '\0' }, 2);
}

int fsync(int fd)
{
	struct stat st;

	if (!fstat(fd, &st))
		note(S_ISDIR(st.st_mode) ? 'd' : 'f');
	return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
	note('r');
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static void outlasts_a_power_cut(void **state)
{
	(void)state;
	order[0] = '\0';
	assert_int_equal(state_file_write(dir, "a", "x", 1), 0);
	assert_string_equal(order, "frd");
}

static void written_and_replaced(void **state)
{
	(void)state;
	assert_int_equal(state_file_write(dir, "a", "first", 5), 0);
	is("a", "first");
	assert_int_equal(state_file_write(dir, "a", "2", 1), 0);
	is("a", "2");
	assert_int_equal(state_file_write(dir, "a", "", 0), 0);
	is("a", "");
}

static void for_the_owner_only(void **state)
{
	char file[PATH_MAX];
	struct stat st;

	(void)state;
	umask(0);
	assert_int_equal(state_file_write(dir, "a", "x", 1), 0);
	path(file, "a");
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void tty_in_a_folder(void **state)
{
	(void)state;
	assert_int_equal(state_file_write(dir, "x/y", "x", 1), 0);
	is("x_y", "x");
	is("x/y", "x");
}

static void longest(void **state)
{
	char got[6];

	(void)state;
	assert_int_equal(state_file_write(dir, "a", "12345", 5), 0);
	assert_int_equal(state_file_read(dir, "a", got, 6), 5);
	assert_int_equal(state_file_read(dir, "a", got, 5), -EFBIG);
}

static void none(void **state)
{
	char got[8];

	(void)state;
	assert_int_equal(state_file_read(dir, "a", got, 8), -ENOENT);
	assert_int_equal(state_file_remove(dir, "a"), 0);
	assert_int_equal(state_file_read(NULL, "a", got, 8), -ENOENT);
	assert_int_equal(state_file_write(NULL, "a", "x", 1), -ENOENT);
	assert_int_equal(state_file_remove(NULL, "a"), -ENOENT);
}

static void removed(void **state)
{
	char got[8];

	(void)state;
	assert_int_equal(state_file_write(dir, "a", "x", 1), 0);
	assert_int_equal(state_file_remove(dir, "a"), 0);
	assert_int_equal(state_file_read(dir, "a", got, 8), -ENOENT);
}

/* What cannot be replaced stays, and nothing else is left. */
static void not_written(void **state)
{
	char file[PATH_MAX];

	(void)state;
	path(file, "a");
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(state_file_write(dir, "a", "x", 1), -EISDIR);
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(state_file_write("/nowhere", "a", "x", 1), -ENOENT);
}

static void not_through_a_link(void **state)
{
	char file[PATH_MAX], other[PATH_MAX], got[8];

	(void)state;
	path(file, "a");
	path(other, "a.new");
	assert_int_equal(symlink("/nowhere/at/all", other), 0);
	assert_int_equal(state_file_write(dir, "a", "x", 1), -ELOOP);
	unlink(other);
	assert_int_equal(symlink("/etc/hostname", file), 0);
	assert_int_equal(state_file_read(dir, "a", got, 8), -ELOOP);
}

/* Who waits for the other end of a FIFO waits for ever: SIGALRM ends it. */
static void not_from_what_is_no_file(void **state)
{
	char file[PATH_MAX], got[8];

	(void)state;
	alarm(20);
	path(file, "a");
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(state_file_read(dir, "a", got, 8), -EINVAL);
	assert_int_equal(state_file_write(dir, "a", "x", 1), 0);
	is("a", "x");
	unlink(file);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(state_file_read(dir, "a", got, 8), -EISDIR);
	assert_int_equal(rmdir(file), 0);
	path(file, "a.new");
	assert_int_equal(mkfifo(file, 0600), 0);
	assert_int_equal(state_file_write(dir, "a", "x", 1), -ENXIO);
	alarm(0);
}

static void name_too_long(void **state)
{
	char name[PATH_MAX + 2];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(state_file_write(dir, name, "x", 1), -ENAMETOOLONG);
	assert_int_equal(state_file_write(name, "a", "x", 1), -ENAMETOOLONG);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(written_and_replaced),
		TEST(outlasts_a_power_cut),
		TEST(for_the_owner_only),
		TEST(tty_in_a_folder),
		TEST(longest),
		TEST(none),
		TEST(removed),
		TEST(not_written),
		TEST(not_through_a_link),
		TEST(not_from_what_is_no_file),
		TEST(name_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
