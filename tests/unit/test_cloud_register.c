// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * AT+MQTTAUTHDYN: what is sent to each cloud, and what the host hears of
 * each answer.
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

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/aes.h>

#include "daemon/cloud/crypt.h"
#include "daemon/cloud/json.h"
#include "tests/unit/clouds.h"
#include "tests/unit/pem_samples.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define VISITOR		3	/* the MQTT client behind the session's */
#define TIMEOUT_MS	200
#define SHORT		" timeout_ms = 200 "
#define T(text)		"\\r\\n" text "\\r\\n"

/* ---- Alibaba by MQTT ---- */

#define ALI_LINE(host, port) "AT+MQTTAUTHDYN=1,\"" host "\"," #port \
	",\"a1X2bEnP82z\",\"7jluWm1zql7bt8qK\",\"example1\""
#define ALI	ALI_LINE("iot-as-mqtt.cn-shanghai.aliyuncs.com", 1883)
#define ALI_SIGN "add9b800fff0a7f706c1b069caa09d1570cf9254e069cad05ee0a082dc7165fb"
#define ALI_LOGIN(mode) \
	"id=a1X2bEnP82z.example1|authType=register,random=12345678," \
	"signmethod=hmacsha256,securemode=" mode "|" \
	" user=example1&a1X2bEnP82z password=" ALI_SIGN \
	" clean=1 keepalive=60"
#define ALI_RANDOM	"stuvwxyz"	/* comes out as 12345678 */
#define ALI_FAILED	T("+MQTTAUTHDYN: 1,\"\",\"\",\"\"")
#define ALI_JSON(key, name, secret) "{\"productKey\":\"" key \
	"\",\"deviceName\":\"" name "\",\"deviceSecret\":\"" secret "\"}"
#define ALI_GOOD	ALI_JSON("a1X2bEnP82z", "example1", "s3cr3t")
#define ALI_DONE \
	T("+MQTTAUTHDYN: 1,\"a1X2bEnP82z\",\"example1\",\"s3cr3t\"")

static void start_alibaba(struct harness *h, const char *config,
			  const char *line)
{
	clouds_start(h, "L610", config);
	world.random = ALI_RANDOM;
	say(h, line);
	expect_ok(h);
}

static void expect_open(const char *start)
{
	const char *open = fake.clients[VISITOR - 1].open;

	if (strncmp(open, start, strlen(start)))
		fail_msg("%s\nis not\n%s", open, start);
}

static void alibaba_gives_a_secret_unasked(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "", ALI);
	expect_open("a1X2bEnP82z.iot-as-mqtt.cn-shanghai.aliyuncs.com 1883 "
		    ALI_LOGIN("2") " tls=ca.pem");
	fake_opened(VISITOR);
	fake_message(VISITOR, 0, "/other", ALI_GOOD);
	expect(&h, "");
	fake_message(VISITOR, 1, "/ext/register", ALI_GOOD);
	assert_string_equal(fake.call, "close 3");
	expect(&h, "");
	fake_closed(VISITOR);
	expect(&h, ALI_DONE);
	assert_null(fake.clients[VISITOR - 1].client);
	clouds_stop(&h);
}

static const struct {
	const char *config, *line, *open;
} ali_servers[] = {
	{ "", ALI_LINE("127.0.0.1", 8883), "127.0.0.1 8883 id=" },
	{ "cloud alibaba { dyn_prefix = always }", ALI_LINE("cloud.example", 1),
	  "a1X2bEnP82z.cloud.example 1 id=" },
	{ "cloud alibaba { dyn_prefix = never }", ALI,
	  "iot-as-mqtt.cn-shanghai.aliyuncs.com 1883 id=" },
	{ "cloud alibaba { dyn_host = mock.example dyn_port = 443 }", ALI,
	  "mock.example 443 id=" },
	{ "cloud alibaba { dyn_instance = \"iot-1\" }",
	  ALI_LINE("iot-1.mqtt.iothub.aliyuncs.com", 1883),
	  "iot-1.mqtt.iothub.aliyuncs.com 1883 "
	  ALI_LOGIN("-2,instanceId=iot-1") " tls=ca.pem" },
	{ "cloud alibaba { dyn_tls = no }", ALI_LINE("127.0.0.1", 1883),
	  "127.0.0.1 1883 " ALI_LOGIN("2") " tls=no" },
	{ "cloud alibaba { ca = \"/dev/null\" }", ALI_LINE("127.0.0.1", 1883),
	  "127.0.0.1 1883 " ALI_LOGIN("2") " tls=/dev/null" },
};

static void alibabas_server_is_configured(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ali_servers); i++) {
		start_alibaba(&h, ali_servers[i].config, ali_servers[i].line);
		expect_open(ali_servers[i].open);
		clouds_stop(&h);
	}
}

static const struct {
	const char *payload, *why;
} ali_answers[] = {
	{ "", "the answer is not JSON" },
	{ "{\"productKey\":", "the answer is not JSON" },
	{ "[1]", "the answer is not JSON" },
	{ "{}", "the answer has no secret" },
	{ "{\"deviceSecret\":1}", "the answer has no secret" },
	{ ALI_JSON("a1X2bEnP82z", "example1", ""), "the answer has no secret" },
	{ ALI_JSON("a1X2bEnP82z", "example1", "a\\r\\nOK"),
	  "the answer has no secret" },
	{ ALI_JSON("a1X2bEnP82z", "example1", "a\\\"b"),
	  "the answer has no secret" },
	{ ALI_JSON("other", "example1", "s"),
	  "the answer is for another device" },
	{ ALI_JSON("a1X2bEnP82z", "other", "s"),
	  "the answer is for another device" },
	{ "{\"deviceSecret\":\"s\"}", "the answer is for another device" },
};

static void expect_failure(struct harness *h, const char *urc,
			   const char *cloud, const char *why)
{
	char text[256];

	expect(h, urc);
	snprintf(text, sizeof(text), "%s: %s", cloud, why);
	clouds_expect_reason(h, text);
}

