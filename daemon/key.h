/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A key of a section of the configuration file as a row of a table: where
 * its value goes, its default and its range.
 */
#ifndef ATMQTT_KEY_H
#define ATMQTT_KEY_H

#include <confuse.h>
#include <stddef.h>

enum key_type {
	KEY_BOOL,	/* bool */
	KEY_INT,	/* uint32_t: min to max */
	KEY_STRING,	/* char *: max bytes; NULL: not set */
	KEY_FILE,	/* the same, readable; or "credential:NAME" */
	KEY_TIME,	/* char *: digits, max of them, or one of words */
	KEY_WORD,	/* uint32_t: which of words */
	KEY_WORDS,	/* uint32_t: a bit each of words, from 1 << 0 */
	KEY_REACH,	/* struct reach *, also if it is not set */
};

struct key {
	const char *name;
	enum key_type type;
	size_t offset;		/* in the section's struct */
	long def;		/* KEY_BOOL, KEY_INT, KEY_WORD; none: 0 */
	const char *text;	/* default of the others; NULL: none */
	long min, max;
	const char *const *words;	/* NULL behind the last */
};

/* Rows of a struct S with a field f */
#define KEY_BOOL(n, S, f, d) \
	{ n, KEY_BOOL, offsetof(S, f), d, NULL, 0, 1, NULL }
#define KEY_INT(n, S, f, d, lo, hi) \
	{ n, KEY_INT, offsetof(S, f), d, NULL, lo, hi, NULL }
#define KEY_STRING(n, S, f, d, len) \
	{ n, KEY_STRING, offsetof(S, f), 0, d, 0, len, NULL }
#define KEY_FILE(n, S, f) \
	{ n, KEY_FILE, offsetof(S, f), 0, NULL, 0, 4096, NULL }
#define KEY_TIME(n, S, f, d, len, w) \
	{ n, KEY_TIME, offsetof(S, f), 0, d, 0, len, w }
#define KEY_WORD(n, S, f, d, w) \
	{ n, KEY_WORD, offsetof(S, f), d, NULL, 0, 0, w }
#define KEY_REACH(n, S, f) \
	{ n, KEY_REACH, offsetof(S, f), 0, NULL, 0, 0, NULL }
#define KEY_WORDS(n, S, f, w) \
	{ n, KEY_WORDS, offsetof(S, f), 0, NULL, 0, 0, w }

/* The key for libconfuse; without a default, which is the table's matter. */
cfg_opt_t key_option(const struct key *key);

/* Is the value one that the row allows?  0, or -EINVAL after a log line. */
int key_check(cfg_t *sec, const struct key *key);

/* Sets the field of @base; @sec NULL: to the default.  0 or -ENOMEM. */
int key_store(cfg_t *sec, const struct key *key, void *base);

/* Frees what key_store() put there. */
void key_free(const struct key *key, void *base);

#endif /* ATMQTT_KEY_H */
