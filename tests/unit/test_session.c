// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Lines and their exact answers; results, data and settings of a session.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

/* Each on a new session of the series, L610 if none is named. */
static const struct {
	const char *model;
	const char *line;
	const char *answer;
} rows[] = {
	/* V.250 */
	{ NULL, "AT", OK },
	{ NULL, "at", OK },
	{ NULL, "AT ", OK },
	{ NULL, "AT;", OK },
	{ NULL, "A/", OK },
	{ NULL, "ATE", OK },
	{ NULL, "ATE0", OK },
	{ NULL, "ATE0V1Q0", OK },
	{ NULL, "AT E0 V1", OK },
	{ NULL, "ATV0", "0\\r" },
	{ NULL, "ATV0+NOPE", "4\\r" },
	{ NULL, "ATV0+CMEE?", "+CMEE: 1\\r\\n0\\r" },
	{ NULL, "ATV0+MQTTCONF=2", "+CME ERROR: 50\\r" },
	{ NULL, "ATQ1", "" },
	{ NULL, "ATQ1+NOPE", "" },
	{ NULL, "ATQ1+CMEE?", T("+CMEE: 1") },
	{ NULL, "ATS3?", T("013") OK },
	{ NULL, "ATS4?", T("010") OK },
	{ NULL, "ATS5?S3?", T("008") T("013") OK },
	{ NULL, "ATS3=65", "A\\nOKA\\n" },
	{ NULL, "ATS4=66S4?", "\\rB066\\rB\\rBOK\\rB" },
	{ NULL, "ATS3=128", ERROR },
	{ NULL, "ATS5=8E0", OK },
	{ NULL, "ATS0?", T("000") OK },
	{ NULL, "ATS1?", ERROR },
	{ NULL, "ATZ", OK },
	{ NULL, "ATZ1", ERROR },
	{ NULL, "AT&F", OK },
	{ NULL, "AT&F0&W0Z0", OK },
	{ NULL, "AT&C1&D2&K3", OK },
	{ NULL, "AT&K1", ERROR },
	{ NULL, "AT&K5", ERROR },
	{ NULL, "AT&V", T("E1 Q0 V1 X4 L1 M0 &C1 &D2 &S0 S0:000 S3:013 "
			  "S4:010 S5:008 S6:002 S7:060 S8:002 S9:006 S10:014 "
			  "S11:095 S12:050 &K0 +CMEE:1 "
			  "+IPR:0 +ICF:0,3 +IFC:0,0") OK },
	{ NULL, "ATE2", ERROR },
	{ NULL, "ATE?", ERROR },
	{ NULL, "ATD123", ERROR },
	{ NULL, "ATI", T("Fibocom") T("L610") T("1.0") OK },
	{ "MC665", "ATI", T("Fibocom") T("MC665") T("1.0") OK },

	/* identity */
	{ NULL, "AT+CGSN=0", T("+CGSN: \"123456789012345\"") OK },
	{ NULL, "AT+CGSN=1", T("+CGSN: \"123456789012345\"") OK },
	{ NULL, "AT+CGSN=2", T("+CGSN: \"1234567890123400\"") OK },
	{ NULL, "AT+CGSN=3", T("+CGSN: \"00\"") OK },
	{ NULL, "AT+CGSN=4", "\\r\\n+CME ERROR: 50\\r\\n" },
	{ NULL, "AT+CGSN=1,1", "\\r\\n+CME ERROR: 50\\r\\n" },
	{ NULL, "AT+CGSN=?", T("+CGSN: (0-3)") OK },
	{ NULL, "AT+CGMI", T("+CGMI: \"Fibocom\"") OK },
	{ NULL, "AT+GMM", T("+GMM: \"L610\"") OK },
	{ "mc665", "AT+CGMM", T("+CGMM: \"MC665\"") OK },
	{ NULL, "AT+CGMR", T("+CGMR: \"1.0\"") OK },
	{ NULL, "AT+CGSN", T("+CGSN: \"123456789012345\"") OK },
	{ NULL, "AT+CGSN?", T("+CGSN: \"123456789012345\"") OK },
	{ NULL, "at+cgsn", T("+CGSN: \"123456789012345\"") OK },
	{ NULL, "AT+CIMI?", T("+CIMI: 001010123456789") OK },
	{ NULL, "AT+CCID", T("+CCID: 89010123456789012345") OK },
	{ NULL, "AT+ICCID", T("+ICCID: 89010123456789012345") OK },

	/* errors */
	{ NULL, "AT+CMEE?", T("+CMEE: 1") OK },
	{ NULL, "AT+CMEE=?", T("+CMEE: (0-2)") OK },
	{ NULL, "AT+CMEE=2", OK },
	{ NULL, "AT+CMEE=3", CME(50) },
	{ NULL, "AT+CMEE=0;+CMEE=3", ERROR },
	{ NULL, "AT+CMEE=2;+CMEE=3",
	  T("+CME ERROR: incorrect parameters") },
	{ NULL, "AT+CEER", T("+CEER: \"no error\"") OK },
	{ NULL, "AT+NOPE", ERROR },
	{ NULL, "AT+NOPE;+CMEE?", ERROR },
	{ NULL, "AT+CMEE?;+NOPE;+CMEE?", T("+CMEE: 1") ERROR },
	{ NULL, "ATE0V1+CMEE=1;+CMEE?", T("+CMEE: 1") OK },
	{ NULL, "AT+CMEE?;E0;+CMEE?", T("+CMEE: 1") T("+CMEE: 1") OK },

	/* test forms */
	{ NULL, "AT+MQTTUSER=?", T("+MQTTUSER: (1,2),1024,1024[,1024]") OK },
	{ "NL668", "AT+MQTTUSER=?", T("+MQTTUSER: (1,2),128,128[,256]") OK },
	{ "MC665", "AT+MQTTUSER=?", T("+MQTTUSER: (1,2),128,256[,256]") OK },
	{ NULL, "AT+MQTTOPEN=?",
	  T("+MQTTOPEN: (1,2,101,102),(<\"Remote IP/URL\">),(1-65535),(0,1),"
	    "(1-300)[,(0-2)]") OK },
	{ "MC615", "AT+MQTTOPEN=?",
	  T("+MQTTOPEN: (1,2,101,102),(<\"Remote IP/URL\">),(1-65535),(0,1),"
	    "(1-300)[,(0)]") OK },
	{ NULL, "AT+MQTTCLOSE=?", T("+MQTTCLOSE: (1,2,101,102)") OK },
	{ NULL, "AT+MQTTSUB=?", T("+MQTTSUB: (1,2,101,102),255,(0-2)") OK },
	{ NULL, "AT+MQTTUNSUB=?", T("+MQTTUNSUB: (1,2,101,102),255") OK },
	{ NULL, "AT+MQTTPUB=?", T("+MQTTPUB: (1,2,101,102),255,(0-2),(0,1),1024") OK },
	{ "generic", "AT+MQTTPUB=?",
	  T("+MQTTPUB: (1,2,101,102),255,(0-2),(0,1),16384") OK },
	{ NULL, "AT+MQTTCONF=?", T("+MQTTCONF: (0,1)") OK },
	{ NULL, "AT+MQTTREAD=?", T("+MQTTREAD: (1,2,101,102)") OK },
	{ NULL, "AT+MQTTWILL=?",
	  T("+MQTTWILL: (1,2,101,102),255,(0-2),(0,1),1024") OK },
	{ NULL, "AT+MQTTWILL = ? ",
	  T("+MQTTWILL: (1,2,101,102),255,(0-2),(0,1),1024") OK },

	/* read forms of a new session */
	{ NULL, "AT+MQTTUSER?", OK },
	{ NULL, "AT+MQTTOPEN?", T("+MQTTOPEN: 1,2,101,102") OK },
	{ NULL, "AT+MQTTCLOSE?", T("+MQTTCLOSE: 0") OK },
	{ NULL, "AT+MQTTCONF?", T("+MQTTCONF: 0") OK },
	{ NULL, "AT+MQTTWILL?", OK },
	{ NULL, "AT+MQTTSUB?", ERROR },
	{ NULL, "AT+MQTTREAD?", CME(4) },
	{ NULL, "AT+MQTTOPEN", CME(4) },

	/* USER */
	{ NULL, "AT+MQTTUSER=1,\"u\",\"p\";+MQTTUSER?",
	  T("+MQTTUSER: 1,\"u\",\"p\"") OK },
	{ NULL, "AT+MQTTUSER=1,u,p,id;+MQTTUSER=2,\"u2\",\"p2\",;+MQTTUSER?",
	  T("+MQTTUSER: 1,\"u\",\"p\",\"id\"")
	  T("+MQTTUSER: 2,\"u2\",\"p2\"") OK },
	{ NULL, "AT+MQTTUSER= 01 , \"u\" , \"p\" , \"id\" ;+MQTTUSER?",
	  T("+MQTTUSER: 1,\"u\",\"p\",\"id\"") OK },
	{ NULL, "AT+MQTTUSER=1,,,id;+MQTTUSER?",
	  T("+MQTTUSER: 1,\"\",\"\",\"id\"") OK },
	{ NULL, "AT+MQTTUSER=1,\"a;b\",\"c\\\\\\\\d\\\\22\";+MQTTUSER?",
	  T("+MQTTUSER: 1,\"a;b\",\"c\\\\d\"\"") OK },
	{ NULL, "AT+MQTTUSER=1,\"{1024*u}\",\"{1024*p}\",\"{1024*c}\"", OK },
	{ NULL, "AT+MQTTUSER=1,\"{1025*u}\",\"p\"", CME(24) },
	{ "MC665", "AT+MQTTUSER=1,\"{128*u}\",\"{256*p}\",\"{256*c}\"", OK },
	{ "MC665", "AT+MQTTUSER=1,\"{129*u}\",\"p\"", CME(24) },
	{ "MC665", "AT+MQTTUSER=1,\"u\",\"{257*p}\"", CME(24) },
	{ "LE13x", "AT+MQTTUSER=1,\"u\",\"{129*p}\"", CME(24) },
	{ NULL, "AT+MQTTUSER=101,\"u\",\"p\"", CME(50) },

	/* WILL */
	{ NULL, "AT+MQTTWILL=1,\"t\",1,1,\"gone\";+MQTTWILL?", ERROR },
	{ NULL, "AT+MQTTWILL=1, \"t\",0,0, \"{\"a\":1}\"  ", OK },
	{ NULL, "AT+MQTTWILL=1,t,0,0,5", ERROR },
	{ "MC665", "AT+MQTTWILL=1,t,0,1,0;+MQTTWILL?",
	  T("+MQTTWILL: 1,\"t\",0,1,\"\"") OK },
	{ "FG132", "AT+MQTTWILL=1,t,0,1,1025", ERROR },

	/* OPEN: what is refused at once */
	{ NULL, "AT+MQTTOPEN=1,broker,1883,1,300", OK },
	{ NULL, "AT+MQTTOPEN=1,broker,1883,1,301", CME(50) },
	{ NULL, "AT+MQTTOPEN=1,broker,1883,1,60,2", OK },
	{ NULL, "AT+MQTTOPEN=1,broker,1883,1,60,1", CME(50) },
	{ "MC615", "AT+MQTTOPEN=1,broker,1883,1,60,2", CME(50) },
	{ "MC615", "AT+MQTTOPEN=1,broker,1883,1,60,0", OK },
	{ NULL, "AT+MQTTOPEN=1,broker,1883,1,60,", OK },
	{ NULL, "AT+MQTTOPEN=1,\"broker\",1883,1,60\"", OK },

	/* not connected */
	{ NULL, "AT+MQTTCLOSE=1", ERROR },
	{ NULL, "AT+MQTTSUB=1,\"t\",0", ERROR },
	{ NULL, "AT+MQTTUNSUB=1,\"t\"", ERROR },
	{ NULL, "AT+MQTTPUB=1,\"t\",0,0,\"x\"", ERROR },
	{ NULL, "AT+MQTTPUB=1,\"t\",0,0,5", ERROR },
	{ NULL, "AT+MQTTREAD=1", T("+MQTTREAD: 1,0,0,0") OK },
	{ NULL, "AT+MQTTREAD=2\"", T("+MQTTREAD: 2,0,0,0") OK },
};

