// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * +IPR, +ICF, +IFC and &K; what AT&W stores and who gets it back.
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
#include <unistd.h>

#include <linux/n_at.h>

#include "tests/unit/harness.h"

#define T(text)	"\\r\\n" text "\\r\\n"
#define OK	T("OK")
#define BAD	T("+CME ERROR: 50")
#define RTS	N_AT_FLOW_RTS_CTS
#define OUT	N_AT_FLOW_XON_OUT
#define IN	N_AT_FLOW_XON_IN
#define NONE	N_AT_PARITY_NONE

static const struct at_uart plain = {
	.speed = 115200,
	.data_bits = 8,
	.stop_bits = 1,
	.has_flow = true,
};

/* A command on a tty with 115200 8N1, and what the tty is told. */
static const struct {
	const char *line;
	const char *answer;
	struct at_uart told;
} rows[] = {
	{ "AT+IPR?", T("+IPR: 115200") OK, { 0 } },
	{ "AT+IPR=?", T("+IPR: (),(300,600,1200,2400,4800,9600,14400,19200,"
			"28800,38400,57600,115200,230400,460800,500000,"
			"576000,921600,1000000,1152000,1500000,2000000,"
			"2500000,3000000,3500000,4000000)") OK, { 0 } },
	{ "AT+IPR=9600", OK, { .speed = 9600 } },
	{ "AT+IPR=\"921600\"", OK, { .speed = 921600 } },
	{ "AT+IPR=3000000;+IPR?", T("+IPR: 3000000") OK,
	  { .speed = 3000000 } },
	{ "AT+IPR=115200", OK, { .speed = 115200 } },
	{ "AT+IPR=9600;+IPR=19200", OK, { .speed = 19200 } },
	{ "AT+IPR=9600;+NOSUCH", T("ERROR"), { .speed = 9600 } },
	{ "AT+IPR=0", BAD, { 0 } },
	{ "AT+IPR=9601", BAD, { 0 } },
	{ "AT+IPR=4294967296", BAD, { 0 } },
	{ "AT+IPR=-1", BAD, { 0 } },
	{ "AT+IPR=", BAD, { 0 } },
	{ "AT+IPR=9600,1", BAD, { 0 } },
	{ "AT+IPR", T("+CME ERROR: 4"), { 0 } },

	{ "AT+ICF?", T("+ICF: 3,3") OK, { 0 } },
	{ "AT+ICF=?", T("+ICF: (1-6),(0-3)") OK, { 0 } },
	{ "AT+ICF=1", OK, { 0, 8, NONE, 2, 0, 0 } },
	{ "AT+ICF=2,0", OK, { 0, 8, N_AT_PARITY_ODD, 1, 0, 0 } },
	{ "AT+ICF=2,1", OK, { 0, 8, N_AT_PARITY_EVEN, 1, 0, 0 } },
	{ "AT+ICF=2", OK, { 0, 8, N_AT_PARITY_SPACE, 1, 0, 0 } },
	{ "AT+ICF=3", OK, { 0, 8, NONE, 1, 0, 0 } },
	{ "AT+ICF=3,1", OK, { 0, 8, NONE, 1, 0, 0 } },
	{ "AT+ICF=4", OK, { 0, 7, NONE, 2, 0, 0 } },
	{ "AT+ICF=5,2", OK, { 0, 7, N_AT_PARITY_MARK, 1, 0, 0 } },
	{ "AT+ICF=5,3", OK, { 0, 7, N_AT_PARITY_SPACE, 1, 0, 0 } },
	{ "AT+ICF=6", OK, { 0, 7, NONE, 1, 0, 0 } },
	{ "AT+ICF=5,1;+ICF?", T("+ICF: 5,1") OK,
	  { 0, 7, N_AT_PARITY_EVEN, 1, 0, 0 } },
	{ "AT+ICF=5,1;+ICF=2;+ICF?", T("+ICF: 2,1") OK,
	  { 0, 8, N_AT_PARITY_EVEN, 1, 0, 0 } },
	{ "AT+ICF=0", BAD, { 0 } },
	{ "AT+ICF=7", BAD, { 0 } },
	{ "AT+ICF=2,4", BAD, { 0 } },
	{ "AT+ICF=2,1,1", BAD, { 0 } },
	{ "AT+ICF=", BAD, { 0 } },

	{ "AT+IFC?", T("+IFC: 0,0") OK, { 0 } },
	{ "AT+IFC=?", T("+IFC: (0-2),(0-2)") OK, { 0 } },
	{ "AT+IFC=0,0", OK, { .has_flow = true } },
	{ "AT+IFC=2,2", OK, { .has_flow = true, .flow = RTS } },
	{ "AT+IFC=2", OK, { .has_flow = true, .flow = RTS } },
	{ "AT+IFC=1,1", OK, { .has_flow = true, .flow = OUT | IN } },
	{ "AT+IFC=1,0", OK, { .has_flow = true, .flow = OUT } },
	{ "AT+IFC=0,1;+IFC?", T("+IFC: 0,1") OK,
	  { .has_flow = true, .flow = IN } },
	{ "AT+IFC=2,0", T("+CME ERROR: 4"), { 0 } },
	{ "AT+IFC=1,2", T("+CME ERROR: 4"), { 0 } },
	{ "AT+IFC=3,0", BAD, { 0 } },
	{ "AT+IFC=0,3", BAD, { 0 } },
	{ "AT+IFC=", BAD, { 0 } },
	{ "AT+IFC=0,0,0", BAD, { 0 } },

	{ "AT&K0", OK, { .has_flow = true } },
	{ "AT&K3+IFC?", T("+IFC: 2,2") OK, { .has_flow = true, .flow = RTS } },
	{ "AT&K4+IFC?", T("+IFC: 1,1") OK,
	  { .has_flow = true, .flow = OUT | IN } },
	{ "AT&K1", T("ERROR"), { 0 } },
	{ "AT&K2", T("ERROR"), { 0 } },
	{ "AT&K5", T("ERROR"), { 0 } },
	{ "AT&V", T("E1 Q0 V1 X4 L1 M0 &C1 &D2 &S0 S0:000 S3:013 "
		    "S4:010 S5:008 S6:002 S7:060 S8:002 S9:006 S10:014 "
		    "S11:095 S12:050 &K0 +CMEE:1 "
		    "+IPR:115200 +ICF:3,3 +IFC:0,0") OK, { 0 } },
};

