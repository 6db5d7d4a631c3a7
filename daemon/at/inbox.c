// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/at/inbox.h"

#include "daemon/at/link.h"
#include "daemon/at/message.h"

static void inbox_append(struct at_link *link, struct at_message *m)
{
	m->next = NULL;
	*link->inbox_end = m;
	link->inbox_end = &m->next;
	link->inbox_len++;
}

static bool is_announced(const struct at_link *link, const struct at_message *m)
{
	const struct at_message *p = link->inbox;
	uint32_t i;

	for (i = 0; i < link->announced; i++, p = p->next)
		if (p == m)
			return true;
	return false;
}

static struct at_message *inbox_unlink(struct at_link *link,
				       struct at_message **p)
{
	struct at_message *m = *p;

	if (is_announced(link, m))
		link->announced--;
	at_urc_cancel(link->s, m);
	*p = m->next;
	if (link->inbox_end == &m->next)
		link->inbox_end = p;
	link->inbox_len--;
	return m;
}

void at_inbox_drop(struct at_link *link,
		   bool (*which)(const struct at_message *m))
{
	struct at_message **p = &link->inbox;

	while (*p) {
		if (!which || which(*p))
			at_message_free(inbox_unlink(link, p), false);
		else
			p = &(*p)->next;
	}
}

/* Makes room for one of QoS 0 at the cost of the oldest other; or not. */
static bool inbox_drop_qos0(struct at_link *link)
{
	struct at_message **p = &link->inbox;

	while (*p && (*p)->qos)
		p = &(*p)->next;
	at_link_count_dropped(link);
	if (!*p)
		return false;
	at_message_free(inbox_unlink(link, p), false);
	return true;
}

struct at_message *at_inbox_take(struct at_link *link)
{
	return link->inbox ? inbox_unlink(link, &link->inbox) : NULL;
}

/* MQTTCONF is 0 again: else the next message would overtake these. */
static void hand_over(struct at_link *link)
{
	struct at_message *m;

	while ((m = at_inbox_take(link)))
		at_urc_whole(link->s, m);
}

/* The first read_queue messages are the host's; the others wait outside. */
void at_inbox_announce(struct at_link *link)
{
	struct at_message *m = link->inbox;
	uint32_t i;

	if (!link->s->conf) {
		hand_over(link);
		return;
	}
	for (i = 0; i < link->announced; i++)
		m = m->next;
	for (; m && link->announced < link->s->cfg->read_queue; m = m->next) {
		link->announced++;
		if (link->clean)
			at_message_adopt(m);
		at_urc_notice(link->s, m);
	}
}

void at_inbox_add(struct at_link *link, struct at_message *m)
{
	if (!m->qos && link->inbox_len >= link->s->cfg->read_queue &&
	    !inbox_drop_qos0(link)) {
		at_message_free(m, false);
		return;
	}
	inbox_append(link, m);
	at_inbox_announce(link);
}

void at_inbox_untake(struct at_link *link, struct at_message *m)
{
	m->next = link->inbox;
	if (!link->inbox)
		link->inbox_end = &m->next;
	link->inbox = m;
	link->inbox_len++;
	link->announced++;
}
