// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The grammar is libconfuse's; the keys of a port section are rows of one
 * table: where the value goes, its default and its range.
 */
#include "daemon/config.h"

#include <confuse.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/at/profile.h"
#include "daemon/identity.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define STATE_DIR	"/var/lib/atmqttd"

enum key_type {
	KEY_BOOL,
	KEY_INT,	/* min to max */
	KEY_STRING,	/* max: bytes */
	KEY_FILE,	/* must be readable */
};

struct key {
	const char *name;
	enum key_type type;
	size_t offset;		/* in struct port_config */
	long def;		/* KEY_BOOL, KEY_INT */
	const char *text;	/* default of the others; NULL: none */
	long min, max;
};

#define FIELD(f)	offsetof(struct port_config, f)
#define BOOL(n, f, d)	{ n, KEY_BOOL, FIELD(f), d, NULL, 0, 1 }
#define INT(n, f, d, lo, hi) { n, KEY_INT, FIELD(f), d, NULL, lo, hi }
#define STRING(n, f, d, len) { n, KEY_STRING, FIELD(f), 0, d, 0, len }
#define PATH(n, f)	{ n, KEY_FILE, FIELD(f), 0, NULL, 0, PATH_MAX }

/* "model", "echo_cr" and those of words are not here: see fill_in(). */
static const struct key keys[] = {
	STRING("manufacturer", manufacturer, "Fibocom", 64),
	STRING("model_name", model_name, NULL, 64),
	STRING("revision", revision, ATMQTT_VERSION, 64),
	STRING("imei", imei, NULL, 15),
	STRING("imsi", imsi, "001010000000000", 15),
	STRING("iccid", iccid, "89000000000000000000", 22),
	STRING("operator", operator_name, "atmqtt", 32),
	STRING("apn", apn, NULL, 100),
	BOOL("require_call", require_call, 0),
	BOOL("echo", echo, 1),
	BOOL("repeat", repeat, 1),
	BOOL("escapes", escapes, 1),
	STRING("prompt", prompt, "\r\n>\r\n", 16),
	INT("urc_hold_ms", urc_hold_ms, 1000, 0, 60000),
	INT("data_timeout_ms", data_timeout_ms, 20000, 100, 3600000),
	INT("open_timeout_ms", open_timeout_ms, 5000, 100, 600000),
	INT("result_timeout_ms", result_timeout_ms, 3000, 100, 600000),
	INT("read_queue", read_queue, 64, 1, 4096),
	BOOL("tls1_is_tls", tls1_is_tls, 0),
	INT("max_payload", max_payload, 0, 0, 16384),
	BOOL("keepalive_any", keepalive_any, 0),
	BOOL("reconnect", reconnect, 0),
	PATH("tls_ca", tls_ca),
	PATH("tls_cert", tls_cert),
	PATH("tls_key", tls_key),
	STRING("tls_alpn", tls_alpn, NULL, 255),
	BOOL("tls_verify", tls_verify, 1),
};

/* ---- the grammar, built from the table ---- */

static void report(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[256];

	vsnprintf(text, sizeof(text), fmt, ap);
	log_error("%s:%d: %s", cfg->filename ? cfg->filename : "?", cfg->line,
		  text);
}

static cfg_opt_t option_of(const struct key *key)
{
	cfg_opt_t boolean = CFG_BOOL(key->name, key->def, CFGF_NONE);
	cfg_opt_t number = CFG_INT(key->name, key->def, CFGF_NONE);
	cfg_opt_t string = CFG_STR(key->name, key->text, CFGF_NONE);

	return key->type == KEY_BOOL ? boolean :
	       key->type == KEY_INT ? number : string;
}

/* ---- values ---- */

static int check_value(cfg_t *sec, const struct key *key)
{
	const char *text;
	long n;

	if (key->type == KEY_BOOL)
		return 0;
	if (key->type == KEY_INT) {
		n = cfg_getint(sec, key->name);
		if (n >= key->min && n <= key->max)
			return 0;
		cfg_error(sec, "%s must be %ld to %ld", key->name, key->min,
			  key->max);
		return -EINVAL;
	}
	text = cfg_getstr(sec, key->name);
	if (text && strlen(text) > (size_t)key->max) {
		cfg_error(sec, "%s is longer than %ld bytes", key->name,
			  key->max);
		return -EINVAL;
	}
	if (text && key->type == KEY_FILE && access(text, R_OK)) {
		cfg_error(sec, "%s: %s: %s", key->name, text, strerror(errno));
		return -EINVAL;
	}
	return 0;
}

static int store_value(cfg_t *sec, const struct key *key,
		       struct port_config *port)
{
	void *field = (char *)port + key->offset;
	const char *text;

	switch (key->type) {
	case KEY_BOOL:
		*(bool *)field = cfg_getbool(sec, key->name);
		return 0;
	case KEY_INT:
		*(uint32_t *)field = (uint32_t)cfg_getint(sec, key->name);
		return 0;
	case KEY_STRING:
	case KEY_FILE:
		text = cfg_getstr(sec, key->name);
		*(char **)field = text ? strdup(text) : NULL;
		return text && !*(char **)field ? -ENOMEM : 0;
	}
	return -EINVAL;
}

