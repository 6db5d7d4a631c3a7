// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The board's way out, from links, addresses and routes to a state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/uplink_state.h"

/*
 * A board in words, items apart by blanks:
 *   eth0   a running link, -eth0 without carrier, its number from the name
 *   0=A    an address of link eth0 (an IPv6 one has a colon), 0~A not usable
 *   0>     its default route of IPv4, 0>50 with metric 50, 0>> of IPv6
 *   0/     another route of IPv4, 0// of IPv6
 * Link lo is always there.
 */
struct board {
	struct uplink_link links[8];
	struct uplink_address addresses[8];
	struct uplink_route routes[8];
	struct uplink_facts facts;
};

static void add_link(struct uplink_facts *f, const char *word)
{
	struct uplink_link *l = &f->links[f->n_links++];

	l->running = *word != '-';
	snprintf(l->name, sizeof(l->name), "%s", word + !l->running);
	l->index = l->name[3] - '0' + 2;
}

static void add_address(struct uplink_facts *f, const char *word)
{
	struct uplink_address *a = &f->addresses[f->n_addresses++];

	a->index = word[0] - '0' + 2;
	a->usable = word[1] == '=';
	a->family = strchr(word, ':') ? AF_INET6 : AF_INET;
	snprintf(a->text, sizeof(a->text), "%s", word + 2);
}

static void add_route(struct uplink_facts *f, const char *word)
{
	struct uplink_route *r = &f->routes[f->n_routes++];

	r->index = word[0] - '0' + 2;
	r->is_default = word[1] == '>';
	r->family = word[2] == word[1] ? AF_INET6 : AF_INET;
	sscanf(word + 2, "%u", &r->metric);
}

static const struct uplink_facts *board(const char *words)
{
	static struct board b;
	char text[256];
	char *word;

	memset(&b, 0, sizeof(b));
	b.facts.links = b.links;
	b.facts.addresses = b.addresses;
	b.facts.routes = b.routes;
	b.links[b.facts.n_links++] = (struct uplink_link){
		.index = 1, .running = true, .loopback = true, .name = "lo",
	};
	b.addresses[b.facts.n_addresses++] = (struct uplink_address){
		.index = 1, .family = AF_INET, .text = "127.0.0.1",
	};
	snprintf(text, sizeof(text), "%s", words);
	for (word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		if (strstr(word, "eth"))
			add_link(&b.facts, word);
		else if (word[1] == '=' || word[1] == '~')
			add_address(&b.facts, word);
		else
			add_route(&b.facts, word);
	}
	return &b.facts;
}

/* Boards one after the other and what each makes of the state. */
struct step {
	const char *board;
	enum uplink_state state;
	uint32_t cuts;
	const char *address;
};

