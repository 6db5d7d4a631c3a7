// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Packet data contexts (3GPP 27.007 10.1) and the modules' own +MIPCALL.
 * They all share the board's one uplink, so an APN is only kept.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/reopen.h"

#define ARG_MAX_LEN	255	/* bytes of what is only looked over */

static const char *const types[] = { "IP", "IPV6", "IPV4V6" };

#define N_TYPES (sizeof(types) / sizeof(types[0]))

static int arg_context(struct at_session *s, struct at_cmd *c,
		       unsigned int *cid)
{
	if (at_arg_int(c, cid, 1, AT_N_CONTEXTS))
		return at_bad_arg(s, -EINVAL, "context");
	return AT_OK;
}

static int arg_defined(struct at_session *s, struct at_cmd *c,
		       unsigned int *cid)
{
	int rc = arg_context(s, c, cid);

	if (!rc && !s->net.contexts[*cid - 1].type)
		return at_bad_arg(s, -EINVAL, "context: not defined");
	return rc;
}

/* Parameters that a board has no use for */
static int skip_args(struct at_session *s, struct at_cmd *c)
{
	struct at_str v;

	while (c->more)
		if (at_arg_opt_str(c, &v, ARG_MAX_LEN))
			return at_bad_arg(s, -EINVAL, "parameter");
	return AT_OK;
}

static int arg_apn(struct at_session *s, struct at_cmd *c, struct at_str *apn)
{
	int rc = at_arg_opt_str(c, apn, AT_APN_MAX);

	if (!rc && strlen(apn->p) != apn->len)
		rc = -EINVAL;
	return rc ? at_bad_arg(s, rc, "APN") : AT_OK;
}

static void set_apn(struct at_context *context, const struct at_str *apn)
{
	memcpy(context->apn, apn->p, apn->len + 1);
}

static bool is_active(const struct at_session *s, unsigned int cid)
{
	const struct at_context *p = &s->net.contexts[cid - 1];

	return p->type && !p->off && at_net_is_up(s);
}

static const char *context_address(const struct at_session *s,
				   unsigned int cid)
{
	return is_active(s, cid) ? at_net_address(s) : "0.0.0.0";
}

/*
 * +CGDCONT
 */

int at_cgdcont_read(struct at_session *s, struct at_cmd *c)
{
	const struct at_context *p;
	unsigned int i;

	(void)c;
	for (i = 0; i < AT_N_CONTEXTS; i++) {
		p = &s->net.contexts[i];
		if (p->type)
			at_text(&s->set, &s->out,
				"+CGDCONT: %u,\"%s\",\"%s\",\"%s\",0,0,0,0",
				i + 1, p->type, p->apn,
				context_address(s, i + 1));
	}
	return AT_OK;
}

int at_cgdcont_test(struct at_session *s, struct at_cmd *c)
{
	size_t i;

	(void)c;
	for (i = 0; i < N_TYPES; i++)
		at_text(&s->set, &s->out, "+CGDCONT: (1-%u),\"%s\",,,(0),(0)",
			AT_N_CONTEXTS, types[i]);
	return AT_OK;
}

static int arg_type(struct at_session *s, struct at_cmd *c, const char **type)
{
	struct at_str v = { types[0], strlen(types[0]) };
	size_t i;

	if (at_arg_opt_str(c, &v, ARG_MAX_LEN))
		return at_bad_arg(s, -EINVAL, "type");
	for (i = 0; i < N_TYPES; i++) {
		if (!strcasecmp(v.p, types[i])) {
			*type = types[i];
			return AT_OK;
		}
	}
	return at_bad_arg(s, -EINVAL, "type");
}

/* <cid>[,<type>[,<apn>,...]]: <cid> alone undefines it */
int at_cgdcont_set(struct at_session *s, struct at_cmd *c)
{
	struct at_str apn = { "", 0 };
	struct at_context *p;
	const char *type = NULL;
	unsigned int cid;
	int rc;

	rc = arg_context(s, c, &cid);
	if (!rc && c->more)
		rc = arg_type(s, c, &type);
	if (!rc)
		rc = arg_apn(s, c, &apn);
	if (!rc)
		rc = skip_args(s, c);
	if (rc)
		return rc;
	p = &s->net.contexts[cid - 1];
	p->type = type;
	p->off = false;
	set_apn(p, &apn);
	return AT_OK;
}

/*
 * +CGACT
 */

int at_cgact_read(struct at_session *s, struct at_cmd *c)
{
	unsigned int cid;

	(void)c;
	for (cid = 1; cid <= AT_N_CONTEXTS; cid++)
		if (s->net.contexts[cid - 1].type)
			at_text(&s->set, &s->out, "+CGACT: %u,%d", cid,
				is_active(s, cid));
	return AT_OK;
}

int at_cgact_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CGACT: (0,1)");
	return AT_OK;
}

