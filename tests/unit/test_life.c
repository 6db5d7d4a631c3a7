// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The life of a module: rules P1 to P6, with times in ms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"
#define BOOT	T("AT command ready") T("+SIM READY")

#define BOOT_MS		2000
#define SOON		(BOOT_MS / 2)	/* not yet */
#define LATER		(BOOT_MS * 2)	/* by then */

/*
 * In the place of libc's, which libuv asks for the time: it passes when a test
 * says so.
 */
static uint64_t now_ms;

int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){
		.tv_sec = (time_t)(now_ms / 1000),
		.tv_nsec = (long)(now_ms % 1000) * 1000000,
	};
	return 0;
}

static void pass(struct harness *h, unsigned int ms)
{
	while (ms--) {
		now_ms++;
		uv_run(&h->loop, UV_RUN_NOWAIT);
	}
}

static char dir[64];

static const struct at_uart no_uart;

static void attach(struct harness *h, bool fresh, bool heard)
{
	at_session_attached(h->session, &no_uart, fresh, heard);
}

static void power_on(struct harness *h)
{
	attach(h, true, true);
	pass(h, LATER);
	expect(h, BOOT);
}

/* ttyTEST of a board whose daemon has just started */
static int setup(void **state)
{
	static const struct uplink_status up = {
		.state = UPLINK_UP,
		.address = "192.0.2.1",
	};
	static struct harness h;

	snprintf(dir, sizeof(dir), "/tmp/test_life.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	harness_configure(&h, "L610");
	h.cfg.boot_ms = BOOT_MS;
	h.cfg.off_ms = BOOT_MS;
	h.cfg.runtime_dir = dir;
	harness_make(&h);
	at_session_uplink(h.session, &up);
	*state = &h;
	return 0;
}

static void remove_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int teardown(void **state)
{
	harness_stop(*state);
	remove_file("ttyTEST.kept");
	remove_file("ttyTEST.links");
	return rmdir(dir);	/* nothing else is there */
}

/* The daemon goes without a word, and another takes over. */
static void another_daemon(struct harness *h)
{
	static const struct uplink_status up = {
		.state = UPLINK_UP,
		.address = "192.0.2.1",
	};

	harness_stop(h);
	h->n_changed = 0;
	harness_make(h);
	at_session_uplink(h->session, &up);
}

/* ---- P1, P2 ---- */

static void boot_lines_follow_the_power_on_once(void **state)
{
	struct harness *h = *state;

	attach(h, true, true);
	say(h, "AT");
	expect_ok(h);
	pass(h, SOON);
	expect(h, "");
	pass(h, LATER);
	expect(h, BOOT);
	pass(h, LATER);
	expect(h, "");
}

static void they_come_again_until_the_host_speaks(void **state)
{
	struct harness *h = *state;

	h->cfg.announce_ms = BOOT_MS;
	attach(h, true, false);
	pass(h, BOOT_MS + SOON);
	expect(h, BOOT);
	pass(h, BOOT_MS);
	assert_int_equal(h->looks, 1);
	at_session_heard(h->session, false);
	expect(h, BOOT);
	pass(h, BOOT_MS + SOON);
	assert_int_equal(h->looks, 2);
	at_session_heard(h->session, true);	/* a byte, no line yet */
	expect(h, "");
	pass(h, 2 * BOOT_MS);
	assert_int_equal(h->looks, 2);
	expect(h, "");
}

static void a_line_ends_them_too(void **state)
{
	struct harness *h = *state;

	h->cfg.announce_ms = BOOT_MS;
	attach(h, true, false);
	pass(h, BOOT_MS + SOON);
	expect(h, BOOT);
	say(h, "AT");
	expect_ok(h);
	pass(h, 2 * BOOT_MS);
	assert_int_equal(h->looks, 0);
	expect(h, "");
}

static void announce_ms_0_says_them_once(void **state)
{
	struct harness *h = *state;

	attach(h, true, false);
	pass(h, 4 * BOOT_MS);
	expect(h, BOOT);
	assert_int_equal(h->looks, 0);
}

/* ---- P3 ---- */

static void a_restart_cuts_and_tells_later(void **state)
{
	static const char *const commands[] = {
		"AT+RESET", "AT+CFUN=15", "AT+CFUN=1,1",
	};
	struct harness *h = *state;
	size_t i;

	power_on(h);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		open_client(h, 1, true);
		say(h, "AT+CMEE=2;+MQTTCONF=1");
		expect_ok(h);
		say(h, commands[i]);
		expect_ok(h);
		assert_string_equal(fake.call, "abort 1");
		pass(h, SOON);
		expect(h, "");
		say(h, "AT+CMEE?;+MQTTCONF?;+MQTTCLOSE?");
		expect(h, T("+CMEE: 1") T("+MQTTCONF: 0")
		       T("+MQTTCLOSE: 0") OK);
		pass(h, LATER);
		expect(h, BOOT);
	}
}

