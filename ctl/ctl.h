/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * atmqttctl(1): what its commands have in common.
 */
#ifndef ATMQTT_CTL_H
#define ATMQTT_CTL_H

/* Exit statuses; the manual page has them. */
enum ctl_status {
	CTL_OK,
	CTL_FAILED,		/* the reason was printed */
	CTL_USAGE,
	CTL_NO_MODULE,		/* n_at is not loaded */
	CTL_NO_DAEMON,		/* nobody answers at the control socket */
	CTL_NO_PORT,		/* n_at has no such port */
	CTL_HUNG_UP,		/* attach: the tty went away */
};

/* Prints "atmqttctl: ..." on stderr and returns @status. */
enum ctl_status ctl_fail(enum ctl_status status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for what does not end the command. */
void ctl_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "Try 'atmqttctl --help'." */
enum ctl_status ctl_usage(void);

/* The name that n_at has for a tty: "ttyS1" of "/dev/ttyS1". */
void ctl_port_name(const char *arg, char *out, unsigned long size);

/* The other way: "/dev/ttyS1" of "ttyS1". */
void ctl_tty_path(const char *arg, char *out, unsigned long size);

/* The commands; @argv[0] is the command's name. */
enum ctl_status ctl_status_command(int argc, char **argv);
enum ctl_status ctl_monitor_command(int argc, char **argv);
enum ctl_status ctl_restart_command(int argc, char **argv);
enum ctl_status ctl_attach_command(int argc, char **argv);
enum ctl_status ctl_detach_command(int argc, char **argv);
enum ctl_status ctl_owner_command(int argc, char **argv);

#endif /* ATMQTT_CTL_H */
