// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The series, as the specification's section 3 has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "daemon/at/profile.h"

#define T PROFILE_TLS
#define W PROFILE_WILL_DATA
#define S PROFILE_SN
#define A PROFILE_AUTH

static const struct {
	const char *name;
	const char *row;
	unsigned int abilities;
	unsigned int user, password, client_id;
	unsigned int msg;
} rows[] = {
	{ "L610", "L610", T | S | A, 1024, 1024, 1024, 1500 },
	{ "l610", "L610", T | S | A, 1024, 1024, 1024, 1500 },
	{ "L610-CN", "L610", T | S | A, 1024, 1024, 1024, 1500 },
	{ "L61x", "L61x", T, 1024, 1024, 1024, 1500 },
	{ "L611", "L61x", T, 1024, 1024, 1024, 1500 },
	{ "LC610N", "LC610N", S | A, 1024, 1024, 1024, 1500 },
	{ "LC610", "LC61x", T, 1024, 1024, 1024, 1500 },
	{ "LG610", "LG61x", T, 1024, 1024, 1024, 1500 },
	{ "MC610", "MC610", T | S | A, 1024, 1024, 1024, 1500 },
	{ "MC615", "MC615", S | A, 1024, 1024, 1024, 1500 },
	{ "MC61x", "MC61x", T, 1024, 1024, 1024, 1500 },
	{ "MG615", "MG61x", T, 1024, 1024, 1024, 1500 },
	{ "NL668", "NL66x", T, 128, 128, 256, 1500 },
	{ "NL668-AM", "NL668-AM", 0, 128, 128, 256, 1500 },
	{ "MC110", "MC11x", T, 128, 128, 256, 1500 },
	{ "MG110", "MG11x", T, 128, 128, 256, 1500 },
	{ "LC11x", "LC11x", T, 128, 128, 256, 1500 },
	{ "L716", "L71x", T, 128, 128, 256, 1500 },
	{ "MS180", "MS18x", T, 128, 128, 256, 1500 },
	{ "MC919", "MC91x", T, 128, 128, 256, 1500 },
	{ "MC9012", "MC901x", T, 128, 128, 256, 1500 },
	{ "G510", "G510", T | W, 128, 128, 256, 1500 },
	{ "MC100E", "MC100E", T | S, 128, 128, 256, 1024 },
	{ "MC10x", "MC10x", T, 128, 128, 256, 1500 },
	{ "MA510", "MA510", T | S, 128, 128, 256, 1024 },
	{ "MA51x", "MA51x", T | S, 128, 128, 256, 1500 },
	{ "LE", "LE", T | A, 128, 256, 256, 1500 },
	{ "LE270", "LExxx", T | A, 128, 256, 256, 1500 },
	{ "LE130", "LE13x", T | A, 128, 128, 256, 1500 },
	{ "LE17x", "LE17x", T | A, 128, 128, 256, 1500 },
	{ "FG132", "FG13x", T | W, 128, 256, 256, 1500 },
	{ "MC665", "MC665", T | W | A, 128, 256, 256, 1500 },
	{ "MC66x", "MC66x", T | W | A, 128, 256, 256, 1500 },
	{ "MG661", "MG66x", T | W | A, 128, 256, 256, 1500 },
	{ "generic", "generic", T | W | S | A, 1024, 1024, 1024, 16384 },
};

static void a_series_has_its_limits_and_abilities(void **state)
{
	const struct profile *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		p = profile_find(rows[i].name);
		assert_non_null(p);
		assert_string_equal(p->name, rows[i].row);
		assert_int_equal(p->abilities, rows[i].abilities);
		assert_int_equal(p->user_max, rows[i].user);
		assert_int_equal(p->password_max, rows[i].password);
		assert_int_equal(p->client_id_max, rows[i].client_id);
		assert_int_equal(p->msg_max, rows[i].msg);
	}
}

static void no_row_hides_behind_another(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; profile_at(i); i++)
		assert_ptr_equal(profile_find(profile_at(i)->name),
				 profile_at(i));
}

static void some_differ_in_other_ways(void **state)
{
	const struct profile *p;
	size_t i;

	(void)state;
	for (i = 0; (p = profile_at(i)); i++) {
		assert_int_equal(p->echo_cr, strcmp(p->name, "MC665") != 0);
		assert_int_equal(p->plain_imei, !strcmp(p->name, "MC610") ||
				 !strcmp(p->name, "MC615"));
		assert_int_equal(p->sn_client_id_max != 0,
				 (p->abilities & S) != 0);
		assert_int_equal(p->send_max, strcmp(p->name, "generic") ?
				 1024 : 16384);
		assert_int_equal(p->read_max, p->msg_max);
	}
	assert_int_equal(profile_find("MC610")->sn_client_id_max, 23);
	assert_int_equal(profile_find("L610")->sn_client_id_max, 1024);
}

static void unknown_names_are_not_found(void **state)
{
	(void)state;
	assert_null(profile_find(""));
	assert_null(profile_find("L"));
	assert_null(profile_find("L6100"));
	assert_null(profile_find("XL610"));
	assert_null(profile_find("LE2700"));
	assert_non_null(profile_find(PROFILE_DEFAULT));
}

static void what_is_not_built_cannot_be_used(void **state)
{
	(void)state;
	assert_true(profile_can(profile_find("L610"), 0));
	assert_true(profile_can(profile_find("L610"), T));
	assert_false(profile_can(profile_find("NL668-AM"), T));
	assert_int_equal(profile_can(profile_find("L610"), S),
			 (PROFILE_BUILT & S) != 0);
	assert_string_equal(profile_ids(profile_find("NL668")), "1,2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_series_has_its_limits_and_abilities),
		cmocka_unit_test(no_row_hides_behind_another),
		cmocka_unit_test(some_differ_in_other_ways),
		cmocka_unit_test(unknown_names_are_not_found),
		cmocka_unit_test(what_is_not_built_cannot_be_used),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
