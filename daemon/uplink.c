// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Two sockets: one hears that something changed, the other asks how things
 * are now.  Notifications are not read for what they say, so none that got
 * lost (ENOBUFS) leaves a wrong picture behind.
 *
 * They come in bursts, and a board may have many routes: it is asked a moment
 * after the first one, and asking takes at most a tenth of the time.
 */
#include "daemon/uplink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/cache.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/lib/log.h"

#define SETTLE_MS	50

struct uplink {
	struct nl_sock *news;
	struct nl_sock *ask;
	uv_poll_t poll;
	uv_timer_t settle;	/* until it is asked */
	unsigned int handles;	/* to be closed before the struct is freed */
	uint64_t took_ms;	/* the last time */
	uplink_cb cb;
	void *ctx;
	struct uplink_model model;
};

/* libnl's codes are its own; only the socket calls' causes matter here. */
static int nl_errno(int err)
{
	switch (-err) {
	case NLE_SUCCESS:
		return 0;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	default:
		return -EIO;
	}
}

/* ---- from libnl's objects to facts ---- */

static void add_link(struct uplink_facts *f, struct nl_object *object)
{
	struct rtnl_link *link = (struct rtnl_link *)object;
	unsigned int flags = rtnl_link_get_flags(link);
	const char *name = rtnl_link_get_name(link);
	struct uplink_link *l = &f->links[f->n_links++];

	l->index = rtnl_link_get_ifindex(link);
	l->running = (flags & IFF_UP) && (flags & IFF_RUNNING);
	l->loopback = flags & IFF_LOOPBACK;
	strncpy(l->name, name ? name : "", sizeof(l->name) - 1);
}

/* Not one that is only the link's own, or not to be used (yet, any more) */
static bool is_usable(struct rtnl_addr *addr)
{
	return rtnl_addr_get_scope(addr) < RT_SCOPE_LINK &&
	       !(rtnl_addr_get_flags(addr) &
		 (IFA_F_TEMPORARY | IFA_F_DADFAILED | IFA_F_DEPRECATED |
		  IFA_F_TENTATIVE));
}

static void add_address(struct uplink_facts *f, struct nl_object *object)
{
	struct rtnl_addr *addr = (struct rtnl_addr *)object;
	struct nl_addr *local = rtnl_addr_get_local(addr);
	struct uplink_address *a = &f->addresses[f->n_addresses];

	if (!local || !inet_ntop(nl_addr_get_family(local),
				 nl_addr_get_binary_addr(local), a->text,
				 sizeof(a->text)))
		return;
	a->index = rtnl_addr_get_ifindex(addr);
	a->family = rtnl_addr_get_family(addr);
	a->usable = is_usable(addr);
	f->n_addresses++;
}

/* Each interface has fe80::/64, whatever else it lacks. */
static bool is_link_local(struct nl_addr *dst)
{
	const unsigned char *p = nl_addr_get_binary_addr(dst);

	return nl_addr_get_family(dst) == AF_INET6 &&
	       nl_addr_get_prefixlen(dst) >= 10 && p[0] == 0xfe &&
	       (p[1] & 0xc0) == 0x80;
}

static bool leads_out(struct rtnl_route *route)
{
	return rtnl_route_get_table(route) == RT_TABLE_MAIN &&
	       rtnl_route_get_type(route) == RTN_UNICAST &&
	       !is_link_local(rtnl_route_get_dst(route));
}

/* Of a multipath route the first way stands for all. */
static void add_route(struct uplink_facts *f, struct nl_object *object)
{
	struct rtnl_route *route = (struct rtnl_route *)object;
	struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);

	if (!hop || !rtnl_route_get_dst(route) || !leads_out(route))
		return;
	f->routes[f->n_routes++] = (struct uplink_route){
		.index = rtnl_route_nh_get_ifindex(hop),
		.family = rtnl_route_get_family(route),
		.is_default =
			!nl_addr_get_prefixlen(rtnl_route_get_dst(route)),
		.metric = rtnl_route_get_priority(route),
	};
}

/* ---- asking ---- */

/* An array with room for each object of @cache, which it fills by @add. */
static int collect(struct nl_cache *cache, struct uplink_facts *f,
		   void *array, size_t size,
		   void (*add)(struct uplink_facts *f, struct nl_object *o))
{
	void **p = array;
	struct nl_object *o;

	*p = calloc((size_t)nl_cache_nitems(cache) + 1, size);
	if (!*p)
		return -ENOMEM;
	for (o = nl_cache_get_first(cache); o; o = nl_cache_get_next(o))
		add(f, o);
	return 0;
}

static int ask_links(struct uplink *u, struct uplink_facts *f)
{
	struct nl_cache *cache;
	int err = rtnl_link_alloc_cache(u->ask, AF_UNSPEC, &cache);

	if (err)
		return nl_errno(err);
	err = collect(cache, f, &f->links, sizeof(*f->links), add_link);
	nl_cache_free(cache);
	return err;
}

