// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "world.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sanitizer/allocator_interface.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <MQTTAsync.h>

#include "daemon/mqtt/client.h"
#include "daemon/mqtt/glue.h"
#include "daemon/mqtt/heap.h"
#include "daemon/mqtt/inbound.h"
#include "daemon/mqtt/paho.h"
#include "daemon/mqtt/session.h"

/* The fuzzer looks for new ways through the product, not through this. */
#pragma clang attribute push(__attribute__((no_sanitize("coverage"))), \
			     apply_to = function)

#define FD_FIRST	900
#define WIRES		16
#define POLLS_MAX	5000	/* that bring nothing: a thread that spins */
#define ROUNDS_MAX	1500	/* more than requests, of which each has one */
#define LINGER_MS	2000	/* then glue.c has closed all sockets */
#define HARMLESS_MAX	1024
#define HEAP_SPARE	(64 * 1024)	/* for paho's buffers, which it keeps */

extern volatile int MQTTAsync_tostop;
void *MQTTAsync_receiveThread(void *ctx);
void *MQTTAsync_sendThread(void *ctx);

struct world world;

static struct wire wires[WIRES];
static unsigned int next_wire;
static unsigned int polls;	/* since a byte went or came */
static size_t heap;		/* bytes when the run began */
static bool busy;		/* somebody did something in this round */

/* The loop's one timer, the client's, and its end. */
static struct {
	uv_timer_t *handle;
	uv_timer_cb cb;
	uint64_t due;
	uv_handle_t *closing;
	uv_close_cb closed;
} timer;

void check(bool ok)
{
	if (!ok)
		abort();
}

/*
 * Sockets
 */

static struct wire *find_wire(int fd)
{
	if (fd < FD_FIRST || fd >= FD_FIRST + WIRES)
		return NULL;
	return wires[fd - FD_FIRST].open ? &wires[fd - FD_FIRST] : NULL;
}

void wire_put(struct wire *w, const void *bytes, size_t len)
{
	if (w->reset)
		return;
	if (len > WIRE_SIZE - w->rx_len)
		len = WIRE_SIZE - w->rx_len;
	if (len)
		memcpy(w->rx + w->rx_len, bytes, len);
	w->rx_len += len;
}

void wire_reset(struct wire *w, int end)
{
	w->reset = true;
	w->rx_at = w->rx_len;
	w->rx_limit = WIRE_SIZE;
	w->rx_end = end;
}

static size_t readable(const struct wire *w)
{
	size_t end = w->rx_len < w->rx_limit ? w->rx_len : w->rx_limit;

	return end - w->rx_at;
}

static bool at_end(const struct wire *w)
{
	return w->rx_end && w->rx_at == w->rx_len;
}

int __wrap_socket(int domain, int type, int protocol)
{
	struct wire *w;
	unsigned int i;

	(void)domain;
	(void)type;
	(void)protocol;
	for (i = 0; i < WIRES; i++) {
		w = &wires[next_wire++ % WIRES];
		if (w->open)
			continue;
		*w = (struct wire){ .rx = w->rx, .tx = w->tx, .open = true,
				    .rx_limit = WIRE_SIZE,
				    .tx_room = WIRE_SIZE };
		world.sockets++;
		return FD_FIRST + (int)(w - wires);
	}
	errno = EMFILE;
	return -1;
}

int __real_close(int fd);
int __wrap_close(int fd)
{
	struct wire *w = find_wire(fd);

	if (!w)
		return __real_close(fd);
	w->open = false;
	world.sockets--;
	if (world.wire == w)
		world.wire = NULL;
	return 0;
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	struct wire *w = find_wire(fd);

	(void)to;
	(void)len;
	check(w);
	world.wire = w;
	w->connect_errno = world.connect_errno;
	errno = w->connect_errno;
	w->connected = !errno || errno == EINPROGRESS;
	return errno ? -1 : 0;
}

int __wrap_shutdown(int fd, int how)
{
	struct wire *w = find_wire(fd);

	(void)how;
	check(w);
	wire_reset(w, -1);
	return 0;
}

/* Of paho's sockets, and of a pair by which 1.3.16 wakes its threads. */
int __wrap_fcntl(int fd, int command, ...)
{
	(void)fd;
	(void)command;
	return 0;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	(void)buf;
	(void)flags;
	check(!find_wire(fd));
	return (ssize_t)len;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value,
		      socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *value,
		      socklen_t *len)
{
	check(find_wire(fd) && level == SOL_SOCKET && *len == sizeof(int));
	*(int *)value = name == SO_ERROR && find_wire(fd)->rx_end > 0 ?
				find_wire(fd)->rx_end :
				0;
	return 0;
}

