// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The table of topic ids: what goes when it is full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "daemon/mqttsn/topics.h"

static struct sn_topics topics;

static void set(uint16_t id, enum mqttsn_origin origin)
{
	char name[8];

	snprintf(name, sizeof(name), "t%u", id);
	assert_non_null(sn_topics_set(&topics, id, name, strlen(name),
				      origin));
}

static int setup(void **state)
{
	(void)state;
	memset(&topics, 0, sizeof(topics));
	sn_topics_init(&topics);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sn_topics_clear(&topics);
	assert_int_equal(topics.count, 0);
	return 0;
}

static void test_find(void **state)
{
	(void)state;
	set(1, MQTTSN_BY_REGISTER);
	set(0xfffe, MQTTSN_BY_GATEWAY);
	assert_string_equal(sn_topics_by_id(&topics, 0xfffe)->name, "t65534");
	assert_int_equal(sn_topics_by_name(&topics, "t1", 2)->id, 1);
	assert_null(sn_topics_by_name(&topics, "t1", 1));
	assert_null(sn_topics_by_name(&topics, "t10", 3));
	assert_null(sn_topics_by_id(&topics, 2));
}

/* The oldest of the gateway's: the host knows its own by their numbers. */
static void test_full(void **state)
{
	uint16_t id;

	(void)state;
	set(1, MQTTSN_BY_REGISTER);
	set(2, MQTTSN_BY_GATEWAY);
	set(3, MQTTSN_BY_GATEWAY);
	for (id = 4; id <= SN_TOPICS_MAX; id++)
		set(id, MQTTSN_BY_SUBSCRIBE);
	assert_int_equal(topics.count, SN_TOPICS_MAX);
	set(5000, MQTTSN_BY_GATEWAY);
	assert_int_equal(topics.count, SN_TOPICS_MAX);
	assert_null(sn_topics_by_id(&topics, 2));
	assert_non_null(sn_topics_by_id(&topics, 1));
	assert_non_null(sn_topics_by_id(&topics, 3));
	set(5001, MQTTSN_BY_REGISTER);
	assert_null(sn_topics_by_id(&topics, 3));
	set(5002, MQTTSN_BY_REGISTER);
	assert_null(sn_topics_by_id(&topics, 5000));
	/* none of the gateway's is left */
	set(5003, MQTTSN_BY_REGISTER);
	assert_null(sn_topics_by_id(&topics, 1));
	assert_int_equal(topics.count, SN_TOPICS_MAX);
}

static void test_again(void **state)
{
	struct sn_topic *t;

	(void)state;
	set(1, MQTTSN_BY_REGISTER);
	t = sn_topics_by_id(&topics, 1);
	t->told = true;
	sn_topics_renew(&topics);
	assert_false(t->sure || t->told);
	assert_null(sn_topics_by_name(&topics, "t1", 2));
	set(1, MQTTSN_BY_GATEWAY);
	assert_ptr_equal(sn_topics_by_id(&topics, 1), t);
	assert_ptr_equal(sn_topics_by_name(&topics, "t1", 2), t);
	assert_int_equal(topics.count, 1);
}

static uint16_t id_of(const char *name)
{
	const struct sn_topic *t =
		sn_topics_by_name(&topics, name, strlen(name));

	return t ? t->id : 0;
}

static void test_several_ids(void **state)
{
	uint16_t id;

	(void)state;
	for (id = 1; id <= 3; id++)
		sn_topics_set(&topics, id, "a", 1, MQTTSN_BY_SUBSCRIBE);
	set(4, MQTTSN_BY_REGISTER);
	assert_int_equal(id_of("a"), 3);
	assert_string_equal(sn_topics_by_id(&topics, 1)->name, "a");
	/* an id has one name */
	sn_topics_set(&topics, 3, "b", 1, MQTTSN_BY_GATEWAY);
	assert_int_equal(id_of("a"), 2);
	assert_int_equal(id_of("b"), 3);
	/* none of them is sure, until one is told again */
	sn_topics_doubt(&topics, "a", 1);
	assert_int_equal(id_of("a"), 0);
	assert_int_equal(id_of("t4"), 4);
	sn_topics_set(&topics, 1, "a", 1, MQTTSN_BY_REGISTER);
	assert_int_equal(id_of("a"), 1);
	assert_int_equal(topics.count, 4);
}

/* What the host subscribed to and is told the id of later is its own. */
static void test_told_later(void **state)
{
	(void)state;
	set(1, MQTTSN_BY_SUBSCRIBE);
	set(2, MQTTSN_BY_SUBSCRIBE);
	set(3, MQTTSN_BY_REGISTER);
	set(1, MQTTSN_BY_REGISTER);
	assert_int_equal(sn_topics_by_id(&topics, 1)->origin,
			 MQTTSN_BY_REGISTER);
	assert_ptr_equal(TAILQ_LAST(&topics.list, sn_topic_list),
			 sn_topics_by_id(&topics, 1));
	set(2, MQTTSN_BY_GATEWAY);
	assert_int_equal(sn_topics_by_id(&topics, 2)->origin,
			 MQTTSN_BY_GATEWAY);
	set(3, MQTTSN_BY_SUBSCRIBE);
	assert_int_equal(sn_topics_by_id(&topics, 3)->origin,
			 MQTTSN_BY_REGISTER);
	assert_int_equal(topics.count, 3);
}

static void test_reserved(void **state)
{
	(void)state;
	assert_false(sn_topic_id_is_valid(0));
	assert_true(sn_topic_id_is_valid(1));
	assert_true(sn_topic_id_is_valid(0x8000));
	assert_true(sn_topic_id_is_valid(0xfffe));
	assert_false(sn_topic_id_is_valid(0xffff));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_find),
		TEST(test_full),
		TEST(test_again),
		TEST(test_several_ids),
		TEST(test_told_later),
		TEST(test_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
