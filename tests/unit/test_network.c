// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What hosts send before MQTT: each command in each form, with the uplink up
 * and down; and what a lost uplink does to what is open.
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
#include <time.h>

#include "daemon/at/internal.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

static void uplink(struct harness *h, enum uplink_state state,
		   const char *address)
{
	static struct uplink_status now;

	if (!address) {		/* the first of a test */
		now = (struct uplink_status){ .state = state };
		address = state ? "" : "10.0.0.5";
	} else if (!now.state) {
		now.cuts++;
	}
	now.state = state;
	snprintf(now.address, sizeof(now.address), "%s", address);
	at_session_uplink(h->session, &now);
}

static void start(struct harness *h, enum uplink_state state)
{
	harness_start(h);
	uplink(h, state, NULL);
}

/* Each on two new sessions; no answer for "down" means the same. */
static const struct {
	const char *line;
	const char *up;
	const char *down;
} rows[] = {
	{ "AT+CPIN?", T("+CPIN: READY") OK, NULL },
	{ "AT+CPIN=?", OK, NULL },
	{ "AT+CPIN=1234", T("+CME ERROR: 4"), NULL },

	{ "AT+CFSN?", T("+CFSN: \"123456789012345\"") OK, NULL },
	{ "AT+CSQ", T("+CSQ: 31,99") OK, T("+CSQ: 99,99") OK },
	{ "AT+CSQ?", T("+CSQ: 31,99") OK, T("+CSQ: 99,99") OK },
	{ "AT+CSQ=?", T("+CSQ: (0-31,99),(0-7,99)") OK, NULL },
	{ "ATE0V1+CMEE=1;+CSQ", T("+CSQ: 31,99") OK, T("+CSQ: 99,99") OK },

	{ "AT+CREG?", T("+CREG: 0,1") OK, T("+CREG: 0,2") OK },
	{ "AT+CGREG?", T("+CGREG: 0,1") OK, T("+CGREG: 0,2") OK },
	{ "AT+CEREG?", T("+CEREG: 0,1") OK, T("+CEREG: 0,2") OK },
	{ "AT+CREG=1;+CREG?", T("+CREG: 1,1") OK, T("+CREG: 1,2") OK },
	{ "AT+CGREG=2;+CGREG?", T("+CGREG: 2,1") OK, T("+CGREG: 2,2") OK },
	{ "AT+CEREG=1;+CREG?", T("+CREG: 0,1") OK, T("+CREG: 0,2") OK },
	{ "AT+CREG=3", CME(50), NULL },
	{ "AT+CREG=", CME(50), NULL },
	{ "AT+CREG=1,2", CME(50), NULL },
	{ "AT+CREG", T("+CME ERROR: 4"), NULL },
	{ "AT+CREG=?", T("+CREG: (0-2)") OK, NULL },
	{ "AT+CGREG=?", T("+CGREG: (0-2)") OK, NULL },
	{ "AT+CEREG=?", T("+CEREG: (0-2)") OK, NULL },

	{ "AT+CGATT?", T("+CGATT: 1") OK, T("+CGATT: 0") OK },
	{ "AT+CGATT=?", T("+CGATT: (0,1)") OK, NULL },
	{ "AT+CGATT=1", OK, CME(30) },
	{ "AT+CGATT=0", OK, NULL },
	{ "AT+CGATT=0;+CGATT?;+CREG?", T("+CGATT: 0") T("+CREG: 0,2") OK,
	  NULL },
	{ "AT+CGATT=0;+CGATT=1;+CGATT?", T("+CGATT: 1") OK, CME(30) },
	{ "AT+CGATT=2", CME(50), NULL },

	{ "AT+COPS?", T("+COPS: 0,0,\"Op\",7") OK, T("+COPS: 0") OK },
	{ "AT+COPS=?",
	  T("+COPS: (2,\"Op\",\"Op\",\"00101\",7),,(0,1,3,4),(0-2)") OK, NULL },
	{ "AT+COPS=0", OK, NULL },
	{ "AT+COPS=3,0", OK, NULL },
	{ "AT+COPS=3,2;+COPS?", T("+COPS: 0,2,\"00101\",7") OK,
	  T("+COPS: 0") OK },
	{ "AT+COPS=3,1;+COPS?", T("+COPS: 0,1,\"Op\",7") OK, T("+COPS: 0") OK },
	{ "AT+COPS=3,2;+COPS=0;+COPS?", T("+COPS: 0,2,\"00101\",7") OK,
	  T("+COPS: 0") OK },
	{ "AT+COPS=0,0;+COPS?", T("+COPS: 0,0,\"Op\",7") OK, T("+COPS: 0") OK },
	{ "AT+COPS=1,2,\"00101\";+COPS?", T("+COPS: 1,2,\"00101\",7") OK,
	  T("+COPS: 1") OK },
	{ "AT+COPS=1,0,\"Op\",7;+COPS=0;+COPS?", T("+COPS: 0,0,\"Op\",7") OK,
	  T("+COPS: 0") OK },
	{ "AT+COPS=1,2,\"46000\"", CME(30), NULL },
	{ "AT+COPS=4,2,\"46000\";+COPS?", T("+COPS: 0,2,\"00101\",7") OK,
	  T("+COPS: 0") OK },
	{ "AT+COPS=3,3", CME(50), NULL },
	{ "AT+COPS=0,0,\"Op\",7,1", CME(50), NULL },
	{ "AT+COPS=2", CME(4), NULL },
	{ "AT+COPS=5", CME(50), NULL },

	{ "AT+CESQ", T("+CESQ: 99,99,255,255,34,97") OK,
	  T("+CESQ: 99,99,255,255,255,255") OK },
	{ "AT+CESQ=?", T("+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),"
			 "(0-34,255),(0-97,255)") OK, NULL },
	{ "AT+CBC", T("+CBC: 1,100") OK, NULL },
	{ "AT+CBC?", T("+CBC: 1,100") OK, NULL },
	{ "AT+CBC=?", T("+CBC: (0-3),(0-100)") OK, NULL },

	{ "AT+CGDCONT?",
	  T("+CGDCONT: 1,\"IP\",\"net\",\"10.0.0.5\",0,0,0,0") OK,
	  T("+CGDCONT: 1,\"IP\",\"net\",\"0.0.0.0\",0,0,0,0") OK },
	{ "AT+CGDCONT=?", T("+CGDCONT: (1-5),\"IP\",,,(0),(0)")
	  T("+CGDCONT: (1-5),\"IPV6\",,,(0),(0)")
	  T("+CGDCONT: (1-5),\"IPV4V6\",,,(0),(0)") OK, NULL },
	{ "AT+CGDCONT=1,\"IP\",\"iot\";+CGDCONT?",
	  T("+CGDCONT: 1,\"IP\",\"iot\",\"10.0.0.5\",0,0,0,0") OK,
	  T("+CGDCONT: 1,\"IP\",\"iot\",\"0.0.0.0\",0,0,0,0") OK },
	{ "AT+CGDCONT=1,IPV4V6,iot,\"0.0.0.0\",0,0;+CGDCONT?",
	  T("+CGDCONT: 1,\"IPV4V6\",\"iot\",\"10.0.0.5\",0,0,0,0") OK,
	  T("+CGDCONT: 1,\"IPV4V6\",\"iot\",\"0.0.0.0\",0,0,0,0") OK },
	{ "AT+CGDCONT=3,\"ipv6\";+CGACT=0,3;+CGDCONT?",
	  T("+CGDCONT: 1,\"IP\",\"net\",\"10.0.0.5\",0,0,0,0")
	  T("+CGDCONT: 3,\"IPV6\",\"\",\"0.0.0.0\",0,0,0,0") OK,
	  T("+CGDCONT: 1,\"IP\",\"net\",\"0.0.0.0\",0,0,0,0")
	  T("+CGDCONT: 3,\"IPV6\",\"\",\"0.0.0.0\",0,0,0,0") OK },
	{ "AT+CGDCONT=1;+CGDCONT?;+CGACT?;+CGPADDR", OK, NULL },
	{ "AT+CGDCONT=6,\"IP\"", CME(50), NULL },
	{ "AT+CGDCONT=1,\"X25\"", CME(50), NULL },
	{ "AT+CGDCONT=1,\"IP\",\"{101*a}\"", CME(24), NULL },

	{ "AT+CGACT?", T("+CGACT: 1,1") OK, T("+CGACT: 1,0") OK },
	{ "AT+CGACT=?", T("+CGACT: (0,1)") OK, NULL },
	{ "AT+CGACT=1,1", OK, CME(30) },
	{ "AT+CGACT=1", OK, CME(30) },
	{ "AT+CGACT=0;+CGACT?;+CGPADDR",
	  T("+CGACT: 1,0") T("+CGPADDR: 1,\"0.0.0.0\"") OK, NULL },
	{ "AT+CGACT=0,1;+CGACT=1,1;+CGACT?", T("+CGACT: 1,1") OK, CME(30) },
	{ "AT+CGACT=1,2", CME(50), NULL },
	{ "AT+CGACT=2", CME(50), NULL },

	{ "AT+CGPADDR", T("+CGPADDR: 1,\"10.0.0.5\"") OK,
	  T("+CGPADDR: 1,\"0.0.0.0\"") OK },
	{ "AT+CGPADDR?", T("+CGPADDR: 1,\"10.0.0.5\"") OK,
	  T("+CGPADDR: 1,\"0.0.0.0\"") OK },
	{ "AT+CGPADDR=1", T("+CGPADDR: 1,\"10.0.0.5\"") OK,
	  T("+CGPADDR: 1,\"0.0.0.0\"") OK },
	{ "AT+CGPADDR=2", CME(50), NULL },
	{ "AT+CGPADDR=", CME(50), NULL },
	{ "AT+CGPADDR=?", T("+CGPADDR: (1)") OK, NULL },

	{ "AT+CGCONTRDP=1",
	  T("+CGCONTRDP: 1,5,\"net\",\"10.0.0.5.255.255.255.255\"") OK, OK },
	{ "AT+CGCONTRDP",
	  T("+CGCONTRDP: 1,5,\"net\",\"10.0.0.5.255.255.255.255\"") OK, OK },
	{ "AT+CGCONTRDP=?", T("+CGCONTRDP: (1)") OK, NULL },
	{ "AT+CGCONTRDP=2", CME(50), NULL },
	{ "AT+CGCONTRDP=1,1", CME(50), NULL },

	{ "AT+MIPCALL?", T("+MIPCALL: 0") OK, NULL },
	{ "AT+MIPCALL=?", T("+MIPCALL: (0,1)") OK, NULL },
	{ "AT+MIPCALL=1", OK T("+MIPCALL: 10.0.0.5"), CME(30) },
	{ "AT+MIPCALL=1,\"iot\",\"u\",\"p\"", OK T("+MIPCALL: 10.0.0.5"),
	  CME(30) },
	{ "AT+MIPCALL=1;+MIPCALL?",
	  T("+MIPCALL: 1,10.0.0.5") OK T("+MIPCALL: 10.0.0.5"), CME(30) },
	{ "AT+MIPCALL=1,\"iot\";+CGDCONT?",
	  T("+CGDCONT: 1,\"IP\",\"iot\",\"10.0.0.5\",0,0,0,0") OK
	  T("+MIPCALL: 10.0.0.5"), CME(30) },
	{ "AT+MIPCALL=0", OK T("+MIPCALL: 0"), NULL },
	{ "AT+MIPCALL=2", CME(50), NULL },
	{ "AT+MIPCALL", T("+CME ERROR: 4"), NULL },

	{ "AT+MIPDNS=?", OK, NULL },
	{ "AT+MIPDNS=\"\"", CME(50), NULL },
	{ "AT+MIPDNS=\"a b\"", CME(50), NULL },
	{ "AT+MIPDNS=a,0,1", CME(50), NULL },
	{ "AT+MIPDNS?", T("+CME ERROR: 4"), NULL },

	{ "AT+CFUN?", T("+CFUN: 1") OK, NULL },
	{ "AT+CFUN=?", T("+CFUN: (0,1,4,15),(0,1)") OK, NULL },
	{ "AT+CFUN=1", OK, NULL },
	{ "AT+CFUN=1,0", OK, NULL },
	{ "AT+CFUN=4;+CFUN?;+CSQ", T("+CFUN: 4") T("+CSQ: 99,99") OK, NULL },
	{ "AT+CFUN=0;+CFUN=1;+CSQ", T("+CSQ: 31,99") OK,
	  T("+CSQ: 99,99") OK },
	{ "AT+CFUN=2", CME(50), NULL },
	{ "AT+CFUN=1,2", CME(50), NULL },
	{ "AT+CFUN=15", OK T("AT command ready") T("+SIM READY"), NULL },
	{ "AT+CFUN=1,1", OK T("AT command ready") T("+SIM READY"), NULL },
	{ "AT+RESET", OK T("AT command ready") T("+SIM READY"), NULL },
	{ "AT+CPWROFF", OK, NULL },
	{ "AT+RESET;+NOPE", ERROR T("AT command ready") T("+SIM READY"),
	  NULL },

	{ "AT+CCLK=?", OK, NULL },
	{ "AT+CTZU?", T("+CTZU: 0") OK, NULL },
	{ "AT+CTZU=1;+CTZU?", T("+CTZU: 1") OK, NULL },
	{ "AT+CTZU=3;+CTZU?", T("+CTZU: 3") OK, NULL },
	{ "AT+CTZU=4", CME(50), NULL },
	{ "AT+CTZU=?", T("+CTZU: (0-3)") OK, NULL },
	{ "AT+CCLK=\"26/11/31,11:00:00+32\"", CME(50), NULL },
	{ "AT+CCLK=\"26/13/27,11:00:00+32\"", CME(50), NULL },
	{ "AT+CCLK=\"26/11/27,24:00:00+32\"", CME(50), NULL },
	{ "AT+CCLK=\"26/11/27,11:00:00+97\"", CME(50), NULL },
	{ "AT+CCLK=\"26/11/27 11:00:00\"", CME(50), NULL },
	{ "AT+CCLK=\"26/11/27\"", CME(50), NULL },
	{ "AT+CCLK=\"26/11/27,11:00:00+32\",1", CME(50), NULL },
	{ "AT+CCLK=", CME(50), NULL },
};