static void a_bad_answer_of_alibaba_is_a_failure(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ali_answers); i++) {
		start_alibaba(&h, "", ALI);
		fake_opened(VISITOR);
		fake_message(VISITOR, 1, "/ext/register",
			     ali_answers[i].payload);
		fake_closed(VISITOR);
		expect_failure(&h, ALI_FAILED, "alibaba", ali_answers[i].why);
		clouds_stop(&h);
	}
}

static void a_secret_that_is_too_long_is_none(void **state)
{
	char payload[600];
	struct harness h;

	(void)state;
	snprintf(payload, sizeof(payload), ALI_JSON("a1X2bEnP82z", "example1",
						    "%0256d"), 0);
	start_alibaba(&h, "", ALI);
	fake_opened(VISITOR);
	fake_message(VISITOR, 1, "/ext/register", payload);
	fake_closed(VISITOR);
	expect_failure(&h, ALI_FAILED, "alibaba", "the answer has no secret");
	clouds_stop(&h);
}

static void alibaba_refuses_the_login(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "", ALI);
	fake_refused(VISITOR, 703, "bad user name or password");
	expect(&h, ALI_FAILED);
	clouds_expect_reason(&h, "703: alibaba: bad user name or password");
	clouds_stop(&h);
}

static void alibaba_hangs_up(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "", ALI);
	fake_opened(VISITOR);
	fake_lost(VISITOR, "closed by the broker");
	expect_failure(&h, ALI_FAILED, "alibaba", "closed by the broker");

	/* behind the answer it does not matter */
	say(&h, ALI);
	expect_ok(&h);
	fake_opened(VISITOR);
	fake_message(VISITOR, 1, "/ext/register", ALI_GOOD);
	fake_lost(VISITOR, "closed by the broker");
	expect(&h, ALI_DONE);
	clouds_stop(&h);
}

static void alibaba_is_silent(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "cloud alibaba {" SHORT "}", ALI);
	fake_opened(VISITOR);
	wait_ms(&h, 2 * TIMEOUT_MS);
	expect_failure(&h, ALI_FAILED, "alibaba", "no answer");

	/* silent only about the end */
	say(&h, ALI);
	expect_ok(&h);
	fake_opened(VISITOR);
	fake_message(VISITOR, 1, "/ext/register", ALI_GOOD);
	wait_ms(&h, 2 * TIMEOUT_MS);
	expect(&h, ALI_DONE);
	clouds_stop(&h);
}

/* ---- Alibaba by HTTPS ---- */

#define ALI_HTTPS ALI_LINE("iot-auth.cn-shanghai.aliyuncs.com", 443)

static const struct {
	const char *config, *request;
} ali_requests[] = {
	{ "", "POST https://iot-auth.cn-shanghai.aliyuncs.com:443" },
	{ "cloud alibaba { dyn_host = \"127.0.0.1\" dyn_port = 8080 dyn_tls = no }",
	  "POST http://127.0.0.1:8080" },
	{ "cloud alibaba { dyn_host = \"::1\" }", "POST https://[::1]:443" },
};

static void alibaba_is_asked_by_https(void **state)
{
	char want[1024];
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ali_requests); i++) {
		start_alibaba(&h, ali_requests[i].config, ALI_HTTPS);
		snprintf(want, sizeof(want), "%s/auth/register/device ca=ca.pem timeout=15000\n"
			 "Content-Type: application/x-www-form-urlencoded\n"
			 "Accept: text/xml,text/javascript,text/html,application/json\n"
			 "\n"
			 "productKey=a1X2bEnP82z&deviceName=example1&random=12345678"
			 "&sign=" ALI_SIGN "&signMethod=hmacsha256",
			 ali_requests[i].request);
		assert_string_equal(world.request, want);
		world_reply(200, "{\"code\":200,\"data\":" ALI_GOOD
				 ",\"message\":\"success\"}");
		expect(&h, ALI_DONE);
		clouds_stop(&h);
	}
}

static void names_are_encoded_for_https(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "", "AT+MQTTAUTHDYN=1,\"iot-auth.x\",443,\"p&k\",\"ps\",\"d n=1\"");
	assert_non_null(strstr(world.request,
			       "\nproductKey=p%26k&deviceName=d%20n%3D1&random="));
	clouds_stop(&h);
}

static const struct {
	unsigned int status;
	const char *body, *why;
} ali_replies[] = {
	{ 200, "{\"code\":6289,\"message\":\"device is already active\"}",
	  "refused: 6289 device is already active" },
	{ 200, "{\"code\":401,\"message\":\"sign\\n\\\"x\\\"\"}",
	  "refused: 401 sign 'x'" },
	{ 200, "{\"code\":\"200\"}", "refused: 0 " },
	{ 200, "{\"data\":" ALI_GOOD "}", "refused: 0 " },
	{ 200, "{\"code\":200}", "the answer has no secret" },
	{ 200, "{\"code\":200,\"data\":[]}", "the answer has no secret" },
	{ 200, "{\"code\":200,\"data\":{\"deviceSecret\":\"s\"}}",
	  "the answer is for another device" },
	{ 200, "<html>", "the answer is not JSON" },
	{ 200, "", "the answer is not JSON" },
	{ 500, "{\"code\":200,\"data\":" ALI_GOOD "}", "HTTP status 500" },
	{ 0, NULL, "no answer" },
};

static void reply(unsigned int status, const char *body)
{
	if (body)
		world_reply(status, body);
	else
		world_fail("no answer");
}

static void a_bad_reply_of_alibaba_is_a_failure(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ali_replies); i++) {
		start_alibaba(&h, "", ALI_HTTPS);
		reply(ali_replies[i].status, ali_replies[i].body);
		expect_failure(&h, ALI_FAILED, "alibaba", ali_replies[i].why);
		clouds_stop(&h);
	}
}

/* ---- Tencent ---- */

#define TX_SECRET	"hzvf5LF9S0isvBhDSauWMaIk"
#define TX_LINE(url)	"AT+MQTTAUTHDYN=2,\"" url "\",\"ABCDEFGHIJ\",\"" \
			TX_SECRET "\",\"dev001\""
