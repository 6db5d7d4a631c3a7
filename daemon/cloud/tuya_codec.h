/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What Tuya's cloud and its devices say to each other, protocol 2.2: logins,
 * packets over MQTT, requests of the HTTPS interface ("ATOP") and the lookup
 * of the servers ("iot-dns").  Nothing here has a state.
 */
#ifndef ATMQTT_CLOUD_TUYA_CODEC_H
#define ATMQTT_CLOUD_TUYA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/lib/buffer.h"
#include "daemon/cloud/json.h"

#define TUYA_ID_MAX	128	/* bytes: devId, uuid, product key, ... */
#define TUYA_KEY_MIN	16	/* bytes: AES takes the first 16 */
#define TUYA_KEY_MAX	128
#define TUYA_PASSWORD	16	/* characters */
#define TUYA_TOKEN_MAX	8	/* bytes */
#define TUYA_REGION_MAX	2
#define TUYA_ENV_MAX	16
#define TUYA_ENV	"pro"	/* unless the token says another */
#define TUYA_URL_MAX	255
#define TUYA_HOST_MAX	255

/*
 * Not empty, at most @max bytes, and only letters, digits, "_" and "-": such
 * a text needs no quoting in topics, URLs, JSON and names of files.
 */
bool tuya_is_plain(const char *text, size_t max);

/* MQTT's password of who has @key.  0 or -EIO. */
int tuya_password(const char *key, char out[TUYA_PASSWORD + 1]);

/* ---- packets over MQTT ---- */

/* The JSON of a packet under @key; NULL when it is none.  json_decref(). */
json_t *tuya_packet_decode(const char *key, const void *packet, size_t len);

enum tuya_message_type {
	TUYA_MESSAGE_OTHER,	/* nothing that concerns us, or a bad one */
	TUYA_MESSAGE_TOKEN,
	TUYA_MESSAGE_RESET,	/* the device was removed in the app */
};

/* What the app has the device activated with. */
struct tuya_token {
	char token[TUYA_TOKEN_MAX + 1];
	char region[TUYA_REGION_MAX + 1];
	char env[TUYA_ENV_MAX + 1];
};

/* What a packet means to @dev_id, NULL before its activation. */
enum tuya_message_type tuya_message_of(const json_t *json, const char *dev_id,
				       struct tuya_token *out);

/* ---- ATOP ---- */

struct tuya_call {
	const char *api;
	const char *version;
	const char *dev_id;	/* or NULL */
	const char *uuid;	/* or NULL */
	const char *key;	/* authkey or secKey */
	int64_t t;		/* Unix seconds */
};

/* Appends "?a=...&sign=..." */
int tuya_call_query(const struct tuya_call *call, struct buf *out);

/* Appends "data=..." for the JSON text @json. */
int tuya_call_body(const struct tuya_call *call, const char *json,
		   struct buf *out);

/* The JSON in an answer under @key; NULL when it is none.  json_decref(). */
json_t *tuya_answer_decode(const char *key, const char *body, size_t len);

/* ---- iot-dns ---- */

struct tuya_endpoint {
	char atop_url[TUYA_URL_MAX + 1];
	char mqtt_host[TUYA_HOST_MAX + 1];
	uint16_t mqtt_port;
	char *ca;		/* PEM of both, free()d by the owner; or NULL */
};

/* Appends the request's body; @region may be "". */
void tuya_dns_body(const char *region, const char *env, struct buf *out);

/* 0 or -EINVAL; @out is as it was then. */
int tuya_dns_decode(const char *body, size_t len, struct tuya_endpoint *out);

/* The servers of @region, or of the first one, when nobody tells them. */
void tuya_dns_fallback(const char *region, struct tuya_endpoint *out);

void tuya_endpoint_free(struct tuya_endpoint *endpoint);

#endif /* ATMQTT_CLOUD_TUYA_CODEC_H */
