// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libcurl's multi interface in a thread of its own, as the system's trust
 * store and a handshake can take a good part of a second:
 *
 *   loop:    http_start() > name looked up > TODO          > done() > freed
 *   thread:                                 > transfer > ENDED
 *
 * A request is the thread's from the one queue to the other.  libcurl is
 * given addresses, never a name: it would wait for its own lookups.
 */
#include "daemon/cloud/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <unistd.h>

#include "daemon/at/buffer.h"
#include "daemon/mqtt/resolve.h"

#define ADDRESSES_MAX	4	/* of a name */
#define FD_PATH_MAX	32	/* "/proc/self/fd/2147483647" */
#define FAULT_EXPIRED	0x400	/* GnuTLS's GNUTLS_CERT_EXPIRED */
#define POLL_MS		60000	/* libcurl is woken when there is more to do */

TAILQ_HEAD(request_list, http_request);

struct http {
	uv_loop_t *loop;
	CURLM *multi;			/* the thread's */
	struct request_list running;	/* the thread's */
	pthread_t thread;
	uv_async_t async;		/* something has ended */

	pthread_mutex_t lock;		/* of what follows */
	struct request_list todo;
	struct request_list ended;
	bool stopping;
};

struct http_request {
	TAILQ_ENTRY(http_request) entry;
	struct http *http;

	/* the loop's */
	http_done done;			/* NULL: nobody waits for it */
	void *ctx;
	uv_timer_t timer;		/* the whole request's */
	struct lookup *lookup;		/* NULL: found */
	bool handed_over;
	char *host;			/* as in the URL, no brackets */
	char *port;

	/* whose it is */
	CURL *easy;
	struct curl_slist *headers;
	struct curl_slist *addresses;	/* CURLOPT_RESOLVE's */
	struct at_buf body;
	struct at_buf answer;
	size_t max;
	bool too_long;
	CURLcode code;
	int ca_fd;			/* -1: none */

	bool abandoned;			/* under the lock */
};

/* ---- the thread ---- */

static size_t take_answer(char *data, size_t size, size_t n, void *ctx)
{
	struct http_request *r = ctx;

	n *= size;
	if (n > r->max - r->answer.len) {
		r->too_long = true;
		return 0;
	}
	at_buf_add(&r->answer, data, n);
	return r->answer.failed ? 0 : n;
}

/* To the loop, which frees it. */
static void end(struct http *http, struct http_request *r, CURLcode code)
{
	curl_multi_remove_handle(http->multi, r->easy);
	TAILQ_REMOVE(&http->running, r, entry);
	r->code = code;
	pthread_mutex_lock(&http->lock);
	TAILQ_INSERT_TAIL(&http->ended, r, entry);
	pthread_mutex_unlock(&http->lock);
	uv_async_send(&http->async);
}

static void take_todo(struct http *http)
{
	struct http_request *r;

	pthread_mutex_lock(&http->lock);
	while ((r = TAILQ_FIRST(&http->todo))) {
		TAILQ_REMOVE(&http->todo, r, entry);
		TAILQ_INSERT_TAIL(&http->running, r, entry);
		r->code = curl_multi_add_handle(http->multi, r->easy) ?
				  CURLE_OUT_OF_MEMORY : CURLE_OK;
	}
	pthread_mutex_unlock(&http->lock);
}

static bool is_abandoned(struct http_request *r)
{
	bool abandoned;

	pthread_mutex_lock(&r->http->lock);
	abandoned = r->abandoned;
	pthread_mutex_unlock(&r->http->lock);
	return abandoned;
}

/* Those that nobody waits for, or that libcurl did not take */
static void end_abandoned(struct http *http)
{
	struct http_request *r, *next;

	for (r = TAILQ_FIRST(&http->running); r; r = next) {
		next = TAILQ_NEXT(r, entry);
		if (r->code != CURLE_OK || is_abandoned(r))
			end(http, r, r->code);
	}
}

static void end_finished(struct http *http)
{
	struct http_request *r;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &r);
		end(http, r, msg->data.result);
	}
}

static bool is_stopping(struct http *http)
{
	bool stopping;

	pthread_mutex_lock(&http->lock);
	stopping = http->stopping;
	pthread_mutex_unlock(&http->lock);
	return stopping;
}

static void *work(void *ctx)
{
	struct http *http = ctx;
	int running;

	while (!is_stopping(http)) {
		take_todo(http);
		end_abandoned(http);
		curl_multi_perform(http->multi, &running);
		end_finished(http);
		curl_multi_poll(http->multi, NULL, 0, POLL_MS, NULL);
	}
	return NULL;
}

static void wake(struct http *http)
{
	curl_multi_wakeup(http->multi);
}

/* ---- the end of a request, in the loop ---- */

static void free_request(uv_handle_t *timer)
{
	free(timer->data);
}

/* It is not the thread's; the memory is its timer's. */
static void release(struct http_request *r)
{
	if (r->lookup)
		lookup_abandon(r->lookup);
	curl_easy_cleanup(r->easy);
	curl_slist_free_all(r->headers);
	curl_slist_free_all(r->addresses);
	curl_free(r->host);
	curl_free(r->port);
	if (r->ca_fd >= 0)
		close(r->ca_fd);
	at_buf_free(&r->body);
	at_buf_free(&r->answer);
	uv_close((uv_handle_t *)&r->timer, free_request);
}