#define TX_URL		"http://ap-guangzhou.gateway.tencentdevices.com/device/register"
#define TX		TX_LINE(TX_URL)
#define TX_NONCE	"\x4e\xdf\x9a\x3b"	/* is 5456 */
#define TX_NOW		1551000000
#define TX_PSK		"s6FB3a1BA/YYbcmSE12XpeDVmQNDcf1QgVD141RRbmmAnFwQfp1ECAu5O016mCOvYlJJ6V59yM4OqQSiWphfTg=="
#define TX_CERT		"s6FB3a1BA/YYbcmSE12Xpa12FEZoAz/xyrjcIoEmp1iFTCLk/f1BdVEZg3O6LHfmpsfwlDl0oUmmey7lcAOVyg=="
#define TX_REPLY(payload, len) "{\"Response\":{\"Len\":" #len \
	",\"Payload\":\"" payload "\",\"RequestId\":\"r\"}}"
#define TX_FAILED	T("+MQTTAUTHDYN: 2,0")
#define TX_DONE		T("+MQTTAUTHDYN: 2,2,\"lDZ6Uqt+I9E0wW7rvDUs7Q==\"")

static void start_tencent(struct harness *h, const char *config,
			  const char *line)
{
	clouds_start(h, "L610", config);
	world.random = TX_NONCE;
	world.now = TX_NOW;
	say(h, line);
	expect_ok(h);
}

static void tencent_gives_a_key(void **state)
{
	struct harness h;

	(void)state;
	start_tencent(&h, "", TX);
	assert_string_equal(world.request,
		"POST " TX_URL " ca=ca.pem timeout=10000\n"
		"Content-Type: application/json; charset=utf-8\n"
		"X-TC-Algorithm: hmacsha256\n"
		"X-TC-Timestamp: 1551000000\n"
		"X-TC-Nonce: 5456\n"
		"X-TC-Signature: 80P2QV51/M3005YI2BKsCfgxhiCAFkQe1CiI+Wzfp0s=\n"
		"\n"
		"{\"ProductId\":\"ABCDEFGHIJ\",\"DeviceName\":\"dev001\"}");
	expect(&h, "");
	world_reply(200, TX_REPLY(TX_PSK, 53));
	expect(&h, TX_DONE);
	clouds_stop(&h);
}

static const struct {
	const char *config, *line, *part;
} tx_requests[] = {
	{ "cloud tencent { dyn_signmethod = hmacsha1 }", TX,
	  "X-TC-Signature: 2NRgMZIt2ykDNYttYsEAfzpLBMg=\n" },
	{ "cloud tencent { dyn_signmethod = hmacsha1 dyn_body_hash = sha1 }",
	  TX, "X-TC-Signature: zVRmmLvHJ/gz6qX96MHbXgLgjxk=\n" },
	{ "cloud tencent { dyn_signmethod = hmacsha1 }", TX,
	  "X-TC-Algorithm: hmacsha1\n" },
	/* the default port is not part of the signed host */
	{ "", TX_LINE("http://ap-guangzhou.gateway.tencentdevices.com:80/device/register"),
	  "X-TC-Signature: 80P2QV51/M3005YI2BKsCfgxhiCAFkQe1CiI+Wzfp0s=\n" },
	{ "cloud tencent { dyn_url = \"" TX_URL "\" }",
	  TX_LINE("https://other.example/x"),
	  "X-TC-Signature: 80P2QV51/M3005YI2BKsCfgxhiCAFkQe1CiI+Wzfp0s=\n" },
	{ "cloud tencent { ca = \"/dev/null\" timeout_ms = 300 }",
	  TX_LINE("https://other.example/x"),
	  "POST https://other.example/x ca=/dev/null timeout=300\n" },
	{ "", TX_LINE("https://g.example/register/dev"),
	  "charset=utf-8\n\n{\"deviceName\":\"dev001\",\"nonce\":5456,"
	  "\"productId\":\"ABCDEFGHIJ\",\"timestamp\":1551000000,"
	  "\"signature\":\"NzMyODY3MGJmZDhlZTAyMjJlMDA1ZmYxMzc5ZDExYmZlOTk5ZjhjMA==\"}" },
};

static void tencents_request_is_configured(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tx_requests); i++) {
		start_tencent(&h, tx_requests[i].config, tx_requests[i].line);
		if (!strstr(world.request, tx_requests[i].part))
			fail_msg("%s\nis not in\n%s", tx_requests[i].part,
				 world.request);
		clouds_stop(&h);
	}
}

static void a_time_that_is_not_known_is_zero(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	world.now = 86400;
	say(&h, TX);
	expect_ok(&h);
	assert_non_null(strstr(world.request, "\nX-TC-Timestamp: 0\n"));
	clouds_stop(&h);
}

static const struct {
	unsigned int status;
	const char *body, *urc, *why;
} tx_replies[] = {
	{ 200, TX_REPLY(TX_PSK, 0), TX_DONE, NULL },
	{ 200, TX_REPLY(TX_PSK, 9999), TX_DONE, NULL },
	{ 200, TX_REPLY(TX_PSK, -1), TX_DONE, NULL },
	{ 200, "{\"Response\":{\"Payload\":\"" TX_PSK "\"}}", TX_DONE, NULL },
	{ 200, "{\"code\":0,\"message\":\"\",\"len\":53,\"payload\":\"" TX_PSK
	       "\"}", TX_DONE, NULL },
	{ 200, TX_REPLY(TX_CERT, 58), T("+MQTTAUTHDYN: 2,1"), NULL },
	{ 200, TX_REPLY(TX_PSK, 20), TX_FAILED,
	  "the answer cannot be decrypted" },
	{ 200, TX_REPLY("s6FB3a1BA/YYbcmSE12Xpe", 53), TX_FAILED,
	  "the answer cannot be decrypted" },
	{ 200, TX_REPLY("s6FB3a1BA/YYbcmSE12XpeDV", 53), TX_FAILED,
	  "the answer cannot be decrypted" },
	{ 200, TX_REPLY("AAAAAAAAAAAAAAAAAAAAAA==", 16), TX_FAILED,
	  "the answer cannot be decrypted" },
	{ 200, TX_REPLY("", 0), TX_FAILED, "the answer cannot be decrypted" },
	{ 200, "{\"Response\":{}}", TX_FAILED,
	  "the answer cannot be decrypted" },
	{ 200, "{\"Response\":[]}", TX_FAILED,
	  "the answer cannot be decrypted" },
	{ 200, "{\"Response\":{\"Error\":{\"Code\":\"ResourceNotFound\","
	       "\"Message\":\"no such device\"},\"RequestId\":\"r\"}}",
	  TX_FAILED, "refused: ResourceNotFound no such device" },
	{ 200, "{\"Response\":{\"Error\":{}}}", TX_FAILED, "refused:  " },
	{ 200, "{\"code\":1021,\"message\":\"device activated\"}", TX_FAILED,
	  "refused: 1021 device activated" },
	{ 200, "{", TX_FAILED, "the answer is not JSON" },
	{ 500, TX_REPLY(TX_PSK, 53), TX_FAILED, "HTTP status 500" },
	{ 0, NULL, TX_FAILED, "no answer" },
};

