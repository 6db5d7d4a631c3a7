// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The configuration file: defaults, values and faults.
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
#include <unistd.h>

#include "daemon/at/profile.h"
#include "daemon/cloud/crypt.h"
#include "daemon/config.h"
#include "daemon/lib/address.h"
#include "daemon/lib/reach.h"

static int load_text(const char *text, struct config **cfg)
{
	char path[] = "/tmp/atmqtt-config-XXXXXX";
	int fd = mkstemp(path);
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	err = config_load(path, cfg);
	unlink(path);
	return err;
}

static bool may_reach(const struct port_config *port, const char *host,
		      uint16_t number)
{
	struct sockaddr_storage address;

	assert_true(address_parse(host, number, &address));
	return reach_allows(port->reach, host, &address);
}

#define assert_may_reach(p, host, n) assert_true(may_reach(p, host, n))
#define assert_may_not_reach(p, host, n) assert_false(may_reach(p, host, n))

static void defaults_are_those_of_the_manual_page(void **state)
{
	struct config *cfg;
	const struct port_config *p;

	(void)state;
	assert_int_equal(load_text("port \"ttyS1\" {}", &cfg), 0);
	assert_int_equal(cfg->log_level, LOG_LEVEL_INFO);
	assert_string_equal(cfg->state_dir, "/var/lib/atmqttd");
	assert_string_equal(cfg->runtime_dir, "/run/atmqttd");
	assert_null(cfg->uplink);
	assert_string_equal(cfg->control, "/run/atmqttd/control");
	assert_int_equal(cfg->n_ports, 1);
	p = &cfg->ports[0];
	assert_string_equal(p->tty, "ttyS1");
	assert_ptr_equal(p->profile, profile_find("L610"));
	assert_string_equal(p->model_name, "L610");
	assert_int_equal(strlen(p->imei), 15);
	assert_may_reach(p, "192.0.2.7", 1);
	assert_may_not_reach(p, "127.0.0.1", 1);
	assert_true(p->echo && p->echo_cr && p->repeat && p->escapes);
	assert_string_equal(p->prompt, "\r\n>\r\n");
	assert_int_equal(p->boot_ms, 2000);
	assert_int_equal(p->announce_ms, 5000);
	assert_int_equal(p->off_ms, 5000);
	assert_int_equal(p->unplugged_ms, 60000);
	assert_int_equal(p->reset_on, 0);
	assert_false(p->will_on_stop);
	assert_int_equal(p->urc_hold_ms, 1000);
	assert_int_equal(p->data_timeout_ms, 20000);
	assert_int_equal(p->exec_timeout_ms, 30000);
	assert_int_equal(p->open_timeout_ms, 4900);
	assert_int_equal(p->result_timeout_ms, 2900);
	assert_int_equal(p->result_gap_ms, 20);
	assert_int_equal(p->pub_gap_ms, 0);
	assert_int_equal(p->read_queue, 64);
	assert_false(p->tls1_is_tls || p->oversize_truncate);
	assert_false(p->keepalive_any || p->reconnect);
	assert_false(p->break_cause_one || p->while_opening_refuse ||
		     p->open_again_replace);
	assert_int_equal(p->max_payload, 0);
	assert_int_equal(p->payload_format, PAYLOAD_RAW);
	assert_int_equal(p->retry_spec, 0);
	assert_int_equal(p->sn_retry_ms | p->sn_tries | p->sn_connect_ms |
			 p->sn_connect_tries | p->sn_ping_ms | p->sn_pings, 0);
	assert_int_equal(p->tls_verify, TLS_VERIFY_YES);
	assert_null(p->tls_ca);
	assert_null(p->tls_crl);
	assert_null(p->tls_alpn);
	assert_null(p->sn_psk_identity);
	assert_null(p->sn_psk_file);
	assert_string_equal(p->operator_name, "atmqtt");
	assert_string_equal(p->apn, "internet");
	assert_int_equal(strlen(p->iccid), 20);
	assert_memory_equal(p->iccid, "8986", 4);
	assert_string_equal(p->imsi, "001010000000000");
	assert_non_null(p->identity);
	assert_false(p->require_call);
	config_free(cfg);
}

