// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tuya's packets, requests and answers, by the published rules' vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/cloud/crypt.h"
#include "daemon/cloud/tuya_codec.h"
#include "daemon/cloud/tuya_data.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define UUID		"uuid0123456789ab0001"
#define AUTHKEY		"AuthKey0123456789abcdefABCDEF012"

/* ---- logins ---- */

static void passwords(void **state)
{
	char out[TUYA_PASSWORD + 1];

	(void)state;
	assert_int_equal(tuya_password(AUTHKEY, out), 0);
	assert_string_equal(out, "dfe03f85d683de3c");
	assert_int_equal(tuya_password("0123456789abcdef", out), 0);
	assert_string_equal(out, "61035123906e58e0");
}

static void plain_texts(void **state)
{
	static const char *const bad[] = {
		"", "a b", "a+", "#", "a/b", "a\"", "\xc3\xa4", "a\n", "12345",
	};
	size_t i;

	(void)state;
	assert_true(tuya_is_plain("aZ_9", 4));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(tuya_is_plain(bad[i], 4));
}

/* ---- packets ---- */

static const char token_push[] =
	"322e32a626364200000001000000014a5dcb8af37f1019e87ff738a2b23fbd854ce788"
	"fbea26521ed6d38fad4a436c50f9d9b52f00d805a3f657d6f86e974dcf3d3d7796dca5"
	"177fce88f26a258ad25990ce720af377c98380a9f596efa27b59c2816e8b7a4a80edba"
	"85bb94a22816";

static size_t bytes_of(const char *hex, uint8_t *out)
{
	size_t n;

	for (n = 0; hex[2 * n]; n++)
		sscanf(hex + 2 * n, "%2hhx", &out[n]);
	return n;
}

/* exactly as long as it is, so that ASan sees a byte too far */
static json_t *decode(const uint8_t *packet, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	json_t *json;

	memcpy(copy, packet, len);
	json = tuya_packet_decode(AUTHKEY, copy, len);
	free(copy);
	return json;
}

static void token_packet(void **state)
{
	struct tuya_token token;
	uint8_t packet[256];
	json_t *json = decode(packet, bytes_of(token_push, packet));

	(void)state;
	assert_non_null(json);
	assert_int_equal(tuya_message_of(json, NULL, &token),
			 TUYA_MESSAGE_TOKEN);
	assert_string_equal(token.token, "Abcd1234");
	assert_string_equal(token.region, "AY");
	assert_string_equal(token.env, "pro");
	json_decref(json);
}

static void packets_cut_short(void **state)
{
	uint8_t packet[256];
	size_t len = bytes_of(token_push, packet);
	size_t i;

	(void)state;
	for (i = 0; i < len; i++)
		assert_null(decode(packet, i));
}

/* The CRC, the sequence and the source are not looked at. */
static void packets_with_a_wrong_byte(void **state)
{
	uint8_t packet[256];
	size_t len = bytes_of(token_push, packet);
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < len; i++) {
		packet[i] ^= 0x40;
		json = decode(packet, len);
		assert_int_equal(!json, i < 3 || i >= 15);
		json_decref(json);
		packet[i] ^= 0x40;
	}
}

static void another_key(void **state)
{
	uint8_t packet[256];
	size_t len = bytes_of(token_push, packet);

	(void)state;
	assert_null(tuya_packet_decode("0000000000000000", packet, len));
}

/* A packet around any bytes, padded right. */
static json_t *packet_of(const char *text, uint8_t padding)
{
	uint8_t packet[512] = "2.2crc_seq_src_";
	size_t len = strlen(text);
	size_t n = AES_BLOCK - len % AES_BLOCK;

	memcpy(packet + 15, text, len);
	memset(packet + 15 + len, padding ? padding : (int)n, n);
	aes_ecb_encrypt((const uint8_t *)AUTHKEY, packet + 15, len + n);
	return decode(packet, 15 + len + n);
}

static void padding(void **state)
{
	static const uint8_t bad[] = { 12, 15, 17, 32, 255 };
	json_t *json = packet_of("{}", 0);
	size_t i;

	(void)state;
	assert_non_null(json);
	json_decref(json);
	json = packet_of("{\"a\":\"1234567890\"}", 0);
	assert_non_null(json);
	json_decref(json);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(packet_of("{}", bad[i]));
	assert_null(packet_of("", 0));
}

