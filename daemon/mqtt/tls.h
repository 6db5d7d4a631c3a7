/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * TLS client connections by wolfSSL's own interface.  The failure of a
 * connection is noted with it, see conn_fail().
 */
#ifndef ATMQTT_MQTT_TLS_H
#define ATMQTT_MQTT_TLS_H

#include <stdbool.h>

#include "daemon/mqtt/mqtt.h"

struct conn;
struct tls;
struct tls_context;

/* What paho expects of SSL_get_error(). */
enum tls_error {
	TLS_ERROR_NONE = 0,
	TLS_ERROR_SSL = 1,
	TLS_ERROR_WANT_READ = 2,
	TLS_ERROR_WANT_WRITE = 3,
	TLS_ERROR_SYSCALL = 5,
	TLS_ERROR_ZERO_RETURN = 6,
};

int tls_init(void);

/* A connection on socket @fd of @conn; NULL without memory. */
struct tls *tls_new(struct tls_context *context, struct conn *conn, int fd);
void tls_free(struct tls *tls);

/* 1, or -1 with the reason in tls_error(). */
int tls_connect(struct tls *tls);

/* Bytes, 0 at the end, or -1 with the reason in tls_error(). */
int tls_read(struct tls *tls, void *buf, int len);
int tls_write(struct tls *tls, const void *buf, int len);

int tls_pending(struct tls *tls);
void tls_shutdown(struct tls *tls);

/* Why this thread's last call of the above failed. */
enum tls_error tls_error(void);

#endif /* ATMQTT_MQTT_TLS_H */
