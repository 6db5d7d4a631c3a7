// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A question goes to each server in turn, TRIES times, and waits TRY_MS for
 * each in the first round, twice that in the second: an OPEN gets past a
 * server that is dead and a packet that is lost.  resolv.conf's own time-out
 * of 5 s would be longer than an OPEN.
 */
#include "daemon/lib/dns.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/lib/errno_text.h"

#define RESOLV_CONF	"/etc/resolv.conf"
#define TRY_MS		1500
#define TRIES		3

/* A socket of c-ares'. */
struct watch {
	LIST_ENTRY(watch) entry;
	uv_poll_t poll;
	struct dns *dns;
	int fd;
};

struct dns {
	uv_loop_t *loop;
	uv_timer_t timer;	/* to c-ares' next time-out */
	ares_channel hosts;
	ares_channel servers;
	LIST_HEAD(, watch) watches;
	bool fixed;		/* servers of the caller's */
	bool stopping;
	bool no_memory;		/* for a watch, the last time */
	struct stat conf;	/* RESOLV_CONF as it was read */
};

/* ---- sockets and time-outs ---- */

static void on_timer(uv_timer_t *timer);

static void arm(struct dns *dns)
{
	struct timeval tv;

	if (!ares_timeout(dns->servers, NULL, &tv)) {
		uv_timer_stop(&dns->timer);
		return;
	}
	uv_update_time(dns->loop);
	uv_timer_start(&dns->timer, on_timer,
		       tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1, 0);
}