static void not_an_object(void **state)
{
	static const char *const texts[] = {
		"[]", "1", "\"a\"", "null", "{", "{}x", "{\"a\":1,}",
		"{\"a\":\"\xff\"}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_null(packet_of(texts[i], 0));
}

static const struct {
	const char *text;
	enum tuya_message_type type;
} messages[] = {
	{ "{\"protocol\":46,\"data\":{\"token\":\"t\",\"region\":\"EU\"}}",
	  TUYA_MESSAGE_TOKEN },
	{ "{\"protocol\":46,\"data\":{\"token\":\"12345678\",\"region\":\"E\","
	  "\"env\":\"pre\"}}", TUYA_MESSAGE_TOKEN },
	{ "{\"protocol\":46,\"data\":{\"token\":\"123456789\","
	  "\"region\":\"EU\"}}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"token\":\"\",\"region\":\"EU\"}}",
	  TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"token\":\"a\\\"b\","
	  "\"region\":\"EU\"}}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"token\":\"t\",\"region\":\"EUR\"}}",
	  TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"token\":\"t\"}}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"region\":\"EU\"}}",
	  TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"token\":1,\"region\":\"EU\"}}",
	  TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":{\"token\":\"t\",\"region\":\"EU\","
	  "\"env\":5}}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46,\"data\":[]}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":46}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":11,\"data\":{\"gwId\":\"me\"}}",
	  TUYA_MESSAGE_RESET },
	{ "{\"protocol\":11,\"type\":\"reset_factory\","
	  "\"data\":{\"gwId\":\"me\"}}", TUYA_MESSAGE_RESET },
	{ "{\"protocol\":11,\"data\":{}}", TUYA_MESSAGE_RESET },
	{ "{\"protocol\":11}", TUYA_MESSAGE_RESET },
	{ "{\"protocol\":11,\"data\":{\"gwId\":\"you\"}}",
	  TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":5,\"data\":{\"dps\":{}}}", TUYA_MESSAGE_OTHER },
	{ "{\"protocol\":\"11\",\"data\":{}}", TUYA_MESSAGE_OTHER },
	{ "{}", TUYA_MESSAGE_OTHER },
};

static void what_messages_mean(void **state)
{
	struct tuya_token token;
	json_t *json;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		json = packet_of(messages[i].text, 0);
		assert_non_null(json);
		if (tuya_message_of(json, "me", &token) != messages[i].type)
			fail_msg("%s", messages[i].text);
		json_decref(json);
	}
}

static void nobody_is_reset_before_activation(void **state)
{
	struct tuya_token token;
	json_t *json = packet_of("{\"protocol\":11,\"data\":{}}", 0);

	(void)state;
	assert_int_equal(tuya_message_of(json, NULL, &token),
			 TUYA_MESSAGE_OTHER);
	json_decref(json);
}

/* ---- ATOP ---- */

#define ACTIVATION \
	"{\"token\":\"Abcd1234\",\"softVer\":\"1.0.0\"," \
	"\"productKey\":\"pk0123456789abcd\",\"protocolVer\":\"2.2\"," \
	"\"baselineVer\":\"40.07\",\"options\": \"{\\\"isFK\\\":false}\"," \
	"\"devAttribute\":2048,\"cadVer\":\"1.0.3\",\"cdVer\":\"1.0.0\"," \
	"\"t\":1700000000}"

static void is_text(struct buf *b, const char *text)
{
	assert_false(b->failed);
	assert_int_equal(b->len, strlen(text));
	assert_memory_equal(b->p, text, b->len);
	buf_free(b);
}

static const struct tuya_call activate = {
	.api = "tuya.device.active",
	.version = "4.4",
	.uuid = UUID,
	.key = AUTHKEY,
	.t = 1700000000,
};

static void activation_request(void **state)
{
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(tuya_call_query(&activate, &out), 0);
	is_text(&out, "?a=tuya.device.active&et=1&t=1700000000"
		"&uuid=uuid0123456789ab0001&v=4.4"
		"&sign=1ff23cb83528e288147b589cfc77e29a");
	assert_int_equal(tuya_call_body(&activate, ACTIVATION, &out), 0);
	is_text(&out,
		"data=80CA595E0BFFE8245FD033B6F862F15495B30F86C6A3C528B645AA84"
		"9E2C09A7B2931F032FE0A9F4E62B3B19F162782E14C9DF1CFB3E4A224A01FD"
		"CCAC9A37A6B83748D1BCCD6A02A2A0DCF3FC4E163A8331031A823D8A13ADAF"
		"372000E846F9BCAA30027734901F7E4EC66EAEB98047DFA9551FCBECE9B81B"
		"90F3B7432F24F2AB38FD406DDA8F12A8624616F88AE91B071D042E14381405"
		"FEE3A7E3141C0163043FB6ADE1F79AA5041EBE53C9F0BC2AC991711439A548"
		"5D85C61E9026A336D3C3EE14FAB733C7EFFC83F96F7098A4FF7C73E189CB4A"
		"486E4ABCB049E53EFB0D");
}

