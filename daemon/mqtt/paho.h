/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What is used of paho.mqtt.c 1.3.12 beside its public interface: entry
 * points of its archive, which the linker lets us wrap, and the start of two
 * packets.  paho_start() holds the layouts to the archive at run time.
 */
#ifndef ATMQTT_MQTT_PAHO_H
#define ATMQTT_MQTT_PAHO_H

#include <stdbool.h>
#include <stdint.h>

/* A PUBLISH as paho parsed it; it has more members. */
struct paho_publish {
	unsigned int header;	/* the packet's first byte is the lowest */
	char *topic;		/* allocated */
	int topic_len;
	int id;
	char *payload;		/* in paho's receive buffer */
	int payload_len;
	int version;
};

/* PUBACK, PUBREC, PUBREL or PUBCOMP; it has more members. */
struct paho_ack {
	unsigned int header;
	int id;
};

#define PAHO_RETAIN(packet)	((packet)->header & 1)
#define PAHO_QOS(packet)	((packet)->header >> 1 & 3)
#define PAHO_DUP(packet)	((packet)->header >> 3 & 1)

/* paho's one lock, held in every callback, and its functions. */
extern void *mqttasync_mutex;
int Thread_lock_mutex(void *mutex);
int Thread_unlock_mutex(void *mutex);

void *MQTTPacket_publish(int version, unsigned char header, char *data,
			 size_t len);
void *MQTTPacket_ack(int version, unsigned char header, char *data,
		     size_t len);
void MQTTPacket_freePublish(void *packet);

/* The functions behind the wrappers of wrap.c. */
int __real_MQTTProtocol_handlePublishes(void *packet, int fd);

/*
 * To be called before paho's threads start.  False when the archive does not
 * lay its packets out as written above.
 */
bool paho_start(void);

/* The id that the next request of this thread gets. */
void paho_next_id(uint16_t id);

/* Ends a wait of paho's send thread. */
void paho_wake_sender(void);

#endif /* ATMQTT_MQTT_PAHO_H */
