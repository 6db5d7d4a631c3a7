// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A port whose n_at is out of memory, has just gone or does not let it have
 * the port: nothing that the host waits for is lost or done twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "daemon/port.h"
#include "tests/unit/escape.h"
#include "tests/unit/harness.h"
#include "unit/no_memory.h"

#define OWN_ID		7
#define PORT_ID		3
#define BOOT	"\\r\\nAT command ready\\r\\n\\r\\n+SIM READY\\r\\n"
#define PATIENCE_MS	10000	/* port.c tries again after a second */

/* ---- n_at ---- */

static struct {
	int reply_rc, urc_rc;
	int sure;		/* replies whose fate was asked for */
	int urcs;
	int looks;
	int binds;
	uint64_t waited_ms;	/* a line may have */
	int claims, claim_rc;
	uint32_t seq;		/* of the last line */
	char out[4096];		/* what it took and no test expected yet */
	size_t len;
} n_at;

static int take(const void *buf, size_t len, int rc)
{
	if (rc)
		return rc;
	assert_true(n_at.len + len <= sizeof(n_at.out));
	memcpy(n_at.out + n_at.len, buf, len);
	n_at.len += len;
	return 0;
}

uint32_t n_at_id(const struct n_at *nl)
{
	(void)nl;
	return OWN_ID;
}

int n_at_bind(struct n_at *nl, uint32_t id)
{
	(void)nl;
	assert_int_equal(id, PORT_ID);
	n_at.binds++;
	return 0;
}

uint64_t n_at_waited_ms(const struct n_at *nl)
{
	(void)nl;
	return n_at.waited_ms;
}

int n_at_claim(struct n_at *nl, const struct n_at_input *in)
{
	(void)nl;
	assert_int_equal(in->port, PORT_ID);
	n_at.claims++;
	return n_at.claim_rc;
}

int n_at_set(struct n_at *nl, uint32_t id, const struct at_line_settings *set)
{
	(void)nl;
	(void)id;
	(void)set;
	return 0;
}

int n_at_get(struct n_at *nl, uint32_t id)
{
	(void)nl;
	assert_int_equal(id, PORT_ID);
	n_at.looks++;
	return 0;
}

int n_at_reply(struct n_at *nl, const struct n_at_answer *answer)
{
	(void)nl;
	assert_int_equal(answer->port, PORT_ID);
	return take(answer->data, answer->len, n_at.reply_rc);
}

int n_at_reply_sure(struct n_at *nl, const struct n_at_answer *answer)
{
	n_at.sure++;
	return n_at_reply(nl, answer);
}

int n_at_urc(struct n_at *nl, uint32_t id, const void *buf, size_t len)
{
	(void)nl;
	assert_int_equal(id, PORT_ID);
	n_at.urcs++;
	return take(buf, len, n_at.urc_rc);
}

/* ---- a port on it ---- */

static struct harness h;	/* for its configuration and loop */
static struct port *port;

static const struct n_at_port found = {
	.id = PORT_ID,
	.tty = "ttyTEST",
	.owner = OWN_ID,
};

static void line(const char *text)
{
	struct n_at_input in = {
		.port = PORT_ID,
		.seq = ++n_at.seq,
		.data = text,
		.len = strlen(text),
	};

	port_line(port, &in);
}

static void took(const char *text)
{
	static char want[4096];
	size_t len = unescape_text(text, want, sizeof(want));

	assert_bytes(n_at.out, n_at.len, want, len);
	n_at.len = 0;
}

static int start(void **state)
{
	static const struct uplink_status up = {
		.state = UPLINK_UP,
		.address = "192.0.2.1",
	};

	(void)state;
	memset(&n_at, 0, sizeof(n_at));
	harness_configure(&h, "L610");
	fake_reset();
	world_reset();
	fake_sn_reset();
	uv_loop_init(&h.loop);
	port = port_new(&h.cfg, NULL, NULL, NULL, &h.loop);
	assert_non_null(port);
	port_uplink(port, &up);
	port_found(port, &found);
	took(BOOT);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	port_free(port);
	uv_run(&h.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&h.loop), 0);
	return 0;
}

