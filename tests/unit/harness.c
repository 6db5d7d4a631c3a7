// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session between a fake port and the fake MQTT layer.
 */
#include "tests/unit/harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/profile.h"
#include "daemon/lib/resolve.h"
#include "include/uapi/linux/n_at.h"
#include "tests/unit/escape.h"

static void put(struct harness *h, const void *buf, size_t len)
{
	assert_non_null(buf);
	assert_true(h->out_len + len <= sizeof(h->out));
	memcpy(h->out + h->out_len, buf, len);
	h->out_len += len;
}

static int on_reply(void *ctx, const void *buf, size_t len,
		    const struct at_line_settings *changed, bool sure)
{
	struct harness *h = ctx;

	(void)sure;
	h->answers++;
	assert_true(len <= N_AT_OUT_MAX);
	if (changed) {
		h->changed = *changed;
		h->n_changed++;
	}
	put(h, buf, len);
	return h->reply_rc;
}

static int on_prompt(void *ctx, const void *buf, size_t len, uint32_t data_len,
		     bool sure)
{
	struct harness *h = ctx;

	(void)sure;
	if (h->prompt_rc)
		return h->prompt_rc;
	h->answers++;
	h->data_len = data_len;
	put(h, buf, len);
	return h->reply_rc;
}

static int on_urc(void *ctx, const void *buf, size_t len)
{
	struct harness *h = ctx;

	if (!h->urc_rc)
		put(h, buf, len);
	return h->urc_rc;
}

static void on_set(void *ctx, const struct at_line_settings *changed)
{
	struct harness *h = ctx;

	h->changed = *changed;
	h->n_changed++;
}

static void on_look(void *ctx)
{
	struct harness *h = ctx;

	h->looks++;
}

static const struct at_port_ops ops = {
	.reply = on_reply,
	.prompt = on_prompt,
	.urc = on_urc,
	.set = on_set,
	.look = on_look,
};

/* Made once, so that a test may replace what is in its copy. */
static const struct cloud_config *default_clouds(void)
{
	static struct cloud_config clouds;

	if (!clouds.alibaba.client_id)
		assert_int_equal(cloud_config_load(NULL, &clouds), 0);
	return &clouds;
}

void harness_configure(struct harness *h, const char *model)
{
	memset(h, 0, sizeof(*h));
	h->cfg = (struct port_config){
		.tty = (char *)"ttyTEST",
		.profile = profile_find(model),
		.manufacturer = (char *)"Fibocom",
		.revision = (char *)"1.0",
		.imei = (char *)"123456789012345",
		.imsi = (char *)"001010123456789",
		.iccid = (char *)"89010123456789012345",
		.echo = true,
		.echo_cr = true,
		.repeat = true,
		.escapes = true,
		.prompt = (char *)"\r\n>\r\n",
		.urc_hold_ms = 1000,
		.data_timeout_ms = 20000,
		.exec_timeout_ms = 30000,
		.open_timeout_ms = 5000,
		.result_timeout_ms = 3000,
		.unplugged_ms = 60000,
		.read_queue = 4,
		.tls_ca = (char *)"ca.pem",
		.tls_verify = true,
	};
	assert_non_null(h->cfg.profile);
	h->clouds = *default_clouds();
	h->cfg.clouds = &h->clouds;
}

void harness_make(struct harness *h)
{
	fake_reset();
	world_reset();
	fake_sn_reset();
	uv_loop_init(&h->loop);
	assert_int_equal(resolver_start(&h->loop, NULL), 0);
	h->session = at_session_new(&h->cfg, NULL, NULL, &h->loop, &ops, h);
	assert_non_null(h->session);
}

void harness_start(struct harness *h)
{
	harness_make(h);
	at_session_attached(h->session, &(struct at_uart){ 0 }, true, true);
	h->out_len = 0;
}

void harness_stop(struct harness *h)
{
	at_session_free(h->session);
	resolver_stop(&h->loop);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&h->loop), 0);
	assert_int_equal(fake.alive, 0);
	assert_int_equal(fake_sn.alive, 0);
}

static void hand_over(struct harness *h, const char *line, enum at_input how)
{
	size_t size = strlen(line) + 20000;
	char *bytes = malloc(size);
	size_t len = unescape_text(line, bytes, size);

	/* exactly as long as it is, so that ASan sees a byte too far */
	bytes = realloc(bytes, len ? len : 1);
	at_session_line(h->session, bytes, len, how);
	memset(bytes, 'x', len);
	free(bytes);
}

void say_how(struct harness *h, const char *line, enum at_input how)
{
	int before = h->answers;

	hand_over(h, line, how);
	assert_int_equal(h->answers, before + 1);
}

void say_unanswered(struct harness *h, const char *line)
{
	int before = h->answers;

	hand_over(h, line, AT_INPUT_GOOD);
	assert_int_equal(h->answers, before);
}

void say(struct harness *h, const char *line)
{
	say_how(h, line, AT_INPUT_GOOD);
}

void say_data(struct harness *h, const char *data, enum at_input how)
{
	char bytes[20000];
	size_t len = unescape_text(data, bytes, sizeof(bytes));
	int before = h->answers;

	at_session_data(h->session, bytes, len, how);
	assert_int_equal(h->answers, before + 1);
}

void expect(struct harness *h, const char *text)
{
	static char want[65536];
	size_t len = unescape_text(text, want, sizeof(want));

	assert_bytes(h->out, h->out_len, want, len);
	h->out_len = 0;
}

void expect_reason(struct harness *h, const char *reason)
{
	char text[600];

	snprintf(text, sizeof(text),
		 "\\r\\n+CEER: \"%s\"\\r\\n\\r\\nOK\\r\\n", reason);
	say(h, "AT+CEER");
	expect(h, text);
}

static void on_timer(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

void wait_ms(struct harness *h, uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&h->loop, &timer);
	uv_timer_start(&timer, on_timer, ms, 0);
	uv_run(&h->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&h->loop, UV_RUN_NOWAIT);
}

void open_client(struct harness *h, int id, bool clean)
{
	char text[80];

	snprintf(text, sizeof(text), "AT+MQTTOPEN=%d,\"broker.example\",1883,%d,60",
		 id, clean);
	say(h, text);
	expect_ok(h);
	if (id > 100)
		fake_sn_opened(id);
	else
		fake_opened(id);
	snprintf(text, sizeof(text), "\\r\\n+MQTTOPEN: %d,1\\r\\n", id);
	expect(h, text);
}
