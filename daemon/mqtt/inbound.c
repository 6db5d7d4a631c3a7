// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/mqtt/client.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/link.h"
#include "daemon/mqtt/paho.h"
#include "daemon/mqtt/session.h"

static struct link *find_link(int fd)
{
	struct conn *conn = conn_find(fd);

	return conn ? container_of(conn, struct link, conn) : NULL;
}

static size_t held_size(const struct inbound *in)
{
	return MQTT_HELD_EACH + in->msg.topic_len + in->msg.payload_len;
}

static struct inbound *inbound_new(const struct paho_publish *p,
				   struct link *link)
{
	struct inbound *in;

	in = calloc(1, sizeof(*in) + p->topic_len + p->payload_len);
	if (!in)
		return NULL;
	memcpy(in->data, p->topic, p->topic_len);
	memcpy(in->data + p->topic_len, p->payload, p->payload_len);
	in->msg.topic = in->data;
	in->msg.topic_len = p->topic_len;
	in->msg.payload = in->data + p->topic_len;
	in->msg.payload_len = p->payload_len;
	in->msg.cut = door_cut(&link->conn.door);
	in->msg.qos = PAHO_QOS(p);
	in->msg.retained = PAHO_RETAIN(p);
	in->dup = PAHO_DUP(p);
	in->id = p->id;
	in->link = link;
	in->event.type = EVENT_MESSAGE;
	in->event.link = link;
	in->held = held_get(link->conn.held);
	held_add(in->held, held_size(in));
	return in;
}

/*
 * Under paho's lock.  The payload is in paho's receive buffer, so the packet
 * that is kept for the acknowledgement gets an empty one.  A message that
 * there is no memory for stays at the broker, which sends it again when the
 * link is opened anew; one of QoS 0 is gone.
 */
int inbound_publish(void *packet, int fd)
{
	static char empty[1];
	struct paho_publish *p = packet;
	struct link *link = find_link(fd);
	struct inbound *in = link ? inbound_new(p, link) : NULL;

	if (link && !in && PAHO_QOS(p))
		conn_cut(&link->conn, "no memory");
	if (!in || in->msg.qos == 0) {
		MQTTPacket_freePublish(packet);
	} else {
		p->payload = empty;
		p->payload_len = 0;
		in->packet = packet;
	}
	if (in)
		mqtt_event(link->mqtt, &in->event);
	return 0;
}

void inbound_pubrel(void *packet, int fd)
{
	const struct paho_ack *ack = packet;
	struct link *link = find_link(fd);
	struct release *r = link ? calloc(1, sizeof(*r)) : NULL;

	if (!r)
		return;
	r->held = held_get(link->conn.held);
	held_add(r->held, sizeof(*r));
	r->id = ack->id;
	r->event.type = EVENT_RELEASE;
	r->event.link = link;
	mqtt_event(link->mqtt, &r->event);
}

void release_free(struct release *release)
{
	held_sub(release->held, sizeof(*release));
	held_put(release->held);
	free(release);
}

void inbound_free(struct inbound *in)
{
	if (in->packet)
		MQTTPacket_freePublish(in->packet);
	held_sub(in->held, held_size(in));
	held_put(in->held);
	free(in);
}

/* Worker: paho takes the packet as if it had come now. */
static void acknowledge(struct job *job)
{
	struct inbound *in = container_of(job, struct inbound, job);
	int fd;

	Thread_lock_mutex(mqttasync_mutex);
	fd = conn_fd(&in->link->conn);
	if (fd >= 0) {
		__real_MQTTProtocol_handlePublishes(in->packet, fd);
		in->packet = NULL;
	}
	Thread_unlock_mutex(mqttasync_mutex);
	inbound_free(in);
}

void inbound_acknowledge(struct inbound *in)
{
	if (!in->packet || !in->link) {
		inbound_free(in);
		return;
	}
	in->job.run = acknowledge;
	mqtt_job(in->link->mqtt, &in->job);
}

/* The broker repeats what the owner still holds: that will acknowledge it. */
static bool adopt(struct session *session, struct inbound *in)
{
	struct inbound *held = session_find(session, in);

	if (!held)
		return false;
	if (held->packet)
		MQTTPacket_freePublish(held->packet);
	held->packet = in->packet;
	held->link = in->link;
	in->packet = NULL;
	inbound_free(in);
	return true;
}

/*
 * A QoS 2 message whose id is not released yet came before, if its DUP says
 * so, too (3.3.1-1): better twice than swallowed.
 */
void inbound_deliver(struct inbound *in)
{
	struct link *link = in->link;
	struct session *session = link->session;

	if (!link->client || !client_takes_messages(link->client)) {
		inbound_free(in);
		return;
	}
	if (in->msg.qos == 0) {
		in->link = NULL;
	} else if (adopt(session, in)) {
		return;
	} else if (in->msg.qos == 2 && in->dup &&
		   session_knows(session, in->id)) {
		inbound_acknowledge(in);
		return;
	} else {
		session_hold(session, in);
		if (in->msg.qos == 2)
			session_know(session, in->id, true);
		if (session->known_count > SESSION_KNOWN_MAX)
			conn_cut(&link->conn,
				 "too many messages not released");
	}
	client_message(link->client, &in->msg);
}

void mqtt_message_end(struct mqtt_message *msg)
{
	struct inbound *in = container_of(msg, struct inbound, msg);

	session_unhold(in);
	inbound_acknowledge(in);
}

void mqtt_message_drop(struct mqtt_message *msg)
{
	struct inbound *in = container_of(msg, struct inbound, msg);

	if (in->session && msg->qos == 2)
		session_know(in->session, in->id, false);
	session_unhold(in);
	inbound_free(in);
}
