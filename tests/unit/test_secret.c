// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The table of secrets: each command is in it, and each argument whose name
 * in the usage is that of a secret is marked as one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/at/secret.h"
#include "daemon/at/table.h"

static const char *const words[] = {
	"password", "secret", "key", "token", "psk", "pin",
};

static bool is_secret_name(const char *arg, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(arg, len, words[i], strlen(words[i])))
			return true;
	return false;
}

static void names_are_sorted_and_unique(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; at_secret_at(i); i++)
		assert_true(strcmp(at_secret_at(i - 1)->name,
				   at_secret_at(i)->name) < 0);
	assert_null(at_secret_find("+NOPE"));
	assert_ptr_equal(at_secret_find("+RESET"), at_secret_at(i - 1));
}

static void each_extended_command_is_listed(void **state)
{
	const struct at_row *row;
	size_t i;

	(void)state;
	for (i = 0; (row = at_table_at(i)); i++)
		if (row->name[0] == '+' && !at_secret_find(row->name))
			fail_msg("%s is not in daemon/at/secret.c", row->name);
}

/* "+X=<id>,<user>,<password>[,<clientid>]": an argument ends at a comma */
static void usage_and_table_agree(void **state)
{
	const struct at_secret *secret;
	const struct at_row *row;
	const char *p;
	unsigned int n;
	size_t i, len;

	(void)state;
	for (i = 0; (row = at_table_at(i)); i++) {
		secret = at_secret_find(row->name);
		p = strchr(row->usage, '=');
		for (n = 1; secret && p; n++, p = strchr(p, ',')) {
			p++;
			len = strcspn(p, ",");
			if (!memmem(p, len, "...", 3) &&
			    is_secret_name(p, len) != !!(secret->set & 1U << n))
				fail_msg("%s: argument %u of AT%s",
					 secret->name, n, row->usage);
		}
	}
}

static void known_secrets_are_marked(void **state)
{
	(void)state;
	assert_int_equal(at_secret_find("+MQTTUSER")->set, 1U << 3);
	assert_int_equal(at_secret_find("+MQTTUSER")->told, 1U << 3);
	assert_true(at_secret_find("+MQTTAUTHCFG")->set & 1U << 3);
	assert_true(at_secret_find("+MQTTAUTHCFG")->told & 1U << 3);
	assert_true(at_secret_find("+GTSSLFILE")->data);
	assert_false(at_secret_find("+MQTTPUB")->data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_and_unique),
		cmocka_unit_test(each_extended_command_is_listed),
		cmocka_unit_test(usage_and_table_agree),
		cmocka_unit_test(known_secrets_are_marked),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
