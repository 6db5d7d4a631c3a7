// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Received messages: how they reach the host, in which order, when they are
 * acknowledged and what happens when there is no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "tests/unit/harness.h"

#define OK	"\\r\\nOK\\r\\n"
#define T(text)	"\\r\\n" text "\\r\\n"

#define CLEAN		true
#define PERSISTENT	false

static int setup(void **state)
{
	static struct harness h;

	harness_configure(&h, "L610");
	harness_start(&h);
	*state = &h;
	return 0;
}

static int teardown(void **state)
{
	harness_stop(*state);
	return 0;
}

static void announce_only(struct harness *h)
{
	say(h, "AT+MQTTCONF=1");
	expect(h, OK);
}

/* ---- whole, MQTTCONF 0 ---- */

static void a_message_is_printed_as_it_is(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	fake_message(1, 1, "a/b", "say \"hi\"\r\n");
	expect(h, T("+MQTTMSG: 1,1,\"a/b\",\"say \"hi\"\\r\\n\""));
	fake_message_bytes(1, 0, "a", "\0\xff", 2);
	expect(h, T("+MQTTMSG: 1,0,\"a\",\"\\x00\\xff\""));
	fake_message(1, 0, "a", "");
	expect(h, T("+MQTTMSG: 1,0,\"a\",\"\""));
	assert_int_equal(fake.ended, 3);
}

static void a_message_that_waits_is_not_acknowledged(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "1");
	fake_message(1, 2, "t", "2");
	assert_int_equal(fake.ended, 0);
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"1\"") T("+MQTTMSG: 1,2,\"t\",\"2\""));
	assert_int_equal(fake.ended, 2);
}

static void events_keep_their_order_while_they_wait(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	say(h, "AT+MQTTPUB=1,t,1,0,x");
	expect(h, OK);
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "1");
	fake_done(1, 0, true);
	fake_message(1, 0, "t", "2");
	fake_lost(1, "gone");
	expect(h, "");
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"1\"") T("+MQTTPUB: 1,1")
	       T("+MQTTMSG: 1,0,\"t\",\"2\"") T("+MQTTBREAK: 1,1"));
}

static void of_qos_0_the_oldest_that_waits_is_dropped(void **state)
{
	struct harness *h = *state;

	h->cfg.read_queue = 2;
	open_client(h, 1, CLEAN);
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "0");
	fake_message(1, 0, "t", "1");
	fake_message(1, 1, "t", "2");
	fake_message(1, 0, "t", "3");
	fake_message(1, 0, "t", "4");
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"0\"") T("+MQTTMSG: 1,1,\"t\",\"2\"")
	       T("+MQTTMSG: 1,0,\"t\",\"3\"") T("+MQTTMSG: 1,0,\"t\",\"4\""));
	assert_int_equal(fake.dropped, 1);
}

/* ---- announced, MQTTCONF 1 ---- */

static void an_announced_message_is_read_once(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	open_client(h, 2, CLEAN);
	announce_only(h);
	fake_message(1, 1, "top", "hello");
	expect(h, T("+MQTTMSGI: 1,1,3,5"));
	fake_message(2, 0, "t", "x\"");
	expect(h, T("+MQTTMSGI: 2,0,1,2"));
	say(h, "AT+MQTTREAD=2;+MQTTREAD=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 2,0,1,2,\"t\",\"x\"\"")
	       T("+MQTTREAD: 1,1,3,5,\"top\",\"hello\"")
	       T("+MQTTREAD: 1,0,0,0") OK);
	assert_int_equal(fake.alive, 0);
	assert_int_equal(fake.ended, 2);
}

static void a_clean_session_acknowledges_what_it_queued(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	announce_only(h);
	fake_message(1, 2, "t", "a");
	assert_int_equal(fake.ended, 1);
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTMSGI: 1,2,1,1") T("+MQTTREAD: 1,2,1,1,\"t\",\"a\"")
	       OK);
}

static void a_persistent_one_acknowledges_what_was_read(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "a");
	fake_message(1, 1, "t", "b");
	fake_message(1, 1, "t", "c");
	assert_int_equal(fake.ended, 0);
	h->reply_rc = -ENOTCONN;
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1");
	assert_int_equal(fake.ended, 0);
	h->reply_rc = 0;
	h->out_len = 0;
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"a\"")
	       T("+MQTTREAD: 1,1,1,1,\"t\",\"b\"") OK);
	assert_int_equal(fake.ended, 2);
}

