/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The sections `cloud "alibaba" { ... }`: what the clouds' protocols leave
 * open, and where their servers are.  Each field is the key of its name.
 */
#ifndef ATMQTT_CLOUD_CONFIG_H
#define ATMQTT_CLOUD_CONFIG_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A template is text in which {devicename}, and so on for each argument by
 * the manual's name, stands for the argument, and {imei} for the port's.
 *
 * A time is decimal text, or "now".
 */

struct alibaba_config {
	char *client_id;	/* template: the part before the bar */
	char *timestamp;	/* a time in milliseconds; "": left out */
	uint32_t signmethod;	/* enum hash: md5, sha1, sha256 */
	char *ext;		/* more members behind the bar, or "" */

	/* registration */
	uint32_t dyn_prefix;	/* enum alibaba_prefix */
	char *dyn_host;		/* instead of the command's, or NULL */
	uint32_t dyn_port;	/* the same; 0: the command's */
	bool dyn_tls;
	char *dyn_instance;	/* instanceId, or NULL: a public one */
	char *ca;		/* PEM file or NULL: the system's store */
	uint32_t timeout_ms;
};

/* Is "<productkey>." put in front of the registration's host? */
enum alibaba_prefix {
	ALIBABA_PREFIX_AUTO,	/* if it starts with "iot-as-mqtt." */
	ALIBABA_PREFIX_ALWAYS,
	ALIBABA_PREFIX_NEVER,
};

enum tencent_hash {
	TENCENT_SHA1,
	TENCENT_SHA256,
};

struct tencent_config {
	char *appid;
	uint32_t signmethod;	/* enum tencent_hash */
	char *expiry;		/* seconds; NULL: lifetime from now */
	uint32_t lifetime;	/* seconds */

	/* registration */
	char *dyn_url;		/* instead of the command's, or NULL */
	uint32_t dyn_signmethod;	/* enum tencent_hash */
	uint32_t dyn_body_hash;	/* the same */
	char *ca;
	uint32_t timeout_ms;
};

struct huawei_config {
	uint32_t check_time;	/* 0 or 1 */
	char *timestamp;	/* YYYYMMDDHH, or "now" */
};

struct tuya_config {
	char *dns_url;		/* iot-dns; "": it is not asked */
	char *atop_url;		/* without iot-dns; NULL: Tuya's */
	char *mqtt_host;	/* the same */
	uint32_t mqtt_port;
	char *ca;		/* of iot-dns, and without it of the others */
	char *soft_ver;
	uint32_t timeout_ms;	/* of a request, of an open */
	uint32_t retry_min_ms;
	uint32_t retry_max_ms;
};

struct onenet_config {
	char *version;
	char *res;		/* template */
	char *et;		/* seconds */
	uint32_t method;	/* enum hash: md5, sha1, sha256 */
};

enum baidu_hash {
	BAIDU_MD5,
	BAIDU_SHA256,
};

struct baidu_config {
	char *client_id;	/* template */
	char *timestamp;	/* a time in seconds */
	uint32_t algorithm;	/* enum baidu_hash */
};

struct unicom_config {
	char *device_id;	/* template */
	uint32_t operator;	/* 0 to 4 */

	/* registration */
	char *dyn_host;
	uint32_t dyn_port;
	bool dyn_tls;
	bool dyn_reuse;		/* a stored credential is reported again */
	char *ca;
	uint32_t timeout_ms;
};

struct cloud_config {
	struct alibaba_config alibaba;
	struct tencent_config tencent;
	struct huawei_config huawei;
	struct tuya_config tuya;
	struct onenet_config onenet;
	struct baidu_config baidu;
	struct unicom_config unicom;
};

#define CLOUD_KEYS_MAX	48

/* The options of such a section; @out has room for CLOUD_KEYS_MAX + 1. */
void cloud_config_options(cfg_opt_t *out);

/* Takes the sections of @file, NULL: defaults.  0 or a negative errno. */
int cloud_config_load(cfg_t *file, struct cloud_config *cfg);
void cloud_config_free(struct cloud_config *cfg);

#endif /* ATMQTT_CLOUD_CONFIG_H */
