/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What atmqttd tells at its control socket, atmqttd(8).
 */
#ifndef ATMQTT_CTL_DAEMON_H
#define ATMQTT_CTL_DAEMON_H

#include <jansson.h>

#include "ctl/ctl.h"

/* The answer to @request, the caller's; else says why there is none. */
enum ctl_status daemon_ask(const char *path, const json_t *request,
			   json_t **out);

#endif /* ATMQTT_CTL_DAEMON_H */
