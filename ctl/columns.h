/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Text in columns as wide as they must be.
 */
#ifndef ATMQTT_CTL_COLUMNS_H
#define ATMQTT_CTL_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#define COLUMNS_MAX	64

/* All zero is empty. */
struct columns {
	char **cells;		/* row by row */
	size_t n_cells;
	size_t n;		/* columns */
};

/* The header, which says how many columns there are: NULL ends it.  All fit. */
void columns_start(struct columns *c, const char *const *header);

/* The next cell; what is not printable ASCII is escaped. */
void columns_add(struct columns *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Prints them, if there is more than the header, and frees them. */
void columns_print(struct columns *c, FILE *out);

#endif /* ATMQTT_CTL_COLUMNS_H */
