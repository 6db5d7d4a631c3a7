// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * atmqttctl status with many ports: what is looked for once, and the rows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/daemon.h"
#include "ctl/family.h"
#include "ctl/owner.h"

#define PORTS	400

static unsigned int looks;
static uint32_t owner_of[PORTS];

/* ---- who is asked ---- */

enum ctl_status family_ports(void (*fn)(void *ctx,
					const struct n_at_port *port),
			     void *ctx)
{
	struct n_at_port port = { .mode = N_AT_MODE_COMMAND };
	char tty[16];

	port.tty = tty;
	port.counters[N_AT_C_LINES] = 7;
	for (uint32_t i = 0; i < PORTS; i++) {
		port.id = i + 1;
		port.owner = owner_of[i];
		snprintf(tty, sizeof(tty), "pts%u", i);
		fn(ctx, &port);
	}
	return CTL_OK;
}

void owner_find(uint32_t portid, struct owner *out)
{
	looks++;
	*out = (struct owner){ .pid = (pid_t)portid };
	snprintf(out->name, sizeof(out->name), "p%u", portid);
}

enum ctl_status daemon_ask(const char *path, const json_t *request,
			   json_t **out)
{
	(void)path;
	(void)request;
	(void)out;
	return CTL_NO_DAEMON;
}

enum ctl_status ctl_fail(enum ctl_status status, const char *fmt, ...)
{
	(void)fmt;
	return status;
}

enum ctl_status ctl_usage(void)
{
	return CTL_USAGE;
}

void ctl_tty_path(const char *arg, char *out, unsigned long size)
{
	snprintf(out, size, "%s", arg);
}

enum ctl_status family_set_owner(uint32_t id, uint32_t uid, uint32_t gid)
{
	(void)id;
	(void)uid;
	(void)gid;
	return CTL_FAILED;
}

void ctl_port_name(const char *arg, char *out, unsigned long size)
{
	snprintf(out, size, "%s", arg);
}

/* ---- what is said ---- */

static char said[1 << 18];

static void say_status(const char *option)
{
	char name[] = "status", word[32];
	char *argv[] = { name, word, NULL };
	FILE *out = tmpfile();
	int old = dup(STDOUT_FILENO);

	snprintf(word, sizeof(word), "%s", option);
	fflush(stdout);
	dup2(fileno(out), STDOUT_FILENO);
	optind = 0;
	looks = 0;
	assert_int_equal(ctl_status_command(*word ? 2 : 1, argv),
			 CTL_NO_DAEMON);
	fflush(stdout);
	dup2(old, STDOUT_FILENO);
	close(old);
	rewind(out);
	said[fread(said, 1, sizeof(said) - 1, out)] = '\0';
	fclose(out);
}

static size_t lines(void)
{
	size_t n = 0;

	for (const char *p = said; (p = strchr(p, '\n')); p++)
		n++;
	return n;
}

/* Each look goes through all processes' descriptors. */
static void an_owner_is_looked_for_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < PORTS; i++)
		owner_of[i] = 812;
	say_status("");
	assert_int_equal(looks, 1);
	assert_int_equal(lines(), PORTS + 1);
	assert_non_null(strstr(said, "p812 (812)"));
}

static void but_each_of_them_is(void **state)
{
	(void)state;
	memset(owner_of, 0, sizeof(owner_of));
	owner_of[1] = 5;
	owner_of[2] = 6;
	say_status("");
	assert_int_equal(looks, 2);
	assert_non_null(strstr(said, "p5 (5)"));
	assert_non_null(strstr(said, "p6 (6)"));
}

static void counters_have_a_row_a_port(void **state)
{
	(void)state;
	say_status("--counters");
	assert_int_equal(lines(), PORTS + 1);
	assert_memory_equal(said, "PORT    lines\npts0    7\n", 23);
	assert_non_null(strstr(said, "pts399  7\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_owner_is_looked_for_once),
		cmocka_unit_test(but_each_of_them_is),
		cmocka_unit_test(counters_have_a_row_a_port),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
