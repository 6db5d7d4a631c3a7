/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * daemon/mqtt and paho for a fuzzer.  The linker's --wrap puts this world in
 * place of sockets, clock and the loop's handles; all else is the product.
 */
#ifndef ATMQTT_FUZZ_WORLD_H
#define ATMQTT_FUZZ_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/mqtt/internal.h"

#define WIRE_SIZE	(512 * 1024)

/* A connection to the broker. */
struct wire {
	bool open;

	uint8_t *rx;		/* WIRE_SIZE bytes, what the broker sent */
	size_t rx_at, rx_len;
	size_t rx_limit;	/* bytes that may be read by now */
	size_t rx_chunk;	/* read at once... */
	unsigned int chunks;	/* so often; then any number */
	bool chunk_given;	/* poll() first */
	int rx_end;		/* behind them: 0 nothing, -1 the end, errno */

	uint8_t *tx;		/* WIRE_SIZE bytes, what the client sent */
	size_t tx_len;
	size_t tx_room;		/* bytes that it takes */
	bool reset;		/* nothing comes nor goes */
};

extern struct world {
	uint64_t now;		/* ms */
	struct mqtt mqtt;
	struct wire *wire;	/* the newest connection, or NULL */
	int connect_errno;	/* of the next one */
	unsigned int sockets;	/* that are open */
} world;

void check(bool ok);

/* Around each run.  Nothing may be left of paho or of the product. */
void world_begin(void);
void world_end(void);

/* Turns: of who connects, of the sockets, of the loop's events. */
void world_dial(void);
void world_io(void);
void world_loop(void);

/* All of them, until nothing is left to do. */
void world_run(void);

/* Later; the loop's timers go off. */
void world_sleep(uint64_t ms);

/* The broker sends; or the connection breaks, as @end says. */
void wire_put(struct wire *wire, const void *bytes, size_t len);
void wire_reset(struct wire *wire, int end);

#endif /* ATMQTT_FUZZ_WORLD_H */