static void expect_told(struct harness *h, const struct at_uart *want)
{
	const struct at_uart *got = &h->changed.uart;

	assert_int_equal(got->speed, want->speed);
	assert_int_equal(got->data_bits, want->data_bits);
	assert_int_equal(got->parity, want->parity);
	assert_int_equal(got->stop_bits, want->stop_bits);
	assert_int_equal(got->has_flow, want->has_flow);
	assert_int_equal(got->flow, want->flow);
}

#define DIR_TEMPLATE "/tmp/atmqtt-uart-XXXXXX"

static char dir[] = DIR_TEMPLATE;

/* Every test runs for each of two series. */
static const char *model;

static void begin(struct harness *h, const struct at_uart *uart, bool fresh)
{
	struct at_line_settings set;

	harness_configure(h, model);
	h->cfg.state_dir = dir;
	harness_start(h);
	at_session_attached(h->session, uart, fresh, true);
	at_session_settings(h->session, &set);
	h->changed = set;
}

/* Without a stored profile. */
static void begin_blank(struct harness *h)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/ttyTEST.profile", dir);
	unlink(path);
	begin(h, &plain, true);
}

static void commands_tell_the_tty(void **state)
{
	struct harness *h = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].line);
		begin_blank(h);
		h->changed.uart = (struct at_uart){ 0 };
		say(h, rows[i].line);
		expect(h, rows[i].answer);
		expect_told(h, &rows[i].told);
		harness_stop(h);
	}
}

