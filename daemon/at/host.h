/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The broker's name or address as a host writes it.
 */
#ifndef ATMQTT_AT_HOST_H
#define ATMQTT_AT_HOST_H

#include <stddef.h>

/*
 * Writes @host to @out the way resolvers take it: of an IPv4 address
 * "010.001.000.007" the zeros are padding, not octal.  0, or -EINVAL if it
 * is neither a name nor an address or does not fit.
 */
int host_normalise(const char *host, char *out, size_t size);

#endif /* ATMQTT_AT_HOST_H */