static void expect_row(const char *model, const char *line, const char *answer)
{
	static struct harness h;

	print_message("%s: %s\n", model, line);
	harness_configure(&h, model);
	harness_start(&h);
	say(&h, line);
	expect(&h, answer);
	harness_stop(&h);
}

/* Each at least for two series: what is not MQTT tells but its name. */
static void a_line_has_its_exact_answer(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_row(rows[i].model ? rows[i].model : "L610",
			   rows[i].line, rows[i].answer);
		if (!rows[i].model && !strstr(rows[i].line, "+MQTT") &&
		    !strstr(rows[i].answer, "L610"))
			expect_row("MC665", rows[i].line, rows[i].answer);
	}
}

static int setup(void **state)
{
	static struct harness h;

	harness_configure(&h, "L610");
	h.cfg.result_timeout_ms = 40;
	harness_start(&h);
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	harness_stop(*state);
	return 0;
}

/* ---- settings ---- */

static void settings_travel_with_the_answer(void **state)
{
	struct harness *h = *state;

	say(h, "AT");
	assert_int_equal(h->n_changed, 0);
	say(h, "ATE0S3=65S5=127");
	assert_int_equal(h->n_changed, 1);
	assert_int_equal(h->changed.echo, 0);
	assert_int_equal(h->changed.s3, 65);
	assert_int_equal(h->changed.s4, 10);
	assert_int_equal(h->changed.s5, 127);
	assert_int_equal(h->changed.data_timeout_ms, 20000);
	assert_int_equal(h->changed.exec_timeout_ms, 30000);
	say(h, "AT&F");
	assert_int_equal(h->n_changed, 2);
	assert_int_equal(h->changed.echo, 1);
	assert_int_equal(h->changed.s3, 13);
}

