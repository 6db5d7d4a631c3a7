// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Packets:   "2.2" CRC-32 sequence source AES(JSON)
 * ATOP:      POST url?a=..&sign=MD5(params, key)   data=HEX(AES(JSON))
 *            {"result":"BASE64(AES(JSON))","t":..}
 *
 * AES is AES-128 in ECB mode with PKCS#7 padding.
 */
#include "daemon/cloud/tuya_codec.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/crypt.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define VERSION		"2.2"
#define HEADER		15	/* version, CRC, sequence, source */
#define PACKET_MAX	65536	/* bytes */
#define PEM_LINE	64
#define CA_MAX		8192	/* characters of base64 */

bool tuya_is_plain(const char *text, size_t max)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len <= max && !text[len];
}

/* The middle of the hash's 32 digits */
int tuya_password(const char *key, char out[TUYA_PASSWORD + 1])
{
	char hex[HASH_HEX_MAX];

	if (hash_data_hex(HASH_MD5, key, hex))
		return -EIO;
	snprintf(out, TUYA_PASSWORD + 1, "%.*s", TUYA_PASSWORD, hex + 8);
	explicit_bzero(hex, sizeof(hex));
	return 0;
}

/* ---- AES ---- */

static int encrypt(const char *key, const char *text, struct buf *out)
{
	size_t len = strlen(text);
	uint8_t padding[AES_BLOCK];
	size_t n = AES_BLOCK - len % AES_BLOCK;

	memset(padding, (int)n, n);
	buf_add(out, text, len);
	buf_add(out, padding, n);
	if (out->failed)
		return -ENOMEM;
	return aes_ecb_encrypt((const uint8_t *)key, (uint8_t *)out->p,
			       out->len);
}

/* The length without the padding, or 0 */
static size_t unpad(const uint8_t *data, size_t len)
{
	uint8_t n = data[len - 1];
	size_t i;

	if (!n || n > AES_BLOCK)
		return 0;
	for (i = len - n; i < len; i++)
		if (data[i] != n)
			return 0;
	return len - n;
}

/* Wipes @data, which has @len bytes.  NULL: it is no JSON under @key. */
static json_t *decrypt(const char *key, uint8_t *data, size_t len)
{
	json_t *json = NULL;

	if (len && !aes_ecb_decrypt((const uint8_t *)key, data, len))
		json = json_parse((const char *)data, unpad(data, len));
	explicit_bzero(data, len);
	return json;
}

/* ---- packets ---- */

/* The CRC is not looked at, as Tuya's own devices do: TLS brought it. */
json_t *tuya_packet_decode(const char *key, const void *packet, size_t len)
{
	const uint8_t *p = packet;
	uint8_t *data;
	json_t *json;

	if (len <= HEADER || len > PACKET_MAX || memcmp(p, VERSION, 3))
		return NULL;
	len -= HEADER;
	data = malloc(len);
	if (!data)
		return NULL;
	memcpy(data, p + HEADER, len);
	json = decrypt(key, data, len);
	free(data);
	return json;
}

#define PROTOCOL_RESET	11
#define PROTOCOL_TOKEN	46

static bool take_text(const json_t *object, const char *key, char *out,
		      size_t max)
{
	const char *text = json_text(object, key);

	if (!text || !tuya_is_plain(text, max))
		return false;
	snprintf(out, max + 1, "%s", text);
	return true;
}

static enum tuya_message_type take_token(const json_t *data,
					 struct tuya_token *out)
{
	if (!take_text(data, "token", out->token, TUYA_TOKEN_MAX) ||
	    !take_text(data, "region", out->region, TUYA_REGION_MAX))
		return TUYA_MESSAGE_OTHER;
	if (!json_object_get(data, "env"))
		snprintf(out->env, sizeof(out->env), TUYA_ENV);
	else if (!take_text(data, "env", out->env, TUYA_ENV_MAX))
		return TUYA_MESSAGE_OTHER;
	return TUYA_MESSAGE_TOKEN;
}

