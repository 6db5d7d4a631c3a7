// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * objcopy --redefine-sym turns what paho's archive calls of the C library
 * into what is here: poll() into paho_poll(), and so on (see mqtt.mk).
 *
 * paho has a lock for each of its lists.  A coroutine stops in poll(), in
 * usleep() and in pthread_cond_timedwait() only, where paho holds none of
 * them; so locks are nothing.
 *
 * It mends what 1.3.12 does badly: it polls a set that may be stale for a
 * second, sleeps 100 ms after each poll in which nothing came, forgets a
 * signal that is given while nobody waits for it, and frees a packet whose
 * write failed although it is still queued: no write fails here.
 */
#include "daemon/mqtt/paho_os.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/lib/coroutine.h"
#include "daemon/mqtt/heap.h"

#define FAKE_NET	0xf0000000u	/* 240.0.0.0, class E: never real */
#define FAKE_IDS	0x0fffffffu
#define FD_FIRST	1
#define WAIT_MS		1000		/* none of paho's waits is longer */
#define THREADS		2

/* One of paho's: its sender or its receiver. */
struct thread {
	struct coroutine *coroutine;	/* NULL: there is none */
	void *(*run)(void *ctx);
	void *ctx;
	uint64_t due;			/* it goes on then, by the loop's clock */
	bool woken;			/* or now */
};

static struct {
	uv_loop_t *loop;
	uv_timer_t timer;		/* the next thread is due */
	struct thread thread[THREADS];
	struct thread *running;		/* NULL: the loop itself */
	struct thread *sender;		/* who waits for a signal... */
	struct thread *receiver;	/* ...and who for a socket */
	LIST_HEAD(, paho_socket) sockets;
	struct paho_socket **fds;	/* by number; NULL: free */
	size_t n_fds;
	unsigned int connected;		/* of them */
	uint32_t last_id;
} os;

/* What socket() has given out and connect() has not named. */
static struct paho_socket unnamed;

/* ---- threads ---- */

/* One that has not begun to wait for anything runs anyway. */
static void wake(struct thread *t)
{
	if (t)
		t->woken = true;
}

static struct thread *next_due(void)
{
	uint64_t now = uv_now(os.loop);

	for (int i = 0; i < THREADS; i++) {
		struct thread *t = &os.thread[i];

		if (t->coroutine && (t->woken || t->due <= now))
			return t;
	}
	return NULL;
}

static void on_timer(uv_timer_t *timer)
{
	(void)timer;
	paho_run();
}

static void arm_timer(void)
{
	uint64_t now = uv_now(os.loop);
	uint64_t due = UINT64_MAX;

	for (int i = 0; i < THREADS; i++)
		if (os.thread[i].coroutine && os.thread[i].due < due)
			due = os.thread[i].due;
	if (due == UINT64_MAX)
		uv_timer_stop(&os.timer);
	else
		uv_timer_start(&os.timer, on_timer, due - now, 0);
}

static void end_thread(struct thread *t)
{
	coroutine_free(t->coroutine);
	t->coroutine = NULL;
	if (os.sender == t)
		os.sender = NULL;
	if (os.receiver == t)
		os.receiver = NULL;
}

static void resume(struct thread *t)
{
	os.running = t;
	if (!coroutine_resume(t->coroutine))
		end_thread(t);
	os.running = NULL;
}

void paho_run(void)
{
	struct thread *t;

	if (os.running)
		return;
	while ((t = next_due()))
		resume(t);
	arm_timer();
}

/* A wake that came before it waits counts. */
static void wait_ms(unsigned int ms)
{
	struct thread *t = os.running;

	t->due = uv_now(os.loop) + ms;
	if (!t->woken)
		coroutine_yield();
	t->woken = false;
	t->due = UINT64_MAX;
}

static void run_thread(void *ctx)
{
	struct thread *t = ctx;

	t->run(t->ctx);
}

/* It begins when paho's own call has returned. */
int paho_pthread_create(pthread_t *id, const pthread_attr_t *attr,
			void *(*run)(void *), void *ctx)
{
	struct thread *t = os.thread;

	(void)attr;
	while (t->coroutine)
		t++;
	*t = (struct thread){ .run = run, .ctx = ctx, .woken = true };
	t->coroutine = heap_coroutine(run_thread, t);
	*id = pthread_self();
	return 0;
}

