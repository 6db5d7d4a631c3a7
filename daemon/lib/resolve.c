// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 *   WAITING > ASKING > KNOWN
 *
 * A name is asked for by two questions, one a family: there are servers that
 * never answer the one for IPv6.  So once IPv4 addresses are there, the others
 * have V6_DELAY_MS left (RFC 8305, section 3).  c-ares calls back in the midst
 * of things; who waits is told by the timer.
 */
#include "daemon/lib/resolve.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "daemon/lib/address.h"
#include "daemon/lib/dns.h"

#define V6_DELAY_MS	50
#define NEGATIVE_MS	5000	/* that a name is known not to be there */
#define LATE_MS		60000	/* that an answer waits for the next to ask */
#define NAMES_PER_PORT	(2 * LOOKUPS_PER_PORT)
#define NEVER		UINT64_MAX

enum { V6, V4, FAMILIES };

/* One that asks. */
struct lookup {
	TAILQ_ENTRY(lookup) entry;
	struct name *name;
	lookup_cb cb;
	void *ctx;
};

struct family {
	struct dns_question question;	/* to the servers */
	bool asking;
	enum dns_result result;
	unsigned int count;
	struct sockaddr_in6 address[FOUND_MAX];	/* or the smaller sockaddr_in */
};

/* A name that is asked for, or whose answer is kept. */
struct name {
	TAILQ_ENTRY(name) entry;
	struct resolver *resolver;
	enum { WAITING, ASKING, KNOWN } state;
	const void *port_key;		/* who is charged with it */
	struct family family[FAMILIES];
	uint64_t enough;		/* when IPv4 is; NEVER: not yet */
	uint64_t until;			/* KNOWN: that it is kept */
	bool served;			/* somebody has had its answer */
	TAILQ_HEAD(, lookup) lookups;
	char host[];
};

struct resolver {
	uv_loop_t *loop;
	uv_timer_t timer;
	struct dns *dns;
	TAILQ_HEAD(names, name) names;	/* oldest first */
};

/* ---- names ---- */

static void free_name(struct name *name)
{
	struct lookup *lookup;

	while ((lookup = TAILQ_FIRST(&name->lookups))) {
		TAILQ_REMOVE(&name->lookups, lookup, entry);
		free(lookup);
	}
	TAILQ_REMOVE(&name->resolver->names, name, entry);
	free(name);
}

static bool is_forgotten(const struct name *name, uint64_t now)
{
	return name->state == KNOWN && name->until <= now &&
	       TAILQ_EMPTY(&name->lookups);
}

static struct name *find_name(struct resolver *r, const char *host)
{
	struct name *name;

	TAILQ_FOREACH(name, &r->names, entry)
		if (!strcasecmp(name->host, host) &&
		    !is_forgotten(name, uv_now(r->loop)))
			return name;
	return NULL;
}

static unsigned int count_asking(struct resolver *r, const void *port_key)
{
	unsigned int n = 0;
	struct name *name;

	TAILQ_FOREACH(name, &r->names, entry)
		n += name->port_key == port_key && name->state == ASKING;
	return n;
}

/* What is kept for a port is bounded as well. */
static void make_room(struct resolver *r, const void *port_key)
{
	struct name *name, *oldest = NULL;
	unsigned int n = 0;

	TAILQ_FOREACH(name, &r->names, entry) {
		if (name->port_key != port_key)
			continue;
		n++;
		if (!oldest && name->state == KNOWN &&
		    TAILQ_EMPTY(&name->lookups))
			oldest = name;
	}
	if (n >= NAMES_PER_PORT && oldest)
		free_name(oldest);
}

static struct name *new_name(struct resolver *r, const char *host,
			     const void *port_key)
{
	size_t size = strlen(host) + 1;
	struct name *name = calloc(1, sizeof(*name) + size);

	if (!name)
		return NULL;
	make_room(r, port_key);
	memcpy(name->host, host, size);
	name->resolver = r;
	name->port_key = port_key;
	name->enough = NEVER;
	TAILQ_INIT(&name->lookups);
	TAILQ_INSERT_TAIL(&r->names, name, entry);
	return name;
}

/* ---- the timer ---- */

static void on_timer(uv_timer_t *timer);

