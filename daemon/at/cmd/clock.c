// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * +CCLK and +CTZU.  A host that sets the clock moves what this port tells,
 * not the board's: certificates and other ports go by that.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"

#define QUARTER		900	/* seconds: the clock's zone counts these */
#define ZONE_MAX	96	/* quarters, 3GPP 27.007 8.15 */
#define CENTURY		100	/* struct tm counts from 1900 */

#define DATE		"dd/dd/dd,dd:dd:dd"
#define DATE_AND_ZONE	DATE "sdd"

static long zone_now(time_t when)
{
	struct tm tm;

	localtime_r(&when, &tm);
	return tm.tm_gmtoff / QUARTER;
}

static void print(time_t when, long zone, char *out, size_t size)
{
	struct tm tm;
	char text[32];

	when += zone * QUARTER;
	gmtime_r(&when, &tm);
	strftime(text, sizeof(text), "%y/%m/%d,%H:%M:%S", &tm);
	snprintf(out, size, "%s%c%02ld", text, zone < 0 ? '-' : '+',
		 labs(zone));
}

void at_clock_text(time_t when, char *out, size_t size)
{
	print(when, zone_now(when), out, size);
}

int at_cclk_read(struct at_session *s, struct at_cmd *c)
{
	time_t now = time(NULL);
	char text[40];

	(void)c;
	if (s->clock.is_set)
		print(now + s->clock.ahead, s->clock.zone, text, sizeof(text));
	else
		at_clock_text(now, text, sizeof(text));
	at_text(&s->set, &s->out, "+CCLK: \"%s\"", text);
	return AT_OK;
}

/* d stands for a digit, s for a sign. */
static bool matches(const char *text, const char *form)
{
	for (; *text && *form; text++, form++)
		if (*form == 'd' ? !isdigit((unsigned char)*text) :
		    *form == 's' ? *text != '+' && *text != '-' :
				   *text != *form)
			return false;
	return *text == *form;
}

/* False: there is no such day or hour. */
static bool to_time(const char *text, long zone, time_t *when)
{
	struct tm tm = { 0 };
	struct tm same;

	sscanf(text, "%d/%d/%d,%d:%d:%d", &tm.tm_year, &tm.tm_mon,
	       &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
	tm.tm_year += CENTURY;
	tm.tm_mon--;
	same = tm;
	*when = timegm(&same) - zone * QUARTER;
	return same.tm_mon == tm.tm_mon && same.tm_mday == tm.tm_mday &&
	       same.tm_hour == tm.tm_hour && same.tm_min == tm.tm_min &&
	       same.tm_sec == tm.tm_sec;
}

/* "yy/MM/dd,hh:mm:ss[+zz]" */
int at_cclk_set(struct at_session *s, struct at_cmd *c)
{
	time_t now = time(NULL);
	long zone = s->clock.is_set ? s->clock.zone : zone_now(now);
	struct at_str v;
	time_t when;

	if (at_arg_str(c, &v, sizeof(DATE_AND_ZONE)))
		return at_bad_arg(s, -EINVAL, "time");
	if (matches(v.p, DATE_AND_ZONE))
		zone = strtol(v.p + strlen(DATE), NULL, 10);
	else if (!matches(v.p, DATE))
		return at_bad_arg(s, -EINVAL, "time");
	if (labs(zone) > ZONE_MAX || !to_time(v.p, zone, &when))
		return at_bad_arg(s, -EINVAL, "time");
	if (at_arg_end(c))
		return at_no_more(s, c);
	s->clock.is_set = true;
	s->clock.ahead = when - now;
	s->clock.zone = (int8_t)zone;
	return AT_OK;
}

int at_ctzu_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CTZU: %u", s->clock.update);
	return AT_OK;
}

int at_ctzu_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CTZU: (0-3)");
	return AT_OK;
}

/* <mode>: the board's clock is right without it */
int at_ctzu_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int mode;
	int rc = at_only_number(s, c, &mode, 0, 3, "mode");

	if (!rc)
		s->clock.update = (uint8_t)mode;
	return rc;
}
