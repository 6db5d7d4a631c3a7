// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/columns.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/escape.h"

#define GAP	"  "

static void add(struct columns *c, const char *text)
{
	char **more = realloc(c->cells, (c->n_cells + 1) * sizeof(*more));

	if (!more)
		abort();	/* of a program that only prints */
	c->cells = more;
	c->cells[c->n_cells] = escape_text(text, strlen(text));
	if (!c->cells[c->n_cells++])
		abort();
}

void columns_start(struct columns *c, const char *const *header)
{
	*c = (struct columns){ 0 };
	for (; *header && c->n < COLUMNS_MAX; header++) {
		add(c, *header);
		c->n++;
	}
}

void columns_add(struct columns *c, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(c, text);
}

static size_t width(const struct columns *c, size_t column)
{
	size_t max = 0;

	for (size_t i = column; i < c->n_cells; i += c->n)
		if (strlen(c->cells[i]) > max)
			max = strlen(c->cells[i]);
	return max;
}

/* No blanks behind the last one. */
static void print_cells(const struct columns *c, FILE *out)
{
	size_t widths[COLUMNS_MAX], column;

	for (column = 0; column < c->n; column++)
		widths[column] = width(c, column);
	for (size_t i = 0; i < c->n_cells; i++) {
		column = i % c->n;
		if (column == c->n - 1)
			fprintf(out, "%s\n", c->cells[i]);
		else
			fprintf(out, "%-*s" GAP, (int)widths[column],
				c->cells[i]);
	}
}

void columns_print(struct columns *c, FILE *out)
{
	if (c->n_cells > c->n)
		print_cells(c, out);
	for (size_t i = 0; i < c->n_cells; i++)
		free(c->cells[i]);
	free(c->cells);
	*c = (struct columns){ 0 };
}