/* Every test runs for each of two series. */
static const char *model;

static void configure(struct harness *h)
{
	harness_configure(h, model);
	h->cfg.operator_name = (char *)"Op";
	h->cfg.apn = (char *)"net";
}

static void a_line_has_its_exact_answer(void **state)
{
	static struct harness h;
	const char *answer;
	size_t i;

	(void)state;
	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s%s\n", rows[i / 2].line,
			      i % 2 ? " (down)" : "");
		configure(&h);
		start(&h, i % 2 ? UPLINK_NO_ADDRESS : UPLINK_UP);
		say(&h, rows[i / 2].line);
		answer = i % 2 ? rows[i / 2].down : NULL;
		expect(&h, answer ? answer : rows[i / 2].up);
		harness_stop(&h);
	}
}

static int setup(void **state)
{
	static struct harness h;

	configure(&h);
	start(&h, UPLINK_UP);
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	harness_stop(*state);
	return 0;
}

/* ---- links ---- */

static void a_lost_address_breaks_with_cause_2_once(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	uplink(h, UPLINK_NO_ADDRESS, "");
	expect(h, T("+MQTTBREAK: 1,2"));
	assert_string_equal(fake.call, "abort 1");
	fake_lost(1, "connection lost");
	uplink(h, UPLINK_NO_CARRIER, "");
	expect(h, "");
	expect_reason(h, "uplink has no address (broker.example:1883)");
}

