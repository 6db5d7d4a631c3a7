// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The grammar is libconfuse's; the keys of a port section are rows of one
 * table: where the value goes, its default and its range.
 */
#include "daemon/config.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/profile.h"
#include "daemon/control.h"
#include "daemon/identity.h"
#include "daemon/key.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define STATE_DIR	"/var/lib/atmqttd"
#define RUNTIME_DIR	"/run/atmqttd"

#define P	struct port_config

static const char *const oversize_words[] = { "drop", "truncate", NULL };
static const char *const reset_words[] = { "none", "break", "dcd", "dsr",
					   NULL };
static const char *const retry_words[] = { "at", "spec", NULL };
static const char *const opening_words[] = { "hold", "refuse", NULL };
static const char *const again_words[] = { "refuse", "replace", NULL };
static const char *const cause_words[] = { "manual", "one", NULL };
static const char *const verify_words[] = {
	[TLS_VERIFY_NO] = "no",
	[TLS_VERIFY_YES] = "yes",
	[TLS_VERIFY_ALWAYS] = "always",
	NULL
};
static const char *const format_words[] = {
	[PAYLOAD_RAW] = "raw",
	[PAYLOAD_HEX] = "hex",
	[PAYLOAD_ESCAPED] = "escaped",
	NULL
};

/* "model" and "echo_cr" are not here: see fill_in(). */
static const struct key keys[] = {
	KEY_STRING("manufacturer", P, manufacturer, "Fibocom", 64),
	KEY_STRING("model_name", P, model_name, NULL, 64),
	KEY_STRING("revision", P, revision, ATMQTT_VERSION, 64),
	KEY_STRING("imei", P, imei, NULL, 15),
	KEY_STRING("imsi", P, imsi, "001010000000000", 15),
	KEY_STRING("iccid", P, iccid, NULL, 22),
	KEY_STRING("operator", P, operator_name, "atmqtt", 32),
	KEY_STRING("apn", P, apn, "internet", 100),
	KEY_BOOL("require_call", P, require_call, 0),
	KEY_REACH("hosts", P, reach),
	KEY_INT("boot_ms", P, boot_ms, 2000, 0, 60000),
	KEY_INT("announce_ms", P, announce_ms, 5000, 0, 3600000),
	KEY_INT("off_ms", P, off_ms, 5000, 0, 3600000),
	KEY_WORDS("reset_on", P, reset_on, reset_words),
	KEY_INT("unplugged_ms", P, unplugged_ms, 60000, 0, 86400000),
	KEY_BOOL("will_on_stop", P, will_on_stop, 0),
	KEY_BOOL("echo", P, echo, 1),
	KEY_BOOL("repeat", P, repeat, 1),
	KEY_BOOL("escapes", P, escapes, 1),
	KEY_STRING("prompt", P, prompt, "\r\n>\r\n", 16),
	KEY_INT("urc_hold_ms", P, urc_hold_ms, 1000, 0, 60000),
	KEY_INT("data_timeout_ms", P, data_timeout_ms, 20000, 100, 3600000),
	KEY_INT("exec_timeout_ms", P, exec_timeout_ms, 30000, 0, 3600000),
	KEY_INT("open_timeout_ms", P, open_timeout_ms, 4900, 100, 600000),
	KEY_INT("result_timeout_ms", P, result_timeout_ms, 2900, 100, 600000),
	KEY_INT("result_gap_ms", P, result_gap_ms, 20, 0, 1000),
	KEY_INT("pub_gap_ms", P, pub_gap_ms, 0, 0, 1000),
	KEY_INT("read_queue", P, read_queue, 64, 1, 4096),
	KEY_BOOL("tls1_is_tls", P, tls1_is_tls, 0),
	KEY_INT("max_payload", P, max_payload, 0, 0, 16384),
	KEY_BOOL("keepalive_any", P, keepalive_any, 0),
	KEY_WORD("while_opening", P, while_opening_refuse, 0, opening_words),
	KEY_WORD("open_again", P, open_again_replace, 0, again_words),
	KEY_WORD("break_cause", P, break_cause_one, 0, cause_words),
	KEY_BOOL("reconnect", P, reconnect, 0),
	KEY_WORD("oversize", P, oversize_truncate, 0, oversize_words),
	KEY_WORD("payload_format", P, payload_format, PAYLOAD_RAW,
		 format_words),
	KEY_WORD("retry", P, retry_spec, 0, retry_words),
	KEY_INT("sn_retry_ms", P, sn_retry_ms, 0, 0, 600000),
	KEY_INT("sn_tries", P, sn_tries, 0, 0, 20),
	KEY_INT("sn_connect_ms", P, sn_connect_ms, 0, 0, 600000),
	KEY_INT("sn_connect_tries", P, sn_connect_tries, 0, 0, 20),
	KEY_INT("sn_ping_ms", P, sn_ping_ms, 0, 0, 600000),
	KEY_INT("sn_pings", P, sn_pings, 0, 0, 20),
	KEY_STRING("sn_psk_identity", P, sn_psk_identity, NULL, 127),
	KEY_FILE("sn_psk_file", P, sn_psk_file),
	KEY_FILE("tls_ca", P, tls_ca),
	KEY_FILE("tls_cert", P, tls_cert),
	KEY_FILE("tls_key", P, tls_key),
	KEY_STRING("tls_alpn", P, tls_alpn, NULL, 255),
	KEY_FILE("tls_crl", P, tls_crl),
	KEY_WORD("tls_verify", P, tls_verify, TLS_VERIFY_YES, verify_words),
};

