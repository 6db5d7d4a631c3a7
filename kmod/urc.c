// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Unsolicited results that wait for their time, in order.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include <linux/n_at.h>

#include "urc.h"

#define URC_COUNT_MAX 64
#define URC_BYTES_MAX (64 * 1024)
#define URC_COUNT_LOW (URC_COUNT_MAX / 4)
#define URC_BYTES_LOW (URC_BYTES_MAX / 4)

static_assert(URC_BYTES_LOW + N_AT_OUT_MAX <= URC_BYTES_MAX);

void at_urc_init(struct at_urcs *urcs)
{
	INIT_LIST_HEAD(&urcs->list);
}

int at_urc_add(struct at_urcs *urcs, const u8 *buf, u32 n)
{
	struct at_urc *urc;

	if (urcs->count == URC_COUNT_MAX || urcs->bytes + n > URC_BYTES_MAX)
		return -EAGAIN;
	urc = kvmalloc(struct_size(urc, buf, n), GFP_KERNEL);
	if (!urc)
		return -ENOMEM;
	urc->since = jiffies;
	urc->len = n;
	memcpy(urc->buf, buf, n);
	list_add_tail(&urc->node, &urcs->list);
	urcs->count++;
	urcs->bytes += n;
	return 0;
}

struct at_urc *at_urc_first(struct at_urcs *urcs)
{
	return list_first_entry_or_null(&urcs->list, struct at_urc, node);
}

void at_urc_drop(struct at_urcs *urcs, struct at_urc *urc)
{
	list_del(&urc->node);
	urcs->count--;
	urcs->bytes -= urc->len;
	kvfree_sensitive(urc, struct_size(urc, buf, urc->len));
}

void at_urc_clear(struct at_urcs *urcs)
{
	struct at_urc *urc;

	while ((urc = at_urc_first(urcs)))
		at_urc_drop(urcs, urc);
}

bool at_urc_is_low(const struct at_urcs *urcs)
{
	return urcs->count <= URC_COUNT_LOW && urcs->bytes <= URC_BYTES_LOW;
}