static void a_change_is_told_once(void **state)
{
	struct harness *h = *state;

	begin_blank(h);
	say(h, "AT+IPR=9600");
	say(h, "ATE0");
	expect_told(h, &(struct at_uart){ 0 });
	harness_stop(h);
}

static void nothing_is_told_that_nobody_set(void **state)
{
	struct harness *h = *state;

	begin_blank(h);
	expect_told(h, &(struct at_uart){ 0 });
	say(h, "AT&F");
	expect_told(h, &(struct at_uart){ 0 });
	say(h, "ATZ");
	expect_told(h, &(struct at_uart){ 0 });
	harness_stop(h);
}

static void w_stores_for_the_next_start(void **state)
{
	struct harness *h = *state;

	begin_blank(h);
	say(h, "ATE0V0S5=127+CMEE=2;+IPR=9600;&W");
	harness_stop(h);

	begin(h, &plain, true);
	assert_int_equal(h->changed.echo, 0);
	assert_int_equal(h->changed.s5, 127);
	expect_told(h, &(struct at_uart){ .speed = 9600 });
	say(h, "AT+CMEE?;+IPR?");
	expect(h, "+CMEE: 2\\r\\n+IPR: 9600\\r\\n0\\r");
	harness_stop(h);
}

/* A daemon that starts anew does not change the speed on its own. */
static void a_used_tty_stays_as_it_is(void **state)
{
	struct at_uart used = plain;
	struct harness *h = *state;

	begin_blank(h);
	say(h, "AT+IPR=9600;&W");
	harness_stop(h);

	used.speed = 57600;
	begin(h, &used, false);
	expect_told(h, &(struct at_uart){ 0 });
	h->out_len = 0;
	say(h, "AT+IPR?");
	expect(h, T("+IPR: 57600") OK);
	say(h, "ATZ");
	expect_told(h, &(struct at_uart){ .speed = 9600 });
	harness_stop(h);
}

static void a_tty_that_was_pulled_gets_its_speed_back(void **state)
{
	struct at_line_settings set;
	struct harness *h = *state;

	begin_blank(h);
	say(h, "AT+IPR=9600");
	at_session_attached(h->session, &plain, true, true);
	at_session_settings(h->session, &set);
	assert_int_equal(set.uart.speed, 9600);
	assert_int_equal(set.uart.data_bits, 0);
	harness_stop(h);
}

static void f_leaves_the_tty_alone(void **state)
{
	struct harness *h = *state;

	begin_blank(h);
	say(h, "AT+IPR=9600");
	say(h, "AT&F");
	expect_told(h, &(struct at_uart){ 0 });
	h->out_len = 0;
	say(h, "AT+IPR?");
	expect(h, T("+IPR: 9600") OK);
	harness_stop(h);
}

static void w_that_cannot_store_is_an_error(void **state)
{
	struct harness *h = *state;

	begin_blank(h);
	h->cfg.state_dir = "/nowhere/at/all";
	say(h, "AT&W");
	expect(h, T("ERROR"));
	say(h, "AT+CEER");
	expect(h, T("+CEER: \\\"100: settings not stored: "
		    "No such file or directory\\\"") OK);
	harness_stop(h);
}

/* What was not stored is not there for Z either, until it is. */
static void nor_does_z_bring_it_back(void **state)
{
	struct harness *h = *state;

	begin_blank(h);
	h->cfg.state_dir = "/nowhere/at/all";
	say(h, "AT+CMEE=2");
	say(h, "AT&W");
	say(h, "ATZ");
	h->out_len = 0;
	say(h, "AT+CMEE?");
	expect(h, T("+CMEE: 1") OK);
	h->cfg.state_dir = dir;
	say(h, "AT+CMEE=2;&W;+CMEE=0;Z");
	h->out_len = 0;
	say(h, "AT+CMEE?");
	expect(h, T("+CMEE: 2") OK);
	harness_stop(h);
}

