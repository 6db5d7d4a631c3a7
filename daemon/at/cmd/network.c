// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Registration, signal and operator (3GPP 27.007 7 and 8.5) as the board's
 * uplink has them.
 */
#include "daemon/at/cmd/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/lib/resolve.h"

#define CAUSE_UPLINK	2	/* +MQTTBREAK: no address, no route */
#define CAUSE_CARRIER	3
#define NAME_MAX_LEN	64	/* bytes of an operator's name */
#define STAT_HOME	1	/* 27.007 7.2: registered */
#define STAT_SEARCHING	2

/* 27.007 7.3 */
enum cops_mode {
	COPS_AUTOMATIC,
	COPS_MANUAL,
	COPS_DEREGISTER,
	COPS_SET_FORMAT,
	COPS_MANUAL_AUTOMATIC,
};

#define COPS_NUMERIC	2	/* <format> */

static const char *const registrations[AT_N_REGISTRATIONS] = {
	[AT_CREG] = "+CREG",
	[AT_CGREG] = "+CGREG",
	[AT_CEREG] = "+CEREG",
};

/*
 * State
 */

static enum uplink_state net_state(const struct at_session *s)
{
	if (s->net.fun != 1)
		return UPLINK_NO_CARRIER;
	if (s->net.detached)
		return UPLINK_NO_ADDRESS;
	return s->net.uplink.state;
}

bool at_net_is_up(const struct at_session *s)
{
	return net_state(s) == UPLINK_UP;
}

bool at_net_can_open(const struct at_session *s)
{
	return at_net_is_up(s) && (s->net.call || !s->cfg->require_call);
}

const char *at_net_fault(const struct at_session *s)
{
	if (s->net.fun != 1)
		return "is off (+CFUN)";
	if (s->net.detached)
		return "is detached (+CGATT)";
	if (s->net.uplink.state != UPLINK_UP)
		return uplink_state_text(s->net.uplink.state);
	return at_net_can_open(s) ? "lost its address" : "has no call (+MIPCALL)";
}

int at_net_no_service(struct at_session *s)
{
	return at_fail(s, AT_NO_NETWORK, "no network service: uplink %s",
		       at_net_fault(s));
}

const char *at_net_address(const struct at_session *s)
{
	return at_net_is_up(s) ? s->net.uplink.address : "0.0.0.0";
}

static unsigned int net_stat(const struct at_session *s)
{
	return at_net_is_up(s) ? STAT_HOME : STAT_SEARCHING;
}

void at_net_cut(struct at_session *s)
{
	unsigned int cause = net_state(s) == UPLINK_NO_CARRIER ? CAUSE_CARRIER :
								 CAUSE_UPLINK;
	unsigned int i;

	for (i = 0; i < s->n_links; i++)
		at_link_cut(&s->links[i], cause);
	at_auth_network(s, true);
}

void at_net_changed(struct at_session *s, bool was_up)
{
	int i;

	if (at_net_is_up(s) == was_up)
		return;
	if (was_up)
		at_net_cut(s);
	at_auth_network(s, false);
	for (i = 0; i < AT_N_REGISTRATIONS; i++)
		if (s->net.report[i])
			at_urc_text(s, "%s: %u", registrations[i],
				    net_stat(s));
}

/* An address may be replaced by another, and the state is the same. */
void at_session_uplink(struct at_session *s,
		       const struct uplink_status *status)
{
	bool was_up = at_net_is_up(s);
	bool cut = status->cuts != s->net.uplink.cuts;

	s->net.uplink = *status;
	if (cut && was_up && at_net_is_up(s))
		at_net_cut(s);
	at_net_changed(s, was_up);
}

void at_net_reset(struct at_session *s)
{
	struct uplink_status uplink = s->net.uplink;

	lookup_abandon(s->net.lookup);
	at_room_free(s->net.found);
	s->net = (struct at_net){ .uplink = uplink, .fun = 1 };
	s->net.contexts[0].type = "IP";
	snprintf(s->net.contexts[0].apn, sizeof(s->net.contexts[0].apn), "%s",
		 s->cfg->apn ? s->cfg->apn : "");
}

/*
 * +CREG, +CGREG, +CEREG.  <n> 2 tells no more than 1: a board has no cell.
 */

static uint8_t *report_of(struct at_session *s, const struct at_cmd *c)
{
	int i = 0;

	while (strcmp(registrations[i], c->name))
		i++;
	return &s->net.report[i];
}

int at_creg_read(struct at_session *s, struct at_cmd *c)
{
	at_text(&s->set, &s->out, "%s: %u,%u", c->name, *report_of(s, c),
		net_stat(s));
	return AT_OK;
}

