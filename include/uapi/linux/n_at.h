/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * The generic netlink family "n_at", version 1.
 *
 * n_at is a tty line discipline for the DCE end of an AT interface (ITU-T
 * V.250).  It edits and echoes command lines, takes counted raw data, holds
 * unsolicited results back while a command is under way and knows no AT
 * command.  A daemon owns ports and answers their lines:
 *
 *   daemon                         n_at                         host (DTE)
 *     BIND(port)          ->
 *                                     <-                        AT+X=1 CR
 *                         <-  LINE_NTF(seq, "AT+X=1")
 *     REPLY(seq, FINAL,   ->
 *           "\r\nOK\r\n")             ->                        OK
 *
 * and for a command that takes data:
 *
 *     REPLY(seq, DATA_LEN=5, DATA="\r\n>\r\n") ->               >
 *                                     <-                        5 raw bytes
 *                         <-  DATA_NTF(seq + 1, 5 bytes)
 *     REPLY(seq + 1, FINAL, "\r\nOK\r\n")      ->               OK
 *
 * The owner can call the data off by a REPLY with FINAL to the line that asked
 * for them: what came so far is dropped.
 *
 * Why not read(2) and write(2) on the tty?  An answer and the settings that
 * come with it are one; who waits for lines of many ports reads one socket; the
 * tty stays with who attached it, and is not to be read by who has it open.
 *
 * At most one LINE_NTF or DATA_NTF of a port is unanswered at any time.  SEQ
 * counts them.  A REPLY must carry it as the notification did, or it is refused
 * with -ESTALE.  A REPLY without FINAL and without DATA_LEN adds output and
 * leaves the port executing.  SETTINGS in a REPLY take effect after its output
 * was queued.  When EXEC_TIMEOUT_MS have passed since the notification or the
 * last REPLY, n_at answers with the orphan reply; a later REPLY is refused.
 *
 * PORT is the attachment: a tty that loses the discipline and gets it again
 * gets another.  DEVICE tells which tty it is, TTY what it is called; neither
 * name is unique (each mount of devpts has a pts/0) nor does it last.
 *
 * SPEED, DATA_BITS, PARITY, STOP_BITS and FLOW are the tty's own.  A change
 * waits until all output so far has left the UART at the old speed, or has not
 * moved for 5 s; until then input is not looked at and URCs wait.  It takes
 * place after the REPLY or PORT_SET was answered; a driver that cannot do it
 * does what it can.  PORT_GET tells what the tty has.
 *
 * MODEM_NTF tells the owner what its host says beside bytes: a break behind
 * whose start nothing came for 100 ms, and ahead of which no damage did (others
 * only count), and changes of the modem lines in WATCH.  What these are when
 * watching begins is no change; PORT_GET and BIND tell it in MODEM as soon as
 * they have been looked at, which PORT_SET does not wait for, if the tty has
 * modem lines.  Without WATCH changes of DCD are told that the driver tells of
 * by itself.  If the owner's socket is full they are told later, each at most
 * once; what happens while there is no owner is not.
 *
 * REPLY and URC are written whole or refused whole: -EAGAIN says that the
 * output queue is full; TX_SPACE_NTF follows when it has drained.
 *
 * MONITOR asks for copies of what passes PORT, as long as that is there, or
 * without PORT of what passes all ports, those that come later too; until the
 * socket is closed.  It can be asked again, also for more ports.  At most
 * N_AT_MONITORS_MAX sockets may do so, others get -EBUSY.
 *
 * MONITOR_NTF tells what passes, in order, by KIND: bytes as the driver gave
 * them, what n_at made of them, what went out and why, and the port's modes.
 * It carries passwords as they came, so it goes to the socket that asked, and
 * only there.  A port waits for nobody who hears it: what finds a socket full,
 * and what follows until that was emptied, is missing.  The socket's next
 * recv() fails with ENOBUFS then, and the next copy of each port of which some
 * are missing has N_AT_FLAG_MISSED.
 *
 * The group "ports" tells of names, to anybody who joins it.
 *
 * Who sets the discipline has CAP_NET_ADMIN, and may name by PORT_SET who may
 * own the port beside those who have that: the user OWNER_UID, or the members of
 * the group OWNER_GID, as who opened the socket was at that time.  -1 names
 * nobody, as it is in the beginning.  The owner is the socket that BIND came by,
 * until it is closed, whoever may hold its file meanwhile.  The commands of an
 * owner are refused to all other sockets with -EPERM.
 *
 * All commands see the ports of the caller's network namespace, which is the
 * one in which the line discipline was set.  When that goes, the ports stay, and
 * answer that there is no owner.
 */
