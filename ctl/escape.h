/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Bytes as people read them, and a terminal survives them.
 */
#ifndef ATMQTT_CTL_ESCAPE_H
#define ATMQTT_CTL_ESCAPE_H

#include <stddef.h>

/*
 * Printable ASCII as it is, a backslash twice, \r, \n and \t so, all else as
 * \xNN.  The caller frees it; NULL without memory.
 */
char *escape_text(const void *bytes, size_t len);

#endif /* ATMQTT_CTL_ESCAPE_H */
