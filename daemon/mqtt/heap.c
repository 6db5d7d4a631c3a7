// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Stand-ins for paho's heap tracker and call tracer, too, which cost four
 * times the work of a publish.
 */
#include "daemon/mqtt/heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/lib/log.h"

/*
 * The largest publish is 16 KiB; paho has it twice at a time, once in the
 * request and once as a packet.  As much again is for all the small blocks.
 */
#define RESERVE	(64 * 1024)

/* A block; what paho sees of it is the data. */
struct block {
	size_t size;		/* of the data, as it was asked for */
	_Alignas(max_align_t) char data[];
};

static struct {
	void *reserve;		/* NULL: it is spent */
	unsigned int needed;	/* how often it was */
	void (*spent)(void *ctx);
	void *ctx;
} heap;

/* ---- the reserve ---- */

bool heap_renew(void)
{
	static unsigned int told;
	unsigned int needed = heap.needed;

	if (!heap.reserve)
		heap.reserve = malloc(RESERVE);
	/* not each time: a shortage shall not be one of log space, too */
	if (needed != told && !(needed & (needed - 1)))
		log_warning("no memory: MQTT needed its reserve (%u)", needed);
	told = needed;
	return heap.reserve;
}

int heap_start(void (*spent)(void *ctx), void *ctx)
{
	heap.spent = spent;
	heap.ctx = ctx;
	return heap_renew() ? 0 : -ENOMEM;
}

void heap_stop(void)
{
	free(heap.reserve);
	heap.reserve = NULL;
	heap.spent = NULL;
}

/* paho is in the middle of its work: an exit() would go on with it. */
static _Noreturn void end_process(const char *what)
{
	log_error("no %s for MQTT: atmqttd ends, to be started anew", what);
	_exit(EX_OSERR);
}

/* For another try. */
static void spend_reserve(void)
{
	if (!heap.reserve)
		return;
	free(heap.reserve);
	heap.reserve = NULL;
	heap.needed++;
	if (heap.spent)
		heap.spent(heap.ctx);
}

/* ---- the heap ---- */

static void *allocate(size_t size)
{
	void *p = malloc(size);

	if (p)
		return p;
	spend_reserve();
	return malloc(size);
}

void *paho_malloc(size_t size)
{
	struct block *b = NULL;
	size_t whole;

	if (!__builtin_add_overflow(size, sizeof(*b), &whole))
		b = allocate(whole);
	if (!b)
		end_process("memory");
	b->size = size;
	return b->data;
}

static struct block *block_of(void *p)
{
	return (struct block *)((char *)p - offsetof(struct block, data));
}

void paho_free(void *p)
{
	if (!p)
		return;
	explicit_bzero(p, block_of(p)->size);
	free(block_of(p));
}

void *paho_calloc(size_t count, size_t size)
{
	size_t whole;
	void *p;

	if (__builtin_mul_overflow(count, size, &whole))
		end_process("memory");
	p = paho_malloc(whole);
	memset(p, 0, whole);
	return p;
}

/* It moves by hand: realloc() would leave the old block as it is. */
void *paho_realloc(void *p, size_t size)
{
	void *moved;

	if (p && block_of(p)->size >= size)
		return p;
	moved = paho_malloc(size);
	if (p)
		memcpy(moved, p, block_of(p)->size);
	paho_free(p);
	return moved;
}

void *mymalloc(char *file, int line, size_t size)
{
	(void)file;
	(void)line;
	return paho_malloc(size);
}

void *myrealloc(char *file, int line, void *p, size_t size)
{
	(void)file;
	(void)line;
	return paho_realloc(p, size);
}

void myfree(char *file, int line, void *p)
{
	(void)file;
	(void)line;
	paho_free(p);
}

int Heap_initialize(void)
{
	return 0;
}

void Heap_terminate(void)
{
}

/* ---- threads ---- */

/*
 * paho does not look whether it got its thread, and never tries again: no
 * link would be opened any more.
 */
struct coroutine *heap_coroutine(void (*run)(void *ctx), void *ctx)
{
	struct coroutine *c = coroutine_new(run, ctx);

	if (c)
		return c;
	spend_reserve();
	c = coroutine_new(run, ctx);
	if (!c)
		end_process("stack");
	return c;
}

/* ---- the call tracer ---- */

void StackTrace_entry(const char *name, int line, int trace)
{
	(void)name;
	(void)line;
	(void)trace;
}

void StackTrace_exit(const char *name, int line, void *rc, int trace)
{
	(void)name;
	(void)line;
	(void)rc;
	(void)trace;
}
