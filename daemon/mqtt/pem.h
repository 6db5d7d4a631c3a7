/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Certificates and keys as PEM texts in memory.  No key is logged or named
 * in a reason.
 */
#ifndef ATMQTT_MQTT_PEM_H
#define ATMQTT_MQTT_PEM_H

#include <stdbool.h>

#include "mqtt.h"

/*
 * Can @pem be used as certificates, or as a private key without password?
 * Their number, or -EINVAL with @why filled.  Validity times are not looked
 * at: the clock may be set later.
 */
int pem_check_certificates(const struct mqtt_pem *pem,
			   struct mqtt_reason *why);
int pem_check_key(const struct mqtt_pem *pem, struct mqtt_reason *why);

/* Is @key that of the first certificate in @cert? */
bool pem_is_pair(const struct mqtt_pem *cert, const struct mqtt_pem *key);

/* The same of those that @wolf has loaded. */
struct WOLFSSL_CTX;
bool pem_keys_match(struct WOLFSSL_CTX *wolf);

#endif /* ATMQTT_MQTT_PEM_H */
