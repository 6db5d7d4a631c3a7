// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libconfuse has one list of keys for all sections of a kind: which of them
 * a cloud has, and their defaults, is in the table here.
 */
#include "daemon/cloud/config.h"

#include <errno.h>
#include <string.h>

#include "daemon/cloud/crypt.h"
#include "daemon/key.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define C		struct cloud_config
#define PORT(n, f, d)	KEY_INT(n, C, f, d, 0, 65535)
#define TIMEOUT(f, d)	KEY_INT("timeout_ms", C, f, d, 100, 600000)

/* In the order of enum hash, of which some clouds have a part. */
static const char *const hmacs[] = { "hmacmd5", "hmacsha1", "hmacsha256",
				     NULL };
static const char *const hashes[] = { "md5", "sha1", "sha256", NULL };
static const char *const sha_hmacs[] = { "hmacsha1", "hmacsha256", NULL };
static const char *const sha_hashes[] = { "sha1", "sha256", NULL };
static const char *const baidu_hashes[] = { "md5", "sha256", NULL };

/* What a time may be besides a number */
static const char *const now_or_none[] = { "now", "", NULL };
static const char *const now[] = { "now", NULL };
static const char *const nothing[] = { NULL };

static const char *const prefixes[] = { "auto", "always", "never", NULL };

static const struct key alibaba[] = {
	KEY_STRING("client_id", C, alibaba.client_id,
		   "{productkey}.{devicename}", 64),
	KEY_TIME("timestamp", C, alibaba.timestamp, "2524608000000", 15,
		 now_or_none),
	KEY_WORD("signmethod", C, alibaba.signmethod, HASH_SHA256, hmacs),
	KEY_STRING("ext", C, alibaba.ext, "", 128),
	KEY_WORD("dyn_prefix", C, alibaba.dyn_prefix, ALIBABA_PREFIX_AUTO,
		 prefixes),
	KEY_STRING("dyn_host", C, alibaba.dyn_host, NULL, 255),
	PORT("dyn_port", alibaba.dyn_port, 0),
	KEY_BOOL("dyn_tls", C, alibaba.dyn_tls, 1),
	KEY_STRING("dyn_instance", C, alibaba.dyn_instance, NULL, 64),
	KEY_FILE("ca", C, alibaba.ca),
	TIMEOUT(alibaba.timeout_ms, 15000),
};

static const struct key tencent[] = {
	KEY_STRING("appid", C, tencent.appid, "12010126", 16),
	KEY_WORD("signmethod", C, tencent.signmethod, TENCENT_SHA256,
		 sha_hmacs),
	KEY_TIME("expiry", C, tencent.expiry, NULL, 20, nothing),
	KEY_INT("lifetime", C, tencent.lifetime, 3600, 1, 2147483647),
	KEY_STRING("dyn_url", C, tencent.dyn_url, NULL, 255),
	KEY_WORD("dyn_signmethod", C, tencent.dyn_signmethod, TENCENT_SHA256,
		 sha_hmacs),
	KEY_WORD("dyn_body_hash", C, tencent.dyn_body_hash, TENCENT_SHA256,
		 sha_hashes),
	KEY_FILE("ca", C, tencent.ca),
	TIMEOUT(tencent.timeout_ms, 10000),
};

static const struct key huawei[] = {
	KEY_INT("check_time", C, huawei.check_time, 0, 0, 1),
	KEY_TIME("timestamp", C, huawei.timestamp, "now", 10, now),
};

static const struct key tuya[] = {
	KEY_STRING("dns_url", C, tuya.dns_url,
		   "https://h2.iot-dns.com/v2/url_config", 255),
	KEY_STRING("atop_url", C, tuya.atop_url, NULL, 255),
	KEY_STRING("mqtt_host", C, tuya.mqtt_host, NULL, 255),
	KEY_INT("mqtt_port", C, tuya.mqtt_port, 8883, 1, 65535),
	KEY_FILE("ca", C, tuya.ca),
	KEY_STRING("soft_ver", C, tuya.soft_ver, "1.0.0", 16),
	TIMEOUT(tuya.timeout_ms, 5000),
	KEY_INT("retry_min_ms", C, tuya.retry_min_ms, 1000, 10, 600000),
	KEY_INT("retry_max_ms", C, tuya.retry_max_ms, 8000, 10, 600000),
};

