/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * For the live tests of daemon/mqtt: a loop, clients that record what they
 * are told, brokers and other listeners on loopback ports.
 */
#ifndef ATMQTT_TESTS_MQTT_HARNESS_H
#define ATMQTT_TESTS_MQTT_HARNESS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

#include "daemon/mqtt/mqtt.h"

#define MESSAGES_MAX	4096

/* A client and what it was told. */
struct peer {
	struct mqtt_client *client;
	int opened, failed, closed, lost;
	int done_ok, done_bad;
	uint32_t last_token;
	struct mqtt_reason why;
	bool hold;			/* keep messages, do not end them */
	struct mqtt_message *held[MESSAGES_MAX];
	int held_count;
	int received;
	char last_topic[MQTT_TOPIC_MAX + 1];
	unsigned char last_payload[4096];	/* or its start */
	size_t last_len;
	size_t last_full_len;		/* as the broker sent it */
	uint8_t last_qos;
	bool last_retained;
	int numbers[MESSAGES_MAX];	/* payloads read as numbers, in order */
};

extern uv_loop_t loop;
extern struct mqtt *mqtt;

/* Runs the loop until @cond or for @ms; false: it did not come. */
#define WAIT(cond, ms)                                         \
	({                                                     \
		uint64_t end_ = now_ms() + (ms);               \
		while (!(cond) && now_ms() < end_)             \
			run_once();                            \
		!!(cond);                                      \
	})
#define ASSERT_WAIT(cond, ms) assert_true(WAIT(cond, ms))

uint64_t now_ms(void);
void run_once(void);
void run_for(unsigned int ms);

int harness_start(void **state);
int harness_stop(void **state);

/* Fails the test when it cannot be made. */
struct peer *peer_new(void);
void peer_free(struct peer *peer);
void peer_end_all(struct peer *peer);
void peer_drop_all(struct peer *peer);

/* Opens and waits; the result is in opened, failed and why. */
void peer_open(struct peer *peer, const struct mqtt_open *args);
void peer_close(struct peer *peer);
void peer_subscribe(struct peer *peer, const char *filter, int qos);
void peer_publish(struct peer *peer, const char *topic, int qos,
		  const void *payload, size_t len);

/* A clean plain session on @port with a client id of its own. */
struct mqtt_open plain_args(int port, const char *client_id);

/* A broker with these listeners; the same again after broker_kill(). */
struct broker {
	pid_t pid;
	char name[32];
	int plain, auth, tls, other_host, expired, mtls, tls13;
	int plain6, tls6, other_host6;	/* 0: this machine has no IPv6 */
};

void broker_config(struct broker *broker, const char *name);
void broker_start(struct broker *broker, const char *openssl_conf);
void broker_kill(struct broker *broker, int sig);

/* A path in the test's directory; static memory, four at a time. */
const char *test_path(const char *name);
int free_port(void);

/* File descriptors of this process. */
int open_files(void);

/* Its memory; and since then it was at no time 2 MiB more. */
size_t memory_mark(void);
void assert_no_growth(size_t mark);

/*
 * An optimised build without a checker that has memory of its own; and how
 * often to do what is done often, 1000 times with MQTT_TEST_CYCLES=1000.
 */
bool is_plain_build(void);
int cycles(void);

/* A TCP listener that never answers; its socket. */
int silent_listener(int *port);

#endif /* ATMQTT_TESTS_MQTT_HARNESS_H */