static void a_failed_line_keeps_what_came_before(void **state)
{
	struct harness *h = *state;

	say(h, "ATE0+NOPE");
	assert_int_equal(h->n_changed, 1);
	assert_int_equal(h->changed.echo, 0);
}

static void z_restores_what_w_kept(void **state)
{
	struct harness *h = *state;

	say(h, "ATE0V0&W");
	say(h, "ATE1V1");
	h->out_len = 0;
	say(h, "ATZ");
	expect(h, "0\\r");
	assert_int_equal(h->changed.echo, 0);
}

static void the_first_settings_are_the_configured(void **state)
{
	struct harness *h = *state;
	struct at_line_settings set;

	at_session_settings(h->session, &set);
	assert_int_equal(set.echo, 1);
	assert_int_equal(set.echo_cr, 1);
	assert_int_equal(set.s3, 13);
	assert_int_equal(set.urc_hold_ms, 1000);
}

static void a_slash_repeats_the_last_line(void **state)
{
	struct harness *h = *state;

	say(h, "AT+CMEE?;+CMEE=2");
	expect(h, T("+CMEE: 1") OK);
	say(h, "A/");
	expect(h, T("+CMEE: 2") OK);
	say(h, "a/");
	expect(h, T("+CMEE: 2") OK);
}