int paho_pthread_setname_np(pthread_t thread, const char *name)
{
	(void)thread;
	(void)name;
	return 0;
}

int paho_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	(void)mutex;
	return 0;
}

int paho_pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	(void)mutex;
	return 0;
}

int paho_pthread_cond_signal(pthread_cond_t *cond)
{
	(void)cond;
	wake(os.sender);
	return 0;
}

int paho_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
				const struct timespec *until)
{
	(void)cond;
	(void)mutex;
	(void)until;
	os.sender = os.running;
	wait_ms(WAIT_MS);
	return 0;
}

/*
 * The receiver sleeps here when it has no socket, and after each poll in
 * which nothing came; from outside paho waits for its threads to end.
 */
int paho_usleep(unsigned int us)
{
	(void)us;
	if (!os.running) {
		wake(os.sender);
		wake(os.receiver);
		paho_run();
		return 0;
	}
	os.receiver = os.running;
	if (!os.connected)
		wait_ms(WAIT_MS);
	return 0;
}

/* ---- sockets ---- */

static struct paho_socket *find_fd(int fd)
{
	size_t i = (size_t)fd - FD_FIRST;

	return i < os.n_fds ? os.fds[i] : NULL;
}

static struct paho_socket *find_id(uint32_t id)
{
	struct paho_socket *s;

	LIST_FOREACH(s, &os.sockets, entry)
		if (s->id == id)
			return s;
	return NULL;
}

void paho_socket_add(struct paho_socket *s)
{
	do {
		os.last_id = (os.last_id + 1) & FAKE_IDS;
	} while (!os.last_id || find_id(os.last_id));
	s->id = os.last_id;
	s->fd = 0;
	s->in_at = s->in_len = 0;
	s->ended = s->news = false;
	LIST_INSERT_HEAD(&os.sockets, s, entry);
}

void paho_socket_remove(struct paho_socket *s)
{
	LIST_REMOVE(s, entry);
}

void paho_uri(const struct paho_socket *s, char uri[PAHO_URI_MAX])
{
	struct in_addr a = { htonl(FAKE_NET | s->id) };

	snprintf(uri, PAHO_URI_MAX, "tcp://%s:1", inet_ntoa(a));
}

static void tell(struct paho_socket *s)
{
	s->news = true;
	wake(os.receiver);
	paho_run();
}

void paho_give(struct paho_socket *s, const void *packet, size_t len)
{
	memcpy(s->in, packet, len);
	s->in_at = 0;
	s->in_len = len;
	tell(s);
}

void paho_end(struct paho_socket *s)
{
	s->ended = true;
	tell(s);
}

static bool grow_fds(void)
{
	size_t n = os.n_fds ? 2 * os.n_fds : 16;
	struct paho_socket **fds = realloc(os.fds, n * sizeof(fds[0]));

	if (!fds)
		return false;
	memset(fds + os.n_fds, 0, (n - os.n_fds) * sizeof(fds[0]));
	os.fds = fds;
	os.n_fds = n;
	return true;
}

int paho_socket(int domain, int type, int protocol)
{
	size_t i;

	(void)domain;
	(void)type;
	(void)protocol;
	for (i = 0; i < os.n_fds && os.fds[i]; i++)
		;
	if (i == os.n_fds && !grow_fds()) {
		errno = EMFILE;
		return -1;
	}
	os.fds[i] = &unnamed;
	return FD_FIRST + (int)i;
}

/* paho connects when the connection stands: it does so at once. */
int paho_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)to;
	struct paho_socket *s;

	(void)len;
	s = find_id(ntohl(in->sin_addr.s_addr) & FAKE_IDS);
	if (!s || s->fd || find_fd(fd) != &unnamed) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	os.fds[fd - FD_FIRST] = s;
	s->fd = fd;
	os.connected++;
	return 0;
}

int paho_close(int fd)
{
	struct paho_socket *s = find_fd(fd);

	if (!s) {
		errno = EBADF;
		return -1;
	}
	os.fds[fd - FD_FIRST] = NULL;
	if (s != &unnamed) {
		s->fd = 0;
		os.connected--;
		s->closed(s);
	}
	return 0;
}

