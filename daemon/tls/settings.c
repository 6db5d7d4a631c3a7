// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Those that nobody uses stay for the next open, a few of them.  The id has
 * the files' times in it, so that those of before a change are not found any
 * more, and go when others have come.
 */
#include "daemon/tls/settings.h"

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/tls/pem.h"

#define IDLE_MAX	8	/* settings that nobody uses */
#define DH_MIN		2048	/* bits */
#define SESSION_TIME	7200	/* seconds: longer than sessions.c keeps any */

/*
 * Debian's wolfSSL has no AES instructions: ChaCha20 first.  The list is
 * explicit because its default holds suites without authentication.
 */
#define SUITES_TLS12                                                 \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:" \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
	"DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384"

#define SUITES_TLS13                                              \
	"TLS13-CHACHA20-POLY1305-SHA256:TLS13-AES128-GCM-SHA256:" \
	"TLS13-AES256-GCM-SHA384"

#define SUITES		SUITES_TLS13 ":" SUITES_TLS12

/*
 * Where distributions keep the system's authorities: the first that has any
 * is it.
 */
static const char *const system_stores[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/etc/ssl/certs",
};

#define N_STORES (sizeof(system_stores) / sizeof(system_stores[0]))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct tls_settings *all;	/* the one used last is the first */

/*
 * The id
 */

static void add_bytes(wc_Sha256 *sum, const void *p, size_t len)
{
	wc_Sha256Update(sum, (const byte *)&len, sizeof(len));
	if (len)
		wc_Sha256Update(sum, p, (word32)len);
}

static void add_text(wc_Sha256 *sum, const char *text)
{
	add_bytes(sum, text, text ? strlen(text) + 1 : 0);
}

