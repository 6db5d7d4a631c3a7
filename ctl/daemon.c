// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "ctl/daemon.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/control.h"

#define PATIENCE_S	5

static enum ctl_status fail(const char *path)
{
	if (errno == ENOENT || errno == ECONNREFUSED)
		return ctl_fail(CTL_NO_DAEMON,
				"atmqttd does not listen at %s: is it running?",
				path);
	if (errno == EACCES)
		return ctl_fail(CTL_FAILED,
				"%s: only root and group atmqtt may ask", path);
	if (errno == EAGAIN)
		return ctl_fail(CTL_NO_DAEMON, "%s: atmqttd does not answer",
				path);
	return ctl_fail(CTL_FAILED, "%s: %s", path, strerror(errno));
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	strncpy(addr.sun_path, path, sizeof(addr.sun_path) - 1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	close(fd);
	return -1;
}

/* For json_load_callback(): 0 at the end, (size_t)-1 for an error */
static size_t receive(void *buf, size_t size, void *ctx)
{
	return (size_t)recv(*(int *)ctx, buf, size, 0);
}

static int send_request(int fd, const json_t *request)
{
	char line[CONTROL_REQUEST_MAX];
	size_t n = json_dumpb(request, line, sizeof(line) - 1, JSON_COMPACT);

	if (!n || n > sizeof(line) - 1) {
		errno = EMSGSIZE;
		return -1;
	}
	line[n++] = '\n';
	return send(fd, line, n, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

enum ctl_status daemon_ask(const char *path, const json_t *request,
			   json_t **out)
{
	enum ctl_status status = CTL_OK;
	json_error_t why;
	int fd = connect_to(path);

	if (fd < 0)
		return fail(path);
	errno = 0;
	if (send_request(fd, request))
		status = fail(path);
	else
		*out = json_load_callback(receive, &fd, 0, &why);
	if (!status && !*out)
		status = errno ? fail(path) :
				 ctl_fail(CTL_FAILED, "%s: %s", path, why.text);
	close(fd);
	return status;
}
