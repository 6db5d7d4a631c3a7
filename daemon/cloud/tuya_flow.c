// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tuya: the device is bound by an app, activated and kept connected in the
 * background.  (n) is an event.
 *
 *   (2) BIND_LOOKUP > BIND_OPEN > BIND_WAIT -token-> BIND_CLOSE >
 *       TOKEN_LOOKUP (3) > ACTIVATE (4) > REPORT > OPEN
 *
 *   with stored data:  LOOKUP > OPEN > ONLINE (5)
 *                                 ^      | lost (6)
 *                                 +------+
 *
 *   removed in the app:  (1) RESETTING > (2)      stopped:  STOPPING (7)
 *
 * What fails is tried again, less and less often; what cannot be tried for
 * want of service waits for it.
 */
#include "daemon/cloud/tuya_flow.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/log.h"

#define KEEPALIVE	120	/* seconds */
#define NOT_AUTHORISED	704	/* see struct mqtt_reason */

/* ---- what the host hears ---- */

void tuya_tell(struct tuya *t, enum tuya_event event)
{
	static const char *const words[] = {
		[TUYA_EVENT_RESET] = "removed in the app",
		[TUYA_EVENT_BIND_START] = "waits to be bound",
		[TUYA_EVENT_BIND_TOKEN] = "bound",
		[TUYA_EVENT_ACTIVATED] = "activated",
		[TUYA_EVENT_CONNECTED] = "connected",
		[TUYA_EVENT_DISCONNECTED] = "disconnected",
		[TUYA_EVENT_STOPPED] = "stopped",
	};

	log_info("%s: Tuya: %s", t->port->name, words[event]);
	t->told = event;
	t->complaint[0] = '\0';
	t->port->event(t->port->ctx, event);
}

/*
 * Some of @text is the cloud's.  What fails again as it failed before is not
 * worth another line in the log.
 */
