// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/cloud/job.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/text.h"

#define REPLY_MAX	32768	/* bytes: a certificate and its key fit */

struct cloud_job *job_new(struct cloud_port *port, const char *product_key,
			  const char *product_secret, const char *device_name,
			  cloud_done done, void *ctx)
{
	struct cloud_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->port = port;
	job->done = done;
	job->ctx = ctx;
	snprintf(job->product_key, sizeof(job->product_key), "%s",
		 product_key);
	snprintf(job->product_secret, sizeof(job->product_secret), "%s",
		 product_secret);
	snprintf(job->device_name, sizeof(job->device_name), "%s",
		 device_name);
	return job;
}

int job_check_network(const struct cloud_job *job)
{
	return job->port->up ? 0 : -ENETDOWN;
}

static void free_timer(uv_handle_t *timer)
{
	free(timer);
}

void job_cancel(struct cloud_job *job)
{
	if (!job)
		return;
	visit_cancel(job->visit);
	http_abort(job->request);
	if (job->later)
		uv_close((uv_handle_t *)job->later, free_timer);
	explicit_bzero(job, sizeof(*job));
	free(job);
}

bool job_refuse(struct cloud_job *job, const char *fmt, ...)
{
	va_list ap;
	char *p;

	job->failed = true;
	va_start(ap, fmt);
	vsnprintf(job->why.text, sizeof(job->why.text), fmt, ap);
	va_end(ap);
	for (p = job->why.text; *p; p++)	/* a server's words, maybe */
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	return false;
}

void job_end(struct cloud_job *job, const struct cloud_grant *grant,
	     const struct mqtt_reason *why)
{
	job->done(job->ctx, grant, why);
	job_cancel(job);
}

void job_end_answered(struct cloud_job *job)
{
	const struct cloud_grant grant = {
		.product_key = job->product_key,
		.device_name = job->device_name,
		.secret = job->secret,
		.token = job->token,
	};

	if (job->failed)
		job_end(job, NULL, &job->why);
	else
		job_end(job, &grant, NULL);
}

int job_post(struct cloud_job *job, struct http_args *args,
	     const char *ca_file, http_done done)
{
	struct mqtt_tls tls;
	char *pem;

	cloud_trust(job->port, ca_file, &tls);
	pem = cloud_http_trust(&tls, args);
	args->max = REPLY_MAX;
	args->reach = job->port->reach;
	args->port_key = job->port->ctx;
	job->request = http_start(job->port->http, args, done, job);
	free(pem);
	return job->request ? 0 : -ENOMEM;
}

bool job_take(char out[JOB_TEXT_MAX + 1], const char *text)
{
	for (const char *p = text; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '"')
			return false;
	return !text_put(out, JOB_TEXT_MAX + 1, "%s", text ? text : "");
}
