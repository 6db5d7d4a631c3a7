// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * China Unicom DMP, one secret a product: a device that is known there gets
 * a secret, any other a token.  What it got is stored, because the platform
 * tells it once.  The answer's form is not published: its members are taken
 * from wherever they are.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/job.h"
#include "daemon/cloud/json.h"
#include "daemon/cloud/text.h"
#include "daemon/cloud/unicom.h"
#include "daemon/lib/log.h"
#include "daemon/lib/state_file.h"

#define CODE_OK		"000000"
#define DEPTH_MAX	4
#define FILE_SIZE	2048
#define TOPIC_SIZE	320	/* of two keys of 128 bytes */

enum {
	PRODUCT_KEY,
	PRODUCT_SECRET,
	DEVICE_KEY,
	CLEAR,
	MODE,
};

static const struct cloud_arg arguments[] = {
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, false, 1, 128 },
	[PRODUCT_SECRET] = { "productsecret", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_KEY] = { "devicekey", CLOUD_TEXT, false, 1, 128 },
	[CLEAR] = { "clearflag", CLOUD_NUMBER, false, 0, 1 },
	[MODE] = { "authmode", CLOUD_NUMBER, false, UNICOM_REGISTER,
		   UNICOM_AUTO_REGISTER },
	{ .name = NULL }
};

/* ---- what is stored ---- */

static int file_name(const struct cloud_port *port, char *out, size_t size)
{
	return text_put(out, size, "%s.unicom", port->name);
}

static void forget(const struct cloud_port *port)
{
	char name[256];

	if (!file_name(port, name, sizeof(name)))
		state_file_remove(port->state_dir, name);
}

/* Takes the credential of this device; a file of another is none. */
static bool recall(struct cloud_job *job)
{
	char name[256], text[FILE_SIZE];
	const char *key, *device;
	json_t *json = NULL;
	bool found = false;
	int len = -ENOENT;

	if (!file_name(job->port, name, sizeof(name)))
		len = state_file_read(job->port->state_dir, name, text,
				      sizeof(text));
	if (len >= 0)
		json = json_parse(text, (size_t)len);
	key = json_text(json, "productKey");
	device = json_text(json, "deviceKey");
	if (key && device && !strcmp(key, job->product_key) &&
	    !strcmp(device, job->device_name))
		found = job_take(job->secret, json_text(json, "deviceSecret")) &&
			job_take(job->token, json_text(json, "token"));
	json_decref(json);
	explicit_bzero(text, sizeof(text));
	if (found && *(job->option == UNICOM_REGISTER ? job->secret :
							job->token))
		return true;
	job->secret[0] = job->token[0] = 0;
	return false;
}

static void store(const struct cloud_job *job)
{
	json_t *json = json_pack("{ss,ss,ss,ss}",
				 "productKey", job->product_key,
				 "deviceKey", job->device_name,
				 "deviceSecret", job->secret,
				 "token", job->token);
	char name[256], text[FILE_SIZE];
	size_t len = json ? json_dumpb(json, text, sizeof(text), 0) : 0;
	int err = len && len <= sizeof(text) ? 0 : -E2BIG;

	if (!err)
		err = file_name(job->port, name, sizeof(name));
	if (!err)
		err = state_file_write(job->port->state_dir, name, text, len);
	if (err && err != -ENOENT)
		log_warning("%s: unicom: the credential is not stored: %s",
			    job->port->name, strerror(-err));
	json_decref(json);
	explicit_bzero(text, sizeof(text));
}

/* ---- the answer ---- */

/* The first string @key in @json or in an object in it */
static const char *find(const json_t *json, const char *key, int depth)
{
	const char *text = json_text(json, key);
	const char *name;
	json_t *value;

	if (text || depth == DEPTH_MAX)
		return text;
	json_object_foreach((json_t *)json, name, value) {
		text = json_is_object(value) ? find(value, key, depth + 1) :
					       NULL;
		if (text)
			return text;
	}
	return NULL;
}

static bool is_other(const json_t *json, const char *key, const char *value)
{
	const char *text = find(json, key, 0);

	return text && strcmp(text, value);
}

static bool refuse(struct cloud_job *job, const json_t *json)
{
	const char *code = json_text(json, "code");
	const char *message = json_text(json, "message");

	return job_refuse(job, "refused: %.20s %.100s", code ? code : "",
			  message ? message : "");
}

static bool take_answer(struct cloud_job *job, const json_t *json)
{
	const json_t *code = json_object_get(json, "code");
	const char *text = json_string_value(code);
	bool known = job->option == UNICOM_REGISTER;

	if (!json)
		return job_refuse(job, "the answer is not JSON");
	if (code && (!text || strcmp(text, CODE_OK)))
		return refuse(job, json);
	if (is_other(json, "productKey", job->product_key) ||
	    is_other(json, "deviceKey", job->device_name))
		return job_refuse(job, "the answer is for another device");
	text = find(json, known ? "deviceSecret" : "token", 0);
	if (!text || !*text || !job_take(known ? job->secret : job->token,
					 text))
		return job_refuse(job, "the answer has no %s",
				  known ? "secret" : "token");
	return true;
}

