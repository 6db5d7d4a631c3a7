/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What GTSSLVER, GTSSLMODE and GTSSLFILE set for the next MQTTOPEN by TLS.
 */
#ifndef ATMQTT_AT_GTSSL_H
#define ATMQTT_AT_GTSSL_H

#include "daemon/mqtt/mqtt.h"

struct at_session;

/* As the configuration has it; wipes and forgets what was uploaded. */
void at_tls_reset(struct at_session *s);

/* s->failure is TLS's, of kind @number, enum mqtt_tls_failure. */
void at_tls_note_failure(struct at_session *s, int number);

/* Looks whether CAFILE has the certificate that KEYFILE is the key of. */
void at_tls_find_pair(struct at_session *s);

/* The TLS of the next OPEN; it borrows what the session and @s->cfg own. */
void at_tls_fill(const struct at_session *s, struct mqtt_tls *tls);

#endif /* ATMQTT_AT_GTSSL_H */
