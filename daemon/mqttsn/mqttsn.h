/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * An MQTT-SN 1.2 client over UDP or DTLS for the event loop.  Every function
 * is called and every callback runs in the loop's thread; none waits for a
 * name, a socket, a certificate or a gateway.  No callback runs within a
 * call of these functions.
 */
#ifndef ATMQTT_MQTTSN_H
#define ATMQTT_MQTTSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/mqtt/mqtt.h"

#define MQTTSN_TOPIC_MAX	255	/* bytes of a name, as in an AT command */

struct mqttsn_client;

enum mqttsn_topic_kind {
	MQTTSN_TOPIC_NAME,
	MQTTSN_TOPIC_SHORT,		/* a name of 2 (received: or 1) bytes */
	MQTTSN_TOPIC_NORMAL,		/* an id of this connection */
	MQTTSN_TOPIC_PREDEFINED,	/* an id that both sides know */
};

/*
 * What a request is about.  MQTTSN_TOPIC_NORMAL and _PREDEFINED go by @id,
 * the others by @name (terminated).  mqttsn_topic_name() tells whether an id
 * is a normal one.
 */
struct mqttsn_topic {
	enum mqttsn_topic_kind kind;
	uint16_t id;		/* 1 to 65534 */
	const char *name;
};

/* Who gave a normal id its name. */
enum mqttsn_origin {
	MQTTSN_BY_REGISTER,	/* we, in REGISTER */
	MQTTSN_BY_SUBSCRIBE,	/* we, in SUBSCRIBE */
	MQTTSN_BY_GATEWAY,	/* the gateway's REGISTER */
};

/*
 * A received message.  Owned by whoever got it from the message callback.  A
 * name is a legal one, see utf8_is_topic_name().
 */
struct mqttsn_message {
	struct mqtt_message mqtt;	/* topic_len 0 for a predefined id */
	enum mqttsn_topic_kind kind;	/* not _NAME: that has an id */
	uint16_t topic_id;		/* NORMAL and PREDEFINED */
};

struct mqttsn_callbacks {
	/* The result of mqttsn_open(): @why is NULL when it succeeded. */
	void (*opened)(void *ctx, const struct mqtt_reason *why);
	/* mqttsn_close() is done; the client can be opened again. */
	void (*closed)(void *ctx);
	/* The link of an open client is lost; it can be opened again. */
	void (*lost)(void *ctx, const struct mqtt_reason *why);
	/*
	 * The request @token ended.  Exactly once for each accepted request,
	 * also when the link is lost or closed (then @ok is false), before
	 * lost() or closed().  @id is the topic's normal id when a
	 * mqttsn_register() succeeded, otherwise 0.
	 */
	void (*done)(void *ctx, uint32_t token, bool ok, uint16_t id);
	/* The gateway gave @name (terminated, a legal one) the normal id @id. */
	void (*registered)(void *ctx, uint16_t id, const char *name);
	/* A message came.  End it with mqttsn_message_end(). */
	void (*message)(void *ctx, struct mqttsn_message *msg);
	/* A message of QoS 0 found no room. */
	void (*dropped)(void *ctx);
	/* The gateway's topic, in REGISTER or PUBLISH, was none: refused. */
	void (*illegal)(void *ctx);
};

/*
 * Times.  A request fails (retries + 1) * retry_ms after it was made, also
 * when it spent that time waiting for those before it.
 */
struct mqttsn_timers {
	unsigned int retry_ms;		/* between the sendings of a request */
	unsigned int retries;		/* after the first sending */
	unsigned int connect_ms;	/* between the sendings of CONNECT */
	unsigned int connect_retries;
	/* between PINGREQs unanswered; less where the keepalive is short */
	unsigned int ping_ms;
	unsigned int pings;		/* unanswered ones that break the link */
};

/* 1 s with 2 retries, as the AT deadlines demand. */
extern const struct mqttsn_timers mqttsn_timers_default;
/* 10 s with 3 retries: MQTT-SN 1.2 chapter 7. */
extern const struct mqttsn_timers mqttsn_timers_spec;