/* What is unread; what the wire has taken is sent. */
int __wrap_ioctl(int fd, unsigned long request, int *value)
{
	check(find_wire(fd));
	*value = request == FIONREAD ? (int)readable(find_wire(fd)) : 0;
	return 0;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	struct wire *w = find_wire(fd);
	size_t n = w ? readable(w) : 0;

	(void)flags;
	if (!len)
		return 0;
	if (w && w->chunks && n > w->rx_chunk)
		n = w->rx_chunk;
	if (n && w->chunk_given)
		n = 0;
	else if (n == 0 && w && at_end(w) && w->rx_end < 0)
		return 0;
	if (n == 0) {
		errno = w && at_end(w) ? w->rx_end : EAGAIN;
		return -1;
	}
	n = n < len ? n : len;
	memcpy(buf, w->rx + w->rx_at, n);
	w->rx_at += n;
	w->chunk_given = w->chunks;
	w->chunks -= w->chunk_given;
	busy = true;
	polls = 0;
	return (ssize_t)n;
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct wire *w = find_wire(fd);
	ssize_t sent = 0;
	size_t i, n;

	(void)flags;
	check(w);
	if (w->reset || !w->tx_room) {
		errno = w->reset ? EPIPE : EAGAIN;
		return -1;
	}
	for (i = 0; i < msg->msg_iovlen; i++) {
		n = msg->msg_iov[i].iov_len;
		n = n < w->tx_room ? n : w->tx_room;
		check(n <= WIRE_SIZE - w->tx_len);
		if (n)
			memcpy(w->tx + w->tx_len, msg->msg_iov[i].iov_base, n);
		w->tx_len += n;
		w->tx_room -= n;
		sent += (ssize_t)n;
	}
	busy = true;
	polls = 0;
	return sent;
}

static short events_of(const struct pollfd *p)
{
	struct wire *w = find_wire(p->fd);
	short events = 0;

	if (!w || !w->connected)
		return 0;
	w->chunk_given = false;
	if (readable(w) || at_end(w))
		events |= POLLIN;
	if (w->tx_room || w->reset)
		events |= POLLOUT;
	events &= p->events;
	if (w->reset)
		events |= POLLHUP;	/* told in any case */
	return events;
}

/* The receive thread would wait here: its turn is over. */
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int ready = 0;
	nfds_t i;

	check(++polls < POLLS_MAX);
	for (i = 0; i < count; i++) {
		fds[i].revents = events_of(&fds[i]);
		ready += fds[i].revents != 0;
	}
	if (timeout && !ready)
		MQTTAsync_tostop = 1;
	return ready;
}

/*
 * Time and threads
 */

/* The fuzzer has its own use for a clock, between runs. */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (!world.now)
		return __real_clock_gettime(clock, now);
	now->tv_sec = (time_t)(world.now / 1000);
	now->tv_nsec = (long)(world.now % 1000) * 1000000;
	return 0;
}

int __wrap_usleep(useconds_t us)
{
	world.now += us / 1000;
	return 0;
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned int flags)
{
	(void)flags;
	memset(buf, 0xff, len);
	return (ssize_t)len;
}

/* It would name the fuzzer, at each turn anew. */
int __wrap_pthread_setname_np(pthread_t thread, const char *name)
{
	(void)thread;
	(void)name;
	return 0;
}

void __wrap_Thread_start(void *function, void *ctx)
{
	(void)function;
	(void)ctx;
}

/* The send thread would wait here. */
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
				  const struct timespec *until)
{
	(void)cond;
	(void)lock;
	(void)until;
	MQTTAsync_tostop = 1;
	return ETIMEDOUT;
}

/* Between turns nobody has a packet in its hands. */
void __wrap_glue_pause(void)
{
}

void __wrap_glue_resume(void)
{
}

/*
 * The loop
 */

int __wrap_uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
	(void)loop;
	timer.handle = handle;
	return 0;
}

int __wrap_uv_timer_start(uv_timer_t *handle, uv_timer_cb cb,
			  uint64_t timeout, uint64_t repeat)
{
	check(handle == timer.handle && !repeat && !timer.closing);
	timer.cb = cb;
	timer.due = world.now + timeout;
	return 0;
}

int __wrap_uv_timer_stop(uv_timer_t *handle)
{
	check(handle == timer.handle);
	timer.cb = NULL;
	return 0;
}

uint64_t __wrap_uv_timer_get_due_in(const uv_timer_t *handle)
{
	check(handle == timer.handle);
	return timer.cb && timer.due > world.now ? timer.due - world.now : 0;
}