#ifndef _UAPI_LINUX_N_AT_H
#define _UAPI_LINUX_N_AT_H

/* The line discipline: N_DEVELOPMENT, set aside for out-of-tree code. */
#define N_AT_LDISC		29

#define N_AT_FAMILY_NAME	"n_at"
#define N_AT_FAMILY_VERSION	1

#define N_AT_MCGRP_PORTS	"ports"

/* Limits, in bytes unless said otherwise. */
#define N_AT_LINE_MAX		16384	/* ceiling of the setting LINE_MAX */
#define N_AT_DATA_MAX		16384	/* longest counted data */
#define N_AT_OUT_MAX		32768	/* longest REPLY or URC */
#define N_AT_ORPHAN_MAX		64	/* longest orphan reply */
#define N_AT_SPEED_MAX		16000000	/* baud */
#define N_AT_MONITORS_MAX	8	/* sockets, of all network namespaces */

enum n_at_cmd {
	N_AT_CMD_PORT_GET = 1,	/* do, dump: a port; answered by PORT_GET */
	N_AT_CMD_PORT_SET,	/* SETTINGS: owner; also OWNER_*: CAP_NET_ADMIN */
	N_AT_CMD_BIND,		/* own PORT; answered by BIND, as PORT_GET */
	N_AT_CMD_UNBIND,	/* disown PORT; owner */
	N_AT_CMD_REPLY,		/* answer a LINE_NTF or DATA_NTF; owner */
	N_AT_CMD_URC,		/* an unsolicited result; owner */
	N_AT_CMD_MONITOR,	/* hear what passes PORT, or all; CAP_NET_ADMIN */
	N_AT_CMD_LINE_NTF,	/* to the owner: a command line */
	N_AT_CMD_DATA_NTF,	/* to the owner: counted data */
	N_AT_CMD_TX_SPACE_NTF,	/* to the owner: output that was refused fits */
	N_AT_CMD_MODEM_NTF,	/* to the owner: EVENT */
	N_AT_CMD_PORT_NEW_NTF,	/* group "ports": a tty got the discipline */
	N_AT_CMD_PORT_DEL_NTF,	/* group "ports": a tty lost it */
	N_AT_CMD_PORT_CHANGE_NTF,	/* group "ports": BIND may succeed now */
	N_AT_CMD_MONITOR_NTF,	/* to who asked by MONITOR: what passed, a copy */

	__N_AT_CMD_MAX,
	N_AT_CMD_MAX = __N_AT_CMD_MAX - 1
};

