// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/mqtt/args.h"

#include <stdlib.h>
#include <string.h>

static bool copy_string(const char **s)
{
	if (!*s)
		return true;
	*s = strdup(*s);
	return *s;
}

static bool copy_bytes(const void **p, size_t len)
{
	void *copy;

	if (!*p)
		return true;
	copy = malloc(len ? len : 1);
	if (copy && len)
		memcpy(copy, *p, len);
	*p = copy;
	return copy;
}

static bool copy_pem(struct mqtt_pem *pem)
{
	return copy_bytes(&pem->p, pem->len);
}

/* Tries all, so that no pointer of the caller is left. */
bool mqtt_args_copy(struct mqtt_args *args, const struct mqtt_open *from)
{
	struct mqtt_open *open = &args->open;
	bool ok = true;
	int i;

	memset(args, 0, sizeof(*args));
	*open = *from;
	ok &= copy_string(&open->host);
	ok &= copy_string(&open->client_id);
	ok &= copy_string(&open->user);
	ok &= copy_string(&open->password);
	ok &= copy_string(&open->will_topic);
	ok &= copy_bytes(&open->will_payload, open->will_len);
	if (!from->tls)
		return ok;
	args->tls = *from->tls;
	open->tls = &args->tls;
	ok &= copy_string(&args->tls.ca_file);
	ok &= copy_string(&args->tls.crl);
	ok &= copy_string(&args->tls.cert_file);
	ok &= copy_string(&args->tls.key_file);
	ok &= copy_string(&args->tls.alpn);
	ok &= copy_string(&args->tls.psk_identity);
	ok &= copy_string(&args->tls.psk_file);
	ok &= copy_pem(&args->tls.cert);
	ok &= copy_pem(&args->tls.key);
	for (i = 0; i < MQTT_TLS_CAS; i++)
		ok &= copy_pem(&args->tls.ca[i]);
	return ok;
}

static void free_string(const char *s)
{
	if (s)
		explicit_bzero((char *)s, strlen(s));
	free((char *)s);
}

static void free_bytes(const void *p, size_t len)
{
	if (p)
		explicit_bzero((void *)p, len);
	free((void *)p);
}

void mqtt_args_forget_password(struct mqtt_args *args)
{
	free_string(args->open.password);
	args->open.password = NULL;
}

void mqtt_args_free(struct mqtt_args *args)
{
	struct mqtt_open *open = &args->open;
	struct mqtt_tls *tls = &args->tls;
	int i;

	free_string(open->host);
	free_string(open->client_id);
	free_string(open->user);
	free_string(open->password);
	free_string(open->will_topic);
	free_bytes(open->will_payload, open->will_len);
	free_string(tls->ca_file);
	free_string(tls->crl);
	free_string(tls->cert_file);
	free_string(tls->key_file);
	free_string(tls->alpn);
	free_string(tls->psk_identity);
	free_string(tls->psk_file);
	free_bytes(tls->cert.p, tls->cert.len);
	free_bytes(tls->key.p, tls->key.len);
	for (i = 0; i < MQTT_TLS_CAS; i++)
		free_bytes(tls->ca[i].p, tls->ca[i].len);
	memset(args, 0, sizeof(*args));
}
