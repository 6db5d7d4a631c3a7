// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Clients 101 and 102: what they have beyond 1 and 2, and what a gateway is
 * asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/escape.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define PROMPT	"\\r\\n>\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

static struct harness h;

static int configure(void **state)
{
	(void)state;
	harness_configure(&h, "L610");
	return 0;
}

static int start(void **state)
{
	configure(state);
	harness_start(&h);
	return 0;
}

static int start_open(void **state)
{
	start(state);
	open_client(&h, 101, true);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	harness_stop(&h);
	return 0;
}

static void ask(const char *line, const char *answer)
{
	say(&h, line);
	expect(&h, answer);
}

/* Each on a new session in which client 101 is open and knows an id. */
static const struct {
	const char *line;
	const char *answer;
	const char *call;	/* what the gateway is asked; NULL: nothing */
} rows[] = {
	/* ids */
	{ "AT+MQTTOPEN?", T("+MQTTOPEN: 1,2,102") OK, NULL },
	{ "AT+MQTTCLOSE?", T("+MQTTCLOSE: 101") OK, NULL },
	{ "AT+MQTTCLOSE=101", OK, "close 101" },
	{ "AT+MQTTCLOSE=102", ERROR, NULL },
	{ "AT+MQTTOPEN=101,gw,1883,1,60", CME(3), NULL },
	{ "AT+MQTTOPEN=103,gw,1883,1,60", CME(50), NULL },
	{ "AT+MQTTOPEN=3,gw,1883,1,60", CME(50), NULL },
	{ "AT+MQTTOPEN=100,gw,1883,1,60", CME(50), NULL },
	{ "AT+MQTTUSER=101,\"u\",\"p\"", CME(50), NULL },

	/* SNCID */
	{ "AT+MQTTSNCID?", OK, NULL },
	{ "AT+MQTTSNCID=102,\"two\";+MQTTSNCID=101,one;+MQTTSNCID?",
	  T("+MQTTSNCID: 101,\"one\"") T("+MQTTSNCID: 102,\"two\"") OK, NULL },
	{ "AT+MQTTSNCID=102,\"two\";+MQTTSNCID=102,\"2\";+MQTTSNCID?",
	  T("+MQTTSNCID: 102,\"2\"") OK, NULL },
	{ "AT+MQTTSNCID=1,\"one\"", ERROR, NULL },
	{ "AT+MQTTSNCID=101", ERROR, NULL },
	{ "AT+MQTTSNCID=101,\"a\",\"b\"", ERROR, NULL },
	{ "AT+MQTTSNCID", ERROR, NULL },

	/* SNREG */
	{ "AT+MQTTSNREG?", T("+MQTTSNREG: 101,5,\"known\"") OK, NULL },
	{ "AT+MQTTSNREG=101,\"a/b\"", OK, "register 101 a/b" },
	{ "AT+MQTTSNREG=101,1", OK, "register 101 1" },
	{ "AT+MQTTSNREG=101,\"a/#\"", ERROR, NULL },
	{ "AT+MQTTSNREG=101,\"\"", ERROR, NULL },
	{ "AT+MQTTSNREG=101,\"{255*t}\"", OK, "register 101 {255*t}" },
	{ "AT+MQTTSNREG=101,\"{256*t}\"", ERROR, NULL },
	{ "AT+MQTTSNREG=102,\"a/b\"", ERROR, NULL },
	{ "AT+MQTTSNREG=1,\"a/b\"", ERROR, NULL },
	{ "AT+MQTTSNREG=101,\"a\",\"b\"", ERROR, NULL },

	/* topics: names, short ones, ids */
	{ "AT+MQTTSUB=101,\"a/b\",1", OK, "subscribe 101 name:a/b 1" },
	{ "AT+MQTTSUB=101,\"a/+/#\",2", OK, "subscribe 101 name:a/+/# 2" },
	{ "AT+MQTTSUB=101,\"ab\",2", OK, "subscribe 101 short:ab 2" },
	{ "AT+MQTTSUB=101,ab,2", OK, "subscribe 101 short:ab 2" },
	{ "AT+MQTTSUB=101,\"+/\",0", OK, "subscribe 101 name:+/ 0" },
	{ "AT+MQTTSUB=101,\"/#\",0", OK, "subscribe 101 name:/# 0" },
	{ "AT+MQTTSUB=101,\"#\",0", OK, "subscribe 101 name:# 0" },
	{ "AT+MQTTSUB=101,5,0", OK, "subscribe 101 normal:5 0" },
	{ "AT+MQTTSUB=101,005 ,0", OK, "subscribe 101 normal:5 0" },
	{ "AT+MQTTSUB=101,6,0", OK, "subscribe 101 predefined:6 0" },
	{ "AT+MQTTSUB=101,65535,0", OK, "subscribe 101 predefined:65535 0" },
	{ "AT+MQTTSUB=101,\"12\",0", OK, "subscribe 101 short:12 0" },
	{ "AT+MQTTSUB=101,\"123\",0", OK, "subscribe 101 name:123 0" },
	{ "AT+MQTTSUB=101,5a,0", OK, "subscribe 101 short:5a 0" },
	{ "AT+MQTTSUB=101,0,0", ERROR, NULL },
	{ "AT+MQTTSUB=101,65536,0", ERROR, NULL },
	{ "AT+MQTTSUB=101,5,3", ERROR, NULL },
	{ "AT+MQTTSUB=102,5,0", ERROR, NULL },
	{ "AT+MQTTUNSUB=101,5", OK, "unsubscribe 101 normal:5" },
	{ "AT+MQTTUNSUB=101,6\"", OK, "unsubscribe 101 predefined:6" },
	{ "AT+MQTTUNSUB=101,\"a/+\"", OK, "unsubscribe 101 name:a/+" },
	{ "AT+MQTTUNSUB=101,\"ab\"", OK, "unsubscribe 101 short:ab" },

	/* PUB */
	{ "AT+MQTTPUB=101,\"a/b\",1,0,\"{\"x\":1}\"", OK,
	  "publish 101 name:a/b 1 0 7:{\"x\":1}" },
	{ "AT+MQTTPUB=101,5,2,1,\"x\"", OK, "publish 101 normal:5 2 1 1:x" },
	{ "AT+MQTTPUB=101,6,0,0,\"\"", OK, "publish 101 predefined:6 0 0 0:" },
	{ "AT+MQTTPUB=101,\"ab\",0,0,x", OK, "publish 101 short:ab 0 0 1:x" },
	{ "AT+MQTTPUB=101,\"+b\",0,0,x", ERROR, NULL },
	{ "AT+MQTTPUB=101,5,3,0,x", ERROR, NULL },
	{ "AT+MQTTPUB=101,5,0,0,1024", PROMPT, NULL },
	{ "AT+MQTTPUB=101,5,0,0,1025", ERROR, NULL },
	{ "AT+MQTTPUB=102,5,0,0,3", ERROR, NULL },

	/* a will has a name, whatever it looks like */
	{ "AT+MQTTWILL=101,5,1,1,\"gone\"", OK, NULL },
	{ "AT+MQTTWILL=102,\"w\",2,0,\"gone\"", OK, NULL },

	/* WTOPICUD, WMSGUD */
	{ "AT+MQTTWTOPICUD=101,2,1,\"new\"", OK, "will topic 101 new 2 1" },
	{ "AT+MQTTWTOPICUD=101,0,1,1", OK, "will topic 101 1 0 1" },
	{ "AT+MQTTWTOPICUD=101,3,1,\"new\"", ERROR, NULL },
	{ "AT+MQTTWTOPICUD=101,2,2,\"new\"", ERROR, NULL },
	{ "AT+MQTTWTOPICUD=101,2,1,\"new/+\"", ERROR, NULL },
	{ "AT+MQTTWTOPICUD=101,2,1,\"\"", ERROR, NULL },
	{ "AT+MQTTWTOPICUD=101,2,1", ERROR, NULL },
	{ "AT+MQTTWTOPICUD=102,2,1,\"new\"", ERROR, NULL },
	{ "AT+MQTTWTOPICUD=1,2,1,\"new\"", ERROR, NULL },
	{ "AT+MQTTWTOPICUD?", ERROR, NULL },
	{ "AT+MQTTWMSGUD=101,\"say \"bye\"\"", OK,
	  "will message 101 say \"bye\"" },
	{ "AT+MQTTWMSGUD=101,will message\"", OK,
	  "will message 101 will message" },
	{ "AT+MQTTWMSGUD=101,12", OK, "will message 101 12" },
	{ "AT+MQTTWMSGUD=101,\"\"", ERROR, NULL },
	{ "AT+MQTTWMSGUD=101", ERROR, NULL },
	{ "AT+MQTTWMSGUD=101,\"{1025*m}\"", ERROR, NULL },
	{ "AT+MQTTWMSGUD=102,\"m\"", ERROR, NULL },
	{ "AT+MQTTWMSGUD=2,\"m\"", ERROR, NULL },
	{ "AT+MQTTWMSGUD?", ERROR, NULL },

	{ "AT+MQTTREAD=101", T("+MQTTREAD: 101,0,0,0") OK, NULL },
	{ "AT+MQTTREAD=103", CME(50), NULL },
};