static void each_reply_of_tencent_has_its_result(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tx_replies); i++) {
		start_tencent(&h, "", TX);
		reply(tx_replies[i].status, tx_replies[i].body);
		if (tx_replies[i].why)
			expect_failure(&h, tx_replies[i].urc, "tencent",
				       tx_replies[i].why);
		else
			expect(&h, tx_replies[i].urc);
		clouds_stop(&h);
	}
}

/* A reply that holds @json as Tencent's server encrypts it */
static void reply_encrypted(const char *json)
{
	static byte plain[8192];
	static char payload[12000], body[13000];
	size_t len = strlen(json);
	size_t size = (len + 15) / 16 * 16;
	Aes aes;

	memset(plain, 0, sizeof(plain));
	memcpy(plain, json, len);
	wc_AesInit(&aes, NULL, INVALID_DEVID);
	wc_AesSetKey(&aes, (const byte *)TX_SECRET, 16,
		     (const byte *)"0000000000000000", AES_ENCRYPTION);
	wc_AesCbcEncrypt(&aes, plain, plain, (word32)size);
	wc_AesFree(&aes);
	assert_int_equal(base64_encode(plain, size, payload, sizeof(payload)),
			 0);
	snprintf(body, sizeof(body),
		 "{\"Response\":{\"Len\":%zu,\"Payload\":\"%s\"}}", len,
		 payload);
	world_reply(200, body);
}

static const struct {
	const char *json, *why;
} tx_plain[] = {
	{ "{}", "the answer has no key" },
	{ "{\"encryptionType\":2}", "the answer has no key" },
	{ "{\"encryptionType\":2,\"psk\":\"\"}", "the answer has no key" },
	{ "{\"encryptionType\":1,\"clientCert\":\"c\"}",
	  "the answer has no certificate" },
	{ "{\"encryptionType\":1,\"clientKey\":\"c\"}",
	  "the answer has no certificate" },
	{ "no JSON", "the answer cannot be decrypted" },
};

static void what_is_encrypted_may_be_bad(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tx_plain); i++) {
		start_tencent(&h, "", TX);
		reply_encrypted(tx_plain[i].json);
		expect_failure(&h, TX_FAILED, "tencent", tx_plain[i].why);
		clouds_stop(&h);
	}
}

static const struct {
	const char *line, *why;
} tx_refused[] = {
	{ TX_LINE(""), "50: url is empty" },
	{ TX_LINE("gateway.example/device/register"), "50: tencent: bad url" },
	{ TX_LINE("ftp://gateway.example/"), "50: tencent: bad url" },
	{ TX_LINE("http://"), "50: tencent: bad url" },
	{ "AT+MQTTAUTHDYN=2,\"" TX_URL "\",\"pk\",\"fifteen charact\",\"dn\"",
	  "50: tencent: productsecret too short" },
};

static void tencents_parameters_are_checked(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	for (size_t i = 0; i < ARRAY_SIZE(tx_refused); i++) {
		say(&h, tx_refused[i].line);
		expect_cme(&h, 50);
		clouds_expect_reason(&h, tx_refused[i].why);
	}
	assert_int_equal(world.requests, 0);
	clouds_stop(&h);
}

/* ---- the certificate that Tencent gives ---- */

static char state_dir[64];

static void make_state_dir(void)
{
	strcpy(state_dir, "/tmp/atmqtt-cloud-XXXXXX");
	assert_non_null(mkdtemp(state_dir));
}

static void remove_state_dir(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/ttyTEST.unicom", state_dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ttyTEST.tencent", state_dir);
	unlink(path);
	assert_int_equal(rmdir(state_dir), 0);
}