static void reply(struct cloud_job *job, const char *topic, const json_t *json)
{
	const char *id = find(json, "messageId", 0);
	json_t *out = json_pack("{ss*,ss,ss}", "messageId", id, "code",
				CODE_OK, "message", "success");
	char to[512], text[512];
	size_t len = out ? json_dumpb(out, text, sizeof(text) - 1,
				      JSON_COMPACT) : 0;

	if (len && len < sizeof(text) &&
	    !text_put(to, sizeof(to), "%s_reply", topic)) {
		text[len] = 0;
		visit_reply(job->visit, to, text);
	}
	json_decref(out);
}

static int put_topic(const struct cloud_job *job, const char *name,
		     char out[TOPIC_SIZE])
{
	return text_put(out, TOPIC_SIZE, "$sys/%s/%s/ext/%s",
			job->product_key, job->device_name, name);
}

/* What is behind "$sys/<product>/<device>/ext/", or NULL */
static const char *match_topic(const struct cloud_job *job, const char *topic)
{
	char start[TOPIC_SIZE];

	if (put_topic(job, "", start) || strncmp(topic, start, strlen(start)))
		return NULL;
	return topic + strlen(start);
}

static bool on_message(void *ctx, const char *topic, const char *payload,
		       size_t len)
{
	struct cloud_job *job = ctx;
	const char *name = match_topic(job, topic);
	bool is_error = name && !strcmp(name, "error");
	json_t *json;

	if (!name || (!is_error && strcmp(name, "regist") &&
		      strcmp(name, "autoregist")))
		return false;
	json = json_parse(payload, len);
	if (is_error)
		refuse(job, json);
	else if (take_answer(job, json))
		reply(job, topic, json);
	json_decref(json);
	return true;
}

static void on_visited(void *ctx, const struct mqtt_reason *why)
{
	struct cloud_job *job = ctx;

	job->visit = NULL;
	if (why) {
		job_end(job, NULL, why);
		return;
	}
	if (!job->failed)
		store(job);
	job_end_answered(job);
}

static const struct visit_callbacks callbacks = {
	.message = on_message,
	.done = on_visited,
};

/* ---- life ---- */

static int visit(struct cloud_job *job, const struct cloud_args *args)
{
	const struct unicom_config *cfg = &job->port->cfg->unicom;
	struct cloud_login login = { .port = (uint16_t)cfg->dyn_port };
	char topic[TOPIC_SIZE], error[TOPIC_SIZE];
	const char *const topics[] = { topic, error, NULL };
	const struct visit_args visit = {
		.login = &login,
		.ca_file = cfg->ca,
		.tls = cfg->dyn_tls,
		.timeout_ms = cfg->timeout_ms,
		.topics = topics,
	};
	int rc = job_check_network(job);

	if (!rc)
		rc = text_put(login.host, sizeof(login.host), "%s",
			      cfg->dyn_host);
	if (!rc)
		rc = unicom_put_login(job->port, args, job->product_key,
				      job->device_name,
				      (enum unicom_auth)job->option,
				      job->product_secret, &login);
	if (!rc)
		rc = put_topic(job, job->option == UNICOM_REGISTER ?
				    "regist" : "autoregist", topic);
	if (!rc)
		rc = put_topic(job, "error", error);
	if (!rc) {
		job->visit = visit_start(job->port, &visit, &callbacks, job);
		rc = job->visit ? 0 : -ENOMEM;
	}
	explicit_bzero(&login, sizeof(login));
	return rc;
}

static void on_later(uv_timer_t *timer)
{
	job_end_answered(timer->data);
}

/* The result comes behind the command's OK as any other. */
static int answer_later(struct cloud_job *job)
{
	job->later = malloc(sizeof(*job->later));
	if (!job->later)
		return -ENOMEM;
	uv_timer_init(job->port->loop, job->later);
	job->later->data = job;
	return uv_timer_start(job->later, on_later, 0, 0);
}

static int start(struct cloud_port *port, const struct cloud_args *args,
		 cloud_done done, void *ctx, struct cloud_job **out,
		 struct mqtt_reason *why)
{
	struct cloud_job *job = job_new(port, args->text[PRODUCT_KEY],
					args->text[PRODUCT_SECRET],
					args->text[DEVICE_KEY], done, ctx);
	int rc;

	if (!job)
		return text_fail(why, -ENOMEM, "no memory");
	job->option = args->number[MODE];
	if (args->number[CLEAR])
		forget(port);
	rc = port->cfg->unicom.dyn_reuse && recall(job) ? answer_later(job) :
							  visit(job, args);
	if (rc) {
		job_cancel(job);
		return text_fail(why, rc, "the registration cannot start");
	}
	*out = job;
	return 0;
}

const struct cloud_registration cloud_unicom_registration = {
	.name = "unicom",
	.usage = "<productkey>,<productsecret>,<devicekey>,<clearflag>,<authmode>",
	.args = arguments,
	.start = start,
	.cancel = job_cancel,
};
