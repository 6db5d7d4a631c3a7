/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Lines, data and answers without their secrets: "***" in their place, and
 * in the place of all that is not understood, to the end of the line.
 */
#ifndef ATMQTT_CTL_MASK_H
#define ATMQTT_CTL_MASK_H

#include <stdbool.h>

#include "daemon/lib/buffer.h"

#define MASK	"***"

/*
 * Each puts @bytes, masked, behind @out and tells whether anything was.
 *
 * A line; @damaged: its bytes may be wrong.  *@secret_data becomes whether
 * the data that it asks for are a secret; "A/" leaves it as it was.
 */
bool mask_line(struct buf *out, const char *line, size_t len, bool damaged,
	       bool *secret_data);

/* A reply or a URC */
bool mask_answer(struct buf *out, const char *text, size_t len);

#endif /* ATMQTT_CTL_MASK_H */
