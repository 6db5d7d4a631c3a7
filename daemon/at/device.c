// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The modem as a device: power, card, clock; and what is only accepted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/at/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/mqtt_args.h"

#define ARG_MAX_LEN	4096	/* a whole line */
#define QUARTER		900	/* seconds: the clock's zone counts these */

int at_cpin_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CPIN: READY");
	return AT_OK;
}

/*
 * +CFUN, +RESET, +CPWROFF
 */

static const char fun_values[] = { 0, 1, 4, 15 };

static bool is_fun(unsigned int fun)
{
	size_t i;

	for (i = 0; i < sizeof(fun_values); i++)
		if (fun == (unsigned int)fun_values[i])
			return true;
	return false;
}

int at_cfun_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CFUN: %u", s->net.fun);
	return AT_OK;
}

int at_cfun_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CFUN: (0,1,4,15),(0,1)");
	return AT_OK;
}

/* <fun>[,<rst>] */
int at_cfun_set(struct at_session *s, struct at_cmd *c)
{
	bool was_up = at_net_is_up(s);
	unsigned int rst = 0;
	unsigned int fun;
	int rc;

	if (at_arg_int(c, &fun, 0, 15) || !is_fun(fun))
		return at_bad_arg(s, -EINVAL, "functionality");
	if (at_arg_opt_int(c, &rst, 0, 1))
		return at_bad_arg(s, -EINVAL, "reset flag");
	rc = at_no_more(s, c);
	if (rc)
		return rc;
	if (fun == 15 || rst)
		return at_restart(s, c);
	s->net.fun = (uint8_t)fun;
	at_net_changed(s, was_up);
	return AT_OK;
}

int at_restart(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	s->life.wish = AT_WISH_RESTART;
	return AT_OK;
}

int at_power_off(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	s->life.wish = AT_WISH_OFF;
	return AT_OK;
}

/*
 * The clock
 */

void at_clock_text(time_t when, char *out, size_t size)
{
	struct tm tm;
	char text[32];
	long zone;

	localtime_r(&when, &tm);
	zone = tm.tm_gmtoff / QUARTER;
	strftime(text, sizeof(text), "%y/%m/%d,%H:%M:%S", &tm);
	snprintf(out, size, "%s%c%02ld", text, zone < 0 ? '-' : '+',
		 labs(zone));
}

int at_cclk_read(struct at_session *s, struct at_cmd *c)
{
	char text[40];

	(void)c;
	at_clock_text(time(NULL), text, sizeof(text));
	at_text(&s->set, &s->out, "+CCLK: \"%s\"", text);
	return AT_OK;
}

int at_ctzu_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CTZU: %u", s->net.zone_update);
	return AT_OK;
}

int at_ctzu_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CTZU: (0,1)");
	return AT_OK;
}

/* <onoff>: the board's clock is right without it */
int at_ctzu_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int onoff;
	int rc;

	if (at_arg_int(c, &onoff, 0, 1))
		return at_bad_arg(s, -EINVAL, "switch");
	rc = at_no_more(s, c);
	if (!rc)
		s->net.zone_update = (uint8_t)onoff;
	return rc;
}

/*
 * What hosts send to tune a radio that is not here
 */

int at_accepted(struct at_session *s, struct at_cmd *c)
{
	struct at_str v;

	while (c->more)
		if (at_arg_opt_str(c, &v, ARG_MAX_LEN))
			return at_bad_arg(s, -EINVAL, "parameter");
	return AT_OK;
}
