// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * TLS by AT commands: version, verification and PEM files, all of it
 * volatile.  MQTTOPEN takes what is there at that moment.
 */
#include "daemon/at/cmd/gtssl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/reopen.h"
#include "daemon/tls/pem.h"

/*
 * The modules' numbers: 0 any, 1 SSL 3.0, 2 TLS 1.0, 3 TLS 1.1, 4 TLS 1.2;
 * 5 is ours.  It is the lowest version allowed, and nothing below TLS 1.2 is
 * spoken whatever it says.
 */
#define VERSION_TLS13	5

static const struct {
	const char *name;
	int (*take)(struct pem *pem, const struct mqtt_pem *file,
		    struct mqtt_reason *why);
} files[AT_N_UPLOADS] = {
	[AT_UPLOAD_TRUST] = { "TRUSTFILE", pem_add_certificates },
	[AT_UPLOAD_CA] = { "CAFILE", pem_add_certificates },
	[AT_UPLOAD_CERT] = { "CERTFILE", pem_set_certificates },
	[AT_UPLOAD_KEY] = { "KEYFILE", pem_set_key },
};

void at_tls_reset(struct at_session *s)
{
	int i;

	s->tls.version = 0;
	s->tls.verify = s->cfg->tls_verify != TLS_VERIFY_NO;
	s->tls.ca_has_cert = false;
	s->tls.failed = 0;
	for (i = 0; i < AT_N_UPLOADS; i++)
		pem_drop(&s->tls.uploads[i]);
}

/* What the operator demands the host cannot give up. */
static bool must_verify(const struct at_session *s)
{
	return s->cfg->tls_verify == TLS_VERIFY_ALWAYS;
}

static struct mqtt_pem pem_of(const struct at_session *s, enum at_upload_kind i)
{
	const struct pem *u = &s->tls.uploads[i];

	return (struct mqtt_pem){ u->p, u->len };
}

static struct mqtt_pem pem_of_text(const char *text)
{
	return (struct mqtt_pem){ text, strlen(text) };
}

/*
 * CAFILE is named after an authority, but hosts for AWS put the certificate
 * there that KEYFILE is the key of, and the authority into TRUSTFILE.  What
 * follows it is its chain; what is in front of it came before.
 */
static void split_ca(const struct at_session *s, struct mqtt_tls *tls)
{
	struct mqtt_pem *ca = &tls->ca[1];
	size_t at = s->tls.cert_at;

	if (!s->tls.ca_has_cert || tls->cert.p)
		return;
	tls->cert = (struct mqtt_pem){ (const char *)ca->p + at, ca->len - at };
	*ca = (struct mqtt_pem){ at ? ca->p : NULL, at };
}

void at_tls_fill(const struct at_session *s, struct mqtt_tls *tls)
{
	*tls = (struct mqtt_tls){
		.ca_file = s->cfg->tls_ca,
		.crl = s->cfg->tls_crl,
		.cert_file = s->cfg->tls_cert,
		.key_file = s->cfg->tls_key,
		.ca = { pem_of(s, AT_UPLOAD_TRUST), pem_of(s, AT_UPLOAD_CA) },
		.cert = pem_of(s, AT_UPLOAD_CERT),
		.key = pem_of(s, AT_UPLOAD_KEY),
		.alpn = s->cfg->tls_alpn,
		.psk_identity = s->cfg->sn_psk_identity,
		.psk_file = s->cfg->sn_psk_file,
		.verify = s->tls.verify || must_verify(s),
		.tls13_only = s->tls.version == VERSION_TLS13,
	};
	split_ca(s, tls);
	if (!tls->cert.p && s->auth.cert) {
		tls->cert = pem_of_text(s->auth.cert);
		tls->key = pem_of_text(s->auth.key);
	}
}

/*
 * GTSSLVER, GTSSLMODE
 */

/* <version> */
int at_gtsslver_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int version;
	int rc = at_only_number(s, c, &version, 0, VERSION_TLS13,
				"TLS version");

	if (rc)
		return rc;
	s->tls.version = version;
	at_reopen_save(s);
	return AT_OK;
}

int at_gtsslver_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+GTSSLVER: %u", s->tls.version);
	return AT_OK;
}

int at_gtsslver_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+GTSSLVER: (0-%d)", VERSION_TLS13);
	return AT_OK;
}

/* <0: do not verify the server|1: verify it> */
int at_gtsslmode_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int mode;
	int rc = at_only_number(s, c, &mode, 0, 1, "verification mode");

	if (rc)
		return rc;
	if (!mode && must_verify(s))
		return at_fail(s, AT_NOT_ALLOWED,
			       "TLS servers are verified, the configuration says");
	if (!mode)
		log_warning("%s: the host turned the verification of TLS servers off",
			    s->cfg->tty);
	s->tls.verify = mode;
	at_reopen_save(s);
	return AT_OK;
}

