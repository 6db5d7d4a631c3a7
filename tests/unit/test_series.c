// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a host sees of its series, the specification's section 3; and the MQTT
 * commands of section 2 byte by byte for two of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/profile.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define PROMPT	"\\r\\n>\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

/* The 18 series of the manual's table, models that differ, and generic. */
static const struct series {
	const char *model;
	bool sn, auth, tls, will;	/* will: by Datasize */
	unsigned int user, password, client_id;
	unsigned int sn_client_id;	/* 0: no MQTT-SN */
	unsigned int send, msg, read;
	bool plain_imei, echo_cr, tls1;
} series[] = {
#define A1024	1024, 1024, 1024
#define A128	128, 128, 256
#define A256	128, 256, 256
#define USUAL	1024, 1500, 1500
	/* model  SN AUTH TLS WILL  USER  SNCID  payloads  IMEI echo TLS 1 */
	{ "L610", 1, 1, 1, 0, A1024, 1024, USUAL, 0, 1, 0 },
	{ "L61x", 0, 0, 1, 0, A1024, 0, USUAL, 0, 1, 0 },
	{ "LC610N", 1, 1, 0, 0, A1024, 256, USUAL, 0, 1, 0 },
	{ "LC61x", 0, 0, 1, 0, A1024, 0, USUAL, 0, 1, 0 },
	{ "LG61x", 0, 0, 1, 0, A1024, 0, USUAL, 0, 1, 0 },
	{ "MC610", 1, 1, 1, 0, A1024, 23, USUAL, 1, 1, 0 },
	{ "MC615", 1, 1, 0, 0, A1024, 256, USUAL, 1, 1, 0 },
	{ "MC61x", 0, 0, 1, 0, A1024, 0, USUAL, 0, 1, 0 },
	{ "MG61x", 0, 0, 1, 0, A1024, 0, USUAL, 0, 1, 0 },
	{ "NL66x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "NL668-AM", 0, 0, 0, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MC11x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MG11x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "LC11x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "L71x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MS18x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MC91x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MC901x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MC10x", 0, 0, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "MC100E", 1, 0, 1, 0, A128, 23, 1024, 1024, 1024, 0, 1, 0 },
	{ "MA51x", 1, 0, 1, 0, A128, 256, USUAL, 0, 1, 0 },
	{ "MA510", 1, 0, 1, 0, A128, 23, 1024, 1024, 1024, 0, 1, 0 },
	{ "LE", 0, 1, 1, 0, A256, 0, USUAL, 0, 1, 0 },
	{ "LE270", 0, 1, 1, 0, A256, 0, USUAL, 0, 1, 0 },
	{ "LE13x", 0, 1, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "LE17x", 0, 1, 1, 0, A128, 0, USUAL, 0, 1, 0 },
	{ "G510", 0, 0, 1, 1, A128, 0, USUAL, 0, 1, 1 },
	{ "FG13x", 0, 0, 1, 1, A256, 0, USUAL, 0, 1, 0 },
	{ "MC66x", 0, 1, 1, 1, A256, 0, USUAL, 0, 1, 0 },
	{ "MC665", 0, 1, 1, 1, A256, 0, USUAL, 0, 0, 0 },
	{ "MG66x", 0, 1, 1, 1, A256, 0, USUAL, 0, 1, 0 },
	{ "generic", 1, 1, 1, 1, A1024, 1024, 16384, 16384, 16384, 0, 1, 0 },
};

#define N_SERIES (sizeof(series) / sizeof(series[0]))

