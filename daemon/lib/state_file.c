// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/lib/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int path_of(const char *dir, const char *name, const char *suffix,
		   char *path)
{
	int n, at;
	char *p;

	if (!dir)
		return -ENOENT;
	at = snprintf(path, PATH_MAX, "%s/", dir);
	if (at < 0 || at >= PATH_MAX)
		return -ENAMETOOLONG;
	n = snprintf(path + at, (size_t)(PATH_MAX - at), "%s%s", name,
		     suffix);
	if (n < 0 || n >= PATH_MAX - at)
		return -ENAMETOOLONG;
	for (p = path + at; *p; p++)
		if (*p == '/')
			*p = '_';
	return 0;
}

/* Not a FIFO, whose other end may never come, or a device. */
static int check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : S_ISDIR(st.st_mode) ? -EISDIR :
							       -EINVAL;
}

static int write_all(int fd, const void *data, size_t len)
{
	errno = 0;
	if (write(fd, data, len) != (ssize_t)len || fsync(fd))
		return errno ? -errno : -EIO;
	return 0;
}

static int write_new(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
		      O_NONBLOCK | O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = check_file(fd);
	if (!err)
		err = write_all(fd, data, len);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/*
 * The new name outlasts a power cut when the directory is written, too.  A file
 * system that cannot do that does what it can.
 */
static void sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int state_file_write(const char *dir, const char *name, const void *data,
		     size_t len)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int err;

	err = path_of(dir, name, "", path);
	if (!err)
		err = path_of(dir, name, ".new", fresh);
	if (err)
		return err;
	err = write_new(fresh, data, len);
	if (!err && rename(fresh, path))
		err = -errno;
	if (err)
		unlink(fresh);
	else
		sync_directory(dir);
	return err;
}

/* One byte more than may be there shows that it is too long. */
static int read_all(int fd, char *data, size_t size)
{
	int err = check_file(fd);
	ssize_t n = err ? -1 : read(fd, data, size);

	if (err)
		return err;
	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -EFBIG;
	data[n] = '\0';
	return (int)n;
}

int state_file_read(const char *dir, const char *name, char *data,
		    size_t size)
{
	char path[PATH_MAX];
	int err = path_of(dir, name, "", path);
	int fd, n;

	if (err)
		return err;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read_all(fd, data, size);
	close(fd);
	return n;
}

int state_file_remove(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int err = path_of(dir, name, "", path);

	if (err)
		return err;
	if (unlink(path) && errno != ENOENT)
		return -errno;
	return 0;
}
