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

#include "daemon/lib/state_file.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define TEXT_MAX	1024	/* bytes; one of ours has half of it */
#define FLOW_BITS	(N_AT_FLOW_RTS_CTS | N_AT_FLOW_XON_OUT | \
			 N_AT_FLOW_XON_IN)

struct row {
	const char *name;
	size_t offset;		/* in struct at_stored */
	size_t size;
	unsigned long min, max;
};

#define ROW(n, f, lo, hi) \
	{ n, offsetof(struct at_stored, f), \
	  sizeof(((struct at_stored *)0)->f), lo, hi }

static const struct row rows[] = {
	ROW("E", set.echo, 0, 1),
	ROW("Q", set.quiet, 0, 1),
	ROW("V", set.verbose, 0, 1),
	ROW("+CMEE", set.cmee, 0, 2),
	ROW("&C", set.dcd, 0, 1),
	ROW("&D", set.dtr, 0, 2),
	ROW("&S", set.dsr, 0, 1),
	ROW("X", set.progress, 0, 4),
	ROW("L", set.loudness, 0, 3),
	ROW("M", set.speaker, 0, 2),
	ROW("S0", set.s0, 0, 255),
	ROW("S3", set.s3, 0, 127),
	ROW("S4", set.s4, 0, 127),
	ROW("S5", set.s5, 0, 127),
	ROW("S6", set.s6, 0, 255),
	ROW("S7", set.s7, 0, 255),
	ROW("S8", set.s8, 0, 255),
	ROW("S9", set.s9, 0, 255),
	ROW("S10", set.s10, 0, 255),
	ROW("S11", set.s11, 0, 255),
	ROW("S12", set.s12, 0, 255),
	ROW("speed", set.uart.speed, 0, N_AT_SPEED_MAX),
	ROW("data_bits", set.uart.data_bits, 0, 8),
	ROW("parity", set.uart.parity, 0, N_AT_PARITY_SPACE),
	ROW("stop_bits", set.uart.stop_bits, 0, 2),
	ROW("has_flow", set.uart.has_flow, 0, 1),
	ROW("flow", set.uart.flow, 0, FLOW_BITS),
	/* not &W's from here on */
	ROW("+CREG", report[AT_CREG], 0, 2),
	ROW("+CGREG", report[AT_CGREG], 0, 2),
	ROW("+CEREG", report[AT_CEREG], 0, 2),
	ROW("+MQTTCONF", conf, 0, 1),
};

#define N_PROFILE (ARRAY_SIZE(rows) - AT_N_REGISTRATIONS - 1)

static const struct {
	const char *suffix;
	size_t n_rows;
} stores[] = {
	[AT_STORE_PROFILE] = { "profile", N_PROFILE },
	[AT_STORE_KEPT] = { "kept", ARRAY_SIZE(rows) },
};

static const char *directory(const struct port_config *cfg,
			     enum at_store store)
{
	return store == AT_STORE_PROFILE ? cfg->state_dir : cfg->runtime_dir;
}

static void file_name(const struct port_config *cfg, enum at_store store,
		      char *name, size_t size)
{
	snprintf(name, size, "%s.%s", cfg->tty, stores[store].suffix);
}

static void put(struct at_stored *all, const struct row *row, unsigned long n)
{
	void *field = (char *)all + row->offset;

	if (row->size == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)n;
	else
		*(uint8_t *)field = (uint8_t)n;
}

static unsigned long get(const struct at_stored *all, const struct row *row)
{
	const void *field = (const char *)all + row->offset;

	if (row->size == sizeof(uint32_t))
		return *(const uint32_t *)field;
	return *(const uint8_t *)field;
}

/* What another version wrote and this one does not know is passed over. */
static void take(struct at_stored *all, enum at_store store, const char *name,
		 unsigned long n)
{
	size_t i;

	for (i = 0; i < stores[store].n_rows; i++)
		if (strcmp(rows[i].name, name) == 0 && n >= rows[i].min &&
		    n <= rows[i].max)
			put(all, &rows[i], n);
}

/* Half of a framing, from a file that somebody edited, is none. */
static void check(struct at_uart *uart)
{
	if (uart->data_bits < 5 || !uart->stop_bits)
		uart->data_bits = 0;
	if (uart->speed < 50)
		uart->speed = 0;
}

int at_stored_load(const struct port_config *cfg, enum at_store store,
		   struct at_stored *all)
{
	char file[NAME_MAX + 1];
	char text[TEXT_MAX];
	char name[32];
	unsigned long n;
	const char *p = text;
	int err, len;

	file_name(cfg, store, file, sizeof(file));
	err = state_file_read(directory(cfg, store), file, text, sizeof(text));
	if (err < 0)
		return err;
	for (; sscanf(p, "%31s %lu%n", name, &n, &len) == 2; p += len)
		take(all, store, name, n);
	check(&all->set.uart);
	return 0;
}

/* fsync() holds the loop up, as a module's flash would its host. */
int at_stored_save(const struct port_config *cfg, enum at_store store,
		   const struct at_stored *all)
{
	char file[NAME_MAX + 1];
	char text[TEXT_MAX];
	size_t len = 0;
	size_t i;

	for (i = 0; i < stores[store].n_rows; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s %lu\n", rows[i].name,
					get(all, &rows[i]));
	file_name(cfg, store, file, sizeof(file));
	return state_file_write(directory(cfg, store), file, text, len);
}

bool at_stored_equal(enum at_store store, const struct at_stored *a,
		     const struct at_stored *b)
{
	size_t i;

	for (i = 0; i < stores[store].n_rows; i++)
		if (get(a, &rows[i]) != get(b, &rows[i]))
			return false;
	return true;
}
