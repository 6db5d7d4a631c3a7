/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The topics that have a normal id.  An id has one name and a name one id.
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
	bool sure;	/* the gateway surely knows it */
	bool told;	/* its REGISTER came in this connection */
	size_t len;
	char name[];	/* terminated */
};

TAILQ_HEAD(sn_topic_list, sn_topic);

/* Zeroed, then sn_topics_init(). */
struct sn_topics {
	struct sn_topic_list list;	/* in the order in which they came */
	size_t count;
};

void sn_topics_init(struct sn_topics *topics);
void sn_topics_clear(struct sn_topics *topics);

/*
 * The gateway knows @name as @id.  What the table had for either goes, and
 * the oldest of the gateway's when the table is full.  NULL without memory.
 */
struct sn_topic *sn_topics_set(struct sn_topics *topics, uint16_t id,
			       const char *name, size_t len,
			       enum mqttsn_origin origin);
void sn_topics_forget(struct sn_topics *topics, struct sn_topic *topic);

/* A new connection of the same session; @sure: it was closed in order. */
void sn_topics_renew(struct sn_topics *topics, bool sure);

struct sn_topic *sn_topics_by_id(const struct sn_topics *topics, uint16_t id);
struct sn_topic *sn_topics_by_name(const struct sn_topics *topics,
				   const char *name, size_t len);

/* 0 and 0xffff are reserved, MQTT-SN 1.2 5.3.11. */
bool sn_topic_id_is_valid(uint16_t id);

#endif /* ATMQTT_MQTTSN_TOPICS_H */
