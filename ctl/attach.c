// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * attach and detach: the line discipline on a tty.  It lives as long as
 * somebody keeps the tty open; whoever attached it stays for that, and ends
 * when the tty hangs up, so that a unit starts it again, or when the
 * discipline was taken off.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/family.h"
#include "ctl/grant.h"
#include "ctl/line.h"
#include "ctl/signals.h"

#define N_TTY	0

struct arguments {
	const char *speed;
	const char *framing;
	const char *flow;
	bool foreground;
	bool has_owner;
	struct grant owner;
	char path[PATH_MAX];
};

/* ---- the tty ---- */

static enum ctl_status open_tty(const char *path, int *fd)
{
	*fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return ctl_fail(CTL_FAILED, "%s: %s", path, strerror(errno));
	if (isatty(*fd))
		return CTL_OK;
	close(*fd);
	return ctl_fail(CTL_FAILED, "%s: not a tty", path);
}

static enum ctl_status parse_line(const struct arguments *a,
				  struct termios *t)
{
	line_set_raw(t);
	if (line_set_speed(t, a->speed))
		return ctl_fail(CTL_USAGE, "speed: '%s' is none, such as 115200",
				a->speed);
	if (line_set_framing(t, a->framing))
		return ctl_fail(CTL_USAGE, "framing: '%s' is none, such as 8N1",
				a->framing);
	if (line_set_flow(t, a->flow))
		return ctl_fail(CTL_USAGE,
				"flow: '%s' is not none, rtscts or xonxoff",
				a->flow);
	return CTL_OK;
}

/* A driver that cannot do it does what it can, and is used. */
static enum ctl_status set_line(int fd, const struct arguments *a)
{
	struct termios want, got;
	enum ctl_status status;

	if (tcgetattr(fd, &want))
		return ctl_fail(CTL_FAILED, "%s: %s", a->path, strerror(errno));
	status = parse_line(a, &want);
	if (status)
		return status;
	if (tcsetattr(fd, TCSANOW, &want) || tcgetattr(fd, &got))
		return ctl_fail(CTL_FAILED, "%s: %s", a->path, strerror(errno));
	if (cfgetospeed(&got) != cfgetospeed(&want))
		ctl_warn("%s: the driver did not take speed %s", a->path,
			 a->speed);
	if ((got.c_cflag ^ want.c_cflag) & (CSIZE | PARENB | PARODD | CSTOPB))
		ctl_warn("%s: the driver did not take framing %s", a->path,
			 a->framing);
	if ((got.c_cflag ^ want.c_cflag) & CRTSCTS)
		ctl_warn("%s: the driver did not take flow %s", a->path,
			 a->flow);
	return CTL_OK;
}

static bool has_discipline(int fd)
{
	int disc = N_TTY;

	return ioctl(fd, TIOCGETD, &disc) == 0 && disc == N_AT_LDISC;
}

static enum ctl_status set_discipline(int fd, const char *path)
{
	int disc = N_AT_LDISC;

	if (!ioctl(fd, TIOCSETD, &disc))
		return CTL_OK;
	switch (errno) {
	case EINVAL:
		return family_missing();
	case EPERM:
		return ctl_fail(CTL_FAILED, "%s: attaching needs CAP_NET_ADMIN",
				path);
	default:
		return ctl_fail(CTL_FAILED, "%s: %s", path, strerror(errno));
	}
}

/* ---- staying ---- */

struct watch {
	const char *path;
	int tty;
	int signals;
	struct family *family;	/* tells that a port went */
};

/* Only to be woken: what is true of the tty is asked of the tty. */
static void ignore(void *ctx, enum n_at_cmd cmd, struct nlattr **attrs)
{
	(void)ctx;
	(void)cmd;
	(void)attrs;
}

static bool has_hung_up(int tty)
{
	struct pollfd p = { .fd = tty };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLNVAL);
}

static enum ctl_status leave(const struct watch *w)
{
	int disc = N_TTY;

	if (has_discipline(w->tty) && ioctl(w->tty, TIOCSETD, &disc))
		return ctl_fail(CTL_FAILED, "%s: %s", w->path, strerror(errno));
	return CTL_OK;
}

