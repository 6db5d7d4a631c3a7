// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * +MQTTAUTHDYN: a device gets a secret of its own.  One registration a cloud
 * at a time, so that the host knows which one a result is of.
 */
#include <errno.h>

#include "daemon/at/cmd/auth.h"
#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"

/*
 * Results.  Type 3 has a status; for the others the manual has none, and a
 * failure has empty strings.
 */

static void print_alibaba(struct at_session *s, struct at_room *room,
			  const struct cloud_grant *g)
{
	at_urc_result(s, room, "+MQTTAUTHDYN: 1,\"%s\",\"%s\",\"%s\"",
		      g ? g->product_key : "", g ? g->device_name : "",
		      g ? g->secret : "");
}

static void print_tencent(struct at_session *s, struct at_room *room,
			  const struct cloud_grant *g)
{
	if (g && *g->secret)
		at_urc_result(s, room, "+MQTTAUTHDYN: 2,%u,\"%s\"",
			      g->encryption, g->secret);
	else
		at_urc_result(s, room, "+MQTTAUTHDYN: 2,%u",
			      g ? g->encryption : 0);
}

static void print_unicom(struct at_session *s, struct at_room *room,
			 const struct cloud_grant *g)
{
	if (g)
		at_urc_result(s, room, "+MQTTAUTHDYN: 3,0,\"%s\",\"%s\"",
			      g->secret, g->token);
	else
		at_urc_result(s, room, "+MQTTAUTHDYN: 3,1,,");
}

static void (*const printers[CLOUD_REGISTRATIONS])(struct at_session *s,
		struct at_room *room, const struct cloud_grant *g) = {
	print_alibaba,
	print_tencent,
	print_unicom,
};

static void print(struct at_auth_job *job, const struct cloud_grant *g)
{
	printers[job->type - 1](job->s, at_room_take(&job->room), g);
}

static const char *name_of(const struct at_auth_job *job)
{
	return cloud_find_registration(job->type)->name;
}

static void on_done(void *ctx, const struct cloud_grant *grant,
		    const struct mqtt_reason *why)
{
	struct at_auth_job *job = ctx;
	struct at_session *s = job->s;

	job->job = NULL;
	if (why) {
		at_note_failure(s, why->code, "%s: %s", name_of(job),
				why->text);
		log_info("%s: registration at %s: %s", s->cfg->tty,
			 name_of(job), why->text);
	} else if (grant->encryption) {
		at_auth_keep_certificate(s, grant);
	}
	print(job, grant);
}

/*
 * The command
 */

/* Without a network the command is a good one that fails. */
static int refuse(struct at_session *s, struct at_auth_job *job)
{
	at_net_no_service(s);
	print(job, NULL);
	return AT_OK;
}

static int start(struct at_session *s, struct at_auth_job *job,
		 const struct cloud_args *args)
{
	const struct cloud_registration *r = cloud_find_registration(job->type);
	struct mqtt_reason why = { .code = 0 };
	int rc;

	if (!at_room_make(&job->room, AT_ROOM_MAX))
		return at_answer_errno(s, -ENOMEM);
	rc = r->start(&s->auth.port, args, on_done, job, &job->job, &why);

	if (!rc)
		return AT_OK;
	if (rc == -ENETDOWN)
		return refuse(s, job);
	return at_fail(s, rc == -ENOMEM ? AT_UNKNOWN : AT_BAD_PARAMETER,
		       "%s: %s", r->name, why.text);
}

/* <cloudtype>,<parameters of the cloud> */
int at_mqttauthdyn_set(struct at_session *s, struct at_cmd *c)
{
	struct cloud_args args;
	struct at_auth_job *job;
	unsigned int type;
	int rc = at_arg_int(c, &type, 1, CLOUD_REGISTRATIONS);

	if (rc)
		return at_bad_arg(s, rc, "cloud");
	rc = at_auth_args(s, c, cloud_find_registration(type)->args, &args);
	if (rc)
		return rc;
	job = &s->auth.jobs[type - 1];
	if (job->job)
		return at_fail(s, AT_NOT_ALLOWED,
			       "a registration at %s is under way",
			       name_of(job));
	return start(s, job, &args);
}

int at_mqttauthdyn_test(struct at_session *s, struct at_cmd *c)
{
	unsigned int i;

	(void)c;
	for (i = 1; i <= CLOUD_REGISTRATIONS; i++)
		at_text(&s->set, &s->out, "+MQTTAUTHDYN: %u,%s", i,
			cloud_find_registration(i)->usage);
	return AT_OK;
}

/*
 * Life
 */

void at_auth_dyn_init(struct at_session *s)
{
	unsigned int i;

	for (i = 0; i < CLOUD_REGISTRATIONS; i++)
		s->auth.jobs[i] = (struct at_auth_job){ .s = s, .type = i + 1 };
}

static void cancel(struct at_auth_job *job)
{
	struct cloud_job *running = job->job;

	job->job = NULL;
	if (running)
		cloud_find_registration(job->type)->cancel(running);
}

void at_auth_dyn_reset(struct at_session *s)
{
	struct at_auth_job *job;

	for (job = s->auth.jobs; job < s->auth.jobs + CLOUD_REGISTRATIONS;
	     job++) {
		cancel(job);
		at_room_free(at_room_take(&job->room));
	}
}

void at_auth_dyn_cut(struct at_session *s)
{
	struct at_auth_job *job;

	for (job = s->auth.jobs; job < s->auth.jobs + CLOUD_REGISTRATIONS;
	     job++) {
		if (!job->job)
			continue;
		cancel(job);
		at_note_failure(s, AT_NO_NETWORK, "%s: uplink %s",
				name_of(job), at_net_fault(s));
		print(job, NULL);
	}
}