static void expect_call(const char *call)
{
	char want[2048];

	want[unescape_text(call, want, sizeof(want) - 1)] = '\0';
	assert_string_equal(fake_sn.call, want);
	fake_sn.call[0] = '\0';
}

static void a_line_asks_the_gateway(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].line);
		start_open(state);
		fake_sn_topic(101, 5, "known", MQTTSN_BY_REGISTER);
		ask(rows[i].line, rows[i].answer);
		expect_call(rows[i].call ? rows[i].call : "");
		stop(state);
	}
}

/* ---- OPEN ---- */

static void expect_open(int id, const char *words)
{
	assert_string_equal(fake_sn_client(id)->open, words);
}

static void an_open_has_the_at_timers(void **state)
{
	(void)state;
	ask("AT+MQTTOPEN=102,\"gw.example\",1884,0,300", OK);
	expect_open(102, "gw.example 1884 id=123456789012345102 clean=0 "
		    "keepalive=300 tls=no will=-::0:0 timeout=5000 "
		    "retry=1000x2 connect=2500x1 ping=1500x3");
}

static void the_at_timers_keep_the_deadlines(void **state)
{
	(void)state;
	h.cfg.open_timeout_ms = 4900;
	h.cfg.result_timeout_ms = 2900;
	ask("AT+MQTTOPEN=102,\"gw.example\",1884,0,300", OK);
	expect_open(102, "gw.example 1884 id=123456789012345102 clean=0 "
		    "keepalive=300 tls=no will=-::0:0 timeout=4900 "
		    "retry=966x2 connect=2450x1 ping=1500x3");
}

