/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A tty of the configuration: binds n_at's port when there is one and lets
 * its AT session answer.  The session outlives the port: a UART that was
 * pulled and plugged again finds its MQTT links as they were.
 */
#ifndef ATMQTT_PORT_H
#define ATMQTT_PORT_H

#include "daemon/config.h"
#include "daemon/nl.h"

struct port;

/* NULL without memory.  All arguments outlive the port. */
struct port *port_new(const struct port_config *cfg, struct n_at *nl,
		      struct mqtt *mqtt, struct http *http, uv_loop_t *loop);
void port_free(struct port *port);	/* NULL is fine */

const char *port_tty(const struct port *port);
bool port_is(const struct port *port, uint32_t id);	/* bound or binding */
bool port_is_binding(const struct port *port);

/* For a status: the series, port_state_name() such as "bound", the clients. */
const char *port_model(const struct port *port);
const char *port_state_name(const struct port *port);
void port_clients(const struct port *port,
		  void (*fn)(void *ctx, const struct at_client_status *c),
		  void *ctx);

/* How the board's uplink is: at the start and after each change. */
void port_uplink(struct port *port, const struct uplink_status *status);

/* As AT+RESET, at the wish of who runs the board. */
void port_restart(struct port *port);

/* See at_session_stop(). */
void port_stop(struct port *port);
bool port_stopped(const struct port *port);

/* What n_at says of this tty or port; see struct n_at_callbacks. */
void port_found(struct port *port, const struct n_at_port *info);
void port_gone(struct port *port);
void port_line(struct port *port, const struct n_at_input *in);
void port_data(struct port *port, const struct n_at_input *in);
void port_space(struct port *port);
void port_modem(struct port *port, enum n_at_event event);
void port_refused(struct port *port, enum n_at_cmd cmd, int err,
		  const char *why);

#endif /* ATMQTT_PORT_H */
