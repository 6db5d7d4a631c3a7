// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/n_at.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define FLOW_BITS	(N_AT_FLOW_RTS_CTS | N_AT_FLOW_XON_OUT | \
			 N_AT_FLOW_XON_IN)

struct row {
	const char *name;
	size_t offset;		/* in struct at_settings */
	size_t size;
	unsigned long min, max;
};

#define ROW(n, f, lo, hi) \
	{ n, offsetof(struct at_settings, f), \
	  sizeof(((struct at_settings *)0)->f), lo, hi }

static const struct row rows[] = {
	ROW("E", echo, 0, 1),
	ROW("Q", quiet, 0, 1),
	ROW("V", verbose, 0, 1),
	ROW("+CMEE", cmee, 0, 2),
	ROW("&C", dcd, 0, 1),
	ROW("&D", dtr, 0, 2),
	ROW("S3", s3, 0, 127),
	ROW("S4", s4, 0, 127),
	ROW("S5", s5, 0, 127),
	ROW("speed", uart.speed, 0, N_AT_SPEED_MAX),
	ROW("data_bits", uart.data_bits, 0, 8),
	ROW("parity", uart.parity, 0, N_AT_PARITY_SPACE),
	ROW("stop_bits", uart.stop_bits, 0, 2),
	ROW("has_flow", uart.has_flow, 0, 1),
	ROW("flow", uart.flow, 0, FLOW_BITS),
};

/* A tty in a folder of /dev has a slash in its name. */
static int file_name(const struct port_config *cfg, const char *suffix,
		     char *path)
{
	int n, at;
	char *p;

	if (!cfg->state_dir)
		return -ENOENT;
	at = snprintf(path, PATH_MAX, "%s/", cfg->state_dir);
	if (at < 0 || at >= PATH_MAX)
		return -ENAMETOOLONG;
	n = snprintf(path + at, (size_t)(PATH_MAX - at), "%s.profile%s",
		     cfg->tty, suffix);
	if (n < 0 || n >= PATH_MAX - at)
		return -ENAMETOOLONG;
	for (p = path + at; *p; p++)
		if (*p == '/')
			*p = '_';
	return 0;
}

static void put(struct at_settings *set, const struct row *row,
		unsigned long n)
{
	void *field = (char *)set + row->offset;

	if (row->size == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)n;
	else
		*(uint8_t *)field = (uint8_t)n;
}

static unsigned long get(const struct at_settings *set, const struct row *row)
{
	const void *field = (const char *)set + row->offset;

	if (row->size == sizeof(uint32_t))
		return *(const uint32_t *)field;
	return *(const uint8_t *)field;
}

/* What another version wrote and this one does not know is passed over. */
static void take(struct at_settings *set, const char *name, unsigned long n)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, name) == 0 && n >= rows[i].min &&
		    n <= rows[i].max)
			put(set, &rows[i], n);
}

/* Half of a framing, from a file that somebody edited, is none. */
static void check(struct at_uart *uart)
{
	if (uart->data_bits < 5 || !uart->stop_bits)
		uart->data_bits = 0;
	if (uart->speed < 50)
		uart->speed = 0;
}

int at_stored_load(const struct port_config *cfg, struct at_settings *set)
{
	char path[PATH_MAX];
	char name[32];
	unsigned long n;
	FILE *f;
	int err = file_name(cfg, "", path);

	if (err)
		return err;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fscanf(f, "%31s %lu", name, &n) == 2)
		take(set, name, n);
	fclose(f);
	check(&set->uart);
	return 0;
}

static int print(int fd, const struct at_settings *set)
{
	char text[512];
	size_t len = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s %lu\n", rows[i].name,
					get(set, &rows[i]));
	if (write(fd, text, len) != (ssize_t)len || fsync(fd))
		return errno ? -errno : -EIO;
	return 0;
}

static int write_file(const char *path, const struct at_settings *set)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
		      O_CLOEXEC, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = print(fd, set);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* fsync() holds the loop up, as a module's flash would its host. */
int at_stored_save(const struct port_config *cfg,
		   const struct at_settings *set)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int err;

	err = file_name(cfg, "", path);
	if (!err)
		err = file_name(cfg, ".new", fresh);
	if (err)
		return err;
	err = write_file(fresh, set);
	if (!err && rename(fresh, path))
		err = -errno;
	if (err)
		unlink(fresh);
	return err;
}