static void a_lost_carrier_breaks_all_with_cause_3(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	open_client(h, 2, true);
	uplink(h, UPLINK_NO_CARRIER, "");
	expect(h, T("+MQTTBREAK: 1,3") T("+MQTTBREAK: 2,3"));
	uplink(h, UPLINK_UP, "10.0.0.5");
	expect(h, "");
	open_client(h, 1, true);
}

static void a_lost_route_breaks_with_cause_2(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	uplink(h, UPLINK_NO_ROUTE, "");
	expect(h, T("+MQTTBREAK: 1,2"));
	expect_reason(h, "uplink has no route (broker.example:1883)");
}

static void another_address_breaks_what_used_the_old(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	uplink(h, UPLINK_UP, "10.0.0.6");
	expect(h, T("+MQTTBREAK: 1,2"));
	expect_reason(h, "uplink lost its address (broker.example:1883)");
	open_client(h, 1, true);
}

static void requests_fail_before_the_break(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,\"t\",0");
	expect_ok(h);
	uplink(h, UPLINK_NO_ADDRESS, "");
	expect(h, T("+MQTTSUB: 1,0") T("+MQTTBREAK: 1,2"));
}

static void an_open_under_way_fails(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	expect_ok(h);
	uplink(h, UPLINK_NO_CARRIER, "");
	expect(h, T("+MQTTOPEN: 1,0"));
	assert_string_equal(fake.call, "abort 1");
	fake_refused(1, 0, "too late");
	expect(h, "");
	expect_reason(h, "30: no network service: uplink has no carrier "
		      "(broker.example:1883)");
}

