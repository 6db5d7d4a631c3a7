// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * restart: as the host's RESET pin would.  All links of the port are cut, and
 * boot lines tell the host.
 */
#include <getopt.h>
#include <jansson.h>

#include "ctl/ctl.h"
#include "ctl/daemon.h"
#include "daemon/control.h"

static enum ctl_status restart(const char *control, const char *port)
{
	json_t *request = json_pack("{s:s, s:s}", "request", "restart", "port",
				    port);
	json_t *answer = NULL;
	enum ctl_status status = daemon_ask(control, request, &answer);

	json_decref(request);
	if (!status && !json_object_get(answer, "restarted"))
		status = ctl_fail(CTL_NO_PORT,
				  "%s: atmqttd has no such port", port);
	json_decref(answer);
	return status;
}

enum ctl_status ctl_restart_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "control", required_argument, NULL, 'c' },
		{ 0 },
	};
	const char *control = CONTROL_PATH;
	char port[64];
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (opt != 'c')
			return ctl_usage();
		control = optarg;
	}
	if (argc - optind != 1)
		return ctl_usage();
	ctl_port_name(argv[optind], port, sizeof(port));
	return restart(control, port);
}
