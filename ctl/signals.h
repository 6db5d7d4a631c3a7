/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#ifndef ATMQTT_CTL_SIGNALS_H
#define ATMQTT_CTL_SIGNALS_H

/*
 * A descriptor that becomes readable by SIGTERM and SIGINT, which end nothing
 * from now on; -1 and errno.
 */
int signals_open(void);

#endif /* ATMQTT_CTL_SIGNALS_H */
