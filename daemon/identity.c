// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hash.h>

#define IMEI_DIGITS	15
#define MACHINE_ID	"/etc/machine-id"	/* machine-id(5): 32 digits */

static char luhn(const char *digits, size_t n)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned int d = (unsigned int)(digits[n - 1 - i] - '0');

		if (i % 2 == 0)
			d = d * 2 > 9 ? d * 2 - 9 : d * 2;
		sum += d;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

static int machine_id(char id[33])
{
	FILE *f = fopen(MACHINE_ID, "re");
	size_t n;

	if (!f)
		return -1;
	n = fread(id, 1, 32, f);
	fclose(f);
	id[n] = '\0';
	return n == 32 ? 0 : -1;
}

char *identity_imei(const char *tty)
{
	unsigned char hash[WC_SHA256_DIGEST_SIZE];
	char text[128], id[33];
	char *imei;
	int n;

	if (machine_id(id))
		return NULL;
	n = snprintf(text, sizeof(text), "atmqtt %s %s", id, tty);
	if (n >= (int)sizeof(text) ||
	    wc_Sha256Hash((unsigned char *)text, (word32)n, hash))
		return NULL;

	imei = malloc(IMEI_DIGITS + 1);
	if (!imei)
		return NULL;
	imei[0] = '0';
	imei[1] = '0';
	for (int i = 2; i < IMEI_DIGITS - 1; i++)
		imei[i] = (char)('0' + hash[i] % 10);
	imei[IMEI_DIGITS - 1] = luhn(imei, IMEI_DIGITS - 1);
	imei[IMEI_DIGITS] = '\0';
	return imei;
}
