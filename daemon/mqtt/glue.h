/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Between paho and the C library: paho's threads.
 */
#ifndef ATMQTT_MQTT_GLUE_H
#define ATMQTT_MQTT_GLUE_H

/* 0, or a negative errno when the process gets no event descriptor. */
int glue_start(void);
void glue_stop(void);

/* Ends a wait of paho's receive thread. */
void glue_wake(void);

struct noop;

/* A no-op of one of paho's threads; none is there before the first link. */
void glue_noop_receiver(struct noop *noop);
void glue_noop_sender(struct noop *noop);

/* The send thread has done what there was to do. */
void glue_sender_waits(void);

/*
 * Holds paho's receive thread while it waits for input: between two waits it
 * may have a packet in its hands, which it drops without freeing when the
 * client vanishes.  Not under paho's lock.
 */
void glue_pause(void);
void glue_resume(void);

#endif /* ATMQTT_MQTT_GLUE_H */
