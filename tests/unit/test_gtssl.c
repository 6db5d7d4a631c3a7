// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * GTSSLVER, GTSSLMODE, GTSSLFILE and what the next OPEN makes of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/cmd/gtssl.h"
#include "daemon/at/internal.h"
#include "tests/unit/harness.h"
#include "tests/unit/pem_samples.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define PROMPT	"\\r\\n>\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"
#define NO_FILES T("+GTSSLFILE: TRUSTFILE,0") T("+GTSSLFILE: CAFILE,0") \
		 T("+GTSSLFILE: CERTFILE,0") T("+GTSSLFILE: KEYFILE,0")

/* Every test runs for each of two series. */
static const char *model;

static int start(void **state)
{
	static struct harness h;

	harness_configure(&h, model);
	harness_start(&h);
	*state = &h;
	return 0;
}

static int stop(void **state)
{
	harness_stop(*state);
	return 0;
}

static const struct {
	const char *line;
	const char *answer;
} rows[] = {
	{ "AT+GTSSLVER?", T("+GTSSLVER: 0") OK },
	{ "AT+GTSSLVER=?", T("+GTSSLVER: (0-5)") OK },
	{ "AT+GTSSLVER=4;+GTSSLVER?", T("+GTSSLVER: 4") OK },
	{ "AT+GTSSLVER=5", OK },
	{ "AT+GTSSLVER=6", ERROR },
	{ "AT+GTSSLVER=-1", ERROR },
	{ "AT+GTSSLVER=", ERROR },
	{ "AT+GTSSLVER=4,1", ERROR },
	{ "AT+GTSSLVER", ERROR },
	{ "AT+GTSSLVER?", T("+GTSSLVER: 5") OK },
	{ "AT+GTSSLMODE?", T("+GTSSLMODE: 1") OK },
	{ "AT+GTSSLMODE=?", T("+GTSSLMODE: (0,1)") OK },
	{ "AT+GTSSLMODE=2", ERROR },
	{ "AT+GTSSLMODE=0,0", ERROR },
	{ "AT+GTSSLMODE=0;+GTSSLMODE?", T("+GTSSLMODE: 0") OK },
	{ "AT+GTSSLMODE=1;+GTSSLMODE?", T("+GTSSLMODE: 1") OK },
	{ "AT+GTSSLERR", ERROR },
	{ "AT+GTSSLERR=?", OK },
	{ "AT+GTSSLERR=1", ERROR },
	{ "AT+GTSSLCIPHER=0", ERROR },
	{ "AT+GTSSLFILE?", NO_FILES OK },
	{ "AT+GTSSLFILE=?",
	  T("+GTSSLFILE: (\"TRUSTFILE\",\"CAFILE\",\"CERTFILE\",\"KEYFILE\"),"
	    "(1-16384)") OK },
	{ "AT+GTSSLFILE=\"TRUSTFILE\"", ERROR },
	{ "AT+GTSSLFILE=\"TRUSTFILE\",0", ERROR },
	{ "AT+GTSSLFILE=\"TRUSTFILE\",16385", ERROR },
	{ "AT+GTSSLFILE=\"TRUSTFILE\",10,1", ERROR },
	{ "AT+GTSSLFILE=\"PSKFILE\",10", ERROR },
	{ "AT+GTSSLFILE=,10", ERROR },
	{ "AT+CEER", T("+CEER: \"50: bad file type\"") OK },
	{ "AT+GTSSLFILE=keyfile,16384", PROMPT },
};

static void lines_have_their_exact_answers(void **state)
{
	struct harness *h = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].line);
		say(h, rows[i].line);
		expect(h, rows[i].answer);
	}
}

static void the_operator_may_demand_it(void **state)
{
	struct mqtt_tls tls;
	struct harness h;

	(void)state;
	harness_configure(&h, model);
	h.cfg.tls_verify = TLS_VERIFY_ALWAYS;
	h.cfg.tls_crl = "/crls";
	harness_start(&h);
	say(&h, "AT+GTSSLMODE=0");
	expect_error(&h);
	say(&h, "AT+CEER");
	expect(&h, T("+CEER: \\\"3: TLS servers are verified, the configuration says\\\"") OK);
	say(&h, "AT+GTSSLMODE=1;+GTSSLMODE?");
	expect(&h, T("+GTSSLMODE: 1") OK);
	say(&h, "AT+GTSSLMODE=?");
	expect(&h, T("+GTSSLMODE: (1)") OK);
	h.session->tls.verify = false;	/* of a daemon that allowed it */
	say(&h, "AT+GTSSLMODE?");
	expect(&h, T("+GTSSLMODE: 1") OK);
	at_tls_fill(h.session, &tls);
	assert_true(tls.verify);
	assert_string_equal(tls.crl, "/crls");
	harness_stop(&h);
}

