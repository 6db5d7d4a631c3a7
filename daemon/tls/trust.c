// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/tls/trust.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/ecc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tls/chain.h"
#include "daemon/tls/name.h"
#include "daemon/tls/settings.h"

struct tls_context {
	struct tls_settings *settings;
	bool verify;
	char *peer;		/* whose sessions are taken up; NULL: none */
	const char *alpn;	/* behind host, or NULL */
	char host[];
};

void tls_forget_points(void)
{
	wc_ecc_fp_free();
}

/* A name's last dot is not in its certificate. */
static struct tls_context *context_alloc(const char *host, const char *alpn)
{
	size_t len = strlen(host);
	size_t alpn_size = alpn ? strlen(alpn) + 1 : 0;
	struct tls_context *c;

	if (len > 1 && host[len - 1] == '.')
		len--;
	c = calloc(1, sizeof(*c) + len + 1 + alpn_size);
	if (!c)
		return NULL;
	memcpy(c->host, host, len);
	if (alpn)
		c->alpn = memcpy(c->host + len + 1, alpn, alpn_size);
	return c;
}

struct tls_context *tls_context_new(const struct mqtt_tls *args,
				    const char *host, enum tls_over over,
				    struct mqtt_reason *why)
{
	const char *alpn = over == TLS_OVER_TCP ? args->alpn : NULL;
	struct tls_context *c = context_alloc(host, alpn);

	if (!c) {
		why->code = 0;
		snprintf(why->text, sizeof(why->text), "out of memory");
		return NULL;
	}
	c->verify = args->verify;
	c->settings = tls_settings_get(args, over, why);
	if (c->settings)
		return c;
	tls_context_free(c);
	return NULL;
}

void tls_context_free(struct tls_context *context)
{
	if (!context)
		return;
	if (context->settings)
		tls_settings_put(context->settings);
	free(context->peer);
	free(context);
}

void tls_context_resume(struct tls_context *c, uint16_t port,
			const char *client_id)
{
	free(c->peer);
	if (asprintf(&c->peer, "%s %u %s %s", c->host, port,
		     c->alpn ? c->alpn : "-", client_id) < 0)
		c->peer = NULL;
}

/*
 * wolfSSL asks for each certificate that the server sent, or for some, and
 * last for the server's own; then all of them are there.
 */
static int check_server(int ok, WOLFSSL_X509_STORE_CTX *store)
{
	const struct tls_context *c = store->userCtx;
	struct span sent[CHAIN_MAX];
	size_t count;
	int fault;

	(void)ok;
	if (store->error_depth)
		return 1;
	for (count = 0; count < CHAIN_MAX &&
			count < (size_t)store->totalCerts; count++)
		sent[count] = span(store->certs[count].buffer,
				   store->certs[count].length);
	fault = chain_verify(&c->settings->authorities,
			     c->settings->ask_crls ? &c->settings->crls : NULL,
			     sent, count, c->host);
	tls_note_refusal(wolfSSL_X509_STORE_CTX_get_ex_data(
				 store,
				 wolfSSL_get_ex_data_X509_STORE_CTX_idx()),
			 fault);
	store->discardSessionCerts = 1;	/* nobody will look at them */
	return !fault;
}

static void set_verify(WOLFSSL *wolf, const struct tls_context *c)
{
	if (!c->verify)
		return;
	wolfSSL_set_verify(wolf, WOLFSSL_VERIFY_PEER, check_server);
	wolfSSL_SetCertCbCtx(wolf, (void *)c);
}

static bool set_host(WOLFSSL *wolf, const struct tls_context *c)
{
	return name_is_address(c->host) ||
	       wolfSSL_UseSNI(wolf, WOLFSSL_SNI_HOST_NAME, c->host,
			      (unsigned short)strlen(c->host)) ==
		       WOLFSSL_SUCCESS;
}

/* A server that knows none of the names refuses, RFC 7301 3.2. */
static bool set_alpn(WOLFSSL *wolf, const struct tls_context *c)
{
	return !c->alpn ||
	       wolfSSL_UseALPN(wolf, (char *)c->alpn,
			       (unsigned int)strlen(c->alpn),
			       WOLFSSL_ALPN_FAILED_ON_MISMATCH) ==
		       WOLFSSL_SUCCESS;
}

struct WOLFSSL *tls_context_connection(const struct tls_context *c)
{
	WOLFSSL *wolf = wolfSSL_new(c->settings->wolf);

	if (!wolf || !set_host(wolf, c) || !set_alpn(wolf, c)) {
		wolfSSL_free(wolf);
		return NULL;
	}
	set_verify(wolf, c);
	if (c->peer)
		tls_sessions_take(&c->settings->sessions, c->peer, wolf);
	return wolf;
}

void tls_context_disconnect(const struct tls_context *c, struct WOLFSSL *wolf,
			    bool good)
{
	if (wolf && good && c->peer)
		tls_sessions_put(&c->settings->sessions, c->peer, wolf);
	wolfSSL_free(wolf);
}