void __wrap_uv_update_time(uv_loop_t *loop)
{
	(void)loop;
}

void __wrap_uv_close(uv_handle_t *handle, uv_close_cb cb)
{
	check(handle == (uv_handle_t *)timer.handle && !timer.closing);
	timer.cb = NULL;
	timer.closing = handle;
	timer.closed = cb;
}

/* In place of daemon/mqtt/mqtt.c, which has a thread for the jobs. */
void mqtt_job(struct mqtt *mqtt, struct job *job)
{
	job->next = NULL;
	*mqtt->jobs_end = job;
	mqtt->jobs_end = &job->next;
}

void mqtt_event(struct mqtt *mqtt, struct event *event)
{
	if (event->queued)
		return;
	event->queued = true;
	TAILQ_INSERT_TAIL(&mqtt->events, event, entry);
}

/*
 * Turns
 */

void world_work(void)
{
	struct mqtt *m = &world.mqtt;
	struct job *job;

	while ((job = m->jobs)) {
		m->jobs = job->next;
		if (!m->jobs)
			m->jobs_end = &m->jobs;
		job->run(job);
		busy = true;
	}
}

void world_send(void)
{
	polls = 0;
	MQTTAsync_sendThread(NULL);
	MQTTAsync_tostop = 0;
}

void world_receive(void)
{
	polls = 0;
	MQTTAsync_receiveThread(NULL);
	MQTTAsync_tostop = 0;
}

void world_loop(void)
{
	struct event_list *events = &world.mqtt.events;
	struct event *event;

	while ((event = TAILQ_FIRST(events))) {
		TAILQ_REMOVE(events, event, entry);
		event->queued = false;
		if (event->type == EVENT_MESSAGE)
			inbound_deliver(container_of(event, struct inbound,
						     event));
		else
			client_event(event);
		busy = true;
	}
}

void world_run(void)
{
	unsigned int rounds = 0;

	do {
		busy = false;
		world_work();
		world_send();
		world_receive();
		world_loop();
		check(++rounds < ROUNDS_MAX);
	} while (busy);
}

void world_sleep(uint64_t ms)
{
	uv_timer_cb cb = timer.cb;

	world.now += ms;
	if (!cb || timer.due > world.now)
		return;
	timer.cb = NULL;
	cb(timer.handle);
}

/* The keeper as in mqtt.c: without a handle paho would end itself. */
static void start_once(void)
{
	static MQTTAsync keeper;
	MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
	int i;

	if (wires[0].rx)
		return;
	for (i = 0; i < WIRES; i++) {
		wires[i].rx = malloc(WIRE_SIZE);
		wires[i].tx = malloc(WIRE_SIZE);
	}
	MQTTAsync_global_init(&options);
	check(!heap_start(NULL, NULL) && paho_start() && !glue_start());
	check(!MQTTAsync_create(&keeper, "tcp://240.0.0.0:1", "keeper",
				MQTTCLIENT_PERSISTENCE_NONE, NULL));
}

/*
 * Looking for leaks takes longer than a hundred runs.  So it is done when a
 * run left more behind than it found, by a number of bytes that has not been
 * seen to be paho's buffers.
 */
static void check_heap(size_t begun)
{
	static ssize_t kept, harmless[HARMLESS_MAX];
	static unsigned int n;
	ssize_t more = (ssize_t)__sanitizer_get_current_allocated_bytes() -
		       (ssize_t)begun;
	unsigned int i;

	kept += more;
	check(kept < HEAP_SPARE);
	if (more <= 0)
		return;
	for (i = 0; i < n; i++)
		if (harmless[i] == more)
			return;
	check(!__lsan_do_recoverable_leak_check());
	if (n < HARMLESS_MAX)
		harmless[n++] = more;
}

void world_begin(void)
{
	memset(&world, 0, sizeof(world));
	memset(&timer, 0, sizeof(timer));
	world.now = 1000000;
	next_wire = 0;
	LIST_INIT(&world.mqtt.sessions);
	TAILQ_INIT(&world.mqtt.events);
	world.mqtt.jobs_end = &world.mqtt.jobs;
	start_once();
	heap = __sanitizer_get_current_allocated_bytes();
}

/* The client has been freed. */
void world_end(void)
{
	world_run();
	world.now += LINGER_MS;
	world_receive();
	check(!world.sockets);
	session_free_all(&world.mqtt);
	check(timer.closing);
	timer.closed(timer.closing);
	check_heap(heap);
	world.now = 0;
}

#pragma clang attribute pop
