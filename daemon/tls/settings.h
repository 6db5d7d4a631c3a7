/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What the settings of a link come to: files that are read, keys that are
 * parsed.  All links with the same settings share them, until a file of
 * theirs is another one.
 */
#ifndef ATMQTT_TLS_SETTINGS_H
#define ATMQTT_TLS_SETTINGS_H

#include "daemon/tls/sessions.h"
#include "daemon/tls/store.h"
#include "daemon/tls/trust.h"

#define TLS_SETTINGS_ID	32	/* bytes */

struct tls_settings {
	struct tls_settings *next;
	unsigned int users;
	uint8_t id[TLS_SETTINGS_ID];	/* of the arguments and the files */
	struct WOLFSSL_CTX *wolf;
	struct store authorities;
	struct store crls;
	bool ask_crls;
	struct tls_sessions sessions;
};

/* For any thread.  NULL with @why filled when a file cannot be used. */
struct tls_settings *tls_settings_get(const struct mqtt_tls *args,
				      enum tls_over over,
				      struct mqtt_reason *why);
void tls_settings_put(struct tls_settings *settings);

#endif /* ATMQTT_TLS_SETTINGS_H */
