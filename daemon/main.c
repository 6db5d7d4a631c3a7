// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * atmqttd(8): options, the event loop and what is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <uv.h>

#include "daemon/at/table.h"
#include "daemon/cloud/http.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/lib/log.h"
#include "daemon/lib/resolve.h"
#include "daemon/nl.h"
#include "daemon/port.h"
#include "daemon/status.h"
#include "daemon/uplink.h"
#include "daemon/watchdog.h"

#define CONFIG_FILE	"/etc/atmqttd.conf"

/* A broker that does not take its DISCONNECT is not waited for. */
#define STOP_MS		2000
#define STOP_LOOK_MS	20

/*
 * Descriptors: of the process, its 20 with those of a lookup, a file and
 * requests; and of a port, 4 clients and 2 sockets of a name's addresses.
 */
#define FILES		48
#define PORT_FILES	6

struct daemon {
	uv_loop_t loop;
	uv_signal_t signals[2];
	uv_timer_t stopping;
	uint64_t stop_at;	/* 0: it does not stop */
	struct config *cfg;
	struct mqtt *mqtt;
	struct http *http;
	struct n_at *nl;
	struct uplink *uplink;
	struct control *control;
	struct watchdog *watchdog;
	struct port **ports;	/* cfg->n_ports of them */
	bool listed;		/* n_at has told which ttys are there */
	bool ready;
};

/*
 * Who waits for the daemon may send commands then: the ports that are there
 * are bound, or it was said why not.
 */
static void check_ready(struct daemon *d)
{
	if (d->ready || !d->listed)
		return;
	for (size_t i = 0; i < d->cfg->n_ports; i++)
		if (port_is_binding(d->ports[i]))
			return;
	d->ready = true;
	log_info("ready");
	sd_notify(0, "READY=1");
}

/* ---- what n_at says, to the port that it concerns ---- */

static struct port *port_by_id(struct daemon *d, uint32_t id)
{
	for (size_t i = 0; i < d->cfg->n_ports; i++)
		if (port_is(d->ports[i], id))
			return d->ports[i];
	return NULL;
}

static void on_port(void *ctx, const struct n_at_port *info)
{
	struct daemon *d = ctx;

	for (size_t i = 0; i < d->cfg->n_ports; i++)
		if (strcmp(port_tty(d->ports[i]), info->tty) == 0)
			port_found(d->ports[i], info);
	check_ready(d);
}

static void on_listed(void *ctx)
{
	struct daemon *d = ctx;

	d->listed = true;
	check_ready(d);
}

static void on_gone(void *ctx, uint32_t id)
{
	struct daemon *d = ctx;

	for (size_t i = 0; i < d->cfg->n_ports; i++)
		if (!id || port_is(d->ports[i], id))
			port_gone(d->ports[i]);
	check_ready(d);
}

static void on_line(void *ctx, const struct n_at_input *in)
{
	struct port *port = port_by_id(ctx, in->port);

	if (port)
		port_line(port, in);
}

static void on_data(void *ctx, const struct n_at_input *in)
{
	struct port *port = port_by_id(ctx, in->port);

	if (port)
		port_data(port, in);
}

static void on_space(void *ctx, uint32_t id)
{
	struct port *port = port_by_id(ctx, id);

	if (port)
		port_space(port);
}

static void on_modem(void *ctx, uint32_t id, enum n_at_event event)
{
	struct port *port = port_by_id(ctx, id);

	if (port)
		port_modem(port, event);
}

static void on_refused(void *ctx, enum n_at_cmd cmd, uint32_t id, int err,
		       const char *why)
{
	struct port *port = port_by_id(ctx, id);

	if (port)
		port_refused(port, cmd, err, why);
	check_ready(ctx);
}

static const struct n_at_callbacks callbacks = {
	.port = on_port,
	.listed = on_listed,
	.gone = on_gone,
	.line = on_line,
	.data = on_data,
	.space = on_space,
	.modem = on_modem,
	.refused = on_refused,
};

/* ---- what the kernel says of the uplink, to all ---- */

static void on_uplink(void *ctx, const struct uplink_status *status)
{
	struct daemon *d = ctx;

	for (size_t i = 0; i < d->cfg->n_ports; i++)
		port_uplink(d->ports[i], status);
}