static void a_series_without_tls_has_none_of_it(void **state)
{
	static const char *const models[] = { "NL668-AM", "LC610N", "MC615" };
	struct harness h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		harness_configure(&h, models[i]);
		harness_start(&h);
		say(&h, "AT+GTSSLVER=4");
		expect_error(&h);
		say(&h, "AT+GTSSLMODE?");
		expect_error(&h);
		say(&h, "AT+GTSSLFILE=\"CAFILE\",10");
		expect_error(&h);
		harness_stop(&h);
	}
}

static void send_file(struct harness *h, const char *name, const char *text,
		      size_t len, enum at_input how)
{
	char line[64];
	int before = h->answers;

	snprintf(line, sizeof(line), "AT+GTSSLFILE=\"%s\",%zu", name, len);
	say(h, line);
	expect(h, PROMPT);
	assert_int_equal(h->data_len, len);
	at_session_data(h->session, text, len, how);
	assert_int_equal(h->answers, before + 2);
}

static void upload(struct harness *h, const char *name, const char *text)
{
	send_file(h, name, text, strlen(text), AT_INPUT_GOOD);
	expect_ok(h);
}

static void expect_tls(struct harness *h, const char *tls)
{
	say(h, "AT+MQTTOPEN=1,\"broker.example\",8883,1,60,2");
	expect_ok(h);
	assert_string_equal(fake.clients[0].tls, tls);
	fake_refused(1, 0, "certificate not trusted");
	expect(h, "\\r\\n+MQTTOPEN: 1,0\\r\\n");
}

#define LEN(text)	(sizeof(text) - 1)

static void without_an_upload_the_configured_files_are_used(void **state)
{
	struct harness *h = *state;

	h->cfg.tls_cert = (char *)"cert.pem";
	h->cfg.tls_key = (char *)"key.pem";
	h->cfg.tls_alpn = (char *)"mqtt";
	expect_tls(h, "ca=ca.pem+- cert=cert.pem key=key.pem verify=1 1.3=0 "
		      "alpn=mqtt");
	say(h, "AT+GTSSLVER=5;+GTSSLMODE=0");
	expect_ok(h);
	expect_tls(h, "ca=ca.pem+- cert=cert.pem key=key.pem verify=0 1.3=1 "
		      "alpn=mqtt");
}

static void each_upload_takes_its_place(void **state)
{
	struct harness *h = *state;
	char want[128];

	upload(h, "TRUSTFILE", PEM_OTHER_CERT PEM_CERT);
	upload(h, "CAFILE", PEM_OTHER_CERT);
	upload(h, "CERTFILE", PEM_CERT);
	upload(h, "KEYFILE", PEM_KEY);
	say(h, "AT+GTSSLFILE?");
	expect(h, T("+GTSSLFILE: TRUSTFILE,2") T("+GTSSLFILE: CAFILE,1")
	       T("+GTSSLFILE: CERTFILE,1") T("+GTSSLFILE: KEYFILE,1") OK);
	snprintf(want, sizeof(want),
		 "ca=%zu+%zu cert=%zu key=%zu verify=1 1.3=0 alpn=-",
		 LEN(PEM_OTHER_CERT PEM_CERT), LEN(PEM_OTHER_CERT),
		 LEN(PEM_CERT), LEN(PEM_KEY));
	expect_tls(h, want);
}

/* As hosts for AWS do it: CAFILE is the client's certificate. */
static void cafile_is_the_certificate_that_the_key_fits(void **state)
{
	struct harness *h = *state;
	char want[128];

	upload(h, "CAFILE", PEM_CERT);
	upload(h, "KEYFILE", PEM_KEY);
	snprintf(want, sizeof(want),
		 "ca=ca.pem+- cert=%zu key=%zu verify=1 1.3=0 alpn=-",
		 LEN(PEM_CERT), LEN(PEM_KEY));
	expect_tls(h, want);
	upload(h, "KEYFILE", PEM_OTHER_KEY);
	snprintf(want, sizeof(want),
		 "ca=-+%zu cert=- key=%zu verify=1 1.3=0 alpn=-",
		 LEN(PEM_CERT), LEN(PEM_OTHER_KEY));
	expect_tls(h, want);
}

