/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The topics that have a normal id.  An id has one name.  A name may have
 * several ids: there are gateways that tell another one in SUBACK than in
 * REGACK and publish by the old one.
 */
#ifndef ATMQTT_MQTTSN_TOPICS_H
#define ATMQTT_MQTTSN_TOPICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/mqttsn/mqttsn.h"

#define SN_TOPICS_MAX	1000

struct sn_topic {
	TAILQ_ENTRY(sn_topic) entry;
	uint16_t id;
	enum mqttsn_origin origin;
	bool sure;	/* told in this connection, and not doubted since */
	bool told;	/* its REGISTER came in this connection */
	size_t len;
	char name[];	/* terminated */
};

TAILQ_HEAD(sn_topic_list, sn_topic);

/* Zeroed, then sn_topics_init(). */
struct sn_topics {
	struct sn_topic_list list;	/* in the order in which they came */
	size_t count;
	bool changed;			/* one was added since this was unset */
};

void sn_topics_init(struct sn_topics *topics);
void sn_topics_clear(struct sn_topics *topics);

/*
 * The gateway knows @name as @id.  What the table had for the id goes, and the
 * oldest of the gateway's when the table is full.  NULL without memory.
 */
struct sn_topic *sn_topics_set(struct sn_topics *topics, uint16_t id,
			       const char *name, size_t len,
			       enum mqttsn_origin origin);

/*
 * What the gateway publishes by an id is understood as long as the id has no
 * other name; what it is sent goes by an id that is sure.  None is in a new
 * connection, and none of a name one of whose ids did not work.
 */
void sn_topics_renew(struct sn_topics *topics);
void sn_topics_doubt(struct sn_topics *topics, const char *name, size_t len);

struct sn_topic *sn_topics_by_id(const struct sn_topics *topics, uint16_t id);
/* The newest that is sure. */
struct sn_topic *sn_topics_by_name(const struct sn_topics *topics,
				   const char *name, size_t len);

/* 0 and 0xffff are reserved, MQTT-SN 1.2 5.3.11. */
bool sn_topic_id_is_valid(uint16_t id);

#endif /* ATMQTT_MQTTSN_TOPICS_H */