static void on_timer(uv_timer_t *timer)
{
	struct dns *dns = timer->data;

	ares_process_fd(dns->servers, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(dns);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = poll->data;
	struct dns *dns = w->dns;
	int in = status || events & UV_READABLE ? w->fd : ARES_SOCKET_BAD;
	int out = status || events & UV_WRITABLE ? w->fd : ARES_SOCKET_BAD;

	ares_process_fd(dns->servers, in, out);
	arm(dns);
}

static int on_socket_made(ares_socket_t fd, int type, void *ctx)
{
	struct dns *dns = ctx;
	struct watch *w = calloc(1, sizeof(*w));

	(void)type;
	dns->no_memory = !w || uv_poll_init(dns->loop, &w->poll, fd);
	if (dns->no_memory) {
		free(w);
		return -1;
	}
	w->poll.data = w;
	w->dns = dns;
	w->fd = fd;
	LIST_INSERT_HEAD(&dns->watches, w, entry);
	return 0;
}

static void free_watch(uv_handle_t *poll)
{
	free(poll->data);
}

/* Neither to read nor to write: it is about to be closed. */
static void on_socket_state(void *ctx, ares_socket_t fd, int in, int out)
{
	struct dns *dns = ctx;
	struct watch *w;

	LIST_FOREACH(w, &dns->watches, entry)
		if (w->fd == fd)
			break;
	if (!w)
		return;
	if (in || out) {
		uv_poll_start(&w->poll, (in ? UV_READABLE : 0) |
			      (out ? UV_WRITABLE : 0), on_poll);
		return;
	}
	LIST_REMOVE(w, entry);
	uv_close((uv_handle_t *)&w->poll, free_watch);
}

/* ---- channels ---- */

static int open_channel(struct dns *dns, const char *lookups,
			ares_channel *channel)
{
	int mask = ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS |
		   ARES_OPT_TRIES | ARES_OPT_LOOKUPS;
	struct ares_options options = {
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = dns,
		.timeout = TRY_MS,
		.tries = TRIES,
		.lookups = (char *)lookups,
	};

#ifdef ARES_OPT_QUERY_CACHE
	/* newer ones keep answers for an hour, unless told off */
	mask |= ARES_OPT_QUERY_CACHE;
#endif
	if (ares_init_options(channel, &options, mask) != ARES_SUCCESS)
		return -ENOMEM;
	ares_set_socket_callback(*channel, on_socket_made, dns);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct stat look_at_conf(void)
{
	struct stat st;

	if (stat(RESOLV_CONF, &st))
		memset(&st, 0, sizeof(st));
	return st;
}

/* Without memory the old one goes on, until the next question. */
static void renew(struct dns *dns)
{
	struct stat now = look_at_conf();
	ares_channel old = dns->servers;
	ares_channel anew;

	if (dns->fixed || same_file(&now, &dns->conf) ||
	    open_channel(dns, "b", &anew))
		return;
	dns->conf = now;
	dns->servers = anew;
	ares_destroy(old);
}

/* ---- questions ---- */

static const struct {
	int status;
	enum dns_result result;
} results[] = {
	{ ARES_SUCCESS, DNS_FOUND },
	{ ARES_ENOTFOUND, DNS_NO_NAME },
	{ ARES_ENODATA, DNS_NO_NAME },
	{ ARES_EBADNAME, DNS_NO_NAME },
	{ ARES_ETIMEOUT, DNS_NO_ANSWER },
	{ ARES_ENOMEM, DNS_NO_MEMORY },
	{ ARES_EDESTRUCTION, DNS_STOPPED },
};

static const char *const texts[] = {
	[DNS_FOUND] = "host found",
	[DNS_NO_NAME] = "host not found",
	[DNS_NO_ANSWER] = "host not found: no answer",
	[DNS_NO_SERVER] = "host not found: the name servers failed",
	[DNS_NO_FILES] = "too many open files",
	[DNS_NO_MEMORY] = "no memory",
	[DNS_STOPPED] = "host not found",
};

const char *dns_text(enum dns_result result)
{
	return texts[result];
}

enum dns_result dns_has_files(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return DNS_FOUND;
	}
	return errno == EMFILE || errno == ENFILE ? DNS_NO_FILES :
						    DNS_NO_MEMORY;
}

/* c-ares takes a socket that it cannot make for a server that refuses. */
static enum dns_result result_of(struct dns *dns, int status)
{
	enum dns_result result = DNS_NO_SERVER;
	enum dns_result files;
	size_t i;

	for (i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		if (results[i].status == status)
			result = results[i].result;
	if (result != DNS_NO_SERVER)
		return result;
	if (dns->no_memory)
		return DNS_NO_MEMORY;
	files = dns_has_files();
	return files == DNS_FOUND ? DNS_NO_SERVER : files;
}

static void on_answer(void *arg, int status, int timeouts,
		      struct ares_addrinfo *found)
{
	struct dns_question *q = arg;
	enum dns_result result = result_of(q->dns, status);

	(void)timeouts;
	if (result == DNS_STOPPED && !q->dns->stopping) {
		dns_ask(q->dns, q);	/* of a channel that was replaced */
		return;
	}
	if (result == DNS_FOUND && !(found && found->nodes))
		result = DNS_NO_NAME;
	q->answered(q, result, result == DNS_FOUND ? found->nodes : NULL);
	if (found)
		ares_freeaddrinfo(found);
}

/* Unsorted: to sort means a socket for each address. */
static void ask(ares_channel channel, struct dns *dns, struct dns_question *q)
{
	const struct ares_addrinfo_hints hints = {
		.ai_family = q->family,
		.ai_flags = ARES_AI_NOSORT,
	};

	q->dns = dns;
	ares_getaddrinfo(channel, q->host, NULL, &hints, on_answer, q);
}

void dns_ask_hosts(struct dns *dns, struct dns_question *question)
{
	ask(dns->hosts, dns, question);
}

void dns_ask(struct dns *dns, struct dns_question *question)
{
	renew(dns);
	ask(dns->servers, dns, question);
	arm(dns);
}

/* ---- life ---- */

static void free_dns(uv_handle_t *timer)
{
	free(timer->data);
}

void dns_free(struct dns *dns)
{
	if (!dns)
		return;
	dns->stopping = true;
	if (dns->servers)
		ares_destroy(dns->servers);
	if (dns->hosts)
		ares_destroy(dns->hosts);
	ares_library_cleanup();
	uv_close((uv_handle_t *)&dns->timer, free_dns);
}

static int open_channels(struct dns *dns, const char *servers)
{
	int err;

	dns->conf = look_at_conf();
	err = open_channel(dns, "f", &dns->hosts);
	if (!err)
		err = open_channel(dns, "b", &dns->servers);
	if (!err && servers &&
	    ares_set_servers_ports_csv(dns->servers, servers) != ARES_SUCCESS)
		err = -EINVAL;
	return err;
}

int dns_new(struct dns **dns, uv_loop_t *loop, const char *servers)
{
	struct dns *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
		free(d);
		return -ENOMEM;
	}
	d->loop = loop;
	d->fixed = servers;
	LIST_INIT(&d->watches);
	uv_timer_init(loop, &d->timer);
	d->timer.data = d;
	err = open_channels(d, servers);
	if (err) {
		dns_free(d);
		return err;
	}
	*dns = d;
	return 0;
}