/* ---- bad input ---- */

static void bad_input_is_an_error(void **state)
{
	struct harness *h = *state;

	say_how(h, "", AT_INPUT_OVERLONG);
	expect_cme(h, 24);
	expect_reason(h, "24: line too long");
	say_how(h, "ATE0", AT_INPUT_DAMAGED);
	expect_error(h);
	assert_int_equal(h->n_changed, 0);
	say(h, "AT+CMEE=2");
	expect_ok(h);
	say_how(h, "", AT_INPUT_OVERLONG);
	expect(h, T("+CME ERROR: text string too long"));
	say(h, "AT+CMEE=0");
	expect_ok(h);
	say_how(h, "", AT_INPUT_OVERLONG);
	expect_error(h);
}

/* ---- OPEN ---- */

static void open_has_defaults(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTOPEN=2,\"010.001.000.007\",01883,1,060");
	expect_ok(h);
	assert_string_equal(fake.clients[1].open,
			    "10.1.0.7 1883 id=1234567890123452 user=- password=- clean=1 keepalive=60 tls=no will=-::0:0 timeout=5000");
}

static void open_uses_user_will_and_tls(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTUSER=1,\"u\",\"p\",\"me\"");
	say(h, "AT+MQTTWILL=1,\"w\",2,1,\"bye\"");
	say(h, "AT+MQTTOPEN=1,::1,8883,0,1,2");
	expect(h, OK OK OK);
	assert_string_equal(fake.clients[0].open,
			    "::1 8883 id=me user=u password=p clean=0 keepalive=1 tls=ca.pem will=w:bye:2:1 timeout=5000");
}

