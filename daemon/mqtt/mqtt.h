/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An MQTT 3.1.1 client (paho.mqtt.c's asynchronous client, TLS by wolfSSL)
 * for the event loop.  Every function is called and every callback runs in
 * the loop's thread; none waits for a name, a socket or a peer.  No callback
 * is called from within a function.
 */
#ifndef ATMQTT_MQTT_H
#define ATMQTT_MQTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct reach;
struct mqtt;		/* the process's MQTT machinery */
struct mqtt_client;

/*
 * Longer topics that come are cut, and have no payload: nobody subscribes to
 * one that is so long by intent.
 */
#define MQTT_TOPIC_MAX	512	/* bytes */

/* A received message.  Owned by whoever got it from the message callback. */
struct mqtt_message {
	struct mqtt_message *next;	/* for the owner's queues */
	const char *topic;		/* not terminated */
	const void *payload;
	size_t topic_len;		/* bytes */
	size_t payload_len;		/* bytes */
	size_t cut;			/* bytes more had the payload */
	uint8_t qos;
	bool retained;
};

/* Why TLS failed, as modules number it. */
enum mqtt_tls_failure {
	MQTT_TLS_HANDSHAKE = -7,
	MQTT_TLS_UNTRUSTED = -11,	/* the server's certificate */
	MQTT_TLS_IDENTITY = -12,	/* the client's certificate or key */
	MQTT_TLS_TRUST = -19,		/* no authority to trust */
};

/* Why an open failed or a link was lost. */
#define MQTT_SEEN_MAX	16

struct mqtt_reason {
	int code;	/* 700 to 704 for CONNACK 1 to 5, enum mqtt_tls_failure
			 * for TLS, else 0 */
	char text[128];	/* in words, no host name in it, never empty */
	/* The first bytes of a packet that MQTT does not allow. */
	unsigned char seen[MQTT_SEEN_MAX];
	size_t n_seen;	/* 0: it was not that */
};

struct mqtt_callbacks {
	/* The result of mqtt_open(): @why is NULL when it succeeded. */
	void (*opened)(void *ctx, const struct mqtt_reason *why);
	/* mqtt_close() is done; the client can be opened again. */
	void (*closed)(void *ctx);
	/* The link of an open client is lost; it can be opened again. */
	void (*lost)(void *ctx, const struct mqtt_reason *why);
	/*
	 * The request @token of mqtt_publish(), mqtt_subscribe() or
	 * mqtt_unsubscribe() ended.  Exactly once for each accepted request,
	 * also when the link is lost or closed (then @ok is false), before
	 * lost() or closed().
	 */
	void (*done)(void *ctx, uint32_t token, bool ok);
	/* A message came.  End it with mqtt_message_end(). */
	void (*message)(void *ctx, struct mqtt_message *msg);
};

#define MQTT_PEM_MAX	16384	/* bytes */

/* A PEM text in memory; p is NULL: there is none. */
struct mqtt_pem {
	const void *p;
	size_t len;
};

#define MQTT_TLS_CAS	2

struct mqtt_tls {
	const char *ca_file;	/* PEM; NULL: the system's trust store */
	const char *crl;	/* file or folder of revocation lists, or NULL */
	const char *cert_file;	/* PEM or NULL */
	const char *key_file;	/* PEM or NULL */
	struct mqtt_pem ca[MQTT_TLS_CAS];	/* each, instead of ca_file */
	struct mqtt_pem cert;	/* instead of cert_file */
	struct mqtt_pem key;	/* instead of key_file */
	const char *alpn;	/* names with commas between, or NULL */
	const char *psk_identity;	/* DTLS: instead of certificates */
	const char *psk_file;	/* its key, as hexadecimal digits */
	bool verify;		/* chain and host name; true unless told off */
	bool tls13_only;	/* the floor is TLS 1.2 otherwise */
};

/* What mqtt_open() needs; copied, so the caller keeps its own. */
struct mqtt_open {
	const char *host;	/* name, IPv4 or IPv6 address, no brackets */
	uint16_t port;
	const struct reach *reach;	/* see dial.h, as port_key; stays */
	const void *port_key;
	const char *client_id;
	const char *user;	/* or NULL */
	const char *password;	/* or NULL; only with user */
	bool clean;		/* MQTT 3.1.1 3.1.2.4 */
	uint16_t keepalive;	/* seconds */
	unsigned int timeout_ms;	/* from the call to opened() at most */
	size_t payload_max;	/* longer ones that come are cut; 0: 64 KiB */
	const struct mqtt_tls *tls;	/* NULL: plain TCP */
	const char *will_topic;	/* NULL: no will */
	const void *will_payload;
	size_t will_len;	/* bytes */
	uint8_t will_qos;
	bool will_retain;
};

/* Starts the machinery on @loop.  0, or a negative errno. */
int mqtt_start(struct mqtt **mqtt, uv_loop_t *loop);

/*
 * Ends it: every client must have been freed.  Blocks at most a second, while
 * brokers have not taken the DISCONNECT of links that were just closed.  The
 * loop must run once more afterwards, for the handles' close callbacks.
 */
void mqtt_stop(struct mqtt *mqtt);

/*
 * What a client's owner has not ended yet, with what it takes to keep it:
 * then its connection is not read, until half of it is left.
 */
#define MQTT_HELD_MAX	(256 * 1024)	/* bytes */
#define MQTT_HELD_EACH	512	/* that a message takes besides its bytes */

/* A closed client that reports to @cb with @ctx; NULL without memory. */
struct mqtt_client *mqtt_client_new(struct mqtt *mqtt,
				    const struct mqtt_callbacks *cb, void *ctx);

/* Cuts the link without DISCONNECT if open, calls nothing back, frees. */
void mqtt_client_free(struct mqtt_client *client);

/*
 * Opens the link; opened() tells the result.  -EALREADY when it is open or
 * opening, -ENOMEM.
 */
int mqtt_open(struct mqtt_client *client, const struct mqtt_open *args);

/* Of an open client: the broker had a session of it (MQTT 3.1.1 3.2.2.2). */
bool mqtt_session_present(const struct mqtt_client *client);

/*
 * Of an open client: the version and the cipher suite of its TLS, "TLSv1.3
 * TLS_AES_128_GCM_SHA256", till it is closed; "" without TLS.
 */
const char *mqtt_cipher(const struct mqtt_client *client);

/* Sends DISCONNECT and closes; closed() follows.  -ENOTCONN if not open. */
int mqtt_close(struct mqtt_client *client);

/*
 * Cuts the link as a lost carrier would (no DISCONNECT), or ends an open
 * that is under way.  No callback: done() is not called either for what was
 * under way.
 */
void mqtt_abort(struct mqtt_client *client);

/*
 * Requests on an open client; done() tells the end of each.  For QoS 0 that
 * is when TCP took the packet, for QoS 1 PUBACK, for QoS 2 PUBCOMP, for
 * (UN)SUBSCRIBE the acknowledgement (a SUBACK of 0x80 is not ok).  @topic is
 * terminated; @payload is copied.  -ENOTCONN, -ENOMEM, or -EAGAIN when
 * MQTT_REQUESTS_MAX are under way.
 */
#define MQTT_REQUESTS_MAX	512

int mqtt_publish(struct mqtt_client *client, uint32_t token, const char *topic,
		 uint8_t qos, bool retain, const void *payload, size_t len);
int mqtt_subscribe(struct mqtt_client *client, uint32_t token,
		   const char *filter, uint8_t qos);
int mqtt_unsubscribe(struct mqtt_client *client, uint32_t token,
		     const char *filter);

/*
 * Nobody waits for the request @token any more: done() does not tell its end.
 * If it has not gone out, it never will; nothing goes out while TCP has not
 * sent all that went before.
 */
void mqtt_cancel(struct mqtt_client *client, uint32_t token);

/*
 * The message is dealt with: acknowledges it to the broker (QoS 1, 2; not if
 * the link it came by is gone: then the broker sends it again in the next
 * session that is not clean) and frees it.  mqtt_message_drop() frees it
 * without the acknowledgement.
 */
void mqtt_message_end(struct mqtt_message *msg);
void mqtt_message_drop(struct mqtt_message *msg);

#endif /* ATMQTT_MQTT_H */
