// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Init strings: what hosts set and a board has no use for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/at/internal.h"
#include "daemon/at/table.h"
#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define ERROR	"\\r\\nERROR\\r\\n"
#define CME(n)	"\\r\\n+CME ERROR: " #n "\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

/* Every test runs for each of two series. */
static const char *model;
static struct harness h;

static int setup(void **state)
{
	(void)state;
	harness_configure(&h, model);
	harness_start(&h);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	harness_stop(&h);
	return 0;
}

static void ask(const char *line, const char *answer)
{
	print_message("%s\n", line);
	say(&h, line);
	expect(&h, answer);
}

/* Each on a new session. */
static const struct {
	const char *line;
	const char *answer;
} rows[] = {
	/* as dialers and drivers of other modems send them */
	{ "ATH", OK },
	{ "ATH0", OK },
	{ "ATH1", ERROR },
	{ "ATX4", OK },
	{ "ATX5", ERROR },
	{ "ATL1", OK },
	{ "ATL3M2", OK },
	{ "ATL4", ERROR },
	{ "ATM1", OK },
	{ "ATP", OK },
	{ "ATT", OK },
	{ "AT&S1", OK },
	{ "AT&S2", ERROR },
	{ "ATS0=0", OK },
	{ "ATS0=2S0?", T("002") OK },
	{ "ATS7=30S10=9S12=20S7?S10?S12?", T("030") T("009") T("020") OK },
	{ "ATS6?S8?S9?S11?", T("002") T("002") T("006") T("095") OK },
	{ "ATS12=255", OK },
	{ "ATS12=256", ERROR },
	{ "ATS1=1", ERROR },
	{ "ATS13?", ERROR },
	{ "ATE0V1X4&D2", OK },
	{ "ATE0 V1 X4 &D2 S0=0", OK },
	{ "ATZ;E0;V1", OK },
	{ "ATQ0V1E1S0=0&C1&D2+CMEE=2;+CMGF=1", OK },
	{ "ATE0Q0V1X4&C1&D2S7=60S0=0;+CSQ=?",
	  T("+CSQ: (0-31,99),(0-7,99)") OK },
	{ "ATX4DT*99#", ERROR },

	/* before and after it is set */
	{ "AT+CSCS?", T("+CSCS: \"GSM\"") OK },
	{ "AT+CSCS=\"UCS2\";+CSCS?", T("+CSCS: \"UCS2\"") OK },
	{ "AT+CSCS=IRA;+CSCS?", T("+CSCS: \"IRA\"") OK },
	{ "AT+CSCS=?", T("+CSCS: (\"GSM\",\"IRA\",\"UCS2\")") OK },
	{ "AT+CMGF?", T("+CMGF: 0") OK },
	{ "AT+CMGF=1;+CMGF?", T("+CMGF: 1") OK },
	{ "AT+CMGF=\"1\";+CMGF?", T("+CMGF: 1") OK },
	{ "AT+CMGF=?", T("+CMGF: (0,1)") OK },
	{ "AT+CNMI?", T("+CNMI: 0,0,0,0,0") OK },
	{ "AT+CNMI=2,1;+CNMI?", T("+CNMI: 2,1,0,0,0") OK },
	{ "AT+CNMI=2,,0,1;+CNMI?", T("+CNMI: 2,0,0,1,0") OK },
	{ "AT+CNMI=1,2,3,4,5;+CNMI?", T("+CNMI: 1,2,3,4,5") OK },
	{ "AT+CLIP=1", OK },
	{ "AT+CLIP?", T("+CLIP: 0,1") OK },
	{ "AT+CLIP=1;+CLIP?", T("+CLIP: 1,1") OK },
	{ "AT+CEMODE?", T("+CEMODE: 2") OK },
	{ "AT+CEMODE=0;+CEMODE?", T("+CEMODE: 0") OK },
	{ "AT+CEMODE=?", T("+CEMODE: (0-3)") OK },
	{ "AT+CPSMS?", T("+CPSMS: 0") OK },
	{ "AT+CPSMS=1,,,\"00000100\",\"00001111\";+CPSMS?",
	  T("+CPSMS: 1,,,\"00000100\",\"00001111\"") OK },
	{ "AT+CEDRXS?", OK },
	{ "AT+CEDRXS=2,4,\"0101\";+CEDRXS?",
	  T("+CEDRXS: 4,\"0101\"") OK },
	{ "AT+CEDRXS=1,4,\"0101\";+CEDRXS=1,5,\"0001\";+CEDRXS=1,4,\"1001\";"
	  "+CEDRXS?",
	  T("+CEDRXS: 4,\"1001\"") T("+CEDRXS: 5,\"0001\"") OK },
	{ "AT+CEDRXS=1,4,\"0101\";+CEDRXS=0;+CEDRXS?", OK },
	{ "AT+CGAUTH?", T("+CGAUTH: 1,0,\"\",\"\"") OK },
	{ "AT+CGAUTH=1,1,\"u\",\"p\";+CGAUTH?",
	  T("+CGAUTH: 1,1,\"u\",\"p\"") OK },
	{ "AT+CGAUTH=1,1,u,p;+CGAUTH=2,2,\"v\",\"q\";+CGAUTH=1,0;+CGAUTH?",
	  T("+CGAUTH: 1,0,\"\",\"\"") T("+CGAUTH: 2,2,\"v\",\"q\"") OK },
	{ "AT+CGAUTH=?", T("+CGAUTH: (1-5),(0-2),64,64") OK },
	{ "AT+CGEREP?", T("+CGEREP: 0,0") OK },
	{ "AT+CGEREP=2;+CGEREP?", T("+CGEREP: 2,0") OK },
	{ "AT+CGEREP=2,1;+CGEREP?", T("+CGEREP: 2,1") OK },
	{ "AT+CSCLK?", T("+CSCLK: 0") OK },
	{ "AT+CSCLK=1;+CSCLK?", T("+CSCLK: 1") OK },
	{ "AT+CSCLK", OK },
	{ "AT+CTZR=1;+CTZR?", T("+CTZR: 1") OK },
	{ "AT+GTWAKE=1;+GTWAKE?", T("+GTWAKE: 1") OK },
	{ "AT+GTWAKE=1,2,30;+GTWAKE?", T("+GTWAKE: 1,2,30") OK },
	{ "AT+GTLPMMODE=1;+GTLPMMODE?", T("+GTLPMMODE: 1") OK },
	{ "AT+GTLPMMODE=?", OK },
	{ "AT+GTRAT?", T("+GTRAT: 3") OK },
	{ "AT+GTRAT=10,2,3;+GTRAT?", T("+GTRAT: 10,2,3") OK },
	{ "AT+GTSET?", OK },
	{ "AT+GTSET=\"IPRFMT\",5;+GTSET?", T("+GTSET: \"IPRFMT\",5") OK },
	{ "AT+GTSET=\"IPRFMT\",5;+GTSET=\"CMEE\",1;+GTSET=\"iprfmt\",0;+GTSET?",
	  T("+GTSET: \"iprfmt\",0") T("+GTSET: \"CMEE\",1") OK },
	{ "AT+GTSET=\"IPRFMT\",5;&F+GTSET?", OK },
	{ "AT+CSCLK=1;Z+CSCLK?", T("+CSCLK: 0") OK },

	/* nothing that could be taken for another line, and no end of it */
	{ "AT+CMGF=\"a\\\"b\"", CME(50) },
	{ "AT+CMGF=\"a\\\\0Ab\"", CME(50) },
	{ "AT+GTSET=\"{156*a}\";+GTSET?", T("+GTSET: \"{156*a}\"") OK },
	{ "AT+GTSET=\"{157*a}\"", CME(24) },
	{ "AT+CNMI={153*1};+CNMI?", CME(24) },
};

