// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stand-ins for functions of paho's archive (ld --wrap).
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "daemon/mqtt/glue.h"
#include "daemon/mqtt/heap.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/paho.h"

#define PACKET_PUBLISH	0x3b	/* DUP, QoS 1, RETAIN */
#define PACKET_PUBREL	0x62

int __real_MQTTProtocol_handlePubacks(void *packet, int fd, void **sent);
int __real_MQTTProtocol_handlePubcomps(void *packet, int fd, void **sent);
int __real_MQTTProtocol_handlePubrels(void *packet, int fd);
void __real_setRetryLoopInterval(int keepalive);

/*
 * paho signals its send thread without a predicate, so that a signal given
 * while the thread works is lost; ours remembers it.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool due;
} sender = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void init_sender(void)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&sender.cond, &attr);
	pthread_condattr_destroy(&attr);
}

void paho_wake_sender(void)
{
	pthread_mutex_lock(&sender.lock);
	sender.due = true;
	pthread_cond_signal(&sender.cond);
	pthread_mutex_unlock(&sender.lock);
}

int __wrap_Thread_signal_cond(void *cond)
{
	(void)cond;
	paho_wake_sender();
	return 0;
}

int __wrap_Thread_wait_cond(void *cond, int ms)
{
	struct timespec until;
	int rc = 0;

	(void)cond;
	glue_sender_waits();
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&sender.lock);
	while (!sender.due && rc == 0)
		rc = pthread_cond_timedwait(&sender.cond, &sender.lock,
					    &until);
	sender.due = false;
	pthread_mutex_unlock(&sender.lock);
	return rc;
}

/* An acknowledgement makes room for a request that waits: wake the sender. */
int __wrap_MQTTProtocol_handlePubacks(void *packet, int fd, void **sent)
{
	int rc = __real_MQTTProtocol_handlePubacks(packet, fd, sent);

	paho_wake_sender();
	return rc;
}

int __wrap_MQTTProtocol_handlePubcomps(void *packet, int fd, void **sent)
{
	int rc = __real_MQTTProtocol_handlePubcomps(packet, fd, sent);

	paho_wake_sender();
	return rc;
}

int __wrap_MQTTProtocol_handlePublishes(void *packet, int fd)
{
	return inbound_publish(packet, fd);
}

int __wrap_MQTTProtocol_handlePubrels(void *packet, int fd)
{
	inbound_pubrel(packet, fd);
	return __real_MQTTProtocol_handlePubrels(packet, fd);
}

/*
 * The interval in which paho looks whether a ping is due is one for all
 * clients, that of the last one connected.  Take the shortest, 100 ms.
 */
void __wrap_setRetryLoopInterval(int keepalive)
{
	(void)keepalive;
	__real_setRetryLoopInterval(1);
}

/* Ids go on where the session's last link ended, see session_next_id(). */
static _Thread_local uint16_t next_id;

void paho_next_id(uint16_t id)
{
	next_id = id;
}

int __wrap_MQTTAsync_assignMsgId(void *handle)
{
	(void)handle;
	return next_id;
}

/*
 * Takes the payloads of requests that wait off a handle that is destroyed,
 * as if the in-flight list had them; it has not, and they were lost.
 */
void __wrap_MQTTAsync_NULLPublishCommands(void *handle)
{
	(void)handle;
}

static bool check_publish(void)
{
	char data[] = { 0, 1, 't', 0x12, 0x34, 'p', 'q' };
	struct paho_publish *p;
	bool ok;

	p = MQTTPacket_publish(4, PACKET_PUBLISH, data, sizeof(data));
	if (!p)
		return false;
	ok = (p->header & 0xff) == PACKET_PUBLISH && p->topic &&
	     p->topic_len == 1 && !strcmp(p->topic, "t") && p->id == 0x1234 &&
	     p->payload == data + 5 && p->payload_len == 2 && p->version == 4;
	MQTTPacket_freePublish(p);
	return ok;
}

static bool check_ack(void)
{
	char data[] = { 0x12, 0x34 };
	struct paho_ack *a;
	bool ok;

	a = MQTTPacket_ack(4, PACKET_PUBREL, data, sizeof(data));
	if (!a)
		return false;
	ok = (a->header & 0xff) == PACKET_PUBREL && a->id == 0x1234;
	glue_free(a);
	return ok;
}

bool paho_start(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, init_sender);
	return check_publish() && check_ack();
}
