// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * +MQTTAUTHCFG: what a device logs in to a cloud with, computed at once; and
 * +MQTTAUTHEVENT, what Tuya's cloud makes of it later.
 */
#include "daemon/at/cmd/auth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/gtssl.h"
#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/topic.h"

#define CLOUD_TUYA	4

/*
 * Arguments
 */

/* They are printed and sent in lines: none has a line end. */
static bool is_clean(const struct at_str *v)
{
	size_t i;

	for (i = 0; i < v->len; i++)
		if ((unsigned char)v->p[i] < ' ' || v->p[i] == 0x7f)
			return false;
	return is_mqtt_string(v->p, v->len);
}

static int take_text(struct at_session *s, struct at_cmd *c,
		     const struct cloud_arg *arg, size_t max, const char **out)
{
	struct at_str v = { "", 0 };
	int rc = arg->optional ? at_arg_opt_str(c, &v, max) :
				 at_arg_str(c, &v, max);

	if (!rc && !is_clean(&v))
		rc = -EINVAL;
	if (!rc && !v.len && !arg->optional)
		return at_fail(s, AT_BAD_PARAMETER, "%s is empty", arg->name);
	*out = v.p;
	return rc ? at_bad_arg(s, rc, arg->name) : AT_OK;
}

#define DIGITS_MAX	10

/* The manual has numbers that are strings: "1" */
static int take_number(struct at_session *s, struct at_cmd *c,
		       const struct cloud_arg *arg, unsigned int *out)
{
	const char *text;
	int rc = take_text(s, c, arg, DIGITS_MAX, &text);
	unsigned long n;

	if (rc)
		return rc;
	n = strtoul(text, NULL, 10);
	if (strspn(text, "0123456789") != strlen(text) ||
	    (*text && (n < arg->min || n > arg->max)))
		return at_bad_arg(s, -ERANGE, arg->name);
	*out = (unsigned int)n;
	return AT_OK;
}

int at_auth_args(struct at_session *s, struct at_cmd *c,
		 const struct cloud_arg *table, struct cloud_args *out)
{
	int rc = AT_OK;
	size_t i;

	*out = (struct cloud_args){ .table = table };
	for (i = 0; !rc && table[i].name; i++) {
		out->text[i] = "";
		if (table[i].type == CLOUD_NUMBER)
			rc = take_number(s, c, &table[i], &out->number[i]);
		else
			rc = take_text(s, c, &table[i], table[i].max,
				       &out->text[i]);
	}
	return rc ? rc : at_no_more(s, c);
}

/*
 * +MQTTAUTHCFG
 */

static void print_login(struct at_session *s, unsigned int type,
			const struct cloud_login *login)
{
	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "+MQTTAUTHCFG: %u,", type);
	if (login->host[0])
		buf_printf(&s->out, "\"%s\",%u,", login->host, login->port);
	buf_printf(&s->out, "\"%s\",\"%s\",\"%s\"", login->user,
		      login->password, login->client_id);
	at_text_end(&s->set, &s->out);
}

static int failure_code(int rc)
{
	return rc == -ENOMEM ? AT_UNKNOWN :
	       rc == -EBUSY  ? AT_NOT_ALLOWED : AT_BAD_PARAMETER;
}

static int compute(struct at_session *s, unsigned int type,
		   const struct cloud_args *args)
{
	const struct cloud *cloud = cloud_find(type);
	struct cloud_login login = { .port = 0 };
	struct mqtt_reason why = { .code = 0 };
	int rc = cloud->login ? cloud->login(&s->auth.port, args, &login, &why) :
				0;

	if (rc)
		rc = at_fail(s, failure_code(rc), "%s: %s", cloud->name,
			     why.text);
	else if (login.client_id[0])
		print_login(s, type, &login);
	explicit_bzero(&login, sizeof(login));
	return rc;
}

/* <cloudtype>[,<parameters of the cloud>] */
int at_mqttauthcfg_set(struct at_session *s, struct at_cmd *c)
{
	struct cloud_args args;
	unsigned int type;
	int rc = at_arg_int(c, &type, 1, CLOUD_LOGINS);

	if (rc || !cloud_find(type))
		return at_bad_arg(s, -EINVAL, "cloud");
	rc = at_auth_args(s, c, cloud_find(type)->args, &args);
	return rc ? rc : compute(s, type, &args);
}

int at_mqttauthcfg_test(struct at_session *s, struct at_cmd *c)
{
	const struct cloud *cloud;
	unsigned int i;

	(void)c;
	for (i = 1; i <= CLOUD_LOGINS; i++) {
		cloud = cloud_find(i);
		if (cloud)
			at_text(&s->set, &s->out, "+MQTTAUTHCFG: %u%s%s", i,
				*cloud->usage ? "," : "", cloud->usage);
	}
	return AT_OK;
}

/*
 * Life
 */

static void trust(void *ctx, struct mqtt_tls *tls)
{
	at_tls_fill(ctx, tls);
}

static void on_event(void *ctx, unsigned int event)
{
	at_urc_text(ctx, "+MQTTAUTHEVENT: %d,%u", CLOUD_TUYA, event);
}

static void on_trouble(void *ctx, const struct mqtt_reason *why)
{
	at_note_failure(ctx, why->code, "%s", why->text);
}

void at_auth_init(struct at_session *s, struct http *http)
{
	s->auth.port = (struct cloud_port){
		.cfg = s->cfg->clouds,
		.ops = &cloud_ops_system,
		.loop = s->loop,
		.mqtt = s->mqtt,
		.http = http,
		.name = s->cfg->tty,
		.imei = s->cfg->imei,
		.state_dir = s->cfg->state_dir,
		.reach = s->cfg->reach,
		.trust = trust,
		.event = on_event,
		.trouble = on_trouble,
		.ctx = s,
	};
	at_auth_dyn_init(s);
}

void at_auth_network(struct at_session *s, bool cut)
{
	if (cut) {
		at_auth_dyn_cut(s);
		cloud_network(&s->auth.port, false);
	}
	cloud_network(&s->auth.port, at_net_is_up(s));
}

void at_auth_reset(struct at_session *s)
{
	at_auth_dyn_reset(s);
	cloud_stop(&s->auth.port);
	at_auth_drop_certificate(s);
}
