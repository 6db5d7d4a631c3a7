/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The operating system that paho sees.  Its two threads are coroutines of
 * the loop's thread, which go on when there is something for them to do and
 * stop where they would wait; its sockets are numbers of ours.
 *
 * Whoever calls a function of paho's calls paho_run() afterwards: all that
 * follows from the call is done then, and the callbacks have been called.
 * Those only queue.
 */
#ifndef ATMQTT_MQTT_PAHO_OS_H
#define ATMQTT_MQTT_PAHO_OS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/uio.h>
#include <uv.h>

#define PAHO_URI_MAX	32
#define PAHO_PACKET_MAX	8	/* what paho is given is never longer */

/* A connection of paho's; embedded in its owner. */
struct paho_socket {
	/* paho writes a packet, or closes; not to be waited for. */
	void (*written)(struct paho_socket *s, const struct iovec *iov,
			int count);
	void (*closed)(struct paho_socket *s);
	unsigned int ping_ms;	/* look at least so often for pings; 0: never */

	/* Below: paho_os.c's. */
	LIST_ENTRY(paho_socket) entry;
	uint32_t id;		/* made-up address 240.0.0.0 + id */
	int fd;			/* as paho knows it; 0: it does not */
	uint8_t in[PAHO_PACKET_MAX];	/* what paho has not read */
	size_t in_at, in_len;
	bool ended;		/* nothing more comes */
	bool news;		/* poll() has not told of it */
};

/* paho's state is one for the process. */
void paho_start(uv_loop_t *loop);
void paho_stop(void);

void paho_socket_add(struct paho_socket *s);
void paho_socket_remove(struct paho_socket *s);

/* What to give to paho as the server's address. */
void paho_uri(const struct paho_socket *s, char uri[PAHO_URI_MAX]);

/* A packet for paho, which has read all others; or the end. */
void paho_give(struct paho_socket *s, const void *packet, size_t len);
void paho_end(struct paho_socket *s);

/* Lets paho do what there is to do.  From within paho it does nothing. */
void paho_run(void);

/* The id that the next request gets. */
void paho_next_id(uint16_t id);

#endif /* ATMQTT_MQTT_PAHO_OS_H */