/* paho shuts what it closes at once. */
int paho_shutdown(int fd, int how)
{
	(void)fd;
	(void)how;
	return 0;
}

int paho_fcntl(int fd, int command, ...)
{
	(void)fd;
	(void)command;
	return 0;
}

/* How a connect() ended. */
int paho_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	(void)fd;
	(void)level;
	(void)name;
	memset(value, 0, *len);
	return 0;
}

/* Only the literal addresses of paho_uri() are asked for. */
static struct {
	struct addrinfo info;
	struct sockaddr_in address;
} found;

int paho_getaddrinfo(const char *name, const char *service,
		     const struct addrinfo *hints, struct addrinfo **result)
{
	(void)service;
	(void)hints;
	found.address.sin_family = AF_INET;
	if (!inet_aton(name, &found.address.sin_addr))
		return EAI_NONAME;
	found.info.ai_family = AF_INET;
	found.info.ai_addr = (struct sockaddr *)&found.address;
	found.info.ai_addrlen = sizeof(found.address);
	*result = &found.info;
	return 0;
}

void paho_freeaddrinfo(struct addrinfo *result)
{
	(void)result;
}

ssize_t paho_recv(int fd, void *buf, size_t len, int flags)
{
	struct paho_socket *s = find_fd(fd);
	size_t n = s ? s->in_len - s->in_at : 0;

	(void)flags;
	if (!n && (!s || s->ended))
		return 0;
	if (!n) {
		errno = EAGAIN;
		return -1;
	}
	n = n < len ? n : len;
	memcpy(buf, s->in + s->in_at, n);
	s->in_at += n;
	return (ssize_t)n;
}

ssize_t paho_writev(int fd, const struct iovec *iov, int count)
{
	struct paho_socket *s = find_fd(fd);
	ssize_t total = 0;

	if (s && s != &unnamed)
		s->written(s, iov, count);
	for (int i = 0; i < count; i++)
		total += (ssize_t)iov[i].iov_len;
	return total;
}

/*
 * Each news is told once: what paho does not read, whyever, does not make it
 * spin.
 */
static int look(struct pollfd *fds, nfds_t count)
{
	struct paho_socket *s;
	int ready = 0;

	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = 0;
		s = find_fd(fds[i].fd);
		if (!s || !s->news)
			continue;
		s->news = false;
		fds[i].revents = POLLIN;
		ready++;
	}
	return ready;
}

static unsigned int until_ping(void)
{
	struct paho_socket *s;
	unsigned int ms = WAIT_MS;

	LIST_FOREACH(s, &os.sockets, entry)
		if (s->ping_ms && s->ping_ms < ms)
			ms = s->ping_ms;
	return ms;
}

/*
 * Without a time-out paho asks what can be written: everything.  Then it
 * waits for input, by a set that may be older than a socket.
 */
int paho_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	int ready;

	if (!timeout) {
		for (nfds_t i = 0; i < count; i++)
			fds[i].revents = POLLOUT;
		return (int)count;
	}
	os.receiver = os.running;
	ready = look(fds, count);
	if (ready)
		return ready;
	wait_ms(until_ping());
	return look(fds, count);
}

/* ---- functions of paho's own ---- */

/*
 * The interval in which paho looks whether a ping is due is one for all
 * clients, that of the last one connected.  Take the shortest, 100 ms.
 */
void __real_setRetryLoopInterval(int keepalive);
void __wrap_setRetryLoopInterval(int keepalive)
{
	(void)keepalive;
	__real_setRetryLoopInterval(1);
}

/* Ids go on where the session's last link ended, see link.c. */
static uint16_t next_id;

void paho_next_id(uint16_t id)
{
	next_id = id;
}

int __wrap_MQTTAsync_assignMsgId(void *handle)
{
	(void)handle;
	return next_id;
}

/* ---- its life ---- */

void paho_start(uv_loop_t *loop)
{
	os.loop = loop;
	uv_timer_init(loop, &os.timer);
}

/* No handle is left, so no thread is; one that was half-made may hold them. */
void paho_stop(void)
{
	for (int i = 0; i < THREADS; i++)
		end_thread(&os.thread[i]);
	free(os.fds);
	os.fds = NULL;
	os.n_fds = 0;
	uv_close((uv_handle_t *)&os.timer, NULL);
}