static void a_module_that_is_off_is_deaf(void **state)
{
	struct harness *h = *state;

	power_on(h);
	open_client(h, 1, true);
	say(h, "AT+CPWROFF");
	expect_ok(h);
	assert_string_equal(fake.call, "abort 1");
	assert_int_equal(h->changed.echo, 0);
	say(h, "AT");
	say(h, "AT+MQTTOPEN=1,\"broker.example\",1883,1,60");
	say_how(h, "AT", AT_INPUT_OVERLONG);
	expect(h, "");
	pass(h, BOOT_MS + SOON);	/* off_ms, and not yet boot_ms */
	expect(h, "");
	assert_int_equal(h->changed.echo, 1);
	say(h, "AT+MQTTCLOSE?");
	expect(h, T("+MQTTCLOSE: 0") OK);
	pass(h, LATER);
	expect(h, BOOT);
}

static void another_restart_wakes_it_at_once(void **state)
{
	struct harness *h = *state;

	h->cfg.off_ms = 60000;
	attach(h, true, true);
	pass(h, LATER);
	say(h, "AT+CPWROFF");
	h->out_len = 0;
	at_session_restart(h->session);
	say(h, "AT");
	expect_ok(h);
	pass(h, LATER);
	expect(h, BOOT);
}

/* ---- P4 ---- */

static void a_break_restarts_if_it_shall(void **state)
{
	struct harness *h = *state;

	power_on(h);
	open_client(h, 1, true);
	at_session_modem(h->session, N_AT_EVENT_BREAK);
	pass(h, LATER);
	expect(h, "");
	h->cfg.reset_on = RESET_ON_DCD | RESET_ON_BREAK;
	h->n_changed = 0;
	at_session_modem(h->session, N_AT_EVENT_BREAK);
	assert_string_equal(fake.call, "abort 1");
	assert_int_equal(h->n_changed, 1);
	pass(h, SOON);
	expect(h, "");
	pass(h, LATER);
	expect(h, BOOT);
}

/* The lines come boot_ms after the line is back. */
static void a_held_line_holds_the_boot(void **state)
{
	static const struct {
		uint32_t on;
		enum n_at_event off, back;
	} rows[] = {
		{ RESET_ON_DCD, N_AT_EVENT_DCD_OFF, N_AT_EVENT_DCD_ON },
		{ RESET_ON_DSR, N_AT_EVENT_DSR_OFF, N_AT_EVENT_DSR_ON },
	};
	struct harness *h = *state;
	size_t i;

	power_on(h);
	for (i = 0; i < 2; i++) {
		h->cfg.reset_on = rows[i].on;
		open_client(h, 1, true);
		at_session_modem(h->session, rows[!i].off);
		assert_string_not_equal(fake.call, "abort 1");
		at_session_modem(h->session, rows[i].off);
		assert_string_equal(fake.call, "abort 1");
		fake.call[0] = '\0';
		pass(h, LATER);
		expect(h, "");
		at_session_modem(h->session, rows[i].back);
		pass(h, SOON);
		expect(h, "");
		pass(h, LATER);
		expect(h, BOOT);
		at_session_modem(h->session, rows[i].back);
		pass(h, LATER);
		expect(h, "");
	}
}

/* What it writes next must not be swallowed as a payload. */
static void a_restart_calls_data_off(void **state)
{
	struct harness *h = *state;
	int before;

	power_on(h);
	open_client(h, 1, true);
	say(h, "AT+MQTTPUB=1,\"t\",0,0,10");
	expect(h, T(">"));
	before = h->answers;
	at_session_restart(h->session);
	assert_int_equal(h->answers, before + 1);
	expect(h, "");
	say(h, "AT");
	expect_ok(h);
}

/* ---- P5 ---- */

