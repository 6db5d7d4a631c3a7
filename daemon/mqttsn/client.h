/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A client's state, between the files of this folder, and its surroundings:
 * clock, random numbers and the way to the gateway stand behind operations,
 * so that what a client does follows from the calls below alone.
 *
 *   client.c	the connection: CONNECT, will, PINGREQ, DISCONNECT
 *   requests.c	what the host asks, and its retransmission
 *   inbound.c	what the gateway publishes
 *   session.c	what outlasts a connection
 *   transport.c, dtls.c	the surroundings in the daemon
 *
 * A callback may call any function of mqttsn.h, so after one the client may
 * be in another state, or freed: then its memory lasts until the
 * surroundings are told to go, and it has no request or message any more.
 */
#ifndef ATMQTT_MQTTSN_CLIENT_H
#define ATMQTT_MQTTSN_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/mqtt/args.h"
#include "daemon/mqttsn/codec.h"
#include "daemon/mqttsn/mqttsn.h"
#include "daemon/mqttsn/topics.h"

#define SN_NEVER	UINT64_MAX
#define SN_SEND_MAX	65507	/* bytes in a UDP datagram over IPv4 */
#define SN_QOS2_MAX	16	/* inbound ids kept; gateways use one */

/* What is to be known of a session when the daemon starts again. */
struct sn_kept {
	const char *session;	/* gateway and client id */
	char *text;		/* terminated; NULL: nothing */
	size_t len;
};

/* What a client needs.  None calls the client. */
struct sn_ops {
	/* Milliseconds, monotonic. */
	uint64_t (*now)(void *env);
	uint16_t (*random)(void *env);
	/*
	 * Looks the gateway up and connects; sn_client_ready() or
	 * sn_client_failed() follows.  0 or a negative errno.  @args last
	 * until stop().
	 */
	int (*start)(void *env, const struct mqtt_open *args);
	/* To the next address of the gateway, as start(); false: no more. */
	bool (*next)(void *env);
	/* One datagram.  0 or a negative errno. */
	int (*send)(void *env, const void *buf, size_t len);
	/* In words, why nothing follows for so long. */
	const char *(*silence)(void *env);
	/* No event until the next start(). */
	void (*stop)(void *env);
	/* Copies it, in the place of what was kept of that session. */
	void (*keep)(void *env, const struct sn_kept *kept);
	/* The text kept, for free(); NULL: none. */
	char *(*recall)(void *env, const char *session);
	/* sn_client_tick() is wanted at @when (SN_NEVER: not). */
	void (*wake)(void *env, uint64_t when);
	/* Frees itself, and the client by sn_client_release(). */
	void (*free)(void *env);
};

enum sn_state {
	SN_STATE_CLOSED,
	SN_STATE_STARTING,	/* no way to the gateway yet */
	SN_STATE_CONNECTING,	/* CONNECT was sent */
	SN_STATE_OPEN,
	SN_STATE_CLOSING,	/* DISCONNECT was sent */
};

/* What the owner is to be told when all that it did has ended. */
enum sn_verdict {
	SN_VERDICT_NONE,
	SN_VERDICT_OPENED,
	SN_VERDICT_REFUSED,
	SN_VERDICT_CLOSED,
	SN_VERDICT_LOST,
};

/* What can be under way at the same time; the rest waits in order. */
enum sn_lane {
	SN_LANE_REGISTER,
	SN_LANE_SUBSCRIBE,	/* and UNSUBSCRIBE */
	SN_LANE_PUBLISH,
	SN_LANE_WILL_TOPIC,
	SN_LANE_WILL_MESSAGE,
	SN_LANES
};

struct sn_request;
struct sn_inbound;
TAILQ_HEAD(sn_request_list, sn_request);
TAILQ_HEAD(sn_inbound_list, sn_inbound);

/* An inbound message of QoS 2, until its PUBREL. */
struct sn_received {
	uint16_t msg_id;
	uint32_t hash;		/* of topic and payload */
	bool used;
	bool ended;		/* its owner has dealt with it */
};

struct mqttsn_client {
	const struct sn_ops *ops;
	void *env;
	struct mqttsn_callbacks cb;
	void *ctx;
	bool freed;

