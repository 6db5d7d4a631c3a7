/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_IDENTITY_H
#define ATMQTT_IDENTITY_H

/*
 * An IMEI for a port that was given none: 15 digits, the last by Luhn
 * (3GPP TS 23.003 6.2.1), from the test range 00.  Always the same for a tty
 * of a board, another for every other, because client ids are made from it
 * and a broker cuts the older of two equal ones off.  The caller frees it;
 * NULL without memory or machine id.
 */
char *identity_imei(const char *tty);

#endif /* ATMQTT_IDENTITY_H */