static void a_daemon_that_takes_over_tells_it(void **state)
{
	struct harness *h = *state;

	attach(h, true, true);
	pass(h, LATER);
	say(h, "ATE0V1Q0S5=8+CMEE=2;+CREG=1;+CEREG=2;+MQTTCONF=1");
	h->out_len = 0;
	open_client(h, 1, true);
	another_daemon(h);
	attach(h, false, true);
	say(h, "AT+CMEE?;+CREG?;+CGREG?;+CEREG?;+MQTTCONF?;+MQTTCLOSE?");
	expect(h, T("+CMEE: 2") T("+CREG: 1,1") T("+CGREG: 0,1")
	       T("+CEREG: 2,1") T("+MQTTCONF: 1") T("+MQTTCLOSE: 0") OK);
	at_session_settings(h->session, &h->changed);
	assert_int_equal(h->changed.echo, 0);
	pass(h, LATER);
	expect(h, BOOT);
}

static void nothing_is_kept_for_a_tty_that_is_new(void **state)
{
	struct harness *h = *state;

	attach(h, true, true);
	say(h, "AT+CMEE=2");
	another_daemon(h);
	attach(h, true, true);
	h->out_len = 0;
	say(h, "AT+CMEE?");
	expect(h, T("+CMEE: 1") OK);
	another_daemon(h);
	attach(h, false, true);		/* nor from before that */
	say(h, "AT+CMEE?");
	expect(h, T("+CMEE: 1") OK);
}

static void a_restart_leaves_nothing_to_take_over(void **state)
{
	struct harness *h = *state;

	attach(h, true, true);
	say(h, "AT+CMEE=2");
	say(h, "AT+RESET");
	another_daemon(h);
	attach(h, false, true);
	h->out_len = 0;
	say(h, "AT+CMEE?");
	expect(h, T("+CMEE: 1") OK);
}

static void set_up_a_link(struct harness *h)
{
	h->cfg.reconnect = true;
	power_on(h);
	say(h, "AT+MQTTUSER=1,\"us\\\\22er\",\"secret\",\"board\"");
	say(h, "AT+MQTTWILL=1,\"w\",1,1,\"\\\\01gone\"");
	h->out_len = 0;
	open_client(h, 1, true);
	say(h, "AT+MQTTSUB=1,\"a/#\",1");
	fake_done(1, 0, true);
	say(h, "AT+MQTTSUB=1,\"b\",2");
	fake_done(1, 1, true);
	h->out_len = 0;
}

static const char opened_as[] =
	"broker.example 1883 id=board user=us\"er password=secret clean=1 "
	"keepalive=60 tls=no will=w:\001gone:1:1 timeout=5000";

static void links_come_back_by_themselves(void **state)
{
	struct harness *h = *state;

	set_up_a_link(h);
	another_daemon(h);
	attach(h, false, true);
	expect(h, T("+MQTTBREAK: 1,1"));
	pass(h, SOON);
	assert_string_equal(fake.clients[0].open, opened_as);
	fake_opened(1);
	expect(h, T("+MQTTOPEN: 1,1"));
	assert_string_equal(fake.call, "subscribe 1 b 2");
	assert_int_equal(fake.clients[0].n_tokens, 2);
	pass(h, LATER);
	expect(h, "");
	another_daemon(h);		/* and once more */
	attach(h, false, true);
	expect(h, T("+MQTTBREAK: 1,1"));
	pass(h, SOON);
	assert_string_equal(fake.clients[0].open, opened_as);
}

/* A daemon that goes at once leaves all that it has found. */
static void what_is_kept_outlasts_two_restarts(void **state)
{
	struct harness *h = *state;
	int i;

	set_up_a_link(h);
	say(h, "AT+MQTTUSER=2,\"other\",\"secret\"");
	for (i = 0; i < 2; i++) {
		another_daemon(h);
		attach(h, false, true);
	}
	h->out_len = 0;
	say(h, "AT+MQTTUSER?");
	expect(h, T("+MQTTUSER: 1,\"us\"er\",\"secret\",\"board\"")
	       T("+MQTTUSER: 2,\"other\",\"secret\"") OK);
}

