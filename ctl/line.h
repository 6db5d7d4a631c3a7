/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A tty's speed, framing and flow control as people write them.
 */
#ifndef ATMQTT_CTL_LINE_H
#define ATMQTT_CTL_LINE_H

#include <stddef.h>
#include <termios.h>

#include "daemon/at/cmd/uart.h"

/*
 * Each sets its part of @t and returns 0, or -EINVAL for text that is none:
 * "115200"; "8N1"; "none", "rtscts", "xonxoff".
 */
int line_set_speed(struct termios *t, const char *text);
int line_set_framing(struct termios *t, const char *text);
int line_set_flow(struct termios *t, const char *text);

/* Raw, no modem control, the receiver on. */
void line_set_raw(struct termios *t);

/* "8N1" and "rtscts" of what n_at tells; "mixed": none of the words */
void line_framing_text(const struct at_uart *uart, char *out, size_t size);
const char *line_flow_text(const struct at_uart *uart);

#endif /* ATMQTT_CTL_LINE_H */