static void open_reports_success_later(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTOPEN=1,\"h\",1883,1,60");
	expect_ok(h);
	say(h, "AT+MQTTOPEN?");
	expect(h, T("+MQTTOPEN: 2,101,102") OK);
	say(h, "AT+MQTTOPEN=1,\"h\",1883,1,60");
	expect_cme(h, 3);
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	say(h, "AT+MQTTOPEN=1,\"h\",1883,1,60");
	expect_cme(h, 3);
	expect_reason(h, "3: already open or opening");
	say(h, "AT+MQTTCLOSE?");
	expect(h, T("+MQTTCLOSE: 1") OK);
	open_client(h, 2, true);
	say(h, "AT+MQTTOPEN?");
	expect(h, T("+MQTTOPEN: 101,102") OK);
}

static void open_reports_refusal_with_its_reason(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	fake_refused(1, 703, "bad user name or password");
	expect(h, OK T("+MQTTOPEN: 1,0"));
	expect_reason(h, "703: bad user name or password (broker.example:1883)");
	say(h, "AT+MQTTOPEN=1,\"::1\",8883,1,60,2");
	fake_refused(1, 0, "certificate \"x\" has expired");
	expect(h, OK T("+MQTTOPEN: 1,0"));
	expect_reason(h, "certificate 'x' has expired ([::1]:8883)");
}

static void reserved_tls_mode_is_a_knob(void **state)
{
	struct harness *h = *state;

	h->cfg.tls1_is_tls = true;
	say(h, "AT+MQTTOPEN=1,h,1883,1,60,1");
	expect_ok(h);
	assert_non_null(strstr(fake.clients[0].open, "tls=ca.pem"));
}

static void mc610_is_known_by_its_imei(void **state)
{
	static struct harness h;

	(void)state;
	harness_configure(&h, "MC610");
	harness_start(&h);
	say(&h, "AT+MQTTOPEN=1,h,1883,1,60");
	assert_non_null(strstr(fake.clients[0].open, "id=123456789012345 "));
	harness_stop(&h);
}

/* ---- requests ---- */

static void results_follow_their_commands(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,\"a/+/#\",2");
	expect_ok(h);
	assert_string_equal(fake.call, "subscribe 1 a/+/# 2");
	fake_done(1, 0, true);
	expect(h, T("+MQTTSUB: 1,1"));
	say(h, "AT+MQTTPUB=1,\"t\",1,1,\"{\"temp\":1;\"b\":2}\"");
	expect_ok(h);
	assert_string_equal(fake.call,
			    "publish 1 t 1 1 16:{\"temp\":1;\"b\":2}");
	fake_done(1, 1, false);
	expect(h, T("+MQTTPUB: 1,0"));
	say(h, "AT+MQTTUNSUB=1,a/+/#");
	expect_ok(h);
	assert_string_equal(fake.call, "unsubscribe 1 a/+/#");
	fake_done(1, 2, true);
	expect(h, T("+MQTTUNSUB: 1,1"));
}

static void results_of_a_kind_keep_their_order(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 3000;
	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,t,1,0,a;+MQTTPUB=1,t,0,0,b;+MQTTSUB=1,t,0");
	expect_ok(h);
	fake_done(1, 1, true);
	expect(h, "");
	fake_done(1, 2, true);
	expect(h, T("+MQTTSUB: 1,1"));
	fake_done(1, 0, false);
	expect(h, T("+MQTTPUB: 1,0") T("+MQTTPUB: 1,1"));
}

static void many_results_are_each_printed_once(void **state)
{
	struct harness *h = *state;
	size_t i;

	h->cfg.result_timeout_ms = 60000;
	open_client(h, 2, true);
	for (i = 0; i < 1000; i++) {
		say(h, "AT+MQTTPUB=2,t,1,0,a");
		expect_ok(h);
		if (i % 3 != 2)
			continue;
		fake_done(2, i, true);
		fake_done(2, i - 1, true);
		expect(h, "");
		fake_done(2, i - 2, false);
		expect(h, T("+MQTTPUB: 2,0") T("+MQTTPUB: 2,1")
			  T("+MQTTPUB: 2,1"));
	}
}