/* ---- faults, each with its line ---- */

static void report(cfg_t *cfg, const char *fmt, va_list ap)
{
	const char *title = cfg_title(cfg);
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	log_error("%s:%d: %s%s%s%s%s%s", cfg->filename ? cfg->filename : "?",
		  cfg->line, title ? cfg->name : "", title ? " \"" : "",
		  title ? title : "", title ? "\"" : "", title ? ": " : "",
		  text);
}

/* For what was told when the line was read. */
static void report_nothing(cfg_t *cfg, const char *fmt, va_list ap)
{
	(void)cfg;
	(void)fmt;
	(void)ap;
}

static int all_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static int check_model(cfg_t *sec)
{
	const char *model = cfg_getstr(sec, "model");

	if (profile_find(model))
		return 0;
	cfg_error(sec, "no such model: %s", model);
	return -EINVAL;
}

static int check_imei(cfg_t *sec)
{
	const char *imei = cfg_getstr(sec, "imei");

	if (!imei || all_digits(imei, IDENTITY_IMEI))
		return 0;
	cfg_error(sec, "imei must be %d digits", IDENTITY_IMEI);
	return -EINVAL;
}

static int check_keys(cfg_t *sec)
{
	int err = check_model(sec) | check_imei(sec);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		err |= key_check(sec, &keys[i]);
	return err ? -EINVAL : 0;
}

/* libconfuse calls it as soon as it has read a key: it reads on. */
static int on_key(cfg_t *sec, cfg_opt_t *opt)
{
	if (!strcmp(opt->name, "model"))
		check_model(sec);
	if (!strcmp(opt->name, "imei"))
		check_imei(sec);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(opt->name, keys[i].name))
			key_check(sec, &keys[i]);
	return 0;
}

static void tell_faults(cfg_t *file)
{
	char path[64];

	cfg_set_error_function(file, report);
	cfg_set_validate_func(file, "port|model", on_key);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		snprintf(path, sizeof(path), "port|%s", keys[i].name);
		cfg_set_validate_func(file, path, on_key);
	}
}

/* ---- a section ---- */