static const struct key onenet[] = {
	KEY_STRING("version", C, onenet.version, "2018-10-31", 16),
	KEY_STRING("res", C, onenet.res,
		   "products/{productid}/devices/{devicename}", 128),
	KEY_TIME("et", C, onenet.et, "32472115200", 20, nothing),
	KEY_WORD("method", C, onenet.method, HASH_SHA1, hashes),
};

static const struct key baidu[] = {
	KEY_STRING("client_id", C, baidu.client_id, "{devicekey}", 64),
	KEY_TIME("timestamp", C, baidu.timestamp, "0", 20, now),
	KEY_WORD("algorithm", C, baidu.algorithm, BAIDU_MD5, baidu_hashes),
};

static const struct key unicom[] = {
	KEY_STRING("device_id", C, unicom.device_id, "{devicekey}", 64),
	KEY_INT("operator", C, unicom.operator, 0, 0, 4),
	KEY_STRING("dyn_host", C, unicom.dyn_host, "dmp-mqtt.cuiot.cn", 255),
	KEY_INT("dyn_port", C, unicom.dyn_port, 1883, 1, 65535),
	KEY_BOOL("dyn_tls", C, unicom.dyn_tls, 0),
	KEY_BOOL("dyn_reuse", C, unicom.dyn_reuse, 1),
	KEY_FILE("ca", C, unicom.ca),
	TIMEOUT(unicom.timeout_ms, 6000),
};

#define SECTION(s) { #s, s, ARRAY_SIZE(s) }

static const struct section {
	const char *title;
	const struct key *keys;
	size_t n;
} sections[] = {
	SECTION(alibaba),
	SECTION(tencent),
	SECTION(huawei),
	SECTION(tuya),
	SECTION(onenet),
	SECTION(baidu),
	SECTION(unicom),
};

static bool has_option(const cfg_opt_t *opts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(opts[i].name, name) == 0)
			return true;
	return false;
}

void cloud_config_options(cfg_opt_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		for (size_t k = 0; k < sections[i].n; k++)
			if (n < CLOUD_KEYS_MAX &&
			    !has_option(out, n, sections[i].keys[k].name))
				out[n++] = key_option(&sections[i].keys[k]);
	out[n] = (cfg_opt_t)CFG_END();
}

static bool has_key(const struct section *section, const char *name)
{
	for (size_t i = 0; i < section->n; i++)
		if (strcmp(section->keys[i].name, name) == 0)
			return true;
	return false;
}

/* What the section sets must be the cloud's, and in its range. */
static int check(cfg_t *sec, const struct section *section)
{
	const char *name;
	int err = 0;

	for (unsigned int i = 0; i < cfg_num(sec); i++) {
		name = cfg_opt_name(cfg_getnopt(sec, i));
		if (!cfg_size(sec, name) || has_key(section, name))
			continue;
		cfg_error(sec, "cloud \"%s\" has no key %s", section->title,
			  name);
		err = -EINVAL;
	}
	for (size_t i = 0; i < section->n; i++)
		if (key_check(sec, &section->keys[i]))
			err = -EINVAL;
	return err;
}

static int check_titles(cfg_t *file)
{
	const char *title;
	size_t known;
	int err = 0;

	for (unsigned int i = 0; i < cfg_size(file, "cloud"); i++) {
		title = cfg_title(cfg_getnsec(file, "cloud", i));
		known = 0;
		while (known < ARRAY_SIZE(sections) &&
		       strcmp(sections[known].title, title))
			known++;
		if (known < ARRAY_SIZE(sections))
			continue;
		cfg_error(file, "no such cloud: %s", title);
		err = -EINVAL;
	}
	return err;
}

static int load_section(cfg_t *file, const struct section *section,
			struct cloud_config *cfg)
{
	cfg_t *sec = file ? cfg_gettsec(file, "cloud", section->title) : NULL;
	int err = sec ? check(sec, section) : 0;

	for (size_t i = 0; !err && i < section->n; i++)
		err = key_store(sec, &section->keys[i], cfg);
	return err;
}

int cloud_config_load(cfg_t *file, struct cloud_config *cfg)
{
	int err = file ? check_titles(file) : 0;
	int bad;

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		bad = load_section(file, &sections[i], cfg);
		err = bad ? bad : err;
	}
	return err;
}

void cloud_config_free(struct cloud_config *cfg)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		for (size_t k = 0; k < sections[i].n; k++)
			key_free(&sections[i].keys[k], cfg);
}