/* A disk that is full is told once, not at each start of a host. */
static void the_operator_hears_of_it_once(void **state)
{
	int old = dup(STDERR_FILENO), fds[2];
	struct harness *h = *state;
	char said[1024];
	ssize_t n;

	begin_blank(h);
	h->cfg.state_dir = "/nowhere/at/all";
	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	for (int i = 0; i < 3; i++)
		say(h, "AT&W");
	dup2(old, STDERR_FILENO);
	close(old);
	close(fds[1]);
	n = read(fds[0], said, sizeof(said) - 1);
	close(fds[0]);
	said[n > 0 ? n : 0] = '\0';
	assert_string_equal(said, "atmqttd: warning: ttyTEST: "
			    "settings not stored: No such file or directory\n");
	harness_stop(h);
}

static ino_t file_number(void)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "%s/ttyTEST.profile", dir);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

/* Each is another file under the same name; a link keeps the first's number. */
static void what_is_stored_is_not_written_again(void **state)
{
	struct harness *h = *state;
	char path[64], other[64];
	ino_t first;

	begin_blank(h);
	say(h, "AT+CMEE=2;&W");
	first = file_number();
	snprintf(path, sizeof(path), "%s/ttyTEST.profile", dir);
	snprintf(other, sizeof(other), "%s/first", dir);
	assert_int_equal(link(path, other), 0);
	say(h, "AT&W");
	assert_int_equal(file_number(), first);
	harness_stop(h);
	begin(h, &plain, true);
	say(h, "AT&W");
	assert_int_equal(file_number(), first);
	say(h, "AT+CMEE=0;&W");
	assert_int_not_equal(file_number(), first);
	unlink(other);
	harness_stop(h);
}

static void the_file_is_for_its_owner_only(void **state)
{
	struct harness *h = *state;
	struct stat st;
	char path[64];

	begin_blank(h);
	say(h, "AT&W");
	harness_stop(h);
	snprintf(path, sizeof(path), "%s/ttyTEST.profile", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	snprintf(path, sizeof(path), "%s/ttyTEST.profile.new", dir);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_broken_file_does_no_harm(void **state)
{
	struct harness *h = *state;
	char path[64];
	FILE *f;

	begin_blank(h);
	harness_stop(h);
	snprintf(path, sizeof(path), "%s/ttyTEST.profile", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("E 0\nV 7\nlater 1\nspeed 3\ndata_bits 8\nspeed x\nQ 1\n", f);
	fclose(f);
	begin(h, &plain, true);
	assert_int_equal(h->changed.echo, 0);
	expect_told(h, &(struct at_uart){ 0 });
	say(h, "AT");
	expect(h, OK);
	harness_stop(h);
}

static int make_dir(void **state)
{
	static struct harness h;

	*state = &h;
	strcpy(dir, DIR_TEMPLATE);
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/ttyTEST.profile", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_tell_the_tty),
		cmocka_unit_test(a_change_is_told_once),
		cmocka_unit_test(nothing_is_told_that_nobody_set),
		cmocka_unit_test(w_stores_for_the_next_start),
		cmocka_unit_test(a_used_tty_stays_as_it_is),
		cmocka_unit_test(a_tty_that_was_pulled_gets_its_speed_back),
		cmocka_unit_test(f_leaves_the_tty_alone),
		cmocka_unit_test(w_that_cannot_store_is_an_error),
		cmocka_unit_test(nor_does_z_bring_it_back),
		cmocka_unit_test(the_operator_hears_of_it_once),
		cmocka_unit_test(what_is_stored_is_not_written_again),
		cmocka_unit_test(the_file_is_for_its_owner_only),
		cmocka_unit_test(a_broken_file_does_no_harm),
	};

	int failed;

	model = "L610";
	failed = cmocka_run_group_tests_name("uart", tests, make_dir,
					      remove_dir);
	model = "MC665";
	return failed + cmocka_run_group_tests_name("uart", tests,
						    make_dir,
					      remove_dir);
}
