/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A session's table of topics as a text, for a file:
 *
 *   <session>
 *   <id> <origin> <name>
 *   ...
 */
#ifndef ATMQTT_MQTTSN_TOPIC_TEXT_H
#define ATMQTT_MQTTSN_TOPIC_TEXT_H

#include <stddef.h>

#include "daemon/mqttsn/topics.h"

#define TOPIC_LINE_MAX	(sizeof("65534 2 \n") + MQTTSN_TOPIC_MAX)

/* NULL without memory; *@len bytes and a NUL, for free(). */
char *topic_text_write(const struct sn_topics *topics, const char *session,
		       size_t *len);

/*
 * Into an empty table; none of the ids is sure.  What is of another session
 * is left out, and so is a line that is none.
 */
void topic_text_read(struct sn_topics *topics, const char *session,
		     const char *text);

#endif /* ATMQTT_MQTTSN_TOPIC_TEXT_H */
