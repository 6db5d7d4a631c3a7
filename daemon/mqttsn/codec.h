/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * MQTT-SN 1.2 messages to and from datagrams (chapter 5).  Pure functions.
 */
#ifndef ATMQTT_MQTTSN_CODEC_H
#define ATMQTT_MQTTSN_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SN_DATAGRAM_MAX	65535

enum sn_type {
	SN_ADVERTISE = 0x00,
	SN_SEARCHGW = 0x01,
	SN_GWINFO = 0x02,
	SN_CONNECT = 0x04,
	SN_CONNACK = 0x05,
	SN_WILLTOPICREQ = 0x06,
	SN_WILLTOPIC = 0x07,
	SN_WILLMSGREQ = 0x08,
	SN_WILLMSG = 0x09,
	SN_REGISTER = 0x0a,
	SN_REGACK = 0x0b,
	SN_PUBLISH = 0x0c,
	SN_PUBACK = 0x0d,
	SN_PUBCOMP = 0x0e,
	SN_PUBREC = 0x0f,
	SN_PUBREL = 0x10,
	SN_SUBSCRIBE = 0x12,
	SN_SUBACK = 0x13,
	SN_UNSUBSCRIBE = 0x14,
	SN_UNSUBACK = 0x15,
	SN_PINGREQ = 0x16,
	SN_PINGRESP = 0x17,
	SN_DISCONNECT = 0x18,
	SN_WILLTOPICUPD = 0x1a,
	SN_WILLTOPICRESP = 0x1b,
	SN_WILLMSGUPD = 0x1c,
	SN_WILLMSGRESP = 0x1d,
	SN_ENCAPSULATED = 0xfe,
};

/* Flags, 5.3.4. */
#define SN_DUP		0x80
#define SN_QOS		0x60
#define SN_QOS_SHIFT	5
#define SN_QOS_NONE	3	/* -1: without a connection */
#define SN_RETAIN	0x10
#define SN_WILL		0x08
#define SN_CLEAN	0x04
#define SN_TOPIC_TYPE	0x03

enum sn_topic_type {
	SN_TOPIC_NORMAL,	/* in SUBSCRIBE and UNSUBSCRIBE a name */
	SN_TOPIC_PREDEFINED,
	SN_TOPIC_SHORT,
};

enum sn_return_code {
	SN_ACCEPTED,
	SN_CONGESTION,
	SN_INVALID_TOPIC_ID,
	SN_NOT_SUPPORTED,
};

#define SN_PROTOCOL_ID	1

struct sn_bytes {
	const void *p;
	size_t len;
};

/* A message.  Of the fields a type has see the table in codec.c. */
struct sn_message {
	enum sn_type type;
	uint8_t flags;
	uint8_t code;		/* return code, GwId, radius, protocol, Ctrl */
	uint16_t topic_id;
	uint16_t msg_id;
	uint16_t duration;	/* seconds */
	bool brief;		/* WILLTOPIC, WILLTOPICUPD without flags,
				 * DISCONNECT without duration */
	struct sn_bytes data;	/* name, payload, client id, GwAdd, node id */
	struct sn_bytes inner;	/* the encapsulated message */
};

static inline uint8_t sn_qos(const struct sn_message *m)
{
	return (m->flags & SN_QOS) >> SN_QOS_SHIFT;
}

static inline uint8_t sn_topic_type(const struct sn_message *m)
{
	return m->flags & SN_TOPIC_TYPE;
}

/*
 * The message in the datagram of @len bytes at @buf; m->data points into it.
 * False if it is not exactly one well-formed message of a known type.
 */
bool sn_decode(struct sn_message *m, const void *buf, size_t len);

/*
 * Writes a message; its length, or 0 when it is larger than @size or than a
 * datagram.
 */
size_t sn_encode(void *buf, size_t size, const struct sn_message *m);

/* Its Length, or 0 when it is larger than a datagram. */
size_t sn_size(const struct sn_message *m);

#endif /* ATMQTT_MQTTSN_CODEC_H */
