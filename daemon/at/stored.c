// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/stored.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <linux/n_at.h>

#include "daemon/state_file.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX	1024	/* bytes; one of ours has half of it */
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

static void file_name(const struct port_config *cfg, char *name, size_t size)
{
	snprintf(name, size, "%s.profile", cfg->tty);
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
	char file[NAME_MAX + 1];
	char text[TEXT_MAX];
	char name[32];
	unsigned long n;
	const char *p = text;
	int err, len;

	file_name(cfg, file, sizeof(file));
	err = state_file_read(cfg->state_dir, file, text, sizeof(text));
	if (err < 0)
		return err;
	for (; sscanf(p, "%31s %lu%n", name, &n, &len) == 2; p += len)
		take(set, name, n);
	check(&set->uart);
	return 0;
}

/* fsync() holds the loop up, as a module's flash would its host. */
int at_stored_save(const struct port_config *cfg,
		   const struct at_settings *set)
{
	char file[NAME_MAX + 1];
	char text[TEXT_MAX];
	size_t len = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s %lu\n", rows[i].name,
					get(set, &rows[i]));
	file_name(cfg, file, sizeof(file));
	return state_file_write(cfg->state_dir, file, text, len);
}
