// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Alibaba Cloud IoT, one secret a product: a device that the product knows
 * gets its own.  By MQTT, where the server publishes it unasked, or by HTTPS
 * when the host is one of those that speak it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cloud/job.h"
#include "daemon/cloud/json.h"
#include "daemon/cloud/text.h"

#define MQTT_HOST	"iot-as-mqtt."
#define HTTPS_HOST	"iot-auth."
#define HTTPS_PATH	"/auth/register/device"
#define TOPIC		"/ext/register"
#define METHOD		"hmacsha256"
#define RANDOM_SIZE	(8 + 1)
#define CODE_OK		200

enum {
	HOST,
	PORT,
	PRODUCT_KEY,
	PRODUCT_SECRET,
	DEVICE_NAME,
};

static const struct cloud_arg arguments[] = {
	[HOST] = { "host", CLOUD_TEXT, false, 1, 255 },
	[PORT] = { "port", CLOUD_NUMBER, false, 1, 65535 },
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, false, 1, 128 },
	[PRODUCT_SECRET] = { "productsecret", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_NAME] = { "devicename", CLOUD_TEXT, false, 1, 128 },
	{ .name = NULL }
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static int put_sign(const struct cloud_job *job, const char *random, char *out)
{
	char text[512];
	int rc = text_put(text, sizeof(text),
			  "deviceName%sproductKey%srandom%s", job->device_name,
			  job->product_key, random);

	if (rc)
		return rc;
	return hash_hmac_hex(HASH_SHA256, job->product_secret,
			     strlen(job->product_secret), text, out);
}

/* ---- the answer ---- */

/* The secret in @data, if it is for this device */
static bool take_secret(struct cloud_job *job, const json_t *data)
{
	const char *secret = json_text(data, "deviceSecret");
	const char *key = json_text(data, "productKey");
	const char *name = json_text(data, "deviceName");

	if (!secret || !*secret || !job_take(job->secret, secret))
		return job_refuse(job, "the answer has no secret");
	if (!key || !name || strcmp(key, job->product_key) ||
	    strcmp(name, job->device_name))
		return job_refuse(job, "the answer is for another device");
	return true;
}

/* ---- by MQTT ---- */

static bool on_message(void *ctx, const char *topic, const char *payload,
		       size_t len)
{
	struct cloud_job *job = ctx;
	json_t *json;

	if (strcmp(topic, TOPIC))
		return false;
	json = json_parse(payload, len);
	if (json)
		take_secret(job, json);
	else
		job_refuse(job, "the answer is not JSON");
	json_decref(json);
	return true;
}

static void on_visited(void *ctx, const struct mqtt_reason *why)
{
	struct cloud_job *job = ctx;

	job->visit = NULL;
	if (why)
		job_end(job, NULL, why);
	else
		job_end_answered(job);
}

static const struct visit_callbacks callbacks = {
	.message = on_message,
	.done = on_visited,
};

/* The hosts of a region serve each product by a name of its own. */
static int put_host(const struct cloud_job *job, const char *host,
		    struct cloud_login *login)
{
	const struct alibaba_config *cfg = &job->port->cfg->alibaba;
	bool prefix = cfg->dyn_prefix == ALIBABA_PREFIX_ALWAYS ||
		      (cfg->dyn_prefix == ALIBABA_PREFIX_AUTO &&
		       starts_with(host, MQTT_HOST));

	if (cfg->dyn_host) {
		prefix = false;
		host = cfg->dyn_host;
	}
	return text_put(login->host, sizeof(login->host), "%s%s%s",
			prefix ? job->product_key : "", prefix ? "." : "",
			host);
}

static int put_login(const struct cloud_job *job, struct cloud_login *login)
{
	const char *instance = job->port->cfg->alibaba.dyn_instance;
	char random[RANDOM_SIZE];
	int rc;

	text_random(job->port, random, sizeof(random));
	rc = text_put(login->client_id, sizeof(login->client_id),
		      "%s.%s|authType=register,random=%s,signmethod=" METHOD
		      ",securemode=%s%s%s|", job->product_key,
		      job->device_name, random, instance ? "-2" : "2",
		      instance ? ",instanceId=" : "", instance ? instance : "");
	if (!rc)
		rc = text_put(login->user, sizeof(login->user), "%s&%s",
			      job->device_name, job->product_key);
	return rc ? rc : put_sign(job, random, login->password);
}

