/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * All differences between the kernels that n_at supports: 5.10 to 7.3.
 */
#ifndef AT_COMPAT_H
#define AT_COMPAT_H

#include <linux/tty.h>
#include <linux/tty_ldisc.h>
#include <linux/version.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>

/* .receive_buf2: flags, count, bytes taken. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
typedef const u8 at_rx_flag_t;
typedef size_t at_rx_count_t;
typedef ssize_t at_write_t; /* and the driver's ->write, for the tests */
typedef size_t at_write_count_t;
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
typedef const char at_rx_flag_t;
typedef int at_rx_count_t;
typedef int at_write_t;
typedef int at_write_count_t;
#else
typedef char at_rx_flag_t;
typedef int at_rx_count_t;
typedef int at_write_t;
typedef int at_write_count_t;
#endif

/* The driver's ->chars_in_buffer, for the tests. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
typedef unsigned int at_room_t;
#else
typedef int at_room_t;
#endif

/* .lookahead_buf: what the flip buffer holds behind bytes we did not take. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
typedef size_t at_ahead_count_t;
#else
typedef unsigned int at_ahead_count_t;
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
#define AT_LOOKAHEAD_OP(op) .lookahead_buf = (op),
#else
#define AT_LOOKAHEAD_OP(op)
#endif

/* .ioctl lost its file. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
#define AT_IOCTL_ARGS \
	struct tty_struct *tty, unsigned int cmd, unsigned long arg
#define at_ioctl_helper(tty, cmd, arg) n_tty_ioctl_helper(tty, cmd, arg)
#else
#define AT_IOCTL_ARGS \
	struct tty_struct *tty, struct file *file, unsigned int cmd, \
	unsigned long arg
#define at_ioctl_helper(tty, cmd, arg) n_tty_ioctl_helper(tty, file, cmd, arg)
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
typedef const struct ktermios at_old_termios_t;
#else
typedef struct ktermios at_old_termios_t;
#endif

/*
 * .dcd_change takes a bool since 6.3, and in some stable releases of older
 * kernels: ask the type, not the version.
 */
#define AT_DCD_OP(of_bool, of_uint) \
	__builtin_choose_expr( \
		__builtin_types_compatible_p( \
			typeof(((struct tty_ldisc_ops *)0)->dcd_change), \
			void (*)(struct tty_struct *, bool)), \
		of_bool, of_uint)

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
#define AT_LDISC_NUM(n) .num = (n),
#define at_register_ldisc(n, ops) tty_register_ldisc(ops)
#define at_unregister_ldisc(n, ops) tty_unregister_ldisc(ops)
#else
#define AT_LDISC_NUM(n) .magic = TTY_LDISC_MAGIC,
#define at_register_ldisc(n, ops) tty_register_ldisc(n, ops)
#define at_unregister_ldisc(n, ops) tty_unregister_ldisc(n)
#endif

/* The work queues for work that may run on any CPU. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define at_system_wq system_dfl_wq
#define at_flip_wq(port) (READ_ONCE((port)->buf.flip_wq) ?: system_dfl_wq)
#else
#define at_system_wq system_unbound_wq
#define at_flip_wq(port) system_unbound_wq
#endif

/*
 * What tty_buffer_restart_work() does, which is not exported.
 * tty_flip_buffer_push() would touch the driver's counters without its lock.
 */
static inline void at_restart_rx(struct tty_port *port)
{
	queue_work(at_flip_wq(port), &port->buf.work);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
typedef const struct genl_split_ops at_genl_ops_t;
#else
typedef const struct genl_ops at_genl_ops_t;
#endif

/* A trace event's string: what TP_STRUCT__entry has been told already. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define at_assign_str(field, string) __assign_str(field)
#else
#define at_assign_str(field, string) __assign_str(field, string)
#endif

#endif /* AT_COMPAT_H */