void tuya_complain(struct tuya *t, const char *what, int code,
		   const char *text)
{
	struct mqtt_reason why = { .code = code };
	char *p;

	snprintf(why.text, sizeof(why.text), "Tuya: %s: %s", what, text);
	for (p = why.text; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = ' ';
	log_line(strcmp(t->complaint, why.text) ? LOG_LEVEL_INFO :
						  LOG_LEVEL_DEBUG,
		 "%s: %s", t->port->name, why.text);
	memcpy(t->complaint, why.text, sizeof(t->complaint));
	t->port->trouble(t->port->ctx, &why);
}

/* ---- time ---- */

static void on_timer(uv_timer_t *timer)
{
	struct tuya *t = timer->data;

	tuya_enter(t, t->state);
}

void tuya_enter_later(struct tuya *t, enum tuya_state state,
		      uint32_t ms)
{
	t->state = state;
	uv_timer_start(&t->timer, on_timer, ms, 0);
}

void tuya_retry(struct tuya *t, enum tuya_state state)
{
	t->delay_ms = t->delay_ms ? t->delay_ms * 2 : t->cfg->retry_min_ms;
	if (t->delay_ms > t->cfg->retry_max_ms)
		t->delay_ms = t->cfg->retry_max_ms;
	tuya_enter_later(t, state, t->delay_ms);
}

/* ---- binding and its end ---- */

void tuya_bind(struct tuya *t)
{
	explicit_bzero(&t->token, sizeof(t->token));
	t->endpoint_known = false;
	t->delay_ms = 0;
	tuya_tell(t, TUYA_EVENT_BIND_START);
	tuya_enter(t, BIND_LOOKUP);
}

static void remove_data(struct tuya *t)
{
	int err = tuya_data_remove(t->port->state_dir, t->port->name,
				   t->device.uuid);

	if (err && err != -ENOENT)
		log_error("%s: Tuya: stored data not removed: %s",
			  t->port->name, strerror(-err));
	memcpy(t->known_id, t->data.dev_id, sizeof(t->known_id));
	t->data = (struct tuya_data){ .port = 0 };
}

/* The device's next activation is known by the id that it had. */
void tuya_reset(struct tuya *t)
{
	remove_data(t);
	tuya_tell(t, TUYA_EVENT_RESET);
	if (mqtt_close(t->client))
		tuya_bind(t);
	else
		t->state = RESETTING;
}

/* Without a place for it the data last as long as the daemon. */
void tuya_save(struct tuya *t)
{
	int err = tuya_data_save(t->port->state_dir, t->port->name,
				 t->device.uuid, &t->data);

	if (err)
		log_error("%s: Tuya: activation not stored: %s",
			  t->port->name, strerror(-err));
}

/* ---- MQTT ---- */

/* As itself once it is activated */
int tuya_login(const struct tuya *t, struct cloud_login *out)
{
	bool is_active = tuya_is_active(t);

	snprintf(out->client_id, sizeof(out->client_id), "%s%s",
		 is_active ? "" : "acon_",
		 is_active ? t->data.dev_id : t->device.uuid);
	memcpy(out->user, out->client_id, sizeof(out->user));
	return tuya_password(is_active ? t->data.sec_key : t->device.authkey,
			     out->password);
}

void tuya_trust(const struct tuya *t, const char *ca, struct mqtt_tls *tls)
{
	cloud_trust(t->port, t->cfg->ca, tls);
	if (ca)
		*tls = (struct mqtt_tls){
			.ca = { { ca, strlen(ca) } },
			.crl = tls->crl,
			.verify = tls->verify,
			.tls13_only = tls->tls13_only,
		};
}

static int open_client(struct tuya *t, const struct cloud_login *login)
{
	struct mqtt_tls tls;
	struct mqtt_open args = {
		.host = t->endpoint.mqtt_host,
		.port = t->endpoint.mqtt_port,
		.reach = t->port->reach,
		.port_key = t->port->ctx,
		.client_id = login->client_id,
		.user = login->user,
		.password = login->password,
		.clean = true,
		.keepalive = KEEPALIVE,
		.timeout_ms = t->cfg->timeout_ms,
		.tls = &tls,
	};

	tuya_trust(t, t->endpoint.ca, &tls);
	return mqtt_open(t->client, &args);
}

/* Asks for the servers again: they may have moved. */
static void retry_from_lookup(struct tuya *t)
{
	tuya_retry(t, tuya_is_active(t) ? LOOKUP : BIND_LOOKUP);
}

static void enter_open(struct tuya *t)
{
	struct cloud_login login = { 0 };
	int rc = tuya_login(t, &login);

	if (!rc)
		rc = open_client(t, &login);
	explicit_bzero(&login, sizeof(login));
	if (!rc)
		return;
	tuya_complain(t, "MQTT", 0, strerror(-rc));
	retry_from_lookup(t);
}

static int subscribe(struct tuya *t)
{
	char topic[TUYA_ID_MAX + 32];

	if (tuya_is_active(t))
		snprintf(topic, sizeof(topic), "smart/device/in/%s",
			 t->data.dev_id);
	else
		snprintf(topic, sizeof(topic), "d/ai/%s", t->device.uuid);
	return mqtt_subscribe(t->client, 0, topic, 1);
}

static void on_opened(void *ctx, const struct mqtt_reason *why)
{
	struct tuya *t = ctx;

	if (!why && !subscribe(t))
		return;
	if (!why)
		mqtt_abort(t->client);
	tuya_complain(t, "MQTT", why ? why->code : 0,
		      why ? why->text : "not subscribed");
	if (why && why->code == NOT_AUTHORISED && t->state == OPEN)
		tuya_reset(t);
	else
		retry_from_lookup(t);
}

/* Where a restarted daemon will say that it is. */
static void remember_host(struct tuya *t)
{
	if (strcmp(t->data.host, t->endpoint.mqtt_host) == 0 &&
	    t->data.port == t->endpoint.mqtt_port)
		return;
	memcpy(t->data.host, t->endpoint.mqtt_host, sizeof(t->data.host));
	t->data.port = t->endpoint.mqtt_port;
	tuya_save(t);
}

/* The subscription ended.  While closing that is of no interest. */
static void on_done(void *ctx, uint32_t token, bool ok)
{
	struct tuya *t = ctx;

	(void)token;
	if (t->state != OPEN && t->state != BIND_OPEN)
		return;
	if (!ok) {
		mqtt_abort(t->client);
		tuya_complain(t, "MQTT", 0, "not subscribed");
		retry_from_lookup(t);
		return;
	}
	t->delay_ms = 0;
	if (t->state == BIND_OPEN) {
		tuya_enter(t, BIND_WAIT);
		return;
	}
	remember_host(t);
	tuya_enter(t, ONLINE);
	tuya_tell(t, TUYA_EVENT_CONNECTED);
}

static void on_lost(void *ctx, const struct mqtt_reason *why)
{
	struct tuya *t = ctx;
	bool was_online = t->state == ONLINE;

	tuya_complain(t, "MQTT", why->code, why->text);
	tuya_retry(t, was_online ? OPEN : BIND_OPEN);
	if (was_online)
		tuya_tell(t, TUYA_EVENT_DISCONNECTED);
}

static void free_memory(uv_handle_t *timer)
{
	struct tuya *t = timer->data;

	explicit_bzero(t, sizeof(*t));
	free(t);
}

void tuya_free(struct tuya *t)
{
	t->port->tuya = NULL;
	http_abort(t->request);
	if (t->client)
		mqtt_client_free(t->client);
	tuya_endpoint_free(&t->endpoint);
	uv_close((uv_handle_t *)&t->timer, free_memory);
}

void tuya_end_now(struct tuya *t)
{
	if (t->was_online)
		tuya_tell(t, TUYA_EVENT_DISCONNECTED);
	tuya_tell(t, TUYA_EVENT_STOPPED);
	tuya_free(t);
}

static void on_closed(void *ctx)
{
	struct tuya *t = ctx;

	if (t->state == BIND_CLOSE)
		tuya_enter(t, TOKEN_LOOKUP);
	else if (t->state == RESETTING)
		tuya_bind(t);
	else if (t->state == STOPPING)
		tuya_end_now(t);
}

/* Only who waits for one takes it. */
static void take_token(struct tuya *t, const struct tuya_token *token)
{
	if (t->state != BIND_OPEN && t->state != BIND_WAIT)
		return;
	t->token = *token;
	t->endpoint_known = false;
	t->state = BIND_CLOSE;
	if (mqtt_close(t->client))
		on_closed(t);
}

static void on_message(void *ctx, struct mqtt_message *msg)
{
	struct tuya *t = ctx;
	bool is_active = tuya_is_active(t);
	struct tuya_token token = { 0 };
	enum tuya_message_type type;
	json_t *json;

	json = tuya_packet_decode(is_active ? t->data.local_key :
					      t->device.authkey,
				  msg->payload, msg->payload_len);
	type = tuya_message_of(json, is_active ? t->data.dev_id : NULL,
			       &token);
	json_decref(json);
	mqtt_message_end(msg);
	if (type == TUYA_MESSAGE_TOKEN)
		take_token(t, &token);
	else if (type == TUYA_MESSAGE_RESET && (t->state == ONLINE ||
						t->state == OPEN))
		tuya_reset(t);
	explicit_bzero(&token, sizeof(token));
}

const struct mqtt_callbacks tuya_mqtt = {
	.opened = on_opened,
	.closed = on_closed,
	.lost = on_lost,
	.done = on_done,
	.message = on_message,
};

/* ---- states ---- */

static const struct {
	const char *name;
	void (*enter)(struct tuya *t);	/* needs service; or NULL */
} states[] = {
	[BIND_LOOKUP] = { "bind lookup", tuya_ask_servers },
	[BIND_OPEN] = { "bind open", enter_open },
	[BIND_WAIT] = { "bind wait", NULL },
	[BIND_CLOSE] = { "bind close", NULL },
	[TOKEN_LOOKUP] = { "token lookup", tuya_ask_servers },
	[ACTIVATE] = { "activate", tuya_ask_activation },
	[REPORT] = { "report", tuya_ask_report },
	[LOOKUP] = { "lookup", tuya_ask_servers },
	[OPEN] = { "open", enter_open },
	[ONLINE] = { "online", NULL },
	[RESETTING] = { "resetting", NULL },
	[STOPPING] = { "stopping", NULL },
};

void tuya_enter(struct tuya *t, enum tuya_state state)
{
	log_debug("%s: Tuya: %s -> %s", t->port->name, states[t->state].name,
		  states[state].name);
	t->state = state;
	uv_timer_stop(&t->timer);
	if (states[state].enter && t->port->up)
		states[state].enter(t);
}

/* Nobody is there to answer what is under way: all of it waits. */
static void lose_service(struct tuya *t)
{
	enum tuya_state was = t->state;

	http_abort(t->request);
	t->request = NULL;
	mqtt_abort(t->client);
	if (was == BIND_WAIT)
		t->state = BIND_OPEN;
	else if (was == ONLINE)
		t->state = OPEN;
	else if (!states[was].enter)
		on_closed(t);
	if (was == ONLINE)
		tuya_tell(t, TUYA_EVENT_DISCONNECTED);
}

void tuya_network(struct tuya *t)
{
	if (t->port->up)
		tuya_enter(t, t->state);
	else
		lose_service(t);
}

/* ---- start and stop ---- */

void tuya_end(struct tuya *t)
{
	t->was_online = t->state == ONLINE;
	uv_timer_stop(&t->timer);
	http_abort(t->request);
	t->request = NULL;
	if (mqtt_close(t->client)) {
		mqtt_abort(t->client);
		tuya_end_now(t);
		return;
	}
	t->state = STOPPING;
}

void tuya_begin(struct tuya *t)
{
	int err = tuya_data_load(t->port->state_dir, t->port->name,
				 t->device.uuid, &t->data);

	if (err && err != -ENOENT)
		log_warning("%s: Tuya: stored data not read: %s",
			    t->port->name, strerror(-err));
	if (tuya_is_active(t))
		tuya_enter(t, LOOKUP);
	else
		tuya_bind(t);
}
