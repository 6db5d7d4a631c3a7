// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Help for tests of the cloud commands.
 */
#include "tests/unit/clouds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

static void configure(struct cloud_config *clouds, const char *text)
{
	cfg_opt_t cloud[CLOUD_KEYS_MAX + 1];
	cfg_opt_t top[] = {
		CFG_SEC("cloud", cloud, CFGF_MULTI | CFGF_TITLE),
		CFG_END()
	};
	cfg_t *file;

	cloud_config_options(cloud);
	file = cfg_init(top, CFGF_NONE);
	assert_int_equal(cfg_parse_buf(file, text), CFG_SUCCESS);
	assert_int_equal(cloud_config_load(file, clouds), 0);
	cfg_free(file);
}

void clouds_start(struct harness *h, const char *model, const char *text)
{
	harness_configure(h, model);
	configure(&h->clouds, text);
	harness_start(h);
}

void clouds_stop(struct harness *h)
{
	harness_stop(h);
	cloud_config_free(&h->clouds);
}

void clouds_ask(struct harness *h, const char *line, const char *text)
{
	char buf[4096];

	snprintf(buf, sizeof(buf), "AT%s", line);
	say(h, buf);
	snprintf(buf, sizeof(buf), "\\r\\n%s\\r\\n\\r\\nOK\\r\\n", text);
	expect(h, buf);
}

void clouds_expect_reason(struct harness *h, const char *why)
{
	char text[512];

	snprintf(text, sizeof(text), "+CEER: \"%s\"", why);
	clouds_ask(h, "+CEER", text);
}
