/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the daemon tells of itself at its control socket.  No secret, no
 * topic and no payload is in it.
 */
#ifndef ATMQTT_STATUS_H
#define ATMQTT_STATUS_H

#include <jansson.h>

#include "daemon/port.h"

/* The answer to "status", the caller's; NULL without memory. */
json_t *status_json(struct port *const *ports, size_t n,
		    const struct uplink_status *uplink);

#endif /* ATMQTT_STATUS_H */
