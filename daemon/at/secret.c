// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/secret.h"

#include <stdlib.h>
#include <string.h>

#define ARG(n)	(1U << (n))
#define FROM(n)	(~0U << (n))

static const struct at_secret rows[] = {
	{ .name = "+CBC" },
	{ .name = "+CCID" },
	{ .name = "+CCLK" },
	{ .name = "+CEDRXS" },
	{ .name = "+CEER" },
	{ .name = "+CEMODE" },
	{ .name = "+CEREG" },
	{ .name = "+CESQ" },
	{ .name = "+CFSN" },
	{ .name = "+CFUN" },
	{ .name = "+CGACT" },
	{ .name = "+CGATT" },
	/* <cid>,<kind>,<user>,<password> */
	{ .name = "+CGAUTH", .set = FROM(4), .told = FROM(4) },
	{ .name = "+CGCONTRDP" },
	{ .name = "+CGDCONT" },
	{ .name = "+CGEREP" },
	{ .name = "+CGMI" },
	{ .name = "+CGMM" },
	{ .name = "+CGMR" },
	{ .name = "+CGPADDR" },
	{ .name = "+CGREG" },
	{ .name = "+CGSN" },
	{ .name = "+CIMI" },
	{ .name = "+CLAC" },
	{ .name = "+CLIP" },
	{ .name = "+CMEE" },
	{ .name = "+CMGF" },
	{ .name = "+CNMI" },
	{ .name = "+COPS" },
	/* <pin>[,<new pin>]; the state is told */
	{ .name = "+CPIN", .set = FROM(1) },
	{ .name = "+CPSMS" },
	{ .name = "+CPWROFF" },
	{ .name = "+CREG" },
	{ .name = "+CSCLK" },
	{ .name = "+CSCS" },
	{ .name = "+CSQ" },
	{ .name = "+CTZR" },
	{ .name = "+CTZU" },
	{ .name = "+GMI" },
	{ .name = "+GMM" },
	{ .name = "+GMR" },
	{ .name = "+GSN" },
	{ .name = "+GTLPMMODE" },
	{ .name = "+GTRAT" },
	{ .name = "+GTSET" },
	{ .name = "+GTSSLCIPHER" },
	{ .name = "+GTSSLERR" },
	/* KEYFILE is a key, and what is one is not looked at */
	{ .name = "+GTSSLFILE", .data = true },
	{ .name = "+GTSSLMODE" },
	{ .name = "+GTSSLVER" },
	{ .name = "+GTWAKE" },
	{ .name = "+ICCID" },
	{ .name = "+ICF" },
	{ .name = "+IFC" },
	{ .name = "+IPR" },
	/* <op>,<apn>,<user>,<password>,... */
	{ .name = "+MIPCALL", .set = FROM(3) },
	{ .name = "+MIPDNS" },
	/* <cloud>,<product>,...: secrets stand elsewhere for each cloud */
	{ .name = "+MQTTAUTHCFG", .set = FROM(3), .told = FROM(3) },
	{ .name = "+MQTTAUTHDYN", .set = FROM(3), .told = FROM(3) },
	{ .name = "+MQTTCLOSE" },
	{ .name = "+MQTTCONF" },
	{ .name = "+MQTTOPEN" },
	{ .name = "+MQTTPUB" },
	{ .name = "+MQTTREAD" },
	{ .name = "+MQTTSNCID" },
	{ .name = "+MQTTSNREG" },
	{ .name = "+MQTTSUB" },
	{ .name = "+MQTTUNSUB" },
	/* <id>,<user>,<password>[,<clientid>] */
	{ .name = "+MQTTUSER", .set = ARG(3), .told = ARG(3) },
	{ .name = "+MQTTWILL" },
	{ .name = "+MQTTWMSGUD" },
	{ .name = "+MQTTWTOPICUD" },
	{ .name = "+RESET" },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct at_secret *)row)->name);
}

const struct at_secret *at_secret_find(const char *name)
{
	return bsearch(name, rows, N_ROWS, sizeof(rows[0]), compare);
}

const struct at_secret *at_secret_at(size_t i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}
