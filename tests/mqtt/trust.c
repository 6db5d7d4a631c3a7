// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cases.h"

struct trust_row {
	const char *name;
	const int *port;
	const char *host;
	const char *ca, *cert, *key;
	bool no_verify, tls13_only;
	const char *why;	/* NULL: opens */
	enum mqtt_tls_failure code;
	bool dated;		/* and the board's date */
};

/* The clock of wolfSSL and of what it is asked for; 0: the right one. */
static time_t board_time;

time_t time(time_t *out) __attribute__((visibility("default")));

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (board_time)
		now.tv_sec = board_time;
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

static const struct trust_row rows[] = {
	{ "name", &broker.tls, "localhost", "ca" },
	{ "address", &broker.tls, "127.0.0.1", "ca" },
	{ "IPv6 address", &broker.tls6, "::1", "ca" },
	{ "wrong CA", &broker.tls, "localhost", "foreign",
	  .why = "certificate not trusted", .code = MQTT_TLS_UNTRUSTED },
	{ "system store", &broker.tls, "localhost", NULL,
	  .why = "certificate not trusted", .code = MQTT_TLS_UNTRUSTED },
	{ "no CA file", &broker.tls, "localhost", "missing",
	  .why = "CA file cannot be used", .code = MQTT_TLS_TRUST },
	{ "other host", &broker.other_host, "localhost", "ca",
	  .why = "host name does not match the certificate",
	  .code = MQTT_TLS_UNTRUSTED },
	{ "other address", &broker.other_host, "127.0.0.1", "ca",
	  .why = "address does not match the certificate",
	  .code = MQTT_TLS_UNTRUSTED },
	{ "other IPv6 address", &broker.other_host6, "::1", "ca",
	  .why = "address does not match the certificate",
	  .code = MQTT_TLS_UNTRUSTED },
	{ "expired", &broker.expired, "localhost", "ca",
	  .why = "certificate has expired", .code = MQTT_TLS_UNTRUSTED,
	  .dated = true },
	{ "plain broker", &broker.plain, "localhost", "ca",
	  .why = "not a TLS server", .code = MQTT_TLS_HANDSHAKE },
	{ "TLS 1.3 broker", &broker.tls13, "localhost", "ca" },
	{ "TLS 1.3 only", &broker.tls, "localhost", "ca", .tls13_only = true },
	{ "unverified", &broker.other_host, "localhost", "foreign",
	  .no_verify = true },
	{ "unverified, expired", &broker.expired, "localhost", "ca",
	  .no_verify = true },
	{ "client certificate", &broker.mtls, "localhost", "ca", "client",
	  "client" },
	{ "client certificate missing", &broker.mtls, "localhost", "ca",
	  .why = "client certificate required", .code = MQTT_TLS_IDENTITY },
	{ "foreign client certificate", &broker.mtls, "localhost", "ca",
	  "stranger", "stranger",
	  .why = "client certificate not trusted by the broker",
	  .code = MQTT_TLS_IDENTITY },
	{ "another's key", &broker.mtls, "localhost", "ca", "client",
	  "stranger", .why = "client key does not match its certificate",
	  .code = MQTT_TLS_IDENTITY },
	{ "missing client certificate", &broker.mtls, "localhost", "ca",
	  "missing", "client",
	  .why = "client certificate file cannot be used",
	  .code = MQTT_TLS_IDENTITY },
};

static const char *file(char *buf, size_t size, const char *name,
			const char *suffix)
{
	if (!name)
		return NULL;
	snprintf(buf, size, "%s/%s.%s", test_path("."), name, suffix);
	return buf;
}

static bool is_told(const char *text, const struct trust_row *row)
{
	char want[160], date[40] = "";
	time_t now = time(NULL);

	if (row->dated)
		strftime(date, sizeof(date), "; the board's date is %F",
			 gmtime(&now));
	snprintf(want, sizeof(want), "%s%s", row->why, date);
	return !strcmp(text, want);
}

static void try_row(const struct trust_row *row)
{
	char ca[256], cert[256], key[256];
	struct mqtt_tls tls = {
		.verify = !row->no_verify,
		.tls13_only = row->tls13_only,
		.ca_file = file(ca, sizeof(ca), row->ca, "crt"),
		.cert_file = file(cert, sizeof(cert), row->cert, "crt"),
		.key_file = file(key, sizeof(key), row->key, "key"),
	};
	struct mqtt_open args = plain_args(*row->port, row->name);
	struct peer *p = peer_new();

	args.host = row->host;
	args.tls = &tls;
	peer_open(p, &args);
	/* TLS 1.3: a refused client certificate shows after the handshake */
	if (p->opened == !!row->why ||
	    (row->why && !is_told(p->why.text, row)))
		fail_msg("%s: %s", row->name,
			 p->opened ? "opened" : p->why.text);
	if (row->why)
		assert_int_equal(p->why.code, row->code);
	else
		assert_non_null(strstr(mqtt_cipher(p->client), " TLS_"));
	peer_free(p);
}

