/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A port: a tty that has the discipline, with its modes and queues.
 */
#ifndef AT_PORT_H
#define AT_PORT_H

#include <linux/kref.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/skbuff.h>
#include <linux/tty.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include <linux/n_at.h>

#include "framer.h"
#include "line.h"
#include "modem.h"
#include "ring.h"
#include "urc.h"

struct at_port;

/* Where a port's notifications go: netlink, or a test's fake. */
struct at_port_link_ops {
	/*
	 * A line for the owner.  0: it will be answered; -EAGAIN, -ENOMEM: try
	 * again later; else the owner is gone.
	 */
	int (*line)(struct at_port *port, u32 seq, const u8 *buf, size_t n,
		    u32 flags);
	/* A message for up to @n bytes of data, which go to *@buf, or NULL. */
	struct sk_buff *(*data_new)(struct at_port *port, u32 seq, size_t n,
				    u8 **buf);
	/* It has @n; errors as above; @skb is the port's until this is 0. */
	int (*data)(struct at_port *port, struct sk_buff *skb, size_t n,
		    u32 flags);
	/* Output that was refused fits now; errors as above. */
	int (*tx_space)(struct at_port *port);
	/* Errors as above, but for a port without an owner. */
	int (*modem)(struct at_port *port, enum n_at_event event);
	/* Copies of what passed, for who monitors. */
	void (*copies)(struct at_port *port, enum n_at_kind kind, u32 flags,
		       const u8 *buf, size_t n);
	/* at_port.owner is not any more, and will be NULL. */
	void (*release)(struct at_port *port);
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
	bool has_line;
	struct at_line line; /* what it is to become, if so */
};

/* Sizes, powers of two. */
#define AT_RX_FIFO 4096
#define AT_TX_FIFO (2 * N_AT_OUT_MAX)

struct at_port {
	/* who it is; constant once attached */
	struct kref ref;
	struct rcu_head rcu;
	struct net *net; /* NULL: it has ended; guarded by ports.c */
	const struct at_port_link_ops *link;
	u32 id;
	char name[64];
	dev_t device;

	/* Guards all below.  Taken in .receive_buf2 and in netlink's doit. */
	struct mutex lock;
	struct tty_struct *tty; /* NULL: dead */
	bool closing; /* its driver is being closed: at_port_driver() */
	struct sock *owner; /* the link's reference; NULL: none */
	u32 owner_id; /* its netlink port id */
	kuid_t owner_uid; /* who may own it; invalid: nobody */
	kgid_t owner_gid;
	enum n_at_mode mode; /* never ORPHAN: at_port_mode() */
	enum n_at_mode told_mode; /* the last one that was told */
	u32 seq; /* of the last line or data delivered */
	unsigned long monitors; /* who hears it: bits of monitor.h */
	unsigned long missed; /* and who of them has missed the last copy */
	struct at_settings set;
	u64 count[N_AT_C_MAX + 1];
	bool damage_said; /* in the kernel's log, once */

	/* input: flip buffer -> rx (flags beside it) -> framer */
	const u8 *in; /* of the flip buffer, between at_rx_begin() and _end() */
	size_t in_len;
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
	struct sk_buff *data; /* with counted data: taken, or pending */
	bool data_orphaned; /* whoever asked for them is gone */

	/* output: tx -> driver; urcs wait for their time before tx */
	struct at_ring tx;
	struct at_urcs urcs;
	bool reply_refused; /* the owner waits for TX_SPACE_NTF, */
	bool urc_refused; /* for the one or the other */
	bool corked; /* answers collect in tx, a tick at most */

	struct at_termios termios;
	struct at_change change;
	struct at_modem modem;

