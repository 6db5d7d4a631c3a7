/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Certificates and keys as hosts upload them: DER, or PEM of any look.  No
 * key is logged or named in a reason.
 */
#ifndef ATMQTT_MQTT_PEM_H
#define ATMQTT_MQTT_PEM_H

#include <stdbool.h>

#include "daemon/mqtt/mqtt.h"

#define PEM_MAX		65536	/* bytes: some forty certificates */

/* Certificates, each once, or one key, as PEM; p is NULL: nothing. */
struct pem {
	char *p;
	size_t len;
	unsigned int count;
};

void pem_drop(struct pem *pem);

/*
 * Adds the certificates of @file, or puts them or its key in the place of
 * what is there.  0, or -EINVAL, -E2BIG or -ENOMEM with @why filled; @pem is
 * as it was then.  Validity times are not looked at: the clock may be set
 * later.  A key with a password is refused.
 */
int pem_add_certificates(struct pem *pem, const struct mqtt_pem *file,
			 struct mqtt_reason *why);
int pem_set_certificates(struct pem *pem, const struct mqtt_pem *file,
			 struct mqtt_reason *why);
int pem_set_key(struct pem *pem, const struct mqtt_pem *file,
		struct mqtt_reason *why);

/* Takes the next certificate off @rest, a PEM text. */
bool pem_next(struct mqtt_pem *rest, struct mqtt_pem *block);

/* Is @key that of the first certificate in @cert? */
bool pem_is_pair(const struct mqtt_pem *cert, const struct mqtt_pem *key);

/* The same of those that @wolf has loaded. */
struct WOLFSSL_CTX;
bool pem_keys_match(struct WOLFSSL_CTX *wolf);

#endif /* ATMQTT_MQTT_PEM_H */
