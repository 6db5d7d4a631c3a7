// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tuya's HTTPS requests: iot-dns for the servers, ATOP for the activation
 * and the version.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/buffer.h"
#include "daemon/cloud/tuya_flow.h"

#define ANSWER_MAX	65536	/* bytes; a schema is in one of them */

/* ---- HTTP ---- */

static bool post(struct tuya *t, const char *url, const struct buf *body,
		 const char *ca, http_done done)
{
	static const char *const headers[] = {
		"User-Agent: TUYA_IOT_SDK",
		"Content-Type: application/x-www-form-urlencoded;charset=UTF-8",
		NULL,
	};
	struct http_args args = {
		.url = url,
		.reach = t->port->reach,
		.port_key = t->port->ctx,
		.headers = headers,
		.body = body->p,
		.len = body->len,
		.timeout_ms = t->cfg->timeout_ms,
		.max = ANSWER_MAX,
	};
	struct mqtt_tls tls;
	char *pem;

	tuya_trust(t, ca, &tls);
	pem = cloud_http_trust(&tls, &args);
	if (!body->failed)
		t->request = http_start(t->port->http, &args, done, t);
	free(pem);
	return t->request;
}

/* Is it an answer at all? */
static bool is_answered(struct tuya *t, const char *what,
			const struct http_reply *reply)
{
	char text[32];

	t->request = NULL;
	if (!reply->error && reply->status == 200)
		return true;
	snprintf(text, sizeof(text), "HTTP status %u", reply->status);
	tuya_complain(t, what, 0, reply->error ? reply->error : text);
	return false;
}

/* ---- iot-dns ---- */

static void looked_up(struct tuya *t)
{
	switch (t->state) {
	case BIND_LOOKUP:
		tuya_enter(t, BIND_OPEN);
		break;
	case TOKEN_LOOKUP:
		tuya_tell(t, TUYA_EVENT_BIND_TOKEN);
		tuya_enter(t, ACTIVATE);
		break;
	default:
		tuya_enter(t, OPEN);
	}
}

static const char *region_of(const struct tuya *t)
{
	return tuya_is_active(t) ? t->data.region : t->token.region;
}

/* Of the table, but for what is configured */
void tuya_known_servers(const struct tuya *t, struct tuya_endpoint *out)
{
	const struct tuya_config *cfg = t->cfg;

	tuya_dns_fallback(region_of(t), out);
	if (cfg->atop_url)
		snprintf(out->atop_url, sizeof(out->atop_url), "%s",
			 cfg->atop_url);
	if (cfg->mqtt_host)
		snprintf(out->mqtt_host, sizeof(out->mqtt_host), "%s",
			 cfg->mqtt_host);
	out->mqtt_port = (uint16_t)cfg->mqtt_port;
}

static void not_looked_up(struct tuya *t)
{
	if (!t->endpoint_known)
		tuya_known_servers(t, &t->endpoint);
	looked_up(t);
}

static void on_dns(void *ctx, const struct http_reply *reply)
{
	struct tuya *t = ctx;

	if (!is_answered(t, "iot-dns", reply)) {
		not_looked_up(t);
		return;
	}
	if (tuya_dns_decode(reply->body, reply->len, &t->endpoint)) {
		tuya_complain(t, "iot-dns", 0, "the answer is not understood");
		not_looked_up(t);
		return;
	}
	t->endpoint_known = true;
	looked_up(t);
}

void tuya_ask_servers(struct tuya *t)
{
	const char *env = tuya_is_active(t) ? t->data.env : t->token.env;
	struct buf body = { 0 };
	bool started;

	if (!*t->cfg->dns_url) {
		not_looked_up(t);
		return;
	}
	tuya_dns_body(region_of(t), *env ? env : TUYA_ENV, &body);
	started = post(t, t->cfg->dns_url, &body, NULL, on_dns);
	buf_free(&body);
	if (started)
		return;
	tuya_complain(t, "iot-dns", 0, "the request cannot be made");
	not_looked_up(t);
}

/* ---- ATOP ---- */

static bool call(struct tuya *t, struct tuya_call *call, const char *json,
		 http_done done)
{
	struct buf url = { 0 };
	struct buf body = { 0 };
	bool ok;

	buf_printf(&url, "%s", t->endpoint.atop_url);
	ok = !tuya_call_query(call, &url) &&
	     !tuya_call_body(call, json, &body);
	buf_add(&url, "", 1);
	ok = ok && !url.failed &&
	     post(t, url.p, &body, t->endpoint.ca, done);
	buf_free(&url);
	buf_free(&body);
	return ok;
}

