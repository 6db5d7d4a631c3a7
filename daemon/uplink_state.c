// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The uplink is the configured interface, else the default route's.  It is up
 * when it runs and has, of one family, an address and a route: a default
 * route, once it had one, else any, for a broker in the same network.
 *
 * A board without a configured uplink on which no default route was ever seen
 * gives nothing to judge by: it counts as up, and an open shows the rest.
 */
#include "daemon/uplink_state.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define N_FAMILIES	2

static const int families[N_FAMILIES] = { AF_INET, AF_INET6 };

const char *uplink_state_text(enum uplink_state state)
{
	static const char *const texts[] = {
		[UPLINK_UP] = "is up",
		[UPLINK_NO_ROUTE] = "has no route",
		[UPLINK_NO_ADDRESS] = "has no address",
		[UPLINK_NO_CARRIER] = "has no carrier",
	};

	return texts[state];
}

/* ---- facts ---- */

static const struct uplink_link *link_named(const struct uplink_facts *f,
					    const char *name)
{
	for (size_t i = 0; i < f->n_links; i++)
		if (!strcmp(f->links[i].name, name))
			return &f->links[i];
	return NULL;
}

static const struct uplink_link *link_at(const struct uplink_facts *f,
					 int index)
{
	for (size_t i = 0; i < f->n_links; i++)
		if (f->links[i].index == index)
			return &f->links[i];
	return NULL;
}

/* The first usable address of link @index and @family, or NULL */
static const char *address_of(const struct uplink_facts *f, int index,
			      int family)
{
	for (size_t i = 0; i < f->n_addresses; i++)
		if (f->addresses[i].index == index &&
		    f->addresses[i].family == family && f->addresses[i].usable)
			return f->addresses[i].text;
	return NULL;
}

/* Also one that is no longer fit for new connections keeps the old ones. */
static bool has_address(const struct uplink_facts *f, int index,
			const char *text)
{
	for (size_t i = 0; i < f->n_addresses; i++)
		if (f->addresses[i].index == index &&
		    !strcmp(f->addresses[i].text, text))
			return true;
	return false;
}

static bool has_route(const struct uplink_facts *f, int index, int family,
		      bool is_default)
{
	for (size_t i = 0; i < f->n_routes; i++)
		if (f->routes[i].index == index &&
		    f->routes[i].family == family &&
		    (f->routes[i].is_default || !is_default))
			return true;
	return false;
}

/* The link of the best default route, or 0 */
static int default_link(const struct uplink_facts *f, int family)
{
	const struct uplink_route *best = NULL;

	for (size_t i = 0; i < f->n_routes; i++) {
		const struct uplink_route *r = &f->routes[i];

		if (r->is_default && r->family == family &&
		    (!best || r->metric < best->metric))
			best = r;
	}
	return best ? best->index : 0;
}

/* ---- judgement ---- */

/* Without a default route the uplink is still the one that had it last. */
static int find_uplink(const struct uplink_model *m,
		       const struct uplink_facts *f)
{
	const struct uplink_link *link;
	int index;

	if (m->name) {
		link = link_named(f, m->name);
		return link ? link->index : 0;
	}
	index = default_link(f, AF_INET);
	if (!index)
		index = default_link(f, AF_INET6);
	return index ? index : m->index;
}

static void set_address(struct uplink_status *now, const char *text)
{
	snprintf(now->address, sizeof(now->address), "%s", text);
}

static enum uplink_state judge_family(const struct uplink_model *m,
				      const struct uplink_facts *f, int index,
				      int which, struct uplink_status *now)
{
	const char *address = address_of(f, index, families[which]);

	if (!address)
		return UPLINK_NO_ADDRESS;
	if (!has_route(f, index, families[which], m->had_default[which]))
		return UPLINK_NO_ROUTE;
	set_address(now, address);
	return UPLINK_UP;
}

static enum uplink_state judge(const struct uplink_model *m,
			       const struct uplink_facts *f, int index,
			       struct uplink_status *now)
{
	const struct uplink_link *link = link_at(f, index);
	enum uplink_state best = UPLINK_NO_ADDRESS;
	enum uplink_state state;

	if (!link || !link->running)
		return UPLINK_NO_CARRIER;
	for (int i = 0; i < N_FAMILIES && best != UPLINK_UP; i++) {
		state = judge_family(m, f, index, i, now);
		best = state < best ? state : best;
	}
	return best;
}

/* What a board that leads nowhere is called by its host */
static void any_address(const struct uplink_facts *f, struct uplink_status *now)
{
	const char *text;

	set_address(now, "127.0.0.1");
	for (size_t i = 0; i < f->n_links; i++) {
		text = address_of(f, f->links[i].index, AF_INET);
		if (text && !f->links[i].loopback) {
			set_address(now, text);
			return;
		}
	}
}

static void note_defaults(struct uplink_model *m, const struct uplink_facts *f,
			  int index)
{
	for (int i = 0; i < N_FAMILIES; i++)
		if (has_route(f, index, families[i], true))
			m->had_default[i] = true;
}

/* Did connections that were good before lose their way? */
static bool is_cut(const struct uplink_model *m, const struct uplink_facts *f,
		   int index, const struct uplink_status *now)
{
	if (m->status.state != UPLINK_UP || !m->index)
		return false;
	return now->state != UPLINK_UP || index != m->index ||
	       !has_address(f, index, m->status.address);
}

bool uplink_model_update(struct uplink_model *m, const struct uplink_facts *f)
{
	struct uplink_status now = { .cuts = m->status.cuts };
	int index = find_uplink(m, f);
	bool changed;

	if (!index && !m->name) {
		any_address(f, &now);
	} else {
		note_defaults(m, f, index);
		now.state = judge(m, f, index, &now);
		now.cuts += is_cut(m, f, index, &now);
	}
	changed = now.state != m->status.state ||
		  now.cuts != m->status.cuts ||
		  strcmp(now.address, m->status.address);
	m->index = index;
	m->status = now;
	return changed;
}
