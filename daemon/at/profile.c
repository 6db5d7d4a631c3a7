// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The module series, from the manual's table "Applicable Model".  A model
 * that differs from its series stands ahead of it: the first match counts.
 */
#include "daemon/at/profile.h"

#include <ctype.h>
#include <string.h>

#define TLS	PROFILE_TLS
#define WILL	PROFILE_WILL_DATA
#define SN	PROFILE_SN
#define AUTH	PROFILE_AUTH

#define USER_1024	.user_max = 1024, .password_max = 1024, \
			.client_id_max = 1024
#define USER_128	.user_max = 128, .password_max = 128, \
			.client_id_max = 256
#define USER_128_256	.user_max = 128, .password_max = 256, \
			.client_id_max = 256

/*
 * Payloads as most have them, and echo as V.250 has it.  The manual's 1024 of
 * +MQTTREAD would lose what +MQTTMSG delivers.
 */
#define SIZES(msg)	.send_max = 1024, .msg_max = (msg), .read_max = (msg)
#define COMMON(msg)	SIZES(msg), .echo_cr = true
#define SNCID(n)	.sn_client_id_max = (n)

static const struct profile profiles[] = {
	{ "L610", TLS | SN | AUTH, USER_1024, COMMON(1500), SNCID(1024) },
	{ "L61x", TLS, USER_1024, COMMON(1500) },
	{ "LC610N", SN | AUTH, USER_1024, COMMON(1500), SNCID(256) },
	{ "LC61x", TLS, USER_1024, COMMON(1500) },
	{ "LG61x", TLS, USER_1024, COMMON(1500) },
	{ "MC610", TLS | SN | AUTH, USER_1024, COMMON(1500), SNCID(23),
	  .plain_imei = true },
	{ "MC615", SN | AUTH, USER_1024, COMMON(1500), SNCID(256),
	  .plain_imei = true },
	{ "MC61x", TLS, USER_1024, COMMON(1500) },
	{ "MG61x", TLS, USER_1024, COMMON(1500) },
	{ "NL668-AM", 0, USER_128, COMMON(1500) },
	{ "NL66x", TLS, USER_128, COMMON(1500) },
	{ "MC11x", TLS, USER_128, COMMON(1500) },
	{ "MG11x", TLS, USER_128, COMMON(1500) },
	{ "LC11x", TLS, USER_128, COMMON(1500) },
	{ "L71x", TLS, USER_128, COMMON(1500) },
	{ "MS18x", TLS, USER_128, COMMON(1500) },
	{ "MC91x", TLS, USER_128, COMMON(1500) },
	{ "MC901x", TLS, USER_128, COMMON(1500) },
	{ "MC100E", TLS | SN, USER_128, COMMON(1024), SNCID(23) },
	{ "MC10x", TLS, USER_128, COMMON(1500) },
	{ "MA510", TLS | SN, USER_128, COMMON(1024), SNCID(23) },
	{ "MA51x", TLS | SN, USER_128, COMMON(1500), SNCID(256) },
	{ "LE13x", TLS | AUTH, USER_128, COMMON(1500) },
	{ "LE17x", TLS | AUTH, USER_128, COMMON(1500) },
	{ "G510", TLS | WILL, USER_128, COMMON(1500), .tls1_is_tls = true },
	{ "LExxx", TLS | AUTH, USER_128_256, COMMON(1500) },
	{ "LE", TLS | AUTH, USER_128_256, COMMON(1500) },
	{ "FG13x", TLS | WILL, USER_128_256, COMMON(1500) },
	{ "MC665", TLS | WILL | AUTH, USER_128_256, SIZES(1500) },
	{ "MC66x", TLS | WILL | AUTH, USER_128_256, COMMON(1500) },
	{ "MG66x", TLS | WILL | AUTH, USER_128_256, COMMON(1500) },
	{ "generic", TLS | WILL | SN | AUTH, USER_1024, SNCID(1024),
	  .send_max = 16384, .msg_max = 16384, .read_max = 16384,
	  .echo_cr = true },
};

#define N_PROFILES (sizeof(profiles) / sizeof(profiles[0]))

/* A variant behind a dash ("L610-CN") is its model, unless it has a row. */
static bool matches(const char *row, const char *name)
{
	for (; *row; row++, name++) {
		if (*row == 'x' && isdigit((unsigned char)*name))
			continue;
		if (toupper((unsigned char)*row) !=
		    toupper((unsigned char)*name))
			return false;
	}
	return !*name || *name == '-';
}

const struct profile *profile_find(const char *name)
{
	size_t i;

	for (i = 0; i < N_PROFILES; i++)
		if (matches(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}

const struct profile *profile_at(size_t i)
{
	return i < N_PROFILES ? &profiles[i] : NULL;
}

bool profile_can(const struct profile *p, unsigned int abilities)
{
	return !(abilities & ~(p->abilities & PROFILE_BUILT));
}

const char *profile_ids(const struct profile *p)
{
	return profile_can(p, PROFILE_SN) ? "1,2,101,102" : "1,2";
}
