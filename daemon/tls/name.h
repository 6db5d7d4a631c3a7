/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Is a certificate that of a host (RFC 9525), and may its authority vouch for
 * such names (RFC 5280 4.2.1.10)?
 */
#ifndef ATMQTT_TLS_NAME_H
#define ATMQTT_TLS_NAME_H

#include "daemon/tls/x509.h"

/* @host is a name or an address; which of both it is. */
bool name_is_address(const char *host);

/*
 * By subjectAltName alone: an address by an address; a name by a name, or by
 * one with a * as its whole first label and two more at least.
 */
bool name_matches(const struct x509 *x, const char *host);

/* By the constraints of @ca for all names of @x, and for @host. */
bool name_is_allowed(const struct x509 *ca, const struct x509 *x,
		     const char *host);

#endif /* ATMQTT_TLS_NAME_H */
