// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The AT interface of one port: from a line to its final result, maybe by
 * way of data.  n_at has one line or data under way at a time (rule L12), so
 * a session has one line's state.
 */
#include "daemon/at/session.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/at/cmd/gtssl.h"
#include "daemon/at/inbox.h"
#include "daemon/at/internal.h"
#include "daemon/at/kept.h"
#include "daemon/at/link.h"
#include "daemon/at/message.h"
#include "daemon/at/table.h"
#include "include/uapi/linux/n_at.h"

#define PREFIX_LEN 2	/* "AT" */
#define SHORT_ANSWER 64	/* bytes: a final result and its CRs and LFs */

/* A command starts only with room for the longest answer: MQTTREAD's */
#define ANSWER_MAX (16384 + AT_TOPIC_MAX + 64)
#define FULL_AT (N_AT_OUT_MAX - ANSWER_MAX - 64)

/*
 * Failures
 */

static void vnote_failure(struct at_session *s, int code, const char *fmt,
			  va_list ap)
{
	size_t n = 0;
	char *p;

	if (code > 0)
		n = (size_t)snprintf(s->failure, sizeof(s->failure), "%d: ",
				     code);
	vsnprintf(s->failure + n, sizeof(s->failure) - n, fmt, ap);
	for (p = s->failure; *p; p++) {
		if (*p == '"')
			*p = '\'';
		else if (iscntrl((unsigned char)*p))
			*p = ' ';
	}
	if (code < 0)
		at_tls_note_failure(s, code);
}

void at_note_failure(struct at_session *s, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vnote_failure(s, code, fmt, ap);
	va_end(ap);
}

int at_fail(struct at_session *s, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vnote_failure(s, code, fmt, ap);
	va_end(ap);
	return code;
}

/*
 * The answer
 */

/* A change of the tty is told once. */
static void line_settings(struct at_session *s, struct at_line_settings *out)
{
	*out = (struct at_line_settings){
		.echo = s->set.echo && !at_life_is_off(s),
		.echo_cr = s->cfg->echo_cr,
		.repeat = s->cfg->repeat,
		.s3 = s->set.s3,
		.s4 = s->set.s4,
		.s5 = s->set.s5,
		.watch = s->cfg->reset_on,
		.urc_hold_ms = s->cfg->urc_hold_ms,
		.data_timeout_ms = s->cfg->data_timeout_ms,
		.exec_timeout_ms = s->cfg->exec_timeout_ms,
		.uart = s->uart_changed,
	};
	s->uart_changed = (struct at_uart){ 0 };
}

void at_session_settings(struct at_session *s, struct at_line_settings *out)
{
	line_settings(s, out);
}

/* Messages that the answer carries: the host has them, or they go back. */
static void settle_read(struct at_session *s, bool delivered)
{
	struct at_message *m = s->read;
	struct at_message *next;
	struct at_message *back = NULL;

	s->read = NULL;
	s->read_end = &s->read;
	for (; m; m = next) {
		next = m->next;
		if (delivered) {
			at_message_free(m, true);
		} else {
			m->next = back;
			back = m;
		}
	}
	for (; back; back = next) {
		next = back->next;
		at_inbox_untake(back->link, back);
	}
}

/* The last line stays for A/ only if there is such a thing. */
static void forget_line(struct at_session *s)
{
	buf_reset(&s->scratch);
	buf_reset(&s->out);
	if (!s->cfg->repeat)
		buf_reset(&s->line);
}

/* The line is over: what its commands had to say besides comes out. */
static void end_line(struct at_session *s)
{
	unsigned int i;

	for (i = 0; i < s->n_links; i++)
		at_inbox_announce(&s->links[i]);
	at_urc_line_end(s);
}

/* What cannot be told as a whole is not told, and was not read. */
static void complete(struct at_session *s, int code, bool cme)
{
	at_final(&s->set, &s->out, code, cme);
	if (!s->out.failed && s->out.len <= N_AT_OUT_MAX)
		return;
	buf_reset(&s->out);
	at_final(&s->set, &s->out,
		 at_fail(s, AT_UNKNOWN, "answer too long"), cme);
	if (s->read)
		settle_read(s, false);
}

/* Also when it is not known yet whether the port has taken them. */
static void note_answered(struct at_session *s, int rc)
{
	if (s->read && rc != -EINPROGRESS)
		settle_read(s, !rc);
}

void at_session_answered(struct at_session *s, bool taken)
{
	settle_read(s, taken);
}