static const struct {
	const char *what;
	const char *name;
	struct step steps[6];
} rows[] = {
	{ "address goes and comes", "eth0", {
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 0, "10.0.0.2" },
		{ "eth0", UPLINK_NO_ADDRESS, 1, "" },
		{ "eth0 0=10.0.0.2", UPLINK_NO_ROUTE, 1, "" },
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 1, "10.0.0.2" } } },
	{ "carrier goes and comes", "eth0", {
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 0, "10.0.0.2" },
		{ "-eth0 0=10.0.0.2 0/", UPLINK_NO_CARRIER, 1, "" },
		{ "-eth0", UPLINK_NO_CARRIER, 1, "" },
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 1, "10.0.0.2" } } },
	{ "interface goes and comes", "eth0", {
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 0, "10.0.0.2" },
		{ "", UPLINK_NO_CARRIER, 1, "" },
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 1, "10.0.0.2" } } },
	{ "never there", "eth0", {
		{ "eth1 1=10.0.0.2 1>", UPLINK_NO_CARRIER, 0, "" },
		{ "eth0 0=10.0.0.3 0>", UPLINK_UP, 0, "10.0.0.3" } } },
	{ "a default route that was there must stay", "eth0", {
		{ "eth0 0=10.0.0.2 0/ 0>", UPLINK_UP, 0, "10.0.0.2" },
		{ "eth0 0=10.0.0.2 0/", UPLINK_NO_ROUTE, 1, "" },
		{ "eth0 0=10.0.0.2 0/ 0>", UPLINK_UP, 1, "10.0.0.2" } } },
	{ "another's default route is no concern", "eth0", {
		{ "eth0 eth1 0=10.0.0.2 0/ 1=10.1.0.2 1>", UPLINK_UP, 0,
		  "10.0.0.2" },
		{ "eth0 eth1 0=10.0.0.2 0/", UPLINK_UP, 0, "10.0.0.2" } } },
	{ "address replaced by another", "eth0", {
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 0, "10.0.0.2" },
		{ "eth0 0=10.0.0.3 0/", UPLINK_UP, 1, "10.0.0.3" } } },
	{ "an address before the first", "eth0", {
		{ "eth0 0=fd00::2 0//", UPLINK_UP, 0, "fd00::2" },
		{ "eth0 0=10.0.0.2 0/ 0=fd00::2 0//", UPLINK_UP, 0,
		  "10.0.0.2" } } },
	{ "an address that is only not preferred any more", "eth0", {
		{ "eth0 0=fd00::2 0//", UPLINK_UP, 0, "fd00::2" },
		{ "eth0 0~fd00::2 0=fd00::3 0//", UPLINK_UP, 0, "fd00::3" } } },
	{ "no usable address", "eth0", {
		{ "eth0 0~169.254.1.1 0~fe80::1 0/", UPLINK_NO_ADDRESS, 0,
		  "" } } },
	{ "each family needs its own route", "eth0", {
		{ "eth0 0=10.0.0.2 0//", UPLINK_NO_ROUTE, 0, "" },
		{ "eth0 0=10.0.0.2 0=fd00::2 0//", UPLINK_UP, 0,
		  "fd00::2" } } },
	{ "the default route's interface", NULL, {
		{ "eth0 eth1 0=10.0.0.2 1=10.1.0.2 0>200 1>100", UPLINK_UP, 0,
		  "10.1.0.2" },
		{ "eth0 eth1 0=10.0.0.2 1=10.1.0.2 0>200", UPLINK_UP, 1,
		  "10.0.0.2" },
		{ "eth0 0=10.0.0.2", UPLINK_NO_ROUTE, 2, "" },
		{ "-eth0 0=10.0.0.2", UPLINK_NO_CARRIER, 2, "" },
		{ "", UPLINK_NO_CARRIER, 2, "" },
		{ "eth1 1=fd00::5 1>>", UPLINK_UP, 2, "fd00::5" } } },
	{ "nothing to judge by", NULL, {
		{ "", UPLINK_UP, 0, "127.0.0.1" },
		{ "eth0 0=10.0.0.2 0/", UPLINK_UP, 0, "10.0.0.2" },
		{ "", UPLINK_UP, 0, "127.0.0.1" },
		{ "eth0 0=10.0.0.3 0>", UPLINK_UP, 0, "10.0.0.3" } } },
};

static void boards_have_their_states(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct uplink_model m = { .name = rows[i].name };

		for (int k = 0; k < 6 && rows[i].steps[k].board; k++) {
			const struct step *s = &rows[i].steps[k];

			print_message("%s: %s\n", rows[i].what, s->board);
			uplink_model_update(&m, board(s->board));
			assert_int_equal(m.status.state, s->state);
			assert_int_equal(m.status.cuts, s->cuts);
			assert_string_equal(m.status.address, s->address);
		}
	}
}

static void only_changes_are_told(void **state)
{
	struct uplink_model m = { .name = "eth0" };
	const char *up = "eth0 0=10.0.0.2 0/";

	(void)state;
	assert_true(uplink_model_update(&m, board(up)));
	assert_false(uplink_model_update(&m, board(up)));
	assert_false(uplink_model_update(&m, board("eth0 eth1 0=10.0.0.2 0/")));
	assert_true(uplink_model_update(&m, board("eth0 0=10.0.0.2")));
	assert_false(uplink_model_update(&m, board("eth0 0=10.0.0.9")));
	assert_true(uplink_model_update(&m, board("eth0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boards_have_their_states),
		cmocka_unit_test(only_changes_are_told),
	};

	return cmocka_run_group_tests_name("uplink", tests, NULL, NULL);
}
