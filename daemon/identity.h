/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_IDENTITY_H
#define ATMQTT_IDENTITY_H

#include <net/if.h>

#define IDENTITY_IMEI	15	/* digits, 3GPP TS 23.003 6.2.1 */
#define IDENTITY_ICCID	20	/* digits, ITU-T E.118 */

struct identity {
	char imei[IDENTITY_IMEI + 1];	/* of the test range 00 */
	char source[IF_NAMESIZE + 32];	/* "serial number of the SoC" */
};

/*
 * The IMEI of a port that was given none.  Always the same for a tty of a
 * board, another for every other, also for boards that were cloned from one
 * image: client ids are made of it, and a broker cuts the older of two equal
 * ones off.  @root is what /sys and /etc are looked for in: "".
 * 0, or -ENOENT when the board has nothing that tells it from others.
 */
int identity_derive(const char *root, const char *tty, struct identity *id);

/* The number of the card in a module with this IMEI */
void identity_iccid(const char *imei, char iccid[IDENTITY_ICCID + 1]);

#endif /* ATMQTT_IDENTITY_H */