/* The answer gives way to an error: the host has not read anything. */
static void an_answer_that_is_too_long_reads_nothing(void **state)
{
	static struct harness h;

	(void)state;
	harness_configure(&h, "generic");
	harness_start(&h);
	open_client(&h, 1, PERSISTENT);
	announce_only(&h);
	fake_message(1, 1, "t", "a");
	say(&h, "AT+MQTTWILL=1,w,0,0,16384");
	say_data(&h, "{16384*x}", AT_INPUT_GOOD);
	say(&h, "AT+MQTTWILL=2,w,0,0,16384");
	say_data(&h, "{16384*x}", AT_INPUT_GOOD);
	h.out_len = 0;
	say(&h, "AT+MQTTREAD=1;+MQTTWILL?");
	expect_error(&h);
	assert_int_equal(fake.ended, 0);
	say(&h, "AT+MQTTREAD=1");
	expect(&h, T("+MQTTREAD: 1,1,1,1,\"t\",\"a\"") OK);
	assert_int_equal(fake.ended, 1);
	harness_stop(&h);
}

static void a_prompt_that_is_not_sent_reads_nothing(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "a");
	fake_message(1, 1, "t", "b");
	h->out_len = 0;
	h->prompt_rc = -ENOMEM;
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1;+MQTTPUB=1,t,0,0,5");
	expect_error(h);
	assert_int_equal(fake.ended, 0);
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"a\"")
	       T("+MQTTREAD: 1,1,1,1,\"t\",\"b\"") OK);
	assert_int_equal(fake.ended, 2);
}

static void a_full_queue_leaves_messages_at_the_broker(void **state)
{
	struct harness *h = *state;

	h->cfg.read_queue = 2;
	open_client(h, 1, CLEAN);
	announce_only(h);
	fake_message(1, 1, "t", "1");
	fake_message(1, 1, "t", "2");
	fake_message(1, 1, "t", "3");
	expect(h, T("+MQTTMSGI: 1,1,1,1") T("+MQTTMSGI: 1,1,1,1"));
	assert_int_equal(fake.ended, 2);
	fake_message(1, 0, "t", "4");
	assert_int_equal(fake.dropped, 1);
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"1\"") OK
	       T("+MQTTMSGI: 1,1,1,1"));
	assert_int_equal(fake.ended, 3);
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"2\"")
	       T("+MQTTREAD: 1,1,1,1,\"t\",\"3\"") T("+MQTTREAD: 1,0,0,0") OK);
}

static void a_full_queue_drops_the_oldest_of_qos_0(void **state)
{
	struct harness *h = *state;

	h->cfg.read_queue = 2;
	open_client(h, 1, CLEAN);
	announce_only(h);
	h->urc_rc = -EAGAIN;
	fake_message(1, 0, "t", "1");
	fake_message(1, 1, "t", "2");
	fake_message(1, 0, "t", "333");
	assert_int_equal(fake.dropped, 1);
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSGI: 1,1,1,1") T("+MQTTMSGI: 1,0,1,3"));
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"2\"")
	       T("+MQTTREAD: 1,0,1,3,\"t\",\"333\"") OK);
}

static void what_was_read_is_not_announced_any_more(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	announce_only(h);
	h->urc_rc = -EAGAIN;
	fake_message(1, 0, "t", "1");
	fake_message(1, 0, "t", "22");
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,0,1,1,\"t\",\"1\"") OK);
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSGI: 1,0,1,2"));
}

/* ---- CLOSE, BREAK, OPEN ---- */

static void close_drops_what_waits_for_read(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "1");
	fake_message(1, 0, "t", "2");
	h->out_len = 0;
	say(h, "AT+MQTTCLOSE=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,0,0,0") OK);
	assert_int_equal(fake.dropped, 2);
	fake_message(1, 1, "t", "3");
	assert_int_equal(fake.dropped, 3);
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1"));
}

static void a_break_leaves_a_clean_sessions_messages(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	announce_only(h);
	fake_message(1, 1, "t", "1");
	fake_lost(1, "gone");
	h->out_len = 0;
	open_client(h, 1, CLEAN);
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"1\"") OK);
}

static void what_the_broker_sends_again_is_not_there_twice(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "1");
	fake_message(1, 0, "t", "0");
	fake_lost(1, "gone");
	h->out_len = 0;
	open_client(h, 1, PERSISTENT);
	fake_message(1, 1, "t", "1");
	h->out_len = 0;
	say(h, "AT+MQTTREAD=1;+MQTTREAD=1;+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,0,1,1,\"t\",\"0\"")
	       T("+MQTTREAD: 1,1,1,1,\"t\",\"1\"") T("+MQTTREAD: 1,0,0,0") OK);
}

