// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The client certificate that Tencent's cloud issued to this port, in the
 * file "<tty>.tencent" of the state directory.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/auth.h"
#include "daemon/at/internal.h"
#include "daemon/cloud/json.h"
#include "daemon/tls/pem.h"
#include "daemon/lib/state_file.h"

#define FILE_SIZE	(2 * MQTT_PEM_MAX)

static int file_name(const struct at_session *s, char *out, size_t size)
{
	int n = snprintf(out, size, "%s.tencent", s->cfg->tty);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static void drop(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void at_auth_drop_certificate(struct at_session *s)
{
	drop(&s->auth.cert);
	drop(&s->auth.key);
}

/* One that TLS cannot use would spoil every OPEN. */
static bool is_usable(const char *cert, const char *key)
{
	const struct mqtt_pem pems[] = {
		{ cert, strlen(cert) },
		{ key, strlen(key) },
	};
	struct pem certs = { 0 };
	struct pem keyed = { 0 };
	struct mqtt_reason why;
	bool usable;

	usable = pems[0].len <= MQTT_PEM_MAX && pems[1].len <= MQTT_PEM_MAX &&
		 !pem_set_certificates(&certs, &pems[0], &why) &&
		 !pem_set_key(&keyed, &pems[1], &why) &&
		 pem_is_pair(&pems[0], &pems[1]);
	pem_drop(&certs);
	pem_drop(&keyed);
	return usable;
}

static bool use(struct at_session *s, const char *cert, const char *key)
{
	if (!is_usable(cert, key)) {
		log_warning("%s: the certificate of the cloud is of no use",
			    s->cfg->tty);
		return false;
	}
	at_auth_drop_certificate(s);
	s->auth.cert = strdup(cert);
	s->auth.key = strdup(key);
	if (!s->auth.cert || !s->auth.key)
		at_auth_drop_certificate(s);
	return true;
}

void at_auth_load_certificate(struct at_session *s)
{
	char *text = malloc(FILE_SIZE);
	char name[256];
	json_t *json = NULL;
	int len = -ENOENT;

	if (text && !file_name(s, name, sizeof(name)))
		len = state_file_read(s->cfg->state_dir, name, text,
				      FILE_SIZE);
	if (len >= 0)
		json = json_parse(text, (size_t)len);
	if (json_text(json, "cert") && json_text(json, "key"))
		use(s, json_text(json, "cert"), json_text(json, "key"));
	json_decref(json);
	if (text)
		explicit_bzero(text, FILE_SIZE);
	free(text);
}

static int store(const struct at_session *s, const struct cloud_grant *grant)
{
	json_t *json = json_pack("{ss,ss}", "cert", grant->cert, "key",
				 grant->key);
	char *text = malloc(FILE_SIZE);
	size_t len = json && text ? json_dumpb(json, text, FILE_SIZE, 0) : 0;
	char name[256];
	int err = len && len < FILE_SIZE ? file_name(s, name, sizeof(name)) :
					   -E2BIG;

	if (!err)
		err = state_file_write(s->cfg->state_dir, name, text, len);
	json_decref(json);
	if (text)
		explicit_bzero(text, FILE_SIZE);
	free(text);
	return err;
}

/* A device that has a key now has no certificate any more. */
static void forget(struct at_session *s)
{
	char name[256];

	at_auth_drop_certificate(s);
	if (!file_name(s, name, sizeof(name)))
		state_file_remove(s->cfg->state_dir, name);
}

/* One of no use does not take the place of one that is. */
void at_auth_keep_certificate(struct at_session *s,
			      const struct cloud_grant *grant)
{
	int err;

	if (!grant->cert) {
		forget(s);
		return;
	}
	if (!use(s, grant->cert, grant->key))
		return;
	err = store(s, grant);
	if (err && err != -ENOENT)
		log_warning("%s: the certificate of the cloud is not stored: %s",
			    s->cfg->tty, strerror(-err));
}