static void so_they_do_when_the_deadline_is_short(void **state)
{
	(void)state;
	h.cfg.open_timeout_ms = 600;
	ask("AT+MQTTOPEN=101,gw,1883,1,60", OK);
	expect_open(101, "gw 1883 id=123456789012345101 clean=1 "
		    "keepalive=60 tls=no will=-::0:0 timeout=600 "
		    "retry=1000x2 connect=300x1 ping=1500x3");
}

static void client_id_will_and_dtls_go_into_an_open(void **state)
{
	(void)state;
	ask("AT+MQTTSNCID=101,\"me\"", OK);
	ask("AT+MQTTWILL=101,\"w/t\",2,1,\"gone\"", OK);
	ask("AT+MQTTWILL?", T("+MQTTWILL: 101,\"w/t\",2,1,\"gone\"") OK);
	ask("AT+MQTTOPEN=101,gw,1883,1,60,2", OK);
	expect_open(101, "gw 1883 id=me clean=1 keepalive=60 tls=ca.pem "
		    "will=w/t:gone:2:1 timeout=5000 "
		    "retry=1000x2 connect=2500x1 ping=1500x3");
}

static void an_empty_client_id_is_the_default(void **state)
{
	(void)state;
	ask("AT+MQTTSNCID=101,\"me\";+MQTTSNCID=101,\"\";+MQTTSNCID?",
	    T("+MQTTSNCID: 101,\"\"") OK);
	ask("AT+MQTTOPEN=101,gw,1883,1,60", OK);
	assert_non_null(strstr(fake_sn_client(101)->open,
			       " id=123456789012345101 "));
}

