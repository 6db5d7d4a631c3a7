/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * All differences between the kernels that n_at supports, 5.10 to 7.3: what their
 * headers have is told by probe.sh, in AT_HAVE_...
 */
#ifndef AT_COMPAT_H
#define AT_COMPAT_H

#include <linux/tty.h>
#include <linux/tty_ldisc.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>

#ifndef AT_PROBED
#error "probe.sh has not found the kernel's headers"
#endif

/* .receive_buf2: flags, count, bytes taken; .lookahead_buf: count. */
#ifdef AT_HAVE_RX_SIZE_T
typedef const u8 at_rx_flag_t;
typedef size_t at_rx_count_t;
typedef size_t at_ahead_count_t;
#else
#ifdef AT_HAVE_RX_CONST_FLAGS
typedef const char at_rx_flag_t;
#else
typedef char at_rx_flag_t;
#endif
typedef int at_rx_count_t;
typedef unsigned int at_ahead_count_t;
#endif

/* .lookahead_buf: what the flip buffer holds behind bytes we did not take. */
#ifdef AT_HAVE_LOOKAHEAD
#define AT_LOOKAHEAD_OP(op) .lookahead_buf = (op),
#else
#define AT_LOOKAHEAD_OP(op)
#endif

/* The driver's ->write and ->chars_in_buffer, for the tests. */
#ifdef AT_HAVE_WRITE_SSIZE_T
typedef ssize_t at_write_t;
typedef size_t at_write_count_t;
#else
typedef int at_write_t;
typedef int at_write_count_t;
#endif
#ifdef AT_HAVE_UNSIGNED_ROOM
typedef unsigned int at_room_t;
#else
typedef int at_room_t;
#endif

#ifdef AT_HAVE_IOCTL_FILE
#define AT_IOCTL_ARGS \
	struct tty_struct *tty, struct file *file, unsigned int cmd, \
	unsigned long arg
#define at_ioctl_helper(tty, cmd, arg) n_tty_ioctl_helper(tty, file, cmd, arg)
#else
#define AT_IOCTL_ARGS \
	struct tty_struct *tty, unsigned int cmd, unsigned long arg
#define at_ioctl_helper(tty, cmd, arg) n_tty_ioctl_helper(tty, cmd, arg)
#endif

#ifdef AT_HAVE_CONST_TERMIOS
typedef const struct ktermios at_old_termios_t;
#else
typedef struct ktermios at_old_termios_t;
#endif

#ifdef AT_HAVE_DCD_BOOL
typedef bool at_dcd_t;
#else
typedef unsigned int at_dcd_t;
#endif

#ifdef AT_HAVE_LDISC_BY_NUMBER
#define AT_LDISC_NUM(n) .magic = TTY_LDISC_MAGIC,
#define at_register_ldisc(n, ops) tty_register_ldisc(n, ops)
#define at_unregister_ldisc(n, ops) tty_unregister_ldisc(n)
#else
#define AT_LDISC_NUM(n) .num = (n),
#define at_register_ldisc(n, ops) tty_register_ldisc(ops)
#define at_unregister_ldisc(n, ops) tty_unregister_ldisc(ops)
#endif

/* The work queue for work that may run on any CPU, and that of the flip buffer */
#ifdef AT_HAVE_SYSTEM_DFL_WQ
#define at_system_wq system_dfl_wq
#else
#define at_system_wq system_unbound_wq
#endif
#ifdef AT_HAVE_FLIP_WQ
#define at_flip_wq(port) (READ_ONCE((port)->buf.flip_wq) ?: at_system_wq)
#else
#define at_flip_wq(port) at_system_wq
#endif

/*
 * What tty_buffer_restart_work() does, which is not exported.
 * tty_flip_buffer_push() would touch the driver's counters without its lock.
 */
static inline void at_restart_rx(struct tty_port *port)
{
	queue_work(at_flip_wq(port), &port->buf.work);
}

#ifdef AT_HAVE_GENL_SPLIT_OPS
typedef const struct genl_split_ops at_genl_ops_t;
#else
typedef const struct genl_ops at_genl_ops_t;
#endif

/* The number of an attribute that is missing, told beside a sentence. */
#ifndef GENL_REQ_ATTR_CHECK
#define GENL_REQ_ATTR_CHECK(info, attr) (!(info)->attrs[attr])
#endif

/* A trace event's string: what TP_STRUCT__entry has been told already. */
#ifdef AT_HAVE_ASSIGN_STR_1
#define at_assign_str(field, string) __assign_str(field)
#else
#define at_assign_str(field, string) __assign_str(field, string)
#endif

#endif /* AT_COMPAT_H */
