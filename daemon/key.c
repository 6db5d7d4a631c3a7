// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/key.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/lib/reach.h"

#define CREDENTIAL	"credential:"

cfg_opt_t key_option(const struct key *key)
{
	cfg_opt_t boolean = CFG_BOOL(key->name, cfg_false, CFGF_NODEFAULT);
	cfg_opt_t number = CFG_INT(key->name, 0, CFGF_NODEFAULT);
	cfg_opt_t string = CFG_STR(key->name, NULL, CFGF_NODEFAULT);
	cfg_opt_t list = CFG_STR_LIST(key->name, NULL, CFGF_NODEFAULT);

	return key->type == KEY_BOOL ? boolean :
	       key->type == KEY_INT ? number :
	       key->type == KEY_WORDS || key->type == KEY_REACH ? list :
								  string;
}

static bool is_set(cfg_t *sec, const struct key *key)
{
	return sec && cfg_size(sec, key->name);
}

/* The index of @text, or -1 */
static long find_word(const struct key *key, const char *text)
{
	for (long i = 0; key->words[i]; i++)
		if (strcmp(key->words[i], text) == 0)
			return i;
	return -1;
}

static int check_number(cfg_t *sec, const struct key *key)
{
	long n = cfg_getint(sec, key->name);

	if (n >= key->min && n <= key->max)
		return 0;
	cfg_error(sec, "%s must be %ld to %ld", key->name, key->min, key->max);
	return -EINVAL;
}

static bool is_time(const struct key *key, const char *text)
{
	return find_word(key, text) >= 0 ||
	       (*text && !text[strspn(text, "0123456789")]);
}

/*
 * "credential:NAME" is what systemd has read for the service by
 * LoadCredential=: NAME is no path, so that nothing else can be meant.  NULL:
 * there is none, or no memory.
 */
static char *file_of(const char *text)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path = NULL;

	if (strncmp(text, CREDENTIAL, strlen(CREDENTIAL)))
		return strdup(text);
	text += strlen(CREDENTIAL);
	errno = ENOENT;
	if (!folder || !*text || strchr(text, '/') || text[0] == '.' ||
	    asprintf(&path, "%s/%s", folder, text) < 0)
		return NULL;
	return path;
}

static int check_file(cfg_t *sec, const struct key *key, const char *text)
{
	char *path = file_of(text);
	int rc = path && !access(path, R_OK) ? 0 : -EINVAL;

	if (rc)
		cfg_error(sec, "%s: %s: %s", key->name, text, strerror(errno));
	free(path);
	return rc;
}

static int check_text(cfg_t *sec, const struct key *key)
{
	const char *text = cfg_getstr(sec, key->name);

	if (strlen(text) > (size_t)key->max) {
		cfg_error(sec, "%s is longer than %ld bytes", key->name,
			  key->max);
		return -EINVAL;
	}
	if (key->type == KEY_TIME && !is_time(key, text)) {
		cfg_error(sec, "%s must be a number%s", key->name,
			  find_word(key, "now") < 0 ? "" : " or \"now\"");
		return -EINVAL;
	}
	return key->type == KEY_FILE ? check_file(sec, key, text) : 0;
}

static int check_words(cfg_t *sec, const struct key *key)
{
	char list[256] = "";
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < cfg_size(sec, key->name); i++)
		if (find_word(key, cfg_getnstr(sec, key->name, i)) < 0)
			break;
	if (i == cfg_size(sec, key->name))
		return 0;
	for (i = 0; key->words[i] && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s\"%s\"",
				      !i ? "" : key->words[i + 1] ? ", " :
								    " or ",
				      key->words[i]);
	cfg_error(sec, "%s must be %s", key->name, list);
	return -EINVAL;
}

/* NULL without memory, or with @bad at what is no pattern */
static struct reach *reach_of(cfg_t *sec, const struct key *key,
			      const char **bad)
{
	struct reach *reach = reach_new();
	unsigned int i;
	int rc = 0;

	*bad = NULL;
	for (i = 0; reach && !rc && is_set(sec, key) &&
	     i < cfg_size(sec, key->name); i++) {
		rc = reach_add(reach, cfg_getnstr(sec, key->name, i));
		if (rc == -EINVAL)
			*bad = cfg_getnstr(sec, key->name, i);
	}
	if (!rc)
		return reach;
	reach_free(reach);
	return NULL;
}

static int check_reach(cfg_t *sec, const struct key *key)
{
	const char *bad;

	reach_free(reach_of(sec, key, &bad));
	if (!bad)
		return 0;
	cfg_error(sec, "%s: \"%s\" is not HOST:PORT", key->name, bad);
	return -EINVAL;
}

int key_check(cfg_t *sec, const struct key *key)
{
	if (!is_set(sec, key))
		return 0;
	switch (key->type) {
	case KEY_BOOL:
		return 0;
	case KEY_INT:
		return check_number(sec, key);
	case KEY_STRING:
	case KEY_FILE:
	case KEY_TIME:
		return check_text(sec, key);
	case KEY_WORD:
	case KEY_WORDS:
		return check_words(sec, key);
	case KEY_REACH:
		return check_reach(sec, key);
	}
	return -EINVAL;
}

static uint32_t bits_of(cfg_t *sec, const struct key *key)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < cfg_size(sec, key->name); i++)
		bits |= 1U << find_word(key, cfg_getnstr(sec, key->name, i));
	return bits;
}

int key_store(cfg_t *sec, const struct key *key, void *base)
{
	void *field = (char *)base + key->offset;
	bool set = is_set(sec, key);
	const char *text;

	switch (key->type) {
	case KEY_BOOL:
		*(bool *)field = set ? cfg_getbool(sec, key->name) == cfg_true :
				       key->def != 0;
		return 0;
	case KEY_INT:
		*(uint32_t *)field = (uint32_t)(
			set ? cfg_getint(sec, key->name) : key->def);
		return 0;
	case KEY_WORD:
		*(uint32_t *)field = (uint32_t)(
			set ? find_word(key, cfg_getstr(sec, key->name)) :
			      key->def);
		return 0;
	case KEY_WORDS:
		*(uint32_t *)field = set ? bits_of(sec, key) : 0;
		return 0;
	case KEY_REACH:
		*(struct reach **)field = reach_of(sec, key, &text);
		return *(struct reach **)field ? 0 : -ENOMEM;
	case KEY_FILE:
		text = set ? cfg_getstr(sec, key->name) : NULL;
		*(char **)field = text ? file_of(text) : NULL;
		return text && !*(char **)field ? -ENOMEM : 0;
	case KEY_STRING:
	case KEY_TIME:
		text = set ? cfg_getstr(sec, key->name) : key->text;
		*(char **)field = text ? strdup(text) : NULL;
		return text && !*(char **)field ? -ENOMEM : 0;
	}
	return -EINVAL;
}

void key_free(const struct key *key, void *base)
{
	if (key->type == KEY_REACH)
		reach_free(*(struct reach **)((char *)base + key->offset));
	if (key->type == KEY_STRING || key->type == KEY_FILE ||
	    key->type == KEY_TIME)
		free(*(char **)((char *)base + key->offset));
}
