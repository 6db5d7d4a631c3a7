// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tencent Cloud IoT Hub, one secret a product: a device gets a key or a
 * certificate.  The path of the URL tells which of two interfaces it is; the
 * answer is the same, under a key that the product's secret begins with.
 */
#include <curl/urlapi.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/job.h"
#include "daemon/cloud/json.h"
#include "daemon/cloud/tencent.h"
#include "daemon/cloud/text.h"

#define LEGACY_PATH	"/register/dev"
#define HTTP_OK		200
#define CERTIFICATE	1
#define PSK		2

enum {
	URL,
	PRODUCT_KEY,
	PRODUCT_SECRET,
	DEVICE_NAME,
};

static const struct cloud_arg arguments[] = {
	[URL] = { "url", CLOUD_TEXT, false, 1, 255 },
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, false, 1, 128 },
	[PRODUCT_SECRET] = { "productsecret", CLOUD_TEXT, false, 1, 128 },
	[DEVICE_NAME] = { "devicename", CLOUD_TEXT, false, 1, 128 },
	{ .name = NULL }
};

/* ---- what the URL says ---- */

struct target {
	char host[300];		/* with the port, unless it is the scheme's */
	char path[256];
	char query[256];
};

static int put_part(CURLU *url, CURLUPart part, unsigned int flags,
		    const char *before, char *out, size_t size)
{
	char *text = NULL;
	CURLUcode rc = curl_url_get(url, part, &text, flags);
	int err = 0;

	*out = 0;
	if (!rc)
		err = text_put(out, size, "%s%s", before, text);
	curl_free(text);
	return err;
}

static int check_scheme(CURLU *url)
{
	char scheme[16];
	int rc = put_part(url, CURLUPART_SCHEME, 0, "", scheme,
			  sizeof(scheme));

	return rc ? rc : strcmp(scheme, "http") && strcmp(scheme, "https") ?
				 -EINVAL : 0;
}

/* The host is the one of the request's header: the signature covers it. */
static int parse_url(const char *text, struct target *out)
{
	CURLU *url = curl_url();
	char port[16];
	int rc = -EINVAL;

	if (!url)
		return -ENOMEM;
	if (!curl_url_set(url, CURLUPART_URL, text, 0))
		rc = check_scheme(url);
	if (!rc)
		rc = put_part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, ":",
			      port, sizeof(port));
	if (!rc)
		rc = put_part(url, CURLUPART_HOST, 0, "", out->host,
			      sizeof(out->host) - sizeof(port));
	if (!rc)
		rc = put_part(url, CURLUPART_PATH, 0, "", out->path,
			      sizeof(out->path));
	if (!rc)
		rc = put_part(url, CURLUPART_QUERY, 0, "", out->query,
			      sizeof(out->query));
	if (!rc)
		strcat(out->host, port);
	curl_url_cleanup(url);
	return rc;
}

/* ---- the request ---- */

/* A time of 0 is not checked. */
static int64_t timestamp(const struct cloud_job *job)
{
	time_t now = job->port->ops->now();

	return clock_is_set(now) ? (int64_t)now : 0;
}

static uint32_t nonce(const struct cloud_job *job)
{
	uint32_t n;

	job->port->ops->random(&n, sizeof(n));
	return n % 999999999 + 1;
}

static int dump(json_t *json, char *out, size_t size)
{
	size_t n = json ? json_dumpb(json, out, size - 1, JSON_COMPACT) : 0;

	json_decref(json);
	if (!n || n >= size)
		return -E2BIG;
	out[n] = 0;
	return 0;
}

struct request {
	char body[1024];
	char headers[5][128];
};

static int sign(const struct cloud_job *job, const char *text, enum hash hash,
		char *out, size_t size)
{
	uint8_t raw[HASH_MAX];
	int rc = hash_hmac(hash, job->product_secret,
			   strlen(job->product_secret), text, strlen(text),
			   raw);

	return rc ? rc : base64_encode(raw, hash_size(hash), out, size);
}

static int sign_request(const struct cloud_job *job,
			const struct target *target, const struct request *r,
			const char *when, const char *once, char *out,
			size_t size)
{
	const struct tencent_config *cfg = &job->port->cfg->tencent;
	const struct tencent_method *method =
		&tencent_methods[cfg->dyn_signmethod];
	char text[1500], hex[HASH_HEX_MAX];
	int rc = hash_data_hex(tencent_methods[cfg->dyn_body_hash].hash,
			       r->body, hex);

	if (!rc)
		rc = text_put(text, sizeof(text),
			      "POST\n%s\n%s\n%s\n%s\n%s\n%s\n%s", target->host,
			      target->path, target->query,
			      method->name, when, once, hex);
	return rc ? rc : sign(job, text, method->hash, out, size);
}