static void an_open_without_uplink_fails_behind_its_ok(void **state)
{
	struct harness *h = *state;

	uplink(h, UPLINK_NO_ADDRESS, "");
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	expect(h, OK T("+MQTTOPEN: 1,0"));
	assert_string_equal(fake.clients[0].open, "");
	expect_reason(h, "30: no network service: uplink has no address "
		      "(broker.example:1883)");
	say(h, "AT+MQTTOPEN?");
	expect(h, profile_can(h->cfg.profile, PROFILE_SN) ?
			  T("+MQTTOPEN: 1,2,101,102") OK :
			  T("+MQTTOPEN: 1,2") OK);
}

static void a_close_under_way_goes_on(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+MQTTCLOSE=1");
	expect_ok(h);
	uplink(h, UPLINK_NO_CARRIER, "");
	expect(h, "");
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1"));
}

static void a_break_waits_for_the_port(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	h->urc_rc = -EAGAIN;
	uplink(h, UPLINK_NO_CARRIER, "");
	expect(h, "");
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTBREAK: 1,3"));
}

/* A tty that is away for days, and an uplink that comes and goes. */
static void events_for_an_absent_host_have_an_end(void **state)
{
	struct harness *h = *state;
	size_t n = 0;

	say(h, "AT+CREG=1");
	h->out_len = 0;
	h->urc_rc = -EAGAIN;
	for (int i = 0; i < 5000; i++) {
		uplink(h, UPLINK_NO_ADDRESS, "");
		uplink(h, UPLINK_UP, "10.0.0.5");
	}
	h->urc_rc = 0;
	at_session_space(h->session);
	for (size_t i = 0; i + 5 < h->out_len; i++)
		n += !memcmp(h->out + i, "+CREG", 5);
	assert_in_range(n, 2, 256);
	assert_memory_equal(h->out + h->out_len - 12, "\r\n+CREG: 1\r\n", 12);
	h->out_len = 0;
	uplink(h, UPLINK_NO_ADDRESS, "");
	expect(h, T("+CREG: 2"));
}

