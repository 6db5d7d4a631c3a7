/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * How answers look: V.250 5.7 (E, V, Q, S3, S4) and 3GPP 27.007 9 (CMEE).
 * Nothing else writes a CR, an LF or a result code.
 */
#ifndef ATMQTT_AT_RESULT_H
#define ATMQTT_AT_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/lib/buffer.h"
#include "daemon/at/cmd/uart.h"

/* What commands set and ATZ, AT&F and AT&W restore and keep. */
struct at_settings {
	uint8_t echo;		/* E */
	uint8_t quiet;		/* Q */
	uint8_t verbose;	/* V */
	uint8_t cmee;		/* +CMEE */
	uint8_t dcd;		/* &C */
	uint8_t dtr;		/* &D */
	uint8_t dsr;		/* &S */
	uint8_t progress;	/* X */
	uint8_t loudness;	/* L */
	uint8_t speaker;	/* M */
	uint8_t s0, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12;
	struct at_uart uart;	/* what the host or AT&W said of it */
};

/* What a handler returns: done, waits for data, or an error's number. */
enum at_code {
	AT_WAIT = -1,
	AT_OK = 0,
	AT_NOT_ALLOWED = 3,
	AT_NOT_SUPPORTED = 4,
	AT_TOO_LONG = 24,
	AT_NO_NETWORK = 30,
	AT_BAD_PARAMETER = 50,
	AT_UNKNOWN = 100,
};

/* An information response or unsolicited result: \r\n<text>\r\n */
void at_text_begin(const struct at_settings *set, struct buf *b);
void at_text_end(const struct at_settings *set, struct buf *b);
void at_text(const struct at_settings *set, struct buf *b,
	     const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * The final result code: OK for AT_OK; for another @code ERROR, or
 * "+CME ERROR: <code>" if the command's page has that (@cme) and CMEE is on.
 */
void at_final(const struct at_settings *set, struct buf *b, int code,
	      bool cme);

/* 27.007's words for @code */
const char *at_code_text(int code);

#endif /* ATMQTT_AT_RESULT_H */