static void write_state(const char *file, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", state_dir, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool has_state(const char *file)
{
	struct stat st;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", state_dir, file);
	if (stat(path, &st))
		return false;
	assert_int_equal(st.st_mode & 0777, 0600);
	return true;
}

static void start_with_state(struct harness *h, const char *config)
{
	clouds_start(h, "L610", config);
	harness_stop(h);
	h->cfg.state_dir = state_dir;
	h->out_len = 0;
	harness_start(h);
}

/* What client 1 shows a TLS server: lengths of PEM texts, or files */
static void expect_tls(struct harness *h, const char *part)
{
	say(h, "AT+MQTTOPEN=1,\"broker.example\",8883,1,60,2");
	expect_ok(h);
	if (!strstr(fake.clients[0].tls, part))
		fail_msg("%s\nis not in\n%s", part, fake.clients[0].tls);
	fake_refused(1, 0, "refused");
	expect(h, T("+MQTTOPEN: 1,0"));
}

static void grant_certificate(struct harness *h, const char *cert,
			      const char *key)
{
	json_t *json = json_pack("{si,ss,ss}", "encryptionType", 1,
				 "clientCert", cert, "clientKey", key);
	char text[8192];
	size_t len = json_dumpb(json, text, sizeof(text) - 1, 0);

	text[len] = 0;
	say(h, TX);
	expect_ok(h);
	reply_encrypted(text);
	expect(h, T("+MQTTAUTHDYN: 2,1"));
	json_decref(json);
}

/* The one that was granted */
static void expect_certificate(struct harness *h)
{
	char want[64];

	snprintf(want, sizeof(want), " cert=%zu key=%zu ", strlen(PEM_CERT),
		 strlen(PEM_KEY));
	expect_tls(h, want);
}

static void a_certificate_is_for_the_next_open(void **state)
{
	char want[64];
	struct harness h;

	(void)state;
	make_state_dir();
	start_with_state(&h, "");
	expect_tls(&h, " cert=- key=- ");
	grant_certificate(&h, PEM_CERT, PEM_KEY);
	assert_true(has_state("ttyTEST.tencent"));
	expect_certificate(&h);

	/* it outlasts a restart of the module and of the daemon */
	say(&h, "AT+CFUN=15");
	h.out_len = 0;
	expect_certificate(&h);
	harness_stop(&h);
	harness_start(&h);
	expect_certificate(&h);

	/* what the host uploads counts more */
	snprintf(want, sizeof(want), "AT+GTSSLFILE=\"CERTFILE\",%zu",
		 strlen(PEM_OTHER_CERT));
	say(&h, want);
	say_data(&h, PEM_OTHER_CERT, AT_INPUT_GOOD);
	h.out_len = 0;
	snprintf(want, sizeof(want), " cert=%zu key=-", strlen(PEM_OTHER_CERT));
	expect_tls(&h, want);
	clouds_stop(&h);
	remove_state_dir();
}

static void a_key_takes_the_certificates_place(void **state)
{
	struct harness h;

	(void)state;
	make_state_dir();
	start_with_state(&h, "");
	grant_certificate(&h, PEM_CERT, PEM_KEY);
	say(&h, TX);
	expect_ok(&h);
	world_reply(200, TX_REPLY(TX_PSK, 53));
	expect(&h, TX_DONE);
	assert_false(has_state("ttyTEST.tencent"));
	expect_tls(&h, " cert=- key=- ");
	clouds_stop(&h);
	remove_state_dir();
}

static const char *const bad_certificates[] = {
	"", "{", "[]", "{}", "{\"cert\":1,\"key\":2}",
	"{\"cert\":\"CERT\",\"key\":\"KEY\"}",
};

static void a_certificate_that_is_none_is_not_used(void **state)
{
	struct harness h;

	(void)state;
	make_state_dir();
	for (size_t i = 0; i < ARRAY_SIZE(bad_certificates); i++) {
		write_state("ttyTEST.tencent", bad_certificates[i]);
		start_with_state(&h, "");
		expect_tls(&h, " cert=- key=- ");
		clouds_stop(&h);
	}
	start_with_state(&h, "");
	grant_certificate(&h, "CERT", "KEY");
	expect_tls(&h, " cert=- key=- ");
	clouds_stop(&h);
	remove_state_dir();
}

static const struct {
	const char *cert, *key;
} useless[] = {
	{ "CERT", "KEY" },
	{ "", "" },
	{ PEM_CERT, PEM_OTHER_KEY },
	{ PEM_CERT, PEM_LOCKED_KEY },
};

/* What the device had before is still its own. */
static void a_certificate_of_no_use_replaces_none(void **state)
{
	struct harness h;

	(void)state;
	make_state_dir();
	start_with_state(&h, "");
	grant_certificate(&h, PEM_CERT, PEM_KEY);
	for (size_t i = 0; i < ARRAY_SIZE(useless); i++) {
		grant_certificate(&h, useless[i].cert, useless[i].key);
		expect_certificate(&h);
	}
	harness_stop(&h);
	harness_start(&h);
	expect_certificate(&h);
	clouds_stop(&h);
	remove_state_dir();
}

/* ---- Unicom ---- */

#define UN_LINE(clear, mode) "AT+MQTTAUTHDYN=3,\"cu0123456789abcd\"," \
	"\"ffeeddccbbaa99887766554433221100\",\"devKey0001\"," #clear "," #mode
#define UN_TOPIC(name)	"$sys/cu0123456789abcd/devKey0001/ext/" name
#define UN_FAILED	T("+MQTTAUTHDYN: 3,1,,")
#define UN_SECRET	T("+MQTTAUTHDYN: 3,0,\"s3cr3t\",\"\"")
#define UN_TOKEN	T("+MQTTAUTHDYN: 3,0,\"\",\"t0k3n\"")

static void unicom_gives_a_secret(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	expect_open("dmp-mqtt.cuiot.cn 1883 id=devKey0001|cu0123456789abcd|0|1|0"
		    " user=devKey0001|cu0123456789abcd"
		    " password=91d1a5a645b473bfc38e9861d368575a41b6b64db97334094ad46aa87318b07d"
		    " clean=1 keepalive=60 tls=no");
	fake_opened(VISITOR);
	assert_string_equal(fake.call, "subscribe 3 " UN_TOPIC("error") " 1");
	fake_done(VISITOR, 0, true);
	fake_done(VISITOR, 1, true);
	fake_message(VISITOR, 1, UN_TOPIC("regist"),
		     "{\"messageId\":\"m1\",\"params\":{\"deviceSecret\":\"s3cr3t\"}}");
	assert_string_equal(fake.call, "publish 3 " UN_TOPIC("regist_reply")
		" 0 0 54:{\"messageId\":\"m1\",\"code\":\"000000\",\"message\":\"success\"}");
	fake_done(VISITOR, 2, true);
	assert_string_equal(fake.call, "close 3");
	fake_closed(VISITOR);
	expect(&h, UN_SECRET);
	clouds_stop(&h);
}

static void unicom_gives_a_token(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "cloud unicom { dyn_host = mock.example dyn_port = 8883"
			 " dyn_tls = yes device_id = \"{imei}\" operator = 1 }");
	say(&h, UN_LINE(1, 2));
	expect_ok(&h);
	expect_open("mock.example 8883 id=123456789012345|cu0123456789abcd|0|2|1");
	assert_non_null(strstr(fake.clients[VISITOR - 1].open, " tls=ca.pem "));
	fake_opened(VISITOR);
	/* before the SUBACK */
	fake_message(VISITOR, 1, UN_TOPIC("autoregist"),
		     "{\"params\":{\"token\":\"t0k3n\"}}");
	assert_string_equal(fake.call, "publish 3 " UN_TOPIC("autoregist_reply")
		" 0 0 37:{\"code\":\"000000\",\"message\":\"success\"}");
	fake_done(VISITOR, 0, true);
	fake_done(VISITOR, 1, true);
	fake_done(VISITOR, 2, true);
	fake_closed(VISITOR);
	expect(&h, UN_TOKEN);
	clouds_stop(&h);
}