static void retry_spec_waits_as_long_as_the_specification(void **state)
{
	(void)state;
	h.cfg.retry_spec = 1;
	harness_start(&h);
	ask("AT+MQTTOPEN=101,gw,1883,1,60", OK);
	assert_non_null(strstr(fake_sn_client(101)->open, "timeout=40000 "
			       "retry=10000x3 connect=10000x3 ping=10000x3"));
	fake_sn_opened(101);
	expect(&h, T("+MQTTOPEN: 101,1"));
	h.cfg.result_timeout_ms = 100;
	ask("AT+MQTTSUB=101,\"t\",0", OK);
	wait_ms(&h, 300);
	expect(&h, "");
}

static void each_timer_can_be_set(void **state)
{
	(void)state;
	h.cfg.sn_retry_ms = 11;
	h.cfg.sn_tries = 12;
	h.cfg.sn_connect_ms = 13;
	h.cfg.sn_connect_tries = 14;
	h.cfg.sn_ping_ms = 15;
	h.cfg.sn_pings = 16;
	harness_start(&h);
	ask("AT+MQTTOPEN=101,gw,1883,1,60", OK);
	assert_non_null(strstr(fake_sn_client(101)->open, "timeout=5000 "
			       "retry=11x11 connect=13x13 ping=15x16"));
}

static void what_the_gateway_said_is_in_ceer(void **state)
{
	(void)state;
	ask("AT+MQTTOPEN=101,gw,1883,1,60", OK);
	fake_sn_refused(101, "congestion");
	expect(&h, T("+MQTTOPEN: 101,0"));
	ask("AT+CEER", T("+CEER: \"congestion (gw:1883)\"") OK);
	fake_sn.rc = -EINVAL;
	ask("AT+MQTTOPEN=101,gw,1883,1,60", CME(50));
}

/* ---- results ---- */

static void each_kind_has_its_result(void **state)
{
	(void)state;
	fake_sn_topic(101, 200, "a/b", MQTTSN_BY_REGISTER);
	ask("AT+MQTTSNREG=101,\"a/b\";+MQTTSUB=101,200,1;+MQTTUNSUB=101,200;"
	    "+MQTTWTOPICUD=101,0,0,\"w\"", OK);
	ask("AT+MQTTWMSGUD=101,\"m\"", OK);
	ask("AT+MQTTPUB=101,200,0,0,\"x\"", OK);
	fake_sn_done(101, 0, true, 200);
	expect(&h, T("+MQTTSNREG: 101,1,200,\"a/b\""));
	fake_sn_done(101, 1, true, 0);
	expect(&h, T("+MQTTSUB: 101,1"));
	fake_sn_done(101, 2, true, 0);
	expect(&h, T("+MQTTUNSUB: 101,1"));
	fake_sn_done(101, 3, true, 0);
	expect(&h, T("+MQTTWTOPICUD: 101,1"));
	fake_sn_done(101, 4, true, 0);
	expect(&h, T("+MQTTWMSGUD: 101,1"));
	fake_sn_done(101, 5, true, 0);
	expect(&h, T("+MQTTPUB: 101,1"));
}

static void a_failed_registration_has_no_id(void **state)
{
	(void)state;
	ask("AT+MQTTSNREG=101,\"a/b\"", OK);
	fake_sn_done(101, 0, false, 0);
	expect(&h, T("+MQTTSNREG: 101,0"));
	ask("AT+CEER", T("+CEER: \"SNREG: refused or not acknowledged "
			 "(broker.example:1883)\"") OK);
}