/* ---- registration ---- */

static void changes_are_reported_on_demand(void **state)
{
	struct harness *h = *state;

	uplink(h, UPLINK_NO_ADDRESS, "");
	uplink(h, UPLINK_UP, "10.0.0.5");
	expect(h, "");
	say(h, "AT+CREG=1;+CEREG=2");
	expect_ok(h);
	uplink(h, UPLINK_NO_ADDRESS, "");
	expect(h, T("+CREG: 2") T("+CEREG: 2"));
	uplink(h, UPLINK_NO_CARRIER, "");
	expect(h, "");
	uplink(h, UPLINK_UP, "10.0.0.5");
	expect(h, T("+CREG: 1") T("+CEREG: 1"));
}

/* ---- radio and call ---- */

static void radio_off_is_a_lost_carrier(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+CREG=1;+CFUN=0");
	expect(h, OK T("+MQTTBREAK: 1,3") T("+CREG: 2"));
	expect_reason(h, "uplink is off (+CFUN) (broker.example:1883)");
	uplink(h, UPLINK_NO_ADDRESS, "");
	uplink(h, UPLINK_UP, "10.0.0.5");
	expect(h, "");
	say(h, "AT+CFUN=1");
	expect(h, OK T("+CREG: 1"));
}

static void detaching_breaks_with_cause_2(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "AT+CGATT=0");
	expect(h, OK T("+MQTTBREAK: 1,2"));
}

static void a_call_is_needed_only_by_the_knob(void **state)
{
	struct harness *h = *state;

	h->cfg.require_call = true;
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	expect(h, OK T("+MQTTOPEN: 1,0"));
	say(h, "AT+MIPCALL=1");
	expect(h, OK T("+MIPCALL: 10.0.0.5"));
	open_client(h, 1, true);
	say(h, "AT+MIPCALL=0");
	expect(h, OK T("+MQTTBREAK: 1,2") T("+MIPCALL: 0"));
	h->cfg.require_call = false;
	open_client(h, 1, true);
	say(h, "AT+MIPCALL=0");
	expect(h, OK T("+MIPCALL: 0"));
}