/* <state>[,<cid>,...]: no <cid> means all */
int at_cgact_set(struct at_session *s, struct at_cmd *c)
{
	bool chosen[AT_N_CONTEXTS] = { false };
	unsigned int state, cid;
	bool all;
	int rc = AT_OK;

	if (at_arg_int(c, &state, 0, 1))
		return at_bad_arg(s, -EINVAL, "state");
	all = !c->more;
	while (!rc && c->more) {
		rc = arg_defined(s, c, &cid);
		if (!rc)
			chosen[cid - 1] = true;
	}
	if (rc)
		return rc;
	if (state && !at_net_is_up(s))
		return at_net_no_service(s);
	for (cid = 1; cid <= AT_N_CONTEXTS; cid++)
		if (all || chosen[cid - 1])
			s->net.contexts[cid - 1].off = !state;
	return AT_OK;
}

/*
 * +CGPADDR
 */

static void print_address(struct at_session *s, unsigned int cid)
{
	at_text(&s->set, &s->out, "+CGPADDR: %u,\"%s\"", cid,
		context_address(s, cid));
}

int at_cgpaddr(struct at_session *s, struct at_cmd *c)
{
	unsigned int cid;

	(void)c;
	for (cid = 1; cid <= AT_N_CONTEXTS; cid++)
		if (s->net.contexts[cid - 1].type)
			print_address(s, cid);
	return AT_OK;
}

/* <cid>,... */
int at_cgpaddr_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int cid;
	int rc;

	do {
		rc = arg_defined(s, c, &cid);
		if (!rc)
			print_address(s, cid);
	} while (!rc && c->more);
	return rc;
}

/* The contexts that there are: of +CGPADDR, +CGCONTRDP */
int at_contexts_test(struct at_session *s, struct at_cmd *c)
{
	const char *comma = "";
	unsigned int cid;

	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "%s: (", c->name);
	for (cid = 1; cid <= AT_N_CONTEXTS; cid++) {
		if (!s->net.contexts[cid - 1].type)
			continue;
		buf_printf(&s->out, "%s%u", comma, cid);
		comma = ",";
	}
	buf_add(&s->out, ")", 1);
	at_text_end(&s->set, &s->out);
	return AT_OK;
}

/*
 * +CGCONTRDP: a mobile network's context is a way to one peer, so the mask
 * has all bits, and there is neither a gateway nor a server to be told.
 */

#define FIRST_BEARER	5	/* 3GPP 24.007 11.2.3.1.5 */

static void print_context(struct at_session *s, unsigned int cid)
{
	const char *address = at_net_address(s);

	if (is_active(s, cid))
		at_text(&s->set, &s->out, "+CGCONTRDP: %u,%u,\"%s\",\"%s%s\"",
			cid, FIRST_BEARER + cid - 1,
			s->net.contexts[cid - 1].apn, address,
			strchr(address, ':') ? "" : ".255.255.255.255");
}

int at_cgcontrdp(struct at_session *s, struct at_cmd *c)
{
	unsigned int cid;

	(void)c;
	for (cid = 1; cid <= AT_N_CONTEXTS; cid++)
		print_context(s, cid);
	return AT_OK;
}

/* <cid> */
int at_cgcontrdp_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int cid;
	int rc = arg_defined(s, c, &cid);

	if (!rc)
		rc = at_no_more(s, c);
	if (!rc)
		print_context(s, cid);
	return rc;
}

/*
 * +MIPCALL
 */

int at_mipcall_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	if (s->net.call && at_net_is_up(s))
		at_text(&s->set, &s->out, "+MIPCALL: 1,%s", at_net_address(s));
	else
		at_text(&s->set, &s->out, "+MIPCALL: 0");
	return AT_OK;
}

int at_mipcall_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+MIPCALL: (0,1)");
	return AT_OK;
}

/* What was opened with a call ends with it, if it takes one. */
static int hang_up(struct at_session *s)
{
	struct at_room *room = at_room_new(AT_ROOM_MIN);

	if (!room)
		return at_answer_errno(s, -ENOMEM);
	s->net.call = false;
	at_reopen_save(s);
	if (s->cfg->require_call)
		at_net_cut(s);
	at_urc_result(s, room, "+MIPCALL: 0");
	return AT_OK;
}

static int call(struct at_session *s, const struct at_str *apn)
{
	struct at_room *room;

	if (!at_net_is_up(s))
		return at_net_no_service(s);
	room = at_room_new(AT_ROOM_MIN);
	if (!room)
		return at_answer_errno(s, -ENOMEM);
	if (apn->p)
		set_apn(&s->net.contexts[0], apn);
	s->net.call = true;
	at_reopen_save(s);
	at_urc_result(s, room, "+MIPCALL: %s", at_net_address(s));
	return AT_OK;
}

/* <op>[,<apn>[,<user>,<password>,...]] */
int at_mipcall_set(struct at_session *s, struct at_cmd *c)
{
	struct at_str apn = { "", 0 };
	unsigned int op;
	int rc;

	if (at_arg_int(c, &op, 0, 1))
		return at_bad_arg(s, -EINVAL, "operation");
	rc = arg_apn(s, c, &apn);
	if (!rc)
		rc = skip_args(s, c);
	if (rc)
		return rc;
	if (!apn.len)
		apn.p = NULL;
	return op ? call(s, &apn) : hang_up(s);
}