static void wait_for_output(void)
{
	uint64_t end;

	uv_update_time(&h.loop);
	end = uv_now(&h.loop) + PATIENCE_MS;
	while (!n_at.len && uv_now(&h.loop) < end)
		uv_run(&h.loop, UV_RUN_ONCE);
}

static void open_link(void)
{
	line("AT+MQTTOPEN=1,broker.example,1883,1,60");
	took("\\r\\nOK\\r\\n");
	fake_opened(1);
	took("\\r\\n+MQTTOPEN: 1,1\\r\\n");
}

/* ---- tests ---- */

static void an_answer_that_found_no_memory_is_sent_again(void **state)
{
	(void)state;
	n_at.reply_rc = -ENOMEM;
	line("AT+CMEE?");
	took("");
	n_at.reply_rc = 0;
	wait_for_output();
	took("\\r\\n+CMEE: 1\\r\\n\\r\\nOK\\r\\n");
}

/* The session's buffer holds it, and the port's does not. */
static void an_answer_that_cannot_be_kept_is_an_error(void **state)
{
	char long_line[200] = "AT+CMEE?";
	int i;

	(void)state;
	line("AT");
	took("\\r\\nOK\\r\\n");
	for (i = 0; i < 10; i++)
		strcat(long_line, ";+CMEE?");
	no_memory_at(1, UINT_MAX - 1);
	line(long_line);
	no_memory_end();
	took("\\r\\n+CME ERROR: 100\\r\\n");
	line("AT+CEER");
	took("\\r\\n+CEER: \"100: no memory\"\\r\\n\\r\\nOK\\r\\n");
}

static void so_is_one_that_the_kernel_had_none_for(void **state)
{
	(void)state;
	line("AT");
	took("\\r\\nOK\\r\\n");
	port_refused(port, N_AT_CMD_REPLY, -ENOMEM, "");
	wait_for_output();
	took("\\r\\nOK\\r\\n");
}

static void a_message_is_in_the_answer_once(void **state)
{
	(void)state;
	open_link();
	line("AT+MQTTCONF=1");
	fake_message(1, 1, "t", "a");
	n_at.len = 0;
	n_at.reply_rc = -ENOMEM;
	line("AT+MQTTREAD=1");
	n_at.reply_rc = 0;
	wait_for_output();
	took("\\r\\n+MQTTREAD: 1,1,1,1,\"t\",\"a\"\\r\\n\\r\\nOK\\r\\n");
	line("AT+MQTTREAD=1");
	took("\\r\\n+MQTTREAD: 1,0,0,0\\r\\n\\r\\nOK\\r\\n");
}

/* ---- messages in an answer: delivered when n_at has them ---- */

/* Of a session that stays: the broker has it until it is acknowledged. */
static void read_a_message(int rc)
{
	line("AT+MQTTOPEN=1,broker.example,1883,0,60");
	fake_opened(1);
	line("AT+MQTTCONF=1");
	fake_message(1, 1, "t", "a");
	n_at.len = 0;
	fake.ended = 0;
	n_at.reply_rc = rc;
	line("AT+MQTTREAD=1");
	n_at.reply_rc = 0;
}

#define READ_IT "\\r\\n+MQTTREAD: 1,1,1,1,\"t\",\"a\"\\r\\n\\r\\nOK\\r\\n"

static void a_message_is_acknowledged_when_n_at_has_it(void **state)
{
	(void)state;
	read_a_message(0);
	took(READ_IT);
	assert_int_equal(n_at.sure, 1);
	assert_int_equal(fake.ended, 1);
	line("AT");
	assert_int_equal(n_at.sure, 1);
}

