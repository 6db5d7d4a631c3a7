// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/kept.h"

#include <errno.h>
#include <string.h>

#include "daemon/at/internal.h"

static void collect(const struct at_session *s, struct at_stored *all)
{
	all->set = s->set;
	memcpy(all->report, s->net.report, sizeof(all->report));
	all->conf = (uint8_t)s->conf;
}

void at_kept_note(struct at_session *s, enum at_store store, int err)
{
	static const char *const what[] = {
		[AT_STORE_PROFILE] = "settings not stored",
		[AT_STORE_KEPT] = "settings not kept for a restart",
	};

	if (err && err != s->save_failed[store])
		log_warning("%s: %s: %s", s->cfg->tty, what[store],
			    strerror(-err));
	s->save_failed[store] = err;
}

void at_kept_save(struct at_session *s)
{
	struct at_stored all;

	collect(s, &all);
	if (!s->cfg->runtime_dir || s->stopping ||
	    at_stored_equal(AT_STORE_KEPT, &all, &s->in_file))
		return;
	s->in_file = all;
	at_kept_note(s, AT_STORE_KEPT,
		     at_stored_save(s->cfg, AT_STORE_KEPT, &all));
}

void at_kept_load(struct at_session *s)
{
	struct at_stored all;
	int err;

	collect(s, &all);
	err = at_stored_load(s->cfg, AT_STORE_KEPT, &all);
	if (err && err != -ENOENT)
		log_warning("%s: settings of before not read: %s", s->cfg->tty,
			    strerror(-err));
	if (err)
		return;
	s->set = all.set;
	memcpy(s->net.report, all.report, sizeof(all.report));
	s->conf = all.conf;
}