static void values_reach_their_port(void **state)
{
	struct config *cfg;

	(void)state;
	assert_int_equal(load_text("log_level = \"debug\"\n"
				   "port \"ttyS1\" { imei = \"001234567890128\"\n"
				   " iccid = \"89860012345678901234\"\n"
				   " echo_cr = no prompt = \"\\r\\n> \"\n"
				   " oversize = \"truncate\" read_queue = 8\n"
				   " hosts = { \"*:1883\","
				   " \"127.0.0.1:8883\" } }\n"
				   "port \"ttyUSB0\" { model = \"MC665\"\n"
				   " operator = \"Op\" apn = \"iot\"\n"
				   " require_call = yes }\n"
				   "uplink = \"wwan0\" control = \"\"\n",
				   &cfg), 0);
	assert_int_equal(cfg->log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(cfg->n_ports, 2);
	assert_string_equal(cfg->ports[0].imei, "001234567890128");
	assert_string_equal(cfg->ports[0].iccid, "89860012345678901234");
	assert_null(cfg->ports[0].identity);
	assert_false(cfg->ports[0].echo_cr);
	assert_string_equal(cfg->ports[0].prompt, "\r\n> ");
	assert_true(cfg->ports[0].oversize_truncate);
	assert_int_equal(cfg->ports[0].read_queue, 8);
	assert_may_reach(&cfg->ports[0], "192.0.2.7", 1883);
	assert_may_reach(&cfg->ports[0], "127.0.0.1", 8883);
	assert_may_not_reach(&cfg->ports[0], "192.0.2.7", 8883);
	assert_false(cfg->ports[1].echo_cr);	/* the series' habit */
	assert_string_equal(cfg->ports[1].model_name, "MC665");
	assert_string_equal(cfg->ports[1].operator_name, "Op");
	assert_string_equal(cfg->ports[1].apn, "iot");
	assert_true(cfg->ports[1].require_call);
	assert_string_equal(cfg->uplink, "wwan0");
	assert_string_equal(cfg->control, "");
	config_free(cfg);
}

static void options_that_are_off_can_be_turned_on(void **state)
{
	const struct port_config *p;
	struct config *cfg;

	(void)state;
	assert_int_equal(load_text("port \"ttyS1\" { max_payload = 16384\n"
				   " keepalive_any = yes reconnect = yes\n"
				   " payload_format = \"escaped\"\n"
				   " break_cause = \"one\"\n"
				   " while_opening = refuse open_again = replace\n"
				   " tls1_is_tls = yes tls_alpn = \"mqtt,x\"\n"
				   " sn_psk_identity = \"me\""
				   " sn_psk_file = \"/dev/null\"\n"
				   " tls_verify = always tls_crl = \"/tmp\"\n"
				   " reset_on = break will_on_stop = yes }\n"
				   "port \"ttyS2\" { payload_format = \"hex\"\n"
				   " retry = spec sn_retry_ms = 1 sn_tries = 2\n"
				   " sn_connect_ms = 3 sn_connect_tries = 4\n"
				   " sn_ping_ms = 5 sn_pings = 6\n"
				   " reset_on = {\"dcd\", dsr} }\n"
				   "port \"ttyS3\" { reset_on = none }\n",
				   &cfg), 0);
	p = &cfg->ports[0];
	assert_int_equal(p->max_payload, 16384);
	assert_true(p->break_cause_one && p->while_opening_refuse &&
		    p->open_again_replace);
	assert_true(p->keepalive_any && p->reconnect && p->tls1_is_tls);
	assert_int_equal(p->payload_format, PAYLOAD_ESCAPED);
	assert_string_equal(p->tls_alpn, "mqtt,x");
	assert_string_equal(p->sn_psk_identity, "me");
	assert_string_equal(p->sn_psk_file, "/dev/null");
	assert_int_equal(p->tls_verify, TLS_VERIFY_ALWAYS);
	assert_string_equal(p->tls_crl, "/tmp");
	assert_int_equal(p->reset_on, RESET_ON_BREAK);
	assert_true(p->will_on_stop);
	p = &cfg->ports[1];
	assert_int_equal(p->payload_format, PAYLOAD_HEX);
	assert_int_equal(p->retry_spec, 1);
	assert_int_equal(p->sn_retry_ms, 1);
	assert_int_equal(p->sn_tries, 2);
	assert_int_equal(p->sn_connect_ms, 3);
	assert_int_equal(p->sn_connect_tries, 4);
	assert_int_equal(p->sn_ping_ms, 5);
	assert_int_equal(p->sn_pings, 6);
	assert_int_equal(p->reset_on, RESET_ON_DCD | RESET_ON_DSR);
	assert_int_equal(cfg->ports[2].reset_on & ~1U, 0);
	config_free(cfg);
}

static void two_ports_have_two_imeis(void **state)
{
	struct config *cfg;

	(void)state;
	assert_int_equal(load_text("port \"ttyS1\" {} port \"ttyS2\" {}", &cfg),
			 0);
	assert_string_not_equal(cfg->ports[0].imei, cfg->ports[1].imei);
	assert_string_not_equal(cfg->ports[0].iccid, cfg->ports[1].iccid);
	config_free(cfg);
}

#define PORT "port \"ttyS1\" {} "

static void clouds_have_keys_of_their_own(void **state)
{
	struct config *cfg;

	(void)state;
	assert_int_equal(load_text(PORT, &cfg), 0);
	assert_ptr_equal(cfg->ports[0].clouds, &cfg->clouds);
	assert_string_equal(cfg->clouds.alibaba.timestamp, "2524608000000");
	assert_int_equal(cfg->clouds.alibaba.timeout_ms, 15000);
	assert_int_equal(cfg->clouds.unicom.timeout_ms, 6000);
	assert_string_equal(cfg->clouds.huawei.timestamp, "now");
	assert_string_equal(cfg->clouds.unicom.dyn_host, "dmp-mqtt.cuiot.cn");
	config_free(cfg);

	assert_int_equal(load_text(PORT "cloud \"alibaba\" {\n"
				   " timeout_ms = 100 timestamp = \"\"\n"
				   " signmethod = \"hmacsha1\" }\n"
				   "cloud \"tencent\" { timeout_ms = 200\n"
				   " signmethod = \"hmacsha1\" }\n"
				   "cloud \"unicom\" { dyn_tls = yes }\n",
				   &cfg), 0);
	assert_int_equal(cfg->clouds.alibaba.timeout_ms, 100);
	assert_string_equal(cfg->clouds.alibaba.timestamp, "");
	assert_int_equal(cfg->clouds.alibaba.signmethod, HASH_SHA1);
	assert_int_equal(cfg->clouds.tencent.timeout_ms, 200);
	assert_int_equal(cfg->clouds.tencent.signmethod, TENCENT_SHA1);
	assert_int_equal(cfg->clouds.unicom.timeout_ms, 6000);
	assert_true(cfg->clouds.unicom.dyn_tls);
	config_free(cfg);
}

static bool has(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = strstr(text, word); p; p = strstr(p + len, word))
		if (strchr(" .\n", p[-1]) && strchr(" .,\n", p[len]))
			return true;
	return false;
}