static int start_mqtt(struct cloud_job *job, const char *host,
		      unsigned int port)
{
	const struct alibaba_config *cfg = &job->port->cfg->alibaba;
	struct cloud_login login = {
		.port = (uint16_t)(cfg->dyn_port ? cfg->dyn_port : port),
	};
	const struct visit_args args = {
		.login = &login,
		.ca_file = cfg->ca,
		.tls = cfg->dyn_tls,
		.timeout_ms = cfg->timeout_ms,
	};
	int rc = put_host(job, host, &login);

	if (!rc)
		rc = put_login(job, &login);
	if (!rc) {
		job->visit = visit_start(job->port, &args, &callbacks, job);
		rc = job->visit ? 0 : -ENOMEM;
	}
	explicit_bzero(&login, sizeof(login));
	return rc;
}

/* ---- by HTTPS ---- */

static void take_reply(struct cloud_job *job, const json_t *json)
{
	const json_t *code = json_object_get(json, "code");
	const char *message = json_text(json, "message");

	if (!json)
		job_refuse(job, "the answer is not JSON");
	else if (!json_is_integer(code) ||
		 json_integer_value(code) != CODE_OK)
		job_refuse(job, "refused: %d %.100s",
			   (int)json_integer_value(code),
			   message ? message : "");
	else
		take_secret(job, json_object_get(json, "data"));
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct cloud_job *job = ctx;
	json_t *json = NULL;

	job->request = NULL;
	if (reply->error) {
		job_refuse(job, "%s", reply->error);
	} else if (reply->status != CODE_OK) {
		job_refuse(job, "HTTP status %u", reply->status);
	} else {
		json = json_parse(reply->body, reply->len);
		take_reply(job, json);
	}
	json_decref(json);
	job_end_answered(job);
}

static int put_body(const struct cloud_job *job, const char *random,
		    char *out, size_t size)
{
	char sign[HASH_HEX_MAX];
	const struct {
		const char *name, *value;
	} members[] = {
		{ "productKey", job->product_key },
		{ "deviceName", job->device_name },
		{ "random", random },
		{ "sign", sign },
		{ "signMethod", METHOD },
	};
	int rc = put_sign(job, random, sign);

	for (size_t i = 0; !rc && i < sizeof(members) / sizeof(*members); i++)
		rc = text_add(out, size, members[i].name, members[i].value);
	return rc;
}

static int start_https(struct cloud_job *job, const char *host,
		       unsigned int port)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded",
		"Accept: text/xml,text/javascript,text/html,application/json",
		NULL
	};
	const struct alibaba_config *cfg = &job->port->cfg->alibaba;
	char url[512], body[1024] = "", random[RANDOM_SIZE];
	struct http_args args = {
		.url = url,
		.headers = headers,
		.body = body,
		.timeout_ms = cfg->timeout_ms,
	};
	int rc;

	if (cfg->dyn_host)
		host = cfg->dyn_host;
	text_random(job->port, random, sizeof(random));
	rc = text_put(url, sizeof(url),
		      strchr(host, ':') ? "%s://[%s]:%u" HTTPS_PATH :
					  "%s://%s:%u" HTTPS_PATH,
		      cfg->dyn_tls ? "https" : "http", host,
		      cfg->dyn_port ? cfg->dyn_port : port);
	if (!rc)
		rc = put_body(job, random, body, sizeof(body));
	if (rc)
		return rc;
	args.len = strlen(body);
	return job_post(job, &args, cfg->ca, on_reply);
}

/* ---- life ---- */

static int start(struct cloud_port *port, const struct cloud_args *args,
		 cloud_done done, void *ctx, struct cloud_job **out,
		 struct mqtt_reason *why)
{
	struct cloud_job *job = job_new(port, args->text[PRODUCT_KEY],
					args->text[PRODUCT_SECRET],
					args->text[DEVICE_NAME], done, ctx);
	const char *host = args->text[HOST];
	int rc = job ? job_check_network(job) : -ENOMEM;

	if (!rc && starts_with(host, HTTPS_HOST))
		rc = start_https(job, host, args->number[PORT]);
	else if (!rc)
		rc = start_mqtt(job, host, args->number[PORT]);
	if (rc) {
		job_cancel(job);
		return text_fail(why, rc, "the registration cannot start");
	}
	*out = job;
	return 0;
}

const struct cloud_registration cloud_alibaba_registration = {
	.name = "alibaba",
	.usage = "<host>,<port>,<productkey>,<productsecret>,<devicename>",
	.args = arguments,
	.start = start,
	.cancel = job_cancel,
};