/* The numbers that are not set are those of this board. */
static int fill_identity(cfg_t *sec, struct port_config *port)
{
	char iccid[IDENTITY_ICCID + 1];
	struct identity id;

	if (!port->imei) {
		if (identity_derive("", port->tty, &id)) {
			cfg_error(sec, "imei is not set, and nothing tells this board from others");
			return -EINVAL;
		}
		port->imei = strdup(id.imei);
		port->identity = strdup(id.source);
		if (!port->imei || !port->identity)
			return -ENOMEM;
	}
	if (!port->iccid) {
		identity_iccid(port->imei, iccid);
		port->iccid = strdup(iccid);
	}
	return port->iccid ? 0 : -ENOMEM;
}

/* What depends on the series and on this board. */
static int fill_in(cfg_t *sec, struct port_config *port)
{
	cfg_opt_t *echo_cr = cfg_getopt(sec, "echo_cr");

	port->profile = profile_find(cfg_getstr(sec, "model"));
	port->echo_cr = cfg_opt_size(echo_cr) ? cfg_opt_getnbool(echo_cr, 0) :
						port->profile->echo_cr;
	if (!port->model_name)
		port->model_name = strdup(cfg_getstr(sec, "model"));
	if (!port->model_name)
		return -ENOMEM;
	if (port->tls_verify == TLS_VERIFY_NO)
		log_warning("port %s: TLS servers are not verified", port->tty);
	return fill_identity(sec, port);
}

/* What is to be told of the section as a whole. */
static int check_section(cfg_t *sec)
{
	const char *tty = cfg_title(sec);
	int err = 0;

	if (!*tty || strchr(tty, '/')) {
		cfg_error(sec, "a tty is meant by its name, as \"ttyS1\" or \"pts3\"");
		err = -EINVAL;
	}
	if (!cfg_size(sec, "tls_cert") != !cfg_size(sec, "tls_key")) {
		cfg_error(sec, "tls_cert and tls_key go together");
		err = -EINVAL;
	}
	if (!cfg_size(sec, "sn_psk_identity") !=
	    !cfg_size(sec, "sn_psk_file")) {
		cfg_error(sec, "sn_psk_identity and sn_psk_file go together");
		err = -EINVAL;
	}
	return err;
}

static int check_port(cfg_t *sec)
{
	int err;

	sec->errfunc = report_nothing;
	err = check_keys(sec);
	sec->errfunc = report;
	return check_section(sec) ?: err;
}

static int load_port(cfg_t *sec, struct port_config *port)
{
	int err = check_port(sec);

	if (err)
		return err;
	port->tty = strdup(cfg_title(sec));
	if (!port->tty)
		return -ENOMEM;
	for (size_t i = 0; !err && i < ARRAY_SIZE(keys); i++)
		err = key_store(sec, &keys[i], port);
	return err ? err : fill_in(sec, port);
}

static void free_port(struct port_config *port)
{
	free(port->tty);
	free(port->identity);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		key_free(&keys[i], port);
}

/* One with a fault is left out. */
static int load_ports(cfg_t *file, struct config *cfg)
{
	unsigned int n = cfg_size(file, "port");
	struct port_config *port;
	cfg_t *sec;
	int err;

	cfg->ports = calloc(n + 1, sizeof(*cfg->ports));
	if (!cfg->ports)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++) {
		sec = cfg_getnsec(file, "port", i);
		port = &cfg->ports[cfg->n_ports];
		*port = (struct port_config){
			.state_dir = cfg->state_dir,
			.runtime_dir = cfg->runtime_dir,
			.clouds = &cfg->clouds,
		};
		err = load_port(sec, port);
		if (!err) {
			cfg->n_ports++;
			continue;
		}
		free_port(port);
		if (err == -ENOMEM)
			return err;
		cfg->n_bad++;
		log_error("port %s is not served", cfg_title(sec));
	}
	if (cfg->n_ports)
		return 0;
	cfg_error(file, cfg->n_bad ? "no port is left" :
				     "there is no port section");
	return -EINVAL;
}