static void test_trust(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (*rows[i].port)
			try_row(&rows[i]);
}

/* An uploaded one. */
static void try_uploaded_ca(const char *why)
{
	static char text[4096];
	struct mqtt_tls tls = { .verify = true };
	struct mqtt_open args = plain_args(broker.tls, "trust");
	struct peer *p = peer_new();
	FILE *f = fopen(test_path("ca.crt"), "r");

	assert_non_null(f);
	tls.ca[0].p = text;
	tls.ca[0].len = fread(text, 1, sizeof(text), f);
	fclose(f);
	args.tls = &tls;
	peer_open(p, &args);
	assert_string_equal(p->why.text, why);
	peer_free(p);
}

/* A board that has no clock, and one whose clock runs ahead. */
static void test_wrong_clock(void **state)
{
	static const struct trust_row early[] = {
		{ "1970", &broker.tls, "localhost", "ca",
		  .why = "CA certificate is not valid yet", .code = MQTT_TLS_TRUST,
		  .dated = true },
		{ "1970, system store", &broker.tls, "localhost", NULL,
		  .why = "certificate not trusted", .code = MQTT_TLS_UNTRUSTED,
		  .dated = true },
		{ "1970, unverified", &broker.tls, "localhost", "ca",
		  .no_verify = true },
	};
	static const struct trust_row late = {
		"2099", &broker.tls, "localhost", "ca",
		.why = "CA certificate has expired", .code = MQTT_TLS_TRUST,
		.dated = true
	};
	size_t i;

	(void)state;
	board_time = 1000;
	for (i = 0; i < sizeof(early) / sizeof(early[0]); i++)
		try_row(&early[i]);
	try_uploaded_ca("CA certificate is not valid yet; the board's date is "
			"1970-01-01");
	board_time = 4070908800;
	try_row(&late);
	try_uploaded_ca("CA certificate has expired; the board's date is "
			"2099-01-01");
	board_time = 0;
	try_row(&rows[0]);
}

static void test_plain_to_tls_port(void **state)
{
	struct mqtt_open args = plain_args(broker.tls, "p");
	struct peer *p = peer_new();

	(void)state;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_true(!strcmp(p->why.text, "closed by the broker") ||
		    !strcmp(p->why.text, "connection reset by the broker"));
	peer_free(p);
}

/* Brokers whose OpenSSL is held to an older version. */
static void test_tls_versions(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args;
	struct broker old;
	struct peer *p = peer_new();

	(void)state;
	broker_config(&old, "tls12");
	broker_start(&old, test_path("TLSv1.2.cnf"));
	args = plain_args(old.tls, "v");
	args.host = "localhost";
	args.tls = &tls;
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	peer_subscribe(p, "v", 2);
	peer_publish(p, "v", 2, "x", 1);
	ASSERT_WAIT(p->received == 1, 1000);
	peer_close(p);
	tls.tls13_only = true;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_string_equal(p->why.text,
			    "TLS version not supported by the broker");
	broker_kill(&old, SIGKILL);
	peer_free(p);
}

static void test_tls11_refused(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args;
	struct broker old;
	struct peer *p = peer_new();

	(void)state;
	broker_config(&old, "tls11");
	broker_start(&old, test_path("TLSv1.1.cnf"));
	args = plain_args(old.tls, "v");
	args.host = "localhost";
	args.tls = &tls;
	tls.verify = false;
	peer_open(p, &args);
	assert_int_equal(p->failed, 1);
	assert_string_equal(p->why.text,
			    "TLS version not supported by the broker");
	broker_kill(&old, SIGKILL);
	peer_free(p);
}

/*
 * Decrypted together with the PINGRESP, the message is nowhere to be polled:
 * stock paho delivers it one keepalive later.
 */
static void test_one_record(void **state)
{
	struct mqtt_tls tls = tls_args();
	struct peer *p = peer_new();
	struct mqtt_open args;
	char command[512];
	int port = 0;
	FILE *f;

	(void)state;
	snprintf(command, sizeof(command), "exec tests/mqtt/one_record.py %s",
		 test_path("."));
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%d", &port), 1);
	args = plain_args(port, "r");
	args.keepalive = 2;
	args.tls = &tls;
	peer_open(p, &args);
	assert_int_equal(p->opened, 1);
	ASSERT_WAIT(p->received == 1, 3000);
	assert_int_equal(p->lost, 0);
	peer_free(p);
	pclose(f);
}

