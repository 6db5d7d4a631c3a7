// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The system calls of paho's archive: objcopy --redefine-sym turns its
 * connect() into glue_connect(), and so on.
 *
 * Beside the made-up addresses they mend what 1.3.12 does badly: it polls a
 * set that may be stale for a second, sleeps 100 ms after each poll in which
 * nothing came, sets no TCP_NODELAY, does not see TLS data that was read
 * with the record before, and frees a packet whose write failed although it
 * is still queued.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "daemon/lib/noop.h"
#include "daemon/mqtt/conn.h"
#include "daemon/mqtt/glue.h"
#include "daemon/mqtt/paho.h"

#define IDLE_MS		1000
#define LINGER_MAX	64		/* sockets */
#define LINGER_MS	1000
#define DRAIN_SIZE	16384

static struct {
	pthread_mutex_t lock;
	int event;			/* eventfd, wakes the receive thread */
	pthread_cond_t cond;		/* of the next two */
	bool busy;			/* it does not wait for input */
	bool paused;			/* and shall not stop waiting */
	struct pollfd *set;		/* receive thread only */
	size_t set_size;
	struct linger_fd {
		int fd;
		uint64_t until;		/* by conn_now() */
	} linger[LINGER_MAX];
	size_t lingering;
} glue = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.cond = PTHREAD_COND_INITIALIZER,
	.event = -1,
};

/* This thread is paho's receive thread. */
static _Thread_local bool receiver;

/* One of paho's two, which are there now and then only. */
struct thread {
	atomic_bool lives;
	struct noop_round round;
};

static struct thread receive_thread, send_thread;

static bool grow_set(size_t count)
{
	struct pollfd *set;

	if (count <= glue.set_size)
		return true;
	set = realloc(glue.set, count * sizeof(*set));
	if (!set)
		return false;
	glue.set = set;
	glue.set_size = count;
	return true;
}

int glue_start(void)
{
	if (!grow_set(1 + LINGER_MAX))
		return -ENOMEM;
	glue.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return glue.event < 0 ? -errno : 0;
}

void glue_pause(void)
{
	pthread_mutex_lock(&glue.lock);
	glue.paused = true;
	while (glue.busy)
		pthread_cond_wait(&glue.cond, &glue.lock);
	pthread_mutex_unlock(&glue.lock);
}

void glue_resume(void)
{
	pthread_mutex_lock(&glue.lock);
	glue.paused = false;
	pthread_cond_broadcast(&glue.cond);
	pthread_mutex_unlock(&glue.lock);
}

/* The receive thread, before and after it waits. */
static void enter_wait(void)
{
	pthread_mutex_lock(&glue.lock);
	glue.busy = false;
	pthread_cond_broadcast(&glue.cond);
	pthread_mutex_unlock(&glue.lock);
}

static void leave_wait(void)
{
	pthread_mutex_lock(&glue.lock);
	while (glue.paused)
		pthread_cond_wait(&glue.cond, &glue.lock);
	glue.busy = true;
	pthread_mutex_unlock(&glue.lock);
}

void glue_wake(void)
{
	uint64_t one = 1;
	ssize_t n = write(glue.event, &one, sizeof(one));

	(void)n;	/* full: it is awake anyway */
}

/* paho made an IPv4 socket for the made-up address: change what it is. */
static int become_ipv6(int fd)
{
	int new = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			 IPPROTO_TCP);
	int rc;

	if (new < 0)
		return -1;
	rc = dup3(new, fd, O_CLOEXEC);
	close(new);
	return rc < 0 ? -1 : 0;
}

static int connect_target(int fd, const struct sockaddr_storage *target)
{
	socklen_t len = target->ss_family == AF_INET6 ?
				sizeof(struct sockaddr_in6) :
				sizeof(struct sockaddr_in);
	unsigned int silence = CONN_SILENCE_MS;
	int one = 1;

	if (target->ss_family == AF_INET6 && become_ipv6(fd))
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence,
		   sizeof(silence));
	return connect(fd, (const struct sockaddr *)target, len);
}

int glue_connect(int fd, const struct sockaddr *fake, socklen_t len)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)fake;
	struct conn *c = conn_take(ntohl(in->sin_addr.s_addr), fd);
	int rc;
	int err;

	(void)len;
	/* cut before there was a socket to be shut: it was given up */
	if (!c || conn_is_cut(c)) {
		errno = c ? ECONNABORTED : EADDRNOTAVAIL;
		return -1;
	}
	rc = connect_target(fd, &c->target);
	err = errno;
	if (rc == 0)
		conn_set_connected(c, true);
	else if (err != EINPROGRESS)
		conn_fail_errno(c, err);
	glue_wake();
	errno = err;
	return rc;
}

