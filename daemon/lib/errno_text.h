/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a socket's errno means, in the words of +CEER.
 */
#ifndef ATMQTT_LIB_ERRNO_TEXT_H
#define ATMQTT_LIB_ERRNO_TEXT_H

const char *errno_text(int err);

#endif /* ATMQTT_LIB_ERRNO_TEXT_H */
