// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 *   http_start() > name looked up > transfer (its thread) > done()
 *
 * libcurl is given addresses, never a name: it would wait for its own
 * lookups.
 */
#include "daemon/cloud/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/lib/buffer.h"
#include "daemon/cloud/transfer.h"
#include "daemon/lib/address.h"
#include "daemon/lib/date.h"
#include "daemon/lib/reach.h"
#include "daemon/lib/resolve.h"

#define FD_PATH_MAX	32	/* "/proc/self/fd/2147483647" */
#define FAULT_REVOKED	0x20	/* GnuTLS's GNUTLS_CERT_REVOKED */
#define FAULT_TOO_EARLY	0x200	/* GNUTLS_CERT_NOT_ACTIVATED */
#define FAULT_EXPIRED	0x400	/* GNUTLS_CERT_EXPIRED */

struct http {
	uv_loop_t *loop;
	struct transfers *transfers;
};

struct http_request {
	struct transfer transfer;	/* first: see request_of() */
	struct http *http;
	http_done done;			/* NULL: nobody waits for it */
	void *ctx;
	uv_timer_t timer;		/* the whole request's */
	struct lookup *lookup;		/* NULL: found */
	bool started;			/* the transfer */
	const struct reach *reach;
	char *host;			/* as in the URL, no brackets */
	char *port;
	int ca_fd;			/* -1: none */

	/* the transfer's, once it is started */
	struct curl_slist *headers;
	struct curl_slist *addresses;	/* CURLOPT_RESOLVE's */
	struct buf body;
	struct buf answer;
	size_t max;
	bool too_long;
};

static struct http_request *request_of(struct transfer *t)
{
	return (struct http_request *)t;
}

/* ---- the end of a request ---- */

static void free_request(uv_handle_t *timer)
{
	free(timer->data);
}

/* No transfer has it; the memory is its timer's. */
static void release(struct http_request *r)
{
	lookup_abandon(r->lookup);
	curl_easy_cleanup(r->transfer.easy);
	curl_slist_free_all(r->headers);
	curl_slist_free_all(r->addresses);
	curl_free(r->host);
	curl_free(r->port);
	if (r->ca_fd >= 0)
		close(r->ca_fd);
	buf_free(&r->body);
	buf_free(&r->answer);
	uv_close((uv_handle_t *)&r->timer, free_request);
}

/* What was started ends before it is freed. */
static void abandon(struct http_request *r)
{
	r->done = NULL;
	uv_timer_stop(&r->timer);
	if (r->started)
		transfer_abandon(r->http->transfers, &r->transfer);
	else
		release(r);
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
		return date_behind("certificate has expired");
	if (fault & FAULT_REVOKED)
		return "certificate has been revoked";
	if (fault & FAULT_TOO_EARLY)
		return date_behind("certificate is not valid yet");
	return fault ? "certificate not trusted" :
		       "host name does not match the certificate";
}

static const char *failure(const struct http_request *r)
{
	if (r->too_long)
		return "the answer is too long";
	switch (r->transfer.code) {
	case CURLE_OK:
		return NULL;
	case CURLE_COULDNT_CONNECT:
		return "connection refused or unreachable";
	case CURLE_PEER_FAILED_VERIFICATION:
		return certificate_fault(r->transfer.easy);
	case CURLE_SSL_CACERT_BADFILE:
		return "CA certificate cannot be used";
	case CURLE_SSL_CRL_BADFILE:
		return "revocation list cannot be used";
	case CURLE_SSL_CONNECT_ERROR:
		return "TLS handshake failed";
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
		return "closed by the server";
	default:
		return curl_easy_strerror(r->transfer.code);
	}
}

static void on_ended(struct transfer *t)
{
	struct http_request *r = request_of(t);
	struct http_reply reply = { .error = failure(r) };
	long status = 0;

	if (!reply.error && buf_reserve(&r->answer, 1))
		reply.error = "no memory";
	if (!reply.error) {
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		r->answer.p[r->answer.len] = '\0';
		reply.status = (unsigned int)status;
		reply.body = r->answer.p;
		reply.len = r->answer.len;
	}
	if (r->done)
		r->done(r->ctx, &reply);
	release(r);
}

/* ---- the start ---- */

static size_t take_answer(char *data, size_t size, size_t n, void *ctx)
{
	struct http_request *r = ctx;

	n *= size;
	if (n > r->max - r->answer.len) {
		r->too_long = true;
		return 0;
	}
	buf_add(&r->answer, data, n);
	return r->answer.failed ? 0 : n;
}

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
	return !curl_easy_setopt(r->transfer.easy, CURLOPT_CAINFO, path);
}

