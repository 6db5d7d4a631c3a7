/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Why TLS failed, in words and by the modules' numbers.
 */
#ifndef ATMQTT_TLS_FAILURE_H
#define ATMQTT_TLS_FAILURE_H

#include "daemon/mqtt/mqtt.h"

struct WOLFSSL;

struct tls_failure {
	int code;		/* an alert's, wolfSSL's or enum chain_fault */
	enum mqtt_tls_failure number;
	const char *text;
};

/*
 * By what either side refused: our rules for the server's certificates, or
 * the fatal alert that came.  NULL: none of them, or there are no words for
 * it.  They are the thread's until its next call of these functions.
 */
const struct tls_failure *tls_alert_of(struct WOLFSSL *wolf);

/* By wolfSSL's error code. */
const struct tls_failure *tls_failure_of(int code);

/* What chain_verify() said of the server, to be told by tls_alert_of(). */
void tls_note_refusal(struct WOLFSSL *wolf, int code);

#endif /* ATMQTT_TLS_FAILURE_H */
