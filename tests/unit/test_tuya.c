// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Tuya's way from AT+MQTTAUTHCFG=4,1 to +MQTTAUTHEVENT: 4,7 with a test as
 * app, iot-dns, ATOP and broker.
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
#include "tests/unit/fake_world.h"
#include "tests/unit/harness.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define CLIENT		3	/* behind the session's two */
#define RETRY_MS	10

#define PRODUCT		"pk0123456789abcd"
#define UUID		"uuid0123456789ab0001"
#define AUTHKEY		"AuthKey0123456789abcdefABCDEF012"
#define DEV		"6c0123456789abcdef01xy"
#define SEC_KEY		"0123456789abcdef"
#define LOCAL_KEY	"fedcba9876543210"

#define START \
	"AT+MQTTAUTHCFG=4,1,\"" PRODUCT "\",\"" UUID "\",\"" AUTHKEY "\""
#define STOP	"AT+MQTTAUTHCFG=4,0"
#define OK	"\\r\\nOK\\r\\n"
#define EVENT(n) "\\r\\n+MQTTAUTHEVENT: 4," #n "\\r\\n"
#define LOGIN(host, id, password) \
	"\\r\\n+MQTTAUTHCFG: 4,\"" host "\",8883,\"" id "\",\"" password \
	"\",\"" id "\"\\r\\n"
#define DIRECT(host)	LOGIN(host, "acon_" UUID, "dfe03f85d683de3c")
#define ACTIVE(host)	LOGIN(host, DEV, "61035123906e58e0")

#define HEADERS \
	" ca=%s timeout=5000\nUser-Agent: TUYA_IOT_SDK\n" \
	"Content-Type: application/x-www-form-urlencoded;charset=UTF-8\n\n"

static char dir[64];

/* ---- the world ---- */

