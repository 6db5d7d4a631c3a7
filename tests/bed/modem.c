// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Preloaded into QEMU: modem lines for ptys, which have none.
 *
 *   guest's 8250 -- QEMU: TIOCMGET, TIOCMSET --> this --> $MODEM_DIR/pts-N
 *
 * QEMU hands a UART's lines to a host's tty only as a real one's, so its own
 * emulation of MCR and MSR is what is used.  The file has two bytes: what the
 * guest drives (bit 0 DTR, bit 1 RTS) and what the host does (bit 0 DSR, bit 1
 * CTS, bit 2 DCD).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LINES 2
#define MAX_FD 1024

enum { FROM_GUEST, FROM_HOST };

static volatile unsigned char *map_lines(int fd)
{
	const char *dir = getenv("MODEM_DIR");
	char name[64], path[4096];
	void *lines;
	int file;

	if (!dir || ttyname_r(fd, name, sizeof(name)) ||
	    strncmp(name, "/dev/pts/", 9))
		return NULL;
	snprintf(path, sizeof(path), "%s/pts-%s", dir, name + 9);
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0)
		return NULL;
	lines = mmap(NULL, LINES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return lines == MAP_FAILED ? NULL : lines;
}

/* QEMU opens each of them once and for good. */
static volatile unsigned char *lines_of(int fd)
{
	static volatile unsigned char *lines[MAX_FD];

	if (fd < 0 || fd >= MAX_FD)
		return NULL;
	if (!lines[fd])
		lines[fd] = map_lines(fd);
	return lines[fd];
}

static int get(volatile unsigned char *lines)
{
	int set = 0;

	set |= lines[FROM_GUEST] & 1 ? TIOCM_DTR : 0;
	set |= lines[FROM_GUEST] & 2 ? TIOCM_RTS : 0;
	set |= lines[FROM_HOST] & 1 ? TIOCM_DSR : 0;
	set |= lines[FROM_HOST] & 2 ? TIOCM_CTS : 0;
	set |= lines[FROM_HOST] & 4 ? TIOCM_CAR : 0;
	return set;
}

static void put(volatile unsigned char *lines, int set)
{
	lines[FROM_GUEST] = (set & TIOCM_DTR ? 1 : 0) |
			    (set & TIOCM_RTS ? 2 : 0);
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int fd, unsigned long request, ...);
	volatile unsigned char *lines = NULL;
	va_list list;
	void *arg;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	if (request == TIOCMGET || request == TIOCMSET)
		lines = lines_of(fd);
	if (lines && request == TIOCMGET) {
		*(int *)arg = get(lines);
		return 0;
	}
	if (lines) {
		put(lines, *(int *)arg);
		return 0;
	}
	if (!real)
		real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT,
							       "ioctl");
	return real(fd, request, arg);
}
