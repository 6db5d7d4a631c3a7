/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The daemon's configuration file, atmqttd.conf(5).
 */
#ifndef ATMQTT_CONFIG_H
#define ATMQTT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/cloud/config.h"
#include "daemon/lib/log.h"

struct reach;
struct profile;		/* a series of the manual: at/profile.h */

/* How a received payload is written. */
enum payload_format {
	PAYLOAD_RAW,
	PAYLOAD_HEX,
	PAYLOAD_ESCAPED,
};

/* Are TLS servers verified? */
enum tls_verify {
	TLS_VERIFY_NO,
	TLS_VERIFY_YES,		/* unless the host wants none of it */
	TLS_VERIFY_ALWAYS,
};

/* What of the line restarts the module, as its RESET pin would. */
#define RESET_ON_BREAK	(1U << 1)
#define RESET_ON_DCD	(1U << 2)
#define RESET_ON_DSR	(1U << 3)

/* A section `port "ttyS1" { ... }`, its defaults filled in. */
struct port_config {
	char *tty;		/* the name as n_at tells it */
	const struct profile *profile;	/* key "model" */
	const char *state_dir;	/* the daemon's; NULL: nothing is stored */
	const char *runtime_dir;	/* the same, till the board restarts */
	const struct cloud_config *clouds;	/* the daemon's */

	/* identity */
	char *manufacturer;
	char *model_name;	/* +CGMM; the profile's name unless set */
	char *revision;
	char *imei;		/* 15 digits */
	char *imsi;
	char *iccid;
	char *identity;		/* what the IMEI was made of; NULL: it is set */

	/* the network */
	char *operator_name;	/* key "operator" */
	char *apn;
	bool require_call;	/* MQTTOPEN wants +MIPCALL=1 */
	struct reach *reach;	/* key "hosts" */

	/* the life of the module */
	uint32_t boot_ms;
	uint32_t announce_ms;	/* 0: once */
	uint32_t off_ms;	/* +CPWROFF */
	uint32_t reset_on;	/* RESET_ON_*: "none", "break", ... */
	uint32_t unplugged_ms;
	bool will_on_stop;

	/* the AT interface */
	bool echo;
	bool echo_cr;
	bool repeat;
	bool escapes;
	char *prompt;
	uint32_t urc_hold_ms;
	uint32_t data_timeout_ms;
	uint32_t exec_timeout_ms;	/* 0: none */
	uint32_t open_timeout_ms;
	uint32_t result_timeout_ms;
	uint32_t result_gap_ms;
	uint32_t pub_gap_ms;

	/* MQTT-SN; 0 each: as "retry" has it */
	uint32_t retry_spec;	/* key retry: "at", "spec" */
	uint32_t sn_retry_ms;
	uint32_t sn_tries;
	uint32_t sn_connect_ms;
	uint32_t sn_connect_tries;
	uint32_t sn_ping_ms;
	uint32_t sn_pings;
	char *sn_psk_identity;	/* of DTLS; NULL: by certificates */
	char *sn_psk_file;	/* hexadecimal digits */

	/* MQTT */
	uint32_t read_queue;	/* messages */
	bool tls1_is_tls;
	uint32_t max_payload;	/* bytes; 0: the series' limits */
	bool keepalive_any;
	uint32_t while_opening_refuse;	/* key while_opening: "hold", ... */
	uint32_t open_again_replace;	/* key open_again: "refuse", ... */
	uint32_t break_cause_one;	/* key break_cause: "manual", "one" */
	bool reconnect;
	enum payload_format payload_format;	/* "raw", "hex", "escaped" */
	uint32_t oversize_truncate;	/* key oversize: "drop", "truncate" */
	char *tls_ca;		/* PEM file or NULL: the system's store */
	char *tls_cert;
	char *tls_key;
	char *tls_alpn;		/* names with commas between, or NULL */
	char *tls_crl;		/* file or folder or NULL */
	uint32_t tls_verify;	/* "no", "yes", "always" */
};

struct config {
	enum log_level log_level;
	char *state_dir;
	char *runtime_dir;
	char *uplink;		/* interface; NULL: the default route's */
	char *control;		/* path of the control socket; "": none */
	struct cloud_config clouds;
	struct port_config *ports;
	size_t n_ports;
	size_t n_bad;		/* sections with a fault, which are not there */
};

/*
 * Reads @path.  0, or a negative errno after one log line for each fault,
 * with file and line number.  A fault in a port's section is that port's alone,
 * unless libconfuse cannot read on, or no port is left.  The caller frees *@out
 * by config_free().
 */
int config_load(const char *path, struct config **out);
void config_free(struct config *cfg);	/* NULL is fine */

#endif /* ATMQTT_CONFIG_H */