static void the_manual_page_has_each_key_of_a_cloud(void **state)
{
	static char page[65536];
	cfg_opt_t keys[CLOUD_KEYS_MAX + 1];
	FILE *f = fopen("doc/atmqttd.conf.5", "r");

	(void)state;
	assert_non_null(f);
	page[fread(page, 1, sizeof(page) - 1, f)] = 0;
	fclose(f);
	cloud_config_options(keys);
	for (size_t i = 0; keys[i].name; i++)
		if (!has(strstr(page, ".SH CLOUD SECTIONS"), keys[i].name))
			fail_msg("not in the manual page: %s", keys[i].name);
}

static const char *const bad[] = {
	"",
	"log_level = \"loud\" port \"ttyS1\" {}",
	"control = \"here\" port \"ttyS1\" {}",
	"uplink = \"\" port \"ttyS1\" {}",
	"uplink = \"a-name-too-long0\" port \"ttyS1\" {}",
	"port {}",
	"port \"ttyS1\" { model = \"L999\" }",
	"port \"ttyS1\" { colour = \"red\" }",
	"port \"ttyS1\" { imei = \"12\" }",
	"port \"ttyS1\" { imei = \"00123456789012x\" }",
	"port \"ttyS1\" { imei = \"0012345678901281\" }",
	"port \"ttyS1\" { urc_hold_ms = -1 }",
	"port \"ttyS1\" { data_timeout_ms = 99 }",
	"port \"ttyS1\" { exec_timeout_ms = 3600001 }",
	"port \"ttyS1\" { read_queue = 0 }",
	"port \"ttyS1\" { hosts = { \"broker\" } }",
	"port \"ttyS1\" { hosts = { \"*:1883\", \"10.0.0.0/40:*\" } }",
	"port \"ttyS1\" { read_queue = many }",
	"port \"ttyS1\" { echo = perhaps }",
	"port \"ttyS1\" { oversize = \"keep\" }",
	"port \"ttyS1\" { reset_on = {break, button} }",
	"port \"ttyS1\" { boot_ms = 60001 }",
	"port \"ttyS1\" { payload_format = \"base64\" }",
	"port \"ttyS1\" { retry = \"often\" }",
	"port \"ttyS1\" { sn_tries = 21 }",
	"port \"ttyS1\" { sn_retry_ms = 600001 }",
	"port \"ttyS1\" { max_payload = 16385 }",
	"port \"ttyS1\" { keepalive_any = 65535 }",
	"port \"ttyS1\" { tls_ca = \"/nonexistent/ca.pem\" }",
	"port \"ttyS1\" { tls_cert = \"/dev/null\" }",
	"port \"ttyS1\" { sn_psk_identity = \"me\" }",
	"port \"ttyS1\" { sn_psk_file = \"/dev/null\" }",
	"port \"ttyS1\" { sn_psk_identity = \"me\" sn_psk_file = \"/nonexistent\" }",
	"port \"ttyS1\" { tls_crl = \"/nonexistent\" }",
	"port \"ttyS1\" { tls_verify = never }",
	"port \"ttyS1\" { tls_ca = \"credential:missing\" }",
	"port \"ttyS1\" { prompt = \"much longer than it may be\" }",
	"port \"ttyS1\" {} port \"ttyS1\" {}",
	"port \"ttyS1\" { echo =",
	"port \"\" {}",
	"port \"/dev/ttyS1\" {}",
	"port \"pts/3\" {}",
	PORT "cloud \"azure\" {}",
	PORT "cloud {}",
	PORT "cloud \"aws\" {}",
	PORT "cloud \"huawei\" {} cloud \"huawei\" {}",
	PORT "cloud \"huawei\" { colour = \"red\" }",
	PORT "cloud \"huawei\" { signmethod = \"hmacsha1\" }",
	PORT "cloud \"huawei\" { timestamp = \"soon\" }",
	PORT "cloud \"huawei\" { timestamp = \"20250414011\" }",
	PORT "cloud \"huawei\" { timestamp = \"\" }",
	PORT "cloud \"huawei\" { check_time = 2 }",
	PORT "cloud \"onenet\" { et = \"now\" }",
	PORT "cloud \"onenet\" { et = \"\" }",
	PORT "cloud \"tencent\" { expiry = \"now\" }",
	PORT "cloud \"baidu\" { timestamp = \"\" }",
	PORT "cloud \"tencent\" { signmethod = \"hmacmd5\" }",
	PORT "cloud \"baidu\" { algorithm = \"sha1\" }",
	PORT "cloud \"alibaba\" { dyn_prefix = \"maybe\" }",
	PORT "cloud \"alibaba\" { dyn_port = 65536 }",
	PORT "cloud \"unicom\" { dyn_port = 0 }",
	PORT "cloud \"unicom\" { operator = 5 }",
	PORT "cloud \"unicom\" { ca = \"/nonexistent/ca.pem\" }",
};