/* ---- restart ---- */

static void a_restart_forgets_everything(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, true);
	say(h, "ATE0S3=65&W+MQTTUSER=1,u,p;+MQTTWILL=1,t,0,0,gone;+CREG=1");
	h->out_len = 0;
	say(h, "AT+MQTTCONF=1;+CGATT=1;+MIPCALL=1");
	fake_message(1, 0, "t", "waits");
	h->out_len = 0;
	say(h, "AT+MQTTSUB=1,\"t\",0;+CFUN=15");
	expect(h, "A\\nOKA\\n" T("AT command ready") T("+SIM READY"));
	assert_string_equal(fake.call, "abort 1");
	assert_int_equal(h->changed.s3, '\r');
	assert_int_equal(h->changed.echo, 1);
	say(h, "AT+MQTTUSER?;+MQTTWILL?;+MQTTCONF?;+MQTTREAD=1;+CREG?");
	expect(h, T("+MQTTCONF: 0") T("+MQTTREAD: 1,0,0,0") T("+CREG: 0,1")
	       OK);
	say(h, "AT+MIPCALL?;Z+MQTTCLOSE?");
	expect(h, T("+MIPCALL: 0") T("+MQTTCLOSE: 0") OK);
	fake_lost(1, "too late");
	expect(h, "");
	open_client(h, 1, true);
}

static void a_restart_keeps_the_uplink_in_mind(void **state)
{
	struct harness *h = *state;

	uplink(h, UPLINK_NO_CARRIER, "");
	say(h, "AT+RESET");
	expect(h, OK T("AT command ready") T("+SIM READY"));
	say(h, "AT+CSQ");
	expect(h, T("+CSQ: 99,99") OK);
}

static void a_message_read_with_the_restart_is_the_hosts(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MQTTCONF=1");
	expect_ok(h);
	open_client(h, 1, false);
	fake_message(1, 1, "t", "a");
	expect(h, T("+MQTTMSGI: 1,1,1,1"));
	fake_message(1, 1, "t", "b");
	expect(h, T("+MQTTMSGI: 1,1,1,1"));
	say(h, "AT+MQTTREAD=1;+RESET");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"a\"") OK
	       T("AT command ready") T("+SIM READY"));
	assert_int_equal(fake.ended, 1);
	assert_int_equal(fake.dropped, 1);
}

/* ---- names and time ---- */

static void wait_for_output(struct harness *h)
{
	int i;

	for (i = 0; i < 500 && !h->out_len; i++)
		wait_ms(h, 10);
}

static void names_are_looked_up_behind_the_ok(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MIPDNS=\"127.000.000.001\"");
	expect_ok(h);
	say(h, "AT+MIPDNS=\"127.0.0.2\"");
	expect_cme(h, 3);
	wait_for_output(h);
	expect(h, T("+MIPDNS: \"127.000.000.001\",127.0.0.1"));
	say(h, "AT+MIPDNS=127.0.0.2");
	expect_ok(h);
	wait_for_output(h);
	expect(h, T("+MIPDNS: \"127.0.0.2\",127.0.0.2"));
	say(h, "AT+MIPDNS=\"127.0.0.3\",0");
	expect_ok(h);
	wait_for_output(h);
	expect(h, T("+MIPDNS: \"127.0.0.3\",127.0.0.3"));
}

static void a_name_without_uplink_has_no_address(void **state)
{
	struct harness *h = *state;

	uplink(h, UPLINK_NO_ADDRESS, "");
	say(h, "AT+MIPDNS=\"broker.example\"");
	expect(h, OK T("+MIPDNS: \"broker.example\",0.0.0.0"));
	expect_reason(h, "30: no network service: uplink has no address");
}

static void a_restart_abandons_a_lookup(void **state)
{
	struct harness *h = *state;

	say(h, "AT+MIPDNS=\"127.0.0.1\"");
	expect_ok(h);
	say(h, "AT+RESET");
	expect(h, OK T("AT command ready") T("+SIM READY"));
	wait_ms(h, 100);
	expect(h, "");
}

static void the_clock_counts_quarters_of_an_hour(void **state)
{
	static const struct {
		const char *zone;
		const char *text;
	} zones[] = {
		{ "UTC0", "26/07/20,06:51:36+00" },
		{ "XXX-5:30", "26/07/20,12:21:36+22" },
		{ "XXX3", "26/07/20,03:51:36-12" },
	};
	char text[40];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		setenv("TZ", zones[i].zone, 1);
		tzset();
		at_clock_text(1784530296, text, sizeof(text));
		assert_string_equal(text, zones[i].text);
	}
	setenv("TZ", "UTC0", 1);
	tzset();
}