enum tuya_message_type tuya_message_of(const json_t *json, const char *dev_id,
				       struct tuya_token *out)
{
	const json_t *data = json_object_get(json, "data");
	const char *who;

	switch (json_integer_value(json_object_get(json, "protocol"))) {
	case PROTOCOL_TOKEN:
		return take_token(data, out);
	case PROTOCOL_RESET:
		who = json_text(data, "gwId");
		if (!dev_id || (who && strcmp(who, dev_id)))
			return TUYA_MESSAGE_OTHER;
		return TUYA_MESSAGE_RESET;
	default:
		return TUYA_MESSAGE_OTHER;
	}
}

/* ---- ATOP ---- */

#define T_MAX	24	/* a number of 64 bits */

struct parameter {
	const char *name;
	const char *value;	/* NULL: there is none */
};

#define N_PARAMETERS	6

static void parameters(const struct tuya_call *call, char t[T_MAX],
		       struct parameter out[N_PARAMETERS])
{
	const struct parameter all[N_PARAMETERS] = {
		{ "a", call->api },
		{ "devId", call->dev_id },
		{ "et", "1" },
		{ "t", t },
		{ "uuid", call->uuid },
		{ "v", call->version },
	};

	snprintf(t, T_MAX, "%lld", (long long)call->t);
	memcpy(out, all, sizeof(all));
}

static int sign(const struct parameter *p, const char *key, char *hex)
{
	struct buf text = { 0 };
	int rc = -ENOMEM;
	int i;

	for (i = 0; i < N_PARAMETERS; i++)
		if (p[i].value)
			buf_printf(&text, "%s=%s||", p[i].name, p[i].value);
	buf_add(&text, key, strlen(key) + 1);
	if (!text.failed)
		rc = hash_data_hex(HASH_MD5, text.p, hex);
	buf_free(&text);
	return rc;
}

int tuya_call_query(const struct tuya_call *call, struct buf *out)
{
	struct parameter p[N_PARAMETERS];
	char hex[HASH_HEX_MAX];
	char t[T_MAX];
	int i;

	parameters(call, t, p);
	if (sign(p, call->key, hex))
		return -EIO;
	for (i = 0; i < N_PARAMETERS; i++)
		if (p[i].value)
			buf_printf(out, "%s%s=%s", i ? "&" : "?", p[i].name,
				      p[i].value);
	buf_printf(out, "&sign=%s", hex);
	return out->failed ? -ENOMEM : 0;
}

int tuya_call_body(const struct tuya_call *call, const char *json,
		   struct buf *out)
{
	struct buf data = { 0 };
	int rc = encrypt(call->key, json, &data);
	size_t i;

	buf_printf(out, "data=");
	for (i = 0; !rc && i < data.len; i++)
		buf_printf(out, "%02X", (uint8_t)data.p[i]);
	buf_free(&data);
	return rc ? rc : out->failed ? -ENOMEM : 0;
}

static json_t *decrypt_text(const char *key, const char *text)
{
	size_t len = strlen(text);
	uint8_t *data = malloc(len + 1);
	json_t *json = NULL;

	if (data && !base64_decode(text, data, &len))
		json = decrypt(key, data, len);
	free(data);
	return json;
}

json_t *tuya_answer_decode(const char *key, const char *body, size_t len)
{
	json_t *outer = json_parse(body, len);
	const char *text = json_text(outer, "result");
	json_t *json = text ? decrypt_text(key, text) : NULL;

	json_decref(outer);
	return json;
}

/* ---- iot-dns ---- */

void tuya_dns_body(const char *region, const char *env, struct buf *out)
{
	buf_printf(out, "{\"config\":["
		      "{\"key\":\"httpsSelfUrl\",\"need_ca\":true},"
		      "{\"key\":\"mqttsSelfUrl\",\"need_ca\":true}],");
	if (*region)
		buf_printf(out, "\"region\":\"%s\",", region);
	buf_printf(out, "\"env\":\"%s\"}", env);
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (!isgraph((unsigned char)*text) || strchr("\"?#", *text))
			return false;
	return true;
}