static enum ctl_status stay(const struct watch *w)
{
	struct pollfd fds[] = {
		{ .fd = w->tty },
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = family_fd(w->family), .events = POLLIN },
	};

	for (;;) {
		if (has_hung_up(w->tty))
			return ctl_fail(CTL_HUNG_UP, "%s: hung up", w->path);
		if (!has_discipline(w->tty))
			return ctl_fail(CTL_OK, "%s: detached", w->path);
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return ctl_fail(CTL_FAILED, "poll: %s",
					strerror(errno));
		if (fds[1].revents)
			return leave(w);
		if (fds[2].revents)
			family_receive(w->family, ignore, NULL);
	}
}

static enum ctl_status listen_to_ports(struct family **f)
{
	enum ctl_status status = family_open(f);

	if (status == CTL_NO_MODULE)
		return family_missing();
	return status ? status : family_join(*f, N_AT_MCGRP_PORTS);
}

static enum ctl_status name_owner(const struct watch *w,
				  const struct arguments *a)
{
	struct stat st;

	if (!a->has_owner)
		return CTL_OK;
	if (fstat(w->tty, &st))
		return ctl_fail(CTL_FAILED, "%s: %s", w->path, strerror(errno));
	return grant_port(&a->owner, st.st_rdev, w->path);
}

static enum ctl_status prepare(struct watch *w, const struct arguments *a)
{
	enum ctl_status status = name_owner(w, a);

	if (!status)
		status = listen_to_ports(&w->family);
	if (!status && !a->foreground && daemon(0, 0))
		status = ctl_fail(CTL_FAILED, "daemon: %s", strerror(errno));
	return status;
}

static enum ctl_status hold(struct watch *w, const struct arguments *a)
{
	enum ctl_status status = set_discipline(w->tty, w->path);

	if (status)
		return status;
	status = prepare(w, a);
	if (status) {
		leave(w);
	} else {
		sd_notify(0, "READY=1");
		status = stay(w);
	}
	family_close(w->family);
	return status;
}

static enum ctl_status attach(const struct arguments *a)
{
	struct watch w = { .path = a->path };
	enum ctl_status status = open_tty(a->path, &w.tty);

	if (status)
		return status;
	if (has_discipline(w.tty))
		status = ctl_fail(CTL_FAILED, "%s: n_at is attached already",
				  a->path);
	else
		status = set_line(w.tty, a);
	if (!status) {
		w.signals = signals_open();
		status = hold(&w, a);
		close(w.signals);
	}
	close(w.tty);
	return status;
}

/* ---- options ---- */

static enum ctl_status take_tty(int argc, char **argv, char *path)
{
	if (optind != argc - 1) {
		ctl_warn(optind == argc ? "%s: which tty?" :
					  "%s: one tty, please", argv[0]);
		return ctl_usage();
	}
	ctl_tty_path(argv[optind], path, PATH_MAX);
	return CTL_OK;
}

enum ctl_status ctl_attach_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "speed", required_argument, NULL, 's' },
		{ "framing", required_argument, NULL, 'r' },
		{ "flow", required_argument, NULL, 'w' },
		{ "owner", required_argument, NULL, 'o' },
		{ "foreground", no_argument, NULL, 'f' },
		{ 0 },
	};
	struct arguments a = { .speed = "115200", .framing = "8N1",
			       .flow = "none" };
	const char *owner = NULL;
	struct termios t = { 0 };
	enum ctl_status status;
	int opt;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 's': a.speed = optarg; break;
		case 'r': a.framing = optarg; break;
		case 'w': a.flow = optarg; break;
		case 'o': owner = optarg; break;
		case 'f': a.foreground = true; break;
		default: return ctl_usage();
		}
	}
	status = take_tty(argc, argv, a.path);
	/* before the tty is touched */
	if (!status)
		status = parse_line(&a, &t);
	a.has_owner = owner;
	if (!status && owner)
		status = grant_parse(owner, &a.owner);
	return status ? status : attach(&a);
}

enum ctl_status ctl_detach_command(int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	struct watch w = { 0 };
	enum ctl_status status;
	char path[PATH_MAX];

	if (getopt_long(argc, argv, "", options, NULL) != -1)
		return ctl_usage();
	status = take_tty(argc, argv, path);
	if (!status)
		status = open_tty(path, &w.tty);
	if (status)
		return status;
	w.path = path;
	if (has_discipline(w.tty))
		status = leave(&w);
	else
		status = ctl_fail(CTL_NO_PORT, "%s: n_at is not attached",
				  path);
	close(w.tty);
	return status;
}