static void the_table_is_the_specifications(void **state)
{
	const struct profile *p;
	const struct series *m;

	(void)state;
	for (m = series; m < series + N_SERIES; m++) {
		print_message("%s\n", m->model);
		p = profile_find(m->model);
		assert_non_null(p);
		assert_int_equal(p->abilities,
				 (m->sn ? PROFILE_SN : 0) |
				 (m->auth ? PROFILE_AUTH : 0) |
				 (m->tls ? PROFILE_TLS : 0) |
				 (m->will ? PROFILE_WILL_DATA : 0));
		assert_int_equal(p->user_max, m->user);
		assert_int_equal(p->password_max, m->password);
		assert_int_equal(p->client_id_max, m->client_id);
		assert_int_equal(p->sn_client_id_max, m->sn_client_id);
		assert_int_equal(p->send_max, m->send);
		assert_int_equal(p->msg_max, m->msg);
		assert_int_equal(p->read_max, m->read);
		assert_int_equal(p->plain_imei, m->plain_imei);
		assert_int_equal(p->echo_cr, m->echo_cr);
		assert_int_equal(p->tls1_is_tls, m->tls1);
	}
}

static void ask(struct harness *h, const char *line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void ask(struct harness *h, const char *line, const char *fmt, ...)
{
	char answer[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(answer, sizeof(answer), fmt, ap);
	va_end(ap);
	say(h, line);
	expect(h, answer);
}

static void test_forms(struct harness *h, const struct series *m)
{
	const char *ids = m->sn ? "1,2,101,102" : "1,2";

	ask(h, "AT+MQTTUSER=?", T("+MQTTUSER: (1,2),%u,%u[,%u]") OK, m->user,
	    m->password, m->client_id);
	ask(h, "AT+MQTTOPEN=?", T("+MQTTOPEN: (%s),(<\"Remote IP/URL\">),"
				  "(1-65535),(0,1),(1-300)[,(%s)]") OK,
	    ids, m->tls ? "0-2" : "0");
	ask(h, "AT+MQTTCLOSE=?", T("+MQTTCLOSE: (%s)") OK, ids);
	ask(h, "AT+MQTTSUB=?", T("+MQTTSUB: (%s),255,(0-2)") OK, ids);
	ask(h, "AT+MQTTUNSUB=?", T("+MQTTUNSUB: (%s),255") OK, ids);
	ask(h, "AT+MQTTPUB=?", T("+MQTTPUB: (%s),255,(0-2),(0,1),%u") OK, ids,
	    m->send);
	ask(h, "AT+MQTTCONF=?", T("+MQTTCONF: (0,1)") OK);
	ask(h, "AT+MQTTREAD=?", T("+MQTTREAD: (%s)") OK, ids);
	ask(h, "AT+MQTTWILL=?", T("+MQTTWILL: (%s),255,(0-2),(0,1),%u") OK,
	    ids, m->send);
	if (!m->sn)
		return;
	ask(h, "AT+MQTTSNCID=?", T("+MQTTSNCID: (101,102),%u") OK,
	    m->sn_client_id);
	ask(h, "AT+MQTTSNREG=?", T("+MQTTSNREG: (101,102),255") OK);
	ask(h, "AT+MQTTWTOPICUD=?",
	    T("+MQTTWTOPICUD: (101,102),(0-2),(0,1),255") OK);
	ask(h, "AT+MQTTWMSGUD=?", T("+MQTTWMSGUD: (101,102),%u") OK, m->send);
}

/* Unknown is ERROR whatever CMEE says, and for the test form, too. */
static void missing(struct harness *h, const char *name, bool exists)
{
	char line[32];

	if (exists)
		return;
	snprintf(line, sizeof(line), "AT+%s=?", name);
	ask(h, line, ERROR);
	snprintf(line, sizeof(line), "AT+%s?", name);
	ask(h, line, ERROR);
	snprintf(line, sizeof(line), "AT+%s=1,1,1,1", name);
	ask(h, line, ERROR);
}

static void what_it_lacks(struct harness *h, const struct series *m)
{
	static const char *const sn[] = { "MQTTSNCID", "MQTTSNREG",
					  "MQTTWTOPICUD", "MQTTWMSGUD" };
	static const char *const auth[] = { "MQTTAUTHCFG", "MQTTAUTHDYN" };
	static const char *const tls[] = { "GTSSLVER", "GTSSLMODE",
					   "GTSSLFILE" };
	size_t i;

	for (i = 0; i < 4; i++)
		missing(h, sn[i], m->sn);
	for (i = 0; i < 2; i++)
		missing(h, auth[i], m->auth);
	for (i = 0; i < 3; i++)
		missing(h, tls[i], m->tls);
	if (!m->sn)
		ask(h, "AT+MQTTREAD=102", CME(50));
	if (!m->sn)
		ask(h, "AT+MQTTOPEN=101,\"h\",1883,1,60", CME(50));
	if (!m->tls)
		ask(h, "AT+MQTTOPEN=1,\"h\",8883,1,60,2", CME(50));
	ask(h, "AT+MQTTOPEN=1,\"h\",8883,1,60,1", "%s",
	    m->tls1 ? OK : CME(50));
}

static void strings(struct harness *h, const struct series *m)
{
	char line[64];

	snprintf(line, sizeof(line),
		 "AT+MQTTUSER=1,\"{%u*u}\",\"{%u*p}\",\"{%u*c}\"", m->user,
		 m->password, m->client_id);
	ask(h, line, OK);
	snprintf(line, sizeof(line), "AT+MQTTUSER=1,\"{%u*u}\",\"p\"",
		 m->user + 1);
	ask(h, line, CME(24));
	snprintf(line, sizeof(line), "AT+MQTTUSER=1,\"u\",\"{%u*p}\"",
		 m->password + 1);
	ask(h, line, CME(24));
	snprintf(line, sizeof(line), "AT+MQTTUSER=1,\"u\",\"p\",\"{%u*c}\"",
		 m->client_id + 1);
	ask(h, line, CME(24));
	if (!m->sn)
		return;
	snprintf(line, sizeof(line), "AT+MQTTSNCID=101,\"{%u*c}\"",
		 m->sn_client_id);
	ask(h, line, OK);
	snprintf(line, sizeof(line), "AT+MQTTSNCID=101,\"{%u*c}\"",
		 m->sn_client_id + 1);
	ask(h, line, ERROR);
}

static void data_sizes(struct harness *h, const struct series *m)
{
	char line[64];

	snprintf(line, sizeof(line), "AT+MQTTPUB=2,\"t\",0,0,%u", m->send);
	ask(h, line, PROMPT);
	snprintf(line, sizeof(line), "AT+MQTTPUB=2,\"t\",0,0,%u", m->send + 1);
	ask(h, line, ERROR);
	snprintf(line, sizeof(line), "AT+MQTTWILL=1,\"t\",0,0,%u", m->send);
	ask(h, line, "%s", m->will ? PROMPT : ERROR);
	ask(h, "AT+MQTTWILL=1,\"t\",0,0,0", "%s", m->will ? OK : ERROR);
}

/* A payload of the limit comes, one of a byte more does not. */
static void received(struct harness *h, const struct series *m)
{
	char *payload = malloc(m->msg + 1);
	char text[128];

	memset(payload, 'x', m->msg + 1);
	fake_message_bytes(2, 0, "t", payload, m->msg);
	snprintf(text, sizeof(text),
		 T("+MQTTMSG: 2,0,\"t\",\"{%u*x}\""), m->msg);
	expect(h, text);
	fake_message_bytes(2, 0, "t", payload, m->msg + 1);
	expect(h, "");
	ask(h, "AT+MQTTCONF=1", OK);
	fake_message_bytes(2, 0, "t", payload, m->read);
	snprintf(text, sizeof(text), T("+MQTTMSGI: 2,0,1,%u"), m->read);
	expect(h, text);
	fake_message_bytes(2, 0, "t", payload, m->read + 1);
	expect(h, "");
	ask(h, "AT+MQTTREAD=2", T("+MQTTREAD: 2,0,1,%u,\"t\",\"{%u*x}\"") OK,
	    m->read, m->read);
	ask(h, "AT+MQTTREAD=2", T("+MQTTREAD: 2,0,0,0") OK);
	free(payload);
}

static void a_host_sees_its_series_and_no_other(void **state)
{
	const struct series *m;
	struct harness h;

	(void)state;
	for (m = series; m < series + N_SERIES; m++) {
		print_message("%s\n", m->model);
		harness_configure(&h, m->model);
		harness_start(&h);
		test_forms(&h, m);
		what_it_lacks(&h, m);
		strings(&h, m);
		open_client(&h, 2, true);
		assert_non_null(strstr(fake.clients[1].open, m->plain_imei ?
				       "id=123456789012345 " :
				       "id=1234567890123452 "));
		data_sizes(&h, m);
		received(&h, m);
		harness_stop(&h);
	}
}

/*
 * Section 2, a life in commands.  A line that starts with "<" is what the
 * broker does, with "=" the data that the prompt asked for.
 */
static const struct {
	const char *line;
	const char *l610;
	const char *mc665;	/* NULL: the same */
} life[] = {
	{ "AT+MQTTUSER=?", T("+MQTTUSER: (1,2),1024,1024[,1024]") OK,
	  T("+MQTTUSER: (1,2),128,256[,256]") OK },
	{ "AT+MQTTUSER?", OK, NULL },
	{ "AT+MQTTUSER=1,\"user\",\"password\",\"clientid\"", OK, NULL },
	{ "AT+MQTTUSER=2,\"user\",\"password\"", OK, NULL },
	{ "AT+MQTTUSER?",
	  T("+MQTTUSER: 1,\"user\",\"password\",\"clientid\"")
	  T("+MQTTUSER: 2,\"user\",\"password\"") OK, NULL },
	{ "AT+MQTTUSER=0,\"user\",\"password\"", CME(50), NULL },
	{ "AT+MQTTWILL?", OK, NULL },
	{ "AT+MQTTWILL=1,\"w\",1,1,\"gone\"", OK, NULL },
	{ "AT+MQTTWILL?", T("+MQTTWILL: 1,\"w\",1,1,\"gone\"") OK, NULL },
	{ "AT+MQTTWILL=2,\"w\",0,0,4", ERROR, PROMPT },
	{ "=dead", NULL, OK },
	{ "AT+MQTTWILL?", T("+MQTTWILL: 1,\"w\",1,1,\"gone\"") OK,
	  T("+MQTTWILL: 1,\"w\",1,1,\"gone\"")
	  T("+MQTTWILL: 2,\"w\",0,0,\"dead\"") OK },
	{ "AT+MQTTOPEN?", T("+MQTTOPEN: 1,2,101,102") OK,
	  T("+MQTTOPEN: 1,2") OK },
	{ "AT+MQTTCLOSE?", T("+MQTTCLOSE: 0") OK, NULL },
	{ "AT+MQTTCLOSE=1", ERROR, NULL },
	{ "AT+MQTTSUB=1,\"t\",0", ERROR, NULL },
	{ "AT+MQTTUNSUB=1,\"t\"", ERROR, NULL },
	{ "AT+MQTTPUB=1,\"t\",0,0,\"x\"", ERROR, NULL },
	{ "AT+MQTTPUB=1,\"t\",0,0,3", ERROR, NULL },
	{ "AT+MQTTREAD=1", T("+MQTTREAD: 1,0,0,0") OK, NULL },
	{ "AT+MQTTOPEN=1,\"h\",1883,1,60,1", CME(50), NULL },
	{ "AT+MQTTOPEN=1,\"h\",8883,1,60,2", OK, NULL },
	{ "<refused", T("+MQTTOPEN: 1,0"), NULL },
	{ "AT+CEER", T("+CEER: \"704: not authorized (h:8883)\"") OK, NULL },
	{ "AT+MQTTOPEN=1,\"h\",1883,1,60", OK, NULL },
	{ "AT+MQTTOPEN=1,\"h\",1883,1,60", CME(3), NULL },
	{ "<opened", T("+MQTTOPEN: 1,1"), NULL },
	{ "AT+MQTTOPEN=1,\"h\",1883,1,60", CME(3), NULL },
	{ "AT+MQTTOPEN?", T("+MQTTOPEN: 2,101,102") OK,
	  T("+MQTTOPEN: 2") OK },
	{ "AT+MQTTCLOSE?", T("+MQTTCLOSE: 1") OK, NULL },
	{ "AT+MQTTSUB=1,\"t\",1", OK, NULL },
	{ "<done", T("+MQTTSUB: 1,1"), NULL },
	{ "AT+MQTTSUB=1,\"u\",1", OK, NULL },
	{ "<failed", T("+MQTTSUB: 1,0"), NULL },
	{ "AT+MQTTSUB=1,\"u\",3", ERROR, NULL },
	{ "AT+MQTTPUB=1,\"t\",2,1,\"{\"a\":1}\"", OK, NULL },
	{ "<done", T("+MQTTPUB: 1,1"), NULL },
	{ "AT+MQTTPUB=1,\"t\",0,0,3", PROMPT, NULL },
	{ "=\\x00\\r\\xff", OK, OK },
	{ "<failed", T("+MQTTPUB: 1,0"), NULL },
	{ "<message", T("+MQTTMSG: 1,1,\"t\",\"say \"hi\"\""), NULL },
	{ "AT+MQTTCONF?", T("+MQTTCONF: 0") OK, NULL },
	{ "AT+MQTTCONF=2", CME(50), NULL },
	{ "AT+MQTTCONF=1", OK, NULL },
	{ "AT+MQTTCONF?", T("+MQTTCONF: 1") OK, NULL },
	{ "<message", T("+MQTTMSGI: 1,1,1,8"), NULL },
	{ "AT+MQTTREAD=1",
	  T("+MQTTREAD: 1,1,1,8,\"t\",\"say \"hi\"\"") OK, NULL },
	{ "AT+MQTTREAD=1", T("+MQTTREAD: 1,0,0,0") OK, NULL },
	{ "AT+MQTTREAD=3", CME(50), NULL },
	{ "AT+MQTTUNSUB=1,\"t\"", OK, NULL },
	{ "<done", T("+MQTTUNSUB: 1,1"), NULL },
	{ "AT+MQTTCLOSE=1", OK, NULL },
	{ "<closed", T("+MQTTCLOSE: 1,1"), NULL },
	{ "AT+MQTTOPEN?", T("+MQTTOPEN: 1,2,101,102") OK,
	  T("+MQTTOPEN: 1,2") OK },
	{ "AT+MQTTOPEN=1,\"h\",1883,1,60", OK, NULL },
	{ "<opened", T("+MQTTOPEN: 1,1"), NULL },
	{ "<lost", T("+MQTTBREAK: 1,1"), NULL },
	{ "AT+MQTTCLOSE=1", ERROR, NULL },
};

static void broker_does(const char *what)
{
	size_t last = fake.clients[0].n_tokens - 1;

	if (!strcmp(what, "opened"))
		fake_opened(1);
	else if (!strcmp(what, "refused"))
		fake_refused(1, 704, "not authorized");
	else if (!strcmp(what, "closed"))
		fake_closed(1);
	else if (!strcmp(what, "lost"))
		fake_lost(1, "closed by the broker");
	else if (!strcmp(what, "message"))
		fake_message(1, 1, "t", "say \"hi\"");
	else
		fake_done(1, last, !strcmp(what, "done"));
}

static void live(const char *model, bool second)
{
	const char *answer;
	struct harness h;
	size_t i;

	harness_configure(&h, model);
	harness_start(&h);
	for (i = 0; i < sizeof(life) / sizeof(life[0]); i++) {
		answer = second && life[i].mc665 ? life[i].mc665 :
						   life[i].l610;
		if (!answer)
			continue;
		print_message("%s: %s\n", model, life[i].line);
		if (life[i].line[0] == '<')
			broker_does(life[i].line + 1);
		else if (life[i].line[0] == '=')
			say_data(&h, life[i].line + 1, AT_INPUT_GOOD);
		else
			say(&h, life[i].line);
		expect(&h, answer);
	}
	harness_stop(&h);
}

static void two_series_live_byte_by_byte(void **state)
{
	(void)state;
	live("L610", false);
	live("MC665", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_the_specifications),
		cmocka_unit_test(a_host_sees_its_series_and_no_other),
		cmocka_unit_test(two_series_live_byte_by_byte),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
