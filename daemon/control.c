// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 */
#include "daemon/control.h"

#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/lib/log.h"

#define GROUP	"atmqtt"

/* A connection: receives a line, sends one, is closed. */
struct client {
	struct client *next;
	struct control *control;	/* NULL: the socket is closed */
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t write;
	unsigned int handles;	/* to be closed before the struct is freed */
	char *reply;
	size_t len;
	char line[CONTROL_REQUEST_MAX];
};

struct control {
	uv_pipe_t listener;
	uv_pipe_t refused;	/* takes a connection that is closed at once */
	bool refusing;		/* it is not closed yet */
	bool one_more;		/* and another one waits for it */
	unsigned int handles;	/* to be closed before the struct is freed */
	uv_loop_t *loop;
	control_answer answer;
	void *ctx;
	struct client *clients;
	unsigned int n_clients;
};

/* ---- a connection ---- */

static void free_client(uv_handle_t *handle)
{
	struct client *client = handle->data;

	if (--client->handles)
		return;
	free(client->reply);
	free(client);
}

static void unlist(struct client *client)
{
	struct control *c = client->control;
	struct client **p = &c->clients;

	while (*p != client)
		p = &(*p)->next;
	*p = client->next;
	c->n_clients--;
	client->control = NULL;
}

static void end_client(struct client *client)
{
	if (!client->control)
		return;
	unlist(client);
	uv_close((uv_handle_t *)&client->pipe, free_client);
	uv_close((uv_handle_t *)&client->timer, free_client);
}

static void on_written(uv_write_t *write, int status)
{
	(void)status;
	end_client(write->data);
}

static void on_timeout(uv_timer_t *timer)
{
	end_client(timer->data);
}

static json_t *error(const char *why)
{
	return json_pack("{s:s}", "error", why);
}

static json_t *answer_to(struct control *c, const char *line, size_t len)
{
	json_t *request = json_loadb(line, len, 0, NULL);
	const char *name = NULL;
	json_t *answer;

	json_unpack(request, "{s:s}", "request", &name);
	answer = name ? c->answer(c->ctx, name, request) :
			error("not a request");
	json_decref(request);
	return answer ? answer : error("no such request");
}

static void reply(struct client *client, size_t len)
{
	json_t *answer = answer_to(client->control, client->line, len);
	size_t size = json_dumpb(answer, NULL, 0, JSON_COMPACT);
	uv_buf_t buf;

	uv_read_stop((uv_stream_t *)&client->pipe);
	client->reply = size ? malloc(size + 1) : NULL;
	if (!client->reply) {
		json_decref(answer);
		end_client(client);
		return;
	}
	json_dumpb(answer, client->reply, size, JSON_COMPACT);
	json_decref(answer);
	client->reply[size] = '\n';
	buf = uv_buf_init(client->reply, (unsigned int)size + 1);
	client->write.data = client;
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &buf, 1,
		     on_written))
		end_client(client);
}

static void give_room(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct client *client = handle->data;

	(void)hint;
	*buf = uv_buf_init(client->line + client->len,
			   (unsigned int)(sizeof(client->line) - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;
	const char *end;

	(void)buf;
	if (n < 0) {	/* also UV_ENOBUFS: the line is too long */
		end_client(client);
		return;
	}
	client->len += (size_t)n;
	end = memchr(client->line, '\n', client->len);
	if (end)
		reply(client, (size_t)(end - client->line));
}

static struct client *new_client(struct control *c)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	uv_pipe_init(c->loop, &client->pipe, 0);
	uv_timer_init(c->loop, &client->timer);
	client->pipe.data = client;
	client->timer.data = client;
	client->handles = 2;
	client->control = c;
	client->next = c->clients;
	c->clients = client;
	c->n_clients++;
	return client;
}

static void free_control(uv_handle_t *handle)
{
	struct control *c = handle->data;

	if (--c->handles == 0)
		free(c);
}

static void refuse(struct control *c);

static void on_refused(uv_handle_t *handle)
{
	struct control *c = handle->data;

	c->refusing = false;
	if (c->one_more && !uv_is_closing((uv_handle_t *)&c->listener))
		refuse(c);
	free_control(handle);
}

/*
 * Without memory: libuv listens no more until the connection is taken.  As
 * long as the one before is being closed it does not have to.
 */
static void refuse(struct control *c)
{
	c->one_more = c->refusing;
	if (c->refusing)
		return;
	c->refusing = true;
	c->handles++;
	uv_pipe_init(c->loop, &c->refused, 0);
	c->refused.data = c;
	uv_accept((uv_stream_t *)&c->listener, (uv_stream_t *)&c->refused);
	uv_close((uv_handle_t *)&c->refused, on_refused);
}

/* One too many is taken, so that it learns of it, and closed. */
static void on_connection(uv_stream_t *listener, int status)
{
	struct control *c = listener->data;
	struct client *client;

	if (status)
		return;
	client = new_client(c);
	if (!client) {
		refuse(c);
		return;
	}
	uv_timer_start(&client->timer, on_timeout, CONTROL_TIMEOUT_MS, 0);
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) ||
	    c->n_clients > CONTROL_CLIENTS_MAX ||
	    uv_read_start((uv_stream_t *)&client->pipe, give_room, on_read))
		end_client(client);
}

/* ---- the socket ---- */

/* A daemon that was killed leaves its file behind. */
static bool somebody_listens(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool yes;

	if (fd < 0)
		return false;
	yes = !connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ||
	      errno == EAGAIN;
	close(fd);
	return yes;
}

static int make_way(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;
	char *slash;

	if (strlen(path) > CONTROL_PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	slash = strrchr(addr.sun_path, '/');
	if (slash && slash != addr.sun_path) {
		*slash = '\0';
		if (mkdir(addr.sun_path, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (somebody_listens(&addr))
		return -EADDRINUSE;
	return unlink(path) ? -errno : 0;
}

static void set_access(const char *path)
{
	struct group *group = getgrnam(GROUP);

	if (group && chown(path, (uid_t)-1, group->gr_gid))
		log_warning("%s: not given to group " GROUP ": %s", path,
			    strerror(errno));
	if (chmod(path, 0660))
		log_warning("%s: %s", path, strerror(errno));
}

/* Until set_access() nobody else gets in. */
static int listen_at(struct control *c, const char *path)
{
	mode_t mask = umask(0177);
	int err = uv_pipe_bind(&c->listener, path);

	umask(mask);
	if (err)
		return err;
	set_access(path);
	return uv_listen((uv_stream_t *)&c->listener, CONTROL_CLIENTS_MAX,
			 on_connection);
}

int control_open(struct control **out, uv_loop_t *loop, const char *path,
		 control_answer answer, void *ctx)
{
	struct control *c;
	int err = make_way(path);

	if (err)
		return err;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->loop = loop;
	c->answer = answer;
	c->ctx = ctx;
	uv_pipe_init(loop, &c->listener, 0);
	c->listener.data = c;
	c->handles = 1;
	err = listen_at(c, path);
	if (err) {
		uv_close((uv_handle_t *)&c->listener, free_control);
		return err;
	}
	*out = c;
	return 0;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	while (c->clients)
		end_client(c->clients);
	uv_close((uv_handle_t *)&c->listener, free_control);
}
