// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The clouds by the manual's numbers.
 */
#include "daemon/cloud/cloud.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/http.h"

static const struct cloud *const clouds[CLOUD_LOGINS] = {
	&cloud_alibaba,
	&cloud_tencent,
	&cloud_huawei,
	&cloud_tuya,
	&cloud_onenet,
	&cloud_baidu,
	&cloud_aws,
	&cloud_aep,
	&cloud_unicom,
};

static const struct cloud_registration
*const registrations[CLOUD_REGISTRATIONS] = {
	&cloud_alibaba_registration,
	&cloud_tencent_registration,
	&cloud_unicom_registration,
};

const struct cloud *cloud_find(unsigned int type)
{
	return type >= 1 && type <= CLOUD_LOGINS ? clouds[type - 1] : NULL;
}

const struct cloud_registration *cloud_find_registration(unsigned int type)
{
	return type >= 1 && type <= CLOUD_REGISTRATIONS ?
		       registrations[type - 1] : NULL;
}

void cloud_stop(struct cloud_port *port)
{
	for (unsigned int i = 0; i < CLOUD_LOGINS; i++)
		if (clouds[i] && clouds[i]->stop)
			clouds[i]->stop(port);
}

void cloud_network(struct cloud_port *port, bool up)
{
	if (port->up == up)
		return;
	port->up = up;
	for (unsigned int i = 0; i < CLOUD_LOGINS; i++)
		if (clouds[i] && clouds[i]->network)
			clouds[i]->network(port);
}

void cloud_trust(const struct cloud_port *port, const char *ca_file,
		 struct mqtt_tls *tls)
{
	struct mqtt_tls all;

	port->trust(port->ctx, &all);
	*tls = (struct mqtt_tls){
		.ca_file = all.ca_file,
		.crl = all.crl,
		.ca = { all.ca[0], all.ca[1] },
		.verify = all.verify,
		.tls13_only = all.tls13_only,
	};
	if (ca_file)
		*tls = (struct mqtt_tls){
			.ca_file = ca_file,
			.crl = all.crl,
			.verify = all.verify,
			.tls13_only = all.tls13_only,
		};
}

/* The uploads have no NUL at their end; http wants one text. */
static char *join_pems(const struct mqtt_pem *pems)
{
	char *text;

	if (!pems[0].p && !pems[1].p)
		return NULL;
	text = calloc(1, pems[0].len + pems[1].len + 2);
	if (!text)
		return NULL;
	if (pems[0].p)
		memcpy(text, pems[0].p, pems[0].len);
	strcat(text, "\n");
	if (pems[1].p)
		strncat(text, pems[1].p, pems[1].len);
	return text;
}

char *cloud_http_trust(const struct mqtt_tls *tls, struct http_args *args)
{
	char *pem = join_pems(tls->ca);

	args->ca_file = tls->ca_file;
	args->ca_pem = pem;
	args->crl = tls->verify ? tls->crl : NULL;
	args->insecure = !tls->verify;
	args->tls13_only = tls->tls13_only;
	return pem;
}
