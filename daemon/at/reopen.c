// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A host that is not told to start again believes that all it has set is
 * there: so it is not only the links that are open that are kept.
 */
#include "daemon/at/reopen.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/gtssl.h"
#include "daemon/at/internal.h"
#include "daemon/at/link.h"
#include "daemon/cloud/json.h"
#include "daemon/lib/state_file.h"

#define FILE_MAX	(4 << 20)	/* bytes; 4 links with 512 topics: 1 MiB */

static void file_name(const struct at_session *s, char *name, size_t size)
{
	snprintf(name, size, "%s.links", s->cfg->tty);
}

/*
 * Bytes, which JSON has no type for, as hexadecimal digits
 */

static json_t *pack_bytes(const void *p, size_t len)
{
	const unsigned char *from = p;
	char *text = malloc(2 * len + 1);
	json_t *json;
	size_t i;

	if (!text)
		return NULL;
	text[0] = '\0';
	for (i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", from[i]);
	json = json_stringn(text, 2 * len);
	explicit_bzero(text, 2 * len);
	free(text);
	return json;
}

/* NULL: no memory, or it is no such text; a NUL is behind the bytes. */
static char *unpack_bytes(const json_t *json, size_t *len)
{
	const char *text = json_string_value(json);
	unsigned int byte;
	char *p;
	size_t i;

	*len = json_string_length(json) / 2;
	p = text ? malloc(*len + 1) : NULL;
	if (!p)
		return NULL;
	for (i = 0; i < *len; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			byte = 0;
		p[i] = (char)byte;
	}
	p[*len] = '\0';
	return p;
}

/*
 * Writing
 */

static json_t *pack_will(const struct at_will *w)
{
	if (!w->topic)
		return json_null();
	return json_pack("{s:s, s:i, s:b, s:o}", "topic", w->topic,
			 "qos", w->qos, "retain", w->retain,
			 "payload", pack_bytes(w->payload, w->len));
}

static json_t *pack_subscriptions(const struct at_again *again)
{
	json_t *list = json_array();
	const struct at_sub *sub;

	for (sub = again->subs; sub; sub = sub->next)
		json_array_append_new(list, json_pack("[s, i, i]", sub->filter,
						      sub->id, sub->qos));
	return list;
}

static json_t *pack_link(const struct at_link *link)
{
	const struct at_target *to = &link->target;
	const struct at_user *user = &link->user;

	return json_pack("{s:i, s:b, s:s, s:s, s:i, s:i, s:b, s:b, "
			 "s:s?, s:s?, s:s?, s:o, s:o}",
			 "id", link->id,
			 "open", at_link_is_to_be_open(link),
			 "host", to->host, "peer", link->peer,
			 "port", to->port, "keepalive", to->keepalive,
			 "clean", to->clean, "tls", to->tls,
			 "user", user->name, "password", user->password,
			 "client_id", user->client_id,
			 "will", pack_will(&link->will),
			 "subscriptions", pack_subscriptions(&link->again));
}

static json_t *pack_links(const struct at_session *s)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < s->n_links; i++)
		json_array_append_new(list, pack_link(&s->links[i]));
	return list;
}

static json_t *pack_uploads(const struct at_session *s)
{
	json_t *list = json_array();
	const struct pem *u;

	for (u = s->tls.uploads; u < s->tls.uploads + AT_N_UPLOADS; u++)
		json_array_append_new(list, json_pack("{s:o, s:i}", "bytes",
						      pack_bytes(u->p, u->len),
						      "count", u->count));
	return list;
}

static json_t *pack(const struct at_session *s)
{
	return json_pack("{s:b, s:i, s:b, s:o, s:o}",
			 "call", s->net.call,
			 "tls_version", s->tls.version,
			 "tls_verify", s->tls.verify,
			 "uploads", pack_uploads(s),
			 "links", pack_links(s));
}

static bool any_open(const struct at_session *s)
{
	unsigned int i;

	for (i = 0; i < s->n_links; i++)
		if (at_link_is_to_be_open(&s->links[i]))
			return true;
	return false;
}

static int write_all(const struct at_session *s)
{
	char name[NAME_MAX + 1];
	json_t *json = pack(s);
	size_t size = json_dumpb(json, NULL, 0, JSON_COMPACT);
	char *text = size ? malloc(size) : NULL;
	int err = -ENOMEM;

	file_name(s, name, sizeof(name));
	if (text) {
		json_dumpb(json, text, size, JSON_COMPACT);
		err = state_file_write(s->cfg->runtime_dir, name, text, size);
		explicit_bzero(text, size);
	}
	free(text);
	json_decref(json);
	return err;
}

void at_reopen_save(struct at_session *s)
{
	int err;

	if (!s->cfg->reconnect || !s->cfg->runtime_dir || s->stopping)
		return;
	if (!any_open(s)) {
		at_reopen_forget(s);
		return;
	}
	err = write_all(s);
	if (err)
		log_warning("%s: links not kept for a restart: %s",
			    s->cfg->tty, strerror(-err));
}

