/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What may be an MQTT string or a topic filter; a topic name is what
 * utf8_is_topic_name() says.
 */
#ifndef ATMQTT_AT_TOPIC_H
#define ATMQTT_AT_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

/* MQTT 3.1.1 1.5.3: well-formed UTF-8 without U+0000 */
bool is_mqtt_string(const char *p, size_t len);

/* 4.7.1: + and # only as whole levels, # only as the last; no controls */
bool is_topic_filter(const void *filter, size_t len);

#endif /* ATMQTT_AT_TOPIC_H */
