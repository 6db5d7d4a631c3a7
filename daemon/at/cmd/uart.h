/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Speed, framing and flow control of the tty: +IPR, +ICF, +IFC and &K.
 */
#ifndef ATMQTT_AT_UART_H
#define ATMQTT_AT_UART_H

#include <stdbool.h>
#include <stdint.h>

struct at_session;

/* As linux/n_at.h has them.  All zero says nothing; a part may be missing. */
struct at_uart {
	uint32_t speed;		/* baud; 0: not said */
	uint8_t data_bits;	/* 5 to 8; 0: nothing said of the framing */
	uint8_t parity;		/* enum n_at_parity */
	uint8_t stop_bits;	/* 1, 2 */
	bool has_flow;
	uint8_t flow;		/* N_AT_FLOW_* */
};

/* What @from says replaces what @to says. */
void at_uart_merge(struct at_uart *to, const struct at_uart *from);

/* The next settings that n_at is told change the tty. */
void at_uart_change(struct at_session *s, const struct at_uart *change);

/* The numbers of &K and +ICF for @uart */
unsigned int at_uart_k(const struct at_uart *uart);
unsigned int at_uart_format(const struct at_uart *uart);
unsigned int at_uart_parity(const struct at_uart *uart);

/* The numbers of +IFC: how the host holds us, and we the host */
unsigned int at_uart_by_host(const struct at_uart *uart);
unsigned int at_uart_by_us(const struct at_uart *uart);

#endif /* ATMQTT_AT_UART_H */