static void neither_is_what_waits_for_the_port(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	h->urc_rc = -EAGAIN;
	fake_message(1, 2, "t", "1");
	fake_message(1, 0, "t", "0");
	say(h, "AT+MQTTCLOSE=1");
	expect(h, OK);
	assert_int_equal(fake.dropped, 1);
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,0,\"t\",\"0\""));
	fake_closed(1);
	expect(h, T("+MQTTCLOSE: 1,1"));
}

/* ---- limits ---- */

static char big[20000];

static void a_message_that_is_too_long_is_counted(void **state)
{
	struct harness *h = *state;

	memset(big, 'x', sizeof(big));
	open_client(h, 1, CLEAN);
	fake_message_bytes(1, 1, "t", big, 1500);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"{1500*x}\""));
	fake_message_bytes(1, 1, "t", big, 1501);
	expect(h, "");
	assert_int_equal(fake.ended, 2);
	say(h, "AT+CEER");
	expect(h, T("+CEER: \"message too long: 1501 bytes (broker.example:1883)\"")
	       OK);
	announce_only(h);
	fake_message_bytes(1, 1, "t", big, 1501);
	expect(h, "");
	fake_message_bytes(1, 1, "t", big, 1500);
	expect(h, T("+MQTTMSGI: 1,1,1,1500"));
}

static void it_is_cut_if_configured_so(void **state)
{
	struct harness *h = *state;

	memset(big, 'x', sizeof(big));
	h->cfg.oversize_truncate = true;
	open_client(h, 1, CLEAN);
	fake_message_bytes(1, 1, "t", big, 1600);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"{1500*x}\""));
	announce_only(h);
	fake_message_bytes(1, 1, "t", big, 1600);
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTMSGI: 1,1,1,1500")
	       T("+MQTTREAD: 1,1,1,1500,\"t\",\"{1500*x}\"") OK);
}

static void limits_are_the_series(void **state)
{
	static struct harness h;

	(void)state;
	memset(big, 'x', sizeof(big));
	harness_configure(&h, "MA510");
	harness_start(&h);
	open_client(&h, 1, CLEAN);
	fake_message_bytes(1, 0, "t", big, 1025);
	expect(&h, "");
	harness_stop(&h);

	harness_configure(&h, "generic");
	harness_start(&h);
	open_client(&h, 1, CLEAN);
	say(&h, "AT+MQTTCONF=1");
	fake_message_bytes(1, 0, "t", big, 16384);
	say(&h, "AT+MQTTREAD=1");
	expect(&h, OK T("+MQTTMSGI: 1,0,1,16384")
	       T("+MQTTREAD: 1,0,1,16384,\"t\",\"{16384*x}\"") OK);
	harness_stop(&h);
}

static void an_answer_fits_n_at(void **state)
{
	static struct harness h;
	int i;

	(void)state;
	memset(big, 'x', sizeof(big));
	harness_configure(&h, "generic");
	harness_start(&h);
	open_client(&h, 1, PERSISTENT);
	say(&h, "AT+MQTTCONF=1");
	for (i = 0; i < 3; i++)
		fake_message_bytes(1, 1, "t", big, 16384);
	h.out_len = 0;
	say(&h, "AT+MQTTREAD=1;+MQTTREAD=1");
	expect(&h, T("+MQTTREAD: 1,1,1,16384,\"t\",\"{16384*x}\"")
	       T("+CME ERROR: 3"));
	assert_int_equal(fake.ended, 1);
	say(&h, "AT+MQTTREAD=1");
	expect(&h, T("+MQTTREAD: 1,1,1,16384,\"t\",\"{16384*x}\"") OK);
	harness_stop(&h);
}

/* However long the queue: beyond 256 KiB it is the host who acknowledges. */
static void what_is_acknowledged_unread_has_a_bound(void **state)
{
	static struct harness h;
	int i;

	(void)state;
	memset(big, 'x', sizeof(big));
	harness_configure(&h, "generic");
	h.cfg.read_queue = 64;
	harness_start(&h);
	open_client(&h, 1, CLEAN);
	announce_only(&h);
	for (i = 0; i < 20; i++)
		fake_message_bytes(1, 1, "t", big, 16384);
	assert_int_equal(fake.ended, 15);
	for (i = 0; i < 20; i++, h.out_len = 0)
		say(&h, "AT+MQTTREAD=1");
	assert_int_equal(fake.ended, 20);
	fake_message_bytes(1, 1, "t", big, 16384);
	assert_int_equal(fake.ended, 21);
	harness_stop(&h);
}

