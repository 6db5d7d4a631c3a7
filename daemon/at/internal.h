/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What a session consists of; for the files of this folder.
 */
#ifndef ATMQTT_AT_INTERNAL_H
#define ATMQTT_AT_INTERNAL_H

#include <time.h>

#include "daemon/at/cmd/accepted.h"
#include "daemon/at/again.h"
#include "daemon/at/cmd/auth.h"
#include "daemon/lib/buffer.h"
#include "daemon/at/life.h"
#include "daemon/at/cmd/network.h"
#include "daemon/at/parser.h"
#include "daemon/at/profile.h"
#include "daemon/at/protocol.h"
#include "daemon/at/requests.h"
#include "daemon/at/result.h"
#include "daemon/at/room.h"
#include "daemon/at/session.h"
#include "daemon/at/stored.h"
#include "daemon/at/urc.h"
#include "daemon/tls/pem.h"

#define AT_N_LINKS	4	/* clients 1, 2, 101 and 102 */
#define AT_LINK_ID_MAX	102
#define AT_TOPIC_MAX	255	/* bytes */
#define AT_HOST_MAX	255	/* bytes */

enum at_link_state {
	AT_LINK_CLOSED,
	AT_LINK_OPENING,
	AT_LINK_OPEN,
	AT_LINK_CLOSING,
	AT_LINK_REOPENING,	/* closing, to be opened then */
	AT_LINK_WAITING,	/* lost; to be opened again by itself */
	AT_LINK_RETRYING,	/* and being opened */
	AT_LINK_LEAVING,	/* closing, since the daemon stops */
};

/* MQTTUSER, MQTTSNCID; the strings are NULL until they were set */
struct at_user {
	char *name;
	char *password;
	char *client_id;
};

/* MQTTWILL; topic is NULL until it was set */
struct at_will {
	char *topic;
	char *payload;
	size_t len;
	uint8_t qos;
	bool retain;
};

/* MQTTOPEN's parameters */
struct at_target {
	char host[AT_HOST_MAX + 1];
	uint16_t port;
	uint16_t keepalive;	/* seconds */
	bool clean;
	bool tls;
};

/* One of the session's clients. */
struct at_link {
	struct at_session *s;
	const struct at_protocol *protocol;
	void *client;			/* the protocol's */
	unsigned int id;
	enum at_link_state state;
	bool clean;			/* as MQTTOPEN had it */
	bool by_host;			/* MQTTCLOSE closed it */
	struct at_target target;
	struct at_again again;
	char peer[AT_HOST_MAX + 16];	/* "host:port", for reasons */
	char reason[160];		/* why it last failed; "": it did not */
	time_t failed_at;

	struct at_user user;
	struct at_will will;

	struct at_requests requests;
	struct at_room *opened;		/* of OPEN's result, till it comes */
	struct at_room *ended;		/* of a BREAK */
	struct at_room *closes;		/* of each CLOSE under way */

	/* messages that wait for MQTTREAD; @announced of them by MQTTMSGI */
	struct at_message *inbox;
	struct at_message **inbox_end;
	uint32_t inbox_len;
	uint32_t announced;
	size_t adopted;		/* bytes of those that are ours alone */

	/* messages that the host never got, since the start */
	uint32_t dropped;	/* QoS 0, no room */
	uint32_t oversize;

	uint32_t illegal;	/* topics of the gateway that are none */
	uint32_t forgotten;	/* subscriptions that found no room */
};

/* GTSSLFILE's files, in the order of its answers */
enum at_upload_kind {
	AT_UPLOAD_TRUST,
	AT_UPLOAD_CA,
	AT_UPLOAD_CERT,
	AT_UPLOAD_KEY,
	AT_N_UPLOADS,
};

/* GTSSLVER, GTSSLMODE, GTSSLFILE */
struct at_tls {
	unsigned int version;
	bool verify;
	struct pem uploads[AT_N_UPLOADS];
	/* where in CAFILE the certificate is that KEYFILE is the key of */
	size_t cert_at;
	bool ca_has_cert;
	int failed;		/* GTSSLERR: enum mqtt_tls_failure, or 0 */
	char why[448];		/* s->failure of then */
};

/* +CCLK, +CTZU */
struct at_clock {
	bool is_set;		/* by the host; else it is the board's */
	int8_t zone;		/* quarters of an hour */
	uint8_t update;		/* +CTZU: kept */
	int64_t ahead;		/* seconds, of the board's */
};

/* A publish, will or file whose bytes come as data. */
struct at_pending_data {
	int (*finish)(struct at_session *s, const void *data, size_t len);
	uint32_t len;
	struct at_link *link;
	struct at_topic topic;
	unsigned int qos;
	unsigned int retain;
	unsigned int upload;	/* enum at_upload_kind */
};

struct at_session {
	const struct port_config *cfg;
	const struct profile *profile;
	const struct at_port_ops *ops;
	void *ctx;
	struct mqtt *mqtt;
	uv_loop_t *loop;
	uv_timer_t timer;		/* the earliest request's deadline */
	struct at_life life;
	unsigned int handles;		/* to be closed before this is freed */
	bool stopping;			/* the daemon */

	struct at_settings set;
	struct at_settings kept;	/* AT&W */
	bool kept_in_file;		/* the profile's, just as it is */
	struct at_stored in_file;	/* for the daemon that takes over */
	int save_failed[AT_N_STORES];	/* the last time, and it was told */
	struct at_uart uart;		/* the tty's */
	struct at_uart uart_changed;	/* of it, by the line under way */
	bool set_changed;		/* the next reply takes them along */
	bool running;			/* a line: texts wait for its end */
	const struct at_link *full;	/* its OK waits for that one */

	/* the line under way */
	struct buf line;		/* kept for A/ */
	struct buf scratch;		/* its decoded strings */
	struct buf out;		/* its answer so far */
	struct at_cmd cmd;
	struct at_pending_data data;
	struct at_message *read;	/* what MQTTREAD put into the answer */
	struct at_message **read_end;

	char failure[448];		/* +CEER: reason and peer fit */
	unsigned int conf;		/* MQTTCONF */
	struct at_tls tls;
	struct at_net net;
	struct at_clock clock;
	struct at_accepted accepted[AT_N_ACCEPTED];
	struct at_auth auth;
	struct at_urcs urcs;
	struct at_link links[AT_N_LINKS];
	unsigned int n_links;		/* of them this series has */
};

/* Notes the reason for +CEER and returns @code, which fails the command. */
int at_fail(struct at_session *s, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Only notes the reason; @code 0: it has no number. */
void at_note_failure(struct at_session *s, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Asks for @data.len bytes and goes on with @data.finish; AT_WAIT. */
int at_ask_data(struct at_session *s, const struct at_pending_data *data);

/*
 * What the line under way asked for is accepted, but @link has so much to do
 * that OK, and what else is in the line, waits until it has less: AT_WAIT.
 */
int at_hold_ok(const struct at_link *link);
bool at_holds_ok_for_nothing(const struct at_session *s);
void at_give_ok(struct at_session *s);

/* Nothing is waited for any more: the line has no answer to come. */
void at_forget_line(struct at_session *s);

/* The factory settings: V.250's and the configuration's. */
void at_settings_default(const struct port_config *cfg,
			 struct at_settings *set);

/* +CCLK's form of @when, local time */
void at_clock_text(time_t when, char *out, size_t size);

#endif /* ATMQTT_AT_INTERNAL_H */
