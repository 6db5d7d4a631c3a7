// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * V.250's settings, +CMEE and +CEER.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"
#include "daemon/at/kept.h"
#include "daemon/at/stored.h"
#include "daemon/at/table.h"

#define CHAR_MAX_IA5	127	/* V.250 6.2.1 */
#define S_MAX		255

void at_settings_default(const struct port_config *cfg,
			 struct at_settings *set)
{
	*set = (struct at_settings){
		.echo = cfg->echo,
		.verbose = 1,
		.cmee = 1,
		.dcd = 1,
		.dtr = 2,
		.progress = 4,
		.loudness = 1,
		.s3 = '\r',
		.s4 = '\n',
		.s5 = '\b',
		.s6 = 2,
		.s7 = 60,
		.s8 = 2,
		.s9 = 6,
		.s10 = 14,
		.s11 = 95,
		.s12 = 50,
	};
}

/* A letter with a number, or a register; AT&V shows them in this order. */
static const struct number {
	const char *name;
	size_t offset;		/* in struct at_settings, a uint8_t */
	uint8_t max;
} numbers[] = {
#define NUMBER(n, f, m) { n, offsetof(struct at_settings, f), m }
	NUMBER("E", echo, 1),
	NUMBER("Q", quiet, 1),
	NUMBER("V", verbose, 1),
	NUMBER("X", progress, 4),
	NUMBER("L", loudness, 3),
	NUMBER("M", speaker, 2),
	NUMBER("&C", dcd, 1),
	NUMBER("&D", dtr, 2),
	NUMBER("&S", dsr, 1),
	NUMBER("S0", s0, S_MAX),
	NUMBER("S3", s3, CHAR_MAX_IA5),
	NUMBER("S4", s4, CHAR_MAX_IA5),
	NUMBER("S5", s5, CHAR_MAX_IA5),
	NUMBER("S6", s6, S_MAX),
	NUMBER("S7", s7, S_MAX),
	NUMBER("S8", s8, S_MAX),
	NUMBER("S9", s9, S_MAX),
	NUMBER("S10", s10, S_MAX),
	NUMBER("S11", s11, S_MAX),
	NUMBER("S12", s12, S_MAX),
#undef NUMBER
};

#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static uint8_t *value_of(struct at_session *s, const struct number *n)
{
	return (uint8_t *)&s->set + n->offset;
}

/* The table of commands sends only names that are here. */
static const struct number *find_number(const struct at_cmd *c)
{
	const struct number *n = numbers;

	while (strcmp(n->name, c->name))
		n++;
	return n;
}

int at_number(struct at_session *s, struct at_cmd *c)
{
	const struct number *n = find_number(c);

	if (c->number > n->max)
		return at_fail(s, AT_BAD_PARAMETER, "bad number behind %s",
			       c->name);
	*value_of(s, n) = (uint8_t)c->number;
	s->set_changed = true;
	return AT_OK;
}

int at_number_read(struct at_session *s, struct at_cmd *c)
{
	at_text(&s->set, &s->out, "%03u", *value_of(s, find_number(c)));
	return AT_OK;
}

/* ATH, ATP, ATT: there is no call to end or to dial. */
int at_no_call(struct at_session *s, struct at_cmd *c)
{
	return c->number ? at_bad_arg(s, -EINVAL, "number") : AT_OK;
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
	at_accepted_reset(s);
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

/* Many hosts send it at each start: what is there is not written again. */
static int store(struct at_session *s)
{
	const struct at_stored old = { .set = s->kept };
	const struct at_stored all = { .set = s->set };
	int err;

	if (!s->cfg->state_dir ||
	    (s->kept_in_file && at_stored_equal(AT_STORE_PROFILE, &old, &all)))
		return 0;
	err = at_stored_save(s->cfg, AT_STORE_PROFILE, &all);
	at_kept_note(s, AT_STORE_PROFILE, err);
	return err;
}

int at_and_w(struct at_session *s, struct at_cmd *c)
{
	int err;

	if (c->number)
		return at_bad_arg(s, -EINVAL, "profile");
	err = store(s);
	if (err)
		return at_fail(s, AT_UNKNOWN, "settings not stored: %s",
			       strerror(-err));
	s->kept = s->set;
	s->kept_in_file = true;
	return AT_OK;
}

int at_and_v(struct at_session *s, struct at_cmd *c)
{
	const struct at_uart *uart = &s->uart;
	const struct number *n;

	if (c->number)
		return at_bad_arg(s, -EINVAL, "profile");
	at_text_begin(&s->set, &s->out);
	for (n = numbers; n < numbers + N_NUMBERS; n++)
		buf_printf(&s->out, *n->name == 'S' ? "%s:%03u " : "%s%u ",
			      n->name, *value_of(s, n));
	buf_printf(&s->out, "&K%u +CMEE:%u +IPR:%u +ICF:%u,%u +IFC:%u,%u",
		      at_uart_k(uart), s->set.cmee, uart->speed,
		      at_uart_format(uart), at_uart_parity(uart),
		      at_uart_by_host(uart), at_uart_by_us(uart));
	at_text_end(&s->set, &s->out);
	return AT_OK;
}

/* <n> */
int at_cmee_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int n;
	int rc = at_only_number(s, c, &n, 0, 2, "error mode");

	if (!rc)
		s->set.cmee = (uint8_t)n;
	return rc;
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

/* 27.007 8.37: a line each, as they are typed */
int at_clac(struct at_session *s, struct at_cmd *c)
{
	const struct at_row *row;
	size_t i;

	(void)c;
	for (i = 0; (row = at_table_at(i)); i++)
		if (profile_can(s->profile, row->needs))
			at_text(&s->set, &s->out, "AT%s", row->name);
	return AT_OK;
}