static void a_line_has_its_exact_answer(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(NULL);
		ask(rows[i].line, rows[i].answer);
		teardown(NULL);
	}
}

static void a_restart_forgets_it(void **state)
{
	(void)state;
	ask("AT+CSCLK=1;+GTSET=\"IPRFMT\",5;X1S0=3", OK);
	say(&h, "AT+RESET");
	h.out_len = 0;
	ask("AT+CSCLK?;+GTSET?;S0?", T("+CSCLK: 0") T("000") OK);
}

/* Of many values the oldest goes; those of other commands stay. */
static void what_is_kept_has_a_bound(void **state)
{
	static const char *const keyed[] = { "+GTSET", "+CGAUTH", "+CEDRXS=1" };
	const struct at_row *row;
	char line[64];
	size_t i, j, n = 0;

	(void)state;
	for (i = 0; i < sizeof(keyed) / sizeof(keyed[0]); i++) {
		for (j = 1; j <= 100; j++) {
			snprintf(line, sizeof(line), "AT%s%c%zu,7", keyed[i],
				 strchr(keyed[i], '=') ? ',' : '=', j);
			say(&h, line);
			expect_ok(&h);
		}
	}
	for (i = 0; (row = at_table_at(i)); i++) {
		if (!row->initial || row->keyed)
			continue;
		snprintf(line, sizeof(line), "AT%s=7", row->name);
		say(&h, line);
		expect_ok(&h);
		snprintf(line, sizeof(line), "AT%s?", row->name);
		say(&h, line);
		assert_non_null(memmem(h.out, h.out_len, ": 7", 3) ?:
				memmem(h.out, h.out_len, ": \"7\"", 5));
		h.out_len = 0;
		n++;
	}
	assert_true(n + 3 * AT_ACCEPTED_KEYS < AT_N_ACCEPTED);
	ask("AT+GTSET?",
	    T("+GTSET: 93,7") T("+GTSET: 94,7") T("+GTSET: 95,7")
	    T("+GTSET: 96,7") T("+GTSET: 97,7") T("+GTSET: 98,7")
	    T("+GTSET: 99,7") T("+GTSET: 100,7") OK);
}

