/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the framer must make of a stream of bytes: rows for KUnit, for the
 * user-space test and for the fuzzer's seeds, and the function that plays one.
 * L1 to L4 are the line rules of the AT interface.
 */
#ifndef AT_VECTORS_FRAMER_H
#define AT_VECTORS_FRAMER_H

#include "../../kmod/framer.h"

#define AT_VECTOR_MAX 512
#define AT_VECTOR_WANTS 4

struct at_vector {
	const char *name;
	/* set as in V.250 unless said otherwise */
	bool no_echo;
	bool no_echo_cr;
	bool no_repeat;
	u8 s3, s4, s5; /* 0: CR, LF, BS */
	size_t line_max; /* 0: 64 */
	/* what comes in; rx has for each byte . p f o b, NULL: all clean */
	const char *in;
	size_t in_len;
	const char *rx;
	/* after the event of this number so many bytes of data; -1: none */
	short want[AT_VECTOR_WANTS];
	/*
	 * L(line) R(A/) D(data), with flags ahead of the bracket: o overlong,
	 * d damaged, b break
	 */
	const char *out;
	size_t out_len;
	/* NULL: not looked at */
	const char *echo;
	size_t echo_len;
};

struct at_vector_result {
	u8 line[64];
	u8 data[64];
	u8 out[AT_VECTOR_MAX];
	size_t out_len;
	u8 echo[AT_VECTOR_MAX];
	size_t echo_len;
	struct at_framer framer;
};

/* Strings that may hold NUL. */
#define IN(s) .in = (s), .in_len = sizeof(s) - 1
#define OUT(s) .out = (s), .out_len = sizeof(s) - 1
#define ECHO(s) .echo = (s), .echo_len = sizeof(s) - 1
#define X62 "01234567890123456789012345678901234567890123456789012345678901"

