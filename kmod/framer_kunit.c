// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The framer's vectors in the kernel.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "framer.c"
#include "../tests/vectors/framer.h"

static const size_t sizes[] = { 1, 2, 3, 7, AT_VECTOR_MAX };

static void describe(const struct at_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(at_vector, at_vectors, describe);

static void at_framer_vector(struct kunit *test)
{
	const struct at_vector *v = test->param_value;
	struct at_vector_result *r;
	size_t i, j;

	r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (j = 0; j < ARRAY_SIZE(sizes); j++) {
			at_vector_play(v, sizes[i], sizes[j], r);
			KUNIT_EXPECT_TRUE_MSG(test, at_vector_ok(v, r),
					      "pieces of %zu/%zu: %*pEp, echo %*pEp",
					      sizes[i], sizes[j],
					      (int)r->out_len, r->out,
					      (int)r->echo_len, r->echo);
		}
	}
}

static struct kunit_case framer_cases[] = {
	KUNIT_CASE_PARAM(at_framer_vector, at_vector_gen_params),
	{}
};

static struct kunit_suite framer_suite = {
	.name = "n_at_framer",
	.test_cases = framer_cases,
};

kunit_test_suite(framer_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of n_at");