/* ---- what is asked at the control socket ---- */

static json_t *on_status(struct daemon *d, const json_t *request)
{
	(void)request;
	return status_json(d->ports, d->cfg->n_ports, uplink_status(d->uplink));
}

static json_t *on_restart(struct daemon *d, const json_t *request)
{
	const char *tty = json_string_value(json_object_get(request, "port"));

	for (size_t i = 0; tty && i < d->cfg->n_ports; i++) {
		if (strcmp(port_tty(d->ports[i]), tty) == 0) {
			port_restart(d->ports[i]);
			return json_pack("{s:s}", "restarted", tty);
		}
	}
	return json_pack("{s:s}", "error", "no such port");
}

static const struct {
	const char *name;
	json_t *(*answer)(struct daemon *d, const json_t *request);
} requests[] = {
	{ "status", on_status },
	{ "restart", on_restart },
};

static json_t *on_request(void *ctx, const char *name, const json_t *request)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (strcmp(requests[i].name, name) == 0)
			return requests[i].answer(ctx, request);
	return NULL;
}

/* The daemon does its work without it. */
static void start_control(struct daemon *d)
{
	const char *path = d->cfg->control;
	int err;

	if (!*path)
		return;
	err = control_open(&d->control, &d->loop, path, on_request, d);
	if (err)
		log_warning("no control socket %s: %s", path, strerror(-err));
}

/* ---- life ---- */

static bool all_stopped(const struct daemon *d)
{
	for (size_t i = 0; i < d->cfg->n_ports; i++)
		if (!port_stopped(d->ports[i]))
			return false;
	return true;
}

static void on_stopping(uv_timer_t *timer)
{
	struct daemon *d = timer->data;

	if (all_stopped(d) || uv_now(&d->loop) >= d->stop_at)
		uv_stop(&d->loop);
}

/* P5: links are closed as by +MQTTCLOSE.  A second signal does not wait. */
static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;

	if (d->stop_at) {
		uv_stop(&d->loop);
		return;
	}
	log_info("stopped by signal %d", signum);
	sd_notify(0, "STOPPING=1");
	d->stop_at = uv_now(&d->loop) + STOP_MS;
	for (size_t i = 0; i < d->cfg->n_ports; i++)
		port_stop(d->ports[i]);
	uv_timer_start(&d->stopping, on_stopping, 0, STOP_LOOK_MS);
}

static void start_signals(struct daemon *d)
{
	static const int signums[] = { SIGTERM, SIGINT };

	uv_timer_init(&d->loop, &d->stopping);
	d->stopping.data = d;
	for (int i = 0; i < 2; i++) {
		uv_signal_init(&d->loop, &d->signals[i]);
		d->signals[i].data = d;
		uv_signal_start(&d->signals[i], on_signal, signums[i]);
	}
}

static int start(struct daemon *d)
{
	int err;

	start_signals(d);
	mkdir(d->cfg->runtime_dir, 0755);	/* systemd has made it */
	err = resolver_start(&d->loop, NULL);
	if (err) {
		log_error("cannot start the resolver: %s", strerror(-err));
		return err;
	}
	err = mqtt_start(&d->mqtt, &d->loop);
	if (err) {
		log_error("cannot start the MQTT client: %s", strerror(-err));
		return err;
	}
	err = http_open(&d->http, &d->loop);
	if (err) {
		log_error("cannot start the HTTP client: %s", strerror(-err));
		return err;
	}
	err = n_at_open(&d->nl, &d->loop, &callbacks, d);
	if (err) {
		log_error("netlink: %s", strerror(-err));
		return err;
	}
	err = uplink_open(&d->uplink, &d->loop, d->cfg->uplink, on_uplink, d);
	if (err) {
		log_error("uplink: %s", strerror(-err));
		return err;
	}
	d->ports = calloc(d->cfg->n_ports, sizeof(struct port *));
	for (size_t i = 0; d->ports && i < d->cfg->n_ports; i++) {
		d->ports[i] = port_new(&d->cfg->ports[i], d->nl, d->mqtt,
				       d->http, &d->loop);
		if (!d->ports[i])
			return -ENOMEM;
		port_uplink(d->ports[i], uplink_status(d->uplink));
	}
	if (!d->ports)
		return -ENOMEM;
	start_control(d);
	return watchdog_open(&d->watchdog, &d->loop, d->http);
}