/* When it is to be looked at again. */
static uint64_t due(const struct name *name)
{
	bool waited = !TAILQ_EMPTY(&name->lookups);

	switch (name->state) {
	case KNOWN:
		return waited ? 0 : name->until;
	case ASKING:
		return waited ? name->enough : NEVER;
	case WAITING:
		break;
	}
	return NEVER;
}

static void arm(struct resolver *r)
{
	uint64_t now = uv_now(r->loop);
	uint64_t first = NEVER;
	struct name *name;

	TAILQ_FOREACH(name, &r->names, entry)
		if (due(name) < first)
			first = due(name);
	if (first == NEVER)
		uv_timer_stop(&r->timer);
	else
		uv_timer_start(&r->timer, on_timer,
			       first > now ? first - now : 0, 0);
}

/* ---- answers ---- */

static bool has_addresses(const struct name *name)
{
	return name->family[V4].count || name->family[V6].count;
}

/* What is not known for certain comes first. */
static enum dns_result failure(const struct name *name)
{
	if (name->family[V4].result != DNS_NO_NAME)
		return name->family[V4].result;
	return name->family[V6].result;
}

/* Only what nobody has had is late; of what failed on the way nothing stays. */
static uint64_t kept_for(const struct name *name)
{
	if (!has_addresses(name))
		return failure(name) == DNS_NO_NAME ? NEGATIVE_MS : 0;
	return name->served || !TAILQ_EMPTY(&name->lookups) ? 0 : LATE_MS;
}

/* There is room for another: the timer looks at once. */
static void settle(struct name *name)
{
	struct resolver *r = name->resolver;

	name->state = KNOWN;
	name->until = uv_now(r->loop) + kept_for(name);
	uv_timer_start(&r->timer, on_timer, 0, 0);
}

static void add_address(struct family *f, const void *address, size_t len)
{
	if (f->count < FOUND_MAX)
		memcpy(&f->address[f->count++], address, len);
}

static void add_addresses(struct name *name,
			  const struct ares_addrinfo_node *found)
{
	for (; found; found = found->ai_next)
		add_address(&name->family[found->ai_family == AF_INET],
			    found->ai_addr, found->ai_addrlen);
}

static void fill(struct found *found, const struct name *name)
{
	unsigned int i;
	int f;

	memset(found, 0, sizeof(*found));
	for (i = 0; i < FOUND_MAX; i++)
		for (f = 0; f < FAMILIES && found->count < FOUND_MAX; f++)
			if (i < name->family[f].count)
				memcpy(&found->address[found->count++],
				       &name->family[f].address[i],
				       sizeof(name->family[f].address[i]));
	found->why = found->count ? NULL : dns_text(failure(name));
}

/* ---- questions ---- */

static void on_hosts(struct dns_question *question, enum dns_result result,
		     const struct ares_addrinfo_node *found)
{
	(void)result;
	add_addresses(question->ctx, found);
}

static void on_answered(struct dns_question *question, enum dns_result result,
			const struct ares_addrinfo_node *found)
{
	struct name *name = question->ctx;
	struct family *f = &name->family[question->family == AF_INET];

	f->result = result;
	f->asking = false;
	add_addresses(name, found);
	if (name->family[V4].count && name->enough == NEVER)
		name->enough = uv_now(name->resolver->loop) + V6_DELAY_MS;
	if (name->family[V4].asking || name->family[V6].asking)
		arm(name->resolver);
	else
		settle(name);
}

static void ask_servers(struct name *name)
{
	int f;

	for (f = 0; f < FAMILIES; f++)
		name->family[f].asking = true;
	for (f = 0; f < FAMILIES; f++) {
		name->family[f].question = (struct dns_question){
			.host = name->host,
			.family = f == V6 ? AF_INET6 : AF_INET,
			.answered = on_answered,
			.ctx = name,
		};
		dns_ask(name->resolver->dns, &name->family[f].question);
	}
}

/* Without a descriptor /etc/hosts would seem not to have the name. */
static void ask(struct name *name)
{
	enum dns_result files = dns_has_files();
	struct dns_question hosts = {
		.host = name->host,
		.family = AF_UNSPEC,
		.answered = on_hosts,
		.ctx = name,
	};

	name->state = ASKING;
	name->family[V4].result = files;
	if (files == DNS_FOUND)
		dns_ask_hosts(name->resolver->dns, &hosts);
	if (files != DNS_FOUND || has_addresses(name))
		settle(name);
	else
		ask_servers(name);
}

