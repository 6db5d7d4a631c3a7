// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copyright (C) 2026 atmqtt contributors
 *
 * Who reads the log may stand still, and a host may give cause for a line as
 * often as it likes: a line for which there is no room is counted, not waited
 * for, and of what the lines of a minute are about, a port for one, there are
 * only so many.
 */
#include "daemon/lib/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES	640	/* a pipe that has room takes as many whole */
#define SUBJECTS	256
#define PERIOD_S	60

static const struct {
	const char *name;
	int priority;		/* of syslog(3), as sd-daemon(3) wants it */
} levels[] = {
	[LOG_LEVEL_ERROR]   = { "error", 3 },
	[LOG_LEVEL_WARNING] = { "warning", 4 },
	[LOG_LEVEL_INFO]    = { "info", 6 },
	[LOG_LEVEL_DEBUG]   = { "debug", 7 },
};

static enum log_level threshold = LOG_LEVEL_INFO;
static bool to_journal;

/* Lines come from threads, too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned int lost;	/* there was no room for them */

/* By a hash of what stands before a line's first colon; two may share one. */
static struct subject {
	time_t since;
	unsigned int lines;
	unsigned int withheld;
} subjects[SUBJECTS];

void log_set_level(enum log_level level)
{
	threshold = level;
}

bool log_level_parse(const char *name, enum log_level *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(name, levels[i].name) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

/* A program that the journal's child starts has the variable, too. */
void log_start(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	to_journal = stream &&
		     sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
		     !fstat(STDERR_FILENO, &st) && st.st_dev == device &&
		     st.st_ino == inode;
}

/* ---- writing ---- */

static bool has_room(void)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) > 0;
}

/* One write(2), so that lines of processes do not mix. */
static bool write_line(enum log_level level, const char *text)
{
	char line[LINE_MAX_BYTES];
	int n;

	if (!has_room())
		return false;
	if (to_journal)
		n = snprintf(line, sizeof(line), "<%d>%s\n",
			     levels[level].priority, text);
	else
		n = snprintf(line, sizeof(line), "atmqttd: %s: %s\n",
			     levels[level].name, text);
	return write(STDERR_FILENO, line, (size_t)n) >= 0;
}

static void put_line(enum log_level level, const char *text)
{
	char note[64];

	if (lost) {
		snprintf(note, sizeof(note), "log: %u lines lost", lost);
		if (write_line(LOG_LEVEL_WARNING, note))
			lost = 0;
	}
	if (lost || !write_line(level, text))
		lost++;
}

/* ---- how many ---- */

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static struct subject *subject_of(const char *text, size_t len)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619;
	return &subjects[hash % SUBJECTS];
}

static void begin_period(struct subject *s, const char *name, size_t len)
{
	char note[128];

	if (s->withheld) {
		snprintf(note, sizeof(note), "%.*s: %u lines withheld",
			 (int)(len < 64 ? len : 64), name, s->withheld);
		put_line(LOG_LEVEL_WARNING, note);
	}
	*s = (struct subject){ .since = now() };
}

/* Who wants to see everything does. */
static bool is_one_too_many(const char *text)
{
	size_t len = strcspn(text, ":");
	struct subject *s = subject_of(text, len);

	if (threshold == LOG_LEVEL_DEBUG)
		return false;
	if (now() - s->since >= PERIOD_S)
		begin_period(s, text, len);
	if (s->lines < LOG_LINES_MAX) {
		s->lines++;
		return false;
	}
	s->withheld++;
	return true;
}

void log_line(enum log_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (level > threshold)
		return;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	pthread_mutex_lock(&lock);
	if (!is_one_too_many(text))
		put_line(level, text);
	pthread_mutex_unlock(&lock);
}
