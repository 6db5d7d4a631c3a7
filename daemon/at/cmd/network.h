/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The board's uplink as a host takes it: for a mobile network.
 */
#ifndef ATMQTT_AT_NETWORK_H
#define ATMQTT_AT_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/uplink_state.h"

struct at_room;
struct at_session;
struct lookup;

#define AT_N_CONTEXTS	5
#define AT_APN_MAX	100	/* bytes */

enum at_registration {
	AT_CREG,
	AT_CGREG,
	AT_CEREG,
	AT_N_REGISTRATIONS,
};

/* +CGDCONT */
struct at_context {
	const char *type;	/* "IP"; NULL: not defined */
	bool off;		/* +CGACT=0 */
	char apn[AT_APN_MAX + 1];
};

struct at_net {
	struct uplink_status uplink;	/* the board's */
	uint8_t fun;			/* +CFUN: 1, or the radio is off */
	bool detached;			/* +CGATT=0 */
	bool call;			/* +MIPCALL=1 */
	uint8_t report[AT_N_REGISTRATIONS];	/* <n> of +CREG and its like */
	uint8_t cops_mode, cops_format;	/* +COPS */
	struct at_context contexts[AT_N_CONTEXTS];
	struct lookup *lookup;		/* +MIPDNS under way, or NULL */
	struct at_room *found;		/* of its result */
	char host[256];			/* what it looks up, as written */
};

/* The state after power-on; the uplink stays as it is. */
void at_net_reset(struct at_session *s);

/* Is there service for this port? */
bool at_net_is_up(const struct at_session *s);

/* The same for an open, which may need a call (knob require_call). */
bool at_net_can_open(const struct at_session *s);

/* "has no carrier": what follows "uplink " in a reason */
const char *at_net_fault(const struct at_session *s);

/* Fails a command that needs service: AT_NO_NETWORK */
int at_net_no_service(struct at_session *s);

/* The port's address; "0.0.0.0" without service */
const char *at_net_address(const struct at_session *s);

/*
 * Around a change of what the above tells: links break and registrations are
 * reported when there was service and is none any more, or the reverse.
 */
void at_net_changed(struct at_session *s, bool was_up);

/* Breaks what is open, with the cause that the state has. */
void at_net_cut(struct at_session *s);

#endif /* ATMQTT_AT_NETWORK_H */