static void request_of_an_activated_device(void **state)
{
	struct tuya_call call = {
		.api = "tuya.device.versions.update",
		.version = "4.1",
		.dev_id = "6c0123456789abcdef01xy",
		.key = "0123456789abcdef",
		.t = 1,
	};
	struct buf out = { 0 };
	char hex[HASH_HEX_MAX], want[256];

	(void)state;
	hash_data_hex(HASH_MD5, "a=tuya.device.versions.update||"
		      "devId=6c0123456789abcdef01xy||et=1||t=1||v=4.1||"
		      "0123456789abcdef", hex);
	snprintf(want, sizeof(want), "?a=tuya.device.versions.update"
		 "&devId=6c0123456789abcdef01xy&et=1&t=1&v=4.1&sign=%s", hex);
	assert_int_equal(tuya_call_query(&call, &out), 0);
	is_text(&out, want);
}

#define ANSWER \
	"{\"result\":\"8jWkgkITSAiffVolqU0RerrG8nFWfhC/WKBHL3HVxq3D3We5m/3B" \
	"QzN81RYHjHWjkiGBcG6W49ddurfojIxLH7GufQ1onicpqncZGruDoeZZGsWmFXPYui" \
	"D6hqcZDYOwQeKunAm/qOaK15NZYZsw/0Jh8CNziBe/FqVHUZUGTD9ots12MC5c27ZG" \
	"RgxqfR5uSvfOZ68uOs14PgITarXfuzUc8pq6R5Mm/dY3CLfgesNGTXJMlKqSn0Jxh" \
	"Ox41An8\",\"t\":1700000000}"

static void activation_answer(void **state)
{
	json_t *json = tuya_answer_decode(AUTHKEY, ANSWER, strlen(ANSWER));
	struct tuya_data data;

	(void)state;
	assert_non_null(json);
	assert_true(json_is_true(json_object_get(json, "success")));
	assert_int_equal(tuya_data_take(json_object_get(json, "result"),
					&data), 0);
	assert_string_equal(data.dev_id, "6c0123456789abcdef01xy");
	assert_string_equal(data.sec_key, "0123456789abcdef");
	assert_string_equal(data.local_key, "fedcba9876543210");
	assert_string_equal(data.schema_id, "000001");
	assert_string_equal(data.time_zone, "+08:00");
	json_decref(json);
}

static void answers_that_are_none(void **state)
{
	static const char *const texts[] = {
		"", "{", "[]", "{}", "{\"t\":1}", "{\"result\":5}",
		"{\"result\":\"\"}", "{\"result\":\"8jWk\"}",
		"{\"result\":\"8jWkgkITSAiffVolqU0Rerg\"}",
		"{\"result\":\"8jWkgkITSAiffVolqU0Reg==\"}",
		"{\"result\":\"8jWk gkITSAiffVolqU0Reg=\"}",
		"<html>502</html>",
	};
	size_t len = strlen(ANSWER);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_null(tuya_answer_decode(AUTHKEY, texts[i],
					       strlen(texts[i])));
	for (i = 0; i < len; i++)
		assert_null(tuya_answer_decode(AUTHKEY, ANSWER, i));
	assert_null(tuya_answer_decode("another key 16 b", ANSWER, len));
}

/* ---- iot-dns ---- */

static void dns_request(void **state)
{
	struct buf out = { 0 };

	(void)state;
	tuya_dns_body("", "pro", &out);
	is_text(&out, "{\"config\":[{\"key\":\"httpsSelfUrl\",\"need_ca\":"
		"true},{\"key\":\"mqttsSelfUrl\",\"need_ca\":true}],"
		"\"env\":\"pro\"}");
	tuya_dns_body("EU", "pre", &out);
	is_text(&out, "{\"config\":[{\"key\":\"httpsSelfUrl\",\"need_ca\":"
		"true},{\"key\":\"mqttsSelfUrl\",\"need_ca\":true}],"
		"\"region\":\"EU\",\"env\":\"pre\"}");
}