static void faults_are_refused(void **state)
{
	struct config *cfg;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (load_text(bad[i], &cfg) >= 0)
			fail_msg("accepted: %s", bad[i]);
}

/* A section with a fault, and what is said of it */
static const struct {
	const char *section;
	const char *faults[4];
} alone[] = {
	{ "port \"ttyS2\" {\n model = \"L999\"\n}",
	  { ":3: port \"ttyS2\": no such model: L999" } },
	{ "port \"ttyS2\" {\n\n tls_ca = \"/nonexistent/ca.pem\"\n}",
	  { ":4: port \"ttyS2\": tls_ca: /nonexistent/ca.pem: " } },
	{ "port \"ttyS2\" { imei = \"12\"\n read_queue = 0\n retry = x\n}",
	  { ":2: port \"ttyS2\": imei must be 15 digits",
	    ":3: port \"ttyS2\": read_queue must be 1 to 4096",
	    ":4: port \"ttyS2\": retry must be " } },
	{ "port \"ttyS2\" { tls_key = \"/dev/null\"\n}",
	  { ":3: port \"ttyS2\": tls_cert and tls_key go together" } },
	{ "port \"/dev/ttyS2\" {\n read_queue = 0\n}",
	  { ":3: port \"/dev/ttyS2\": read_queue must be 1 to 4096",
	    ":4: port \"/dev/ttyS2\": a tty is meant by its name" } },
	{ "port \"\" { }", { ":2: port \"\": a tty is meant by its name" } },
};

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