/* How long a request can take until done(), and CONNECT until opened(). */
unsigned int mqttsn_request_ms(const struct mqttsn_timers *timers);
unsigned int mqttsn_connect_ms(const struct mqttsn_timers *timers);

/*
 * A closed client that reports to @cb with @ctx; NULL without memory.  Files
 * under @dir keep the topic ids of sessions that are not clean for the next
 * daemon; NULL: nothing does.
 */
struct mqttsn_client *mqttsn_client_new(uv_loop_t *loop, const char *dir,
					const struct mqttsn_callbacks *cb,
					void *ctx);

/*
 * Cuts the link without DISCONNECT if open, calls nothing back, frees.  The
 * loop must run afterwards, for the handles' close callbacks.
 */
void mqttsn_client_free(struct mqttsn_client *client);

/*
 * Opens the link; opened() tells the result within args->timeout_ms.  User,
 * password and ALPN are not used; a TLS setting means DTLS.  With
 * args->clean unset, the table of topics is that of the last session to this
 * gateway by this client id, unless that was clean.  -EALREADY when it is
 * open or opening, -EINVAL when the client id or the will does not fit,
 * -ENOMEM.
 */
int mqttsn_open(struct mqttsn_client *client, const struct mqtt_open *args,
		const struct mqttsn_timers *timers);

/* Sends DISCONNECT and closes; closed() follows.  -ENOTCONN if not open. */
int mqttsn_close(struct mqttsn_client *client);

/*
 * Cuts the link as a lost carrier would (no DISCONNECT), or ends an open
 * that is under way.  No callback: done() is not called either for what was
 * under way.
 */
void mqttsn_abort(struct mqttsn_client *client);

/*
 * Requests on an open client; done() tells the end of each.  For QoS 0 that
 * is when the datagram was sent, for QoS 1 PUBACK, for QoS 2 PUBCOMP, for the
 * others the acknowledgement, if it says "accepted".  A publish to a name
 * registers it first if need be.  Over DTLS, what does not fit one record (of
 * about 1350 bytes) is not ok.  @payload is copied.  -ENOTCONN, -ENOMEM,
 * -EINVAL (an id, a name or a length that cannot be sent), or -EAGAIN when
 * MQTTSN_REQUESTS_MAX are under way.
 */
#define MQTTSN_REQUESTS_MAX	512

int mqttsn_register(struct mqttsn_client *client, uint32_t token,
		    const char *name);
int mqttsn_publish(struct mqttsn_client *client, uint32_t token,
		   const struct mqttsn_topic *topic, uint8_t qos, bool retain,
		   const void *payload, size_t len);
int mqttsn_subscribe(struct mqttsn_client *client, uint32_t token,
		     const struct mqttsn_topic *topic, uint8_t qos);
int mqttsn_unsubscribe(struct mqttsn_client *client, uint32_t token,
		       const struct mqttsn_topic *topic);
/* Changes the will at the gateway; an empty @topic deletes it. */
int mqttsn_will_topic(struct mqttsn_client *client, uint32_t token,
		      const char *topic, uint8_t qos, bool retain);
int mqttsn_will_message(struct mqttsn_client *client, uint32_t token,
			const void *payload, size_t len);

/*
 * The table of topics with normal ids, in the order in which they came.
 * Valid until the client is opened, cut or freed or the loop goes on.
 */
const char *mqttsn_topic_name(const struct mqttsn_client *client, uint16_t id);
/* The @index-th, from 0: false beyond the last one.  @origin may be NULL. */
bool mqttsn_topic_at(const struct mqttsn_client *client, size_t index,
		     struct mqttsn_topic *topic, enum mqttsn_origin *origin);

/*
 * The message is dealt with: acknowledges it to the gateway (QoS 1, 2; not if
 * the link it came by is gone) and frees it.  mqttsn_message_drop() frees it
 * without the acknowledgement.
 */
void mqttsn_message_end(struct mqttsn_message *msg);
void mqttsn_message_drop(struct mqttsn_message *msg);

#endif /* ATMQTT_MQTTSN_H */
