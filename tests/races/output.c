// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * What an owner sends comes out, all of it and nothing else, while a second
 * opener sets the discipline that is set already: a wakeup by the driver that
 * finds the tty's ldisc_sem taken is lost (K7, K10, K18, K19).
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "link.h"
#include "race.h"

#define TOTAL 100000
#define LONGEST 3000
#define STALL_SECONDS 30

static int master, slave;
static char slave_name[64];
static uint32_t port;
static unsigned long sent, got;

static void heard(int cmd, struct nlattr **a)
{
	const char *name = slave_name + strlen("/dev/");
	char tty[64];

	if (cmd != N_AT_CMD_PORT_GET || !a[N_AT_A_TTY])
		return;
	/* "pts/5" is "pts5" to the kernel */
	snprintf(tty, sizeof(tty), "pts%s", name + strlen("pts/"));
	if (!strcmp(nla_get_string(a[N_AT_A_TTY]), tty))
		port = nla_get_u32(a[N_AT_A_PORT]);
}

static char expected(unsigned long at)
{
	return '!' + at * 7 % 90;
}

static void check(const char *buf, ssize_t n)
{
	ssize_t i;

	race_count_by("bytes", n);
	for (i = 0; i < n; i++, got++)
		if (buf[i] != expected(got))
			race_fail("byte %lu is 0x%02x, not 0x%02x", got,
				  (unsigned char)buf[i], expected(got));
}

/* False: nothing came. */
static bool take(void)
{
	char buf[512];
	ssize_t n = read(master, buf, 1 + race_below(sizeof(buf) - 1));

	if (n > 0)
		check(buf, n);
	return n > 0;
}

/* False: the queue is full. */
static bool put(struct nl_sock *sock)
{
	struct nl_msg *msg = link_new(N_AT_CMD_URC, port, 0);
	unsigned int i, n = 1 + race_below(LONGEST);
	char buf[LONGEST];
	int err;

	for (i = 0; i < n; i++)
		buf[i] = expected(sent + i);
	nla_put(msg, N_AT_A_DATA, n, buf);
	err = link_ask(sock, msg);
	if (err && err != -EAGAIN)
		race_fail("an owner's output is refused: %s", strerror(-err));
	if (!err)
		sent += n;
	return !err;
}

static void set_again(void *arg)
{
	(void)arg;
	race_discipline(slave, N_AT_LDISC);
}

static void transfer(struct nl_sock *sock)
{
	double last = race_now();

	sent = 0;
	got = 0;
	while (got < TOTAL || got < sent) {
		while (sent < TOTAL && put(sock))
			;
		if (take())
			last = race_now();
		else
			race_sleep(500);
		if (race_now() < last + STALL_SECONDS)
			continue;
		race_fail("output stands still at %lu of %lu bytes", got, sent);
		return;
	}
	race_count("rounds");
}

/* A pty whose slave is attached and ours; false: why was said. */
static bool open_port(struct nl_sock *sock)
{
	struct termios raw = {};
	int err;

	cfmakeraw(&raw);
	raw.c_cflag = CS8 | CREAD | CLOCAL | B115200;
	if (openpty(&master, &slave, slave_name, &raw, NULL) ||
	    fcntl(master, F_SETFL, O_NONBLOCK) ||
	    race_discipline(slave, N_AT_LDISC)) {
		race_fail("cannot attach: %s", strerror(errno));
		return false;
	}
	port = 0;
	err = link_ask(sock, link_new(N_AT_CMD_PORT_GET, 0, NLM_F_DUMP));
	if (!port)
		race_fail("%s is not among the ports: %d", slave_name, err);
	return port;
}

static void send_all(char **arguments)
{
	struct nl_sock *sock = link_open(heard);
	pid_t setter;

	(void)arguments;
	if (!sock) {
		race_fail("the module is not there");
		exit(1);
	}
	if (!open_port(sock))
		exit(1);
	for (;;) {
		if (link_ask(sock, link_new(N_AT_CMD_BIND, port, 0))) {
			race_nap(10000);	/* somebody else was faster */
			continue;
		}
		break;
	}
	setter = race_child(set_again, NULL);
	transfer(sock);
	race_end_child(setter);
	close(slave);
	close(master);
	nl_socket_free(sock);
}

int main(int argc, char **argv)
{
	return race_alone(argc, argv, send_all);
}