#define HTTPS "\"httpsSelfUrl\":{\"addr\":\"https://a.example/d.json\"}"
#define MQTTS "\"mqttsSelfUrl\":{\"addr\":\"m.example:8883\"}"

static int decode_dns(const char *text, struct tuya_endpoint *out)
{
	return tuya_dns_decode(text, strlen(text), out);
}

static void dns_answer(void **state)
{
	struct tuya_endpoint e = { 0 };
	char text[512];

	(void)state;
	assert_int_equal(decode_dns("{" HTTPS "," MQTTS "}", &e), 0);
	assert_string_equal(e.atop_url, "https://a.example/d.json");
	assert_string_equal(e.mqtt_host, "m.example");
	assert_int_equal(e.mqtt_port, 8883);
	assert_null(e.ca);
	snprintf(text, sizeof(text),
		 "{" HTTPS "," MQTTS ",\"caArr\":[\"%s%s\",\"x\"],\"ttl\":1}",
		 "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0"
		 "NTY3", "ODkwMTIz");
	assert_int_equal(decode_dns(text, &e), 0);
	assert_string_equal(e.ca, "-----BEGIN CERTIFICATE-----\n"
		"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0"
		"NTY3\nODkwMTIz\n-----END CERTIFICATE-----\n");
	tuya_endpoint_free(&e);
}

static void dns_answers_that_are_none(void **state)
{
	static const char *const texts[] = {
		"", "{}", "[]", "{" HTTPS "}", "{" MQTTS "}",
		"{" HTTPS "," MQTTS "",
		"{" HTTPS "," MQTTS ",\"caArr\":[\"MDEy*\"]}",
		"{" HTTPS "," MQTTS ",\"caArr\":[\"\"]}",
		"{" HTTPS "," MQTTS ",\"caArr\":[7]}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"m.example\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\":8883\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"m:0\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"m:65536\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"m:8883x\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"m: 8883\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"m\\\"x:8883\"}}",
		"{" HTTPS ",\"mqttsSelfUrl\":\"m:8883\"}",
		"{\"httpsSelfUrl\":{\"addr\":\"http://a/d.json\"}," MQTTS "}",
		"{\"httpsSelfUrl\":{\"addr\":\"https://a/?x\"}," MQTTS "}",
		"{\"httpsSelfUrl\":{\"addr\":\"https://a b/\"}," MQTTS "}",
		"{\"httpsSelfUrl\":{\"addr\":null}," MQTTS "}",
	};
	struct tuya_endpoint e = { .mqtt_host = "as it was" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (decode_dns(texts[i], &e) != -EINVAL)
			fail_msg("%s", texts[i]);
	assert_string_equal(e.mqtt_host, "as it was");
}

static void dns_names_too_long(void **state)
{
	struct tuya_endpoint e = { 0 };
	char name[300] = { 0 };
	char text[800];

	(void)state;
	memset(name, 'n', 256);
	snprintf(text, sizeof(text),
		 "{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"%s:1\"}}", name);
	assert_int_equal(decode_dns(text, &e), -EINVAL);
	snprintf(text, sizeof(text),
		 "{\"httpsSelfUrl\":{\"addr\":\"https://%s\"}," MQTTS "}",
		 name);
	assert_int_equal(decode_dns(text, &e), -EINVAL);
	name[255] = '\0';
	snprintf(text, sizeof(text),
		 "{" HTTPS ",\"mqttsSelfUrl\":{\"addr\":\"%s:1\"}}", name);
	assert_int_equal(decode_dns(text, &e), 0);
	assert_string_equal(e.mqtt_host, name);
}

static void dns_fallback(void **state)
{
	static const char *const rows[][3] = {
		{ "", "https://a2.tuyacn.com/d.json", "m2.tuyacn.com" },
		{ "AY", "https://a2.tuyacn.com/d.json", "m2.tuyacn.com" },
		{ "AZ", "https://a2.tuyaus.com/d.json", "m2.tuyaus.com" },
		{ "EU", "https://a2.tuyaeu.com/d.json", "m2.tuyaeu.com" },
		{ "IN", "https://a2.tuyain.com/d.json", "m2.tuyain.com" },
		{ "UE", "https://a2-ueaz.tuyaus.com/d.json",
		  "m2-ueaz.tuyaus.com" },
		{ "XX", "https://a2.tuyacn.com/d.json", "m2.tuyacn.com" },
	};
	struct tuya_endpoint e = { .ca = strdup("of another") };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		tuya_dns_fallback(rows[i][0], &e);
		assert_string_equal(e.atop_url, rows[i][1]);
		assert_string_equal(e.mqtt_host, rows[i][2]);
		assert_int_equal(e.mqtt_port, 8883);
		assert_null(e.ca);
	}
}

