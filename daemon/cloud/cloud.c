// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The clouds by the manual's numbers.
 */
#include "daemon/cloud/cloud.h"

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

const struct cloud *cloud_find(unsigned int type)
{
	return type >= 1 && type <= CLOUD_LOGINS ? clouds[type - 1] : NULL;
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