/* paho asks how a connect ended. */
int glue_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct conn *c = conn_find(fd);
	int rc = getsockopt(fd, level, name, value, len);

	if (!c || level != SOL_SOCKET || name != SO_ERROR || rc)
		return rc;
	if (*(int *)value)
		conn_fail_errno(c, *(int *)value);
	conn_set_connected(c, *(int *)value == 0);
	return 0;
}

/*
 * Unread data at close() would reset the connection: a broker that is still
 * writing might lose our DISCONNECT, and publish the will.  So the receive
 * thread reads on, for nobody, until the broker has closed, too.
 */
static bool begin_linger(int fd)
{
	bool room;

	pthread_mutex_lock(&glue.lock);
	room = glue.lingering < LINGER_MAX;
	if (room)
		glue.linger[glue.lingering++] =
			(struct linger_fd){ fd, conn_now() + LINGER_MS };
	pthread_mutex_unlock(&glue.lock);
	return room;
}

int glue_close(int fd)
{
	int rc = 0;

	if (!conn_release(fd) || shutdown(fd, SHUT_WR) || !begin_linger(fd))
		rc = close(fd);
	glue_wake();
	return rc;
}

static bool is_drained(int fd)
{
	char buf[DRAIN_SIZE];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void drain_lingering(void)
{
	uint64_t now = conn_now();
	size_t i = 0;

	pthread_mutex_lock(&glue.lock);
	while (i < glue.lingering) {
		struct linger_fd *l = &glue.linger[i];

		if (now < l->until && !is_drained(l->fd)) {
			i++;
			continue;
		}
		close(l->fd);
		*l = glue.linger[--glue.lingering];
	}
	pthread_mutex_unlock(&glue.lock);
}

/* What to wait for besides; how many. */
static size_t poll_lingering(struct pollfd *set, int *timeout)
{
	size_t i;

	pthread_mutex_lock(&glue.lock);
	for (i = 0; i < glue.lingering; i++)
		set[i] = (struct pollfd){ .fd = glue.linger[i].fd,
					  .events = POLLIN };
	if (i && *timeout > LINGER_MS / 4)
		*timeout = LINGER_MS / 4;
	pthread_mutex_unlock(&glue.lock);
	return i;
}

/* At the process's end, too, the broker shall get its DISCONNECT. */
static void end_lingering(void)
{
	struct pollfd set[LINGER_MAX];
	int timeout = LINGER_MS;
	size_t n;

	while (glue.lingering) {
		n = poll_lingering(set, &timeout);
		poll(set, n, timeout);
		drain_lingering();
	}
}

void glue_stop(void)
{
	end_lingering();
	close(glue.event);
	glue.event = -1;
	free(glue.set);
	glue.set = NULL;
	glue.set_size = 0;
	glue.busy = false;
}

struct source {
	struct conn *conn;
	int fd;
};

static ssize_t raw_recv(void *ctx, void *buf, size_t len)
{
	const struct source *from = ctx;
	ssize_t n = recv(from->fd, buf, len, MSG_DONTWAIT);
	int err = errno;

	if (n > 0)
		conn_hear(from->conn);
	else if (n == 0)
		conn_fail(from->conn, 0, "closed by the broker");
	else if (err != EAGAIN && err != EINTR)
		conn_fail_errno(from->conn, err);
	errno = err;
	return n;
}

/* paho reads nothing (len 0) of a socket that it closes. */
ssize_t glue_recv(int fd, void *buf, size_t len, int flags)
{
	struct source from = { conn_find(fd), fd };
	ssize_t n;

	if (!from.conn || len == 0)
		return recv(fd, buf, len, flags);
	pthread_mutex_lock(&from.conn->io);
	n = conn_read(from.conn, buf, len, raw_recv, &from);
	pthread_mutex_unlock(&from.conn->io);
	return n;
}

static size_t iov_total(const struct iovec *iov, int count)
{
	size_t total = 0;
	int i;

	for (i = 0; i < count; i++)
		total += iov[i].iov_len;
	return total;
}

static ssize_t send_iov(struct conn *c, int fd, const struct iovec *iov,
			int count)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov,
			      .msg_iovlen = count };
	ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	size_t left = n > 0 ? (size_t)n : 0;
	size_t part;

	for (; left; left -= part, iov++) {
		part = left < iov->iov_len ? left : iov->iov_len;
		conn_sent(c, iov->iov_base, part);
	}
	return n;
}

/*
 * paho frees a packet whose write fails while it is still queued.  So a
 * failed write succeeds for paho; the socket is shut, and its read tells.
 */