static void the_clock_is_the_boards(void **state)
{
	struct harness *h = *state;
	char want[40], text[80];
	time_t before, after;

	do {	/* until no second passes meanwhile */
		h->out_len = 0;
		before = time(NULL);
		say(h, "AT+CCLK?");
		after = time(NULL);
	} while (before != after);
	at_clock_text(before, want, sizeof(want));
	snprintf(text, sizeof(text), T("+CCLK: \"%s\"") OK, want);
	expect(h, text);
}

/* Asks until no second passes between the setting and the answer. */
static void set_and_read(struct harness *h, const char *set, const char *want)
{
	char line[80], text[80];
	int tries = 5;

	snprintf(line, sizeof(line), "AT+CCLK=\"%s\";+CCLK?", set);
	snprintf(text, sizeof(text), "\r\n+CCLK: \"%s\"\r\n\r\nOK\r\n", want);
	do {
		h->out_len = 0;
		say(h, line);
	} while (tries-- && (h->out_len != strlen(text) ||
			     memcmp(h->out, text, h->out_len)));
	assert_true(tries >= 0);
	h->out_len = 0;
}

static void a_clock_that_is_set_is_this_ports_alone(void **state)
{
	struct harness *h = *state;
	time_t before = time(NULL);
	char year[8];
	size_t n;

	set_and_read(h, "26/11/27,11:00:00+32", "26/11/27,11:00:00+32");
	set_and_read(h, "04/02/29,23:59:30-20", "04/02/29,23:59:30-20");
	/* without a zone: that of before */
	set_and_read(h, "70/01/01,00:00:10", "70/01/01,00:00:10-20");
	assert_true(time(NULL) - before < 60);
	say(h, "AT+RESET");
	h->out_len = 0;
	say(h, "AT+CCLK?");
	strftime(year, sizeof(year), "\"%y/", gmtime(&before));
	n = strlen("\r\n+CCLK: ");
	assert_memory_equal(h->out + n, year, strlen(year));
	h->out_len = 0;
}

static void a_clock_that_is_set_goes_on(void **state)
{
	struct harness *h = *state;

	say(h, "AT+CCLK=\"26/12/31,23:59:59+00\"");
	expect_ok(h);
	wait_ms(h, 1100);
	say(h, "AT+CCLK?");
	assert_non_null(memmem(h->out, h->out_len, "\"27/01/01,00:00:0", 17));
	h->out_len = 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_exact_answer),
		CASE(a_lost_address_breaks_with_cause_2_once),
		CASE(a_lost_carrier_breaks_all_with_cause_3),
		CASE(a_lost_route_breaks_with_cause_2),
		CASE(another_address_breaks_what_used_the_old),
		CASE(requests_fail_before_the_break),
		CASE(an_open_under_way_fails),
		CASE(an_open_without_uplink_fails_behind_its_ok),
		CASE(a_close_under_way_goes_on),
		CASE(a_break_waits_for_the_port),
		CASE(events_for_an_absent_host_have_an_end),
		CASE(changes_are_reported_on_demand),
		CASE(radio_off_is_a_lost_carrier),
		CASE(detaching_breaks_with_cause_2),
		CASE(a_call_is_needed_only_by_the_knob),
		CASE(a_restart_forgets_everything),
		CASE(a_restart_keeps_the_uplink_in_mind),
		CASE(a_message_read_with_the_restart_is_the_hosts),
		CASE(names_are_looked_up_behind_the_ok),
		CASE(a_name_without_uplink_has_no_address),
		CASE(a_restart_abandons_a_lookup),
		cmocka_unit_test(the_clock_counts_quarters_of_an_hour),
		CASE(the_clock_is_the_boards),
		CASE(a_clock_that_is_set_is_this_ports_alone),
		CASE(a_clock_that_is_set_goes_on),
	};

	int failed;

	model = "L610";
	failed = cmocka_run_group_tests_name("network", tests, NULL, NULL);
	model = "MC665";
	return failed + cmocka_run_group_tests_name("network", tests,
						    NULL, NULL);
}