static const struct {
	const char *topic, *payload;
} un_answers[] = {
	{ UN_TOPIC("regist"), "{\"deviceSecret\":\"s3cr3t\"}" },
	{ UN_TOPIC("regist"), "{\"data\":{\"deviceSecret\":\"s3cr3t\"}}" },
	{ UN_TOPIC("autoregist"),
	  "{\"params\":{\"deviceSecret\":\"s3cr3t\"}}" },
	{ UN_TOPIC("regist"), "{\"code\":\"000000\",\"message\":\"Success\","
	  "\"data\":{\"productKey\":\"cu0123456789abcd\","
	  "\"deviceKey\":\"devKey0001\",\"deviceSecret\":\"s3cr3t\"}}" },
};

static void answer_unicom(struct harness *h, const char *line,
			  const char *topic, const char *payload)
{
	say(h, line);
	expect_ok(h);
	fake_opened(VISITOR);
	fake_message(VISITOR, 1, topic, payload);
	if (strncmp(fake.call, "publish", 7) == 0)
		fake_done(VISITOR, 2, true);
	fake_closed(VISITOR);
}

static void unicoms_answer_has_several_forms(void **state)
{
	struct harness h;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(un_answers); i++) {
		clouds_start(&h, "L610", "");
		answer_unicom(&h, UN_LINE(0, 1), un_answers[i].topic,
			      un_answers[i].payload);
		expect(&h, UN_SECRET);
		clouds_stop(&h);
	}
}

static const struct {
	const char *topic, *payload, *why;
} un_failures[] = {
	{ UN_TOPIC("regist"), "", "the answer is not JSON" },
	{ UN_TOPIC("regist"), "{\"code\":", "the answer is not JSON" },
	{ UN_TOPIC("regist"), "{}", "the answer has no secret" },
	{ UN_TOPIC("regist"), "{\"token\":\"t\"}", "the answer has no secret" },
	{ UN_TOPIC("regist"), "{\"params\":{\"deviceSecret\":\"\"}}",
	  "the answer has no secret" },
	{ UN_TOPIC("regist"), "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":"
	  "{\"deviceSecret\":\"deep\"}}}}}}}", "the answer has no secret" },
	{ UN_TOPIC("regist"), "{\"code\":\"000123\",\"message\":\"no\","
	  "\"data\":{\"deviceSecret\":\"s\"}}", "refused: 000123 no" },
	{ UN_TOPIC("regist"), "{\"code\":123}", "refused:  " },
	{ UN_TOPIC("regist"), "{\"deviceKey\":\"x\",\"deviceSecret\":\"s\"}",
	  "the answer is for another device" },
	{ UN_TOPIC("error"), "{\"code\":\"000005\",\"message\":\"known\"}",
	  "refused: 000005 known" },
	{ UN_TOPIC("error"), "what", "refused:  " },
	{ UN_TOPIC("error"), "{\"deviceSecret\":\"s\"}", "refused:  " },
};

static void a_bad_answer_of_unicom_is_a_failure(void **state)
{
	struct harness h;

	(void)state;
	make_state_dir();
	for (size_t i = 0; i < ARRAY_SIZE(un_failures); i++) {
		start_with_state(&h, "");
		answer_unicom(&h, UN_LINE(0, 1), un_failures[i].topic,
			      un_failures[i].payload);
		expect_failure(&h, UN_FAILED, "unicom", un_failures[i].why);
		assert_false(has_state("ttyTEST.unicom"));
		clouds_stop(&h);
	}
	remove_state_dir();
}

static void other_topics_of_unicom_are_no_answer(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "cloud unicom {" SHORT "}");
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	fake_opened(VISITOR);
	fake_message(VISITOR, 1, "$sys/cu0123456789abcd/other/ext/regist",
		     "{\"deviceSecret\":\"s3cr3t\"}");
	fake_message(VISITOR, 1, UN_TOPIC("regist_reply"),
		     "{\"deviceSecret\":\"s3cr3t\"}");
	wait_ms(&h, 2 * TIMEOUT_MS);
	expect_failure(&h, UN_FAILED, "unicom", "no answer");
	clouds_stop(&h);
}

static void unicom_refuses_the_subscription(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	fake_opened(VISITOR);
	fake_done(VISITOR, 1, false);	/* that of errors does not matter */
	expect(&h, "");
	fake_done(VISITOR, 0, false);
	expect_failure(&h, UN_FAILED, "unicom",
		       "the subscription was refused");
	clouds_stop(&h);
}

/* The requests of a lost link fail before it is told. */
static void a_lost_link_is_no_refusal(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	fake_opened(VISITOR);
	fake.rc = -ENOTCONN;
	fake_done(VISITOR, 0, false);
	fake_done(VISITOR, 1, false);
	expect(&h, "");
	fake.rc = 0;
	fake_lost(VISITOR, "closed by the broker");
	expect_failure(&h, UN_FAILED, "unicom", "closed by the broker");
	clouds_stop(&h);
}

