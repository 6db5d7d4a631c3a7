// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The OpenSSL entry points that paho's archive calls (nm -u; 1.3.12, 1.3.14
 * and 1.3.16), over tls.c.  Hidden, so that no library that brings a real
 * libssl finds them.  What a connection needs is known by its socket, not by
 * paho's options; so a context is a token, and what only WebSockets or key
 * files use fails.
 */
#include <stdint.h>
#include <stdlib.h>

#include "daemon/mqtt/conn.h"
#include "daemon/mqtt/tls.h"

#define CTRL_SET_HOST_NAME	55	/* SSL_CTRL_SET_TLSEXT_HOSTNAME */

typedef struct ssl_ctx SSL_CTX;
typedef struct ssl SSL;

struct ssl {
	SSL_CTX *ctx;
	struct tls *tls;	/* NULL until SSL_set_fd() */
};

struct ssl_ctx {
	int none;
};

static struct ssl_ctx token;

#define ABI __attribute__((visibility("hidden")))
#define ABI_FAILS(name)          \
	ABI long name(void)      \
	{                        \
		return 0;        \
	}
#define ABI_NULL(name)           \
	ABI void *name(void)     \
	{                        \
		return NULL;     \
	}
#define ABI_DONE(name)           \
	ABI long name(void)      \
	{                        \
		return 1;        \
	}

/* Contexts and their options: tls_context_new() does what counts. */
ABI_DONE(OPENSSL_init_crypto)
ABI_DONE(OPENSSL_init_ssl)
ABI_DONE(OPENSSL_thread_stop)
ABI_DONE(SSL_CTX_ctrl)
ABI_DONE(SSL_CTX_set_cipher_list)
ABI_DONE(SSL_CTX_set_default_verify_paths)
ABI_DONE(SSL_CTX_set_ex_data)
ABI_FAILS(CRYPTO_get_ex_new_index)
ABI_FAILS(SSL_CTX_free)
ABI_FAILS(SSL_CTX_load_verify_locations)
ABI_FAILS(SSL_CTX_set_alpn_protos)
ABI_FAILS(SSL_CTX_set_default_passwd_cb)
ABI_FAILS(SSL_CTX_set_default_passwd_cb_userdata)
ABI_FAILS(SSL_CTX_set_info_callback)
ABI_FAILS(SSL_CTX_set_msg_callback)
ABI_FAILS(SSL_CTX_set_psk_client_callback)
ABI_FAILS(SSL_CTX_set_security_level)
ABI_FAILS(SSL_CTX_set_verify)
ABI_FAILS(SSL_CTX_use_PrivateKey_file)
ABI_FAILS(SSL_CTX_use_certificate_chain_file)
ABI_NULL(SSL_CTX_get_ex_data)
ABI_NULL(TLS_client_method)

/* Errors: conn_fail() has noted them. */
ABI_FAILS(ERR_clear_error)
ABI_FAILS(ERR_get_error)
ABI_FAILS(ERR_print_errors_cb)

/* Sessions and certificates: no resumption; tls.c has verified. */
ABI_DONE(SSL_set_session)
ABI_FAILS(SSL_SESSION_free)
ABI_FAILS(SSL_get_verify_result)
ABI_FAILS(X509_check_host)
ABI_FAILS(X509_check_ip_asc)
ABI_FAILS(X509_free)
ABI_NULL(SSL_get1_peer_certificate)
ABI_NULL(SSL_get1_session)
ABI_NULL(SSL_get_cipher_list)
ABI_NULL(SSL_get_current_cipher)

/* WebSockets, proxies. */
ABI_FAILS(BIO_ctrl)
ABI_FAILS(BIO_free_all)
ABI_FAILS(BIO_read)
ABI_FAILS(BIO_set_flags)
ABI_FAILS(BIO_write)
ABI_FAILS(CRYPTO_free)
ABI_FAILS(EVP_DecodeFinal)
ABI_FAILS(EVP_DecodeInit)
ABI_FAILS(EVP_DecodeUpdate)
ABI_FAILS(EVP_DigestFinal)
ABI_FAILS(EVP_DigestInit)
ABI_FAILS(EVP_DigestUpdate)
ABI_FAILS(EVP_ENCODE_CTX_free)
ABI_FAILS(EVP_EncodeBlock)
ABI_FAILS(EVP_MD_CTX_free)
ABI_FAILS(RAND_bytes)
ABI_FAILS(SHA1_Init)
ABI_FAILS(SHA1_Update)
ABI_FAILS(SHA1_Final)
ABI_NULL(BIO_f_base64)
ABI_NULL(BIO_new)
ABI_NULL(BIO_push)
ABI_NULL(BIO_s_mem)
ABI_NULL(EVP_ENCODE_CTX_new)
ABI_NULL(EVP_MD_CTX_new)
ABI_NULL(EVP_sha1)

/* Only for paho's trace, which is off. */
#define ABI_TEXT(name)                 \
	ABI const char *name(void)     \
	{                              \
		return "";             \
	}

ABI_TEXT(OpenSSL_version)
ABI_TEXT(SSL_CIPHER_get_name)
ABI_TEXT(SSL_alert_desc_string_long)
ABI_TEXT(SSL_alert_type_string_long)
ABI_TEXT(SSL_state_string_long)

ABI SSL_CTX *SSL_CTX_new(const void *method)
{
	(void)method;
	return &token;
}

ABI SSL *SSL_new(SSL_CTX *ctx)
{
	SSL *ssl = calloc(1, sizeof(*ssl));

	if (ssl)
		ssl->ctx = ctx;
	return ssl;
}

ABI void SSL_free(SSL *ssl)
{
	if (!ssl)
		return;
	if (ssl->tls)
		tls_free(ssl->tls);
	free(ssl);
}

ABI SSL_CTX *SSL_get_SSL_CTX(const SSL *ssl)
{
	return ssl->ctx;
}

ABI int SSL_set_fd(SSL *ssl, int fd)
{
	struct conn *conn = conn_find(fd);

	if (!ssl || !conn || !conn->tls_context)
		return 0;
	ssl->tls = tls_new(conn->tls_context, conn, fd);
	return ssl->tls ? 1 : 0;
}

/* Sets the host name, which tls_new() did; paho looks at this result only. */
ABI long SSL_ctrl(SSL *ssl, int command, long larg, void *parg)
{
	(void)larg;
	(void)parg;
	return command == CTRL_SET_HOST_NAME && ssl && ssl->tls;
}

ABI int SSL_connect(SSL *ssl)
{
	return ssl && ssl->tls ? tls_connect(ssl->tls) : -1;
}

ABI int SSL_get_error(const SSL *ssl, int rc)
{
	(void)rc;
	return ssl && ssl->tls ? tls_error() : TLS_ERROR_SSL;
}

ABI int SSL_read(SSL *ssl, void *buf, int len)
{
	return tls_read(ssl->tls, buf, len);
}

ABI int SSL_write(SSL *ssl, const void *buf, int len)
{
	return tls_write(ssl->tls, buf, len);
}

ABI int SSL_pending(const SSL *ssl)
{
	return tls_pending(ssl->tls);
}

ABI int SSL_shutdown(SSL *ssl)
{
	if (ssl && ssl->tls)
		tls_shutdown(ssl->tls);
	return 1;
}
