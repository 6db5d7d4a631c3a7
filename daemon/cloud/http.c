// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * libcurl's multi interface on libuv's polls and timers:
 *
 *   http_start() -> name looked up (loop's thread pool) -> transfer -> done()
 *
 * libcurl is given addresses, never a name: its own lookups are threads that
 * curl_multi_remove_handle() waits for.
 */
#include "daemon/cloud/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/at/buffer.h"
#include "daemon/mqtt/resolve.h"

#define ADDRESSES_MAX	4	/* of a name */
#define FD_PATH_MAX	32	/* "/proc/self/fd/2147483647" */
#define FAULT_EXPIRED	0x400	/* GnuTLS's GNUTLS_CERT_EXPIRED */

struct http {
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t timer;	/* libcurl's own */
};

/* A socket of libcurl's. */
struct watch {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
};

struct http_request {
	struct http *http;
	http_done done;
	void *ctx;
	uv_timer_t timer;		/* the whole request's */
	struct lookup *lookup;		/* NULL: found */
	CURL *easy;
	bool added;			/* to the multi handle */
	struct curl_slist *headers;
	struct curl_slist *addresses;	/* CURLOPT_RESOLVE's */
	char *host;			/* as in the URL, no brackets */
	char *port;
	struct at_buf body;
	struct at_buf answer;
	size_t max;
	bool too_long;
	int ca_fd;			/* -1: none */
};

/* ---- the end of a request ---- */

static void free_request(uv_handle_t *timer)
{
	free(timer->data);
}

/* Nothing of it is libcurl's afterwards; the memory is its timer's. */
static void release(struct http_request *r)
{
	if (r->lookup)
		lookup_abandon(r->lookup);
	if (r->added)
		curl_multi_remove_handle(r->http->multi, r->easy);
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

static void finish(struct http_request *r, const char *error)
{
	struct http_reply reply = { .error = error };
	long status = 0;

	at_buf_reserve(&r->answer, 1);
	if (r->answer.failed)
		reply.error = "no memory";
	if (!reply.error) {
		curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
		r->answer.p[r->answer.len] = '\0';
		reply.status = (unsigned int)status;
		reply.body = r->answer.p;
		reply.len = r->answer.len;
	}
	/* the callback may free what the request reports to */
	if (r->added)
		curl_multi_remove_handle(r->http->multi, r->easy);
	r->added = false;
	r->done(r->ctx, &reply);
	release(r);
}

void http_abort(struct http_request *request)
{
	if (request)
		release(request);
}

static void on_timeout(uv_timer_t *timer)
{
	finish(timer->data, "no answer in time");
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

static const char *failure(struct http_request *r, CURLcode code)
{
	if (r->too_long)
		return "the answer is too long";
	switch (code) {
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
		return curl_easy_strerror(code);
	}
}

/* ---- libcurl's events ---- */

static void take_finished(struct http *http)
{
	struct http_request *r;
	CURLMsg *msg;
	CURLcode code;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		code = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &r);
		finish(r, failure(r, code));
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct http *http = timer->data;
	int running;

	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0,
				 &running);
	take_finished(http);
}

static int set_timer(CURLM *multi, long ms, void *ctx)
{
	struct http *http = ctx;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&http->timer);
	else
		uv_timer_start(&http->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

/*
 * An error (then @events is 0) is left for libcurl to find: told, it takes
 * that of an address that refused for one of the next, which did not.
 */
static void on_event(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct http *http = watch->http;
	int flags = 0;
	int running;

	(void)status;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	/* the watch may be gone behind this call */
	curl_multi_socket_action(http->multi, watch->fd, flags, &running);
	take_finished(http);
}

static void free_watch(uv_handle_t *poll)
{
	free(poll->data);
}

static struct watch *new_watch(struct http *http, curl_socket_t fd)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	watch->http = http;
	watch->fd = fd;
	watch->poll.data = watch;
	if (uv_poll_init_socket(http->loop, &watch->poll, fd)) {
		free(watch);
		return NULL;
	}
	curl_multi_assign(http->multi, fd, watch);
	return watch;
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *ctx,
			void *socket_ctx)
{
	struct watch *watch = socket_ctx;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (!watch)
			return 0;
		uv_poll_stop(&watch->poll);
		uv_close((uv_handle_t *)&watch->poll, free_watch);
		return 0;
	}
	if (!watch)
		watch = new_watch(ctx, fd);
	if (!watch)
		return -1;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&watch->poll, events, on_event);
	return 0;
}

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

/* The system's directory would be believed beside the file. */
static bool set_tls(struct http_request *r, const struct http_args *args)
{
	CURL *easy = r->easy;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION,
			 (long)CURL_SSLVERSION_TLSv1_2);
	if (args->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (!args->ca_pem && !args->ca_file)
		return true;
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (args->ca_pem)
		return set_ca_pem(r, args->ca_pem);
	return !curl_easy_setopt(easy, CURLOPT_CAINFO, args->ca_file);
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

static void start_transfer(struct http_request *r)
{
	r->added = !curl_multi_add_handle(r->http->multi, r->easy);
	if (!r->added)
		finish(r, "no memory");
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
		finish(r, "host not found");
	else if (!note_addresses(r, found))
		finish(r, "no memory");
	else
		start_transfer(r);
}

static bool start_lookup(struct http_request *r)
{
	struct sockaddr_storage address;

	if (address_parse(r->host, 0, &address)) {
		r->added = !curl_multi_add_handle(r->http->multi, r->easy);
		return r->added;
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

int http_open(struct http **http, uv_loop_t *loop)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(h);
		return -EPROTO;
	}
	h->loop = loop;
	h->multi = curl_multi_init();
	if (!h->multi) {
		curl_global_cleanup();
		free(h);
		return -ENOMEM;
	}
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	uv_timer_init(loop, &h->timer);
	h->timer.data = h;
	*http = h;
	return 0;
}

static void free_http(uv_handle_t *timer)
{
	free(timer->data);
}

void http_close(struct http *http)
{
	if (!http)
		return;
	curl_multi_cleanup(http->multi);
	curl_global_cleanup();
	uv_close((uv_handle_t *)&http->timer, free_http);
}