int at_creg_test(struct at_session *s, struct at_cmd *c)
{
	at_text(&s->set, &s->out, "%s: (0-2)", c->name);
	return AT_OK;
}

/* <n> */
int at_creg_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int n;
	int rc = at_only_number(s, c, &n, 0, 2, "reporting mode");

	if (!rc)
		*report_of(s, c) = (uint8_t)n;
	return rc;
}

/*
 * +CSQ, +CESQ, +COPS
 */

int at_csq(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CSQ: %u,99", at_net_is_up(s) ? 31 : 99);
	return AT_OK;
}

int at_csq_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CSQ: (0-31,99),(0-7,99)");
	return AT_OK;
}

/* Of LTE, as good as +CSQ has it; the other systems' are not known. */
int at_cesq(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CESQ: 99,99,255,255,%s",
		at_net_is_up(s) ? "34,97" : "255,255");
	return AT_OK;
}

int at_cesq_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CESQ: (0-63,99),(0-7,99),(0-96,255),"
		"(0-49,255),(0-34,255),(0-97,255)");
	return AT_OK;
}

static const char *operator_name(const struct at_session *s)
{
	return s->cfg->operator_name ? s->cfg->operator_name : "";
}

/* Country and network, what an IMSI begins with */
static void operator_code(const struct at_session *s, char code[6])
{
	snprintf(code, 6, "%s", s->cfg->imsi ? s->cfg->imsi : "");
}

/* 7: E-UTRAN, what the modules use */
int at_cops_read(struct at_session *s, struct at_cmd *c)
{
	char code[6];

	(void)c;
	operator_code(s, code);
	if (at_net_is_up(s))
		at_text(&s->set, &s->out, "+COPS: %u,%u,\"%s\",7",
			s->net.cops_mode, s->net.cops_format,
			s->net.cops_format == COPS_NUMERIC ? code :
							     operator_name(s));
	else
		at_text(&s->set, &s->out, "+COPS: %u", s->net.cops_mode);
	return AT_OK;
}

int at_cops_test(struct at_session *s, struct at_cmd *c)
{
	char code[6];

	(void)c;
	operator_code(s, code);
	at_text(&s->set, &s->out,
		"+COPS: (2,\"%s\",\"%s\",\"%s\",7),,(0,1,3,4),(0-2)",
		operator_name(s), operator_name(s), code);
	return AT_OK;
}

/* There is one operator: whoever chooses another by hand gets none. */
static int choose_operator(struct at_session *s, unsigned int mode,
			   const char *name)
{
	char code[6];

	operator_code(s, code);
	if (strcmp(name, code) && strcmp(name, operator_name(s))) {
		if (mode == COPS_MANUAL)
			return at_fail(s, AT_NO_NETWORK, "no such operator");
		mode = COPS_AUTOMATIC;
	}
	s->net.cops_mode = (uint8_t)mode;
	return AT_OK;
}

/* <mode>[,<format>[,<operator>[,<system>]]] */
int at_cops_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int format = s->net.cops_format;
	struct at_str name = { "", 0 };
	unsigned int system = 7;
	unsigned int mode;
	int rc = AT_OK;

	if (at_arg_int(c, &mode, 0, 4))
		return at_bad_arg(s, -EINVAL, "mode");
	if (at_arg_opt_int(c, &format, 0, COPS_NUMERIC))
		return at_bad_arg(s, -EINVAL, "format");
	if (at_arg_opt_str(c, &name, NAME_MAX_LEN))
		return at_bad_arg(s, -EINVAL, "operator");
	if (at_arg_opt_int(c, &system, 0, 15))
		return at_bad_arg(s, -EINVAL, "system");
	if (at_arg_end(c))
		return at_no_more(s, c);
	if (mode == COPS_DEREGISTER)
		return at_fail(s, AT_NOT_SUPPORTED, "no such mode");
	if (mode == COPS_MANUAL || mode == COPS_MANUAL_AUTOMATIC)
		rc = choose_operator(s, mode, name.p);
	else if (mode == COPS_AUTOMATIC)
		s->net.cops_mode = COPS_AUTOMATIC;
	if (!rc)
		s->net.cops_format = (uint8_t)format;
	return rc;
}

/*
 * +CGATT
 */

int at_cgatt_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CGATT: %d", at_net_is_up(s));
	return AT_OK;
}

int at_cgatt_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CGATT: (0,1)");
	return AT_OK;
}

/* <state> */
int at_cgatt_set(struct at_session *s, struct at_cmd *c)
{
	bool was_up = at_net_is_up(s);
	unsigned int state;
	int rc = at_only_number(s, c, &state, 0, 1, "state");

	if (rc)
		return rc;
	s->net.detached = !state;
	at_net_changed(s, was_up);
	return state && !at_net_is_up(s) ? at_net_no_service(s) : AT_OK;
}