void at_reopen_forget(struct at_session *s)
{
	char name[NAME_MAX + 1];

	file_name(s, name, sizeof(name));
	state_file_remove(s->cfg->runtime_dir, name);
}

/*
 * Reading
 */

static json_t *read_all(const struct at_session *s)
{
	char name[NAME_MAX + 1];
	char *text = malloc(FILE_MAX);
	json_t *json = NULL;
	int n;

	if (!text)
		return NULL;
	file_name(s, name, sizeof(name));
	n = state_file_read(s->cfg->runtime_dir, name, text, FILE_MAX);
	if (n > 0)
		json = json_parse(text, (size_t)n);
	if (n > 0)
		explicit_bzero(text, (size_t)n);
	free(text);
	if (!json && n != -ENOENT)
		log_warning("%s: links of before not read: %s", s->cfg->tty,
			    n < 0 ? strerror(-n) : "damaged");
	return json;
}

static char *copy_text(const json_t *object, const char *key)
{
	const char *text = json_text(object, key);

	return text ? strdup(text) : NULL;
}

static unsigned int number(const json_t *object, const char *key)
{
	return (unsigned int)json_integer_value(json_object_get(object, key));
}

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static void unpack_will(struct at_will *w, const json_t *json)
{
	size_t len;
	char *payload = unpack_bytes(json_object_get(json, "payload"), &len);

	if (!payload)
		return;
	*w = (struct at_will){
		.topic = copy_text(json, "topic"),
		.payload = payload,
		.len = len,
		.qos = (uint8_t)number(json, "qos"),
		.retain = is_true(json, "retain"),
	};
}

static void unpack_subscriptions(struct at_again *again, const json_t *list)
{
	struct at_topic topic;
	const char *filter;
	int id, qos;
	json_t *sub;
	size_t i;

	json_array_foreach(list, i, sub) {
		if (json_unpack(sub, "[s, i, i]", &filter, &id, &qos))
			continue;
		topic = (struct at_topic){
			.name = id ? NULL : filter,
			.id = (uint16_t)id,
		};
		at_again_subscribed(again, &topic, (uint8_t)qos, 0);
	}
}

static void unpack_link(struct at_link *link, const json_t *json)
{
	const char *host = json_text(json, "host");
	const char *peer = json_text(json, "peer");

	snprintf(link->target.host, sizeof(link->target.host), "%s",
		 host ? host : "");
	snprintf(link->peer, sizeof(link->peer), "%s", peer ? peer : "");
	link->target.port = (uint16_t)number(json, "port");
	link->target.keepalive = (uint16_t)number(json, "keepalive");
	link->target.clean = is_true(json, "clean");
	link->target.tls = is_true(json, "tls");
	link->user.name = copy_text(json, "user");
	link->user.password = copy_text(json, "password");
	link->user.client_id = copy_text(json, "client_id");
	unpack_will(&link->will, json_object_get(json, "will"));
	if (!is_true(json, "open"))
		return;
	link->clean = link->target.clean;
	unpack_subscriptions(&link->again,
			     json_object_get(json, "subscriptions"));
}

static struct at_link *link_of(struct at_session *s, const json_t *json)
{
	return at_link_find(s, number(json, "id"));
}

/* The first that goes on writes the file anew: all of it has to be here. */
static void unpack_links(struct at_session *s, const json_t *list)
{
	json_t *json;
	size_t i;

	json_array_foreach(list, i, json)
		if (link_of(s, json))
			unpack_link(link_of(s, json), json);
	json_array_foreach(list, i, json)
		if (link_of(s, json) && is_true(json, "open"))
			at_link_resume(link_of(s, json));
}

static void unpack_uploads(struct at_session *s, const json_t *list)
{
	struct pem *u;
	json_t *json;
	size_t i;

	json_array_foreach(list, i, json) {
		if (i == AT_N_UPLOADS || !number(json, "count"))
			continue;
		u = &s->tls.uploads[i];
		u->p = unpack_bytes(json_object_get(json, "bytes"), &u->len);
		u->count = u->p ? number(json, "count") : 0;
	}
	at_tls_find_pair(s);
}

static void unpack(struct at_session *s, const json_t *json)
{
	s->net.call = is_true(json, "call");
	s->tls.version = number(json, "tls_version");
	s->tls.verify = is_true(json, "tls_verify");
	unpack_uploads(s, json_object_get(json, "uploads"));
	unpack_links(s, json_object_get(json, "links"));
}

bool at_reopen_load(struct at_session *s)
{
	json_t *json = read_all(s);

	if (!json)
		return false;
	unpack(s, json);
	json_decref(json);
	return any_open(s);
}
