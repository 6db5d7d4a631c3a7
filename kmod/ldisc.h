/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef AT_LDISC_H
#define AT_LDISC_H

/* The line discipline; 0 or a negative errno. */
int at_ldisc_register(void);
void at_ldisc_unregister(void);

#endif /* AT_LDISC_H */