static const struct at_vector at_vectors[] = {
	/* L1: the end of a line */
	{ .name = "line_ends_at_cr", IN("AT\r"), OUT("L(AT)"), ECHO("AT\r") },
	{ .name = "lf_behind_cr_belongs_to_it", IN("AT\r\nAT\r\n"),
	  OUT("L(AT)L(AT)"), ECHO("AT\rAT\r") },
	{ .name = "lf_alone_ends_nothing", IN("AT+X=\n1\r"),
	  OUT("L(AT+X=\n1)") },
	{ .name = "second_lf_is_noise", IN("AT\r\n\nAT\r"), OUT("L(AT)L(AT)"),
	  ECHO("AT\r\nAT\r") },
	{ .name = "cr_ends_within_quote", IN("AT+X=\"a\rb\"\r"),
	  OUT("L(AT+X=\"a)") },
	{ .name = "cr_only_host", IN("AT\rATI\rATZ\r"),
	  OUT("L(AT)L(ATI)L(ATZ)") },
	{ .name = "nothing_without_cr", IN("AT+X=1"), OUT(""), ECHO("AT+X=1") },
	{ .name = "empty_lines_are_dropped", IN("\r\r\n\n\rAT\r"),
	  OUT("L(AT)") },
	{ .name = "nul_between_cr_and_lf", IN("AT\r\0\nAT\r"),
	  OUT("L(AT)L(AT)"), ECHO("AT\rAT\r") },

	/* L2: NUL, prefix, repetition */
	{ .name = "nul_ahead_of_prefix_is_dropped", IN("\0\0A\0T+X\r"),
	  OUT("L(AT+X)"), ECHO("AT+X\r") },
	{ .name = "nul_behind_prefix_is_damage", IN("AT+X=\"a\0b\"\rAT\r"),
	  OUT("Ld(AT+X=\"ab\")L(AT)"), ECHO("AT+X=\"ab\"\rAT\r") },
	{ .name = "nul_right_behind_prefix_is_damage", IN("AT\0\r"),
	  OUT("Ld(AT)") },
	{ .name = "nul_behind_line_is_none_of_it", IN("AT\r\0AT\r\n\0ATI\r"),
	  OUT("L(AT)L(AT)L(ATI)") },
	{ .name = "nul_deleted_with_its_line", IN("AT\0\b\bAT\r"),
	  OUT("L(AT)") },
	{ .name = "nul_within_overlong", IN("AT" X62 "x\0\r"), OUT("Lod()") },
	{ .name = "small_prefix", IN("at+x\r"), OUT("L(at+x)") },
	{ .name = "mixed_prefix_is_none", IN("aT\rAt\r"), OUT(""),
	  ECHO("aT\rAt\r") },
	{ .name = "noise_ahead_of_prefix", IN("+++AT\r"), OUT("L(AT)"),
	  ECHO("+++AT\r") },
	{ .name = "long_noise_ahead_of_prefix", IN(X62 X62 X62 " AT\r"),
	  OUT("L(AT)") },
	{ .name = "line_without_prefix", IN("hello\rAT\r"), OUT("L(AT)") },
	{ .name = "long_line_without_prefix", IN(X62 X62 "\rAT\r"),
	  OUT("L(AT)") },
	{ .name = "left_over_of_a_payload", IN("\r\n{\"t\":1}\r\nAT\r\n"),
	  OUT("L(AT)") },
	{ .name = "first_prefix_counts", IN("AT+X AT+Y\r"),
	  OUT("L(AT+X AT+Y)") },
	{ .name = "first_prefix_within_noise_counts", IN("x AT+X AT+Y\r"),
	  OUT("L(AT+X AT+Y)") },
	{ .name = "any_begin_at_the_start", IN("AT\"\rAT 1\rATD1\rat\rAT^X\r"),
	  OUT("L(AT\")L(AT 1)L(ATD1)L(at)L(AT^X)") },
	{ .name = "aat_has_none", IN("AAT\rATAT\r"), OUT("L(ATAT)") },
	{ .name = "a_t_across_cr_is_none", IN("A\rT\r"), OUT("") },

	/* L2: a prefix within noise */
	{ .name = "command_behind_json", IN("{\"temperature\":21}AT+CSQ\r"),
	  OUT("L(AT+CSQ)") },
	{ .name = "command_behind_text", IN("date=2026 AT+CSQ\r"),
	  OUT("L(AT+CSQ)") },
	{ .name = "command_behind_plus", IN("+++ATH\r+++AT+CSQ\r"),
	  OUT("L(ATH)L(AT+CSQ)") },
	{ .name = "command_behind_quote", IN("\"x\",\"AT+CSQ\r"),
	  OUT("L(AT+CSQ)") },
	{ .name = "command_behind_lf", IN("\nAT+CSQ\r\n\nAT&F\r"),
	  OUT("L(AT+CSQ)L(AT&F)") },
	{ .name = "command_behind_high_bytes", IN("\xff\xfe\xc3\xa9" "AT\r"),
	  OUT("L(AT)") },
	{ .name = "command_behind_nul",
	  IN("\0\x13junk\0AT+X\r\0junk\0\0A\0T+Y\r"),
	  OUT("L(AT+X)L(AT+Y)") },
	{ .name = "begin_ampersand", IN("-AT&F\r-at&f\r"),
	  OUT("L(AT&F)L(at&f)") },
	{ .name = "begin_semicolon", IN("-AT;+CSQ\r"), OUT("L(AT;+CSQ)") },
	{ .name = "begin_cr", IN("-AT\r-at\r"), OUT("L(AT)L(at)") },
	{ .name = "begin_other_s3", .s3 = ';', IN("-AT;"), OUT("L(AT)") },
	{ .name = "begin_basic_1", IN("-ATE0\r-ATH\r-ATI\r-ATL\r-ATM\r-ATP\r"),
	  OUT("L(ATE0)L(ATH)L(ATI)L(ATL)L(ATM)L(ATP)") },
	{ .name = "begin_basic_2", IN("-ATQ\r-ATS0\r-ATT\r-ATV1\r-ATX\r-ATZ\r"),
	  OUT("L(ATQ)L(ATS0)L(ATT)L(ATV1)L(ATX)L(ATZ)") },
	{ .name = "begin_basic_small_1",
	  IN("-ate0\r-ath\r-ati\r-atl\r-atm\r-atp\r"),
	  OUT("L(ate0)L(ath)L(ati)L(atl)L(atm)L(atp)") },
	{ .name = "begin_basic_small_2",
	  IN("-atq\r-ats0\r-att\r-atv1\r-atx\r-atz\r"),
	  OUT("L(atq)L(ats0)L(att)L(atv1)L(atx)L(atz)") },
	{ .name = "begin_no_basic_letter",
	  IN("-ATA\r-ATB\r-ATC\r-ATD1\r-ATF\r-ATG\r-ATJ\r-ATK\r-ATN\r-ATO\r"
	     "-ATR\r-ATU\r-ATW\r-ATY\r-AT1\r"), OUT("") },
	{ .name = "begin_no_sign",
	  IN("-AT^X\r-AT*X\r-AT#X\r-AT%X\r-AT$X\r-AT=1\r-AT?\r-AT.\r-AT:\r"
	     "-AT,\r-AT-\r-AT_\r-AT/\r-AT\"\r-AT \r-AT\n\r-AT\x80\r"),
	  OUT("") },
	{ .name = "second_try_within_noise", IN("-AT AT+X\r-ATATE1\r"),
	  OUT("L(AT+X)") },

	/* L2: words with "at" in them, of payloads that went astray */
	{ .name = "json_data", IN("{\"data\":5}\r"), OUT(""),
	  ECHO("{\"data\":5}\r") },
	{ .name = "json_temperature", IN("{\"temperature\":21}\r\n"), OUT("") },
	{ .name = "json_status", IN("{\"status\":\"ok\"}\r"), OUT("") },
	{ .name = "json_battery", IN("{\"battery\":97}\r"), OUT("") },
	{ .name = "json_latitude", IN("{\"latitude\":60.1,\"lat\":1}\r"),
	  OUT("") },
	{ .name = "json_rate", IN("{\"rate\":9600,\"baudrate\":9600}\r"),
	  OUT("") },
	{ .name = "json_state", IN("{\"state\":{\"desired\":1}}\r"), OUT("") },
	{ .name = "json_date", IN("{\"date\":\"2026-11-27\"}\r"), OUT("") },
	{ .name = "json_format", IN("{\"format\":1,\"matter\":2}\r"), OUT("") },
	{ .name = "json_at", IN("{\"at\":1730,\"AT\":1}\r"), OUT("") },
	{ .name = "json_at_with_blanks", IN("{ \"at\" : 1, \"s\" : \"at\" }\r"),
	  OUT("") },
	{ .name = "json_capitals", IN("{\"DATA\":5,\"STATUS\":0,\"AT\":2}\r"),
	  OUT("") },
	{ .name = "word_data", IN("data\rDATA\rData\r"), OUT("") },
	{ .name = "word_status", IN("status\rSTATUS\rStatus=1\r"), OUT("") },
	{ .name = "word_battery", IN("battery\rBATTERY\rbattery low\r"),
	  OUT("") },
	{ .name = "word_latitude", IN("latitude=60,lat=1\rLAT:60\r"), OUT("") },
	{ .name = "word_rate", IN("rate\rRATE:5\rRATE+5\rrate;1\r"), OUT("") },
	{ .name = "word_state", IN("state\rSTATE\rEstate\r"), OUT("") },
	{ .name = "word_date", IN("date\rDATE\rupdate&x\r"), OUT("") },
	{ .name = "word_format", IN("format\rFORMAT\rwhat\r"), OUT("") },
	{ .name = "word_cat", IN("cat\rCAT\rthat\rheat+\rCO2at+1\r"), OUT("") },
	{ .name = "word_at", IN("-at-\r@at home\r (at)\r\tat\t1\r"), OUT("") },
	{ .name = "word_at_home", IN("I am at home, look at it\r"), OUT("") },
	{ .name = "word_at_number", IN("x=1 at 12:00\rx at 5\r"), OUT("") },
	{ .name = "word_path", IN("/at/1\r_at_\r.at.\r"), OUT("") },
	/* one byte cannot tell these from ATT, ATM and ATL */
	{ .name = "word_attach", IN("{\"attach\":1}\r an atmosphere\r"),
	  OUT("L(attach\":1})L(atmosphere)") },
	{ .name = "words_then_command", IN("data status battery AT+CSQ\r"),
	  OUT("L(AT+CSQ)") },
	{ .name = "data_csv", IN("17.51,at,72.83,AT\r\n"),
	  OUT("L(AT)") },

	{ .name = "repeat_at_once", IN("A/"), OUT("R(A/)"), ECHO("A/") },
	{ .name = "repeat_small", IN("a/"), OUT("R(A/)"), ECHO("a/") },
	{ .name = "repeat_twice", IN("A/A/"), OUT("R(A/)R(A/)") },
	{ .name = "repeat_after_line", IN("AT\r\nA/AT\r"),
	  OUT("L(AT)R(A/)L(AT)") },
	{ .name = "repeat_with_cr", IN("A/\r\nAT\r"), OUT("R(A/)L(AT)") },
	{ .name = "repeat_not_first", IN("xA/\r"), OUT("") },
	{ .name = "repeat_after_long_noise", IN(X62 "A/\r"), OUT("") },
	{ .name = "repeat_behind_nul", IN("\0A\0/"), OUT("R(A/)") },
	{ .name = "repeat_after_deleted_prefix", IN("xAT\b\bA/\r"), OUT("") },
	{ .name = "repeat_off", .no_repeat = true, IN("A/\rAT\r"),
	  OUT("L(AT)") },

	/* L3: editing, length */
	{ .name = "bs_deletes", IN("ATX\bI\r"), OUT("L(ATI)"),
	  ECHO("ATX\bI\r") },
	{ .name = "del_deletes", IN("ATX\177I\r"), OUT("L(ATI)") },
	{ .name = "bs_into_prefix", IN("AR\bT\r"), OUT("L(AT)") },
	{ .name = "bs_behind_prefix", IN("AT\bTI\r"), OUT("L(ATI)") },
	{ .name = "bs_beyond_begin", IN("AT\b\b\b\b\bAT\r"), OUT("L(AT)") },
	{ .name = "bs_all_and_noise", IN("AT\b\bxyz\r"), OUT("") },
	{ .name = "bs_then_repeat", IN("AX\b/"), OUT("R(A/)") },
	{ .name = "bs_ahead_of_anything", IN("\b\b\177AT\r"), OUT("L(AT)") },
	{ .name = "bs_deletes_line_to_prefix", IN("ATX\b\r"), OUT("L(AT)") },
	{ .name = "noise_then_bs_to_prefix", IN("z AR\bT\r"), OUT("L(AT)") },
	{ .name = "noise_then_bs_within_word", IN("zzAR\bT\r"), OUT("") },
	{ .name = "bs_makes_a_begin", IN("-AT \b+X\r"), OUT("L(AT+X)") },
	{ .name = "bs_takes_the_begin", IN("-AT+\b X\r"), OUT("") },
	{ .name = "bs_takes_the_begin_only", IN("-AT+\bE0\r-AT+\b\r"),
	  OUT("L(ATE0)L(AT)") },
	{ .name = "bs_takes_the_word_ahead", IN("d\bAT\"\r-d\bAT+X\r"),
	  OUT("L(AT\")L(AT+X)") },
	{ .name = "bs_beyond_what_is_kept",
	  IN(X62 "\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b" "AT+X\r"),
	  OUT("L(AT+X)") },
	{ .name = "longest_line", IN("AT" X62 "\r"), OUT("L(AT" X62 ")") },
	{ .name = "overlong_line", IN("AT" X62 "x\rAT\r"), OUT("Lo()L(AT)"),
	  ECHO("AT" X62 "x\rAT\r") },
	{ .name = "overlong_stays_so", IN("AT" X62 "x\b\b\b\b\rAT\r"),
	  OUT("Lo()L(AT)") },
	{ .name = "very_overlong_line", IN("AT" X62 X62 X62 "AT" X62 "\r"),
	  OUT("Lo()") },
	{ .name = "full_line_then_bs", IN("AT" X62 "\b\r"),
	  OUT("L(AT0123456789012345678901234567890123456789012345678901234567"
	      "890)") },

	/* L4: echo */
	{ .name = "no_echo", .no_echo = true, IN("xAT\b\r\n"), OUT(""),
	  ECHO("") },
	{ .name = "no_echo_cr", .no_echo_cr = true, IN("AT+X\r\nAT\r"),
	  OUT("L(AT+X)L(AT)"), ECHO("AT+XAT") },
	{ .name = "echo_of_noise", IN("ab\x80\xff\r"), OUT(""),
	  ECHO("ab\x80\xff\r") },

	/* S3, S4, S5 */
	{ .name = "other_s3", .s3 = ';', IN("AT\r;\nAT;"),
	  OUT("L(AT\r)L(AT)") },
	{ .name = "other_s4", .s4 = 'z', IN("AT\rzAT\r"), OUT("L(AT)L(AT)"),
	  ECHO("AT\rAT\r") },
	{ .name = "other_s5", .s5 = '#', IN("ATX#I\bJ\177\r"),
	  OUT("L(ATI\b)") },
	{ .name = "s3_same_as_s5", .s3 = '\b', IN("AT\b"), OUT("L(AT)") },

	/* damaged bytes */
	{ .name = "parity_in_line", IN("AT+X\r"), .rx = "...p.",
	  OUT("Ld(AT+X)") },
	{ .name = "frame_in_line", IN("AT+X\r"), .rx = "..f..",
	  OUT("Ld(AT+X)") },
	{ .name = "damaged_cr_ends", IN("AT\rAT\r"), .rx = "..p...",
	  OUT("Ld(AT)L(AT)") },
	{ .name = "overrun_in_line", IN("AT+\0X\r"), .rx = "...o..",
	  OUT("Ld(AT+X)"), ECHO("AT+X\r") },
	{ .name = "break_in_line", IN("AT\0\r"), .rx = "..b.", OUT("Ld(AT)") },
	{ .name = "damage_ahead_of_prefix", IN("\0\xf0" "AT\r"),
	  .rx = "bf...", OUT("L(AT)") },
	{ .name = "damaged_prefix_is_none", IN("ATI\r"), .rx = ".p..",
	  OUT("") },
	{ .name = "damaged_word_is_one", IN("data+\r"), .rx = "p.....",
	  OUT("") },
	{ .name = "lost_byte_within_prefix", IN("A\0TI\r"), .rx = ".o...",
	  OUT("") },
	{ .name = "lost_byte_ahead_of_begin", IN("-AT\0+X\r"),
	  .rx = "...o...", OUT("") },
	{ .name = "damaged_begin", IN("-AT+X\r"), .rx = "...p..", OUT("") },
	{ .name = "damaged_cr_is_no_begin", IN("-AT\rAT\r"),
	  .rx = "...p...", OUT("L(AT)") },
	{ .name = "nul_is_no_begin", IN("-AT\0+X\r"), OUT("") },
	{ .name = "break_ahead_of_line", IN("\0AT\r\0AT+X\r"),
	  .rx = "b...b.....", OUT("L(AT)L(AT+X)") },
	{ .name = "damaged_repeat_is_none", IN("A/\r"), .rx = "f..",
	  OUT("") },
	{ .name = "damage_deleted_with_its_line", IN("ATx\b\b\bAT\r"),
	  .rx = "..p......", OUT("L(AT)") },
	{ .name = "damaged_overlong", IN("AT" X62 "xy\r"),
	  .rx = "................................................................"
		".p.",
	  OUT("Lod()") },
	{ .name = "damage_does_not_stay", IN("ATx\rATy\r"), .rx = "..p.....",
	  OUT("Ld(ATx)L(ATy)") },

	/* counted data */
	{ .name = "data", IN("AT+D\rhello"), .want = { 5 },
	  OUT("L(AT+D)D(hello)"), ECHO("AT+D\r") },
	{ .name = "data_are_raw", IN("AT+D\r\0\r\n\b\177\xff" "AT"),
	  .want = { 8 }, OUT("L(AT+D)D(\0\r\n\b\177\xff" "AT)") },
	{ .name = "data_then_line", IN("AT+D\rabcAT\r"), .want = { 3 },
	  OUT("L(AT+D)D(abc)L(AT)") },
	{ .name = "data_crlf_then_line", IN("AT+D\r\nabc\r\nAT\r\n"),
	  .want = { 3 }, OUT("L(AT+D)D(abc)L(AT)") },
	{ .name = "data_zero", IN("AT+D\r"), .want = { -1 },
	  OUT("L(AT+D)D()") },
	{ .name = "data_zero_then_lf_and_line", IN("AT+D\r\nAT\r\n"),
	  .want = { -1 }, OUT("L(AT+D)D()L(AT)"), ECHO("AT+D\rAT\r") },
	{ .name = "data_first_lf_is_line_end", IN("AT+D\r\n\nab"),
	  .want = { 3 }, OUT("L(AT+D)D(\nab)") },
	{ .name = "data_first_lf_of_cr_host", IN("AT\rAT+D\r\nab"),
	  .want = { 0, 3 }, OUT("L(AT)L(AT+D)D(\nab)") },
	{ .name = "data_lf_after_crlf_line", IN("AT\rAT\r\nAT+D\r\nab"),
	  .want = { 0, 0, 2 }, OUT("L(AT)L(AT)L(AT+D)D(ab)") },
	{ .name = "data_teach_cr_only", IN("AT+D\rab" "AT+D\r\nb"),
	  .want = { 2, 0, 2 }, OUT("L(AT+D)D(ab)L(AT+D)D(\nb)") },
	{ .name = "data_twice", IN("AT+D\rabcd"), .want = { 2, 2 },
	  OUT("L(AT+D)D(ab)D(cd)") },
	{ .name = "data_parity", IN("AT+D\rabc"), .rx = "......p.",
	  .want = { 3 }, OUT("L(AT+D)Dd(abc)") },
	{ .name = "data_overrun_is_no_byte", IN("AT+D\ra\0bc"),
	  .rx = "......o..", .want = { 3 }, OUT("L(AT+D)Dd(abc)") },
	{ .name = "data_overrun_ahead_of_lf", IN("AT+D\r\0\nab"),
	  .rx = ".....o...", .want = { 2 }, OUT("L(AT+D)Dd(ab)") },
	{ .name = "data_ended_by_break", IN("AT+D\rab\0AT\r"),
	  .rx = ".......b...", .want = { 5 }, OUT("L(AT+D)Ddb(ab)L(AT)") },
	{ .name = "data_damage_does_not_stay", IN("AT+D\raAT\r"),
	  .rx = ".....f...", .want = { 1 }, OUT("L(AT+D)Dd(a)L(AT)") },
	{ .name = "data_incomplete", IN("AT+D\rab"), .want = { 3 },
	  OUT("L(AT+D)") },
};

