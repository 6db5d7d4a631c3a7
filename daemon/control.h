/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The control socket: a local stream socket at which a program asks how the
 * daemon is, or restarts a module.  A connection is one line each way and is
 * closed then:
 *
 *   -> {"request":"status"}
 *   <- {"version":"0.1.0", ...}		or {"error":"why not"}
 *   -> {"request":"restart","port":"ttyS1"}
 *   <- {"restarted":"ttyS1"}
 *
 * Who may connect is the file's mode: 0660, and group "atmqtt" where there is
 * such a group and the daemon may give the file to it.
 */
#ifndef ATMQTT_CONTROL_H
#define ATMQTT_CONTROL_H

#include <jansson.h>
#include <uv.h>

#define CONTROL_REQUEST_MAX	512	/* bytes, the line feed included */
#define CONTROL_CLIENTS_MAX	8	/* one more is closed at once */
#define CONTROL_TIMEOUT_MS	5000	/* for a request and its answer */
#define CONTROL_PATH	"/run/atmqttd/control"	/* unless configured */
#define CONTROL_PATH_MAX	107	/* bytes: struct sockaddr_un has 108 */

struct control;

/*
 * What to answer to the request @name, the caller's then; NULL: there is no
 * such request.  @request has the rest of it.
 */
typedef json_t *(*control_answer)(void *ctx, const char *name,
				  const json_t *request);

/*
 * 0 or a negative errno: -EADDRINUSE when another process listens at @path.
 * A directory that is missing is made.
 */
int control_open(struct control **out, uv_loop_t *loop, const char *path,
		 control_answer answer, void *ctx);

/* The loop must run once more; NULL is fine.  Removes the socket's file. */
void control_close(struct control *c);

#endif /* ATMQTT_CONTROL_H */
