// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for what Tuya's cloud sends.  The first byte chooses what
 * the rest is: a packet or an answer as it came, the plain text of one, what
 * iot-dns told; or values, one a line, in a text of the right shape.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cloud/crypt.h"
#include "daemon/cloud/tuya_codec.h"
#include "daemon/cloud/tuya_data.h"

#define KEY	"0123456789abcdef"

/* Whatever is taken can be written into topics, URLs and JSON. */
static void check(const char *text, size_t max)
{
	if (!tuya_is_plain(text, max))
		abort();
}

static void use(json_t *json)
{
	struct tuya_token token;
	struct tuya_data data;

	if (tuya_message_of(json, "me", &token) == TUYA_MESSAGE_TOKEN) {
		check(token.token, TUYA_TOKEN_MAX);
		check(token.region, TUYA_REGION_MAX);
		check(token.env, TUYA_ENV_MAX);
	}
	if (!tuya_data_take(json_object_get(json, "result"), &data)) {
		check(data.dev_id, TUYA_ID_MAX);
		if (strlen(data.sec_key) < AES_KEY ||
		    strlen(data.local_key) < AES_KEY)
			abort();
	}
	json_decref(json);
}

/* A packet or an answer that holds these bytes */
static void use_encrypted(const uint8_t *p, size_t len)
{
	size_t n = AES_BLOCK - len % AES_BLOCK;
	uint8_t *packet = malloc(15 + len + n);

	memcpy(packet, "2.2 any header ", 15);
	if (len)
		memcpy(packet + 15, p, len);
	memset(packet + 15 + len, (int)n, n);
	aes_ecb_encrypt((const uint8_t *)KEY, packet + 15, len + n);
	use(tuya_packet_decode(KEY, packet, 15 + len + n));
	free(packet);
}

static void use_servers(const char *p, size_t len)
{
	struct tuya_endpoint endpoint = { 0 };

	if (!tuya_dns_decode(p, len, &endpoint) &&
	    (strpbrk(endpoint.atop_url, "\" \r\n") || !endpoint.mqtt_port ||
	     strpbrk(endpoint.mqtt_host, "\" \r\n") || !*endpoint.mqtt_host))
		abort();
	tuya_endpoint_free(&endpoint);
}

static const char *const shapes[] = {
	"{\"protocol\":46,\"data\":{\"token\":\"%.*s\",\"region\":\"%.*s\","
	"\"env\":\"%.*s\"}}",
	"{\"protocol\":11,\"type\":\"%.*s\",\"data\":{\"gwId\":\"%.*s\","
	"\"x\":\"%.*s\"}}",
	"{\"result\":{\"devId\":\"%.*s\",\"secKey\":\"%.*s\","
	"\"localKey\":\"%.*s\",\"schemaId\":\"1\","
	"\"stdTimeZone\":\"+01:00\"}}",
	"{\"httpsSelfUrl\":{\"addr\":\"https://%.*s\"},"
	"\"mqttsSelfUrl\":{\"addr\":\"%.*s\"},\"caArr\":[\"%.*s\"]}",
};

#define DNS_SHAPE	3

static void use_values(unsigned int shape, const char *p, size_t len)
{
	const char *value[3];
	int n[3];
	char *text;
	int size;

	for (int i = 0; i < 3; i++) {
		const char *end = len ? memchr(p, '\n', len) : NULL;

		value[i] = p;
		n[i] = (int)(end ? end - p : (long)len);
		p += n[i] + !!end;
		len -= (size_t)(n[i] + !!end);
	}
	size = asprintf(&text, shapes[shape], n[0], value[0], n[1], value[1],
			n[2], value[2]);
	if (size < 0)
		return;
	if (shape == DNS_SHAPE)
		use_servers(text, (size_t)size);
	else
		use_encrypted((const uint8_t *)text, (size_t)size);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 1;

	if (!size)
		return 0;
	size--;
	switch (*data & 7) {
	case 0:
		use(tuya_packet_decode(KEY, p, size));
		break;
	case 1:
		use(tuya_answer_decode(KEY, (const char *)p, size));
		break;
	case 2:
		use_encrypted(p, size);
		break;
	case 3:
		use_servers((const char *)p, size);
		break;
	default:
		use_values(*data & 3, (const char *)p, size);
	}
	return 0;
}
