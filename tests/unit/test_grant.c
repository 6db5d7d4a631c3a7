// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Who is named to own a port, and which port that is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ctl/family.h"
#include "ctl/grant.h"

#define NOBODY	GRANT_NOBODY
#define DEVICE	0x441	/* 4:65, as st_rdev has it */

/* ---- n_at ---- */

static const struct n_at_port *ports;
static size_t n_ports;

static struct {
	unsigned int calls;
	uint32_t id, uid, gid;
} set;

enum ctl_status family_ports(void (*fn)(void *ctx, const struct n_at_port *p),
			     void *ctx)
{
	for (size_t i = 0; i < n_ports; i++)
		fn(ctx, &ports[i]);
	return CTL_OK;
}

enum ctl_status family_set_owner(uint32_t id, uint32_t uid, uint32_t gid)
{
	set.calls++;
	set.id = id;
	set.uid = uid;
	set.gid = gid;
	return CTL_OK;
}

/* ---- the rest of atmqttctl ---- */

static char said[256];

enum ctl_status ctl_fail(enum ctl_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
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

/* ---- names: those that every system has ---- */

static const struct {
	const char *text;
	struct grant grant;
	const char *back;	/* as it is told to people; NULL: as @text */
	const char *said;	/* it is none */
} names[] = {
	{ .text = "root", .grant = { 0, NOBODY } },
	{ .text = ":root", .grant = { NOBODY, 0 } },
	{ .text = "root:root", .grant = { 0, 0 } },
	{ .text = "0", .grant = { 0, NOBODY }, .back = "root" },
	{ .text = "4294967294:4294967293", .grant = { 4294967294, 4294967293 } },
	{ .text = "", .said = "owner: there is no user ''" },
	{ .text = ":", .said = "owner: there is no group ''" },
	{ .text = "root:", .said = "owner: there is no group ''" },
	{ .text = "4294967295", .said = "owner: there is no user '4294967295'" },
	{ .text = "99999999999999999999",
	  .said = "owner: there is no user '99999999999999999999'" },
	{ .text = "-1", .said = "owner: there is no user '-1'" },
	{ .text = "1x", .said = "owner: there is no user '1x'" },
	{ .text = "no such user", .said = "owner: there is no user 'no such user'" },
	{ .text = "root:no such", .said = "owner: there is no group 'no such'" },
	{ .text = "root:0:0", .said = "owner: there is no group '0:0'" },
};

static void a_user_a_group_or_both(void **state)
{
	struct grant grant;
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].said) {
			assert_int_equal(grant_parse(names[i].text, &grant),
					 CTL_USAGE);
			assert_string_equal(said, names[i].said);
			continue;
		}
		assert_int_equal(grant_parse(names[i].text, &grant), CTL_OK);
		assert_int_equal(grant.uid, names[i].grant.uid);
		assert_int_equal(grant.gid, names[i].grant.gid);
		grant_text(&grant, text, sizeof(text));
		assert_string_equal(text, names[i].back ? names[i].back :
							  names[i].text);
	}
}

static void nobody_is_a_dash(void **state)
{
	const struct grant nobody = { NOBODY, NOBODY };
	char text[64];

	(void)state;
	grant_text(&nobody, text, sizeof(text));
	assert_string_equal(text, "-");
}

/* ---- the port ---- */

static enum ctl_status grant_on(const struct n_at_port *p, size_t n)
{
	const struct grant grant = { 990, 991 };

	ports = p;
	n_ports = n;
	set.calls = 0;
	return grant_port(&grant, DEVICE, "/dev/ttyS1");
}

static void it_is_found_by_its_number(void **state)
{
	static const struct n_at_port some[] = {
		{ .id = 1, .tty = "ttyS1", .device = 0x440 },
		{ .id = 2, .tty = "ttyS0", .device = DEVICE },
		{ .id = 3, .tty = "ttyS1" },
	};

	(void)state;
	assert_int_equal(grant_on(some, 3), CTL_OK);
	assert_int_equal(set.calls, 1);
	assert_int_equal(set.id, 2);
	assert_int_equal(set.uid, 990);
	assert_int_equal(set.gid, 991);
}

static void there_may_be_none(void **state)
{
	static const struct n_at_port other = { .id = 1, .tty = "ttyS1" };

	(void)state;
	assert_int_equal(grant_on(&other, 1), CTL_NO_PORT);
	assert_string_equal(said, "/dev/ttyS1: n_at is not attached");
	assert_int_equal(set.calls, 0);
}

static void one_of_two_is_not_guessed(void **state)
{
	static const struct n_at_port same[] = {
		{ .id = 1, .tty = "pts0", .device = DEVICE },
		{ .id = 2, .tty = "pts0", .device = DEVICE },
	};

	(void)state;
	assert_int_equal(grant_on(same, 2), CTL_FAILED);
	assert_int_equal(set.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_a_group_or_both),
		cmocka_unit_test(nobody_is_a_dash),
		cmocka_unit_test(it_is_found_by_its_number),
		cmocka_unit_test(there_may_be_none),
		cmocka_unit_test(one_of_two_is_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