/* It comes back from the thread, if it is there, before it is freed. */
static void abandon(struct http_request *r)
{
	r->done = NULL;
	uv_timer_stop(&r->timer);
	if (!r->handed_over) {
		release(r);
		return;
	}
	pthread_mutex_lock(&r->http->lock);
	r->abandoned = true;
	pthread_mutex_unlock(&r->http->lock);
	wake(r->http);
}

void http_abort(struct http_request *request)
{
	if (request)
		abandon(request);
}

/* Without an answer */
static void fail(struct http_request *r, const char *error)
{
	const struct http_reply reply = { .error = error };
	http_done done = r->done;
	void *ctx = r->ctx;

	abandon(r);
	done(ctx, &reply);
}

static void on_timeout(uv_timer_t *timer)
{
	fail(timer->data, "no answer in time");
}

/* GnuTLS tells the chain's faults; a name that differs is none of them. */
static const char *certificate_fault(CURL *easy)
{
	long fault = 0;

	curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &fault);
	if (fault & FAULT_EXPIRED)
		return "certificate has expired";
	return fault ? "certificate not trusted" :
		       "host name does not match the certificate";
}

static const char *failure(const struct http_request *r)
{
	if (r->too_long)
		return "the answer is too long";
	switch (r->code) {
	case CURLE_OK:
		return NULL;
	case CURLE_COULDNT_CONNECT:
		return "connection refused or unreachable";
	case CURLE_PEER_FAILED_VERIFICATION:
		return certificate_fault(r->easy);
	case CURLE_SSL_CACERT_BADFILE:
		return "CA certificate cannot be used";
	case CURLE_SSL_CONNECT_ERROR:
		return "TLS handshake failed";
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
		return "closed by the server";
	default:
		return curl_easy_strerror(r->code);
	}
}

static void finish(struct http_request *r)
{
	struct http_reply reply = { .error = failure(r) };
	long status = 0;

	if (!reply.error && at_buf_reserve(&r->answer, 1))
		reply.error = "no memory";
	if (!reply.error) {
		curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
		r->answer.p[r->answer.len] = '\0';
		reply.status = (unsigned int)status;
		reply.body = r->answer.p;
		reply.len = r->answer.len;
	}
	if (r->done)
		r->done(r->ctx, &reply);
	release(r);
}

static struct http_request *take_ended(struct http *http)
{
	struct http_request *r;

	pthread_mutex_lock(&http->lock);
	r = TAILQ_FIRST(&http->ended);
	if (r)
		TAILQ_REMOVE(&http->ended, r, entry);
	pthread_mutex_unlock(&http->lock);
	return r;
}

/* A callback may abort what follows: one at a time. */
static void on_ended(uv_async_t *async)
{
	struct http_request *r;

	while ((r = take_ended(async->data)))
		finish(r);
}

/* ---- the start ---- */

static bool add_string(struct curl_slist **list, const char *s)
{
	struct curl_slist *longer = curl_slist_append(*list, s);

	if (longer)
		*list = longer;
	return longer;
}

/* libcurl waits for a "100 Continue" that small servers do not send. */
static bool add_headers(struct http_request *r, const char *const *headers)
{
	bool ok = add_string(&r->headers, "Expect:");

	for (; ok && headers && *headers; headers++)
		ok = add_string(&r->headers, *headers);
	return ok;
}

/* GnuTLS takes a file's name only: one in memory. */
static bool set_ca_pem(struct http_request *r, const char *pem)
{
	size_t len = strlen(pem);
	char path[FD_PATH_MAX];

	r->ca_fd = memfd_create("ca", MFD_CLOEXEC);
	if (r->ca_fd < 0 || write(r->ca_fd, pem, len) != (ssize_t)len)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r->ca_fd);
	return !curl_easy_setopt(r->easy, CURLOPT_CAINFO, path);
}

/*
 * The system's directory would be believed beside the file; of the system's
 * store the file has all of it.
 */
static bool set_tls(struct http_request *r, const struct http_args *args)
{
	CURL *easy = r->easy;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2);
	if (args->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (args->ca_pem)
		return set_ca_pem(r, args->ca_pem);
	return !args->ca_file ||
	       !curl_easy_setopt(easy, CURLOPT_CAINFO, args->ca_file);
}

static bool set_body(struct http_request *r, const struct http_args *args)
{
	if (!args->body)
		return true;
	at_buf_add(&r->body, args->body, args->len);
	curl_easy_setopt(r->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)args->len);
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS,
			 r->body.p ? r->body.p : "");
	return !r->body.failed;
}

/* One connection a request: the next may trust another authority. */
static bool set_options(struct http_request *r, const struct http_args *args)
{
	CURL *easy = r->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, r);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, r);
	return add_headers(r, args->headers) && set_body(r, args) &&
	       set_tls(r, args) &&
	       !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
	       !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers) &&
	       !curl_easy_setopt(easy, CURLOPT_URL, args->url);
}