/* 0 if the host gets what was said, and not ERROR in its place. */
static int reply(struct at_session *s, bool cme)
{
	struct at_line_settings settings;
	const struct at_line_settings *changed =
		s->set_changed ? &settings : NULL;
	int rc;

	line_settings(s, &settings);
	rc = s->ops->reply(s->ctx, s->out.p, s->out.len, changed, s->read);
	if (rc == -ENOMEM) {
		buf_reset(&s->out);
		at_final(&s->set, &s->out,
			 at_fail(s, AT_UNKNOWN, "no memory"), cme);
		s->ops->reply(s->ctx, s->out.p, s->out.len, changed, false);
	}
	s->set_changed = false;
	return rc;
}

void at_forget_line(struct at_session *s)
{
	s->data.finish = NULL;
	s->full = NULL;
	s->running = false;
}

static void finish(struct at_session *s, int code, bool cme)
{
	int rc;

	s->data.finish = NULL;
	s->full = NULL;
	complete(s, code, cme);
	at_life_obey(s);
	at_kept_save(s);
	rc = reply(s, cme);
	note_answered(s, rc);
	forget_line(s);
	end_line(s);
}

/*
 * The line
 */

int at_ask_data(struct at_session *s, const struct at_pending_data *data)
{
	s->data = *data;
	return AT_WAIT;
}

int at_hold_ok(const struct at_link *link)
{
	link->s->full = link;
	return AT_WAIT;
}

bool at_holds_ok_for_nothing(const struct at_session *s)
{
	return s->full && !at_requests_full(&s->full->requests);
}

static int execute(struct at_session *s, bool *cme)
{
	const struct at_row *row = at_table_find(s->cmd.name, s->profile);
	at_handler handler;

	*cme = false;
	if (!row)
		return at_fail(s, AT_NOT_SUPPORTED, "unknown command");
	*cme = row->cme;
	handler = at_row_handler(row, s->cmd.form);
	if (!handler)
		return at_fail(s, AT_NOT_SUPPORTED,
			       "the command has no such form");
	if (s->out.len > FULL_AT)
		return at_fail(s, AT_NOT_ALLOWED, "answer too long");
	return handler(s, &s->cmd);
}

/* What has been said so far goes out with the prompt. */
static void prompt(struct at_session *s)
{
	int rc;

	buf_add(&s->out, s->cfg->prompt, strlen(s->cfg->prompt));
	rc = s->out.failed ? -ENOMEM :
			     s->ops->prompt(s->ctx, s->out.p, s->out.len,
					    s->data.len, s->read);
	buf_reset(&s->out);
	note_answered(s, rc);
	if (rc && rc != -EINPROGRESS)
		finish(s, at_fail(s, AT_UNKNOWN, "no prompt"), false);
	end_line(s);
}

/* L6: from left to right; the first failure ends the line. */
static void run(struct at_session *s)
{
	bool cme = false;
	int code = AT_OK;
	int rc;

	s->running = true;
	for (;;) {
		rc = at_parse_next(&s->cmd);
		if (!rc)
			break;
		if (rc < 0)
			code = at_fail(s, AT_BAD_PARAMETER, "syntax error");
		else
			code = execute(s, &cme);
		if (code == AT_WAIT && s->data.finish)
			prompt(s);
		if (code == AT_WAIT)
			return;
		if (code != AT_OK)
			break;
	}
	finish(s, code, cme);
}

void at_give_ok(struct at_session *s)
{
	s->full = NULL;
	run(s);
}

static bool is_repeat(const char *line, size_t len)
{
	return len == 2 && toupper((unsigned char)line[0]) == 'A' &&
	       line[1] == '/';
}

/* There is always memory, so that an empty line is one, too. */
static int keep_line(struct at_session *s, const char *line, size_t len)
{
	buf_reset(&s->line);
	if (buf_reserve(&s->line, len + 1))
		return -ENOMEM;
	buf_add(&s->line, line, len);
	return 0;
}

/* The scratch space counts as full: that is what forget_line() wipes. */
static int make_scratch(struct at_session *s)
{
	buf_reset(&s->scratch);
	if (buf_reserve(&s->scratch, s->line.len + 1))
		return -ENOMEM;
	s->scratch.len = s->line.len + 1;
	return 0;
}

static void start(struct at_session *s, const char *line, size_t len)
{
	size_t skip;

	if ((!is_repeat(line, len) && keep_line(s, line, len)) ||
	    make_scratch(s)) {
		finish(s, at_fail(s, AT_UNKNOWN, "no memory"), false);
		return;
	}
	skip = s->line.len < PREFIX_LEN ? s->line.len : PREFIX_LEN;
	at_parse_start(&s->cmd, s->line.p + skip, s->line.len - skip,
		       s->scratch.p, s->cfg->escapes);
	run(s);
}