static void a_credential_is_told_again(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	const struct uplink_status up = { .state = UPLINK_UP };
	struct harness h;

	(void)state;
	make_state_dir();
	start_with_state(&h, "");
	answer_unicom(&h, UN_LINE(0, 1), UN_TOPIC("regist"),
		      "{\"deviceSecret\":\"s3cr3t\"}");
	expect(&h, UN_SECRET);
	assert_true(has_state("ttyTEST.unicom"));

	/* to the next daemon, too */
	harness_stop(&h);
	harness_start(&h);
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	wait_ms(&h, 20);
	expect(&h, UN_SECRET);
	assert_null(fake.clients[VISITOR - 1].client);

	/* without a network, too */
	at_session_uplink(h.session, &down);
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	wait_ms(&h, 20);
	expect(&h, UN_SECRET);
	at_session_uplink(h.session, &up);

	/* not as what it is not */
	say(&h, UN_LINE(0, 2));
	expect_ok(&h);
	assert_non_null(fake.clients[VISITOR - 1].client);
	fake_refused(VISITOR, 704, "not authorized");
	expect(&h, UN_FAILED);

	/* not to another device */
	say(&h, "AT+MQTTAUTHDYN=3,\"cu0123456789abcd\",\"ps\",\"devKey0002\",0,1");
	expect_ok(&h);
	assert_non_null(fake.clients[VISITOR - 1].client);
	fake_refused(VISITOR, 704, "not authorized");
	expect(&h, UN_FAILED);
	assert_true(has_state("ttyTEST.unicom"));

	/* and not after clearflag 1 */
	at_session_uplink(h.session, &down);
	say(&h, UN_LINE(1, 1));
	expect(&h, T("OK") UN_FAILED);
	assert_false(has_state("ttyTEST.unicom"));
	at_session_uplink(h.session, &up);
	say(&h, UN_LINE(1, 1));
	expect_ok(&h);
	assert_non_null(fake.clients[VISITOR - 1].client);
	clouds_stop(&h);
	remove_state_dir();
}

static void the_platform_is_asked_again_if_configured(void **state)
{
	struct harness h;

	(void)state;
	make_state_dir();
	start_with_state(&h, "cloud unicom { dyn_reuse = no }");
	for (int i = 0; i < 2; i++) {
		answer_unicom(&h, UN_LINE(0, 1), UN_TOPIC("regist"),
			      "{\"deviceSecret\":\"s3cr3t\"}");
		expect(&h, UN_SECRET);
	}
	clouds_stop(&h);
	remove_state_dir();
}

static const char *const bad_credentials[] = {
	"", "{", "[]", "{}", "\"\"", "{\"productKey\":1}",
	"{\"productKey\":\"cu0123456789abcd\",\"deviceKey\":\"devKey0001\"}",
	"{\"productKey\":\"cu0123456789abcd\",\"deviceKey\":\"devKey0001\","
	"\"deviceSecret\":\"\",\"token\":\"t\"}",
};

static void a_damaged_file_is_none(void **state)
{
	struct harness h;

	(void)state;
	make_state_dir();
	for (size_t i = 0; i < ARRAY_SIZE(bad_credentials); i++) {
		write_state("ttyTEST.unicom", bad_credentials[i]);
		start_with_state(&h, "");
		say(&h, UN_LINE(0, 1));
		expect_ok(&h);
		assert_non_null(fake.clients[VISITOR - 1].client);
		clouds_stop(&h);
	}
	remove_state_dir();
}

/* ---- the command ---- */

static void the_test_form_has_the_manuals_lines(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	say(&h, "AT+MQTTAUTHDYN=?");
	expect(&h, T("+MQTTAUTHDYN: 1,<host>,<port>,<productkey>,<productsecret>,<devicename>")
		   T("+MQTTAUTHDYN: 2,<url>,<productkey>,<productsecret>,<devicename>")
		   T("+MQTTAUTHDYN: 3,<productkey>,<productsecret>,<devicekey>,<clearflag>,<authmode>")
		   T("OK"));
	clouds_stop(&h);
}

static const struct {
	const char *line, *why;
} refused[] = {
	{ "", "bad cloud" },
	{ "0", "bad cloud" },
	{ "4,\"a\"", "bad cloud" },
	{ "1", "bad host" },
	{ "1,\"\",1883,\"pk\",\"ps\",\"dn\"", "host is empty" },
	{ "1,\"h\",0,\"pk\",\"ps\",\"dn\"", "bad port" },
	{ "1,\"h\",65536,\"pk\",\"ps\",\"dn\"", "bad port" },
	{ "1,\"h\",\"\",\"pk\",\"ps\",\"dn\"", "port is empty" },
	{ "1,\"h\",99999999999,\"pk\",\"ps\",\"dn\"", "port too long" },
	{ "1,\"h\",1883,\"pk\",\"ps\"", "bad devicename" },
	{ "1,\"h\",1883,\"pk\",\"ps\",\"dn\",1", "bad number of parameters" },
	{ "3,\"pk\",\"ps\",\"dk\",2,1", "bad clearflag" },
	{ "3,\"pk\",\"ps\",\"dk\",0,0", "bad authmode" },
	{ "3,\"pk\",\"ps\",\"dk\",0,3", "bad authmode" },
	{ "3,\"pk\",\"ps\",\"dk\",0", "bad authmode" },
};

static void bad_parameters_are_refused(void **state)
{
	struct harness h;
	char text[256];
	int code;

	(void)state;
	clouds_start(&h, "L610", "");
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		code = strstr(refused[i].why, "too long") ? 24 : 50;
		snprintf(text, sizeof(text), "AT+MQTTAUTHDYN=%s",
			 refused[i].line);
		say(&h, text);
		snprintf(text, sizeof(text), T("+CME ERROR: %d"), code);
		expect(&h, text);
		snprintf(text, sizeof(text), "%d: %s", code, refused[i].why);
		clouds_expect_reason(&h, text);
	}
	clouds_stop(&h);
}

static void one_registration_a_cloud_at_a_time(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "", ALI);
	say(&h, ALI);
	expect_cme(&h, 3);
	clouds_expect_reason(&h,
			     "3: a registration at alibaba is under way");
	say(&h, TX);
	expect_ok(&h);
	say(&h, TX);
	expect_cme(&h, 3);
	world_reply(200, TX_REPLY(TX_PSK, 53));
	expect(&h, TX_DONE);
	say(&h, TX);
	expect_ok(&h);
	fake_refused(VISITOR, 0, "refused");
	expect(&h, ALI_FAILED);
	clouds_stop(&h);
}

static void a_restart_forgets_registrations(void **state)
{
	struct harness h;

	(void)state;
	start_alibaba(&h, "cloud alibaba {" SHORT "}", ALI);
	say(&h, TX);
	expect_ok(&h);
	say(&h, "AT+CFUN=15");
	expect(&h, T("OK") T("AT command ready") T("+SIM READY"));
	assert_null(fake.clients[VISITOR - 1].client);
	assert_false(world.pending);
	wait_ms(&h, 2 * TIMEOUT_MS);
	expect(&h, "");
	say(&h, ALI);
	expect_ok(&h);
	clouds_stop(&h);
}