static void ask_waiting(struct resolver *r)
{
	struct name *name;

	TAILQ_FOREACH(name, &r->names, entry)
		if (name->state == WAITING &&
		    count_asking(r, name->port_key) < LOOKUPS_PER_PORT)
			ask(name);
}

/* ---- who waits ---- */

static bool is_ready(const struct name *name, uint64_t now)
{
	return !TAILQ_EMPTY(&name->lookups) && name->state != WAITING &&
	       (name->state == KNOWN || name->enough <= now);
}

static struct name *first_ready(struct resolver *r)
{
	struct name *name;

	TAILQ_FOREACH(name, &r->names, entry)
		if (is_ready(name, uv_now(r->loop)))
			return name;
	return NULL;
}

/* Whoever is called may look up and abandon what he likes. */
static void serve(struct name *name)
{
	struct lookup *lookup = TAILQ_FIRST(&name->lookups);
	struct lookup copy = *lookup;
	struct found found;

	fill(&found, name);
	name->served = true;
	if (found.count)
		name->until = 0;
	TAILQ_REMOVE(&name->lookups, lookup, entry);
	free(lookup);
	copy.cb(copy.ctx, &found);
}

static void forget(struct resolver *r)
{
	struct name *name = TAILQ_FIRST(&r->names);
	struct name *next;

	for (; name; name = next) {
		next = TAILQ_NEXT(name, entry);
		if (is_forgotten(name, uv_now(r->loop)))
			free_name(name);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct resolver *r = timer->data;
	struct name *name;

	ask_waiting(r);
	while ((name = first_ready(r)))
		serve(name);
	forget(r);
	arm(r);
}

/*
 * Who joins a name that waits for its port's others is not kept waiting by
 * them.
 */
static void begin(struct name *name, const void *port_key)
{
	struct resolver *r = name->resolver;
	struct sockaddr_storage address;

	if (name->state == KNOWN || name->state == ASKING) {
		arm(r);
		return;
	}
	if (address_parse(name->host, 0, &address)) {
		add_address(&name->family[address.ss_family == AF_INET],
			    &address, address_len(&address));
		settle(name);
	} else if (count_asking(r, port_key) < LOOKUPS_PER_PORT) {
		ask(name);
	}
}

struct lookup *lookup_start(uv_loop_t *loop, const char *host,
			    const void *port_key, lookup_cb cb, void *ctx)
{
	struct resolver *r = loop->data;
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	struct name *name = find_name(r, host);

	if (lookup && !name)
		name = new_name(r, host, port_key);
	if (!lookup || !name) {
		free(lookup);
		return NULL;
	}
	*lookup = (struct lookup){ .name = name, .cb = cb, .ctx = ctx };
	TAILQ_INSERT_TAIL(&name->lookups, lookup, entry);
	begin(name, port_key);
	return lookup;
}

void lookup_abandon(struct lookup *lookup)
{
	struct name *name;

	if (!lookup)
		return;
	name = lookup->name;
	TAILQ_REMOVE(&name->lookups, lookup, entry);
	free(lookup);
	if (name->state == WAITING && TAILQ_EMPTY(&name->lookups))
		free_name(name);
}

/* ---- life ---- */

static void free_resolver(uv_handle_t *timer)
{
	free(timer->data);
}

int resolver_start(uv_loop_t *loop, const char *servers)
{
	struct resolver *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	err = dns_new(&r->dns, loop, servers);
	if (err) {
		free(r);
		return err;
	}
	r->loop = loop;
	TAILQ_INIT(&r->names);
	uv_timer_init(loop, &r->timer);
	r->timer.data = r;
	loop->data = r;
	return 0;
}

/* A name is its questions' until c-ares has let go of them. */
void resolver_stop(uv_loop_t *loop)
{
	struct resolver *r = loop->data;
	struct name *name;

	if (!r)
		return;
	loop->data = NULL;
	dns_free(r->dns);
	while ((name = TAILQ_FIRST(&r->names)))
		free_name(name);
	uv_close((uv_handle_t *)&r->timer, free_resolver);
}