static void add_stat(wc_Sha256 *sum, const struct stat *st)
{
	const uint64_t stamp[] = {
		st->st_dev, st->st_ino, (uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec, (uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec, (uint64_t)st->st_ctim.tv_nsec,
	};

	add_bytes(sum, stamp, sizeof(stamp));
}

static void add_folder(wc_Sha256 *sum, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (!fstatat(dirfd(dir), entry->d_name, &st, 0) &&
		    S_ISREG(st.st_mode))
			add_stat(sum, &st);
	if (dir)
		closedir(dir);
}

/* What it is by now; it is not read.  False: it is not there. */
static bool add_path(wc_Sha256 *sum, const char *path)
{
	struct stat st;

	add_text(sum, path);
	if (!path || stat(path, &st))
		return false;
	add_stat(sum, &st);
	if (S_ISDIR(st.st_mode))
		add_folder(sum, path);
	return true;
}

static bool has_uploads(const struct mqtt_tls *args)
{
	return args->ca[0].p || args->ca[1].p;
}

static void add_trust(wc_Sha256 *sum, const struct mqtt_tls *args)
{
	size_t i;

	if (!args->verify)
		return;
	add_path(sum, args->crl);
	for (i = 0; i < MQTT_TLS_CAS; i++)
		add_bytes(sum, args->ca[i].p, args->ca[i].len);
	if (has_uploads(args))
		return;
	if (args->ca_file)
		add_path(sum, args->ca_file);
	else
		for (i = 0; i < N_STORES && !add_path(sum, system_stores[i]);)
			i++;
}

static void make_id(const struct mqtt_tls *args, enum tls_over over,
		    uint8_t *id)
{
	const uint8_t rules[] = { (uint8_t)over, args->verify,
				  args->tls13_only };
	wc_Sha256 sum;

	wc_InitSha256(&sum);
	add_bytes(&sum, rules, sizeof(rules));
	add_trust(&sum, args);
	add_path(&sum, args->cert_file);
	add_path(&sum, args->key_file);
	add_bytes(&sum, args->cert.p, args->cert.len);
	add_bytes(&sum, args->key.p, args->key.len);
	wc_Sha256Final(&sum, id);
	wc_Sha256Free(&sum);
}

/*
 * Whom we trust.  The dates are the handshake's matter: whom the clock speaks
 * against now it may not later.
 */

static const char *load_uploads(struct store *to, const struct mqtt_tls *args)
{
	size_t i;

	for (i = 0; i < MQTT_TLS_CAS; i++)
		if (args->ca[i].p &&
		    !store_add(to, args->ca[i].p, args->ca[i].len))
			return "out of memory";
	return to->count ? NULL : "CA certificate cannot be used";
}

static const char *load_system(struct store *to)
{
	size_t i;

	for (i = 0; i < N_STORES && !to->count; i++)
		store_add_path(to, system_stores[i]);
	return to->count ? NULL : "no system trust store";
}

static const char *load_file(struct store *to, const char *file)
{
	return store_add_path(to, file) && to->count ?
		       NULL : "CA file cannot be used";
}

static const char *load_trust(struct tls_settings *s,
			      const struct mqtt_tls *args)
{
	const char *error;

	if (!args->verify)
		return NULL;
	if (has_uploads(args))
		error = load_uploads(&s->authorities, args);
	else if (args->ca_file)
		error = load_file(&s->authorities, args->ca_file);
	else
		error = load_system(&s->authorities);
	if (error || !args->crl)
		return error;
	s->ask_crls = true;
	return store_add_path(&s->crls, args->crl) && s->crls.count ?
		       NULL : "revocation list cannot be used";
}

/*
 * Who we are
 */

static bool use_certificate(WOLFSSL_CTX *wolf, const struct mqtt_tls *args)
{
	int rc;

	if (args->cert.p)
		rc = wolfSSL_CTX_use_certificate_chain_buffer(
			wolf, args->cert.p, (long)args->cert.len);
	else
		rc = wolfSSL_CTX_use_certificate_chain_file(wolf,
							    args->cert_file);
	return rc == WOLFSSL_SUCCESS;
}

static bool use_key(WOLFSSL_CTX *wolf, const struct mqtt_tls *args)
{
	int rc;

	if (args->key.p)
		rc = wolfSSL_CTX_use_PrivateKey_buffer(
			wolf, args->key.p, (long)args->key.len,
			WOLFSSL_FILETYPE_PEM);
	else
		rc = wolfSSL_CTX_use_PrivateKey_file(wolf, args->key_file,
						     WOLFSSL_FILETYPE_PEM);
	return rc == WOLFSSL_SUCCESS;
}

static const char *load_identity(WOLFSSL_CTX *wolf,
				 const struct mqtt_tls *args)
{
	if (!args->cert.p && !args->cert_file)
		return args->key.p ? "client key without certificate" : NULL;
	if (!args->key.p && !args->key_file)
		return "client certificate without key";
	if (!use_certificate(wolf, args))
		return "client certificate file cannot be used";
	if (!use_key(wolf, args))
		return "client key file cannot be used";
	if (!pem_keys_match(wolf))
		return "client key does not match its certificate";
	return NULL;
}

/*
 * What is spoken
 */

/* What a connection over TCP and one over UDP are made of. */
static const struct {
	WOLFSSL_METHOD *(*method)(void);
	const char *suites;
	const char *suites_tls13;	/* NULL: there is no such version */
} kinds[] = {
	[TLS_OVER_TCP] = { wolfTLS_client_method, SUITES, SUITES_TLS13 },
	[TLS_OVER_UDP] = { wolfDTLSv1_2_client_method, SUITES_TLS12, NULL },
};

static const char *set_rules(WOLFSSL_CTX *wolf, const struct mqtt_tls *args,
			     enum tls_over over)
{
	int floor = args->tls13_only ? WOLFSSL_TLSV1_3 : WOLFSSL_TLSV1_2;
	const char *suites = args->tls13_only ? kinds[over].suites_tls13 :
						kinds[over].suites;

	if (!suites)
		return "DTLS 1.3 is not available";
	/* it knows no authority: only who passes our own check is let in */
	wolfSSL_CTX_set_verify(wolf,
			       args->verify ? WOLFSSL_VERIFY_PEER :
					      WOLFSSL_VERIFY_NONE,
			       NULL);
	wolfSSL_CTX_set_timeout(wolf, SESSION_TIME);
	if ((over == TLS_OVER_TCP &&
	     wolfSSL_CTX_SetMinVersion(wolf, floor) != WOLFSSL_SUCCESS) ||
	    wolfSSL_CTX_set_cipher_list(wolf, suites) != WOLFSSL_SUCCESS ||
	    wolfSSL_CTX_SetMinDhKey_Sz(wolf, DH_MIN) != WOLFSSL_SUCCESS ||
	    wolfSSL_CTX_UseSessionTicket(wolf) != WOLFSSL_SUCCESS)
		return "TLS is not available";
	return NULL;
}

/* What cannot be done, and by @code of which kind that is; NULL: all is. */
static const char *prepare(struct tls_settings *s, const struct mqtt_tls *args,
			   enum tls_over over, int *code)
{
	const char *error = set_rules(s->wolf, args, over);

	*code = MQTT_TLS_HANDSHAKE;
	if (!error) {
		error = load_trust(s, args);
		*code = MQTT_TLS_TRUST;
	}
	if (!error) {
		error = load_identity(s->wolf, args);
		*code = MQTT_TLS_IDENTITY;
	}
	return error;
}

static void free_settings(struct tls_settings *s)
{
	if (!s)
		return;
	wolfSSL_CTX_free(s->wolf);
	store_free(&s->authorities);
	store_free(&s->crls);
	tls_sessions_drop(&s->sessions);
	pthread_mutex_destroy(&s->sessions.lock);
	free(s);
}

static struct tls_settings *make_settings(const struct mqtt_tls *args,
					  enum tls_over over,
					  struct mqtt_reason *why)
{
	struct tls_settings *s = calloc(1, sizeof(*s));
	const char *error = "out of memory";
	int code = 0;

	if (s) {
		pthread_mutex_init(&s->sessions.lock, NULL);
		s->crls.kind = STORE_CRLS;
		s->wolf = wolfSSL_CTX_new(kinds[over].method());
	}
	if (s && s->wolf)
		error = prepare(s, args, over, &code);
	tls_forget_points();
	if (!error)
		return s;
	why->code = code;
	snprintf(why->text, sizeof(why->text), "%s", error);
	free_settings(s);
	return NULL;
}

/*
 * All of them
 */

static struct tls_settings *find_locked(const uint8_t *id)
{
	struct tls_settings **at, *s;

	for (at = &all; (s = *at); at = &s->next)
		if (!memcmp(s->id, id, sizeof(s->id))) {
			*at = s->next;
			s->next = all;
			all = s;
			s->users++;
			return s;
		}
	return NULL;
}

/* Takes those that have been without a user for long; their list. */
static struct tls_settings *take_idle_locked(void)
{
	struct tls_settings **at = &all, *s, *old = NULL;
	unsigned int idle = 0;

	while ((s = *at)) {
		if (s->users || ++idle <= IDLE_MAX) {
			at = &s->next;
			continue;
		}
		*at = s->next;
		s->next = old;
		old = s;
	}
	return old;
}

struct tls_settings *tls_settings_get(const struct mqtt_tls *args,
				      enum tls_over over,
				      struct mqtt_reason *why)
{
	struct tls_settings *made, *found;
	uint8_t id[TLS_SETTINGS_ID];

	make_id(args, over, id);
	pthread_mutex_lock(&lock);
	found = find_locked(id);
	pthread_mutex_unlock(&lock);
	if (found)
		return found;
	made = make_settings(args, over, why);
	if (!made)
		return NULL;
	memcpy(made->id, id, sizeof(id));
	made->users = 1;
	pthread_mutex_lock(&lock);
	found = find_locked(id);	/* another thread was faster */
	if (!found) {
		made->next = all;
		all = made;
	}
	pthread_mutex_unlock(&lock);
	if (!found)
		return made;
	free_settings(made);
	return found;
}

void tls_settings_put(struct tls_settings *settings)
{
	struct tls_settings *old, *s;

	pthread_mutex_lock(&lock);
	settings->users--;
	old = take_idle_locked();
	pthread_mutex_unlock(&lock);
	while ((s = old)) {
		old = s->next;
		free_settings(s);
	}
}
