/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An allocator that fails on demand.  The program is linked with
 * $(UNIT_NO_MEMORY), so that only our own objects get it.
 */
#ifndef ATMQTT_TESTS_NO_MEMORY_H
#define ATMQTT_TESTS_NO_MEMORY_H

/* The @nth allocation from now on fails, 1 is the next, and then @more. */
void no_memory_at(unsigned int nth, unsigned int more);

/* All succeed again.  How many were tried since no_memory_at() */
unsigned int no_memory_end(void);

#endif /* ATMQTT_TESTS_NO_MEMORY_H */
