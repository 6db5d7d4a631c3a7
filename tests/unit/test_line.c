// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Speed, framing and flow control as people write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/n_at.h>

#include "ctl/line.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define CMSPAR		010000000000
#define FRAMING		(CSIZE | PARENB | PARODD | CMSPAR | CSTOPB)

static const struct {
	const char *text;
	speed_t speed;		/* 0: refused */
} speeds[] = {
	{ "50", B50 },
	{ "9600", B9600 },
	{ "115200", B115200 },
	{ "4000000", B4000000 },
	{ "", 0 }, { "0", 0 }, { "9601", 0 }, { "115200x", 0 }, { " 9600", 0 },
	{ "+9600", 0 }, { "-9600", 0 }, { "fast", 0 }, { "4294976896", 0 },
	{ "99999999999999999999", 0 },
};

static void speeds_are_standard_rates(void **state)
{
	struct termios t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(speeds); i++) {
		t = (struct termios){ 0 };
		print_message("'%s'\n", speeds[i].text);
		assert_int_equal(line_set_speed(&t, speeds[i].text),
				 speeds[i].speed ? 0 : -EINVAL);
		assert_int_equal(cfgetospeed(&t), speeds[i].speed);
		assert_int_equal(cfgetispeed(&t), speeds[i].speed);
	}
}

static const struct {
	const char *text;
	tcflag_t flags;
} framings[] = {
	{ "8N1", CS8 },
	{ "8n1", CS8 },
	{ "7E1", CS7 | PARENB },
	{ "7O2", CS7 | PARENB | PARODD | CSTOPB },
	{ "6M1", CS6 | PARENB | CMSPAR | PARODD },
	{ "5S2", CS5 | PARENB | CMSPAR | CSTOPB },
};

static void framing_replaces_what_was(void **state)
{
	struct termios t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(framings); i++) {
		t.c_cflag = ~(tcflag_t)0;
		assert_int_equal(line_set_framing(&t, framings[i].text), 0);
		assert_int_equal(t.c_cflag & FRAMING, framings[i].flags);
		assert_int_equal(t.c_cflag | FRAMING, ~(tcflag_t)0);
	}
}

static void framing_that_is_none_changes_nothing(void **state)
{
	static const char *const rows[] = {
		"", "8", "8N", "8N3", "8N0", "9N1", "4N1", "8X1", "8N1 ",
		"N81", "8N11", "8 1",
	};
	struct termios t = { .c_cflag = CS7 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(line_set_framing(&t, rows[i]), -EINVAL);
		assert_int_equal(t.c_cflag, CS7);
	}
}

static const struct {
	const char *text;
	tcflag_t cflag;
	tcflag_t iflag;
	uint8_t flow;		/* as n_at tells it */
} flows[] = {
	{ "none", 0, 0, 0 },
	{ "rtscts", CRTSCTS, 0, N_AT_FLOW_RTS_CTS },
	{ "xonxoff", 0, IXON | IXOFF, N_AT_FLOW_XON_OUT | N_AT_FLOW_XON_IN },
};

static void flow_control_replaces_what_was(void **state)
{
	struct at_uart uart;
	struct termios t;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(flows); i++) {
		t.c_cflag = t.c_iflag = ~(tcflag_t)0;
		assert_int_equal(line_set_flow(&t, flows[i].text), 0);
		assert_int_equal(t.c_cflag & CRTSCTS, flows[i].cflag);
		assert_int_equal(t.c_iflag & (IXON | IXOFF | IXANY),
				 flows[i].iflag);
		assert_int_equal(t.c_cc[VSTART], 17);
		assert_int_equal(t.c_cc[VSTOP], 19);
		uart = (struct at_uart){ .flow = flows[i].flow };
		assert_string_equal(line_flow_text(&uart), flows[i].text);
	}
	assert_int_equal(line_set_flow(&t, ""), -EINVAL);
	assert_int_equal(line_set_flow(&t, "RTSCTS"), -EINVAL);
	uart = (struct at_uart){ .flow = N_AT_FLOW_XON_IN };
	assert_string_equal(line_flow_text(&uart), "mixed");
}

static void framing_is_told(void **state)
{
	struct at_uart uart = { .data_bits = 7, .parity = N_AT_PARITY_EVEN,
				.stop_bits = 2 };
	char text[16];

	(void)state;
	line_framing_text(&uart, text, sizeof(text));
	assert_string_equal(text, "7E2");
	uart.parity = 99;
	line_framing_text(&uart, text, sizeof(text));
	assert_string_equal(text, "7?2");
}

static void raw_is_local_and_receives(void **state)
{
	struct termios t = { .c_lflag = ICANON | ECHO, .c_iflag = ICRNL };

	(void)state;
	line_set_raw(&t);
	assert_int_equal(t.c_lflag & (ICANON | ECHO), 0);
	assert_int_equal(t.c_iflag & ICRNL, 0);
	assert_int_equal(t.c_cflag & (CLOCAL | CREAD), CLOCAL | CREAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speeds_are_standard_rates),
		cmocka_unit_test(framing_replaces_what_was),
		cmocka_unit_test(framing_that_is_none_changes_nothing),
		cmocka_unit_test(flow_control_replaces_what_was),
		cmocka_unit_test(framing_is_told),
		cmocka_unit_test(raw_is_local_and_receives),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
