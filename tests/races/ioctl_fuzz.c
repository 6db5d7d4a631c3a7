// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Whatever ioctl(2) can do to a tty with n_at, with arguments that make little
 * sense: termios of any kind, disciplines that come and go, flushes, hang-ups,
 * modem lines, breaks (K2, K4, K9, K11, K17, K18, K22).
 *
 *   ioctl_fuzz SECONDS TTY...	a process a tty; "pty" is a new pair of its own
 *
 * A call that waits for output that stands still is interrupted again and
 * again; one that does not come back all the same is stuck.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <asm/termbits.h>

#include "race.h"

#define DEEDS_MAX 64
#define INTERRUPT_US 100000
#define STUCK_SECONDS 20

#define ALL_SPEEDS (CBAUD | CBAUDEX)

/* Of asm/termios.h, which has no peace with sys/ioctl.h. */
#define TIOCM_OUT2 0x4000
#define TIOCM_LOOP 0x8000

/* -- termios ------------------------------------------------------------- */

static const tcflag_t iflags[] = {
	IGNBRK, BRKINT, IGNPAR, PARMRK, INPCK, ISTRIP, INLCR, IGNCR,
	ICRNL, IUCLC, IXON, IXOFF, IXANY, IMAXBEL, IUTF8,
};

static const tcflag_t cflags[] = {
	CSTOPB, CREAD, PARENB, PARODD, HUPCL, CLOCAL, CMSPAR, CRTSCTS,
	CS5, CS6, CS7, CS8,
};

static const tcflag_t lflags[] = {
	ISIG, ICANON, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP, ECHOCTL,
	ECHOPRT, ECHOKE, FLUSHO, PENDIN, IEXTEN, EXTPROC,
};

#define N(table) (sizeof(table) / sizeof(*(table)))

static tcflag_t flip(tcflag_t flags, const tcflag_t *bits, unsigned int n)
{
	unsigned int i = race_below(4);

	while (i-- > 0)
		flags ^= bits[race_below(n)];
	return flags;
}

static speed_t any_speed(void)
{
	static const speed_t usual[] = { B0, B50, B9600, B57600, B115200 };

	return race_chance(2) ? usual[race_below(N(usual))] :
				random() & ALL_SPEEDS;
}

static void vary(struct termios2 *t)
{
	static const cc_t odd[] = { 0, '\r', '\n', '\b', 'A', 17, 19, 255 };

	t->c_iflag = flip(t->c_iflag, iflags, N(iflags));
	t->c_lflag = flip(t->c_lflag, lflags, N(lflags));
	t->c_cflag = flip(t->c_cflag, cflags, N(cflags));
	if (race_chance(4))
		t->c_oflag ^= OPOST | ONLCR;
	if (race_chance(2))
		t->c_cflag = (t->c_cflag & ~ALL_SPEEDS) | any_speed();
	t->c_ispeed = race_chance(2) ? t->c_ospeed : random();
	t->c_ospeed = race_chance(4) ? random() : t->c_ospeed;
	if (race_chance(2))
		t->c_cc[race_chance(2) ? VSTART : VSTOP] =
			odd[race_below(N(odd))];
	else
		t->c_cc[race_below(NCCS)] = random();
	if (race_chance(16))
		t->c_line = race_below(31);
}

/* Now and then as it should be, or no line would get through any more. */
static void mend(struct termios2 *t)
{
	t->c_iflag = 0;
	t->c_oflag = 0;
	t->c_lflag = 0;
	t->c_cflag = CS8 | CREAD | CLOCAL | B115200;
	t->c_cc[VSTART] = 17;
	t->c_cc[VSTOP] = 19;
}

static int set_termios(int fd)
{
	static const unsigned long requests[] = { TCSETS2, TCSETSW2, TCSETSF2 };
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t))
		return -1;
	if (race_chance(3))
		mend(&t);
	else
		vary(&t);
	return ioctl(fd, requests[race_below(3)], &t);
}

/* The older calls, whose struct is the start of the other. */
static int set_old_termios(int fd)
{
	static const unsigned long requests[] = {
		TCSETS, TCSETSW, TCSETSF, TCSETA, TCSETAW, TCSETAF,
	};
	struct termios2 t;

	if (ioctl(fd, TCGETS2, &t))
		return -1;
	vary(&t);
	return ioctl(fd, requests[race_below(6)], &t);
}

/* -- the rest ------------------------------------------------------------ */

static int set_discipline(int fd)
{
	if (race_chance(3))
		return race_discipline(fd, race_chance(2) ? N_TTY :
							    race_below(32));
	return race_discipline(fd, N_AT_LDISC);
}

static int get_discipline(int fd)
{
	int number;

	return ioctl(fd, TIOCGETD, &number);
}

static int flush(int fd)
{
	return ioctl(fd, TCFLSH, race_below(race_chance(8) ? 8 : 3));
}

static int hang_up(int fd)
{
	return race_chance(8) ? ioctl(fd, TIOCVHANGUP) : 0;
}