/* ---- MQTTCONF changes ---- */

static void those_that_wait_are_handed_over_first(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, CLEAN);
	open_client(h, 2, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "a");
	fake_message(2, 2, "t", "A");
	fake_message(1, 0, "t", "b");
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "c");
	h->urc_rc = 0;
	h->out_len = 0;
	say(h, "AT+MQTTCONF=0");
	at_session_space(h->session);
	expect(h, OK T("+MQTTMSG: 1,1,\"t\",\"a\"") T("+MQTTMSG: 1,0,\"t\",\"b\"")
	       T("+MQTTMSG: 1,1,\"t\",\"c\"") T("+MQTTMSG: 2,2,\"t\",\"A\""));
	fake_message(1, 1, "t", "d");
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"d\""));
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,0,0,0") OK);
	assert_int_equal(fake.ended, 5);
	assert_int_equal(fake.alive, 0);
}

static void read_does_not_overtake_what_is_not_out(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "a");
	announce_only(h);
	fake_message(1, 1, "t", "b");
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,0,0,0") OK);
	say(h, "AT+MQTTREAD=2");
	expect(h, T("+MQTTREAD: 2,0,0,0") OK);
	h->urc_rc = 0;
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"a\"") T("+MQTTMSGI: 1,1,1,1"));
	say(h, "AT+MQTTREAD=1");
	expect(h, T("+MQTTREAD: 1,1,1,1,\"t\",\"b\"") OK);
}

/* In one line, and the answer did not go out: then all is as it was. */
static void what_was_not_read_after_all_keeps_its_place(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "a");
	fake_message(1, 1, "t", "b");
	h->reply_rc = -ENOTCONN;
	h->urc_rc = -EAGAIN;
	say(h, "AT+MQTTREAD=1;+MQTTCONF=0");
	h->reply_rc = 0;
	h->urc_rc = 0;
	h->out_len = 0;
	fake_message(1, 1, "t", "c");
	at_session_space(h->session);
	expect(h, T("+MQTTMSG: 1,1,\"t\",\"a\"") T("+MQTTMSG: 1,1,\"t\",\"b\"")
	       T("+MQTTMSG: 1,1,\"t\",\"c\""));
}

static void messages_that_wait_go_with_the_session(void **state)
{
	struct harness *h = *state;

	open_client(h, 1, PERSISTENT);
	announce_only(h);
	fake_message(1, 1, "t", "1");
	h->out_len = 0;
	say(h, "AT+MQTTCONF=0");
	h->urc_rc = -EAGAIN;
	fake_message(1, 1, "t", "2");
	fake_lost(1, "gone");
	/* teardown sees that none is left */
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_message_is_printed_as_it_is),
		CASE(a_message_that_waits_is_not_acknowledged),
		CASE(events_keep_their_order_while_they_wait),
		CASE(of_qos_0_the_oldest_that_waits_is_dropped),
		CASE(an_announced_message_is_read_once),
		CASE(a_clean_session_acknowledges_what_it_queued),
		CASE(a_persistent_one_acknowledges_what_was_read),
		CASE(a_prompt_that_is_not_sent_reads_nothing),
		CASE(a_full_queue_leaves_messages_at_the_broker),
		CASE(a_full_queue_drops_the_oldest_of_qos_0),
		CASE(what_was_read_is_not_announced_any_more),
		CASE(close_drops_what_waits_for_read),
		CASE(a_break_leaves_a_clean_sessions_messages),
		CASE(what_the_broker_sends_again_is_not_there_twice),
		CASE(neither_is_what_waits_for_the_port),
		CASE(a_message_that_is_too_long_is_counted),
		CASE(it_is_cut_if_configured_so),
		cmocka_unit_test(limits_are_the_series),
		cmocka_unit_test(an_answer_fits_n_at),
		cmocka_unit_test(an_answer_that_is_too_long_reads_nothing),
		cmocka_unit_test(what_is_acknowledged_unread_has_a_bound),
		CASE(those_that_wait_are_handed_over_first),
		CASE(read_does_not_overtake_what_is_not_out),
		CASE(what_was_not_read_after_all_keeps_its_place),
		CASE(messages_that_wait_go_with_the_session),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
