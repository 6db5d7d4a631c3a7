/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * JSON by jansson.  What clouds send holds keys, so everything that jansson
 * frees is wiped.
 */
#ifndef ATMQTT_CLOUD_JSON_H
#define ATMQTT_CLOUD_JSON_H

#include <jansson.h>
#include <stddef.h>

/* An object, or NULL when @text is none.  Released by json_decref(). */
json_t *json_parse(const char *text, size_t len);

/* An empty object, or NULL without memory. */
json_t *json_new(void);

/* The string @key of @object; NULL when it has none. */
const char *json_text(const json_t *object, const char *key);

#endif /* ATMQTT_CLOUD_JSON_H */