/* The tty is gone, or its queue is full. */
static void a_result_waits_for_the_port(void **state)
{
	struct harness h;

	(void)state;
	start_tencent(&h, "", TX);
	h.urc_rc = -EAGAIN;
	world_reply(200, TX_REPLY(TX_PSK, 53));
	at_session_attached(h.session, &(struct at_uart){ 0 }, true,
			    true);
	at_session_space(h.session);
	expect(&h, "");
	h.urc_rc = 0;
	at_session_space(h.session);
	expect(&h, TX_DONE);
	clouds_stop(&h);
}

static void without_a_network_there_is_no_registration(void **state)
{
	const struct uplink_status down = { .state = UPLINK_NO_CARRIER };
	const struct uplink_status up = { .state = UPLINK_UP };
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	at_session_uplink(h.session, &down);
	say(&h, UN_LINE(0, 1));
	expect(&h, T("OK") UN_FAILED);
	clouds_expect_reason(&h,
			     "30: no network service: uplink has no carrier");
	at_session_uplink(h.session, &up);
	say(&h, UN_LINE(0, 1));
	expect_ok(&h);
	say(&h, TX);
	expect_ok(&h);
	at_session_uplink(h.session, &down);
	expect(&h, TX_FAILED UN_FAILED);
	assert_null(fake.clients[VISITOR - 1].client);
	assert_false(world.pending);
	clouds_stop(&h);
}

static void what_cannot_start_is_an_error(void **state)
{
	struct harness h;

	(void)state;
	clouds_start(&h, "L610", "");
	world.refuses = true;
	say(&h, TX);
	expect_cme(&h, 100);
	fake.rc = -12;
	say(&h, ALI);
	expect_cme(&h, 100);
	clouds_expect_reason(&h,
			     "100: alibaba: the registration cannot start");
	clouds_stop(&h);
}

/* GTSSLMODE, GTSSLVER and GTSSLFILE are for these servers, too. */
static void servers_are_trusted_as_brokers_are(void **state)
{
	struct harness h;
	char text[64];

	(void)state;
	clouds_start(&h, "L610", "");
	snprintf(text, sizeof(text), "AT+GTSSLFILE=\"TRUSTFILE\",%zu",
		 strlen(PEM_CERT));
	say(&h, text);
	say_data(&h, PEM_CERT, AT_INPUT_GOOD);
	say(&h, "AT+GTSSLMODE=0");
	h.out_len = 0;
	say(&h, ALI);
	say(&h, TX);
	snprintf(text, sizeof(text), "ca=%zu+- cert=- key=- verify=0 ",
		 strlen(PEM_CERT));
	if (strncmp(fake.clients[VISITOR - 1].tls, text, strlen(text)))
		fail_msg("%s", fake.clients[VISITOR - 1].tls);
	assert_non_null(strstr(world.request, " ca=PEM "));
	assert_null(strstr(world.request, " TLS 1.3"));
	clouds_stop(&h);

	clouds_start(&h, "L610", "cloud alibaba { ca = \"/dev/null\" }");
	say(&h, "AT+GTSSLVER=5");
	h.out_len = 0;
	say(&h, ALI);
	say(&h, TX);
	assert_non_null(strstr(fake.clients[VISITOR - 1].tls, " 1.3=1 "));
	assert_non_null(strstr(world.request, " TLS 1.3\n"));
	clouds_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alibaba_gives_a_secret_unasked),
		cmocka_unit_test(alibabas_server_is_configured),
		cmocka_unit_test(a_bad_answer_of_alibaba_is_a_failure),
		cmocka_unit_test(a_secret_that_is_too_long_is_none),
		cmocka_unit_test(alibaba_refuses_the_login),
		cmocka_unit_test(alibaba_hangs_up),
		cmocka_unit_test(alibaba_is_silent),
		cmocka_unit_test(alibaba_is_asked_by_https),
		cmocka_unit_test(names_are_encoded_for_https),
		cmocka_unit_test(a_bad_reply_of_alibaba_is_a_failure),
		cmocka_unit_test(tencent_gives_a_key),
		cmocka_unit_test(tencents_request_is_configured),
		cmocka_unit_test(a_time_that_is_not_known_is_zero),
		cmocka_unit_test(each_reply_of_tencent_has_its_result),
		cmocka_unit_test(what_is_encrypted_may_be_bad),
		cmocka_unit_test(tencents_parameters_are_checked),
		cmocka_unit_test(a_certificate_is_for_the_next_open),
		cmocka_unit_test(a_key_takes_the_certificates_place),
		cmocka_unit_test(a_certificate_that_is_none_is_not_used),
		cmocka_unit_test(a_certificate_of_no_use_replaces_none),
		cmocka_unit_test(unicom_gives_a_secret),
		cmocka_unit_test(unicom_gives_a_token),
		cmocka_unit_test(unicoms_answer_has_several_forms),
		cmocka_unit_test(a_bad_answer_of_unicom_is_a_failure),
		cmocka_unit_test(other_topics_of_unicom_are_no_answer),
		cmocka_unit_test(unicom_refuses_the_subscription),
		cmocka_unit_test(a_lost_link_is_no_refusal),
		cmocka_unit_test(a_credential_is_told_again),
		cmocka_unit_test(the_platform_is_asked_again_if_configured),
		cmocka_unit_test(a_damaged_file_is_none),
		cmocka_unit_test(the_test_form_has_the_manuals_lines),
		cmocka_unit_test(bad_parameters_are_refused),
		cmocka_unit_test(one_registration_a_cloud_at_a_time),
		cmocka_unit_test(a_restart_forgets_registrations),
		cmocka_unit_test(a_result_waits_for_the_port),
		cmocka_unit_test(without_a_network_there_is_no_registration),
		cmocka_unit_test(what_cannot_start_is_an_error),
		cmocka_unit_test(servers_are_trusted_as_brokers_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
