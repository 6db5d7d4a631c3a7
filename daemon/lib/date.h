/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The board's date, in the reason why a certificate failed: whoever reads it
 * has to tell a wrong clock from a wrong certificate.
 */
#ifndef ATMQTT_MQTT_DATE_H
#define ATMQTT_MQTT_DATE_H

/* @text with the date behind it, the thread's until its next call. */
const char *date_behind(const char *text);

/*
 * The same where the board has no clock: then no certificate is valid, and
 * the chain breaks before anybody looks at dates.  Else @text.
 */
const char *date_behind_if_unset(const char *text);

#endif /* ATMQTT_MQTT_DATE_H */