static void no_answer_is_status_0_and_late_ones_are_silent(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,t,1,0,a");
	say(h, "AT+MQTTPUB=1,t,1,0,b");
	expect(h, OK OK);
	fake_done(1, 1, true);
	wait_ms(h, 20);
	expect(h, "");
	wait_ms(h, 60);
	expect(h, T("+MQTTPUB: 1,0") T("+MQTTPUB: 1,1"));
	assert_int_equal(fake.clients[0].n_cancelled, 1);
	assert_int_equal(fake.clients[0].cancelled[0],
			 fake.clients[0].tokens[0]);
	fake_done(1, 0, true);
	expect(h, "");
	say(h, "AT+MQTTPUB=1,t,1,0,c");
	expect_ok(h);
	fake_done(1, 2, true);
	expect(h, T("+MQTTPUB: 1,1"));
	say(h, "AT+MQTTSUB=1,t,0");
	expect_ok(h);
	wait_ms(h, 80);
	expect(h, T("+MQTTSUB: 1,0"));
}

static void a_refused_request_has_no_result(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	fake.rc = -ENOMEM;
	say(h, "AT+MQTTPUB=1,t,1,0,a");
	expect_error(h);
	expect_reason(h, "100: Cannot allocate memory");
	fake.rc = 0;
	say(h, "AT+MQTTPUB=1,t,1,0,a");
	fake_done(1, 0, true);
	expect(h, OK T("+MQTTPUB: 1,1"));
	wait_ms(h, 60);
	expect(h, "");
}

/* ---- CLOSE, BREAK ---- */

static void close_comes_behind_pending_results(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 3000;
	h->cfg.while_opening_refuse = 1;
	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,t,1,0,a");
	say(h, "AT+MQTTCLOSE=1\"");
	expect(h, OK OK);
	say(h, "AT+MQTTPUB=1,t,1,0,a");
	expect_error(h);
	say(h, "AT+MQTTOPEN=1,h,1883,1,60");
	expect_cme(h, 3);
	fake_lost(1, "closed");
	expect(h, "");
	fake_closed(1);
	expect(h, T("+MQTTPUB: 1,0") T("+MQTTCLOSE: 1,1"));
	open_client(h, 1, true);
}

static void break_comes_behind_pending_results(void **state)
{
	struct harness *h = *state;

	h->cfg.result_timeout_ms = 3000;
	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,t,1;+MQTTPUB=1,t,1,0,a");
	expect_ok(h);
	fake_lost(1, "the broker closed the link");
	expect(h, T("+MQTTSUB: 1,0") T("+MQTTPUB: 1,0") T("+MQTTBREAK: 1,1"));
	expect_reason(h, "the broker closed the link (broker.example:1883)");
	fake_lost(1, "again");
	expect(h, "");
	open_client(h, 1, true);
}

/* ---- data ---- */

static void data_come_behind_the_prompt(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+CMEE?;+MQTTPUB=1,\"t\",0,0,5;+MQTTCONF?");
	expect(h, T("+CMEE: 1") "\\r\\n>\\r\\n");
	assert_int_equal(h->data_len, 5);
	say_data(h, "\\x00\\r\\n\"\\xff", AT_INPUT_GOOD);
	expect(h, T("+MQTTCONF: 0") OK);
	assert_string_equal(fake.call, "publish 1 t 0 0 5:\\x00\\r\\n\"\\xff");
	fake_done(1, 0, true);
	expect(h, T("+MQTTPUB: 1,1"));
}

static void all_data_sizes_are_checked(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,0");
	expect_error(h);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,1025");
	expect_error(h);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,99999999999999999999");
	expect_error(h);
	say(h, "AT+MQTTPUB=1,\"t\",0,0, 01024\" ");
	expect(h, "\\r\\n>\\r\\n");
	assert_int_equal(h->data_len, 1024);
	say_data(h, "{1024*x}", AT_INPUT_GOOD);
	expect_ok(h);
}

