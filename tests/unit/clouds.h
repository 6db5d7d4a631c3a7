/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Help for tests of the cloud commands.
 */
#ifndef ATMQTT_TEST_CLOUDS_H
#define ATMQTT_TEST_CLOUDS_H

#include <jansson.h>

#include "tests/unit/harness.h"

/* A session of @model, its clouds as configuration @text has them. */
void clouds_start(struct harness *h, const char *model, const char *text);
void clouds_stop(struct harness *h);

/* Says what is behind "AT" and expects @text in \r\n, then OK. */
void clouds_ask(struct harness *h, const char *line, const char *text);

/* Expects that +CEER tells @why. */
void clouds_expect_reason(struct harness *h, const char *why);

#endif /* ATMQTT_TEST_CLOUDS_H */