/* L14: an id that comes early waits with its result. */
static void registrations_keep_their_order(void **state)
{
	(void)state;
	fake_sn_topic(101, 7, "two", MQTTSN_BY_REGISTER);
	ask("AT+MQTTSNREG=101,\"one\";+MQTTSNREG=101,\"two\"", OK);
	fake_sn_done(101, 1, true, 7);
	expect(&h, "");
	fake_sn_done(101, 0, false, 0);
	expect(&h, T("+MQTTSNREG: 101,0") T("+MQTTSNREG: 101,1,7,\"two\""));
}

static void a_lost_link_fails_what_was_asked(void **state)
{
	(void)state;
	fake_sn_topic(101, 7, "two", MQTTSN_BY_REGISTER);
	ask("AT+MQTTSNREG=101,\"one\";+MQTTSNREG=101,\"two\"", OK);
	fake_sn_done(101, 1, true, 7);
	fake_sn_lost(101, "no answer to pings");
	expect(&h, T("+MQTTSNREG: 101,0") T("+MQTTSNREG: 101,1,7,\"two\"")
	       T("+MQTTBREAK: 101,1"));
	ask("AT+MQTTOPEN?", T("+MQTTOPEN: 1,2,101,102") OK);
}

/* Freed with the session, which valgrind and ASan hold it to. */
static void a_result_that_waits_is_not_leaked(void **state)
{
	(void)state;
	fake_sn_topic(101, 7, "two", MQTTSN_BY_REGISTER);
	ask("AT+MQTTSNREG=101,\"one\";+MQTTSNREG=101,\"two\"", OK);
	fake_sn_done(101, 1, true, 7);
	expect(&h, "");
}

static void the_five_newest_registrations_are_shown(void **state)
{
	static const char *const names[] = { "t1", "t2", "t3", "t4", "t5",
					     "t6" };
	uint16_t i;

	(void)state;
	for (i = 0; i < 6; i++)
		fake_sn_topic(101, (uint16_t)(i + 128), names[i],
			      i % 2 ? MQTTSN_BY_GATEWAY : MQTTSN_BY_REGISTER);
	fake_sn_topic(101, 140, "subscribed", MQTTSN_BY_SUBSCRIBE);
	fake_sn_topic(102, 1, "other", MQTTSN_BY_REGISTER);
	ask("AT+MQTTSNREG?", T("+MQTTSNREG: 101,129,\"t2\"")
	    T("+MQTTSNREG: 101,130,\"t3\"") T("+MQTTSNREG: 101,131,\"t4\"")
	    T("+MQTTSNREG: 101,132,\"t5\"") T("+MQTTSNREG: 101,133,\"t6\"")
	    T("+MQTTSNREG: 102,1,\"other\"") OK);
}

static void the_gateways_registrations_are_told(void **state)
{
	(void)state;
	fake_sn_registered(101, 65534, "g/1");
	expect(&h, T("+MQTTSNREG: 101,2,65534,\"g/1\""));
	fake_sn_message(101, 1, MQTTSN_TOPIC_NORMAL, 65534, "g/1", "x");
	expect(&h, T("+MQTTMSG: 101,1,\"g/1\",\"x\""));
}

static void an_illegal_topic_is_not_told(void **state)
{
	(void)state;
	fake_sn_illegal(101);
	fake_sn_illegal(101);
	expect(&h, "");
	ask("AT+MQTTSNREG?", OK);
}

/* ---- messages ---- */