enum n_at_attr {
	N_AT_A_PORT = 1,	/* u32: id of the port, not reused soon */
	N_AT_A_SEQ,		/* u32: number of a LINE_NTF or DATA_NTF */
	N_AT_A_TTY,		/* string: name of the tty, "ttyS1" */
	N_AT_A_DEVICE,		/* u32: number of the tty, as in st_rdev */
	N_AT_A_MODE,		/* u32: enum n_at_mode */
	N_AT_A_OWNER,		/* u32: netlink port id; absent: no owner */
	N_AT_A_OWNER_UID,	/* u32: who may own it; absent or -1: nobody */
	N_AT_A_OWNER_GID,	/* u32: the same, a group */
	N_AT_A_DATA,		/* binary: bytes in or out */
	N_AT_A_FLAGS,		/* u32: N_AT_FLAG_* */
	N_AT_A_DATA_LEN,	/* u32: REPLY: take so many raw bytes next */
	N_AT_A_SETTINGS,	/* nest: enum n_at_setting; for who may own it */
	N_AT_A_COUNTERS,	/* nest: enum n_at_counter */
	N_AT_A_EVENT,		/* u32: enum n_at_event */
	N_AT_A_DIRECTION,	/* u32: enum n_at_dir */
	N_AT_A_TIME,		/* u32 or u64: nanoseconds of CLOCK_REALTIME */
	N_AT_A_KIND,		/* u32: enum n_at_kind */
	N_AT_A_MODEM,		/* u32: N_AT_WATCH_*: watched lines that are up */
	N_AT_A_VERSION,		/* string: n_at's own */

	__N_AT_A_MAX,
	N_AT_A_MAX = __N_AT_A_MAX - 1
};

enum n_at_mode {
	N_AT_MODE_COMMAND = 1,	/* a line is awaited or being typed */
	N_AT_MODE_EXECUTING,	/* a LINE_NTF or DATA_NTF is unanswered */
	N_AT_MODE_DATA,		/* counted raw bytes are taken */
	N_AT_MODE_ORPHAN,	/* as COMMAND, but nobody owns the port */
};

/* Settings survive the owner, not the attachment.  All u32 but ORPHAN_REPLY. */
enum n_at_setting {
	N_AT_S_ECHO = 1,	/* 0, 1: V.250 E; default 1 */
	N_AT_S_ECHO_CR,		/* 0, 1: echo the CR too; default 1 */
	N_AT_S_REPEAT,		/* 0, 1: "A/" is a line; default 1 */
	N_AT_S_S3,		/* 0-127: line terminator; default 13 */
	N_AT_S_S4,		/* 0-127: line feed; default 10 */
	N_AT_S_S5,		/* 0-127: line editing; default 8 */
	N_AT_S_LINE_MAX,	/* 64-16384: longest line; default 4096 */
	N_AT_S_URC_HOLD_MS,	/* 0-60000: default 1000 */
	N_AT_S_DATA_TIMEOUT_MS,	/* 100-3600000: idle time; default 20000 */
	N_AT_S_REBIND_MS,	/* 0-600000: default 5000 */
	N_AT_S_ORPHAN_REPLY,	/* binary: default "\r\nERROR\r\n" */
	N_AT_S_SPEED,		/* 50-16000000: baud, both ways */
	N_AT_S_DATA_BITS,	/* 5-8 */
	N_AT_S_PARITY,		/* enum n_at_parity */
	N_AT_S_STOP_BITS,	/* 1, 2 */
	N_AT_S_FLOW,		/* N_AT_FLOW_* */
	N_AT_S_WATCH,		/* N_AT_WATCH_*; default 0 */
	N_AT_S_EXEC_TIMEOUT_MS,	/* 0-3600000: for a REPLY; default 0: no end */

	__N_AT_S_MAX,
	N_AT_S_MAX = __N_AT_S_MAX - 1
};

enum n_at_parity {
	N_AT_PARITY_NONE,
	N_AT_PARITY_ODD,
	N_AT_PARITY_EVEN,
	N_AT_PARITY_MARK,
	N_AT_PARITY_SPACE,
};

/*
 * Flow control.  With XON_OUT the tty's START and STOP characters are taken out
 * of all input, counted data too, whichever way they are meant.
 */
#define N_AT_FLOW_RTS_CTS	(1U << 0)	/* both ways */
#define N_AT_FLOW_XON_OUT	(1U << 1)	/* the host holds our output */
#define N_AT_FLOW_XON_IN	(1U << 2)	/* we hold the host's */

/* Modem lines of the host's that are looked at, 20 times a second. */
#define N_AT_WATCH_DCD		(1U << 0)
#define N_AT_WATCH_DSR		(1U << 1)

