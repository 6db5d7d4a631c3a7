// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * n_at: the line discipline for the DCE end of an AT interface.
 */
#include <linux/module.h>

#include <linux/n_at.h>

#include "ldisc.h"
#include "netlink.h"

static int __init n_at_init(void)
{
	int err = at_nl_register();

	if (err)
		return err;
	err = at_ldisc_register();
	if (err)
		at_nl_unregister();
	return err;
}

/* No port is left: each attached tty holds a reference to the module. */
static void __exit n_at_exit(void)
{
	at_ldisc_unregister();
	at_nl_unregister();
}

module_init(n_at_init);
module_exit(n_at_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("AT command line discipline");
MODULE_AUTHOR("atmqtt contributors");
MODULE_VERSION(N_AT_VERSION);
MODULE_ALIAS_LDISC(N_AT_LDISC);
