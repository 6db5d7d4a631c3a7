/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The memory of paho's archive.  paho goes on with whatever it did when it
 * gets none, and corrupts its heap: so it always gets some.  A reserve bridges
 * a short need; when that is used up, too, the process ends in order, to be
 * started anew.
 */
#ifndef ATMQTT_MQTT_HEAP_H
#define ATMQTT_MQTT_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/lib/coroutine.h"

/*
 * Sets the reserve aside.  @spent is called when it was needed, from within
 * paho.  0 or -ENOMEM.
 */
int heap_start(void (*spent)(void *ctx), void *ctx);
void heap_stop(void);

/* Sets a new reserve aside.  False: there is no memory for one yet. */
bool heap_renew(void);

/*
 * paho's heap.  A block of myfree() is of these functions, or NULL; it is
 * wiped, as it may hold a password.  None of them returns NULL.
 */
void *mymalloc(char *file, int line, size_t size);
void *myrealloc(char *file, int line, void *p, size_t size);
void myfree(char *file, int line, void *p);

/* What its archive would call of the C library: see MQTT_CALLS. */
void *paho_malloc(size_t size);
void *paho_calloc(size_t count, size_t size);
void *paho_realloc(void *p, size_t size);
void paho_free(void *p);

/* coroutine_new(), for one of paho's threads; never NULL. */
struct coroutine *heap_coroutine(void (*run)(void *ctx), void *ctx);

#endif /* ATMQTT_MQTT_HEAP_H */