void at_session_line(struct at_session *s, const char *line, size_t len,
		     enum at_input how)
{
	s->data.finish = NULL;
	s->full = NULL;
	if (!at_life_hear(s))
		s->ops->reply(s->ctx, "", 0, NULL, false);
	else if (how == AT_INPUT_OVERLONG)
		finish(s, at_fail(s, AT_TOO_LONG, "line too long"), true);
	else if (how != AT_INPUT_GOOD)
		finish(s, at_fail(s, AT_BAD_PARAMETER, "damaged line"), false);
	else
		start(s, line, len);
}

static int take_data(struct at_session *s, const void *data, size_t len,
		     enum at_input how)
{
	if (how == AT_INPUT_TIMEOUT)
		return at_fail(s, AT_BAD_PARAMETER, "%zu of %u bytes came",
			       len, s->data.len);
	if (how != AT_INPUT_GOOD || len != s->data.len)
		return at_fail(s, AT_BAD_PARAMETER, "damaged data");
	return s->data.finish(s, data, len);
}

/* PUB and WILL, which take data, are pages with plain ERROR. */
void at_session_data(struct at_session *s, const void *data, size_t len,
		     enum at_input how)
{
	int code;

	if (!s->data.finish) {
		finish(s, at_fail(s, AT_UNKNOWN, "data not asked for"), false);
		return;
	}
	s->running = true;
	code = take_data(s, data, len, how);
	s->data.finish = NULL;
	if (code == AT_OK)
		run(s);
	else if (code != AT_WAIT)
		finish(s, code, false);
}

/* Of what was set, what the tty has; another daemon may have set it. */
static void adopt(struct at_uart *set, const struct at_uart *uart)
{
	struct at_uart part = *uart;

	if (!set->speed)
		part.speed = 0;
	if (!set->data_bits)
		part.data_bits = 0;
	part.has_flow = set->has_flow;
	at_uart_merge(set, &part);
}

void at_session_attached(struct at_session *s, const struct at_uart *uart,
			 bool fresh, bool heard)
{
	at_forget_line(s);
	at_life_attach(s, fresh, heard);
	s->uart = *uart;
	s->uart_changed = (struct at_uart){ 0 };
	if (fresh)
		at_uart_change(s, &s->set.uart);
	else
		adopt(&s->set.uart, uart);
}

void at_session_space(struct at_session *s)
{
	at_urc_flush(s);
}

void at_session_clients(const struct at_session *s,
			void (*fn)(void *ctx, const struct at_client_status *c),
			void *ctx)
{
	struct at_client_status status;
	unsigned int i;

	for (i = 0; i < s->n_links; i++) {
		at_link_status(&s->links[i], &status);
		fn(ctx, &status);
	}
}

/*
 * Life
 */

/* So that there is always something to say at least ERROR with. */
static int make_buffers(struct at_session *s)
{
	int rc = at_urc_init(s);

	if (!rc)
		rc = buf_reserve(&s->out, SHORT_ANSWER);
	return rc ? rc : keep_line(s, "AT", PREFIX_LEN);
}

struct at_session *at_session_new(const struct port_config *cfg,
				  struct mqtt *mqtt, struct http *http,
				  uv_loop_t *loop,
				  const struct at_port_ops *ops, void *ctx)
{
	struct at_session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->cfg = cfg;
	s->profile = cfg->profile;
	s->mqtt = mqtt;
	s->loop = loop;
	s->ops = ops;
	s->ctx = ctx;
	s->read_end = &s->read;
	if (cfg->identity)
		log_info("%s: IMEI %s by the %s", cfg->tty, cfg->imei,
			 cfg->identity);
	uv_timer_init(loop, &s->timer);
	uv_timer_init(loop, &s->life.timer);
	s->timer.data = s;
	s->life.timer.data = s;
	s->handles = 2;
	at_auth_init(s, http);
	at_life_begin(s);
	if (make_buffers(s) || at_links_init(s)) {
		at_session_free(s);
		return NULL;
	}
	return s;
}

static void on_timer_closed(uv_handle_t *timer)
{
	struct at_session *s = timer->data;

	if (!--s->handles)
		free(s);
}

/* The timers are the loop's until it says so: the last frees the rest. */
void at_session_free(struct at_session *s)
{
	if (!s)
		return;
	settle_read(s, false);
	at_urc_free(s);
	at_links_free(s);
	at_tls_reset(s);
	at_net_reset(s);
	at_accepted_reset(s);
	at_auth_reset(s);
	buf_free(&s->line);
	buf_free(&s->scratch);
	buf_free(&s->out);
	uv_close((uv_handle_t *)&s->timer, on_timer_closed);
	uv_close((uv_handle_t *)&s->life.timer, on_timer_closed);
}
