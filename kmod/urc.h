/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Unsolicited results that wait for their time, in order.  When that is the port
 * knows.  All with the lock of the port held whose they are.
 */
#ifndef AT_URC_H
#define AT_URC_H

#include <linux/list.h>
#include <linux/types.h>

struct at_urcs {
	struct list_head list;
	u32 count;
	u32 bytes;
};

struct at_urc {
	struct list_head node;
	unsigned long since; /* jiffies */
	u32 len;
	u8 buf[];
};

void at_urc_init(struct at_urcs *urcs);

/**
 * at_urc_add - queue a result
 * @urcs: queue
 * @buf: result, of which a copy is made
 * @n: its length in bytes
 *
 * Return: 0, -EAGAIN if there are too many, or -ENOMEM.
 */
int at_urc_add(struct at_urcs *urcs, const u8 *buf, u32 n);

/* The one that waits longest, or NULL. */
struct at_urc *at_urc_first(struct at_urcs *urcs);
/* Wipes and frees it. */
void at_urc_drop(struct at_urcs *urcs, struct at_urc *urc);
void at_urc_clear(struct at_urcs *urcs);

/* Those that were refused would be taken, and some more. */
bool at_urc_is_low(const struct at_urcs *urcs);

#endif /* AT_URC_H */