static int all_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static int set_oversize(cfg_t *sec, struct port_config *port)
{
	const char *word = cfg_getstr(sec, "oversize");

	port->oversize_truncate = strcmp(word, "truncate") == 0;
	if (port->oversize_truncate || strcmp(word, "drop") == 0)
		return 0;
	cfg_error(sec, "oversize must be \"drop\" or \"truncate\"");
	return -EINVAL;
}

static int set_payload_format(cfg_t *sec, struct port_config *port)
{
	static const char *const words[] = {
		[PAYLOAD_RAW] = "raw",
		[PAYLOAD_HEX] = "hex",
		[PAYLOAD_ESCAPED] = "escaped",
	};
	const char *word = cfg_getstr(sec, "payload_format");

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(word, words[i]))
			continue;
		port->payload_format = (enum payload_format)i;
		return 0;
	}
	cfg_error(sec, "payload_format must be \"raw\", \"hex\" or \"escaped\"");
	return -EINVAL;
}

/* What depends on the series and on this board. */
static int fill_in(cfg_t *sec, struct port_config *port)
{
	cfg_opt_t *echo_cr = cfg_getopt(sec, "echo_cr");

	port->profile = profile_find(cfg_getstr(sec, "model"));
	if (!port->profile) {
		cfg_error(sec, "no such model: %s", cfg_getstr(sec, "model"));
		return -EINVAL;
	}
	port->echo_cr = cfg_opt_size(echo_cr) ? cfg_opt_getnbool(echo_cr, 0) :
						port->profile->echo_cr;
	if (set_oversize(sec, port) || set_payload_format(sec, port))
		return -EINVAL;
	if (!port->model_name)
		port->model_name = strdup(cfg_getstr(sec, "model"));
	if (!port->imei)
		port->imei = identity_imei(port->tty);
	if (!port->model_name)
		return -ENOMEM;
	if (!port->imei) {
		cfg_error(sec, "imei is not set and /etc/machine-id is missing");
		return -EINVAL;
	}
	if (!all_digits(port->imei, 15)) {
		cfg_error(sec, "imei must be 15 digits");
		return -EINVAL;
	}
	if (!port->tls_cert != !port->tls_key) {
		cfg_error(sec, "tls_cert and tls_key go together");
		return -EINVAL;
	}
	if (!port->tls_verify)
		log_warning("port %s: TLS servers are not verified", port->tty);
	return 0;
}

static int load_port(cfg_t *sec, struct port_config *port)
{
	int err = 0;

	port->tty = strdup(cfg_title(sec));
	if (!port->tty)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (check_value(sec, &keys[i]))
			err = -EINVAL;
	for (size_t i = 0; !err && i < ARRAY_SIZE(keys); i++)
		err = store_value(sec, &keys[i], port);
	return err ? err : fill_in(sec, port);
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

static int load(cfg_t *file, struct config *cfg)
{
	const char *level = cfg_getstr(file, "log_level");
	int err = 0;

	if (!log_level_parse(level, &cfg->log_level)) {
		cfg_error(file, "no such log_level: %s", level);
		err = -EINVAL;
	}
	cfg->state_dir = strdup(cfg_getstr(file, "state_dir"));
	err = load_uplink(file, cfg) ? -EINVAL : err;
	cfg->n_ports = cfg_size(file, "port");
	cfg->ports = calloc(cfg->n_ports + 1, sizeof(*cfg->ports));
	if (!cfg->state_dir || !cfg->ports)
		return -ENOMEM;
	if (!cfg->n_ports) {
		cfg_error(file, "there is no port section");
		return -EINVAL;
	}
	for (unsigned int i = 0; i < cfg->n_ports; i++) {
		int bad = load_port(cfg_getnsec(file, "port", i),
				    &cfg->ports[i]);

		cfg->ports[i].state_dir = cfg->state_dir;
		err = bad ? bad : err;
	}
	return err;
}

int config_load(const char *path, struct config **out)
{
	cfg_opt_t port[ARRAY_SIZE(keys) + 5] = {
		CFG_STR("model", "L610", CFGF_NONE),
		CFG_BOOL("echo_cr", cfg_true, CFGF_NODEFAULT),
		CFG_STR("oversize", "drop", CFGF_NONE),
		CFG_STR("payload_format", "raw", CFGF_NONE),
	};
	cfg_opt_t top[] = {
		CFG_STR("log_level", "info", CFGF_NONE),
		CFG_STR("state_dir", STATE_DIR, CFGF_NONE),
		CFG_STR("uplink", NULL, CFGF_NONE),
		CFG_SEC("port", port,
			CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_END()
	};
	struct config *cfg = NULL;
	cfg_t *file;
	int err;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		port[4 + i] = option_of(&keys[i]);
	port[4 + ARRAY_SIZE(keys)] = (cfg_opt_t)CFG_END();

	file = cfg_init(top, CFGF_NONE);
	if (!file)
		return -ENOMEM;
	cfg_set_error_function(file, report);

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

static void free_port(struct port_config *port)
{
	free(port->tty);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].type == KEY_STRING || keys[i].type == KEY_FILE)
			free(*(char **)((char *)port + keys[i].offset));
}

void config_free(struct config *cfg)
{
	if (!cfg)
		return;
	for (size_t i = 0; cfg->ports && i < cfg->n_ports; i++)
		free_port(&cfg->ports[i]);
	free(cfg->ports);
	free(cfg->state_dir);
	free(cfg->uplink);
	free(cfg);
}