#undef IN
#undef OUT
#undef ECHO
#undef X62

static inline u8 at_vector_rx(const struct at_vector *v, size_t i)
{
	static const char codes[] = ".pfob"; /* in the order of enum at_rx */
	const char *p = v->rx ? strchr(codes, v->rx[i]) : NULL;

	return p ? p - codes : AT_RX_CLEAN;
}

static inline void at_vector_put(struct at_vector_result *r, const void *buf,
				 size_t n)
{
	if (n > sizeof(r->out) - r->out_len)
		return;
	memcpy(r->out + r->out_len, buf, n);
	r->out_len += n;
}

static inline void at_vector_event(struct at_vector_result *r,
				   enum at_framer_event ev)
{
	const struct at_framer *f = &r->framer;

	at_vector_put(r, &"?LRD"[ev], 1);
	at_vector_put(r, "o", !!(f->flags & AT_FRAMER_OVERLONG));
	at_vector_put(r, "d", !!(f->flags & AT_FRAMER_DAMAGED));
	at_vector_put(r, "b", !!(f->flags & AT_FRAMER_BREAK));
	at_vector_put(r, "(", 1);
	if (ev == AT_EV_DATA)
		at_vector_put(r, f->data, f->data_len);
	else
		at_vector_put(r, f->line, f->len);
	at_vector_put(r, ")", 1);
}

