// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "unit/no_memory.h"

#include <stdbool.h>
#include <stdlib.h>

static bool armed;
static unsigned int tried, first, last;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);

void no_memory_at(unsigned int nth, unsigned int more)
{
	tried = 0;
	first = nth;
	last = nth + more;
	armed = true;
}

unsigned int no_memory_end(void)
{
	armed = false;
	return tried;
}

static bool fails(void)
{
	if (!armed)
		return false;
	tried++;
	return tried >= first && tried <= last;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}
