/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the board's links, addresses and routes mean for its way out.  Pure:
 * uplink.c asks the kernel, this judges.
 */
#ifndef ATMQTT_UPLINK_STATE_H
#define ATMQTT_UPLINK_STATE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the best on: a link goes through them backwards as it comes up. */
enum uplink_state {
	UPLINK_UP,
	UPLINK_NO_ROUTE,
	UPLINK_NO_ADDRESS,
	UPLINK_NO_CARRIER,	/* or switched off, or no such interface */
};

struct uplink_status {
	enum uplink_state state;
	uint32_t cuts;		/* how often connections lost their way */
	char address[INET6_ADDRSTRLEN];	/* "": none */
};

/* What the kernel knows; the order is the kernel's. */
struct uplink_link {
	int index;
	bool running;		/* switched on, with carrier */
	bool loopback;
	char name[IF_NAMESIZE];
};

struct uplink_address {
	int index;		/* of its link */
	int family;
	bool usable;		/* as a source address towards a broker */
	char text[INET6_ADDRSTRLEN];
};

/* Unicast routes of the main table that lead off the link */
struct uplink_route {
	int index;
	int family;
	bool is_default;
	uint32_t metric;	/* lower is better */
};

struct uplink_facts {
	struct uplink_link *links;
	struct uplink_address *addresses;
	struct uplink_route *routes;
	size_t n_links;
	size_t n_addresses;
	size_t n_routes;
};

struct uplink_model {
	const char *name;	/* as configured; NULL: the default route's */
	int index;		/* its link as last seen; 0: not yet */
	bool had_default[2];	/* IPv4, IPv6: it had a default route */
	struct uplink_status status;
};

/* All zero but for @name is a new model.  Has its status changed? */
bool uplink_model_update(struct uplink_model *m, const struct uplink_facts *f);

/* "has no carrier": what follows "the uplink " in a log line */
const char *uplink_state_text(enum uplink_state state);

#endif /* ATMQTT_UPLINK_STATE_H */