/* A host that starts again uploads again. */
static void authorities_are_added_each_once(void **state)
{
	struct harness *h = *state;
	char want[128];

	upload(h, "TRUSTFILE", PEM_CERT);
	upload(h, "TRUSTFILE", PEM_CERT);
	upload(h, "CAFILE", PEM_OTHER_CERT);
	upload(h, "CAFILE", PEM_CERT PEM_OTHER_CERT);
	say(h, "AT+GTSSLFILE?");
	expect(h, T("+GTSSLFILE: TRUSTFILE,1") T("+GTSSLFILE: CAFILE,2")
	       T("+GTSSLFILE: CERTFILE,0") T("+GTSSLFILE: KEYFILE,0") OK);
	upload(h, "TRUSTFILE", PEM_OTHER_CERT);
	say(h, "AT+GTSSLFILE?");
	expect(h, T("+GTSSLFILE: TRUSTFILE,2") T("+GTSSLFILE: CAFILE,2")
	       T("+GTSSLFILE: CERTFILE,0") T("+GTSSLFILE: KEYFILE,0") OK);
	snprintf(want, sizeof(want),
		 "ca=%zu+%zu cert=- key=- verify=1 1.3=0 alpn=-",
		 LEN(PEM_CERT PEM_OTHER_CERT), LEN(PEM_CERT PEM_OTHER_CERT));
	expect_tls(h, want);
	say(h, "AT+RESET");
	h->out_len = 0;
	say(h, "AT+GTSSLFILE?");
	expect(h, NO_FILES OK);
}

static void certificate_and_key_are_replaced(void **state)
{
	struct harness *h = *state;
	char want[128];

	upload(h, "CERTFILE", PEM_OTHER_CERT PEM_CERT);
	upload(h, "KEYFILE", PEM_OTHER_KEY);
	upload(h, "CERTFILE", PEM_CERT);
	upload(h, "KEYFILE", PEM_KEY);
	snprintf(want, sizeof(want),
		 "ca=ca.pem+- cert=%zu key=%zu verify=1 1.3=0 alpn=-",
		 LEN(PEM_CERT), LEN(PEM_KEY));
	expect_tls(h, want);
	say(h, "AT+GTSSLFILE?");
	expect(h, T("+GTSSLFILE: TRUSTFILE,0") T("+GTSSLFILE: CAFILE,0")
	       T("+GTSSLFILE: CERTFILE,1") T("+GTSSLFILE: KEYFILE,1") OK);
}

/* What was in CAFILE before it vouches; what follows it is its chain. */
static void cafile_may_have_both(void **state)
{
	struct harness *h = *state;
	char want[128];

	upload(h, "CAFILE", PEM_OTHER_CERT);
	upload(h, "KEYFILE", PEM_KEY);
	upload(h, "CAFILE", PEM_CERT);
	snprintf(want, sizeof(want),
		 "ca=-+%zu cert=%zu key=%zu verify=1 1.3=0 alpn=-",
		 LEN(PEM_OTHER_CERT), LEN(PEM_CERT), LEN(PEM_KEY));
	expect_tls(h, want);
	upload(h, "KEYFILE", PEM_OTHER_KEY);
	snprintf(want, sizeof(want),
		 "ca=ca.pem+- cert=%zu key=%zu verify=1 1.3=0 alpn=-",
		 LEN(PEM_OTHER_CERT PEM_CERT), LEN(PEM_OTHER_KEY));
	expect_tls(h, want);
}

/* What a driver does that asks for a number, and what a person reads */
static void the_last_failure_of_tls_is_kept(void **state)
{
	struct harness *h = *state;

	say(h, "AT+GTSSLERR?");
	expect(h, T("+GTSSLERR: 0,\"no error\"") OK);
	say(h, "AT+MQTTOPEN=1,\"broker.example\",8883,1,60,2");
	expect_ok(h);
	fake_refused(1, MQTT_TLS_UNTRUSTED, "certificate not trusted");
	expect(h, T("+MQTTOPEN: 1,0"));
	say(h, "AT+CEER");
	expect(h, T("+CEER: \"certificate not trusted "
		    "(broker.example:8883)\"") OK);
	say(h, "AT+MQTTOPEN=1,\"broker.example\",8883,1,60,2");
	expect_ok(h);
	fake_refused(1, 703, "bad user name or password");
	expect(h, T("+MQTTOPEN: 1,0"));
	say(h, "AT+GTSSLERR?");
	expect(h, T("+GTSSLERR: -11,\"certificate not trusted "
		    "(broker.example:8883)\"") OK);
	say(h, "AT+RESET");
	h->out_len = 0;
	say(h, "AT+GTSSLERR?");
	expect(h, T("+GTSSLERR: 0,\"no error\"") OK);
}

