#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 atmqtt contributors
#
# probe.sh SRCTREE: what the kernel's headers have, as arguments of its
# compiler: -DAT_HAVE_...  Versions are not asked: stable kernels, and vendors',
# take over what is younger than they are.
set -eu

# told NAME HEADERS TEXT: white space counts as one blank, a name that may be
# left out is [a-z]*
told() {
	# shellcheck disable=SC2086	# may be several, some not in each kernel
	(cd "$include" && cat $2 2>/dev/null || true) |
		tr -s '[:space:]' ' ' | grep -q -e "$3" || return 0
	echo "-DAT_HAVE_$1"
}

include=$1/include
[ -e "$include/linux/tty_ldisc.h" ] || exit 1
# its absence says that nothing has been asked
echo -DAT_PROBED

while read -r name headers text; do
	told "$name" "$headers" "$text"
done <<'END'
RX_SIZE_T	linux/tty_ldisc.h	size_t (\*receive_buf2)(struct tty_struct \*[a-z]*, const u8 \*
RX_CONST_FLAGS	linux/tty_ldisc.h	const char \*fp
LOOKAHEAD	linux/tty_ldisc.h	(\*lookahead_buf)(
IOCTL_FILE	linux/tty_ldisc.h	(\*ioctl)(struct tty_struct \*[a-z]*, struct file \*
CONST_TERMIOS	linux/tty_ldisc.h	(\*set_termios)(struct tty_struct \*[a-z]*, const struct
DCD_BOOL	linux/tty_ldisc.h	(\*dcd_change)(struct tty_struct \*[a-z]*, bool
LDISC_BY_NUMBER	linux/tty*.h	tty_unregister_ldisc(int disc)
WRITE_SSIZE_T	linux/tty_driver.h	ssize_t (\*write)(struct tty_struct \*
UNSIGNED_ROOM	linux/tty_driver.h	unsigned int (\*chars_in_buffer)(
FLIP_WQ	linux/tty_buffer.h	struct workqueue_struct \*flip_wq;
SYSTEM_DFL_WQ	linux/workqueue.h	struct workqueue_struct \*system_dfl_wq;
GENL_SPLIT_OPS	net/genetlink.h	(\*pre_doit)(const struct genl_split_ops \*
ASSIGN_STR_1	trace/stages/stage6_event_callback.h	#define __assign_str([a-z]*)
END
