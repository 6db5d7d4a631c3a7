// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for what clouds answer to a registration.  The first byte
 * chooses the cloud and what the rest is: the answer as it came, values, one
 * a line, in an answer of the right shape, or what Tencent encrypts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>

#include "daemon/cloud/cloud.h"
#include "daemon/cloud/crypt.h"
#include "daemon/lib/log.h"
#include "tests/unit/fake_mqtt.h"
#include "tests/unit/fake_world.h"

#define SECRET	"0123456789abcdef"
#define VISITOR	1
#define TEXT_MAX	8192

static uv_loop_t loop;
static struct cloud_config cfg;
static int ends;

/* Whatever is taken can be printed between quotes. */
static void check(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == '"')
			abort();
}

static void on_done(void *ctx, const struct cloud_grant *grant,
		    const struct mqtt_reason *why)
{
	(void)ctx;
	ends++;
	if (!grant == !why || (why && !why->text[0]))
		abort();
	if (!grant)
		return;
	check(grant->secret);
	check(grant->token);
	if (grant->encryption == 1 ? !grant->cert || !grant->key :
				     !*grant->secret && !*grant->token)
		abort();
}

static void trust(void *ctx, struct mqtt_tls *tls)
{
	(void)ctx;
	memset(tls, 0, sizeof(*tls));
}

static struct cloud_port port = {
	.cfg = &cfg,
	.ops = &cloud_ops_system,
	.loop = &loop,
	.up = true,
	.name = "tty",
	.imei = "123456789012345",
	.trust = trust,
};

/* In the order of each table of arguments; the last is the device. */
static const struct target {
	unsigned int type;
	const char *text[5];
	unsigned int number[5];
	const char *topic;	/* NULL: it is HTTP */
	const char *shape;	/* of an answer with three values */
} targets[] = {
	{ 1, { "h", "1", "pk", SECRET, "dn" }, { 0, 1 }, "/ext/register",
	  "{\"productKey\":\"pk\",\"deviceName\":\"dn\",\"%.*s\":\"%.*s\",\"deviceSecret\":\"%.*s\"}" },
	{ 1, { "iot-auth.x", "1", "pk", SECRET, "dn" }, { 0, 1 }, NULL,
	  "{\"code\":200,\"%.*s\":%.*s,\"data\":{\"productKey\":\"pk\",\"deviceName\":\"dn\",\"deviceSecret\":\"%.*s\"}}" },
	{ 2, { "http://h/p", "pk", SECRET, "dn" }, { 0 }, NULL,
	  "{\"Response\":{\"Len\":%.*s,\"%.*s\":1,\"Payload\":\"%.*s\"}}" },
	{ 3, { "pk", SECRET, "dk", "0", "1" }, { 0, 0, 0, 0, 1 },
	  "$sys/pk/dk/ext/regist",
	  "{\"code\":\"%.*s\",\"%.*s\":{\"deviceSecret\":\"%.*s\"}}" },
	{ 3, { "pk", SECRET, "dk", "0", "2" }, { 0, 0, 0, 0, 2 },
	  "$sys/pk/dk/ext/autoregist",
	  "{\"messageId\":\"%.*s\",\"%.*s\":{\"token\":\"%.*s\"}}" },
	{ 3, { "pk", SECRET, "dk", "0", "2" }, { 0, 0, 0, 0, 2 },
	  "$sys/pk/dk/ext/error",
	  "{\"code\":\"%.*s\",\"%.*s\":1,\"message\":\"%.*s\"}" },
};

static void answer(const struct target *target, const char *p, size_t len)
{
	if (!target->topic) {
		world_reply_bytes(200, p, len);
		return;
	}
	fake_opened(VISITOR);
	fake_message_bytes(VISITOR, 1, target->topic, p, len);
	if (strncmp(fake.call, "publish", 7) == 0)
		fake_done(VISITOR, fake.clients[0].n_tokens - 1, true);
	if (fake.clients[0].client)
		fake_closed(VISITOR);
}

static size_t fill_shape(const char *shape, const char *p, size_t len,
			 char *out)
{
	const char *parts[3] = { "", "", "" };
	int lens[3] = { 0 };
	const char *end = p + len;
	const char *nl;

	for (int i = 0; i < 3 && p < end; i++, p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		parts[i] = p;
		lens[i] = (int)(nl - p);
	}
	len = (size_t)snprintf(out, TEXT_MAX, shape, lens[0], parts[0],
			       lens[1], parts[1], lens[2], parts[2]);
	return len < TEXT_MAX ? len : TEXT_MAX - 1;
}

static size_t encrypt(const char *p, size_t len, char *out)
{
	byte plain[4096] = { 0 };
	char payload[TEXT_MAX];
	size_t size;
	Aes aes;

	if (len > 3000)
		len = 3000;
	if (len)
		memcpy(plain, p, len);
	size = (len + 15) / 16 * 16;
	wc_AesInit(&aes, NULL, INVALID_DEVID);
	wc_AesSetKey(&aes, (const byte *)SECRET, 16,
		     (const byte *)"0000000000000000", AES_ENCRYPTION);
	wc_AesCbcEncrypt(&aes, plain, plain, (word32)size);
	wc_AesFree(&aes);
	if (base64_encode(plain, size, payload, sizeof(payload)))
		abort();
	return (size_t)snprintf(out, TEXT_MAX, "{\"payload\":\"%s\"}",
				payload);
}

static void run(const struct target *target, unsigned int how, const char *p,
		size_t len)
{
	static char text[TEXT_MAX];
	const struct cloud_registration *r =
		cloud_find_registration(target->type);
	struct cloud_args args = { .table = r->args };
	struct mqtt_reason why;
	struct cloud_job *job;

	memcpy(args.text, target->text, sizeof(target->text));
	memcpy(args.number, target->number, sizeof(target->number));
	if (r->start(&port, &args, on_done, NULL, &job, &why))
		abort();
	if (how & 1) {
		len = target->type == 2 && how & 2 ?
			      encrypt(p, len, text) :
			      fill_shape(target->shape, p, len, text);
		p = text;
	}
	answer(target, p, len);
	if (ends != 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = sizeof(targets) / sizeof(targets[0]);

	if (!size)
		return 0;
	if (!cfg.alibaba.client_id && cloud_config_load(NULL, &cfg))
		abort();
	log_set_level(LOG_LEVEL_ERROR);
	fake_reset();
	world_reset();
	ends = 0;
	uv_loop_init(&loop);
	run(&targets[data[0] % n], data[0] / n, (const char *)data + 1,
	    size - 1);
	uv_run(&loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&loop) || fake.alive)
		abort();
	return 0;
}