static int setup(void **state)
{
	static struct harness h;

	snprintf(dir, sizeof(dir), "/tmp/test_tuya.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	harness_configure(&h, "L610");
	h.cfg.state_dir = dir;
	h.clouds.tuya.retry_min_ms = RETRY_MS;
	h.clouds.tuya.retry_max_ms = RETRY_MS;
	harness_start(&h);
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	struct harness *h = *state;
	char command[100];

	harness_stop(h);
	assert_false(world.pending);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static bool is_stored(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/ttyTEST.tuya." UUID, dir);
	return access(path, F_OK) == 0;
}

/* What went to the host since the last time: nothing. */
static void quiet(struct harness *h)
{
	expect(h, "");
}

/* Waits for the next try; a try is an HTTP request or an open. */
static void next_try(struct harness *h)
{
	int before = world.requests;
	int i;

	fake.clients[CLIENT - 1].open[0] = '\0';
	for (i = 0; i < 1000; i++) {
		wait_ms(h, RETRY_MS);
		if (world.requests > before ||
		    fake.clients[CLIENT - 1].open[0])
			return;
	}
	fail_msg("nothing is tried");
}

/* Nothing is tried for a while. */
static void no_try(struct harness *h)
{
	int before = world.requests;

	fake.clients[CLIENT - 1].open[0] = '\0';
	wait_ms(h, 5 * RETRY_MS);
	assert_int_equal(world.requests, before);
	assert_string_equal(fake.clients[CLIENT - 1].open, "");
}

static void ceer(struct harness *h, const char *text)
{
	char want[512];

	say(h, "AT+CEER");
	snprintf(want, sizeof(want), "\\r\\n+CEER: \"%s\"\\r\\n" OK, text);
	expect(h, want);
}

static void uplink(struct harness *h, bool up)
{
	static struct uplink_status status;

	fake.clients[CLIENT - 1].open[0] = '\0';
	status.state = up ? UPLINK_UP : UPLINK_NO_CARRIER;
	at_session_uplink(h->session, &status);
}

/* ---- iot-dns ---- */

#define DNS_URL	"https://h2.iot-dns.com/v2/url_config"
#define DNS_ANSWER \
	"{\"httpsSelfUrl\":{\"addr\":\"https://a.example/d.json\"}," \
	"\"mqttsSelfUrl\":{\"addr\":\"m.example:8883\"}," \
	"\"caArr\":[\"MDEyMw==\"]}"

static void is_dns_request(const char *region)
{
	char want[1024];

	assert_true(world.pending);
	snprintf(want, sizeof(want), "POST " DNS_URL HEADERS
		 "{\"config\":[{\"key\":\"httpsSelfUrl\",\"need_ca\":true},"
		 "{\"key\":\"mqttsSelfUrl\",\"need_ca\":true}],%s%s%s"
		 "\"env\":\"pro\"}", "ca.pem", *region ? "\"region\":\"" : "",
		 region, *region ? "\"," : "");
	assert_string_equal(world.request, want);
}

/* ---- ATOP ---- */

/* AES and base64 of @json under @key */
static void atop_reply(const char *key, const char *json)
{
	uint8_t data[1024];
	char text[1500], body[1600];
	size_t len = strlen(json);
	size_t n = AES_BLOCK - len % AES_BLOCK;

	memcpy(data, json, len);
	memset(data + len, (int)n, n);
	aes_ecb_encrypt((const uint8_t *)key, data, len + n);
	base64_encode(data, len + n, text, sizeof(text));
	snprintf(body, sizeof(body), "{\"result\":\"%s\",\"t\":1}", text);
	world_reply(200, body);
}

#define RESULT(more) \
	"{\"result\":{\"devId\":\"" DEV "\",\"secKey\":\"" SEC_KEY "\"," \
	"\"localKey\":\"" LOCAL_KEY "\",\"schemaId\":\"000001\"," \
	"\"schema\":\"[]\",\"stdTimeZone\":\"+08:00\"" more "}," \
	"\"success\":true,\"t\":1700000000}"

#define REFUSED(code) \
	"{\"success\":false,\"errorCode\":\"" code "\"," \
	"\"errorMsg\":\"why not\"}"

/* The JSON of the request under way, and its URL. */
static void is_call(const char *url, const char *ca, const char *key,
		    const char *json)
{
	struct tuya_call call = { .key = key };
	struct buf body = { 0 };
	char want[2048];

	assert_true(world.pending);
	assert_int_equal(tuya_call_body(&call, json, &body), 0);
	snprintf(want, sizeof(want), "POST %s" HEADERS "%.*s", url, ca,
		 (int)body.len, body.p);
	buf_free(&body);
	assert_string_equal(world.request, want);
}

#define ACTIVATION(more) \
	"{\"token\":\"Abcd1234\",\"softVer\":\"1.0.0\"," \
	"\"productKey\":\"" PRODUCT "\",\"protocolVer\":\"2.2\"," \
	"\"baselineVer\":\"40.07\",\"options\": \"{\\\"isFK\\\":false}\"," \
	more "\"devAttribute\":2048,\"cadVer\":\"1.0.3\"," \
	"\"cdVer\":\"1.0.0\",\"t\":1700000000}"

#define ACTIVATE_URL(base) \
	base "?a=tuya.device.active&et=1&t=1700000000&uuid=" UUID \
	"&v=4.4&sign=1ff23cb83528e288147b589cfc77e29a"

static void is_activation(void)
{
	is_call(ACTIVATE_URL("https://a.example/d.json"), "PEM", AUTHKEY,
		ACTIVATION(""));
}

static void is_report(void)
{
	char hex[HASH_HEX_MAX], url[512];

	hash_data_hex(HASH_MD5, "a=tuya.device.versions.update||devId=" DEV
		      "||et=1||t=1700000000||v=4.1||" SEC_KEY, hex);
	snprintf(url, sizeof(url), "https://a.example/d.json"
		 "?a=tuya.device.versions.update&devId=" DEV
		 "&et=1&t=1700000000&v=4.1&sign=%s", hex);
	is_call(url, "PEM", SEC_KEY, "{\"versions\":\"[{\\\"otaChannel\\\":0,"
		"\\\"protocolVer\\\":\\\"2.2\\\","
		"\\\"baselineVer\\\":\\\"40.07\\\","
		"\\\"softVer\\\":\\\"1.0.0\\\"}]\",\"t\":1700000000}");
}

/* ---- MQTT ---- */

static void is_open(const char *host, const char *id, const char *password,
		    bool pem)
{
	char want[1024];

	snprintf(want, sizeof(want),
		 "%s 8883 id=%s user=%s password=%s clean=1 keepalive=120 "
		 "tls=%s will=-::0:0 timeout=5000", host, id, id, password,
		 pem ? "-" : "ca.pem");
	assert_string_equal(fake.clients[CLIENT - 1].open, want);
	snprintf(want, sizeof(want),
		 "ca=%s+- cert=- key=- verify=1 1.3=0 alpn=-",
		 pem ? "63" : "ca.pem");
	assert_string_equal(fake.clients[CLIENT - 1].tls, want);
}

static void is_tls(const char *want)
{
	assert_string_equal(fake.clients[CLIENT - 1].tls, want);
}

static void is_direct_open(void)
{
	is_open("m.example", "acon_" UUID, "dfe03f85d683de3c", true);
}

static void is_active_open(void)
{
	is_open("m.example", DEV, "61035123906e58e0", true);
}

static void suback(const char *topic, bool ok)
{
	struct fake_client *f = &fake.clients[CLIENT - 1];
	char want[128];

	snprintf(want, sizeof(want), "subscribe %d %s 1", CLIENT, topic);
	assert_string_equal(fake.call, want);
	fake_done(CLIENT, f->n_tokens - 1, ok);
}

static void is_called(const char *what)
{
	char want[32];

	snprintf(want, sizeof(want), "%s %d", what, CLIENT);
	assert_string_equal(fake.call, want);
}

/* A packet of the cloud's. */
static void push(const char *key, const char *json)
{
	uint8_t packet[1024] = "2.2CRC_\0\0\0\1\0\0\0\1";
	size_t len = strlen(json);
	size_t n = AES_BLOCK - len % AES_BLOCK;

	memcpy(packet + 15, json, len);
	memset(packet + 15 + len, (int)n, n);
	aes_ecb_encrypt((const uint8_t *)key, packet + 15, len + n);
	fake_message_bytes(CLIENT, 1, "topic", packet, 15 + len + n);
}

#define TOKEN \
	"{\"protocol\":46,\"t\":1,\"data\":{\"token\":\"Abcd1234\"," \
	"\"region\":\"EU\"}}"
#define RESET \
	"{\"protocol\":11,\"t\":1,\"data\":{\"gwId\":\"" DEV "\"}}"

/* ---- as far as ... ---- */

static void to_lookup(struct harness *h)
{
	say(h, START);
	expect(h, DIRECT("m2.tuyacn.com") OK EVENT(2));
	is_dns_request("");
}

static void to_open(struct harness *h)
{
	to_lookup(h);
	world_reply(200, DNS_ANSWER);
	is_direct_open();
}

static void to_wait(struct harness *h)
{
	to_open(h);
	fake_opened(CLIENT);
	suback("d/ai/" UUID, true);
	quiet(h);
}

static void to_token(struct harness *h)
{
	to_wait(h);
	push(AUTHKEY, TOKEN);
	is_called("close");
	quiet(h);
}

static void to_token_lookup(struct harness *h)
{
	to_token(h);
	fake_closed(CLIENT);
	is_dns_request("EU");
	quiet(h);
}

static void to_activation(struct harness *h)
{
	to_token_lookup(h);
	world_reply(200, DNS_ANSWER);
	expect(h, EVENT(3));
	is_activation();
}

static void to_report(struct harness *h)
{
	to_activation(h);
	atop_reply(AUTHKEY, RESULT(""));
	expect(h, EVENT(4));
	is_report();
}

static void to_active_open(struct harness *h)
{
	to_report(h);
	atop_reply(SEC_KEY, "{\"success\":true,\"t\":1}");
	is_active_open();
	quiet(h);
}

static void to_online(struct harness *h)
{
	to_active_open(h);
	fake_opened(CLIENT);
	quiet(h);
	suback("smart/device/in/" DEV, true);
	expect(h, EVENT(5));
}

/* ---- the way ---- */

static void bound_and_connected(void **state)
{
	struct harness *h = *state;
	struct stat st;
	char path[128];

	to_online(h);
	no_try(h);
	quiet(h);
	snprintf(path, sizeof(path), "%s/ttyTEST.tuya." UUID, dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void again_with_stored_data(void **state)
{
	struct harness *h = *state;

	to_online(h);
	harness_stop(h);
	harness_start(h);
	say(h, START);
	expect(h, ACTIVE("m.example") OK);
	is_dns_request("EU");
	world_reply(200, DNS_ANSWER);
	is_active_open();
	fake_opened(CLIENT);
	suback("smart/device/in/" DEV, true);
	expect(h, EVENT(5));
}

/* Data of one device are not another's. */
static void another_device_is_bound(void **state)
{
	struct harness *h = *state;

	to_online(h);
	say(h, STOP);
	fake_closed(CLIENT);
	expect(h, OK EVENT(6) EVENT(7));
	say(h, "AT+MQTTAUTHCFG=4,1,\"" PRODUCT "\",\"uuid2\",\"" AUTHKEY "\"");
	expect(h, LOGIN("m2.tuyacn.com", "acon_uuid2", "dfe03f85d683de3c") OK
	       EVENT(2));
	assert_true(is_stored());
}

static void stored_data_of_no_use(void **state)
{
	struct harness *h = *state;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/ttyTEST.tuya." UUID, dir);
	f = fopen(path, "w");
	fputs("{\"devId\":", f);
	fclose(f);
	to_online(h);
}

static void token_before_the_subscription_is_confirmed(void **state)
{
	struct harness *h = *state;

	to_open(h);
	fake_opened(CLIENT);
	push(AUTHKEY, TOKEN);
	is_called("close");
	fake_done(CLIENT, 0, false);
	fake_closed(CLIENT);
	is_dns_request("EU");
	quiet(h);
}

static void nowhere_to_store_it(void **state)
{
	struct harness *h = *state;

	h->cfg.state_dir = NULL;
	harness_stop(h);
	harness_start(h);
	to_online(h);
	push(LOCAL_KEY, RESET);
	fake_closed(CLIENT);
	expect(h, EVENT(1) EVENT(2));
}

/* ---- lost links ---- */

static void reconnected(void **state)
{
	struct harness *h = *state;
	int i;

	to_online(h);
	for (i = 0; i < 3; i++) {
		fake_lost(CLIENT, "closed by the broker");
		expect(h, EVENT(6));
		ceer(h, "Tuya: MQTT: closed by the broker");
		next_try(h);
		is_active_open();
		assert_false(world.pending);
		fake_opened(CLIENT);
		suback("smart/device/in/" DEV, true);
		expect(h, EVENT(5));
	}
}

/* A server that is not there any more may be elsewhere. */
static void asked_again_where(void **state)
{
	struct harness *h = *state;

	to_online(h);
	fake_lost(CLIENT, "closed by the broker");
	next_try(h);
	fake_refused(CLIENT, 702, "server unavailable");
	expect(h, EVENT(6));
	ceer(h, "702: Tuya: MQTT: server unavailable");
	next_try(h);
	is_dns_request("EU");
	world_reply(200, "{\"httpsSelfUrl\":{\"addr\":\"https://b/d.json\"},"
		    "\"mqttsSelfUrl\":{\"addr\":\"n.example:8883\"}}");
	is_open("n.example", DEV, "61035123906e58e0", false);
	fake_opened(CLIENT);
	suback("smart/device/in/" DEV, true);
	expect(h, EVENT(5));
	say(h, START);
	expect(h, ACTIVE("n.example") OK EVENT(5));
}

#define PRE "\"region\":\"EU\",\"env\":\"pre\"}"

/* Before the activation and after a restart */
static void asked_for_the_tokens_environment(void **state)
{
	struct harness *h = *state;

	to_wait(h);
	push(AUTHKEY, "{\"protocol\":46,\"data\":{\"token\":\"Abcd1234\","
	     "\"region\":\"EU\",\"env\":\"pre\"}}");
	fake_closed(CLIENT);
	assert_non_null(strstr(world.request, PRE));
	world_reply(200, DNS_ANSWER);
	atop_reply(AUTHKEY, RESULT(""));
	expect(h, EVENT(3) EVENT(4));
	harness_stop(h);
	harness_start(h);
	say(h, START);
	expect(h, ACTIVE("m.example") OK);
	assert_non_null(strstr(world.request, PRE));
}

/* What iot-dns told is better than the table. */
static void known_servers_stay(void **state)
{
	struct harness *h = *state;

	to_active_open(h);
	fake_refused(CLIENT, 0, "no answer");
	next_try(h);
	world_fail("no answer in time");
	is_active_open();
	quiet(h);
}

static void lost_while_waiting_for_the_app(void **state)
{
	struct harness *h = *state;

	to_wait(h);
	fake_lost(CLIENT, "no answer to a ping");
	quiet(h);
	ceer(h, "Tuya: MQTT: no answer to a ping");
	next_try(h);
	is_direct_open();
	fake_opened(CLIENT);
	suback("d/ai/" UUID, true);
	push(AUTHKEY, TOKEN);
	is_called("close");
	quiet(h);
}

static void refused_while_unbound(void **state)
{
	struct harness *h = *state;

	to_open(h);
	fake_refused(CLIENT, 704, "not authorized");
	quiet(h);
	ceer(h, "704: Tuya: MQTT: not authorized");
	next_try(h);
	is_dns_request("");
	world_reply(200, DNS_ANSWER);
	is_direct_open();
}

static void not_subscribed(void **state)
{
	struct harness *h = *state;

	to_open(h);
	fake_opened(CLIENT);
	suback("d/ai/" UUID, false);
	is_called("abort");
	ceer(h, "Tuya: MQTT: not subscribed");
	next_try(h);
	is_dns_request("");
	world_reply(200, DNS_ANSWER);
	fake.rc = -EAGAIN;
	fake_opened(CLIENT);
	is_called("abort");
	fake.rc = 0;
	next_try(h);
	is_dns_request("");
}

static void not_opened(void **state)
{
	struct harness *h = *state;

	to_lookup(h);
	fake.rc = -ENOMEM;
	world_reply(200, DNS_ANSWER);
	fake.rc = 0;
	ceer(h, "Tuya: MQTT: Cannot allocate memory");
	next_try(h);
	is_dns_request("");
}

static void find_timer(uv_handle_t *handle, void *due)
{
	if (handle->type == UV_TIMER && uv_is_active(handle))
		*(uint64_t *)due = uv_timer_get_due_in((uv_timer_t *)handle);
}

/* When the next try is: no other timer runs. */
static uint64_t due_in(struct harness *h)
{
	uint64_t due = 0;

	uv_walk(&h->loop, find_timer, &due);
	return due;
}

/* How long the @n-th failure in a row has the next try wait */
static uint64_t delay_after(struct harness *h, int n)
{
	uint64_t due = 0;

	for (; n; n--) {
		fake_refused(CLIENT, 0, "no answer");
		due = due_in(h);
		uplink(h, false);
		uplink(h, true);	/* at once */
		world_reply(200, DNS_ANSWER);
	}
	return due;
}

static void less_and_less_often(void **state)
{
	struct harness *h = *state;

	h->clouds.tuya.retry_min_ms = 1000;
	h->clouds.tuya.retry_max_ms = 8000;
	to_open(h);
	assert_int_equal(delay_after(h, 1), 1000);
	assert_int_equal(delay_after(h, 1), 2000);
	assert_int_equal(delay_after(h, 1), 4000);
	assert_int_equal(delay_after(h, 1), 8000);
	assert_int_equal(delay_after(h, 3), 8000);
}

static void often_again_after_a_success(void **state)
{
	struct harness *h = *state;

	h->clouds.tuya.retry_min_ms = 1000;
	h->clouds.tuya.retry_max_ms = 8000;
	to_active_open(h);
	assert_int_equal(delay_after(h, 3), 4000);
	fake_opened(CLIENT);
	suback("smart/device/in/" DEV, true);
	fake_lost(CLIENT, "closed by the broker");
	assert_int_equal(due_in(h), 1000);
}

/* ---- resets ---- */

#define TABLE_OPEN(host) \
	is_open(host, "acon_" UUID, "dfe03f85d683de3c", false)

static void reset_by_a_packet(void **state)
{
	struct harness *h = *state;

	to_online(h);
	assert_true(is_stored());
	push(LOCAL_KEY, RESET);
	expect(h, EVENT(1));
	assert_false(is_stored());
	is_called("close");
	fake_closed(CLIENT);
	expect(h, EVENT(2));
	is_dns_request("");
	world_fail("no answer in time");
	TABLE_OPEN("m2.tuyacn.com");	/* no server of the old region */
}

/* The cloud is told who it was. */
static void activated_again(void **state)
{
	struct harness *h = *state;

	to_online(h);
	push(LOCAL_KEY, RESET);
	fake_closed(CLIENT);
	world_reply(200, DNS_ANSWER);
	fake_opened(CLIENT);
	suback("d/ai/" UUID, true);
	push(AUTHKEY, TOKEN);
	fake_closed(CLIENT);
	world_reply(200, DNS_ANSWER);
	is_call(ACTIVATE_URL("https://a.example/d.json"), "PEM", AUTHKEY,
		ACTIVATION("\"devId\":\"" DEV "\","));
	atop_reply(AUTHKEY, RESULT(""));
	expect(h, EVENT(1) EVENT(2) EVENT(3) EVENT(4));
	assert_true(is_stored());
}

static void reset_by_a_refusal(void **state)
{
	struct harness *h = *state;

	to_active_open(h);
	assert_true(is_stored());
	fake_refused(CLIENT, 704, "not authorized");
	expect(h, EVENT(1) EVENT(2));
	assert_false(is_stored());
	is_dns_request("");
}

static void reset_after_a_lost_link(void **state)
{
	struct harness *h = *state;

	to_online(h);
	fake_lost(CLIENT, "closed by the broker");
	next_try(h);
	fake_refused(CLIENT, 704, "not authorized");
	expect(h, EVENT(6) EVENT(1) EVENT(2));
	assert_false(is_stored());
}

static void other_refusals_are_no_reset(void **state)
{
	struct harness *h = *state;

	to_active_open(h);
	fake_refused(CLIENT, 703, "bad user name or password");
	quiet(h);
	assert_true(is_stored());
	next_try(h);
	is_dns_request("EU");
}

static void reset_by_the_activation(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	atop_reply(AUTHKEY, RESULT(",\"resetFactory\":true"));
	expect(h, EVENT(1) EVENT(2));
	assert_false(is_stored());
	is_dns_request("");
}

static void no_reset_by_the_activation(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	atop_reply(AUTHKEY, RESULT(",\"resetFactory\":false"));
	expect(h, EVENT(4));
}

static void messages_of_no_concern(void **state)
{
	static const char *const texts[] = {
		"{\"protocol\":11,\"data\":{\"gwId\":\"another\"}}",
		"{\"protocol\":5,\"data\":{\"dps\":{\"1\":true}}}",
		TOKEN, "{}",
	};
	struct harness *h = *state;
	size_t i;

	to_online(h);
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		push(LOCAL_KEY, texts[i]);
	push(AUTHKEY, RESET);
	fake_message(CLIENT, 1, "topic", "");
	fake_message(CLIENT, 1, "topic", "2.2");
	fake_message(CLIENT, 1, "topic", "not a packet of Tuya's at all ...");
	quiet(h);
	assert_true(is_stored());
	assert_int_equal(fake.ended, 8 + 1);
}

static void unbound_and_of_no_concern(void **state)
{
	struct harness *h = *state;

	to_wait(h);
	push(AUTHKEY, RESET);
	push(AUTHKEY, "{\"protocol\":46,\"data\":{\"token\":\"t\"}}");
	push(LOCAL_KEY, TOKEN);
	quiet(h);
	push(AUTHKEY, TOKEN);
	is_called("close");
	push(AUTHKEY, TOKEN);		/* a second one comes too late */
	assert_false(world.pending);
	fake_closed(CLIENT);
	is_dns_request("EU");
}

/* ---- iot-dns ---- */

static void without_dns(void **state)
{
	static const char *const bad[] = {
		"", "{}", "<html>", "{\"httpsSelfUrl\":{\"addr\":1}}",
	};
	struct harness *h = *state;
	size_t i;

	to_lookup(h);
	world_fail("certificate not trusted");
	TABLE_OPEN("m2.tuyacn.com");
	ceer(h, "Tuya: iot-dns: certificate not trusted");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		fake_refused(CLIENT, 0, "no answer");
		next_try(h);
		world_reply(200, bad[i]);
		TABLE_OPEN("m2.tuyacn.com");
		ceer(h, "Tuya: iot-dns: the answer is not understood");
	}
	fake_refused(CLIENT, 0, "no answer");
	next_try(h);
	world_reply(500, DNS_ANSWER);
	TABLE_OPEN("m2.tuyacn.com");
	ceer(h, "Tuya: iot-dns: HTTP status 500");
}

static void table_of_the_tokens_region(void **state)
{
	struct harness *h = *state;

	to_token_lookup(h);
	world_fail("no answer in time");
	expect(h, EVENT(3));
	is_call(ACTIVATE_URL("https://a2.tuyaeu.com/d.json"), "ca.pem", AUTHKEY,
		ACTIVATION(""));
	atop_reply(AUTHKEY, RESULT(""));
	atop_reply(SEC_KEY, "{\"success\":true}");
	is_open("m2.tuyaeu.com", DEV, "61035123906e58e0", false);
}

static void servers_by_configuration(void **state)
{
	struct harness *h = *state;

	h->clouds.tuya.dns_url = (char *)"";
	h->clouds.tuya.mqtt_host = (char *)"mine.example";
	h->clouds.tuya.atop_url = (char *)"https://mine.example/d";
	say(h, START);
	expect(h, DIRECT("mine.example") OK EVENT(2));
	assert_false(world.pending);
	TABLE_OPEN("mine.example");
	fake_opened(CLIENT);
	suback("d/ai/" UUID, true);
	push(AUTHKEY, TOKEN);
	fake_closed(CLIENT);
	expect(h, EVENT(3));
	is_call(ACTIVATE_URL("https://mine.example/d"), "ca.pem", AUTHKEY,
		ACTIVATION(""));
}

/* As for the next MQTTOPEN, but for what iot-dns told */
static void what_servers_are_to_prove(void **state)
{
	struct harness *h = *state;

	say(h, "AT+GTSSLMODE=0");
	expect_ok(h);
	to_lookup(h);
	say(h, "AT+GTSSLVER=5");
	expect_ok(h);
	world_reply(200, DNS_ANSWER);
	is_tls("ca=63+- cert=- key=- verify=0 1.3=1 alpn=-");
	fake_refused(CLIENT, 0, "no answer");
	h->clouds.tuya.ca = (char *)"tuya.pem";
	next_try(h);
	world_fail("no answer in time");
	is_tls("ca=63+- cert=- key=- verify=0 1.3=1 alpn=-");
	say(h, "AT+CFUN=15");
	h->out_len = 0;
	say(h, START);
	assert_non_null(strstr(world.request, " ca=tuya.pem "));
	world_fail("no answer in time");
	is_tls("ca=tuya.pem+- cert=- key=- verify=1 1.3=0 alpn=-");
	h->out_len = 0;
}

static void requests_that_cannot_be_made(void **state)
{
	struct harness *h = *state;

	world.refuses = true;
	say(h, START);
	expect(h, DIRECT("m2.tuyacn.com") OK EVENT(2));
	TABLE_OPEN("m2.tuyacn.com");
	fake_opened(CLIENT);
	suback("d/ai/" UUID, true);
	push(AUTHKEY, TOKEN);
	fake_closed(CLIENT);
	expect(h, EVENT(3));
	ceer(h, "Tuya: activation: the request cannot be made");
	world.refuses = false;
	next_try(h);
	world.refuses = true;
	atop_reply(AUTHKEY, RESULT(""));
	expect(h, EVENT(4));
	is_open("m2.tuyaeu.com", DEV, "61035123906e58e0", false);
}

/* ---- activation ---- */

static void bound_again(struct harness *h, const char *why)
{
	expect(h, EVENT(2));
	is_dns_request("");
	ceer(h, why);
	assert_false(is_stored());
}

static void activation_not_answered(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	world_fail("no answer in time");
	bound_again(h, "Tuya: activation: no answer in time");
}

static void activation_not_served(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	world_reply(502, "<html>");
	bound_again(h, "Tuya: activation: HTTP status 502");
}

static void activation_not_understood(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	world_reply(200, "{\"result\":\"MDEy\"}");
	bound_again(h, "Tuya: activation: the answer is not understood");
}

static void activation_under_another_key(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	atop_reply(SEC_KEY, RESULT(""));
	bound_again(h, "Tuya: activation: the answer is not understood");
}

static void activation_that_lacks_something(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	atop_reply(AUTHKEY, "{\"success\":true,\"result\":{\"devId\":\"d\"}}");
	bound_again(h, "Tuya: activation: the answer lacks something");
}

static void activation_of_an_unknown_device(void **state)
{
	struct harness *h = *state;

	to_activation(h);
	atop_reply(AUTHKEY, REFUSED("GATEWAY_NOT_EXISTS"));
	bound_again(h, "Tuya: activation: refused: GATEWAY_NOT_EXISTS why not");
}

static void activation_refused_for_now(void **state)
{
	struct harness *h = *state;
	int i;

	to_activation(h);
	for (i = 0; i < 3; i++) {
		atop_reply(AUTHKEY, REFUSED("BUSY\\u001b"));
		quiet(h);
		ceer(h, "Tuya: activation: refused: BUSY  why not");
		next_try(h);
		is_activation();
	}
	atop_reply(AUTHKEY, RESULT(""));
	expect(h, EVENT(4));
}

static void report_of_no_effect(void **state)
{
	struct harness *h = *state;

	to_report(h);
	world_fail("no answer in time");
	is_active_open();
	ceer(h, "Tuya: version: no answer in time");
}

static void report_refused(void **state)
{
	struct harness *h = *state;

	to_report(h);
	atop_reply(SEC_KEY, REFUSED("NO"));
	is_active_open();
	ceer(h, "Tuya: version: refused: NO why not");
}

/* ---- stop ---- */

/* Before there is a session to close. */
static void stopped_at(struct harness *h)
{
	say(h, STOP);
	expect(h, OK EVENT(7));
	assert_false(world.pending);
	assert_null(fake.clients[CLIENT - 1].client);
	no_try(h);
}

static void stopped_in_a_lookup(void **state)
{
	to_lookup(*state);
	stopped_at(*state);
}

static void stopped_in_an_open(void **state)
{
	to_open(*state);
	stopped_at(*state);
}

static void stopped_with_a_token(void **state)
{
	to_token(*state);
	stopped_at(*state);
}

static void stopped_in_the_activation(void **state)
{
	to_activation(*state);
	stopped_at(*state);
}

static void stopped_before_a_retry(void **state)
{
	to_open(*state);
	fake_refused(CLIENT, 0, "no answer");
	stopped_at(*state);
}

static void stopped_in_the_report(void **state)
{
	to_report(*state);
	stopped_at(*state);
	assert_true(is_stored());
}

static void stopped_while_waiting_for_the_app(void **state)
{
	struct harness *h = *state;

	to_wait(h);
	say(h, STOP);
	expect(h, OK);
	is_called("close");
	fake_closed(CLIENT);
	expect(h, EVENT(7));
	say(h, STOP);
	expect(h, OK);
}

static void stopped_online(void **state)
{
	struct harness *h = *state;

	to_online(h);
	say(h, STOP ",\"\",\"\",\"\"");
	expect(h, OK);
	is_called("close");
	say(h, STOP);
	expect(h, OK);
	fake_closed(CLIENT);
	expect(h, EVENT(6) EVENT(7));
	assert_true(is_stored());
	assert_null(fake.clients[CLIENT - 1].client);
	no_try(h);
}

/* 6 was told. */
static void stopped_after_a_lost_link(void **state)
{
	struct harness *h = *state;

	to_online(h);
	fake_lost(CLIENT, "closed by the broker");
	expect(h, EVENT(6));
	stopped_at(h);
}

static void stopped_without_a_start(void **state)
{
	say(*state, STOP);
	expect(*state, OK);
}

static void started_while_it_stops(void **state)
{
	struct harness *h = *state;

	to_online(h);
	say(h, STOP);
	expect(h, OK);
	say(h, START);
	expect(h, ACTIVE("m.example") OK EVENT(6) EVENT(7));
	is_dns_request("EU");
	world_reply(200, DNS_ANSWER);
	fake_opened(CLIENT);
	suback("smart/device/in/" DEV, true);
	expect(h, EVENT(5));
}

/* The host may have restarted: it hears how far it is. */
static void started_twice(void **state)
{
	struct harness *h = *state;

	to_wait(h);
	say(h, START);
	expect(h, DIRECT("m.example") OK EVENT(2));
	push(AUTHKEY, TOKEN);
	fake_closed(CLIENT);
	world_reply(200, DNS_ANSWER);
	atop_reply(AUTHKEY, RESULT(""));
	atop_reply(SEC_KEY, "{\"success\":true}");
	fake_opened(CLIENT);
	suback("smart/device/in/" DEV, true);
	expect(h, EVENT(3) EVENT(4) EVENT(5));
	say(h, START);
	expect(h, ACTIVE("m.example") OK EVENT(5));
}

static void another_device_while_one_runs(void **state)
{
	struct harness *h = *state;

	to_wait(h);
	say(h, "AT+CMEE=1");
	expect_ok(h);
	say(h, "AT+MQTTAUTHCFG=4,1,\"p\",\"u\",\"" AUTHKEY "\"");
	expect_cme(h, 3);
	ceer(h, "3: Tuya: another device runs");
	push(AUTHKEY, TOKEN);
	is_called("close");
}

/* ---- parameters ---- */

static void bad_parameters(void **state)
{
	static const char *const lines[] = {
		"AT+MQTTAUTHCFG=4",
		"AT+MQTTAUTHCFG=4,",
		"AT+MQTTAUTHCFG=4,2",
		"AT+MQTTAUTHCFG=4,1",
		"AT+MQTTAUTHCFG=4,1,\"p\"",
		"AT+MQTTAUTHCFG=4,1,\"p\",\"u\"",
		"AT+MQTTAUTHCFG=4,1,\"p\",\"u\",\"0123456789abcde\"",
		"AT+MQTTAUTHCFG=4,1,\"\",\"u\",\"" AUTHKEY "\"",
		"AT+MQTTAUTHCFG=4,1,\"p\",\"\",\"" AUTHKEY "\"",
		"AT+MQTTAUTHCFG=4,1,\"p\",\"../u\",\"" AUTHKEY "\"",
		"AT+MQTTAUTHCFG=4,1,\"p\",\"u#\",\"" AUTHKEY "\"",
		"AT+MQTTAUTHCFG=4,1,\"p&\",\"u\",\"" AUTHKEY "\"",
		START ",1",
	};
	struct harness *h = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		say(h, lines[i]);
		expect_cme(h, 50);
	}
	assert_int_equal(world.requests, 0);
}

static void longest_parameters(void **state)
{
	struct harness *h = *state;
	char text[600], id[130] = { 0 };

	memset(id, 'u', 129);
	snprintf(text, sizeof(text), "AT+MQTTAUTHCFG=4,1,\"p\",\"%s\",\"%s\"",
		 id, AUTHKEY);
	say(h, text);
	expect_cme(h, 24);
	id[128] = '\0';
	snprintf(text, sizeof(text), "AT+MQTTAUTHCFG=4,1,\"p\",\"%s\",\"%s\"",
		 id, id);
	say(h, text);
	assert_non_null(strstr(h->out, "OK"));
	assert_non_null(strstr(h->out, "4,2"));
	h->out_len = 0;
}

/* ---- service ---- */

static void started_without_service(void **state)
{
	struct harness *h = *state;

	uplink(h, false);
	say(h, START);
	expect(h, DIRECT("m2.tuyacn.com") OK EVENT(2));
	assert_false(world.pending);
	no_try(h);
	uplink(h, true);
	is_dns_request("");
	quiet(h);
}

/* What was under way is begun again. */
static void service_lost_and_back(void **state)
{
	struct harness *h = *state;

	to_lookup(h);
	uplink(h, false);
	assert_false(world.pending);
	uplink(h, true);
	is_dns_request("");
	world_reply(200, DNS_ANSWER);
	uplink(h, false);
	is_called("abort");
	no_try(h);
	uplink(h, true);
	is_direct_open();
	fake_opened(CLIENT);
	suback("d/ai/" UUID, true);
	uplink(h, false);
	is_called("abort");
	uplink(h, true);
	is_direct_open();
	quiet(h);
}

static void service_lost_with_a_token(void **state)
{
	struct harness *h = *state;

	to_token(h);
	uplink(h, false);
	no_try(h);
	uplink(h, true);
	is_dns_request("EU");
	world_reply(200, DNS_ANSWER);
	expect(h, EVENT(3));
	uplink(h, false);
	uplink(h, true);
	is_activation();
	quiet(h);
}

static void service_lost_online(void **state)
{
	struct harness *h = *state;

	to_online(h);
	uplink(h, false);
	expect(h, EVENT(6));
	no_try(h);
	say(h, "AT+CFUN=0");
	expect_ok(h);
	uplink(h, true);
	no_try(h);
	say(h, "AT+CFUN=1");
	expect_ok(h);
	is_active_open();
	fake_opened(CLIENT);
	suback("smart/device/in/" DEV, true);
	expect(h, EVENT(5));
}

/* The address changed: the old connections are dead. */
static void another_address(void **state)
{
	struct uplink_status status = { .cuts = 1 };
	struct harness *h = *state;

	to_online(h);
	fake.clients[CLIENT - 1].open[0] = '\0';
	at_session_uplink(h->session, &status);
	expect(h, EVENT(6));
	is_active_open();
}

static void service_lost_while_a_retry_is_due(void **state)
{
	struct harness *h = *state;

	to_open(h);
	fake_refused(CLIENT, 0, "no answer");
	uplink(h, false);
	no_try(h);
	uplink(h, true);
	is_dns_request("");
}

static void service_lost_while_resetting(void **state)
{
	struct harness *h = *state;

	to_online(h);
	push(LOCAL_KEY, RESET);
	expect(h, EVENT(1));
	uplink(h, false);
	expect(h, EVENT(2));
	no_try(h);
	uplink(h, true);
	is_dns_request("");
}

static void service_lost_while_stopping(void **state)
{
	struct harness *h = *state;

	to_online(h);
	say(h, STOP);
	expect(h, OK);
	uplink(h, false);
	expect(h, EVENT(6) EVENT(7));
	uplink(h, true);
	no_try(h);
}

/* As power-off: the host has to start it again. */
static void restarted_module(void **state)
{
	struct harness *h = *state;

	to_online(h);
	say(h, "AT+CFUN=15");
	expect(h, OK "\\r\\nAT command ready\\r\\n\\r\\n+SIM READY\\r\\n");
	assert_null(fake.clients[CLIENT - 1].client);
	assert_true(is_stored());
	no_try(h);
	say(h, START);
	expect(h, ACTIVE("m.example") OK);
	is_dns_request("EU");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(bound_and_connected),
		TEST(again_with_stored_data),
		TEST(another_device_is_bound),
		TEST(stored_data_of_no_use),
		TEST(token_before_the_subscription_is_confirmed),
		TEST(nowhere_to_store_it),
		TEST(reconnected),
		TEST(asked_again_where),
		TEST(asked_for_the_tokens_environment),
		TEST(known_servers_stay),
		TEST(lost_while_waiting_for_the_app),
		TEST(refused_while_unbound),
		TEST(not_subscribed),
		TEST(not_opened),
		TEST(less_and_less_often),
		TEST(often_again_after_a_success),
		TEST(reset_by_a_packet),
		TEST(activated_again),
		TEST(reset_by_a_refusal),
		TEST(reset_after_a_lost_link),
		TEST(other_refusals_are_no_reset),
		TEST(reset_by_the_activation),
		TEST(no_reset_by_the_activation),
		TEST(messages_of_no_concern),
		TEST(unbound_and_of_no_concern),
		TEST(without_dns),
		TEST(table_of_the_tokens_region),
		TEST(servers_by_configuration),
		TEST(what_servers_are_to_prove),
		TEST(requests_that_cannot_be_made),
		TEST(activation_not_answered),
		TEST(activation_not_served),
		TEST(activation_not_understood),
		TEST(activation_under_another_key),
		TEST(activation_that_lacks_something),
		TEST(activation_of_an_unknown_device),
		TEST(activation_refused_for_now),
		TEST(report_of_no_effect),
		TEST(report_refused),
		TEST(stopped_in_a_lookup),
		TEST(stopped_in_an_open),
		TEST(stopped_with_a_token),
		TEST(stopped_in_the_activation),
		TEST(stopped_before_a_retry),
		TEST(stopped_in_the_report),
		TEST(stopped_while_waiting_for_the_app),
		TEST(stopped_online),
		TEST(stopped_after_a_lost_link),
		TEST(stopped_without_a_start),
		TEST(started_while_it_stops),
		TEST(started_twice),
		TEST(another_device_while_one_runs),
		TEST(bad_parameters),
		TEST(longest_parameters),
		TEST(started_without_service),
		TEST(service_lost_and_back),
		TEST(service_lost_with_a_token),
		TEST(service_lost_online),
		TEST(another_address),
		TEST(service_lost_while_a_retry_is_due),
		TEST(service_lost_while_resetting),
		TEST(service_lost_while_stopping),
		TEST(restarted_module),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
