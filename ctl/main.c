// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * atmqttctl(1): which command is meant.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"

static const struct {
	const char *name;
	const char *arguments;
	const char *usage;	/* what it does, and its options: a line each */
	enum ctl_status (*run)(int argc, char **argv);
} commands[] = {
	{ "status", "[PORT]",
	  "ports, their owners, settings and MQTT clients\n"
	  "--counters      what each port has counted instead\n"
	  "--json          all of it, as JSON\n"
	  "--control=PATH  the daemon's control socket",
	  ctl_status_command },
	{ "monitor", "[PORT]",
	  "print what passes, until interrupted\n"
	  "--json          a JSON object a line\n"
	  "--secrets       passwords and keys too",
	  ctl_monitor_command },
	{ "restart", "TTY",
	  "restart the module that its host sees\n"
	  "--control=PATH  the daemon's control socket",
	  ctl_restart_command },
	{ "attach", "TTY",
	  "set the line discipline and stay until hang-up\n"
	  "--speed=N       baud (default 115200)\n"
	  "--framing=F     data bits, parity, stop bits (default 8N1)\n"
	  "--flow=F        none (default), rtscts or xonxoff\n"
	  "--owner=USER[:GROUP]  who may own the port beside root\n"
	  "--foreground    do not go to the background",
	  ctl_attach_command },
	{ "detach", "TTY", "take the line discipline off",
	  ctl_detach_command },
	{ "owner", "TTY USER[:GROUP]", "name who may own an attached port",
	  ctl_owner_command },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void vsay(const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "atmqttctl: %s\n", text);
}

enum ctl_status ctl_fail(enum ctl_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
	return status;
}

void ctl_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

enum ctl_status ctl_usage(void)
{
	fputs("Try 'atmqttctl --help'.\n", stderr);
	return CTL_USAGE;
}

/* "/dev/pts/3" is "pts3" to the kernel. */
void ctl_port_name(const char *arg, char *out, unsigned long size)
{
	unsigned long n = 0;

	if (strncmp(arg, "/dev/", 5) == 0)
		arg += 5;
	for (; *arg && n + 1 < size; arg++)
		if (*arg != '/')
			out[n++] = *arg;
	out[n] = '\0';
}

void ctl_tty_path(const char *arg, char *out, unsigned long size)
{
	snprintf(out, size, "%s%s", *arg == '/' ? "" : "/dev/", arg);
}

static void print_indented(const char *text)
{
	size_t len;

	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		printf("      %.*s\n", (int)len, text);
	}
}

static enum ctl_status help(void)
{
	puts("Usage: atmqttctl COMMAND [OPTION]... [ARGUMENT]\n"
	     "Look at and set up the AT ports of n_at and atmqttd.\n");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		printf("  %s %s\n", commands[i].name, commands[i].arguments);
		print_indented(commands[i].usage);
	}
	puts("\n"
	     "  -h, --help       print this and exit\n"
	     "  -V, --version    print the version and exit\n"
	     "\n"
	     "Exit status: 0 done, 1 failed, 2 usage, 3 module n_at is missing,\n"
	     "4 atmqttd is missing, 5 no such port, 6 attach: the tty hung up.");
	return CTL_OK;
}

static enum ctl_status version(void)
{
	puts("atmqttctl " ATMQTT_VERSION);
	return CTL_OK;
}

static int is(const char *arg, const char *brief, const char *full)
{
	return strcmp(arg, brief) == 0 || strcmp(arg, full) == 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return ctl_usage();
	if (is(argv[1], "-h", "--help"))
		return help();
	if (is(argv[1], "-V", "--version"))
		return version();
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	ctl_warn("no such command: %s", argv[1]);
	return ctl_usage();
}
