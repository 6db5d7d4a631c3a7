// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The modem as a device: power and card.
 */
#include <errno.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"

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
 * +CBC: a board has its supply from elsewhere, and never runs low.
 */

int at_cbc(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CBC: 1,100");
	return AT_OK;
}

int at_cbc_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CBC: (0-3),(0-100)");
	return AT_OK;
}