	/*
	 * Time, in jiffies.  The first three may be long ago, which in 32 bits
	 * is taken for to come: after 99 days at 250 Hz.
	 */
	u64 last_rx; /* of what is framed: XON and XOFF do not count */
	u64 ownerless_since;
	u64 executing_since; /* or since the last sign of its owner */
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

/**
 * at_port_driver - the tty, if its driver may be used
 * @port: port, with its lock held
 *
 * The core closes a driver ahead of the discipline.  What has hardware has
 * perhaps no clock then, and a look at a register stops a machine.
 *
 * Return: the tty or NULL.
 */
static inline struct tty_struct *at_port_driver(const struct at_port *port)
{
	lockdep_assert_held(&port->lock);
	if (!port->tty || port->closing || tty_io_error(port->tty))
		return NULL;
	return port->tty;
}

/**
 * at_port_copy - a copy of what passed, if anybody wants it
 * @port: port, with its lock held
 * @kind: what it is
 * @flags: N_AT_FLAG_*
 * @buf: bytes, if the kind has some
 * @n: how many
 */
static inline void at_port_copy(struct at_port *port, enum n_at_kind kind,
				u32 flags, const u8 *buf, size_t n)
{
	if (port->monitors)
		port->link->copies(port, kind, flags, buf, n);
}

/**
 * at_port_create - a port for a tty
 * @tty: tty, which outlives at_port_kill()
 * @net: network namespace, which is alive
 * @link: where its notifications go
 *
 * Return: a reference, for at_port_put(), or NULL.
 */
struct at_port *at_port_create(struct tty_struct *tty, struct net *net,
			       const struct at_port_link_ops *link);
void at_port_put(struct at_port *port);
/**
 * at_port_kill - from here on nothing touches the tty
 * @port: port
 *
 * Context: Waits for the port's work; without its lock.
 */
void at_port_kill(struct at_port *port);

/**
 * at_port_receive - bytes from the driver
 * @port: port
 * @buf: bytes
 * @flags: TTY_* for each, or NULL: all are TTY_NORMAL
 * @n: how many
 *
 * Context: May sleep; with the flip buffer's lock held.
 * Return: how many of them were taken.
 */
size_t at_port_receive(struct at_port *port, const u8 *buf, const char *flags,
		       size_t n);
/**
 * at_port_lookahead - bytes that at_port_receive() will be given later
 * @port: port
 * @buf: bytes, of which XON and XOFF are obeyed now
 * @flags: TTY_* for each, or NULL: all are TTY_NORMAL
 * @n: how many
 *
 * Context: As at_port_receive().
 */
void at_port_lookahead(struct at_port *port, const u8 *buf, const u8 *flags,
		       size_t n);
/**
 * at_port_wake - look at port->events and at the output
 * @port: port
 *
 * Context: Any.
 */
void at_port_wake(struct at_port *port);
/**
 * at_port_flush - drop what waits to be framed
 * @port: port
 *
 * Context: As at_port_receive().
 */
void at_port_flush(struct at_port *port);
/**
 * at_port_leave_driver - the driver is about to be closed
 * @port: port
 *
 * Context: May sleep, as long as the driver does; without port->lock.
 */
void at_port_leave_driver(struct at_port *port);
/**
 * at_port_unsent - how many bytes wait to be sent
 * @port: port
 *
 * Context: May sleep.
 */
u32 at_port_unsent(struct at_port *port);

/* What a REPLY carries. */
struct at_reply {
	struct sock *from;
	u32 seq;
	const u8 *out;
	size_t out_len;
	bool final;
	bool wants_data;
	u32 data_len;
	const struct at_settings *set; /* NULL: as they are */
};

/**
 * at_port_bind - give a port an owner
 * @port: port, with its lock held
 * @sk: owner; nothing is delivered to it before at_port_run()
 *
 * Return: 0; -ENODEV: the tty is gone; -EBUSY: there is an owner.
 */
int at_port_bind(struct at_port *port, struct sock *sk);
/**
 * at_port_unbind - the owner leaves the port
 * @port: port, with its lock held
 * @sk: who says so
 *
 * Return: 0; -ENODEV: the tty is gone; -EPERM: @sk is not the owner.
 */
int at_port_unbind(struct at_port *port, struct sock *sk);
/**
 * at_port_owner_gone - the owner has died
 * @port: port, with its lock held
 */
void at_port_owner_gone(struct at_port *port);
/**
 * at_port_reply - a REPLY, which is taken as a whole or not at all
 * @port: port, with its lock held
 * @reply: what it says
 *
 * Return: 0; -ENODEV: the tty is gone; -EPERM: it is not the owner's; -ESTALE:
 * another line was meant; -EPROTO: no line is executed; -EAGAIN: there is no
 * room; -ENOMEM: nor memory for the data.
 */
int at_port_reply(struct at_port *port, const struct at_reply *reply);
/**
 * at_port_urc - an unsolicited result
 * @port: port, with its lock held
 * @sk: who says so
 * @buf: result
 * @n: its length in bytes
 *
 * Return: 0; -ENODEV, -EPERM, -EAGAIN, -ENOMEM as at_port_reply().
 */
int at_port_urc(struct at_port *port, struct sock *sk, const u8 *buf, size_t n);
/**
 * at_port_set - change the settings
 * @port: port, with its lock held
 * @sk: who says so; NULL: whoever owns the port, or nobody
 * @set: what they are to be
 *
 * Return: 0; -ENODEV: the tty is gone; -EPERM: @sk is not the owner.
 */
int at_port_set(struct at_port *port, struct sock *sk,
		const struct at_settings *set);
/**
 * at_port_run - do what can be done
 * @port: port, with its lock held
 */
void at_port_run(struct at_port *port);
/**
 * at_port_mode - the mode as others see it
 * @port: port, with its lock held
 */
enum n_at_mode at_port_mode(const struct at_port *port);
/**
 * at_port_count - bring port->count up to date
 * @port: port, with its lock held
 */
void at_port_count(struct at_port *port);

#endif /* AT_PORT_H */