static void the_list_has_what_the_series_has(void **state)
{
	const struct at_row *row;
	char text[64];
	size_t i;
	bool has;

	(void)state;
	say(&h, "AT+CLAC");
	for (i = 0; (row = at_table_at(i)); i++) {
		snprintf(text, sizeof(text), "\r\nAT%s\r\n", row->name);
		has = memmem(h.out, h.out_len, text, strlen(text));
		assert_int_equal(has, profile_can(h.cfg.profile, row->needs));
	}
	assert_memory_equal(h.out + h.out_len - 6, "\r\nOK\r\n", 6);
	h.out_len = 0;
	ask("AT+CLAC=?", OK);
}

static void w_stores_the_registers(void **state)
{
	char dir[] = "/tmp/atmqtt-accepted-XXXXXX";
	char file[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	harness_configure(&h, model);
	h.cfg.state_dir = dir;
	harness_start(&h);
	ask("ATX1L3S0=5S12=7&S1&W", OK);
	ask("AT&FS0?", T("000") OK);
	harness_stop(&h);
	harness_start(&h);
	ask("ATS0?S12?", T("005") T("007") OK);
	say(&h, "AT&V");
	assert_non_null(memmem(h.out, h.out_len, "X1 L3 M0 &C1 &D2 &S1 S0:005",
			       27));
	h.out_len = 0;
	harness_stop(&h);
	snprintf(file, sizeof(file), "%s/ttyTEST.profile", dir);
	unlink(file);
	rmdir(dir);
}

int main(void)
{
#define ROW(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_exact_answer),
		ROW(a_restart_forgets_it),
		ROW(what_is_kept_has_a_bound),
		ROW(the_list_has_what_the_series_has),
		cmocka_unit_test(w_stores_the_registers),
	};

	int failed;

	model = "L610";
	failed = cmocka_run_group_tests_name("accepted", tests, NULL, NULL);
	model = "MC665";
	return failed + cmocka_run_group_tests_name("accepted", tests,
						    NULL, NULL);
}
