// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * V.250 6.2.10 to 6.2.12: +IPR, +ICF, +IFC, and &K, which modems have beside
 * it.  The kernel makes the change when the answer has left the UART.
 */
#include "daemon/at/cmd/uart.h"

#include <errno.h>
#include <stddef.h>

#include <linux/n_at.h>

#include "daemon/at/cmd/handlers.h"
#include "daemon/at/internal.h"
#include "daemon/at/cmd/mqtt_args.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define XON_BOTH	(N_AT_FLOW_XON_OUT | N_AT_FLOW_XON_IN)

static const uint32_t speeds[] = {
	300,	 600,	  1200,	   2400,    4800,    9600,    14400,
	19200,	 28800,	  38400,   57600,   115200,  230400,  460800,
	500000,	 576000,  921600,  1000000, 1152000, 1500000, 2000000,
	2500000, 3000000, 3500000, 4000000,
};

/* +ICF's formats from 1 */
static const struct {
	uint8_t data_bits;
	uint8_t stop_bits;
	bool parity;
} formats[] = {
	{ 8, 2, false }, { 8, 1, true }, { 8, 1, false },
	{ 7, 2, false }, { 7, 1, true }, { 7, 1, false },
};

static const uint8_t parities[] = {
	N_AT_PARITY_ODD,
	N_AT_PARITY_EVEN,
	N_AT_PARITY_MARK,
	N_AT_PARITY_SPACE,
};

#define PARITY_DEFAULT	3	/* V.250's, where a format has none */

void at_uart_merge(struct at_uart *to, const struct at_uart *from)
{
	if (from->speed)
		to->speed = from->speed;
	if (from->data_bits) {
		to->data_bits = from->data_bits;
		to->parity = from->parity;
		to->stop_bits = from->stop_bits;
	}
	if (from->has_flow) {
		to->has_flow = true;
		to->flow = from->flow;
	}
}

void at_uart_change(struct at_session *s, const struct at_uart *change)
{
	at_uart_merge(&s->uart, change);
	at_uart_merge(&s->set.uart, change);
	at_uart_merge(&s->uart_changed, change);
}

static int change(struct at_session *s, const struct at_uart *to)
{
	at_uart_change(s, to);
	s->set_changed = true;
	return AT_OK;
}

unsigned int at_uart_format(const struct at_uart *uart)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (formats[i].data_bits == uart->data_bits &&
		    formats[i].stop_bits == uart->stop_bits &&
		    formats[i].parity == (uart->parity != N_AT_PARITY_NONE))
			return i + 1;
	return 0;
}

unsigned int at_uart_parity(const struct at_uart *uart)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parities); i++)
		if (parities[i] == uart->parity)
			return i;
	return PARITY_DEFAULT;
}

static unsigned int flow_number(uint8_t flow, uint8_t xon)
{
	if (flow & N_AT_FLOW_RTS_CTS)
		return 2;
	return flow & xon ? 1 : 0;
}

unsigned int at_uart_by_host(const struct at_uart *uart)
{
	return flow_number(uart->flow, N_AT_FLOW_XON_OUT);
}

unsigned int at_uart_by_us(const struct at_uart *uart)
{
	return flow_number(uart->flow, N_AT_FLOW_XON_IN);
}

unsigned int at_uart_k(const struct at_uart *uart)
{
	if (uart->flow & N_AT_FLOW_RTS_CTS)
		return 3;
	return uart->flow & XON_BOTH ? 4 : 0;
}

/* <rate>; 0, to follow the host's speed, is not for a tty to do. */
int at_ipr_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int rate;
	size_t i;
	int rc = at_only_number(s, c, &rate, 0, UINT32_MAX, "speed");

	if (rc)
		return rc;
	for (i = 0; i < ARRAY_SIZE(speeds); i++)
		if (speeds[i] == rate)
			break;
	if (i == ARRAY_SIZE(speeds))
		return at_fail(s, AT_BAD_PARAMETER, "no such speed: %u", rate);
	return change(s, &(struct at_uart){ .speed = rate });
}