static int put_current(const struct cloud_job *job,
		       const struct target *target, struct request *r)
{
	const struct tencent_config *cfg = &job->port->cfg->tencent;
	char when[24], once[16], signature[64];
	int rc = dump(json_pack("{ss,ss}", "ProductId", job->product_key,
				"DeviceName", job->device_name),
		      r->body, sizeof(r->body));

	if (rc)
		return rc;
	snprintf(when, sizeof(when), "%" PRId64, timestamp(job));
	snprintf(once, sizeof(once), "%" PRIu32, nonce(job));
	rc = sign_request(job, target, r, when, once, signature,
			  sizeof(signature));
	snprintf(r->headers[1], sizeof(r->headers[1]), "X-TC-Algorithm: %s",
		 tencent_methods[cfg->dyn_signmethod].name);
	snprintf(r->headers[2], sizeof(r->headers[2]), "X-TC-Timestamp: %s",
		 when);
	snprintf(r->headers[3], sizeof(r->headers[3]), "X-TC-Nonce: %s", once);
	snprintf(r->headers[4], sizeof(r->headers[4]), "X-TC-Signature: %s",
		 signature);
	return rc;
}

/* What is in base64 here is the hexadecimal text. */
static int put_legacy(const struct cloud_job *job, struct request *r)
{
	char text[512], hex[HASH_HEX_MAX], signature[64];
	int64_t when = timestamp(job);
	uint32_t once = nonce(job);
	int rc = text_put(text, sizeof(text), "deviceName=%s&nonce=%" PRIu32
			  "&productId=%s&timestamp=%" PRId64, job->device_name,
			  once, job->product_key, when);

	if (!rc)
		rc = hash_hmac_hex(HASH_SHA1, job->product_secret,
				   strlen(job->product_secret), text, hex);
	if (!rc)
		rc = base64_encode((const uint8_t *)hex, strlen(hex),
				   signature, sizeof(signature));
	if (rc)
		return rc;
	return dump(json_pack("{ss,sI,ss,sI,ss}",
			      "deviceName", job->device_name,
			      "nonce", (json_int_t)once,
			      "productId", job->product_key,
			      "timestamp", (json_int_t)when,
			      "signature", signature),
		    r->body, sizeof(r->body));
}

/* ---- the answer ---- */

static const char *either(const json_t *object, const char *key,
			  const char *other)
{
	const char *text = json_text(object, key);

	return text ? text : json_text(object, other);
}

/* Zeros are behind the JSON text, unless a length says where it ends. */
static size_t plain_size(const json_t *reply, const uint8_t *plain,
			 size_t size)
{
	const json_t *len = json_object_get(reply, "Len");

	if (!len)
		len = json_object_get(reply, "len");
	if (json_is_integer(len) && json_integer_value(len) > 0 &&
	    (size_t)json_integer_value(len) < size)
		size = (size_t)json_integer_value(len);
	while (size && !plain[size - 1])
		size--;
	return size;
}

/* The JSON text that the payload of @reply is, or NULL */
static json_t *decrypt(const struct cloud_job *job, const json_t *reply)
{
	static const uint8_t iv[AES_BLOCK] = "0000000000000000";
	const char *payload = either(reply, "Payload", "payload");
	size_t size = payload ? strlen(payload) : 0;
	size_t len = size;
	uint8_t *plain = size ? malloc(size) : NULL;
	json_t *json = NULL;

	if (plain && !base64_decode(payload, plain, &len) &&
	    !aes_cbc_decrypt((const uint8_t *)job->product_secret, iv, plain,
			     len))
		json = json_parse((char *)plain,
				  plain_size(reply, plain, len));
	if (plain)
		explicit_bzero(plain, size);
	free(plain);
	return json;
}

static bool is_refused(struct cloud_job *job, const json_t *reply)
{
	const json_t *error = json_object_get(reply, "Error");
	const json_t *code = json_object_get(reply, "code");
	const char *name = json_text(error, "Code");
	const char *message = error ? json_text(error, "Message") :
				      json_text(reply, "message");

	if (error)
		return !job_refuse(job, "refused: %.60s %.60s",
				   name ? name : "", message ? message : "");
	if (json_is_integer(code) && json_integer_value(code))
		return !job_refuse(job, "refused: %d %.100s",
				   (int)json_integer_value(code),
				   message ? message : "");
	return false;
}

