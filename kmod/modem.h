/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a host says beside bytes: modem lines and breaks.
 */
#ifndef AT_MODEM_H
#define AT_MODEM_H

#include <linux/types.h>
#include <linux/workqueue.h>

#include <linux/n_at.h>

struct at_port;

struct at_modem {
	/* modem lines, N_AT_WATCH_* */
	u32 known; /* those that were looked at */
	u32 up; /* and were up then */
	struct delayed_work work; /* the next look */

	/* a break behind which nothing has come yet */
	bool broken;
	unsigned long reset_at; /* jiffies: then it was a long one */
	u64 damaged_at; /* jiffies: the last damage, breaks too */
	bool alone; /* long after the one before it */

	unsigned long due; /* events for the owner: bits of enum n_at_event */
	enum n_at_event last; /* for who monitors */
};

void at_modem_init(struct at_port *port);
/**
 * at_modem_cancel - wait for a look that is under way
 * @port: port, without its lock; it may look again later
 */
void at_modem_cancel(struct at_port *port);
/**
 * at_modem_watch - the setting WATCH has changed
 * @port: port, with its lock held
 */
void at_modem_watch(struct at_port *port);
/**
 * at_modem_dcd - the driver tells of DCD by itself
 * @port: port, with its lock held
 * @up: what it is now
 */
void at_modem_dcd(struct at_port *port, bool up);

/**
 * at_modem_damaged - a damaged byte has come, or a break
 * @port: port, with its lock held
 */
void at_modem_damaged(struct at_port *port);
/**
 * at_modem_heard - something has come
 * @port: port, with its lock held
 * @ends_in_break: a break was the last of it
 */
void at_modem_heard(struct at_port *port, bool ends_in_break);
/**
 * at_modem_time - look whether a break has become a long one by now
 * @port: port, with its lock held
 */
void at_modem_time(struct at_port *port);

#endif /* AT_MODEM_H */