static int load_uplink(cfg_t *file, struct config *cfg)
{
	const char *name = cfg_getstr(file, "uplink");

	if (!name)
		return 0;
	if (!*name || strlen(name) >= IF_NAMESIZE) {
		cfg_error(file, "uplink must be the name of an interface");
		return -EINVAL;
	}
	cfg->uplink = strdup(name);
	return cfg->uplink ? 0 : -ENOMEM;
}

static int load_control(cfg_t *file, struct config *cfg)
{
	const char *path = cfg_getstr(file, "control");

	if ((*path && *path != '/') || strlen(path) > CONTROL_PATH_MAX) {
		cfg_error(file, "control must be a path of at most %d bytes",
			  CONTROL_PATH_MAX);
		return -EINVAL;
	}
	cfg->control = strdup(path);
	return cfg->control ? 0 : -ENOMEM;
}

static int load(cfg_t *file, struct config *cfg)
{
	const char *level = cfg_getstr(file, "log_level");
	int err = 0;

	if (!log_level_parse(level, &cfg->log_level)) {
		cfg_error(file, "no such log_level: %s", level);
		err = -EINVAL;
	}
	cfg->state_dir = strdup(cfg_getstr(file, "state_dir"));
	cfg->runtime_dir = strdup(cfg_getstr(file, "runtime_dir"));
	err = load_uplink(file, cfg) ? -EINVAL : err;
	err = load_control(file, cfg) ? -EINVAL : err;
	err = cloud_config_load(file, &cfg->clouds) ? -EINVAL : err;
	if (!cfg->state_dir || !cfg->runtime_dir)
		return -ENOMEM;
	return load_ports(file, cfg) ?: err;
}

int config_load(const char *path, struct config **out)
{
	cfg_opt_t cloud[CLOUD_KEYS_MAX + 1];
	cfg_opt_t port[ARRAY_SIZE(keys) + 3] = {
		CFG_STR("model", "L610", CFGF_NONE),
		CFG_BOOL("echo_cr", cfg_true, CFGF_NODEFAULT),
	};
	cfg_opt_t top[] = {
		CFG_STR("log_level", "info", CFGF_NONE),
		CFG_STR("state_dir", STATE_DIR, CFGF_NONE),
		CFG_STR("runtime_dir", RUNTIME_DIR, CFGF_NONE),
		CFG_STR("uplink", NULL, CFGF_NONE),
		CFG_STR("control", CONTROL_PATH, CFGF_NONE),
		CFG_SEC("port", port,
			CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_SEC("cloud", cloud,
			CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_END()
	};
	struct config *cfg = NULL;
	cfg_t *file;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		port[2 + i] = key_option(&keys[i]);
	port[2 + ARRAY_SIZE(keys)] = (cfg_opt_t)CFG_END();

	cloud_config_options(cloud);
	file = cfg_init(top, CFGF_NONE);
	if (!file)
		return -ENOMEM;
	tell_faults(file);

	switch (cfg_parse(file, path)) {
	case CFG_SUCCESS:
		cfg = calloc(1, sizeof(*cfg));
		err = cfg ? load(file, cfg) : -ENOMEM;
		break;
	case CFG_FILE_ERROR:
		err = -errno;
		log_error("%s: %s", path, strerror(errno));
		break;
	default:
		err = -EINVAL;
	}
	cfg_free(file);
	if (err) {
		config_free(cfg);
		return err;
	}
	*out = cfg;
	return 0;
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	for (size_t i = 0; cfg->ports && i < cfg->n_ports; i++)
		free_port(&cfg->ports[i]);
	free(cfg->ports);
	cloud_config_free(&cfg->clouds);
	free(cfg->state_dir);
	free(cfg->runtime_dir);
	free(cfg->uplink);
	free(cfg->control);
	free(cfg);
}