static void links_by_tls_tell_their_cipher(void **state)
{
	struct harness *h = *state;

	say(h, "AT+GTSSLCIPHER?");
	expect_ok(h);
	open_client(h, 1, true);
	say(h, "AT+MQTTOPEN=2,\"broker.example\",8883,1,60,2");
	expect_ok(h);
	say(h, "AT+GTSSLCIPHER?");
	expect_ok(h);
	fake_opened(2);
	expect(h, T("+MQTTOPEN: 2,1"));
	say(h, "AT+GTSSLCIPHER?");
	expect(h, T("+GTSSLCIPHER: 2,\"TLSv1.3 TLS_AES_128_GCM_SHA256\"")
	       OK);
	fake_lost(2, "closed by the broker");
	h->out_len = 0;
	say(h, "AT+GTSSLCIPHER?");
	expect_ok(h);
}

static const struct {
	const char *file;
	const char *text;
	const char *why;
} bad[] = {
	{ "TRUSTFILE", "hello", "50: TRUSTFILE: no certificate" },
	{ "TRUSTFILE", PEM_KEY, "50: TRUSTFILE: no certificate" },
	{ "CAFILE", "-----BEGIN CERTIFICATE-----\nMIIB",
	  "50: CAFILE: certificate is cut short" },
	{ "CERTFILE",
	  PEM_CERT "-----BEGIN CERTIFICATE-----\nMIIB\n"
		   "-----END CERTIFICATE-----\n",
	  "50: CERTFILE: certificate is damaged" },
	{ "KEYFILE", PEM_CERT, "50: KEYFILE: no key" },
	{ "KEYFILE", PEM_LOCKED_KEY, "50: KEYFILE: key has a password" },
	{ "KEYFILE",
	  "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n"
	  "-----END PRIVATE KEY-----\n", "50: KEYFILE: key is damaged" },
};

static void a_broken_file_is_refused_and_changes_nothing(void **state)
{
	struct harness *h = *state;
	size_t i;

	upload(h, "KEYFILE", PEM_KEY);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		send_file(h, bad[i].file, bad[i].text, strlen(bad[i].text),
			  AT_INPUT_GOOD);
		expect_error(h);
		expect_reason(h, bad[i].why);
	}
	say(h, "AT+GTSSLFILE?");
	expect(h, T("+GTSSLFILE: TRUSTFILE,0") T("+GTSSLFILE: CAFILE,0")
	       T("+GTSSLFILE: CERTFILE,0") T("+GTSSLFILE: KEYFILE,1") OK);
}

static void a_file_that_ends_early_is_an_error(void **state)
{
	struct harness *h = *state;

	say(h, "AT+GTSSLFILE=\"TRUSTFILE\",1000");
	expect(h, PROMPT);
	say_data(h, "-----BEGIN", AT_INPUT_TIMEOUT);
	expect_error(h);
	expect_reason(h, "50: 10 of 1000 bytes came");
	say(h, "AT+GTSSLFILE?");
	expect(h, NO_FILES OK);
}

/* What transfers add: CRLF, no newline at the end, a NUL behind it */
static void line_ends_and_a_nul_do_no_harm(void **state)
{
	static const char no_newline[] = PEM_CERT;
	char crlf[2 * sizeof(PEM_KEY)];
	struct harness *h = *state;
	const char *p;
	size_t n = 0;

	send_file(h, "TRUSTFILE", no_newline, LEN(PEM_CERT) - 1,
		  AT_INPUT_GOOD);
	expect_ok(h);
	send_file(h, "CERTFILE", no_newline, sizeof(no_newline),
		  AT_INPUT_GOOD);
	expect_ok(h);
	for (p = PEM_KEY; *p; p++) {
		if (*p == '\n')
			crlf[n++] = '\r';
		crlf[n++] = *p;
	}
	send_file(h, "KEYFILE", crlf, n, AT_INPUT_GOOD);
	expect_ok(h);
}

int main(void)
{
#define ROW(f)	cmocka_unit_test_setup_teardown(f, start, stop)
	const struct CMUnitTest tests[] = {
		ROW(lines_have_their_exact_answers),
		cmocka_unit_test(the_operator_may_demand_it),
		cmocka_unit_test(a_series_without_tls_has_none_of_it),
		ROW(without_an_upload_the_configured_files_are_used),
		ROW(each_upload_takes_its_place),
		ROW(cafile_is_the_certificate_that_the_key_fits),
		ROW(authorities_are_added_each_once),
		ROW(certificate_and_key_are_replaced),
		ROW(cafile_may_have_both),
		ROW(the_last_failure_of_tls_is_kept),
		ROW(links_by_tls_tell_their_cipher),
		ROW(a_broken_file_is_refused_and_changes_nothing),
		ROW(a_file_that_ends_early_is_an_error),
		ROW(line_ends_and_a_nul_do_no_harm),
	};

	int failed;

	model = "L610";
	failed = cmocka_run_group_tests_name("gtssl", tests, NULL, NULL);
	model = "MC665";
	return failed + cmocka_run_group_tests_name("gtssl", tests,
						    NULL, NULL);
}
