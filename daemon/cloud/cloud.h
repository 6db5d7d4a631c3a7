/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The nine clouds of the manual: what a device logs in with (MQTTAUTHCFG)
 * and how it gets a secret of its own (MQTTAUTHDYN).  A cloud is a file; it
 * knows nothing of AT.  Everything runs in the loop's thread, nothing waits.
 */
#ifndef ATMQTT_CLOUD_H
#define ATMQTT_CLOUD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <uv.h>

#include "daemon/cloud/config.h"
#include "daemon/mqtt/mqtt.h"

/* ---- what a port lends to its clouds ---- */

/* The world; tests have another. */
struct cloud_ops {
	time_t (*now)(void);
	void (*random)(void *out, size_t len);
};

extern const struct cloud_ops cloud_ops_system;

struct http;		/* http.h */
struct http_args;
struct reach;
struct tuya;		/* Tuya's flow in the background: tuya_flow.h */

struct cloud_port {
	const struct cloud_config *cfg;
	const struct cloud_ops *ops;
	uv_loop_t *loop;
	struct mqtt *mqtt;
	struct http *http;
	const char *name;	/* the tty: for logs and names of files */
	const char *imei;
	const char *state_dir;	/* NULL: nothing is stored */
	const struct reach *reach;	/* NULL: everything */

	bool up;		/* there is service; see cloud_network() */

	/* What TLS servers are to prove: as for the next MQTTOPEN. */
	void (*trust)(void *ctx, struct mqtt_tls *tls);
	/* +MQTTAUTHEVENT: 4,@event */
	void (*event)(void *ctx, unsigned int event);
	/* Something in the background failed: for +CEER. */
	void (*trouble)(void *ctx, const struct mqtt_reason *why);
	void *ctx;
	struct tuya *tuya;	/* NULL: not started */
};

/* ---- arguments ---- */

#define CLOUD_N_ARGS	6	/* at most */

enum cloud_arg_type {
	CLOUD_TEXT,	/* min to max bytes */
	CLOUD_NUMBER,	/* min to max, maybe quoted */
};

struct cloud_arg {
	const char *name;	/* the manual's */
	enum cloud_arg_type type;
	bool optional;		/* may be missing or empty: "" or 0 */
	unsigned int min, max;
};

/* The values, in the order of their table; text is never NULL. */
struct cloud_args {
	const struct cloud_arg *table;	/* up to a row without a name */
	const char *text[CLOUD_N_ARGS];
	unsigned int number[CLOUD_N_ARGS];
};

/* ---- MQTTAUTHCFG ---- */

/* What to log in with; wiped by whoever has it. */
struct cloud_login {
	char host[256];		/* only if the cloud tells it, else "" */
	uint16_t port;
	char user[1024];
	char password[2048];
	char client_id[1024];
};

struct cloud {
	const char *name;
	const char *usage;	/* of the test form, behind the number */
	const struct cloud_arg *args;
	/*
	 * Fills @out, which is all zero: one that stays so is not printed.  0,
	 * or a negative errno with @why->text filled.  NULL: there is nothing
	 * to compute.
	 */
	int (*login)(struct cloud_port *port, const struct cloud_args *args,
		     struct cloud_login *out, struct mqtt_reason *why);
	/*
	 * What login() left running in the background, as power-off ends it,
	 * and when port->up has changed.  NULL: nothing runs.
	 */
	void (*stop)(struct cloud_port *port);
	void (*network)(struct cloud_port *port);
};

#define CLOUD_LOGINS	9

/* MQTTAUTHCFG's cloud @type, 1 to CLOUD_LOGINS */
const struct cloud *cloud_find(unsigned int type);

/* As power-off: stops what runs in the background, without an event. */
void cloud_stop(struct cloud_port *port);

/* Service came or went: what runs in the background waits without it. */
void cloud_network(struct cloud_port *port, bool up);

/*
 * The TLS of a server of a cloud: the port's, but for its certificate, or
 * @ca_file in place of the authorities.
 */
void cloud_trust(const struct cloud_port *port, const char *ca_file,
		 struct mqtt_tls *tls);

/*
 * The same for a request.  What @args then points to: free() it behind
 * http_start(); or NULL.
 */
char *cloud_http_trust(const struct mqtt_tls *tls, struct http_args *args);

/* ---- MQTTAUTHDYN ---- */

/* What a registration brought; only valid during the callback. */
struct cloud_grant {
	const char *product_key;
	const char *device_name;
	const char *secret;		/* "" if there is none */
	const char *token;		/* "" if there is none */
	unsigned int encryption;	/* Tencent: 1 certificate, 2 psk */
	const char *cert, *key;		/* PEM, with encryption 1 */
};

struct cloud_job;	/* a registration under way */

/* The end of a job, which is gone then.  @grant is NULL with a @why. */
typedef void (*cloud_done)(void *ctx, const struct cloud_grant *grant,
			   const struct mqtt_reason *why);

struct cloud_registration {
	const char *name;
	const char *usage;
	const struct cloud_arg *args;
	/*
	 * Starts one, which copies what it needs of @args.  @done is called
	 * later, exactly once unless it is cancelled.  0, or a negative errno
	 * with @why filled: a parameter is wrong, no memory, or -ENETDOWN.
	 */
	int (*start)(struct cloud_port *port, const struct cloud_args *args,
		     cloud_done done, void *ctx, struct cloud_job **job,
		     struct mqtt_reason *why);
	void (*cancel)(struct cloud_job *job);	/* done() is not called */
};

#define CLOUD_REGISTRATIONS	3

/* MQTTAUTHDYN's cloud @type, 1 to CLOUD_REGISTRATIONS */
const struct cloud_registration *cloud_find_registration(unsigned int type);

/* ---- the clouds' files ---- */

extern const struct cloud cloud_alibaba;
extern const struct cloud cloud_tencent;
extern const struct cloud cloud_huawei;
extern const struct cloud cloud_tuya;
extern const struct cloud cloud_onenet;
extern const struct cloud cloud_baidu;
extern const struct cloud cloud_aws;
extern const struct cloud cloud_aep;
extern const struct cloud cloud_unicom;

extern const struct cloud_registration cloud_alibaba_registration;
extern const struct cloud_registration cloud_tencent_registration;
extern const struct cloud_registration cloud_unicom_registration;

#endif /* ATMQTT_CLOUD_H */
