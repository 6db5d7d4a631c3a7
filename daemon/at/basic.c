// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * V.250's settings, +CMEE and +CEER.
 */
#include <errno.h>
#include <string.h>

#include "daemon/at/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/mqtt_args.h"
#include "daemon/at/stored.h"

#define S_MAX	127	/* V.250 6.2.1: a character of IA5 */

void at_settings_default(const struct port_config *cfg,
			 struct at_settings *set)
{
	*set = (struct at_settings){
		.echo = cfg->echo,
		.verbose = 1,
		.cmee = 1,
		.dcd = 1,
		.dtr = 2,
		.s3 = '\r',
		.s4 = '\n',
		.s5 = '\b',
	};
}

/* Sets @v to a basic command's number, which @max bounds. */
static int set_number(struct at_session *s, const struct at_cmd *c, uint8_t *v,
		      unsigned int max)
{
	if (c->number > max)
		return at_fail(s, AT_BAD_PARAMETER, "bad number behind %s",
			       c->name);
	*v = (uint8_t)c->number;
	s->set_changed = true;
	return AT_OK;
}

int at_e(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.echo, 1);
}

int at_q(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.quiet, 1);
}

int at_v(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.verbose, 1);
}

int at_and_c(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.dcd, 1);
}

int at_and_d(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.dtr, 2);
}

/*
 * Of the tty only what AT&W stored: the factory says nothing, so that a host
 * which begins with AT&F at a speed it had set goes on being understood.
 */
static int restore(struct at_session *s, const struct at_cmd *c,
		   const struct at_settings *from)
{
	struct at_uart uart = s->set.uart;

	if (c->number)
		return at_bad_arg(s, -EINVAL, "profile");
	s->set = *from;
	s->set.uart = uart;
	at_uart_change(s, &from->uart);
	s->set_changed = true;
	return AT_OK;
}

int at_z(struct at_session *s, struct at_cmd *c)
{
	return restore(s, c, &s->kept);
}

int at_and_f(struct at_session *s, struct at_cmd *c)
{
	struct at_settings factory;

	at_settings_default(s->cfg, &factory);
	return restore(s, c, &factory);
}

int at_and_w(struct at_session *s, struct at_cmd *c)
{
	const struct at_stored all = { .set = s->set };
	int err;

	if (c->number)
		return at_bad_arg(s, -EINVAL, "profile");
	s->kept = s->set;
	err = s->cfg->state_dir ?
		      at_stored_save(s->cfg, AT_STORE_PROFILE, &all) : 0;
	return err ? at_fail(s, AT_UNKNOWN, "settings not stored: %s",
			     strerror(-err)) : AT_OK;
}

int at_and_v(struct at_session *s, struct at_cmd *c)
{
	const struct at_settings *set = &s->set;
	const struct at_uart *uart = &s->uart;

	if (c->number)
		return at_bad_arg(s, -EINVAL, "profile");
	at_text(set, &s->out,
		"E%u Q%u V%u &C%u &D%u &K%u S3:%03u S4:%03u S5:%03u +CMEE:%u"
		" +IPR:%u +ICF:%u,%u +IFC:%u,%u",
		set->echo, set->quiet, set->verbose, set->dcd, set->dtr,
		at_uart_k(uart), set->s3, set->s4, set->s5, set->cmee,
		uart->speed, at_uart_format(uart), at_uart_parity(uart),
		at_uart_by_host(uart), at_uart_by_us(uart));
	return AT_OK;
}

static int print_register(struct at_session *s, uint8_t v)
{
	at_text(&s->set, &s->out, "%03u", v);
	return AT_OK;
}

int at_s3_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	return print_register(s, s->set.s3);
}

int at_s3_set(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.s3, S_MAX);
}

int at_s4_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	return print_register(s, s->set.s4);
}

int at_s4_set(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.s4, S_MAX);
}

int at_s5_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	return print_register(s, s->set.s5);
}

int at_s5_set(struct at_session *s, struct at_cmd *c)
{
	return set_number(s, c, &s->set.s5, S_MAX);
}

/* <n> */
int at_cmee_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int n;

	if (at_arg_int(c, &n, 0, 2))
		return at_bad_arg(s, -EINVAL, "error mode");
	if (at_arg_end(c))
		return at_no_more(s, c);
	s->set.cmee = (uint8_t)n;
	return AT_OK;
}

int at_cmee_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CMEE: %u", s->set.cmee);
	return AT_OK;
}

int at_cmee_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CMEE: (0-2)");
	return AT_OK;
}

int at_ceer(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+CEER: \"%s\"", s->failure);
	return AT_OK;
}
