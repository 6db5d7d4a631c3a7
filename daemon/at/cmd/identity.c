// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Who the modem is, from the configuration.
 */
#include <errno.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"

#define IMEI_SERIAL	14	/* digits in front of the check digit */
#define SVN		"00"	/* software version, 3GPP 23.003 6.2.2 */

static const char *model(const struct at_session *s)
{
	return s->cfg->model_name ? s->cfg->model_name : s->profile->name;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* "+CGMI: \"value\"": 27.007 leaves the form open, the modules have this */
static int print_identity(struct at_session *s, const struct at_cmd *c,
			  const char *value, bool quoted)
{
	const char *quote = quoted ? "\"" : "";

	if (!value)
		return at_fail(s, AT_NOT_SUPPORTED, "not configured");
	at_text(&s->set, &s->out, "%s: %s%s%s", c->name, quote, value, quote);
	return AT_OK;
}

/* Only the plain one: what the others print is each maker's own choice. */
int at_i(struct at_session *s, struct at_cmd *c)
{
	if (c->number)
		return at_bad_arg(s, -EINVAL, "number behind I");
	at_text(&s->set, &s->out, "%s", or_empty(s->cfg->manufacturer));
	at_text(&s->set, &s->out, "%s", model(s));
	at_text(&s->set, &s->out, "%s", or_empty(s->cfg->revision));
	return AT_OK;
}

int at_manufacturer(struct at_session *s, struct at_cmd *c)
{
	return print_identity(s, c, s->cfg->manufacturer, true);
}

int at_model(struct at_session *s, struct at_cmd *c)
{
	return print_identity(s, c, model(s), true);
}

int at_revision(struct at_session *s, struct at_cmd *c)
{
	return print_identity(s, c, s->cfg->revision, true);
}

int at_imei(struct at_session *s, struct at_cmd *c)
{
	return print_identity(s, c, s->cfg->imei, true);
}

/* 27.007 5.4 <snt>: 0 serial number, 1 IMEI, 2 IMEI and SVN, 3 SVN */
int at_cgsn_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int snt;
	int rc = at_only_number(s, c, &snt, 0, 3, "kind of number");

	if (rc)
		return rc;
	if (snt < 2)
		return at_imei(s, c);
	at_text(&s->set, &s->out, "%s: \"%.*s%s\"", c->name,
		snt == 2 ? IMEI_SERIAL : 0, or_empty(s->cfg->imei), SVN);
	return AT_OK;
}

int at_cgsn_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "%s: (0-3)", c->name);
	return AT_OK;
}

int at_imsi(struct at_session *s, struct at_cmd *c)
{
	return print_identity(s, c, s->cfg->imsi, false);
}

int at_iccid(struct at_session *s, struct at_cmd *c)
{
	return print_identity(s, c, s->cfg->iccid, false);
}