/*
 * By the daemon's whole way: servers that OpenSSL makes of chains.sh's
 * certificates.  @options are s_server's.
 */
static void try_server(const char *cert, const char *ca, const char *crl,
		       const char *options, const char *why)
{
	char ca_path[256], crl_path[256], command[1024];
	struct mqtt_tls tls = { .verify = true, .ca_file = ca_path };
	struct mqtt_open args = plain_args(free_port(), "s");
	struct peer *p = peer_new();
	int tries = 0;
	FILE *f;

	snprintf(ca_path, sizeof(ca_path), "%s/chain/%s.crt", test_path("."),
		 ca);
	snprintf(crl_path, sizeof(crl_path), "%s/chain/%s.crl",
		 test_path("."), crl ? crl : "");
	if (crl)
		tls.crl = crl_path;
	snprintf(command, sizeof(command),
		 "cd %s/chain && exec openssl s_server -accept 127.0.0.1:%d "
		 "-cert %s.crt -key %s.key -naccept 1 -www "
		 "-cipher ALL:@SECLEVEL=0 %s 2>&1 >server.log",
		 test_path("."), args.port, cert, cert, options);
	f = popen(command, "r");
	assert_non_null(f);
	args.tls = &tls;
	args.timeout_ms = 1000;
	do {
		run_for(50);
		peer_open(p, &args);
	} while (!strcmp(p->why.text, "connection refused") && ++tries < 100);
	if (strcmp(p->why.text, why))
		fail_msg("%s, %s: %s", cert, options, p->why.text);
	peer_free(p);
	pclose(f);
}

static void test_servers(void **state)
{
	(void)state;
	/* it is no broker */
	try_server("by_rsa", "rsa", NULL, "-tls1_2", "no answer");
	try_server("md5", "rsa", NULL, "-tls1_2",
		   "certificate signed with MD5");
	try_server("md5", "rsa", NULL, "-tls1_3",
		   "certificate signed with MD5");
	try_server("sha1", "root", NULL, "",
		   "certificate signed with SHA-1");
	try_server("rsa1024", "root", NULL, "",
		   "certificate's key is too short");
	try_server("rsa_key", "rsa", NULL,
		   "-tls1_2 -cipher DHE:@SECLEVEL=0 -dhparam dh1536.pem",
		   "Diffie-Hellman group is too small");
	try_server("device", "r1", NULL, "-cert_chain amazon_sent.pem",
		   "no answer");
	try_server("revoked", "root", "some", "",
		   "certificate has been revoked");
	try_server("not_revoked", "root", "some", "", "no answer");
}

/* 71 names make 16382 bytes, which is what wolfSSL has room for. */
static void ask_for_one_of_many(const char *version)
{
	struct mqtt_tls tls = tls_args();
	struct mqtt_open args = plain_args(free_port(), "m");
	struct peer *p = peer_new();
	char command[512], sent[64] = "";
	int tries = 0;
	size_t n;
	FILE *f;

	snprintf(command, sizeof(command),
		 "exec tests/mqtt/many_cas.py %s %d 71 %s 2>&1", test_path("."),
		 args.port, version);
	f = popen(command, "r");
	assert_non_null(f);
	args.tls = &tls;
	args.timeout_ms = 4000;
	do {
		run_for(50);
		peer_open(p, &args);
	} while (!strcmp(p->why.text, "connection refused") && ++tries < 100);
	assert_string_equal(p->why.text, "no answer");	/* it is no broker */
	n = fread(sent, 1, sizeof(sent) - 1, f);
	assert_non_null(memmem(sent, n, "MQTT", 4));
	pclose(f);
	peer_free(p);
}

static void test_request_of_16_kib(void **state)
{
	(void)state;
	ask_for_one_of_many("tls1_2");
	ask_for_one_of_many("tls1_3");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(test_trust),
	cmocka_unit_test(test_wrong_clock),
	cmocka_unit_test(test_plain_to_tls_port),
	cmocka_unit_test(test_tls_versions),
	cmocka_unit_test(test_tls11_refused),
	cmocka_unit_test(test_one_record),
	cmocka_unit_test(test_request_of_16_kib),
	cmocka_unit_test(test_servers),
};

CASES(tls_cases, tests);