ssize_t glue_writev(int fd, const struct iovec *iov, int count)
{
	struct conn *c = conn_find(fd);
	size_t total = iov_total(iov, count);
	ssize_t n;

	if (!c || conn_is_cut(c))
		return total;
	pthread_mutex_lock(&c->io);
	n = send_iov(c, fd, iov, count);
	pthread_mutex_unlock(&c->io);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		conn_fail_errno(c, errno);
		conn_cut(c, NULL);
		return total;
	}
	if (n < 0)
		errno = EAGAIN;
	conn_wait_to_write(c, n != (ssize_t)total);
	return n;
}

/* paho looks which sockets take data; remember it for the long poll. */
static int poll_writable(struct pollfd *fds, nfds_t count)
{
	int rc = poll(fds, count, 0);
	nfds_t i;

	for (i = 0; i < count; i++)
		conn_set_full(fds[i].fd, !(fds[i].revents & POLLOUT));
	return rc;
}

static void forget_wakes(void)
{
	uint64_t count;
	ssize_t n = read(glue.event, &count, sizeof(count));

	(void)n;	/* nothing to forget */
}

/*
 * The receive thread waits for the first @count descriptors of its set, the
 * event descriptor behind them, and what lingers.
 */
static int wait_for(size_t count, int timeout)
{
	struct pollfd *set = glue.set;
	size_t lingering;
	int rc, err;

	set[count] = (struct pollfd){ .fd = glue.event, .events = POLLIN };
	lingering = poll_lingering(&set[count + 1], &timeout);
	enter_wait();
	rc = poll(set, count + 1 + lingering, timeout);
	err = errno;
	leave_wait();
	if (rc < 0 && err != EINTR) {
		errno = err;
		return -1;
	}
	if (rc > 0 && set[count].revents)
		forget_wakes();
	if (lingering)
		drain_lingering();
	return 0;
}

/* The long poll of the receive thread. */
static int poll_readable(struct pollfd *fds, nfds_t count, int timeout)
{
	struct pollfd *set;
	bool pending = false;
	int ready = 0;
	nfds_t i;

	if (!grow_set(count + 1 + LINGER_MAX))
		return poll(fds, count, timeout);
	set = glue.set;
	memcpy(set, fds, count * sizeof(*fds));
	for (i = 0; i < count; i++) {
		bool ready_now = conn_prepare_poll(&set[i], &timeout);

		set[i].revents = 0;
		fds[i].revents = ready_now ? POLLIN : 0;
		pending |= ready_now;
	}
	if (wait_for(count, pending ? 0 : timeout))
		return -1;
	for (i = 0; i < count; i++) {
		fds[i].revents |= set[i].revents & ~POLLOUT;
		ready += fds[i].revents != 0;
	}
	return ready;
}

int glue_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	if (timeout)
		noop_come_round(&receive_thread.round);
	return timeout ? poll_readable(fds, count, timeout) :
			 poll_writable(fds, count);
}

/*
 * The receive thread sleeps here when it has no socket, and after each poll
 * in which nothing came; others wait here for paho's threads to end.
 */
int glue_usleep(unsigned int us)
{
	if (!receiver) {
		paho_wake_sender();
		glue_wake();
		return usleep(us < 2000 ? us : 2000);
	}
	noop_come_round(&receive_thread.round);
	return conn_any_socket() ? 0 : wait_for(0, IDLE_MS);
}

void glue_sender_waits(void)
{
	noop_come_round(&send_thread.round);
}

/* A thread that ends has done what it was asked for. */
static void on_end(void *ctx)
{
	struct thread *t = ctx;

	atomic_store(&t->lives, false);
	noop_come_round(&t->round);
}

static pthread_key_t ends;

static void make_key(void)
{
	if (pthread_key_create(&ends, on_end))
		abort();	/* of the process's 1024 */
}

static void begin(struct thread *t)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_key);
	pthread_setspecific(ends, t);
	atomic_store(&t->lives, true);
}

static void ask(struct thread *t, struct noop *noop)
{
	noop_ask(&t->round, noop);
	if (!atomic_load(&t->lives))
		noop_come_round(&t->round);
}

void glue_noop_receiver(struct noop *noop)
{
	ask(&receive_thread, noop);
}

void glue_noop_sender(struct noop *noop)
{
	ask(&send_thread, noop);
}

int glue_setname(pthread_t thread, const char *name)
{
	if (!pthread_equal(thread, pthread_self()))
		return pthread_setname_np(thread, name);
	receiver = strstr(name, "rcv");
	begin(receiver ? &receive_thread : &send_thread);
	return pthread_setname_np(thread, name);
}