/* What load_text() has on its stderr */
static void load_and_hear(const char *text, struct config **cfg, char *said,
			  size_t size)
{
	int old = dup(STDERR_FILENO);
	int fds[2];
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	assert_int_equal(load_text(text, cfg), 0);
	dup2(old, STDERR_FILENO);
	close(old);
	n = read(fds[0], said, size - 1);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
}

static void a_fault_of_a_port_is_its_own(void **state)
{
	char text[512], said[2048];
	struct config *cfg;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		snprintf(text, sizeof(text), "port \"ttyS1\" { }\n%s\n"
			 "port \"ttyS3\" { }", alone[i].section);
		load_and_hear(text, &cfg, said, sizeof(said));
		assert_int_equal(cfg->n_ports, 2);
		assert_int_equal(cfg->n_bad, 1);
		assert_string_equal(cfg->ports[0].tty, "ttyS1");
		assert_string_equal(cfg->ports[1].tty, "ttyS3");
		for (n = 0; n < 4 && alone[i].faults[n]; n++)
			if (count(said, alone[i].faults[n]) != 1)
				fail_msg("not once: %s in %s",
					 alone[i].faults[n], said);
		assert_int_equal(count(said, "\n"), n + 1);
		config_free(cfg);
	}
}

static const char credentials[] =
	"port \"ttyS1\" { tls_ca = \"/dev/null\" tls_cert = \"credential:null\""
	" tls_key = \"credential:null\" }"
	"cloud \"unicom\" { ca = \"credential:null\" }";

/* systemd's folder is named by the environment. */
static void credentials_are_found(void **state)
{
	static const char *const paths[] = { "/null", "../dev/null", ".",
					     "..", "" };
	struct config *cfg;
	char text[128];

	(void)state;
	unsetenv("CREDENTIALS_DIRECTORY");
	assert_true(load_text(credentials, &cfg) < 0);
	setenv("CREDENTIALS_DIRECTORY", "/dev", 1);
	assert_int_equal(load_text(credentials, &cfg), 0);
	assert_string_equal(cfg->ports[0].tls_ca, "/dev/null");
	assert_string_equal(cfg->ports[0].tls_cert, "/dev/null");
	assert_string_equal(cfg->ports[0].tls_key, "/dev/null");
	assert_string_equal(cfg->clouds.unicom.ca, "/dev/null");
	config_free(cfg);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		snprintf(text, sizeof(text),
			 "port \"ttyS1\" { tls_ca = \"credential:%s\" }",
			 paths[i]);
		assert_true(load_text(text, &cfg) < 0);
	}
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void a_missing_file_is_enoent(void **state)
{
	struct config *cfg;

	(void)state;
	assert_int_equal(config_load("/nonexistent/atmqttd.conf", &cfg),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual_page),
		cmocka_unit_test(values_reach_their_port),
		cmocka_unit_test(options_that_are_off_can_be_turned_on),
		cmocka_unit_test(two_ports_have_two_imeis),
		cmocka_unit_test(clouds_have_keys_of_their_own),
		cmocka_unit_test(the_manual_page_has_each_key_of_a_cloud),
		cmocka_unit_test(faults_are_refused),
		cmocka_unit_test(a_fault_of_a_port_is_its_own),
		cmocka_unit_test(credentials_are_found),
		cmocka_unit_test(a_missing_file_is_enoent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