static int flow(int fd)
{
	int err = ioctl(fd, TCXONC, race_below(race_chance(8) ? 8 : 4));

	race_nap(2000);
	return err | ioctl(fd, TCXONC, race_chance(2) ? TCOON : TCION);
}

static int inject(int fd)
{
	return ioctl(fd, TIOCSTI, race_chance(2) ? "A" : "\r");
}

static int get_modem(int fd)
{
	int bits;

	return ioctl(fd, TIOCMGET, &bits);
}

static int set_modem(int fd)
{
	static const unsigned long requests[] = {
		TIOCMSET, TIOCMBIS, TIOCMBIC,
	};
	unsigned long request = requests[race_below(3)];
	int bits = race_chance(8) ? (int)random() : TIOCM_RTS | TIOCM_DTR;

	/* a PC's interrupt hangs on OUT2, and a loop outlives us */
	bits &= ~(TIOCM_OUT2 | TIOCM_LOOP);
	if (request == TIOCMSET)
		bits |= TIOCM_OUT2;
	return ioctl(fd, request, &bits);
}

static int wait_for_modem(int fd)
{
	return ioctl(fd, TIOCMIWAIT, TIOCM_CAR | TIOCM_DSR);
}

static int send_break(int fd)
{
	return ioctl(fd, TCSBRK, 0);
}

static int drain(int fd)
{
	return ioctl(fd, TCSBRK, 1);
}

static int send_long_break(int fd)
{
	return ioctl(fd, TCSBRKP, race_below(3));
}

static int hold_break(int fd)
{
	int err = ioctl(fd, TIOCSBRK);

	race_nap(1000);
	return err | ioctl(fd, TIOCCBRK);
}

/* Nothing but asks; the buffer is large enough for any of them. */
static int ask(int fd)
{
	static const unsigned long requests[] = {
		TIOCGICOUNT, TIOCOUTQ, FIONREAD, TIOCGWINSZ, TIOCGSID, TIOCGPGRP,
		TIOCGSOFTCAR, TIOCGEXCL, TIOCGDEV, TIOCGPKT, TIOCGPTLCK,
		TIOCGSERIAL,
	};
	char answer[256];

	return ioctl(fd, requests[race_below(N(requests))], answer);
}

static int exclude(int fd)
{
	int err = race_chance(4) ? ioctl(fd, TIOCEXCL) : 0;

	return err | ioctl(fd, TIOCNXCL);
}

static int set_softcar(int fd)
{
	int on = race_chance(2);

	return ioctl(fd, TIOCSSOFTCAR, &on);
}

static int set_packet(int fd)
{
	int on = race_chance(2);

	return ioctl(fd, TIOCPKT, &on);
}

static int move(int fd)
{
	char buf[64];

	return read(fd, buf, sizeof(buf)) < 0 ||
	       write(fd, "AT\r\x11", 4) < 0;
}

static int open_again(int fd)
{
	char name[32];
	int other;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	other = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	close(other);
	return other < 0;
}

static int (*const deeds[])(int fd) = {
	set_termios, set_termios, set_termios, set_old_termios,
	set_discipline, set_discipline, get_discipline, flush, flush, hang_up,
	flow, inject, get_modem, set_modem, wait_for_modem, send_break, drain,
	send_long_break, hold_break, ask, ask, exclude, set_softcar, set_packet,
	move, move, open_again,
};

/* -- one tty ------------------------------------------------------------- */

static void do_one(int fd)
{
	unsigned int i = race_below(N(deeds));
	double begun = race_now();

	race_tell(!deeds[i](fd), "done", "undone");
	if (race_now() > begun + STUCK_SECONDS)
		race_fail("deed %u took %.0f s", i, race_now() - begun);
}

static int open_pair(int *other)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	int unlocked = 0;

	*other = -1;
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked))
		race_count("unopened");
	else
		*other = ioctl(master, TIOCGPTPEER,
			       O_RDWR | O_NOCTTY | O_NONBLOCK);
	return master;
}

static int open_one(const char *tty, int *other)
{
	if (!strcmp(tty, "pty"))
		return open_pair(other);
	*other = -1;
	return race_open(tty);
}

static void interrupted(int number)
{
	(void)number;
}

/* Not restarted, so a call that waits comes back. */
static void interrupt_for_ever(void)
{
	struct sigaction action = { .sa_handler = interrupted };
	struct itimerval often = {
		.it_interval.tv_usec = INTERRUPT_US,
		.it_value.tv_usec = INTERRUPT_US,
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void fuzz(const char *tty)
{
	int fd, other, n = 1 + race_below(DEEDS_MAX);

	interrupt_for_ever();
	fd = open_one(tty, &other);
	if (fd < 0)
		return;
	race_count("opened");
	while (n-- > 0) {
		do_one(other >= 0 && race_chance(2) ? other : fd);
		race_nap(500);
	}
	close(fd);
	close(other);
}

int main(int argc, char **argv)
{
	return race_main(argc, argv, fuzz);
}