static int ask_addresses(struct uplink *u, struct uplink_facts *f)
{
	struct nl_cache *cache;
	int err = rtnl_addr_alloc_cache(u->ask, &cache);

	if (err)
		return nl_errno(err);
	err = collect(cache, f, &f->addresses, sizeof(*f->addresses),
		      add_address);
	nl_cache_free(cache);
	return err;
}

static int ask_routes(struct uplink *u, struct uplink_facts *f)
{
	struct nl_cache *cache;
	int err = rtnl_route_alloc_cache(u->ask, AF_UNSPEC, 0, &cache);

	if (err)
		return nl_errno(err);
	err = collect(cache, f, &f->routes, sizeof(*f->routes), add_route);
	nl_cache_free(cache);
	return err;
}

/* Sets @changed if the uplink is not what it was. */
static int refresh(struct uplink *u, bool *changed)
{
	struct uplink_facts f = { 0 };
	int err = ask_links(u, &f);

	if (!err)
		err = ask_addresses(u, &f);
	if (!err)
		err = ask_routes(u, &f);
	if (!err)
		*changed = uplink_model_update(&u->model, &f);
	free(f.links);
	free(f.addresses);
	free(f.routes);
	return err;
}

static void log_status(const struct uplink *u)
{
	const struct uplink_status *s = &u->model.status;

	log_info("uplink %s: %s%s%s",
		 u->model.name ? u->model.name : "of the default route",
		 uplink_state_text(s->state), s->address[0] ? ", " : "",
		 s->address);
}

/* ---- hearing ---- */

static void drain(int fd)
{
	char buf[4096];
	ssize_t n;

	do {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_TRUNC);
	} while (n >= 0 || errno == ENOBUFS || errno == EINTR);
}

static void on_settled(uv_timer_t *timer)
{
	struct uplink *u = timer->data;
	uint64_t begun = uv_hrtime();
	bool changed = false;
	int err = refresh(u, &changed);

	u->took_ms = (uv_hrtime() - begun) / 1000000;
	if (err)
		log_error("uplink: cannot ask the kernel: %s", strerror(-err));
	if (!changed)
		return;
	log_status(u);
	u->cb(u->ctx, &u->model.status);
}

/* libuv stops a handle whose socket has an error, which ENOBUFS is. */
static void on_news(uv_poll_t *poll, int status, int events)
{
	struct uplink *u = poll->data;

	(void)events;
	drain(nl_socket_get_fd(u->news));
	if (status)
		uv_poll_start(poll, UV_READABLE, on_news);
	if (!uv_is_active((uv_handle_t *)&u->settle))
		uv_timer_start(&u->settle, on_settled,
			       SETTLE_MS + 9 * u->took_ms, 0);
}

/* ---- life ---- */

static int connect_sockets(struct uplink *u)
{
	int err = nl_connect(u->ask, NETLINK_ROUTE);

	if (err)
		return nl_errno(err);
	nl_socket_disable_seq_check(u->news);
	err = nl_connect(u->news, NETLINK_ROUTE);
	if (!err)
		err = nl_socket_add_memberships(u->news, RTNLGRP_LINK,
						RTNLGRP_IPV4_IFADDR,
						RTNLGRP_IPV6_IFADDR,
						RTNLGRP_IPV4_ROUTE,
						RTNLGRP_IPV6_ROUTE, 0);
	return nl_errno(err);
}

static void free_uplink(struct uplink *u)
{
	nl_socket_free(u->news);
	nl_socket_free(u->ask);
	free(u);
}

/* Listens before it asks, so that no change falls in between. */
static int start(struct uplink *u, uv_loop_t *loop)
{
	bool changed;
	int err = connect_sockets(u);

	if (!err)
		err = refresh(u, &changed);
	if (!err)
		err = uv_poll_init(loop, &u->poll, nl_socket_get_fd(u->news));
	if (err)
		return err;
	uv_timer_init(loop, &u->settle);
	u->settle.data = u;
	u->poll.data = u;
	u->handles = 2;
	uv_poll_start(&u->poll, UV_READABLE, on_news);
	log_status(u);
	return 0;
}

int uplink_open(struct uplink **out, uv_loop_t *loop, const char *name,
		uplink_cb cb, void *ctx)
{
	struct uplink *u = calloc(1, sizeof(*u));
	int err;

	if (!u)
		return -ENOMEM;
	u->model.name = name;
	u->cb = cb;
	u->ctx = ctx;
	u->news = nl_socket_alloc();
	u->ask = nl_socket_alloc();
	err = u->news && u->ask ? start(u, loop) : -ENOMEM;
	if (err) {
		free_uplink(u);
		return err;
	}
	*out = u;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct uplink *u = handle->data;

	if (!--u->handles)
		free_uplink(u);
}

void uplink_close(struct uplink *u)
{
	if (!u)
		return;
	uv_close((uv_handle_t *)&u->poll, on_closed);
	uv_close((uv_handle_t *)&u->settle, on_closed);
}

const struct uplink_status *uplink_status(const struct uplink *u)
{
	return &u->model.status;
}