static void their_secrets_are_for_us_alone(void **state)
{
	struct harness *h = *state;
	struct stat st;
	char path[128];

	set_up_a_link(h);
	snprintf(path, sizeof(path), "%s/ttyTEST.links", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	say(h, "AT+MQTTCLOSE=1");
	fake_closed(1);
	assert_int_equal(stat(path, &st), -1);
}

static void without_them_there_are_boot_lines(void **state)
{
	struct harness *h = *state;
	char path[128];
	FILE *file;

	set_up_a_link(h);
	snprintf(path, sizeof(path), "%s/ttyTEST.links", dir);
	file = fopen(path, "w");
	fputs("{\"links\":[{\"id\":1,\"open\":tr", file);
	fclose(file);
	another_daemon(h);
	attach(h, false, true);
	pass(h, LATER);
	expect(h, BOOT);
}

static void a_stop_says_goodbye(void **state)
{
	struct harness *h = *state;

	set_up_a_link(h);
	at_session_stop(h->session);
	assert_string_equal(fake.call, "close 1");
	assert_false(at_session_stopped(h->session));
	fake_closed(1);
	assert_true(at_session_stopped(h->session));
	expect(h, "");
	another_daemon(h);		/* which finds all of it */
	attach(h, false, true);
	expect(h, T("+MQTTBREAK: 1,1"));
}

static void or_leaves_the_will_to_the_broker(void **state)
{
	struct harness *h = *state;

	set_up_a_link(h);
	h->cfg.will_on_stop = true;
	at_session_stop(h->session);
	assert_string_not_equal(fake.call, "close 1");
	assert_true(at_session_stopped(h->session));
}

/* ---- P6 ---- */

static void a_tty_that_comes_back_finds_its_links(void **state)
{
	struct harness *h = *state;

	power_on(h);
	open_client(h, 1, true);
	at_session_detached(h->session);
	attach(h, true, true);
	pass(h, LATER);
	expect(h, "");
	say(h, "AT+MQTTCLOSE?");
	expect(h, T("+MQTTCLOSE: 1") OK);
}

static void one_that_was_booting_boots_again(void **state)
{
	struct harness *h = *state;

	attach(h, true, true);
	pass(h, SOON);
	at_session_detached(h->session);
	pass(h, LATER);
	expect(h, "");
	attach(h, true, true);
	pass(h, SOON);
	expect(h, "");
	pass(h, LATER);
	expect(h, BOOT);
}

/* Whatever happens while nobody can hear it is told once. */
static void a_restart_without_a_tty_is_told_when_there_is_one(void **state)
{
	struct harness *h = *state;

	at_session_restart(h->session);
	pass(h, LATER);
	power_on(h);
	say(h, "AT+CPWROFF");
	expect_ok(h);
	at_session_detached(h->session);
	pass(h, 2 * LATER);		/* off_ms are over */
	power_on(h);
}

static void one_that_stayed_away_has_lost_its_power(void **state)
{
	struct harness *h = *state;

	power_on(h);
	open_client(h, 1, true);
	at_session_detached(h->session);
	at_session_unplugged(h->session);
	assert_string_equal(fake.call, "abort 1");
	power_on(h);
	say(h, "AT+MQTTCLOSE?");
	expect(h, T("+MQTTCLOSE: 0") OK);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(boot_lines_follow_the_power_on_once),
		CASE(they_come_again_until_the_host_speaks),
		CASE(a_line_ends_them_too),
		CASE(announce_ms_0_says_them_once),
		CASE(a_restart_cuts_and_tells_later),
		CASE(a_module_that_is_off_is_deaf),
		CASE(another_restart_wakes_it_at_once),
		CASE(a_break_restarts_if_it_shall),
		CASE(a_held_line_holds_the_boot),
		CASE(a_restart_calls_data_off),
		CASE(a_daemon_that_takes_over_tells_it),
		CASE(nothing_is_kept_for_a_tty_that_is_new),
		CASE(a_restart_leaves_nothing_to_take_over),
		CASE(links_come_back_by_themselves),
		CASE(what_is_kept_outlasts_two_restarts),
		CASE(their_secrets_are_for_us_alone),
		CASE(without_them_there_are_boot_lines),
		CASE(a_stop_says_goodbye),
		CASE(or_leaves_the_will_to_the_broker),
		CASE(a_tty_that_comes_back_finds_its_links),
		CASE(one_that_was_booting_boots_again),
		CASE(a_restart_without_a_tty_is_told_when_there_is_one),
		CASE(one_that_stayed_away_has_lost_its_power),
	};

	return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
