// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A host knows a module's life by its boot lines: some wait for them at the
 * start, others take them as the sign that all they had set is gone.
 *
 *          attached                 boot_ms          a byte came
 *   (none) --------> BOOTING --+-------------> ON <--------------+
 *                       ^      |                                 |
 *        restart, pin --+      +--> ANNOUNCING --+---------------+
 *        off_ms are over|           ^            | announce_ms: again
 *   OFF ----------------+           +------------+
 */
#include "daemon/at/life.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/at/cmd/gtssl.h"
#include "daemon/at/internal.h"
#include "daemon/at/kept.h"
#include "daemon/at/link.h"
#include "daemon/at/reopen.h"
#include "daemon/at/stored.h"

/*
 * After power-on
 */

static void load_settings(struct at_session *s)
{
	struct at_uart uart = s->set.uart;
	struct at_stored all = { 0 };
	int err;

	at_settings_default(s->cfg, &all.set);
	err = at_stored_load(s->cfg, AT_STORE_PROFILE, &all);
	if (err && err != -ENOENT)
		log_warning("%s: stored settings not read: %s", s->cfg->tty,
			    strerror(-err));
	s->set = all.set;
	s->kept = s->set;
	s->kept_in_file = !err;
	s->set.uart = uart;
	at_uart_change(s, &s->kept.uart);
}

void at_life_begin(struct at_session *s)
{
	load_settings(s);
	at_tls_reset(s);
	at_net_reset(s);
	at_accepted_reset(s);
	s->clock = (struct at_clock){ 0 };
	at_auth_load_certificate(s);
	at_auth_network(s, false);
	s->conf = 0;
	snprintf(s->failure, sizeof(s->failure), "no error");
}

/* As a power cut: nothing open, nothing waiting, no word of it. */
static void cut_power(struct at_session *s)
{
	unsigned int i;

	at_urc_drop(s);
	for (i = 0; i < s->n_links; i++)
		at_link_reset(&s->links[i]);
	at_auth_reset(s);
	at_life_begin(s);
	s->set_changed = true;
}

/*
 * The boot lines
 */

static void on_timer(uv_timer_t *timer);

static void enter(struct at_session *s, enum at_life_state state,
		  uint32_t ms)
{
	s->life.state = state;
	if (state == AT_LIFE_ON)
		uv_timer_stop(&s->life.timer);
	else
		uv_timer_start(&s->life.timer, on_timer, ms, 0);
}

/* P2: the host may have started later than the board. */
static void say_ready(struct at_session *s)
{
	at_urc_text(s, "AT command ready");
	at_urc_text(s, "+SIM READY");
	if (s->life.heard || !s->cfg->announce_ms)
		enter(s, AT_LIFE_ON, 0);
	else
		enter(s, AT_LIFE_ANNOUNCING, s->cfg->announce_ms);
}

/* P4: not while the host holds the module in its reset, or is not there. */
static void boot(struct at_session *s)
{
	enter(s, AT_LIFE_BOOTING, s->cfg->boot_ms);
	if (s->life.held || !s->life.present)
		uv_timer_stop(&s->life.timer);
	else if (!s->cfg->boot_ms)
		say_ready(s);
}

static void restart(struct at_session *s)
{
	cut_power(s);
	boot(s);
}

/* P3: deaf, and no echo, which n_at would make */
static void power_off(struct at_session *s)
{
	cut_power(s);
	enter(s, AT_LIFE_OFF, s->cfg->off_ms);
}

/* With a word to n_at of the settings, since no reply takes them along. */
static void restart_unasked(struct at_session *s, const char *by)
{
	struct at_line_settings settings;

	log_info("%s: restarted by %s", s->cfg->tty, by);
	if (s->data.finish || s->full)
		s->ops->reply(s->ctx, "", 0, NULL, false);
	at_forget_line(s);
	restart(s);
	at_kept_save(s);
	at_session_settings(s, &settings);
	s->set_changed = false;
	s->ops->set(s->ctx, &settings);
}

static void on_timer(uv_timer_t *timer)
{
	struct at_session *s = timer->data;

	switch (s->life.state) {
	case AT_LIFE_ON:
		break;
	case AT_LIFE_BOOTING:
		say_ready(s);
		break;
	case AT_LIFE_ANNOUNCING:
		s->ops->look(s->ctx);
		break;
	case AT_LIFE_OFF:
		restart_unasked(s, "its power key");
		break;
	}
}

