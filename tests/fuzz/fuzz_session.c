// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libFuzzer target for the AT interface.  The first byte chooses the
 * configuration, the rest are steps that a CR ends: one that starts with a
 * byte above 0x7f is an event, any other a line.  Each line must have exactly
 * one answer, and no message may be left at the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/log.h"
#include "tests/unit/harness.h"

struct step {
	const uint8_t *p;
	size_t len;
};

static struct harness h;

static void do_line(const struct step *step)
{
	char *line = malloc(step->len + 1);
	int before = h.answers;

	line = realloc(memcpy(line, step->p, step->len),
		       step->len ? step->len : 1);
	at_session_line(h.session, line, step->len, AT_INPUT_GOOD);
	/* a refused prompt is followed by an error */
	if (h.answers != before + 1 && !h.reply_rc)
		abort();
	free(line);
}

static void do_data(const struct step *step)
{
	size_t len = step->len < h.data_len ? step->len : h.data_len;

	at_session_data(h.session, step->p, len,
			len == h.data_len ? AT_INPUT_GOOD : AT_INPUT_TIMEOUT);
}

static void do_result(const struct step *step, int id)
{
	size_t n = fake.clients[id - 1].n_tokens;

	if (n)
		fake_done(id, step->p[step->len / 2] % n, step->len & 1);
}

static void do_sn_result(const struct step *step, int id)
{
	size_t n = fake_sn_client(id)->n_tokens;
	bool ok = step->len & 1;

	if (n)
		fake_sn_done(id, step->p[step->len / 2] % n, ok, ok ? 5 : 0);
}

/* By a name, or by an id that has none */
static void do_sn_message(const struct step *step, int id)
{
	enum mqttsn_topic_kind kind = step->len & 1 ? MQTTSN_TOPIC_NORMAL :
						      MQTTSN_TOPIC_PREDEFINED;

	fake_sn_message(id, (int)(step->len % 3), kind, 5,
			kind == MQTTSN_TOPIC_NORMAL ? "a/b" : "", "payload");
}

/* Of the clients 101 and 102 */
static void do_sn_event(const struct step *step)
{
	int id = 101 + (step->p[0] & 1);

	switch (step->p[0] >> 1 & 7) {
	case 0:
		fake_sn_opened(id);
		break;
	case 1:
		fake_sn_refused(id, "refused");
		break;
	case 2:
		fake_sn_closed(id);
		break;
	case 3:
		fake_sn_lost(id, "lost");
		break;
	case 4:
		do_sn_result(step, id);
		break;
	case 5:
		if (fake_sn_client(id)->n_topics < FAKE_SN_TOPICS)
			fake_sn_registered(id, 5, "a/b");
		break;
	case 6:
		fake_sn.rc = fake_sn.rc ? 0 : -EINVAL;
		break;
	default:
		do_sn_message(step, id);
		break;
	}
}

static void do_event(const struct step *step)
{
	int id = 1 + (step->p[0] & 1);

	if (step->p[0] & 0x20) {
		do_sn_event(step);
		return;
	}
	switch (step->p[0] >> 1 & 15) {
	case 0:
		fake_opened(id);
		break;
	case 1:
		fake_refused(id, 703, "refused");
		break;
	case 2:
		fake_closed(id);
		break;
	case 3:
		fake_lost(id, "lost");
		break;
	case 4:
		do_result(step, id);
		break;
	case 5:
		h.urc_rc = -EAGAIN;
		break;
	case 6:
		h.urc_rc = 0;
		at_session_space(h.session);
		break;
	case 7:
		h.reply_rc = h.reply_rc ? 0 : -ENOTCONN;
		break;
	case 8:
		fake.rc = fake.rc ? 0 : -EAGAIN;
		break;
	case 9:
		at_session_attached(h.session, &(struct at_uart){ 0 }, true,
				    true);
		break;
	case 10:
	case 11:
		do_data(step);
		break;
	default:
		fake_message_bytes(id, (int)(step->len % 3), "a/b", step->p,
				   step->len);
		break;
	}
}

static void do_steps(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	struct step step;
	const uint8_t *cr;

	while (p < end) {
		cr = memchr(p, '\r', (size_t)(end - p));
		step = (struct step){ p, (size_t)((cr ? cr : end) - p) };
		h.out_len = 0;
		if (step.len && *p > 0x7f)
			do_event(&step);
		else
			do_line(&step);
		p += step.len + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	log_set_level(LOG_LEVEL_ERROR);
	harness_configure(&h, data[0] & 1 ? "generic" : "L610");
	h.cfg.escapes = data[0] & 2;
	h.cfg.repeat = data[0] & 4;
	h.cfg.oversize_truncate = data[0] & 8;
	h.cfg.while_opening_refuse = data[0] >> 4 & 1;
	h.cfg.open_again_replace = data[0] >> 5 & 1;
	h.cfg.reconnect = data[0] & 64;
	h.cfg.result_gap_ms = data[0] & 128 ? 1 : 0;
	h.cfg.read_queue = 2;
	harness_start(&h);
	do_steps(data + 1, size - 1);
	harness_stop(&h);
	return 0;
}