static void a_topic_id_goes_out_bare(void **state)
{
	(void)state;
	fake_sn_message(101, 2, MQTTSN_TOPIC_PREDEFINED, 300, "", "a");
	expect(&h, T("+MQTTMSG: 101,2,300,\"a\""));
	fake_sn_message(101, 0, MQTTSN_TOPIC_SHORT, 0, "ab", "b");
	expect(&h, T("+MQTTMSG: 101,0,\"ab\",\"b\""));
	ask("AT+MQTTCONF=1", OK);
	fake_sn_message(101, 2, MQTTSN_TOPIC_PREDEFINED, 300, "", "abcd");
	fake_sn_message(101, 1, MQTTSN_TOPIC_SHORT, 0, "ab", "");
	fake_sn_message(101, 1, MQTTSN_TOPIC_NORMAL, 5, "a/b", "c");
	expect(&h, T("+MQTTMSGI: 101,2,300,4") T("+MQTTMSGI: 101,1,2,0")
	       T("+MQTTMSGI: 101,1,3,1"));
	ask("AT+MQTTREAD=101", T("+MQTTREAD: 101,2,3,4,300,\"abcd\"") OK);
	ask("AT+MQTTREAD=101", T("+MQTTREAD: 101,1,2,0,\"ab\",\"\"") OK);
	ask("AT+MQTTREAD=101", T("+MQTTREAD: 101,1,3,1,\"a/b\",\"c\"") OK);
	ask("AT+MQTTREAD=101", T("+MQTTREAD: 101,0,0,0") OK);
	assert_int_equal(fake_sn.ended, 5);
}

static void a_message_is_acknowledged_when_the_host_has_it(void **state)
{
	(void)state;
	open_client(&h, 102, false);
	ask("AT+MQTTCONF=1", OK);
	fake_sn_message(102, 1, MQTTSN_TOPIC_PREDEFINED, 1, "", "a");
	expect(&h, T("+MQTTMSGI: 102,1,1,1"));
	assert_int_equal(fake_sn.ended, 0);
	ask("AT+MQTTREAD=102", T("+MQTTREAD: 102,1,1,1,1,\"a\"") OK);
	assert_int_equal(fake_sn.ended, 1);
	fake_sn_message(102, 1, MQTTSN_TOPIC_PREDEFINED, 1, "", "b");
	expect(&h, T("+MQTTMSGI: 102,1,1,1"));
	ask("AT+MQTTCLOSE=102", OK);
	assert_int_equal(fake_sn.dropped, 1);
	fake_sn_closed(102);
	expect(&h, T("+MQTTCLOSE: 102,1"));
}

static void look(void *ctx, const struct at_client_status *c)
{
	uint32_t *dropped = ctx;

	if (c->id == 101)
		*dropped = c->dropped;
}

static void a_message_without_room_is_counted(void **state)
{
	uint32_t dropped = 0;

	(void)state;
	fake_sn_dropped(101);
	fake_sn_dropped(101);
	at_session_clients(h.session, look, &dropped);
	assert_int_equal(dropped, 2);
	expect(&h, "");
}

/* ---- all four at once ---- */

static void four_clients_do_not_mix(void **state)
{
	(void)state;
	open_client(&h, 1, true);
	open_client(&h, 2, true);
	open_client(&h, 102, true);
	ask("AT+MQTTOPEN?", T("+MQTTOPEN: 0") OK);
	ask("AT+MQTTCLOSE?", T("+MQTTCLOSE: 1,2,101,102") OK);
	ask("AT+MQTTSUB=1,12,0", OK);
	ask("AT+MQTTSUB=101,12,0", OK);
	assert_string_equal(fake.call, "subscribe 1 12 0");
	expect_call("subscribe 101 predefined:12 0");
	fake_sn_done(101, 0, false, 0);
	expect(&h, T("+MQTTSUB: 101,0"));
	fake_done(1, 0, true);
	expect(&h, T("+MQTTSUB: 1,1"));
	ask("AT+MQTTCONF=1", OK);
	fake_message(2, 0, "t", "two");
	fake_sn_message(102, 0, MQTTSN_TOPIC_PREDEFINED, 9, "", "sn");
	expect(&h, T("+MQTTMSGI: 2,0,1,3") T("+MQTTMSGI: 102,0,9,2"));
	ask("AT+MQTTREAD=1;+MQTTREAD=102;+MQTTREAD=2",
	    T("+MQTTREAD: 1,0,0,0") T("+MQTTREAD: 102,0,1,2,9,\"sn\"")
	    T("+MQTTREAD: 2,0,1,3,\"t\",\"two\"") OK);
	fake_sn_lost(101, "gone");
	expect(&h, T("+MQTTBREAK: 101,1"));
	ask("AT+MQTTCLOSE?", T("+MQTTCLOSE: 1,2,102") OK);
}

