/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A Tuya device's states; for the files tuya*.c.
 */
#ifndef ATMQTT_CLOUD_TUYA_FLOW_H
#define ATMQTT_CLOUD_TUYA_FLOW_H

#include "daemon/cloud/cloud.h"
#include "daemon/cloud/http.h"
#include "daemon/cloud/tuya_codec.h"
#include "daemon/cloud/tuya_data.h"

/* As +MQTTAUTHEVENT: 4,<n> has them. */
enum tuya_event {
	TUYA_EVENT_RESET = 1,		/* removed in the app */
	TUYA_EVENT_BIND_START,		/* waits for the app */
	TUYA_EVENT_BIND_TOKEN,		/* the app has seen the device */
	TUYA_EVENT_ACTIVATED,
	TUYA_EVENT_CONNECTED,
	TUYA_EVENT_DISCONNECTED,
	TUYA_EVENT_STOPPED,
};

enum tuya_state {
	BIND_LOOKUP,	/* asks iot-dns for the servers of unbound devices */
	BIND_OPEN,	/* opens and subscribes as such a device */
	BIND_WAIT,	/* for the app's token, as long as it takes */
	BIND_CLOSE,	/* has it */
	TOKEN_LOOKUP,	/* asks iot-dns for the token's region */
	ACTIVATE,
	REPORT,		/* tells its version */
	LOOKUP,		/* asks iot-dns for its region */
	OPEN,		/* opens and subscribes as the activated device */
	ONLINE,
	RESETTING,	/* closes, and will be bound again */
	STOPPING,	/* closes for good */
};

/* What the host gave. */
struct tuya_device {
	char product_key[TUYA_ID_MAX + 1];
	char uuid[TUYA_ID_MAX + 1];
	char authkey[TUYA_KEY_MAX + 1];
};

struct tuya {
	struct cloud_port *port;
	const struct tuya_config *cfg;
	struct tuya_device device;
	struct tuya_data data;		/* all zero: not activated */
	struct tuya_token token;
	char known_id[TUYA_ID_MAX + 1];	/* devId before a reset, or "" */

	enum tuya_state state;		/* or the next, for time or service */
	uint32_t delay_ms;		/* before the last try; 0: the first */
	uv_timer_t timer;
	unsigned int told;		/* the last event, or 0 */
	char complaint[128];		/* since then, the last one */
	bool was_online;		/* when it was stopped */

	struct tuya_endpoint endpoint;
	bool endpoint_known;		/* iot-dns has told it */
	struct http_request *request;	/* under way, or NULL */
	struct mqtt_client *client;
};

/* Is it activated? */
static inline bool tuya_is_active(const struct tuya *t)
{
	return t->data.dev_id[0];
}

/* ---- tuya_flow.c ---- */

/* Goes on with what was stored, or is bound. */
void tuya_begin(struct tuya *t);

/* Closes its session, tells it and frees @t: now or later. */
void tuya_end(struct tuya *t);
void tuya_end_now(struct tuya *t);

/* Frees @t as it is. */
void tuya_free(struct tuya *t);

/* port->up has changed. */
void tuya_network(struct tuya *t);

/* Starts what @state is about, as soon as there is service, or in @ms. */
void tuya_enter(struct tuya *t, enum tuya_state state);
void tuya_enter_later(struct tuya *t, enum tuya_state state, uint32_t ms);

/* The same after a failure: later each time. */
void tuya_retry(struct tuya *t, enum tuya_state state);

/* From the start, without and with data that are to be forgotten. */
void tuya_bind(struct tuya *t);
void tuya_reset(struct tuya *t);

/* Stores the data: they have changed. */
void tuya_save(struct tuya *t);

/* To the host, and the reason for +CEER. */
void tuya_tell(struct tuya *t, enum tuya_event event);
void tuya_complain(struct tuya *t, const char *what, int code,
		   const char *text);

/*
 * What a server is to prove: by @ca, a PEM text that iot-dns told, or NULL: as
 * configured.
 */
void tuya_trust(const struct tuya *t, const char *ca, struct mqtt_tls *tls);

/* As who it logs in.  0 or -EIO. */
int tuya_login(const struct tuya *t, struct cloud_login *out);

extern const struct mqtt_callbacks tuya_mqtt;

/* ---- tuya_ask.c: what some states are about ---- */

void tuya_ask_servers(struct tuya *t);
void tuya_ask_activation(struct tuya *t);
void tuya_ask_report(struct tuya *t);

/* The servers that nobody had to tell. */
void tuya_known_servers(const struct tuya *t, struct tuya_endpoint *out);

#endif /* ATMQTT_CLOUD_TUYA_FLOW_H */
