/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The host's end of a line: what a careless firmware sends.
 */
#ifndef TESTS_RACES_HOST_H
#define TESTS_RACES_HOST_H

#include <stdbool.h>

/*
 * Sends something and reads what there is; @fd does not block.  False: the
 * other end is gone for good.
 */
bool host_step(int fd);

#endif /* TESTS_RACES_HOST_H */
