// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/cloud/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In front of each block: how long it is. */
union head {
	size_t size;
	max_align_t align;
};

static void *allocate(size_t size)
{
	union head *head;

	if (size > SIZE_MAX - sizeof(*head))
		return NULL;
	head = malloc(sizeof(*head) + size);
	if (!head)
		return NULL;
	head->size = size;
	return head + 1;
}

static void wipe(void *p)
{
	union head *head = p;

	if (!p)
		return;
	head--;
	explicit_bzero(p, head->size);
	free(head);
}

/* Before main(): whatever jansson allocates, it frees in the same way. */
__attribute__((constructor)) static void prepare(void)
{
	json_set_alloc_funcs(allocate, wipe);
}

json_t *json_new(void)
{
	return json_object();
}

json_t *json_parse(const char *text, size_t len)
{
	json_t *json;

	json = json_loadb(text, len, 0, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

const char *json_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}