static bool take_url(const char *url, struct tuya_endpoint *out)
{
	if (!url || strncmp(url, "https://", 8) || !is_printable(url) ||
	    strlen(url) > TUYA_URL_MAX)
		return false;
	snprintf(out->atop_url, sizeof(out->atop_url), "%s", url);
	return true;
}

/* host:port */
static bool take_address(const char *address, struct tuya_endpoint *out)
{
	const char *colon = address ? strrchr(address, ':') : NULL;
	unsigned long port;
	char *end;

	if (!colon || colon == address || !isdigit((unsigned char)colon[1]) ||
	    colon - address > TUYA_HOST_MAX || !is_printable(address))
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (*end || port < 1 || port > 65535)
		return false;
	snprintf(out->mqtt_host, sizeof(out->mqtt_host), "%.*s",
		 (int)(colon - address), address);
	out->mqtt_port = (uint16_t)port;
	return true;
}

static char *pem_of(const char *base64)
{
	struct buf pem = { 0 };
	size_t len = strlen(base64);
	uint8_t *der = malloc(len + 1);
	size_t n = len;
	int rc = der && len <= CA_MAX ? base64_decode(base64, der, &n) :
					-EINVAL;

	free(der);
	if (rc)
		return NULL;
	buf_printf(&pem, "-----BEGIN CERTIFICATE-----\n");
	for (; *base64; base64 += strnlen(base64, PEM_LINE))
		buf_printf(&pem, "%.*s\n", PEM_LINE, base64);
	buf_printf(&pem, "-----END CERTIFICATE-----\n");
	buf_add(&pem, "", 1);
	if (pem.failed)
		buf_free(&pem);
	return pem.p;
}

/* Is there an authority?  Then it must be one. */
static bool take_ca(const json_t *json, struct tuya_endpoint *out)
{
	const json_t *first = json_array_get(json_object_get(json, "caArr"),
					     0);

	if (!first)
		return true;
	out->ca = json_is_string(first) ? pem_of(json_string_value(first)) :
					  NULL;
	return out->ca;
}

int tuya_dns_decode(const char *body, size_t len, struct tuya_endpoint *out)
{
	json_t *json = json_parse(body, len);
	struct tuya_endpoint found = { 0 };
	bool ok = take_url(json_text(json_object_get(json, "httpsSelfUrl"),
				     "addr"), &found) &&
		  take_address(json_text(json_object_get(json, "mqttsSelfUrl"),
					 "addr"), &found) &&
		  take_ca(json, &found);

	json_decref(json);
	if (!ok)
		return -EINVAL;
	tuya_endpoint_free(out);
	*out = found;
	return 0;
}

static const struct {
	const char *region;
	const char *names;
	const char *domain;
} fallbacks[] = {
	{ "AY", "", "tuyacn.com" },
	{ "AZ", "", "tuyaus.com" },
	{ "EU", "", "tuyaeu.com" },
	{ "IN", "", "tuyain.com" },
	{ "UE", "-ueaz", "tuyaus.com" },
};

void tuya_dns_fallback(const char *region, struct tuya_endpoint *out)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(fallbacks) && strcmp(fallbacks[i].region, region))
		i++;
	if (i == ARRAY_SIZE(fallbacks))
		i = 0;
	tuya_endpoint_free(out);
	snprintf(out->atop_url, sizeof(out->atop_url),
		 "https://a2%s.%s/d.json", fallbacks[i].names,
		 fallbacks[i].domain);
	snprintf(out->mqtt_host, sizeof(out->mqtt_host), "m2%s.%s",
		 fallbacks[i].names, fallbacks[i].domain);
	out->mqtt_port = 8883;
}

void tuya_endpoint_free(struct tuya_endpoint *endpoint)
{
	free(endpoint->ca);
	*endpoint = (struct tuya_endpoint){ 0 };
}
