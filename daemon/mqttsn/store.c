// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * A file's name has a hash of its session, whose own may be long and of any
 * bytes; its text says which it is.  Two clients may have one session, if the
 * host is careless, and two threads would write one file.
 */
#include "daemon/mqttsn/store.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "daemon/lib/log.h"
#include "daemon/lib/state_file.h"
#include "daemon/mqttsn/topic_text.h"

#define PREFIX		"mqttsn-"
#define NAME_SIZE	sizeof(PREFIX "0123456789abcdef")
#define TEXT_MAX	(SN_TOPICS_MAX * TOPIC_LINE_MAX + 2048)

#define FNV_BASIS	UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME	UINT64_C(0x100000001b3)

struct job {
	STAILQ_ENTRY(job) entry;
	char name[NAME_SIZE];
	char *text;		/* NULL: the file is to go */
	size_t len;
};

struct sn_store {
	uv_loop_t *loop;
	char *dir;
	bool freed;
	STAILQ_HEAD(job_list, job) jobs;	/* the first is under way */
	uv_work_t work;
	int error;		/* the thread's, until it is done */
	int told;		/* the error that was logged last */
};

static pthread_mutex_t files = PTHREAD_MUTEX_INITIALIZER;

static void name_of(const char *session, char name[NAME_SIZE])
{
	uint64_t hash = FNV_BASIS;

	for (; *session; session++)
		hash = (hash ^ (unsigned char)*session) * FNV_PRIME;
	snprintf(name, NAME_SIZE, PREFIX "%016" PRIx64, hash);
}

/*
 * In a thread
 */

/* How many there are; @oldest is the one that was written first. */
static unsigned int count_files(const char *dir, char oldest[NAME_SIZE])
{
	DIR *d = opendir(dir);
	struct timespec first = { 0 };
	const struct dirent *e;
	unsigned int n = 0;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) ||
		    strlen(e->d_name) != NAME_SIZE - 1 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (n++ && (st.st_mtim.tv_sec > first.tv_sec ||
			    (st.st_mtim.tv_sec == first.tv_sec &&
			     st.st_mtim.tv_nsec > first.tv_nsec)))
			continue;
		first = st.st_mtim;
		memcpy(oldest, e->d_name, NAME_SIZE);
	}
	if (d)
		closedir(d);
	return n;
}

static void make_room(const char *dir)
{
	char oldest[NAME_SIZE];

	if (count_files(dir, oldest) > SESSIONS_KEPT)
		state_file_remove(dir, oldest);
}

static void run(uv_work_t *work)
{
	struct sn_store *store = work->data;
	const struct job *job = STAILQ_FIRST(&store->jobs);

	pthread_mutex_lock(&files);
	if (job->text)
		store->error = state_file_write(store->dir, job->name,
						job->text, job->len);
	else
		store->error = state_file_remove(store->dir, job->name);
	if (job->text && !store->error)
		make_room(store->dir);
	pthread_mutex_unlock(&files);
}

/*
 * In the loop's
 */

static void free_job(struct job *job)
{
	free(job->text);
	free(job);
}

static void release(struct sn_store *store)
{
	free(store->dir);
	free(store);
}

static void on_done(uv_work_t *work, int status);

static void begin(struct sn_store *store)
{
	uv_queue_work(store->loop, &store->work, run, on_done);
}

static void on_done(uv_work_t *work, int status)
{
	struct sn_store *store = work->data;
	struct job *job = STAILQ_FIRST(&store->jobs);

	(void)status;
	if (store->error && store->error != store->told)
		log_warning("MQTT-SN: topic ids not kept: %s",
			    strerror(-store->error));
	store->told = store->error;
	STAILQ_REMOVE_HEAD(&store->jobs, entry);
	free_job(job);
	if (!STAILQ_EMPTY(&store->jobs))
		begin(store);
	else if (store->freed)
		release(store);
}

static struct job *new_job(const struct sn_kept *kept)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	name_of(kept->session, job->name);
	job->len = kept->len;
	if (kept->text)
		job->text = strdup(kept->text);
	if (!kept->text || job->text)
		return job;
	free(job);
	return NULL;
}

void sn_store_write(struct sn_store *store, const struct sn_kept *kept)
{
	bool idle = STAILQ_EMPTY(&store->jobs);
	struct job *job = store->dir ? new_job(kept) : NULL;

	if (!job)
		return;
	STAILQ_INSERT_TAIL(&store->jobs, job, entry);
	if (idle)
		begin(store);
}

static char *read_file(const char *dir, const char *name)
{
	char *text = malloc(TEXT_MAX);

	if (text && state_file_read(dir, name, text, TEXT_MAX) >= 0)
		return text;
	free(text);
	return NULL;
}

/* What is not written yet is the newest. */
char *sn_store_read(const struct sn_store *store, const char *session)
{
	const struct job *job, *newest = NULL;
	char name[NAME_SIZE];

	if (!store->dir)
		return NULL;
	name_of(session, name);
	STAILQ_FOREACH(job, &store->jobs, entry)
		if (!strcmp(job->name, name))
			newest = job;
	if (!newest)
		return read_file(store->dir, name);
	return newest->text ? strdup(newest->text) : NULL;
}

/*
 * Life
 */

struct sn_store *sn_store_new(uv_loop_t *loop, const char *dir)
{
	struct sn_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->loop = loop;
	store->work.data = store;
	STAILQ_INIT(&store->jobs);
	if (dir)
		store->dir = strdup(dir);
	if (!dir || store->dir)
		return store;
	free(store);
	return NULL;
}

void sn_store_free(struct sn_store *store)
{
	store->freed = true;
	if (STAILQ_EMPTY(&store->jobs))
		release(store);
}