static void grant_psk(struct cloud_job *job, const json_t *plain)
{
	const char *psk = json_text(plain, "psk");
	const struct cloud_grant grant = {
		.product_key = job->product_key,
		.device_name = job->device_name,
		.secret = job->secret,
		.token = "",
		.encryption = PSK,
	};

	if (!psk || !*psk || !job_take(job->secret, psk)) {
		job_refuse(job, "the answer has no key");
		job_end_answered(job);
	} else {
		job_end(job, &grant, NULL);
	}
}

static void grant_certificate(struct cloud_job *job, const json_t *plain)
{
	const struct cloud_grant grant = {
		.product_key = job->product_key,
		.device_name = job->device_name,
		.secret = "",
		.token = "",
		.encryption = CERTIFICATE,
		.cert = json_text(plain, "clientCert"),
		.key = json_text(plain, "clientKey"),
	};

	if (!grant.cert || !grant.key) {
		job_refuse(job, "the answer has no certificate");
		job_end_answered(job);
	} else {
		job_end(job, &grant, NULL);
	}
}

static void take_reply(struct cloud_job *job, const json_t *json)
{
	const json_t *inner = json_object_get(json, "Response");
	const json_t *reply = inner ? inner : json;
	json_t *plain = NULL;
	int type;

	if (!is_refused(job, reply)) {
		plain = decrypt(job, reply);
		if (!plain)
			job_refuse(job, "the answer cannot be decrypted");
	}
	type = (int)json_integer_value(json_object_get(plain,
						       "encryptionType"));
	if (!plain)
		job_end_answered(job);
	else if (type == CERTIFICATE)
		grant_certificate(job, plain);
	else
		grant_psk(job, plain);
	json_decref(plain);
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct cloud_job *job = ctx;
	json_t *json = NULL;

	job->request = NULL;
	if (reply->error)
		job_refuse(job, "%s", reply->error);
	else if (reply->status != HTTP_OK)
		job_refuse(job, "HTTP status %u", reply->status);
	else
		json = json_parse(reply->body, reply->len);
	if (!json && !job->failed)
		job_refuse(job, "the answer is not JSON");
	if (json)
		take_reply(job, json);
	else
		job_end_answered(job);
	json_decref(json);
}

/* ---- life ---- */

static int post(struct cloud_job *job, const char *url,
		const struct request *r)
{
	const struct tencent_config *cfg = &job->port->cfg->tencent;
	const char *headers[6] = { NULL };
	struct http_args args = {
		.url = url,
		.headers = headers,
		.body = r->body,
		.len = strlen(r->body),
		.timeout_ms = cfg->timeout_ms,
	};

	for (int i = 0; i < 5 && r->headers[i][0]; i++)
		headers[i] = r->headers[i];
	return job_post(job, &args, cfg->ca, on_reply);
}

static int start(struct cloud_port *port, const struct cloud_args *args,
		 cloud_done done, void *ctx, struct cloud_job **out,
		 struct mqtt_reason *why)
{
	const char *url = port->cfg->tencent.dyn_url;
	struct cloud_job *job;
	struct target target;
	struct request r = {
		.headers = { "Content-Type: application/json; charset=utf-8" },
	};
	int rc;

	url = url ? url : args->text[URL];
	if (parse_url(url, &target))
		return text_fail(why, -EINVAL, "bad url");
	if (strlen(args->text[PRODUCT_SECRET]) < AES_KEY)
		return text_fail(why, -EINVAL, "productsecret too short");
	job = job_new(port, args->text[PRODUCT_KEY],
		      args->text[PRODUCT_SECRET], args->text[DEVICE_NAME],
		      done, ctx);
	if (!job)
		return text_fail(why, -ENOMEM, "no memory");
	rc = job_check_network(job);
	if (!rc)
		rc = strcmp(target.path, LEGACY_PATH) ?
			     put_current(job, &target, &r) :
			     put_legacy(job, &r);
	if (!rc)
		rc = post(job, url, &r);
	if (rc) {
		job_cancel(job);
		return text_fail(why, rc, "the registration cannot start");
	}
	*out = job;
	return 0;
}

const struct cloud_registration cloud_tencent_registration = {
	.name = "tencent",
	.usage = "<url>,<productkey>,<productsecret>,<devicename>",
	.args = arguments,
	.start = start,
	.cancel = job_cancel,
};
