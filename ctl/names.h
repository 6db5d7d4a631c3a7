/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Words for the numbers of linux/n_at.h.
 */
#ifndef ATMQTT_CTL_NAMES_H
#define ATMQTT_CTL_NAMES_H

#include <linux/n_at.h>

/* "command"; "?" for one that is not known */
const char *mode_name(enum n_at_mode mode);

/* "dsr-off"; "?" for one that is not known */
const char *event_name(enum n_at_event event);

/* "rx_bytes"; NULL for what is no counter */
const char *counter_name(int counter);

/* Bit @i of N_AT_WATCH_*: "dcd"; NULL: none is known */
const char *modem_line_name(unsigned int i);

/* Bit @i of the flags of a line or data: "overlong"; NULL: none is known */
const char *flag_name(unsigned int i);

#endif /* ATMQTT_CTL_NAMES_H */