static void lost_data_are_not_published(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,t,0,0,5;+CMEE?");
	say_data(h, "12", AT_INPUT_TIMEOUT);
	expect(h, "\\r\\n>\\r\\n" ERROR);
	expect_reason(h, "50: 2 of 5 bytes came");
	say(h, "AT+MQTTPUB=1,t,0,0,5");
	say_data(h, "12345", AT_INPUT_DAMAGED);
	expect(h, "\\r\\n>\\r\\n" ERROR);
	say(h, "AT+MQTTPUB=1,t,0,0,5");
	fake_lost(1, "gone");
	say_data(h, "12345", AT_INPUT_GOOD);
	expect(h, "\\r\\n>\\r\\n" T("+MQTTBREAK: 1,1") ERROR);
	assert_int_equal(fake.clients[0].n_tokens, 0);
}

static void a_new_tty_forgets_the_prompt(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,t,0,0,5");
	at_session_attached(h->session, &(struct at_uart){ 0 }, true,
			    true);
	expect(h, "\\r\\n>\\r\\n");
	say(h, "AT");
	expect_ok(h);
	say_data(h, "12345", AT_INPUT_GOOD);
	expect_error(h);
	assert_int_equal(fake.clients[0].n_tokens, 0);
}

static void a_will_takes_data_where_the_series_does(void **state)
{
	static struct harness h;

	(void)state;
	harness_configure(&h, "MC665");
	harness_start(&h);
	say(&h, "AT+MQTTWILL=1,\"w\",1,0,3");
	expect(&h, "\\r\\n>\\r\\n");
	say_data(&h, "a\"b", AT_INPUT_GOOD);
	expect_ok(&h);
	say(&h, "AT+MQTTWILL?");
	expect(&h, T("+MQTTWILL: 1,\"w\",1,0,\"a\"b\"") OK);
	harness_stop(&h);
}

static void the_prompt_is_a_knob(void **state)
{
	struct harness *h = *state;

	h->cfg.prompt = (char *)"> ";
	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,t,0,0,1");
	expect(h, "> ");
	say_data(h, "x", AT_INPUT_GOOD);
	expect_ok(h);
}

static void escapes_are_a_knob(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,\"a\\\\22\\\\r\\\\\"\\\\q\"");
	assert_string_equal(fake.call, "publish 1 t 0 0 6:a\"\\r\"\\q");
	h->cfg.escapes = false;
	say(h, "AT+MQTTPUB=1,\"t\",0,0,\"a\\\\22\"");
	assert_string_equal(fake.call, "publish 1 t 0 0 4:a\\22");
	expect(h, OK OK);
}

static void payloads_have_a_limit(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,\"\"");
	expect_ok(h);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,\"{1024*x}\"");
	expect_ok(h);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,\"{1025*x}\"");
	expect_error(h);
	say(h, "AT+MQTTPUB=1,\"{255*t}\",0,0,\"x\"");
	expect_ok(h);
	say(h, "AT+MQTTPUB=1,\"{256*t}\",0,0,\"x\"");
	expect_error(h);
	expect_reason(h, "24: topic too long");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_exact_answer),
		CASE(settings_travel_with_the_answer),
		CASE(a_failed_line_keeps_what_came_before),
		CASE(z_restores_what_w_kept),
		CASE(the_first_settings_are_the_configured),
		CASE(a_slash_repeats_the_last_line),
		CASE(bad_input_is_an_error),
		CASE(open_has_defaults),
		CASE(open_uses_user_will_and_tls),
		CASE(open_reports_success_later),
		CASE(open_reports_refusal_with_its_reason),
		CASE(reserved_tls_mode_is_a_knob),
		cmocka_unit_test(mc610_is_known_by_its_imei),
		CASE(results_follow_their_commands),
		CASE(results_of_a_kind_keep_their_order),
		CASE(many_results_are_each_printed_once),
		CASE(no_answer_is_status_0_and_late_ones_are_silent),
		CASE(a_refused_request_has_no_result),
		CASE(close_comes_behind_pending_results),
		CASE(break_comes_behind_pending_results),
		CASE(data_come_behind_the_prompt),
		CASE(all_data_sizes_are_checked),
		CASE(lost_data_are_not_published),
		CASE(a_new_tty_forgets_the_prompt),
		cmocka_unit_test(a_will_takes_data_where_the_series_does),
		CASE(the_prompt_is_a_knob),
		CASE(escapes_are_a_knob),
		CASE(payloads_have_a_limit),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