static void the_uplink_cuts_each_of_them(void **state)
{
	struct uplink_status now = { .state = UPLINK_UP };

	(void)state;
	snprintf(now.address, sizeof(now.address), "10.0.0.5");
	at_session_uplink(h.session, &now);
	open_client(&h, 1, true);
	open_client(&h, 102, true);
	ask("AT+MQTTSUB=102,12,1", OK);
	now = (struct uplink_status){ .state = UPLINK_NO_CARRIER, .cuts = 1 };
	at_session_uplink(h.session, &now);
	expect(&h, T("+MQTTBREAK: 1,3") T("+MQTTBREAK: 101,3")
	       T("+MQTTSUB: 102,0") T("+MQTTBREAK: 102,3"));
	expect_call("abort 102");
	ask("AT+MQTTOPEN=101,gw,1883,1,60", OK T("+MQTTOPEN: 101,0"));
}

/* The table of ids is a new one, then. */
static void comes_back_after(const char *line)
{
	h.cfg.reconnect = true;
	harness_start(&h);
	open_client(&h, 101, true);
	fake_sn_topic(101, 5, "known", MQTTSN_BY_REGISTER);
	ask(line, OK);
	fake_sn_done(101, 0, true, 0);
	expect(&h, T("+MQTTSUB: 101,1"));
	fake_sn_lost(101, "gone");
	expect(&h, T("+MQTTBREAK: 101,1"));
	fake_sn.call[0] = '\0';
	fake_sn_client(101)->n_topics = 0;
	wait_ms(&h, 1100);
	fake_sn_opened(101);
	expect(&h, T("+MQTTOPEN: 101,1"));
}

static void a_link_that_comes_back_renews_by_id(void **state)
{
	(void)state;
	comes_back_after("AT+MQTTSUB=101,12,1");
	expect_call("subscribe 101 predefined:12 1");
}

static void a_registered_id_is_renewed_by_its_name(void **state)
{
	(void)state;
	comes_back_after("AT+MQTTSUB=101,5,1");
	expect_call("subscribe 101 name:known 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_asks_the_gateway),
#define TEST(setup, name) cmocka_unit_test_setup_teardown(name, setup, stop)
		TEST(start, an_open_has_the_at_timers),
		TEST(start, the_at_timers_keep_the_deadlines),
		TEST(start, so_they_do_when_the_deadline_is_short),
		TEST(start, client_id_will_and_dtls_go_into_an_open),
		TEST(start, an_empty_client_id_is_the_default),
		TEST(configure, retry_spec_waits_as_long_as_the_specification),
		TEST(configure, each_timer_can_be_set),
		TEST(start, what_the_gateway_said_is_in_ceer),
		TEST(start_open, each_kind_has_its_result),
		TEST(start_open, a_failed_registration_has_no_id),
		TEST(start_open, registrations_keep_their_order),
		TEST(start_open, a_lost_link_fails_what_was_asked),
		TEST(start_open, a_result_that_waits_is_not_leaked),
		TEST(start_open, the_five_newest_registrations_are_shown),
		TEST(start_open, the_gateways_registrations_are_told),
		TEST(start_open, an_illegal_topic_is_not_told),
		TEST(start_open, a_topic_id_goes_out_bare),
		TEST(start, a_message_is_acknowledged_when_the_host_has_it),
		TEST(start_open, a_message_without_room_is_counted),
		TEST(start_open, four_clients_do_not_mix),
		TEST(start_open, the_uplink_cuts_each_of_them),
		TEST(configure, a_link_that_comes_back_renews_by_id),
		TEST(configure, a_registered_id_is_renewed_by_its_name),
	};

	return cmocka_run_group_tests_name("sn", tests, NULL, NULL);
}