	/* The connection: client.c */
	enum sn_state state;
	enum sn_verdict verdict;
	struct mqtt_reason why;		/* of SN_VERDICT_REFUSED and _LOST */
	struct mqtt_args args;
	struct mqttsn_timers timers;
	char *session;			/* gateway and client id */
	uint64_t deadline;		/* of opened() or closed() */
	uint64_t due;			/* of the next try */
	unsigned int tries;		/* CONNECTs, or PINGREQs unanswered */
	uint64_t pinged_at;		/* or opened */
	char refusal[64];		/* ICMP's; "": something came since */

	struct sn_topics topics;
	uint64_t keep_at;		/* they are, not earlier: session.c */

	/* What the host asks: requests.c */
	struct sn_request_list lanes[SN_LANES];
	struct sn_request_list ended;	/* done() is to be called */
	struct sn_request *registering;	/* of the PUBLISH at the head */
	unsigned int request_count;
	uint16_t msg_id;		/* the last one used */
	uint16_t qos0_topic;		/* the last PUBLISH of QoS 0 */

	/* What the gateway publishes: inbound.c */
	uint32_t link_number;
	uint32_t session_number;
	struct sn_inbound_list held;	/* until SUBACK or REGACK */
	struct sn_inbound_list given;	/* their owner has them */
	size_t waiting;			/* bytes that both take */
	struct sn_received received[SN_QOS2_MAX];
	unsigned int received_next;
};

/* client.c, for the surroundings: NULL without memory. */
struct mqttsn_client *sn_client_new(const struct sn_ops *ops, void *env,
				    const struct mqttsn_callbacks *cb,
				    void *ctx);
void sn_client_release(struct mqttsn_client *c);
void sn_client_ready(struct mqttsn_client *c);
/* No way to the gateway, or no more; @why in words. */
void sn_client_failed(struct mqttsn_client *c, const char *why);
/* An ICMP error: what was sent has not arrived. */
void sn_client_refused(struct mqttsn_client *c, const char *why);
void sn_client_input(struct mqttsn_client *c, const void *buf, size_t len);
void sn_client_tick(struct mqttsn_client *c);

/* client.c, for the others: 0 or a negative errno. */
int sn_send(struct mqttsn_client *c, const struct sn_message *m);
/* Sets the timer to what is next. */
void sn_arm(struct mqttsn_client *c);

/* requests.c */
void sn_requests_init(struct mqttsn_client *c);
/* An acknowledgement came; nothing may wait for it any more. */
void sn_requests_ack(struct mqttsn_client *c, const struct sn_message *m);
void sn_requests_tick(struct mqttsn_client *c, uint64_t now);
uint64_t sn_requests_deadline(const struct mqttsn_client *c);
/* Is a topic id on its way to us? */
bool sn_requests_await_topic(const struct mqttsn_client *c);
/* All have failed; done() is still to be called. */
void sn_requests_fail(struct mqttsn_client *c);
/* Calls done(). */
void sn_requests_report(struct mqttsn_client *c);
void sn_requests_clear(struct mqttsn_client *c);

/* session.c; _enter() for what args says, false without memory. */
bool sn_session_enter(struct mqttsn_client *c);
/* The connection has ended, or all. */
void sn_session_leave(struct mqttsn_client *c);
void sn_session_end(struct mqttsn_client *c);
void sn_session_tick(struct mqttsn_client *c, uint64_t now);
uint64_t sn_session_deadline(const struct mqttsn_client *c);

/* inbound.c */
void sn_inbound_init(struct mqttsn_client *c);
void sn_inbound_publish(struct mqttsn_client *c, const struct sn_message *m);
void sn_inbound_release(struct mqttsn_client *c, const struct sn_message *m);
void sn_inbound_register(struct mqttsn_client *c, const struct sn_message *m);
/* A topic id may have come: gives out what waited for it. */
void sn_inbound_flush(struct mqttsn_client *c);
/* A link has ended, or a session. */
void sn_inbound_leave(struct mqttsn_client *c);
void sn_inbound_forget(struct mqttsn_client *c);
/* What its owners still have does not come back to the client. */
void sn_inbound_orphan(struct mqttsn_client *c);

#endif /* ATMQTT_MQTTSN_CLIENT_H */