/*
 * What the host does
 */

void at_life_obey(struct at_session *s)
{
	enum at_life_wish wish = s->life.wish;

	s->life.wish = AT_WISH_NONE;
	if (wish == AT_WISH_RESTART) {
		log_info("%s: restarted by its host", s->cfg->tty);
		restart(s);
	} else if (wish == AT_WISH_OFF) {
		log_info("%s: switched off by its host", s->cfg->tty);
		power_off(s);
	}
}

bool at_life_is_off(const struct at_session *s)
{
	return s->life.state == AT_LIFE_OFF;
}

bool at_life_hear(struct at_session *s)
{
	s->life.heard = true;
	if (s->life.state == AT_LIFE_ANNOUNCING)
		enter(s, AT_LIFE_ON, 0);
	return !at_life_is_off(s);
}

void at_session_heard(struct at_session *s, bool heard)
{
	if (heard)
		at_life_hear(s);
	else if (s->life.state == AT_LIFE_ANNOUNCING)
		say_ready(s);
}

void at_session_restart(struct at_session *s)
{
	restart_unasked(s, "atmqttctl");
}

/*
 * P4: its RESET or PWRKEY output
 */

static const struct {
	enum n_at_event event;
	uint32_t bit;
	bool back;	/* the line that was held is let go */
	const char *name;
} pins[] = {
	{ N_AT_EVENT_BREAK, RESET_ON_BREAK, false, "a break" },
	{ N_AT_EVENT_DCD_OFF, RESET_ON_DCD, false, "its DCD" },
	{ N_AT_EVENT_DCD_ON, RESET_ON_DCD, true, NULL },
	{ N_AT_EVENT_DSR_OFF, RESET_ON_DSR, false, "its DSR" },
	{ N_AT_EVENT_DSR_ON, RESET_ON_DSR, true, NULL },
};

static void let_go(struct at_session *s, uint32_t bit)
{
	bool was_held = s->life.held & bit;

	s->life.held &= ~bit;
	if (was_held && s->life.state == AT_LIFE_BOOTING)
		boot(s);
}

void at_session_modem(struct at_session *s, enum n_at_event event)
{
	size_t i;

	for (i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		if (pins[i].event != event ||
		    !(s->cfg->reset_on & pins[i].bit))
			continue;
		if (pins[i].back) {
			let_go(s, pins[i].bit);
			continue;
		}
		if (event != N_AT_EVENT_BREAK)
			s->life.held |= pins[i].bit;
		restart_unasked(s, pins[i].name);
	}
}

/*
 * The tty
 */

/*
 * P5: of what a daemon that went has left for this tty.  True: the links are
 * on their way back, and tell it themselves.
 */
static bool take_over(struct at_session *s)
{
	at_kept_load(s);
	return s->cfg->reconnect && at_reopen_load(s);
}

void at_life_attach(struct at_session *s, bool fresh, bool heard)
{
	bool first = !s->life.attached;

	s->life.attached = true;
	s->life.present = true;
	s->life.heard = heard;
	s->life.held = 0;
	if (first && fresh)
		at_reopen_forget(s);
	if (first && !fresh && take_over(s))
		return;
	if (first || s->life.state == AT_LIFE_BOOTING ||
	    s->life.state == AT_LIFE_ANNOUNCING)
		boot(s);
	at_kept_save(s);
}

void at_session_detached(struct at_session *s)
{
	at_forget_line(s);
	s->life.present = false;
	if (!at_life_is_off(s))
		uv_timer_stop(&s->life.timer);
}

void at_session_stop(struct at_session *s)
{
	unsigned int i;

	s->stopping = true;
	for (i = 0; i < s->n_links && !s->cfg->will_on_stop; i++)
		at_link_say_goodbye(&s->links[i]);
}

bool at_session_stopped(const struct at_session *s)
{
	unsigned int i;

	for (i = 0; i < s->n_links; i++)
		if (!at_link_is_gone(&s->links[i]))
			return false;
	return true;
}

void at_session_unplugged(struct at_session *s)
{
	log_info("%s: gone for %u ms: its links are cut", s->cfg->tty,
		 s->cfg->unplugged_ms);
	cut_power(s);
	enter(s, AT_LIFE_ON, 0);
	s->life.attached = false;
}