/* Of "[::1]" the address. */
static void strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len < 2 || host[0] != '[' || host[len - 1] != ']')
		return;
	memmove(host, host + 1, len - 2);
	host[len - 2] = '\0';
}

static bool split_url(struct http_request *r, const char *text)
{
	CURLU *url = curl_url();
	bool ok = url && !curl_url_set(url, CURLUPART_URL, text, 0) &&
		  !curl_url_get(url, CURLUPART_HOST, &r->host, 0) &&
		  !curl_url_get(url, CURLUPART_PORT, &r->port,
				CURLU_DEFAULT_PORT);

	curl_url_cleanup(url);
	if (ok)
		strip_brackets(r->host);
	return ok;
}

static void hand_over(struct http_request *r)
{
	struct http *http = r->http;

	r->handed_over = true;
	pthread_mutex_lock(&http->lock);
	TAILQ_INSERT_TAIL(&http->todo, r, entry);
	pthread_mutex_unlock(&http->lock);
	wake(http);
}

/* "host:port:address,address", which libcurl believes instead of looking */
static bool note_addresses(struct http_request *r, const struct addrinfo *p)
{
	char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage address;
	struct at_buf b = { 0 };
	bool ok;
	int n;

	at_buf_printf(&b, "%s:%s:", r->host, r->port);
	for (n = 0; p && n < ADDRESSES_MAX; p = p->ai_next, n++) {
		memcpy(&address, p->ai_addr, p->ai_addrlen);
		address_format(&address, text);
		at_buf_printf(&b, "%s%s", n ? "," : "", text);
	}
	at_buf_add(&b, "", 1);
	ok = !b.failed && add_string(&r->addresses, b.p) &&
	     !curl_easy_setopt(r->easy, CURLOPT_RESOLVE, r->addresses);
	at_buf_free(&b);
	return ok;
}

static void on_found(void *ctx, const struct addrinfo *found)
{
	struct http_request *r = ctx;

	r->lookup = NULL;
	if (!found)
		fail(r, "host not found");
	else if (!note_addresses(r, found))
		fail(r, "no memory");
	else
		hand_over(r);
}

static bool start_lookup(struct http_request *r)
{
	struct sockaddr_storage address;

	if (address_parse(r->host, 0, &address)) {
		hand_over(r);
		return true;
	}
	r->lookup = lookup_start(r->http->loop, r->host, on_found, r);
	return r->lookup;
}

struct http_request *http_start(struct http *http,
				const struct http_args *args, http_done done,
				void *ctx)
{
	struct http_request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct http_request){
		.http = http,
		.done = done,
		.ctx = ctx,
		.max = args->max,
		.ca_fd = -1,
		.easy = curl_easy_init(),
	};
	uv_timer_init(http->loop, &r->timer);
	r->timer.data = r;
	if (!r->easy || !split_url(r, args->url) || !set_options(r, args) ||
	    !start_lookup(r)) {
		release(r);
		return NULL;
	}
	uv_timer_start(&r->timer, on_timeout, args->timeout_ms, 0);
	return r;
}

/* ---- life ---- */

static void free_http(uv_handle_t *async)
{
	free(async->data);
}

static int start_libcurl(struct http *http)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -EPROTO;
	http->multi = curl_multi_init();
	if (http->multi)
		return 0;
	curl_global_cleanup();
	return -ENOMEM;
}

static void stop_libcurl(struct http *http)
{
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
}

/* The process's signals are the loop's. */
static int start_thread(struct http *http)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&http->thread, NULL, work, http);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -rc;
}

int http_open(struct http **http, uv_loop_t *loop)
{
	struct http *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->loop = loop;
	h->async.data = h;
	TAILQ_INIT(&h->running);
	TAILQ_INIT(&h->todo);
	TAILQ_INIT(&h->ended);
	pthread_mutex_init(&h->lock, NULL);
	err = start_libcurl(h);
	if (err) {
		free(h);
		return err;
	}
	uv_async_init(loop, &h->async, on_ended);
	uv_unref((uv_handle_t *)&h->async);	/* a request's timer counts */
	err = start_thread(h);
	if (err) {
		stop_libcurl(h);
		uv_close((uv_handle_t *)&h->async, free_http);
		return err;
	}
	*http = h;
	return 0;
}

/* Nobody waits for those that are left. */
static void release_all(struct http *http, struct request_list *list)
{
	struct http_request *r;

	while ((r = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, r, entry);
		if (list == &http->running)
			curl_multi_remove_handle(http->multi, r->easy);
		release(r);
	}
}

void http_close(struct http *http)
{
	if (!http)
		return;
	pthread_mutex_lock(&http->lock);
	http->stopping = true;
	pthread_mutex_unlock(&http->lock);
	wake(http);
	pthread_join(http->thread, NULL);
	release_all(http, &http->running);
	release_all(http, &http->todo);
	release_all(http, &http->ended);
	stop_libcurl(http);
	pthread_mutex_destroy(&http->lock);
	uv_close((uv_handle_t *)&http->async, free_http);
}
