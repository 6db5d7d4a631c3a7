/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session between a fake port and the fake MQTT layer: a test says lines
 * and expects bytes.
 */
#ifndef ATMQTT_TEST_HARNESS_H
#define ATMQTT_TEST_HARNESS_H

#include "daemon/at/session.h"
#include "tests/unit/fake_mqtt.h"
#include "tests/unit/fake_mqttsn.h"
#include "tests/unit/fake_world.h"

struct harness {
	struct port_config cfg;
	struct cloud_config clouds;	/* the defaults; cfg points to it */
	uv_loop_t loop;
	struct at_session *session;

	char out[65536];	/* what the host got and no test expected yet */
	size_t out_len;
	uint32_t data_len;	/* asked for by the last prompt */
	int answers;		/* replies and prompts */
	struct at_line_settings changed;
	int n_changed;
	int looks;		/* whether the host has sent anything */
	int urc_rc;		/* what urc() returns: 0 or -EAGAIN */
	int reply_rc;
	int prompt_rc;			/* a refused prompt is no answer */
};

/* A session of series @model; cfg may be changed before the second. */
void harness_configure(struct harness *h, const char *model);
void harness_start(struct harness *h);
void harness_make(struct harness *h);	/* the same, without its tty */
void harness_stop(struct harness *h);

/* A line, escaped as in escape.h, without its CR; exactly one answer */
void say(struct harness *h, const char *line);
void say_how(struct harness *h, const char *line, enum at_input how);
void say_unanswered(struct harness *h, const char *line);	/* so far */
void say_data(struct harness *h, const char *data, enum at_input how);

/* All that came since the last time, escaped. */
void expect(struct harness *h, const char *text);

/* What AT+CEER tells */
void expect_reason(struct harness *h, const char *reason);

/* Lets time pass. */
void wait_ms(struct harness *h, uint64_t ms);

/* Opens client @id: the command, its OK and its result. */
void open_client(struct harness *h, int id, bool clean);

#define expect_ok(h)	expect(h, "\\r\\nOK\\r\\n")
#define expect_error(h)	expect(h, "\\r\\nERROR\\r\\n")
#define expect_cme(h, n) expect(h, "\\r\\n+CME ERROR: " #n "\\r\\n")

#endif /* ATMQTT_TEST_HARNESS_H */
