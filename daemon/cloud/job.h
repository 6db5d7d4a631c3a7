/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the registrations have in common.
 */
#ifndef ATMQTT_CLOUD_JOB_H
#define ATMQTT_CLOUD_JOB_H

#include "daemon/cloud/cloud.h"
#include "daemon/cloud/http.h"
#include "daemon/cloud/visit.h"

#define JOB_TEXT_MAX	255	/* bytes of a secret or token */

/* One that is under way; wiped when it ends. */
struct cloud_job {
	struct cloud_port *port;
	cloud_done done;
	void *ctx;
	char product_key[129];
	char product_secret[129];
	char device_name[129];

	/* one of them */
	struct visit *visit;
	struct http_request *request;
	uv_timer_t *later;

	bool failed;		/* the answer was a failure, for the reason */
	struct mqtt_reason why;
	char secret[JOB_TEXT_MAX + 1];
	char token[JOB_TEXT_MAX + 1];
	unsigned int option;	/* of the cloud */
};

/* Is there a network?  0 or -ENETDOWN. */
int job_check_network(const struct cloud_job *job);

/* NULL without memory. */
struct cloud_job *job_new(struct cloud_port *port, const char *product_key,
			  const char *product_secret, const char *device_name,
			  cloud_done done, void *ctx);

/* Frees it (NULL is fine), and ends what it waits for; done() is not called. */
void job_cancel(struct cloud_job *job);

/* The answer is a failure: notes the reason.  Returns false. */
bool job_refuse(struct cloud_job *job, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Ends it by done(): with @grant, or for @why. */
void job_end(struct cloud_job *job, const struct cloud_grant *grant,
	     const struct mqtt_reason *why);

/* The same for the secret and token, or the failure, that it has. */
void job_end_answered(struct cloud_job *job);

/*
 * Sends a POST, TLS as the port has it or by @ca_file; fills only the URL,
 * headers, body and time of @args.  0 or -ENOMEM.
 */
int job_post(struct cloud_job *job, struct http_args *args,
	     const char *ca_file, http_done done);

/*
 * Takes a string of a JSON object, "" for none.  False: it is too long, or
 * the host could not read it between quotes.
 */
bool job_take(char out[JOB_TEXT_MAX + 1], const char *text);

#endif /* ATMQTT_CLOUD_JOB_H */