int at_ipr_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+IPR: %u", s->uart.speed);
	return AT_OK;
}

/* No speed is recognised by itself, so the first list is empty. */
int at_ipr_test(struct at_session *s, struct at_cmd *c)
{
	size_t i;

	(void)c;
	at_text_begin(&s->set, &s->out);
	buf_printf(&s->out, "+IPR: (),(");
	for (i = 0; i < ARRAY_SIZE(speeds); i++)
		buf_printf(&s->out, "%s%u", i ? "," : "", speeds[i]);
	buf_printf(&s->out, ")");
	at_text_end(&s->set, &s->out);
	return AT_OK;
}

/* <format>[,<parity>] */
int at_icf_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int parity = at_uart_parity(&s->uart);
	unsigned int format;

	if (at_arg_int(c, &format, 1, ARRAY_SIZE(formats)))
		return at_bad_arg(s, -EINVAL, "format");
	if (at_arg_opt_int(c, &parity, 0, ARRAY_SIZE(parities) - 1))
		return at_bad_arg(s, -EINVAL, "parity");
	if (at_arg_end(c))
		return at_no_more(s, c);
	format--;
	return change(s, &(struct at_uart){
		.data_bits = formats[format].data_bits,
		.stop_bits = formats[format].stop_bits,
		.parity = formats[format].parity ? parities[parity] :
						   N_AT_PARITY_NONE,
	});
}

int at_icf_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+ICF: %u,%u", at_uart_format(&s->uart),
		at_uart_parity(&s->uart));
	return AT_OK;
}

int at_icf_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+ICF: (1-6),(0-3)");
	return AT_OK;
}

static int change_flow(struct at_session *s, unsigned int by_host,
			unsigned int by_us)
{
	uint8_t flow = 0;

	if (by_host == 2)
		flow |= N_AT_FLOW_RTS_CTS;
	if (by_host == 1)
		flow |= N_AT_FLOW_XON_OUT;
	if (by_us == 1)
		flow |= N_AT_FLOW_XON_IN;
	return change(s, &(struct at_uart){ .has_flow = true, .flow = flow });
}

/* <dce_by_dte>[,<dte_by_dce>]; a tty has RTS/CTS in both directions or none. */
int at_ifc_set(struct at_session *s, struct at_cmd *c)
{
	unsigned int by_host, by_us;

	if (at_arg_int(c, &by_host, 0, 2))
		return at_bad_arg(s, -EINVAL, "flow control");
	by_us = by_host;
	if (at_arg_opt_int(c, &by_us, 0, 2))
		return at_bad_arg(s, -EINVAL, "flow control");
	if (at_arg_end(c))
		return at_no_more(s, c);
	if ((by_host == 2) != (by_us == 2))
		return at_fail(s, AT_NOT_SUPPORTED,
			       "RTS/CTS goes both ways or none");
	return change_flow(s, by_host, by_us);
}

int at_ifc_read(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+IFC: %u,%u", at_uart_by_host(&s->uart),
		at_uart_by_us(&s->uart));
	return AT_OK;
}

int at_ifc_test(struct at_session *s, struct at_cmd *c)
{
	(void)c;
	at_text(&s->set, &s->out, "+IFC: (0-2),(0-2)");
	return AT_OK;
}

/* 0 none, 3 RTS/CTS, 4 XON/XOFF: what modems made of V.250's +IFC */
int at_and_k(struct at_session *s, struct at_cmd *c)
{
	static const uint8_t to_ifc[] = { [0] = 0, [3] = 2, [4] = 1 };

	if (c->number > 4 || c->number == 1 || c->number == 2)
		return at_bad_arg(s, -EINVAL, "flow control");
	return change_flow(s, to_ifc[c->number], to_ifc[c->number]);
}