static void stop(struct daemon *d)
{
	watchdog_close(d->watchdog);
	control_close(d->control);
	for (size_t i = 0; d->ports && i < d->cfg->n_ports; i++)
		port_free(d->ports[i]);
	free(d->ports);
	uplink_close(d->uplink);
	n_at_close(d->nl);
	http_close(d->http);
	if (d->mqtt)
		mqtt_stop(d->mqtt);
	resolver_stop(&d->loop);
	for (int i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&d->signals[i], NULL);
	uv_close((uv_handle_t *)&d->stopping, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	watchdog_free(d->watchdog);
}

static int run(struct config *cfg)
{
	struct daemon d = { .cfg = cfg };
	int err = uv_loop_init(&d.loop);

	if (err) {
		log_error("cannot start: %s", strerror(-err));
		return EXIT_FAILURE;
	}
	err = start(&d);
	if (err)
		log_error("cannot start: %s", strerror(-err));
	else
		uv_run(&d.loop, UV_RUN_DEFAULT);
	stop(&d);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Nothing else may get the numbers of those that a supervisor has closed. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/*
 * libuv ends the process without a word, or others with the wrong one, if it
 * has not the descriptors that it needs.
 */
static bool are_files_enough(size_t n_ports)
{
	struct rlimit limit;
	size_t need = FILES + n_ports * PORT_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= need)
		return true;
	if (limit.rlim_cur >= FILES) {
		log_warning("%zu ports may need %zu open files, %llu are allowed",
			    n_ports, need, (unsigned long long)limit.rlim_cur);
		return true;
	}
	log_error("cannot start: too many open files: %d are needed, %llu are allowed",
		  FILES, (unsigned long long)limit.rlim_cur);
	return false;
}

/* ---- options ---- */

static void usage(FILE *out)
{
	fputs("Usage: atmqttd [OPTION]...\n"
	      "Answer AT commands on ttys that have the line discipline n_at.\n"
	      "\n"
	      "  -c, --config=FILE      read FILE, not " CONFIG_FILE "\n"
	      "  -t, --check-config     read the configuration and exit\n"
	      "  -l, --log-level=LEVEL  error, warning, info or debug\n"
	      "      --commands         print the table of AT commands\n"
	      "  -h, --help             print this and exit\n"
	      "  -V, --version          print the version and exit\n",
	      out);
}

enum {
	OPT_COMMANDS = 256,
};

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check-config", no_argument, NULL, 't' },
	{ "log-level", required_argument, NULL, 'l' },
	{ "commands", no_argument, NULL, OPT_COMMANDS },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	const char *config;
	bool check;
	bool has_level;
	enum log_level level;
};

/* -1: go on; else the exit status */
static int parse_arguments(int argc, char **argv, struct arguments *args)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "c:tl:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			args->config = optarg;
			break;
		case 't':
			args->check = true;
			break;
		case 'l':
			args->has_level = log_level_parse(optarg, &args->level);
			if (!args->has_level) {
				log_error("no such log level: %s", optarg);
				return EXIT_FAILURE;
			}
			break;
		case OPT_COMMANDS:
			at_table_print_markdown(stdout);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("atmqttd " ATMQTT_VERSION);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return EXIT_FAILURE;
		}
	}
	if (optind < argc) {
		log_error("not an option: %s", argv[optind]);
		usage(stderr);
		return EXIT_FAILURE;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct arguments args = { .config = CONFIG_FILE };
	struct config *cfg;
	int status;

	open_standard();
	log_start();
	status = parse_arguments(argc, argv, &args);
	if (status >= 0)
		return status;
	if (config_load(args.config, &cfg))
		return EXIT_FAILURE;
	if (args.check) {
		status = cfg->n_bad ? EXIT_FAILURE : EXIT_SUCCESS;
		config_free(cfg);
		return status;
	}
	log_set_level(args.has_level ? args.level : cfg->log_level);

	/* Passwords are in memory: no core file, no ptrace by the same user. */
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	status = are_files_enough(cfg->n_ports) ? run(cfg) : EXIT_FAILURE;
	config_free(cfg);
	return status;
}