static inline void at_vector_init(const struct at_vector *v,
				  struct at_vector_result *r)
{
	struct at_framer_cfg cfg = {
		.echo = !v->no_echo,
		.echo_cr = !v->no_echo_cr,
		.repeat = !v->no_repeat,
		.s3 = v->s3 ? v->s3 : '\r',
		.s4 = v->s4 ? v->s4 : '\n',
		.s5 = v->s5 ? v->s5 : '\b',
		.line_max = v->line_max ? v->line_max : 64,
	};

	memset(r, 0, sizeof(*r));
	at_framer_init(&r->framer, r->line, sizeof(r->line), &cfg);
}

/*
 * Plays @v in pieces of at most @chunk bytes, with room to echo @room bytes at
 * a time; what comes out must not depend on either.
 */
static inline void at_vector_play(const struct at_vector *v, size_t chunk,
				  size_t room, struct at_vector_result *r)
{
	u8 rx[AT_VECTOR_MAX];
	enum at_framer_event ev;
	size_t i, n, echoed, events = 0;
	bool data = false;

	at_vector_init(v, r);
	for (i = 0; i < v->in_len; i++)
		rx[i] = at_vector_rx(v, i);
	for (i = 0; i < v->in_len || data;) {
		const u8 *in = (const u8 *)v->in + i;

		n = v->in_len - i < chunk ? v->in_len - i : chunk;
		echoed = 0;
		if (data)
			n = at_framer_data(&r->framer, in, v->rx ? rx + i : NULL,
					   n, &ev);
		else
			n = at_framer_line(&r->framer, in, v->rx ? rx + i : NULL,
					   n, r->echo + r->echo_len, room,
					   &echoed, &ev);
		r->echo_len += echoed;
		i += n;
		if (ev == AT_EV_NONE) {
			if (!n)
				break;
			continue;
		}
		at_vector_event(r, ev);
		at_framer_next(&r->framer);
		data = events < AT_VECTOR_WANTS && v->want[events];
		if (data)
			at_framer_data_begin(&r->framer, r->data,
					     v->want[events] < 0 ?
						     0 : v->want[events]);
		events++;
	}
}

static inline bool at_vector_ok(const struct at_vector *v,
				const struct at_vector_result *r)
{
	if (r->out_len != v->out_len || memcmp(r->out, v->out, v->out_len))
		return false;
	return !v->echo || (r->echo_len == v->echo_len &&
			    !memcmp(r->echo, v->echo, v->echo_len));
}

#endif /* AT_VECTORS_FRAMER_H */
