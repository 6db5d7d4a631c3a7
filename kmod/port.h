/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A port: a tty that has the discipline, with its modes and queues.
 */
#ifndef AT_PORT_H
#define AT_PORT_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/tty.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include <linux/n_at.h>

#include "framer.h"
#include "line.h"
#include "modem.h"
#include "ring.h"

struct at_port;

/* Where a port's notifications go: netlink, or a test's fake. */
struct at_port_link_ops {
	/*
	 * A line or data for the owner.  0: it will be answered; -EAGAIN,
	 * -ENOMEM, -ENOBUFS: try again later; else the owner is gone.
	 */
	int (*line)(struct at_port *port, u32 seq, const u8 *buf, size_t n,
		    u32 flags);
	int (*data)(struct at_port *port, u32 seq, const u8 *buf, size_t n,
		    u32 flags);
	/* Output that was refused fits now; errors as above. */
	int (*tx_space)(struct at_port *port);
	/* Errors as above, but for a port without an owner. */
	int (*modem)(struct at_port *port, enum n_at_event event);
	/* A copy of what passed. */
	void (*monitor)(struct at_port *port, enum n_at_kind kind, u32 flags,
			const u8 *buf, size_t n);
};

struct at_settings {
	u32 echo;
	u32 echo_cr;
	u32 repeat;
	u32 s3;
	u32 s4;
	u32 s5;
	u32 line_max;
	u32 urc_hold_ms;
	u32 data_timeout_ms;
	u32 rebind_ms;
	u32 exec_timeout_ms; /* 0: no end */
	u8 orphan[N_AT_ORPHAN_MAX];
	u8 orphan_len;
	u32 watch; /* N_AT_WATCH_* */
	struct at_line line; /* of a port: what it is to become */
};

/* Sizes, powers of two. */
#define AT_RX_FIFO 4096
#define AT_TX_FIFO (2 * N_AT_OUT_MAX)

struct at_port {
	/* who it is; constant once attached */
	struct kref ref;
	struct rcu_head rcu;
	struct net *net;
	const struct at_port_link_ops *link;
	u32 id;
	char name[64];

	/* Guards all below.  Taken in .receive_buf2 and in netlink's doit. */
	struct mutex lock;
	struct tty_struct *tty; /* NULL: dead */
	u32 owner; /* netlink port id, 0: none */
	enum n_at_mode mode; /* never ORPHAN: at_port_mode() */
	enum n_at_mode told_mode; /* the last one that was told */
	u32 seq; /* of the last line or data delivered */
	unsigned long monitors; /* who hears it: bits of monitor.h */
	unsigned long missed; /* and who of them has missed the last copy */
	struct at_settings set;
	u64 count[N_AT_C_MAX + 1];

	/* input: flip buffer -> rx (flags beside it) -> framer */
	struct at_ring rx;
	u8 *rx_flags;
	u32 rx_marked; /* flags in rx that are not AT_RX_CLEAN */
	bool rx_refused; /* the flip buffer holds bytes we did not take */
	bool throttled; /* by us */
	bool stopped; /* our output, by the host's XOFF */
	u32 dropped; /* what the driver counted when last asked */
	size_t ahead; /* bytes whose XON and XOFF were obeyed ahead of rx */
	struct at_framer framer;
	enum at_framer_event pending; /* made, but not delivered yet */
	u8 *data; /* counted data, while they are taken or pending */
	bool data_orphaned; /* whoever asked for them is gone */

	/* output: tx -> driver; urcs wait for their time before tx */
	struct at_ring tx;
	struct list_head urcs;
	u32 urc_count;
	u32 urc_bytes;
	bool reply_refused; /* the owner waits for TX_SPACE_NTF, */
	bool urc_refused; /* for the one or the other */
	bool corked; /* answers collect in tx, a tick at most */

	/* a change of the line that waits for the output */
	struct delayed_work line_work;
	bool tx_held; /* the driver is being changed: nothing is written */
	u32 unsent; /* bytes when last looked at */
	tcflag_t damage_found; /* of termios; line_work's, without the lock */
	unsigned long unsent_since; /* jiffies */

	struct at_modem modem;

	/*
	 * Time, in jiffies.  The first two may be long ago, which in 32 bits
	 * is taken for to come: after 99 days at 250 Hz.
	 */
	u64 last_rx; /* of what is framed: XON and XOFF do not count */
	u64 ownerless_since;
	unsigned long retry_at;
	bool retry; /* a delivery failed; again at retry_at */
	unsigned long timer_at;
	bool timer_on;
	struct delayed_work timer;

	/* set in any context, looked at by wake */
	struct work_struct wake;
	unsigned long events;
};

/* Bits of at_port.events */
enum at_port_event_bit {
	AT_PORT_DCD_ON,
	AT_PORT_DCD_OFF,
	AT_PORT_RTS_STUCK, /* CRTSCTS was cleared while RTS was low */
	AT_PORT_IXON_OFF,
	AT_PORT_DAMAGE_OFF, /* the driver was told not to tell of it */
};

/* @tty must outlive at_port_kill().  Returns a reference or NULL. */
struct at_port *at_port_create(struct tty_struct *tty, struct net *net,
			       const struct at_port_link_ops *link);
void at_port_put(struct at_port *port);
/* From here on nothing touches the tty.  Waits for the port's work. */
void at_port_kill(struct at_port *port);

/* From the driver; may sleep.  Returns how many bytes were taken. */
size_t at_port_receive(struct at_port *port, const u8 *buf, const char *flags,
		       size_t n);
/* Bytes that at_port_receive() will be given later: obeys XON and XOFF. */
void at_port_lookahead(struct at_port *port, const u8 *buf, const u8 *flags,
		       size_t n);
/* From the driver in any context: look at @port->events and at the output. */
void at_port_wake(struct at_port *port);
/* Drops what waits to be framed. */
void at_port_flush(struct at_port *port);
/* The driver is about to be closed: nothing touches it any more. */
void at_port_leave_driver(struct at_port *port);
/* Bytes that wait to be sent. */
u32 at_port_unsent(struct at_port *port);

/* What a REPLY carries. */
struct at_reply {
	u32 portid;
	u32 seq;
	const u8 *out;
	size_t out_len;
	bool final;
	bool wants_data;
	u32 data_len;
	const struct at_settings *set; /* NULL: as they are */
};

/*
 * For netlink, with port->lock held.  0 or: -ENODEV the port is dead, -EBUSY
 * it has an owner, -EPERM the caller is not the owner, -ESTALE another line was
 * meant, -EPROTO nothing is executing, -EAGAIN no room,
 * -ENOMEM.  at_port_bind() delivers nothing yet: at_port_run() does.
 */
int at_port_bind(struct at_port *port, u32 portid);
int at_port_unbind(struct at_port *port, u32 portid);
int at_port_reply(struct at_port *port, const struct at_reply *reply);
int at_port_urc(struct at_port *port, u32 portid, const u8 *buf, size_t n);
int at_port_set(struct at_port *port, u32 portid,
		const struct at_settings *set);
void at_port_owner_gone(struct at_port *port);
void at_port_run(struct at_port *port);
enum n_at_mode at_port_mode(const struct at_port *port);

#endif /* AT_PORT_H */