/* The line was answered by n_at, or its tty is gone. */
static void a_message_that_n_at_refused_is_read_again(void **state)
{
	static const int errors[] = { -ESTALE, -EPROTO, -ENODEV };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		read_a_message(errors[i]);
		took("");
		assert_int_equal(fake.ended, 0);
		line("AT+MQTTREAD=1");
		took(READ_IT);
		assert_int_equal(fake.ended, 1);
		line("AT+MQTTCLOSE=1");
		fake_closed(1);
		n_at.len = 0;
	}
}

static void a_message_waits_for_space_with_its_answer(void **state)
{
	(void)state;
	read_a_message(-EAGAIN);
	took("");
	assert_int_equal(fake.ended, 0);
	port_space(port);
	took(READ_IT);
	assert_int_equal(fake.ended, 1);
	port_space(port);
	took("");
}

/* A new line: n_at has answered the one before by itself. */
static void or_for_the_next_line(void **state)
{
	(void)state;
	read_a_message(-EAGAIN);
	line("AT+MQTTREAD=1");
	took(READ_IT);
	assert_int_equal(fake.ended, 1);
	port_space(port);
	took("");
}

static void or_for_the_tty(void **state)
{
	(void)state;
	read_a_message(-EAGAIN);
	port_gone(port);
	port_found(port, &found);
	took("");
	line("AT+MQTTREAD=1");
	took(READ_IT);
	assert_int_equal(fake.ended, 1);
}

/* ---- what n_at said is lost ---- */

static const struct n_at_port executing = {
	.id = PORT_ID,
	.tty = "ttyTEST",
	.owner = OWN_ID,
	.mode = N_AT_MODE_EXECUTING,
};

static void an_answer_whose_refusal_is_lost_is_sent_again(void **state)
{
	struct n_at_port info = executing;

	(void)state;
	line("AT");
	took("\\r\\nOK\\r\\n");
	info.seq = n_at.seq;
	port_found(port, &info);
	took("\\r\\nOK\\r\\n");
	info.mode = N_AT_MODE_COMMAND;
	port_found(port, &info);
	took("");
	info.mode = N_AT_MODE_EXECUTING;
	info.seq++;			/* that line is on its way here */
	port_found(port, &info);
	took("");
}

/* The answer of the line before is not one to a line whose OK waits. */
static void a_line_that_waits_for_its_ok_gets_no_other(void **state)
{
	struct n_at_port info = executing;
	int lines = 0;

	(void)state;
	open_link();
	do {
		n_at.len = 0;
		line("AT+MQTTPUB=1,\"t\",1,0,\"a\"");
	} while (n_at.len && ++lines < 2000);
	assert_in_range(lines, 1, 1999);
	info.seq = n_at.seq;
	port_found(port, &info);
	took("");
}