/* All u32 or u64, whichever holds it; since the attachment. */
enum n_at_counter {
	N_AT_C_RX_BYTES = 1,	/* from the driver */
	N_AT_C_TX_BYTES,	/* to the driver, echo too */
	N_AT_C_LINES,		/* handed to an owner */
	N_AT_C_DATA_BYTES,	/* handed to an owner */
	N_AT_C_NOISE_BYTES,	/* dropped: ahead of a prefix, NUL, no prefix */
	N_AT_C_OVERLONG,	/* lines beyond LINE_MAX */
	N_AT_C_DAMAGED,		/* lines and data with a damaged byte */
	N_AT_C_FRAME,		/* framing errors */
	N_AT_C_PARITY,		/* parity errors */
	N_AT_C_OVERRUN,		/* overruns the driver told of */
	N_AT_C_BREAK,		/* breaks, however short */
	N_AT_C_THROTTLED,	/* times the driver was throttled */
	N_AT_C_ORPHANED,	/* orphan replies */
	N_AT_C_REPLIES,		/* REPLY taken */
	N_AT_C_URCS,		/* URC taken */
	N_AT_C_REFUSED,		/* REPLY and URC refused with -EAGAIN */
	N_AT_C_STALE,		/* REPLY refused with -ESTALE */
	N_AT_C_DATA_TIMEOUTS,	/* data that ended by time */
	N_AT_C_LOST,		/* bytes for which the tty's buffer had no room */
	N_AT_C_EXEC_TIMEOUTS,	/* lines and data that got no REPLY in time */

	__N_AT_C_MAX,
	N_AT_C_MAX = __N_AT_C_MAX - 1
};

/* FLAGS of LINE_NTF and DATA_NTF */
#define N_AT_FLAG_OVERLONG	(1U << 0)	/* the line did not fit: no DATA */
#define N_AT_FLAG_DAMAGED	(1U << 1)	/* parity, framing, overrun, break, NUL */
#define N_AT_FLAG_TIMEOUT	(1U << 2)	/* data ended by idle time */
#define N_AT_FLAG_BREAK	(1U << 3)	/* data ended by a break */
/* FLAGS of REPLY */
#define N_AT_FLAG_FINAL	(1U << 8)	/* the command is over */
/* FLAGS of MONITOR_NTF, beside those of what it is a copy of */
#define N_AT_FLAG_MISSED	(1U << 9)	/* copies before this one are missing */

enum n_at_event {
	N_AT_EVENT_HANGUP = 1,	/* the tty is gone; the port with it */
	N_AT_EVENT_BREAK,	/* a break of 100 ms */
	N_AT_EVENT_DCD_ON,
	N_AT_EVENT_DCD_OFF,
	N_AT_EVENT_DSR_ON,
	N_AT_EVENT_DSR_OFF,
};

enum n_at_dir {
	N_AT_DIR_RX = 1,	/* from the host */
	N_AT_DIR_TX,		/* to the host */
};

/* What a MONITOR_NTF copies; all have DATA, but for MODE and EVENT. */
enum n_at_kind {
	N_AT_KIND_RAW = 1,	/* in: bytes as they come, before all else */
	N_AT_KIND_LINE,		/* in: a whole line; FLAGS */
	N_AT_KIND_DATA,		/* in: counted data, to their end; FLAGS */
	N_AT_KIND_ECHO,		/* out: of a line */
	N_AT_KIND_REPLY,	/* out: of a REPLY */
	N_AT_KIND_URC,		/* out: of a URC, when it leaves its queue */
	N_AT_KIND_ORPHAN,	/* out: the orphan reply */
	N_AT_KIND_MODE,		/* MODE has changed; DATA_LEN if it is DATA */
	N_AT_KIND_EVENT,	/* EVENT, whether there is an owner or not */
};

#endif /* _UAPI_LINUX_N_AT_H */