/* The system's store is a directory, which would be believed as well. */
static bool set_tls(struct http_request *r, const struct http_args *args)
{
	CURL *easy = r->transfer.easy;
	long floor = args->tls13_only ? CURL_SSLVERSION_TLSv1_3 :
					CURL_SSLVERSION_TLSv1_2;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION, floor);
	if (args->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (args->crl && curl_easy_setopt(easy, CURLOPT_CRLFILE, args->crl))
		return false;
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
	buf_add(&r->body, args->body, args->len);
	curl_easy_setopt(r->transfer.easy, CURLOPT_POST, 1L);
	curl_easy_setopt(r->transfer.easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)args->len);
	curl_easy_setopt(r->transfer.easy, CURLOPT_POSTFIELDS,
			 r->body.p ? r->body.p : "");
	return !r->body.failed;
}

/* One connection a request: the next may trust another authority. */
static bool set_options(struct http_request *r, const struct http_args *args)
{
	CURL *easy = r->transfer.easy;

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

static uint16_t port_of(const struct http_request *r)
{
	return strtoul(r->port, NULL, 10);	/* of curl_url_get(): a port */
}

static void start_transfer(struct http_request *r)
{
	r->started = true;
	transfer_start(r->http->transfers, &r->transfer);
}

/* Those that may be reached; their number */
static unsigned int add_addresses(struct http_request *r, struct buf *b,
				  const struct found *found)
{
	struct sockaddr_storage address;
	char text[INET6_ADDRSTRLEN];
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < found->count; i++) {
		address = found->address[i];
		address_set_port(&address, port_of(r));
		if (!reach_allows(r->reach, r->host, &address))
			continue;
		address_format(&address, text);
		buf_printf(b, "%s%s", n++ ? "," : "", text);
	}
	return n;
}

/* What libcurl believes instead of looking; an address it believes as it is. */
static bool set_addresses(struct http_request *r, const struct buf *list)
{
	struct sockaddr_storage address;

	if (address_parse(r->host, 0, &address))
		return true;
	return !list->failed && add_string(&r->addresses, list->p) &&
	       !curl_easy_setopt(r->transfer.easy, CURLOPT_RESOLVE,
				 r->addresses);
}

/* As "host:port:address,address".  Why not, or NULL */
static const char *note_addresses(struct http_request *r,
				  const struct found *found)
{
	const char *why = found->why;
	struct buf b = { 0 };

	buf_printf(&b, "%s:%s:", r->host, r->port);
	if (!why && !add_addresses(r, &b, found))
		why = REACH_REFUSED;
	buf_add(&b, "", 1);
	if (!why && !set_addresses(r, &b))
		why = "no memory";
	buf_free(&b);
	return why;
}

static void on_found(void *ctx, const struct found *found)
{
	struct http_request *r = ctx;
	const char *why;

	r->lookup = NULL;
	why = note_addresses(r, found);
	if (why)
		fail(r, why);
	else
		start_transfer(r);
}

static void on_refused(uv_timer_t *timer)
{
	fail(timer->data, REACH_REFUSED);
}

static bool start_lookup(struct http_request *r, const struct http_args *args)
{
	uv_timer_start(&r->timer, on_timeout, args->timeout_ms, 0);
	if (!reach_may_ask(r->reach, r->host, port_of(r)))
		return !uv_timer_start(&r->timer, on_refused, 0, 0);
	r->lookup = lookup_start(r->http->loop, r->host, args->port_key,
				 on_found, r);
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
		.reach = args->reach,
		.ca_fd = -1,
		.transfer.easy = curl_easy_init(),
	};
	uv_timer_init(http->loop, &r->timer);
	r->timer.data = r;
	if (!r->transfer.easy || !split_url(r, args->url) ||
	    !set_options(r, args) || !start_lookup(r, args)) {
		release(r);
		return NULL;
	}
	return r;
}

/* ---- life ---- */

int http_open(struct http **http, uv_loop_t *loop)
{
	struct http *h = calloc(1, sizeof(*h));
	int err;

	if (!h)
		return -ENOMEM;
	h->loop = loop;
	err = transfers_open(&h->transfers, loop, on_ended);
	if (err) {
		free(h);
		return err;
	}
	*http = h;
	return 0;
}

void http_noop(struct http *http, struct noop *noop)
{
	transfers_noop(http->transfers, noop);
}

void http_close(struct http *http)
{
	if (!http)
		return;
	transfers_close(http->transfers);
	free(http);
}
