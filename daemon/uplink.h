/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The board's uplink as the kernel has it, followed by rtnetlink(7).
 */
#ifndef ATMQTT_UPLINK_H
#define ATMQTT_UPLINK_H

#include <uv.h>

#include "daemon/uplink_state.h"

struct uplink;

typedef void (*uplink_cb)(void *ctx, const struct uplink_status *status);

/*
 * Follows interface @name, which outlives it; NULL: the default route's.
 * @cb is called for each change, not for the state at the start.  0, or a
 * negative errno.
 */
int uplink_open(struct uplink **uplink, uv_loop_t *loop, const char *name,
		uplink_cb cb, void *ctx);
void uplink_close(struct uplink *uplink);	/* NULL is fine */

const struct uplink_status *uplink_status(const struct uplink *uplink);

#endif /* ATMQTT_UPLINK_H */