static void complain_refused(struct tuya *t, const char *what,
			     const json_t *answer)
{
	const char *code = json_text(answer, "errorCode");
	const char *text = json_text(answer, "errorMsg");
	char said[96];

	snprintf(said, sizeof(said), "refused: %s %s", code ? code : "",
		 text ? text : "");
	tuya_complain(t, what, 0, said);
}

static json_t *take_answer(struct tuya *t, const char *what, const char *key,
			   const struct http_reply *reply)
{
	json_t *answer;

	if (!is_answered(t, what, reply))
		return NULL;
	answer = tuya_answer_decode(key, reply->body, reply->len);
	if (!answer)
		tuya_complain(t, what, 0, "the answer is not understood");
	return answer;
}

static void activated(struct tuya *t, const json_t *result)
{
	if (tuya_data_take(result, &t->data)) {
		tuya_complain(t, "activation", 0,
			      "the answer lacks something");
		tuya_bind(t);
		return;
	}
	if (json_is_true(json_object_get(result, "resetFactory"))) {
		tuya_reset(t);
		return;
	}
	memcpy(t->data.region, t->token.region, sizeof(t->data.region));
	memcpy(t->data.env, t->token.env, sizeof(t->data.env));
	memcpy(t->data.host, t->endpoint.mqtt_host, sizeof(t->data.host));
	t->data.port = t->endpoint.mqtt_port;
	tuya_save(t);
	tuya_tell(t, TUYA_EVENT_ACTIVATED);
	tuya_enter(t, REPORT);
}

/* The cloud does not know the device: not worth another try. */
static bool is_unknown(const json_t *answer)
{
	const char *code = json_text(answer, "errorCode");

	return code && strcmp(code, "GATEWAY_NOT_EXISTS") == 0;
}

static void on_activate(void *ctx, const struct http_reply *reply)
{
	struct tuya *t = ctx;
	json_t *answer = take_answer(t, "activation", t->device.authkey,
				     reply);

	if (json_is_true(json_object_get(answer, "success"))) {
		activated(t, json_object_get(answer, "result"));
	} else if (!answer) {
		tuya_bind(t);
	} else {
		complain_refused(t, "activation", answer);
		if (is_unknown(answer))
			tuya_bind(t);
		else
			tuya_enter_later(t, ACTIVATE, t->cfg->retry_min_ms);
	}
	json_decref(answer);
}

/* With the blank that Tuya's own devices have in it */
void tuya_ask_activation(struct tuya *t)
{
	struct tuya_call c = {
		.api = "tuya.device.active",
		.version = "4.4",
		.uuid = t->device.uuid,
		.key = t->device.authkey,
		.t = t->port->ops->now(),
	};
	struct buf json = { 0 };
	bool ok;

	buf_printf(&json, "{\"token\":\"%s\",\"softVer\":\"%s\","
		      "\"productKey\":\"%s\",\"protocolVer\":\"2.2\","
		      "\"baselineVer\":\"40.07\","
		      "\"options\": \"{\\\"isFK\\\":false}\"",
		      t->token.token, t->cfg->soft_ver, t->device.product_key);
	if (*t->known_id)
		buf_printf(&json, ",\"devId\":\"%s\"", t->known_id);
	buf_printf(&json, ",\"devAttribute\":2048,\"cadVer\":\"1.0.3\","
		      "\"cdVer\":\"1.0.0\",\"t\":%lld}", (long long)c.t);
	buf_add(&json, "", 1);
	ok = !json.failed && call(t, &c, json.p, on_activate);
	buf_free(&json);
	if (ok)
		return;
	tuya_complain(t, "activation", 0, "the request cannot be made");
	tuya_retry(t, ACTIVATE);
}

/* Whatever comes of it */
static void on_report(void *ctx, const struct http_reply *reply)
{
	struct tuya *t = ctx;
	json_t *answer = take_answer(t, "version", t->data.sec_key, reply);

	if (answer && !json_is_true(json_object_get(answer, "success")))
		complain_refused(t, "version", answer);
	json_decref(answer);
	tuya_enter(t, OPEN);
}

void tuya_ask_report(struct tuya *t)
{
	struct tuya_call c = {
		.api = "tuya.device.versions.update",
		.version = "4.1",
		.dev_id = t->data.dev_id,
		.key = t->data.sec_key,
		.t = t->port->ops->now(),
	};
	char json[256];

	snprintf(json, sizeof(json), "{\"versions\":\"[{"
		 "\\\"otaChannel\\\":0,\\\"protocolVer\\\":\\\"2.2\\\","
		 "\\\"baselineVer\\\":\\\"40.07\\\","
		 "\\\"softVer\\\":\\\"%s\\\"}]\",\"t\":%lld}",
		 t->cfg->soft_ver, (long long)c.t);
	if (call(t, &c, json, on_report))
		return;
	tuya_complain(t, "version", 0, "the request cannot be made");
	tuya_enter(t, OPEN);
}