static void a_result_whose_fate_is_lost_is_sent_again(void **state)
{
	(void)state;
	open_link();
	n_at.urc_rc = -ENOBUFS;
	fake_lost(1, "gone");
	took("");
	n_at.urc_rc = 0;
	wait_for_output();
	took("\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

static void so_is_the_word_that_there_is_space(void **state)
{
	(void)state;
	open_link();
	n_at.urc_rc = -EAGAIN;
	fake_lost(1, "gone");
	n_at.urc_rc = 0;
	port_found(port, &found);
	took("\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

/* Asking costs the time of all ports. */
static void a_full_port_is_not_asked_before_there_is_space(void **state)
{
	(void)state;
	open_link();
	n_at.urc_rc = -EAGAIN;
	fake_lost(1, "gone");
	n_at.urcs = 0;
	for (int i = 0; i < 10; i++)
		line("AT");
	assert_int_equal(n_at.urcs, 0);
	n_at.urc_rc = 0;
	n_at.len = 0;
	port_space(port);
	took("\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

static void a_result_that_found_no_memory_is_sent_again(void **state)
{
	(void)state;
	open_link();
	n_at.urc_rc = -ENOMEM;
	fake_lost(1, "gone");
	took("");
	n_at.urc_rc = 0;
	wait_for_output();
	took("\\r\\n+MQTTBREAK: 1,1\\r\\n");
}

/* The tty hung up, or the module is gone, and that is behind in the socket. */
static void a_result_outlasts_the_tty(void **state)
{
	static const int errors[] = { -ENODEV, -ENOENT };
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		open_link();
		n_at.urc_rc = errors[i];
		fake_lost(1, "gone");
		took("");
		port_gone(port);
		n_at.urc_rc = 0;
		port_found(port, &found);
		port_found(port, &found);
		took("\\r\\n+MQTTBREAK: 1,1\\r\\n");
	}
}

/* P6: and cut when it stays away for longer than that. */
static void the_links_of_a_tty_that_went_stay_for_a_while(void **state)
{
	(void)state;
	h.cfg.unplugged_ms = 50;
	open_link();
	port_gone(port);
	port_found(port, &found);
	wait_ms(&h, 100);
	line("AT+MQTTCLOSE?");
	took("\\r\\n+MQTTCLOSE: 1\\r\\n\\r\\nOK\\r\\n");
	port_gone(port);
	wait_ms(&h, 100);
	assert_string_equal(fake.call, "abort 1");
	port_found(port, &found);
	took(BOOT);
}

/* P2: the answer to the port's question is one of its counters. */
static void boot_lines_come_again_until_a_byte_came(void **state)
{
	struct n_at_port spoken = found;

	(void)state;
	h.cfg.announce_ms = 20;
	h.cfg.unplugged_ms = 0;
	port_gone(port);
	wait_ms(&h, 10);
	port_found(port, &found);
	took(BOOT);
	wait_ms(&h, 50);
	assert_int_equal(n_at.looks, 1);
	port_found(port, &found);
	took(BOOT);
	wait_ms(&h, 50);
	assert_int_equal(n_at.looks, 2);
	spoken.counters[N_AT_C_RX_BYTES] = 1;
	port_found(port, &spoken);
	wait_ms(&h, 50);
	took("");
}

/* ---- whose port it is ---- */

static const struct n_at_port free_port = {
	.id = PORT_ID,
	.tty = "ttyTEST",
};

static void state_is(const char *name)
{
	assert_string_equal(port_state_name(port), name);
}

/* Its attacher names the owner a moment later, or much later. */
static void a_port_that_may_not_be_owned_is_bound_when_it_may(void **state)
{
	(void)state;
	port_gone(port);
	n_at.binds = 0;
	port_found(port, &free_port);
	state_is("binding");
	port_refused(port, N_AT_CMD_BIND, -EPERM, "");
	state_is("refused");
	wait_ms(&h, 2500);
	assert_int_equal(n_at.binds, 1);
	port_found(port, &free_port);
	assert_int_equal(n_at.binds, 2);
	state_is("binding");
	port_found(port, &found);
	state_is("bound");
}

static void a_port_that_another_owns_is_asked_for_again(void **state)
{
	(void)state;
	port_gone(port);
	n_at.binds = 0;
	port_found(port, &free_port);
	port_refused(port, N_AT_CMD_BIND, -EBUSY, "");
	state_is("busy");
	wait_ms(&h, 1500);
	assert_int_equal(n_at.binds, 2);
	port_found(port, &free_port);	/* it was told that it may be free */
	port_found(port, &found);
	port_refused(port, N_AT_CMD_BIND, -EBUSY, "");	/* the one too many */
	state_is("bound");
}

static void a_port_that_found_no_memory_is_asked_for_again(void **state)
{
	(void)state;
	port_gone(port);
	n_at.binds = 0;
	port_found(port, &free_port);
	port_refused(port, N_AT_CMD_BIND, -ENOMEM, "");
	state_is("binding");
	wait_ms(&h, 1500);
	assert_int_equal(n_at.binds, 2);
	port_found(port, &found);
	state_is("bound");
	wait_ms(&h, 1500);
	assert_int_equal(n_at.binds, 2);
}

/* ---- lines that n_at did not wait for ---- */

static void a_line_that_came_just_now_is_not_asked_about(void **state)
{
	(void)state;
	n_at.waited_ms = h.cfg.exec_timeout_ms / 2 - 1;
	n_at.claim_rc = -ESTALE;
	line("AT");
	took("\\r\\nOK\\r\\n");
	assert_int_equal(n_at.claims, 0);
}

static void a_line_that_n_at_still_waits_for_is_executed(void **state)
{
	static const int errors[] = { 0, -ENOMEM };

	(void)state;
	n_at.waited_ms = h.cfg.exec_timeout_ms;
	for (size_t i = 0; i < 2; i++) {
		n_at.claim_rc = errors[i];
		line("AT");
		took("\\r\\nOK\\r\\n");
	}
	assert_int_equal(n_at.claims, 2);
}

static void a_line_that_n_at_has_answered_is_not_executed(void **state)
{
	static const int errors[] = { -ESTALE, -EPROTO };

	(void)state;
	open_link();
	*fake.call = '\0';
	n_at.waited_ms = h.cfg.exec_timeout_ms;
	for (size_t i = 0; i < 2; i++) {
		n_at.claim_rc = errors[i];
		line("AT+MQTTPUB=1,\"t\",0,0,\"a\"");
		took("");
		assert_string_equal(fake.call, "");
	}
	n_at.claim_rc = 0;
	line("AT+MQTTPUB=1,\"t\",0,0,\"a\"");
	took("\\r\\nOK\\r\\n");
}

/* 0: n_at waits for ever. */
static void without_a_limit_no_line_is_asked_about(void **state)
{
	(void)state;
	h.cfg.exec_timeout_ms = 0;
	n_at.waited_ms = UINT32_MAX;
	n_at.claim_rc = -ESTALE;
	line("AT");
	took("\\r\\nOK\\r\\n");
}

static void an_answer_that_came_too_late_is_the_end_of_its_line(void **state)
{
	(void)state;
	line("AT+CMEE?");
	n_at.len = 0;
	port_refused(port, N_AT_CMD_REPLY, -EPROTO, "");
	port_space(port);
	wait_ms(&h, 1500);
	took("");
	line("AT");
	took("\\r\\nOK\\r\\n");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_answer_that_found_no_memory_is_sent_again),
		CASE(an_answer_that_cannot_be_kept_is_an_error),
		CASE(so_is_one_that_the_kernel_had_none_for),
		CASE(a_message_is_in_the_answer_once),
		CASE(a_message_is_acknowledged_when_n_at_has_it),
		CASE(a_message_that_n_at_refused_is_read_again),
		CASE(a_message_waits_for_space_with_its_answer),
		CASE(or_for_the_next_line),
		CASE(or_for_the_tty),
		CASE(an_answer_whose_refusal_is_lost_is_sent_again),
		CASE(a_line_that_waits_for_its_ok_gets_no_other),
		CASE(a_result_whose_fate_is_lost_is_sent_again),
		CASE(so_is_the_word_that_there_is_space),
		CASE(a_full_port_is_not_asked_before_there_is_space),
		CASE(a_result_that_found_no_memory_is_sent_again),
		CASE(a_result_outlasts_the_tty),
		CASE(the_links_of_a_tty_that_went_stay_for_a_while),
		CASE(boot_lines_come_again_until_a_byte_came),
		CASE(a_port_that_may_not_be_owned_is_bound_when_it_may),
		CASE(a_port_that_another_owns_is_asked_for_again),
		CASE(a_port_that_found_no_memory_is_asked_for_again),
		CASE(a_line_that_came_just_now_is_not_asked_about),
		CASE(a_line_that_n_at_still_waits_for_is_executed),
		CASE(a_line_that_n_at_has_answered_is_not_executed),
		CASE(without_a_limit_no_line_is_asked_about),
		CASE(an_answer_that_came_too_late_is_the_end_of_its_line),
	};

	return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