/* ---- what is kept ---- */

static const struct tuya_data sample = {
	.dev_id = "6c0123456789abcdef01xy",
	.sec_key = "0123456789abcdef",
	.local_key = "fedcba\"876543210",
	.schema_id = "000001",
	.time_zone = "+08:00",
	.region = "AY",
	.env = "pro",
	.host = "m2.tuyacn.com",
	.port = 8883,
};

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_tuya.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	tuya_data_remove(dir, "tty", UUID);
	return rmdir(dir);
}

static void kept(void **state)
{
	struct tuya_data data;
	char path[128];
	struct stat st;

	(void)state;
	assert_int_equal(tuya_data_load(dir, "tty", UUID, &data), -ENOENT);
	assert_int_equal(tuya_data_save(dir, "tty", UUID, &sample), 0);
	assert_int_equal(tuya_data_load(dir, "tty", UUID, &data), 0);
	assert_memory_equal(&data, &sample, sizeof(data));
	snprintf(path, sizeof(path), "%s/tty.tuya." UUID, dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(tuya_data_load(dir, "tty", "other", &data), -ENOENT);
	assert_int_equal(tuya_data_remove(dir, "tty", UUID), 0);
	assert_int_equal(tuya_data_load(dir, "tty", UUID, &data), -ENOENT);
	assert_int_equal(data.dev_id[0], 0);
}

static void put_file(const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tty.tuya." UUID, dir);
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
}

#define MEMBERS(dev, sec, host, port) \
	"{\"devId\":\"" dev "\",\"secKey\":\"" sec "\"," \
	"\"localKey\":\"fedcba9876543210\",\"schemaId\":\"\"," \
	"\"stdTimeZone\":\"\",\"region\":\"AY\",\"env\":\"pro\"," \
	"\"host\":\"" host "\",\"port\":" port "}"

#define LONG "0123456789abcdef0123456789abcdef"

static void files_that_somebody_edited(void **state)
{
	static const char *const bad[] = {
		"", "{}", "no JSON",
		MEMBERS("", "0123456789abcdef", "m", "1"),
		MEMBERS("a/b", "0123456789abcdef", "m", "1"),
		MEMBERS("dev", "0123456789abcde", "m", "1"),
		MEMBERS("dev", "0123456789abcdef", "m", "0"),
		MEMBERS("dev", "0123456789abcdef", "m", "65536"),
		MEMBERS("dev", "0123456789abcdef", "m", "\"1\""),
		MEMBERS("dev", LONG LONG LONG LONG "0", "m", "1"),
	};
	struct tuya_data data;
	size_t i;

	(void)state;
	put_file(MEMBERS("dev", "0123456789abcdef", "m", "1"));
	assert_int_equal(tuya_data_load(dir, "tty", UUID, &data), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put_file(bad[i]);
		assert_int_equal(tuya_data_load(dir, "tty", UUID, &data),
				 -EINVAL);
		assert_int_equal(data.dev_id[0] | data.sec_key[0], 0);
	}
}

#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords),
		cmocka_unit_test(plain_texts),
		cmocka_unit_test(token_packet),
		cmocka_unit_test(packets_cut_short),
		cmocka_unit_test(packets_with_a_wrong_byte),
		cmocka_unit_test(another_key),
		cmocka_unit_test(padding),
		cmocka_unit_test(not_an_object),
		cmocka_unit_test(what_messages_mean),
		cmocka_unit_test(nobody_is_reset_before_activation),
		cmocka_unit_test(activation_request),
		cmocka_unit_test(request_of_an_activated_device),
		cmocka_unit_test(activation_answer),
		cmocka_unit_test(answers_that_are_none),
		cmocka_unit_test(dns_request),
		cmocka_unit_test(dns_answer),
		cmocka_unit_test(dns_answers_that_are_none),
		cmocka_unit_test(dns_names_too_long),
		cmocka_unit_test(dns_fallback),
		FILE_TEST(kept),
		FILE_TEST(files_that_somebody_edited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
