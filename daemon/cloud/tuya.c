// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tuya as MQTTAUTHCFG knows it: it starts a device and stops it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/tuya_flow.h"

static int refuse(struct mqtt_reason *why, int err, const char *text)
{
	snprintf(why->text, sizeof(why->text), "%s", text);
	return err;
}

enum { ACTION, PRODUCT_KEY, UUID, AUTHKEY };

static int take_device(const struct cloud_args *args, struct tuya_device *out,
		       struct mqtt_reason *why)
{
	size_t len = strlen(args->text[AUTHKEY]);

	if (!tuya_is_plain(args->text[PRODUCT_KEY], TUYA_ID_MAX))
		return refuse(why, -EINVAL, "productkey: letters and digits");
	if (!tuya_is_plain(args->text[UUID], TUYA_ID_MAX))
		return refuse(why, -EINVAL, "uuid: letters and digits");
	if (len < TUYA_KEY_MIN || len > TUYA_KEY_MAX)
		return refuse(why, -EINVAL, "authkey: 16 to 128 characters");
	memset(out, 0, sizeof(*out));
	strcpy(out->product_key, args->text[PRODUCT_KEY]);
	strcpy(out->uuid, args->text[UUID]);
	strcpy(out->authkey, args->text[AUTHKEY]);
	return 0;
}

static int start(struct cloud_port *port, const struct tuya_device *device)
{
	struct tuya *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->port = port;
	t->cfg = &port->cfg->tuya;
	t->device = *device;
	uv_timer_init(port->loop, &t->timer);
	t->timer.data = t;
	t->client = mqtt_client_new(port->mqtt, &tuya_mqtt, t);
	if (!t->client) {
		tuya_free(t);
		return -ENOMEM;
	}
	port->tuya = t;
	tuya_begin(t);
	return 0;
}

/*
 * A host that has restarted asks again for the device that runs: it hears
 * how far that is.
 */
static int run(struct cloud_port *port, const struct tuya_device *device,
	       struct mqtt_reason *why)
{
	struct tuya *t = port->tuya;

	if (t && t->state == STOPPING) {
		mqtt_abort(t->client);
		tuya_end_now(t);
		t = NULL;
	}
	if (!t)
		return start(port, device) ? refuse(why, -ENOMEM, "no memory") :
					     0;
	if (memcmp(&t->device, device, sizeof(*device)))
		return refuse(why, -EBUSY, "another device runs");
	if (t->told)
		t->port->event(t->port->ctx, t->told);
	return 0;
}

/* The servers as far as they are known by now */
static void fill_host(const struct tuya *t, struct cloud_login *out)
{
	struct tuya_endpoint e = { 0 };

	if (tuya_is_active(t)) {
		memcpy(out->host, t->data.host, sizeof(out->host));
		out->port = t->data.port;
		return;
	}
	if (t->endpoint_known)
		e = t->endpoint;
	else
		tuya_known_servers(t, &e);
	memcpy(out->host, e.mqtt_host, sizeof(out->host));
	out->port = e.mqtt_port;
}

static int login(struct cloud_port *port, const struct cloud_args *args,
		 struct cloud_login *out, struct mqtt_reason *why)
{
	struct tuya_device device;
	int rc;

	if (!args->number[ACTION]) {
		if (port->tuya && port->tuya->state != STOPPING)
			tuya_end(port->tuya);
		return 0;
	}
	rc = take_device(args, &device, why);
	if (!rc)
		rc = run(port, &device, why);
	explicit_bzero(&device, sizeof(device));
	if (rc)
		return rc;
	fill_host(port->tuya, out);
	return tuya_login(port->tuya, out);
}

static void stop(struct cloud_port *port)
{
	if (port->tuya)
		tuya_free(port->tuya);
}

static void network(struct cloud_port *port)
{
	if (port->tuya)
		tuya_network(port->tuya);
}

static const struct cloud_arg arguments[] = {
	[ACTION] = { "actiontype", CLOUD_NUMBER, false, 0, 1 },
	[PRODUCT_KEY] = { "productkey", CLOUD_TEXT, true, 0, TUYA_ID_MAX },
	[UUID] = { "uuid", CLOUD_TEXT, true, 0, TUYA_ID_MAX },
	[AUTHKEY] = { "authkey", CLOUD_TEXT, true, 0, TUYA_KEY_MAX },
	{ .name = NULL },
};

const struct cloud cloud_tuya = {
	.name = "Tuya",
	.usage = "<actiontype>[,<productkey>,<uuid>,<authkey>]",
	.args = arguments,
	.login = login,
	.stop = stop,
	.network = network,
};
