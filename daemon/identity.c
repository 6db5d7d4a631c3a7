// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What tells a board from others, from the best on: a serial number that its
 * maker gave it, the address of a network interface, and what its image has.
 */
#include "daemon/identity.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/hash.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define VALUE_MAX	128	/* bytes of a serial number */
#define SERIAL_MIN	4	/* fewer digits number no boards */
#define NET		"/sys/class/net"
#define PERMANENT	"0"	/* addr_assign_type: the device's own */
#define ETHERNET	"1"	/* type: if_arp.h */
#define LOCAL		0x02	/* of a MAC address: made up by somebody */

#define HEX		"0123456789abcdef"
#define MACHINE_ID	32	/* of them, machine-id(5) */
#define IMEI_TEST	"00"	/* TAC of test equipment */
#define ICCID_START	"8986"	/* what hosts look for: telecom, China */

/*
 * Reading
 */

/* The first line, without blanks around it; false: there is none. */
static bool read_line(const char *root, const char *path,
		      char value[VALUE_MAX])
{
	char name[PATH_MAX];
	size_t n = 0;
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", root, path);
	f = fopen(name, "re");
	if (!f)
		return false;
	n = fread(value, 1, VALUE_MAX - 1, f);
	fclose(f);
	value[n] = '\0';
	value[strcspn(value, "\r\n")] = '\0';
	n = strspn(value, " \t");
	memmove(value, value + n, strlen(value + n) + 1);
	for (n = strlen(value); n && isspace((unsigned char)value[n - 1]); n--)
		value[n - 1] = '\0';
	return n;
}

/*
 * Serial numbers
 */

/* What makers leave in the place of one */
static const char *const placeholders[] = {
	"chassis serial number",
	"default",
	"default string",
	"empty",
	"invalid",
	"none",
	"not applicable",
	"not available",
	"not set",
	"not specified",
	"o.e.m.",
	"oem",
	"serial",
	"serial number",
	"system serial number",
	"to be filled by o.e.m",
	"to be filled by o.e.m.",
	"unknown",
};

/* "00000000", "FFFF-FFFF" */
static bool is_one_sign(const char *s)
{
	char first = '\0';

	for (; *s; s++) {
		if (!isalnum((unsigned char)*s))
			continue;
		if (first && *s != first)
			return false;
		first = *s;
	}
	return true;
}

/* "123456789", "0123456789", "1234567890" */
static bool is_counted(const char *s)
{
	for (; s[0] && s[1]; s++)
		if (!isdigit((unsigned char)s[0]) ||
		    s[1] - '0' != (s[0] - '0' + 1) % 10)
			return false;
	return true;
}

static bool is_serial(const char *s)
{
	size_t i;

	if (strlen(s) < SERIAL_MIN || is_one_sign(s) || is_counted(s))
		return false;
	for (i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (!strcasecmp(s, placeholders[i]))
			return false;
	return true;
}

/*
 * Network interfaces
 */

static bool read_attribute(const char *root, const char *link,
			   const char *attribute, char value[VALUE_MAX])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), NET "/%s/%s", link, attribute);
	return read_line(root, path, value);
}

static bool is_address(const char *text)
{
	unsigned int b[6];

	return sscanf(text, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3],
		      &b[4], &b[5]) == 6 &&
	       (b[0] | b[1] | b[2] | b[3] | b[4] | b[5]) && !(b[0] & LOCAL);
}

/* Bridges, tunnels and the like have no device. */
static bool find_address(const char *root, const char *link,
			 char value[VALUE_MAX])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s" NET "/%s/device", root, link);
	return access(path, F_OK) == 0 &&
	       read_attribute(root, link, "type", value) &&
	       !strcmp(value, ETHERNET) &&
	       read_attribute(root, link, "addr_assign_type", value) &&
	       !strcmp(value, PERMANENT) &&
	       read_attribute(root, link, "address", value) &&
	       is_address(value);
}

/* An adapter that somebody plugs in must not change who the board is. */
static bool is_usb(const char *root, const char *link)
{
	char path[PATH_MAX];
	char bus[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s" NET "/%s/device/subsystem", root,
		 link);
	n = readlink(path, bus, sizeof(bus) - 1);
	if (n < 0)
		return false;
	bus[n] = '\0';
	return strlen(bus) >= 4 && !strcmp(bus + n - 4, "/usb");
}

/* The first by name, those on USB behind the others */
static bool find_mac(const char *root, char value[VALUE_MAX],
		     char best[IF_NAMESIZE])
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool best_usb = false;
	bool usb;
	DIR *dir;

	*best = '\0';
	snprintf(path, sizeof(path), "%s" NET, root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (strlen(entry->d_name) >= IF_NAMESIZE ||
		    !find_address(root, entry->d_name, value))
			continue;
		usb = is_usb(root, entry->d_name);
		if (*best && (usb > best_usb ||
			      (usb == best_usb &&
			       strcmp(entry->d_name, best) > 0)))
			continue;
		strcpy(best, entry->d_name);
		best_usb = usb;
	}
	if (dir)
		closedir(dir);
	return *best && find_address(root, best, value);
}

/*
 * All of it
 */

/* root alone may read the one of DMI, and the daemon is not root. */
static const struct {
	const char *path;
	const char *source;
} serials[] = {
	{ "/sys/firmware/devicetree/base/serial-number",
	  "serial number of the device tree" },
	{ "/sys/devices/soc0/serial_number", "serial number of the SoC" },
	{ "/sys/class/dmi/id/product_serial", "serial number of DMI" },
};

static bool find_value(const char *root, char value[VALUE_MAX],
		       struct identity *id)
{
	char link[IF_NAMESIZE];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(serials); i++) {
		if (!read_line(root, serials[i].path, value) ||
		    !is_serial(value))
			continue;
		snprintf(id->source, sizeof(id->source), "%s",
			 serials[i].source);
		return true;
	}
	if (find_mac(root, value, link)) {
		snprintf(id->source, sizeof(id->source), "MAC address of %s",
			 link);
		return true;
	}
	snprintf(id->source, sizeof(id->source), "machine id");
	return read_line(root, "/etc/machine-id", value) &&
	       strspn(value, HEX) == MACHINE_ID && !value[MACHINE_ID];
}

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

/* @n digits: @start, then some by @text, then the one that checks. */
static void number(char *out, size_t n, const char *start, const char *text)
{
	unsigned char hash[WC_SHA256_DIGEST_SIZE] = { 0 };
	size_t len = strlen(start);
	size_t i = 0;

	wc_Sha256Hash((const unsigned char *)text, (word32)strlen(text), hash);
	memcpy(out, start, len);
	for (; len < n - 1; len++)
		out[len] = (char)('0' + hash[i++] % 10);
	out[n - 1] = luhn(out, n - 1);
	out[n] = '\0';
}

int identity_derive(const char *root, const char *tty, struct identity *id)
{
	char text[PATH_MAX];
	char value[VALUE_MAX];

	if (!find_value(root, value, id))
		return -ENOENT;
	snprintf(text, sizeof(text), "atmqtt %s %s", value, tty);
	number(id->imei, IDENTITY_IMEI, IMEI_TEST, text);
	return 0;
}

void identity_iccid(const char *imei, char iccid[IDENTITY_ICCID + 1])
{
	number(iccid, IDENTITY_ICCID, ICCID_START, imei);
}