int at_gtsslmode_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+GTSSLMODE: %u",
		s->tls.verify || must_verify(s));
	return AT_OK;
}

int at_gtsslmode_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+GTSSLMODE: (%s1)",
		must_verify(s) ? "" : "0,");
	return AT_OK;
}

/*
 * GTSSLFILE
 */

/* Now: MQTTOPEN's OK must not wait for a signature by an RSA key. */
void at_tls_find_pair(struct at_session *s)
{
	const struct mqtt_pem key = pem_of(s, AT_UPLOAD_KEY);
	struct mqtt_pem rest = pem_of(s, AT_UPLOAD_CA);
	struct mqtt_pem cert;

	s->tls.cert_at = 0;
	s->tls.ca_has_cert = false;
	while (key.p && pem_next(&rest, &cert)) {
		if (pem_is_pair(&cert, &key)) {
			s->tls.ca_has_cert = true;
			return;
		}
		s->tls.cert_at += cert.len;
	}
}

/* What was uploaded before stays unless this one is good. */
static int finish_upload(struct at_session *s, const void *data, size_t len)
{
	const struct mqtt_pem file = { data, len };
	unsigned int kind = s->data.upload;
	struct mqtt_reason why;
	int rc = files[kind].take(&s->tls.uploads[kind], &file, &why);

	if (rc)
		return at_fail(s, rc == -ENOMEM ? AT_UNKNOWN : AT_BAD_PARAMETER,
			       "%s: %s", files[kind].name, why.text);
	if (kind == AT_UPLOAD_CA || kind == AT_UPLOAD_KEY)
		at_tls_find_pair(s);
	at_reopen_save(s);
	return AT_OK;
}

static int arg_file(struct at_session *s, struct at_cmd *c, unsigned int *kind)
{
	struct at_str name;
	int rc = at_arg_str(c, &name, 16);

	for (*kind = 0; !rc && *kind < AT_N_UPLOADS; ++*kind)
		if (!strcasecmp(name.p, files[*kind].name))
			return AT_OK;
	return at_bad_arg(s, -EINVAL, "file type");
}

/* <type>,<size> */
int at_gtsslfile_set(struct at_session *s, struct at_cmd *c)
{
	struct at_pending_data d = { .finish = finish_upload };
	int rc = arg_file(s, c, &d.upload);

	if (rc)
		return rc;
	if (at_arg_int(c, &d.len, 1, MQTT_PEM_MAX))
		return at_bad_arg(s, -EINVAL, "datasize");
	rc = at_no_more(s, c);
	return rc ? rc : at_ask_data(s, &d);
}

/* How many certificates or keys of each have been uploaded */
int at_gtsslfile_read(struct at_session *s, struct at_cmd *c)
{
	int i;

	(void)c;
	for (i = 0; i < AT_N_UPLOADS; i++)
		at_text(&s->set, &s->out, "+GTSSLFILE: %s,%u", files[i].name,
			s->tls.uploads[i].count);
	return AT_OK;
}

int at_gtsslfile_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out,
		"+GTSSLFILE: (\"%s\",\"%s\",\"%s\",\"%s\"),(1-%d)",
		files[0].name, files[1].name, files[2].name, files[3].name,
		MQTT_PEM_MAX);
	return AT_OK;
}

/*
 * GTSSLERR, GTSSLCIPHER
 */

void at_tls_note_failure(struct at_session *s, int number)
{
	s->tls.failed = number;
	snprintf(s->tls.why, sizeof(s->tls.why), "%s", s->failure);
}

/* The last failure, whatever came behind it */
int at_gtsslerr_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+GTSSLERR: %d,\"%s\"", s->tls.failed,
		s->tls.failed ? s->tls.why : "no error");
	return AT_OK;
}

static const char *cipher_of(const struct at_link *link)
{
	return link->client && link->protocol->cipher ?
		       link->protocol->cipher(link->client) : "";
}

/* What the links that are open by TLS agreed upon with their brokers */
int at_gtsslcipher_read(struct at_session *s, struct at_cmd *c)
{
	unsigned int i;

	(void)c;
	for (i = 0; i < s->n_links; i++)
		if (*cipher_of(&s->links[i]))
			at_text(&s->set, &s->out, "+GTSSLCIPHER: %u,\"%s\"",
				s->links[i].id, cipher_of(&s->links[i]));
	return AT_OK;
}
